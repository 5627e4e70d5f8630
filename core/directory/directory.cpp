#include "core/directory/directory.h"

#include "core/base/text.h"
#include "core/directory/digest_folder.h"
#include "core/directory/tunings.h"
#include "core/ledger/audit.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

namespace riskdesk::run {
namespace {

// clang-format off
constexpr SettingEntry table[] = {
    {"risk.lowAgesDays", "days", 14, 1, 365, "Low detections close by themselves after this long."},
    {"risk.countImported", "", 0, 0, 1, "Detections that the provider raised count towards a user's risk."},
    {"risk.mfaRemediates", "", 0, 0, 1, "A multifactor authentication passed on a risky sign-in closes its risk."},
    {"intelligence.rereadDays", "days", 90, 0, 3650, "Sign-ins of this long are looked at again when a list arrives."},
    {"store.retainDays", "days", 0, 0, 36500, "Sign-ins older than this before the newest are deleted after each import; 0 deletes none."},
    {"outbox.holdSeconds", "s", 5, 0, 3600, "What is to be done at the identity provider is held so long; undo takes it back."},
    {"outbox.requestsPerSecond", "1/s", 4, 0.05, 100, "Orders are sent to one connector at most this often."},
    {"connections.noticeLevel", "", 3, 1, 3, "Webhooks are told when a user's risk reaches this level: 1 low, 2 medium, 3 high."},
    {"notifications.desktop", "", 1, 0, 1, "The console tells the desktop when a user's risk reaches a level."},
    {"notifications.level", "", 3, 1, 3, "The desktop is told when a user's risk reaches this level: 1 low, 2 medium, 3 high."},
    {"notifications.names", "", 1, 0, 1, "Notifications on the desktop name the users; 0 tells how many they are."},
    {"connections.pullSeconds", "s", 300, 30, 86400, "The console reads what a connected provider has to tell this often."},
    {"console.lockAfterMinutes", "min", 15, 0, 1440, "The console locks after so long without a key or the mouse, where the operator signed in with a passphrase; 0 never. An account of the desktop locks with its own screen."},
    {"audit.logReading", "", 0, 0, 1, "Who looks at users, detections and sign-ins, or exports them, is written into the audit log, at most once an hour for each."},
    {"outbox.attempts", "", 10, 1, 100, "An order is given up after so many attempts."},
};
// clang-format on

// An import whose process died could not say how it ended. What it finished is stored and stays.
void endDeadRuns(store::Connection &connection)
{
    {
        store::Statement running(connection, "SELECT 1 FROM import_run WHERE outcome = 'running'");
        if (!running.step())
            return;
    }
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return;
    const auto held = store::ImportLease::isHeld(connection);
    if (!held || *held)
        return;
    if (interruptRuns(connection, 0))
        (void)transaction->commit();
}

} // namespace

Status interruptRuns(store::Connection &connection, std::int64_t but)
{
    return store::Statement(connection,
                            "UPDATE import_run SET outcome = 'interrupted', stored = (SELECT "
                            "coalesce(sum(rows), 0) FROM segment WHERE segment.run = import_run.id) WHERE "
                            "outcome = 'running' AND id <> ?1")
        .bind(but)
        .run();
}

Result<Directory> Directory::open(const std::filesystem::path &file)
{
    auto connection = store::openForWriting(file);
    if (!connection)
        return tl::unexpected(connection.error());
    auto info = store::directoryInfo(*connection);
    if (!info)
        return tl::unexpected(info.error());
    endDeadRuns(*connection); // the next one does, should it fail now
    return Directory(std::move(*connection), std::move(*info));
}

Status Directory::readInfo()
{
    auto info = store::directoryInfo(m_connection);
    if (!info)
        return tl::unexpected(info.error());
    m_info = std::move(*info);
    return {};
}

std::span<const SettingEntry> settingTable()
{
    return table;
}

Result<std::vector<SettingValue>> settings(store::Connection &connection)
{
    std::map<std::string, double, std::less<>> stored;
    store::Statement rows(connection, "SELECT key, value FROM setting");
    while (rows.step())
        if (const auto value = toDouble(rows.text(1)))
            stored.emplace(rows.string(0), *value);
    if (!rows.ok())
        return tl::unexpected(rows.error());
    std::vector<SettingValue> list;
    const auto add = [&](const auto &entry) {
        const auto found = stored.find(entry.key);
        list.push_back({std::string(entry.key), std::string(entry.unit), std::string(entry.meaning),
                        found == stored.end() ? entry.standard : found->second, entry.standard, entry.least,
                        entry.greatest});
    };
    for (const auto &entry : detect::tuningTable())
        add(entry);
    for (const auto &entry : table)
        add(entry);
    return list;
}

Status setSetting(store::Connection &connection, const Operator &who, std::string_view key, double value)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return ok;
    auto all = settings(connection);
    if (!all)
        return tl::unexpected(all.error());
    for (const auto &entry : *all) {
        if (entry.key != key)
            continue;
        if (!(value >= entry.least && value <= entry.greatest))
            return fail(Code::WrongUsage, fmt::format("{}={}", key, value),
                        fmt::format("the value must lie between {} and {}", entry.least, entry.greatest));
        if (detect::findTuning(key) != nullptr)
            if (auto ok = keepUntilNow(connection, key, entry.value, value); !ok)
                return ok;
        return store::Statement(connection, "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")
            .bind(key, fmt::format("{}", value))
            .run();
    }
    return fail(Code::NotFound, std::string(key), "there is no such setting; \"settings\" lists them");
}

