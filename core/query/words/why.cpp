#include "core/query/words/why.h"

#include "core/base/text.h"
#include "core/query/filter/countries.h"
#include "core/query/words/phrases.h"
#include "core/query/words/system_name.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace riskdesk::query {
namespace {

constexpr std::array signalNames = {
    Named{"speed", Why::tr("Travel speed")},
    Named{"country", Why::tr("Country")},
    Named{"network", Why::tr("Address range")},
    Named{"address", Why::tr("Address")},
    Named{"asn", Why::tr("Network")},
    Named{"device", Why::tr("Device")},
    Named{"deviceId", Why::tr("Device ID")},
    Named{"browser", Why::tr("Browser")},
    Named{"system", Why::tr("System")},
    Named{"os", Why::tr("System")},
    Named{"app", Why::tr("Application")},
    Named{"hour", Why::tr("Time, UTC")}, // the places' own times are not known
    Named{"localTime", Why::tr("Time, UTC")},
    Named{"deviceKind", Why::tr("Kind of device")},
    Named{"place", Why::tr("Place")},
    Named{"city", Why::tr("City")},
    Named{"list", Why::tr("List")},
    Named{"campaign", Why::tr("Attack")},
    Named{"addressFailureOdds", Why::tr("Failures")},
    Named{"anonymizer", Why::tr("Anonymizer")},
    Named{"hosting", Why::tr("Kind of network")},
    Named{"automated", Why::tr("Program")},
};

constexpr std::array networkClasses = {
    Named{"tor", Why::tr("Tor exit")},
    Named{"vpn", Why::tr("VPN")},
    Named{"public_proxy", Why::tr("Public proxy")},
    Named{"residential_proxy", Why::tr("Residential proxy")},
    Named{"relay", Why::tr("Relay")},
    Named{"hosting", Why::tr("Hosting network")},
    Named{"satellite", Why::tr("Satellite link")},
};

constexpr std::array deviceKinds = {
    Named{"desktop", Why::tr("Computer")}, Named{"mobile", Why::tr("Phone")},
    Named{"tablet", Why::tr("Tablet")},    Named{"bot", Why::tr("Program")},
    Named{"other", Why::tr("Other")},
};

constexpr std::array decisionReasons = {
    Named{"expectedActivity", Why::tr("Expected activity")},
    Named{"riskAccepted", Why::tr("Risk accepted")},
    Named{"falsePositive", Why::tr("False positive")},
    Named{"other", Why::tr("Other")},
    Named{"beforeDecision", Why::tr("Sign-in from before the decision, not seen then")},
    Named{"settledAgain", Why::tr("By sign-ins or lists that came later")},
    Named{"takenOut", Why::tr("The sign-ins that made it old were taken out")},
    Named{"somethingEarlier", Why::tr("What happened before it closed was read later")},
};

// Parts of ThreatIntelligenceEvidence::field.
constexpr std::array indicatorFields = {
    Named{"ipAddress", Why::tr("the address", "an indicator names it")},
    Named{"network", Why::tr("the address range", "an indicator names it")},
    Named{"asn", Why::tr("the network", "an indicator names it")},
    Named{"userAgent", Why::tr("the user agent", "an indicator names it")},
    Named{"user", Why::tr("the user", "an indicator names it")},
};

Phrase resultName(SignalResult result)
{
    switch (result) {
    case SignalResult::AsUsual: return Why::tr("As usual");
    case SignalResult::Rare: return Why::tr("Rare");
    case SignalResult::New: return Why::tr("New");
    case SignalResult::NotPlausible: return Why::tr("Not plausible");
    case SignalResult::OnList: return Why::tr("On list");
    case SignalResult::Unknown: break;
    }
    return Why::tr("Unknown");
}

std::string joined(const std::vector<std::string> &parts, std::string_view between = " ")
{
    std::string out;
    for (const auto &part : parts)
        if (!part.empty())
            out += (out.empty() ? "" : std::string(between)) + part;
    return out;
}

// The sentences of one finding, for one reader.
class Teller
{
public:
    Teller(const Detection &detection, const Words &words, std::string_view organisation = {},
           std::size_t longest = reasonLength)
        : m_detection(detection)
        , m_words(words)
        , m_organisation(organisation)
        , m_longest(longest)
    {}

