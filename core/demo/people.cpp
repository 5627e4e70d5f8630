// The people of a sample: homes, networks, devices, hours, and an ordinary day.
#include "core/base/text.h"
#include "core/demo/portable_math.h"
#include "core/demo/sample_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace riskdesk::demo {
namespace {

template <typename T>
const T &byWeight(Random &random, std::span<const T> all)
{
    double whole = 0;
    for (const T &one : all)
        whole += one.weight;
    double at = random.uniform() * whole;
    for (const T &one : all)
        if ((at -= one.weight) < 0)
            return one;
    return all.front();
}

// From door to door at 800 km/h and three hours beside. The way along the sphere is at most π/2 of the chord.
std::int64_t flightTime(const City &a, const City &b)
{
    const auto cosine = [](double degrees) { return portableCosine(std::abs(degrees) / 360); };
    const auto sine = [&](double degrees) { return cosine(std::abs(degrees - 90)); };
    const double x = cosine(a.latitude) * cosine(a.longitude) - cosine(b.latitude) * cosine(b.longitude);
    const double y = cosine(a.latitude) * sine(a.longitude) - cosine(b.latitude) * sine(b.longitude);
    const double z = sine(a.latitude) - sine(b.latitude);
    const double km = 6371 * 1.5708 * std::sqrt(x * x + y * y + z * z);
    return static_cast<std::int64_t>((km / 800 + 3) * static_cast<double>(hour));
}

} // namespace

const City &Sample::Data::anyCity()
{
    return byWeight(random, cities());
}

const Client &Sample::Data::anyClient()
{
    return byWeight(random, clients());
}

// Every provider of a country owns a /14 of the reserved range; a city is a /18 of it, so that neighbours
// share networks as they do in life.
Network Sample::Data::providerNetwork(const City &city, std::uint32_t provider, bool mobile)
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
    network.mobile = mobile;
    // A carrier's gateway often stands in another city of the country.
    network.city = mobile && random.chance(0.3) ? &cities()[country] : &city;
    return network;
}

void Sample::Data::makeOffices()
{
    for (unsigned i = 0; i < std::max(1u, options.users / 160); ++i)
        offices.push_back(providerNetwork(anyCity(), 0, false));
    offices[0].ip = officeEgress + 7;
}

void Sample::Data::settle(Person &p, const City &city)
{
    p.home = &city;
    p.provider = random.below(providersPerCountry);
    p.mobileProvider = random.below(providersPerCountry);
    p.homeNetwork = providerNetwork(city, p.provider, false);
    p.mobileNetwork = providerNetwork(city, p.mobileProvider, true);
    p.office = -1;
}

Person Sample::Data::makePerson(unsigned number)
{
    const Habits &habits = options.habits;
    Person p;
    p.id = random.guid();
    const auto first = random.pick(firstNames()), last = random.pick(lastNames());
    p.name = fmt::format("{} {}", first, last);
    std::string mail = foldForSearch(p.name);
    std::replace(mail.begin(), mail.end(), ' ', '.');
    const auto local = random.chance(0.5) ? mail : fmt::format("{}{}", mail, random.below(90) + 10);
    p.upn = fmt::format("{}{}@{}", local, number < 1 ? "" : fmt::format(".{}", number),
                        random.pick(mailDomains()));
    if (random.chance(0.26))
        p.issuer = random.chance(0.6) ? "google.com" : random.chance(0.6) ? "facebook.com" : "apple.com";
    settle(p, anyCity());
    if (!people.empty() && random.chance(habits.household)) {
        p.home = people.back().home;
        p.provider = people.back().provider;
        p.homeNetwork = people.back().homeNetwork;
        p.mobileNetwork = providerNetwork(*p.home, p.mobileProvider, true);
    }
    if (random.chance(0.22))
        for (unsigned attempt = 0; attempt < 8 && p.office < 0; ++attempt) {
            const auto office = random.below(static_cast<std::uint32_t>(offices.size()));
            if (offices[office].city->country == p.home->country)
                p.office = static_cast<int>(office);
        }
    p.companyVpn = p.office >= 0 && random.chance(habits.companyVpn);
    const unsigned devices = random.chance(0.5) ? 2 : 1;
    for (unsigned d = 0; d < devices; ++d) {
        Device device;
        device.client = &anyClient();
        device.updateOffset = static_cast<int>(random.below(35));
        if (random.chance(0.15))
            device.id = random.guid();
        p.devices.push_back(device);
    }
    p.perDay = std::clamp(habits.signIns * portableExp(habits.spread * random.normal()), 0.001, 6.0);
    p.morning = random.chance(0.6) ? 9 + 2 * random.normal() : 20 + 2 * random.normal();
    p.vpn = random.chance(habits.vpn);
    p.relay =
        p.devices[0].client->mobile && p.devices[0].client->browser == "Mobile Safari" && random.chance(0.15);
    p.forgetful = random.chance(0.25);
    p.since = random.chance(0.93) ? begin - day
                                  : begin + static_cast<std::int64_t>(random.uniform() * options.days) * day;
    if (random.chance(habits.move)) {
        p.next = &anyCity();
        p.moveAt =
            begin + static_cast<std::int64_t>(random.uniform() * options.days * static_cast<double>(day));
    }
    return p;
}

