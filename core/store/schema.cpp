#include "core/store/schema.h"

#include "core/store/seal.h"
#include "core/store/sqlite_memory.h"
#include "core/store/statement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace riskdesk::store {
namespace {

int latestVersion()
{
    return migrations().back().version;
}

Result<std::int64_t> pragma(Connection &connection, std::string_view name)
{
    Statement row(connection, fmt::format("PRAGMA {}", name));
    if (!row.step())
        return tl::unexpected(row.ok() ? Error{Code::Bug, std::string(name), "no value"} : row.error());
    return row.int64(0);
}

// A copy beside the file before it is changed, made by SQLite so that it is whole. Another connection reads
// it, because SQLite copies nothing from one that holds the lock for writing.
Status copyBefore(const std::filesystem::path &file, std::int64_t version)
{
    auto source = Connection::open(file, Connection::Mode::Read);
    if (!source)
        return tl::unexpected(source.error());
    const auto copy = file.string() + fmt::format(".before-{}", version);
    ::close(::open(copy.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    sqlite3 *target = nullptr;
    int code = sqlite3_open(copy.c_str(), &target);
    if (code == SQLITE_OK) {
        auto *backup = sqlite3_backup_init(target, "main", source->handle(), "main");
        code = backup == nullptr ? sqlite3_errcode(target) : SQLITE_OK;
        if (backup != nullptr) {
            sqlite3_backup_step(backup, -1);
            code = sqlite3_backup_finish(backup);
        }
    }
    const std::string message = sqlite3_errmsg(target);
    sqlite3_close(target);
    if (code == SQLITE_OK)
        return {};
    // Half a copy would be taken for a whole one when it is needed.
    for (const char *suffix : {"", "-journal", "-wal", "-shm"}) {
        std::error_code ignored;
        std::filesystem::remove(copy + suffix, ignored);
    }
    return fail(code == SQLITE_FULL ? Code::DiskFull : Code::Io, copy, message);
}

Status setVersion(Connection &connection)
{
    return connection.execute(fmt::format("PRAGMA user_version = {}", latestVersion()));
}

Status migrateFrom(Connection &connection, std::int64_t version)
{
    // What was changed from outside before must not be sealed as if it were ours.
    auto broken = brokenSeals(connection);
    if (!broken)
        return tl::unexpected(broken.error());
    for (const auto &migration : migrations())
        if (migration.version > version)
            if (auto ok = connection.execute(migration.sql); !ok)
                return ok;
    std::vector<std::string> unsealed;
    for (auto &one : *broken)
        unsealed.push_back(std::move(one.table));
    if (auto ok = sealAll(connection, unsealed); !ok)
        return ok;
    return setVersion(connection);
}

// Under the lock for writing: of two processes that find an older file, one copies and migrates it, the other
// finds nothing left to do.
Status upgrade(Connection &connection)
{
    auto transaction = Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto version = pragma(connection, "user_version");
    if (!version)
        return tl::unexpected(version.error());
    if (*version >= latestVersion())
        return {};
    if (auto ok = copyBefore(connection.file(), *version); !ok)
        return ok;
    if (auto ok = migrateFrom(connection, *version); !ok)
        return ok;
    return transaction->commit();
}

// What kind of file this is, before SQLite touches it: SQLite would take an empty file for a new database.
// The file is never opened here: POSIX takes all locks of a process away when it closes any descriptor of the
// file, and another process could then remove the log under our other connections
// (sqlite.org/howtocorrupt.html, 2.2). Whether the content is a database, SQLite says.
Status look(const std::filesystem::path &file)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status))
        return fail(Code::NotFound, file.string());
    if (!std::filesystem::is_regular_file(status))
        return fail(Code::NotAStore, file.string(), "it is a folder or a device");
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        return fail(Code::Io, file.string(), error.message());
    if (size == 0)
        return fail(Code::NotAStore, file.string(), "it is empty");
    return {};
}

// Why it cannot be written by this account, or nothing. A folder that cannot be written will do while the log
// and its index are there already.
std::string readOnlyBecause(const std::filesystem::path &file)
{
    if (access(file.c_str(), W_OK) != 0)
        return errno == EROFS ? "the file system is read-only" : "the file is read-only for this account";
    std::error_code ignored;
    const auto folder = std::filesystem::canonical(file, ignored).parent_path();
    const bool open = std::filesystem::exists(file.string() + "-wal", ignored) &&
                      std::filesystem::exists(file.string() + "-shm", ignored);
    return !open && access(folder.c_str(), W_OK) != 0 ? "its folder is read-only for this account" : "";
}

Result<int> versionOf(Connection &connection)
{
    auto id = pragma(connection, "application_id");
    if (!id)
        return tl::unexpected(id.error());
    if (*id != applicationId)
        return fail(Code::NotAStore, connection.file().string(), "it is another program's SQLite database");
    auto version = pragma(connection, "user_version");
    if (!version)
        return tl::unexpected(version.error());
    if (*version > latestVersion())
        return fail(Code::StoreTooNew, connection.file().string(),
                    fmt::format("its version is {}, this program knows {}", *version, latestVersion()));
    return static_cast<int>(*version);
}

