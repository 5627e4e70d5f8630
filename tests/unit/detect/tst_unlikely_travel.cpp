// Atypical travel: verdicts of a peer's cases, and the rules one by one.
#include "core/base/timestamp.h"
#include "core/detect/engine.h"
#include "core/detect/geodesic.h"
#include "core/query/tables/detections.h"

#include "tests/support/facts.h"
#include "tests/support/sign_in_builder.h"

#include <QTest>

#include <cmath>
#include <optional>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::Facts;
using riskdesk::test::SignInBuilder;
using riskdesk::test::SignInWorld;

namespace {

constexpr double day = 86400e6;

Timestamp iso(std::string_view text)
{
    return *Timestamp::fromIso(text);
}
Timestamp daysBefore(Timestamp t, double days)
{
    return {t.us - static_cast<std::int64_t>(days * day)};
}

struct Bench
{
    SignInWorld world;
    NoState none;
    Engine engine;

    explicit Bench(const Tuning &tuning = {})
        : engine(tuning, none, world)
    {}

    SignInBuilder lisbon()
    {
        return world.signIn("ann")
            .ip("192.0.2.7")
            .place("Lisbon", "PT", 38.72, -9.14)
            .asn(64500)
            .agent("Chrome 122", "Windows 10")
            .device("laptop");
    }
    SignInBuilder saigon()
    {
        return world.signIn("ann")
            .ip("203.0.113.9")
            .place("Ho Chi Minh City", "VN", 10.82, 106.63)
            .asn(64510)
            .agent("Firefox 110", "Linux")
            .device("other");
    }
    // Ten sign-ins, one a day, the last a day before.
    void seed(const SignInBuilder &home, Timestamp until)
    {
        for (int i = 10; i > 0; --i)
            QVERIFY(engine.examine(SignInBuilder(home).at(daysBefore(until, i)).build()).findings.empty());
    }
    std::optional<Finding> travel(const SignInBuilder &b)
    {
        for (const Finding &f : engine.examine(b.build()).findings)
            if (f.type == DetectionType::UnlikelyTravel)
                return f;
        return std::nullopt;
    }
    Verdict why(const SignInBuilder &b)
    {
        for (auto &e : engine.explain(b.build()))
            if (e.type == DetectionType::UnlikelyTravel)
                return e.verdict;
        return {};
    }
};

} // namespace

class TestUnlikelyTravel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void judgesAPeersCases_data();
    void judgesAPeersCases();
    void tellsBothEndsAndBothSpeeds();
    void levelFollowsCountryDeviceAndSpeed_data();
    void levelFollowsCountryDeviceAndSpeed();
    void isSilent_data();
    void isSilent();
    void sameInstantIsFastButFinite();
    void learningEndsAtTenSignInsOrFourteenDays();
    void burstsCountOnceTowardsLearning();
    void whatWasFoundIsMeasuredFromButNotLearnt();
    void confirmedPairStaysSilent();
    void placesCommonInTheDirectoryAreUsual();
    void bothEndsFamiliarIsNotRaised();
    void failuresMoveNothing();
    void streamOfAPeer();
    void hostileValuesDoNoHarm();
};

