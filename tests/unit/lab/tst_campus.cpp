// The campus: the same log for the same seed, in order, whole, and with everything in it that it promises.
#include "tests/lab/campus/calendar.h"
#include "tests/lab/campus/campus.h"

#include <QCryptographicHash>
#include <QDate>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace riskdesk;

namespace {

constexpr std::uint64_t seed = 20260119;

demo::SampleOptions optionsOf(unsigned users, unsigned days)
{
    return lab::population("campus", users, days, seed).options;
}

std::vector<std::string> linesOf(lab::Source &source)
{
    std::vector<std::string> lines;
    source.writeSignIns([&](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

QByteArray digestOf(const std::vector<std::string> &lines, std::size_t count)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (std::size_t i = 0; i < std::min(count, lines.size()); ++i)
        hash.addData(QByteArray::fromStdString(lines[i]));
    return hash.result().toHex();
}

QJsonObject objectOf(const std::string &line)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(line)).object();
}

struct Log
{
    std::vector<std::string> lines;
    std::vector<QJsonObject> objects;
    std::vector<demo::SampleLabel> labels;
    std::set<std::string> users; // principals

    Log()
    {
        lab::Campus campus(optionsOf(1500, 120));
        campus.writeUsers([&](std::string_view line) {
            users.insert(objectOf(std::string(line))["userPrincipalName"].toString().toStdString());
        });
        lines = linesOf(campus);
        labels = campus.labels();
        objects.reserve(lines.size());
        for (const auto &line : lines)
            objects.push_back(objectOf(line));
    }
};

// Made once; every case only reads it.
const Log &log()
{
    static const Log log;
    return log;
}

} // namespace

