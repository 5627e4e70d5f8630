// A few letters lead to users, addresses and detections, wherever they stand in them.
#include "core/query/filter/countries.h"
#include "core/query/go_to.h"

#include "tests/support/small_directory.h"

#include <QTest>

#include <algorithm>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

class GoToTest : public QObject
{
    Q_OBJECT

    SmallDirectory m_directory;

    QByteArrayList users(std::string_view words, std::size_t atMost = 20)
    {
        QByteArrayList names;
        const auto found = findUsers(m_directory.connection(), words, atMost);
        if (!found)
            return {"failed"};
        for (const auto &user : *found)
            names << QByteArray::fromStdString(user.name);
        return names;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const auto add = [this](const char *key, const char *name, const char *upn, RiskState state,
                                int total) {
            SmallUser user;
            user.key = key;
            user.name = name;
            user.upn = upn;
            user.state = state;
            user.level = state == RiskState::AtRisk ? RiskLevel::High : RiskLevel::None;
            user.total = total;
            const auto id = m_directory.addUser(user);
            store::Statement alias(m_directory.connection(),
                                   "INSERT INTO user_alias (alias, user) VALUES (?1, ?2)");
            alias.bind("upn:" + user.upn, id);
            SmallDirectory::need(alias.run());
            return id;
        };
        const auto ana = add("c100", "João São", "joao@shop.example", RiskState::AtRisk, 1);
        add("c200", "Mariana Duarte", "m.duarte@mailbox.example", RiskState::None, 0);
        add("c300", "", "box@mailbox.example", RiskState::None, 0);
        add("c400", "Marius Duarte", "marius@other.example", RiskState::None, 0);
        SmallDetection detection;
        detection.user = ana;
        detection.id = "0c0ffee000000001";
        m_directory.addDetection(detection);
        detection.id = "1230c0ffee000002";
        m_directory.addDetection(detection);
        for (const char *text : {"198.51.100.7", "45.95.147.20", "45.95.147.9", "2001:db8::beef"}) {
            const auto ip = *IpAddress::parse(text);
            (void)m_directory.dictionaries().intern(
                Dictionary::Address,
                std::string_view(reinterpret_cast<const char *>(ip.bytes.data()), ip.bytes.size()));
        }
        SmallDirectory::need(m_directory.dictionaries().flush(m_directory.connection()));
    }

    void thoseAtRiskComeFirst()
    {
        const auto add = [this](const char *name, const char *upn, RiskState state, RiskLevel level) {
            SmallUser user;
            user.key = std::string("key of ") + upn;
            user.name = name;
            user.upn = upn;
            user.state = state;
            user.level = level;
            user.total = state == RiskState::None ? 0 : 1;
            const auto id = m_directory.addUser(user);
            store::Statement alias(m_directory.connection(),
                                   "INSERT INTO user_alias (alias, user) VALUES (?1, ?2)");
            alias.bind("upn:" + user.upn, id);
            SmallDirectory::need(alias.run());
        };
        add("Quiet", "zoe1@zoo.example", RiskState::None, RiskLevel::None);
        add("Low", "zoe2@zoo.example", RiskState::AtRisk, RiskLevel::Low);
        add("Dismissed", "zoe3@zoo.example", RiskState::Dismissed, RiskLevel::None);
        add("High", "zoe4@zoo.example", RiskState::ConfirmedCompromised, RiskLevel::High);
        // Where the name begins so, and where it only holds it.
        const QByteArrayList ranked{"High", "Low", "Quiet", "Dismissed"};
        QCOMPARE(users("zoe"), ranked);
        QCOMPARE(users("zoo.example"), ranked);
        QCOMPARE(users("zoo", 1), QByteArrayList{"High"});
        // A name that is whole is the better match.
        QCOMPARE(users("zoe1@zoo.example").first(), QByteArray("Quiet"));
    }

    void usersAreFoundByAnyPart()
    {
        QCOMPARE(users("sao"), QByteArrayList{"João São"});
        QCOMPARE(users("SÃO"), QByteArrayList{"João São"});
        QCOMPARE(users("uarte maria"), QByteArrayList{"Mariana Duarte"});
        QCOMPARE(users("C300"), QByteArrayList{"box@mailbox.example"});
        QCOMPARE(users("mailbox").size(), 2);
        QCOMPARE(users("duarte", 1).size(), 1);
        QCOMPARE(users("%"), QByteArrayList{});
        QCOMPARE(users("  "), QByteArrayList{});
        // What begins so comes first, and nobody comes twice.
        QCOMPARE(users("mar"), (QByteArrayList{"Marius Duarte", "Mariana Duarte"}));
    }

    void aUserSaysWhetherTheListHasTheAccount()
    {
        const auto found = *findUsers(m_directory.connection(), "duarte", 1);
        QVERIFY(!found.front().listed);
        const auto risky = *findUsers(m_directory.connection(), "joao", 1);
        QVERIFY(risky.front().listed && risky.front().state == RiskState::AtRisk);
        QCOMPARE(risky.front().key, "c100");
        QCOMPARE(risky.front().mail, "joao@shop.example");
    }

    void addressesAreFoundByAnyPart()
    {
        using Texts = std::vector<std::string>;
        const auto ask = [this](std::string_view part, std::size_t atMost = 20) {
            return findAddresses(m_directory.connection(), part, atMost).value_or(Texts{"failed"});
        };
        QCOMPARE(ask("45.95.147.9"), (Texts{"45.95.147.9"}));
        QCOMPARE(ask("95.147"), (Texts{"45.95.147.20", "45.95.147.9"}));
        QCOMPARE(ask("BEEF"), (Texts{"2001:db8::beef"}));
        QCOMPARE(ask("1", 1).size(), 1u);
        QCOMPARE(ask("1", 1).front(), "198.51.100.7");
        QCOMPARE(ask(""), Texts{});
    }

    void detectionsAreFoundByAnyPart()
    {
        const auto found = *findDetections(m_directory.connection(), "0C0FFEE", 20);
        QCOMPARE(found.size(), 2u);
        QCOMPARE(found.front().id, "0c0ffee000000001");
        QCOMPARE(found.front().userName, "João São");
        QCOMPARE(findDetections(m_directory.connection(), "0c0ffee", 1)->size(), 1u);
        QVERIFY(findDetections(m_directory.connection(), "nothing", 20)->empty());
    }

    void whoeverStopsGetsNothing()
    {
        std::stop_source stop;
        stop.request_stop();
        const auto found = findUsers(m_directory.connection(), "a", 20, stop.get_token());
        QVERIFY(!found && found.error().code == Code::Cancelled);
    }

    void countriesAreCalledManyThings()
    {
        using Codes = std::vector<std::string>;
        QCOMPARE(countriesNamed("vie"), Codes{"VN"});
        QCOMPARE(countriesNamed("VIET nam"), Codes{"VN"});
        QCOMPARE(countriesNamed("vn"), Codes{"VN"});
        QCOMPARE(countriesNamed("cote d ivoire"), Codes{"CI"});
        QCOMPARE(countriesNamed("Åland"), Codes{"AX"});
        QCOMPARE(countriesNamed("niger"), Codes{"NE"});
        QCOMPARE(countriesNamed("nige"), (Codes{"NE", "NG"}));
        QCOMPARE(countriesNamed("burma"), Codes{"MM"});
        QCOMPARE(countriesNamed("xyz"), Codes{});
        QCOMPARE(countriesNamed(" "), Codes{});
    }
};

QTEST_MAIN(GoToTest)
#include "tst_go_to.moc"
