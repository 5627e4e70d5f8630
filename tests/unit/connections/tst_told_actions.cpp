// Told actions: a receiver over real TLS hears of every action that was recorded, by whom, why and about what, of what
// is taken back and done again; a provider hears of nothing but what it is asked for.
#include "core/action/action_service.h"
#include "core/connections/connections.h"
#include "core/dispatch/dispatcher.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/tls_server.h"
#include "tests/support/webhook_signature.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <set>

using namespace riskdesk;
using namespace riskdesk::test;
using action::Action;
using T = DetectionType;
using L = RiskLevel;
using O = ProviderOperation;

namespace {

const action::Operator ana{"ana", action::Role::Administrator, "console", "desk"};

// Does what it is asked, and remembers it.
class Provider final : public connect::Connector
{
public:
    explicit Provider(QStringList &asked)
        : m_asked(asked)
    {}
    connect::Response test() override { return connect::Response::ok(); }
    connect::Response perform(const connect::Request &request) override
    {
        m_asked << QString::fromStdString(std::string(toText(request.operation))) +
                       (request.payload.empty() ? "" : " with a message");
        return connect::Response::ok();
    }
    connect::Response reconcile(const connect::Request &, const std::string &,
                                connect::Reconciled &outcome) override
    {
        outcome = connect::Reconciled::TookEffect;
        return connect::Response::ok();
    }

private:
    QStringList &m_asked;
};

struct World : Fixture
{
    TlsServer server{[](const auto &, auto &response) { response.status = 204; }};
    QStringList asked; // the provider

    World()
    {
        raise(finding(1, 1, T::AnonymizedIPAddress, L::Medium, noon));
        raise(finding(1, 2, T::UnlikelyTravel, L::Low, noon));
        raise(finding(2, 3, T::AnonymizedIPAddress, L::High, noon));
        connect::Secrets secrets;
        secrets.emplace("secret", connect::Secret("correct horse"));
        check(run::addConnection(connection(), clock, ana, "webhook", "SIEM",
                                 {{"url", server.url("/")}, {"caFile", server.certificate()}}, secrets));
        check(run::switchConnection(connection(), clock, ana, "SIEM", true));
    }
    void connectProvider()
    {
        ProviderCapabilities all = 0;
        for (const auto one : {O::ResetPassword, O::Block, O::Unblock, O::RevokeSessions, O::DismissRisk,
                               O::ConfirmCompromised, O::ConfirmSafe})
            all |= bit(one);
        run("INSERT INTO connector (id, kind, name, settings, capabilities, active, added_at) VALUES "
            "(9, 'scripted', 'Contoso', '{}', " +
            std::to_string(all) + ", 1, 0)");
    }
    action::ActionService service(action::Role role = action::Role::Administrator)
    {
        auto who = ana;
        who.role = role;
        return {connection(), clock, who};
    }
    action::Outcome act(action::Request request)
    {
        auto outcome = service().carryOut(request);
        check(outcome);
        return *outcome;
    }
    // Sends all that is due, the clock going along.
    void send()
    {
        auto lease = store::ImportLease::take(connection(), "the test", dispatch::Dispatcher::leaseName);
        check(lease);
        dispatch::DispatcherOptions options;
        options.uniform = [] { return 0.5; };
        dispatch::Dispatcher dispatcher(
            connection(), clock, std::move(*lease),
            [this](const action::ConnectorRow &row) -> Result<std::unique_ptr<connect::Connector>> {
                if (row.kind == "scripted")
                    return std::make_unique<Provider>(asked);
                connect::SetUp setUp{run::settingsOf(row), {}, clock};
                setUp.secrets.emplace("secret", connect::Secret("correct horse"));
                return connect::open(*connect::findKind(row.kind), std::move(setUp));
            },
            options);
        for (int i = 0; i < 100; ++i) {
            const auto step = dispatcher.step();
            check(step);
            if (!step->next)
                return;
            if (*step->next > clock.now())
                clock.set(*step->next);
        }
    }
    [[nodiscard]] QList<QJsonObject> bodies() const
    {
        QList<QJsonObject> all;
        for (const auto &request : server.requests())
            all << QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
        return all;
    }
    [[nodiscard]] QStringList types() const
    {
        QStringList all;
        for (const auto &body : bodies())
            all << body["type"].toString();
        return all;
    }
};

action::Request onUsers(Action action, std::vector<std::uint32_t> users, std::string reason = {},
                        std::string note = {})
{
    return {action, std::move(users), {}, {}, std::move(reason), std::move(note)};
}

} // namespace

