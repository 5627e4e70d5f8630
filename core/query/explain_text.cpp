#include "core/query/explain_text.h"

#include "core/base/text.h"
#include "core/query/system_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

namespace riskdesk::query {
namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

using Words = std::pair<std::string_view, std::string_view>;

template <std::size_t n>
std::string_view wordFor(const std::array<Words, n> &words, std::string_view key, std::string_view otherwise)
{
    for (const auto &[k, word] : words)
        if (k == key)
            return word;
    return otherwise;
}

constexpr std::array<Words, 21> signalNames = {{
    {"speed", "Travel speed"},
    {"country", "Country"},
    {"network", "Address range"},
    {"address", "Address"},
    {"asn", "Network"},
    {"device", "Device"},
    {"deviceId", "Device ID"},
    {"browser", "Browser"},
    {"system", "System"},
    {"os", "System"},
    {"app", "Application"},
    {"hour", "Time of day, UTC"}, // the places' own times are not known
    {"localTime", "Time of day, UTC"},
    {"deviceKind", "Kind of device"},
    {"place", "Place"},
    {"city", "City"},
    {"list", "List"},
    {"campaign", "Attack"},
    {"addressFailureOdds", "Failures from the address"},
    {"anonymizer", "Anonymizer"},
    {"automated", "Automated client"},
}};

std::string nameOf(std::string_view key)
{
    return std::string(wordFor(signalNames, key, "Property"));
}

std::string lowerFirst(std::string text)
{
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] + 32);
    return text;
}

// Facts come from logs, lists and people, and may hold line breaks.
std::string oneLine(std::string_view text)
{
    std::string out;
    bool blank = false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
            blank = !out.empty();
            continue;
        }
        if (blank)
            out += ' ';
        blank = false;
        out += c;
    }
    return out;
}

struct Facts
{
    const Detection &detection;

    [[nodiscard]] double number(std::initializer_list<std::string_view> keys) const
    {
        for (const auto key : keys)
            if (const double n = detection.evidence.number(key, notANumber); std::isfinite(n))
                return n;
        return notANumber;
    }
    [[nodiscard]] std::string text(std::initializer_list<std::string_view> keys) const
    {
        for (const auto key : keys)
            if (auto t = detection.evidence.text(key); !t.empty())
                return t;
        return {};
    }
    [[nodiscard]] bool flag(std::string_view key, bool otherwise) const
    {
        const auto *value = detection.evidence.find(key);
        const auto *b = value != nullptr ? std::get_if<bool>(value) : nullptr;
        return b != nullptr ? *b : otherwise;
    }
    [[nodiscard]] std::optional<Timestamp> time(std::initializer_list<std::string_view> keys) const
    {
        for (const auto key : keys)
            if (const auto *value = detection.evidence.find(key))
                if (const auto *t = std::get_if<Timestamp>(value))
                    return *t;
        return std::nullopt;
    }
    [[nodiscard]] std::string ip() const
    {
        return detection.ip.isKnown() ? detection.ip.toString() : std::string("The address");
    }
    static bool is(const Signal &signal, SignalResult result)
    {
        return signal.result == result && isProperty(signal.key) &&
               (result != SignalResult::New || neverSeen(signal));
    }
    [[nodiscard]] std::string signalsJudged(SignalResult result) const
    {
        std::string names;
        for (const auto &signal : detection.evidence.signals)
            if (is(signal, result))
                names += (names.empty() ? "" : ", ") + lowerFirst(nameOf(signal.key));
        return names;
    }
    [[nodiscard]] std::size_t judged(SignalResult result) const
    {
        const auto &signals = detection.evidence.signals;
        return static_cast<std::size_t>(std::count_if(signals.begin(), signals.end(),
                                                      [result](const Signal &s) { return is(s, result); }));
    }
};

std::string anonymizerWord(std::string_view kind)
{
    static constexpr std::array<Words, 6> words = {{
        {"tor", "Tor exit"},
        {"vpn", "VPN"},
        {"public_proxy", "Public proxy"},
        {"residential_proxy", "Residential proxy"},
        {"relay", "Relay"},
        {"hosting", "Hosting network"},
    }};
    return std::string(wordFor(words, kind, "Anonymizer"));
}

