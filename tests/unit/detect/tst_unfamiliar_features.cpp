// Unfamiliar sign-in properties: when they are found, at which level, and what keeps them from being.
#include "tests/support/facts.h"
#include "tests/unit/detect/unfamiliar_bench.h"

#include <QTest>

#include <cmath>
#include <map>
#include <random>
#include <set>

using namespace riskdesk;
using namespace riskdesk::detect;
using namespace riskdesk::detect::test;
using riskdesk::test::Facts;

class TestUnfamiliarFeatures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void levelsFollowBitsAndNovelty_data();
    void levelsFollowBitsAndNovelty();
    void highNeedsNewInBothChains();
    void learningNeedsSignInsAndDays();
    void learnsAnewAfterLongSilence();
    void restartKeepsTheProfile();
    void missingLevelsAreSkipped();
    void aKnownAddressIsNotNewWhereverItIsPlaced_data();
    void aKnownAddressIsNotNewWhereverItIsPlaced();
    void commutersAreNotSurprised();
    void rentedServersAreDoubted();
    void attackEvidenceIsCapped();
    void anUnusualHourAddsALittle();
    void tellsWhatWasUsualAndWhatWasSeen();
    void anAttackerCannotTeachTheProfile();
};

void TestUnfamiliarFeatures::levelsFollowBitsAndNovelty_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("medium");
    QTest::addColumn<double>("high");
    QTest::addColumn<int>("level");
    QTest::addRow("everything above") << 50.0 << 55.0 << 60.0 << int(RiskLevel::None);
    QTest::addRow("above low") << 5.0 << 55.0 << 60.0 << int(RiskLevel::Low);
    QTest::addRow("above medium") << 5.0 << 6.0 << 60.0 << int(RiskLevel::Medium);
    QTest::addRow("above high") << 5.0 << 6.0 << 7.0 << int(RiskLevel::High);
}

void TestUnfamiliarFeatures::levelsFollowBitsAndNovelty()
{
    QFETCH(double, low);
    QFETCH(double, medium);
    QFETCH(double, high);
    QFETCH(int, level);
    Tuning tuning;
    tuning.set(Tune::UnfamiliarLowBits, low);
    tuning.set(Tune::UnfamiliarMediumBits, medium);
    tuning.set(Tune::UnfamiliarHighBits, high);
    Bench bench(tuning);
    bench.seed(20);
    const Verdict why = bench.why(bench.strange().at(now));
    QVERIFY(why.value > 7 && why.value < 50);
    QCOMPARE(int(why.level), level);
    QCOMPARE(why.reason, level == 0 ? Reason::BelowThreshold : Reason::Raised);
    QCOMPARE(why.limit, level == 3 ? high : level == 2 ? medium : low);
    const auto found = bench.unfamiliar(bench.strange().at(now));
    QCOMPARE(found ? int(found->verdict.level) : 0, level);
}

void TestUnfamiliarFeatures::highNeedsNewInBothChains()
{
    Bench bench;
    for (int i = 20; i > 0; --i) // always on the laptop
        bench.engine.examine(bench.home().device("laptop").at(daysBefore(i)).build());
    // Only the place is new: at most medium, however many bits.
    Tuning low;
    low.set(Tune::UnfamiliarLowBits, 0);
    low.set(Tune::UnfamiliarMediumBits, 0);
    low.set(Tune::UnfamiliarHighBits, 0);
    low.set(Tune::UnfamiliarKnownDeviceBits, 0);
    Bench keen(low);
    for (int i = 20; i > 0; --i)
        keen.engine.examine(keen.home().at(daysBefore(i)).build());
    QCOMPARE(keen.why(keen.strange().agent("Chrome 122", "Windows 10").at(now)).level, RiskLevel::Medium);
    QCOMPARE(keen.why(keen.home().agent("Firefox 110", "Linux").at(now)).level, RiskLevel::Medium);
    QCOMPARE(keen.why(keen.strange().at(now)).level, RiskLevel::High);
    // The laptop carried abroad is nothing, a new machine there is high.
    QCOMPARE(bench.why(bench.strange().agent("Chrome 122", "Windows 10").device("laptop").at(now)).level,
             RiskLevel::None);
    QCOMPARE(bench.why(bench.strange().device("stranger").at(now)).level, RiskLevel::High);
}

