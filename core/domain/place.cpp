#include "core/domain/place.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace riskdesk {

std::string Place::encode() const
{
    if (!isKnown())
        return {};
    auto text = fmt::format("{}\x1f{}\x1f{}", city, state, country);
    if (hasCoordinates())
        text += fmt::format("\x1f{:.4f}\x1f{:.4f}\x1f{:.0f}", latitude, longitude, radiusKm);
    return text;
}

Place Place::decode(std::string_view text)
{
    Place place;
    const auto parts = split(text, '\x1f');
    if (parts.size() < 3)
        return place;
    place.city = parts[0];
    place.state = parts[1];
    place.country = parts[2];
    if (parts.size() >= 6) {
        place.latitude = toDouble(parts[3]).value_or(noCoordinate);
        place.longitude = toDouble(parts[4]).value_or(noCoordinate);
        place.radiusKm = toDouble(parts[5]).value_or(0);
    }
    return place;
}

std::string_view toText(NetworkClass c)
{
    switch (c) {
    case NetworkClass::Unknown: return "unknown";
    case NetworkClass::Fixed: return "fixed";
    case NetworkClass::Mobile: return "mobile";
    case NetworkClass::Hosting: return "hosting";
    case NetworkClass::Vpn: return "vpn";
    case NetworkClass::Tor: return "tor";
    case NetworkClass::PublicProxy: return "public_proxy";
    case NetworkClass::ResidentialProxy: return "residential_proxy";
    case NetworkClass::Relay: return "relay";
    case NetworkClass::Satellite: return "satellite";
    }
    return "unknown";
}

} // namespace riskdesk
