#include "core/demo/sample.h"

#include "core/base/text.h"
#include "core/demo/random.h"
#include "core/demo/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace riskdesk::demo {
namespace {

constexpr std::int64_t second = 1'000'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
constexpr std::uint32_t providersPerCountry = 3;

struct Network
{
    std::uint32_t ip = 0; // v4, host order
    std::uint32_t asn = 0;
    const City *city = nullptr;
};

struct Device
{
    const Client *client = nullptr;
    std::string id;       // only managed devices have one
    int updateOffset = 0; // days; browsers do not all update on the same day
};

struct Person
{
    std::string id, name, upn, issuer; // issuer: who keeps the password of a social account
    const City *home = nullptr;
    std::uint32_t provider = 0, mobileProvider = 0;
    Network homeNetwork, mobileNetwork;
    int office = -1; // shares an address with its colleagues
    std::vector<Device> devices;
    double perDay = 0;
    double morning = 0; // hour of the day around which sign-ins gather, local time
    bool vpn = false, relay = false, forgetful = false;
    std::int64_t since = 0; // first day of the account
    const City *trip = nullptr;
    std::int64_t tripFrom = 0, tripUntil = 0;
};

struct Event
{
    std::int64_t at = 0;
    const Person *person = nullptr;
    Network network;
    Device device;
    std::string_view application;
    int code = 0;
    bool mobileNetwork = false;
    std::string_view label;
};

struct Range
{
    std::uint32_t base;
    std::uint32_t size;
};
// Documentation and benchmark ranges: nobody's addresses.
constexpr Range torExits = {0xCB007100 + 16, 24};    // 203.0.113.16 …
constexpr std::uint32_t sprayAddress = 0xC633640D;   // 198.51.100.13
constexpr std::uint32_t malwareAddress = 0xC6120A00; // 198.18.10.0/24
constexpr std::uint32_t threatAddress = 0xC6121400;  // 198.18.20.0/24
constexpr std::uint32_t vpnAddress = 0xC6131000;     // 198.19.16.0/20
constexpr std::uint32_t relayAddress = 0xC6134000;   // 198.19.64.0/20
constexpr std::uint32_t hostingAddress = 0xC6138000; // 198.19.128.0/20
constexpr std::uint32_t officeEgress = 0xC6122800;   // 198.18.40.0/24, listed by mistake
constexpr std::uint32_t hostingAsn = 64900, vpnAsn = 64901, relayAsn = 64902, torAsn = 64903;

std::string text(std::uint32_t ip)
{
    return fmt::format("{}.{}.{}.{}", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

} // namespace

std::string Random::guid()
{
    const auto a = next(), b = next();
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff,
                       8 + (b >> 62), b >> 48 & 0xfff, b & 0xffffffffffff);
}

struct Sample::Data
{
    SampleOptions options;
    Random random;
    std::int64_t begin;
    std::vector<Person> people;
    std::vector<Event> planned; // attacks, sorted by time
    std::vector<Network> offices;
    std::vector<SampleLabel> labels;
    double cityWeight = 0, clientWeight = 0;

    explicit Data(const SampleOptions &o)
        : options(o)
        , random(o.seed * 0x9e3779b97f4a7c15ULL + o.users)
        , begin(o.end.us - static_cast<std::int64_t>(o.days) * day)
    {
        for (const auto &city : cities())
            cityWeight += city.weight;
        for (const auto &client : clients())
            clientWeight += client.weight;
        makeOffices();
        makePeople();
        planAttacks();
        std::stable_sort(planned.begin(), planned.end(),
                         [](const Event &a, const Event &b) { return a.at < b.at; });
    }

    const City &anyCity()
    {
        double at = random.uniform() * cityWeight;
        for (const auto &city : cities())
            if ((at -= city.weight) < 0)
                return city;
        return cities().front();
    }
    const Client &anyClient()
    {
        double at = random.uniform() * clientWeight;
        for (const auto &client : clients())
            if ((at -= client.weight) < 0)
                return client;
        return clients().front();
    }