    [[nodiscard]] std::string line() const;
    [[nodiscard]] std::string sentences() const;

private:
    // Empty ones where they are missing.
    [[nodiscard]] FindingFacts facts() const
    {
        const auto &known = m_detection.evidence.facts;
        return known.index() == 0 ? noFacts(m_detection.type) : known;
    }
    [[nodiscard]] std::string say(const Phrase &phrase, std::initializer_list<std::string> parts = {}) const
    {
        return m_words.say(phrase, parts);
    }
    [[nodiscard]] std::string address() const
    {
        return m_detection.ip.isKnown() ? m_detection.ip.toString() : say(Why::tr("The address"));
    }
    [[nodiscard]] std::string listed(std::string_view key, const Phrase &otherwise) const
    {
        return say(phraseFor(networkClasses, key).value_or(otherwise));
    }
    [[nodiscard]] std::string items(const std::vector<std::string> &of) const
    {
        return joined(of, say(Why::tr(", ", "between items of a list")));
    }
    [[nodiscard]] std::vector<std::string> judged(SignalResult result) const;
    [[nodiscard]] std::string fitting(const Phrase &phrase, std::vector<std::string> names) const;
    [[nodiscard]] std::string onList(const ListFacts &list) const;
    [[nodiscard]] std::string aboutList(const ListFacts &list) const;
    [[nodiscard]] std::string aboutSetAside(const SetAsideFacts &aside) const;

    [[nodiscard]] std::string lineOf(const UnlikelyTravelEvidence &) const;
    [[nodiscard]] std::string lineOf(const AnonymizedIpEvidence &) const;
    [[nodiscard]] std::string lineOf(const MalwareInfectedIpEvidence &) const;
    [[nodiscard]] std::string lineOf(const UnfamiliarFeaturesEvidence &) const;
    [[nodiscard]] std::string lineOf(const PasswordSprayEvidence &) const;
    [[nodiscard]] std::string lineOf(const ThreatIntelligenceEvidence &) const;
    [[nodiscard]] std::string lineOf(const AdminConfirmedEvidence &) const;
    [[nodiscard]] std::string lineOf(std::monostate) const { return reported(); }
    // They explain that there is no finding; whyNot() tells them.
    [[nodiscard]] std::string lineOf(const NoTravelEvidence &) const { return reported(); }
    [[nodiscard]] std::string lineOf(const NoSprayEvidence &) const { return reported(); }
    [[nodiscard]] std::string reported() const;

    [[nodiscard]] std::string sentencesOf(const UnlikelyTravelEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const AnonymizedIpEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const MalwareInfectedIpEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const UnfamiliarFeaturesEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const PasswordSprayEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const ThreatIntelligenceEvidence &) const;
    [[nodiscard]] std::string sentencesOf(const AdminConfirmedEvidence &) const;
    [[nodiscard]] std::string sentencesOf(std::monostate) const { return reported() + '.'; }
    [[nodiscard]] std::string sentencesOf(const NoTravelEvidence &) const { return reported() + '.'; }
    [[nodiscard]] std::string sentencesOf(const NoSprayEvidence &) const { return reported() + '.'; }

