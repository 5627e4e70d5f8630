// Periods: what "30 days" means, everywhere in the console: today and the 29 days before it, whole, in the zone
// that is shown. "24 h" counts back from now. Any thread.
#pragma once

#include "core/query/report.h"

namespace riskdesk::models {

// No limit for 0.
[[nodiscard]] query::Period lastDays(Timestamp now, int days);

} // namespace riskdesk::models
