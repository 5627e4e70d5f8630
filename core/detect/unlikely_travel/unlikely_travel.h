// Atypical travel: two sign-ins further apart than anyone can travel in the time, at least one of them from a
// place that is not usual for the user.
//
// Against each of the last few evaluable sign-ins within the window: d = WGS-84 geodesic, d_eff = d - r1 -
// r2, v = d_eff / (Δt + slack). Impossible: d_eff and v at or above Tune::TravelMinDistanceKm and
// TravelSpeedLimitKmh. Radii are those of the place, else 50, 200 or 500 km for a city, region or country. Where
// nothing but the country is known its middle and radius stand for the place (country_middle.h).
// Successes that are found out still serve to measure from, but only those that teach make a place familiar.
#pragma once

#include "core/detect/usual/features.h"

#include <memory>

namespace riskdesk::detect {

// Where a sign-in is, coarsely and by content alone: the geohash cell of three characters (about 156 km), or
// country and ASN for mobile networks, whose addresses wander, or the country where nothing else is known. 0 when
// there is none of them.
[[nodiscard]] std::uint64_t placeKey(const EnrichedSignIn &signIn);

[[nodiscard]] std::unique_ptr<Detector> makeUnlikelyTravel(const Shared &shared);

} // namespace riskdesk::detect
