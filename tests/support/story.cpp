#include "tests/support/story.h"

#include "core/base/timestamp.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QUuid>

namespace riskdesk::test {
namespace {

struct City
{
    const char *name, *country;
    double latitude, longitude;
};
constexpr City cities[] = {
    {"Berlin", "DE", 52.5200, 13.4050},      {"Hamburg", "DE", 53.5511, 9.9937},
    {"Munich", "DE", 48.1374, 11.5755},      {"Lisbon", "PT", 38.7167, -9.1333},
    {"Porto", "PT", 41.1496, -8.6110},       {"Madrid", "ES", 40.4165, -3.7026},
    {"Barcelona", "ES", 41.3888, 2.1590},    {"Paris", "FR", 48.8534, 2.3488},
    {"London", "GB", 51.5085, -0.1257},      {"Moscow", "RU", 55.7522, 37.6156},
    {"New York", "US", 40.7143, -74.0060},   {"Los Angeles", "US", 34.0522, -118.2437},
    {"Houston", "US", 29.7633, -95.3633},    {"San Antonio", "US", 29.4241, -98.4936},
    {"Sao Paulo", "BR", -23.5475, -46.6361}, {"Lagos", "NG", 6.4541, 3.3947},
    {"Singapore", "SG", 1.2897, 103.8501},   {"Ho Chi Minh City", "VN", 10.8231, 106.6297},
    {"Jakarta", "ID", -6.2146, 106.8451},    {"Auckland", "NZ", -36.8485, 174.7635},
};

QStringList wordsOf(const QString &line)
{
    QStringList words;
    QString word;
    bool quoted = false, any = false;
    for (const QChar c : line) {
        if (c == u'"') {
            quoted = !quoted;
            any = true;
        } else if (c.isSpace() && !quoted) {
            if (any || !word.isEmpty())
                words << word;
            word.clear();
            any = false;
        } else {
            word += c;
        }
    }
    if (any || !word.isEmpty())
        words << word;
    return words;
}

using Options = QHash<QString, QString>;

// The KEY=VALUE words from `at` on; every other word goes to `rest`.
Options optionsOf(const QStringList &words, qsizetype at, QStringList *rest = nullptr)
{
    Options options;
    for (; at < words.size(); ++at) {
        const auto equals = words[at].indexOf(u'=');
        if (equals > 0)
            options[words[at].left(equals)] = words[at].mid(equals + 1);
        else if (rest != nullptr)
            rest->push_back(words[at]);
    }
    return options;
}

// "u3..u5" is u3, u4, u5; "anna" is anna.
QList<QPair<QString, int>> usersOf(const QString &word)
{
    const auto dots = word.indexOf("..");
    if (dots < 0)
        return {{word, 1}};
    const auto digitsFrom = [](const QString &text) {
        auto i = text.size();
        while (i > 0 && text[i - 1].isDigit())
            --i;
        return i;
    };
    const auto first = word.left(dots), last = word.mid(dots + 2);
    const auto stem = first.left(digitsFrom(first));
    QList<QPair<QString, int>> users;
    for (int i = first.mid(digitsFrom(first)).toInt(); i <= last.mid(digitsFrom(last)).toInt(); ++i)
        users.push_back({stem + QString::number(i), i});
    return users;
}

// True: "52.1,13.4,DE" or "52.1,13.4,DE,Somewhere" or a city of the table or "DE" or "nowhere".
bool placeOf(const QString &word, QJsonObject &location)
{
    const auto fill = [&](const QString &city, const QString &country, double latitude, double longitude) {
        if (!city.isEmpty())
            location["city"] = city;
        location["countryOrRegion"] = country;
        location["geoCoordinates"] = QJsonObject{{"latitude", latitude}, {"longitude", longitude}};
    };
    if (word == "nowhere")
        return true;
    for (const auto &c : cities)
        if (word == c.name) {
            fill(word, c.country, c.latitude, c.longitude);
            return true;
        }
    const auto isCapital = [](QChar c) { return c >= u'A' && c <= u'Z'; };
    if (word.size() == 2 && isCapital(word[0]) && isCapital(word[1])) {
        location["countryOrRegion"] = word;
        return true;
    }
    const auto parts = word.split(u',');
    bool isLatitude = false, isLongitude = false;
    const double latitude = parts.value(0).toDouble(&isLatitude),
                 longitude = parts.value(1).toDouble(&isLongitude);
    if (parts.size() < 3 || !isLatitude || !isLongitude)
        return false;
    fill(parts.value(3), parts[2], latitude, longitude);
    return true;
}

std::optional<Timestamp> timeOf(const QString &date, const QString &time)
{
    const auto text = date + 'T' + time + (time.count(':') == 1 ? ":00Z" : "Z");
    const auto at = Timestamp::fromIso(text.toStdString());
    return at ? std::optional(*at) : std::nullopt;
}

QString isoOf(Timestamp at)
{
    return QString::fromStdString(at.toIso());
}

} // namespace

QString Story::play()
{
    QFile file(m_file);
    if (!file.open(QIODevice::ReadOnly | QIODevice::Text))
        return "cannot open " + m_file;
    if (const auto made = ctl({"init", "--name", "Story"}); !made.error.isEmpty())
        return made.error;
    int number = 0, expectations = 0;
    bool told = false; // what happens and why it matters
    while (!file.atEnd()) {
        ++number;
        const auto line = QString::fromUtf8(file.readLine()).trimmed();
        if (number == 1)
            told = line.startsWith("# ") && line.endsWith(u'.');
        if (line.isEmpty() || line.startsWith(u'#'))
            continue;
        const auto words = wordsOf(line);
        expectations += words[0] == "expect" ? 1 : 0;
        if (const auto error = step(words); !error.isEmpty())
            return QString("%1:%2: %3\n    %4")
                .arg(QFileInfo(m_file).fileName())
                .arg(number)
                .arg(line, error);
    }
    if (!told)
        return "the first line does not say in a sentence what happens";
    if (expectations == 0)
        return "the story expects nothing";
    return ctl({"verify"}).error;
}

Story::Ran Story::ctl(const QStringList &arguments)
{
    QProcess program;
    program.start(m_program, QStringList{"--directory", path()} + arguments);
    Ran ran;
    if (!program.waitForFinished(60000)) {
        ran.error = "riskdeskctl did not end";
        return ran;
    }
    ran.code = program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -2;
    ran.out = program.readAllStandardOutput();
    if (ran.code != 0)
        ran.error = QString("riskdeskctl %1 gave %2: %3%4")
                        .arg(arguments.join(' '))
                        .arg(ran.code)
                        .arg(QString::fromUtf8(program.readAllStandardError()), QString::fromUtf8(ran.out));
    return ran;
}

QString Story::id(const QString &user)
{
    return QUuid::createUuidV5(QUuid(), user).toString(QUuid::WithoutBraces);
}

QString Story::tell(const QString &user, const QString &time, const QString &place, const QString &ip,
                    const QString &agent, int code, const Options &more)
{
    static const QStringList known = {"asn", "device", "ua", "app", "interactive", "every", "times", "mfa"};
    for (auto i = more.begin(); i != more.end(); ++i)
        if (!known.contains(i.key()))
            return "unknown option " + i.key();
    QJsonObject location;
    if (!placeOf(place, location))
        return "unknown place " + place;
    const auto request = id("event " + QString::number(++m_events));
    const auto parts = agent.split('/');
    QJsonObject device{{"browser", parts.value(0)}, {"operatingSystem", parts.value(1)}};
    if (more.contains("device"))
        device["deviceId"] = id("device " + more["device"]);
    QJsonObject record{{"id", request},
                       {"createdDateTime", time},
                       {"userId", id(user)},
                       {"userPrincipalName", mail(user)},
                       {"userDisplayName", user},
                       {"appDisplayName", more.value("app", "Storefront")},
                       {"clientAppUsed", "Browser"},
                       {"ipAddress", ip},
                       {"isInteractive", more.value("interactive") != "no"},
                       {"status", QJsonObject{{"errorCode", code}}},
                       {"deviceDetail", device}};
    if (more.contains("asn"))
        record["autonomousSystemNumber"] = more["asn"].toInt();
    if (more.contains("ua"))
        record["userAgent"] = more["ua"];
    if (!location.isEmpty())
        record["location"] = location;
    if (const auto mfa = more.value("mfa"); mfa == "fresh" || mfa == "earlier") {
        record["authenticationRequirement"] = "multiFactorAuthentication";
        record["authenticationDetails"] = QJsonArray{
            QJsonObject{{"authenticationMethod", "Password"},
                        {"succeeded", true},
                        {"authenticationStepRequirement", "Primary authentication"}},
            mfa == "fresh" ? QJsonObject{{"authenticationMethod", "Mobile app notification"},
                                         {"succeeded", true},
                                         {"authenticationStepRequirement", "Multifactor authentication"}}
                           : QJsonObject{{"authenticationMethod", "Previously satisfied"},
                                         {"succeeded", true},
                                         {"authenticationStepResultDetail",
                                          "MFA requirement satisfied by claim in the token"},
                                         {"authenticationStepRequirement", "Multifactor authentication"}}};
    } else if (!mfa.isEmpty()) {
        return "unknown mfa " + mfa;
    }
    if (m_social.contains(user))
        record["federatedTokenIssuer"] = m_social[user];
    m_log += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
    m_newest[user] = request;
    return {};
}

// USERS DATE TIME PLACE IP AGENT from words[at] on; the next user follows `every` minutes later, and all of
// them again `times` times. A * in the address is the number of the user.
QString Story::tellSignIns(const QStringList &w, qsizetype at, const QString &verb, int code)
{
    QStringList rest;
    const auto more = optionsOf(w, at + 6, &rest);
    if (w.size() < at + 6)
        return verb + " needs a user, a day, a time, a place, an address and an agent";
    for (const auto &word : rest) {
        bool isCode = false;
        code = word.toInt(&isCode);
        if (!isCode)
            return "unknown word " + word;
    }
    auto when = timeOf(w[at + 1], w[at + 2]);
    if (!when)
        return "not a time: " + w[at + 1] + ' ' + w[at + 2];
    const auto every = Microseconds(static_cast<std::int64_t>(more.value("every", "1").toDouble() * 6e7));
    for (int again = more.value("times", "1").toInt(); again > 0; --again)
        for (const auto &[user, number] : usersOf(w[at])) {
            const auto ip = QString(w[at + 4]).replace('*', QString::number(number));
            if (const auto error = tell(user, isoOf(*when), w[at + 3], ip, w[at + 5], code, more);
                !error.isEmpty())
                return error;
            when = *when + every;
        }
    return {};
}

// As Graph's directory audits tell it, or with `unified` the unified audit log.
QString Story::password(const QStringList &w)
{
    const auto user = w.value(1), what = w.value(2);
    const auto when = timeOf(w.value(3), w.value(4));
    const bool failed = w.contains("failed");
    if (!when || (what != "changed" && what != "reset" && what != "reset-by-admin"))
        return "a password is told as: password USER changed|reset|reset-by-admin DATE TIME [unified] "
               "[failed]";
    const auto request = id("event " + QString::number(++m_events));
    const auto by = what == "reset-by-admin" ? mail("boss") : mail(user);
    if (w.contains("unified")) {
        const QJsonObject record{
            {"CreationTime", isoOf(*when).left(19)},
            {"Id", request},
            {"Operation", what == "changed" ? "Change user password." : "Reset user password."},
            {"RecordType", 8},
            {"ResultStatus", failed ? "Failure" : "Success"},
            {"Workload", "AzureActiveDirectory"},
            {"UserId", what == "reset" ? "fim_password_service@support.onmicrosoft.com" : by},
            {"ObjectId", mail(user)}};
        m_unified += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
        return {};
    }
    const QJsonObject record{
        {"id", request},
        {"category", "UserManagement"},
        {"activityDisplayName", what == "changed" ? "Change password (self-service)"
                                : what == "reset" ? "Reset password (self-service)"
                                                  : "Reset user password"},
        {"activityDateTime", isoOf(*when)},
        {"result", failed ? "failure" : "success"},
        {"initiatedBy", QJsonObject{{"app", QJsonValue()}, {"user", QJsonObject{{"userPrincipalName", by}}}}},
        {"targetResources",
         QJsonArray{QJsonObject{{"id", id(user)}, {"type", "User"}, {"userPrincipalName", mail(user)}}}}};
    m_audits += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
    return {};
}

QString Story::habit(const QStringList &w)
{
    // habit USERS COUNT sign-ins every HOURS h until DATE TIME PLACE IP AGENT
    if (w.size() < 13 || w[3] != "sign-ins" || w[4] != "every" || w[6] != "h" || w[7] != "until")
        return "a habit is told as: habit USERS COUNT sign-ins every HOURS h until DATE TIME PLACE IP AGENT";
    const auto until = timeOf(w[8], w[9]);
    if (!until)
        return "not a time: " + w[8] + ' ' + w[9];
    const auto more = optionsOf(w, 13);
    for (const auto &[user, number] : usersOf(w[1]))
        for (int i = w[2].toInt() - 1; i >= 0; --i) {
            const auto at = *until - std::chrono::minutes(static_cast<int>(w[5].toDouble() * 60) * i) +
                            std::chrono::seconds(number - 1);
            const auto ip = QString(w[11]).replace('*', QString::number(number));
            if (const auto error = tell(user, isoOf(at), w[10], ip, w[12], 0, more); !error.isEmpty())
                return error;
        }
    return {};
}

QString Story::import()
{
    QStringList files;
    for (auto *log : {&m_audits, &m_unified, &m_log}) {
        if (log->isEmpty())
            continue;
        files << m_folder.filePath(QString("log%1.ndjson").arg(++m_files));
        QFile out(files.last());
        if (!out.open(QIODevice::WriteOnly) || out.write(*log) != log->size())
            return "cannot write " + files.last();
        log->clear();
    }
    if (files.isEmpty())
        return {};
    m_logs << files;
    const auto ran = ctl(QStringList{"import"} + files);
    m_said = ran.out;
    return ran.error;
}

QString Story::list(const QStringList &w)
{
    const auto kind = w.value(1);
    QStringList networks;
    auto more = optionsOf(w, 2, &networks);
    if (networks.value(0) == "of" && networks.size() > 1) {
        more["kind"] = networks[1];
        networks = networks.mid(2);
    }
    const auto from = more.value("from"), until = more.value("until");
    const auto confidence = more.value("confidence", "90");
    QStringList lines;
    if (kind == "anonymizer")
        lines << "network,kind,provider,first_seen,last_seen";
    else if (kind == "malware")
        lines << "network,malware,confidence,first_seen,last_seen";
    else if (kind == "threat")
        lines << "type,value,confidence,valid_from,valid_until,label,actor,tlp";
    else if (kind == "trusted")
        lines << "name,network,trusted";
    else if (kind != "mobile" && kind != "warning") // one network a line
        return "unknown list " + kind;
    for (const auto &network : networks) {
        const auto type = !more.value("type").isEmpty() ? more["type"]
                          : network.startsWith("AS")    ? QString("asn")
                          : network.contains('/')       ? QString("cidr")
                                                        : QString("ip");
        const QStringList cells =
            kind == "anonymizer"
                ? QStringList{network, more.value("kind"), more.value("provider"), from, until}
            : kind == "malware" ? QStringList{network, more.value("name", "Emotet"), confidence, from, until}
            : kind == "threat"
                ? QStringList{type,  '"' + network + '"',         confidence,          from,
                              until, more.value("name", "Storm"), more.value("actor"), more.value("tlp")}
                : QStringList{"Office", network, "true"};
        lines << (kind == "mobile" || kind == "warning" ? network : cells.join(','));
    }
    const auto file = m_folder.filePath(QString("list%1.csv").arg(++m_files));
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(lines.join('\n').toUtf8() + '\n') < 0)
        return "cannot write " + file;
    out.close();
    return ctl({"intel", "add", kind, file}).error;
}

