// What SQLite asks of a virtual table: https://www.sqlite.org/vtab.html
#include "core/store/sign_in_vtab.h"

#include "core/base/timestamp.h"
#include "core/store/sign_in_scan.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace riskdesk::store {
namespace {

constexpr const char *timeCollation = "RISKDESK_TIME";
// What a plan costs, in rows looked at. The planner needs the order of things only.
constexpr double rowsAssumed = 1e6;

struct Table : sqlite3_vtab
{
    explicit Table(sqlite3 *handle)
        : sqlite3_vtab{}
        , connection(Connection::borrow(handle))
    {}
    Connection connection;
    ScanTexts texts;
};

struct Cursor : sqlite3_vtab_cursor
{
    explicit Cursor(Table &table)
        : sqlite3_vtab_cursor{}
        , scan(table.connection, table.texts)
    {}
    SignInScan scan;
};

Table &tableOf(sqlite3_vtab *table)
{
    return *static_cast<Table *>(table);
}

Cursor &cursorOf(sqlite3_vtab_cursor *cursor)
{
    return *static_cast<Cursor *>(cursor);
}

int resultCode(Code code)
{
    switch (code) {
    case Code::Cancelled: return SQLITE_INTERRUPT;
    case Code::StoreBusy: return SQLITE_BUSY;
    case Code::StoreCorrupt:
    case Code::Unsupported: // a format that a file of this version cannot have
        return SQLITE_CORRUPT_VTAB;
    case Code::DiskFull: return SQLITE_FULL;
    case Code::Io: return SQLITE_IOERR;
    case Code::TooLarge: return SQLITE_NOMEM;
    default: return SQLITE_ERROR;
    }
}

int failed(sqlite3_vtab *table, const Error &error)
{
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.detail.c_str());
    return resultCode(error.code);
}

// No exception may cross SQLite, which is C.
template <typename Body>
int guarded(Body body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return SQLITE_NOMEM;
    } catch (...) {
        return SQLITE_ERROR;
    }
}

// Years and months are the moment they begin.
std::optional<std::int64_t> momentOf(std::string_view text)
{
    std::string whole(text);
    if (text.size() == 4 || text.size() == 7)
        whole += text.size() == 4 ? "-01-01" : "-01";
    const auto at = Timestamp::fromIso(whole);
    return at ? std::optional(at->us) : std::nullopt;
}

// Moments by time, then everything else by its bytes.
int compareTimes(void *, int leftSize, const void *left, int rightSize, const void *right)
{
    const std::string_view a(static_cast<const char *>(left), static_cast<std::size_t>(leftSize));
    const std::string_view b(static_cast<const char *>(right), static_cast<std::size_t>(rightSize));
    try {
        const auto x = momentOf(a), y = momentOf(b);
        if (x && y)
            return *x < *y ? -1 : *x > *y ? 1 : 0;
        if (x.has_value() != y.has_value())
            return x ? -1 : 1;
    } catch (const std::bad_alloc &) {
        // There is no way to tell SQLite; the bytes are an order too.
    }
    return a.compare(b);
}

int connect(sqlite3 *handle, void *, int, const char *const *, sqlite3_vtab **out, char **)
{
    return guarded([&] {
        std::string columns;
        for (const auto &field : signInFields())
            columns += fmt::format("{}\"{}\" {}{}", columns.empty() ? "" : ", ", field.name, field.sqlType,
                                   field.name == "createdDateTime" ? " COLLATE RISKDESK_TIME" : "");
        if (const int code =
                sqlite3_declare_vtab(handle, fmt::format("CREATE TABLE signin({})", columns).c_str());
            code != SQLITE_OK)
            return code;
        sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
        *out = new Table(handle);
        return SQLITE_OK;
    });
}

int disconnect(sqlite3_vtab *table)
{
    delete &tableOf(table);
    return SQLITE_OK;
}

// How a constraint can help, as one letter for filter(); 0: not at all.
char helpOf(sqlite3_index_info *plan, int i)
{
    const auto &constraint = plan->aConstraint[i];
    const char *collation = sqlite3_vtab_collation(plan, i);
    if (constraint.usable == 0 || constraint.iColumn < 0 || collation == nullptr)
        return 0;
    const auto field = static_cast<SignInField>(constraint.iColumn);
    if (field == SignInField::CreatedDateTime && sqlite3_stricmp(collation, timeCollation) == 0)
        switch (constraint.op) {
        case SQLITE_INDEX_CONSTRAINT_EQ: return '=';
        case SQLITE_INDEX_CONSTRAINT_GT: return '>';
        case SQLITE_INDEX_CONSTRAINT_GE: return 'g';
        case SQLITE_INDEX_CONSTRAINT_LT: return '<';
        case SQLITE_INDEX_CONSTRAINT_LE: return 'l';
        default: return 0;
        }
    if (constraint.op == SQLITE_INDEX_CONSTRAINT_EQ && sqlite3_stricmp(collation, "BINARY") == 0)
        return field == SignInField::UserId ? 'u' : field == SignInField::UserPrincipalName ? 'n' : 0;
    return 0;
}

