// The three detectors that read lists: when an entry holds, what level it gives, and what silences it.
#include "tests/support/facts.h"
#include "tests/unit/detect/detector_stage.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::Facts;
using namespace riskdesk::detect::test;

namespace {

const Timestamp start = time("2026-03-02T08:00:00Z");
const std::string address = "198.51.100.7";

Happening visit(const AddressFacts &facts, Timestamp at = start, const std::string &user = "maria")
{
    Happening h{.at = at, .user = user, .ip = address};
    h.facts = &facts;
    return h;
}
ListEntry anonymizer(NetworkClass kind, const std::string &provider,
                     const std::string &cidr = "198.51.100.7/32")
{
    ListEntry e = Lists::network(cidr);
    e.kind = kind;
    e.name = provider;
    return e;
}

} // namespace
Q_DECLARE_METATYPE(riskdesk::NetworkClass)
Q_DECLARE_METATYPE(riskdesk::RiskLevel)
Q_DECLARE_METATYPE(riskdesk::detect::Reason)

class ListDetectorsTest : public QObject
{
    Q_OBJECT
    static constexpr auto Anonymous = DetectionType::AnonymizedIPAddress;
    static constexpr auto Malware = DetectionType::MalwareInfectedIPAddress;
    static constexpr auto Threat = DetectionType::InvestigationsThreatIntelligence;

private Q_SLOTS:
    // Anonymous IP address
    // ------------------------------------------------------------------------------------

    void anAnonymizerHasALevel_data()
    {
        QTest::addColumn<NetworkClass>("kind");
        QTest::addColumn<bool>("deviceKnown");
        QTest::addColumn<RiskLevel>("level");
        QTest::addColumn<Reason>("reason");
        QTest::newRow("Tor") << NetworkClass::Tor << true << RiskLevel::Medium << Reason::Raised;
        QTest::newRow("Tor, new device") << NetworkClass::Tor << false << RiskLevel::High << Reason::Raised;
        QTest::newRow("public proxy")
            << NetworkClass::PublicProxy << true << RiskLevel::Medium << Reason::Raised;
        QTest::newRow("public proxy, new device")
            << NetworkClass::PublicProxy << false << RiskLevel::Medium << Reason::Raised;
        QTest::newRow("residential proxy")
            << NetworkClass::ResidentialProxy << false << RiskLevel::Medium << Reason::Raised;
        QTest::newRow("VPN") << NetworkClass::Vpn << true << RiskLevel::Low << Reason::Raised;
        QTest::newRow("VPN, new device") << NetworkClass::Vpn << false << RiskLevel::Medium << Reason::Raised;
        QTest::newRow("hosting alone")
            << NetworkClass::Hosting << false << RiskLevel::None << Reason::NotListed;
        QTest::newRow("privacy relay")
            << NetworkClass::Relay << false << RiskLevel::None << Reason::NotEvaluable;
    }
    void anAnonymizerHasALevel()
    {
        QFETCH(NetworkClass, kind);
        QFETCH(bool, deviceKnown);
        QFETCH(RiskLevel, level);
        QFETCH(Reason, reason);
        Lists lists;
        AddressFacts facts;
        ListEntry entry = anonymizer(kind, "Tunnel");
        entry.confidence = 77;
        entry.from = (start - day).us;
        entry.until = (start + day).us;
        facts.anonymizers = {lists.add(ListKind::Anonymizer, entry, "tunnels", start - day)};
        Stage stage;
        auto h = visit(facts);
        h.familiarity.deviceKnown = deviceKnown;
        const Verdict v = stage.explain(h, Anonymous);
        QCOMPARE(v.level, level);
        QCOMPARE(v.reason, reason);
        QCOMPARE(Facts(v.evidence).text("listName"), std::string("tunnels"));
        QCOMPARE(Facts(v.evidence).text("entry"), std::string("198.51.100.7/32"));
        QCOMPARE(Facts(v.evidence).text("provider"), std::string("Tunnel"));
        QCOMPARE(Facts(v.evidence).text("kind"), std::string(toText(kind)));
        QCOMPARE(Facts(v.evidence).number("confidence"), 77.0);
        QCOMPARE(Facts(v.evidence).number("listVersion"), 1.0);
        QCOMPARE(Facts(v.evidence).number("listAgeDays"), 1.0);
        QCOMPARE(Facts(v.evidence).text("listLicence"), std::string("CC0-1.0"));
        QCOMPARE(Facts(v.evidence).text("listSource"), std::string("tunnels.csv"));
        QVERIFY(Facts(v.evidence).find("listDate") && Facts(v.evidence).find("firstListed") &&
                Facts(v.evidence).find("lastListed") && Facts(v.evidence).find("habitSuccesses") &&
                Facts(v.evidence).find("deviceKnown"));
        QCOMPARE(v.evidence.signals.size(), std::size_t{2});
        const auto &device = v.evidence.signals.back();
        QCOMPARE(device.key, std::string("device"));
        QCOMPARE(device.seen, h.agent);
        QCOMPARE(device.usual, deviceKnown ? h.agent : std::string());
        QCOMPARE(device.result, deviceKnown ? SignalResult::AsUsual : SignalResult::New);
        QCOMPARE(v.foldKey, level == RiskLevel::None ? std::string() : std::string("Tunnel"));
        h.agent.clear(); // nothing is known of the device: nothing is said of it
        QCOMPARE(stage.explain(h, Anonymous).evidence.signals.size(), std::size_t{1});
        h.failure = FailureKind::BadPassword;
        QCOMPARE(stage.explain(h, Anonymous).reason, Reason::NotASuccess);
    }

