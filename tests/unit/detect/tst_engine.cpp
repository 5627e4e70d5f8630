// The engine: rules that hold for every detector.
#include "core/base/timestamp.h"
#include "core/detect/detectors.h"
#include "core/detect/engine.h"
#include "core/detect/usual/profile.h"

#include "tests/support/memory_state.h"
#include "tests/support/sign_in_builder.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::MemoryState;
using riskdesk::test::SignInBuilder;
using riskdesk::test::SignInWorld;

namespace {

const Timestamp now = *Timestamp::fromIso("2026-03-18T14:00:00Z");

struct Bench
{
    SignInWorld world;
    MemoryState memory;
    Engine engine;

    explicit Bench(const Tuning &tuning = {})
        : engine(tuning, memory, world)
    {}

    SignInBuilder home(std::string_view user = "ann")
    {
        return world.signIn(user)
            .ip("192.0.2.7")
            .place("Lisbon", "PT", 38.72, -9.14)
            .asn(64500)
            .agent("Chrome 122", "Windows 10")
            .device("laptop");
    }
    SignInBuilder strange(std::string_view user = "ann")
    {
        return world.signIn(user)
            .ip("203.0.113.9")
            .place("Ho Chi Minh City", "VN", 10.82, 106.63)
            .asn(64510)
            .agent("Firefox 110", "Linux");
    }
    void seed(std::string_view user = "ann")
    {
        for (int i = 12; i > 0; --i)
            engine.examine(home(user).at(now - std::chrono::hours(24 * i)).build());
        engine.examine(home(user).at(now).build());
    }
    std::set<DetectionType> found(const SignInBuilder &b)
    {
        std::set<DetectionType> types;
        for (const Finding &f : engine.examine(b.build()).findings)
            types.insert(f.type);
        return types;
    }
};

} // namespace

class TestEngine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyReasonHasAKey();
    void aStrangeSignInIsFoundByAllWhomItConcerns();
    void everyTypeHasItsDetector();
    void onlyCorrectCredentialsRaise();
    void explainsEveryDetectorAndChangesNothing();
    void socialIdentitiesHaveNoPasswordFindings();
    void sprayedSuccessComesBackLate();
    void teachingMakesASignInUsual();
    void aThiefWhoStaysTeachesNothing();
    void whatTheLaboratoryTakesOutIsGone();
    void whoComesThroughAVpnIsKnownByIt();
    void nobodyIsKnownThroughTor();
    void memoryOfAnotherVersionIsNotGuessedAt();
    void learningIsThatOfTheSlowest();
    void savesOnlyWhatChanged();
    void manyUsersStaySmall();
};

void TestEngine::everyReasonHasAKey()
{
    std::set<std::string_view> keys;
    for (int i = 0; i <= static_cast<int>(Reason::SameProvider); ++i)
        keys.insert(toText(static_cast<Reason>(i)));
    QCOMPARE(keys.size(), static_cast<std::size_t>(Reason::SameProvider) + 1);
    QCOMPARE(toText(Reason::BelowThreshold), "belowThreshold");
    QCOMPARE(toText(static_cast<Reason>(200)), "raised"); // never out of the table
}

void TestEngine::aStrangeSignInIsFoundByAllWhomItConcerns()
{
    Bench bench;
    bench.seed();
    auto b = bench.strange().at(now + std::chrono::hours(1));
    b.malware("Emotet", 90).threat("TI_RI_0001", 90);
    const Examination &e = bench.engine.examine(b.build());
    std::vector<DetectionType> order;
    for (const Finding &f : e.findings) {
        order.push_back(f.type);
        QVERIFY(f.verdict.level != RiskLevel::None);
        QCOMPARE(f.verdict.reason, Reason::Raised);
        QVERIFY(!f.verdict.evidence.listed().empty());
        QVERIFY(!f.late);
    }
    QCOMPARE(order, (std::vector{DetectionType::UnlikelyTravel, DetectionType::MalwareInfectedIPAddress,
                                 DetectionType::UnfamiliarFeatures,
                                 DetectionType::InvestigationsThreatIntelligence}));
    QVERIFY(e.withheld);
    QVERIFY(bench.found(bench.world.signIn("bea").ip("198.51.100.1").at(now).anonymizer(NetworkClass::Tor))
                .contains(DetectionType::AnonymizedIPAddress));
}