void TestUnfamiliarFeatures::learningNeedsSignInsAndDays()
{
    for (const auto &[signIns, days, silent] : {std::tuple{4, 6, true}, {5, 4, true}, {5, 5, false}}) {
        Bench bench;
        bench.engine.examine(bench.home().at(daysBefore(days)).build());
        for (int i = 1; i < signIns; ++i)
            bench.engine.examine(bench.home().at(now - std::chrono::hours(10 - i)).build());
        QCOMPARE(bench.why(bench.strange().at(now)).reason == Reason::Learning, silent);
        QCOMPARE(bench.unfamiliar(bench.strange().at(now)).has_value(), !silent);
    }
}

void TestUnfamiliarFeatures::learnsAnewAfterLongSilence()
{
    Bench bench;
    bench.seed(20, 91);
    QCOMPARE(bench.why(bench.strange().at(now)).reason, Reason::Learning);
    QVERIFY(!bench.unfamiliar(bench.home().at(now)));
    const auto status = bench.engine.learning(bench.world.userId("ann"));
    QCOMPARE(status.done, 1U);
    QCOMPARE(status.needed, 5U);
    QCOMPARE(bench.why(bench.strange().at(now + std::chrono::hours(1))).reason, Reason::Learning);
    Bench other;
    other.seed(20, 89);
    QCOMPARE(other.why(other.strange().at(now)).reason, Reason::Raised);
}

void TestUnfamiliarFeatures::restartKeepsTheProfile()
{
    Bench bench;
    bench.seed(20);
    const std::uint32_t ann = bench.world.userId("ann");
    QCOMPARE(bench.engine.learning(ann).needed, 0U);
    bench.engine.restartLearning(ann);
    const auto status = bench.engine.learning(ann);
    QCOMPARE(status.done, 0U);
    QCOMPARE(status.needed, 10U);
    const Verdict why = bench.why(bench.strange().at(now));
    QCOMPARE(why.reason, Reason::Learning);
    QVERIFY(Facts(why.evidence).number("scoreBits") > 8); // what is usual is not forgotten
}

void TestUnfamiliarFeatures::missingLevelsAreSkipped()
{
    Bench bench;
    for (int i = 20; i > 0; --i)
        bench.engine.examine(bench.world.signIn("ann")
                                 .ip("192.0.2.7")
                                 .place("Lisbon", "PT", 38.72, -9.14)
                                 .at(daysBefore(i))
                                 .build());
    // No ASN, no device: the network hangs on the country, and nothing is held against what is not told.
    const Verdict same =
        bench.why(bench.world.signIn("ann").ip("192.0.2.7").place("Lisbon", "PT", 38.72, -9.14).at(now));
    QCOMPARE(same.reason, Reason::BelowThreshold);
    QCOMPARE(Facts(same.evidence).number("deviceBits"), 0.0);
    QCOMPARE(same.evidence.signals.size(), 4U); // country, network, address, hour
    const Verdict network =
        bench.why(bench.world.signIn("ann").ip("198.51.100.7").place("Lisbon", "PT", 38.72, -9.14).at(now));
    QVERIFY(Facts(network.evidence).number("placeBits") > 5);
    QCOMPARE(Facts(network.evidence).text("newInDevice"), "false");
    const Verdict nothing = bench.why(bench.world.signIn("ann").at(now));
    QCOMPARE(Facts(nothing.evidence).number("scoreBits") <= 2, true);
}

void TestUnfamiliarFeatures::aKnownAddressIsNotNewWhereverItIsPlaced_data()
{
    QTest::addColumn<QString>("ip");
    QTest::addColumn<QString>("country");
    QTest::addColumn<int>("asn");
    QTest::addColumn<bool>("isKnown");
    QTest::addRow("in another country") << "192.0.2.7"
                                        << "ES" << 64500 << true;
    QTest::addRow("of another operator") << "192.0.2.7"
                                         << "PT" << 64999 << true;
    QTest::addRow("in another country, of another operator") << "192.0.2.7"
                                                             << "ES" << 64999 << true;
    QTest::addRow("without either") << "192.0.2.7"
                                    << "" << 0 << true;
    QTest::addRow("a neighbour in another country") << "192.0.2.90"
                                                    << "ES" << 64500 << true;
    QTest::addRow("somewhere else in another country") << "198.51.100.7"
                                                       << "ES" << 64500 << false;
}

