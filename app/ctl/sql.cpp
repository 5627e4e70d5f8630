// The command sql: a question in SQL, which can read everything and change nothing.

#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <stop_token>

namespace riskdesk::ctl {
namespace {

struct SqlCommand
{
    std::string text;
    bool all = false;                    // no limit on rows
    double seconds = limits::sqlSeconds; // the question is given up after
    Format format = Format::Table;
};

// Pragmas that only tell something.
constexpr std::array<std::string_view, 9> harmlessPragmas = {
    "table_list",  "table_info",   "table_xinfo",   "index_list",      "index_info",
    "index_xinfo", "user_version", "function_list", "foreign_key_list"};

// The connection is read-only already; this also keeps other files away and says so before anything runs.
int allow(void *, int action, const char *first, const char *, const char *, const char *)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_PRAGMA:
        return first != nullptr &&
                       std::any_of(harmlessPragmas.begin(), harmlessPragmas.end(),
                                   [&](std::string_view known) { return equalsIgnoringCase(known, first); })
                   ? SQLITE_OK
                   : SQLITE_DENY;
    default: return SQLITE_DENY;
    }
}

struct Finalize
{
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Error wrong(store::Connection &connection, const std::string &text)
{
    auto error = connection.lastError();
    if (sqlite3_errcode(connection.handle()) == SQLITE_AUTH)
        return {Code::WrongUsage, text, "it would change something; only reading is possible"};
    // What SQLite cannot make sense of is a mistake in the question, not in the program.
    if (error.code == Code::Bug)
        return {Code::WrongUsage, text, error.detail};
    return error;
}

// One statement and nothing behind it.
Result<Prepared> prepare(store::Connection &connection, const std::string &text)
{
    const auto one = [&](std::string_view sql, const char **rest) -> Result<Prepared> {
        sqlite3_stmt *statement = nullptr;
        if (sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()), &statement,
                               rest) != SQLITE_OK)
            return tl::unexpected(wrong(connection, text));
        return Prepared(statement);
    };
    if (text.size() > limits::sqlQuestionBytes)
        return fail(Code::WrongUsage, text.substr(0, 60), "it is too long");
    const char *rest = nullptr;
    auto statement = one(text, &rest);
    if (!statement)
        return statement;
    if (*statement == nullptr)
        return fail(Code::WrongUsage, text, "there is no question in it");
    const auto more = one(rest, nullptr);
    if (!more || *more != nullptr)
        return fail(Code::WrongUsage, text, "one question at a time");
    return statement;
}

std::string_view textAt(sqlite3_stmt *row, int column)
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(row, column));
    return text == nullptr
               ? std::string_view()
               : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

std::string cell(sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) != SQLITE_BLOB)
        return std::string(textAt(row, column));
    const auto *bytes = static_cast<const std::uint8_t *>(sqlite3_column_blob(row, column));
    return toHex(std::span(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))));
}

std::string object(sqlite3_stmt *row, const std::vector<std::string> &names)
{
    query::JsonObject json;
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        const auto &name = names[static_cast<std::size_t>(i)];
        switch (sqlite3_column_type(row, i)) {
        case SQLITE_INTEGER: json.whole(name, sqlite3_column_int64(row, i)); break;
        case SQLITE_FLOAT: json.real(name, sqlite3_column_double(row, i)); break;
        case SQLITE_NULL: json.raw(name, "null"); break;
        default: json.text(name, cell(row, i));
        }
    }
    return json.done();
}

// Ends a question from outside of it: at Ctrl+C, or when its time is over. SQLite asks every so many steps.
class Watch
{
public:
    Watch(sqlite3 *database, double seconds)
        : m_database(database)
        , m_end(std::chrono::steady_clock::now() +
                std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                    std::chrono::duration<double>(seconds)))
        , m_atOnce(m_interrupt.token(), [database] { sqlite3_interrupt(database); })
    {
        constexpr int steps = 10'000;
        const auto ask = [](void *self) { return static_cast<Watch *>(self)->isOver() ? 1 : 0; };
        sqlite3_progress_handler(database, steps, ask, this);
    }
    ~Watch() { sqlite3_progress_handler(m_database, 0, nullptr, nullptr); }
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

    [[nodiscard]] bool isInterrupted() const { return m_interrupt.token().stop_requested(); }
    [[nodiscard]] bool isOver() const { return isInterrupted() || std::chrono::steady_clock::now() >= m_end; }

