#include "core/store/seal.h"

#include "core/base/digest.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#define SQLITE_ENABLE_PREUPDATE_HOOK // Debian's library has it; the header hides it
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>

namespace riskdesk::store {
namespace {

struct Sum
{
    std::int64_t rows = 0;
    std::array<std::uint64_t, 4> words{};

    void add(const Digest256 &digest, bool plus)
    {
        std::array<std::uint64_t, 4> row;
        static_assert(sizeof row == sizeof digest);
        std::memcpy(row.data(), digest.data(), sizeof row);
        for (std::size_t i = 0; i < row.size(); ++i)
            words[i] += plus ? row[i] : 0 - row[i];
        rows += plus ? 1 : -1;
    }
    void add(const Sum &other)
    {
        rows += other.rows;
        for (std::size_t i = 0; i < words.size(); ++i)
            words[i] += other.words[i];
    }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const
    {
        return {reinterpret_cast<const std::uint8_t *>(words.data()), sizeof words};
    }
    friend bool operator==(const Sum &, const Sum &) = default;
};

class RowDigest
{
public:
    void begin() { m_bytes.clear(); }
    void add(sqlite3_value *value)
    {
        switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER: whole(sqlite3_value_int64(value)); break;
        case SQLITE_FLOAT: {
            // SQLite stores a whole number of a REAL column as an integer, and the hook hands it out so.
            const double real = sqlite3_value_double(value);
            if (std::abs(real) < 9e15 && real == std::trunc(real))
                return whole(static_cast<std::int64_t>(real));
            put('r', &real, sizeof real);
            break;
        }
        case SQLITE_TEXT: sized('t', sqlite3_value_text(value), sqlite3_value_bytes(value)); break;
        case SQLITE_BLOB: sized('b', sqlite3_value_blob(value), sqlite3_value_bytes(value)); break;
        default: m_bytes += 'n';
        }
    }
    [[nodiscard]] Digest256 digest() const { return blake2b256(m_bytes); }

private:
    void put(char type, const void *data, std::size_t size)
    {
        m_bytes += type;
        m_bytes.append(static_cast<const char *>(data), size);
    }
    void whole(std::int64_t value) { put('i', &value, sizeof value); }
    void sized(char type, const void *data, int size)
    {
        put(type, &size, sizeof size);
        if (size > 0)
            m_bytes.append(static_cast<const char *>(data), static_cast<std::size_t>(size));
    }
    std::string m_bytes;
};

bool isSealed(std::string_view table)
{
    return table != "seal" && table != "lease" && !table.starts_with("sqlite_");
}

std::string asIdentifier(std::string_view name)
{
    std::string out = "\"";
    for (const char c : name)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

bool hasSeals(const Connection &connection)
{
    return sqlite3_table_column_metadata(connection.handle(), "main", "seal", nullptr, nullptr, nullptr,
                                         nullptr, nullptr, nullptr) == SQLITE_OK;
}

class Seals final : public ChangeWatch
{
public:
    explicit Seals(sqlite3 *handle)
        : m_handle(handle)
    {
        sqlite3_preupdate_hook(
            handle,
            [](void *self, sqlite3 *, int operation, const char *schema, const char *table, sqlite3_int64,
               sqlite3_int64) {
                if (std::strcmp(schema, "main") == 0)
                    static_cast<Seals *>(self)->changes(operation, table);
            },
            this);
        sqlite3_rollback_hook(
            handle, [](void *self) { static_cast<Seals *>(self)->forget(); }, this);
    }
    ~Seals() override
    {
        sqlite3_preupdate_hook(m_handle, nullptr, nullptr);
        sqlite3_rollback_hook(m_handle, nullptr, nullptr);
    }
    Seals(const Seals &) = delete;
    Seals &operator=(const Seals &) = delete;

    void statementBegins() override { m_before = m_changes; }
    void statementFailed() override
    {
        // Some failures take the whole transaction back; the hook has told so then.
        if (sqlite3_get_autocommit(m_handle) == 0)
            m_changes = m_before;
    }
    void savepointMade() override { m_savepoints.push_back(m_changes); }
    void savepointRolledBack() override
    {
        if (!m_savepoints.empty())
            m_changes = m_savepoints.back();
    }
    void savepointReleased() override
    {
        if (!m_savepoints.empty())
            m_savepoints.pop_back();
    }
    Status beforeCommit() override;
    void forget()
    {
        m_changes.clear();
        m_savepoints.clear();
    }

private:
    // Indexed like m_names; short: what a transaction touched.
    using Changes = std::vector<Sum>;

    void changes(int operation, std::string_view table)
    {
        const auto index = indexOf(table);
        if (!isSealed(table))
            return;
        if (m_changes.size() <= index)
            m_changes.resize(index + 1);
        if (operation != SQLITE_INSERT)
            m_changes[index].add(digest(sqlite3_preupdate_old), false);
        if (operation != SQLITE_DELETE)
            m_changes[index].add(digest(sqlite3_preupdate_new), true);
    }
    template <typename Get>
    Digest256 digest(Get get)
    {
        m_row.begin();
        const int columns = sqlite3_preupdate_count(m_handle);
        for (int i = 0; i < columns; ++i) {
            sqlite3_value *value = nullptr;
            if (get(m_handle, i, &value) == SQLITE_OK && value != nullptr)
                m_row.add(value);
            else
                m_failed = true; // no memory
        }
        return m_row.digest();
    }
    std::size_t indexOf(std::string_view table)
    {
        if (m_last < m_names.size() && m_names[m_last] == table)
            return m_last;
        const auto found = std::find(m_names.begin(), m_names.end(), table);
        m_last = static_cast<std::size_t>(found - m_names.begin());
        if (found == m_names.end())
            m_names.emplace_back(table);
        return m_last;
    }

    sqlite3 *m_handle;
    RowDigest m_row;
    std::vector<std::string> m_names;
    std::size_t m_last = 0;
    bool m_failed = false;
    Changes m_changes, m_before;
    std::vector<Changes> m_savepoints;
};

// What the file says a table's seal is; nothing when it has none, or one that nobody here wrote.
std::optional<Sum> sealOf(Statement &read, std::string_view table)
{
    read.bind(table);
    std::optional<Sum> seal;
    if (read.step()) {
        const auto bytes = read.blob(1);
        Sum sum;
        if (bytes.size() == sizeof sum.words) {
            sum.rows = read.int64(0);
            std::memcpy(sum.words.data(), bytes.data(), sizeof sum.words);
            seal = sum;
        }
    }
    read.reset();
    return seal;
}

constexpr std::string_view readSeal = "SELECT rows, sum FROM seal WHERE name = ?1";

Status Seals::beforeCommit()
{
    m_savepoints.clear();
    const auto changes = std::exchange(m_changes, {});
    auto connection = Connection::borrow(m_handle);
    if (std::exchange(m_failed, false))
        return fail(Code::TooLarge, connection.file().string(), "out of memory");
    if (changes.empty() || !hasSeals(connection))
        return {};
    // Read in here, under the lock for writing: another process may have written since.
    Statement read(connection, readSeal);
    Statement write(connection, "UPDATE seal SET rows = ?2, sum = ?3 WHERE name = ?1");
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (changes[i] == Sum())
            continue;
        auto seal = sealOf(read, m_names[i]);
        if (!read.ok())
            return tl::unexpected(read.error());
        if (!seal)
            continue; // verify says that it is missing
        seal->add(changes[i]);
        if (auto ok = write.bind(m_names[i], seal->rows, seal->bytes()).run(); !ok)
            return ok;
    }
    return {};
}

Result<std::vector<std::string>> tables(Connection &connection)
{
    std::vector<std::string> names;
    Statement row(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (row.step())
        if (isSealed(row.text(0)))
            names.push_back(row.string(0));
    if (!row.ok())
        return tl::unexpected(row.error());
    return names;
}

// Every row's digest, until `each` says false.
template <typename Each>
Status digests(Connection &connection, const std::string &table, const std::stop_token &stop, Each each)
{
    sqlite3_stmt *made = nullptr;
    const auto sql = "SELECT * FROM main." + asIdentifier(table);
    if (sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &made, nullptr) != SQLITE_OK)
        return tl::unexpected(connection.lastError());
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt *)> rows(made, sqlite3_finalize);
    RowDigest row;
    int code = sqlite3_step(made);
    for (; code == SQLITE_ROW; code = sqlite3_step(made)) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        row.begin();
        for (int i = 0; i < sqlite3_column_count(made); ++i)
            row.add(sqlite3_column_value(made, i));
        if (!each(row.digest(), made))
            return {};
    }
    return code == SQLITE_DONE ? Status() : tl::unexpected(connection.lastError());
}

