#include "core/lists/list_versions.h"

#include "core/detect/event_time.h"
#include "core/ledger/audit.h"
#include "core/lists/set_aside.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

// How long a list of a kind is taken for the present, in days. Lists of exits of Tor change by the hour; an
// anonymizer counts for seven days after it was last seen and so does malware; indicators are reviewed by
// the month, and places move so slowly that iya-sts lets a file be 45 days old.
std::int64_t lifeOf(ListKind kind, bool torOnly)
{
    switch (kind) {
    case ListKind::Anonymizer: return torOnly ? 1 : 7;
    case ListKind::Malware: return 7;
    case ListKind::Threat: return 30;
    case ListKind::Places:
    case ListKind::Asn:
    case ListKind::Mobile: return 45;
    case ListKind::Trusted:
    case ListKind::Warning: return 0;
    }
    return 0;
}

Result<bool> isTorOnly(store::Connection &connection, const IntelligenceList &list)
{
    store::Statement row(connection, "SELECT 1 FROM intel_entry WHERE list = ?1 AND class <> ?2 LIMIT 1");
    row.bind(list.id, NetworkClass::Tor);
    const bool other = row.step();
    if (!row.ok())
        return tl::unexpected(row.error());
    return !other && list.entries > 0;
}

Result<IntelligenceList> change(store::Connection &connection, const Clock &clock, const Operator &who,
                                const std::string &idOrName, bool accept)
{
    if (auto ok = allowed(who.role, Permission::Intelligence); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto found = findList(connection, idOrName);
    auto all = listVersions(connection);
    if (!found || !all)
        return tl::unexpected(found ? all.error() : found.error());
    std::erase_if(*all,
                  [&](const auto &v) { return v.list.kind != found->kind || v.list.name != found->name; });
    const ListVersion *now = nullptr, *then = nullptr; // versions ascend
    for (const auto &v : *all)
        if (v.active)
            now = &v;
    for (const auto &v : *all)
        if (!v.active && v.refused.empty() != accept &&
            (accept || now == nullptr || v.list.version < now->list.version))
            then = &v;
    if (then == nullptr)
        return fail(Code::NotFound, found->name,
                    accept ? "no version of it was refused" : "no earlier version of it is kept");
    store::Statement leave(connection, "UPDATE intel_list SET active = 0, refused = ?2 WHERE id = ?1");
    if (now != nullptr)
        if (auto ok = leave.bind(now->list.id, accept ? "" : "it was taken back").run(); !ok)
            return tl::unexpected(ok.error());
    store::Statement enter(connection, "UPDATE intel_list SET active = 1, refused = '' WHERE id = ?1");
    if (auto ok = enter.bind(then->list.id).run(); !ok)
        return tl::unexpected(ok.error());
    if (auto warned = setWarnedAside(connection, clock, who); !warned)
        return tl::unexpected(warned.error());
    const auto text = [](const ListVersion &v) {
        return fmt::format("version {}, {} entries", v.list.version, v.list.entries);
    };
    auto record = ledger::recordBy(who);
    record.action = accept ? "intelAccept" : "intelRollback";
    record.target = fmt::format("{}:{}", toText(found->kind), found->name);
    record.before = now == nullptr ? std::string() : text(*now);
    record.after = text(*then);
    record.reason = then->refused;
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return then->list;
}

} // namespace

Result<IntelligenceList> findList(store::Connection &connection, const std::string &idOrName)
{
    auto all = listVersions(connection);
    if (!all)
        return tl::unexpected(all.error());
    const IntelligenceList *found = nullptr;
    for (const auto &v : *all) {
        if (v.list.name != idOrName)
            continue;
        if (found != nullptr && found->kind != v.list.kind)
            return fail(Code::Conflict, idOrName, "lists of several kinds have this name; give the number");
        found = &v.list;
    }
    for (const auto &v : *all)
        if (found == nullptr && std::to_string(v.list.id) == idOrName)
            found = &v.list;
    if (found == nullptr)
        return fail(Code::NotFound, idOrName, "there is no such list; \"intel list\" shows them");
    return *found;
}

Result<IntelligenceList> acceptList(store::Connection &connection, const Clock &clock, const Operator &who,
                                    const std::string &idOrName)
{
    return change(connection, clock, who, idOrName, true);
}

Result<IntelligenceList> rollbackList(store::Connection &connection, const Clock &clock, const Operator &who,
                                      const std::string &idOrName)
{
    return change(connection, clock, who, idOrName, false);
}

Result<std::vector<ListStatus>> listStatus(store::Connection &connection, const Clock &clock)
{
    auto all = listVersions(connection);
    if (!all)
        return tl::unexpected(all.error());
    std::vector<ListStatus> states;
    for (auto &v : *all) {
        auto &state = states.emplace_back();
        auto torOnly = isTorOnly(connection, v.list);
        if (!torOnly)
            return tl::unexpected(torOnly.error());
        state.lifeDays = lifeOf(v.list.kind, *torOnly);
        state.ageDays = std::max<std::int64_t>(0, (clock.now() - v.list.date).count() / detect::dayUs);
        store::Statement aside(connection, "SELECT count(*) FROM intel_set_aside WHERE kind = ?1 AND "
                                           "list = ?2 AND released_at IS NULL");
        aside.bind(v.list.kind, v.list.name);
        if (v.active && aside.step())
            state.setAside = static_cast<std::uint64_t>(aside.int64(0));
        if (!aside.ok())
            return tl::unexpected(aside.error());
        state.version = std::move(v);
    }
    return states;
}

Result<std::vector<std::string>> staleLists(store::Connection &connection, const Clock &clock)
{
    auto all = listStatus(connection, clock);
    if (!all)
        return tl::unexpected(all.error());
    std::vector<std::string> sentences;
    for (const auto &state : *all)
        if (state.version.active && state.stale())
            sentences.push_back(fmt::format("The {} list \"{}\" is {} days old; it counts as fresh for {}.",
                                            toText(state.version.list.kind), state.version.list.name,
                                            state.ageDays, state.lifeDays));
    return sentences;
}

Status setReread(store::Connection &connection, Timestamp now)
{
    return store::Statement(connection, "UPDATE intel_list SET hunted_at = ?1 WHERE active").bind(now).run();
}

} // namespace riskdesk::run
