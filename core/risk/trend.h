// Trend: the score at the end of each of the last thirty days (UTC) before the risk was last updated; the
// last byte is the day of the update itself.
#pragma once

#include "core/base/timestamp.h"

#include <array>
#include <cstdint>

namespace riskdesk::risk {

inline constexpr std::size_t trendDays = 30;
using Trend = std::array<std::uint8_t, trendDays>;

// The trend after the score went from `before` to `after`. A change in the past moves no days.
[[nodiscard]] Trend advanced(const Trend &trend, Timestamp lastUpdate, Timestamp update, std::uint8_t before,
                             std::uint8_t after);

} // namespace riskdesk::risk
