// Tuning from the command line: what other settings would find, and the object that scripts read.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;

class TuningTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

private slots:
    void initTestCase()
    {
        QCOMPARE(m_ctl.run({"sample", "--users", "200", "--days", "60", "--seed", "3", "--end", "2026-03-18"})
                     .code,
                 0);
    }
    void tellsWhatOtherSettingsFind()
    {
        const auto ran = m_ctl.run({"whatif", "--set", "unfamiliarFeatures.enabled=off", "--set",
                                    "unlikelyTravel.speedLimitKmh=1200", "--trust", "203.0.113.0/24",
                                    "--limit", "3", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const auto found = ran.object();
        for (const char *key : {"signIns", "seconds", "settings", "trust", "since", "types", "users",
                                "appear", "disappear", "rise", "fall", "disappearing", "changes"})
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
