// The lists: which rows a question finds, in which order, and what a row says.
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_text.h"
#include "core/query/spine.h"
#include "core/query/tables/campaigns.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"

#include "tests/support/small_directory.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

class ListsTest : public QObject
{
    Q_OBJECT

    SmallDirectory m_directory;
    std::int64_t m_mariana = 0, m_thabo = 0, m_zoe = 0, m_google = 0;

    std::vector<std::int64_t> ask(Report report, const char *text, Period period = {},
                                  std::vector<SortKey> order = {})
    {
        auto filter = parseFilter(report, text);
        if (!filter) {
            qWarning("%s", filter.error().sentence().c_str());
            return {-1};
        }
        const auto ids =
            readSpine(m_directory.connection(), {report, *filter, period, std::move(order), smallNow});
        if (!ids) {
            qWarning("%s", ids.error().detail.c_str());
            return {-2};
        }
        return *ids;
    }

private Q_SLOTS:
    void initTestCase()
    {
        SmallUser mariana{"c482911", "Mariana Duarte", "mariana@shop.example"};
        mariana.level = RiskLevel::High;
        mariana.state = RiskState::AtRisk;
        mariana.score = 91;
        mariana.countries = "PT VN";
        mariana.lastCity = "Ho Chi Minh City";
        mariana.lastCountry = "VN";
        mariana.types = 1U << 1 | 1U << 4;
        mariana.open = mariana.total = 2;
        m_mariana = m_directory.addUser(mariana);
        SmallUser thabo{"c1", "Thabo Castro", "thabo@shop.example"};
        thabo.level = RiskLevel::Low;
        thabo.state = RiskState::AtRisk;
        thabo.score = 27;
        thabo.countries = "BR";
        thabo.lastCity = "São Paulo";
        thabo.lastCountry = "BR";
        thabo.types = 1U << 4;
        thabo.updated = {smallNow.us - 10 * dayUs};
        thabo.enabled = false;
        m_thabo = m_directory.addUser(thabo);
        SmallUser zoe{"c2", "Zoë Öztürk", "zoe@shop.example"};
        zoe.state = RiskState::Dismissed;
        zoe.detail = RiskDetail::AdminDismissedAllRiskForUser;
        zoe.types = 1U << 5;
        zoe.updated = {smallNow.us - 100 * dayUs};
        zoe.deleted = true;
        m_zoe = m_directory.addUser(zoe);
        SmallUser google{"c3", "Ana", "ana@gmail.example", Identity::Social, "google.com"};
        google.state = RiskState::Remediated;
        google.types = 1U << 2;
        m_google = m_directory.addUser(google);
        SmallUser never{"c4", "Never risky", "never@shop.example"};
        never.total = 0;
        m_directory.addUser(never);

        SignInRow signIn;
        signIn.at = smallNow.us;
        signIn.application = m_directory.dictionaries().intern(Dictionary::Application, "Storefront");
        signIn.userAgent = m_directory.dictionaries().intern(Dictionary::UserAgent, "Mozilla/5.0");
        signIn.mfa = Mfa::Passed;
        SmallDirectory::need(m_directory.dictionaries().flush(m_directory.connection()));
        m_directory.addSignInRisk("r1", m_mariana, signIn, RiskLevel::High, RiskState::AtRisk);

        SmallDetection travel{m_mariana, DetectionType::UnlikelyTravel, RiskLevel::High};
        travel.requestId = "r1";
        travel.ip = "45.95.147.9";
        travel.city = "Ho Chi Minh City";
        travel.country = "VN";
        travel.asn = 45899;
        UnlikelyTravelEvidence trip;
        trip.from.city = "Lisbon";
        trip.to.city = "Ho Chi Minh City";
        trip.distanceKm = 11393.2;
        trip.minutesBetween = 112;
        trip.speedKmh = 6103.4;
        trip.effectiveSpeedKmh = 6080;
        trip.limitKmh = 900;
        travel.evidence.facts = trip;
        m_directory.addDetection(travel);
        SmallDetection unfamiliar{m_mariana, DetectionType::UnfamiliarFeatures, RiskLevel::Medium};
        unfamiliar.requestId = "r1";
        unfamiliar.ip = "45.95.147.9";
        unfamiliar.at = {smallNow.us - 1};
        m_directory.addDetection(unfamiliar);
        SmallDetection old{m_thabo, DetectionType::UnfamiliarFeatures, RiskLevel::Low};
        old.at = {smallNow.us - 10 * dayUs};
        old.city = "São Paulo";
        old.country = "BR";
        old.ip = "2001:db8::7";
        m_directory.addDetection(old);
        m_directory.addLedger(m_mariana, LedgerKind::DetectionRaised, {smallNow.us - 5}, {},
                              {RiskLevel::High, RiskState::AtRisk, RiskDetail::None, 91});
        m_directory.addLedger(m_zoe, LedgerKind::UserDismissed, {smallNow.us - 100 * dayUs}, {}, {},
                              "Rui Sousa", "known trip");
    }