void TestUnlikelyTravel::judgesAPeersCases_data()
{
    QTest::addColumn<QString>("historyTime"); // empty: no earlier sign-in
    QTest::addColumn<QString>("historyIp");
    QTest::addColumn<double>("historyLatitude");
    QTest::addColumn<double>("historyLongitude");
    QTest::addColumn<QString>("historyCountry");
    QTest::addColumn<QString>("time");
    QTest::addColumn<QString>("ip");
    QTest::addColumn<double>("latitude");
    QTest::addColumn<double>("longitude");
    QTest::addColumn<QString>("country");
    QTest::addColumn<QString>("network");
    QTest::addColumn<bool>("raised");
    QTest::addColumn<double>("km"); // 0: not stated
    // The thirteen cases of Panther's impossible_travel_login rule (panther-analysis, Apache-2.0), with the
    // verdicts we hold to be right. Cases 1 and 4 are not sign-ins: the reader drops them, nothing reaches
    // here.
    const QString newYork = "198.51.100.1";
    QTest::addRow("02 no history is the first sign-in") << ""
                                                        << "" << 0.0 << 0.0 << ""
                                                        << "2023-05-26T20:14:51Z"
                                                        << "12.12.12.12" << -36.84853 << 174.76349 << "NZ"
                                                        << "" << false << 0.0;
    QTest::addRow("03 New York to Auckland in two hours")
        << "2023-05-26T18:14:51Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-05-26T20:14:51Z"
        << "12.12.12.12" << -36.84853 << 174.76349 << "NZ"
        << "" << true << 14185.94;
    QTest::addRow("05 four minutes longer")
        << "2023-05-26T18:14:51Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-05-26T20:18:51Z"
        << "12.12.12.12" << -36.84853 << 174.76349 << "NZ"
        << "" << true << 14185.94;
    QTest::addRow("06 a privacy relay says nothing")
        << "2023-05-26T18:14:51Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-05-26T20:18:51Z"
        << "12.12.12.12" << 34.05223 << -118.24368 << "US"
        << "relay" << false << 0.0;
    QTest::addRow("07 a named VPN says nothing")
        << "2023-05-26T18:14:51Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-05-26T20:18:51Z"
        << "12.12.12.12" << 34.05223 << -118.24368 << "US"
        << "Private Internet Access" << false << 0.0;
    QTest::addRow("08 a VPN without a name is evaluated")
        << "2023-05-26T18:14:51Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-05-26T20:18:51Z"
        << "12.12.12.12" << 34.05223 << -118.24368 << "US"
        << "vpn" << true << 3944.41;
    QTest::addRow("09 forty kilometres are inside the error")
        << "2023-06-12T22:23:51.964Z" << newYork << 34.05223 << -118.24368 << "US"
        << "2023-06-12T22:26:01.951Z"
        << "12.12.12.11" << 33.8085 << -117.9228 << "US"
        << "" << false << 40.14;
    QTest::addRow("10 New York to Anaheim in one hour")
        << "2023-06-12T21:26:01.951Z" << newYork << 40.71427 << -74.00597 << "US"
        << "2023-06-12T22:26:01.951Z"
        << "1.2.3.4" << 33.8085 << -117.9228 << "US"
        << "" << true << 3928.42;
    QTest::addRow("11 latitude 100 is nowhere") << "2023-10-03T18:26:01.951Z"
                                                << "192.168.100.101" << 0.0 << 0.0 << ""
                                                << "2023-10-03T19:02:28.044Z"
                                                << "192.168.100.100" << 100.0 << 0.0 << ""
                                                << "" << false << 0.0;
    QTest::addRow("12 first sign-in through a relay") << ""
                                                      << "" << 0.0 << 0.0 << ""
                                                      << "2023-05-26T20:18:51Z"
                                                      << "12.12.12.12" << 34.05223 << -118.24368 << "US"
                                                      << "relay" << false << 0.0;
    QTest::addRow("13 an in-flight network says nothing")
        << "2023-05-26T18:14:51Z" << newYork << 4.05223 << -118.24368 << "US"
        << "2023-05-26T20:18:51Z"
        << "164.86.38.26" << 38.953 << -77.2295 << "US"
        << "satellite" << false << 0.0;
}

void TestUnlikelyTravel::judgesAPeersCases()
{
    QFETCH(QString, historyTime);
    QFETCH(QString, historyIp);
    QFETCH(double, historyLatitude);
    QFETCH(double, historyLongitude);
    QFETCH(QString, historyCountry);
    QFETCH(QString, time);
    QFETCH(QString, ip);
    QFETCH(double, latitude);
    QFETCH(double, longitude);
    QFETCH(QString, country);
    QFETCH(QString, network);
    QFETCH(bool, raised);
    QFETCH(double, km);
    Bench bench;
    if (!historyTime.isEmpty()) {
        SignInBuilder home =
            bench.world.signIn("u1")
                .ip(historyIp.toStdString())
                .place("Home", historyCountry.toStdString(), historyLatitude, historyLongitude);
        bench.seed(home, iso(historyTime.toStdString()));
        QVERIFY(!bench.travel(home.at(historyTime.toStdString())));
    }
    SignInBuilder event = bench.world.signIn("u1")
                              .at(time.toStdString())
                              .ip(ip.toStdString())
                              .place("There", country.toStdString(), latitude, longitude);
    if (network == "relay")
        event.anonymizer(NetworkClass::Relay, "Apple Private Relay");
    else if (network == "satellite")
        event.network(NetworkClass::Satellite).asn(22351);
    else if (network == "vpn")
        event.anonymizer(NetworkClass::Vpn);
    else if (!network.isEmpty())
        event.anonymizer(NetworkClass::Vpn, network.toStdString());
    const auto found = bench.travel(event);
    QCOMPARE(found.has_value(), raised);
    if (found)
        QVERIFY(std::abs(Facts(found->verdict.evidence).number("distanceKm") - km) < 0.01);
}

