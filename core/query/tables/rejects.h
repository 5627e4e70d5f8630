// Rejected records: one row of the report.
#pragma once

#include "core/base/result.h"
#include "core/domain/reject.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

namespace riskdesk::query {

struct RejectRow
{
    std::int64_t id = 0;
    std::int64_t run = 0;
    Reject reject;
    std::int64_t records = 1; // that this row stands for; more than one where only so many are kept
};
// What the list filters and sorts by and what scripts are told.
[[nodiscard]] Columns<RejectRow> rejectColumns();

// In the order of the ids.
[[nodiscard]] Result<std::vector<RejectRow>>
readRejects(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

} // namespace riskdesk::query
