// The table of targets, takeovers by history, and the intervals of figures, on trials made by hand.
#include "tests/lab/figure.h"
#include "tests/lab/history.h"
#include "tests/lab/measures.h"
#include "tests/lab/targets.h"

#include <QTest>

using namespace riskdesk;

namespace {

constexpr unsigned people = 300;

// Everybody has ten sign-ins of their own; the first 100 are then taken over, of whom `found` are found at
// medium. `flagged` of the others' tenth sign-ins are flagged by mistake.
lab::Trial trialOf(unsigned found, unsigned flagged)
{
    lab::Trial trial;
    trial.users = people;
    trial.days = 10;
    trial.labels = {"", "takeover.naive", "takeover.cookie", "takeover.targeted"};
    const auto flag = [&](int success, std::uint32_t user) {
        lab::Found f;
        f.type = DetectionType::UnfamiliarFeatures;
        f.level = RiskLevel::Medium;
        f.user = user;
        f.success = success;
        trial.found.push_back(f);
    };
    for (std::uint32_t user = 0; user < people; ++user)
        for (std::uint32_t i = 1; i <= 10; ++i) {
            lab::Success s;
            s.user = user;
            s.number = i;
            if (i == 10 && user >= 100 && user < 100 + flagged)
                flag(static_cast<int>(trial.successes.size()), user);
            trial.successes.push_back(s);
        }
    for (std::uint32_t user = 0; user < 100; ++user) {
        lab::Success s;
        s.user = user;
        s.label = 1;
        s.compromise = true;
        if (user < found)
            flag(static_cast<int>(trial.successes.size()), user);
        trial.successes.push_back(s);
    }
    return trial;
}

// What the row that begins so says.
std::string verdictIn(const std::string &table, const std::string &name)
{
    const auto row = table.find("| " + name);
    if (row == std::string::npos)
        return "no such row";
    const auto end = table.find(" |\n", row), cell = table.rfind("| ", end);
    return table.substr(cell + 2, end - cell - 2);
}

const char takeovers[] = "Takeovers of people with 5 to 20", owners[] = "Owners' sign-ins with 5 to 20";

} // namespace

