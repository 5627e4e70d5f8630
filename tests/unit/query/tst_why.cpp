#include "core/query/words/why.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;

namespace {

Detection finding(DetectionType type)
{
    Detection d;
    d.type = type;
    d.ip = *IpAddress::parse("192.0.2.7");
    d.at = Timestamp::fromCivil(2026, 3, 18, 14, 26);
    return d;
}

UnlikelyTravelEvidence lisbonToSaigon()
{
    UnlikelyTravelEvidence e;
    e.from.city = "Lisbon";
    e.to.city = "Ho Chi Minh City";
    e.distanceKm = 11393.2;
    e.minutesBetween = 112;
    e.speedKmh = 6103.4;
    e.effectiveSpeedKmh = 6080.2;
    e.limitKmh = 900;
    return e;
}

} // namespace

class WhyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void travelSaysBothSpeeds()
    {
        auto d = finding(DetectionType::UnlikelyTravel);
        auto trip = lisbonToSaigon();
        d.evidence.facts = trip;
        QCOMPARE(reasonLine(d), std::string("Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min"));
        QCOMPARE(
            explanation(d),
            std::string(
                "Signed in from Ho Chi Minh City 1 h 52 min after Lisbon. The trip is 11,393 km and would "
                "need 6,103 km/h; the limit is 900 km/h. Allowing for how sure both places are, "
                "it is 6,080 km/h."));
        trip.speedLimitKmh = 900;
        trip.limitKmh = 812;
        trip.groundMinutes = 90;
        d.evidence.facts = trip;
        const auto both = explanation(d);
        QVERIFY2(both.find("the limit is 900 km/h.") != std::string::npos &&
                     both.ends_with("so 90 min at airports are asked for too, which leaves 812 km/h."),
                 both.c_str());
    }
    void unfamiliarCountsItsSignals()
    {
        auto d = finding(DetectionType::UnfamiliarFeatures);
        d.evidence.signals = {{"country", "PT (39)", "VN", SignalResult::New, 6},
                              {"network", "", "AS1", SignalResult::New, 3},
                              {"browser", "", "", SignalResult::Rare, 1},
                              {"hour", "", "", SignalResult::AsUsual, -1}};
        QCOMPARE(reasonLine(d), std::string("New: country Vietnam (usually Portugal), address range"));
        QCOMPARE(explanation(d), std::string("2 of 4 properties were never seen for this user, 1 rare."));
    }
    // There is no page for settings in the console; what is shown names nothing that cannot be found.
    void noSentenceNamesAPageThatIsNotThere()
    {
        for (const auto type :
             {DetectionType::UnlikelyTravel, DetectionType::AnonymizedIPAddress,
              DetectionType::MalwareInfectedIPAddress, DetectionType::PasswordSpray,
              DetectionType::UnfamiliarFeatures, DetectionType::InvestigationsThreatIntelligence})
            for (int reason = 0; reason < 32; ++reason) {
                Verdict verdict;
                verdict.reason = static_cast<Reason>(reason);
                const auto said = whyNot(type, verdict);
                QVERIFY2(said.find("in Settings") == std::string::npos, said.c_str());
            }
        Verdict off;
        off.reason = Reason::SwitchedOff;
        QCOMPARE(whyNot(DetectionType::UnlikelyTravel, off),
                 std::string("Switched off; \"riskdeskctl settings\" says what is on."));
    }
    void theBarIsThatOfItsLevel_data()
    {
        QTest::addColumn<int>("level");
        QTest::addColumn<double>("bits");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("low") << int(RiskLevel::Low) << 6.2 << QByteArray("6.2 bits; Low begins at 5.0.");
        QTest::newRow("medium") << int(RiskLevel::Medium) << 9.1
                                << QByteArray("9.1 bits; Medium begins at 8.0.");
        QTest::newRow("many bits, and still medium")
            << int(RiskLevel::Medium) << 13.0 << QByteArray("13.0 bits; Medium begins at 8.0.");
        QTest::newRow("lifted since") << int(RiskLevel::High) << 6.2 << QByteArray("6.2 bits.");
    }
    void theBarIsThatOfItsLevel()
    {
        QFETCH(int, level);
        QFETCH(double, bits);
        QFETCH(QByteArray, words);
        auto d = finding(DetectionType::UnfamiliarFeatures);
        d.level = static_cast<RiskLevel>(level);
        d.evidence.signals = {{"country", "PT (39)", "VN", SignalResult::New, bits}};
        UnfamiliarFeaturesEvidence e;
        e.scoreBits = bits;
        e.lowBits = 5;
        e.mediumBits = 8;
        e.highBits = 12;
        d.evidence.facts = e;
        const auto said = QByteArray::fromStdString(explanation(d));
        QVERIFY2(said.endsWith("Together they weigh " + words), said.constData());
    }
    void signsOfAnAttackAreNoProperties()
    {
        auto d = finding(DetectionType::UnfamiliarFeatures);
        d.evidence.signals = {{"deviceId", "", "new", SignalResult::New, 2},
                              {"addressFailureOdds", "", "64 %", SignalResult::NotPlausible, 1},
                              {"automated", "", "curl/8", SignalResult::NotPlausible, 4}};
        QCOMPARE(reasonLine(d), std::string("New: device ID"));
        QCOMPARE(explanation(d), std::string("1 of 1 properties were never seen for this user."));
        // No value is so telling that it may push the rest out of the line.
        d.evidence.signals = {{"network", "192.0.2.0/24 (9)", "198.51.100.0/24", SignalResult::New, 3},
                              {"asn", "AS64545 A very long name of a network provider (39), AS2 (2)",
                               "AS64546 Short", SignalResult::New, 3},
                              {"country", "PT (39), ES (2)", "VN", SignalResult::New, 2}};
        QCOMPARE(reasonLine(d), std::string("New: country Vietnam (usually Portugal), network +1"));
        QCOMPARE(reasonLine(d, english(), {}, 200),
                 std::string("New: country Vietnam (usually Portugal), network, address range"));
        d.evidence.signals.pop_back();
        QCOMPARE(reasonLine(d), std::string("New: network Short, address range"));
    }
    void placesAndNetworksAreCalledByTheirNames()
    {
        auto d = finding(DetectionType::UnfamiliarFeatures);
        d.evidence.signals = {{"country", "US (39)", "AE", SignalResult::New, 6}};
        QCOMPARE(reasonLine(d), std::string("New: country United Arab Emirates (usually United States)"));
        d.evidence.signals = {{"country", "QQ (2)", "xy", SignalResult::New, 6}}; // no countries
        QCOMPARE(reasonLine(d), std::string("New: country xy (usually QQ)"));
        d.evidence.signals = {{"asn", "AS64512 (28)", "AS64513", SignalResult::New, 8}};
        QCOMPARE(reasonLine(d), std::string("New: network AS64513 (usually AS64512)"));
        QCOMPARE(reasonLine(d, english(), "Harbour Telecom"),
                 std::string("New: network Harbour Telecom (usually AS64512)"));
        d.evidence.signals = {{"asn", "AS64545 Lake (39), AS2 (2)", "AS64546 Pond", SignalResult::New, 3}};
        QCOMPARE(reasonLine(d), std::string("New: network Pond (usually Lake)"));
    }
    void whatWasSeenElsewhereIsNotNeverSeen()
    {
        auto d = finding(DetectionType::UnfamiliarFeatures);
        d.evidence.signals = {{"asn", "AS64545 (39), AS64546 (37)", "AS64545 Example", SignalResult::New, 8},
                              {"browser", "Chrome 146 (56)", "Chrome 14", SignalResult::New, 2},
                              {"system", "Windows 10 (56)", "Windows 10", SignalResult::New, 2}};
        QCOMPARE(reasonLine(d), std::string("New: browser Chrome 14 (usually Chrome 146)"));
        QCOMPARE(explanation(d), std::string("1 of 3 properties were never seen for this user."));
        QCOMPARE(signalWords(d.evidence, d.evidence.signals[0]).result, std::string("New combination"));
        QCOMPARE(signalWords(d.evidence, d.evidence.signals[1]).result, std::string("New"));
    }
    void everySignalHasWords()
    {
        for (const auto *key : {"speed", "country", "asn", "network", "address", "deviceKind", "system",
                                "browser", "device", "deviceId", "localTime", "addressFailureOdds",
                                "anonymizer", "hosting", "automated", "list", "campaign", "place"}) {
            const auto words = signalWords({}, {key, "a\n b", "c\td", SignalResult::OnList, 0});
            QVERIFY2(words.name != "Property" && words.name != key, key);
            for (const auto &cell : {words.usual, words.seen, words.result})
                QVERIFY2(cell.find('\n') == std::string::npos && cell.find('\t') == std::string::npos, key);
        }
        QCOMPARE(signalWords({}, {"madeLater", "", "", SignalResult::New, 0}).name, std::string("Property"));
        QCOMPARE(signalWords({}, {"campaign", "", "AS1", SignalResult::OnList, 0}).result,
                 std::string("Part of it"));
        QCOMPARE(signalWords({}, {"anonymizer", "", "public_proxy", SignalResult::OnList, 0}).seen,
                 std::string("Public proxy"));
        Evidence own;
        MalwareInfectedIpEvidence ownExperience;
        ownExperience.list.name = MalwareInfectedIpEvidence::ownExperience;
        own.facts = ownExperience;
        QCOMPARE(signalWords(own, {"list", "", "", SignalResult::OnList, 0}).result,
                 std::string("Bad name here"));
        Evidence travel;
        travel.facts = lisbonToSaigon();
        const auto speed =
            signalWords(travel, {"speed", "900 km/h", "6080 km/h", SignalResult::NotPlausible, 0});
        QCOMPARE(speed.usual, std::string());
        QCOMPARE(speed.seen, std::string("6,080 km/h, limit 900"));
    }
    void keysAreReadAsWords()
    {
        QCOMPARE(wordsOf("leakedCredentials"), std::string("leaked credentials"));
        QCOMPARE(wordsOf("anonymizedIPAddress"), std::string("anonymized IP address"));
        QCOMPARE(wordsOf("ipAddress"), std::string("IP address"));
        QCOMPARE(wordsOf("networkAndUserAgent"), std::string("network and user agent"));
        QCOMPARE(wordsOf("asnAndUser"), std::string("ASN and user"));
        QCOMPARE(wordsOf("AI says so"), std::string("AI says so"));
        QCOMPARE(wordsOf(""), std::string());
        QCOMPARE(reasonName("beforeDecision"),
                 std::string("Sign-in from before the decision, not seen then"));
        QCOMPARE(reasonName("ticket 4711"), std::string("ticket 4711"));
        auto d = finding(DetectionType::UnlikelyTravel);
        d.source = "IdentityProtection";
        d.typeText = "unlikelyTravel";
        QCOMPARE(reasonLine(d), std::string("IdentityProtection reported Atypical travel"));
        d.type = DetectionType::Other;
        d.typeText = "leakedCredentials";
        QCOMPARE(reasonLine(d), std::string("IdentityProtection reported leaked credentials"));
    }
    void aFactMayHoldLineBreaks()
    {
        auto d = finding(DetectionType::AdminConfirmedUserCompromised);
        d.evidence.facts =
            AdminConfirmedEvidence{"Rui\r\nSousa", "riskAccepted", "Called.\n\n  It was not her.\t"};
        QCOMPARE(explanation(d), std::string("Rui Sousa confirmed this on 2026-03-18 14:26 UTC: \"Called. It "
                                             "was not her.\" Reason: Risk accepted."));
        QCOMPARE(reasonLine(d), std::string("Confirmed by Rui Sousa"));
    }
    void listsAreNamedWithTheirDate()
    {
        auto d = finding(DetectionType::AnonymizedIPAddress);
        AnonymizedIpEvidence e;
        e.list.name = "torlist";
        e.list.date = Timestamp::fromCivil(2026, 3, 17);
        e.kind = NetworkClass::Tor;
        d.evidence.facts = e;
        QCOMPARE(reasonLine(d), std::string("Tor exit on list torlist of 2026-03-17"));
        QCOMPARE(explanation(d), std::string("192.0.2.7: Tor exit on list torlist of 2026-03-17."));
    }
    void sprayCountsAccounts()
    {
        auto d = finding(DetectionType::PasswordSpray);
        PasswordSprayEvidence e;
        e.campaign.users = 1204;
        e.campaign.scopeText = "45.95.147.0/24";
        d.evidence.facts = e;
        QCOMPARE(reasonLine(d), std::string("1,204 accounts tried from 45.95.147.0/24"));
    }
    void missingFactsLeaveTheirHalfOut_data()
    {
        QTest::addColumn<int>("type");
        for (const auto &type : detectionTypes())
            QTest::addRow("%s", type.key.data()) << static_cast<int>(type.value);
        QTest::newRow("imported") << static_cast<int>(DetectionType::Other);
    }
    void missingFactsLeaveTheirHalfOut()
    {
        QFETCH(int, type);
        Detection d;
        d.type = static_cast<DetectionType>(type);
        for (const auto *ours : {"Riskdesk", "IdentityProtection", ""}) {
            d.source = ours;
            QVERIFY(!reasonLine(d).empty());
            const auto text = explanation(d);
            QVERIFY(text.ends_with('.'));
            QVERIFY2(text.find("nan") == std::string::npos && text.find("  ") == std::string::npos,
                     text.c_str());
        }
    }
    void aLineIsCutAtWholeCharacters()
    {
        auto d = finding(DetectionType::UnlikelyTravel);
        std::string city;
        for (int i = 0; i < 60; ++i)
            city += "ç";
        UnlikelyTravelEvidence trip;
        trip.from.city = trip.to.city = city;
        d.evidence.facts = trip;
        const auto line = reasonLine(d);
        QVERIFY(QString::fromStdString(line).size() <= static_cast<qsizetype>(reasonLength));
        QVERIFY(QString::fromStdString(line).size() >= 60);
        QVERIFY(line.ends_with("…"));
        QCOMPARE(shortened("Lisbon", 6), std::string("Lisbon"));
        QCOMPARE(shortened("Lisbon", 5), std::string("Lisb…"));
    }
    void spans_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("seconds") << qint64{40} << QByteArray("40 s");
        QTest::newRow("minutes") << qint64{112} << QByteArray("1 min");
        QTest::newRow("hours and minutes") << qint64{6720} << QByteArray("1 h 52 min");
        QTest::newRow("whole hours") << qint64{7200} << QByteArray("2 h");
        QTest::newRow("days") << qint64{3 * 86400 + 5} << QByteArray("3 days");
        QTest::newRow("backwards is nothing") << qint64{-5} << QByteArray("0 s");
    }
    void spans()
    {
        QFETCH(qint64, seconds);
        QFETCH(QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(duration(std::chrono::seconds(seconds))), text);
    }
};

QTEST_APPLESS_MAIN(WhyTest)
#include "tst_why.moc"