void TestUnlikelyTravel::tellsBothEndsAndBothSpeeds()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    QVERIFY(!bench.travel(bench.lisbon().at(now)));
    const auto found = bench.travel(bench.saigon().at("2026-03-18T14:26:00Z"));
    QVERIFY(found);
    const Facts e(found->verdict.evidence);
    const double km = geodesicKm(38.72, -9.14, 10.82, 106.63);
    QCOMPARE(e.number("distanceKm"), km);
    QCOMPARE(e.number("radiusFromKm"), 50.0);
    QCOMPARE(e.number("radiusToKm"), 50.0);
    QCOMPARE(e.number("effectiveDistanceKm"), km - 100);
    QCOMPARE(e.number("minutesBetween"), 26.0);
    QVERIFY(std::abs(e.number("speedKmh") - km / (26.0 / 60)) < 1e-6);
    QVERIFY(std::abs(e.number("effectiveSpeedKmh") - (km - 100) / (36.0 / 60)) < 1e-6);
    QCOMPARE(e.number("limitKmh"), 900.0);
    QCOMPARE(found->verdict.value, e.number("effectiveSpeedKmh"));
    QCOMPARE(e.text("fromCity"), "Lisbon");
    QCOMPARE(e.text("fromCountry"), "PT");
    QCOMPARE(e.text("fromIp"), "192.0.2.7");
    QCOMPARE(e.text("fromDevice"), "Chrome 122, Windows 10");
    QCOMPARE(e.text("toCity"), "Ho Chi Minh City");
    QCOMPARE(e.text("toIp"), "203.0.113.9");
    QCOMPARE(e.text("unfamiliarEnd"), "to");
    QCOMPARE(e.text("familiarPlaces"), "Lisbon, PT (11)");
    QCOMPARE(e.text("previousRequestEventKey").size(), 32U);
    QVERIFY(e.find("fromTime") && e.find("toTime"));
    QVERIFY(!e.find("lastSeenThere"));
    // Exports tell the other end by Graph's names.
    query::DetectionRow row;
    row.detection.evidence = found->verdict.evidence;
    const auto json = QString::fromStdString(query::json(query::riskDetectionColumns(), row));
    QVERIFY(json.contains("relatedEventTimeInUtc") && json.contains("2026-03-18T14:00:00Z"));
    QCOMPARE(found->verdict.evidence.signals.front().key, "speed");
    QCOMPARE(found->verdict.evidence.signals.front().result, SignalResult::NotPlausible);
    QCOMPARE(found->verdict.evidence.signals[1].key, "country");
    QCOMPARE(found->verdict.evidence.signals[1].usual, "PT (11)");
    QCOMPARE(found->verdict.evidence.signals[1].seen, "VN");
    QCOMPARE(found->verdict.evidence.signals[1].result, SignalResult::New);
    QCOMPARE(found->verdict.level, RiskLevel::High);
    QCOMPARE(found->verdict.foldKey, "PT-VN");
}

void TestUnlikelyTravel::levelFollowsCountryDeviceAndSpeed_data()
{
    QTest::addColumn<bool>("knownCountry");
    QTest::addColumn<bool>("knownDevice");
    QTest::addColumn<int>("minutes");
    QTest::addColumn<int>("level");
    QTest::addRow("new country and new device") << false << false << 600 << int(RiskLevel::High);
    QTest::addRow("new country, known device, very fast") << false << true << 60 << int(RiskLevel::High);
    QTest::addRow("new country, known device, fast") << false << true << 600 << int(RiskLevel::Medium);
    QTest::addRow("known country and known device") << true << true << 60 << int(RiskLevel::Low);
    QTest::addRow("known country, new device") << true << false << 60 << int(RiskLevel::Medium);
    QTest::addRow("new country and device as fast as an airliner")
        << false << false << 800 << int(RiskLevel::Medium);
}

