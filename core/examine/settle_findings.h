// Settle findings: what a stretch of sign-ins gives now, against what is stored of it.
//
// What is found and not stored is raised. What is stored and not found any more is withdrawn by a ledger event
// of its own, unless somebody decided on it: then it stays and says so. What both have stays as it is; the
// figures that support it are told anew. Where findings repeat, all that may fold into each other is folded
// again, so the result is that of the same sign-ins examined in their order.
//
// Inside the caller's transaction; one thread. Costs what the findings of the stretch cost and one pass over the
// ledger.
#pragma once

#include "core/base/clock.h"
#include "core/domain/intelligence.h"
#include "core/ledger/risk_writer.h"
#include "core/store/connection.h"

#include <cstdint>
#include <vector>

namespace riskdesk::run {

struct Stretch
{
    std::int64_t after = beginningOfTime; // microseconds: every sign-in later than this was examined again
    // Findings on sign-ins up to this are offline ones: nobody saw them at the sign-in. Later ones are what
    // their type is.
    std::int64_t seenUpTo = beginningOfTime;
};

struct SettleCounts
{
    std::uint64_t detections = 0; // new rows
    std::uint64_t withdrawn = 0;  // rows that went
    std::uint64_t kept = 0;       // not found any more, and kept
};

// `found`: all findings of the stretch, in time order.
[[nodiscard]] Result<SettleCounts> settleFindings(store::Connection &connection, const Clock &clock,
                                                  std::vector<ledger::RaisedDetection> &&found,
                                                  const Stretch &stretch);

} // namespace riskdesk::run
