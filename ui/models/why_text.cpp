#include "ui/models/why_text.h"

#include "core/action/risk_writer.h"
#include "core/query/explain_text.h"

#include "ui/models/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>

namespace riskdesk::models {
namespace {

struct Why
{
    Q_DECLARE_TR_FUNCTIONS(Why)
};

constexpr qsizetype longestLine = 62; // what fits a list, ui.md 5

QString signalName(std::string_view key)
{
    if (key == "speed")
        return Why::tr("Travel speed");
    if (key == "country")
        return Why::tr("Country");
    if (key == "network")
        return Why::tr("Address range");
    if (key == "address")
        return Why::tr("Address");
    if (key == "asn")
        return Why::tr("Network");
    if (key == "device")
        return Why::tr("Device");
    if (key == "deviceId")
        return Why::tr("Device ID");
    if (key == "browser")
        return Why::tr("Browser");
    if (key == "system" || key == "os")
        return Why::tr("System");
    if (key == "app")
        return Why::tr("Application");
    if (key == "hour" || key == "localTime") // the places' own times are not known
        return Why::tr("Time, UTC");
    if (key == "deviceKind")
        return Why::tr("Kind of device");
    if (key == "place")
        return Why::tr("Place");
    if (key == "city")
        return Why::tr("City");
    if (key == "list")
        return Why::tr("List");
    if (key == "campaign")
        return Why::tr("Attack");
    if (key == "addressFailureOdds")
        return Why::tr("Failures");
    if (key == "anonymizer")
        return Why::tr("Anonymizer");
    if (key == "automated")
        return Why::tr("Program");
    return Why::tr("Property");
}

QString resultName(SignalResult result)
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

struct Facts
{
    const Detection &detection;

