#pragma once

#include "core/detect/tuning.h"

#include <array>

namespace riskdesk::detect {

// clang-format off
inline constexpr auto travelThresholds = std::to_array<TuningEntry>({
    {Tune::TravelEnabled, "unlikelyTravel.enabled", "", 1, 0, 1, "Raise atypical travel."},
    {Tune::TravelSpeedLimitKmh, "unlikelyTravel.speedLimitKmh", "km/h", 900, 300, 5000, "Travel faster than this is impossible."},
    {Tune::TravelFastKmh, "unlikelyTravel.fastKmh", "km/h", 3000, 900, 100000, "Above this, a new country is high even with a known device."},
    {Tune::TravelMinDistanceKm, "unlikelyTravel.minDistanceKm", "km", 500, 50, 20000, "Shorter trips are never judged."},
    {Tune::TravelSlackMinutes, "unlikelyTravel.slackMinutes", "minutes", 10, 0, 120, "Added to the time between two sign-ins, for clocks that differ."},
    {Tune::TravelGroundMinutes, "unlikelyTravel.groundMinutes", "minutes", 90, 0, 600, "Time a traveller spends at airports; asked only of a device and a country that are both new to the user."},
    {Tune::TravelWindowHours, "unlikelyTravel.windowHours", "hours", 72, 1, 720, "Earlier sign-ins older than this are not compared."},
    {Tune::TravelEarlierSignIns, "unlikelyTravel.earlierSignIns", "", 5, 1, 5, "How many earlier sign-ins are compared."},
    {Tune::TravelCityRadiusKm, "unlikelyTravel.cityRadiusKm", "km", 50, 0, 500, "Uncertainty of a city where the source gives none."},
    {Tune::TravelRegionRadiusKm, "unlikelyTravel.regionRadiusKm", "km", 200, 0, 1000, "Uncertainty of a region where the source gives none."},
    {Tune::TravelCountryRadiusKm, "unlikelyTravel.countryRadiusKm", "km", 500, 0, 3000, "Uncertainty of a country where the source gives none."},
    {Tune::TravelMobileRadiusKm, "unlikelyTravel.mobileRadiusKm", "km", 200, 0, 1000, "Least uncertainty of a mobile network."},
    {Tune::TravelFamiliarCount, "unlikelyTravel.familiarCount", "sign-ins", 2, 1, 50, "A place with this decayed count is familiar to the user."},
    {Tune::TravelFamiliarDays, "unlikelyTravel.familiarDays", "days", 90, 7, 365, "Half-life of that count, and how long a place is remembered."},
    {Tune::TravelCommonPercent, "unlikelyTravel.commonPercent", "%", 5, 0.1, 100, "A place used by this share of users is common here."},
    {Tune::TravelLearningDays, "unlikelyTravel.learningDays", "days", 14, 0, 90, "Silent until this many days since the first success, or …"},
    {Tune::TravelLearningSignIns, "unlikelyTravel.learningSignIns", "sign-ins", 10, 0, 100, "… this many successes, whichever comes first."},
});
// clang-format on

} // namespace riskdesk::detect
