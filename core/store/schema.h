// Schema: makes a directory file, recognises one, and brings an older one up to date.
//
// A directory is one SQLite file, NAME.riskdesk, mode 0600, WAL, application_id "RDsk", user_version = the
// number of the last migration. A new one is made of schema.sql; an older one is brought up to date by the
// migrations that it misses, the numbered files of core/store/sql, in one transaction after a copy of the file
// was made beside it (NAME.riskdesk.before-N). Both ways lead to the same tables.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::store {

inline constexpr std::int32_t applicationId = 0x5244736b; // "RDsk"

struct Migration
{
    int version;
    std::string_view name;
    std::string_view sql;
};
// Generated from core/store/schema.sql and core/store/sql.
[[nodiscard]] std::string_view schema();
[[nodiscard]] std::span<const Migration> migrations();

struct DirectoryInfo
{
    std::string name;
    bool trial = false;
    bool sample = false;
    Timestamp createdAt;
    std::string uuid =
        {}; // 32 hexadecimal digits, given when it is made: tells directories apart wherever they lie
};

// Makes a new directory file. Code::Conflict when the file exists; Io, ReadOnly, DiskFull.
[[nodiscard]] Status createDirectory(const std::filesystem::path &file, const DirectoryInfo &info);
// Opens for writing: checks application_id and version, runs quick_check when the file was not closed in
// order, migrates. Code::NotFound, NotAStore, StoreTooNew, StoreCorrupt, ReadOnly, StoreBusy.
[[nodiscard]] Result<Connection> openForWriting(const std::filesystem::path &file);
// Opens read-only, never migrates; Code::Conflict when the file is of an older version.
[[nodiscard]] Result<Connection> openForReading(const std::filesystem::path &file);
[[nodiscard]] Result<DirectoryInfo> directoryInfo(Connection &connection);
// Where a table is referred to, as the schema says it: a table that comes later is not forgotten. By name.
struct Reference
{
    std::string table, column;
};
[[nodiscard]] Result<std::vector<Reference>> referencesTo(Connection &connection, std::string_view table);
// A trial directory becomes one for production; inside the caller's transaction.
[[nodiscard]] Status endTrial(Connection &connection);

} // namespace riskdesk::store