    // Every provider of a country owns a /14 of the reserved range; a city is a /19 of it, so that neighbours
    // share networks as they do in life.
    Network providerNetwork(const City &city, std::uint32_t provider, bool mobile)
    {
        const auto index = static_cast<std::uint32_t>(&city - cities().data());
        std::uint32_t country = 0;
        while (cities()[country].country != city.country)
            ++country;
        const std::uint32_t block = country * providersPerCountry + provider;
        Network network;
        network.asn = 64512 + block;
        const std::uint32_t base =
            0xF0000000 + block * 0x40000 + (index - country) * 0x2000 * 2 + (mobile ? 0x2000 : 0);
        network.ip = base + random.below(mobile ? 0x200 : 0x2000); // carriers put many behind few addresses
        // A carrier's gateway often stands in another city of the country.
        network.city = mobile && random.chance(0.3) ? &cities()[country] : &city;
        return network;
    }

    void makeOffices()
    {
        for (unsigned i = 0; i < std::max(1u, options.users / 160); ++i) {
            Network office = providerNetwork(anyCity(), 0, false);
            offices.push_back(office);
        }
        offices[0].ip = officeEgress + 7;
    }

    void makePeople()
    {
        people.reserve(options.users);
        for (unsigned i = 0; i < options.users; ++i) {
            Person p;
            p.id = random.guid();
            const auto first = random.pick(firstNames()), last = random.pick(lastNames());
            p.name = fmt::format("{} {}", first, last);
            std::string mail = foldForSearch(p.name);
            std::replace(mail.begin(), mail.end(), ' ', '.');
            const auto local = random.chance(0.5) ? mail : fmt::format("{}{}", mail, random.below(90) + 10);
            p.upn =
                fmt::format("{}{}@{}", local, i < 1 ? "" : fmt::format(".{}", i), random.pick(mailDomains()));
            if (random.chance(0.26))
                p.issuer = random.chance(0.6)   ? "google.com"
                           : random.chance(0.6) ? "facebook.com"
                                                : "apple.com";
            p.home = &anyCity();
            p.provider = random.below(providersPerCountry);
            p.mobileProvider = random.below(providersPerCountry);
            p.homeNetwork = providerNetwork(*p.home, p.provider, false);
            p.mobileNetwork = providerNetwork(*p.home, p.mobileProvider, true);
            if (random.chance(0.22)) {
                for (unsigned attempt = 0; attempt < 8 && p.office < 0; ++attempt) {
                    const auto office = random.below(static_cast<std::uint32_t>(offices.size()));
                    if (offices[office].city->country == p.home->country)
                        p.office = static_cast<int>(office);
                }
            }
            const unsigned devices = random.chance(0.5) ? 2 : 1;
            for (unsigned d = 0; d < devices; ++d) {
                Device device;
                device.client = &anyClient();
                device.updateOffset = static_cast<int>(random.below(35));
                if (random.chance(0.15))
                    device.id = random.guid();
                p.devices.push_back(device);
            }
            // A median of one sign-in in three days, with a long tail of daily users.
            p.perDay = std::clamp(0.34 * portableExp(1.05 * random.normal()), 0.02, 6.0);
            p.morning = random.chance(0.6) ? 9 + 2 * random.normal() : 20 + 2 * random.normal();
            p.vpn = random.chance(0.004);
            p.relay = p.devices[0].client->mobile && p.devices[0].client->browser == "Mobile Safari" &&
                      random.chance(0.15);
            p.forgetful = random.chance(0.25);
            p.since = random.chance(0.93)
                          ? begin - day
                          : begin + static_cast<std::int64_t>(random.uniform() * options.days) * day;
            people.push_back(std::move(p));
        }
    }

    // A person active enough that the engine knows them, for attacks to fall on.
    Person &victim(bool local)
    {
        for (;;) {
            auto &p = people[random.below(static_cast<std::uint32_t>(people.size()))];
            if (tries++ > 100000 ||
                (p.perDay > 0.3 && p.since < begin && (!local || p.issuer.empty()) && !p.vpn))
                return p;
        }
    }
    unsigned tries = 0;

    Device attackerDevice(unsigned kind)
    {
        Device device;
        device.client = &clients()[kind % 3];
        device.updateOffset = 700; // an old version
        return device;
    }