void Sample::Data::makePeople()
{
    people.reserve(options.users);
    for (unsigned i = 0; i < options.users; ++i)
        people.push_back(makePerson(i));
}

// A journey leaves time to get there; a move is for good.
void Sample::Data::plan(Person &p, std::int64_t at)
{
    if (p.next != nullptr && at >= p.moveAt) {
        settle(p, *p.next);
        p.next = nullptr;
    }
    if (p.trip == nullptr && random.chance(options.habits.journey)) {
        p.trip = &anyCity();
        p.tripFrom = at + day;
        p.tripUntil = p.tripFrom + static_cast<std::int64_t>(2 + random.below(9)) * day;
    }
    if (p.trip != nullptr && at > p.tripUntil + 2 * day)
        p.trip = nullptr;
}

// Between two cities nobody signs in, except by the aircraft's Wi-Fi.
bool Sample::Data::inTheAir(const Person &p, std::int64_t at) const
{
    if (p.next != nullptr && at < p.moveAt && at >= p.moveAt - flightTime(*p.home, *p.next))
        return true;
    if (p.trip == nullptr)
        return false;
    const auto flight = flightTime(*p.home, *p.trip);
    return (at < p.tripFrom && at >= p.tripFrom - flight) || (at > p.tripUntil && at <= p.tripUntil + flight);
}

Network Sample::Data::where(Person &p, std::int64_t at, bool mobileDevice, std::string_view &label)
{
    if (inTheAir(p, at)) {
        label = "benign.onBoard";
        return {onBoardAddress + random.below(256), onBoardAsn, &cityNamed("Milan"), false};
    }
    if (p.moveAt != 0 && at >= p.moveAt && at < p.moveAt + 14 * day)
        label = "benign.move";
    if (p.trip != nullptr && at >= p.tripFrom && at <= p.tripUntil) {
        label = "benign.journey";
        const bool roaming = mobileDevice && random.chance(0.5);
        return providerNetwork(*p.trip, 0, roaming);
    }
    if (p.vpn && random.chance(0.9)) {
        label = "benign.vpn";
        // Half of them end in another country than their own.
        const bool abroad = (p.homeNetwork.asn & 1) != 0;
        return {vpnAddress + (p.homeNetwork.ip & 0x3f), vpnAsn,
                abroad ? &cityNamed(p.home->country == "NL" ? "Zurich" : "Amsterdam") : p.home, false};
    }
    if (p.relay && random.chance(0.5)) {
        label = "benign.relay";
        return {relayAddress + random.below(4096), relayAsn, p.home, false};
    }
    if (p.office >= 0 && random.chance(0.45)) {
        label = p.office == 0 && at > options.end.us - 4 * day ? "benign.listed" : "benign.office";
        Network office = offices[static_cast<std::size_t>(p.office)];
        if (p.companyVpn && random.chance(0.5)) {
            label = "benign.companyVpn";
            office.ip += 64;
            office.city = &cityNamed(p.home->country == "IE" ? "Zurich" : "Dublin");
        }
        return office;
    }
    if (mobileDevice && random.chance(0.55)) {
        if (random.chance(0.35))
            p.mobileNetwork = providerNetwork(*p.home, p.mobileProvider, true);
        if (p.mobileNetwork.city != p.home)
            label = "benign.carrier";
        return p.mobileNetwork;
    }
    if (random.chance(0.02))
        p.homeNetwork = providerNetwork(*p.home, p.provider, false); // the lease was renewed
    return p.homeNetwork;
}