private:
    sqlite3 *m_database;
    std::chrono::steady_clock::time_point m_end;
    StopOnInterrupt m_interrupt;
    std::stop_callback<std::function<void()>> m_atOnce;
};

int sql(const Common &common, const SqlCommand &options)
{
    const auto &text = options.text;
    const auto format = options.format;
    auto connection = store::openForReading(common.directory);
    if (!connection)
        return report(connection.error());
    // The file may come from somebody else: its views and triggers call nothing that matters.
    sqlite3_db_config(connection->handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(connection->handle(), SQLITE_LIMIT_LENGTH, limits::sqlValueBytes);
    // SQLite makes the table when it is first spoken of, and would ask whether it may.
    (void)connection->execute("SELECT 1 FROM signin LIMIT 0");
    sqlite3_set_authorizer(connection->handle(), allow, nullptr);
    auto prepared = prepare(*connection, text);
    if (!prepared)
        return report(prepared.error());
    auto *row = prepared->get();
    std::vector<std::string> names;
    for (int i = 0; i < sqlite3_column_count(row); ++i)
        names.emplace_back(sqlite3_column_name(row, i));
    const Watch watch(connection->handle(), options.seconds);
    Table table{names, {}};
    std::optional<JsonWriter> writer;
    if (format == Format::Json || format == Format::Ndjson)
        writer.emplace(format);
    else if (format == Format::Csv)
        printCsv(names);
    std::fflush(stdout); // who reads along sees that the question is being answered
    std::uint64_t rows = 0;
    bool more = false;
    int code = sqlite3_step(row);
    for (; code == SQLITE_ROW && !watch.isInterrupted(); code = sqlite3_step(row)) {
        more = !options.all && rows == limits::sqlRows;
        if (more)
            break;
        ++rows;
        if (writer) {
            writer->add(object(row, names));
            continue;
        }
        std::vector<std::string> cells;
        for (int i = 0; i < static_cast<int>(names.size()); ++i)
            cells.push_back(cell(row, i));
        if (format == Format::Csv)
            printCsv(cells);
        else
            table.rows.push_back(std::move(cells));
    }
    if (watch.isInterrupted() || code == SQLITE_INTERRUPT) {
        writer.reset();
        std::fflush(stdout);
        if (watch.isInterrupted())
            fmt::print(
                stderr,
                "riskdeskctl: The question was interrupted; what was printed is not all of the answer.\n");
        else
            fmt::print(
                stderr,
                "riskdeskctl: The question took more than {:g} seconds and was given up; --timeout gives it "
                "more.\n",
                options.seconds);
        return 1;
    }
    if (!more && code != SQLITE_DONE)
        return report(wrong(*connection, text));
    if (format == Format::Table)
        printTable(table);
    if (more)
        fmt::print(stderr, "Only the first {} rows are shown, and there are more; --all shows them.\n",
                   limits::sqlRows);
    return 0;
}

} // namespace

void addSql(CommandLine &line)
{
    const auto asked = std::make_shared<SqlCommand>();
    auto *command = line.add("sql", "ask the directory in SQL, read-only; sign-ins are the table signin",
                             [asked](const Common &common, Format format) {
                                 asked->format = format;
                                 return sql(common, *asked);
                             });
    command->add_option("query", asked->text, "one SELECT")->required();
    command->add_flag("--all", asked->all, "every row; the first 10 000 by default");
    command->add_option("--timeout", asked->seconds, "seconds until the question is given up; 60")
        ->check(CLI::Range(0.001, 1e6));
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addFormat(command);
}

} // namespace riskdesk::ctl