// Every type that is not somebody's word has its detector, in the order of the handbook, and a switch.
void TestEngine::everyTypeHasItsDetector()
{
    Bench bench;
    std::vector<DetectionType> made, known;
    for (const auto &one : bench.engine.explain(bench.strange().at(now).build()))
        made.push_back(one.type);
    for (const auto &type : detectionTypes())
        if (type.value != DetectionType::AdminConfirmedUserCompromised) {
            known.push_back(type.value);
            QVERIFY2(findTuning(std::string(type.key) + ".enabled") != nullptr, type.key.data());
        }
    QCOMPARE(made, known);
    for (const auto &spec : detectors())
        for (const auto &entry : spec.thresholds)
            QVERIFY2(entry.key.starts_with(std::string(info(spec.type).key) + "."), entry.key.data());
}

void TestEngine::onlyCorrectCredentialsRaise()
{
    Bench bench;
    bench.seed();
    for (const FailureKind kind : {FailureKind::BadPassword, FailureKind::UnknownUser, FailureKind::Locked,
                                   FailureKind::Expired, FailureKind::Disabled, FailureKind::Other}) {
        auto b = bench.strange().at(now + std::chrono::hours(1)).failure(kind);
        b.malware("Emotet", 90).threat("TI", 90).anonymizer(NetworkClass::Tor);
        const Examination &e = bench.engine.examine(b.build());
        QVERIFY(e.findings.empty());
        QVERIFY(!e.withheld);
        for (const auto &x : bench.engine.explain(b.build())) {
            // An expired password was right, which tells of a spray where there is one.
            const bool judged = kind == FailureKind::Expired && x.type == DetectionType::PasswordSpray;
            QCOMPARE(x.verdict.reason, judged ? Reason::BelowThreshold : Reason::NotASuccess);
            QCOMPARE(x.verdict.level, RiskLevel::None);
        }
    }
    auto b = bench.strange().at(now + std::chrono::hours(1)).interrupted();
    QVERIFY(bench.found(b.threat("TI", 90)).empty());
    // And none of it was learnt: the same place is as strange as before.
    QVERIFY(bench.found(bench.strange().at(now + std::chrono::hours(2)))
                .contains(DetectionType::UnfamiliarFeatures));
}

void TestEngine::explainsEveryDetectorAndChangesNothing()
{
    Bench bench;
    bench.seed();
    bench.engine.save(bench.memory);
    const auto before = bench.memory.parts;
    const EnrichedSignIn s = bench.strange().at(now + std::chrono::hours(1)).build();
    const auto first = bench.engine.explain(s);
    QCOMPARE(first.size(), detectors().size());
    std::set<DetectionType> types;
    for (const auto &e : first)
        types.insert(e.type);
    QCOMPARE(types.size(), first.size());
    QVERIFY(!types.contains(DetectionType::AdminConfirmedUserCompromised));
    const auto second = bench.engine.explain(s);
    for (std::size_t i = 0; i < first.size(); ++i) {
        QCOMPARE(second[i].verdict.reason, first[i].verdict.reason);
        QCOMPARE(second[i].verdict.evidence.toJson(), first[i].verdict.evidence.toJson());
    }
    bench.engine.save(bench.memory);
    QVERIFY(bench.memory.parts == before);
    // What was explained is what is then found.
    const Examination &e = bench.engine.examine(s);
    for (const auto &x : first) {
        const auto f = std::find_if(e.findings.begin(), e.findings.end(),
                                    [&](const Finding &g) { return g.type == x.type; });
        QCOMPARE(f != e.findings.end(), x.verdict.level != RiskLevel::None);
        if (f != e.findings.end())
            QCOMPARE(f->verdict.evidence.toJson(), x.verdict.evidence.toJson());
    }
}

void TestEngine::socialIdentitiesHaveNoPasswordFindings()
{
    Bench bench;
    bench.seed();
    const EnrichedSignIn s = bench.strange().social().at(now + std::chrono::hours(1)).build();
    for (const auto &e : bench.engine.explain(s))
        QCOMPARE(e.verdict.reason == Reason::SocialIdentity, info(e.type).needsPassword);
    QVERIFY(!bench.engine.examine(s).findings.empty()); // the others concern everybody
}

