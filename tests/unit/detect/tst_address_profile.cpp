// Who signs in from an address, how often that fails, and what share of failures is usual.
#include "tests/unit/detect/detector_stage.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::detect;
using namespace riskdesk::detect::test;

namespace {
const Timestamp start = time("2026-03-02T08:00:00Z");
const std::string office = "192.0.2.1";

Happening attempt(Timestamp at, const std::string &user, bool good, const std::string &ip = office)
{
    Happening h{.at = at, .user = user, .ip = ip};
    h.failure = good ? FailureKind::None : FailureKind::BadPassword;
    return h;
}
} // namespace

class AddressProfileTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ratios()
    {
        QVERIFY(std::abs(badToGoodRatio(0.93, 0.30) - 9.0) < 1e-9);
        QVERIFY(std::abs(hostileOdds(0.93, 0.30) - 9.0 / 9.3) < 1e-9);
        QVERIFY(std::isinf(badToGoodRatio(1, 0.15)));
        QCOMPARE(hostileOdds(1, 0.15), 1.0);
        QCOMPARE(badToGoodRatio(0.15, 0.15), 0.0);
        QCOMPARE(badToGoodRatio(0.1, 0.15), 0.0);
    }

    void theUsualShareIsThatOfTheMedianNetwork_data()
    {
        QTest::addColumn<QList<int>>("attempts"); // of each network
        QTest::addColumn<QList<int>>("failures");
        QTest::addColumn<double>("share");
        QTest::newRow("nothing known") << QList<int>{} << QList<int>{} << 0.15;
        QTest::newRow("ninety-nine attempts say nothing") << QList<int>{99} << QList<int>{30} << 0.15;
        QTest::newRow("a hundred attempts do") << QList<int>{100} << QList<int>{30} << 0.30;
        QTest::newRow("the middle one by volume")
            << QList<int>{100, 150, 400} << QList<int>{90, 30, 390} << 0.20;
        QTest::newRow("the mean of two in the middle") << QList<int>{100, 200} << QList<int>{10, 60} << 0.20;
        QTest::newRow("never more than two fifths") << QList<int>{200} << QList<int>{190} << 0.40;
        QTest::newRow("never less than a twentieth") << QList<int>{200} << QList<int>{1} << 0.05;
    }
    void theUsualShareIsThatOfTheMedianNetwork()
    {
        QFETCH(QList<int>, attempts);
        QFETCH(QList<int>, failures);
        QFETCH(double, share);
        Stage stage;
        Timestamp at = start;
        for (int n = 0; n < attempts.size(); ++n)
            for (int i = 0; i < attempts[n]; ++i) {
                at = at + Microseconds(1000);
                auto h = attempt(at, "u" + std::to_string(i % 20), i >= failures[n]);
                h.asn = 64500 + static_cast<std::uint32_t>(n);
                stage.play(h);
            }
        stage.restart();
        auto h = attempt(start + hour, "somebody", true, "192.0.2.200");
        h.asn = 0;
        stage.play(h); // weighed once an hour
        stage.restart();
        QVERIFY(std::abs(stage.profiles().usualFailureShare() - share) < 1e-6);
    }

    void countsUsersOfThirtyDays()
    {
        Stage stage;
        stage.play(attempt(start, "old", true));
        stage.play(attempt(start + Microseconds(1), "exact", true));
        stage.play(attempt(start + day, "new", true));
        stage.play(attempt(start + day * 2, "new", true));
        stage.play(attempt(start + day * 2, "failing", false));
        auto withheld = attempt(start + day * 3, "flagged", true);
        withheld.teaches = false;
        stage.play(withheld);
        const auto ip = *IpAddress::parse(office);
        QCOMPARE(stage.profiles().sharedBy(ip, start + day * 29), 3u);
        QCOMPARE(stage.profiles().sharedBy(ip, start + day * 30 + Microseconds(1)), 2u);
        QCOMPARE(stage.profiles().sharedBy(ip, start + day * 30 + Microseconds(2)), 1u);
        QCOMPARE(stage.profiles().successes(ip, stage.names().user("new"), start + day * 3), 2u);
        QCOMPARE(stage.profiles().successes(ip, stage.names().user("flagged"), start + day * 3), 0u);
        // Judged harmless afterwards: the success counts, the attempt is not counted twice.
        const auto attempts = stage.profiles().reputation(ip, start + day * 4).attempts;
        stage.play(attempt(start + day * 4, "new", true));
        stage.profiles().learn(stage.signIn(withheld), true);
        QCOMPARE(stage.profiles().successes(ip, stage.names().user("flagged"), start + day * 4), 1u);
        QCOMPARE(stage.profiles().reputation(ip, start + day * 4).attempts, attempts + 1);
    }

    void earnsABadReputation_data()
    {
        QTest::addColumn<int>("users");
        QTest::addColumn<int>("failures");
        QTest::addColumn<int>("successes");
        QTest::addColumn<bool>("bad");
        QTest::newRow("twenty failures of five users") << 5 << 20 << 0 << true;
        QTest::newRow("four users") << 4 << 40 << 0 << false;
        QTest::newRow("nineteen attempts") << 5 << 19 << 0 << false;
        // odds (1 - f0 / f) / (1 - f0) > 0.99 with f0 = 0.15: f > 0.9464
        QTest::newRow("one success in twenty: 0.9500") << 5 << 19 << 1 << true;
        QTest::newRow("two in thirty-seven: 0.9459") << 5 << 35 << 2 << false;
    }
    void earnsABadReputation()
    {
        QFETCH(int, users);
        QFETCH(int, failures);
        QFETCH(int, successes);
        QFETCH(bool, bad);
        Stage stage;
        for (int i = 0; i < successes; ++i)
            stage.play(attempt(start + second * i, "good", true));
        for (int i = 0; i < failures; ++i)
            stage.play(attempt(start + minute + second * i, "u" + std::to_string(i % users), false));
        const auto ip = *IpAddress::parse(office);
        const Timestamp end = start + minute + second * (failures - 1);
        QCOMPARE(stage.profiles().reputation(ip, end).bad, bad);
        if (bad) {
            QVERIFY(stage.profiles().reputation(ip, end + day * 7).bad);
            QVERIFY(!stage.profiles().reputation(ip, end + day * 7 + minute).bad);
        }
    }

    void failureOddsForgiveOneMistake()
    {
        Stage stage;
        const auto ip = *IpAddress::parse(office);
        QCOMPARE(stage.profiles().failureOdds(ip, start), 0.0);
        stage.play(attempt(start, "u", false));
        QVERIFY(stage.profiles().failureOdds(ip, start) < 0.5);
        for (int i = 1; i < 200; ++i)
            stage.play(attempt(start + second * i, "u", false));
        QVERIFY(stage.profiles().failureOdds(ip, start + minute * 5) > 0.9);
    }

    // An address that nobody has seen is what its neighbours are; one with a record of its own is itself.
    void anUnseenAddressIsWhatItsNeighboursAre()
    {
        Stage stage;
        const auto unseen = *IpAddress::parse("203.0.113.200"),
                   elsewhere = *IpAddress::parse("198.51.100.200");
        for (int i = 0; i < 300; ++i) {
            auto failed = attempt(start + second * i, "u" + std::to_string(i), false);
            failed.ip = "203.0.113." + std::to_string(1 + i % 60);
            stage.play(failed);
            auto entered = attempt(start + second * i, "v" + std::to_string(i % 7), true);
            entered.ip = "203.0.113.250";
            stage.play(entered);
        }
        const Timestamp soon = start + minute * 10;
        const double neighbours = stage.profiles().failureOdds(unseen, soon);
        QVERIFY2(neighbours > 0.5, qPrintable(QString::number(neighbours)));
        QCOMPARE(stage.profiles().failureOdds(elsewhere, soon), 0.0);
        QVERIFY(stage.profiles().failureOdds(*IpAddress::parse("203.0.113.250"), soon) < neighbours / 2);
        QVERIFY(stage.profiles().failureOdds(*IpAddress::parse("203.0.113.5"), soon) > neighbours);
        // And is forgotten as the neighbours' days go by.
        QVERIFY(stage.profiles().failureOdds(unseen, soon + day * 150) < 0.1);
    }

    void forgetsNoRegularForTheSakeOfStrangers()
    {
        Stage stage;
        for (int i = 0; i < 3; ++i)
            stage.play(attempt(start + second * i, "regular", true));
        for (int i = 0; i < 9000; ++i) {
            auto h = attempt(start + minute + Microseconds(1000) * i, "stranger" + std::to_string(i), false);
            h.social = true; // this is about the profiles alone
            stage.play(h);
        }
        QVERIFY(stage.profiles().isRegular(stage.signIn(attempt(start + hour, "regular", true))));
    }

    void staysBounded()
    {
        NoState none;
        const Tuning tuning;
        AddressProfiles profiles(tuning, none);
        static const Place nowhere;
        static const AddressFacts nothing;
        EnrichedSignIn s;
        s.place = &nowhere;
        s.facts = &nothing;
        s.row.outcome = Outcome::Success;
        for (std::uint32_t i = 0; i < 300'000; ++i) {
            s.row.at = start.us + i;
            s.row.user = 1 + i % 1000;
            s.ip = IpAddress::fromV4(i * 2654435761u);
            s.asn = i;
            profiles.learn(s, true);
        }
        MemoryState memory;
        profiles.save(memory);
        std::size_t largest = 0;
        for (const auto &[key, data] : memory.parts)
            if (key.first == static_cast<int>(StatePart::Address))
                largest = std::max(largest, data.size());
        QVERIFY(largest > 0 && largest <= 8 * (100 + 40));
        QVERIFY(memory.parts.size() <= 65'536 + 1);
        QVERIFY(profiles.sharedBy(s.ip, s.at()) == 1);
    }

    void damagedMemoryIsForgotten_data()
    {
        QTest::addColumn<QByteArray>("data");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("another version") << QByteArray(64, '\x7f');
        QTest::newRow("an absurd count") << QByteArray("\x01\xff\xff\xff\xff", 5);
        QTest::newRow("cut off") << QByteArray("\x01\x01\x00\x00\x00\x20", 6);
        QTest::newRow("zeros") << QByteArray("\x01", 1).append(QByteArray(200, '\0'));
    }
    void damagedMemoryIsForgotten()
    {
        QFETCH(QByteArray, data);
        Stage stage;
        stage.memory().everything = data.toStdString();
        stage.restart();
        for (int i = 0; i < 8; ++i)
            stage.play(attempt(start + second * i, "u" + std::to_string(i), false));
        stage.play(attempt(start + minute, "u1", true));
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
    }
};

QTEST_APPLESS_MAIN(AddressProfileTest)
#include "tst_address_profile.moc"