Result<Sum> sumOf(Connection &connection, const std::string &table, const std::stop_token &stop)
{
    Sum sum;
    auto ok = digests(connection, table, stop, [&](const Digest256 &digest, sqlite3_stmt *) {
        sum.add(digest, true);
        return true;
    });
    if (!ok)
        return tl::unexpected(ok.error());
    return sum;
}

// "id 7": the first column is the key, or the beginning of it, in every table.
std::string rowName(sqlite3_stmt *row)
{
    std::string value;
    if (sqlite3_column_type(row, 0) == SQLITE_BLOB) {
        const auto *bytes = static_cast<const std::uint8_t *>(sqlite3_column_blob(row, 0));
        value = toHex(std::span(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, 0))));
    } else if (const auto *text = sqlite3_column_text(row, 0); text != nullptr) {
        value = reinterpret_cast<const char *>(text);
    }
    return fmt::format("{} {}", sqlite3_column_name(row, 0), value);
}

std::string_view meaning(std::string_view table)
{
    static const std::map<std::string_view, std::string_view> meanings = {
        {"access_token", "programs may be let in or shut out that should not be"},
        {"audit", "who did what can no longer be relied on"},
        {"campaign", "what it says of a spray may be wrong"},
        {"campaign_target", "what it says of a spray may be wrong"},
        {"checkpoint", "the next import may begin at the wrong place"},
        {"command", "history and undo may be wrong"},
        {"command_change", "undo may restore what never was"},
        {"connector", "orders may go to the wrong place"},
        {"detection", "findings or their evidence may be wrong"},
        {"detection_change", "who reads on from an earlier place may miss changes"},
        {"detector_rewind", "the next import may judge by a false memory"},
        {"detector_state", "the next import may judge by a false memory"},
        {"dictionary_page", "texts of sign-ins may be wrong"},
        {"intel_entry", "lists may match what they never held"},
        {"intel_list", "lists may match what they never held"},
        {"intel_set_aside", "entries may match that were set aside, or the other way round"},
        {"kept_beginning", "what is examined again may be judged by a false memory"},
        {"kept_state", "what is examined again may be judged by a false memory"},
        {"ledger", "how a user's risk came about may be wrong"},
        {"outbox", "orders may be sent that nobody gave, or given ones be missing"},
        {"rewind_point", "what comes late may be judged by a false memory"},
        {"segment", "sign-ins may be missing"},
        {"segment_column", "sign-ins may be wrong"},
        {"setting", "thresholds are not those that were set here"},
        {"setting_until", "what comes late may be judged by thresholds that did not hold"},
        {"sign_in_risk", "the risk of sign-ins may be wrong or missing"},
        {"suppressed", "what was silenced may be wrong"},
        {"suppression", "findings may be silenced that should not be"},
        {"taught", "what comes late may be judged by a false memory"},
        {"uncounted_segment", "how often users signed in may be wrong"},
        {"undone_import", "who reads on from an earlier place may miss sign-ins"},
        {"untold_user", "users of an undone import, or who were joined, may be left over"},
        {"user", "accounts may be shown enabled, blocked or named wrongly"},
        {"user_alias", "sign-ins may be given to the wrong user"},
        {"user_change", "who reads on from an earlier place may miss changes"},
        {"user_risk", "the risk of users may be wrong or missing"},
    };
    const auto found = meanings.find(table);
    return found == meanings.end() ? "what it says can no longer be relied on" : found->second;
}