void TestUnfamiliarFeatures::aKnownAddressIsNotNewWhereverItIsPlaced()
{
    QFETCH(QString, ip);
    QFETCH(QString, country);
    QFETCH(int, asn);
    QFETCH(bool, isKnown);
    Bench bench;
    bench.seed(20);
    auto there = bench.home().ip(ip.toStdString()).asn(static_cast<std::uint32_t>(asn)).at(now);
    there.place("", country.toStdString(), noCoordinate, noCoordinate);
    const FeatureScore &score = bench.engine.assess(there.build());
    QCOMPARE(!score.newPlace, isKnown);
    QCOMPARE(!score.isNew[Country] && !score.isNew[Asn] && !score.isNew[Network], isKnown);
    QCOMPARE(score.familiarity.countryKnown, isKnown);
    QCOMPARE(score.filledIn[Country], isKnown && country != "PT");
    QCOMPARE(score.filledIn[Asn], isKnown && asn != 64500);
    // As if it were placed where it always was.
    const double bits = score.familiarity.placeBits;
    const auto asAlways = bench.home().ip(ip.toStdString()).at(now).build();
    QCOMPARE(std::abs(bits - bench.engine.assess(asAlways).familiarity.placeBits) < 1e-9, isKnown);
}

void TestUnfamiliarFeatures::commutersAreNotSurprised()
{
    Bench bench;
    for (int i = 40; i > 0; --i) {
        bench.engine.examine(bench.home("stayer").at(daysBefore(i)).build());
        bench.engine.examine(
            bench.home("commuter").ip("10.0." + std::to_string(i) + ".1").at(daysBefore(i)).build());
    }
    const auto novel = [&](const char *user) {
        return Facts(bench.why(bench.home(user).ip("10.9.9.9").at(now)).evidence).number("placeBits");
    };
    QVERIFY(novel("stayer") > novel("commuter") + 3);
    QVERIFY(novel("commuter") < 3);
}

// A rented server is doubted where the user never came from its operator, less the more others do.
void TestUnfamiliarFeatures::rentedServersAreDoubted()
{
    SignInWorld world;
    NoState none;
    const Tuning tuning;
    TenantCounts tenant(none);
    Profiles profiles(none);
    Novelty novelty(none);
    FeatureModel model(tuning, tenant, novelty, profiles);
    const auto at = [&](const char *user, NetworkClass of) {
        return world.signIn(user).ip("192.0.2.1").asn(64900).network(of).at(now).build();
    };
    const auto bits = [&](const char *user, NetworkClass of) {
        return model.assess(at(user, of), 0).hostingBits;
    };
    QCOMPARE(bits("ann", NetworkClass::Unknown), 0.0);
    QCOMPARE(bits("ann", NetworkClass::Mobile), 0.0);
    QCOMPARE(bits("ann", NetworkClass::Hosting), 4.0);
    const auto total = model.current().total;
    QCOMPARE(total - model.assess(at("ann", NetworkClass::Unknown), 0).total, 4.0);
    // Ten sign-ins of others through it halve the doubt, and the user's own end it.
    for (int i = 0; i < 10; ++i) {
        model.assess(at("bob", NetworkClass::Hosting), 0);
        model.learn(at("bob", NetworkClass::Hosting));
    }
    QVERIFY(std::abs(bits("ann", NetworkClass::Hosting) - 2) < 0.01);
    QCOMPARE(bits("bob", NetworkClass::Hosting), 0.0);
    // Somebody between the user and the page shows the user's own agent; a device's id is not so easily had.
    for (int i = 0; i < 200; ++i) {
        const auto other =
            world.signIn("eve").ip("198.51.100.4").agent("Firefox 120", "macOS 14").at(now).build();
        model.assess(other, 0);
        model.learn(other);
    }
    for (const bool hasId : {false, true}) {
        const auto own = [&](const char *ip, NetworkClass of) {
            auto s = world.signIn(hasId ? "dot" : "cyd")
                         .ip(ip)
                         .network(of)
                         .agent("Chrome 122", "Windows 10")
                         .at(now);
            return (hasId ? s.device("laptop") : s).build();
        };
        for (int i = 0; i < 20; ++i) {
            model.assess(own("198.51.100.4", NetworkClass::Unknown), 0);
            model.learn(own("198.51.100.4", NetworkClass::Unknown));
        }
        const FeatureScore &score = model.assess(own("203.0.113.9", NetworkClass::Hosting), 0);
        QVERIFY(score.familiarity.deviceBits < -0.5);
        QCOMPARE(score.hostingBits, hasId ? 4.0 : 4 - score.familiarity.deviceBits);
    }
    // What is an anonymizer too counts as that alone.
    const auto both = world.signIn("ann")
                          .ip("192.0.2.1")
                          .asn(64900)
                          .network(NetworkClass::Hosting)
                          .anonymizer(NetworkClass::Tor)
                          .at(now)
                          .build();
    QCOMPARE(model.assess(both, 0).hostingBits, 0.0);
    QCOMPARE(model.current().anonymizerBits, 2.0);
}