    void anAnonymizerHoldsAsOfTheEvent_data()
    {
        QTest::addColumn<NetworkClass>("kind");
        QTest::addColumn<qlonglong>("offset"); // µs after the last listing, or before the first when negative
        QTest::addColumn<bool>("raised");
        const qlonglong d = day.count();
        QTest::newRow("Tor, 24 hours after") << NetworkClass::Tor << d << true;
        QTest::newRow("Tor, more than 24 hours after") << NetworkClass::Tor << d + 1 << false;
        QTest::newRow("VPN, 7 days after") << NetworkClass::Vpn << 7 * d << true;
        QTest::newRow("VPN, more than 7 days after") << NetworkClass::Vpn << 7 * d + 1 << false;
        QTest::newRow("just before it was first listed") << NetworkClass::Vpn << -11 * d - 1 << false;
        QTest::newRow("when it was first listed") << NetworkClass::Vpn << -11 * d << true;
    }
    void anAnonymizerHoldsAsOfTheEvent()
    {
        QFETCH(NetworkClass, kind);
        QFETCH(qlonglong, offset);
        QFETCH(bool, raised);
        Lists lists;
        AddressFacts facts;
        ListEntry entry = anonymizer(kind, "X");
        entry.from = (start - day * 11).us;
        entry.until = start.us;
        facts.anonymizers = {lists.add(ListKind::Anonymizer, entry)};
        Stage stage;
        const Verdict v = stage.explain(visit(facts, start + Microseconds(offset)), Anonymous);
        QCOMPARE(v.reason, raised ? Reason::Raised : Reason::ListedAtAnotherTime);
        if (!raised && offset > 0)
            QVERIFY(v.value > v.limit);
    }

