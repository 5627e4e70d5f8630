// Novelty: the chance of something new as the directory has it, from the formula on; who counts, how often, and
// what is kept between runs. Then what the model makes of it.
#include "core/detect/engine.h"
#include "core/detect/usual/novelty.h"

#include "tests/support/memory_state.h"
#include "tests/support/sign_in_builder.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::MemoryState;
using riskdesk::test::SignInBuilder;
using riskdesk::test::SignInWorld;

namespace {

bool isNear(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

const Timestamp noon = Timestamp::fromCivil(2026, 3, 18, 12);
Timestamp daysBefore(double days)
{
    return {noon.us - static_cast<std::int64_t>(days * 86400e6)};
}

// Forty people at home, each on a network of their own.
struct Town
{
    SignInWorld world;
    NoState none;
    Engine engine;

    explicit Town(const Tuning &tuning = {})
        : engine(tuning, none, world)
    {}

    SignInBuilder of(int person)
    {
        return world.signIn("person" + std::to_string(person))
            .ip("192.0.2." + std::to_string(person))
            .place("Lisbon", "PT", 38.72, -9.14)
            .asn(64500)
            .agent("Chrome 122", "Windows 10");
    }
    SignInBuilder ann() { return of(200); }
    void live(int days, int journeyEvery = 0)
    {
        for (int day = days; day > 0; --day)
            for (int person = 1; person <= 40; ++person) {
                auto s = of(person).at(daysBefore(day + person / 100.0));
                if (journeyEvery > 0 && (day * 7 + person * 13) % journeyEvery == 0)
                    s.ip("198.51." + std::to_string((person + day) % 90) + ".7")
                        .place("", "C" + std::string(1, static_cast<char>('A' + (person + day) % 20)), 40, -4)
                        .asn(static_cast<std::uint32_t>(65000 + (person + day) % 90));
                engine.examine(s.build());
            }
        for (int day = 12; day > 0; --day)
            engine.examine(ann().at(daysBefore(day - 0.5)).build());
    }
    double abroad()
    {
        return engine
            .assess(ann().ip("203.0.113.9").place("Madrid", "ES", 40.42, -3.7).asn(64510).at(noon).build())
            .bits[Country];
    }
};

} // namespace

class TestNovelty : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNewDirectoryHasTheFormula()
    {
        NoState none;
        const Novelty novelty(none);
        for (const double formula : {0.001, 0.02, 0.5, 1.0})
            QVERIFY(isNear(novelty.chance(Novelty::cellOf(Country, 10, 1), formula), formula));
    }
    void whatHappensIsLearnt()
    {
        NoState none;
        Novelty novelty(none);
        const auto cell = Novelty::cellOf(Country, 10, 1);
        for (int i = 0; i < 20'000; ++i)
            novelty.count(cell, 0.05, i % 100 == 0);
        QVERIFY(std::abs(novelty.chance(cell, 0.05) - 0.01) < 0.0005);
        // Others at the level are drawn along, by the level's own measure; another level is not.
        const auto beside = Novelty::cellOf(Country, 100, 3);
        QVERIFY(isNear(novelty.chance(beside, 0.05), 0.05 * (200 + 200) / (1000 + 200)));
        QVERIFY(isNear(novelty.chance(Novelty::cellOf(Browser, 10, 1), 0.05), 0.05));
        // Below a new parent is a class of its own.
        QVERIFY(isNear(novelty.chance(Novelty::cellOf(Country, 10, 0), 0.9), 0.9));
    }
    void fewSayLittle()
    {
        NoState none;
        Novelty novelty(none);
        const auto cell = Novelty::cellOf(System, 5, 1);
        for (int i = 0; i < 10; ++i)
            novelty.count(cell, 0.05, false);
        QVERIFY(novelty.chance(cell, 0.05) > 0.045);
    }
    void oldTimesFade()
    {
        NoState none;
        Novelty novelty(none);
        const auto cell = Novelty::cellOf(Device, 5, 1);
        for (std::uint32_t i = 0; i < Novelty::most * 2; ++i)
            novelty.count(cell, 0.5, true);
        for (std::uint32_t i = 0; i < Novelty::most * 2; ++i)
            novelty.count(cell, 0.5, false);
        QVERIFY(novelty.chance(cell, 0.5) < 0.2); // half of all there ever was
    }
    void cellsAreDistinctAndInRange()
    {
        std::set<std::uint16_t> cells;
        for (std::size_t level = 0; level < levels; ++level)
            for (const double seen : {0.0, 0.5, 1.0, 2.0, 5.0, 9.0, 17.0, 40.0, 64.0, 1e9})
                for (const double values : {0.0, 1.0, 2.0, 5.0, 9.0, 20.0, 1e9})
                    cells.insert(Novelty::cellOf(level, seen, values));
        QCOMPARE(cells.size(), levels * 8 * 6);
        QVERIFY(*cells.rbegin() < levels * 8 * 6);
    }
    void isKeptBetweenRuns()
    {
        MemoryState memory;
        const auto cell = Novelty::cellOf(Kind, 5, 2);
        double learnt = 0;
        {
            Novelty novelty(memory);
            for (int i = 0; i < 500; ++i)
                novelty.count(cell, 0.1, i % 3 == 0);
            learnt = novelty.chance(cell, 0.1);
            novelty.save(memory);
        }
        QCOMPARE(memory.parts.size(), std::size_t{1});
        QVERIFY(isNear(Novelty(memory).chance(cell, 0.1), learnt));
        auto &data = memory.parts.begin()->second;
        data.back() = '\x7f'; // not a count any more
        QVERIFY(isNear(Novelty(memory).chance(cell, 0.1), 0.1));
    }

    void aCountryIsStrangerWhereNobodyTravels()
    {
        Town still, travelling;
        still.live(60);
        travelling.live(60, 9);
        QVERIFY2(still.abroad() > travelling.abroad() + 1,
                 qPrintable(QString("%1 and %2").arg(still.abroad()).arg(travelling.abroad())));
        // And by how often it happens, as bits.
        Tuning formula;
        formula.set(Tune::UnfamiliarLearnNovelty, 0);
        Town untaught(formula);
        untaught.live(60);
        QVERIFY(still.abroad() > untaught.abroad() + 1);
    }
    // One person who stays strange, withheld again and again, is one novelty and not fifty.
    void whoStaysStrangeIsMetOnce()
    {
        Town once, often;
        once.live(60);
        often.live(60);
        const auto strange = [](Town &town, int day) {
            town.engine.examine(town.of(1)
                                    .ip("203.0.113.77")
                                    .place("Hanoi", "VN", 21, 105.8)
                                    .asn(64999)
                                    .agent("Firefox 120", "Linux")
                                    .at({noon.us + day * 86'400'000'000})
                                    .build());
        };
        strange(once, 0);
        for (int day = 0; day < 50; ++day)
            strange(often, day);
        QVERIFY(std::abs(once.abroad() - often.abroad()) < 0.2);
    }
    // A new system with the user's own browser is less than one with a browser nobody knows the user by.
    void unseenBelowUnseenAddsSomething()
    {
        Town town;
        town.live(60);
        for (int i = 0; i < 30; ++i) { // both are as common as the other
            town.engine.examine(
                town.of(100 + i % 2).agent("Chrome 122", "Linux").at(daysBefore(30 - i / 2.0)).build());
            town.engine.examine(
                town.of(110 + i % 2).agent("Opera 99", "Linux").at(daysBefore(30.1 - i / 2.0)).build());
        }
        const auto bits = [&](std::string_view browser) {
            const auto &score = town.engine.assess(town.ann().agent(browser, "Linux").at(noon).build());
            return score.familiarity.deviceBits;
        };
        QVERIFY2(bits("Opera 99") > bits("Chrome 122") + 0.2,
                 qPrintable(QString("%1 %2").arg(bits("Opera 99")).arg(bits("Chrome 122"))));
    }
};

QTEST_GUILESS_MAIN(TestNovelty)
#include "tst_novelty.moc"
