#include "core/lists/set_aside.h"

#include "core/base/text.h"
#include "core/ledger/audit.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace riskdesk::run {

namespace {

// `who`: nobody for the engine.
Status note(store::Connection &connection, const Clock &clock, const Operator *who, std::string action,
            ListKind kind, const std::string &list, const std::string &indicator, std::string reason)
{
    auto record = who != nullptr ? ledger::recordBy(*who) : ledger::AuditRecord();
    if (who == nullptr) {
        record.actor = "riskdesk";
        record.role = "engine";
    }
    record.action = std::move(action);
    record.target = fmt::format("{}:{}", toText(kind), list);
    record.after = indicator;
    record.reason = std::move(reason);
    return ledger::appendAudit(connection, clock, record);
}

} // namespace

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
                                   const Operator &who)
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
        if (auto ok = note(connection, clock, &who, "intelSetAside", list.kind, list.name, entry.indicator,
                           "it is absurdly wide");
            !ok)
            return tl::unexpected(ok.error());
    }
    return count;
}

Result<std::vector<SetAsideIndicator>> ownTraffic(store::Connection &connection)
{
    std::vector<SetAsideIndicator> all;
    store::Statement row(connection,
                         "SELECT kind, indicator, list, matched, successes, since FROM intel_set_aside "
                         "WHERE reason = 'ownTraffic' AND released_at IS NULL ORDER BY kind, indicator");
    while (row.step())
        all.push_back({row.as<ListKind>(0), row.string(1), row.string(2),
                       static_cast<std::uint64_t>(row.int64(3)), static_cast<std::uint64_t>(row.int64(4)),
                       row.isNull(5) ? beginningOfTime : row.int64(5)});
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
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
        insert.bind(one.kind, one.indicator, one.list, one.matched, one.all, clock.now(), one.shownAt);
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
        if (auto ok = note(connection, clock, nullptr, "intelSetAside", one.kind, one.list, one.indicator,
                           "it matches " + share);
            !ok)
            return tl::unexpected(ok.error());
    }
    return sentences;
}

Result<std::vector<std::string>> replaceOwnTraffic(store::Connection &connection, const Clock &clock,
                                                   std::span<const SetAsideIndicator> all)
{
    const auto known = ownTraffic(connection);
    if (!known)
        return tl::unexpected(known.error());
    std::vector<std::string> sentences;
    store::Statement drop(connection, "DELETE FROM intel_set_aside WHERE kind = ?1 AND indicator = ?2");
    store::Statement again(connection,
                           "UPDATE intel_set_aside SET list = ?3, matched = ?4, successes = ?5, since = ?6 "
                           "WHERE kind = ?1 AND indicator = ?2");
    for (const auto &one : *known) {
        const auto still = std::ranges::find_if(all, [&one](const SetAsideIndicator &other) {
            return other.kind == one.kind && other.indicator == one.indicator;
        });
        if (still != all.end()) {
            if (auto ok = again
                              .bind(one.kind, one.indicator, still->list, still->matched, still->all,
                                    still->shownAt)
                              .run();
                !ok)
                return tl::unexpected(ok.error());
            continue;
        }
        if (auto ok = drop.bind(one.kind, one.indicator).run(); !ok)
            return tl::unexpected(ok.error());
        sentences.push_back(
            fmt::format("The {} indicator {} of the list \"{}\" no longer matches too much of the "
                        "directory itself; it raises findings again.",
                        toText(one.kind), one.indicator, one.list));
        if (auto ok = note(connection, clock, nullptr, "intelGiveBack", one.kind, one.list, one.indicator,
                           "it no longer matches too much of the directory's own sign-ins");
            !ok)
            return tl::unexpected(ok.error());
    }
    auto fresh = setOwnTrafficAside(connection, clock, all);
    if (!fresh)
        return fresh;
    std::ranges::move(*fresh, std::back_inserter(sentences));
    return sentences;
}