    const Detection &m_detection;
    const Words &m_words;
    std::string_view m_organisation; // of the network it came from
    std::size_t m_longest;           // characters of the line
};

// Of "Halle (Saale) (39), Jena (2)" the first, without how often.
std::string_view mostUsual(std::string_view usual)
{
    for (auto at = usual.find(" ("); at != std::string_view::npos; at = usual.find(" (", at + 1)) {
        const auto end = usual.find_first_not_of("0123456789", at + 2);
        if (end > at + 2 && end != std::string_view::npos && usual[end] == ')')
            return usual.substr(0, at);
    }
    return usual;
}

// As a sentence says one value: a country and the runner of a network by their names.
std::string spoken(std::string_view key, std::string_view value)
{
    if (key == "country")
        if (const auto *country = findCountry(value))
            return std::string(country->name);
    if (key == "asn") // "AS64545 Example"
        if (const auto blank = value.find(' '); blank != std::string_view::npos && blank + 1 < value.size())
            return std::string(value.substr(blank + 1));
    return signalText(key, value);
}

// The most telling first: a country says more than the address range in it. What was seen and what was usual are
// told of that one, where they are short.
std::vector<std::string> Teller::judged(SignalResult result) const
{
    static constexpr std::string_view telling[] = {"country",  "place",   "city",       "asn",
                                                   "deviceId", "device",  "deviceKind", "system",
                                                   "os",       "browser", "app"};
    static constexpr std::string_view told[] = {"country", "place",   "city",   "asn", "network",
                                                "address", "browser", "system", "os",  "app"};
    constexpr std::size_t longest = 54; // characters of the first
    const auto rank = [](const Signal *signal) {
        return std::find(std::begin(telling), std::end(telling), signal->key) - std::begin(telling);
    };
    std::vector<const Signal *> signals;
    for (const auto &signal : m_detection.evidence.signals)
        if (signal.result == result && isProperty(signal.key) &&
            (result != SignalResult::New || neverSeen(signal)))
            signals.push_back(&signal);
    std::stable_sort(signals.begin(), signals.end(),
                     [&](const Signal *a, const Signal *b) { return rank(a) < rank(b); });
    std::vector<std::string> names;
    for (const auto *signal : signals) {
        const auto name =
            m_words.within(say(phraseFor(signalNames, signal->key).value_or(Why::tr("Property"))));
        names.push_back(name);
        if (names.size() > 1 || signal->seen.empty() ||
            std::find(std::begin(told), std::end(told), signal->key) == std::end(told))
            continue;
        const auto seen =
            m_words.fact(signal->key == "asn" && !m_organisation.empty() ? std::string(m_organisation)
                                                                         : spoken(signal->key, signal->seen));
        // "PT (39), ES (2)": the first is the most usual.
        const auto usual = m_words.fact(spoken(signal->key, mostUsual(signal->usual)));
        const auto alone = say(Why::tr("%1 %2", "property, what was seen: country Vietnam"), {name, seen});
        const auto full =
            usual.empty()
                ? alone
                : say(Why::tr("%1 %2 (usually %3)", "property, what was seen, what was usual: country "
                                                    "Vietnam (usually Portugal)"),
                      {name, seen, usual});
        for (const auto &words : {full, alone})
            if (shortened(words, longest) == words) {
                names.back() = words;
                break;
            }
    }
    return names;
}

std::string Teller::onList(const ListFacts &list) const
{
    if (list.name.empty() || list.name == MalwareInfectedIpEvidence::ownExperience)
        return {};
    const auto name = m_words.fact(list.name);
    return list.date ? say(Why::tr("on list %1 of %2"), {name, m_words.date(*list.date)})
                     : say(Why::tr("on list %1"), {name});
}

// What a finding by a list rests on: its version, its age at the sign-in, its licence; who may be told.
std::string Teller::aboutList(const ListFacts &list) const
{
    if (list.name.empty() || list.name == MalwareInfectedIpEvidence::ownExperience)
        return {};
    std::vector<std::string> said;
    if (list.version)
        said.push_back(say(Why::tr("version %1", "of a list"), {m_words.number(*list.version)}));
    if (list.ageDays) {
        const auto days = std::clamp<std::int64_t>(*list.ageDays, 0, 100'000);
        said.push_back(say(Why::tr("%1 old", "a list"), {m_words.duration(std::chrono::hours(24 * days))}));
    }
    if (!list.licence.empty())
        said.push_back(say(Why::tr("licence %1"), {m_words.fact(list.licence)}));
    std::vector<std::string> out;
    if (!said.empty())
        out.push_back(
            say(Why::tr("List %1: %2.", "name, properties"), {m_words.fact(list.name), items(said)}));
    if (!list.tlp.empty()) {
        auto colour = m_words.fact(list.tlp);
        std::transform(colour.begin(), colour.end(), colour.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        out.push_back(say(Why::tr("TLP:%1.", "traffic light protocol"), {colour}));
    }
    return joined(out);
}

std::string setAside(const SetAsideFacts &aside, double percent, const Words &words)
{
    const auto entry = aside.entry.empty() ? words.say(Why::tr("The entry")) : words.fact(aside.entry);
    return aside.why == SetAsideFor::WarningList
               ? words.say(Why::tr("%1 is set aside: it stands on a warning list.", "entry of a list"),
                           {entry})
               : words.say(Why::tr("%1 is set aside: it matches %2 % of the directory's own sign-ins.",
                                   "entry of a list"),
                           {entry, words.number(percent, 1)});
}

std::string Teller::aboutSetAside(const SetAsideFacts &aside) const
{
    return aside.entry.empty() ? std::string() : setAside(aside, aside.percent.value_or(0), m_words);
}

std::string Teller::lineOf(const UnlikelyTravelEvidence &e) const
{
    const auto trip = e.from.name().empty() || e.to.name().empty()
                          ? say(Why::tr("Two places too far apart"))
                          : say(Why::tr("%1 to %2", "two places"),
                                {m_words.fact(e.from.name()), m_words.fact(e.to.name())});
    return e.distanceKm > 0 ? say(Why::tr("%1, %2 in %3", "trip, distance, time"),
                                  {trip, m_words.distance(e.distanceKm), m_words.duration(e.between())})
                            : trip;
}

std::string Teller::sentencesOf(const UnlikelyTravelEvidence &e) const
{
    std::vector<std::string> out;
    out.push_back(
        e.from.name().empty() || e.to.name().empty()
            ? say(Why::tr("Two sign-ins came from places too far apart."))
            : say(Why::tr("Signed in from %1 %2 after %3.", "place, time, place"),
                  {m_words.fact(e.to.name()), m_words.duration(e.between()), m_words.fact(e.from.name())}));
    if (e.distanceKm <= 0)
        return joined(out);
    out.push_back(say(Why::tr("The trip is %1 and would need %2; the limit is %3."),
                      {m_words.distance(e.distanceKm), m_words.speed(e.speedKmh),
                       m_words.speed(e.speedLimitKmh.value_or(e.limitKmh))}));
    out.push_back(say(Why::tr("Allowing for how sure both places are, it is %1."),
                      {m_words.speed(e.effectiveSpeedKmh)}));
    if (e.groundMinutes)
        out.push_back(say(Why::tr("Country and device are both new, so %1 min at airports are asked for too, "
                                  "which leaves %2."),
                          {m_words.number(*e.groundMinutes), m_words.speed(e.limitKmh)}));
    return joined(out);
}

// As many as there is room for, whole, and the number of the rest.
std::string Teller::fitting(const Phrase &phrase, std::vector<std::string> names) const
{
    const auto all = names.size();
    for (;; names.pop_back()) {
        const auto rest = all - names.size();
        const auto line =
            say(phrase, {items(names) + (rest > 0 ? " +" + m_words.number(static_cast<double>(rest)) : "")});
        if (names.size() == 1 || shortened(line, m_longest) == line)
            return line;
    }
}

std::string Teller::lineOf(const UnfamiliarFeaturesEvidence &) const
{
    if (const auto fresh = judged(SignalResult::New); !fresh.empty())
        return fitting(Why::tr("New: %1", "properties"), fresh);
    if (const auto rare = judged(SignalResult::Rare); !rare.empty())
        return fitting(Why::tr("Rare: %1", "properties"), rare);
    return say(Why::tr("Unlike this user's sign-ins"));
}

std::string Teller::sentencesOf(const UnfamiliarFeaturesEvidence &e) const
{
    const auto &signals = m_detection.evidence.signals;
    const auto total =
        std::count_if(signals.begin(), signals.end(), [](const Signal &s) { return isProperty(s.key); });
    if (total == 0)
        return say(Why::tr("The sign-in is unlike this user's others."));
    const auto number = [this](std::size_t n) { return m_words.number(static_cast<double>(n)); };
    const auto fresh = number(judged(SignalResult::New).size());
    const auto rare = judged(SignalResult::Rare).size();
    std::vector<std::string> out;
    out.push_back(
        rare == 0
            ? say(Why::tr("%1 of %Ln properties were never seen for this user.", nullptr, total), {fresh})
            : say(Why::tr("%1 of %Ln properties were never seen for this user, %2 rare.", nullptr, total),
                  {fresh, number(rare)}));
    // The bar of its own level. A level that was lifted since, or set by a provider, reached none.
    const double bar = m_detection.level == RiskLevel::High     ? e.highBits
                       : m_detection.level == RiskLevel::Medium ? e.mediumBits
                                                                : e.lowBits;
    if (bar > 0 && e.scoreBits >= bar)
        out.push_back(
            say(Why::tr("Together they weigh %1 bits; %2 begins at %3.", "number, level, number"),
                {m_words.number(e.scoreBits, 1), m_words.name(m_detection.level), m_words.number(bar, 1)}));
    else if (e.scoreBits > 0)
        out.push_back(say(Why::tr("Together they weigh %1 bits."), {m_words.number(e.scoreBits, 1)}));
    if (e.releaseLeftDays)
        out.push_back(
            say(Why::tr("The browser is of a release that the user left %Ln day(s) ago for a newer one.",
                        nullptr, std::llround(*e.releaseLeftDays))));
    if (std::ranges::any_of(signals, [](const Signal &s) { return s.key == "hosting"; }))
        out.push_back(say(Why::tr("It came from a network of rented servers, as none of this user's did.")));
    return joined(out);
}

std::string Teller::lineOf(const AnonymizedIpEvidence &e) const
{
    const auto kind = toText(e.kind);
    auto what = listed(kind, Why::tr("Anonymizer"));
    if (!e.provider.empty() && !equalsIgnoringCase(e.provider, kind))
        what = say(Why::tr("%1, %2", "kind of anonymizer, provider"), {what, m_words.fact(e.provider)});
    return joined({what, onList(e.list)});
}

std::string Teller::sentencesOf(const AnonymizedIpEvidence &e) const
{
    std::vector<std::string> out;
    out.push_back(say(Why::tr("%1: %2.", "address, what it is"), {address(), lineOf(e)}));
    if (e.list.from)
        out.push_back(say(Why::tr("First listed %1."), {m_words.date(*e.list.from)}));
    if (e.habitSuccesses > 0)
        out.push_back(say(
            Why::tr("The user came through it %Ln time(s) before.", nullptr,
                    static_cast<std::int64_t>(std::min<std::uint64_t>(e.habitSuccesses, 1'000'000'000)))));
    out.push_back(aboutList(e.list));
    return joined(out);
}

std::string Teller::lineOf(const MalwareInfectedIpEvidence &e) const
{
    if (e.isOwnExperience())
        return say(Why::tr("%1 nearly always fails here", "address"), {address()});
    const auto malware = e.malware.empty() ? say(Why::tr("Malware")) : m_words.fact(e.malware);
    return joined({say(Why::tr("%1, %2", "malware, address"), {malware, address()}), onList(e.list)});
}

std::string Teller::sentencesOf(const MalwareInfectedIpEvidence &e) const
{
    std::vector<std::string> out;
    if (e.isOwnExperience()) {
        if (!e.ownFailures || !e.ownAttempts)
            return say(Why::tr("%1 has a bad name in this directory."), {address()});
        out.push_back(say(Why::tr("%1 has a bad name in this directory: %2 of %3 attempts failed."),
                          {address(), m_words.number(*e.ownFailures), m_words.number(*e.ownAttempts)}));
        if (e.ownFailingUsers)
            out.push_back(say(Why::tr("They were attempts on %Ln user(s).", nullptr, *e.ownFailingUsers)));
        return joined(out);
    }
    const auto malware = e.malware.empty() ? say(Why::tr("malware")) : m_words.fact(e.malware);
    const auto &last = e.list.until;
    if (!last)
        out.push_back(
            say(Why::tr("%1 contacted %2 control servers.", "address, malware"), {address(), malware}));
    else if (m_detection.at > *last)
        out.push_back(
            say(Why::tr("%1 contacted %2 control servers until %3; this sign-in was %4 later.",
                        "address, malware, time, span"),
                {address(), malware, m_words.time(*last), m_words.duration(m_detection.at - *last)}));
    else
        out.push_back(say(Why::tr("%1 contacted %2 control servers until %3.", "address, malware, time"),
                          {address(), malware, m_words.time(*last)}));
    if (e.sharedByUsers > 1)
        out.push_back(say(Why::tr("%Ln users share the address.", nullptr, e.sharedByUsers)));
    out.push_back(aboutList(e.list));
    out.push_back(aboutSetAside(e.setAside));
    return joined(out);
}

std::string Teller::lineOf(const PasswordSprayEvidence &e) const
{
    const auto &c = e.campaign;
    const auto scope = m_words.fact(c.scopeText);
    if (c.users == 0)
        return scope.empty() ? say(Why::tr("Password spray"))
                             : say(Why::tr("Password spray from %1"), {scope});
    return scope.empty() ? say(Why::tr("%Ln account(s) tried", nullptr, c.users))
                         : say(Why::tr("%Ln account(s) tried from %1", nullptr, c.users), {scope});
}

std::string Teller::sentencesOf(const PasswordSprayEvidence &e) const
{
    const auto &c = e.campaign;
    const auto tried = c.last > c.opened ? say(Why::tr("%1 within %2", "accounts tried, span"),
                                               {lineOf(e), m_words.duration(c.last - c.opened)})
                                         : lineOf(e);
    std::vector<std::string> out;
    out.push_back(say(
        e.gotIn ? Why::tr("%1; this password was right.", "accounts tried")
        : e.stoppedBy == StoppedBy::ExpiredPassword
            ? Why::tr("%1; this password was right, but it has expired: nobody got in.", "accounts tried")
            : Why::tr("%1; this password was right, but a second factor or a policy stopped it: nobody got "
                      "in.",
                      "accounts tried"),
        {tried}));
    if (e.attemptsOnUser > 0)
        out.push_back(say(Why::tr("This account was tried %Ln time(s) before.", nullptr, e.attemptsOnUser)));
    if (e.otherVictims > 0)
        out.push_back(
            say(Why::tr("The passwords of %Ln other account(s) were right too.", nullptr, e.otherVictims)));
    return joined(out);
}

std::string Teller::lineOf(const ThreatIntelligenceEvidence &e) const
{
    const auto label = m_words.fact(e.label), indicator = m_words.fact(e.list.entry);
    if (label.empty() && indicator.empty())
        return say(Why::tr("Matches an indicator"));
    return label.empty() || indicator.empty() || indicator == label
               ? say(Why::tr("Matches %1", "indicator"), {label.empty() ? indicator : label})
               : say(Why::tr("Matches %1 (%2)", "label, indicator"), {label, indicator});
}

std::string Teller::sentencesOf(const ThreatIntelligenceEvidence &e) const
{
    std::vector<std::string> out;
    out.push_back(joined({lineOf(e), onList(e.list)}) + '.');
    std::vector<std::string> fields; // "networkAndUserAgent"
    for (std::string_view rest = e.field; !rest.empty();) {
        const auto end = rest.find("And");
        auto part = std::string(rest.substr(0, end));
        part[0] = part[0] >= 'A' && part[0] <= 'Z' ? static_cast<char>(part[0] - 'A' + 'a') : part[0];
        if (const auto words = phraseFor(indicatorFields, part))
            fields.push_back(say(*words));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 3);
    }
    if (!fields.empty())
        out.push_back(say(Why::tr("It names %1.", "what an indicator names"), {items(fields)}));
    if (e.confidence)
        out.push_back(say(Why::tr("Its confidence is %1 of 100."), {m_words.number(*e.confidence)}));
    out.push_back(aboutList(e.list));
    if (!e.threatActor.empty())
        out.push_back(say(Why::tr("Attributed to %1."), {m_words.fact(e.threatActor)}));
    out.push_back(aboutSetAside(e.setAside));
    return joined(out);
}

std::string Teller::lineOf(const AdminConfirmedEvidence &e) const
{
    return e.actor.empty() ? say(Why::tr("Confirmed by an admin"))
                           : say(Why::tr("Confirmed by %1"), {m_words.fact(e.actor)});
}

std::string Teller::sentencesOf(const AdminConfirmedEvidence &e) const
{
    const auto actor = e.actor.empty() ? say(Why::tr("An admin")) : m_words.fact(e.actor);
    const auto when = m_words.time(m_detection.at);
    const auto note = m_words.fact(e.note);
    std::vector<std::string> out;
    out.push_back(note.empty() ? say(Why::tr("%1 confirmed this on %2."), {actor, when})
                               : say(Why::tr("%1 confirmed this on %2: \"%3\""), {actor, when, note}));
    if (!e.reason.empty())
        out.push_back(say(Why::tr("Reason: %1."), {reasonName(e.reason, m_words)}));
    return joined(out);
}

std::string Teller::reported() const
{
    const auto &d = m_detection;
    const auto type = d.type != DetectionType::Other ? m_words.name(d.type)
                      : d.typeText.empty()           ? say(Why::tr("a risk", "reported by a provider"))
                                                     : m_words.fact(wordsOf(d.typeText));
    return d.source.empty() ? say(Why::tr("The provider reported %1"), {type})
                            : say(Why::tr("%1 reported %2"), {m_words.fact(d.source), type});
}

std::string Teller::line() const
{
    if (m_detection.source != ourSource)
        return reported();
    return std::visit([this](const auto &facts) { return lineOf(facts); }, facts());
}

std::string Teller::sentences() const
{
    if (m_detection.source != ourSource)
        return say(Why::tr("%1. It is shown and never counted.", "what the provider reported"), {reported()});
    return std::visit([this](const auto &facts) { return sentencesOf(facts); }, facts());
}

// A detector that gives one of these reasons and has no words of its own is told in words that are true of any.
std::string notEvaluable(DetectionType type, const Verdict &v, const Words &words)
{
    if (type == DetectionType::AnonymizedIPAddress)
        return words.say(Why::tr("A relay hides the address, not the country; it is no anonymizer."));
    if (type != DetectionType::UnlikelyTravel)
        return words.say(Why::tr("The log tells too little of it to judge."));
    if (const auto *travel = v.evidence.as<NoTravelEvidence>();
        travel != nullptr && travel->why == PlaceUnknown::Hidden)
        if (const auto by = phraseFor(networkClasses, toText(travel->network)))
            return words.say(Why::tr("The place behind it is not known: %1."), {words.say(*by)});
    return words.say(Why::tr("The place is not known well enough to measure a trip."));
}

std::string belowThreshold(DetectionType type, const Verdict &v, const Words &words)
{
    switch (type) {
    case DetectionType::UnlikelyTravel:
        return v.value <= 0        ? words.say(Why::tr("There was time enough for the trip."))
               : v.value < v.limit ? words.say(Why::tr("The trip would need %1; more than %2 is raised."),
                                               {words.speed(v.value), words.speed(v.limit)})
                                   : words.say(Why::tr("The places are too near to each other for a trip."));
    case DetectionType::PasswordSpray:
        return v.value <= 0
                   ? words.say(Why::tr("No accounts were being tried from there."))
                   : words.say(Why::tr("%Ln account(s) were tried from there; %1 are needed for an attack.",
                                       nullptr, std::llround(std::min(v.value, 1e9))),
                               {words.number(v.limit)});
    case DetectionType::UnfamiliarFeatures:
        return v.value <= 0 ? words.say(Why::tr("It is like this user's other sign-ins."))
                            : words.say(Why::tr("Unlike this user by %1 bits; %2 are needed."),
                                        {words.number(v.value, 1), words.number(v.limit, 1)});
    default: return words.say(Why::tr("It stays below the limit."));
    }
}

Phrase familiar(DetectionType type)
{
    switch (type) {
    case DetectionType::UnlikelyTravel:
        return Why::tr("Too fast for a trip, but this user is often in both places.");
    case DetectionType::PasswordSpray:
        return Why::tr("There was an attack, but the network, address or device is the user's own.");
    default: return Why::tr("It is usual here.");
    }
}

Phrase notListed(DetectionType type)
{
    switch (type) {
    case DetectionType::AnonymizedIPAddress: return Why::tr("The address is on no list of anonymizers.");
    case DetectionType::MalwareInfectedIPAddress:
        return Why::tr("The address is on no malware list and has no bad name here.");
    default: return Why::tr("Nothing of it is on a list of indicators.");
    }
}

} // namespace

std::string reasonLine(const Detection &detection, const Words &words, std::string_view organisation,
                       std::size_t longest)
{
    return shortened(Teller(detection, words, organisation, longest).line(), longest);
}

std::string explanation(const Detection &detection, const Words &words)
{
    auto out = Teller(detection, words).sentences();
    if (const auto &decided = detection.evidence.decidedAt)
        out += ' ' +
               words.say(Why::tr("The sign-in is older than the decision of %1; nobody had seen this then."),
                         {words.time(*decided)});
    if (const auto &gone = detection.evidence.notFoundSince)
        out +=
            ' ' + words.say(Why::tr("By what is stored since %1 it would not be found any more; it stays, as "
                                    "somebody decided on it."),
                            {words.time(*gone)});
    if (detection.count > 1)
        out += ' ' + words.say(Why::tr("It was seen %Ln times, last on %1.", nullptr, detection.count),
                               {words.time(detection.lastAt)});
    return out;
}

std::string reasonName(std::string_view reason, const Words &words)
{
    const auto known = phraseFor(decisionReasons, reason);
    return known ? words.say(*known) : words.fact(reason);
}

std::string doubt(const CrowdedAddress &crowd, const Words &words)
{
    const auto who = !crowd.ip.isKnown() ? words.say(Why::tr("Private addresses carry"))
                     : crowd.ip.isPrivate()
                         ? words.say(Why::tr("The private address %1 carries"), {crowd.ip.toString()})
                         : words.say(Why::tr("The address %1 carries"), {crowd.ip.toString()});
    return words.say(
        Why::tr("%1 %2 of %3 users: it looks like a proxy in front of the application that does not "
                "pass on where people come from, and no judgement by place or network holds until it "
                "does.",
                "\"The address 192.0.2.1 carries\", 40, 50"),
        {who, words.number(static_cast<double>(crowd.users)), words.number(static_cast<double>(crowd.of))});
}

std::string whyNot(DetectionType type, const Verdict &v, const Words &words)
{
    using R = Reason;
    switch (v.reason) {
    case R::Raised: return words.say(Why::tr("Raised"));
    case R::NotASuccess:
        return words.say(type == DetectionType::PasswordSpray
                             ? Why::tr("It does not show that the password was right.")
                             : Why::tr("The sign-in did not succeed; only one that does is judged."));
    case R::SwitchedOff: return words.say(Why::tr("Switched off; \"riskdeskctl settings\" says what is on."));
    case R::SocialIdentity: return words.say(Why::tr("Another party keeps this user's password."));
    case R::NotInteractive:
        return words.say(Why::tr("An application renewed its access; no person signed in."));
    case R::Learning:
        return v.limit > 0 ? words.say(Why::tr("Still learning this user: %1 of %2 sign-ins."),
                                       {words.number(v.value), words.number(v.limit)})
                           : words.say(Why::tr("Still learning this user."));
    case R::NoEarlierSignIn:
        return words.say(Why::tr("There is no other sign-in near in time to compare with."));
    case R::SameNetwork: return words.say(Why::tr("It came from the same address range as the one before."));
    case R::NotEvaluable: return notEvaluable(type, v, words);
    case R::Trusted: return words.say(Why::tr("A trusted location is involved."));
    case R::Familiar: return words.say(familiar(type));
    case R::CommonHere: return words.say(Why::tr("Too fast for a trip, but many users sign in from there."));
    case R::BelowThreshold: return belowThreshold(type, v, words);
    case R::NotListed: return words.say(notListed(type));
    case R::ListedAtAnotherTime:
        return words.say(Why::tr("It was listed, but not at that time: %1 away."),
                         {words.duration(Microseconds(
                             static_cast<std::int64_t>(std::clamp(v.value, 0.0, 1e5) * 86400e6)))});
    case R::LikelyTheUser:
        return words.say(Why::tr("There was an attack, but this was more likely the user."));
    case R::SharedByMany:
        return words.say(Why::tr("%Ln user(s) share the address; its bad name need not be this one's.",
                                 nullptr, std::llround(std::clamp(v.value, 0.0, 1e9))));
    case R::ConfirmedBefore: return words.say(Why::tr("This trip was confirmed safe before."));
    case R::SetAside: {
        const auto *malware = v.evidence.as<MalwareInfectedIpEvidence>();
        const auto *threat = v.evidence.as<ThreatIntelligenceEvidence>();
        return setAside(malware != nullptr  ? malware->setAside
                        : threat != nullptr ? threat->setAside
                                            : SetAsideFacts(),
                        v.value, words);
    }
    case R::SameProvider:
        return words.say(Why::tr("The user's own devices, behind a provider of one country."));
    }
    return {};
}

bool isProperty(std::string_view key)
{
    return key != "addressFailureOdds" && key != "anonymizer" && key != "hosting" && key != "automated" &&
           key != "list" && key != "campaign";
}

bool neverSeen(const Signal &signal)
{
    if (signal.result != SignalResult::New)
        return false;
    // "AS64545 Example" was counted as "AS64545 (39)".
    const auto value = signal.key == "asn" ? signal.seen.substr(0, signal.seen.find(' ')) : signal.seen;
    const auto listed = ", " + signal.usual;
    return value.empty() || listed.find(", " + value + " (") == std::string::npos;
}

SignalWords signalWords(const Evidence &evidence, const Signal &signal, const Words &words)
{
    SignalWords out{words.say(phraseFor(signalNames, signal.key).value_or(Why::tr("Property"))),
                    words.fact(signalText(signal.key, signal.usual)),
                    words.fact(signalText(signal.key, signal.seen)), words.say(resultName(signal.result))};
    if (signal.result == SignalResult::New && !neverSeen(signal))
        out.result = words.say(Why::tr("New combination"));
    if (signal.key == "speed") { // nobody has a usual speed; what it was held against is the limit
        out.usual.clear();
        if (const auto *travel = evidence.as<UnlikelyTravelEvidence>())
            out.seen = words.say(Why::tr("%1, limit %2", "speed, number"),
                                 {words.speed(travel->effectiveSpeedKmh), words.number(travel->limitKmh)});
    } else if (signal.key == "campaign") {
        out.result = words.say(Why::tr("Part of it", "an attack"));
    } else if (signal.key == "deviceId") {
        out.seen.clear(); // "known" and "new" are its result
    } else if (signal.key == "deviceKind") {
        for (auto *const text : {&out.usual, &out.seen}) // "desktop (39), mobile (2)"
            for (const auto &[key, phrase] : deviceKinds)
                if (const auto at = text->find(key); at != std::string::npos)
                    text->replace(at, key.size(), words.say(phrase));
    } else if (signal.key == "addressFailureOdds") {
        out.seen = words.say(Why::tr("%1 likely an attacker's address", "per cent"), {out.seen});
        out.result = words.say(Why::tr("Suspicious"));
    } else if (signal.key == "automated") {
        out.result = words.say(Why::tr("Suspicious"));
    } else if (signal.key == "hosting") {
        out.seen = words.say(phraseFor(networkClasses, signal.seen).value_or(Why::tr("Hosting network")));
    } else if (signal.key == "anonymizer" || signal.key == "list") {
        if (const auto kind = phraseFor(networkClasses, signal.seen))
            out.seen = words.say(*kind);
        const auto *malware = evidence.as<MalwareInfectedIpEvidence>();
        if (malware != nullptr && malware->isOwnExperience())
            out.result = words.say(signal.result == SignalResult::OnList ? Why::tr("Bad name here")
                                                                         : Why::tr("No bad name"));
        else if (signal.result != SignalResult::OnList)
            out.result = words.say(Why::tr("Not on list"));
    }
    return out;
}

std::string signalText(std::string_view key, std::string_view value)
{
    if (key != "system" && key != "os")
        return std::string(value);
    std::string out;
    while (!value.empty()) { // "Windows10 (39), Ios 17 (2)"
        const auto end = value.find(", ");
        out += systemName(value.substr(0, end));
        if (end == std::string_view::npos)
            break;
        out += ", ";
        value.remove_prefix(end + 2);
    }
    return out;
}

} // namespace riskdesk::query
