#include "core/enrich/satellite.h"

#include <algorithm>
#include <iterator>

namespace riskdesk::enrich {
namespace {

// Ascending. Only operators whose own customers sit behind a dish or in a cabin; groups that sell other
// access too (teleports, groups with fibre) are left out.
constexpr std::uint32_t systems[] = {
    800,    // OneWeb
    4913,   // Speedcast
    5377,   // Marlink
    5666,   // Speedcast
    6621,   // Hughes Network Systems
    7155,   // Viasat
    9229,   // Speedcast
    11167,  // Gogo Business Aviation
    12440,  // Hughes Network Systems, Europe
    14593,  // SpaceX Starlink
    16491,  // Viasat
    22184,  // Iridium
    22351,  // Intelsat
    25222,  // Inmarsat Solutions
    25687,  // KVH Industries
    26243,  // Intelsat
    29286,  // Skylogic (Eutelsat)
    31515,  // Inmarsat Global
    31753,  // Inmarsat Government
    32034,  // Speedcast Latin America
    38456,  // Speedcast Pacific
    39356,  // Avanti Broadband
    40306,  // Viasat
    40310,  // Viasat
    40311,  // Viasat
    44933,  // Marlink
    46536,  // Viasat
    46982,  // Intelsat General
    63062,  // Hughes Network Systems
    64294,  // Panasonic Avionics, in flight
    135409, // Kacific Broadband Satellites
    152659, // Inmarsat Australia
    206171, // Iridium Service
    210314, // Marlink
    394603, // Panasonic Avionics, in flight
    394771, // Thales Avionics, in flight
    398736, // Iridium
    400110, // Anuvu, in flight
};
static_assert(std::is_sorted(std::begin(systems), std::end(systems)));

} // namespace

bool isSatellite(std::uint32_t asn)
{
    return std::binary_search(std::begin(systems), std::end(systems), asn);
}

} // namespace riskdesk::enrich
