#include "core/store/connection.h"

#include "core/store/sign_in_vtab.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace riskdesk::store {
namespace {

constexpr int stepsBetweenLooks = 1000; // about 2 ms on a slow query

int looksForStop(void *token)
{
    return static_cast<std::stop_token *>(token)->stop_requested() ? 1 : 0;
}

// A log needs an index beside it, even to be read. Where neither is there and none can be made, nobody else
// on this machine with our rights changes the file either.
bool cannotChange(const std::filesystem::path &file)
{
    std::error_code ignored;
    const auto folder = std::filesystem::canonical(file, ignored).parent_path();
    return !ignored && ::access(folder.c_str(), W_OK) != 0 &&
           !(std::filesystem::exists(file.string() + "-wal", ignored) &&
             (std::filesystem::file_size(file.string() + "-wal", ignored) > 0 ||
              std::filesystem::exists(file.string() + "-shm", ignored)));
}

std::string unchangeableUri(const std::filesystem::path &file)
{
    std::string uri = "file:";
    for (const char c : file.string())
        uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                                                : std::string(1, c);
    return uri + "?immutable=1";
}

} // namespace

Connection::Connection(sqlite3 *handle, std::filesystem::path file)
    : m_handle(handle)
    , m_file(std::move(file))
{}

Connection::Connection(Connection &&other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr))
    , m_borrowed(other.m_borrowed)
    , m_transaction(other.m_transaction)
    , m_transactions(other.m_transactions)
    , m_file(std::move(other.m_file))
    , m_open(std::move(other.m_open))
    , m_stop(std::move(other.m_stop))
    , m_watch(std::move(other.m_watch))
    , m_attached(std::move(other.m_attached))
{}

Connection &Connection::operator=(Connection &&other) noexcept
{
    std::swap(m_handle, other.m_handle);
    std::swap(m_borrowed, other.m_borrowed);
    std::swap(m_transaction, other.m_transaction);
    std::swap(m_transactions, other.m_transactions);
    std::swap(m_file, other.m_file);
    std::swap(m_open, other.m_open);
    std::swap(m_stop, other.m_stop);
    std::swap(m_watch, other.m_watch);
    std::swap(m_attached, other.m_attached);
    return *this;
}

Connection::~Connection()
{
    if (m_handle == nullptr || m_borrowed)
        return;
    // Statements that outlive us keep the handle alive; the token they would ask does not.
    if (m_stop != nullptr)
        sqlite3_progress_handler(m_handle, 0, nullptr, nullptr);
    m_watch.reset(); // it listens to the handle
    sqlite3_close_v2(m_handle);
}

Connection Connection::borrow(sqlite3 *handle)
{
    const char *file = sqlite3_db_filename(handle, "main");
    Connection connection(handle, file == nullptr ? "" : file);
    connection.m_borrowed = true;
    return connection;
}

Result<Connection> Connection::open(const std::filesystem::path &file, Mode mode)
{
    auto entered = OpenFile::enter(file);
    if (!entered)
        return tl::unexpected(entered.error());
    sqlite3 *handle = nullptr;
    const bool unchangeable = mode == Mode::Read && cannotChange(file);
    const int flags = (mode == Mode::Write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                      SQLITE_OPEN_NOMUTEX | (unchangeable ? SQLITE_OPEN_URI : 0);
    const auto name = unchangeable ? unchangeableUri(file) : file.string();
    const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
    Connection connection(handle, file);
    connection.m_open = std::move(*entered);
    if (code != SQLITE_OK) {
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored))
            return fail(Code::NotFound, file.string());
        if (handle != nullptr && sqlite3_system_errno(handle) == EACCES)
            return fail(Code::Io, file.string(), std::strerror(EACCES));
        return tl::unexpected(connection.lastError());
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, 5000);
    if (registerSignInTable(handle) != SQLITE_OK)
        return tl::unexpected(connection.lastError());
    if (auto ok = connection.execute(
            mode == Mode::Write
                ? "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                  "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=OFF;"
                : "PRAGMA query_only=ON; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY;");
        !ok)
        return tl::unexpected(ok.error());
    return connection;
}

