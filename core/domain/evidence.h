// Evidence: the typed facts that explain a finding, one struct for each kind of finding, and the rows of the
// Why table. No free text: the sentence is built from the facts (core/query/words/why.h), so it can be
// translated, read aloud and recomputed.
//
// Each struct tells its members and their outside names once, in visit(): storing, reading, exporting and
// listing all go through it. A member without a value (an empty text, an empty optional) is not written; a
// name that nobody knows any more is passed over, so that a store of an earlier version opens.
//
// Units stand in the names. Times are UTC. Shares and odds are 0..1; bits are log2 of odds.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/domain/campaign.h"
#include "core/domain/place.h"
#include "core/domain/risk.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace riskdesk {

enum class SignalResult : std::uint8_t {
    AsUsual = 0,
    Rare = 1,
    New = 2,
    NotPlausible = 3,
    OnList = 4,
    Unknown = 5
};
[[nodiscard]] std::string_view toText(SignalResult); // "asUsual"

// What the bits of a property were made of (core/detect/usual/features.h): decayed counts of its value and of
// the value above it, in the directory and of the user, and how many values were seen beside it.
struct SignalCounts
{
    double directory = 0, directoryParent = 0, directoryChildren = 0; // C(v), C(q), K - 1
    double user = 0, userParent = 0, userChildren = 0;                // c(v), c(q), T
};

struct Signal
{
    std::string key;   // "country", "network", "browser", "speed", "list"
    std::string usual; // values with counts: "PT (39), ES (2)"; empty when nothing is known
    std::string seen;  // this sign-in's value
    SignalResult result = SignalResult::Unknown;
    double bits = 0; // additive contribution where the detector has one: + unlike the user, - like the user
    std::optional<SignalCounts> counts = std::nullopt;
};

// One end of a trip.
struct TravelEnd
{
    Timestamp at;
    std::string ip, city, country; // country: ISO 3166-1 alpha-2
    double latitude = noCoordinate, longitude = noCoordinate;
    std::uint32_t asn = 0;
    NetworkClass networkClass = NetworkClass::Unknown;
    std::string device;                             // "Chrome 122, Windows 10"
    bool countryKnown = false, deviceKnown = false; // of this user, at that time

    template <typename Self, typename Visitor>
    static void visit(Self &e, const std::string &end, Visitor &&v)
    {
        v(end + "Time", e.at);
        v(end + "Ip", e.ip);
        v(end + "City", e.city);
        v(end + "Country", e.country);
        v(end + "Latitude", e.latitude);
        v(end + "Longitude", e.longitude);
        v(end + "Asn", e.asn);
        v(end + "NetworkClass", e.networkClass);
        v(end + "Device", e.device);
        v(end + "CountryKnown", e.countryKnown);
        v(end + "DeviceKnown", e.deviceKnown);
    }
    [[nodiscard]] bool hasCoordinates() const { return std::isfinite(latitude) && std::isfinite(longitude); }
    [[nodiscard]] const std::string &name() const { return city.empty() ? country : city; }
};

enum class UnfamiliarEnd : std::uint8_t { None = 0, From = 1, To = 2, Both = 3 };
[[nodiscard]] constexpr std::string_view toText(UnfamiliarEnd end)
{
    switch (end) {
    case UnfamiliarEnd::None: return "none";
    case UnfamiliarEnd::From: return "from";
    case UnfamiliarEnd::To: return "to";
    case UnfamiliarEnd::Both: return "both";
    }
    return "";
}

struct UnlikelyTravelEvidence
{
    static constexpr DetectionType type = DetectionType::UnlikelyTravel;

    double distanceKm = 0;          // between the two positions, on the ellipsoid
    double effectiveDistanceKm = 0; // less both radii, at least 0
    double radiusFromKm = 0, radiusToKm = 0;
    double minutesBetween = 0;
    double slackMinutes = 0;             // Tune::TravelSlackMinutes, added to them
    double speedKmh = 0;                 // distanceKm / minutesBetween
    double effectiveSpeedKmh = 0;        // effectiveDistanceKm / (minutesBetween + slackMinutes)
    double limitKmh = 0;                 // what effectiveSpeedKmh was held against
    std::optional<double> speedLimitKmh; // Tune::TravelSpeedLimitKmh, where limitKmh is lower for …
    std::optional<double> groundMinutes; // … these at airports
    double minDistanceKm = 0;            // Tune::TravelMinDistanceKm
    TravelEnd from, to;                  // in the order of time
    std::string previousEventKey;        // 32 hex digits, of the other sign-in
    UnfamiliarEnd unfamiliarEnd = UnfamiliarEnd::None;
    double signInsFrom = 0, signInsTo = 0;  // of the user at each end, decayed
    double familiarFromSignIns = 0;         // Tune::TravelFamiliarCount
    std::optional<Timestamp> lastSeenThere; // at the unfamiliar end, before
    std::string familiarPlaces;             // "Lisbon, PT (39); Porto, PT (4)"

