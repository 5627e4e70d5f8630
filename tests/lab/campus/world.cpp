#include "tests/lab/campus/world.h"

#include <fmt/format.h>

#include <iterator>

namespace riskdesk::lab {
namespace {

constexpr unsigned providers = firstHoster + hosters, mostCities = 6;
constexpr std::uint32_t firstAsn = 64512;

unsigned below(std::uint64_t hash, std::size_t n)
{
    return static_cast<unsigned>(hash % n);
}

unsigned cityCount(unsigned country)
{
    return static_cast<unsigned>(campusCountries()[country].cities.size());
}

// Blocks count up from 21.0.0.0, 65,536 addresses each.
std::string fourth(unsigned block, unsigned host)
{
    return fmt::format("{}.{}.{}.{}", 21 + block / 256, block % 256, host / 256, host % 256);
}

// Equal for the addresses of one block of 256, and mostly the truth.
unsigned asPlaced(unsigned country, unsigned city, unsigned block, unsigned host)
{
    const auto hash = mixed(block, host / 256, 0x91ace);
    return hash % 100 < 4 ? below(hash >> 20, cityCount(country)) : city;
}

Where located(unsigned country, unsigned city, unsigned provider, unsigned host, bool six,
              std::uint64_t interface)
{
    const unsigned block = (country * providers + provider) * mostCities + city;
    Where w;
    w.asn = firstAsn + country * 8 + provider;
    w.country = country;
    w.city = asPlaced(country, city, block, host);
    w.ip = six ? fmt::format("2a0e:{:x}:{:x}::{:x}:{:x}", 0x1000 + block, host, interface >> 16 & 0xffff,
                             1 + (interface & 0x7fff))
               : fourth(block, host);
    return w;
}

// Of networks that stand outside the countries' providers, from 27.0.0.0 on.
Where special(unsigned network, std::uint32_t asn, unsigned country, unsigned city, unsigned host)
{
    return {fourth(6 * 256 + network, host), asn, country, city};
}

std::string listOf(unsigned count, unsigned percent, Where (*make)(std::uint64_t))
{
    std::string text;
    for (unsigned i = 0; i < count; ++i)
        if (mixed(i, count, 0x115) % 100 < percent)
            text += make(i).ip + "\n";
    return text;
}

} // namespace

std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c)
{
    return demo::Random(a * 0x100000001b3ULL ^ b * 0xff51afd7ed558ccdULL ^ (c + 0x2545f491ULL)).next();
}