void TestUnfamiliarFeatures::attackEvidenceIsCapped()
{
    SignInWorld world;
    NoState none;
    const Tuning tuning;
    TenantCounts tenant(none);
    Profiles profiles(none);
    Novelty novelty(none);
    FeatureModel model(tuning, tenant, novelty, profiles);
    const EnrichedSignIn plain = world.signIn("ann").ip("192.0.2.1").at(now).build();
    QCOMPARE(model.assess(plain, 0).total, 0.0); // nobody knows anything
    QCOMPARE(model.assess(plain, 0.5).addressBits, 1.0);
    QCOMPARE(model.assess(plain, 1).addressBits, 4.0);
    QCOMPARE(model.assess(plain, std::nan("")).addressBits, 0.0);
    QCOMPARE(model.assess(world.signIn("ann").automated().at(now).build(), 0).automatedBits, 3.0);
    const auto listed = [&](NetworkClass kind, const char *until) {
        return model
            .assess(world.signIn("ann").ip("192.0.2.1").anonymizer(kind, "", "", until).at(now).build(), 0)
            .anonymizerBits;
    };
    QCOMPARE(listed(NetworkClass::Tor, ""), 2.0);
    QCOMPARE(listed(NetworkClass::Tor, "2026-03-17T14:00:00Z"), 2.0); // a day ago: within the grace
    QCOMPARE(listed(NetworkClass::Tor, "2026-03-17T13:59:59Z"), 0.0);
    QCOMPARE(listed(NetworkClass::Vpn, "2026-03-11T14:00:00Z"), 2.0);
    QCOMPARE(listed(NetworkClass::Vpn, "2026-03-11T13:59:59Z"), 0.0);
    QCOMPARE(listed(NetworkClass::Relay, ""), 0.0);
    QCOMPARE(listed(NetworkClass::Hosting, ""), 0.0);
    const EnrichedSignIn laptop = world.signIn("ann").device("laptop").at(now).build();
    QCOMPARE(model.assess(laptop, 0).deviceIdBits, 1.0);
    model.learn(laptop);
    QCOMPARE(model.assess(laptop, 0).deviceIdBits, -6.0);
}

void TestUnfamiliarFeatures::anUnusualHourAddsALittle()
{
    Bench bench;
    bench.seed(20); // always at 14:00
    const auto hour = [&](int h) {
        const Verdict why = bench.why(bench.home().at(now + std::chrono::hours(h)));
        for (const Signal &s : why.evidence.signals)
            if (s.key == "localTime")
                return s;
        return Signal{};
    };
    QCOMPARE(hour(0).usual, "14:00");
    QVERIFY(std::abs(hour(0).bits) < 1e-6);
    QCOMPARE(hour(12).seen, "02:00");
    QVERIFY(std::abs(hour(12).bits - 2) < 1e-3);
    QCOMPARE(hour(12).result, SignalResult::Rare);
    QVERIFY(hour(3).bits < hour(6).bits);
    Bench always;
    for (int i = 0; i < 48; ++i) // all round the clock: no habit
        always.engine.examine(always.home().at(daysBefore(20) + std::chrono::hours(5 * i)).build());
    for (const Signal &s : always.why(always.home().at(now)).evidence.signals)
        QVERIFY(s.key != "localTime");
}