    [[nodiscard]] Microseconds between() const
    {
        return Microseconds(static_cast<std::int64_t>(std::clamp(minutesBetween, 0.0, 1e9) * 60e6));
    }

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        v("distanceKm", e.distanceKm);
        v("effectiveDistanceKm", e.effectiveDistanceKm);
        v("radiusFromKm", e.radiusFromKm);
        v("radiusToKm", e.radiusToKm);
        v("minutesBetween", e.minutesBetween);
        v("slackMinutes", e.slackMinutes);
        v("speedKmh", e.speedKmh);
        v("effectiveSpeedKmh", e.effectiveSpeedKmh);
        v("limitKmh", e.limitKmh);
        v("speedLimitKmh", e.speedLimitKmh);
        v("groundMinutes", e.groundMinutes);
        v("minDistanceKm", e.minDistanceKm);
        TravelEnd::visit(e.from, "from", v);
        TravelEnd::visit(e.to, "to", v);
        v("previousRequestEventKey", e.previousEventKey);
        v("unfamiliarEnd", e.unfamiliarEnd);
        v("signInsFrom", e.signInsFrom);
        v("signInsTo", e.signInsTo);
        v("familiarFromSignIns", e.familiarFromSignIns);
        v("lastSeenThere", e.lastSeenThere);
        v("familiarPlaces", e.familiarPlaces);
    }
};

// Why no trip was measured.
enum class PlaceUnknown : std::uint8_t {
    NoCoordinates = 0,
    InvalidCoordinates = 1,
    Hidden = 2 // behind what `network` tells
};
struct NoTravelEvidence
{
    PlaceUnknown why = PlaceUnknown::NoCoordinates;
    NetworkClass network = NetworkClass::Unknown;

    template <typename Visitor>
    static void visit(const NoTravelEvidence &e, Visitor &&v)
    {
        v("notEvaluable", std::string(e.why == PlaceUnknown::Hidden          ? toText(e.network)
                                      : e.why == PlaceUnknown::NoCoordinates ? "noCoordinates"
                                                                             : "invalidCoordinates"));
    }
};

// The entry of a list that a finding rests on. The names of entry and dates are those of the list's kind.
struct ListFacts
{
    std::string name;
    std::optional<std::uint32_t> version;
    std::optional<Timestamp> date;       // of the data itself
    std::optional<std::int64_t> ageDays; // at the sign-in; none where the list is younger
    std::string licence, source;
    std::string entry; // as written in the list
    std::optional<Timestamp> from, until;
    std::string tlp;    // "amber"
    std::string labels; // "; " between them

    template <typename Self, typename Visitor>
    static void visit(Self &l, Visitor &&v, std::string_view entry, std::string_view from,
                      std::string_view until)
    {
        v("listName", l.name);
        v("listVersion", l.version);
        v("listDate", l.date);
        v("listAgeDays", l.ageDays);
        v("listLicence", l.licence);
        v("listSource", l.source);
        v(entry, l.entry);
        v(from, l.from);
        v(until, l.until);
        v("tlp", l.tlp);
        v("labels", l.labels);
    }
};

// An entry that was not believed, and why; also told when another one was raised.
enum class SetAsideFor : std::uint8_t { OwnTraffic = 0, WarningList = 1 };
[[nodiscard]] constexpr std::string_view toText(SetAsideFor why)
{
    switch (why) {
    case SetAsideFor::OwnTraffic: return "indicatorMatchesOwnTraffic";
    case SetAsideFor::WarningList: return "indicatorOnWarningList";
    }
    return "";
}
struct SetAsideFacts
{
    std::optional<SetAsideFor> why;
    std::string entry;
    // Of the directory's successes of the past quarantineDays: those that it matches.
    std::optional<std::uint64_t> matched, all;
    std::optional<double> percent;

    template <typename Self, typename Visitor>
    static void visit(Self &a, Visitor &&v)
    {
        v("warning", a.why);
        v("setAside", a.entry);
        v("matchedSuccesses", a.matched);
        v("allSuccesses", a.all);
        v("matchedPercent", a.percent);
    }
};

struct AnonymizedIpEvidence
{
    static constexpr DetectionType type = DetectionType::AnonymizedIPAddress;

