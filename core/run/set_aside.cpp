#include "core/run/set_aside.h"

#include "core/action/audit.h"
#include "core/base/text.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace riskdesk::run {

bool isAbsurdlyWide(ListKind kind, const ListEntry &entry)
{
    if ((kind != ListKind::Anonymizer && kind != ListKind::Malware) || !entry.last.isKnown())
        return false;
    const std::size_t byte = entry.first.isV4() ? 13 : 2; // IPv4 is mapped: ::ffff:a.b.c.d
    return !std::equal(entry.first.bytes.begin(), entry.first.bytes.begin() + static_cast<long>(byte),
                       entry.last.bytes.begin()) ||
           (entry.first.bytes[byte] == 0 && entry.last.bytes[byte] == 255);
}

Result<std::uint64_t> setWideAside(store::Connection &connection, const Clock &clock,
                                   const IntelligenceList &list, const std::vector<ListEntry> &entries,
                                   const std::string &actor)
{
    std::uint64_t count = 0;
    for (const auto &entry : entries) {
        if (!isAbsurdlyWide(list.kind, entry))
            continue;
        store::Statement known(connection, "SELECT released_at IS NOT NULL FROM intel_set_aside WHERE "
                                           "kind = ?1 AND indicator = ?2");
        known.bind(list.kind, entry.indicator);
        const bool fresh = !known.step();
        if (!known.ok())
            return tl::unexpected(known.error());
        if (!fresh && known.int64(0) != 0)
            continue;
        ++count;
        store::Statement insert(connection,
                                "INSERT INTO intel_set_aside (kind, indicator, list, reason, at) VALUES "
                                "(?1, ?2, ?3, 'wide', ?4) ON CONFLICT DO UPDATE SET list = excluded.list");
        if (auto ok = insert.bind(list.kind, entry.indicator, list.name, clock.now()).run(); !ok)
            return tl::unexpected(ok.error());
        if (!fresh)
            continue;
        action::AuditRecord record;
        record.actor = actor;
        record.action = "intelSetAside";
        record.target = fmt::format("{}:{}", toText(list.kind), list.name);
        record.after = entry.indicator;
        record.reason = "it is absurdly wide";
        if (auto ok = action::appendAudit(connection, clock, record); !ok)
            return tl::unexpected(ok.error());
    }
    return count;
}

Result<std::vector<std::string>> setOwnTrafficAside(store::Connection &connection, const Clock &clock,
                                                    std::span<const SetAsideIndicator> found)
{
    std::vector<std::string> sentences;
    store::Statement insert(connection,
                            "INSERT INTO intel_set_aside (kind, indicator, list, reason, matched, successes, "
                            "at, since) VALUES (?1, ?2, ?3, 'ownTraffic', ?4, ?5, ?6, ?7) ON CONFLICT DO "
                            "NOTHING RETURNING 1");
    for (const auto &one : found) {
        insert.reset();
        insert.bind(one.kind, one.indicator, one.list, one.matched, one.all, clock.now(),
                    one.since == beginningOfTime ? std::optional<std::int64_t>() : one.since);
        const bool fresh = insert.step();
        if (!insert.ok())
            return tl::unexpected(insert.error());
        insert.reset();
        if (!fresh)
            continue;
        const auto share = fmt::format("{} of {} successful sign-ins ({:.1f} %)", one.matched, one.all,
                                       100 * static_cast<double>(one.matched) / static_cast<double>(one.all));
        sentences.push_back(fmt::format("The {} indicator {} of the list \"{}\" matches {} of the directory "
                                        "itself; it is set aside until it is released.",
                                        toText(one.kind), one.indicator, one.list, share));
        action::AuditRecord record;
        record.actor = "riskdesk";
        record.role = "engine";
        record.action = "intelSetAside";
        record.target = fmt::format("{}:{}", toText(one.kind), one.list);
        record.after = one.indicator;
        record.reason = "it matches " + share;
        if (auto ok = action::appendAudit(connection, clock, record); !ok)
            return tl::unexpected(ok.error());
    }
    return sentences;
}

Status applySetAside(store::Connection &connection, ListKind kind, std::vector<ListEntry> &entries)
{
    struct Held
    {
        bool released, wide;
        std::int64_t since;
    };
    std::unordered_map<std::string, Held> held;
    store::Statement row(connection, "SELECT indicator, released_at IS NOT NULL, reason = 'wide', since FROM "
                                     "intel_set_aside WHERE kind = ?1");
    row.bind(kind);
    while (row.step())
        held.emplace(row.string(0), Held{row.int64(1) != 0, row.int64(2) != 0,
                                         row.isNull(3) ? beginningOfTime : row.int64(3)});
    if (!row.ok())
        return tl::unexpected(row.error());
    std::erase_if(entries, [&](ListEntry &entry) {
        const auto known = held.find(entry.indicator);
        if (known == held.end())
            return isAbsurdlyWide(kind, entry);
        if (known->second.released) {
            entry.standing = Standing::Released;
            return false;
        }
        if (known->second.wide)
            return true;
        entry.standing = Standing::SetAside;
        entry.asideSince = known->second.since;
        return false;
    });
    return {};
}

Result<std::vector<SetAside>> setAside(store::Connection &connection)
{
    std::vector<SetAside> all;
    store::Statement row(
        connection, "SELECT kind, indicator, list, at, released_at, released_by, "
                    "released_why, reason, matched, successes FROM intel_set_aside ORDER BY kind, indicator");
    while (row.step()) {
        auto &one = all.emplace_back();
        one.kind = row.as<ListKind>(0);
        one.indicator = row.string(1);
        one.list = row.string(2);
        one.at = row.time(3);
        if (!row.isNull(4))
            one.releasedAt = row.time(4);
        one.releasedBy = row.string(5);
        one.releasedWhy = row.string(6);
        one.why = row.string(7);
        one.matched = static_cast<std::uint64_t>(row.int64(8));
        one.successes = static_cast<std::uint64_t>(row.int64(9));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Status release(store::Connection &connection, const Clock &clock, const std::string &indicator,
               const std::string &reason, const std::string &actor)
{
    if (trim(reason).empty())
        return fail(Code::WrongUsage, indicator, "a release needs a reason");
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement update(
        connection, "UPDATE intel_set_aside SET released_at = ?2, released_by = ?3, released_why = ?4 "
                    "WHERE indicator = ?1 AND released_at IS NULL RETURNING list");
    update.bind(indicator, clock.now(), actor.empty() ? action::desktopAccount() : actor, reason);
    std::string list;
    bool found = false;
    while (update.step()) {
        list = update.string(0);
        found = true;
    }
    if (!update.ok())
        return tl::unexpected(update.error());
    if (!found)
        return fail(Code::NotFound, indicator, "it is not set aside; \"intel set-aside\" shows what is");
    action::AuditRecord record;
    record.actor = actor;
    record.action = "intelRelease";
    record.target = list;
    record.after = indicator;
    record.reason = reason;
    if (auto ok = action::appendAudit(connection, clock, record); !ok)
        return ok;
    return transaction->commit();
}

} // namespace riskdesk::run
