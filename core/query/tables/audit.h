// The audit log: one row of the report.
#pragma once

#include "core/base/result.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::query {

struct AuditRow
{
    std::int64_t id = 0;
    Timestamp at;
    std::string actor, role, action, target, before, after, reason, note, via, host;
    std::int64_t undoOf = 0; // command.id that was taken back
};
// What the list filters and sorts by and what scripts are told.
[[nodiscard]] Columns<AuditRow> auditColumns();

// In the order of the ids.
[[nodiscard]] Result<std::vector<AuditRow>>
readAudit(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

} // namespace riskdesk::query