    ListFacts list;
    NetworkClass kind = NetworkClass::Unknown;
    std::string provider;          // by name, else its AS or the list's name
    std::optional<int> confidence; // 0..100
    std::uint64_t habitSuccesses = 0;
    std::optional<Timestamp> habitSince;
    std::optional<std::int64_t> habitDays;
    bool habit = false; // enough of them for long enough
    bool deviceKnown = false, learning = false;
    bool hosting = false; // the address is a hosting network's too

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        ListFacts::visit(e.list, v, "entry", "firstListed", "lastListed");
        v("kind", e.kind);
        v("provider", e.provider);
        v("confidence", e.confidence);
        v("habitSuccesses", e.habitSuccesses);
        v("habitSince", e.habitSince);
        v("habitDays", e.habitDays);
        v("habit", e.habit);
        v("deviceKnown", e.deviceKnown);
        v("learning", e.learning);
        v("hosting", e.hosting);
    }
};

struct MalwareInfectedIpEvidence
{
    static constexpr DetectionType type = DetectionType::MalwareInfectedIPAddress;
    // Stands for a list's name where the address has its bad name from this directory alone.
    static constexpr std::string_view ownExperience = "ownExperience";

    ListFacts list;
    std::string malware;                 // its family
    std::optional<int> confidence;       // 0..100
    std::optional<Timestamp> validUntil; // of the bad name
    // What is known of the address here, where no list decides.
    std::optional<std::uint32_t> ownAttempts, ownFailures, ownFailingUsers;
    std::optional<double> ownOdds;
    SetAsideFacts setAside;
    std::uint32_t sharedByUsers = 0;
    int discount = 0; // levels less, for their sake

    [[nodiscard]] bool isOwnExperience() const { return list.name == ownExperience; }
    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        ListFacts::visit(e.list, v, "entry", "firstSeen", "lastSeen");
        v("malware", e.malware);
        v("confidence", e.confidence);
        v("validUntil", e.validUntil);
        v("ownAttempts", e.ownAttempts);
        v("ownFailures", e.ownFailures);
        v("ownFailingUsers", e.ownFailingUsers);
        v("ownOdds", e.ownOdds);
        SetAsideFacts::visit(e.setAside, v);
        v("sharedByUsers", e.sharedByUsers);
        v("discount", e.discount);
    }
};

// Formulas: core/detect/usual/features.h.
struct UnfamiliarFeaturesEvidence
{
    static constexpr DetectionType type = DetectionType::UnfamiliarFeatures;

    double scoreBits = 0; // the sum of all signals' bits
    double placeBits = 0, deviceBits = 0;
    double lowBits = 0, mediumBits = 0, highBits = 0; // where each level begins
    double kappa = 0;
    bool newInPlace = false, newInDevice = false;
    std::uint32_t learntSignIns = 0;
    std::optional<Timestamp> learntSince, lastUsualSignIn;
    std::optional<double> updateChance; // that the browser was only updated
    std::string updatedFrom;
    std::optional<double> releaseLeftDays; // since the user left this release of the browser for a newer one

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        v("scoreBits", e.scoreBits);
        v("placeBits", e.placeBits);
        v("deviceBits", e.deviceBits);
        v("lowBits", e.lowBits);
        v("mediumBits", e.mediumBits);
        v("highBits", e.highBits);
        v("kappa", e.kappa);
        v("newInPlace", e.newInPlace);
        v("newInDevice", e.newInDevice);
        v("learntSignIns", e.learntSignIns);
        v("learntSince", e.learntSince);
        v("lastUsualSignIn", e.lastUsualSignIn);
        v("updateChance", e.updateChance);
        v("updatedFrom", e.updatedFrom);
        v("releaseLeftDays", e.releaseLeftDays);
    }
};

// What stopped a sign-in whose password was right.
enum class StoppedBy : std::uint8_t { SecondFactorOrPolicy = 0, ExpiredPassword = 1 };
[[nodiscard]] constexpr std::string_view toText(StoppedBy by)
{
    switch (by) {
    case StoppedBy::SecondFactorOrPolicy: return "secondFactorOrPolicy";
    case StoppedBy::ExpiredPassword: return "expiredPassword";
    }
    return "";
}

// Formulas: core/detect/password_spray/spray_campaign.h.
struct PasswordSprayEvidence
{
    static constexpr DetectionType type = DetectionType::PasswordSpray;