std::string plural(double n, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

Microseconds between(const Facts &facts)
{
    if (const double minutes = facts.number({"minutesBetween"}); std::isfinite(minutes))
        return Microseconds(static_cast<std::int64_t>(std::clamp(minutes, 0.0, 1e9) * 60e6));
    const auto from = facts.time({"fromTime"});
    return from ? facts.detection.at - *from : Microseconds(-1);
}

std::string travelLine(const Facts &f)
{
    const auto from = f.text({"fromCity", "fromCountry"});
    const auto to = f.text({"toCity", "toCountry"});
    std::string line = from.empty() && to.empty()
                           ? std::string("Two places too far apart")
                           : fmt::format("{} to {}", from.empty() ? "?" : from, to.empty() ? "?" : to);
    if (const double km = f.number({"distanceKm"}); std::isfinite(km))
        line += fmt::format(", {} km", grouped(km));
    if (const auto span = between(f); span.count() >= 0)
        line += " in " + duration(span);
    return line;
}

std::string travelSentence(const Facts &f)
{
    const auto to = f.text({"toCity", "toCountry"});
    const auto from = f.text({"fromCity", "fromCountry"});
    std::string out = "Signed in from " + (to.empty() ? std::string("a place") : to);
    if (const auto span = between(f); span.count() >= 0)
        out += ' ' + duration(span);
    out += " after " + (from.empty() ? std::string("another") : from) + '.';
    const double km = f.number({"distanceKm"});
    const double speed = f.number({"speedKmh"});
    if (!std::isfinite(km))
        return out;
    out += fmt::format(" The trip is {} km", grouped(km));
    if (std::isfinite(speed))
        out += fmt::format(" and would need {} km/h", grouped(speed));
    if (const double effective = f.number({"effectiveSpeedKmh"}); std::isfinite(effective))
        out += fmt::format(" ({} km/h allowing for how sure both places are)", grouped(effective));
    if (const double limit = f.number({"speedLimitKmh", "limitKmh"}); std::isfinite(limit))
        out += fmt::format("; the limit in Settings is {} km/h", grouped(limit));
    out += '.';
    if (const double ground = f.number({"groundMinutes"}); std::isfinite(ground))
        out += fmt::format(" Country and device are both new, so {:.0f} min at airports are asked for too, "
                           "which leaves {} km/h.",
                           ground, grouped(f.number({"limitKmh"})));
    return out;
}

std::string unfamiliarLine(const Facts &f)
{
    if (const auto fresh = f.signalsJudged(SignalResult::New); !fresh.empty())
        return "New: " + fresh;
    if (const auto rare = f.signalsJudged(SignalResult::Rare); !rare.empty())
        return "Rare: " + rare;
    return "Unlike this user's sign-ins";
}

std::string unfamiliarSentence(const Facts &f)
{
    const auto &signals = f.detection.evidence.signals;
    const auto total =
        std::count_if(signals.begin(), signals.end(), [](const Signal &s) { return isProperty(s.key); });
    if (total == 0)
        return "The sign-in is unlike this user's others.";
    std::string out =
        fmt::format("{} of {} properties were never seen for this user", f.judged(SignalResult::New), total);
    if (const auto rare = f.judged(SignalResult::Rare); rare > 0)
        out += fmt::format(", {} rare", rare);
    out += '.';
    if (const double bits = f.number({"scoreBits"}); std::isfinite(bits)) {
        out += fmt::format(" Together they weigh {:.1f} bits", bits);
        // The bar of its own level. A level that was lifted since, or set by a provider, reached none.
        const double bar = f.number({f.detection.level == RiskLevel::High     ? "highBits"
                                     : f.detection.level == RiskLevel::Medium ? "mediumBits"
                                                                              : "lowBits"});
        if (std::isfinite(bar) && bits >= bar)
            out += fmt::format("; {} begins at {:.1f}", displayName(f.detection.level), bar);
        out += '.';
    }
    return out;
}

std::string listSuffix(const Facts &f)
{
    const auto list = f.text({"listName"});
    if (list.empty() || list == "ownExperience")
        return {};
    const auto date = f.time({"listDate"});
    return fmt::format(" on list {}{}", list, date ? " of " + date->toIso().substr(0, 10) : std::string());
}

std::string anonymousLine(const Facts &f)
{
    auto line = anonymizerWord(f.text({"kind"}));
    const auto provider = f.text({"provider"});
    if (!provider.empty() && !equalsIgnoringCase(provider, f.text({"kind"})))
        line += ", " + provider;
    return line + listSuffix(f);
}

std::string anonymousSentence(const Facts &f)
{
    const auto provider = f.text({"provider"});
    auto word = anonymizerWord(f.text({"kind"}));
    if (word != "VPN" && word != "Tor exit")
        word = foldCase(word);
    auto out = fmt::format("{} is a {}", f.ip(), word);
    if (!provider.empty() && !equalsIgnoringCase(provider, f.text({"kind"})))
        out += " of " + provider;
    out += listSuffix(f) + '.';
    if (const auto first = f.time({"firstListed"}))
        out += fmt::format(" First listed {}.", first->toIso().substr(0, 10));
    if (const double count = f.number({"habitSuccesses"}); std::isfinite(count) && count > 0)
        out += fmt::format(" The user came through it {} before.", plural(count, "time", "times"));
    return out;
}

std::string malwareLine(const Facts &f)
{
    const auto malware = f.text({"malware"});
    if (f.text({"listName"}) == "ownExperience")
        return fmt::format("{} nearly always fails here", f.ip());
    return (malware.empty() ? std::string("Malware") : malware) + ", " + f.ip() + listSuffix(f);
}

std::string malwareSentence(const Facts &f)
{
    if (f.text({"listName"}) == "ownExperience") {
        std::string out = f.ip() + " has a bad name in this directory";
        const double failures = f.number({"ownFailures"});
        const double attempts = f.number({"ownAttempts"});
        const double users = f.number({"ownFailingUsers"});
        if (std::isfinite(failures) && std::isfinite(attempts))
            out += fmt::format(": {} of {} attempts failed", grouped(failures), grouped(attempts));
        if (std::isfinite(users))
            out += fmt::format(", for {}", plural(users, "user", "users"));
        return out + '.';
    }
    const auto malware = f.text({"malware"});
    auto out = fmt::format("{} contacted {} control servers", f.ip(), malware.empty() ? "malware" : malware);
    if (const auto last = f.time({"lastSeen"})) {
        out += " until " + shortTime(*last);
        if (f.detection.at > *last)
            out += fmt::format("; this sign-in was {} later", duration(f.detection.at - *last));
    }
    out += '.';
    if (const double users = f.number({"sharedByUsers"}); std::isfinite(users) && users > 1)
        out += fmt::format(" {} share the address.", plural(users, "user", "users"));
    return out;
}

std::string sprayLine(const Facts &f)
{
    const double users = f.number({"users", "failingUsers"});
    const auto scope = f.text({"scopeText", "scope"});
    if (!std::isfinite(users))
        return "Password spray" + (scope.empty() ? std::string() : " from " + scope);
    return fmt::format("{} tried{}", plural(users, "account", "accounts"),
                       scope.empty() ? "" : " from " + scope);
}

std::string spraySentence(const Facts &f)
{
    auto out = sprayLine(f);
    const auto opened = f.time({"opened"});
    const auto last = f.time({"last", "detected"});
    if (opened && last && *last > *opened)
        out += " within " + duration(*last - *opened);
    out += f.flag("gotIn", true) ? "; this password was right."
           : f.text({"stoppedBy"}) == "expiredPassword"
               ? "; this password was right, but it has expired: nobody got in."
               : "; this password was right, but a second factor or a policy stopped it: nobody got in.";
    if (const double tries = f.number({"attemptsOnUser"}); std::isfinite(tries) && tries > 0)
        out += fmt::format(" This account was tried {} before.", plural(tries, "time", "times"));
    if (const double others = f.number({"otherVictims"}); std::isfinite(others) && others > 0)
        out += fmt::format(" The passwords of {} were right too.",
                           plural(others, "other account", "other accounts"));
    return out;
}

std::string threatLine(const Facts &f)
{
    const auto label = f.text({"label"});
    const auto indicator = f.text({"indicator"});
    auto line = "Matches " + (!label.empty()      ? label
                              : indicator.empty() ? std::string("an indicator")
                                                  : indicator);
    if (!label.empty() && !indicator.empty() && label != indicator)
        line += fmt::format(" ({})", indicator);
    return line;
}

std::string threatSentence(const Facts &f)
{
    auto out = threatLine(f);
    if (const auto field = f.text({"field"}); !field.empty())
        out += " on the " + wordsOf(field);
    out += listSuffix(f);
    if (const double confidence = f.number({"confidence"}); std::isfinite(confidence))
        out += fmt::format(", confidence {}", grouped(confidence));
    return out + '.';
}

std::string adminLine(const Facts &f)
{
    const auto actor = f.text({"actor", "admin"});
    return "Confirmed by " + (actor.empty() ? std::string("an admin") : actor);
}

std::string adminSentence(const Facts &f)
{
    const auto actor = f.text({"actor", "admin"});
    const auto note = f.text({"note"});
    auto out =
        fmt::format("{} confirmed this on {}", actor.empty() ? "An admin" : actor, shortTime(f.detection.at));
    if (const auto reason = f.text({"reason"}); !reason.empty())
        out += ", " + lowerFirst(reasonName(reason));
    return note.empty() ? out + '.' : out + fmt::format(": \"{}\".", note);
}

std::string importedLine(const Facts &f)
{
    const auto &d = f.detection;
    const auto what = d.type != DetectionType::Other ? std::string(info(d.type).displayName)
                      : d.typeText.empty()           ? std::string("a risk")
                                                     : wordsOf(d.typeText);
    return (d.source.empty() ? std::string("The provider") : d.source) + " reported " + what;
}

} // namespace

