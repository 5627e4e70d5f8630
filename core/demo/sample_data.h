// What a sample is made of while it is being written: the people, what is planned against them, and the
// order random numbers are drawn in. Inside of core/demo.
//
// Random numbers are drawn in statements of their own: the order of arguments is the compiler's choice.
#pragma once

#include "core/demo/random.h"
#include "core/demo/sample.h"
#include "core/demo/world.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::demo {

inline constexpr std::int64_t second = 1'000'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
inline constexpr std::uint32_t providersPerCountry = 3;

struct Network
{
    std::uint32_t ip = 0; // v4, host order
    std::uint32_t asn = 0;
    const City *city = nullptr;
    bool mobile = false;
};

struct Device
{
    const Client *client = nullptr;
    std::string id;       // only managed devices have one
    int updateOffset = 0; // days; browsers do not all update on the same day
    bool isNew = false;   // not used yet
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
    bool vpn = false, relay = false, companyVpn = false, forgetful = false;
    bool attacked = false;
    std::int64_t since = 0; // first day of the account
    const City *trip = nullptr;
    std::int64_t tripFrom = 0, tripUntil = 0;
    const City *next = nullptr; // the city moved to, at:
    std::int64_t moveAt = 0;
};

struct Event
{
    std::int64_t at = 0;
    const Person *person = nullptr;
    Network network;
    Device device;
    std::string_view application;
    int code = 0;
    std::string_view label;
    unsigned campaign = 0;
};

// Documentation and benchmark ranges (RFC 5737, RFC 2544): nobody's addresses.
inline constexpr std::uint32_t torExits = 0xCB007100 + 16; // 203.0.113.16 …
inline constexpr std::uint32_t torExitCount = 24;
inline constexpr std::uint32_t sprayAddress = 0xC633640D;   // 198.51.100.13
inline constexpr std::uint32_t slowAddress = 0xC633642A;    // 198.51.100.42
inline constexpr std::uint32_t malwareAddress = 0xC6120A00; // 198.18.10.0/24
inline constexpr std::uint32_t threatAddress = 0xC6121400;  // 198.18.20.0/24
inline constexpr std::uint32_t vpnAddress = 0xC6131000;     // 198.19.16.0/20
inline constexpr std::uint32_t relayAddress = 0xC6134000;   // 198.19.64.0/20
inline constexpr std::uint32_t hostingAddress = 0xC6138000; // 198.19.128.0/20
inline constexpr std::uint32_t officeEgress = 0xC6122800;   // 198.18.40.0/24, listed by mistake
inline constexpr std::uint32_t schoolAddress = 0xC6123C00;  // 198.18.60.0/24
inline constexpr std::uint32_t onBoardAddress = 0xC6123200; // 198.18.50.0/24
inline constexpr std::uint32_t hostingAsn = 64900, vpnAsn = 64901, relayAsn = 64902, torAsn = 64903;
inline constexpr std::uint32_t onBoardAsn = 22351; // a satellite operator's, so that it is taken for one

[[nodiscard]] std::string addressText(std::uint32_t ip);
[[nodiscard]] const City &cityNamed(std::string_view name);

struct Sample::Data
{
    SampleOptions options;
    Random random;
    std::int64_t begin;
    std::vector<Person> people;
    std::vector<Event> planned; // attacks, sorted by time
    std::vector<Network> offices;
    std::vector<SampleLabel> labels;

    explicit Data(const SampleOptions &o);

    // people.cpp: who they are and what an ordinary day looks like.
    const City &anyCity();
    const Client &anyClient();
    Network providerNetwork(const City &city, std::uint32_t provider, bool mobile);
    void makeOffices();
    void makePeople();
    Person makePerson(unsigned number);
    void settle(Person &p, const City &city);
    void signInsOf(std::int64_t start, std::vector<Event> &events);
    void signInOf(Person &p, std::int64_t at, std::vector<Event> &events);
    Network where(Person &p, std::int64_t at, bool mobileDevice, std::string_view &label);
    void plan(Person &p, std::int64_t at);
    [[nodiscard]] bool inTheAir(const Person &p, std::int64_t at) const;
    void incidentsOf(std::int64_t start, std::vector<Event> &events);
    void schoolBegins(std::int64_t start, unsigned term, std::vector<Event> &events);

    // attacks.cpp: what is done to them.
    void planAttacks();
    void planTakeovers();
    void planSprays();
    Person &victim(bool keepsPassword);
    Person &newcomer();
    Person &anybody();
    void attack(std::int64_t at, const Person &p, const Network &network, const Device &device,
                std::string_view label, int code = 0, unsigned campaign = 0);
    void session(std::int64_t at, const Person &p, const Network &network, const Device &device,
                 std::string_view label);
    struct Spray
    {
        std::string_view label;
        std::int64_t start, span;
        unsigned targets, hits;
        std::vector<Network> sources;
        bool rotating = false; // another user agent each time
        bool twice = false;    // some targets are tried again
        bool popular = false;  // with the browser that most people have, up to date
    };
    void spray(const Spray &spray);
    Device attackerDevice(unsigned kind);
    Network foreignNetwork(const Person &p);
    Network rentedServer(const Person &p);
    std::int64_t sometime(double lastDays);
    unsigned campaigns = 0;
    unsigned tries = 0;

    // sign_in_line.cpp: the record an identity provider writes.
    void write(const Event &event, const LineSink &sink, std::string &line);
};

} // namespace riskdesk::demo
