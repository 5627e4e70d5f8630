// Users: everyone the directory knows, at risk or not, as Graph's user. The rows are those of risky users
// (risky_users.h): one that never was at risk has no risk in it. No page of the console lists them.
#pragma once

#include "core/query/tables/column.h"
#include "core/query/tables/risky_users.h"

namespace riskdesk::query {

// Read by readRiskyUsers().
[[nodiscard]] Columns<RiskyUserRow> userColumns();

} // namespace riskdesk::query