Result<std::string> describe(Connection &connection, const std::string &table, const Sum &sealed,
                             const Sum &found, const std::stop_token &stop)
{
    std::string what;
    if (found.rows < sealed.rows) {
        const auto missing = sealed.rows - found.rows;
        what = fmt::format("{} of its {} rows {} missing", missing, sealed.rows, missing == 1 ? "is" : "are");
    } else if (found.rows == sealed.rows) {
        what = "a row or more was changed";
    } else {
        what = fmt::format("{} {} added", found.rows - sealed.rows,
                           found.rows - sealed.rows == 1 ? "row was" : "rows were");
        // Of one row alone the difference is its digest.
        if (found.rows == sealed.rows + 1)
            if (auto ok = digests(connection, table, stop,
                                  [&](const Digest256 &digest, sqlite3_stmt *row) {
                                      Sum with = sealed;
                                      with.add(digest, true);
                                      if (!(with == found))
                                          return true;
                                      what += fmt::format(" ({})", rowName(row));
                                      return false;
                                  });
                !ok)
                return tl::unexpected(ok.error());
    }
    return fmt::format("The table {} is not as Riskdesk wrote it: {}; {}.", table, what, meaning(table));
}

} // namespace

void keepSeals(Connection &connection)
{
    connection.setWatch(std::make_unique<Seals>(connection.handle()));
}