Where fixedLine(unsigned country, unsigned city, unsigned provider, std::uint64_t line, std::uint64_t lease,
                bool six)
{
    const auto hash = mixed(line, lease, 1);
    return located(country, city, provider, 256 + below(hash, 65'000), six, hash >> 24);
}

Where overCarrier(unsigned country, unsigned carrier, bool six, demo::Random &random)
{
    const double turn = random.uniform();
    const unsigned city = turn < 0.45 ? 0 : turn < 0.65 ? 1 : random.below(cityCount(country));
    // Homes' blocks are the same size; gateways are 192 addresses of three blocks of 256.
    const unsigned host = 256 * (10 + 7 * random.below(3)) + random.below(64);
    return located(country, city, firstCarrier + carrier, host, six, random.next());
}

Where rentedServer(unsigned country, std::uint64_t server)
{
    const auto hash = mixed(server, country, 2);
    return located(country, below(hash >> 8, cityCount(country)), firstHoster + below(hash, hosters),
                   256 + below(hash >> 16, 20'000), false, 0);
}

Where fromSite(unsigned site, std::uint64_t gateway)
{
    const bool school = site >= static_cast<unsigned>(Site::Schools);
    const unsigned city = school ? (site - static_cast<unsigned>(Site::Schools)) % mostCities : 0;
    return special(site, firstSiteAsn + site, homeCountry, city, 256 + below(gateway, school ? 1 : 6));
}

Where throughFilter(unsigned site, std::uint64_t gateway)
{
    return rentedServer(homeCountry, mixed(site, below(gateway, 4), 0xf117));
}

Where overCampusVpn(std::uint64_t session)
{
    return special(40, campusVpnAsn, 5, 0, 512 + below(session, 4));
}

Where overVpnService(std::uint64_t exit)
{
    const unsigned host = below(exit, vpnExits);
    const unsigned country = host % 2 == 0 ? 5 : below(mixed(host, 3), campusCountries().size());
    return special(50 + country, vpnAsn, country, 0, 256 + host);
}

Where overOnion(std::uint64_t exit)
{
    const unsigned host = below(exit, onionExits);
    static constexpr unsigned countries[] = {5, 5, 1, 15, 16, 11};
    const unsigned country = countries[host % 6];
    return special(80 + country, onionAsn, country, 0, 256 + host);
}

Where listedBot(std::uint64_t bot)
{
    // Somebody's computer at home, from which the attacker works.
    const unsigned number = below(bot, 120);
    const auto hash = mixed(number, 7);
    const unsigned country = below(hash, campusCountries().size());
    return located(country, below(hash >> 8, cityCount(country)), below(hash >> 16, homeProviders),
                   65'300 + number, false, 0);
}

Where listedAttacker(std::uint64_t host)
{
    const unsigned number = below(host, 60);
    const unsigned country = number % 2 == 0 ? 16 : 17;
    return special(110 + country, careless, country, 0, 256 + number);
}

std::vector<demo::SampleList> campusLists()
{
    std::vector<demo::SampleList> lists;
    const auto add = [&](ListKind kind, const char *name, NetworkClass of, const char *provider,
                         std::string text) {
        lists.push_back({kind, name, of, provider, std::move(text)});
    };
    add(ListKind::Anonymizer, "onion-exits.txt", NetworkClass::Tor, "", listOf(onionExits, 92, overOnion));
    add(ListKind::Anonymizer, "vpn-service.txt", NetworkClass::Vpn, "Burrow",
        listOf(vpnExits, 80, overVpnService));
    // Hosters are known by their blocks, one of two of them, and not in every country.
    std::string hosting, mobile;
    for (unsigned country = 0; country < campusCountries().size(); ++country) {
        for (unsigned city = 0; city < cityCount(country); ++city)
            if (mixed(country, city, 5) % 100 < 60)
                hosting += fourth((country * providers + firstHoster) * mostCities + city, 0) + "/16\n";
        // … and half of a VPN's exits stand in their halls.
        if (mixed(country, 6) % 2 == 0)
            hosting += fourth(6 * 256 + 50 + country, 0) + "/16\n";
        for (unsigned carrier = 0; carrier < carriers; ++carrier)
            mobile += fmt::format("AS{}\n", firstAsn + country * 8 + firstCarrier + carrier);
    }
    add(ListKind::Anonymizer, "rented-servers.txt", NetworkClass::Hosting, "", std::move(hosting));
    add(ListKind::Mobile, "carriers.txt", NetworkClass::Unknown, "", std::move(mobile));
    std::string malware = "network,malware,confidence,first_seen,last_seen\n";
    for (unsigned i = 0; i < 120; ++i)
        if (i % 8 != 0)
            malware += listedBot(i).ip + ",Ferret,90,,\n";
    add(ListKind::Malware, "bots.csv", NetworkClass::Unknown, "", std::move(malware));
    std::string threats = "type,value,confidence,valid_from,valid_until,label\n";
    for (unsigned i = 0; i < 60; ++i)
        if (i % 10 != 0)
            threats += "ip," + listedAttacker(i).ip + ",80,,,Grey Stoat\n";
    add(ListKind::Threat, "attackers.csv", NetworkClass::Unknown, "", std::move(threats));
    return lists;
}

} // namespace riskdesk::lab
