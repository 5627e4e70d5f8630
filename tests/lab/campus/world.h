// World: countries, cities, networks and the addresses that they give out. Cities lie where they lie;
// networks and addresses are invented.
//
// Every provider has a block of 65,536 addresses in every city of its country, and an IPv6 prefix. Where an
// address is said to be may be wrong: of every hundred blocks of 256 addresses, four are placed in another
// city of the country, for good, as place files do.
#pragma once

#include "core/demo/random.h"
#include "core/demo/sample.h"

#include <cstdint>
#include <span>
#include <string>

namespace riskdesk::lab {

struct CampusCity
{
    const char *name, *state;
    double latitude, longitude;
};
struct CampusCountry
{
    const char *code;
    int hoursEast;    // of UTC
    bool mobileFirst; // most people have a phone only
    std::span<const CampusCity> cities;
    std::span<const unsigned> neighbours; // reached by car
};

// Providers of a country, by number: 0 to 2 give homes a line, 3 and 4 are carriers, 5 and 6 rent servers.
inline constexpr unsigned homeProviders = 3, firstCarrier = 3, carriers = 2, firstHoster = 5, hosters = 2;
inline constexpr unsigned homeCountry = 0;

// Institutions of the home country, each with one network.
enum class Site : std::uint8_t {
    University,
    Dormitory,
    Hospital,
    Depot,
    Schools
}; // schools: 12 from here on
inline constexpr unsigned schools = 12, sites = static_cast<unsigned>(Site::Schools) + schools;
inline constexpr std::uint32_t firstSiteAsn = 65100; // … of the sites, in their order
inline constexpr std::uint32_t campusVpnAsn = 65140, onionAsn = 65141, vpnAsn = 65142, careless = 65143;

struct Where
{
    std::string ip;
    std::uint32_t asn = 0;
    unsigned country = 0, city = 0; // as a place file has it
};

[[nodiscard]] std::span<const CampusCountry> campusCountries();
// Equal for equal arguments on every machine.
[[nodiscard]] std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0);

// A line in a home, a hotel or a café: `line` says which, and another `lease` is another address.
[[nodiscard]] Where fixedLine(unsigned country, unsigned city, unsigned provider, std::uint64_t line,
                              std::uint64_t lease, bool six);
// Through one of a carrier's gateways, most of which stand in the first cities of the country.
[[nodiscard]] Where overCarrier(unsigned country, unsigned carrier, bool six, demo::Random &random);
[[nodiscard]] Where rentedServer(unsigned country, std::uint64_t server);
// Institutions leave through a handful of addresses.
[[nodiscard]] Where fromSite(unsigned site, std::uint64_t gateway);
// What schools filter their web with: a handful of rented servers.
[[nodiscard]] Where throughFilter(unsigned site, std::uint64_t gateway);
[[nodiscard]] Where overCampusVpn(std::uint64_t session); // leaves in another country
[[nodiscard]] Where overVpnService(std::uint64_t exit);
[[nodiscard]] Where overOnion(std::uint64_t exit);
inline constexpr unsigned onionExits = 300, vpnExits = 400;

// What lists say of this world, incomplete as lists are.
[[nodiscard]] std::vector<demo::SampleList> campusLists();
// A bot or an attacker's host that the lists of malware and threats name.
[[nodiscard]] Where listedBot(std::uint64_t bot);
[[nodiscard]] Where listedAttacker(std::uint64_t host);

} // namespace riskdesk::lab