    void findsUsers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("names");
        QTest::newRow("nothing asked: everybody with a detection") << QByteArray("") << QByteArray("m t z g");
        QTest::newRow("level") << QByteArray("level:high") << QByteArray("m");
        QTest::newRow("level and above") << QByteArray("level>=low") << QByteArray("m t");
        QTest::newRow("two states") << QByteArray("state:dismissed,remediated") << QByteArray("z g");
        QTest::newRow("not that state") << QByteArray("-state:atRisk") << QByteArray("z g");
        QTest::newRow("one of the countries") << QByteArray("country:vn") << QByteArray("m");
        QTest::newRow("either country") << QByteArray("country:br,PT") << QByteArray("m t");
        QTest::newRow("no country at all") << QByteArray("country:\"\"") << QByteArray("z g");
        QTest::newRow("a detection type") << QByteArray("type:unfamiliar") << QByteArray("m t");
        QTest::newRow("a range of addresses") << QByteArray("ip:45.95.147.0/24") << QByteArray("m");
        QTest::newRow("a v6 address") << QByteArray("ip:2001:db8::7") << QByteArray("t");
        QTest::newRow("not from the range: users without any address too")
            << QByteArray("-ip:45.95.147.0/24") << QByteArray("t z g");
        QTest::newRow("a city without its accent") << QByteArray("city:sao") << QByteArray("t");
        QTest::newRow("accents in the question do no harm")
            << QByteArray("city:=\"SÃO PAULO\"") << QByteArray("t");
        QTest::newRow("a network") << QByteArray("network:AS45899") << QByteArray("m");
        QTest::newRow("last seven days") << QByteArray("updated<7d") << QByteArray("m g");
        QTest::newRow("older than a month") << QByteArray("updated>30d") << QByteArray("z");
        QTest::newRow("that day") << QByteArray("updated:2026-03-18") << QByteArray("m g");
        QTest::newRow("blocked accounts") << QByteArray("account:blocked") << QByteArray("t");
        QTest::newRow("deleted users") << QByteArray("status:deleted") << QByteArray("z");
        QTest::newRow("identity provider") << QByteArray("provider:google") << QByteArray("g");
        QTest::newRow("local accounts") << QByteArray("provider:local") << QByteArray("m t z");
        QTest::newRow("who acted last") << QByteArray("by:rui") << QByteArray("z");
        QTest::newRow("what they did") << QByteArray("action:userDismissed") << QByteArray("z");
        QTest::newRow("nobody acted: not a dismissal")
            << QByteArray("-action:userDismissed") << QByteArray("m t g");
        QTest::newRow("with a note") << QByteArray("note:yes") << QByteArray("z");
        QTest::newRow("score range") << QByteArray("score>=27 score<75") << QByteArray("t");
        QTest::newRow("score and a half") << QByteArray("score>27.5") << QByteArray("m");
        QTest::newRow("free word, any case") << QByteArray("DUARTE") << QByteArray("m");
        QTest::newRow("free word without accents") << QByteArray("ozturk") << QByteArray("z");
        QTest::newRow("free word is a part of an address") << QByteArray("45.95.") << QByteArray("m");
        QTest::newRow("free word is an id") << QByteArray("c48291") << QByteArray("m");
        QTest::newRow("without a word") << QByteArray("-shop") << QByteArray("g");
        QTest::newRow("the whole name") << QByteArray("user:=\"mariana duarte\"") << QByteArray("m");
        QTest::newRow("half a name is not the whole") << QByteArray("user:=mariana") << QByteArray("");
        QTest::newRow("quotes and percent are only text") << QByteArray("name:\"%\" 'x'") << QByteArray("");
    }
    void findsUsers()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, names);
        QByteArray found;
        for (const auto id : ask(Report::RiskyUsers, text.constData())) {
            found += found.isEmpty() ? "" : " ";
            found += id == m_mariana  ? "m"
                     : id == m_thabo  ? "t"
                     : id == m_zoe    ? "z"
                     : id == m_google ? "g"
                                      : "?";
        }
        QCOMPARE(found, names);
    }

    void findsDetections_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("count");
        QTest::newRow("all") << QByteArray("") << 3;
        QTest::newRow("type and level") << QByteArray("type:travel level:high") << 1;
        QTest::newRow("of a user") << QByteArray("user:thabo") << 1;
        QTest::newRow("of a sign-in") << QByteArray("request:=r1") << 2;
        QTest::newRow("application of the sign-in") << QByteArray("app:store") << 2;
        QTest::newRow("not that application") << QByteArray("-app:store") << 1;
        QTest::newRow("multifactor passed") << QByteArray("mfa:passed") << 2;
        QTest::newRow("sign-in result") << QByteArray("result:success") << 2;
        QTest::newRow("attack technique") << QByteArray("mitre:T1078") << 3;
        QTest::newRow("without a sign-in") << QByteArray("activity:user") << 1;
        QTest::newRow("found later") << QByteArray("timing:offline") << 1;
        QTest::newRow("a city") << QByteArray("sao") << 1;
    }
    void findsDetections()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, count);
        QCOMPARE(static_cast<int>(ask(Report::Detections, text.constData()).size()), count);
    }

    void everyFieldOfEveryTableCanBeAsked()
    {
        for (const auto report : {Report::RiskyUsers, Report::Detections, Report::Campaigns, Report::Rejects,
                                  Report::Audit, Report::Users, Report::History})
            for (const auto &field : fields(report)) {
                Value value = std::string("x");
                auto test = Test::Contains;
                if (field.kind != FieldKind::Text)
                    test = Test::Is;
                if (field.kind == FieldKind::Enum || field.kind == FieldKind::Number)
                    value = std::int64_t{1};
                if (field.kind == FieldKind::Time)
                    value = Ago{Microseconds(1)};
                if (field.kind == FieldKind::Address)
                    value = *Cidr::parse("192.0.2.0/24");
                for (const auto &filter : {Filter::match(field.name, test, {value}),
                                           Filter::negate(Filter::match(field.name, test, {value}))}) {
                    const auto count =
                        countRows(m_directory.connection(), {report, filter, {}, {}, smallNow});
                    QVERIFY2(count,
                             count ? "" : (std::string(field.name) + ": " + count.error().detail).c_str());
                }
            }
    }

    void everyColumnSorts()
    {
        for (const auto report : {Report::RiskyUsers, Report::Detections, Report::Rejects, Report::Audit,
                                  Report::Users, Report::History})
            for (const auto &order : sortable(report))
                for (const bool descending : {false, true}) {
                    const auto ids =
                        readSpine(m_directory.connection(),
                                  {report, {}, {}, {{std::string(order.name), descending}}, smallNow});
                    QVERIFY2(ids, ids ? "" : (std::string(order.name) + ": " + ids.error().detail).c_str());
                }
        for (const auto &order : sortable(Report::Campaigns)) {
            const auto rows =
                readCampaigns(m_directory.connection(),
                              {Report::Campaigns, {}, {}, {{std::string(order.name), true}}, smallNow});
            QVERIFY2(rows, order.name.data());
        }
    }

    void periodsCountTheirOwnTime()
    {
        QCOMPARE(ask(Report::RiskyUsers, "", lastDays(smallNow, 30)),
                 (std::vector{m_mariana, m_thabo, m_google}));
        QCOMPARE(ask(Report::RiskyUsers, "", Period{std::nullopt, Timestamp{smallNow.us - 50 * dayUs}}),
                 (std::vector{m_zoe}));
        QCOMPARE(ask(Report::RiskyUsers, "", Period{smallNow, smallNow}), std::vector<std::int64_t>{});
    }

    void whatARowSays()
    {
        const std::vector<std::int64_t> ids{m_zoe, 999, m_mariana};
        const auto rows = readRiskyUsers(m_directory.connection(), ids);
        QVERIFY(rows);
        QCOMPARE(rows->size(), std::size_t{3});
        QCOMPARE((*rows)[0].lastActionBy, std::string("Rui Sousa"));
        QCOMPARE((*rows)[0].note, std::string("known trip"));
        QVERIFY((*rows)[0].lastAction == LedgerKind::UserDismissed);
        QVERIFY(!(*rows)[1].found);
        QCOMPARE((*rows)[2].name(), std::string("Mariana Duarte"));
        QVERIFY(!(*rows)[2].lastAction);
        QCOMPARE((*rows)[2].topType, DetectionType::UnlikelyTravel);

        const auto travel = readDetections(m_directory.connection(), std::vector<std::int64_t>{1});
        QVERIFY(travel);
        const auto &d = travel->front();
        QCOMPARE(d.reason, std::string("Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min"));
        QCOMPARE(d.application, std::string("Storefront"));
        QCOMPARE(d.alsoTriggered, std::vector{DetectionType::UnfamiliarFeatures});
        QCOMPARE(d.userKey, std::string("c482911"));
        QCOMPARE(*triggeredTogether(m_directory.connection(), 1), std::vector<std::int64_t>{2});
    }

    void usersAreFoundByAnyName()
    {
        QCOMPARE(findUser(m_directory.connection(), "c482911").value_or(0), m_mariana);
        QCOMPARE(findUser(m_directory.connection(), " Mariana@Shop.example ").value_or(0), m_mariana);
        QCOMPARE(findUser(m_directory.connection(), "nobody").error().code, Code::NotFound);
        // A name that passed from a deleted account to another means the one that is there.
        SmallDirectory directory;
        SmallUser gone;
        gone.key = "gone";
        gone.upn = "ana@shop.example";
        gone.deleted = true;
        directory.addUser(gone);
        auto here = gone;
        here.key = "here";
        here.deleted = false;
        const auto id = directory.addUser(here);
        QCOMPARE(findUser(directory.connection(), "ANA@shop.example").value_or(0), id);
        here.key = "third";
        directory.addUser(here);
        QCOMPARE(findUser(directory.connection(), "ana@shop.example").error().code, Code::Conflict);
    }

    void aStoppedQuestionSaysSo()
    {
        std::stop_source stop;
        stop.request_stop();
        const auto ids = readSpine(m_directory.connection(), {}, stop.get_token());
        QVERIFY(!ids);
        QCOMPARE(ids.error().code, Code::Cancelled);
        QVERIFY(readSpine(m_directory.connection(), {}));
    }

    void refusesWhatTheReportDoesNotKnow()
    {
        const auto unknown = readSpine(m_directory.connection(),
                                       {Report::RiskyUsers,
                                        Filter::match("nonsense", Test::Is, {Value(std::int64_t{1})}),
                                        {},
                                        {},
                                        smallNow});
        QCOMPARE(unknown.error().code, Code::WrongUsage);
        QCOMPARE(
            readSpine(m_directory.connection(), {Report::RiskyUsers, {}, {}, {{"nonsense", false}}, smallNow})
                .error()
                .code,
            Code::WrongUsage);
        Filter deep;
        for (int i = 0; i < 200; ++i)
            deep = Filter::negate(std::move(deep));
        QCOMPARE(
            readSpine(m_directory.connection(), {Report::RiskyUsers, deep, {}, {}, smallNow}).error().code,
            Code::WrongUsage);
        const auto wrongKind = Filter::match("riskLevel", Test::Is, {Value(std::string("high' OR 1=1 --"))});
        QCOMPARE(readSpine(m_directory.connection(), {Report::RiskyUsers, wrongKind, {}, {}, smallNow})
                     .error()
                     .code,
                 Code::WrongUsage);
    }
};

QTEST_APPLESS_MAIN(ListsTest)
#include "tst_lists.moc"
