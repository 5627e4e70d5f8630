// Satellite networks: whose customers come out of a ground station, on a ship or in flight, far from where
// they are.
//
// A small table of autonomous systems that serve nobody else, by their public registrations (RIPE, ARIN,
// APNIC whois: AS22351 Intelsat, AS14593 SpaceX Starlink, …). A place computed from such an address says
// nothing.
#pragma once

#include <cstdint>

namespace riskdesk::enrich {

[[nodiscard]] bool isSatellite(std::uint32_t asn);

} // namespace riskdesk::enrich