std::string grouped(double number)
{
    if (!std::isfinite(number))
        return "?";
    auto digits = fmt::format("{:.0f}", std::abs(number));
    for (std::size_t i = digits.size(); i > 3; i -= 3)
        digits.insert(i - 3, 1, ',');
    return number <= -0.5 ? '-' + digits : digits;
}

std::string duration(Microseconds span)
{
    const auto seconds = std::max<std::int64_t>(span.count(), 0) / 1'000'000;
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    if (seconds < 60)
        return fmt::format("{} s", seconds);
    if (hours < 1)
        return fmt::format("{} min", minutes);
    if (hours < 48)
        return minutes % 60 == 0 ? fmt::format("{} h", hours)
                                 : fmt::format("{} h {} min", hours, minutes % 60);
    const auto days = hours / 24;
    return fmt::format("{} days", grouped(static_cast<double>(days)));
}

std::string shortTime(Timestamp t)
{
    auto iso = t.toIso();
    if (iso.size() < 16)
        return iso;
    iso.resize(16);
    iso[10] = ' ';
    return iso + " UTC";
}

std::string shortened(std::string_view text, std::size_t characters)
{
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    std::size_t count = 0, cut = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins(text[i]))
            continue;
        ++count;
        if (count == characters)
            cut = i;
        if (count > characters)
            return std::string(trim(text.substr(0, cut))) + "…";
    }
    return std::string(text);
}

