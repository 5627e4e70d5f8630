// What is done to the people of a sample. Detections are never made here: the engine has to find them.
#include "core/demo/sample_data.h"

#include <algorithm>
#include <array>

namespace riskdesk::demo {

// A person active enough that the engine knows them.
Person &Sample::Data::victim(bool keepsPassword)
{
    const Attacks &attacks = options.attacks;
    for (;;) {
        auto &p = people[random.below(static_cast<std::uint32_t>(people.size()))];
        const bool fits = p.perDay > attacks.leastSignIns && p.since < begin &&
                          (!keepsPassword || p.issuer.empty()) && !p.vpn && p.next == nullptr &&
                          !(attacks.onceEach && p.attacked);
        if (fits || tries++ > 100000) {
            p.attacked = true;
            return p;
        }
    }
}

// A person who has signed in a few times at most.
Person &Sample::Data::newcomer()
{
    for (;;) {
        auto &p = people[random.below(static_cast<std::uint32_t>(people.size()))];
        if ((p.perDay < 3.0 / options.days && !p.vpn && !p.attacked) || tries++ > 100000) {
            p.attacked = true;
            return p;
        }
    }
}

Person &Sample::Data::anybody()
{
    for (;;) {
        auto &p = people[random.below(static_cast<std::uint32_t>(people.size()))];
        if (p.issuer.empty() || tries++ > 100000)
            return p;
    }
}

Device Sample::Data::attackerDevice(unsigned kind)
{
    Device device;
    device.client = &clients()[kind % 3];
    device.updateOffset = 700; // an old version
    return device;
}

void Sample::Data::attack(std::int64_t at, const Person &p, const Network &network, const Device &device,
                          std::string_view label, int code, unsigned campaign)
{
    Event e;
    e.at = at;
    e.person = &p;
    e.network = network;
    e.device = device;
    e.application = applications()[0];
    e.code = code;
    e.label = label;
    e.campaign = campaign;
    planned.push_back(std::move(e));
}

void Sample::Data::session(std::int64_t at, const Person &p, const Network &network, const Device &device,
                           std::string_view label)
{
    for (unsigned i = 0, n = 1 + random.below(3); i < n; ++i)
        attack(at + static_cast<std::int64_t>(i) * (4 * minute + random.below(600) * second), p, network,
               device, label);
}

Network Sample::Data::foreignNetwork(const Person &p)
{
    static constexpr std::array<std::string_view, 6> usual = {"Ho Chi Minh City", "Lagos", "Jakarta",
                                                              "Bucharest",        "Kyiv",  "Sao Paulo"};
    for (;;) {
        const City &city = cityNamed(usual[random.below(usual.size())]);
        if (city.country == p.home->country)
            continue;
        const auto provider = random.below(providersPerCountry);
        return providerNetwork(city, provider, false);
    }
}

Network Sample::Data::rentedServer(const Person &p)
{
    return {hostingAddress + random.below(4096), hostingAsn, p.home, false};
}

std::int64_t Sample::Data::sometime(double lastDays)
{
    const double span = std::min(lastDays, static_cast<double>(options.days) * 0.6);
    return options.end.us - static_cast<std::int64_t>(random.uniform() * span * static_cast<double>(day)) -
           hour;
}

void Sample::Data::planAttacks()
{
    planSprays();
    planTakeovers();
    std::stable_sort(planned.begin(), planned.end(),
                     [](const Event &a, const Event &b) { return a.at < b.at; });
}

void Sample::Data::planTakeovers()
{
    const Attacks &attacks = options.attacks;
    const auto times = [this](unsigned n) {
        return n == 0 ? 0 : std::max(1u, static_cast<unsigned>(std::uint64_t{n} * options.users / 4000));
    };
    for (unsigned i = 0; i < times(attacks.naive); ++i) {
        auto &p = victim(false);
        const auto network = foreignNetwork(p);
        session(sometime(30), p, network, attackerDevice(i), "takeover.naive");
    }
    for (unsigned i = 0; i < times(attacks.vpn); ++i) {
        auto &p = victim(false);
        const auto network = rentedServer(p);
        session(sometime(30), p, network, attackerDevice(i), "takeover.vpn");
    }
    for (unsigned i = 0; i < times(attacks.sameProvider); ++i) {
        auto &p = victim(false);
        const auto network = providerNetwork(*p.home, p.provider, false);
        session(sometime(30), p, network, attackerDevice(i), "takeover.sameProvider");
    }
    for (unsigned i = 0; i < times(attacks.targeted); ++i) {
        auto &p = victim(false);
        const auto network = providerNetwork(*p.home, p.provider, false);
        Device device = p.devices[0];
        device.id.clear();
        session(sometime(30), p, network, device, "takeover.targeted");
    }
    for (unsigned i = 0; i < times(attacks.cookie); ++i) {
        auto &p = victim(false);
        const auto network = rentedServer(p);
        session(sometime(30), p, network, p.devices[0], "takeover.cookie");
    }
    for (unsigned i = 0; i < times(attacks.travel); ++i) {
        auto &p = victim(false);
        const auto at = sometime(30);
        attack(at, p, p.homeNetwork, p.devices[0], "");
        const auto network = foreignNetwork(p);
        attack(at + 20 * minute + random.below(7200) * second, p, network, attackerDevice(i),
               "travel.attacker");
    }
    for (unsigned i = 0; i < times(attacks.tor); ++i) {
        auto &p = victim(false);
        const auto device = random.chance(0.5) ? p.devices[0] : attackerDevice(i);
        const Network network{torExits + random.below(torExitCount), torAsn, &cityNamed("Berlin"), false};
        session(sometime(45), p, network, device, "anonymous.tor");
    }
    for (unsigned i = 0; i < times(attacks.malware); ++i) {
        auto &p = victim(false);
        const Network network{malwareAddress + random.below(64), 64800, p.home, false};
        session(sometime(20), p, network, p.devices[0], "malware");
    }
    for (unsigned i = 0; i < times(attacks.threat); ++i) {
        auto &p = victim(false);
        Network network = foreignNetwork(p);
        network = {threatAddress + random.below(200), hostingAsn, network.city, false};
        session(sometime(40), p, network, attackerDevice(i), "threat");
    }
    for (unsigned i = 0; i < times(attacks.weekly); ++i) {
        auto &p = victim(false);
        const auto network = providerNetwork(*p.home, (p.provider + 1) % providersPerCountry, false);
        const auto device = attackerDevice(i);
        const auto last = sometime(7);
        for (int week = 7; week >= 0; --week)
            attack(last - week * 7 * day + random.below(3600) * second, p, network, device,
                   "takeover.weekly");
    }
    for (unsigned i = 0; i < times(attacks.learning); ++i) {
        auto &p = newcomer();
        const auto network = foreignNetwork(p);
        session(sometime(30), p, network, attackerDevice(i), "takeover.learning");
    }
}

// Targets in turn, evenly over the span; of every so many one password is right.
void Sample::Data::spray(const Spray &spray)
{
    ++campaigns;
    Device common = attackerDevice(campaigns);
    if (spray.popular) {
        common.client = &clients()[0];
        common.updateOffset = static_cast<int>(random.below(35));
    }
    const unsigned every = spray.hits > 0 ? spray.targets / spray.hits : 0;
    unsigned next = every; // the right one among so many; not in step with the addresses
    for (unsigned i = 0; i < spray.targets; ++i) {
        if (every > 0 && i % every == 0)
            next = i + static_cast<unsigned>(random.below(every));
        const bool hit = every > 0 && i == next;
        // Attackers do not choose whom the engine knows.
        auto &p = !hit ? anybody() : random.chance(0.3) ? newcomer() : victim(true);
        Device device = common;
        if (spray.rotating) {
            device.client = &anyClient();
            device.updateOffset = static_cast<int>(random.below(1500));
        }
        const Network &source = spray.sources[i % spray.sources.size()];
        const auto at = spray.start + spray.span / spray.targets * i + random.below(30) * second;
        if (!hit || random.chance(0.3))
            attack(at, p, source, device, spray.label, 50126, campaigns);
        if (hit) {
            // Many are stopped behind the right password.
            static constexpr std::array<int, 8> answers = {0, 0, 0, 0, 0, 50076, 53003, 50055};
            attack(at + 3 * second, p, source, device, spray.label, answers[random.below(8)], campaigns);
        } else if (spray.twice && random.chance(0.4))
            attack(at + 20 * minute, p, source, device, spray.label, 50126, campaigns);
    }
}

void Sample::Data::planSprays()
{
    const auto scaled = [this](unsigned n) { return std::max(12u, n * options.users / 4000); };
    const auto daysAgo = [this](double n) {
        return options.end.us - static_cast<std::int64_t>(n * static_cast<double>(day)) + 2 * hour;
    };
    const auto &rented = cityNamed("Bucharest");
    {
        const unsigned targets = scaled(60);
        spray({"spray.single",
               daysAgo(3),
               targets * 65 * second,
               targets,
               2,
               {{sprayAddress, hostingAsn, &rented, false}},
               false,
               true});
    }
    if (!options.attacks.everySpray)
        return;
    const auto homes = [this](unsigned count, const City *country) {
        std::vector<Network> all;
        for (unsigned i = 0; i < count; ++i) {
            const City &city = country != nullptr ? *country : anyCity();
            const auto provider = random.below(providersPerCountry);
            all.push_back(providerNetwork(city, provider, false));
        }
        return all;
    };
    for (unsigned i = 1; i <= 4; ++i) { // more of the plain kind: figures need numbers
        const unsigned targets = 40 + 20 * i;
        spray({"spray.single",
               daysAgo(4 + 5.3 * i),
               targets * 40 * second,
               targets,
               5,
               {{sprayAddress + 16 * i, hostingAsn, &cities()[5 * i], false}},
               false,
               true,
               i % 2 == 0});
    }
    spray({"spray.slow", daysAgo(12), 7 * day, 168, 8, {{slowAddress, hostingAsn, &rented, false}}});
    spray({"spray.slow", daysAgo(24), 7 * day, 168, 8, {{slowAddress + 1, hostingAsn, &rented, false}}});
    spray({"spray.wide", daysAgo(26), 8 * hour, 1000, 20, homes(500, nullptr), false, false, true});
    spray({"spray.agent", daysAgo(18), day, 2000, 25, homes(2000, nullptr), false, false, true});
    spray({"spray.residential", daysAgo(9), day, 600, 20, homes(300, &cityNamed("Lisbon"))});
    spray({"spray.rotating", daysAgo(33), day, 2000, 20, homes(2000, nullptr), true});
    spray({"spray.stuffing", daysAgo(37), 3 * hour, 2000, 20, homes(20, nullptr)});
}

} // namespace riskdesk::demo
