// World: the places, networks, names and clients a sample directory is made of.
//
// Networks are invented. Homes, mobiles and offices have addresses of 240.0.0.0/4, which is reserved and
// belongs to no one; attackers come from the documentation and benchmark ranges (RFC 5737, RFC 2544). AS
// numbers are private ones (RFC 6996).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace riskdesk::demo {

struct City
{
    std::string_view name, region, country;
    double latitude, longitude;
    int zoneMinutes; // east of UTC, without summer time
    double weight;
};
[[nodiscard]] std::span<const City> cities();

struct Client
{
    std::string_view system;  // as Entra writes it
    std::string_view browser; // family; the version moves with time
    std::string_view agent;   // with {} for the version
    bool mobile;
    double weight;
};
[[nodiscard]] std::span<const Client> clients();

[[nodiscard]] std::span<const std::string_view> firstNames();
[[nodiscard]] std::span<const std::string_view> lastNames();
[[nodiscard]] std::span<const std::string_view> mailDomains();
[[nodiscard]] std::span<const std::string_view> applications();

} // namespace riskdesk::demo
