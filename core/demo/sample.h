// Sample: a believable population and the attacks on it, as the log an identity provider would have written.
//
// Our own generator; the same seed, size and end give the same bytes on every machine. Sign-ins stream out in
// event order as Graph signIn objects, one per line, so a year of a large shop costs no memory. Detections
// are never made here: the engine has to find them. Labels say what was hidden.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/intelligence.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::demo {

// How the people live. The standard is the shop of the sample directory.
struct Habits
{
    double signIns = 0.34;    // a day, of the median person; …
    double spread = 1.05;     // … others differ by this much (of the logarithm, normally distributed)
    double vpn = 0.004;       // share of people who nearly always come through a named VPN
    double newDevice = 0.004; // chance that a sign-in is the first with a new device
    double journey = 0.0006;  // chance that a sign-in is followed by a journey
    double move = 0;          // share of people who move to another city for good
    double household = 0;     // share of people who share the home network of somebody else
    double companyVpn = 0;    // share of office people whose traffic leaves in another country
    bool placeError = false;  // addresses are located as wrongly as place files locate them
    bool incidents = false;   // a reset campaign, an outage, a busy evening, Wi-Fi on board
};

// What is done to them: people attacked of each kind, for every 4000 of the directory.
struct Attacks
{
    unsigned naive = 18;       // another country, a common device
    unsigned vpn = 12;         // a rented server in the victim's country
    unsigned sameProvider = 8; // the victim's provider and city, another device
    unsigned targeted = 0;     // and the victim's system and browser too
    unsigned cookie = 0;       // a stolen session: the victim's very device, a rented server in the country
    unsigned travel = 14;      // alternating with the victim
    unsigned tor = 16;
    unsigned malware = 10;
    unsigned threat = 8;
    unsigned weekly = 0;       // comes gently once a week, from the victim's country, to be learnt
    unsigned learning = 0;     // naive, on people whom the engine does not know yet
    bool everySpray = false;   // beside the single source also slow, wide, common agent, residential,
                               // rotating agents, and stuffing
    double leastSignIns = 0.3; // a day, of a victim
    bool onceEach = false;     // nobody is attacked twice
};

struct SampleOptions
{
    unsigned users = 4000;
    unsigned days = 90;
    std::uint64_t seed = 1;
    Timestamp end;     // exclusive
    bool full = false; // records of about two kilobytes, with policies, as busy tenants write them
    Habits habits;
    Attacks attacks;
};

struct SampleList
{
    ListKind kind;
    std::string name;
    NetworkClass networkClass = NetworkClass::Unknown; // of a plain anonymizer list
    std::string provider;
    std::string text; // the file's content
};

// What was hidden. Attacks: "spray.single" ("slow", "wide", "agent", "residential", "rotating", "stuffing"),
// "takeover.naive" ("vpn", "sameProvider", "targeted", "cookie", "weekly", "learning"), "travel.attacker",
// "anonymous.tor", "malware", "threat". Harmless, yet unlike the person: "benign.journey" ("move", "device",
// "vpn", "companyVpn", "relay", "office", "carrier", "reset", "outage", "evening", "onBoard", "listed").
struct SampleLabel
{
    std::string eventId;
    std::string userPrincipalName;
    std::string kind;
    unsigned campaign = 0;   // of a spray, from 1
    bool compromise = false; // the right password in the wrong hands
};

using LineSink = std::function<void(std::string_view)>; // a line with its line feed

class Sample
{
public:
    explicit Sample(const SampleOptions &options);
    ~Sample();
    // Graph user objects, one per line.
    void writeUsers(const LineSink &sink) const;
    // Sign-ins in event order, at most `limit`. Returns how many.
    std::uint64_t writeSignIns(const LineSink &sink, std::uint64_t limit = UINT64_MAX);
    [[nodiscard]] std::vector<SampleList> lists() const;
    [[nodiscard]] const std::vector<SampleLabel> &labels() const; // complete after writeSignIns()

private:
    struct Data;
    std::unique_ptr<Data> m;
};

} // namespace riskdesk::demo