Status sealAll(Connection &connection, const std::vector<std::string> &broken)
{
    if (auto *seals = static_cast<Seals *>(connection.watch()); seals != nullptr)
        seals->forget(); // the rows that are there hold those changes already
    auto names = tables(connection);
    if (!names)
        return tl::unexpected(names.error());
    if (auto ok = connection.execute("DELETE FROM seal"); !ok)
        return ok;
    Statement write(connection, "INSERT INTO seal (name, rows, sum) VALUES (?1, ?2, ?3)");
    for (const auto &name : *names) {
        if (std::find(broken.begin(), broken.end(), name) != broken.end())
            continue;
        auto sum = sumOf(connection, name, {});
        if (!sum)
            return tl::unexpected(sum.error());
        if (auto ok = write.bind(name, sum->rows, sum->bytes()).run(); !ok)
            return ok;
    }
    return {};
}

Result<std::vector<BrokenSeal>> brokenSeals(Connection &connection, std::stop_token stop)
{
    std::vector<BrokenSeal> broken;
    if (!hasSeals(connection))
        return broken;
    auto names = tables(connection);
    if (!names)
        return tl::unexpected(names.error());
    Statement read(connection, readSeal);
    for (const auto &name : *names) {
        const auto sealed = sealOf(read, name);
        if (!read.ok())
            return tl::unexpected(read.error());
        if (!sealed) {
            broken.push_back({name, fmt::format("The seal of the table {} is missing or unreadable; {}.",
                                                name, meaning(name))});
            continue;
        }
        auto found = sumOf(connection, name, stop);
        if (!found)
            return tl::unexpected(found.error());
        if (*found == *sealed)
            continue;
        auto sentence = describe(connection, name, *sealed, *found, stop);
        if (!sentence)
            return tl::unexpected(sentence.error());
        broken.push_back({name, std::move(*sentence)});
    }
    Statement seals(connection, "SELECT name FROM seal ORDER BY name");
    while (seals.step())
        if (std::find(names->begin(), names->end(), seals.text(0)) == names->end())
            broken.push_back({seals.string(0), fmt::format("The table {} is sealed but missing; {}.",
                                                           seals.text(0), meaning(seals.text(0)))});
    if (!seals.ok())
        return tl::unexpected(seals.error());
    // They would change rows behind every program's back.
    Statement extra(connection,
                    "SELECT type, name, tbl_name FROM sqlite_schema WHERE type IN ('trigger', 'view')");
    while (extra.step())
        broken.push_back(
            {extra.string(2), fmt::format("The file has the {} {} on {}, which Riskdesk never makes; "
                                          "remove it.",
                                          extra.text(0), extra.text(1), extra.text(2))});
    if (!extra.ok())
        return tl::unexpected(extra.error());
    return broken;
}

} // namespace riskdesk::store
