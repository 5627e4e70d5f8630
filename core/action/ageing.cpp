#include "core/action/ageing.h"

#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/ledger/risk_rows.h"
#include "core/ledger/risk_writer.h"
#include "core/query/spine.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace riskdesk::action {
namespace {

Status age(ledger::RiskRows &rows, std::uint32_t user, Timestamp before, Timestamp at, Timestamp now,
           AgedCounts &counts)
{
    auto loaded = rows.load(user);
    if (!loaded)
        return tl::unexpected(loaded.error());
    auto &reducer = loaded->reducer;
    // An event is of the moment the age was reached, not of the moment somebody looked.
    std::vector<std::pair<Timestamp, std::string>> old;
    for (const auto &d : reducer.detections())
        if (d.now.state == RiskState::AtRisk && d.now.weightLevel == RiskLevel::Low && d.now.lastAt < before)
            old.emplace_back(d.now.lastAt + (at - before), d.facts.id);
    if (old.empty())
        return {};
    std::sort(old.begin(), old.end());
    for (const auto &[reached, id] : old) {
        LedgerEvent event;
        event.at = reached;
        event.recordedAt = now;
        event.user = user;
        event.kind = LedgerKind::Aged;
        event.detection = id;
        reducer.apply(event);
        if (auto ok = rows.append(event); !ok)
            return ok;
        ++counts.detections;
    }
    ++counts.users;
    const auto changes = reducer.takeChanges();
    for (const auto &[index, was] : changes.detections) {
        const auto &d = reducer.detections()[index];
        if (auto ok = rows.updateDetection(d.facts.id, d.now); !ok)
            return ok;
    }
    for (const auto &[id, was] : changes.signIns)
        if (auto ok = rows.updateSignIn(loaded->keys[id], *reducer.signIn(id)); !ok)
            return ok;
    return rows.writeUser(*loaded);
}

} // namespace

Result<AgedCounts> ageLowDetections(store::Connection &connection, const Clock &clock, std::stop_token stop)
{
    const auto days = ledger::storedSetting(connection, "risk.lowAgesDays", lowAgesDays);
    if (!days)
        return tl::unexpected(days.error());
    const auto reference = query::referenceNow(connection, clock.now());
    if (!reference)
        return tl::unexpected(reference.error());
    const Timestamp at = reference->now;
    const auto before = at - Microseconds(std::llround(std::clamp(*days, 0.0, 36'500.0) * 86'400e6));
    std::vector<std::uint32_t> users;
    {
        store::Statement row(connection,
                             "SELECT DISTINCT user FROM detection WHERE state = ?1 AND level = ?2 AND "
                             "weight_level = ?2 AND at < ?3 AND last_at < ?3");
        row.bind(RiskState::AtRisk, RiskLevel::Low, before);
        while (row.step())
            users.push_back(row.uint32(0));
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    AgedCounts counts;
    ledger::RiskRows rows(connection);
    const auto whole = inBlocks(
        connection, users.size(), counts, {}, stop,
        [&](std::size_t i, AgedCounts &block) { return age(rows, users[i], before, at, clock.now(), block); },
        [](const AgedCounts &, const AgedCounts &) { return Status(); });
    if (!whole)
        return tl::unexpected(whole.error());
    return counts;
}

} // namespace riskdesk::action