std::string reasonLine(const Detection &detection)
{
    const Facts facts{detection};
    std::string line;
    if (detection.source != ourSource) {
        line = importedLine(facts);
    } else {
        switch (detection.type) {
        case DetectionType::UnlikelyTravel: line = travelLine(facts); break;
        case DetectionType::AnonymizedIPAddress: line = anonymousLine(facts); break;
        case DetectionType::MalwareInfectedIPAddress: line = malwareLine(facts); break;
        case DetectionType::UnfamiliarFeatures: line = unfamiliarLine(facts); break;
        case DetectionType::PasswordSpray: line = sprayLine(facts); break;
        case DetectionType::InvestigationsThreatIntelligence: line = threatLine(facts); break;
        case DetectionType::AdminConfirmedUserCompromised: line = adminLine(facts); break;
        case DetectionType::Other: line = importedLine(facts); break;
        }
    }
    return shortened(oneLine(line), reasonLength);
}

std::string explanation(const Detection &detection)
{
    const Facts facts{detection};
    std::string out;
    if (detection.source != ourSource) {
        out = importedLine(facts) + ". It is shown and never counted.";
    } else {
        switch (detection.type) {
        case DetectionType::UnlikelyTravel: out = travelSentence(facts); break;
        case DetectionType::AnonymizedIPAddress: out = anonymousSentence(facts); break;
        case DetectionType::MalwareInfectedIPAddress: out = malwareSentence(facts); break;
        case DetectionType::UnfamiliarFeatures: out = unfamiliarSentence(facts); break;
        case DetectionType::PasswordSpray: out = spraySentence(facts); break;
        case DetectionType::InvestigationsThreatIntelligence: out = threatSentence(facts); break;
        case DetectionType::AdminConfirmedUserCompromised: out = adminSentence(facts); break;
        case DetectionType::Other: out = importedLine(facts) + '.'; break;
        }
    }
    if (const auto decided = facts.time({"decidedAt"}))
        out += fmt::format(" The sign-in is older than the decision of {}; nobody had seen this then.",
                           shortTime(*decided));
    if (detection.count > 1)
        out += fmt::format(" It was seen {}, last on {}.", plural(detection.count, "time", "times"),
                           shortTime(detection.lastAt));
    return oneLine(out);
}

