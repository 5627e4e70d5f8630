// What an admin is told about one pair of sign-ins: both ends, the distance with its uncertainty, the two
// speeds (raw: distance over time; effective: what was compared), and what is usual.
#pragma once

#include "core/detect/usual/features.h"

namespace riskdesk::detect {

struct Journey
{
    const TravelPoint *from = nullptr; // the earlier sign-in on record
    Microseconds between{0};
    double radii = 0, km = 0, effectiveKm = 0; // kilometres
    double kmh = 0, effectiveKmh = 0;
    double limitKmh = 0;       // what the effective speed was compared with
    double groundHours = 0;    // asked for beside the way itself
    double excessHours = -1e9; // how much too early the later one came
    bool impossible = false, unfamiliarFrom = false, unfamiliarTo = false;
};

struct TravelContext
{
    const Tuning &tuning;
    const Names &names;
    const FeatureModel &model;
    const UserProfile &profile;
    float halfLife;
    Minute keep;
};

[[nodiscard]] Evidence travelEvidence(const TravelContext &context, const EnrichedSignIn &signIn,
                                      const TravelPoint &here, const Journey &journey);

} // namespace riskdesk::detect