Status Connection::execute(std::string_view sql)
{
    if (m_watch == nullptr) {
        if (sqlite3_exec(m_handle, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            return tl::unexpected(lastError());
        return {};
    }
    // One by one through Statement, which tells the watch. Prepared here only to see where each one ends.
    while (!sql.empty()) {
        sqlite3_stmt *prepared = nullptr;
        const char *tail = nullptr;
        const int code =
            sqlite3_prepare_v2(m_handle, sql.data(), static_cast<int>(sql.size()), &prepared, &tail);
        const bool isComment = prepared == nullptr;
        sqlite3_finalize(prepared);
        if (code != SQLITE_OK)
            return tl::unexpected(lastError());
        const auto length = static_cast<std::size_t>(tail - sql.data());
        if (!isComment)
            if (auto ok = Statement(*this, sql.substr(0, length)).run(); !ok)
                return ok;
        sql.remove_prefix(length);
    }
    return {};
}

void Connection::setStop(std::stop_token stop)
{
    if (!stop.stop_possible()) {
        sqlite3_progress_handler(m_handle, 0, nullptr, nullptr);
        m_stop.reset();
        return;
    }
    m_stop = std::make_unique<std::stop_token>(std::move(stop));
    sqlite3_progress_handler(m_handle, stepsBetweenLooks, looksForStop, m_stop.get());
}

// Some of the open transaction, or all of it.
void Connection::tookBack()
{
    if (m_transaction != 0)
        m_transaction = sqlite3_get_autocommit(m_handle) != 0 ? 0 : ++m_transactions;
}

std::int64_t Connection::dataVersion() const
{
    unsigned version = 0;
    sqlite3_file_control(m_handle, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

Error Connection::lastError(std::source_location where) const
{
    const int extended = m_handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(m_handle);
    const char *message = m_handle == nullptr ? "out of memory" : sqlite3_errmsg(m_handle);
    Code code = Code::Bug;
    // SQLite calls only ENOSPC "full"; a quota and a limit on the size of files are the same to a person.
    const int system = m_handle == nullptr ? 0 : sqlite3_system_errno(m_handle);
    switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = Code::StoreBusy; break;
    case SQLITE_FULL: code = Code::DiskFull; break;
    case SQLITE_READONLY:
    case SQLITE_PERM: code = Code::ReadOnly; break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        code = system == ENOSPC || system == EDQUOT || system == EFBIG  ? Code::DiskFull
               : system == EROFS || system == EACCES || system == EPERM ? Code::ReadOnly
                                                                        : Code::Io;
        break;
    case SQLITE_CORRUPT: code = Code::StoreCorrupt; break;
    case SQLITE_NOTADB: code = Code::NotAStore; break;
    case SQLITE_INTERRUPT: code = Code::Cancelled; break;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM: code = Code::TooLarge; break;
    default: break;
    }
    return Error{code, m_file.string(), message, where};
}

Result<Transaction> Transaction::begin(Connection &connection)
{
    if (auto ok = connection.stillThere(); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = connection.execute("BEGIN IMMEDIATE"); !ok)
        return tl::unexpected(ok.error());
    if (connection.watch() != nullptr) // without one nobody hears of a ROLLBACK TO
        connection.m_transaction = ++connection.m_transactions;
    return Transaction(connection);
}

Transaction::Transaction(Transaction &&other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
{}

Transaction::~Transaction()
{
    // A failed statement may have rolled back by itself; a second ROLLBACK would only say so.
    if (m_connection == nullptr)
        return;
    m_connection->m_transaction = 0;
    if (sqlite3_get_autocommit(m_connection->handle()) == 0)
        (void)m_connection->execute("ROLLBACK");
}

Status Transaction::commit()
{
    // Into a file that nobody finds any more is not stored.
    if (auto there = m_connection->stillThere(); !there)
        return there;
    auto ok = m_connection->execute("COMMIT");
    if (ok)
        std::exchange(m_connection, nullptr)->m_transaction = 0;
    return ok;
}

} // namespace riskdesk::store