int bestIndex(sqlite3_vtab *, sqlite3_index_info *plan)
{
    return guarded([&] {
        std::string helps;
        double cost = rowsAssumed, rows = rowsAssumed;
        for (int i = 0; i < plan->nConstraint; ++i) {
            const char help = helpOf(plan, i);
            if (help == 0)
                continue;
            helps += help;
            auto &usage = plan->aConstraintUsage[i];
            usage.argvIndex = static_cast<int>(helps.size());
            const bool ofUser = help == 'u' || help == 'n';
            usage.omit = ofUser ? 0 : 1; // filter() compares moments just as the collation does
            if (ofUser) {
                cost *= 0.1; // one column of every segment is read, so never repeat it for each row of
                             // another table
                rows *= 0.001;
            } else {
                cost *= help == '=' ? 0.01 : 0.4;
                rows *= help == '=' ? 0.00001 : 0.4;
            }
        }
        plan->estimatedCost = cost;
        plan->estimatedRows = std::max<sqlite3_int64>(1, static_cast<sqlite3_int64>(rows));
        plan->idxStr = sqlite3_mprintf("%s", helps.c_str());
        plan->needToFreeIdxStr = 1;
        return plan->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
    });
}

int open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    return guarded([&] {
        *out = new Cursor(tableOf(table));
        return SQLITE_OK;
    });
}

int close(sqlite3_vtab_cursor *cursor)
{
    delete &cursorOf(cursor);
    return SQLITE_OK;
}

std::string_view textOf(sqlite3_value *value)
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_value_text(value));
    return text == nullptr ? std::string_view()
                           : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

void narrow(SignInScan::Range &range, char help, sqlite3_value *value)
{
    // A blob and a text that is no time come after every time.
    const auto moment = sqlite3_value_type(value) == SQLITE_BLOB ? std::nullopt : momentOf(textOf(value));
    const auto nothing = [&range] {
        range.least = std::numeric_limits<std::int64_t>::max();
        range.greatest = std::numeric_limits<std::int64_t>::min();
    };
    if (!moment) {
        if (help != '<' && help != 'l')
            nothing();
        return;
    }
    // Moments come from years of four digits, so one more or less is no overflow.
    if (help == '=' || help == 'g' || help == '>')
        range.least = std::max(range.least, help == '>' ? *moment + 1 : *moment);
    if (help == '=' || help == 'l' || help == '<')
        range.greatest = std::min(range.greatest, help == '<' ? *moment - 1 : *moment);
}

Status keepUsers(Connection &connection, SignInScan::Range &range, char help, sqlite3_value *value)
{
    std::vector<std::uint32_t> users;
    if (sqlite3_value_type(value) != SQLITE_BLOB) {
        Statement row(connection, help == 'u' ? "SELECT id FROM user WHERE key = ?1"
                                              : "SELECT id FROM user WHERE upn = ?1");
        for (row.bind(textOf(value)); row.step();)
            if (const auto id = row.int64(0); id >= 0 && id <= std::numeric_limits<std::int32_t>::max())
                users.push_back(row.uint32(0));
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    std::sort(users.begin(), users.end());
    if (range.users) {
        std::vector<std::uint32_t> both;
        std::set_intersection(users.begin(), users.end(), range.users->begin(), range.users->end(),
                              std::back_inserter(both));
        users = std::move(both);
    }
    range.users = std::move(users);
    return {};
}

int filter(sqlite3_vtab_cursor *cursor, int, const char *helps, int count, sqlite3_value **values)
{
    return guarded([&] {
        auto &table = tableOf(cursor->pVtab);
        SignInScan::Range range;
        for (int i = 0; i < count; ++i) {
            if (sqlite3_value_type(values[i]) == SQLITE_NULL)
                range.users.emplace(); // nothing equals, precedes or follows NULL
            else if (helps[i] != 'u' && helps[i] != 'n')
                narrow(range, helps[i], values[i]);
            else if (auto ok = keepUsers(table.connection, range, helps[i], values[i]); !ok)
                return failed(&table, ok.error());
        }
        const auto ok = cursorOf(cursor).scan.start(std::move(range));
        return ok ? SQLITE_OK : failed(&table, ok.error());
    });
}

int next(sqlite3_vtab_cursor *cursor)
{
    return guarded([&] {
        const auto ok = cursorOf(cursor).scan.next();
        return ok ? SQLITE_OK : failed(cursor->pVtab, ok.error());
    });
}

int atEnd(sqlite3_vtab_cursor *cursor)
{
    return cursorOf(cursor).scan.atEnd() ? 1 : 0;
}

int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int index)
{
    return guarded([&] {
        if (index < 0 || index >= static_cast<int>(SignInField::Count))
            return SQLITE_RANGE;
        const auto value = cursorOf(cursor).scan.value(static_cast<SignInField>(index));
        if (!value)
            return failed(cursor->pVtab, value.error());
        if (const auto *whole = std::get_if<std::int64_t>(&*value))
            sqlite3_result_int64(context, *whole);
        else if (const auto *real = std::get_if<double>(&*value))
            sqlite3_result_double(context, *real);
        else if (const auto *text = std::get_if<std::string>(&*value))
            sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
        else
            sqlite3_result_null(context);
        return SQLITE_OK;
    });
}

int rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    *out = cursorOf(cursor).scan.rowid();
    return SQLITE_OK;
}

// No xCreate: the table is simply there, under the name of its module. No xUpdate: nothing can be written.
const sqlite3_module module = [] {
    sqlite3_module m{};
    m.iVersion = 1;
    m.xConnect = connect;
    m.xBestIndex = bestIndex;
    m.xDisconnect = disconnect;
    m.xOpen = open;
    m.xClose = close;
    m.xFilter = filter;
    m.xNext = next;
    m.xEof = atEnd;
    m.xColumn = column;
    m.xRowid = rowid;
    return m;
}();

} // namespace

int registerSignInTable(sqlite3 *handle)
{
    const int code = sqlite3_create_collation(handle, timeCollation, SQLITE_UTF8, nullptr, compareTimes);
    return code != SQLITE_OK ? code : sqlite3_create_module(handle, "signin", &module, nullptr);
}

} // namespace riskdesk::store
