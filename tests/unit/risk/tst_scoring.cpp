// The arithmetic of risk: weights, caps, levels and scores.
#include "core/risk/scoring.h"
#include "core/risk/trend.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::risk;

class ScoringTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sums_data()
    {
        QTest::addColumn<int>("lows");
        QTest::addColumn<int>("mediums");
        QTest::addColumn<int>("highs");
        QTest::addColumn<int>("confirmed");
        QTest::addColumn<double>("total");
        QTest::addColumn<QString>("level");
        QTest::addColumn<int>("score");
        QTest::newRow("nothing is none") << 0 << 0 << 0 << 0 << 0.0 << "none" << 0;
        QTest::newRow("one low is low") << 1 << 0 << 0 << 0 << 0.8 << "low" << 27;
        QTest::newRow("a hundred lows are still low") << 100 << 0 << 0 << 0 << 1.5 << "low" << 45;
        QTest::newRow("one medium is medium") << 0 << 1 << 0 << 0 << 2.0 << "medium" << 55;
        QTest::newRow("a medium with one low") << 1 << 1 << 0 << 0 << 2.8 << "medium" << 67;
        QTest::newRow("lows do not lift a medium") << 50 << 1 << 0 << 0 << 3.4 << "medium" << 74;
        QTest::newRow("two mediums are high") << 0 << 2 << 0 << 0 << 4.0 << "high" << 79;
        QTest::newRow("one high is high") << 0 << 0 << 1 << 0 << 4.0 << "high" << 79;
        QTest::newRow("lows add to a high") << 9 << 0 << 1 << 0 << 5.5 << "high" << 89;
        QTest::newRow("many highs end at a hundred") << 0 << 0 << 9 << 0 << 36.0 << "high" << 100;
        QTest::newRow("a confirmed low is high, a hundred") << 1 << 0 << 0 << 1 << 0.8 << "high" << 100;
    }
    void sums()
    {
        QFETCH(int, lows);
        QFETCH(int, mediums);
        QFETCH(int, highs);
        QFETCH(int, confirmed);
        Tally tally;
        tally.open = {0, static_cast<std::uint32_t>(lows), static_cast<std::uint32_t>(mediums),
                      static_cast<std::uint32_t>(highs)};
        tally.confirmed = static_cast<std::uint32_t>(confirmed);
        const auto s = sum(tally);
        QTEST(s.total, "total");
        QTEST(QString::fromUtf8(toText(s.level).data()), "level");
        QTEST(int{s.score}, "score");
    }
    void the_score_says_where_levels_begin()
    {
        QCOMPARE(int{scoreOf(highFrom)}, 75);
        QCOMPARE(int{scoreOf(mediumFrom)}, 47);
        QCOMPARE(int{scoreOf(-1)}, 0);
        QVERIFY(scoreOf(mediumCap) < scoreOf(highFrom));
    }
    void trend_moves_with_the_days()
    {
        const auto day = std::chrono::hours(24);
        const auto monday = Timestamp::fromCivil(2026, 3, 16, 9);
        Trend t = advanced({}, {}, monday, 0, 55);
        QCOMPARE(int{t.back()}, 55);
        QCOMPARE(int{t[28]}, 0);
        t = advanced(t, monday, monday + std::chrono::hours(3), 55, 79); // the same day: its end counts
        QCOMPARE(int{t.back()}, 79);
        t = advanced(t, monday, monday + 3 * day, 79, 0);
        QCOMPARE(int{t.back()}, 0);
        QCOMPARE(int{t[28]}, 79);
        QCOMPARE(int{t[26]}, 79);
        QCOMPARE(int{t[25]}, 0);
        t = advanced(t, monday, monday + 400 * day, 12, 34);
        QCOMPARE(int{t.front()}, 12);
        QCOMPARE(int{t.back()}, 34);
        t = advanced(t, {}, Timestamp{-1}, 0, 5); // just before the epoch is the day before
        QCOMPARE(int{t.back()}, 5);
    }
};

QTEST_APPLESS_MAIN(ScoringTest)
#include "tst_scoring.moc"