    void attack(std::int64_t at, const Person &p, Network network, const Device &device,
                std::string_view label, int code = 0)
    {
        Event e;
        e.at = at;
        e.person = &p;
        e.network = network;
        e.device = device;
        e.application = applications()[0];
        e.code = code;
        e.label = label;
        planned.push_back(std::move(e));
    }

    const City &farFrom(const City &home)
    {
        static constexpr std::array<std::string_view, 6> usual = {"Ho Chi Minh City", "Lagos", "Jakarta",
                                                                  "Bucharest",        "Kyiv",  "Sao Paulo"};
        for (;;) {
            const auto name = usual[random.below(usual.size())];
            for (const auto &city : cities())
                if (city.name == name && city.country != home.country)
                    return city;
        }
    }

    // Random numbers are drawn in statements of their own: the order of arguments is the compiler's choice.
    Network foreignNetwork(const Person &p)
    {
        const auto provider = random.below(3);
        return providerNetwork(farFrom(*p.home), provider, false);
    }

    std::int64_t sometime(double lastDays)
    {
        const double span = std::min(lastDays, static_cast<double>(options.days) * 0.6);
        return options.end.us -
               static_cast<std::int64_t>(random.uniform() * span * static_cast<double>(day)) - hour;
    }

    void planAttacks()
    {
        const auto scaled = [&](unsigned n) { return std::max(1u, n * options.users / 4000); };
        // One spray with two hits, three days before the end.
        {
            const auto start = options.end.us - 3 * day + 2 * hour;
            const Network source{sprayAddress, hostingAsn, &cities()[26]};
            Device device = attackerDevice(0);
            const unsigned targets = std::max(12u, scaled(60));
            for (unsigned i = 0; i < targets; ++i) {
                auto &p = victim(true);
                const auto at =
                    start + static_cast<std::int64_t>(i) * 65 * second + random.below(30) * second;
                const bool hit = i == targets / 3 || i == targets * 4 / 5;
                attack(at, p, source, device, "spray.attempt", 50126);
                if (!hit && random.chance(0.4))
                    attack(at + 20 * minute, p, source, device, "spray.attempt", 50126);
                if (hit)
                    attack(at + 3 * second, p, source, device, "spray.hit");
            }
        }
        const auto session = [&](std::int64_t at, const Person &p, Network network, const Device &device,
                                 std::string_view label) {
            for (unsigned i = 0, n = 1 + random.below(3); i < n; ++i)
                attack(at + static_cast<std::int64_t>(i) * (4 * minute + random.below(600) * second), p,
                       network, device, label);
        };
        for (unsigned i = 0; i < scaled(18); ++i) { // another country, another device
            auto &p = victim(false);
            const auto network = foreignNetwork(p);
            session(sometime(30), p, network, attackerDevice(i), "takeover.naive");
        }
        for (unsigned i = 0; i < scaled(12); ++i) { // a rented server in the victim's country
            auto &p = victim(false);
            const Network network{hostingAddress + random.below(4096), hostingAsn, p.home};
            session(sometime(30), p, network, attackerDevice(i), "takeover.vpn");
        }
        for (unsigned i = 0; i < scaled(8); ++i) { // a neighbour: the same provider and city
            auto &p = victim(false);
            const auto network = providerNetwork(*p.home, p.provider, false);
            session(sometime(30), p, network, attackerDevice(i), "takeover.sameProvider");
        }
        for (unsigned i = 0; i < scaled(14); ++i) { // alternating with the victim
            auto &p = victim(false);
            const auto at = sometime(30);
            attack(at, p, p.homeNetwork, p.devices[0], "");
            const auto network = foreignNetwork(p);
            attack(at + 20 * minute + random.below(7200) * second, p, network, attackerDevice(i),
                   "travel.attacker");
        }
        for (unsigned i = 0; i < scaled(16); ++i) {
            auto &p = victim(false);
            const auto device = random.chance(0.5) ? p.devices[0] : attackerDevice(i);
            const Network network{torExits.base + random.below(torExits.size), torAsn, &cities()[8]};
            session(sometime(45), p, network, device, "anonymous.tor");
        }
        for (unsigned i = 0; i < scaled(10); ++i) {
            auto &p = victim(false);
            Network network{malwareAddress + random.below(64), 64800, p.home};
            session(sometime(20), p, network, p.devices[0], "malware");
        }
        for (unsigned i = 0; i < scaled(8); ++i) {
            auto &p = victim(false);
            const Network network{threatAddress + random.below(200), hostingAsn, &farFrom(*p.home)};
            session(sometime(40), p, network, attackerDevice(i), "threat");
        }
    }