class TestTargets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theTableSaysMetMissedAndBetween_data()
    {
        QTest::addColumn<unsigned>("found");
        QTest::addColumn<unsigned>("flagged");
        QTest::addColumn<std::string>("recall");
        QTest::addColumn<std::string>("cost");
        QTest::newRow("meets") << 98U << 1U << std::string("met") << std::string("met");
        QTest::newRow("misses") << 50U << 150U << std::string("missed") << std::string("missed");
        QTest::newRow("between") << 80U << 15U << std::string("within the interval")
                                 << std::string("within the interval");
    }
    void theTableSaysMetMissedAndBetween()
    {
        QFETCH(unsigned, found);
        QFETCH(unsigned, flagged);
        QFETCH(std::string, recall);
        QFETCH(std::string, cost);
        const auto table = lab::targetTable(lab::targets({trialOf(found, flagged)}));
        QCOMPARE(verdictIn(table, takeovers), recall);
        QCOMPARE(verdictIn(table, owners), cost);
        // There was no spray in it.
        QCOMPARE(verdictIn(table, "Password spray, attacked"), std::string("not measured"));
    }

    void historyCountsOwnSignInsBeforeTheTakeover()
    {
        const auto trial = trialOf(40, 0);
        const auto h = lab::byHistory({trial}, RiskLevel::Medium);
        QCOMPARE(h.recall.of, std::uint64_t{100});
        QCOMPARE(h.recall.value, 0.4);
        QCOMPARE(h.precision.value, 1.0);
        // The sixth to the tenth of everybody's own; earlier ones had fewer before them.
        QCOMPARE(h.ownersFlagged.of, std::uint64_t{people * 5});
        QCOMPARE(lab::byHistory({trial}, RiskLevel::High).recall.value, 0.0);
        QCOMPARE(lab::byHistory({trial}, RiskLevel::Low, {11, 20}).recall.of, std::uint64_t{0});
        QCOMPARE(lab::byHistory({trial}, RiskLevel::Low, {10, 10}).recall.of, std::uint64_t{100});
    }

    void cookieIsNoTakeoverAndTargetedIsNotVisible()
    {
        auto trial = trialOf(40, 0);
        for (auto &s : trial.successes)
            if (s.compromise && s.user < 30)
                s.label = s.user < 10 ? 2 : 3;
        const auto h = lab::byHistory({trial}, RiskLevel::Medium);
        QCOMPARE(h.recall.of, std::uint64_t{90});
        QCOMPARE(h.visibleRecall.of, std::uint64_t{70});
        QCOMPARE(h.visibleRecall.value, 10.0 / 70);
    }

    void repeatsFoldedIntoOneFindingCount()
    {
        auto trial = trialOf(0, 10);
        for (auto &f : trial.found)
            f.count = 3;
        QCOMPARE(lab::byHistory({trial}, RiskLevel::Low).ownersFlagged.value, 30.0 / (people * 5));
    }

    void falseAlarmsADayHaveAnInterval()
    {
        const auto trial = trialOf(0, 30);
        const auto all = lab::overall({trial}, RiskLevel::Low);
        QVERIFY(std::abs(all.falsePer1000UsersDay.value - 10.0) < 1e-9); // 30 in 10 days of 300 users
        QVERIFY(all.falsePer1000UsersDay.least > 5 && all.falsePer1000UsersDay.least < 9);
        QVERIFY(all.falsePer1000UsersDay.greatest > 11 && all.falsePer1000UsersDay.greatest < 16);
        QCOMPARE(all.found.of, std::uint64_t{100});
        const auto precision = lab::precisions({trial}, RiskLevel::Low);
        const auto &unfamiliar = precision[static_cast<std::size_t>(DetectionType::UnfamiliarFeatures) - 1];
        QVERIFY(std::abs(unfamiliar.falsePer1000UsersDay.value - 10.0) < 1e-9);
        QVERIFY(std::abs(unfamiliar.perThousandSignIns.value - 30.0 / 3.1) < 1e-9);
        QVERIFY(unfamiliar.perThousandSignIns.least < unfamiliar.perThousandSignIns.value);
    }

    // An attack is found by one of its sign-ins; how much of it is seen is another question.
    void whatAnAttackerDidIsCountedToo()
    {
        auto trial = trialOf(80, 0);
        const auto last = trial.successes.back(); // of one who was not found
        trial.successes.push_back(last);
        const auto all = lab::overall({trial}, RiskLevel::Low);
        QCOMPARE(all.found.value, 0.8);
        QVERIFY(std::abs(all.signIns.value - 80.0 / 101) < 1e-9);
    }

    void mediansHaveAnInterval()
    {
        std::vector<unsigned> numbers(101);
        for (unsigned i = 0; i < numbers.size(); ++i)
            numbers[i] = i % 2 == 0 ? 3 : i % 7;
        const auto figure = lab::medianOf(numbers);
        QCOMPARE(figure.value, 3.0);
        QCOMPARE(figure.of, std::uint64_t{101});
        QVERIFY(figure.least <= 3 && figure.greatest >= 3);
        QCOMPARE(lab::medianOf({}).of, std::uint64_t{0});
        QCOMPARE(lab::medianOf({0, 0, 5}).value, 0.0);
        QCOMPARE(lab::medianOf({1, 4, 5}).value, lab::quantile({1, 4, 5}, 0.5));
    }

    void figuresAreToldWithTheirIntervals()
    {
        QCOMPARE(lab::percentText({0.852, 0.81, 0.891, 120}), std::string("85.2 % (81.0–89.1, n 120)"));
        QCOMPARE(lab::numberText({0.135, 0.101, 0.17, 4000}, 3), std::string("0.135 (0.101–0.170)"));
        QCOMPARE(lab::percentText({}), std::string("–"));
    }
};

QTEST_APPLESS_MAIN(TestTargets)
#include "tst_targets.moc"
