// Proposed thresholds leave the wished share of the sign-ins above them, and change nothing.
#include "core/replay/propose_run.h"

#include "tests/unit/replay/replay_world.h"

#include <numeric>

using namespace riskdesk;

class ProposeTest : public QObject
{
    Q_OBJECT
    test::ReplayWorld m_world;
    std::uint64_t m_signIns = 0;

private Q_SLOTS:
    void initTestCase() { m_signIns = m_world.importAll(); }

    void aHistogramCountsAndCuts()
    {
        run::ScoreHistogram scores;
        for (int i = 0; i < 1000; ++i)
            scores.add(i * 0.01); // 0 to 9.99
        QCOMPARE(scores.count(), 1000u);
        QCOMPARE(scores.atOrAbove(-1e9), 1000u);
        QCOMPARE(scores.atOrAbove(9), 100u);
        QCOMPARE(scores.atOrAbove(1e9), 0u);
        QCOMPARE(scores.leaving(100), 9.);
        QCOMPARE(scores.leaving(103), 9.);
        QCOMPARE(scores.leaving(0), 10.);
        QCOMPARE(scores.leaving(1000), run::ScoreHistogram::least);
        scores.add(1e300);
        scores.add(-1e300);
        QCOMPARE(scores.count(), 1002u);
        QCOMPARE(scores.atOrAbove(150), 1u);
        QCOMPARE(run::ScoreHistogram().leaving(0), run::ScoreHistogram::least);
    }
    void keepsWithinTheBudget_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("medium");
        QTest::addColumn<double>("high");
        QTest::newRow("the usual one") << 2. << 0.35 << 0.1;
        QTest::newRow("a wide one") << 5. << 2. << 0.5;
        QTest::newRow("equal shares") << 1. << 1. << 1.;
    }
    void keepsWithinTheBudget()
    {
        QFETCH(double, low);
        QFETCH(double, medium);
        QFETCH(double, high);
        const auto changes = m_world.number("SELECT total_changes()");
        const auto found = run::proposeThresholds(m_world.connection(), {low, medium, high});
        QVERIFY(found);
        QCOMPARE(m_world.number("SELECT total_changes()"), changes);
        QCOMPARE(found->signIns, m_signIns);
        QVERIFY(found->judged > 1000 && found->judged < m_signIns);
        QCOMPARE(std::accumulate(found->all.bins().begin(), found->all.bins().end(), std::uint64_t{0}),
                 found->judged);
        double before = 0;
        for (const auto &t : found->thresholds) {
            const auto *entry = detect::findTuning(t.key);
            QVERIFY(entry != nullptr);
            QVERIFY(t.proposed >= entry->least && t.proposed <= entry->greatest && t.proposed >= before);
            QVERIFY(t.proposedShare <= t.budget || t.proposed == entry->greatest);
            // A lower threshold would leave more than wished, where nothing else holds it up.
            if (t.proposed > entry->least && t.proposed > before && &t != &found->thresholds[2])
                QVERIFY(100. * double(found->all.atOrAbove(t.proposed - run::ScoreHistogram::width)) >
                        t.budget * double(found->judged));
            before = t.proposed;
        }
    }
    void countsWhatThePresentThresholdsFind()
    {
        // High as near as medium, so that the new place and the new device decide between them.
        test::ReplayWorld world(200, 60, 1);
        QVERIFY(run::setSetting(world.connection(), {}, "unfamiliarFeatures.highBits", 8));
        QVERIFY(run::setSetting(world.connection(), {}, "unfamiliarFeatures.mediumBits", 5));
        QVERIFY(run::setSetting(world.connection(), {}, "unfamiliarFeatures.lowBits", 3));
        world.importAll();
        const auto found = run::proposeThresholds(world.connection(), {2, 0.35, 0.1});
        QVERIFY(found);
        // Every finding is in the ledger with its own level, folded or not.
        std::int64_t all = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto findings = world.number(
                "SELECT count(*) FROM ledger l JOIN detection d ON d.id = l.detection WHERE l.kind IN (1, 2) "
                "AND d.type = 4 AND l.level = " +
                std::to_string(i + 1));
            QCOMPARE(std::int64_t(std::llround(found->thresholds[i].presentADay * found->days)), findings);
            all += findings;
        }
        QVERIFY(all > 10);
    }
    void refuses()
    {
        for (const auto &budget : std::vector<std::array<double, 3>>{
                 {1, 2, 0.1}, {101, 1, 0.1}, {2, 1, -1}, {qQNaN(), 1, 0.1}, {2, qInf(), 0.1}}) {
            const auto found = run::proposeThresholds(m_world.connection(), budget);
            QVERIFY(!found && found.error().code == Code::WrongUsage);
        }
        test::ReplayWorld empty;
        const auto nothing = run::proposeThresholds(empty.connection(), {2, 0.35, 0.1});
        QVERIFY(!nothing && nothing.error().code == Code::NotFound);
    }
};

QTEST_GUILESS_MAIN(ProposeTest)
#include "tst_propose.moc"