Status quickCheck(Connection &connection)
{
    Statement row(connection, "PRAGMA quick_check(1)");
    if (row.step() && row.text(0) != "ok")
        return fail(Code::StoreCorrupt, connection.file().string(), row.string(0));
    return row.ok() ? Status() : tl::unexpected(row.error());
}

} // namespace

Result<std::vector<Reference>> referencesTo(Connection &connection, std::string_view table)
{
    std::vector<Reference> found;
    Statement row(connection,
                  "SELECT t.name, k.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k "
                  "WHERE t.type = 'table' AND k.\"table\" = ?1 ORDER BY 1, 2");
    for (row.bind(table); row.step();)
        found.push_back({row.string(0), row.string(1)});
    if (!row.ok())
        return tl::unexpected(row.error());
    return found;
}

Status createDirectory(const std::filesystem::path &file, const DirectoryInfo &info)
{
    setUpSqliteMemory();
    // O_EXCL and the mode at once: nobody can read the file even for a moment.
    const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        if (errno == EEXIST)
            return fail(Code::Conflict, file.string(), "the file exists already");
        return fail(errno == EACCES || errno == EROFS ? Code::ReadOnly
                    : errno == ENOSPC                 ? Code::DiskFull
                                                      : Code::Io,
                    file.string(), std::strerror(errno));
    }
    ::close(descriptor);
    const auto make = [&]() -> Status {
        auto connection = Connection::open(file, Connection::Mode::Write);
        if (!connection)
            return tl::unexpected(connection.error());
        keepSeals(*connection);
        if (auto ok = connection->execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL"); !ok)
            return ok;
        // At once: a directory that is there is whole.
        auto transaction = Transaction::begin(*connection);
        if (!transaction)
            return tl::unexpected(transaction.error());
        if (auto ok = connection->execute(fmt::format("PRAGMA application_id = {}", applicationId)); !ok)
            return ok;
        if (auto ok = connection->execute(schema()); !ok)
            return ok;
        if (auto ok = sealAll(*connection); !ok)
            return ok;
        if (auto ok = setVersion(*connection); !ok)
            return ok;
        if (auto ok = Statement(*connection, "INSERT INTO directory (id, name, trial, sample, created_at, "
                                             "uuid) VALUES (1, ?1, ?2, ?3, ?4, "
                                             "lower(hex(randomblob(16))))")
                          .bind(info.name, info.trial, info.sample, info.createdAt)
                          .run();
            !ok)
            return ok;
        return transaction->commit();
    };
    auto ok = make();
    if (!ok)
        for (const char *suffix : {"", "-wal", "-shm"}) {
            std::error_code ignored;
            std::filesystem::remove(file.string() + suffix, ignored);
        }
    return ok;
}

Result<Connection> openForWriting(const std::filesystem::path &file)
{
    setUpSqliteMemory();
    if (auto ok = look(file); !ok)
        return tl::unexpected(ok.error());
    if (const auto why = readOnlyBecause(file); !why.empty())
        return fail(Code::ReadOnly, file.string(), why);
    std::error_code ignored;
    const bool leftOpen = std::filesystem::exists(file.string() + "-wal", ignored) &&
                          std::filesystem::file_size(file.string() + "-wal", ignored) > 0;
    auto connection = Connection::open(file, Connection::Mode::Write);
    if (!connection)
        return connection;
    keepSeals(*connection);
    if (sqlite3_db_readonly(connection->handle(), "main") == 1)
        return fail(Code::ReadOnly, file.string());
    auto version = versionOf(*connection);
    if (!version)
        return tl::unexpected(version.error());
    if (leftOpen)
        if (auto ok = quickCheck(*connection); !ok)
            return tl::unexpected(ok.error());
    if (*version < latestVersion())
        if (auto ok = upgrade(*connection); !ok)
            return tl::unexpected(ok.error());
    return connection;
}

Result<Connection> openForReading(const std::filesystem::path &file)
{
    setUpSqliteMemory();
    if (auto ok = look(file); !ok)
        return tl::unexpected(ok.error());
    auto connection = Connection::open(file, Connection::Mode::Read);
    if (!connection)
        return connection;
    auto version = versionOf(*connection);
    if (!version)
        return tl::unexpected(version.error());
    if (*version < latestVersion())
        return fail(Code::Conflict, file.string(),
                    "it was written by an older version; open it for writing once");
    return connection;
}

Result<DirectoryInfo> directoryInfo(Connection &connection)
{
    Statement row(connection, "SELECT name, trial, sample, created_at, uuid FROM directory");
    if (!row.step())
        return tl::unexpected(
            row.ok() ? Error{Code::StoreCorrupt, connection.file().string(), "the directory row is missing"}
                     : row.error());
    return DirectoryInfo{row.string(0), row.int64(1) != 0, row.int64(2) != 0, row.time(3), row.string(4)};
}

Status endTrial(Connection &connection)
{
    return connection.execute("UPDATE directory SET trial = 0");
}

} // namespace riskdesk::store