    CampaignFacts campaign; // as it stood with this sign-in in it
    std::uint32_t attemptsOnUser = 0, otherVictims = 0;
    bool gotIn = true;
    std::optional<StoppedBy> stoppedBy;
    // The odds that the right password was the attacker's, and what they were made of.
    std::uint32_t oddsFailures = 0, oddsGood = 0;
    double hitRate = 0, unlikeness = 1;
    std::optional<double> odds; // none where nobody's own sign-in ever came from there
    double placeBits = 0, deviceBits = 0;
    bool learning = false;

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        CampaignFacts::visit(e.campaign, v);
        v("attemptsOnUser", e.attemptsOnUser);
        v("otherVictims", e.otherVictims);
        v("gotIn", e.gotIn);
        v("stoppedBy", e.stoppedBy);
        v("oddsFailures", e.oddsFailures);
        v("oddsGood", e.oddsGood);
        v("hitRate", e.hitRate);
        v("unlikeness", e.unlikeness);
        v("odds", e.odds);
        v("placeBits", e.placeBits);
        v("deviceBits", e.deviceBits);
        v("learning", e.learning);
    }
};

// The scope that comes nearest to an attack, where there is none.
struct NoSprayEvidence
{
    ScopeKind scope = ScopeKind::Address;
    std::uint32_t failingUsers = 0, succeedingUsers = 0, failures = 0;
    double badToGood = 0, usualFailureShare = 0;
    std::int64_t windowMinutes = 0;
    bool regularHere = false; // the sign-in's user comes from there day by day

    template <typename Visitor>
    static void visit(const NoSprayEvidence &e, Visitor &&v)
    {
        v("scope", e.scope);
        v("failingUsers", e.failingUsers);
        v("succeedingUsers", e.succeedingUsers);
        v("failures", e.failures);
        v("badToGood", e.badToGood);
        v("usualFailureShare", e.usualFailureShare);
        v("windowMinutes", e.windowMinutes);
        v("regularHere", e.regularHere);
    }
};

struct ThreatIntelligenceEvidence
{
    static constexpr DetectionType type = DetectionType::InvestigationsThreatIntelligence;

    ListFacts list;
    std::string field; // what of the sign-in it names: "ipAddress", "network", "networkAndUserAgent"
    std::optional<int> confidence; // 0..100
    std::string label, threatActor;
    bool trusted = false;   // the sign-in came from a trusted location
    SetAsideFacts setAside; // the share is that of the entry which decided

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        ListFacts::visit(e.list, v, "indicator", "validFrom", "validUntil");
        v("field", e.field);
        v("confidence", e.confidence);
        v("label", e.label);
        v("threatActor", e.threatActor);
        v("trusted", e.trusted);
        SetAsideFacts::visit(e.setAside, v);
    }
};

// Somebody's word.
struct AdminConfirmedEvidence
{
    static constexpr DetectionType type = DetectionType::AdminConfirmedUserCompromised;

    std::string actor, reason, note;

    template <typename Self, typename Visitor>
    static void visit(Self &e, Visitor &&v)
    {
        v("actor", e.actor);
        v("reason", e.reason);
        v("note", e.note);
    }
};

// monostate: nothing is told, as by a detection that a provider reported.
using FindingFacts =
    std::variant<std::monostate, UnlikelyTravelEvidence, AnonymizedIpEvidence, MalwareInfectedIpEvidence,
                 UnfamiliarFeaturesEvidence, PasswordSprayEvidence, ThreatIntelligenceEvidence,
                 AdminConfirmedEvidence, NoTravelEvidence, NoSprayEvidence>;

// The empty facts of a type's findings; monostate for a type that we do not raise.
[[nodiscard]] FindingFacts noFacts(DetectionType type);

// A fact under its outside name, for exports and stories.
using FactValue = std::variant<std::int64_t, double, std::string, Timestamp, bool>;
struct Fact
{
    std::string key; // camelCase with the unit as suffix: "distanceKm", "speedKmh", "listName"
    FactValue value;
};

struct Evidence
{
    FindingFacts facts;
    std::vector<Signal> signals;
    // Of a sign-in older than a decision, which nobody had seen then: when that was.
    std::optional<Timestamp> decidedAt;
    // Sign-ins or lists that came later speak against it, since then; it stays, as somebody decided on it.
    std::optional<Timestamp> notFoundSince;
    std::string additionalInfo; // as a provider wrote it

    // nullptr: it is not of that kind.
    template <typename Facts>
    [[nodiscard]] const Facts *as() const
    {
        return std::get_if<Facts>(&facts);
    }
    [[nodiscard]] std::vector<Fact> listed() const;

    // {"facts":[{"k":…,"i"|"d"|"s"|"t"|"b":…}],"signals":[{…,"bits":…,"counts":[six numbers, as above]}]}:
    // the form kept in detection.evidence.
    [[nodiscard]] std::string toJson() const;
    // `type`: of the detection it belongs to.
    [[nodiscard]] static Result<Evidence> fromJson(DetectionType type, std::string_view json);
};

} // namespace riskdesk