void TestUnfamiliarFeatures::tellsWhatWasUsualAndWhatWasSeen()
{
    Bench bench;
    bench.seed(20);
    bench.engine.examine(
        bench.home().ip("198.51.100.9").place("Madrid", "ES", 40.42, -3.7).at(daysBefore(0.9)).build());
    const auto found = bench.unfamiliar(bench.strange().at(now));
    QVERIFY(found);
    const Facts e(found->verdict.evidence);
    double sum = 0;
    std::map<std::string, Signal> rows;
    for (const Signal &s : found->verdict.evidence.signals) {
        rows[s.key] = s;
        sum += s.bits;
    }
    QVERIFY(std::abs(sum - e.number("scoreBits")) < 1e-9); // every bit is shown
    QCOMPARE(found->verdict.value, e.number("scoreBits"));
    QVERIFY(rows["country"].usual.starts_with("PT (1") && rows["country"].usual.ends_with(", ES (1)"));
    QCOMPARE(rows["country"].seen, "BR");
    QCOMPARE(rows["country"].result, SignalResult::New);
    QCOMPARE(rows["asn"].seen, "AS64510");
    QVERIFY(rows["network"].usual.starts_with("192.0.2.0/24 ("));
    QCOMPARE(rows["network"].seen, "203.0.113.0/24");
    QVERIFY(rows["address"].usual.starts_with("192.0.2.7 ("));
    QCOMPARE(rows["system"].seen, "Linux");
    QVERIFY(rows["browser"].usual.starts_with("Chrome 122 ("));
    QCOMPARE(rows["deviceKind"].result, SignalResult::AsUsual);
    QCOMPARE(e.number("mediumBits"), 8.0);
    QCOMPARE(e.number("learntSignIns"), 21.0);
    QCOMPARE(found->verdict.foldKey, "BR/AS64510/Linux");
}

void TestUnfamiliarFeatures::anAttackerCannotTeachTheProfile()
{
    Bench bench;
    bench.seed(20);
    double first = 0;
    for (int i = 0; i < 12; ++i) { // once a week, found every time, never learnt
        const Timestamp at = now + std::chrono::hours(24 * 7 * i);
        const auto found = bench.unfamiliar(bench.strange().at(at));
        QVERIFY(found);
        QVERIFY(found->verdict.level >= RiskLevel::Medium);
        if (i == 0)
            first = found->verdict.value;
        QVERIFY(std::abs(found->verdict.value - first) < 1.5); // decay alone
        bench.engine.examine(bench.home().at(at + std::chrono::hours(30)).build());
    }
    // An anonymizer teaches no place even while it is not unfamiliar enough to be found: a relay has none,
    // and a VPN without a name is nobody's habit.
    for (const NetworkClass kind : {NetworkClass::Relay, NetworkClass::Vpn}) {
        const auto open = bench.home().ip("203.0.113.77");
        auto hidden = SignInBuilder(open).anonymizer(kind, kind == NetworkClass::Relay ? "Relay" : "");
        for (int i = 0; i < 5; ++i)
            bench.engine.examine(hidden.at(now + std::chrono::hours(24 * 90 + i)).build());
        const auto after = now + std::chrono::hours(24 * 90 + 9);
        int rows = 0;
        for (const Signal &s : bench.why(hidden.at(after)).evidence.signals)
            if (s.key == "network" && s.result != SignalResult::Unknown) {
                ++rows;
                QCOMPARE(s.result, SignalResult::New);
            }
        QCOMPARE(rows, kind == NetworkClass::Relay ? 0 : 1);
        QVERIFY(!bench.engine.assess(SignInBuilder(open).at(after).build()).familiarity.networkKnown);
    }
}

QTEST_GUILESS_MAIN(TestUnfamiliarFeatures)
#include "tst_unfamiliar_features.moc"