    [[nodiscard]] double number(std::initializer_list<std::string_view> keys) const
    {
        for (const auto key : keys)
            if (const double n = detection.evidence.number(key, std::numeric_limits<double>::quiet_NaN());
                std::isfinite(n))
                return n;
        return std::numeric_limits<double>::quiet_NaN();
    }
    [[nodiscard]] bool has(std::string_view key) const { return std::isfinite(number({key})); }
    [[nodiscard]] QString text(std::initializer_list<std::string_view> keys) const
    {
        for (const auto key : keys)
            if (const auto t = detection.evidence.text(key); !t.empty())
                return models::shown(t);
        return {};
    }
    [[nodiscard]] bool flag(std::string_view key, bool otherwise) const
    {
        const auto *value = detection.evidence.find(key);
        const auto *b = value != nullptr ? std::get_if<bool>(value) : nullptr;
        return b != nullptr ? *b : otherwise;
    }
    [[nodiscard]] std::optional<Timestamp> time(std::string_view key) const
    {
        if (const auto *value = detection.evidence.find(key))
            if (const auto *t = std::get_if<Timestamp>(value))
                return *t;
        return std::nullopt;
    }
    [[nodiscard]] QString ip() const
    {
        return detection.ip.isKnown() ? models::text(detection.ip.toString()) : Why::tr("The address");
    }
    [[nodiscard]] QStringList judged(SignalResult result) const
    {
        QStringList names;
        for (const auto &signal : detection.evidence.signals)
            if (signal.result == result && query::isProperty(signal.key) &&
                (result != SignalResult::New || query::neverSeen(signal)))
                names << signalName(signal.key);
        return names;
    }
    [[nodiscard]] std::optional<Microseconds> between() const
    {
        if (has("minutesBetween"))
            return Microseconds(
                static_cast<std::int64_t>(std::clamp(number({"minutesBetween"}), 0.0, 1e9) * 60e6));
        if (const auto from = time("fromTime"))
            return detection.at - *from;
        return std::nullopt;
    }
    [[nodiscard]] QString from() const { return text({"fromCity", "fromCountry"}); }
    [[nodiscard]] QString to() const { return text({"toCity", "toCountry"}); }
};

int whole(double n)
{
    return static_cast<int>(std::clamp(n, 0.0, 1e9));
}

QString kindName(const QString &kind)
{
    if (kind == QLatin1String("tor"))
        return Why::tr("Tor exit");
    if (kind == QLatin1String("vpn"))
        return Why::tr("VPN");
    if (kind == QLatin1String("public_proxy"))
        return Why::tr("Public proxy");
    if (kind == QLatin1String("residential_proxy"))
        return Why::tr("Residential proxy");
    if (kind == QLatin1String("relay"))
        return Why::tr("Relay");
    if (kind == QLatin1String("hosting"))
        return Why::tr("Hosting network");
    return Why::tr("Anonymizer");
}

bool isKind(const QString &word)
{
    static const QStringList kinds = {QStringLiteral("tor"),          QStringLiteral("vpn"),
                                      QStringLiteral("public_proxy"), QStringLiteral("residential_proxy"),
                                      QStringLiteral("relay"),        QStringLiteral("hosting")};
    return kinds.contains(word);
}

// "desktop (39), mobile (2)", in the person's language.
QString deviceKinds(QString list)
{
    for (const auto &[key, word] : {std::pair(QLatin1String("desktop"), Why::tr("Computer")),
                                    {QLatin1String("mobile"), Why::tr("Phone")},
                                    {QLatin1String("tablet"), Why::tr("Tablet")},
                                    {QLatin1String("bot"), Why::tr("Program")},
                                    {QLatin1String("other"), Why::tr("Other")}})
        list.replace(key, word);
    return list;
}

bool ownExperience(const Facts &f)
{
    return f.text({"listName"}) == QLatin1String("ownExperience");
}

QString onList(const Facts &f)
{
    const auto list = f.text({"listName"});
    if (list.isEmpty() || ownExperience(f))
        return {};
    const auto date = f.time("listDate");
    return date ? Why::tr("on list %1 of %2").arg(list, shortDate(*date)) : Why::tr("on list %1").arg(list);
}

// What a finding by a list rests on: its version, its age at the sign-in, its licence; who may be told, and
// which of its entries was not believed.
QString aboutList(const Facts &f)
{
    const auto list = f.text({"listName"});
    if (list.isEmpty() || ownExperience(f))
        return {};
    QStringList said;
    if (f.has("listVersion"))
        said << Why::tr("version %1", "of a list").arg(count(whole(f.number({"listVersion"}))));
    if (f.has("listAgeDays"))
        said << Why::tr("%1 old", "a list")
                    .arg(duration(std::chrono::hours(24 * whole(f.number({"listAgeDays"})))));
    if (const auto licence = f.text({"listLicence"}); !licence.isEmpty())
        said << Why::tr("licence %1").arg(licence);
    QStringList out;
    if (!said.isEmpty())
        out << Why::tr("List %1: %2.", "name, properties")
                   .arg(list, said.join(Why::tr(", ", "between items of a list")));
    if (const auto who = f.text({"threatActor"}); !who.isEmpty())
        out << Why::tr("Attributed to %1.").arg(who);
    if (const auto tlp = f.text({"tlp"}); !tlp.isEmpty())
        out << Why::tr("TLP:%1.", "traffic light protocol").arg(tlp.toUpper());
    if (const auto aside = f.text({"setAside"}); !aside.isEmpty() && f.has("matchedPercent"))
        out << Why::tr("%1 is set aside: it matches %2 % of the directory's own sign-ins.", "entry of a list")
                   .arg(aside, QString::number(f.number({"matchedPercent"}), 'f', 1));
    return out.join(QLatin1Char(' '));
}

QString joined(const QStringList &parts)
{
    QStringList some;
    for (const auto &part : parts)
        if (!part.isEmpty())
            some << part;
    return some.join(QLatin1Char(' '));
}

QString travelLine(const Facts &f)
{
    const auto trip = f.from().isEmpty() || f.to().isEmpty()
                          ? Why::tr("Two places too far apart")
                          : Why::tr("%1 to %2", "two places").arg(f.from(), f.to());
    const auto span = f.between();
    if (!f.has("distanceKm"))
        return span ? Why::tr("%1, %2 apart", "trip, time").arg(trip, duration(*span)) : trip;
    const auto km = distance(f.number({"distanceKm"}));
    return span ? Why::tr("%1, %2 in %3", "trip, distance, time").arg(trip, km, duration(*span))
                : Why::tr("%1, %2", "trip, distance").arg(trip, km);
}

QString travelSentence(const Facts &f)
{
    QStringList out;
    const auto span = f.between();
    if (f.from().isEmpty() || f.to().isEmpty())
        out << Why::tr("Two sign-ins came from places too far apart.");
    else if (span)
        out << Why::tr("Signed in from %1 %2 after %3.", "place, time, place")
                   .arg(f.to(), duration(*span), f.from());
    else
        out << Why::tr("Signed in from %1 after %2.", "place, place").arg(f.to(), f.from());
    if (!f.has("distanceKm"))
        return out.join(QLatin1Char(' '));
    const auto km = distance(f.number({"distanceKm"}));
    if (!f.has("speedKmh"))
        out << Why::tr("The trip is %1.").arg(km);
    else if (!f.has("limitKmh"))
        out << Why::tr("The trip is %1 and would need %2.").arg(km, speed(f.number({"speedKmh"})));
    else
        out << Why::tr("The trip is %1 and would need %2; the limit in Settings is %3.")
                   .arg(km, speed(f.number({"speedKmh"})), speed(f.number({"speedLimitKmh", "limitKmh"})));
    if (f.has("effectiveSpeedKmh"))
        out << Why::tr("Allowing for how sure both places are, it is %1.")
                   .arg(speed(f.number({"effectiveSpeedKmh"})));
    if (f.has("groundMinutes"))
        out << Why::tr("Country and device are both new, so %1 min at airports are asked for too, which "
                       "leaves %2.")
                   .arg(QString::number(f.number({"groundMinutes"}), 'f', 0), speed(f.number({"limitKmh"})));
    return out.join(QLatin1Char(' '));
}

QString unfamiliarLine(const Facts &f)
{
    const auto comma = Why::tr(", ", "between items of a list");
    if (const auto fresh = f.judged(SignalResult::New); !fresh.isEmpty())
        return Why::tr("New: %1", "properties").arg(fresh.join(comma));
    if (const auto rare = f.judged(SignalResult::Rare); !rare.isEmpty())
        return Why::tr("Rare: %1", "properties").arg(rare.join(comma));
    return Why::tr("Unlike this user's sign-ins");
}

QString unfamiliarSentence(const Facts &f)
{
    const auto &signals = f.detection.evidence.signals;
    const auto total = static_cast<int>(std::count_if(
        signals.begin(), signals.end(), [](const Signal &signal) { return query::isProperty(signal.key); }));
    if (total == 0)
        return Why::tr("The sign-in is unlike this user's others.");
    const auto fresh = static_cast<int>(f.judged(SignalResult::New).size());
    const auto rare = static_cast<int>(f.judged(SignalResult::Rare).size());
    QStringList out;
    out << Why::tr("%1 of %n properties were never seen for this user.", nullptr, total).arg(fresh);
    if (rare > 0)
        out << Why::tr("%n more are rare.", nullptr, rare);
    return out.join(QLatin1Char(' '));
}

QString anonymousLine(const Facts &f)
{
    const auto provider = f.text({"provider"});
    const auto kind = f.text({"kind"});
    auto what = kindName(kind);
    if (!provider.isEmpty() && provider.compare(kind, Qt::CaseInsensitive) != 0)
        what = Why::tr("%1, %2", "kind of anonymizer, provider").arg(what, provider);
    return joined({what, onList(f)});
}

QString anonymousSentence(const Facts &f)
{
    QStringList out;
    out << Why::tr("%1: %2.", "address, what it is").arg(f.ip(), anonymousLine(f));
    if (const auto first = f.time("firstListed"))
        out << Why::tr("First listed %1.").arg(shortDate(*first));
    if (const int times = whole(f.number({"habitSuccesses"})); f.has("habitSuccesses") && times > 0)
        out << Why::tr("The user came through it %n time(s) before.", nullptr, times);
    return out.join(QLatin1Char(' '));
}

QString malwareLine(const Facts &f)
{
    if (ownExperience(f))
        return Why::tr("%1 nearly always fails here", "address").arg(f.ip());
    const auto malware = f.text({"malware"});
    return joined(
        {Why::tr("%1, %2", "malware, address").arg(malware.isEmpty() ? Why::tr("Malware") : malware, f.ip()),
         onList(f)});
}

QString malwareSentence(const Facts &f)
{
    if (ownExperience(f)) {
        if (!f.has("ownFailures") || !f.has("ownAttempts"))
            return Why::tr("%1 has a bad name in this directory.").arg(f.ip());
        return Why::tr("%1 has a bad name in this directory: %2 of %3 attempts failed.")
            .arg(f.ip(), count(whole(f.number({"ownFailures"}))), count(whole(f.number({"ownAttempts"}))));
    }
    QStringList out;
    const auto malware = f.text({"malware"}).isEmpty() ? Why::tr("malware") : f.text({"malware"});
    const auto last = f.time("lastSeen");
    if (!last)
        out << Why::tr("%1 contacted %2 control servers.", "address, malware").arg(f.ip(), malware);
    else if (f.detection.at > *last)
        out << Why::tr("%1 contacted %2 control servers until %3; this sign-in was %4 later.",
                       "address, malware, time, span")
                   .arg(f.ip(), malware, shortTime(*last), duration(f.detection.at - *last));
    else
        out << Why::tr("%1 contacted %2 control servers until %3.", "address, malware, time")
                   .arg(f.ip(), malware, shortTime(*last));
    if (const int users = whole(f.number({"sharedByUsers"})); f.has("sharedByUsers") && users > 1)
        out << Why::tr("%n users share the address.", nullptr, users);
    return out.join(QLatin1Char(' '));
}

QString sprayLine(const Facts &f)
{
    const auto scope = f.text({"scopeText"});
    const double users = f.number({"users", "failingUsers"});
    if (!std::isfinite(users))
        return scope.isEmpty() ? Why::tr("Password spray") : Why::tr("Password spray from %1").arg(scope);
    return scope.isEmpty() ? Why::tr("%n account(s) tried", nullptr, whole(users))
                           : Why::tr("%n account(s) tried from %1", nullptr, whole(users)).arg(scope);
}

QString spraySentence(const Facts &f)
{
    const auto opened = f.time("opened");
    const auto last = f.time("last");
    const bool took = opened && last && *last > *opened;
    QStringList out;
    const auto tried =
        took ? Why::tr("%1 within %2", "accounts tried, span").arg(sprayLine(f), duration(*last - *opened))
             : sprayLine(f);
    out << (f.flag("gotIn", true) ? Why::tr("%1; this password was right.", "accounts tried")
            : f.text({"stoppedBy"}) == QLatin1String("expiredPassword")
                ? Why::tr("%1; this password was right, but it has expired: nobody got in.", "accounts tried")
                : Why::tr("%1; this password was right, but a second factor or a policy stopped it: nobody "
                          "got in.",
                          "accounts tried"))
               .arg(tried);
    if (const int tries = whole(f.number({"attemptsOnUser"})); f.has("attemptsOnUser") && tries > 0)
        out << Why::tr("This account was tried %n time(s) before.", nullptr, tries);
    if (const int others = whole(f.number({"otherVictims"})); f.has("otherVictims") && others > 0)
        out << Why::tr("The passwords of %n other account(s) were right too.", nullptr, others);
    return out.join(QLatin1Char(' '));
}

QString threatLine(const Facts &f)
{
    const auto label = f.text({"label"});
    const auto indicator = f.text({"indicator"});
    if (label.isEmpty())
        return indicator.isEmpty() ? Why::tr("Matches an indicator")
                                   : Why::tr("Matches %1", "indicator").arg(indicator);
    return indicator.isEmpty() || indicator == label
               ? Why::tr("Matches %1", "indicator").arg(label)
               : Why::tr("Matches %1 (%2)", "label, indicator").arg(label, indicator);
}

QString adminLine(const Facts &f)
{
    const auto actor = f.text({"actor", "admin"});
    return actor.isEmpty() ? Why::tr("Confirmed by an admin") : Why::tr("Confirmed by %1").arg(actor);
}

QString adminSentence(const Facts &f)
{
    const auto actor = f.text({"actor", "admin"});
    const auto note = f.text({"note"});
    const auto who = actor.isEmpty() ? Why::tr("An admin") : actor;
    const auto when = shortTime(f.detection.at);
    return note.isEmpty() ? Why::tr("%1 confirmed this on %2.").arg(who, when)
                          : Why::tr("%1 confirmed this on %2: \"%3\"").arg(who, when, note);
}

QString importedLine(const Facts &f)
{
    const auto &d = f.detection;
    const auto type = d.type == DetectionType::Other && !d.typeText.empty()
                          ? shown(query::wordsOf(d.typeText))
                          : typeName(d.type);
    return d.source.empty() ? Why::tr("The provider reported %1").arg(type)
                            : Why::tr("%1 reported %2").arg(shown(d.source), type);
}

QString fullLine(const Facts &f)
{
    if (f.detection.source != ourSource)
        return importedLine(f);
    switch (f.detection.type) {
    case DetectionType::UnlikelyTravel: return travelLine(f);
    case DetectionType::AnonymizedIPAddress: return anonymousLine(f);
    case DetectionType::MalwareInfectedIPAddress: return malwareLine(f);
    case DetectionType::UnfamiliarFeatures: return unfamiliarLine(f);
    case DetectionType::PasswordSpray: return sprayLine(f);
    case DetectionType::InvestigationsThreatIntelligence: return threatLine(f);
    case DetectionType::AdminConfirmedUserCompromised: return adminLine(f);
    case DetectionType::Other: break;
    }
    return importedLine(f);
}

QString sentences(const Facts &f)
{
    if (f.detection.source != ourSource)
        return Why::tr("%1. It is shown and never counted.", "what the provider reported")
            .arg(importedLine(f));
    switch (f.detection.type) {
    case DetectionType::UnlikelyTravel: return travelSentence(f);
    case DetectionType::AnonymizedIPAddress: return joined({anonymousSentence(f), aboutList(f)});
    case DetectionType::MalwareInfectedIPAddress: return joined({malwareSentence(f), aboutList(f)});
    case DetectionType::UnfamiliarFeatures: return unfamiliarSentence(f);
    case DetectionType::PasswordSpray: return spraySentence(f);
    case DetectionType::InvestigationsThreatIntelligence:
        return joined({joined({threatLine(f), onList(f)}) + QLatin1Char('.'), aboutList(f)});
    case DetectionType::AdminConfirmedUserCompromised: return adminSentence(f);
    case DetectionType::Other: break;
    }
    return importedLine(f) + QLatin1Char('.');
}

QString notEvaluable(DetectionType type, const detect::Verdict &v)
{
    if (type == DetectionType::AnonymizedIPAddress)
        return Why::tr("A relay hides the address, not the country; it is no anonymizer.");
    const auto why = shown(v.evidence.text("notEvaluable"));
    return isKind(why) ? Why::tr("The place behind it is not known: %1.").arg(kindName(why))
           : why == QLatin1String("satellite")
               ? Why::tr("The place behind it is not known: satellite link.")
               : Why::tr("The place is not known well enough to measure a trip.");
}

QString belowThreshold(DetectionType type, const detect::Verdict &v)
{
    const QLocale locale;
    switch (type) {
    case DetectionType::UnlikelyTravel:
        return v.value <= 0        ? Why::tr("There was time enough for the trip.")
               : v.value < v.limit ? Why::tr("The trip would need %1; more than %2 is raised.")
                                         .arg(speed(v.value), speed(v.limit))
                                   : Why::tr("The places are too near to each other for a trip.");
    case DetectionType::PasswordSpray:
        return v.value <= 0 ? Why::tr("No accounts were being tried from there.")
                            : Why::tr("%n account(s) were tried from there; %1 are needed for an attack.",
                                      nullptr, whole(v.value))
                                  .arg(locale.toString(v.limit, 'f', 0));
    default:
        return v.value <= 0 ? Why::tr("It is like this user's other sign-ins.")
                            : Why::tr("Unlike this user by %1 bits; %2 are needed.")
                                  .arg(locale.toString(v.value, 'f', 1), locale.toString(v.limit, 'f', 1));
    }
}

QString notListed(DetectionType type)
{
    switch (type) {
    case DetectionType::AnonymizedIPAddress: return Why::tr("The address is on no list of anonymizers.");
    case DetectionType::MalwareInfectedIPAddress:
        return Why::tr("The address is on no malware list and has no bad name here.");
    default: return Why::tr("Nothing of it is on a list of indicators.");
    }
}

QString setAside(const detect::Verdict &verdict)
{
    const QLocale locale;
    const auto entry = shown(verdict.evidence.text("setAside"));
    const auto what = entry.isEmpty() ? Why::tr("The entry") : entry;
    return verdict.evidence.text("warning") == "indicatorOnWarningList"
               ? Why::tr("%1 is set aside: it stands on a warning list.", "entry of a list").arg(what)
               : Why::tr("%1 is set aside: it matches %2 % of the directory's own sign-ins.",
                         "entry of a list")
                     .arg(what, locale.toString(verdict.value, 'f', 1));
}

} // namespace

QString reasonLine(const Detection &detection)
{
    auto line = fullLine({detection}).simplified(); // facts come from logs and may hold line breaks
    if (line.size() <= longestLine)
        return line;
    auto cut = longestLine - 1;
    if (line.at(cut - 1).isHighSurrogate())
        --cut;
    return line.left(cut).trimmed() + QStringLiteral("…");
}

QString reasonName(std::string_view reason)
{
    if (reason == "expectedActivity")
        return Why::tr("Expected activity");
    if (reason == "riskAccepted")
        return Why::tr("Risk accepted");
    if (reason == "falsePositive")
        return Why::tr("False positive");
    if (reason == "other")
        return Why::tr("Other");
    if (reason == action::beforeDecision)
        return Why::tr("Sign-in from before the decision, not seen then");
    return shown(reason);
}

QString explanation(const Detection &detection)
{
    auto out = sentences({detection});
    if (const auto decided = Facts{detection}.time("decidedAt"))
        out += QLatin1Char(' ') +
               Why::tr("The sign-in is older than the decision of %1; nobody had seen this then.")
                   .arg(shortTime(*decided));
    if (detection.count > 1)
        out += QLatin1Char(' ') +
               Why::tr("It was seen %n times, last on %1.", nullptr, static_cast<int>(detection.count))
                   .arg(shortTime(detection.lastAt));
    return out.simplified();
}

QString whatHappened(const query::HistoryRow &row)
{
    const auto what = ledgerName(row.event.kind);
    if (const auto &back = row.takenBack) {
        const auto who = back->actor.empty() ? QStringLiteral("Riskdesk") : shown(back->actor);
        return (back->again ? Why::tr("Done again: %1 by %2 on %3", "action, who, when")
                            : Why::tr("Taken back: %1 by %2 on %3", "action, who, when"))
            .arg(ledgerName(back->kind), who, shortTime(back->at));
    }
    if (row.detectionType.empty())
        return what;
    const auto type = detectionTypeFromText(row.detectionType);
    const auto named = Why::tr("%1: %2", "what happened, detection")
                           .arg(what, type ? typeName(*type) : shown(query::wordsOf(row.detectionType)));
    return row.times <= 1 ? named
                          : Why::tr("%1, seen %n times, last %2", nullptr, static_cast<int>(row.times))
                                .arg(named, shortTime(row.lastAt));
}

SignalWords signalWords(const Evidence &evidence, const Signal &signal)
{
    const auto orDash = [](const std::string &fact) {
        const auto words = shown(fact);
        return words.isEmpty() ? QStringLiteral("–") : words;
    };
    SignalWords out{signalName(signal.key), orDash(query::signalText(signal.key, signal.usual)),
                    orDash(query::signalText(signal.key, signal.seen)), resultName(signal.result)};
    if (signal.result == SignalResult::New && !query::neverSeen(signal))
        out.result = Why::tr("New combination");
    if (signal.key == "speed") { // nobody has a usual speed; what it was held against is the limit
        out.usual = QStringLiteral("–");
        if (evidence.find("limitKmh") != nullptr && evidence.find("effectiveSpeedKmh") != nullptr)
            out.seen = Why::tr("%1, limit %2", "speed, number")
                           .arg(speed(evidence.number("effectiveSpeedKmh")),
                                count(whole(evidence.number("limitKmh"))));
    } else if (signal.key == "campaign") {
        out.result = Why::tr("Part of it", "an attack");
    } else if (signal.key == "deviceId") {
        out.seen = QStringLiteral("–"); // "known" and "new" are its result
    } else if (signal.key == "deviceKind") {
        out.usual = deviceKinds(out.usual);
        out.seen = deviceKinds(out.seen);
    } else if (signal.key == "addressFailureOdds") {
        out.seen = Why::tr("%1 likely an attacker's address", "per cent").arg(out.seen);
        out.result = Why::tr("Suspicious");
    } else if (signal.key == "automated") {
        out.result = Why::tr("Suspicious");
    } else if (signal.key == "anonymizer" || signal.key == "list") {
        if (const auto kind = text(signal.seen); isKind(kind))
            out.seen = kindName(kind);
        if (evidence.text("listName") == "ownExperience")
            out.result =
                signal.result == SignalResult::OnList ? Why::tr("Bad name here") : Why::tr("No bad name");
        else if (signal.result != SignalResult::OnList)
            out.result = Why::tr("Not on list");
    }
    return out;
}

QString whyNot(DetectionType type, const detect::Verdict &v)
{
    using R = detect::Reason;
    const QLocale locale;
    switch (v.reason) {
    case R::Raised: return Why::tr("Raised");
    case R::NotASuccess:
        return type == DetectionType::PasswordSpray
                   ? Why::tr("It does not show that the password was right.")
                   : Why::tr("The sign-in did not succeed; only one that does is judged.");
    case R::SwitchedOff: return Why::tr("Switched off in Settings.");
    case R::SocialIdentity: return Why::tr("Another party keeps this user's password.");
    case R::NotInteractive: return Why::tr("An application renewed its access; no person signed in.");
    case R::Learning:
        return v.limit > 0 ? Why::tr("Still learning this user: %1 of %2 sign-ins.")
                                 .arg(locale.toString(v.value, 'f', 0), locale.toString(v.limit, 'f', 0))
                           : Why::tr("Still learning this user.");
    case R::NoEarlierSignIn: return Why::tr("There is no other sign-in near in time to compare with.");
    case R::SameNetwork: return Why::tr("It came from the same address range as the one before.");
    case R::NotEvaluable: return notEvaluable(type, v);
    case R::Trusted: return Why::tr("A trusted location is involved.");
    case R::Familiar:
        return type == DetectionType::UnlikelyTravel
                   ? Why::tr("Too fast for a trip, but this user is often in both places.")
                   : Why::tr("There was an attack, but the network, address or device is the user's own.");
    case R::CommonHere: return Why::tr("Too fast for a trip, but many users sign in from there.");
    case R::BelowThreshold: return belowThreshold(type, v);
    case R::NotListed: return notListed(type);
    case R::ListedAtAnotherTime:
        return Why::tr("It was listed, but not at that time: %1 away.")
            .arg(duration(Microseconds(static_cast<std::int64_t>(std::clamp(v.value, 0.0, 1e5) * 86400e6))));
    case R::LikelyTheUser: return Why::tr("There was an attack, but this was more likely the user.");
    case R::SharedByMany:
        return Why::tr("%n user(s) share the address; its bad name need not be this one's.", nullptr,
                       whole(v.value));
    case R::ConfirmedBefore: return Why::tr("This trip was confirmed safe before.");
    case R::SetAside: return setAside(v);
    case R::SameProvider: return Why::tr("The user's own devices, behind a provider of one country.");
    }
    return {};
}

} // namespace riskdesk::models
