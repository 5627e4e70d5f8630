// Low detections close by age; an old log is looked at in its own time.
#include "core/ledger/ageing.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

using namespace riskdesk;
using riskdesk::ledger::ageLowDetections;
using namespace riskdesk::test;
using T = DetectionType;
using L = RiskLevel;
using std::chrono::hours;
using std::chrono::minutes;

class AgeingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void only_old_lows_close_data()
    {
        QTest::addColumn<int>("hoursLater");
        QTest::addColumn<int>("setting"); // days; 0: never set
        QTest::addColumn<int>("closed");
        QTest::newRow("on the day it is still open") << 14 * 24 << 0 << 0;
        QTest::newRow("an hour after two weeks") << 14 * 24 + 1 << 0 << 1;
        QTest::newRow("the repeated one a day later") << 15 * 24 + 1 << 0 << 2;
        QTest::newRow("a setting of thirty days") << 15 * 24 + 1 << 30 << 0;
        QTest::newRow("medium, high and pairs never") << 4000 * 24 << 0 << 2;
    }
    void only_old_lows_close()
    {
        QFETCH(int, hoursLater);
        QFETCH(int, setting);
        QFETCH(int, closed);
        Fixture f;
        if (setting != 0)
            f.run("INSERT INTO setting VALUES ('risk.lowAgesDays', '" + std::to_string(setting) + "')");
        f.raise(finding(1, 1, T::AnonymizedIPAddress, L::Low, noon));
        f.raise(finding(1, 2, T::AnonymizedIPAddress, L::Low, noon, "tor"));
        f.raise(
            finding(1, 3, T::AnonymizedIPAddress, L::Low, noon + hours(24), "tor")); // folded into the second
        f.raise(finding(2, 4, T::AnonymizedIPAddress, L::Medium, noon));
        f.raise(finding(3, 5, T::UnlikelyTravel, L::High, noon));
        f.raise(finding(4, 6, T::UnfamiliarFeatures, L::Medium, noon));
        f.raise(finding(4, 7, T::UnlikelyTravel, L::Low, noon + minutes(2))); // counts as high
        f.clock.set(noon + hours(hoursLater));
        const auto counts = ageLowDetections(f.connection(), f.clock);
        QVERIFY(counts.has_value());
        QCOMPARE(static_cast<int>(counts->detections), closed);
        QCOMPARE(f.ask("SELECT count(*) FROM ledger WHERE kind = 19"), std::to_string(closed));
        QCOMPARE(f.ask("SELECT count(*) FROM detection WHERE state = 3 AND detail = 0"),
                 std::to_string(closed));
        QCOMPARE(f.standing(1), closed == 2   ? "none dismissed none 0"
                                : closed == 1 ? "low atRisk none 27"
                                              : "low atRisk none 45");
        QCOMPARE(f.standing(2), "medium atRisk none 55");
        QCOMPARE(f.standing(4).substr(0, 11), "high atRisk");
        QVERIFY(run::verifyRisk(f.connection())->empty());
        QCOMPARE(ageLowDetections(f.connection(), f.clock)->detections, 0u); // once
    }
    void an_old_log_does_not_age_at_once()
    {
        Fixture f;
        f.run("UPDATE user SET last_sign_in = " + std::to_string(noon.us + 3'600'000'000) + " WHERE id = 1");
        f.raise(finding(1, 1, T::AnonymizedIPAddress, L::Low, noon));
        f.clock.set(noon + hours(24 * 300)); // read ten months later
        QCOMPARE(ageLowDetections(f.connection(), f.clock)->detections, 0u);
        f.run("UPDATE user SET last_sign_in = " + std::to_string((noon + hours(24 * 15)).us) +
              " WHERE id = 1");
        QCOMPARE(ageLowDetections(f.connection(), f.clock)->detections, 1u);
        QCOMPARE(f.ask("SELECT at - " + std::to_string((noon + hours(24 * 14)).us) +
                       " FROM ledger WHERE kind = 19"),
                 "0");
    }
};

QTEST_APPLESS_MAIN(AgeingTest)
#include "tst_ageing.moc"
