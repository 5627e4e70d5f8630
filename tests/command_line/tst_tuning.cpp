// Tuning from the command line: what other settings would find, and the object that scripts read.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;

class TuningTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(m_ctl.run({"sample", "--users", "600", "--days", "60", "--seed", "3", "--end", "2026-03-18"})
                     .code,
                 0);
    }
    void tellsWhatOtherSettingsFind()
    {
        const auto ran = m_ctl.run({"whatif", "--set", "unfamiliarFeatures.enabled=off", "--set",
                                    "unlikelyTravel.speedLimitKmh=1200", "--trust", "203.0.113.0/24",
                                    "--suppress", "type=passwordSpray", "--limit", "3", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const auto found = ran.object();
        for (const char *key : {"signIns", "seconds", "settings", "trust", "suppress", "since", "types",
                                "users", "appear", "disappear", "rise", "fall", "disappearing", "changes"})
            QVERIFY2(found.contains(key), key);
        QCOMPARE(found["settings"].toArray().size(), 2);
        QCOMPARE(found["settings"].toArray()[1].toObject()["now"].toDouble(), 900);
        QCOMPARE(found["settings"].toArray()[1].toObject()["then"].toDouble(), 1200);
        QCOMPARE(found["trust"].toArray()[0].toString(), "203.0.113.0/24");
        QCOMPARE(found["changes"].toArray().size(), 3);
        for (const char *key : {"riskEventType", "requestId", "activityDateTime", "userId", "userDisplayName",
                                "userPrincipalName", "before", "after", "recorded"})
            QVERIFY2(found["changes"].toArray()[0].toObject().contains(key), key);
        bool unfamiliar = false;
        for (const auto &type : found["types"].toArray()) {
            const auto before = type.toObject()["before"].toObject(),
                       after = type.toObject()["after"].toObject();
            if (type.toObject()["riskEventType"] != "unfamiliarFeatures")
                continue;
            unfamiliar = true;
            QVERIFY(before["medium"].toInt() > 0);
            for (const char *level : {"low", "medium", "high"})
                QCOMPARE(after[level].toInt(-1), 0);
        }
        QVERIFY(unfamiliar);
        int fates = 0;
        for (const auto &n : found["disappearing"].toObject())
            fates += n.toInt();
        QCOMPARE(fates, found["disappear"].toInt());
    }
    void printsATable()
    {
        const auto ran = m_ctl.run({"whatif", "--set", "unfamiliarFeatures.mediumBits=6", "--limit", "2"});
        QCOMPARE(ran.code, 0);
        QVERIFY2(ran.out.contains("Users by risk"), qPrintable(ran.out));
        QVERIFY2(ran.err.contains("--limit shows more"), qPrintable(ran.err));
        QVERIFY(ran.err.contains("Nothing was changed."));
        // The setting is what it was.
        QVERIFY(m_ctl.run({"settings", "unfamiliarFeatures.mediumBits", "--format", "json"})
                    .array()[0]
                    .toObject()["value"]
                    .toDouble() != 6);
        const auto nothing = m_ctl.run({"whatif"});
        QCOMPARE(nothing.code, 0);
        QVERIFY(nothing.out.contains("0 detections would appear, 0 disappear"));
    }
    void proposesThresholdsAndAppliesNone()
    {
        const auto before = m_ctl.run({"settings", "--format", "json"}).out;
        const auto ran = m_ctl.run({"settings", "propose"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains("unfamiliarFeatures.highBits") &&
                     ran.out.contains("riskdeskctl whatif --set unfamiliarFeatures.lowBits="),
                 qPrintable(ran.out));
        const auto found =
            m_ctl.run({"settings", "propose", "--budget", "5,1,0.2", "--format", "json"}).object();
        QCOMPARE(found["thresholds"].toArray().size(), 3);
        QCOMPARE(found["thresholds"].toArray()[0].toObject()["budgetPercent"].toDouble(), 5.);
        QVERIFY(found["thresholds"].toArray()[0].toObject()["proposedPercent"].toDouble() <= 5);
        int all = 0;
        for (const auto &bin : found["histogram"].toArray())
            all += bin.toObject()["signIns"].toInt();
        QCOMPARE(all, found["judged"].toInt());
        QCOMPARE(m_ctl.run({"settings", "--format", "json"}).out, before);
        for (const char *budget : {"1", "1,2,3", "a,b,c", "3,2,1,0", ""})
            QCOMPARE(m_ctl.run({"settings", "propose", "--budget", budget}).code, 2);
    }
    void aRuleSilencesAndIsTakenBack()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(
            ctl.run({"intel", "add", "anonymizer", ctl.write("tor.txt", "203.0.113.0/24\n"), "--kind", "tor"})
                .code,
            0);
        QByteArray log;
        for (int n = 1; n <= 20; ++n)
            log += riskdesk::test::signInLine(n);
        const auto first =
            log + riskdesk::test::signInLine(30, "anna", "2026-03-02T08:00:00Z", "203.0.113.9");
        QCOMPARE(ctl.run({"import", ctl.write("a.json", first)}).code, 0);
        const auto detections = [&] {
            return ctl.run({"list", "detections", "--format", "json"}).array().size();
        };
        QCOMPARE(detections(), 1);

        const auto added = ctl.run({"--as", "eva", "suppress", "add", "--network", "203.0.113.0/24", "--type",
                                    "anonymizedIPAddress", "--reason", "our own relay"});
        QVERIFY2(added.code == 0, qPrintable(added.err));
        QVERIFY2(added.out.contains("it would have silenced 1 detection of 1 user"), qPrintable(added.out));
        const auto second = riskdesk::test::signInLine(40, "bert", "2026-03-02T09:00:00Z", "203.0.113.10") +
                            riskdesk::test::signInLine(41, "bert", "2026-03-14T09:00:00Z", "203.0.113.11");
        const auto imported = ctl.run({"import", ctl.write("b.json", second)});
        QVERIFY2(imported.out.contains("2 findings silenced by suppression rules"), qPrintable(imported.out));
        QCOMPARE(detections(), 1);
        QCOMPARE(ctl.run({"list", "users", "--format", "json"}).array().size(), 1);

        const auto rule = ctl.run({"suppress", "list", "--format", "json"}).array()[0].toObject();
        QCOMPARE(rule["silenced"].toInt(), 2);
        QCOMPARE(rule["addedBy"].toString(), "eva");
        QCOMPARE(rule["reason"].toString(), "our own relay");
        QCOMPARE(rule["firstActivityDateTime"].toString(), "2026-03-02T09:00:00Z");
        QVERIFY(rule["inForce"].toBool());
        QVERIFY(ctl.run({"suppress", "list"}).out.contains("network=203.0.113.0/24"));
        const auto id = QString("00000000-0000-4000-8000-000000000028");
        const auto explained = ctl.run({"explain", id});
        QVERIFY2(explained.out.contains("silenced by suppression rule 1") &&
                     explained.out.contains("our own relay"),
                 qPrintable(explained.out));
        bool named = false;
        for (const auto &d : ctl.run({"explain", id, "--format", "json"}).object()["detectors"].toArray())
            named = named || d.toObject()["silencedBy"].toInt() == 1;
        QVERIFY(named);
        QVERIFY(ctl.run({"verify", "--format", "json"}).object()["ok"].toBool());

        const auto removed = ctl.run({"suppress", "remove", "1"});
        QVERIFY2(removed.out.contains("had silenced 2 findings"), qPrintable(removed.out));
        QVERIFY2(removed.out.contains("2 new detections"), qPrintable(removed.out));
        QCOMPARE(detections(), 3);
        QCOMPARE(ctl.run({"suppress", "list"}).err, "Nothing to show.\n");
        QStringList audited;
        for (const auto &a : ctl.run({"list", "audit", "--all", "--format", "json"}).array())
            audited << a.toObject()["action"].toString();
        QVERIFY(audited.contains("suppressAdd") && audited.contains("suppressRemove"));
    }
    // A changed setting holds from then on, until it is applied to what is stored.
    void todaysSettingsAreAppliedToWhatIsStored()
    {
        const Ctl ctl;
        QCOMPARE(
            ctl.run({"sample", "--users", "120", "--days", "40", "--seed", "3", "--end", "2026-03-18"}).code,
            0);
        const auto unfamiliar = [&] {
            return ctl
                .run({"list", "detections", "--all", "--filter", "type:unfamiliarFeatures", "--format",
                      "json"})
                .array()
                .size();
        };
        const auto before = unfamiliar();
        QVERIFY(before > 0);
        QCOMPARE(ctl.run({"settings", "unfamiliarFeatures.enabled=off"}).code, 0);
        QCOMPARE(unfamiliar(), before);
        QVERIFY(ctl.run({"verify", "--findings", "--format", "json"}).object()["ok"].toBool());
        const auto shown = ctl.run({"settings", "apply", "--dry-run", "--format", "json"}).object();
        QVERIFY(shown["signIns"].toInt() > 1000);
        QVERIFY(shown["withdrawn"].toInt() > 0);
        QCOMPARE(shown["applied"], QJsonValue(false));
        QCOMPARE(unfamiliar(), before);
        const auto ran = ctl.run({"settings", "apply"});
        QVERIFY2(ran.out.contains(QString("%1 withdrawn").arg(shown["withdrawn"].toInt())),
                 qPrintable(ran.out));
        QCOMPARE(unfamiliar(), 0);
        QCOMPARE(
            ctl.run({"settings", "apply", "--dry-run", "--format", "json"}).object()["withdrawn"].toInt(), 0);
        QVERIFY(ctl.run({"verify", "--findings", "--format", "json"}).object()["ok"].toBool());
        QCOMPARE(ctl.run({"list", "audit", "--all", "--format", "json"})
                     .array()[0]
                     .toObject()["action"]
                     .toString(),
                 QString("settingsApply"));
    }
    void aRuleIsRefused_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::newRow("without a reason") << QStringList{"add", "--asn", "64500"} << 2;
        QTest::newRow("with an empty reason") << QStringList{"add", "--asn", "64500", "--reason", " "} << 2;
        QTest::newRow("without a condition") << QStringList{"add", "--reason", "r"} << 2;
        QTest::newRow("for the whole internet")
            << QStringList{"add", "--network", "0.0.0.0/0", "--reason", "r"} << 2;
        QTest::newRow("that is over")
            << QStringList{"add", "--asn", "64500", "--until", "2020-01-01", "--reason", "r"} << 2;
        QTest::newRow("for a user nobody knows")
            << QStringList{"add", "--user", "nobody@nowhere.example", "--reason", "r"} << 1;
        QTest::newRow("that is not there") << QStringList{"remove", "77"} << 1;
    }
    void aRuleIsRefused()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        const auto ran = m_ctl.run(QStringList{"suppress"} + arguments);
        QVERIFY2(ran.code == code, qPrintable(ran.err));
        QVERIFY(!ran.err.isEmpty());
        QCOMPARE(m_ctl.run({"suppress", "list", "--format", "json"}).array().size(), 0);
    }
    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("words");
        QTest::newRow("an unknown setting, with those near it")
            << QStringList{"--set", "unlikelyTravel.speedLimit=900"} << 1 << "unlikelyTravel.speedLimitKmh";
        QTest::newRow("a value out of bounds")
            << QStringList{"--set", "unlikelyTravel.speedLimitKmh=9"} << 2 << "between 300 and 5000";
        QTest::newRow("no value") << QStringList{"--set", "unlikelyTravel.speedLimitKmh"} << 2 << "KEY=VALUE";
        QTest::newRow("no number") << QStringList{"--set", "unlikelyTravel.speedLimitKmh=fast"} << 2
                                   << "KEY=VALUE";
        QTest::newRow("no network") << QStringList{"--trust", "everywhere"} << 2 << "everywhere";
        QTest::newRow("no rule") << QStringList{"--suppress", "anna"} << 2 << "expected user=";
        QTest::newRow("no day") << QStringList{"--since", "yesterday"} << 2 << "YYYY-MM-DD";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, words);
        const auto ran = m_ctl.run(QStringList{"whatif"} + arguments);
        QCOMPARE(ran.code, code);
        QCOMPARE(ran.out, "");
        QVERIFY2(ran.err.contains(words), qPrintable(ran.err));
    }
    void aTrialDirectoryHasNothingToCompare()
    {
        const Ctl trial;
        QCOMPARE(trial.run({"init", "--name", "T", "--trial"}).code, 0);
        const auto ran = trial.run({"whatif"});
        QCOMPARE(ran.code, 1);
        QVERIFY(ran.err.contains("trial directory"));
    }
};

QTEST_GUILESS_MAIN(TuningTest)
#include "tst_tuning.moc"