namespace {

Status auditSetting(store::Connection &connection, const Clock &clock, const Operator &who,
                    std::string_view key, std::string_view before, std::string_view after)
{
    auto record = ledger::recordBy(who);
    record.action = "setting";
    record.target = key;
    record.before = before;
    record.after = after;
    return ledger::appendAudit(connection, clock, record);
}

} // namespace

Status changeSetting(store::Connection &connection, const Clock &clock, const Operator &who,
                     std::string_view key, double value)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto before = setting(connection, key);
    if (!before)
        return tl::unexpected(before.error());
    if (auto ok = setSetting(connection, who, key, value); !ok)
        return ok;
    if (*before == value)
        return {};
    if (auto ok =
            auditSetting(connection, clock, who, key, fmt::format("{}", *before), fmt::format("{}", value));
        !ok)
        return ok;
    return transaction->commit();
}

Result<double> setting(store::Connection &connection, std::string_view key)
{
    auto all = settings(connection);
    if (!all)
        return tl::unexpected(all.error());
    for (const auto &entry : *all)
        if (entry.key == key)
            return entry.value;
    return fail(Code::NotFound, std::string(key), "there is no such setting");
}

Result<detect::Tuning> tuning(store::Connection &connection)
{
    auto all = settings(connection);
    if (!all)
        return tl::unexpected(all.error());
    detect::Tuning tuning;
    for (const auto &entry : *all)
        if (const auto *known = detect::findTuning(entry.key))
            tuning.set(known->id, entry.value);
    return tuning;
}

Status setDigestFolder(store::Connection &connection, const Clock &clock, const Operator &who,
                       std::string_view folder)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return ok;
    if (!folder.empty() && !std::filesystem::path(folder).is_absolute())
        return fail(Code::WrongUsage, std::string(folder), "the folder is given from the root on");
    constexpr std::string_view key = "digest.folder";
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    std::string before;
    {
        store::Statement row(connection, "SELECT value FROM setting WHERE key = ?1");
        if (row.bind(key).step())
            before = row.string(0);
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    if (before == folder)
        return {};
    auto change = store::Statement(
        connection, folder.empty() ? "DELETE FROM setting WHERE key = ?1"
                                   : "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)");
    change.bind(key);
    if (auto ok = folder.empty() ? change.run() : change.bind(key, folder).run(); !ok)
        return ok;
    if (auto ok = auditSetting(connection, clock, who, key, before, folder); !ok)
        return ok;
    return transaction->commit();
}

} // namespace riskdesk::run