namespace {

struct Range
{
    std::array<std::uint8_t, 16> first{}, last{};
};

bool isBelow(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b)
{
    return std::ranges::lexicographical_compare(a, b);
}

// Of the warning lists in use; apart from each other and ascending.
Result<std::vector<Range>> warnedRanges(store::Connection &connection)
{
    std::vector<Range> ranges;
    store::Statement row(connection, "SELECT e.first, e.last FROM intel_entry e JOIN intel_list l ON l.id = "
                                     "e.list WHERE l.active AND l.kind = ?1 AND e.first IS NOT NULL ORDER BY "
                                     "e.first");
    row.bind(ListKind::Warning);
    while (row.step()) {
        Range range;
        const auto copy = [&](int column, std::array<std::uint8_t, 16> &to) {
            const auto blob = row.blob(column);
            std::copy_n(blob.begin(), std::min(blob.size(), to.size()), to.begin());
        };
        copy(0, range.first);
        copy(1, range.last);
        if (!ranges.empty() && range.first <= ranges.back().last)
            ranges.back().last = std::max(ranges.back().last, range.last);
        else
            ranges.push_back(range);
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return ranges;
}

struct Warned
{
    ListKind kind;
    std::string indicator, list;
};

// Entries that touch one of the ranges, each text once.
Result<std::vector<Warned>> warnedEntries(store::Connection &connection, const std::vector<Range> &ranges)
{
    std::vector<Warned> found;
    if (ranges.empty())
        return found;
    std::set<std::pair<ListKind, std::string>> seen;
    store::Statement row(connection,
                         "SELECT l.kind, e.indicator, l.name, e.first, e.last FROM intel_entry e "
                         "JOIN intel_list l ON l.id = e.list WHERE l.active AND l.kind IN (?1, ?2) "
                         "AND e.first IS NOT NULL");
    row.bind(ListKind::Malware, ListKind::Threat);
    while (row.step()) {
        const auto first = row.blob(3), last = row.blob(4);
        const auto at = std::ranges::partition_point(
            ranges, [&](const Range &range) { return isBelow(range.last, first); });
        if (at == ranges.end() || isBelow(last, at->first))
            continue;
        const auto kind = row.as<ListKind>(0);
        if (seen.emplace(kind, row.string(1)).second)
            found.push_back({kind, row.string(1), row.string(2)});
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return found;
}

} // namespace

Result<std::uint64_t> setWarnedAside(store::Connection &connection, const Clock &clock, const Operator &who)
{
    const auto ranges = warnedRanges(connection);
    if (!ranges)
        return tl::unexpected(ranges.error());
    const auto found = warnedEntries(connection, *ranges);
    if (!found)
        return tl::unexpected(found.error());
    std::map<std::pair<ListKind, std::string>, std::string> gone; // and of which list
    store::Statement known(connection, "SELECT kind, indicator, list FROM intel_set_aside WHERE reason = "
                                       "'warningList' AND released_at IS NULL");
    while (known.step())
        gone.emplace(std::pair(known.as<ListKind>(0), known.string(1)), known.string(2));
    if (!known.ok())
        return tl::unexpected(known.error());
    store::Statement insert(
        connection, "INSERT INTO intel_set_aside (kind, indicator, list, reason, at) VALUES (?1, ?2, "
                    "?3, 'warningList', ?4) ON CONFLICT DO UPDATE SET reason = 'warningList', since = "
                    "NULL WHERE reason = 'ownTraffic' AND released_at IS NULL RETURNING 1");
    std::uint64_t count = 0;
    for (const auto &one : *found) {
        if (gone.erase({one.kind, one.indicator}) > 0) { // it was before
            ++count;
            continue;
        }
        insert.reset();
        const bool fresh = insert.bind(one.kind, one.indicator, one.list, clock.now()).step();
        if (!insert.ok())
            return tl::unexpected(insert.error());
        insert.reset();
        if (!fresh) // released, or wide
            continue;
        ++count;
        if (auto ok = note(connection, clock, &who, "intelSetAside", one.kind, one.list, one.indicator,
                           "it stands on a warning list");
            !ok)
            return tl::unexpected(ok.error());
    }
    store::Statement drop(connection, "DELETE FROM intel_set_aside WHERE kind = ?1 AND indicator = ?2");
    for (const auto &[entry, list] : gone) {
        const auto &[kind, indicator] = entry;
        if (auto ok = drop.bind(kind, indicator).run(); !ok)
            return tl::unexpected(ok.error());
        if (auto ok = note(connection, clock, &who, "intelGiveBack", kind, list, indicator,
                           "no warning list names it any more");
            !ok)
            return tl::unexpected(ok.error());
    }
    return count;
}

Status applySetAside(store::Connection &connection, ListKind kind, std::vector<ListEntry> &entries,
                     const std::vector<SetAsideIndicator> *own)
{
    struct Held
    {
        bool released = false, wide = false, warned = false;
        std::uint64_t matched = 0, successes = 0;
    };
    std::unordered_map<std::string, Held> held;
    store::Statement row(
        connection,
        "SELECT indicator, released_at IS NOT NULL, reason, matched, successes FROM intel_set_aside "
        "WHERE kind = ?1");
    row.bind(kind);
    while (row.step()) {
        const bool released = row.int64(1) != 0;
        const auto reason = row.text(2);
        if (own == nullptr || released || reason != "ownTraffic")
            held.emplace(row.string(0), Held{released, reason == "wide", reason == "warningList",
                                             static_cast<std::uint64_t>(row.int64(3)),
                                             static_cast<std::uint64_t>(row.int64(4))});
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    if (own != nullptr)
        for (const auto &one : *own)
            if (one.kind == kind)
                held.try_emplace(one.indicator, Held{false, false, false, one.matched, one.all});
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
        entry.standing = known->second.warned ? Standing::Warned : Standing::SetAside;
        entry.asideMatched = known->second.matched;
        entry.asideAll = known->second.successes;
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

Status release(store::Connection &connection, const Clock &clock, const Operator &who,
               const std::string &indicator, const std::string &reason)
{
    if (auto ok = allowed(who.role, Permission::Intelligence); !ok)
        return ok;
    if (trim(reason).empty())
        return fail(Code::WrongUsage, indicator, "a release needs a reason");
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement update(
        connection, "UPDATE intel_set_aside SET released_at = ?2, released_by = ?3, released_why = ?4 "
                    "WHERE indicator = ?1 AND released_at IS NULL RETURNING list");
    update.bind(indicator, clock.now(), who.name, reason);
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
    auto record = ledger::recordBy(who);
    record.action = "intelRelease";
    record.target = list;
    record.after = indicator;
    record.reason = reason;
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return ok;
    return transaction->commit();
}

} // namespace riskdesk::run
