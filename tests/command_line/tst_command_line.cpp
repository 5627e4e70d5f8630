// The command line keeps what it promises to scripts: the summary object, Graph's objects, exit codes,
// idempotence.
#include "core/detect/detectors.h"
#include "core/query/counts.h"
#include "core/query/words/why.h"
#include "core/store/schema.h"

#include "tests/support/ctl.h"
#include "tests/support/shared_data.h"

#include <QTest>

#include <algorithm>
#include <random>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

namespace {

// A day in a small shop: habits, a spray with one hit, an address on a list.
QByteArray busyDay()
{
    QByteArray log;
    int number = 1;
    for (int day = 1; day <= 12; ++day)
        for (int user = 0; user < 12; ++user)
            log += signInLine(number++, QString("user%1").arg(user),
                              QString("2026-03-%1T%2:10:00Z")
                                  .arg(day, 2, 10, QChar('0'))
                                  .arg(8 + user % 8, 2, 10, QChar('0')),
                              QString("91.10.%1.7").arg(user));
    for (int user = 0; user < 8; ++user)
        log += signInLine(number++, QString("user%1").arg(user),
                          QString("2026-03-13T03:%1:00Z").arg(user + 10), "198.51.100.13", 50126);
    log += signInLine(number++, "user3", "2026-03-13T03:30:00Z", "198.51.100.13");
    log += signInLine(number++, "user9", "2026-03-13T09:00:00Z", "203.0.113.20");
    return log;
}

QStringList detectionIds(const Ctl &ctl)
{
    QStringList ids;
    for (const auto &d : ctl.run({"list", "detections", "--all", "--format", "json"}).array())
        ids << d.toObject()["id"].toString();
    ids.sort();
    return ids;
}

void prepare(const Ctl &ctl)
{
    QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
    QCOMPARE(
        ctl.run({"intel", "add", "anonymizer", ctl.write("tor.txt", "203.0.113.0/24\n"), "--kind", "tor"})
            .code,
        0);
}

} // namespace

class CommandLineTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aListThatArrivesLateLooksAgain()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", ctl.write("log.json", busyDay())}).code, 0);
        const auto before = detectionIds(ctl);
        const auto added = ctl.run(
            {"intel", "add", "anonymizer", ctl.write("tor.txt", "203.0.113.0/24\n"), "--kind", "tor"});
        QCOMPARE(added.code, 0);
        QVERIFY2(added.out.contains("Looked again at 154 sign-ins: 1 new detection, 1 withdrawn; "),
                 qPrintable(added.out));
        // Nobody travels to where Tor ends.
        QCOMPARE(detectionIds(ctl).size(), before.size());
        const auto again = ctl.run({"intel", "reread"});
        QVERIFY2(again.out.contains("154 sign-ins: 0 new"), qPrintable(again.out));
        // It goes, and what it said goes with it.
        const auto removed = ctl.run({"intel", "remove", "tor"});
        QVERIFY2(removed.out.contains("Looked again at 154 sign-ins: 1 new detection, 1 withdrawn; "),
                 qPrintable(removed.out));
        QCOMPARE(detectionIds(ctl), before);
    }
    void saysWhenAProxyHidesEverybody()
    {
        const auto log = [](int users, const char *address, const char *day) {
            static int number = 1;
            QByteArray lines;
            for (int user = 0; user < users; ++user)
                lines += signInLine(number++, QString("user%1").arg(user),
                                    QString("%1T08:%2:00Z").arg(day).arg(user, 2, 10, QChar('0')),
                                    QString(address).replace('*', QString::number(user)));
            return lines;
        };
        const auto notices = [](const Ctl &ctl, const QByteArray &lines) {
            const auto ran = ctl.run({"import", "--json", ctl.write("log.json", lines)});
            QStringList all;
            for (const auto &notice : ran.object()["notices"].toArray())
                all << notice.toString();
            return all.join(' ');
        };
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto health = [&] {
            auto db = riskdesk::store::openForReading(ctl.directory().toStdString());
            const auto found = db ? riskdesk::query::dataHealth(*db) : tl::unexpected(db.error());
            return found && found->crowdedAddress
                       ? QString::fromStdString(riskdesk::query::doubt(*found->crowdedAddress))
                       : QString();
        };
        QVERIFY(notices(ctl, log(12, "91.10.20.*", "2026-03-01")).isEmpty());
        auto said = notices(ctl, log(12, "127.0.0.1", "2026-03-02"));
        QVERIFY2(said.contains("The private address 127.0.0.1 carries 12 of 12 users"), qPrintable(said));
        QCOMPARE(health(), said);
        // A pool of proxies, a public one, and then the mistake is mended.
        said = notices(ctl, log(12, "10.0.0.*", "2026-03-03"));
        QVERIFY2(said.contains("Private addresses carry 12 of 12 users"), qPrintable(said));
        said = notices(ctl, log(7, "91.10.30.1", "2026-03-04") + log(12, "91.10.20.*", "2026-03-04"));
        QVERIFY2(said.contains("The address 91.10.30.1 carries 7 of 12 users"), qPrintable(said));
        QVERIFY(!health().isEmpty());
        QVERIFY(
            notices(ctl, log(6, "91.10.30.1", "2026-03-05") + log(12, "91.10.20.*", "2026-03-05")).isEmpty());
        QVERIFY(health().isEmpty());
        // A spray from one address is no proxy: nobody gets in.
        QByteArray spray;
        for (int user = 0; user < 12; ++user)
            spray += signInLine(1000 + user, QString("user%1").arg(user),
                                QString("2026-03-06T08:%1:00Z").arg(user, 2, 10, QChar('0')), "203.0.113.9",
                                50126);
        QVERIFY(notices(ctl, spray).isEmpty());
    }
    void importIsIdempotent()
    {
        Ctl ctl;
        prepare(ctl);
        const auto file = ctl.write("day.json", busyDay());
        const auto first = ctl.run({"import", "--json", file});
        QCOMPARE(first.code, 0);
        const auto summary = first.object();
        for (const char *key : {"read", "stored", "duplicates", "notSignIns", "rejected", "detections",
                                "usersAtRisk", "seconds", "eventsPerSecond"})
            QVERIFY2(summary.contains(key), key);
        QCOMPARE(summary["read"].toInt(), 154);
        QCOMPARE(summary["stored"].toInt(), 154);
        QVERIFY(summary["detections"].toInt() >= 2);
        const auto ids = detectionIds(ctl);
        const auto second = ctl.run({"import", "--json", file}).object();
        QCOMPARE(second["stored"].toInt(), 0);
        QCOMPARE(second["duplicates"].toInt(), 154);
        QCOMPARE(second["detections"].toInt(), 0);
        QCOMPARE(detectionIds(ctl), ids);
        QVERIFY(ctl.run({"verify", "--format", "json"}).object()["ok"].toBool());
    }

    void orderThreadsAndCuttingChangeNothing()
    {
        Ctl whole;
        prepare(whole);
        QCOMPARE(whole.run({"import", "--threads", "1", whole.write("day.json", busyDay())}).code, 0);
        const auto expected = detectionIds(whole);
        QVERIFY(!expected.isEmpty());

        auto lines = busyDay().trimmed().split('\n');
        std::mt19937 random(5);
        std::shuffle(lines.begin(), lines.end(), random);
        Ctl shuffled;
        prepare(shuffled);
        QStringList files{"import", "--threads", "3"};
        for (int part = 0; part < 3; ++part) {
            QByteArray text;
            for (int i = part; i < lines.size(); i += 3)
                text += lines[i] + '\n';
            files << shuffled.write(QString("part%1.json").arg(part), text);
        }
        QCOMPARE(shuffled.run(files).code, 0);
        QCOMPARE(detectionIds(shuffled), expected);
    }

    void theNextFileContinuesWhereTheLastEnded()
    {
        Ctl whole;
        prepare(whole);
        QCOMPARE(whole.run({"import", whole.write("day.json", busyDay())}).code, 0);
        const auto expected = detectionIds(whole);

        const auto lines = busyDay().trimmed().split('\n');
        for (const int cut : {40, 146, 150, 152}) {
            Ctl parts;
            prepare(parts);
            QByteArray a, b;
            for (int i = 0; i < lines.size(); ++i)
                (i < cut ? a : b) += lines[i] + '\n';
            QCOMPARE(parts.run({"import", parts.write("a.json", a)}).code, 0);
            QCOMPARE(parts.run({"import", parts.write("b.json", b)}).code, 0);
            QCOMPARE(detectionIds(parts), expected);
            QVERIFY(parts.run({"verify", "--format", "json"}).object()["ok"].toBool());
        }
        // Reaching back within the hour goes back and plays again: the same findings.
        Ctl swapped;
        prepare(swapped);
        QByteArray early, late;
        for (int i = 0; i + 1 < lines.size(); ++i) // without the morning after, which would be hours ahead
            (i == 146 || i == 148 || i == 151 ? late : early) += lines[i] + '\n';
        QCOMPARE(swapped.run({"import", swapped.write("a.json", early)}).code, 0);
        QCOMPARE(swapped.run({"import", swapped.write("b.json", late + lines.last() + '\n')}).code, 0);
        QCOMPARE(detectionIds(swapped), expected);
    }

    // A log can hold anything; a terminal must not be steered by it.
    void aTerminalIsNotSteered()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        auto record = QJsonDocument::fromJson(signInLine(1)).object();
        record["userDisplayName"] = QString("An\u202Ena\u001B[31m");
        record["location"] = QJsonObject{{"city", QString("Lis\u001B]0;x\u0007")}, {"countryOrRegion", "PT"}};
        const auto log = ctl.write("log.json", QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n');
        QCOMPARE(ctl.run({"import", log}).code, 0);
        for (const QStringList &command : {QStringList{"show", "user", "anna@shop.example"},
                                           {"explain", record["id"].toString()},
                                           {"dismiss", "anna@shop.example"},
                                           {"list", "signins", "--all"}}) {
            const auto ran = ctl.run(command);
            const auto said = ran.out + ran.err;
            QVERIFY2(said.contains("[U+202E]"), qPrintable(command.join(' ') + ": " + said));
            QVERIFY2(!said.contains(QChar(0x1b)) && !said.contains(QChar(7)), qPrintable(said));
        }
    }

    void saysThatThereIsNothing()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        for (const auto *list : {"users", "detections", "signins", "campaigns", "rejects"}) {
            const auto ran = ctl.run({"list", list});
            QCOMPARE(ran.code, 0);
            QCOMPARE(ran.out, "");
            QCOMPARE(ran.err, "Nothing to show.\n");
            QCOMPARE(ctl.run({"list", list, "--format", "json"}).out, "[]\n");
        }
    }
    void printsGraphsObjects()
    {
        Ctl ctl;
        prepare(ctl);
        QCOMPARE(ctl.run({"import", ctl.write("day.json", busyDay())}).code, 0);
        const auto users = ctl.run({"list", "users", "--format", "json"}).array();
        QVERIFY(!users.isEmpty());
        for (const char *key : {"id", "isDeleted", "isProcessing", "riskLevel", "riskState", "riskDetail",
                                "riskLastUpdatedDateTime", "userDisplayName", "userPrincipalName"})
            QVERIFY2(users[0].toObject().contains(key), key);
        const auto detections = ctl.run({"list", "detections", "--format", "json"}).array();
        bool spray = false;
        for (const auto &value : detections) {
            const auto d = value.toObject();
            for (const char *key :
                 {"id", "requestId", "riskEventType", "riskState", "riskLevel", "detectionTimingType",
                  "activityDateTime", "additionalInfo", "location", "ipAddress"})
                QVERIFY2(d.contains(key), key);
            QCOMPARE(d["id"].toString().size(), 64);
            QCOMPARE(d["source"].toString(), "Riskdesk");
            spray = spray ||
                    (d["riskEventType"] == "passwordSpray" && d["userPrincipalName"] == "user3@shop.example");
            // The sign-in behind it can be shown and explained.
            const auto shown = ctl.run({"show", "signin", d["requestId"].toString()});
            QCOMPARE(shown.code, 0);
            QCOMPARE(shown.object()["id"].toString(), d["requestId"].toString());
            const auto type = riskdesk::detectionTypeFromText(d["riskEventType"].toString().toStdString());
            QVERIFY(type.has_value());
            const auto told = ctl.run({"show", "detection", d["id"].toString(), "--format", "table"}).out;
            const auto limits = riskdesk::info(*type).cannotSee;
            QVERIFY2(!limits.empty() &&
                         told.contains(QString::fromUtf8(limits.data(), static_cast<int>(limits.size()))),
                     qPrintable(told));
        }
        QVERIFY(spray);
        QCOMPARE(ctl.run({"list", "campaigns", "--format", "json"}).array().size(), 1);
        const auto lines = ctl.run({"list", "users", "--format", "ndjson"}).out.trimmed().split('\n');
        QCOMPARE(lines.size(), users.size());
        QVERIFY(ctl.run({"list", "users", "--format", "csv"}).out.startsWith("id,"));
    }

    void explainsEveryDetector()
    {
        Ctl ctl;
        prepare(ctl);
        QCOMPARE(ctl.run({"import", ctl.write("day.json", busyDay())}).code, 0);
        const auto ran = ctl.run({"explain", "00000000-0000-4000-8000-00000000009a", "--format", "json"});
        QCOMPARE(ran.code, 0);
        const auto detectors = ran.object()["detectors"].toArray();
        QCOMPARE(detectors.size(), static_cast<qsizetype>(riskdesk::detect::detectors().size()));
        for (const auto &d : detectors)
            QVERIFY(!d.toObject()["reason"].toString().isEmpty());
        QCOMPARE(ctl.run({"explain", "no-such-sign-in"}).code, 1);
        // What is stored of a sign-in is told with it.
        const auto found = ctl.run({"list", "detections", "--top", "3", "--format", "json"}).array();
        QVERIFY(!found.isEmpty());
        for (const auto &d : found) {
            const auto told = ctl.run({"explain", d.toObject()["requestId"].toString(), "--format", "json"});
            for (const auto &one : told.object()["detectors"].toArray())
                if (one.toObject()["riskEventType"] == d.toObject()["riskEventType"])
                    QVERIFY(one.toObject()["stored"].toBool());
        }
    }

    void actionsAreRecordedAndTakenBack()
    {
        Ctl ctl;
        prepare(ctl);
        QCOMPARE(ctl.run({"import", ctl.write("day.json", busyDay())}).code, 0);
        const auto state = [&] {
            for (const auto &u : ctl.run({"list", "users", "--all", "--format", "json"}).array())
                if (u.toObject()["userPrincipalName"] == "user3@shop.example")
                    return u.toObject()["riskState"].toString() + ' ' + u.toObject()["riskLevel"].toString();
            return QString("none");
        };
        const auto before = state();
        QVERIFY(before.startsWith("atRisk"));
        const auto nothing = ctl.run({"redo"});
        QCOMPARE(nothing.code, 1);
        QVERIFY2(nothing.err.contains("nothing was taken back"), qPrintable(nothing.err));
        for (const auto &[command, after] :
             {std::pair{"dismiss", "dismissed none"}, std::pair{"confirm-safe", "confirmedSafe none"},
              std::pair{"confirm-compromised", "confirmedCompromised high"},
              std::pair{"reset-password", "remediated none"}}) {
            const auto ran = ctl.run({command, "user3@shop.example", "--note", "test"});
            QVERIFY2(ran.code == 0, qPrintable(ran.err));
            QCOMPARE(state(), QString(after));
            QCOMPARE(ctl.run({"undo"}).code, 0);
            QCOMPARE(state(), before);
        }
        // The last of them once more: without a number, by the number of the command, and never twice.
        const auto again = ctl.run({"redo", "--json"});
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QCOMPARE(again.object()["users"].toInt(), 1);
        QCOMPARE(state(), QString("remediated none"));
        const auto twice = ctl.run({"redo"});
        QCOMPARE(twice.code, 1);
        QVERIFY2(!twice.err.isEmpty() && twice.out.isEmpty(), qPrintable(twice.out));
        const auto undone = ctl.run({"undo", "--json"}).object()["command"].toInt();
        QCOMPARE(state(), before);
        const auto said = ctl.run({"redo", QString::number(undone)});
        QVERIFY2(said.out.startsWith("Done again for 1 user. Command "), qPrintable(said.out + said.err));
        QCOMPARE(state(), QString("remediated none"));
        QCOMPARE(ctl.run({"undo"}).code, 0);
        QCOMPARE(state(), before);
        const auto never = ctl.run({"redo", "99999"});
        QCOMPARE(never.code, 1);
        QVERIFY2(never.err.contains("was not found"), qPrintable(never.err));
        // One of two: the other stays as it was decided.
        const auto both = ctl.run({"block", "user3@shop.example", "user4@shop.example", "--json"});
        QVERIFY2(both.code == 0, qPrintable(both.err));
        const auto number = QString::number(both.object()["command"].toInt());
        const auto one = ctl.run({"undo", number, "--user", "user4@shop.example", "--json"});
        QVERIFY2(one.code == 0, qPrintable(one.err));
        QCOMPARE(one.object()["users"].toInt(), 1);
        const auto enabled = [&](const QString &user) {
            return ctl
                .run({"sql", "SELECT account_enabled AS e FROM user WHERE upn = '" + user + "'", "--json"})
                .array()
                .first()
                .toObject()["e"]
                .toInt();
        };
        QCOMPARE(enabled("user3@shop.example"), 0);
        QCOMPARE(enabled("user4@shop.example"), 1);
        const auto stranger = ctl.run({"undo", number, "--user", "user5@shop.example"});
        QVERIFY2(stranger.code == 1 && stranger.err.contains("did not concern"), qPrintable(stranger.err));
        QCOMPARE(ctl.run({"undo", number}).code, 0); // the rest
        QCOMPARE(enabled("user3@shop.example"), 1);
        QCOMPARE(ctl.run({"block", "user3@shop.example"}).code, 0);
        QCOMPARE(state(), before);
        QVERIFY(ctl.run({"history", "user3@shop.example"}).out.contains("Sign-in blocked"));
        QVERIFY(ctl.run({"list", "audit", "--all", "--format", "json"}).array().size() >= 10);
        QVERIFY(ctl.run({"verify", "--format", "json"}).object()["ok"].toBool());
    }

    void theSampleIsBelievable()
    {
        Ctl ctl;
        const auto made =
            ctl.run({"sample", "--users", "300", "--days", "60", "--seed", "3", "--end", "2026-03-18"});
        QVERIFY2(made.code == 0, qPrintable(made.err));
        QVERIFY(ctl.run({"list", "users", "--all", "--format", "json"}).array().size() >= 5);
        QSet<QString> types;
        for (const auto &d : ctl.run({"list", "detections", "--all", "--format", "json"}).array())
            types.insert(d.toObject()["riskEventType"].toString());
        for (const char *type : {"unlikelyTravel", "anonymizedIPAddress", "malwareInfectedIPAddress",
                                 "unfamiliarFeatures", "passwordSpray", "investigationsThreatIntelligence"})
            QVERIFY2(types.contains(type), type);
        QVERIFY(ctl.run({"verify", "--format", "json"}).object()["ok"].toBool());
    }

    void readsTheUnifiedAuditLog()
    {
        SKIP_WITHOUT_SHARED("signins/m365-unified-audit/invictus-auditrecords-signins-2021-03_05.csv");
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto file = QString::fromStdString(
            riskdesk::test::sharedData(
                "signins/m365-unified-audit/invictus-auditrecords-signins-2021-03_05.csv")
                .string());
        const auto first = ctl.run({"import", "--json", file}).object();
        QCOMPARE(first["read"].toInt(), 283);
        QCOMPARE(first["stored"].toInt(), 269);
        QCOMPARE(first["duplicates"].toInt(), 14);
        const auto second = ctl.run({"import", "--json", file}).object();
        QCOMPARE(second["stored"].toInt(), 0);
        bool thulile = false;
        for (const auto &d : ctl.run({"list", "detections", "--all", "--format", "json"}).array())
            thulile =
                thulile ||
                (d.toObject()["riskEventType"] == "passwordSpray" &&
                 d.toObject()["userPrincipalName"].toString().startsWith("A.Thulile", Qt::CaseInsensitive));
        QVERIFY(thulile);
        QVERIFY(!ctl.run({"list", "campaigns", "--format", "json"}).array().isEmpty());
    }
};

QTEST_GUILESS_MAIN(CommandLineTest)
#include "tst_command_line.moc"
