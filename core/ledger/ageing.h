// Ageing: low detections close by themselves when they were last seen longer ago than risk.lowAgesDays.
// Medium and high ones never do, nor a low one that counts as high because it is one of a pair.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <cstdint>
#include <stop_token>

namespace riskdesk::ledger {

struct AgedCounts
{
    std::uint64_t detections = 0;
    std::uint64_t users = 0;
};

// In its own transactions of at most 2,000 users; ledger events of nobody. Stops between them.
[[nodiscard]] Result<AgedCounts> ageLowDetections(store::Connection &connection, const Clock &clock,
                                                  std::stop_token stop = {});

// After sign-ins were taken out: what had aged only by their times is open again, and ages with the rest. In the
// caller's transaction.
[[nodiscard]] Status openUnaged(store::Connection &connection, const Clock &clock);

} // namespace riskdesk::ledger
