// Notices: a receiver over real TLS is told of users who reach a level, each once, from its first moment on, also after
// it was away and after a crash; what it refuses stands with the connection.
#include "core/action/action_service.h"
#include "core/connections/connections.h"
#include "core/connections/notices.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/tls_server.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <atomic>

using namespace riskdesk;
using namespace riskdesk::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct World : Fixture
{
    std::atomic<int> status = 204;
    TlsServer server{[this](const auto &, auto &response) { response.status = status; }};

    World()
    {
        const action::Operator ana;
        connect::Secrets secrets;
        secrets.emplace("secret", connect::Secret("correct horse"));
        const auto added =
            run::addConnection(connection(), clock, ana, "webhook", "SIEM",
                               {{"url", server.url("/")}, {"caFile", server.certificate()}}, secrets);
        check(added);
        check(run::switchConnection(connection(), clock, ana, "SIEM", true));
    }
    run::Notices notices()
    {
        return {connection(), clock, [this](const action::ConnectorRow &row) {
                    connect::SetUp setUp{run::settingsOf(row), {}, clock};
                    setUp.secrets.emplace("secret", connect::Secret("correct horse"));
                    return connect::open(*connect::findKind(row.kind), std::move(setUp));
                }};
    }
    void confirm(std::uint32_t user, action::Action what = action::Action::ConfirmCompromised)
    {
        action::Request request;
        request.action = what;
        request.users = {user};
        request.note = "test";
        check(action::ActionService(connection(), clock, {}).carryOut(request));
    }
    // What a receiver was told: "user2@contoso.example high".
    QStringList told() const
    {
        QStringList all;
        for (const auto &request : server.requests()) {
            const auto data =
                QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object()["data"].toObject();
            if (data["event"] == "riskyUser.levelReached")
                all << data["userPrincipalName"].toString() + ' ' + data["riskLevel"].toString();
        }
        return all;
    }
    QString sentenceOf()
    {
        return QString::fromStdString(run::connectionNamed(connection(), "SIEM")->sentence);
    }
};

} // namespace

class TestNotices : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsOnceFromTheFirstMomentOn()
    {
        World w;
        w.confirm(1); // before anybody listened
        w.clock.advance(minutes(1));
        auto notices = w.notices();
        QVERIFY(!*notices.step());
        w.confirm(2);
        QVERIFY(!*notices.step()); // within the seconds that are folded
        w.clock.advance(seconds(6));
        QVERIFY(*notices.step());
        QCOMPARE(w.told(), QStringList{"user2@contoso.example high"});
        QVERIFY(!*notices.step());
        QCOMPARE(w.told().size(), 1);
        QCOMPARE(w.sentenceOf(), QString());
    }
    void whatHappensWithinSecondsIsOne()
    {
        World w;
        auto notices = w.notices();
        QVERIFY(!*notices.step());
        w.confirm(2);
        w.confirm(2, action::Action::ConfirmSafe);
        w.confirm(2);
        w.confirm(3);
        w.clock.advance(seconds(6));
        QVERIFY(*notices.step());
        auto told = w.told();
        told.sort();
        QCOMPARE(told, (QStringList{"user2@contoso.example high", "user3@contoso.example high"}));
    }
    // A clock is set back, or users of a long decision were decided on ahead.
    void whatIsRecordedOutOfOrderIsToldToo()
    {
        World world;
        auto notices = world.notices();
        QVERIFY(notices.step());
        world.clock.advance(seconds(10));
        world.confirm(1);
        world.clock.advance(-seconds(4));
        world.confirm(2);
        world.clock.advance(seconds(6)); // the second one is old enough
        QVERIFY(notices.step());
        QCOMPARE(world.told(), QStringList());
        world.clock.advance(seconds(4));
        QVERIFY(notices.step());
        QCOMPARE(world.told(), (QStringList{"user1@contoso.example high", "user2@contoso.example high"}));
    }
    void nothingIsLostWhileTheReceiverIsAway()
    {
        World w;
        auto notices = w.notices();
        QVERIFY(!*notices.step());
        w.status = 503;
        w.confirm(2);
        w.confirm(3);
        w.clock.advance(seconds(6));
        QVERIFY(!*notices.step());
        QCOMPARE(w.told().size(), 1); // tried once, not for each
        QVERIFY2(w.sentenceOf().contains("busy"), qPrintable(w.sentenceOf()));
        w.status = 204;
        QVERIFY(!*notices.step()); // not before a pause
        QCOMPARE(w.told().size(), 1);
        w.clock.advance(minutes(2));
        QVERIFY(*notices.step());
        QCOMPARE(w.told().mid(1), (QStringList{"user2@contoso.example high", "user3@contoso.example high"}));
        QCOMPARE(w.sentenceOf(), QString());
        // The same notice has the same id, so that a receiver knows it again.
        const auto all = w.server.requests();
        QCOMPARE(all[0].get_header_value("webhook-id"), all[1].get_header_value("webhook-id"));
        QVERIFY(all[1].get_header_value("webhook-id") != all[2].get_header_value("webhook-id"));
    }
    void goesOnWhereAnotherProcessEnded()
    {
        World w;
        QVERIFY(!*w.notices().step());
        w.confirm(2);
        w.clock.advance(seconds(6));
        QVERIFY(*w.notices().step());
        QVERIFY(!*w.notices().step());
        w.confirm(3);
        w.clock.advance(seconds(6));
        QVERIFY(*w.notices().step());
        QCOMPARE(w.told().size(), 2);
    }
    void isSilentWhenItIsOffOrTheLevelIsNotReached()
    {
        World w;
        auto notices = w.notices();
        QVERIFY(!*notices.step());
        w.run("UPDATE connector SET active = 0");
        w.confirm(2);
        w.clock.advance(seconds(6));
        QVERIFY(!*notices.step());
        w.run("UPDATE connector SET active = 1");
        QVERIFY(*notices.step()); // what was decided meanwhile is told
        w.confirm(2, action::Action::Dismiss);
        w.clock.advance(seconds(6));
        QVERIFY(!*notices.step());
        QCOMPARE(w.told().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestNotices)
#include "tst_notices.moc"