void TestUnlikelyTravel::levelFollowsCountryDeviceAndSpeed()
{
    QFETCH(bool, knownCountry);
    QFETCH(bool, knownDevice);
    QFETCH(int, minutes);
    QFETCH(int, level);
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    if (knownCountry) // another city of it, once, long ago
        bench.engine.teach(bench.lisbon()
                               .ip("203.0.113.80")
                               .place("Hanoi", "VN", 21.03, 105.85)
                               .at(daysBefore(now, 5))
                               .build());
    QVERIFY(!bench.travel(bench.lisbon().at(now)));
    SignInBuilder there = bench.saigon();
    if (knownDevice)
        there.device("laptop");
    const auto found = bench.travel(there.at(now + std::chrono::minutes(minutes)));
    QVERIFY(found);
    QCOMPARE(int(found->verdict.level), level);
}

void TestUnlikelyTravel::isSilent_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("reason");
    QTest::addRow("in the same /24") << "network" << int(Reason::SameNetwork);
    QTest::addRow("in the same /48") << "network6" << int(Reason::SameNetwork);
    QTest::addRow("when not interactive") << "nonInteractive" << int(Reason::NotInteractive);
    QTest::addRow("without coordinates and country") << "noCoordinates" << int(Reason::NotEvaluable);
    QTest::addRow("at latitude 100") << "invalid" << int(Reason::NotEvaluable);
    QTest::addRow("at null island") << "zero" << int(Reason::NotEvaluable);
    QTest::addRow("through a relay") << "relay" << int(Reason::NotEvaluable);
    QTest::addRow("through a named VPN") << "vpn" << int(Reason::NotEvaluable);
    QTest::addRow("through Tor") << "tor" << int(Reason::NotEvaluable);
    QTest::addRow("on a plane") << "satellite" << int(Reason::NotEvaluable);
    QTest::addRow("from a trusted location") << "trusted" << int(Reason::Trusted);
    QTest::addRow("within the same country known only as such") << "countryOnly" << int(Reason::NotEvaluable);
    QTest::addRow("when only just slow enough") << "slow" << int(Reason::BelowThreshold);
    QTest::addRow("four days later") << "later" << int(Reason::NoEarlierSignIn);
    QTest::addRow("when switched off") << "off" << int(Reason::SwitchedOff);
    QTest::addRow("where the uncertainty explains it") << "radius" << int(Reason::BelowThreshold);
}

void TestUnlikelyTravel::isSilent()
{
    QFETCH(QString, what);
    QFETCH(int, reason);
    Tuning tuning;
    if (what == "off")
        tuning.set(Tune::TravelEnabled, 0);
    Bench bench(tuning);
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    SignInBuilder home = bench.lisbon();
    if (what == "network6")
        home.ip("2001:db8:1:2::3");
    bench.seed(home, now);
    bench.travel(home.at(now));
    SignInBuilder there = bench.saigon().at(now + std::chrono::hours(2));
    if (what == "network")
        there.ip("192.0.2.200");
    else if (what == "network6")
        there.ip("2001:db8:1:ffff::9");
    else if (what == "nonInteractive")
        there.nonInteractive();
    else if (what == "noCoordinates")
        there.place("Ho Chi Minh City", "", noCoordinate, noCoordinate);
    else if (what == "invalid")
        there.place("Ho Chi Minh City", "VN", 100, 106);
    else if (what == "zero")
        there.place("Ho Chi Minh City", "VN", 0, 0);
    else if (what == "relay")
        there.anonymizer(NetworkClass::Relay, "Relay");
    else if (what == "vpn")
        there.anonymizer(NetworkClass::Vpn, "Some VPN");
    else if (what == "tor")
        there.anonymizer(NetworkClass::Tor);
    else if (what == "satellite")
        there.network(NetworkClass::Satellite);
    else if (what == "trusted")
        there.trusted("Saigon office");
    else if (what == "countryOnly")
        there.place("", "PT", 32.65, -16.9);
    else if (what == "slow")
        there.device("laptop").at(
            now + std::chrono::minutes(
                      static_cast<int>((geodesicKm(38.72, -9.14, 10.82, 106.63) - 100) / 900 * 60) - 9));
    else if (what == "later")
        there.at(now + std::chrono::hours(96));
    else if (what == "radius")
        there.place("Madrid", "ES", 40.42, -3.70, 20).at(now + std::chrono::minutes(1));
    QCOMPARE(int(bench.why(there).reason), reason);
    QVERIFY(!bench.travel(there));
}

