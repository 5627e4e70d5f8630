#include "core/risk/scoring.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::risk {

double weight(RiskLevel level)
{
    switch (level) {
    case RiskLevel::High: return highWeight;
    case RiskLevel::Medium: return mediumWeight;
    case RiskLevel::Low: return lowWeight;
    case RiskLevel::None: break;
    }
    return 0;
}

RiskLevel levelOf(double sum)
{
    if (sum >= highFrom)
        return RiskLevel::High;
    if (sum >= mediumFrom)
        return RiskLevel::Medium;
    return sum > 0 ? RiskLevel::Low : RiskLevel::None;
}

std::uint8_t scoreOf(double sum)
{
    const auto score = std::round(100 * (1 - std::exp(-std::max(sum, 0.0) / scoreScale)));
    return static_cast<std::uint8_t>(std::clamp(score, 0.0, 100.0));
}

Sum sum(const Tally &tally)
{
    Sum s;
    s.others = highWeight * tally.open[static_cast<std::size_t>(RiskLevel::High)] +
               mediumWeight * tally.open[static_cast<std::size_t>(RiskLevel::Medium)];
    s.lows = lowWeight * tally.open[static_cast<std::size_t>(RiskLevel::Low)];
    s.lowsCounted = std::min(s.lows, lowCap);
    if (levelOf(s.others) == RiskLevel::Medium)
        s.lowsCounted = std::min(s.lowsCounted, mediumCap - s.others);
    s.total = s.others + s.lowsCounted;
    s.confirmed = tally.confirmed > 0;
    s.level = s.confirmed ? RiskLevel::High : levelOf(s.total);
    s.score = s.confirmed ? std::uint8_t{100} : scoreOf(s.total);
    return s;
}

} // namespace riskdesk::risk