QString Story::admin(const QStringList &w)
{
    if (w.value(1) == "undo")
        return ctl({"undo"}).error;
    const bool refused = w.value(1) == "refused";
    const auto at = refused ? 2 : 1;
    QStringList arguments{w.value(at)};
    auto next = at + 2;
    if (w.value(next) == "sign-in") {
        arguments << "--signin" << m_newest.value(w.value(at + 1));
        ++next;
    } else {
        arguments << mail(w.value(at + 1));
    }
    for (; next + 1 < w.size(); next += 2)
        arguments << "--" + w[next] << w[next + 1];
    const auto ran = ctl(arguments);
    if (!refused)
        return ran.error;
    return ran.code > 0 ? QString() : "it was not refused: " + QString::fromUtf8(ran.out);
}

QString Story::step(const QStringList &w)
{
    const auto &verb = w[0];
    if (verb == "user") {
        if (w.value(2) == "social")
            m_social[w[1]] = w.value(3);
        return {};
    }
    if (verb == "sign-in")
        return tellSignIns(w, 1, verb, 0);
    if (verb == "fail")
        return tellSignIns(w, 1, verb, 50126);
    if (verb == "password")
        return password(w);
    if (verb == "habit")
        return habit(w);
    if (verb == "list")
        return list(w);
    if (verb == "import" && w.value(1) == "again") {
        const auto ran = ctl(QStringList{"import"} + m_logs);
        m_said = ran.out;
        return ran.error;
    }
    if (verb == "import")
        return import();
    if (verb == "setting")
        return ctl({"settings", w.value(1)}).error;
    if (const auto error = import(); !error.isEmpty())
        return error;
    if (verb == "admin")
        return admin(w);
    if (verb == "intel")
        return ctl(w).error;
    return verb == "expect" ? expect(w) : "unknown word " + verb;
}

} // namespace riskdesk::test