void TestUnlikelyTravel::sameInstantIsFastButFinite()
{
    Tuning tuning;
    tuning.set(Tune::TravelSlackMinutes, 0);
    Bench bench(tuning);
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    bench.travel(bench.lisbon().at(now));
    const auto found = bench.travel(bench.saigon().at(now));
    QVERIFY(found);
    QVERIFY(std::isfinite(found->verdict.value));
    QVERIFY(std::isfinite(Facts(found->verdict.evidence).number("speedKmh")));
    QCOMPARE(Facts(found->verdict.evidence).number("minutesBetween", -1), 0.0);
}

void TestUnlikelyTravel::learningEndsAtTenSignInsOrFourteenDays()
{
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    for (const int signIns : {8, 9}) { // and one at `now`
        Bench bench;
        for (int i = signIns; i > 0; --i)
            bench.travel(bench.lisbon().at(daysBefore(now, i)));
        bench.travel(bench.lisbon().at(now));
        const auto status = bench.engine.learning(bench.world.userId("ann"));
        QCOMPARE(status.needed, signIns == 9 ? 0U : 10U);
        if (signIns == 8) {
            QCOMPARE(status.done, 9U);
            const Verdict why = bench.why(bench.saigon().at(now + std::chrono::hours(1)));
            QCOMPARE(why.reason, Reason::Learning);
            QCOMPARE(why.value, 9.0);
            QCOMPARE(why.limit, 10.0);
        }
        QCOMPARE(bench.travel(bench.saigon().at(now + std::chrono::hours(1))).has_value(), signIns == 9);
    }
    for (const double days : {13.5, 14.0}) {
        Bench bench;
        bench.travel(bench.lisbon().at(daysBefore(now, days)));
        bench.travel(bench.lisbon().at(now - std::chrono::hours(1)));
        QCOMPARE(bench.travel(bench.saigon().at(now)).has_value(), days == 14.0);
    }
}

void TestUnlikelyTravel::burstsCountOnceTowardsLearning()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    const std::uint32_t ann = bench.world.userId("ann");
    for (int i = 0; i < 20; ++i) // two devices in turn, one burst
        bench.travel(
            bench.lisbon().device(i % 2 == 0 ? "laptop" : "phone").at(now + std::chrono::minutes(i)));
    QCOMPARE(bench.engine.learning(ann).done, 2U);
    bench.travel(bench.lisbon().at(now + std::chrono::minutes(31)));
    QCOMPARE(bench.engine.learning(ann).done, 3U);
}

void TestUnlikelyTravel::whatWasFoundIsMeasuredFromButNotLearnt()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    bench.travel(bench.lisbon().at(now));
    for (int i = 1; i <= 6; ++i) { // the attacker comes again and again, every time found
        const Examination &e =
            bench.engine.examine(bench.saigon().at(now + std::chrono::minutes(40 * i)).build());
        QVERIFY(!e.findings.empty());
        QCOMPARE(e.findings.front().type, DetectionType::UnlikelyTravel);
        QVERIFY(e.withheld);
        // … and so is the owner, coming home after him.
        const auto home = bench.travel(bench.lisbon().at(now + std::chrono::minutes(40 * i + 20)));
        QVERIFY(home);
        QCOMPARE(Facts(home->verdict.evidence).text("unfamiliarEnd"), "from");
    }
}

void TestUnlikelyTravel::confirmedPairStaysSilent()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    bench.travel(bench.lisbon().at(now));
    const EnrichedSignIn flagged = bench.saigon().at(now + std::chrono::hours(2)).build();
    QVERIFY(bench.engine.examine(flagged).withheld);
    bench.engine.teach(flagged);
    QVERIFY(!bench.travel(bench.lisbon().at(now + std::chrono::hours(3))));
    const auto again = bench.saigon().at(now + std::chrono::hours(4));
    QCOMPARE(bench.why(again).reason, Reason::ConfirmedBefore);
    QVERIFY(!bench.travel(again));
    // Another far place is another pair.
    QVERIFY(bench.travel(bench.saigon()
                             .ip("198.51.100.3")
                             .place("Lima", "PE", -12.05, -77.04)
                             .at(now + std::chrono::hours(5))));
}

void TestUnlikelyTravel::placesCommonInTheDirectoryAreUsual()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    for (const char *user : {"bea", "cho", "dan"})
        bench.engine.examine(bench.world.signIn(user)
                                 .ip("203.0.113.9")
                                 .place("Ho Chi Minh City", "VN", 10.82, 106.63)
                                 .at(daysBefore(now, 3))
                                 .build());
    bench.seed(bench.lisbon(), now);
    bench.travel(bench.lisbon().at(now));
    SignInBuilder there = bench.saigon().device("laptop").at(now + std::chrono::hours(2));
    QCOMPARE(bench.why(there).reason, Reason::CommonHere);
    QVERIFY(!bench.travel(there));
    // A stranger's device is no colleague's.
    QVERIFY(bench.travel(bench.saigon().at(now + std::chrono::hours(3))));
}

