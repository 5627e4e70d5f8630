#include "core/connections/reached.h"

#include "core/store/statement.h"

#include <algorithm>
#include <map>

namespace riskdesk::run {

const std::string &Reached::name() const
{
    return !displayName.empty() ? displayName : !userPrincipalName.empty() ? userPrincipalName : key;
}

Result<std::vector<Reached>> reached(store::Connection &connection, const ReachedQuestion &question)
{
    store::Statement row(
        connection,
        "SELECT l.id, l.user, l.to_level, l.to_state, l.at, l.recorded_at, u.provider_id, u.key, u.upn, "
        "u.display_name FROM ledger l JOIN user u ON u.id = l.user WHERE l.id > ?1 AND l.to_level >= ?2 AND "
        "l.from_level < ?2 AND l.to_state >= ?6 AND l.id <= ?3 AND (?5 = 0 OR (EXISTS (SELECT 1 "
        "FROM "
        "user_risk r WHERE r.user = l.user AND r.level >= ?2 AND r.state >= ?6) AND NOT EXISTS (SELECT 1 "
        "FROM "
        "command c WHERE c.id = l.command AND c.via = 'console' AND c.actor = ?7))) ORDER BY l.id LIMIT ?4");
    row.bind(question.after, question.level, question.until, question.atMost,
             std::int64_t{question.stillThere ? 1 : 0}, RiskState::AtRisk, question.knownTo);
    std::vector<Reached> all;
    std::map<std::uint32_t, std::size_t> ofUser;
    while (row.step()) {
        const auto user = row.uint32(1);
        const auto [at, isNew] = ofUser.try_emplace(user, all.size());
        if (isNew)
            all.push_back({});
        all[at->second] = {row.int64(0),
                           user,
                           row.as<RiskLevel>(2),
                           row.as<RiskState>(3),
                           row.time(4),
                           row.time(5),
                           std::string(row.string(6)),
                           std::string(row.string(7)),
                           std::string(row.string(8)),
                           std::string(row.string(9))};
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    std::ranges::sort(all, {}, &Reached::ledger);
    return all;
}

Result<std::int64_t> newestLedgerEvent(store::Connection &connection)
{
    store::Statement row(connection, "SELECT coalesce(max(id), 0) FROM ledger");
    if (!row.step())
        return tl::unexpected(row.error());
    return row.int64(0);
}

} // namespace riskdesk::run
