// Directory: an opened directory file with the parts a run or an action needs.
//
//     auto directory = run::Directory::open(path);
//     if (!directory)
//         return tl::unexpected(directory.error());
//
// One thread. Settings are rows; the ones that tune detectors are read into detect::Tuning.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/detect/tuning.h"
#include "core/domain/permissions.h"
#include "core/store/connection.h"
#include "core/store/schema.h"

#include <filesystem>
#include <map>
#include <string>

namespace riskdesk::run {

class Directory
{
public:
    // Imports that died without a word are marked as interrupted.
    [[nodiscard]] static Result<Directory> open(const std::filesystem::path &file);

    [[nodiscard]] store::Connection &connection() { return m_connection; }
    [[nodiscard]] const store::DirectoryInfo &info() const { return m_info; }
    // What another process changed of it since, a conversion above all.
    [[nodiscard]] Status readInfo();
    [[nodiscard]] std::filesystem::path file() const { return m_connection.file(); }

private:
    Directory(store::Connection connection, store::DirectoryInfo info)
        : m_connection(std::move(connection))
        , m_info(std::move(info))
    {}
    store::Connection m_connection;
    store::DirectoryInfo m_info;
};

// Marks every import that is written down as running, `but` one, as interrupted, with what it stored. For
// those who know that none runs: they hold the lease, or nobody does.
[[nodiscard]] Status interruptRuns(store::Connection &connection, std::int64_t but);

// A setting that is not one of the detectors' thresholds.
struct SettingEntry
{
    std::string_view key;
    std::string_view unit;
    double standard, least, greatest;
    std::string_view meaning;
};
[[nodiscard]] std::span<const SettingEntry> settingTable();

struct SettingValue
{
    std::string key, unit, meaning;
    double value, standard, least, greatest;
};
// Every setting, detectors' thresholds included, in the order of their tables.
[[nodiscard]] Result<std::vector<SettingValue>> settings(store::Connection &connection);
// One transaction, audited; a value that it has already is nothing to write. Needs Permission::Settings.
// Code::NotAllowed, NotFound for an unknown key, WrongUsage for a value out of bounds. What tunes the detectors holds for
// what is examined from now on (tunings.h).
[[nodiscard]] Status changeSetting(store::Connection &connection, const Clock &clock, const Operator &who,
                                   std::string_view key, double value);
// The same inside the caller's transaction, without an audit record.
[[nodiscard]] Status setSetting(store::Connection &connection, const Operator &who, std::string_view key,
                                double value);
[[nodiscard]] Result<double> setting(store::Connection &connection, std::string_view key);
// Today's; whoever examines what was examined before asks Tunings.
[[nodiscard]] Result<detect::Tuning> tuning(store::Connection &connection);

} // namespace riskdesk::run
