// Scoring: from open detections to a level and a score. The one arithmetic of the product, for a sign-in over
// its own detections and for a user over all of them.
//
// Each open detection weighs by its level: high 4.0, medium 2.0, low 0.8 (log-odds, so that they add; the
// weights are chosen so that one high is high, one medium medium, two mediums high). All lows together weigh
// at most 1.5 and never lift a level that the others give. The sum Σ gives the level (from 3.5 high, from 1.6
// medium, above 0 low) and the score round(100·(1 − exp(−Σ/2.525))): 2.525 = 3.5/ln 4, which puts the
// beginning of high at 75 and that of medium at 47. Something confirmed compromised is high, 100.
#pragma once

#include "core/domain/risk.h"

#include <array>
#include <cstdint>

namespace riskdesk::risk {

inline constexpr double highWeight = 4.0;
inline constexpr double mediumWeight = 2.0;
inline constexpr double lowWeight = 0.8;
inline constexpr double lowCap = 1.5;
inline constexpr double highFrom = 3.5;
inline constexpr double mediumFrom = 1.6;
inline constexpr double scoreScale = 2.525;
// A medium with lows behind it stops here: the greatest sum of one decimal whose score (74) is still below
// that of high.
inline constexpr double mediumCap = 3.4;

[[nodiscard]] double weight(RiskLevel level);
[[nodiscard]] RiskLevel levelOf(double sum);
[[nodiscard]] std::uint8_t scoreOf(double sum);

// Open detections, counted by the level their weight counts at.
struct Tally
{
    std::array<std::uint32_t, 4> open{}; // by RiskLevel
    std::uint32_t confirmed = 0;         // of them: confirmed compromised

    [[nodiscard]] std::uint32_t total() const { return open[0] + open[1] + open[2] + open[3]; }
};

// The arithmetic, as it is shown.
struct Sum
{
    double others = 0;      // high and medium detections
    double lows = 0;        // 0.8 for each low
    double lowsCounted = 0; // after the caps
    double total = 0;       // others + lowsCounted
    bool confirmed = false; // level and score are set by a confirmation, not by the sum
    RiskLevel level = RiskLevel::None;
    std::uint8_t score = 0;
};
[[nodiscard]] Sum sum(const Tally &tally);

} // namespace riskdesk::risk
