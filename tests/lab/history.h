// History: how well takeovers are found on people of whom little is known, and what that costs these people.
#pragma once

#include "tests/lab/figure.h"
#include "tests/lab/trial.h"

#include <cstdint>
#include <vector>

namespace riskdesk::lab {

// Earlier sign-ins of the person's own, both inclusive.
struct Past
{
    std::uint32_t least = 5, most = 20;
};

// Takeovers are the attacks whose kind begins with "takeover."; their past is what it was at their first
// sign-in. Other attacks on the same people count nowhere.
struct ByHistory
{
    Figure recall;        // all takeovers but of a stolen session on the victim's own device ("cookie")
    Figure visibleRecall; // without "targeted" too: what is left can be seen in a log
    Figure precision;     // of the users raised on a sign-in with such a past, those taken over
    // Of the owners' own sign-ins with such a past. What was folded into one finding is counted with it.
    Figure ownersFlagged;
};
[[nodiscard]] ByHistory byHistory(const std::vector<Trial> &trials, RiskLevel least, Past past = {});

} // namespace riskdesk::lab
