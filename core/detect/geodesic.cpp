#include "core/detect/geodesic.h"

#include <GeographicLib/Geodesic.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace riskdesk::detect {

bool isPosition(double latitude, double longitude)
{
    return std::abs(latitude) <= 90 && std::abs(longitude) <= 180 && !(latitude == 0 && longitude == 0);
}

double geodesicKm(double latitude1, double longitude1, double latitude2, double longitude2)
{
    if (!(std::abs(latitude1) <= 90 && std::abs(latitude2) <= 90) || !std::isfinite(longitude1) ||
        !std::isfinite(longitude2))
        return std::numeric_limits<double>::quiet_NaN();
    double metres = 0;
    GeographicLib::Geodesic::WGS84().Inverse(latitude1, longitude1, latitude2, longitude2, metres);
    return metres / 1000;
}

double greatCircleKm(double latitude1, double longitude1, double latitude2, double longitude2)
{
    constexpr double meanRadiusKm = 6371.0088; // IUGG
    constexpr double radians = std::numbers::pi / 180;
    const double a = std::sin((latitude2 - latitude1) * radians / 2);
    const double b = std::sin((longitude2 - longitude1) * radians / 2);
    const double h = a * a + std::cos(latitude1 * radians) * std::cos(latitude2 * radians) * b * b;
    return 2 * meanRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

double speedKmh(double km, Microseconds between)
{
    const double time = std::abs(hours(between));
    return km / (time > 0 ? time : 0.001);
}

} // namespace riskdesk::detect
