#include "core/ledger/ageing.h"

#include "core/ledger/blocks.h"
#include "core/ledger/by_itself.h"
#include "core/query/spine.h"
#include "core/store/statement.h"

#include <utility>
#include <vector>

namespace riskdesk::ledger {

Result<AgedCounts> ageLowDetections(store::Connection &connection, const Clock &clock, std::stop_token stop)
{
    const auto reference = query::referenceNow(connection, clock.now());
    if (!reference)
        return tl::unexpected(reference.error());
    const auto span = lowAges(connection);
    if (!span)
        return tl::unexpected(span.error());
    store::Statement users(connection,
                           "SELECT DISTINCT user FROM detection WHERE state = ?1 AND level = ?2 AND "
                           "weight_level = ?2 AND at < ?3 AND last_at < ?3");
    users.bind(RiskState::AtRisk, RiskLevel::Low, reference->now - *span);
    std::vector<std::uint32_t> all;
    while (users.step())
        all.push_back(users.uint32(0));
    if (!users.ok())
        return tl::unexpected(users.error());
    RiskRows rows(connection);
    AgedCounts counts;
    const auto whole = inBlocks(
        connection, all.size(), counts, {}, stop,
        [&](std::size_t i, AgedCounts &block) -> Status {
            auto user = rows.load(all[i]);
            if (!user)
                return tl::unexpected(user.error());
            const auto aged = ByItself(rows, *span, clock.now()).age(*user, reference->now);
            if (!aged)
                return tl::unexpected(aged.error());
            block.detections += *aged;
            block.users += *aged > 0 ? 1U : 0U;
            return rows.writeChanges(*user);
        },
        [](const AgedCounts &, const AgedCounts &) { return Status(); });
    if (!whole)
        return tl::unexpected(whole.error());
    return counts;
}

Status openUnaged(store::Connection &connection, const Clock &clock)
{
    const auto reference = query::referenceNow(connection, clock.now());
    if (!reference)
        return tl::unexpected(reference.error());
    const auto span = lowAges(connection);
    if (!span)
        return tl::unexpected(span.error());
    store::Statement user(connection,
                          "SELECT DISTINCT user FROM detection WHERE closed_by_itself AND state = ?1 AND "
                          "closed_at > ?2");
    std::vector<std::uint32_t> users;
    for (user.bind(RiskState::Dismissed, reference->now); user.step();)
        users.push_back(user.uint32(0));
    if (!user.ok())
        return tl::unexpected(user.error());
    RiskRows rows(connection);
    for (const auto id : users) {
        auto loaded = rows.load(id);
        if (!loaded)
            return tl::unexpected(loaded.error());
        if (auto ok = ByItself(rows, *span, clock.now()).unage(*loaded, reference->now); !ok)
            return ok;
        if (auto ok = rows.writeChanges(*loaded); !ok)
            return ok;
    }
    return {};
}

} // namespace riskdesk::ledger
