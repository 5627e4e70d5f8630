#include "core/store/statement.h"

#include "core/store/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace riskdesk::store {

Statement::Statement(Connection &connection, std::string_view sql, std::source_location where)
    : m_connection(connection)
    , m_where(where)
{
    check(sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()), &m_statement,
                             nullptr));
    if (connection.watch() != nullptr && m_statement != nullptr)
        m_kind = kindOf(m_statement);
}

Statement::Statement(Statement &&other) noexcept
    : m_connection(other.m_connection)
    , m_statement(std::exchange(other.m_statement, nullptr))
    , m_kind(other.m_kind)
    , m_begun(std::exchange(other.m_begun, false))
    , m_own(std::exchange(other.m_own, false))
    , m_error(std::move(other.m_error))
    , m_where(other.m_where)
{}

Statement::~Statement()
{
    leave();
    sqlite3_finalize(m_statement);
}

void Statement::check(int code)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE && !m_error)
        m_error = m_connection.lastError(m_where);
}

void Statement::bindOne(int index, std::int64_t value)
{
    if (ok())
        check(sqlite3_bind_int64(m_statement, index, value));
}

void Statement::bindOne(int index, double value)
{
    if (ok())
        check(sqlite3_bind_double(m_statement, index, value));
}

void Statement::bindOne(int index, std::string_view value)
{
    // An empty view may have no address; SQLite would read that as NULL.
    if (ok())
        check(sqlite3_bind_text64(m_statement, index, value.empty() ? "" : value.data(), value.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bindOne(int index, std::span<const std::uint8_t> blob)
{
    if (!ok())
        return;
    if (blob.empty())
        check(sqlite3_bind_zeroblob(m_statement, index, 0));
    else
        check(sqlite3_bind_blob64(m_statement, index, blob.data(), blob.size(), SQLITE_TRANSIENT));
}

void Statement::bindOne(int index, std::nullopt_t)
{
    if (ok())
        check(sqlite3_bind_null(m_statement, index));
}

bool Statement::step()
{
    if (!ok())
        return false;
    auto *watch = m_kind == Kind::Other ? nullptr : m_connection.watch();
    if (watch != nullptr && !m_begun && !begin(*watch))
        return false;
    const int code = sqlite3_step(m_statement);
    check(code);
    if (watch != nullptr && code != SQLITE_ROW)
        end(*watch, code == SQLITE_DONE);
    return code == SQLITE_ROW;
}

Statement::Kind Statement::kindOf(sqlite3_stmt *statement)
{
    std::string_view sql = sqlite3_sql(statement);
    const auto skip = [&] {
        for (;;) {
            sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n;"), sql.size()));
            if (!sql.starts_with("--"))
                return;
            sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
        }
    };
    const auto is = [&](std::string_view word) {
        return sql.size() >= word.size() &&
               sqlite3_strnicmp(sql.data(), word.data(), static_cast<int>(word.size())) == 0;
    };
    skip();
    if (is("ROLLBACK TO"))
        return Kind::RollbackTo;
    if (is("RELEASE"))
        return Kind::Release;
    if (is("SAVEPOINT"))
        return Kind::Savepoint;
    if (is("COMMIT") || is("END"))
        return Kind::Commit;
    constexpr std::array<std::string_view, 5> writing = {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"};
    return sqlite3_stmt_readonly(statement) == 0 && std::any_of(writing.begin(), writing.end(), is)
               ? Kind::Write
               : Kind::Other;
}

bool Statement::begin(ChangeWatch &watch)
{
    if (m_kind == Kind::Write) {
        if (sqlite3_get_autocommit(m_connection.handle()) != 0) {
            check(sqlite3_exec(m_connection.handle(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
            if (!ok())
                return false;
            m_own = true;
        }
        watch.statementBegins();
    }
    if (m_kind == Kind::Commit)
        if (auto ok = watch.beforeCommit(); !ok) {
            m_error = ok.error();
            return false;
        }
    m_begun = true;
    return true;
}

void Statement::end(ChangeWatch &watch, bool done)
{
    m_begun = false;
    if (m_kind == Kind::Write && !done)
        watch.statementFailed();
    if (m_kind == Kind::RollbackTo || !done)
        m_connection.tookBack();
    if (m_own && done)
        commitOwn(watch);
    else if (std::exchange(m_own, false) && sqlite3_get_autocommit(m_connection.handle()) == 0)
        sqlite3_exec(m_connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    if (!done)
        return;
    if (m_kind == Kind::Savepoint)
        watch.savepointMade();
    else if (m_kind == Kind::RollbackTo)
        watch.savepointRolledBack();
    else if (m_kind == Kind::Release)
        watch.savepointReleased();
}

void Statement::commitOwn(ChangeWatch &watch)
{
    m_own = false;
    if (auto ok = watch.beforeCommit(); !ok) {
        if (!m_error)
            m_error = ok.error();
    } else {
        check(sqlite3_exec(m_connection.handle(), "COMMIT", nullptr, nullptr, nullptr));
    }
    if (sqlite3_get_autocommit(m_connection.handle()) == 0)
        sqlite3_exec(m_connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

// A statement that is left after the row of a RETURNING has made its changes.
void Statement::leave()
{
    if (!std::exchange(m_begun, false) || !m_own)
        return;
    sqlite3_reset(m_statement);
    commitOwn(*m_connection.watch());
}

Status Statement::run()
{
    while (step()) {
    }
    if (!ok())
        return tl::unexpected(*m_error);
    sqlite3_reset(m_statement);
    return {};
}

void Statement::reset()
{
    if (m_statement != nullptr) {
        leave();
        sqlite3_reset(m_statement);
        sqlite3_clear_bindings(m_statement);
    }
}

std::int64_t Statement::int64(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}
double Statement::real(int column) const
{
    return sqlite3_column_double(m_statement, column);
}

std::string_view Statement::text(int column) const
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(m_statement, column));
    return text == nullptr
               ? std::string_view()
               : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column)));
}

std::span<const std::uint8_t> Statement::blob(int column) const
{
    const auto *data = static_cast<const std::uint8_t *>(sqlite3_column_blob(m_statement, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

void Statement::unknownNumber(int column, std::int64_t number) const
{
    if (isNull(column) || m_error)
        return;
    const char *name = sqlite3_column_name(m_statement, column);
    m_error = Error{Code::StoreCorrupt, m_connection.file().string(),
                    fmt::format("the column {} holds {}, a number that this version does not know",
                                name == nullptr ? std::to_string(column) : std::string(name), number),
                    m_where};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

} // namespace riskdesk::store