    Network where(Person &p, std::int64_t at, bool mobileDevice, bool &mobileNetwork, std::string_view &label)
    {
        mobileNetwork = false;
        if (p.trip == nullptr && random.chance(0.0006)) { // a journey, with time to get there
            p.trip = &anyCity();
            p.tripFrom = at + day;
            p.tripUntil = p.tripFrom + static_cast<std::int64_t>(2 + random.below(9)) * day;
        }
        if (p.trip != nullptr && at > p.tripUntil + day)
            p.trip = nullptr;
        if (p.trip != nullptr && at >= p.tripFrom && at <= p.tripUntil)
            return providerNetwork(*p.trip, 0, mobileDevice && random.chance(0.5));
        if (p.vpn && random.chance(0.9))
            return {vpnAddress + (p.homeNetwork.ip & 0x3f), vpnAsn,
                    p.home->country == "PT" ? &cities()[3] : p.home};
        if (p.relay && random.chance(0.5))
            return {relayAddress + random.below(4096), relayAsn, p.home};
        if (p.office >= 0 && random.chance(0.45)) {
            if (p.office == 0 && at > options.end.us - 4 * day)
                label = "falsePositive.range";
            return offices[static_cast<std::size_t>(p.office)];
        }
        if (mobileDevice && random.chance(0.55)) {
            if (random.chance(0.35))
                p.mobileNetwork = providerNetwork(*p.home, p.mobileProvider, true);
            mobileNetwork = true;
            return p.mobileNetwork;
        }
        if (random.chance(0.02))
            p.homeNetwork = providerNetwork(*p.home, p.provider, false); // the lease was renewed
        return p.homeNetwork;
    }

    void signInsOf(std::int64_t start, std::vector<Event> &events)
    {
        const auto weekday = (start / day + 4) % 7; // 0 is Sunday
        const double busy = weekday == 1 ? 1.25 : weekday == 0 || weekday == 6 ? 0.8 : 1.0;
        for (auto &p : people) {
            if (start < p.since)
                continue;
            for (std::uint32_t n = random.poisson(p.perDay * busy); n > 0; --n) {
                const double clock = p.morning + 2.6 * random.normal();
                auto at = start + static_cast<std::int64_t>((clock - p.home->zoneMinutes / 60.0) *
                                                            static_cast<double>(hour));
                at += random.below(3600) * second;
                at += random.below(1000000);
                if (random.chance(0.004)) {
                    p.devices[0].client = &anyClient(); // a new phone or laptop
                    p.devices[0].id.clear();
                }
                Event e;
                e.person = &p;
                e.device = p.devices[p.devices.size() > 1 && random.chance(0.3) ? 1 : 0];
                e.network = where(p, at, e.device.client->mobile, e.mobileNetwork, e.label);
                e.application = random.chance(0.6) ? applications()[e.device.client->mobile ? 1 : 0]
                                                   : random.pick(applications());
                if (random.chance(p.forgetful ? 0.22 : 0.08) && p.issuer.empty()) {
                    for (std::uint32_t wrong = 1 + random.below(3), i = 0; i < wrong; ++i) {
                        e.at = at - static_cast<std::int64_t>(wrong - i) * (20 + random.below(40)) * second;
                        e.code = 50126;
                        events.push_back(e);
                    }
                    e.code = 0;
                } else if (random.chance(0.03)) {
                    e.at = at - 8 * second;
                    e.code = 50140; // keep me signed in?
                    events.push_back(e);
                    e.code = 0;
                }
                e.at = at;
                events.push_back(e);
            }
        }
    }

    int version(const Event &e) const
    {
        const auto days = static_cast<int>(e.at / day) - e.device.updateOffset;
        const auto &family = e.device.client->browser;
        if (family == "Safari" || family == "Mobile Safari")
            return 15 + (days - 19000) / 365;
        if (family == "Samsung Browser")
            return 20 + (days - 19500) / 90;
        return 100 + (days - 19100) / 30; // a version a month since spring 2022
    }

