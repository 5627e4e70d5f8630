// Own-traffic census: which indicators of the lists in use match too much of what the directory has stored
// (core/detect/own_traffic.h), so that a list that arrives late raises nothing on them.
//
// Reads the successes of the last quarantineDays before the newest sign-in, a microsecond each. Changes
// nothing.
#pragma once

#include "core/base/result.h"
#include "core/detect/tuning.h"
#include "core/domain/intelligence.h"
#include "core/examine/detector_memory.h"
#include "core/examine/enrichment.h"
#include "core/store/connection.h"

#include <stop_token>
#include <vector>

namespace riskdesk::run {

// In the order of their texts; those that were set aside or released before are left out.
[[nodiscard]] Result<std::vector<SetAsideIndicator>>
ownTraffic(store::Connection &connection, Enrichment &enrichment, const detect::Tuning &tuning,
           const Position &newest, const std::stop_token &stop);

} // namespace riskdesk::run