class TestToldActions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void every_action_has_a_type_of_its_own_data()
    {
        QTest::addColumn<int>("action");
        QTest::addColumn<int>("target");
        QTest::addColumn<QString>("type");
        const auto row = [](Action action, action::TargetKind target, const char *type) {
            QTest::newRow(type) << static_cast<int>(action) << static_cast<int>(target) << type;
        };
        using K = action::TargetKind;
        row(Action::Dismiss, K::User, "riskyUser.dismiss");
        row(Action::ConfirmCompromised, K::User, "riskyUser.confirmCompromised");
        row(Action::ConfirmSafe, K::User, "riskyUser.confirmSafe");
        row(Action::Resolve, K::User, "riskyUser.resolve");
        row(Action::ResetPassword, K::User, "user.resetPassword");
        row(Action::Block, K::User, "user.block");
        row(Action::RevokeSessions, K::User, "user.revokeSignInSessions");
        row(Action::Dismiss, K::SignIn, "signIn.dismiss");
        row(Action::ConfirmCompromised, K::SignIn, "signIn.confirmCompromised");
        row(Action::ConfirmSafe, K::SignIn, "signIn.confirmSafe");
        row(Action::Dismiss, K::Detection, "riskDetection.dismiss");
        row(Action::ConfirmCompromised, K::Detection, "riskDetection.confirmCompromised");
        row(Action::ConfirmSafe, K::Detection, "riskDetection.confirmSafe");
    }
    void every_action_has_a_type_of_its_own()
    {
        QFETCH(int, action);
        QFETCH(int, target);
        QFETCH(QString, type);
        World w;
        auto request = onUsers(static_cast<Action>(action), {}, {}, "by phone");
        const auto detection = detectionId(T::AnonymizedIPAddress, userKey(1), signInId(1));
        switch (static_cast<action::TargetKind>(target)) {
        case action::TargetKind::User: request.users = {1}; break;
        case action::TargetKind::SignIn: request.signIns = {signInId(1), signInId(99)}; break;
        case action::TargetKind::Detection: request.detections = {detection, "none"}; break;
        }
        const auto outcome = w.act(request);
        w.send();
        QCOMPARE(w.types(), QStringList{type});
        const auto sent = w.server.requests().front();
        const auto key = w.ask("SELECT key FROM outbox");
        QCOMPARE(sent.get_header_value("webhook-id"), key);
        QCOMPARE(sent.get_header_value("webhook-signature"),
                 webhookSignature("correct horse",
                                  key + '.' + sent.get_header_value("webhook-timestamp") + '.' + sent.body));
        const auto data = w.bodies().front()["data"].toObject();
        QCOMPARE(data["userPrincipalName"].toString(), "user1@contoso.example");
        QVERIFY(!data["id"].toString().isEmpty() && !data.contains("type"));
        QCOMPARE(data["actor"].toString(), "ana");
        QCOMPARE(data["role"].toString(), "administrator");
        QCOMPARE(data["note"].toString(), "by phone");
        QCOMPARE(data["command"].toInt(), static_cast<int>(outcome.command));
        QCOMPARE(data["activityDateTime"].toString(), "2026-03-18T12:00:00Z");
        // Only what was changed.
        const auto signIns = data["signIns"].toArray(), detections = data["detections"].toArray();
        QCOMPARE(signIns,
                 (request.signIns.empty() ? QJsonArray() : QJsonArray{QString::fromStdString(signInId(1))}));
        QCOMPARE(detections,
                 (request.detections.empty() ? QJsonArray() : QJsonArray{QString::fromStdString(detection)}));
    }
    void a_bulk_is_told_user_by_user_with_the_reason()
    {
        World w;
        w.act(onUsers(Action::Dismiss, {1, 2, 3}, "expectedActivity", "travel"));
        w.act(onUsers(Action::Block, {3}));
        w.act(onUsers(Action::Unblock, {3}));
        w.send();
        QCOMPARE(w.types(),
                 (QStringList{"riskyUser.dismiss", "riskyUser.dismiss", "user.block", "user.unblock"}));
        QCOMPARE(w.bodies()[1]["data"].toObject()["userPrincipalName"].toString(), "user2@contoso.example");
        QCOMPARE(w.bodies()[1]["data"].toObject()["reason"].toString(), "expectedActivity");
        QVERIFY(w.bodies()[2]["data"].toObject()["reason"].isNull());
        std::set<std::string> keys;
        for (const auto &request : w.server.requests())
            keys.insert(request.get_header_value("webhook-id"));
        QCOMPARE(keys.size(), std::size_t{4});
    }
    void undo_and_redo_are_told_where_the_action_was()
    {
        World w;
        const auto block = w.act(onUsers(Action::Block, {1}));
        w.send();
        const auto undone = w.service().undo();
        QVERIFY(undone.has_value());
        w.send();
        QVERIFY(w.service().redo().has_value());
        w.send();
        QCOMPARE(w.types(), (QStringList{"user.block", "command.undo", "user.block"}));
        const auto undo = w.bodies()[1]["data"].toObject(), redo = w.bodies()[2]["data"].toObject();
        QCOMPARE(undo["undoOf"].toInt(), static_cast<int>(block.command));
        QCOMPARE(undo["undoneAction"].toString(), "block");
        QCOMPARE(undo["command"].toInt(), static_cast<int>(undone->command));
        QCOMPARE(redo["redoOf"].toInt(), static_cast<int>(block.command));
        QVERIFY(redo["command"].toInt() > undo["command"].toInt());
    }
    void who_listens_since_the_undo_hears_of_the_redo_data()
    {
        QTest::addColumn<int>("target");
        QTest::addColumn<QString>("type");
        QTest::newRow("user") << static_cast<int>(action::TargetKind::User) << "riskyUser.dismiss";
        QTest::newRow("sign-in") << static_cast<int>(action::TargetKind::SignIn) << "signIn.dismiss";
        QTest::newRow("detection") << static_cast<int>(action::TargetKind::Detection)
                                   << "riskDetection.dismiss";
    }
    void who_listens_since_the_undo_hears_of_the_redo()
    {
        QFETCH(int, target);
        QFETCH(QString, type);
        World w;
        Fixture::check(run::switchConnection(w.connection(), w.clock, ana, "SIEM", false));
        auto request = onUsers(Action::Dismiss, {}, "expectedActivity", "travel");
        const auto detection = detectionId(T::AnonymizedIPAddress, userKey(1), signInId(1));
        switch (static_cast<action::TargetKind>(target)) {
        case action::TargetKind::User: request.users = {1, 2}; break;
        case action::TargetKind::SignIn: request.signIns = {signInId(1), signInId(2)}; break;
        case action::TargetKind::Detection: request.detections = {detection}; break;
        }
        const auto first = w.act(request).command;
        Fixture::check(run::switchConnection(w.connection(), w.clock, ana, "SIEM", true));
        const std::vector<std::uint32_t> one{1};
        auto done = first;
        for (int round = 0; round < 2; ++round) {
            const auto undone = w.service().undo(done, {}, {}, one);
            QVERIFY(undone.has_value());
            w.send();
            const auto again = w.service().redo(undone->command);
            QVERIFY(again.has_value());
            w.send();
            QCOMPARE(w.types().mid(round * 2), (QStringList{"command.undo", type}));
            const auto redo = w.bodies().back()["data"].toObject();
            QCOMPARE(redo["redoOf"].toInt(), static_cast<int>(done));
            QCOMPARE(redo["command"].toInt(), static_cast<int>(again->command));
            QCOMPARE(redo["action"].toString(), "dismiss");
            QCOMPARE(redo["reason"].toString(), "expectedActivity");
            QCOMPARE(redo["note"].toString(), "travel");
            QCOMPARE(redo["userPrincipalName"].toString(), "user1@contoso.example");
            QCOMPARE(redo["signIns"].toArray().size(), static_cast<qsizetype>(request.signIns.size()));
            QCOMPARE(redo["detections"].toArray().size(), static_cast<qsizetype>(request.detections.size()));
            done = again->command;
        }
    }
    void what_nobody_heard_of_is_not_told_otherwise()
    {
        World w;
        w.act(onUsers(Action::Block, {1}));
        QVERIFY(w.service().undo().has_value());
        w.send();
        QCOMPARE(w.types(), QStringList());
        QVERIFY(w.service().redo().has_value());
        w.send();
        QCOMPARE(w.types(), QStringList{"user.block"});
        // And an undo that nobody heard of.
        QVERIFY(w.service().undo().has_value());
        QVERIFY(w.service().redo().has_value());
        w.send();
        QCOMPARE(w.types(), QStringList{"user.block"});
    }
    void what_a_provider_has_done_is_told_when_it_is_done()
    {
        World w;
        w.connectProvider();
        const auto held = w.act(onUsers(Action::ResetPassword, {1}));
        QVERIFY(held.waits);
        QCOMPARE(w.ask("SELECT count(*) FROM outbox WHERE operation = 8"), "0");
        w.act(onUsers(Action::Dismiss, {2}));
        w.act({Action::Dismiss, {}, {}, {signInId(2)}, {}, {}});
        w.send();
        QCOMPARE(w.asked.size(), 2);
        for (const auto &one : w.asked)
            QVERIFY2(one == "resetPassword" || one == "dismissRisk", qPrintable(one));
        auto types = w.types();
        types.sort();
        QCOMPARE(types, (QStringList{"riskyUser.dismiss", "signIn.dismiss", "user.resetPassword"}));
        QCOMPARE(
            w.ask("SELECT count(*) FROM outbox WHERE connector = 9 AND (operation = 8 OR payload <> '')"),
            "0");
        // The command that waits for its outcome does not wait for the receiver.
        QCOMPARE(action::outboxOf(w.connection(), held.command)->size(), std::size_t{1});
        for (const auto &body : w.server.requests())
            QVERIFY(!QString::fromStdString(body.body).contains("\"password\""));
    }
    void a_refused_action_is_not_told()
    {
        World w;
        QVERIFY(!w.service(action::Role::Reader).carryOut(onUsers(Action::Dismiss, {1})).has_value());
        QVERIFY(w.service().carryOut(onUsers(Action::Unblock, {1})).has_value());
        w.send();
        QCOMPARE(w.types(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestToldActions)
#include "tst_told_actions.moc"
