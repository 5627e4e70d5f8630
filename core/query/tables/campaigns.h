// Campaigns: one row of the report of password sprays, and whom they tried.
#pragma once

#include "core/base/result.h"
#include "core/domain/campaign.h"
#include "core/query/report.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

// What the list filters and sorts by and what scripts are told.
[[nodiscard]] Columns<Campaign> campaignColumns();

// Campaigns of the question, in its order, without their targets; `atMost` 0: all.
[[nodiscard]] Result<std::vector<Campaign>> readCampaigns(store::Connection &connection,
                                                          const Question &question, std::size_t atMost = 0,
                                                          std::stop_token stop = {});
struct CampaignTargetRow
{
    CampaignTarget target;
    std::string userKey, userName, userPrincipalName;
};
// Those it let in first, then by attempts.
[[nodiscard]] Result<std::vector<CampaignTargetRow>>
readCampaignTargets(store::Connection &connection, std::string_view campaign, bool succeededOnly = false);

} // namespace riskdesk::query
