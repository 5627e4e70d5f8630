// Distance and speed on the earth. Kilometres, degrees, kilometres per hour.
//
// geodesicKm: shortest path on the WGS-84 ellipsoid (Karney, J. Geodesy 87, 2013; GeographicLib), exact to
// nanometres. greatCircleKm: the sphere of the same mean radius, within 0.56 % of it and many times cheaper;
// it only ever decides whether the exact distance is worth computing.
#pragma once

#include "core/base/timestamp.h"

namespace riskdesk::detect {

// Latitude within ±90 and longitude within ±180, and not the 0, 0 that sources write for "not known".
[[nodiscard]] bool isPosition(double latitude, double longitude);

// NaN when a latitude lies outside ±90 or a value is not finite; any finite longitude is taken modulo 360.
[[nodiscard]] double geodesicKm(double latitude1, double longitude1, double latitude2, double longitude2);
[[nodiscard]] double greatCircleKm(double latitude1, double longitude1, double latitude2, double longitude2);

// The published speed of a journey: distance over time, whichever came first. Two sign-ins at the same
// instant count as 3.6 seconds (0.001 h) apart, as BuffaLogs has it, so that the figure stays finite.
[[nodiscard]] double speedKmh(double km, Microseconds between);

[[nodiscard]] constexpr double hours(Microseconds d)
{
    return static_cast<double>(d.count()) / 3.6e9;
}

} // namespace riskdesk::detect
