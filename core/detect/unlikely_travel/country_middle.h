// Country middle: where somebody is of whom only the country is known.
//
// The smallest circle that holds the country's land: so a journey measured from it is never longer than the one
// that was made. Its radius is what costs: 480 km for Germany, 4400 for the United States, of which Hawaii and
// Alaska are part. Parts that have a code of their own (French Guiana, Svalbard) are not in it.
//
// Made from Natural Earth's borders, 1:110 million (public domain), and the places of the tz database
// (zone.tab, public domain), with 3 % and 20 km added for their coarseness. Any thread.
#pragma once

#include "core/detect/enriched_sign_in.h"

#include <optional>

namespace riskdesk::detect {

struct CountryMiddle
{
    double latitude = 0, longitude = 0; // degrees
    double radiusKm = 0;
};

// Nothing for a code that is none.
[[nodiscard]] std::optional<CountryMiddle> middleOf(CountryCode country);

} // namespace riskdesk::detect