    void theLongestPrefixDecides()
    {
        Lists lists;
        AddressFacts facts;
        facts.anonymizers = {
            lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Hosting, "Cloud", "198.51.100.7/32")),
            lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Relay, "Relay", "198.51.100.0/28")),
            lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "Wide", "198.51.100.0/24"))};
        Stage stage;
        QCOMPARE(stage.explain(visit(facts), Anonymous).reason, Reason::NotEvaluable);
        facts.anonymizers.erase(facts.anonymizers.begin() + 1);
        const Verdict v = stage.explain(visit(facts), Anonymous);
        QCOMPARE(v.foldKey, std::string("Wide"));
        QCOMPARE(Facts(v.evidence).text("hosting"), std::string("true"));
        // At the same prefix the stronger class, whatever the order.
        facts.anonymizers.push_back(
            lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Tor, "", "198.51.100.0/24")));
        QCOMPARE(stage.explain(visit(facts), Anonymous).foldKey, std::string("Tor"));
        std::swap(facts.anonymizers[1], facts.anonymizers[2]);
        QCOMPARE(stage.explain(visit(facts), Anonymous).foldKey, std::string("Tor"));
    }

    void aTrustedNetworkRaisesNothing()
    {
        Lists lists;
        AddressFacts facts;
        facts.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Tor, ""))};
        ListEntry bad = Lists::network("198.51.100.7/32");
        bad.confidence = 100;
        facts.malware = {lists.add(ListKind::Malware, bad)};
        facts.trusted = {lists.add(ListKind::Trusted, Lists::network("198.51.100.0/24"))};
        Stage stage;
        QCOMPARE(stage.explain(visit(facts), Anonymous).reason, Reason::Trusted);
        QCOMPARE(stage.explain(visit(facts), Malware).reason, Reason::Trusted);
        QVERIFY(Facts(stage.explain(visit(facts), Malware).evidence).find("listName"));
    }

    void aHabitIsLow_data()
    {
        QTest::addColumn<int>("visits");
        QTest::addColumn<qlonglong>("spread"); // µs
        QTest::addColumn<RiskLevel>("level");
        const qlonglong week = 7 * day.count();
        QTest::newRow("three over a week") << 3 << week << RiskLevel::Low;
        QTest::newRow("two over a week") << 2 << week << RiskLevel::Medium;
        QTest::newRow("three over less than a week") << 3 << week - 1 << RiskLevel::Medium;
    }
    void aHabitIsLow()
    {
        QFETCH(int, visits);
        QFETCH(qlonglong, spread);
        QFETCH(RiskLevel, level);
        Lists lists;
        AddressFacts vpn, elsewhere;
        vpn.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "Tunnel"))};
        elsewhere.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "Other"))};
        Stage stage;
        for (int i = 0; i < visits; ++i)
            stage.play(visit(vpn, start + Microseconds(spread * i / (visits - 1))));
        stage.restart();
        auto h = visit(vpn, start + day * 8);
        h.familiarity.deviceKnown = false;
        const Verdict v = stage.explain(h, Anonymous);
        QCOMPARE(v.level, level);
        QCOMPARE(Facts(v.evidence).number("habitSuccesses"), double(visits));
        QCOMPARE(v.foldKey, std::string("Tunnel"));
        auto other = visit(elsewhere, start + day * 8);
        other.familiarity.deviceKnown = false;
        QCOMPARE(stage.explain(other, Anonymous).level, RiskLevel::Medium); // another provider
        auto somebody = visit(vpn, start + day * 8, "paul");
        somebody.familiarity.deviceKnown = false;
        QCOMPARE(stage.explain(somebody, Anonymous).level, RiskLevel::Medium); // another user
        auto later = visit(vpn, start + day * 190);
        later.familiarity.deviceKnown = false;
        QCOMPARE(stage.explain(later, Anonymous).level, RiskLevel::Medium); // forgotten
    }

    void flaggedVisitsMakeNoHabit()
    {
        Lists lists;
        AddressFacts tor;
        tor.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Tor, ""))};
        Stage stage;
        std::vector<Happening> visits;
        for (int i = 0; i < 5; ++i) {
            visits.push_back(visit(tor, start + day * 2 * i));
            stage.play(visits.back());
        }
        auto h = visit(tor, start + day * 20);
        QCOMPARE(stage.explain(h, Anonymous).level, RiskLevel::Medium);
        // Judged harmless by an administrator, they do.
        for (const auto &v : visits)
            stage.detector(Anonymous).learn(stage.signIn(v), v.familiarity, true);
        QCOMPARE(stage.explain(h, Anonymous).level, RiskLevel::Low);
        // A visit that counted when it came does not count twice.
        AddressFacts quiet;
        quiet.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "Quiet"))};
        const auto once = visit(quiet, start);
        stage.play(once);
        stage.play(visit(quiet, start + day));
        stage.detector(Anonymous).learn(stage.signIn(once), once.familiarity, true);
        QCOMPARE(
            Facts(stage.explain(visit(quiet, start + day * 2), Anonymous).evidence).number("habitSuccesses"),
            2.0);
        Stage strangers;
        AddressFacts vpn;
        vpn.anonymizers = {lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "Tunnel"))};
        for (int i = 0; i < 5; ++i) {
            auto s = visit(vpn, start + day * 2 * i);
            s.familiarity.deviceKnown = false; // medium: the attacker's own visits
            strangers.play(s);
        }
        auto s = visit(vpn, start + day * 20);
        s.familiarity.deviceKnown = false;
        QCOMPARE(strangers.explain(s, Anonymous).level, RiskLevel::Medium);
    }

    void eightProvidersAreRemembered()
    {
        Lists lists;
        std::deque<AddressFacts> all;
        Stage stage;
        for (int p = 0; p < 9; ++p) {
            all.emplace_back();
            all.back().anonymizers = {
                lists.add(ListKind::Anonymizer, anonymizer(NetworkClass::Vpn, "P" + std::to_string(p)))};
        }
        for (int round = 0; round < 3; ++round)
            for (int p = 0; p < 8; ++p)
                stage.play(visit(all[static_cast<std::size_t>(p)], start + day * 4 * round + hour * p));
        stage.play(visit(all[8], start + day * 9));
        const auto level = [&](int p) {
            auto h = visit(all[static_cast<std::size_t>(p)], start + day * 10);
            h.familiarity.deviceKnown = false;
            return stage.explain(h, Anonymous).level;
        };
        QCOMPARE(level(0), RiskLevel::Medium); // the longest unused made room
        QCOMPARE(level(1), RiskLevel::Low);
        QCOMPARE(level(7), RiskLevel::Low);
    }

    // Malware
    // -------------------------------------------------------------------------------------------------

    void sharingDiscountsMalware_data()
    {
        QTest::addColumn<int>("confidence");
        QTest::addColumn<int>("users");
        QTest::addColumn<RiskLevel>("level");
        QTest::addColumn<int>("discount");
        QTest::newRow("sure, nobody else") << 80 << 0 << RiskLevel::High << 0;
        QTest::newRow("sure, two users") << 80 << 2 << RiskLevel::High << 0;
        QTest::newRow("sure, three users") << 80 << 3 << RiskLevel::Medium << 1;
        QTest::newRow("sure, ten users") << 100 << 10 << RiskLevel::Medium << 1;
        QTest::newRow("sure, eleven users") << 100 << 11 << RiskLevel::Low << 2;
        QTest::newRow("less sure") << 79 << 0 << RiskLevel::Medium << 0;
        QTest::newRow("less sure, eleven users") << 79 << 11 << RiskLevel::Low << 1;
        QTest::newRow("no confidence given") << -1 << 0 << RiskLevel::Medium << 0;
    }
    void sharingDiscountsMalware()
    {
        QFETCH(int, confidence);
        QFETCH(int, users);
        QFETCH(RiskLevel, level);
        QFETCH(int, discount);
        Lists lists;
        AddressFacts clean, listed;
        ListEntry entry = Lists::network("198.51.100.7/32");
        entry.confidence = confidence;
        entry.name = "Emotet";
        entry.from = (start - day).us;
        entry.until = (start + day).us;
        listed.malware = {lists.add(ListKind::Malware, entry, "bots", start)};
        Stage stage;
        for (int i = 0; i < users; ++i)
            stage.play(visit(clean, start - day * 2 + second * i, "u" + std::to_string(i)));
        const Verdict v = stage.explain(visit(listed), Malware);
        QCOMPARE(v.reason, Reason::Raised);
        QCOMPARE(v.level, level);
        QCOMPARE(v.value, double(users));
        QCOMPARE(Facts(v.evidence).number("sharedByUsers"), double(users));
        QCOMPARE(Facts(v.evidence).number("discount", -1), double(discount));
        QCOMPARE(Facts(v.evidence).text("malware"), std::string("Emotet"));
        QVERIFY(Facts(v.evidence).find("firstSeen") && Facts(v.evidence).find("lastSeen") &&
                Facts(v.evidence).find("listDate"));
        QCOMPARE(v.foldKey, address);
    }

    void malwareLivesForAWhile_data()
    {
        QTest::addColumn<bool>("hosting");
        QTest::addColumn<qlonglong>("offset");
        QTest::addColumn<bool>("raised");
        const qlonglong d = day.count();
        QTest::newRow("7 days") << false << 7 * d << true;
        QTest::newRow("more than 7 days") << false << 7 * d + 1 << false;
        QTest::newRow("30 days on hosting") << true << 30 * d << true;
        QTest::newRow("more than 30 days on hosting") << true << 30 * d + 1 << false;
        QTest::newRow("before it was first seen") << true << -2 * d - 1 << false;
    }
    void malwareLivesForAWhile()
    {
        QFETCH(bool, hosting);
        QFETCH(qlonglong, offset);
        QFETCH(bool, raised);
        Lists lists;
        AddressFacts facts;
        if (hosting)
            facts.networkClass = NetworkClass::Hosting;
        ListEntry entry = Lists::network("198.51.100.7/32");
        entry.from = (start - day * 2).us;
        entry.until = start.us;
        facts.malware = {lists.add(ListKind::Malware, entry)};
        Stage stage;
        const auto h = visit(facts, start + Microseconds(offset));
        QCOMPARE(stage.explain(h, Malware).reason, raised ? Reason::Raised : Reason::ListedAtAnotherTime);
        QVERIFY(Facts(stage.explain(h, Malware).evidence).find("listName"));
    }

    void ownExperienceIsAnIndicator_data()
    {
        QTest::addColumn<int>("regulars");
        QTest::addColumn<Reason>("reason");
        QTest::addColumn<RiskLevel>("level");
        QTest::newRow("nobody else") << 0 << Reason::Raised << RiskLevel::High;
        QTest::newRow("three regulars") << 3 << Reason::Raised << RiskLevel::Medium;
        QTest::newRow("eleven regulars") << 11 << Reason::SharedByMany << RiskLevel::None;
    }
    void ownExperienceIsAnIndicator()
    {
        QFETCH(int, regulars);
        QFETCH(Reason, reason);
        QFETCH(RiskLevel, level);
        AddressFacts none;
        Stage stage;
        for (int i = 0; i < regulars; ++i)
            stage.play(visit(none, start - day * 20 + second * i, "r" + std::to_string(i)));
        for (int i = 0; i < 20; ++i) {
            auto h = visit(none, start + second * i, "u" + std::to_string(i % 5));
            h.failure = FailureKind::BadPassword;
            h.social = true; // keeps the spray detector out of it
            stage.play(h);
        }
        stage.restart();
        const Verdict v = stage.explain(visit(none, start + hour), Malware);
        QCOMPARE(v.reason, reason);
        QCOMPARE(v.level, level);
        QCOMPARE(Facts(v.evidence).text("listName"), std::string("ownExperience"));
        QCOMPARE(Facts(v.evidence).number("ownFailures"), 20.0);
    }

    // Threat intelligence
    // -------------------------------------------------------------------------------------

    void threatsByConfidence_data()
    {
        QTest::addColumn<int>("confidence");
        QTest::addColumn<RiskLevel>("level");
        QTest::newRow("80") << 80 << RiskLevel::High;
        QTest::newRow("79") << 79 << RiskLevel::Medium;
        QTest::newRow("50") << 50 << RiskLevel::Medium;
        QTest::newRow("49") << 49 << RiskLevel::Low;
        QTest::newRow("none given") << -1 << RiskLevel::Medium;
    }
    void threatsByConfidence()
    {
        QFETCH(int, confidence);
        QFETCH(RiskLevel, level);
        Lists lists;
        AddressFacts facts;
        ListEntry entry = Lists::network("198.51.100.0/28");
        entry.confidence = confidence;
        entry.name = "campaign nine";
        entry.from = (start - day).us;
        entry.until = (start + day).us;
        facts.threats = {lists.add(ListKind::Threat, entry, "feed", start)};
        Stage stage;
        const Verdict v = stage.explain(visit(facts), Threat);
        QCOMPARE(v.reason, Reason::Raised);
        QCOMPARE(v.level, level);
        QCOMPARE(v.foldKey, std::string("198.51.100.0/28"));
        QCOMPARE(Facts(v.evidence).text("indicator"), std::string("198.51.100.0/28"));
        QCOMPARE(Facts(v.evidence).text("field"), std::string("network"));
        QCOMPARE(Facts(v.evidence).text("label"), std::string("campaign nine"));
        QVERIFY(Facts(v.evidence).find("listName") && Facts(v.evidence).find("listDate") &&
                Facts(v.evidence).find("validFrom") && Facts(v.evidence).find("validUntil"));
        QCOMPARE(stage.explain(visit(facts, start + day), Threat).reason, Reason::Raised);
        QCOMPARE(stage.explain(visit(facts, start + day + Microseconds(1)), Threat).reason,
                 Reason::ListedAtAnotherTime);
        QCOMPARE(stage.explain(visit(facts, start - day - Microseconds(1)), Threat).reason,
                 Reason::ListedAtAnotherTime);
    }

    void aUserAgentIsAnIndicatorToo()
    {
        Lists lists;
        AddressFacts facts;
        ListEntry agent;
        agent.userAgent = agent.indicator = "evil/1.0";
        agent.confidence = 90;
        const ListMatch match = lists.add(ListKind::Threat, agent);
        Stage stage;
        auto h = visit(facts);
        h.agent = "evil/1.0";
        h.threatAgent = &match;
        QCOMPARE(stage.explain(h, Threat).level, RiskLevel::High);
        QCOMPARE(Facts(stage.explain(h, Threat).evidence).text("field"), std::string("userAgent"));
        // Network and user agent together: both must fit.
        ListEntry both = Lists::network("198.51.100.0/24");
        both.userAgent = "evil/2.0";
        facts.threats = {lists.add(ListKind::Threat, both)};
        h.threatAgent = nullptr;
        QCOMPARE(stage.explain(h, Threat).reason, Reason::NotListed);
        h.agent = "evil/2.0";
        QCOMPARE(stage.explain(h, Threat).reason, Reason::Raised);
        AddressFacts other;
        h.threatAgent = &facts.threats[0];
        h.facts = &other;
        h.ip = "192.0.2.1";
        QCOMPARE(stage.explain(h, Threat).reason, Reason::NotListed);
    }

    void tooBroadAnIndicatorIsSetAside_data()
    {
        QTest::addColumn<int>("all");
        QTest::addColumn<int>("matched");
        QTest::addColumn<int>("users");
        QTest::addColumn<int>("days");
        QTest::addColumn<Reason>("reason");
        QTest::newRow("two percent") << 300 << 6 << 2 << 5 << Reason::Raised;
        QTest::newRow("more than two percent") << 300 << 7 << 2 << 5 << Reason::SetAside;
        QTest::newRow("fifty successes can be judged") << 50 << 5 << 2 << 5 << Reason::SetAside;
        QTest::newRow("forty-nine cannot") << 49 << 49 << 9 << 5 << Reason::Raised;
        QTest::newRow("one account cannot argue its indicator away") << 60 << 30 << 1 << 5 << Reason::Raised;
        QTest::newRow("nor many in four days") << 60 << 30 << 30 << 4 << Reason::Raised;
    }
    void tooBroadAnIndicatorIsSetAside()
    {
        QFETCH(int, all);
        QFETCH(int, matched);
        QFETCH(int, users);
        QFETCH(int, days);
        QFETCH(Reason, reason);
        Lists lists;
        AddressFacts none, facts;
        ListEntry wide = Lists::network("198.51.100.0/24");
        wide.confidence = 90;
        facts.threats = {lists.add(ListKind::Threat, wide, "feed")};
        Stage stage;
        for (int i = 0; i < all; ++i)
            stage.play(visit(i < matched ? facts : none,
                             start - day * (i < matched ? days - 1 - i * days / matched : 0) + second * i,
                             "u" + std::to_string(i < matched ? i % users : 100 + i)));
        stage.restart();
        const Verdict v = stage.explain(visit(facts, start + hour), Threat);
        QCOMPARE(v.reason, reason);
        QCOMPARE(v.value, 100.0 * matched / all);
        QCOMPARE(Facts(v.evidence).text("warning").empty(), reason != Reason::SetAside);
        // A month later it is judged anew.
        QCOMPARE(stage.explain(visit(facts, start + day * 32), Threat).reason, Reason::Raised);
        // Another indicator is not silenced with it.
        ListEntry precise = Lists::network("198.51.100.7/32");
        precise.confidence = 60;
        AddressFacts two = facts;
        two.threats.insert(two.threats.begin(), lists.add(ListKind::Threat, precise));
        QCOMPARE(stage.explain(visit(two, start + hour), Threat).reason, Reason::Raised);
    }

    void nothingListedIsSaidSo()
    {
        AddressFacts facts;
        Stage stage;
        for (const auto type : {Anonymous, Malware, Threat})
            QCOMPARE(stage.explain(visit(facts), type).reason, Reason::NotListed);
        Tuning off;
        for (const auto id : {Tune::AnonymizerEnabled, Tune::MalwareEnabled, Tune::ThreatEnabled})
            off.set(id, 0);
        Stage silent(off);
        for (const auto type : {Anonymous, Malware, Threat})
            QCOMPARE(silent.explain(visit(facts), type).reason, Reason::SwitchedOff);
    }
};

QTEST_APPLESS_MAIN(ListDetectorsTest)
#include "tst_list_detectors.moc"
