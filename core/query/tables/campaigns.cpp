#include "core/query/tables/campaigns.h"

#include "core/query/filter/filter_sql.h"
#include "core/query/reading.h"
#include "core/query/tables/enumerations.h"
#include "core/store/row_reader.h"

#include <fmt/format.h>

namespace riskdesk::query {
namespace {

using C = const Campaign &;
using Spray = Column<Campaign>;
using store::Cell;
using store::into;

// clang-format off
const store::RowReader<Campaign> &campaignReader()
{
    static const store::RowReader<Campaign> parts{
        {"c.evidence", [](const Cell &cell, Campaign &campaign) { campaign.readJson(cell.text()); }}, // the rest wins
        {"c.id", into<&Campaign::id>},
        {"c.scope", into<&Campaign::scope>},
        {"c.scope_text", into<&Campaign::scopeText>},
        {"c.opened", into<&Campaign::opened>},
        {"c.detected", into<&Campaign::detected>},
        {"c.last", into<&Campaign::last>},
        {"c.attempts", into<&Campaign::attempts>},
        {"c.failures", into<&Campaign::failures>},
        {"c.users", into<&Campaign::users>},
        {"c.addresses", into<&Campaign::addresses>},
        {"c.bad_to_good", into<&Campaign::badToGood>},
        {"c.surprise_bits", into<&Campaign::surpriseBits>},
    };
    return parts;
}

const store::RowReader<CampaignTargetRow> &targetReader()
{
    using Row = CampaignTargetRow;
    static const store::RowReader<Row> parts{
        {"t.user", into<&Row::target, &CampaignTarget::user>},
        {"t.attempts", into<&Row::target, &CampaignTarget::attempts>},
        {"t.successes", into<&Row::target, &CampaignTarget::successes>},
        {"t.first", into<&Row::target, &CampaignTarget::first>},
        {"t.last", into<&Row::target, &CampaignTarget::last>},
        {"u.key", into<&Row::userKey>},
        {"u.display_name", into<&Row::userName>},
        {"u.upn", into<&Row::userPrincipalName>},
    };
    return parts;
}

} // namespace

Columns<Campaign> campaignColumns()
{
    static const std::vector<Spray> table{
        Spray("id").text("c.id").sorts().means("The campaign's id.").told([](C c) -> Property { return c.id; }),
        Spray("scope").also("kind").oneOf(scopes(), "c.scope").sorts().means("What the tries have in common.").told([](C c) -> Property { return toText(c.scope); }),
        Spray("scopeText").also("range|ip").text("c.scope_text").sorts().means("Address, network or user agent.").told([](C c) -> Property { return c.scopeText; }),
        Spray("openedDateTime").also("opened").time("c.opened").sorts().means("The first failed attempt.").told([](C c) -> Property { return c.opened; }),
        Spray("detectedDateTime").also("detected").time("c.detected").sorts().means("When the thresholds were crossed.").told([](C c) -> Property { return c.detected; }),
        Spray("lastDateTime").also("last|updated").time("c.last").sorts().means("The newest attempt.").told([](C c) -> Property { return c.last; }),
        Spray("users").number("c.users").sorts().means("Accounts that were tried.").told([](C c) -> Property { return c.users; }),
        Spray("attempts").number("c.attempts").sorts().means("All attempts.").told([](C c) -> Property { return c.attempts; }),
        Spray("failures").number("c.failures").sorts().means("Attempts with a wrong password.").told([](C c) -> Property { return c.failures; }),
        Spray("addresses").number("c.addresses").sorts().means("Addresses that tried.").told([](C c) -> Property { return c.addresses; }),
        Spray("badToGood").told([](C c) -> Property { return c.badToGood; }),
        Spray("surpriseBits").told([](C c) -> Property { return c.surpriseBits; }),
        Spray("hits").number("c.hits").sorts().means("Accounts whose password was right."),
    };
    return table;
}
// clang-format on

Result<std::vector<Campaign>> readCampaigns(store::Connection &connection, const Question &question,
                                            std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto asked = question;
    asked.report = Report::Campaigns;
    const auto sql = fromWhere(asked);
    if (!sql)
        return tl::unexpected(sql.error());
    const auto order = orderBy(Report::Campaigns, question.order);
    if (!order)
        return tl::unexpected(order.error());
    store::Statement rows(connection,
                          fmt::format("SELECT {} {} {}{}", campaignReader().columns(), sql->text, *order,
                                      atMost > 0 ? fmt::format(" LIMIT {}", atMost) : std::string()));
    sql->bindTo(rows);
    std::vector<Campaign> campaigns;
    while (rows.step())
        campaignReader().read(rows, campaigns.emplace_back());
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return campaigns;
}

Result<std::vector<CampaignTargetRow>> readCampaignTargets(store::Connection &connection,
                                                           std::string_view campaign, bool succeededOnly)
{
    store::Statement rows(connection,
                          fmt::format("SELECT {} FROM campaign_target t LEFT JOIN user u ON u.id = t.user"
                                      " WHERE t.campaign = ?1 AND (?2 = 0 OR t.successes > 0)"
                                      " ORDER BY t.successes > 0 DESC, t.attempts DESC, t.user",
                                      targetReader().columns()));
    rows.bind(campaign, succeededOnly);
    std::vector<CampaignTargetRow> targets;
    while (rows.step())
        targetReader().read(rows, targets.emplace_back());
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return targets;
}

} // namespace riskdesk::query
