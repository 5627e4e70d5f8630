// Risk history: one change of one user's risk as Graph's riskyUserHistoryItem. A repeat of a detection that
// changed nothing is no item. What the console shows of a single user, with what was taken back, is
// userHistory() in user_story.h.
#pragma once

#include "core/base/result.h"
#include "core/domain/ledger_event.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::query {

struct HistoryItem
{
    std::string id; // Graph's: the user's and the .NET ticks of the change
    LedgerEvent event;
    std::string detectionType; // riskEventType of the detection it is about
    std::string userKey, displayName, userPrincipalName;
    bool isDeleted = false, isProcessing = false;
};
// What it is filtered and sorted by and what scripts are told.
[[nodiscard]] Columns<HistoryItem> historyColumns();

// By ledger.id, in the order of the ids.
[[nodiscard]] Result<std::vector<HistoryItem>>
readHistory(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

} // namespace riskdesk::query