std::string reasonName(std::string_view reason)
{
    static constexpr std::array<Words, 5> words = {{
        {"expectedActivity", "Expected activity"},
        {"riskAccepted", "Risk accepted"},
        {"falsePositive", "False positive"},
        {"other", "Other"},
        {"beforeDecision", "Sign-in from before the decision, not seen then"},
    }};
    return oneLine(wordFor(words, reason, reason));
}

bool isProperty(std::string_view key)
{
    return key != "addressFailureOdds" && key != "anonymizer" && key != "automated" && key != "list" &&
           key != "campaign";
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

std::string wordsOf(std::string_view key)
{
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    std::string out;
    for (std::size_t i = 0; i < key.size();) {
        std::size_t end = i + 1;
        while (end < key.size() && key[end] != '_' &&
               (!upper(key[end]) || (upper(key[end - 1]) && (end + 1 == key.size() || !lower(key[end + 1])))))
            ++end;
        std::string word(key.substr(i, end - i));
        static constexpr std::array<Words, 6> spelt = {
            {{"ip", "IP"}, {"Ip", "IP"}, {"asn", "ASN"}, {"Asn", "ASN"}, {"vpn", "VPN"}, {"tor", "Tor"}}};
        word = wordFor(spelt, word, word);
        const bool shortForm = word.size() > 1 && (upper(word[1]) || word == "Tor");
        out += (out.empty() ? "" : " ") + (shortForm ? word : lowerFirst(word));
        i = end < key.size() && key[end] == '_' ? end + 1 : end;
    }
    return oneLine(out);
}

SignalWords signalWords(const Evidence &evidence, const Signal &signal)
{
    SignalWords out{nameOf(signal.key), signalText(signal.key, oneLine(signal.usual)),
                    signalText(signal.key, oneLine(signal.seen)), std::string(displayName(signal.result))};
    if (signal.result == SignalResult::New && !neverSeen(signal))
        out.result = "New combination";
    if (signal.key == "speed") { // nobody has a usual speed; what it was held against is the limit
        out.usual.clear();
        if (const double limit = evidence.number("limitKmh", notANumber); std::isfinite(limit))
            out.seen += fmt::format(", limit {} km/h", grouped(limit));
    } else if (signal.key == "campaign") {
        out.result = "Part of it";
    } else if (signal.key == "deviceId") {
        out.seen.clear(); // "known" and "new" are its result
    } else if (signal.key == "addressFailureOdds") {
        out.seen += " likely an attacker's";
        out.result = "Suspicious";
    } else if (signal.key == "automated") {
        out.result = "Suspicious";
    } else if (signal.key == "anonymizer" || signal.key == "list") {
        if (const auto word = anonymizerWord(signal.seen); word != "Anonymizer")
            out.seen = word;
        if (evidence.text("listName") == "ownExperience")
            out.result = signal.result == SignalResult::OnList ? "Bad name here" : "No bad name";
        else if (signal.result != SignalResult::OnList)
            out.result = "Not on list";
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