void TestEngine::sprayedSuccessComesBackLate()
{
    Bench bench;
    std::vector<Finding> late;
    const auto attempt = [&](int user, int second, bool success) {
        auto b = bench.world.signIn("victim" + std::to_string(user))
                     .ip("203.0.113.66")
                     .place("", "NL", 52.3, 4.9)
                     .asn(64600)
                     .userAgent("python-requests/2.31")
                     .at(now + std::chrono::seconds(second));
        if (!success)
            b.failure();
        for (const Finding &f : bench.engine.examine(b.build()).findings)
            if (f.type == DetectionType::PasswordSpray)
                late.push_back(f);
    };
    for (int i = 0; i < 40; ++i)
        attempt(i, i * 20, i == 1);
    QCOMPARE(late.size(), 1U);
    QVERIFY(late[0].late);
    QVERIFY(!late[0].verdict.campaign.empty());
    QCOMPARE(late[0].signIn.row.user, bench.world.userId("victim1"));
    const auto campaigns = bench.engine.takeCampaigns();
    QVERIFY(!campaigns.empty());
    QVERIFY(bench.engine.takeCampaigns().empty());
}

void TestEngine::teachingMakesASignInUsual()
{
    Bench bench;
    bench.seed();
    const auto strange = bench.strange().device("new phone");
    const EnrichedSignIn first = SignInBuilder(strange).at(now + std::chrono::hours(24)).build();
    QVERIFY(bench.engine.examine(first).withheld);
    QVERIFY(bench.engine.examine(SignInBuilder(strange).at(now + std::chrono::hours(48)).build()).withheld);
    bench.engine.teach(first);
    const Examination &e =
        bench.engine.examine(SignInBuilder(strange).at(now + std::chrono::hours(72)).build());
    QVERIFY(e.findings.empty());
    QVERIFY(!e.withheld);
}

// The device is known, as with a copied session: only the first sign-in is a journey, and those that follow
// from the same place would each teach a little, until the place is as familiar as home.
void TestEngine::aThiefWhoStaysTeachesNothing()
{
    Bench bench;
    bench.seed();
    const auto thief = bench.strange().agent("Chrome 122", "Windows 10").device("laptop");
    const auto theft = now + std::chrono::hours(1);
    QVERIFY(bench.found(SignInBuilder(thief).at(theft)).contains(DetectionType::UnlikelyTravel));
    for (int i = 1; i <= 12; ++i)
        QVERIFY(
            bench.engine.examine(SignInBuilder(thief).at(theft + std::chrono::minutes(i)).build()).withheld);
    // So the owner, who signs in at home an hour later, has still not been to Vietnam.
    const auto back = bench.engine.explain(bench.home().at(theft + std::chrono::hours(1)).build());
    QCOMPARE(back.front().type, DetectionType::UnlikelyTravel);
    QCOMPARE(back.front().verdict.reason, Reason::Raised);
    // Another network is not doubted, and after a day without a finding nor is this one.
    QVERIFY(!bench.engine.examine(bench.home().ip("192.0.3.7").at(now + std::chrono::hours(40)).build())
                 .withheld);
}

void TestEngine::whatTheLaboratoryTakesOutIsGone()
{
    const auto twice = [](const Tuning &tuning) {
        Bench bench(tuning);
        bench.seed();
        const auto strange = bench.strange().device("new phone");
        bench.engine.examine(SignInBuilder(strange).at(now + std::chrono::hours(24)).build());
        return bench.engine.examine(SignInBuilder(strange).at(now + std::chrono::hours(48)).build())
            .findings.empty();
    };
    Tuning bare;
    bare.leaveOut(Part::Hygiene);
    QVERIFY(!twice(Tuning()));
    QVERIFY(twice(bare)); // the thief was the teacher

    // Who comes from where everybody comes from is no surer the user for it: unless nobody asks the directory.
    const auto bits = [](const Tuning &tuning) {
        Bench bench(tuning);
        bench.seed();
        for (const char *other : {"ben", "cyd", "dan", "eve"})
            for (int i = 12; i > 0; --i)
                bench.engine.examine(bench.home(other).at(now - std::chrono::hours(24 * i)).build());
        return bench.engine.assess(bench.home().at(now + std::chrono::hours(24)).build())
            .familiarity.placeBits;
    };
    Tuning alone;
    alone.leaveOut(Part::BackOff);
    const double with = bits(Tuning()), without = bits(alone);
    QVERIFY2(with > without + 1,
             (QByteArray::number(with) + " and " + QByteArray::number(without)).constData());
}

