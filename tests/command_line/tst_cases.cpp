// Files as people have them, however they came about: every shape is read as what it says, or refused by
// name. Nothing is misread in silence. The files of tests/data/cases hold the same three sign-ins unless
// their name says otherwise: Nora in, Nora with a wrong password, Otto in.
#include "tests/support/ctl.h"
#include "tests/support/mmdb_writer.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::MmdbValue;
using riskdesk::test::MmdbWriter;
using riskdesk::test::Ran;
using riskdesk::test::signInLine;

namespace {

QString file(const QString &name)
{
    return QString::fromStdString((riskdesk::test::testData("cases") / name.toStdString()).string());
}

QString numbers(const Ran &ran)
{
    const auto summary = ran.object();
    const auto of = [&](const char *key) { return summary[QLatin1String(key)].toInt(); };
    return QString("read %1 stored %2 other %3 rejected %4 exit %5")
        .arg(of("read"))
        .arg(of("stored"))
        .arg(of("notSignIns"))
        .arg(of("rejected"))
        .arg(ran.code);
}

QString notices(const Ran &ran)
{
    QStringList all;
    for (const auto &notice : ran.object()["notices"].toArray())
        all << notice.toString();
    return all.join(' ');
}

// The rows that a query answers, a line each.
QString rows(const Ctl &ctl, const char *query)
{
    return ctl.run({"sql", query, "--format", "csv"}).out.remove('\r').section('\n', 1).trimmed();
}

// "04-03 06:30 nora 0 success none".
QString stored(const Ctl &ctl)
{
    return rows(ctl,
                "SELECT substr(createdDateTime, 6, 5) || ' ' || substr(createdDateTime, 12, 5) || ' ' || "
                "substr(userPrincipalName, 1, 4) || ' ' || errorCode || ' ' || outcome || ' ' || "
                "failureKind FROM signin ORDER BY createdDateTime");
}

QString entries(const Ctl &ctl)
{
    return rows(ctl, "SELECT indicator || ' ' || hex(first) || '-' || hex(last) FROM intel_entry ORDER BY 1");
}

const char *const three = "04-03 06:30 nora 0 success none\n"
                          "04-03 06:41 nora 50126 failure badPassword\n"
                          "04-03 17:05 otto 0 success none";
const char *const datedApart = "02-26 06:30 nora 0 success none\n"
                               "04-03 06:41 nora 50126 failure badPassword\n"
                               "04-03 17:05 otto 0 success none";
const char *const whole = "read 3 stored 3 other 0 rejected 0 exit 0";

// Days of habit: each user once a day, from one place.
QByteArray habit(const QStringList &users, int days, int &number)
{
    QByteArray log;
    for (int day = 1; day <= days; ++day)
        for (int i = 0; i < users.size(); ++i)
            log += signInLine(
                number++, users[i],
                QString("2026-03-%1T%2:10:00Z").arg(day, 2, 10, QChar('0')).arg(7 + i % 9, 2, 10, QChar('0')),
                QString("91.10.%1.7").arg(i));
    return log;
}

// One address tries everybody once; some answers show that the password was right.
QByteArray spray(const QStringList &users, const QMap<int, int> &answers, int &number)
{
    QByteArray log;
    for (int i = 0; i < users.size(); ++i)
        log += signInLine(number++, users[i], QString("2026-03-23T02:%1:00Z").arg(10 + i, 2, 10, QChar('0')),
                          "198.51.100.77", answers.value(i, 50126));
    return log;
}

QStringList twelve()
{
    QStringList users;
    for (int i = 0; i < 12; ++i)
        users << QString("user%1").arg(i);
    return users;
}

QStringList raised(const Ctl &ctl, const QString &type)
{
    QStringList users;
    for (const auto &one :
         ctl.run({"list", "detections", "--all", "--filter", "type:" + type, "--format", "json"}).array())
        users << one.toObject()["userPrincipalName"].toString().section('@', 0, 0);
    users.sort();
    return users;
}

} // namespace

class CasesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void logs_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("counts");
        QTest::addColumn<QString>("signIns");
        QTest::addColumn<QString>("notice");
        const auto row = [](const char *files, const char *counts, const char *signIns,
                            const char *notice = "") {
            QStringList arguments;
            for (const auto &word : QString(files).split(' '))
                arguments << (word.startsWith("--") || word.size() == 3 ? word : file(word));
            QTest::newRow(files) << arguments << QString(counts) << QString(signIns) << QString(notice);
        };
        row("dates_day_first.csv", whole, datedApart);
        row("dates_month_first.csv", whole, datedApart);
        row("dates_dots.csv", whole, datedApart);
        row("dates_minutes.csv", whole, datedApart);
        row("dates_unclear.csv", "read 3 stored 1 other 0 rejected 2 exit 3",
            "04-04 06:41 nora 50126 failure badPassword", "none of its dates tells");
        row("dates_unclear.csv --dates dmy", whole,
            "04-03 06:30 nora 0 success none\n04-04 06:41 nora 50126 failure badPassword\n"
            "04-05 17:05 otto 0 success none");
        row("dates_unclear.csv --dates mdy", whole,
            "03-04 06:30 nora 0 success none\n04-04 06:41 nora 50126 failure badPassword\n"
            "05-04 17:05 otto 0 success none");
        row("dates_day_first.csv --dates mdy", whole, datedApart); // the file knows better
        row("dates_contradict.csv", "read 3 stored 2 other 0 rejected 1 exit 3",
            "02-26 06:30 nora 0 success none\n02-26 06:41 nora 50126 failure badPassword",
            "some of its dates have the day first");

        row("powershell_dates.json", whole, three);
        row("powershell_dates_utf16.json", whole, three);
        row("powershell_page.json", whole, three);
        row("powershell_iso.json", whole, three);
        row("powershell_one.json", "read 1 stored 1 other 0 rejected 0 exit 0",
            "04-03 06:30 nora 0 success none");

        row("audit_export.csv", whole, three);
        row("audit_type_line.csv", whole, three);
        row("audit_type_line_utf16.csv", whole, three);
        row("audit_type_line_twice.csv", "read 6 stored 3 other 0 rejected 0 exit 0", three);
        row("audit_purview.csv", whole, three);
        row("audit_text.json", whole, three);
        row("audit_object.json", whole, three);
        row("audit_object.ndjson", whole, three);
        row("audit_object_one.json", "read 1 stored 1 other 0 rejected 0 exit 0",
            "04-03 06:30 nora 0 success none");
        row("audit_cut_cell.csv", "read 3 stored 2 other 0 rejected 1 exit 3",
            "04-03 06:30 nora 0 success none\n04-03 17:05 otto 0 success none");
        row("audit_logged_in.ndjson", "read 10 stored 10 other 0 rejected 0 exit 0",
            "04-03 06:00 nora 0 success none\n"
            "04-03 06:01 nora 50074 interrupted stopped\n"
            "04-03 06:02 nora 0 failure badPassword\n"
            "04-03 06:03 nora 0 failure unknownUser\n"
            "04-03 06:04 nora 0 failure other\n"
            "04-03 06:05 nora 0 success none\n"
            "04-03 06:06 nora 0 failure stopped\n"
            "04-03 06:07 nora 50140 success none\n"
            "04-03 06:08 nora 50074 interrupted stopped\n"
            "04-03 06:09 nora 0 failure other");

        const char *const none = "read 3 stored 0 other 0 rejected 3 exit 3";
        row("status_type_name.csv", none, "");
        row("status_braces.csv", none, "");
        row("status_type_line.csv", none, "");

        const char *const steps = "read 6 stored 3 other 3 rejected 0 exit 0";
        row("download/InteractiveSignIns_2026-04-03.csv "
            "download/InteractiveSignIns_AuthDetails_2026-04-03.csv",
            steps, three);
        row("download.zip", steps, three);
        row("download", steps, three);
        row("mac.zip", whole, three, "readme.txt");

        row("arrays_merged.json", whole, three);
        row("pages_merged.json", whole, three);
        row("trailing_comma.json", whole, three);
        row("pretty.ndjson", whole, three);
        row("commas.ndjson", whole, three);

        row("query_table.json", whole, three);
        const char *const two = "04-03 06:30 nora 0 success none\n04-03 06:41 nora 50126 failure badPassword";
        row("page_with_next.json", "read 2 stored 2 other 0 rejected 0 exit 0", two, "says that more follow");
        row("page_with_next_behind.json", "read 2 stored 2 other 0 rejected 0 exit 0", two,
            "says that more follow");
        row("page_with_next.json page_last.json", whole, three);
    }
    void logs()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, counts);
        QFETCH(QString, signIns);
        QFETCH(QString, notice);
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto ran = ctl.run(QStringList{"import", "--json"} + arguments);
        QCOMPARE(numbers(ran), counts);
        QCOMPARE(stored(ctl), signIns);
        if (notice.isEmpty())
            QCOMPARE(notices(ran), QString());
        else
            QVERIFY2(notices(ran).contains(notice), qPrintable(ran.out + ran.err));
    }

    void aRejectSaysWhatCannotBeRead()
    {
        const auto reasons = [](const QString &name) {
            const Ctl ctl;
            (void)ctl.run({"init", "--name", "Test"});
            (void)ctl.run({"import", file(name)});
            return ctl.run({"list", "rejects", "--all", "--format", "csv"}).out;
        };
        QVERIFY(reasons("dates_unclear.csv").contains("the day and the month cannot be told apart"));
        QVERIFY(reasons("audit_cut_cell.csv").contains("AuditData: "));
        QVERIFY(reasons("status_type_name.csv").contains("noOutcome"));
    }
    void whatIsNoLogIsNamedForWhatItIs()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto table = ctl.run({"import", file("query_table_of_others.json")});
        QCOMPARE(table.code, 1);
        QVERIFY2(table.err.contains("was not imported: a table with columns Computer, Heartbeats."),
                 qPrintable(table.err));
        QVERIFY(QDir(ctl.path("empty")).mkpath("."));
        const auto folder = ctl.run({"import", ctl.path("empty")});
        QCOMPARE(folder.code, 1);
        QVERIFY2(folder.err.contains("there is no log in this folder"), qPrintable(folder.err));
    }
    void aFurtherTableIsNamed()
    {
        QFile log(file("query_table.json"));
        QVERIFY(log.open(QIODevice::ReadOnly));
        const auto table = QJsonDocument::fromJson(log.readAll()).object()["tables"].toArray().first();
        const auto two = QJsonDocument(QJsonObject{{"tables", QJsonArray{table, table}}}).toJson();
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(numbers(ctl.run({"import", "--json", ctl.write("two.json", two)})),
                 QString("read 4 stored 3 other 0 rejected 1 exit 3"));
        QCOMPARE(stored(ctl), QString(three));
    }
    void theOpenDirectoryMayLieAmongItsLogs()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        (void)ctl.write("log.json", signInLine(1));
        QVERIFY(QFile::link(ctl.path("gone"), ctl.path("link.json")));
        const auto ran = ctl.run({"import", "--json", ctl.path(".")});
        QCOMPARE(numbers(ran), QString("read 1 stored 1 other 0 rejected 0 exit 0"));
        QCOMPARE(notices(ran), QString());
    }
    void datesOfAPipeAreSettledByItsBeginning()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QFile log(file("dates_day_first.csv"));
        QVERIFY(log.open(QIODevice::ReadOnly));
        QCOMPARE(numbers(ctl.run({"import", "--json", "-"}, log.readAll())), QString(whole));
        QCOMPARE(stored(ctl), QString(datedApart));
    }
    // One row far behind the first 64 KiB settles what all others leave open.
    void datesAreSettledByTheWholeFile()
    {
        QFile log(file("dates_day_first.csv"));
        QVERIFY(log.open(QIODevice::ReadOnly));
        const auto lines = log.readAll().split('\n');
        QByteArray text = lines[0] + '\n';
        for (int i = 0; i < 1000; ++i)
            text += QByteArray(lines[2]).replace("5e2b7c00", QByteArray::number(10000000 + i)) + '\n';
        text += lines[1] + '\n';
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(numbers(ctl.run({"import", "--json", ctl.write("long.csv", text)})),
                 QString("read 1001 stored 1001 other 0 rejected 0 exit 0"));
        QVERIFY(stored(ctl).startsWith("02-26 06:30 nora 0 success none\n04-03 06:41 "));
    }

    void lists_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("indicators");
        const auto row = [](const char *name, const char *kind, int code, const QStringList &indicators) {
            QTest::newRow(name) << QStringList{kind, file(name)} << code << indicators;
        };
        row("relay_feed.csv", "anonymizer", 0,
            {"198.51.100.64/29", "198.51.100.72/31", "2001:db8:11:22::/64"});
        const QStringList networks{"192.0.2.0/24", "198.51.100.128/27"};
        row("start_end_prefix.txt", "threat", 0, networks);
        row("start_end_prefix_bare.txt", "threat", 0, networks);
        row("start_end_alone.txt", "threat", 1, {});
        row("ranges.txt", "threat", 0, {"192.0.2.0 - 192.0.2.255", "198.51.100.128-198.51.100.159"});
        row("stix.json", "threat", 0,
            {"198.51.100.201", "198.51.100.208", "198.51.100.216/29", "198.51.100.232/30"});
        row("stix_older_first.json", "threat", 0, {"198.51.100.201"});
        row("stix_newer_first.json", "threat", 0, {"198.51.100.201"});
        row("stix_changed.json", "threat", 0, {"198.51.100.211"});
    }
    void lists()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QStringList, indicators);
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto added = ctl.run(QStringList{"intel", "add"} + arguments);
        QVERIFY2(added.code == code, qPrintable(added.out + added.err));
        QStringList found;
        if (!entries(ctl).isEmpty())
            for (const auto &line : entries(ctl).split('\n'))
                found << line.section(' ', 0, -2);
        QCOMPARE(found, indicators);
    }
    void embeddedAddressesAreThoseOfIPv4()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"intel", "add", "warning", file("embedded.txt")}).code, 0);
        QVERIFY2(entries(ctl).contains("00000000000000000000FFFFC6330000-00000000000000000000FFFFC633FFFF"),
                 qPrintable(entries(ctl)));
    }
    void anIndicatorMatchesInItsNewestVersionOnly()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"intel", "add", "threat", file("stix.json"), "--name", "L"}).code, 0);
        QByteArray log;
        int number = 1;
        const QList<int> hosts{201, 202, 205, 206, 207, 208, 209, 217, 233};
        for (const int host : hosts)
            log += signInLine(number++, QString("host%1").arg(host), "2026-03-25T09:00:00Z",
                              QString("198.51.100.%1").arg(host));
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log)}).code, 0);
        QCOMPARE(raised(ctl, "investigationsThreatIntelligence"),
                 (QStringList{"host201", "host217", "host233"}));
    }

    void places_data()
    {
        QTest::addColumn<int>("layout");
        QTest::addColumn<QString>("turku");
        QTest::addColumn<bool>("travels");
        QTest::newRow("nested") << 0 << "Turku,FI,60.45," << true;
        QTest::newRow("short names, as texts") << 1 << "Turku,FI,60.45," << true;
        QTest::newRow("long names, as texts") << 2 << "Turku,FI,60.45," << true;
        QTest::newRow("country and network only") << 3 << ",FI,,64501" << true;
    }
    void places()
    {
        QFETCH(int, layout);
        QFETCH(QString, turku);
        QFETCH(bool, travels);
        const auto record = [&](const char *city, const char *code, const char *country, const char *latitude,
                                const char *longitude) {
            using Value = MmdbValue;
            switch (layout) {
            case 0:
                return Value::map(
                    {{"city", Value::map({{"names", Value::map({{"en", city}})}})},
                     {"country", Value::map({{"iso_code", code}})},
                     {"location", Value::map({{"latitude", QByteArray(latitude).toDouble()},
                                              {"longitude", QByteArray(longitude).toDouble()}})}});
            case 1:
                return Value::map({{"city", city},
                                   {"region", "South"},
                                   {"country", code},
                                   {"lat", latitude},
                                   {"lng", longitude},
                                   {"radius", "50"}});
            case 2:
                return Value::map({{"city", city},
                                   {"country", country},
                                   {"country_code", code},
                                   {"latitude", latitude},
                                   {"longitude", longitude}});
            default:
                return Value::map({{"country", country},
                                   {"country_code", code},
                                   {"asn", "AS64501"},
                                   {"as_name", "Lake Net"}});
            }
        };
        const Ctl ctl;
        MmdbWriter writer(6, 28, "Lake-Test");
        writer.insert("91.10.20.0/24", record("Turku", "FI", "Finland", "60.45", "22.27"));
        writer.insert("91.10.30.0/24", record("Lima", "PE", "Peru", "-12.05", "-77.04"));
        writer.save(ctl.path("places.mmdb").toStdString());
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto added = ctl.run({"intel", "add", "places", ctl.path("places.mmdb")});
        QVERIFY2(added.code == 0, qPrintable(added.err));
        QByteArray log;
        for (int day = 1; day <= 20; ++day)
            log += signInLine(day, "nora", QString("2026-03-%1T08:00:00Z").arg(day, 2, 10, QChar('0')),
                              "91.10.20.30");
        log += signInLine(21, "nora", "2026-03-20T10:00:00Z", "91.10.30.40");
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log)}).code, 0);
        QCOMPARE(rows(ctl, "SELECT DISTINCT city, countryOrRegion, latitude, autonomousSystemNumber FROM "
                           "signin WHERE ipAddress = '91.10.20.30'"),
                 turku);
        QCOMPARE(raised(ctl, "unlikelyTravel"), travels ? QStringList{"nora"} : QStringList());
    }

    void sprayIsFoundBehindASecondFactor()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        int number = 1;
        const auto users = twelve();
        const auto log =
            habit(users, 22, number) + spray(users, {{4, 50076}, {7, 53003}, {10, 50055}}, number);
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log)}).code, 0);
        QCOMPARE(raised(ctl, "passwordSpray"), (QStringList{"user10", "user4", "user7"}));
        const auto campaigns = ctl.run({"list", "campaigns", "--all"}).out.split('\n');
        QVERIFY2(campaigns.value(2).contains(QRegularExpression("198\\.51\\.100\\.77 +12 ")),
                 qPrintable(campaigns.join('\n')));
        // Whom it tried, whom it hit, and how often.
        const auto shown = ctl.run({"show", "campaign", "198.51.100.77", "--format", "json"});
        const auto campaign = shown.object();
        QStringList hits;
        int failures = 0;
        for (const auto &one : campaign["targets"].toArray()) {
            const auto target = one.toObject();
            failures += target["failures"].toInt();
            if (target["successes"].toInt() > 0)
                hits << target["userPrincipalName"].toString().section('@', 0, 0);
        }
        hits.sort();
        QCOMPARE(hits, (QStringList{"user10", "user4", "user7"}));
        QCOMPARE(campaign["targets"].toArray().size(), campaign["users"].toInt());
        QCOMPARE(failures, campaign["failures"].toInt());
        const auto table = ctl.run(QStringList{"show", "campaign", campaign["id"].toString().left(8)}).out;
        QVERIFY2(table.contains("the password of 3 was right") && table.contains("user7@"),
                 qPrintable(table));
        QCOMPARE(ctl.run({"show", "campaign", "203.0.113.99"}).code, 1);
    }
    void theOrderOfTwoFilesOfOneDayChangesNothing()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        int number = 1;
        const auto users = twelve();
        const auto month = ctl.write("month.json", habit(users, 22, number));
        const auto night = ctl.write("night.json", spray(users, {{4, 0}}, number));
        QByteArray day;
        for (int i = 0; i < users.size(); ++i)
            day += signInLine(number++, users[i],
                              QString("2026-03-23T%1:10:00Z").arg(7 + i % 9, 2, 10, QChar('0')),
                              QString("91.10.%1.7").arg(i));
        for (const auto &name : {month, ctl.write("day.json", day), night})
            QCOMPARE(ctl.run({"import", name}).code, 0);
        QCOMPARE(raised(ctl, "passwordSpray"), QStringList{"user4"});
    }
    void aRecordOfTheFutureStopsNothing()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        int number = 1;
        const auto users = twelve();
        const auto future = ctl.write("future.json", signInLine(9001, "user0", "2096-01-01T00:00:00Z"));
        const auto month = ctl.write("month.json", habit(users, 22, number));
        const auto night = ctl.write("night.json", spray(users, {{4, 0}}, number));
        for (const auto &name : {future, month, night})
            (void)ctl.run({"import", name});
        QCOMPARE(raised(ctl, "passwordSpray"), QStringList{"user4"});
    }
    void aKnownAddressIsKnownWithoutItsPlace()
    {
        QByteArray log;
        for (int day = 1; day <= 30; ++day) {
            auto record =
                QJsonDocument::fromJson(
                    signInLine(day, "nora", QString("2026-03-%1T08:00:00Z").arg(day, 2, 10, QChar('0'))))
                    .object();
            if (day < 30)
                record["location"] =
                    QJsonObject{{"city", "Turku"},
                                {"countryOrRegion", "FI"},
                                {"geoCoordinates", QJsonObject{{"latitude", 60.45}, {"longitude", 22.27}}}};
            log += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
        }
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log)}).code, 0);
        QCOMPARE(raised(ctl, "unfamiliarFeatures"), QStringList());
    }
    void signInsWithoutAnAddressAreStored()
    {
        int number = 1;
        const auto users = twelve();
        auto log = habit(users, 5, number);
        for (const auto *address : {"", "::", "0.0.0.0", "redacted"})
            log += signInLine(number++, "user1", "2026-03-06T08:00:00Z", address);
        for (const auto &value : {QJsonValue(), QJsonValue(QJsonValue::Undefined)}) {
            auto record =
                QJsonDocument::fromJson(signInLine(number++, "user1", "2026-03-06T09:00:00Z")).object();
            record["ipAddress"] = value;
            log += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
        }
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(numbers(ctl.run({"import", "--json", ctl.write("log.json", log)})),
                 QString("read 66 stored 66 other 0 rejected 0 exit 0"));
        QCOMPARE(rows(ctl, "SELECT count(*) FROM signin WHERE ipAddress IS NULL OR ipAddress = ''"),
                 QString("6"));
        QCOMPARE(ctl.run({"intel", "reread"}).code, 0);
        QCOMPARE(ctl.run({"whatif", "--json"}).code, 0);
        QCOMPARE(ctl.run({"list", "detections", "--all", "--format", "json"}).array().size(), 0);
    }

    void historyKeepsEveryStepAndTheProvidersWordIsTold()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(
            ctl.run({"intel", "add", "anonymizer", ctl.write("tor.txt", "198.51.100.9\n"), "--kind", "tor"})
                .code,
            0);
        int number = 1;
        auto log = habit(twelve() << "nora.falk"
                                  << "otto",
                         22, number);
        log += signInLine(number, "otto", "2026-03-23T03:00:00Z", "198.51.100.9");
        log.replace("@shop.example", "@lake.example");
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log), file("risky_users.json")}).code, 0);
        const QString otto = "otto@lake.example", nora = "nora.falk@lake.example";
        QCOMPARE(ctl.run({"confirm-compromised", otto, "--reason", "confirmed"}).code, 0);
        QCOMPARE(ctl.run({"dismiss", otto}).code, 0);
        const auto history = ctl.run({"history", otto}).out;
        for (const auto *step : {"Detection raised", "User confirmed compromised", "Risk dismissed"})
            QVERIFY2(history.contains(step), qPrintable(history));
        const auto safe = ctl.run({"confirm-safe", otto});
        QCOMPARE(safe.code, 1);
        QVERIFY2((safe.out + safe.err).contains("skipped: It is not at risk."), qPrintable(safe.err));
        const auto object = ctl.run({"show", "user", nora, "--format", "json"}).object();
        QCOMPARE(object["userPrincipalName"].toString(), nora);
        QVERIFY(object["riskLastUpdatedDateTime"].isNull());
        QCOMPARE(object["riskState"].toString(), QString("none"));
        QVERIFY(ctl.run({"show", "user", nora}).out.contains("At provider  at risk, medium"));
        const auto held = ctl.run({"list", "users", "--all", "--filter", "providerRiskLevel:medium"});
        QVERIFY2(held.out.contains(nora) && held.out.contains("At the provider: at risk, medium") &&
                     !held.out.contains("1970"),
                 qPrintable(held.out));
        QVERIFY(!ctl.run({"list", "users", "--all", "--filter", "state:atRisk"}).out.contains(nora));
        QVERIFY(!ctl.run({"list", "users", "--all", "--format", "csv"}).out.contains("1970"));
        const auto dismissed = ctl.run({"dismiss", nora});
        QCOMPARE(dismissed.code, 1);
        QVERIFY2((dismissed.out + dismissed.err).contains("Only the identity provider holds it at risk"),
                 qPrintable(dismissed.err));
    }
};

QTEST_APPLESS_MAIN(CasesTest)
#include "tst_cases.moc"