    void write(const Event &e, const LineSink &sink, std::string &line)
    {
        const auto id = random.guid();
        const auto &p = *e.person;
        if (!e.label.empty())
            labels.push_back({id, p.upn, std::string(e.label)});
        const auto v = version(e);
        std::string agent(e.device.client->agent);
        for (auto at = agent.find("{}"); at != std::string::npos; at = agent.find("{}"))
            agent.replace(at, 2, std::to_string(v));
        line.clear();
        auto out = std::back_inserter(line);
        fmt::format_to(
            out,
            R"({{"id":"{}","createdDateTime":"{}","userDisplayName":{},"userPrincipalName":"{}","userId":"{}",)"
            R"("appId":"{:08x}-0000-4000-8000-000000000001","appDisplayName":"{}","ipAddress":"{}","clientAppUsed":"{}",)"
            R"("userAgent":"{}","correlationId":"{}","isInteractive":true,"resourceDisplayName":"{}",)"
            R"("authenticationRequirement":"singleFactorAuthentication","autonomousSystemNumber":{},)",
            id, Timestamp{e.at}.toIso(), jsonString(p.name), p.upn, p.id,
            static_cast<unsigned>(e.application.size() * 2654435761u), e.application, text(e.network.ip),
            e.device.client->mobile ? "Mobile Apps and Desktop clients" : "Browser", agent, random.guid(),
            e.application == "Loyalty" ? "Loyalty API" : "Storefront API", e.network.asn);
        if (!p.issuer.empty())
            fmt::format_to(out, R"("federatedTokenIssuer":"{}",)", p.issuer);
        fmt::format_to(
            out, R"("status":{{"errorCode":{},"failureReason":"{}","additionalDetails":null}},)", e.code,
            e.code == 50126 ? "Invalid username or password or Invalid on-premise username or password."
            : e.code == 50140
                ? "This occurred due to 'Keep me signed in' interrupt when the user was signing in."
                : "Other.");
        fmt::format_to(
            out,
            R"("deviceDetail":{{"deviceId":"{}","displayName":"","operatingSystem":"{}","browser":"{} {}.0.0","isCompliant":{},"isManaged":{},"trustType":""}},)",
            e.device.id, e.device.client->system, e.device.client->browser, v, !e.device.id.empty(),
            !e.device.id.empty());
        // Two in a hundred records come without coordinates.
        const auto &city = *e.network.city;
        if (random.chance(0.02))
            fmt::format_to(
                out, R"("location":{{"city":"","state":"","countryOrRegion":"{}","geoCoordinates":{{}}}})",
                city.country);
        else
            fmt::format_to(
                out,
                R"("location":{{"city":"{}","state":"{}","countryOrRegion":"{}","geoCoordinates":{{"altitude":null,"latitude":{},"longitude":{}}}}})",
                city.name, city.region, city.country, city.latitude, city.longitude);
        if (options.full)
            for (unsigned i = 0; i < 3; ++i)
                fmt::format_to(
                    out,
                    R"({}{{"id":"{}","displayName":"Policy {}: customers sign in from known clients","enforcedGrantControls":["Mfa"],"enforcedSessionControls":[],"result":"notApplied","conditionsSatisfied":"application,users","conditionsNotSatisfied":"devicePlatform"}}{})",
                    i == 0 ? R"(,"conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[)"
                           : ",",
                    random.guid(), i + 1, i == 2 ? "]" : "");
        line += "}\n";
        sink(line);
    }
};

Sample::Sample(const SampleOptions &options)
    : m(std::make_unique<Data>(options))
{}
Sample::~Sample() = default;

void Sample::writeUsers(const LineSink &sink) const
{
    for (const auto &p : m->people) {
        const auto mail = jsonString(p.upn);
        sink(fmt::format(
            R"({{"id":"{}","displayName":{},"userPrincipalName":{},"mail":{},"accountEnabled":true,"createdDateTime":"{}","identities":[{{"signInType":"{}","issuer":"{}","issuerAssignedId":{}}}]}})"
            "\n",
            p.id, jsonString(p.name), mail, mail,
            Timestamp{std::min(p.since, m->begin) / second * second}.toIso(),
            p.issuer.empty() ? "emailAddress" : "federated",
            p.issuer.empty() ? "meadowmarket.onmicrosoft.com" : p.issuer, mail));
    }
}

std::uint64_t Sample::writeSignIns(const LineSink &sink, std::uint64_t limit)
{
    std::uint64_t written = 0;
    std::size_t nextPlanned = 0;
    std::vector<Event> events, early;
    std::string line;
    const auto &end = m->options.end.us;
    for (std::int64_t start = m->begin / day * day; start < end; start += day) {
        // Local time makes a day's sign-ins spill over its borders; what lies beyond waits for the next day.
        events = std::move(early);
        early.clear();
        m->signInsOf(start, events);
        std::stable_sort(events.begin(), events.end(),
                         [](const Event &a, const Event &b) { return a.at < b.at; });
        const bool last = start + day >= end;
        const auto border = last ? end : start + day - 14 * hour;
        const auto cut =
            std::find_if(events.begin(), events.end(), [&](const Event &e) { return e.at >= border; });
        early.assign(cut, events.end());
        events.erase(cut, events.end());
        for (std::size_t i = 0;
             i < events.size() || (nextPlanned < m->planned.size() && m->planned[nextPlanned].at < border);) {
            const bool isPlanned = nextPlanned < m->planned.size() &&
                                   (i == events.size() || m->planned[nextPlanned].at < events[i].at);
            const auto &e = isPlanned ? m->planned[nextPlanned++] : events[i++];
            if (e.at >= end || e.at < m->begin)
                continue;
            if (written == limit)
                return written;
            m->write(e, sink, line);
            ++written;
        }
    }
    return written;
}

std::vector<SampleList> Sample::lists() const
{
    const auto date = Timestamp{m->options.end.us}.toIso().substr(0, 10);
    const auto from = Timestamp{m->begin - 30 * day}.toIso().substr(0, 10);
    std::vector<SampleList> all;
    // The lists carry their own date, so that it does not depend on when the files were written.
    const auto head = fmt::format("# Made for the sample directory. Updated {}\n", date);
    std::string tor = head + "network,kind,provider,first_seen,last_seen\n";
    for (std::uint32_t i = 0; i < torExits.size; ++i)
        tor += fmt::format("{},tor,,{},{}\n", text(torExits.base + i), from, date);
    all.push_back({ListKind::Anonymizer, "Sample Tor exits", NetworkClass::Tor, "", tor});
    all.push_back({ListKind::Anonymizer, "Sample networks", NetworkClass::Unknown, "",
                   head + fmt::format("network,kind,provider,first_seen,last_seen\n{}/20,vpn,Harbour "
                                      "VPN,{},{}\n{}/20,relay,Private Relay,{},{}\n"
                                      "{}/20,hosting,Cloudyard,{},{}\n{}/24,vpn,Northpass,{},{}\n",
                                      text(vpnAddress), from, date, text(relayAddress), from, date,
                                      text(hostingAddress), from, date, text(officeEgress),
                                      Timestamp{m->options.end.us - 4 * day}.toIso().substr(0, 10), date)});
    all.push_back(
        {ListKind::Malware, "Sample malware networks", NetworkClass::Unknown, "",
         head + fmt::format("network,malware,confidence,first_seen,last_seen\n{}/26,Harrow,90,{},{}\n",
                            text(malwareAddress), from, date)});
    all.push_back(
        {ListKind::Threat, "Sample indicators", NetworkClass::Unknown, "",
         head +
             fmt::format(
                 "type,value,confidence,valid_from,valid_until,label\ncidr,{}/24,85,{},{},Tidewater group\n",
                 text(threatAddress), from, date)});
    // The first office's network is the one listed by mistake; whether to trust it is the person's decision.
    if (m->offices.size() > 1)
        all.push_back(
            {ListKind::Trusted, "Sample locations", NetworkClass::Unknown, "",
             head + fmt::format("name,network,trusted\nWarehouse,{},true\n", text(m->offices[1].ip))});
    return all;
}

const std::vector<SampleLabel> &Sample::labels() const
{
    return m->labels;
}

} // namespace riskdesk::demo