void TestUnlikelyTravel::bothEndsFamiliarIsNotRaised()
{
    Tuning tuning;
    tuning.set(Tune::UnfamiliarEnabled, 0);
    Bench bench(tuning);
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    for (int i = 12; i > 0; --i) // half a year here, half there, with time to fly
        bench.travel(
            (i % 2 == 0 ? bench.lisbon() : bench.saigon().device("laptop")).at(daysBefore(now, 2 * i)));
    bench.travel(bench.lisbon().at(now));
    const auto there = bench.saigon().at(now + std::chrono::hours(2));
    QCOMPARE(bench.why(there).reason, Reason::Familiar);
    QVERIFY(!bench.travel(there));
}

void TestUnlikelyTravel::failuresMoveNothing()
{
    Bench bench;
    const Timestamp now = iso("2026-03-18T14:00:00Z");
    bench.seed(bench.lisbon(), now);
    bench.travel(bench.lisbon().at(now));
    QVERIFY(bench.engine.examine(bench.saigon().failure().at(now + std::chrono::hours(1)).build())
                .findings.empty());
    QVERIFY(!bench.travel(bench.lisbon().at(now + std::chrono::hours(2))));
}

void TestUnlikelyTravel::streamOfAPeer()
{
    // The moves of BuffaLogs' own test (India, Virginia, an anonymizer in Japan, Mississippi, …), restated.
    Tuning tuning;
    tuning.set(Tune::TravelLearningSignIns, 0);
    Bench bench(tuning);
    struct Move
    {
        const char *time, *ip, *country;
        double latitude, longitude;
        bool anonymizer, raised;
    };
    constexpr Move moves[] = {
        {"2023-05-03T06:50:03.768Z", "203.0.113.37", "IN", 26.9411, 75.8773, false, false},
        {"2023-05-03T06:55:31.768Z", "203.0.114.17", "US", 38.8217, -77.1814, false, true},
        {"2023-05-03T06:57:27.768Z", "203.0.115.20", "JP", 35.2196, 137.062, true, false},
        {"2023-05-03T07:10:23.154Z", "203.0.116.11", "US", 30.3657, -88.5561, false, true},
        {"2023-05-03T07:14:22.768Z", "203.0.117.40", "IN", 22.327, 82.6686, false, true},
        {"2023-05-03T07:18:38.768Z", "203.0.118.35", "IN", 28.5911, 77.0286, false, true},
        {"2023-05-03T07:20:36.154Z", "203.0.116.15", "US", 30.3657, -88.5561, false, true},
        {"2023-05-04T12:05:03Z", "203.0.114.17", "US", 38.8217, -77.1814, false, false},
        {"2023-05-04T16:40:03.768Z", "203.0.113.37", "IN", 26.9411, 75.8773, false, true},
    };
    for (const Move &m : moves) {
        auto b = bench.world.signIn("aisha").at(m.time).ip(m.ip).place("somewhere", m.country, m.latitude,
                                                                       m.longitude);
        if (m.anonymizer)
            b.anonymizer(NetworkClass::Tor);
        QVERIFY2(bench.travel(b).has_value() == m.raised, m.time);
    }
}

void TestUnlikelyTravel::hostileValuesDoNoHarm()
{
    Bench bench;
    const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
    const std::int64_t ends[] = {std::numeric_limits<std::int64_t>::min(), -1, 0,
                                 std::numeric_limits<std::int64_t>::max()};
    for (int i = 0; i < 3; ++i)
        for (const std::int64_t at : ends)
            for (const double r : {nan, -1.0, 0.0, 1e300, inf}) {
                bench.travel(bench.lisbon().place("x", "XX", 89.9, 179.9, r).at(Timestamp{at}));
                bench.travel(bench.saigon().place("", "", -90, -180, r).at(Timestamp{at}));
                bench.why(bench.saigon().place("", "ZZ", 1e300, -inf, r).at(Timestamp{at}));
            }
}

QTEST_APPLESS_MAIN(TestUnlikelyTravel)
#include "tst_unlikely_travel.moc"
