// Place: where an address or an event says it is, and how sure that is.
#pragma once

#include "core/domain/sign_in.h"

#include <string>
#include <string_view>

namespace riskdesk {

struct Place
{
    std::string city, state, country; // country: ISO 3166-1 alpha-2
    double latitude = noCoordinate;
    double longitude = noCoordinate;
    double radiusKm = 0; // accuracy the source gives; 0: it gives none

    [[nodiscard]] bool hasCoordinates() const { return std::isfinite(latitude) && std::isfinite(longitude); }
    [[nodiscard]] bool isKnown() const { return !country.empty() || !city.empty() || hasCoordinates(); }
    // One dictionary text per place: fields joined by U+001F, coordinates with four decimals.
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static Place decode(std::string_view text);
    friend bool operator==(const Place &, const Place &) = default;
};

enum class NetworkClass : std::uint8_t {
    Unknown = 0,
    Fixed,
    Mobile,
    Hosting,
    Vpn,
    Tor,
    PublicProxy,
    ResidentialProxy,
    Relay,
    Satellite
};
[[nodiscard]] std::string_view toText(NetworkClass);

} // namespace riskdesk