void TestEngine::whoComesThroughAVpnIsKnownByIt()
{
    Bench bench;
    const auto through = [&](std::string_view ip) {
        return bench.home("vi")
            .ip(ip)
            .place("Amsterdam", "NL", 52.37, 4.89)
            .asn(64901)
            .device("")
            .anonymizer(NetworkClass::Vpn, "Harbour VPN");
    };
    for (int i = 12; i > 0; --i) {
        const auto &e = bench.engine.examine(through(i % 2 == 0 ? "198.51.100.20" : "198.51.100.90")
                                                 .at(now - std::chrono::hours(24 * i))
                                                 .build());
        for (const Finding &f : e.findings)
            QVERIFY2(f.verdict.level <= RiskLevel::Low, toText(f.type).data());
        QVERIFY(!e.withheld || i > 10);
    }
    const FeatureScore &usual = bench.engine.assess(through("198.51.100.31").at(now).build());
    QVERIFY(!usual.familiarity.learning);
    QVERIFY(usual.familiarity.deviceKnown);
    QVERIFY2(!usual.familiarity.countryKnown && !usual.familiarity.networkKnown &&
                 !usual.familiarity.addressKnown,
             "where the VPN ends is not where the person is");
    QVERIFY(usual.familiarity.placeBits < 0); // the VPN itself is usual
    QVERIFY(bench.found(bench.strange("vi").at(now)).contains(DetectionType::UnfamiliarFeatures));
}

void TestEngine::nobodyIsKnownThroughTor()
{
    Bench bench;
    const auto through = [&] { return bench.home("to").device("").anonymizer(NetworkClass::Tor); };
    for (int i = 12; i > 0; --i)
        bench.engine.examine(through().at(now - std::chrono::hours(24 * i)).build());
    const FeatureScore &score = bench.engine.assess(through().at(now).build());
    QVERIFY(score.familiarity.learning);
    QVERIFY(!score.familiarity.deviceKnown);
}

void TestEngine::memoryOfAnotherVersionIsNotGuessedAt()
{
    Bench bench;
    bench.seed();
    bench.engine.save(bench.memory);
    for (auto &[part, data] : bench.memory.parts)
        data[0] = static_cast<char>(data[0] + 100);
    Engine next(Tuning(), bench.memory, bench.world);
    QCOMPARE(next.learning(bench.world.userId("ann")).done, 0U);
    QVERIFY(next.examine(bench.strange().at(now + std::chrono::hours(1)).build()).findings.empty());
}

void TestEngine::learningIsThatOfTheSlowest()
{
    Bench bench;
    const std::uint32_t ann = bench.world.userId("ann");
    QCOMPARE(bench.engine.learning(ann).needed, 10U);
    for (int i = 0; i < 12; ++i) // ten within a day: travel is ready, the features want five days
        bench.engine.examine(bench.home().at(now + std::chrono::hours(2 * i)).build());
    QCOMPARE(bench.engine.learning(ann).needed, 5U);
    QCOMPARE(bench.engine.learning(ann).done, 5U);
    bench.engine.examine(bench.home().at(now + std::chrono::hours(24 * 6)).build());
    QCOMPARE(bench.engine.learning(ann).needed, 0U);
}

void TestEngine::savesOnlyWhatChanged()
{
    Bench bench;
    bench.seed("ann");
    bench.seed("bea");
    bench.engine.save(bench.memory);
    MemoryState second;
    bench.engine.examine(bench.home("ann").at(now + std::chrono::hours(24)).build());
    bench.engine.save(second);
    QVERIFY(second.parts.contains({StatePart::User, bench.world.userId("ann")}));
    QVERIFY(!second.parts.contains({StatePart::User, bench.world.userId("bea")}));
    MemoryState third;
    bench.engine.save(third);
    QVERIFY(third.parts.empty());
}

void TestEngine::manyUsersStaySmall()
{
    Bench bench;
    for (int user = 0; user < 300; ++user)
        for (int i = 0; i < 20; ++i)
            bench.engine.examine(bench.home("user" + std::to_string(user))
                                     .ip("10.0." + std::to_string(i % 4) + "." + std::to_string(user % 250))
                                     .at(now + std::chrono::minutes(300 * i + user))
                                     .build());
    bench.engine.save(bench.memory);
    for (const auto &[part, data] : bench.memory.parts)
        if (part.first == StatePart::User)
            QVERIFY2(data.size() < 1500, qPrintable(QString::number(data.size())));
}

QTEST_APPLESS_MAIN(TestEngine)
#include "tst_engine.moc"