void Sample::Data::signInOf(Person &p, std::int64_t at, std::vector<Event> &events)
{
    plan(p, at);
    if (inTheAir(p, at) && !(options.habits.incidents && random.chance(0.3)))
        return;
    if (random.chance(options.habits.newDevice)) {
        p.devices[0].client = &anyClient(); // a new phone or laptop
        p.devices[0].id.clear();
        p.devices[0].isNew = true;
    }
    Event e;
    e.person = &p;
    Device &device = p.devices[p.devices.size() > 1 && random.chance(0.3) ? 1 : 0];
    if (device.isNew)
        e.label = "benign.device";
    device.isNew = false;
    e.device = device;
    std::string_view place;
    e.network = where(p, at, e.device.client->mobile, place);
    if (!place.empty())
        e.label = place;
    e.application =
        random.chance(0.6) ? applications()[e.device.client->mobile ? 1 : 0] : random.pick(applications());
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

void Sample::Data::signInsOf(std::int64_t start, std::vector<Event> &events)
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
            signInOf(p, at, events);
        }
    }
    if (options.habits.incidents)
        incidentsOf(start, events);
}

// The first morning of a term: whole classes behind one new address, half of them for the first time at all.
// Many mistype and then get in, a few give up.
void Sample::Data::schoolBegins(std::int64_t start, unsigned term, std::vector<Event> &events)
{
    const unsigned schools = std::max(1u, options.users / 4000);
    for (unsigned school = 0; school < schools; ++school) {
        const City &city = anyCity();
        const Network network{schoolAddress + (term * schools + school) % 256,
                              providerNetwork(city, 0, false).asn, &city, false};
        for (unsigned pupil = 0; pupil < 60; ++pupil) {
            auto &p =
                pupil % 2 == 0 ? anybody() : people[random.below(static_cast<std::uint32_t>(people.size()))];
            if (!p.issuer.empty() || start < p.since)
                continue;
            Event e;
            e.person = &p;
            e.network = network;
            e.device = p.devices[0];
            e.application = applications()[0];
            e.label = "benign.school";
            const auto at = start + 8 * hour + random.below(40 * 60) * second + random.below(1'000'000);
            const bool givesUp = random.chance(0.05);
            const std::uint32_t slips = givesUp              ? 2 + random.below(3)
                                        : random.chance(0.3) ? 1 + random.below(2)
                                                             : 0;
            for (std::uint32_t i = 0; i < slips; ++i) {
                e.at = at - static_cast<std::int64_t>(slips - i) * (15 + random.below(30)) * second;
                e.code = 50126;
                events.push_back(e);
            }
            e.at = at;
            e.code = 0;
            if (!givesUp)
                events.push_back(e);
        }
    }
}

// What makes a directory look attacked when it is not.
void Sample::Data::incidentsOf(std::int64_t start, std::vector<Event> &events)
{
    const auto dayNumber = static_cast<unsigned>((start - begin) / day);
    if (dayNumber == options.days * 3 / 10 || dayNumber == options.days * 5 / 10)
        schoolBegins(start, dayNumber == options.days * 3 / 10 ? 0 : 1, events);
    const auto at = [&](int from, int hours) {
        return start + from * hour + random.below(static_cast<std::uint32_t>(hours) * 60) * minute +
               random.below(60'000'000);
    };
    const auto labelled = [&events](std::size_t since, std::string_view label) {
        for (std::size_t i = since; i < events.size(); ++i)
            events[i].label = label;
    };
    if (dayNumber == options.days * 6 / 10) { // everybody's password was reset: a tenth comes at once
        for (auto &p : people)
            if (start >= p.since && p.issuer.empty() && random.chance(0.1)) {
                const auto before = events.size();
                const auto when = at(9, 2);
                signInOf(p, when, events);
                if (events.size() == before)
                    continue;
                Event wrong = events.back();
                wrong.code = 50126;
                for (int i = 1; i <= 2; ++i) {
                    wrong.at = when - i * 40 * second;
                    events.push_back(wrong);
                }
                labelled(before, "benign.reset");
            }
    } else if (dayNumber == options.days * 7 / 10) { // an hour in which nothing answered
        const auto from = start + 10 * hour;
        const auto whole = events.size();
        for (std::size_t i = 0; i < whole; ++i)
            if (events[i].at >= from && events[i].at < from + hour) {
                Event failed = events[i];
                failed.code = 90033;
                events[i].at += hour;
                events[i].label = failed.label = "benign.outage";
                events.push_back(failed);
            }
    } else if (dayNumber == options.days * 8 / 10) { // a sale begins at seven in the evening
        for (auto &p : people)
            if (start >= p.since && random.chance(0.05)) {
                const auto before = events.size();
                signInOf(p, at(19, 1), events);
                labelled(before, "benign.evening");
            }
    }
}

} // namespace riskdesk::demo
