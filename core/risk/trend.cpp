#include "core/risk/trend.h"

#include <algorithm>

namespace riskdesk::risk {
namespace {

std::int64_t dayOf(Timestamp t)
{
    constexpr std::int64_t day = 86'400'000'000;
    return t.us >= 0 ? t.us / day : -((-(t.us + 1)) / day) - 1;
}

} // namespace

Trend advanced(const Trend &trend, Timestamp lastUpdate, Timestamp update, std::uint8_t before,
               std::uint8_t after)
{
    Trend next = trend;
    const auto days = dayOf(update) - dayOf(lastUpdate);
    if (days > 0) {
        const auto gone = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(days, trendDays));
        std::fill(std::copy(trend.begin() + gone, trend.end(), next.begin()), next.end(), before);
    }
    next.back() = after;
    return next;
}

} // namespace riskdesk::risk
