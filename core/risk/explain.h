// Explain: the detections that make up a level, with their weights, as one sees them under "Why".
#pragma once

#include "core/risk/reducer.h"

#include <string>
#include <vector>

namespace riskdesk::risk {

struct Contribution
{
    std::string detection; // id
    DetectionType type = DetectionType::Other;
    RiskLevel level = RiskLevel::None;       // its own
    RiskLevel weightLevel = RiskLevel::None; // what it counts at
    RiskState state = RiskState::AtRisk;
    double weight = 0;      // before the cap on lows
    std::string pairedWith; // id of the detection that makes it count as high; else empty
    std::uint32_t count = 1;
    Timestamp at;
};

struct Arithmetic
{
    std::vector<Contribution> contributions; // heaviest first, among equals the newest first
    Sum sum;
};

// Of a user over all open detections, and of one of the sign-ins over its own.
[[nodiscard]] Arithmetic explain(const Reducer &user);
[[nodiscard]] Arithmetic explain(const Reducer &user, const std::string &signIn);

} // namespace riskdesk::risk
