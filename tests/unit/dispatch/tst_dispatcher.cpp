// What waits in the outbox, what takes it back, and what every kind of response makes of a row.
#include "core/action/outbox.h"
#include "core/demo/random.h"
#include "core/dispatch/dispatcher.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"

#include <QDeadlineTimer>
#include <QTest>

#include <deque>
#include <functional>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::test;
using connect::Reconciled;
using connect::Response;
using std::chrono::seconds;
using O = ProviderOperation;

namespace {

const Operator ana{"ana", Role::Administrator, "console", "desk"};

// What the provider will say, and what it was asked.
struct Script
{
    std::deque<Response> responses;
    Reconciled reconciled = Reconciled::CannotTell;
    Response reconcileResponse = Response::ok();
    std::vector<std::string> asked; // "block user1@…"
    std::vector<std::string> keys, passwords;
    std::function<void()> meanwhile; // what happens before the provider answers
};

class Scripted final : public connect::Connector
{
public:
    explicit Scripted(Script &script)
        : m_script(script)
    {}
    Response test() override { return Response::ok(); }
    Response perform(const connect::Request &request) override
    {
        m_script.asked.push_back(std::string(toText(request.operation)) + ' ' + request.userPrincipalName);
        m_script.keys.push_back(request.key);
        if (request.password != nullptr)
            m_script.passwords.emplace_back(request.password->reveal());
        if (m_script.meanwhile)
            m_script.meanwhile();
        if (m_script.responses.empty())
            return Response::ok();
        auto response = m_script.responses.front();
        m_script.responses.pop_front();
        return response;
    }
    Response reconcile(const connect::Request &, const std::string &, Reconciled &outcome) override
    {
        m_script.asked.push_back("reconcile");
        outcome = m_script.reconciled;
        return m_script.reconcileResponse;
    }

private:
    Script &m_script;
};

struct World
{
    explicit World(bool connected = true)
    {
        if (connected)
            connect(1);
    }
    void connect(int id)
    {
        const auto number = std::to_string(id);
        f.run("INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (" + number +
              ", 'scripted', 'Contoso " + number + "', '{}', " +
              std::to_string(bit(O::ResetPassword) | bit(O::Block) | bit(O::Unblock) | bit(O::DismissRisk) |
                             bit(O::RevokeSessions)) +
              ", 0)");
    }
    dispatch::Dispatcher dispatcher()
    {
        auto lease = store::ImportLease::take(f.connection(), "the test", dispatch::Dispatcher::leaseName);
        Fixture::check(lease);
        dispatch::DispatcherOptions options;
        options.beat = beat;
        options.uniform = [this] { return random.uniform(); };
        options.settled = [this](const dispatch::Settled &s) {
            shown.push_back(std::string(toText(s.state)) + ' ' + s.code);
            held += s.held ? 1 : 0;
            if (s.password != nullptr)
                password = std::string(s.password->reveal());
        };
        return {f.connection(), f.clock, std::move(*lease),
                [this](const ConnectorRow &) -> Result<std::unique_ptr<connect::Connector>> {
                    ++opened;
                    return std::make_unique<Scripted>(script);
                },
                options};
    }
    // Steps until nothing is left to do, the clock going along; at most `most` steps.
    void run(dispatch::Dispatcher &d, int most = 100)
    {
        for (int i = 0; i < most; ++i) {
            auto step = d.step();
            Fixture::check(step);
            if (!step->next)
                return;
            if (*step->next > f.clock.now())
                f.clock.set(*step->next);
        }
    }
    action::Outcome act(Action action, std::vector<std::uint32_t> users)
    {
        ActionService service(f.connection(), f.clock, ana);
        Request request;
        request.action = action;
        request.users = std::move(users);
        auto outcome = service.carryOut(request);
        Fixture::check(outcome);
        return *outcome;
    }
    std::string row(std::int64_t id)
    {
        return f.ask("SELECT state, attempts, code FROM outbox WHERE id = " + std::to_string(id));
    }
    std::string account(std::uint32_t user)
    {
        return f.ask("SELECT account_enabled, force_password_change FROM user WHERE id = " +
                     std::to_string(user));
    }
    std::string processing(std::uint32_t user)
    {
        return f.ask("SELECT is_processing FROM user_risk WHERE user = " + std::to_string(user));
    }

    Fixture f;
    Script script;
    demo::Random random{7};
    std::vector<std::string> shown;
    std::string password;
    int opened = 0, held = 0;
    std::chrono::milliseconds beat = std::chrono::hours(1);
};

void raise(Fixture &f, std::uint32_t user)
{
    f.raise(finding(user, user, DetectionType::AnonymizedIPAddress, RiskLevel::High, noon));
}

// A record of the directory told that it is so.
void directoryBlocked(Fixture &f, std::uint32_t user)
{
    const auto id = std::to_string(user);
    f.run("UPDATE user SET account_enabled = 0 WHERE id = " + id);
    f.run("INSERT INTO ledger (at, recorded_at, user, kind, from_level, from_state, from_detail, from_score, "
          "to_level, to_state, to_detail, to_score) VALUES (1, 1, " +
          id + ", " + std::to_string(int(LedgerKind::Blocked)) + ", 0, 0, 0, 0, 0, 0, 0, 0)");
}

} // namespace

class DispatcherTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void without_a_connector_it_is_recorded_at_once()
    {
        World w(false);
        const auto outcome = w.act(Action::Block, {1});
        QVERIFY(!outcome.waits);
        QCOMPARE(w.account(1), std::string("0|0"));
        QCOMPARE(w.f.ask("SELECT count(*) FROM outbox"), std::string("0"));
    }
    void sessions_are_ended_by_the_provider()
    {
        World w;
        w.act(Action::RevokeSessions, {1});
        QCOMPARE(w.f.ask("SELECT sessions_valid_from FROM user WHERE id = 1"), std::string());
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{"revokeSessions " + userKey(1)});
        QCOMPARE(w.f.ask("SELECT sessions_valid_from > 0 FROM user WHERE id = 1"), std::string("1"));
        QCOMPARE(w.row(1), std::string("3|1|ok"));
    }
    void a_block_changes_nothing_before_the_provider_said_so()
    {
        World w;
        raise(w.f, 1);
        const auto outcome = w.act(Action::Block, {1});
        QVERIFY(outcome.waits);
        QCOMPARE(outcome.users, 1u);
        QCOMPARE(w.account(1), std::string("1|0"));
        QCOMPARE(w.processing(1), std::string("1"));
        auto d = w.dispatcher();
        auto step = d.step(); // it is held
        QVERIFY(step && !step->worked);
        QCOMPARE((*step->next - noon).count(), Microseconds(seconds(5)).count());
        QVERIFY(w.script.asked.empty());
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{"block " + userKey(1)});
        QCOMPARE(w.account(1), std::string("0|0"));
        QCOMPARE(w.processing(1), std::string("0"));
        QCOMPARE(w.row(1), std::string("3|1|ok"));
        QCOMPARE(w.f.ask("SELECT kind, actor FROM ledger WHERE command > 0"),
                 std::to_string(int(LedgerKind::Blocked)) + "|ana");
        QCOMPARE(w.f.ask("SELECT users FROM command"), std::string("1"));
        QVERIFY(run::verifyRisk(w.f.connection())->empty());
    }
    void a_reset_shows_its_password_once_and_stores_it_nowhere()
    {
        World w;
        raise(w.f, 2);
        w.act(Action::ResetPassword, {2});
        QCOMPARE(w.f.standing(2), std::string("high atRisk none 79"));
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.f.standing(2), std::string("none remediated adminGeneratedTemporaryPassword 0"));
        QCOMPARE(w.script.passwords.size(), 1u);
        QCOMPARE(w.password, w.script.passwords[0]);
        QVERIFY(w.password.size() >= 16);
        QFile file(QString::fromStdString(w.f.connection().file().string()));
        w.f.run("PRAGMA wal_checkpoint(TRUNCATE)");
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains(w.password.c_str()));
    }
    void undo_while_held_takes_it_back_for_real()
    {
        World w;
        raise(w.f, 1);
        const auto before = w.f.everything();
        w.act(Action::ResetPassword, {1, 2});
        ActionService service(w.f.connection(), w.f.clock, ana);
        auto undone = service.undo();
        QVERIFY(undone.has_value());
        QCOMPARE(undone->users, 2u);
        auto d = w.dispatcher();
        w.run(d);
        QVERIFY(w.script.asked.empty());
        QCOMPARE(w.row(1), std::string("5|0|takenBack"));
        QCOMPARE(w.f.everything(), before);
        QCOMPARE(w.processing(1), std::string("0"));
        QVERIFY(!service.undo(1).has_value()); // once only
        QCOMPARE(w.f.ask("SELECT count(*) FROM audit WHERE undo_of = 1"), std::string("2"));
    }
    void undo_of_a_sent_block_sends_the_opposite_and_of_a_reset_says_no()
    {
        World w;
        w.act(Action::Block, {1});
        w.act(Action::ResetPassword, {2});
        auto d = w.dispatcher();
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        auto no = service.undo(2);
        QVERIFY(!no);
        QCOMPARE(no.error().code, Code::Conflict);
        QVERIFY(no.error().detail.find("cannot be taken back") != std::string::npos);
        QVERIFY(service.undo(1).has_value());
        QCOMPARE(w.account(1), std::string("0|0"));
        w.run(d);
        QCOMPARE(w.script.asked.back(), "unblock " + userKey(1));
        QCOMPARE(w.account(1), std::string("1|0"));
        QVERIFY(run::verifyRisk(w.f.connection())->empty());
    }
    void who_may_not_block_may_not_take_a_held_block_back()
    {
        World w;
        w.act(Action::Block, {1});
        ActionService service(w.f.connection(), w.f.clock, {"otto", Role::Operator, "console", "desk"});
        QCOMPARE(service.undo().error().code, Code::NotAllowed);
        QCOMPARE(retryRow(w.f.connection(), w.f.clock, {"otto", Role::Operator}, 1).error().code,
                 Code::NotAllowed);
    }
    void the_same_twice_is_skipped_in_plan_and_deed()
    {
        World w;
        w.act(Action::Block, {1});
        ActionService service(w.f.connection(), w.f.clock, ana);
        Request again;
        again.action = Action::Block;
        again.users = {1, 2};
        const auto plan = service.plan(again);
        QCOMPARE(plan->changes.size(), 1u);
        QCOMPARE(std::string(plan->skipped.at(0).code()), "onItsWay");
        const auto outcome = service.carryOut(again);
        QCOMPARE(outcome->users, 1u);
        QCOMPARE(outcome->skipped.size(), 1u);
    }
    void a_dismissal_counts_at_once_and_is_told_later()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Dismiss, {1});
        QCOMPARE(w.f.standing(1), std::string("none dismissed adminDismissedAllRiskForUser 0"));
        QCOMPARE(w.processing(1), std::string("0"));
        ActionService service(w.f.connection(), w.f.clock, ana);
        QVERIFY(service.undo().has_value());
        auto d = w.dispatcher();
        w.run(d);
        QVERIFY(w.script.asked.empty()); // the undo was quicker
        w.act(Action::Dismiss, {1});
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{"dismissRisk " + userKey(1)});
    }
    void throttled_rows_wait_at_least_as_long_as_asked()
    {
        World w;
        w.act(Action::Block, {1, 2});
        w.script.responses = {Response::later("throttled", "Too many requests.", seconds(40)), Response::ok(),
                              Response::ok()};
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        QVERIFY(d.step()->worked);
        const auto next = d.step();
        QVERIFY(!next->worked); // the whole connector rests, the second row too
        QVERIFY(*next->next - w.f.clock.now() >= Microseconds(seconds(40)));
        w.run(d);
        QCOMPARE(w.script.asked.size(), 3u);
        QCOMPARE(w.script.keys[0], w.script.keys[w.script.asked[1] == w.script.asked[0] ? 1 : 2]);
        QCOMPARE(w.account(1), std::string("0|0"));
        QCOMPARE(w.account(2), std::string("0|0"));
    }
    void waits_double_with_jitter_and_end()
    {
        World w;
        w.act(Action::Block, {1});
        for (int i = 0; i < 30; ++i)
            w.script.responses.push_back(Response::later("http503", "It is down.", {}, false));
        auto d = w.dispatcher();
        std::vector<double> waits;
        auto last = w.f.clock.now();
        for (int i = 0; i < 200; ++i) {
            const auto before = w.script.asked.size();
            auto step = d.step();
            if (w.script.asked.size() > before) {
                waits.push_back(static_cast<double>((w.f.clock.now() - last).count()) / 1e6);
                last = w.f.clock.now();
            }
            if (!step->next)
                break;
            if (*step->next > w.f.clock.now())
                w.f.clock.set(*step->next);
        }
        QCOMPARE(waits.size(), 10u);
        double full = 2;
        for (std::size_t i = 1; i < waits.size(); ++i, full *= 2)
            QVERIFY2(waits[i] >= full / 2 - 0.01 && waits[i] <= std::min(full, 600.0) + 0.3,
                     std::to_string(waits[i]).c_str());
        QCOMPARE(w.row(1), std::string("4|10|http503"));
        QCOMPARE(w.account(1), std::string("1|0"));
        // An operator may ask for it again.
        w.script.responses.clear();
        QVERIFY(retryRow(w.f.connection(), w.f.clock, ana, 1).has_value());
        w.run(d);
        QCOMPARE(w.account(1), std::string("0|0"));
    }
    void a_refusal_is_final_and_changes_nothing()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Block, {1});
        w.script.responses = {Response::refused("http404", "The provider does not know this user.")};
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.row(1), std::string("4|1|http404"));
        QCOMPARE(w.account(1), std::string("1|0"));
        QCOMPARE(w.processing(1), std::string("0"));
        QCOMPARE(w.f.ask("SELECT after FROM audit WHERE id = 2"),
                 std::string("failed: The provider does not know this user."));
    }
    void what_the_whole_connection_refuses_is_said_of_no_row()
    {
        World w;
        w.act(Action::Block, {1, 2, 3});
        w.script.responses = {Response::refusedAll("invalid_client", "The secret has expired.")};
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        QVERIFY(d.step()->worked);
        QVERIFY(!d.step()->worked); // nobody else is tried with it
        QCOMPARE(w.row(1), std::string("1|1|invalid_client"));
        QCOMPARE(w.held, 1);
        QCOMPARE(w.f.ask("SELECT count(*) FROM outbox WHERE state = 4"), std::string("0"));
        QCOMPARE(w.processing(1), w.processing(2));
        // Whoever enters another secret need not wait.
        const auto opened = w.opened;
        w.f.run("UPDATE connector SET revision = revision + 1");
        QVERIFY(d.step()->worked);
        QCOMPARE(w.opened, opened + 1);
        QCOMPARE(w.account(1), std::string("0|0"));
        w.run(d);
        QCOMPARE(w.script.asked.size(), 4u);
        QCOMPARE(w.account(3), std::string("0|0"));
        QCOMPARE(w.held, 1);
    }
    void it_is_tried_again_though_nobody_changed_the_connection()
    {
        World w;
        w.act(Action::Block, {1});
        for (int i = 0; i < 15; ++i)
            w.script.responses.push_back(Response::refusedAll("ldap49", "The password is not accepted."));
        auto d = w.dispatcher();
        const auto start = w.f.clock.now();
        w.run(d);
        QCOMPARE(w.script.asked.size(), 16u);
        QVERIFY(w.f.clock.now() - start >=
                Microseconds(15 * std::chrono::minutes(10))); // no account is locked by it
        QCOMPARE(w.account(1), std::string("0|0"));
    }
    void a_row_on_its_way_outlives_a_refused_connection()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Block, {1});
        w.f.run("UPDATE outbox SET state = 2, attempts = 1");
        w.script.reconcileResponse = Response::refusedAll("http401", "The token is not accepted.");
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        QVERIFY(d.step()->worked);
        QCOMPARE(w.row(1), std::string("2|1|"));
        w.script.reconcileResponse = Response::refused("http404", "There is no such user.");
        w.run(d, 2);
        QCOMPARE(w.row(1), std::string("4|1|http404"));
        QCOMPARE(w.f.ask("SELECT sentence LIKE '%not known.' FROM outbox"), std::string("1"));
    }
    void the_last_answer_is_read_back_as_well()
    {
        World w;
        w.act(Action::Block, {1});
        for (int i = 0; i < 9; ++i)
            w.script.responses.push_back(Response::later("http503", "It is down.", {}, false));
        w.script.responses.push_back(Response::unknown("cut", "The connection broke."));
        w.script.reconciled = Reconciled::TookEffect;
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.row(1), std::string("3|10|ok"));
        QCOMPARE(w.account(1), std::string("0|0"));
        w.act(Action::Unblock, {1});
        for (int i = 0; i < 9; ++i)
            w.script.responses.push_back(Response::later("http503", "It is down.", {}, false));
        w.script.responses.push_back(Response::unknown("cut", "The connection broke."));
        w.script.reconciled = Reconciled::DidNot;
        w.run(d);
        QCOMPARE(w.row(2), std::string("4|10|resend"));
    }
    void a_lost_answer_is_read_back_data()
    {
        QTest::addColumn<int>("reconcile");
        QTest::addColumn<int>("sent");
        QTest::addColumn<QString>("row");
        QTest::newRow("it took effect: not sent again") << int(Reconciled::TookEffect) << 1 << "3|1|ok";
        QTest::newRow("it did not: sent again") << int(Reconciled::DidNot) << 2 << "3|2|ok";
        QTest::newRow("nothing to read, no harm: sent again") << int(Reconciled::Repeatable) << 2 << "3|2|ok";
        QTest::newRow("nobody can tell: left to the operator")
            << int(Reconciled::CannotTell) << 1 << "4|1|notKnown";
    }
    void a_lost_answer_is_read_back()
    {
        QFETCH(int, reconcile);
        QFETCH(int, sent);
        QFETCH(QString, row);
        World w;
        w.act(Action::Block, {1});
        w.script.responses = {Response::unknown("cut", "The connection broke.")};
        w.script.reconciled = static_cast<Reconciled>(reconcile);
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(std::count(w.script.asked.begin(), w.script.asked.end(), "block " + userKey(1)), sent);
        QCOMPARE(QString::fromStdString(w.row(1)), row);
    }
    void a_row_that_a_dead_process_left_is_read_back_first()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::ResetPassword, {1});
        w.f.run("UPDATE outbox SET state = 2, attempts = 1, sent_at = 1");
        w.script.reconciled = Reconciled::TookEffect;
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{"reconcile"});
        QCOMPARE(w.row(1), std::string("3|1|passwordLost"));
        QCOMPARE(w.f.standing(1), std::string("none remediated adminGeneratedTemporaryPassword 0"));
        QVERIFY(w.password.empty());
    }
    void while_it_cannot_be_read_back_it_is_not_sent_either()
    {
        World w;
        w.act(Action::ResetPassword, {1});
        w.f.run("UPDATE outbox SET state = 2, attempts = 1");
        w.script.reconcileResponse = Response::later("notConnected", "No connection.");
        auto d = w.dispatcher();
        for (int i = 0; i < 50; ++i)
            if (auto step = d.step(); step && step->next && *step->next > w.f.clock.now())
                w.f.clock.set(*step->next);
        QVERIFY(w.script.asked.size() >= 3);
        QCOMPARE(std::count(w.script.asked.begin(), w.script.asked.end(), "reconcile"),
                 std::ptrdiff_t(w.script.asked.size()));
    }
    void one_user_is_served_in_order()
    {
        World w;
        w.act(Action::Block, {1});
        w.act(Action::ResetPassword, {1});
        w.f.run("UPDATE outbox SET due_at = due_at - 1000000000 WHERE id = 2");
        w.script.responses = {Response::later("http503", "Down.", {}, false)};
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked, (std::vector<std::string>{"block " + userKey(1), "block " + userKey(1),
                                                           "resetPassword " + userKey(1)}));
    }
    void the_rate_is_kept()
    {
        World w;
        w.act(Action::Block, {1, 2, 3, 4});
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        const auto start = w.f.clock.now();
        w.run(d);
        QCOMPARE(w.script.asked.size(), 4u);
        QVERIFY(w.f.clock.now() - start >= Microseconds(750'000)); // four a second
    }
    void a_second_dispatcher_is_refused_by_name()
    {
        World w;
        auto d = w.dispatcher();
        auto second = store::ImportLease::take(w.f.connection(), "another", dispatch::Dispatcher::leaseName);
        QVERIFY(!second);
        QCOMPARE(second.error().code, Code::StoreBusy);
        QVERIFY(second.error().detail.find("the test") != std::string::npos);
        QVERIFY(store::ImportLease::take(w.f.connection(), "import").has_value()); // a lease of its own
    }
    void who_lost_the_lease_shows_no_password_data()
    {
        QTest::addColumn<QString>("change"); // by the courier that took it over
        QTest::addColumn<QString>("row");
        QTest::newRow("read back as done") << "state = 3, code = 'passwordLost'"
                                           << "3|1|passwordLost";
        QTest::newRow("to be sent again") << "state = 1, code = 'resend', due_at = due_at + 3600000000"
                                          << "1|1|resend";
        QTest::newRow("on its way again") << "attempts = 2, sent_at = sent_at + 61000000"
                                          << "2|2|";
        QTest::newRow("on its way again after a retry") << "sent_at = sent_at + 61000000"
                                                        << "2|1|";
    }
    void who_lost_the_lease_shows_no_password()
    {
        QFETCH(QString, change);
        QFETCH(QString, row);
        World w;
        raise(w.f, 1);
        w.act(Action::ResetPassword, {1});
        auto another = store::openForWriting(w.f.connection().file());
        Fixture::check(another);
        w.script.meanwhile = [&] {
            Fixture::check(another->execute("UPDATE outbox SET " + change.toStdString() +
                                            "; UPDATE lease SET host = 'elsewhere'"));
        };
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        const auto step = d.step();
        QCOMPARE(w.script.passwords.size(), 1u);
        QVERIFY(w.password.empty());
        QVERIFY(w.shown.empty());
        QCOMPARE(QString::fromStdString(w.row(1)), row);
        QCOMPARE(w.f.standing(1), std::string("high atRisk none 79"));
    }
    void the_lease_is_kept_while_the_provider_thinks()
    {
        World w;
        w.act(Action::ResetPassword, {1});
        auto another = store::openForWriting(w.f.connection().file());
        Fixture::check(another);
        w.beat = std::chrono::milliseconds(5);
        bool kept = false;
        w.script.meanwhile = [&] {
            Fixture::check(another->execute("UPDATE lease SET heartbeat = 0"));
            for (QDeadlineTimer patience(20'000); !kept && !patience.hasExpired(); QTest::qSleep(5)) {
                store::Statement s(*another, "SELECT heartbeat FROM lease WHERE heartbeat > 0");
                kept = s.step();
            }
        };
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        QVERIFY(d.step()->worked);
        QVERIFY(kept);
        QVERIFY(!w.password.empty());
    }
    void a_lease_lost_meanwhile_is_said()
    {
        World w;
        w.act(Action::Block, {1, 2});
        auto another = store::openForWriting(w.f.connection().file());
        Fixture::check(another);
        w.beat = {};
        w.script.meanwhile = [&] { Fixture::check(another->execute("UPDATE lease SET host = 'elsewhere'")); };
        auto d = w.dispatcher();
        w.f.clock.advance(seconds(5));
        const auto step = d.step();
        QVERIFY(!step);
        QCOMPARE(step.error().code, Code::Conflict);
        QCOMPARE(w.account(1), std::string("0|0")); // the row was still as it had been sent
    }
    void discarded_rows_are_not_sent()
    {
        World w;
        w.act(Action::Block, {1});
        QVERIFY(discardRow(w.f.connection(), w.f.clock, ana, 1).has_value());
        QCOMPARE(discardRow(w.f.connection(), w.f.clock, ana, 1).error().code, Code::Conflict);
        QCOMPARE(discardRow(w.f.connection(), w.f.clock, ana, 9).error().code, Code::NotFound);
        auto d = w.dispatcher();
        w.run(d);
        QVERIFY(w.script.asked.empty());
    }
    void undo_and_redo_of_a_sent_block_walk_back_and_forth()
    {
        World w;
        w.act(Action::Block, {1});
        auto d = w.dispatcher();
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        for (int round = 0; round < 2; ++round) {
            QVERIFY(service.undo().has_value());
            w.run(d);
            QCOMPARE(w.account(1), std::string("1|0"));
            QVERIFY(service.redo().has_value());
            w.run(d);
            QCOMPARE(w.account(1), std::string("0|0"));
            const auto asked = w.script.asked.size();
            const auto no = service.redo();
            QCOMPARE(no.error().code, Code::NotFound);
            QVERIFY(no.error().detail.find("nothing was taken back") != std::string::npos);
            w.run(d);
            QCOMPARE(w.script.asked.size(), asked);
            QCOMPARE(w.account(1), std::string("0|0"));
        }
        QVERIFY(run::verifyRisk(w.f.connection())->empty());
    }
    void an_undo_can_be_taken_back_while_it_is_held()
    {
        World w;
        w.act(Action::Block, {1});
        auto d = w.dispatcher();
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        QVERIFY(service.undo().has_value()); // the unblock is held
        QVERIFY(service.redo().has_value());
        w.run(d);
        QCOMPARE(w.script.asked.size(), 1u);
        QCOMPARE(w.account(1), std::string("0|0"));
        QCOMPARE(service.redo().error().code, Code::NotFound);
        QCOMPARE(newestStanding(w.f.connection())->action, std::string("redo"));
        const auto undone = service.undo();
        QVERIFY(undone.has_value());
        QVERIFY(undone->waits);
        w.run(d);
        QCOMPARE(w.script.asked.back(), "unblock " + userKey(1));
        QCOMPARE(w.account(1), std::string("1|0"));
        for (int round = 0; round < 2; ++round) {
            QVERIFY(service.redo().has_value());
            w.run(d);
            QCOMPARE(w.account(1), std::string("0|0"));
            QVERIFY(service.undo().has_value());
            w.run(d);
            QCOMPARE(w.account(1), std::string("1|0"));
        }
        QVERIFY(run::verifyRisk(w.f.connection())->empty());
    }
    void a_block_below_a_later_one_stays()
    {
        World w;
        auto d = w.dispatcher();
        const auto first = w.act(Action::Block, {1}).command;
        w.run(d);
        w.act(Action::Unblock, {1});
        w.run(d);
        w.act(Action::Block, {1});
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        QCOMPARE(service.undo(first).error().code, Code::Conflict);
        for (const char *after : {"1|0", "0|0", "1|0"}) {
            QVERIFY(service.undo().has_value());
            w.run(d);
            QCOMPARE(w.account(1), std::string(after));
        }
        QCOMPARE(service.undo().error().code, Code::NotFound);
    }
    void what_was_taken_back_while_it_was_held_is_asked_for_again()
    {
        World w;
        raise(w.f, 1);
        const auto command = w.act(Action::ResetPassword, {1, 2}).command;
        ActionService service(w.f.connection(), w.f.clock, ana);
        const auto undo = service.undo()->command;
        QCOMPARE(w.processing(1), std::string("0"));
        const auto again = service.redo();
        QVERIFY(again.has_value());
        QCOMPARE(again->users, 2u);
        QVERIFY(again->waits);
        QCOMPARE(w.processing(1), std::string("1"));
        QCOMPARE(service.redo().error().code, Code::NotFound);
        QCOMPARE(service.redo(undo).error().code, Code::Conflict); // once
        QCOMPARE(service.undo(command).error().code, Code::Conflict);
        QVERIFY(service.undo().has_value()); // it is held again
        QVERIFY(service.redo().has_value());
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked.size(), 2u);
        QCOMPARE(w.account(1), std::string("1|1"));
        QCOMPARE(w.account(2), std::string("1|1"));
        QCOMPARE(w.f.ask("SELECT DISTINCT reason FROM outbox"), std::string());
    }
    void a_part_that_was_taken_back_is_asked_for_again()
    {
        World w;
        const auto command = w.act(Action::Block, {1, 2, 3}).command;
        ActionService service(w.f.connection(), w.f.clock, ana);
        const std::vector<std::uint32_t> one{1}, two{2};
        QVERIFY(service.undo(command, {}, {}, one).has_value());
        const auto second = service.undo(command, {}, {}, two)->command;
        QCOMPARE(newestStanding(w.f.connection())->id, command); // for the third
        QCOMPARE(service.redo()->users, 1u);
        QCOMPARE(service.redo(second).error().code, Code::Conflict);
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.account(1) + ' ' + w.account(2) + ' ' + w.account(3), std::string("1|0 0|0 0|0"));
    }
    void what_was_taken_back_is_not_asked_for_over_a_newer_decision()
    {
        World w;
        ActionService service(w.f.connection(), w.f.clock, ana);
        auto d = w.dispatcher();
        w.act(Action::Block, {1});
        QVERIFY(service.undo().has_value());
        w.act(Action::Block, {1});
        w.run(d);
        w.act(Action::Unblock, {1});
        w.run(d);
        QCOMPARE(service.redo().error().code, Code::Conflict);
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
    }
    void a_dismissal_done_again_is_told_again()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Dismiss, {1});
        ActionService service(w.f.connection(), w.f.clock, ana);
        QCOMPARE(service.undo()->toldBefore, 0u);
        QVERIFY(service.redo().has_value());
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{"dismissRisk " + userKey(1)});
        const auto undone = service.undo();
        QCOMPARE(undone->toldBefore, 1u); // and the provider is not told otherwise
        w.run(d);
        QCOMPARE(w.script.asked.size(), 1u);
        QVERIFY(service.redo().has_value());
        QCOMPARE(service.undo()->toldBefore, 1u); // though what was to be told again is taken back
        QVERIFY(service.redo().has_value());
        w.run(d);
        QCOMPARE(w.script.asked.size(), 2u);
        QCOMPARE(w.f.ask("SELECT DISTINCT reason FROM outbox"), std::string("other"));
    }
    void what_came_to_nothing_is_not_taken_back()
    {
        World w;
        raise(w.f, 1);
        const auto before = w.f.everything();
        w.act(Action::Dismiss, {1});
        const auto discarded = w.act(Action::Block, {2}).command;
        QVERIFY(discardRow(w.f.connection(), w.f.clock, ana, 2).has_value());
        const auto failed = w.act(Action::Block, {3}).command;
        w.script.responses = {Response::refused("http404", "The provider does not know this user."),
                              Response::refused("http404", "The provider does not know this user.")};
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.row(3), std::string("4|1|http404"));
        ActionService service(w.f.connection(), w.f.clock, ana);
        for (const auto command : {discarded, failed}) {
            const auto no = service.undo(command);
            QCOMPARE(no.error().code, Code::Conflict);
            QVERIFY(no.error().detail.find("never done") != std::string::npos);
        }
        QCOMPARE(newestStanding(w.f.connection())->action, std::string("dismiss"));
        QVERIFY(service.undo().has_value());
        QCOMPARE(w.f.everything(), before);
        QCOMPARE(service.undo().error().code, Code::NotFound);
    }
    void an_undo_that_came_to_nothing_leaves_the_command_standing()
    {
        World w;
        const auto block = w.act(Action::Block, {1}).command;
        auto d = w.dispatcher();
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        w.script.responses = {Response::refused("http403", "It may not.")};
        QVERIFY(service.undo().has_value());
        w.run(d);
        QCOMPARE(w.account(1), std::string("0|0"));
        QCOMPARE(service.redo().error().code, Code::NotFound);
        QCOMPARE(newestStanding(w.f.connection())->id, block);
        QVERIFY(service.undo().has_value());
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
    }
    void a_row_that_a_dead_process_left_can_be_given_up()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Block, {1});
        w.f.run("UPDATE outbox SET state = 2, attempts = 1, sent_at = 1");
        {
            const auto d = w.dispatcher(); // who lives may still be told
            const auto no = discardRow(w.f.connection(), w.f.clock, ana, 1);
            QCOMPARE(no.error().code, Code::Conflict);
            QCOMPARE(w.row(1), std::string("2|1|"));
        }
        QCOMPARE(retryRow(w.f.connection(), w.f.clock, ana, 1).error().code, Code::Conflict);
        QVERIFY(discardRow(w.f.connection(), w.f.clock, ana, 1).has_value());
        QCOMPARE(w.f.ask("SELECT state, sentence LIKE '%not known.' FROM outbox"), std::string("6|1"));
        QCOMPARE(w.f.ask("SELECT after LIKE '%not known%' FROM audit ORDER BY id DESC LIMIT 1"),
                 std::string("1"));
        QCOMPARE(w.processing(1), std::string("0"));
        auto d = w.dispatcher();
        w.run(d);
        QVERIFY(w.script.asked.empty());
    }
    void an_old_failure_is_not_retried_over_a_newer_decision()
    {
        World w;
        w.script.responses = {Response::refused("http403", "It may not.")};
        auto d = w.dispatcher();
        w.act(Action::Block, {1});
        w.run(d);
        w.act(Action::Block, {1});
        w.run(d);
        w.act(Action::Unblock, {1});
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
        const auto no = retryRow(w.f.connection(), w.f.clock, ana, 1);
        QCOMPARE(no.error().code, Code::Conflict);
        QVERIFY(no.error().detail.find("request 2 ") != std::string::npos ||
                no.error().detail.find("request 3 ") != std::string::npos);
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
        // What came later and was given up, or is about something else, says nothing.
        w.script.responses = {Response::refused("http403", "It may not.")};
        w.act(Action::Block, {2});
        w.run(d);
        w.act(Action::Block, {2});
        QVERIFY(discardRow(w.f.connection(), w.f.clock, ana, 5).has_value());
        w.act(Action::RevokeSessions, {2});
        QVERIFY(retryRow(w.f.connection(), w.f.clock, ana, 4).has_value());
    }
    void what_was_taken_back_is_not_told_after_all()
    {
        World w;
        raise(w.f, 1);
        w.act(Action::Dismiss, {1});
        w.script.responses = {Response::refused("http403", "It may not.")};
        auto d = w.dispatcher();
        w.run(d);
        ActionService service(w.f.connection(), w.f.clock, ana);
        QCOMPARE(service.undo()->toldBefore, 0u); // nobody heard of it
        QCOMPARE(retryRow(w.f.connection(), w.f.clock, ana, 1).error().code, Code::Conflict);
        QVERIFY(service.redo().has_value());
        w.run(d);
        QCOMPARE(w.script.asked.size(), 2u);
    }
    void what_was_only_recorded_here_is_sent_data()
    {
        QTest::addColumn<bool>("block");
        QTest::newRow("block") << true;
        QTest::newRow("unblock") << false;
    }
    void what_was_only_recorded_here_is_sent()
    {
        QFETCH(bool, block);
        const auto asked = block ? Action::Block : Action::Unblock;
        const std::string word = block ? "block " : "unblock ", opposite = block ? "unblock " : "block ";
        const std::string so = block ? "0|0" : "1|0", already = block ? "alreadyBlocked" : "notBlocked";
        World w(false);
        if (!block)
            w.f.run("UPDATE user SET account_enabled = 0 WHERE id = 1"); // as its directory has it
        const auto local = w.act(asked, {1}).command;
        w.connect(1);
        ActionService service(w.f.connection(), w.f.clock, ana);
        Request request;
        request.action = asked;
        request.users = {1};
        const auto skipped = [&] {
            const auto plan = service.plan(request);
            Fixture::check(plan);
            return plan->skipped.empty() ? std::string() : std::string(plan->skipped.at(0).code());
        };
        const auto plan = service.plan(request);
        QCOMPARE(plan->changes.size(), std::size_t{1});
        QCOMPARE(plan->changes.at(0).enabledBefore, block); // where accounts live
        QCOMPARE(plan->changes.at(0).enabledAfter, !block);
        const auto sent = w.act(asked, {1});
        QVERIFY(sent.waits);
        QCOMPARE(skipped(), std::string("onItsWay"));
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.script.asked, std::vector<std::string>{word + userKey(1)});
        QCOMPARE(w.account(1), so);
        QCOMPARE(skipped(), already);

        // What was recorded before stands below it, and only what was sent is taken back.
        QCOMPARE(service.undo(local).error().code, Code::Conflict);
        for (int round = 0; round < 2; ++round) {
            QVERIFY(service.undo().has_value());
            w.run(d);
            QCOMPARE(w.script.asked.back(), opposite + userKey(1));
            QCOMPARE(w.account(1), so); // as before it was sent
            QCOMPARE(skipped(), std::string());
            QVERIFY(service.redo().has_value());
            w.run(d);
            QCOMPARE(w.script.asked.back(), word + userKey(1));
            QCOMPARE(w.account(1), so);
            QCOMPARE(skipped(), already);
        }
        QVERIFY(service.undo().has_value());
        w.run(d);
        QCOMPARE(newestStanding(w.f.connection())->id, local);
        QVERIFY(service.undo().has_value()); // of the record
        QCOMPARE(w.account(1), std::string(block ? "1|0" : "0|0"));
        QVERIFY(run::verifyRisk(w.f.connection())->empty());
    }
    void what_is_so_where_accounts_live_is_not_sent_again()
    {
        World w;
        // As their directory has them: from their first record on, and since a later one.
        w.f.run("UPDATE user SET account_enabled = 0 WHERE id = 1");
        directoryBlocked(w.f, 2);
        auto d = w.dispatcher();
        w.act(Action::Block, {3});
        w.run(d);
        const auto again = w.act(Action::Block, {1, 2, 3});
        QCOMPARE(again.command, 0);
        QCOMPARE(again.skipped.size(), std::size_t{3});
        for (const auto &one : again.skipped)
            QCOMPARE(std::string(one.code()), std::string("alreadyBlocked"));
    }
    void what_another_connection_did_is_not_done_where_accounts_live_now()
    {
        World w;
        const auto first = w.act(Action::Block, {1}).command;
        {
            auto d = w.dispatcher();
            w.run(d);
        }
        w.f.run("UPDATE connector SET active = 0, removed_at = 1");
        w.connect(2);
        const auto second = w.act(Action::Block, {1});
        QVERIFY(second.waits);
        QCOMPARE(w.f.ask("SELECT connector FROM outbox ORDER BY id DESC LIMIT 1"), std::string("2"));
        // A later request that is undone leaves the one below; that can still be taken back, there.
        ActionService service(w.f.connection(), w.f.clock, ana);
        QVERIFY(service.undo().has_value());
        QVERIFY(service.undo(first).has_value());
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
    }
    void a_request_below_later_ones_stays_though_it_changed_no_record()
    {
        World w(false);
        w.act(Action::Block, {1});
        w.connect(1);
        auto d = w.dispatcher();
        const auto below = w.act(Action::Block, {1}).command;
        w.run(d);
        for (const auto later : {Action::Unblock, Action::Block}) {
            w.act(later, {1});
            w.run(d);
        }
        ActionService service(w.f.connection(), w.f.clock, ana);
        QCOMPARE(service.undo(below).error().code, Code::Conflict);
        QCOMPARE(w.account(1), std::string("0|0"));
    }
    void what_the_directory_told_meanwhile_is_taken_back_with_the_request()
    {
        World w;
        w.act(Action::Block, {1});
        w.script.meanwhile = [&] { // a pull is quicker than the answer
            directoryBlocked(w.f, 1);
            w.script.meanwhile = {};
        };
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.account(1), std::string("0|0"));
        ActionService service(w.f.connection(), w.f.clock, ana);
        QVERIFY(service.undo().has_value());
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
    }
    void the_opposite_of_what_is_on_its_way_is_refused()
    {
        World w;
        w.act(Action::Block, {1});
        ActionService service(w.f.connection(), w.f.clock, ana);
        Request other;
        other.action = Action::Unblock;
        other.users = {1};
        QCOMPARE(std::string(service.plan(other)->skipped.at(0).code()), "oppositeOnItsWay");
        auto refused = service.carryOut(other);
        QCOMPARE(refused->command, 0);
        QCOMPARE(std::string(refused->skipped.at(0).code()), "oppositeOnItsWay");
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(service.carryOut(other)->users, 1u);
        other.action = Action::Block; // now the unblock is held
        refused = service.carryOut(other);
        QCOMPARE(std::string(refused->skipped.at(0).code()), "oppositeOnItsWay");
        w.run(d);
        QCOMPARE(w.account(1), std::string("1|0"));
    }
    void the_providers_success_is_on_record_though_it_was_so_already()
    {
        World w;
        w.act(Action::Block, {1});
        w.script.meanwhile = [&] { w.f.run("UPDATE user SET account_enabled = 0 WHERE id = 1"); };
        auto d = w.dispatcher();
        w.run(d);
        QCOMPARE(w.row(1), std::string("3|1|ok"));
        QCOMPARE(w.f.ask("SELECT action, target, after FROM audit ORDER BY id DESC LIMIT 1"),
                 "block|" + userKey(1) + "|done");
    }
};

QTEST_APPLESS_MAIN(DispatcherTest)
#include "tst_dispatcher.moc"