class TestCampus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSameSeedGivesTheSameLog()
    {
        lab::Campus first(optionsOf(400, 40)), second(optionsOf(400, 40));
        const auto whole = linesOf(first);
        QVERIFY(whole.size() > 2000);
        // Of another object, in lines taken one by one.
        QCryptographicHash hash(QCryptographicHash::Sha256);
        std::size_t taken = 0;
        second.writeSignIns([&](std::string_view line) {
            if (taken++ < 2000)
                hash.addData(QByteArray(line.data(), static_cast<qsizetype>(line.size())));
        });
        QCOMPARE(hash.result().toHex(), digestOf(whole, 2000));
        auto other = optionsOf(400, 40);
        ++other.seed;
        lab::Campus third(other);
        QVERIFY(digestOf(linesOf(third), 2000) != digestOf(whole, 2000));
    }

    // On every machine: the digest was taken once and stands here.
    void theLogIsTheSameEverywhere()
    {
        lab::Campus campus(optionsOf(400, 40));
        QCOMPARE(digestOf(linesOf(campus), 2000),
                 QByteArray("7890cbef26442c9e2f79a7c3221921ad3810fb7e24473e53f06ab200bc3315e8"));
    }

    void linesAreWholeAndInOrder()
    {
        QVERIFY(log().lines.size() > 20'000);
        QString before;
        std::set<QString> ids;
        for (std::size_t i = 0; i < log().lines.size(); ++i) {
            const QJsonObject &o = log().objects[i];
            QVERIFY2(!o.isEmpty() && log().lines[i].back() == '\n', log().lines[i].c_str());
            for (const char *key : {"id", "createdDateTime", "userPrincipalName", "userId", "ipAddress",
                                    "autonomousSystemNumber", "userAgent", "appId", "status", "location"})
                QVERIFY2(o.contains(QLatin1String(key)), key);
            QVERIFY(ids.insert(o["id"].toString()).second);
            // Cut to the second: shorter fractions would sort behind longer ones.
            const QString at = o["createdDateTime"].toString().left(19);
            QVERIFY2(before <= at, qPrintable(before + QStringLiteral(" is before ") + at));
            before = at;
        }
    }

    void everyLabelNamesALine()
    {
        std::map<std::string, std::string> lines; // id -> principal
        for (const QJsonObject &o : log().objects)
            lines[o["id"].toString().toStdString()] = o["userPrincipalName"].toString().toStdString();
        QVERIFY(!log().labels.empty());
        for (const auto &label : log().labels) {
            const auto line = lines.find(label.eventId);
            QVERIFY2(line != lines.end(), label.eventId.c_str());
            QCOMPARE(line->second, label.userPrincipalName);
            QVERIFY2(!label.compromise || !label.kind.starts_with("benign."), label.kind.c_str());
            QCOMPARE(label.campaign > 0, label.kind.starts_with("spray."));
        }
    }

    void everyPeculiarityIsThere_data()
    {
        QTest::addColumn<int>("least");
        for (const auto &[kind, least] : std::initializer_list<std::pair<const char *, int>>{
                 {"lab", 100},    {"campusVpn", 100}, {"newcomer", 50},   {"exam", 20},
                 {"kiosk", 100},  {"shift", 50},      {"carrier", 500},   {"inApp", 100},
                 {"family", 100}, {"device", 20},     {"holiday", 20},    {"border", 1},
                 {"flight", 5},   {"cafe", 50},       {"familyHome", 20}, {"browser", 100},
                 {"privacy", 50}, {"television", 50}, {"vpn", 20},        {"mistype", 500},
                 {"server", 20},  {"filter", 20}})
            QTest::newRow(kind) << least;
    }
    void everyPeculiarityIsThere()
    {
        QFETCH(int, least);
        const std::string kind = std::string("benign.") + QTest::currentDataTag();
        const auto count = std::count_if(log().labels.begin(), log().labels.end(),
                                         [&](const auto &label) { return label.kind == kind; });
        QVERIFY2(count >= least, qPrintable(QString::number(count)));
        // And none of them is what everybody does.
        QVERIFY2(static_cast<std::size_t>(count) < log().lines.size() / 4,
                 qPrintable(QString::number(count)));
    }

    void everyAttackTakesSomebody()
    {
        std::map<std::string, std::set<std::string>> victims;
        for (const auto &label : log().labels)
            if (label.compromise)
                victims[label.kind].insert(label.userPrincipalName);
        for (const char *kind : {"takeover.naive",       "takeover.vpn",      "takeover.sameProvider",
                                 "takeover.residential", "takeover.targeted", "takeover.cookie",
                                 "takeover.phishing",    "takeover.stealer",  "takeover.fatigue",
                                 "takeover.weekly",      "takeover.learning", "travel.attacker",
                                 "anonymous.tor",        "malware",           "threat",
                                 "spray.single",         "spray.slow",        "spray.wide",
                                 "spray.agent",          "spray.residential", "spray.rotating",
                                 "spray.stuffing"})
            QVERIFY2(!victims[kind].empty(), kind);
        std::set<std::string> seen;
        for (const auto &[kind, names] : victims)
            for (const auto &name : names) {
                QVERIFY2(log().users.contains(name), name.c_str());
                QVERIFY2(seen.insert(name).second, name.c_str()); // nobody is taken over twice
            }
    }

    void nobodyIsThereOnAHoliday()
    {
        std::size_t lessons = 0, exams = 0;
        for (const QJsonObject &o : log().objects) {
            const int site = o["autonomousSystemNumber"].toInt() - static_cast<int>(lab::firstSiteAsn);
            if (site < 0 || site >= static_cast<int>(lab::sites))
                continue;
            const auto of = static_cast<lab::Site>(site);
            if (of == lab::Site::Hospital || of == lab::Site::Depot)
                continue; // these never close
            const auto date = QDate::fromString(o["createdDateTime"].toString().left(10), Qt::ISODate);
            const int day = lab::dayNumber(date.year(), static_cast<unsigned>(date.month()),
                                           static_cast<unsigned>(date.day()));
            const auto kind = lab::campusDay(day, of >= lab::Site::Schools);
            QVERIFY2(kind != lab::CampusDay::Holiday, qPrintable(date.toString(Qt::ISODate)));
            ++(kind == lab::CampusDay::Exams ? exams : lessons);
        }
        QVERIFY(lessons > 1000);
        QVERIFY(exams > 50);
    }

    void theYearHasItsTermsAndHolidays_data()
    {
        QTest::addColumn<int>("day");
        QTest::addColumn<bool>("school");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("intake");
        const auto row = [](const char *name, int day, bool school, lab::CampusDay kind, int intake) {
            QTest::newRow(name) << day << school << static_cast<int>(kind) << intake;
        };
        using enum lab::CampusDay;
        row("term begins", lab::dayNumber(2025, 10, 1), false, Lessons, 0);
        row("the day before", lab::dayNumber(2025, 9, 30), false, Lessons, -1);
        row("schools began in September", lab::dayNumber(2025, 9, 2), true, Lessons, 1);
        row("Saturday", lab::dayNumber(2025, 10, 4), false, Weekend, 3);
        row("autumn holidays", lab::dayNumber(2025, 10, 28), true, Holiday, -1);
        row("not at the university", lab::dayNumber(2025, 10, 28), false, Lessons, -1);
        row("New Year", lab::dayNumber(2026, 1, 1), false, Holiday, -1);
        row("the last day away", lab::dayNumber(2026, 1, 4), true, Holiday, -1);
        row("exams", lab::dayNumber(2026, 1, 14), false, Exams, -1);
        row("none in schools", lab::dayNumber(2026, 1, 14), true, Lessons, -1);
        row("August", lab::dayNumber(2026, 8, 12), false, Holiday, -1);
        row("leap day", lab::dayNumber(2028, 2, 29), false, Lessons, -1);
    }
    void theYearHasItsTermsAndHolidays()
    {
        QFETCH(int, day);
        QFETCH(bool, school);
        QFETCH(int, kind);
        QFETCH(int, intake);
        QCOMPARE(static_cast<int>(lab::campusDay(day, school)), kind);
        QCOMPARE(lab::dayOfIntake(day, school), intake);
    }

    void aThirdIsAwayInAugust()
    {
        auto options = optionsOf(1500, 75);
        options.end = Timestamp::fromCivil(2026, 9, 10);
        lab::Campus campus(options);
        std::set<std::string> users, away;
        std::map<std::string, std::string> kinds;
        const auto lines = linesOf(campus);
        for (const auto &label : campus.labels())
            kinds[label.eventId] = label.kind;
        for (const auto &line : lines) {
            const auto o = objectOf(line);
            const auto user = o["userId"].toString().toStdString();
            const auto date = o["createdDateTime"].toString();
            if (date.startsWith(QLatin1String("2026-08")))
                users.insert(user);
            if (kinds[o["id"].toString().toStdString()] == "benign.holiday")
                away.insert(user);
        }
        // Of those who go away a part signs in there.
        QVERIFY2(away.size() * 100 > users.size() * 12 && away.size() * 100 < users.size() * 40,
                 qPrintable(QStringLiteral("%1 of %2").arg(away.size()).arg(users.size())));
    }

    void theSampleIsASourceToo()
    {
        const auto population = lab::population("shop", 200, 10, seed);
        const auto source = lab::sourceOf(population);
        demo::Sample sample(population.options);
        std::string ours, theirs;
        source->writeSignIns([&](std::string_view line) { ours += line; });
        sample.writeSignIns([&](std::string_view line) { theirs += line; });
        QVERIFY(!theirs.empty());
        QVERIFY(ours == theirs);
        QCOMPARE(source->labels().size(), sample.labels().size());
        QCOMPARE(source->lists().size(), sample.lists().size());
    }

    void signInsAPersonAreHeavyTailed()
    {
        std::map<QString, int> times;
        for (const QJsonObject &o : log().objects)
            if (o["status"].toObject()["errorCode"].toInt() == 0)
                ++times[o["userId"].toString()];
        std::vector<int> sorted;
        for (const auto &[user, n] : times)
            sorted.push_back(n);
        std::sort(sorted.begin(), sorted.end());
        const int median = sorted[sorted.size() / 2], most = sorted[sorted.size() * 99 / 100];
        QVERIFY2(median >= 8 && median <= 30, qPrintable(QString::number(median)));
        QVERIFY2(most >= 8 * median, qPrintable(QString::number(most)));
        QVERIFY2(sorted[sorted.size() / 20] <= 5, qPrintable(QString::number(sorted[sorted.size() / 20])));
    }

    void hundredsComeBehindOneAddressOnTheFirstDays()
    {
        std::map<std::string, std::string> kinds;
        for (const auto &label : log().labels)
            kinds[label.eventId] = label.kind;
        std::map<QString, std::set<QString>> behind;
        for (const QJsonObject &o : log().objects)
            if (kinds[o["id"].toString().toStdString()] == "benign.newcomer")
                behind[o["ipAddress"].toString()].insert(o["userId"].toString());
        std::size_t most = 0;
        for (const auto &[ip, users] : behind)
            most = std::max(most, users.size());
        QVERIFY2(most >= 60, qPrintable(QString::number(most))); // of 1500 people; hundreds of 8000
    }
};

QTEST_APPLESS_MAIN(TestCampus)
#include "tst_campus.moc"
