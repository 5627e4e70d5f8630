// Plans, decisions in bulk, what they leave in ledger, audit and learning, and who may take them.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/outbox.h"
#include "core/ledger/audit_chain.h"
#include "core/store/seal.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/vm_steps.h"

#include <QTest>

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::ledger;
using namespace riskdesk::test;
using T = DetectionType;
using L = RiskLevel;
using std::chrono::hours;

namespace {

constexpr std::uint32_t block = ledger::usersPerTransaction;
const Operator ana{"ana", Role::Administrator, "console", "desk"};

Request dismiss(std::vector<std::uint32_t> users)
{
    return {Action::Dismiss, std::move(users), {}, {}, "expectedActivity", "travelling"};
}

std::vector<std::uint32_t> everyone(std::uint32_t users)
{
    std::vector<std::uint32_t> all;
    for (std::uint32_t u = 1; u <= users; ++u)
        all.push_back(u);
    return all;
}

void raiseForAll(Fixture &f, std::uint32_t users)
{
    std::vector<RaisedDetection> found;
    for (std::uint32_t u = 1; u <= users; ++u) {
        found.push_back(finding(u, 3 * u, T::AnonymizedIPAddress, u % 2 ? L::Medium : L::High, noon, "a"));
        found.push_back(finding(u, 3 * u + 1, T::UnfamiliarFeatures, L::Low, noon));
        found.push_back(finding(u, 3 * u + 2, T::UnlikelyTravel, L::Low, noon));
    }
    f.raise(std::move(found));
}

} // namespace

class ActionServiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void a_block_leaves_what_one_by_one_would_leave()
    {
        constexpr std::uint32_t users = 93; // more than twice what one statement takes, and some beside
        const auto left = [](Fixture &f) {
            const auto all = [&f](const char *what, const char *from) {
                return QString::fromStdString(f.ask(std::string("SELECT ") + what + " FROM " + from));
            };
            return QStringList{
                all("id, at, recorded_at, user, kind, detection, sign_in, level, from_level, from_state",
                    "ledger ORDER BY id"),
                all("from_detail, from_score, to_level, to_state, to_detail, to_score, actor, reason, note",
                    "ledger ORDER BY id"),
                all("id, at, actor, role, action, target, before, after, reason, note, via, host, hex(chain)",
                    "audit ORDER BY id"),
                all("kind, key, before, after", "command_change ORDER BY key"),
                all("user, level, state, detail, score, updated_at, open_detections, hex(trend)",
                    "user_risk ORDER BY user"),
                all("id, level, state, detail, last_updated, last_at, closed_at, weight_level, count",
                    "detection ORDER BY id"),
                all("hex(event_key), level_during, level_aggregated, state, detail, score",
                    "sign_in_risk ORDER BY event_key"),
                all("user", "user_change ORDER BY user"),
                all("detection", "detection_change ORDER BY detection")};
        };
        Fixture block(users), single(users);
        for (auto *f : {&block, &single})
            raiseForAll(*f, users);
        const auto marks = std::stoll(block.ask("SELECT max(number) FROM detection_change"));
        const auto beforehand = block.ask("SELECT user, level, state, score FROM user_risk ORDER BY user");
        const auto outcome =
            ActionService(block.connection(), block.clock, ana).carryOut(dismiss(everyone(users)));
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->users, users);
        for (const auto user : everyone(users))
            QVERIFY(
                ActionService(single.connection(), single.clock, ana).carryOut(dismiss({user})).has_value());
        QCOMPARE(left(block), left(single));
        // Every change is told to those who read on, once.
        QCOMPARE(block.ask("SELECT min(number), max(number), count(*) FROM detection_change"),
                 fmt::format("{}|{}|{}", marks + 1, marks + 3 * users, 3 * users));
        QCOMPARE(block.ask("SELECT max(number) - min(number) + 1, count(*) FROM user_change"),
                 fmt::format("{}|{}", users, users));
        QVERIFY(run::verifyRisk(block.connection())->empty());
        QVERIFY(checkAudit(block.connection(), std::nullopt)->empty());
        QVERIFY(store::brokenSeals(block.connection())->empty());

        const auto undone = ActionService(block.connection(), block.clock, ana).undo(outcome->command);
        QVERIFY(undone.has_value());
        QCOMPARE(undone->users, users);
        QCOMPARE(block.ask("SELECT user, level, state, score FROM user_risk ORDER BY user"), beforehand);
        QVERIFY(store::brokenSeals(block.connection())->empty());
    }
    void a_plan_counts_levels_detections_and_who_is_skipped()
    {
        Fixture f;
        raiseForAll(f, 3);
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut(dismiss({3})).has_value());
        const auto plan = service.plan(dismiss({1, 2, 3, 4, 1}));
        QVERIFY(plan.has_value());
        QCOMPARE(plan->changes.size(), 2u);
        QCOMPARE(plan->byLevel[3], 2u); // the pair of the odd one makes it high
        QCOMPARE(plan->detections, 6u);
        QCOMPARE(plan->skipped.size(), 2u);
        QCOMPARE(std::string(plan->skipped[0].code()), "alreadyDismissed");
        QCOMPARE(std::string(plan->skipped[1].code()), "notAtRisk");
        QCOMPARE(plan->changes[0].name, "User 1");
    }
    void what_is_not_done_where_accounts_live_is_not_recorded_here_data()
    {
        QTest::addColumn<bool>("on");
        QTest::addColumn<int>("capabilities");
        QTest::addColumn<int>("action");
        QTest::addColumn<QString>("code"); // "": it waits for the provider; "here": it is recorded
        using O = ProviderOperation;
        const int all = static_cast<int>(accountChanges);
        const int noSessions = all & ~static_cast<int>(bit(O::RevokeSessions));
        const int hook = static_cast<int>(bit(O::Notify));
        for (const auto action : {Action::Block, Action::ResetPassword, Action::RevokeSessions}) {
            const auto name = std::string(toText(action));
            QTest::addRow("%s, on", name.c_str()) << true << all << int(action) << "";
            QTest::addRow("%s, off", name.c_str()) << false << all << int(action) << "connectionOff";
            QTest::addRow("%s, nobody's accounts", name.c_str()) << true << hook << int(action) << "here";
            QTest::addRow("%s, nobody's accounts, off", name.c_str())
                << false << hook << int(action) << "here";
        }
        QTest::newRow("sessions, not capable")
            << true << noSessions << int(Action::RevokeSessions) << "connectionCannot";
        QTest::newRow("sessions, off and not capable")
            << false << noSessions << int(Action::RevokeSessions) << "connectionCannot";
        QTest::newRow("block, by one that cannot end sessions")
            << true << noSessions << int(Action::Block) << "";
        QTest::newRow("unblock, off") << false << all << int(Action::Unblock) << "connectionOff";
        QTest::newRow("of the risk, off") << false << all << int(Action::ConfirmCompromised) << "here";
    }
    void what_is_not_done_where_accounts_live_is_not_recorded_here()
    {
        QFETCH(bool, on);
        QFETCH(int, capabilities);
        QFETCH(int, action);
        QFETCH(QString, code);
        Fixture f;
        const auto asked = static_cast<Action>(action);
        f.run("UPDATE user SET account_enabled = " + std::to_string(asked != Action::Unblock));
        f.run("INSERT INTO connector (id, kind, name, settings, capabilities, active, added_at) VALUES (1, "
              "'k', 'Shop', '{}', " +
              std::to_string(capabilities) + ", " + std::to_string(on) + ", 0)");
        const std::string accounts = "SELECT group_concat(account_enabled || force_password_change || "
                                     "coalesce(sessions_valid_from, '')) FROM user";
        const auto before = f.ask(accounts);
        ActionService service(f.connection(), f.clock, ana);
        const Request request{asked, {1}, {}, {}, {}, {}};
        const auto plan = service.plan(request);
        QVERIFY(plan.has_value());
        const auto outcome = service.carryOut(request);
        QVERIFY(outcome.has_value());
        const bool isSkipped = code.startsWith("connection");
        QCOMPARE(plan->changes.size(), isSkipped ? 0u : 1u);
        QCOMPARE(outcome->users, isSkipped ? 0u : 1u);
        QCOMPARE(outcome->waits, code.isEmpty());
        if (isSkipped) {
            QCOMPARE(std::string(plan->skipped.at(0).code()), code.toStdString());
            QCOMPARE(std::string(outcome->skipped.at(0).code()), code.toStdString());
            QCOMPARE(outcome->skipped.at(0).name, "User 1");
            QCOMPARE(f.ask("SELECT count(*) FROM command"), "0");
            QCOMPARE(f.ask("SELECT count(*) FROM audit"), "0");
        }
        QCOMPARE(f.ask("SELECT count(*) FROM outbox WHERE operation <= 4"),
                 std::string(code.isEmpty() ? "1" : "0"));
        if (code != "here")
            QCOMPARE(f.ask(accounts), before);
    }
    void what_was_recorded_here_is_not_recorded_again_where_accounts_live_elsewhere_by_now()
    {
        Fixture f;
        raiseForAll(f, 1);
        ActionService service(f.connection(), f.clock, ana);
        const auto blocked = service.carryOut({Action::Block, {1}, {}, {}, {}, {}});
        const auto dismissed = service.carryOut(dismiss({1}));
        QVERIFY(blocked && dismissed && service.undo(blocked->command) && service.undo(dismissed->command));
        f.run("INSERT INTO connector (id, kind, name, settings, capabilities, active, added_at) VALUES (1, "
              "'k', 'Shop', '{}', " +
              std::to_string(accountChanges) + ", 0, 0)");
        for (const char *active : {"0", "1"}) {
            f.run(std::string("UPDATE connector SET active = ") + active);
            const auto again = service.redo(blocked->command);
            QVERIFY(!again && again.error().code == Code::Conflict);
            QVERIFY(again.error().detail.find("do it as a new action") != std::string::npos);
        }
        QCOMPARE(f.ask("SELECT account_enabled FROM user WHERE id = 1"), "1");
        QVERIFY(service.redo(dismissed->command)); // of the risk, which is ours
        f.run("UPDATE connector SET active = 0, removed_at = 1");
        QVERIFY(service.redo(blocked->command));
        QCOMPARE(f.ask("SELECT account_enabled FROM user WHERE id = 1"), "0");
    }
    void a_plan_for_sign_ins_says_what_the_user_will_be()
    {
        Fixture f;
        f.raise(finding(1, 1, T::AnonymizedIPAddress, L::Medium, noon));
        f.raise(finding(1, 2, T::UnlikelyTravel, L::Low, noon));
        auto theirs = finding(1, 3, T::UnlikelyTravel, L::High, noon);
        theirs.detection.source = "IdentityProtection";
        f.raise(theirs);
        ActionService service(f.connection(), f.clock, ana);
        auto plan = service.plan({Action::ConfirmSafe, {}, {}, {signInId(1), signInId(99)}, {}, {}});
        QVERIFY(plan.has_value());
        QCOMPARE(plan->changes.size(), 1u);
        QCOMPARE(plan->changes[0].after.level, L::Low);
        QCOMPARE(plan->changes[0].detections, 1u);
        QCOMPARE(std::string(plan->skipped[0].code()), "notFound");
        plan = service.plan({Action::Dismiss, {}, {theirs.detection.id}, {}, {}, {}});
        QCOMPARE(std::string(plan->skipped[0].code()), "imported");
    }
    void a_decision_is_in_ledger_command_and_audit()
    {
        Fixture f;
        raiseForAll(f, 2);
        f.clock.advance(hours(1));
        ActionService service(f.connection(), f.clock, ana);
        const auto outcome = service.carryOut(dismiss({1, 2}));
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->users, 2u);
        QCOMPARE(f.ask("SELECT id, action, actor, via, reason, note, users FROM command"),
                 "1|dismiss|ana|console|expectedActivity|travelling|2");
        QCOMPARE(f.ask("SELECT actor, role, action, target, reason, note, via, host FROM audit LIMIT 1"),
                 "ana|administrator|dismiss|user1@contoso.example|expectedActivity|travelling|console|desk");
        QCOMPARE(f.ask("SELECT before, after FROM audit LIMIT 1"), "high atRisk 93|none dismissed 0");
        const auto events = history(f.connection(), 1);
        QVERIFY(events.has_value());
        QCOMPARE(events->size(), 4u);
        const auto &last = events->back();
        QCOMPARE(last.kind, LedgerKind::UserDismissed);
        QCOMPARE(last.from.level, L::High);
        QCOMPARE(last.to.state, RiskState::Dismissed);
        QCOMPARE(last.actor, "ana");
        QCOMPARE(last.command, 1);
        QCOMPARE(last.at.us, f.clock.now().us);
    }
    void confirming_compromised_adds_a_detection_that_says_who_and_why()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut({Action::ConfirmCompromised, {4}, {}, {}, "phished", "called \"the\" user"})
                    .has_value());
        QCOMPARE(
            f.ask(
                "SELECT type, level, state, activity, source, length(id), event_key IS NULL FROM detection"),
            "7|3|5|1|Riskdesk|64|1");
        const auto evidence = Evidence::fromJson(DetectionType::AdminConfirmedUserCompromised,
                                                 f.ask("SELECT evidence FROM detection"));
        const auto *word = evidence->as<AdminConfirmedEvidence>();
        QVERIFY(word != nullptr);
        QCOMPARE(word->actor, "ana");
        QCOMPARE(word->reason, "phished");
        QCOMPARE(word->note, "called \"the\" user");
        QCOMPARE(f.ask("SELECT top_type, total_detections, risky_sign_ins FROM user_risk"), "7|1|0");
    }
    void block_and_reset_are_recorded_on_the_account()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut({Action::Block, {4}, {}, {}, {}, {}}).has_value());
        QVERIFY(service.carryOut({Action::ResetPassword, {4}, {}, {}, {}, {}}).has_value());
        QCOMPARE(f.ask("SELECT account_enabled, force_password_change FROM user WHERE id = 4"), "0|1");
        QCOMPARE(f.standing(4), "unknown"); // no risk comes of it
        QCOMPARE(f.ask("SELECT before, after FROM audit LIMIT 1"),
                 "none none 0; enabled|none none 0; blocked");
        QVERIFY(service.undo().has_value());
        QVERIFY(service.undo().has_value());
        QCOMPARE(f.ask("SELECT account_enabled, force_password_change FROM user WHERE id = 4"), "1|0");
        QVERIFY(service.redo().has_value());
        QCOMPARE(f.ask("SELECT account_enabled, force_password_change FROM user WHERE id = 4"), "0|0");
    }

    void sessions_are_ended_and_the_way_back()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        const auto since = [&f] { return f.ask("SELECT sessions_valid_from FROM user WHERE id = 4"); };
        QVERIFY(service.carryOut({Action::RevokeSessions, {4}, {}, {}, {}, {}}).has_value());
        const auto first = since();
        QCOMPARE(first, std::to_string(f.clock.now().us));
        QCOMPARE(f.ask("SELECT kind, actor FROM ledger ORDER BY id DESC LIMIT 1"),
                 std::to_string(int(LedgerKind::SessionsRevoked)) + "|ana");
        QCOMPARE(f.standing(4), "unknown"); // no risk comes of it
        f.clock.advance(Microseconds(std::chrono::hours(1)));
        QVERIFY(service.carryOut({Action::RevokeSessions, {4}, {}, {}, {}, {}}).has_value());
        QVERIFY(since() != first);
        QVERIFY(service.undo().has_value());
        QCOMPARE(since(), first);
        QVERIFY(service.undo().has_value());
        QCOMPARE(since(), "");
    }

    void roles_data()
    {
        QTest::addColumn<int>("role");
        QTest::addColumn<QString>("action");
        QTest::addColumn<bool>("may");
        const QStringList decide{"dismiss", "confirmSafe", "confirmCompromised", "resolve"};
        const QStringList access{"resetPassword", "block", "unblock", "revokeSignInSessions"};
        for (const auto &a : decide + access)
            for (int role = 0; role < 3; ++role)
                QTest::newRow(qPrintable(a + " as " + QString::number(role)))
                    << role << a << (role == 2 || (role == 1 && decide.contains(a)));
    }
    void roles()
    {
        QFETCH(int, role);
        QFETCH(QString, action);
        QFETCH(bool, may);
        Fixture f;
        raiseForAll(f, 1);
        const auto state = f.everything();
        ActionService service(f.connection(), f.clock,
                              Operator{"bo", static_cast<Role>(role), "console", "desk"});
        const Request request{*risk::actionFromText(action.toStdString()), {1}, {}, {}, {}, "note"};
        const auto plan = service.plan(request);
        const auto outcome = service.carryOut(request);
        QCOMPARE(plan.has_value(), may);
        QCOMPARE(outcome.has_value(), may);
        if (!may) {
            QCOMPARE(outcome.error().code, Code::NotAllowed);
            QVERIFY(outcome.error().detail.find("needs the") != std::string::npos);
            QCOMPARE(f.everything(), state);
        }
    }
    void an_operator_cannot_undo_what_only_an_administrator_may_do()
    {
        Fixture f;
        QVERIFY(ActionService(f.connection(), f.clock, ana)
                    .carryOut({Action::Block, {1}, {}, {}, {}, {}})
                    .has_value());
        ActionService bo(f.connection(), f.clock, Operator{"bo", Role::Operator, "console", "desk"});
        QCOMPARE(bo.undo().error().code, Code::NotAllowed);
        QVERIFY(ActionService(f.connection(), f.clock, ana).undo().has_value());
        QCOMPARE(bo.redo().error().code, Code::NotAllowed);
    }
    void wrong_requests_are_refused_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : {"no target", "two kinds", "reason unknown", "note missing", "note too long",
                                 "note not text", "block a sign-in"})
            QTest::newRow(what) << what;
    }
    void wrong_requests_are_refused()
    {
        QFETCH(QString, what);
        Fixture f;
        raiseForAll(f, 1);
        Request r = dismiss({1});
        if (what == "no target")
            r.users.clear();
        else if (what == "two kinds")
            r.signIns = {signInId(3)};
        else if (what == "reason unknown")
            r.reason = "because";
        else if (what == "note missing")
            r = {Action::Resolve, {1}, {}, {}, {}, "  "};
        else if (what == "note too long")
            r.note = std::string(maxNoteBytes + 1, 'x');
        else if (what == "note not text")
            r.note = "\xff\xfe";
        else
            r = {Action::Block, {}, {}, {signInId(3)}, {}, {}};
        ActionService service(f.connection(), f.clock, ana);
        QCOMPARE(service.carryOut(r).error().code, Code::WrongUsage);
        QCOMPARE(service.plan(r).error().code, Code::WrongUsage);
    }

    void verdicts_reach_the_withheld_sign_ins_data()
    {
        QTest::addColumn<QString>("action");
        QTest::addColumn<bool>("onSignIn");
        QTest::addColumn<QString>("verdicts"); // of sign-in 3, of sign-in 4, marker
        QTest::newRow("dismiss user") << "dismiss" << false << "1 1 -";
        QTest::newRow("confirm user safe") << "confirmSafe" << false << "1 1 1";
        QTest::newRow("confirm user compromised") << "confirmCompromised" << false << "2 2 -";
        QTest::newRow("dismiss sign-in") << "dismiss" << true << "1 0 -";
        QTest::newRow("confirm sign-in safe") << "confirmSafe" << true << "1 0 -";
        QTest::newRow("confirm sign-in compromised") << "confirmCompromised" << true << "2 0 -";
        QTest::newRow("resolve") << "resolve" << false << "0 0 -";
        QTest::newRow("reset password") << "resetPassword" << false << "0 0 -";
    }
    void verdicts_reach_the_withheld_sign_ins()
    {
        QFETCH(QString, action);
        QFETCH(bool, onSignIn);
        Fixture f;
        raiseForAll(f, 2);
        store::Statement withhold(f.connection(), "INSERT INTO withheld (user, event_key) VALUES (?1, ?2)");
        for (const auto &[user, n] : {std::pair{1u, 3u}, {1u, 4u}, {2u, 6u}}) {
            const auto key = eventKey(n);
            Fixture::check(withhold.bind(user, std::span<const std::uint8_t>(key)).run());
        }
        const auto before = f.everything();
        Request r{*risk::actionFromText(action.toStdString()), {}, {}, {}, {}, "note"};
        if (onSignIn)
            r.signIns = {signInId(3)};
        else
            r.users = {1};
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut(r).has_value());
        const auto verdict = [&](const EventKey &key) {
            store::Statement s(f.connection(),
                               "SELECT verdict, restart FROM withheld WHERE user = 1 AND event_key = ?1");
            s.bind(std::span<const std::uint8_t>(key));
            return s.step() ? QString::number(s.int64(0)) : QString("-");
        };
        const auto found = verdict(eventKey(3)) + ' ' + verdict(eventKey(4)) + ' ' + verdict({});
        QTEST(found, "verdicts");
        QCOMPARE(f.ask("SELECT verdict FROM withheld WHERE user = 2"), "0");
        QVERIFY(service.undo().has_value());
        QCOMPARE(f.everything(), before);
    }
    void compromised_stays_unlearnt_after_a_dismissal_but_not_after_safe()
    {
        Fixture f;
        raiseForAll(f, 1);
        f.run("INSERT INTO withheld (user, event_key) SELECT 1, event_key FROM sign_in_risk LIMIT 1");
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut({Action::ConfirmCompromised, {1}, {}, {}, {}, {}}).has_value());
        QVERIFY(service.carryOut(dismiss({1})).has_value());
        QCOMPARE(f.ask("SELECT verdict FROM withheld"), "2");
        QVERIFY(service.undo().has_value());
        QVERIFY(service.carryOut({Action::ConfirmSafe, {1}, {}, {}, {}, {}}).has_value());
        QCOMPARE(f.ask("SELECT max(verdict), min(verdict), count(*) FROM withheld"), "1|1|2");
    }

    void undo_and_redo_walk_back_and_forth()
    {
        Fixture f;
        raiseForAll(f, 4);
        ActionService service(f.connection(), f.clock, ana);
        std::vector<std::string> states{f.everything()};
        const std::vector<Request> deeds{dismiss({1, 2}),
                                         {Action::ConfirmCompromised, {1, 3}, {}, {}, "phished", {}},
                                         {Action::ConfirmSafe, {}, {}, {signInId(6), signInId(9)}, {}, {}},
                                         {Action::Block, {1}, {}, {}, {}, {}},
                                         {Action::ConfirmSafe, {1, 3, 4}, {}, {}, {}, {}}};
        for (const auto &deed : deeds) {
            f.clock.advance(hours(30));
            QVERIFY(service.carryOut(deed).has_value());
            states.push_back(f.everything());
        }
        for (int round = 0; round < 2; ++round) {
            for (auto i = deeds.size(); i-- > 0;) {
                f.clock.advance(hours(1));
                const auto undone = service.undo();
                QVERIFY2(undone.has_value(), undone ? "" : undone.error().detail.c_str());
                QCOMPARE(f.everything(), states[i]);
            }
            QCOMPARE(service.undo().error().code, Code::NotFound);
            for (std::size_t i = 0; i < deeds.size(); ++i) {
                f.clock.advance(hours(1));
                const auto redone = service.redo();
                QVERIFY2(redone.has_value(), redone ? "" : redone.error().detail.c_str());
                QCOMPARE(f.everything(), states[i + 1]);
            }
        }
        QVERIFY(run::verifyRisk(f.connection())->empty());
        QCOMPARE(f.ask("SELECT count(*) FROM audit WHERE undo_of <> 0"),
                 f.ask("SELECT count(*) FROM ledger WHERE kind = 21"));
    }
    void undo_outlives_what_does_not_touch_the_same()
    {
        Fixture f;
        raiseForAll(f, 3);
        const auto risk = [&] { return f.ask("SELECT * FROM user_risk WHERE user = 1"); };
        ActionService service(f.connection(), f.clock, ana);
        const auto before = risk();
        const auto dismissed = service.carryOut(dismiss({1, 2}))->command;
        const auto after = risk();
        f.clock.advance(hours(1));
        const auto blocked = service.carryOut({Action::Block, {1}, {}, {}, {}, {}})->command;
        const auto undone = service.undo(dismissed);
        QCOMPARE(undone->users, 2u);
        QCOMPARE(risk(), before);
        QCOMPARE(f.ask("SELECT account_enabled FROM user WHERE id = 1"), "0");
        QVERIFY(service.redo(undone->command).has_value());
        QCOMPARE(risk(), after);
        QCOMPARE(service.undo(blocked)->users, 1u);
        QCOMPARE(risk(), after);
        QCOMPARE(f.ask("SELECT account_enabled FROM user WHERE id = 1"), "1");
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void undo_joins_what_was_found_since()
    {
        Fixture f;
        raiseForAll(f, 3);
        ActionService service(f.connection(), f.clock, ana);
        const auto command = service.carryOut(dismiss({1, 2, 3}))->command;
        f.clock.advance(hours(50));
        f.raise(finding(2, 90, T::UnlikelyTravel, L::Low, noon + hours(40)));
        const auto after = f.everything();
        f.clock.advance(hours(1));
        const auto outcome = service.undo(command);
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->users, 3u);
        QCOMPARE(
            f.ask("SELECT open_detections, total_detections, risky_sign_ins FROM user_risk WHERE user = 2"),
            "4|4|4");
        QVERIFY(f.standing(2).starts_with("high atRisk"));
        QVERIFY(f.signIn(6).starts_with("high atRisk"));
        QVERIFY(run::verifyRisk(f.connection())->empty());
        QCOMPARE(service.undo(command).error().code, Code::Conflict); // once
        QCOMPARE(service.undo(4711).error().code, Code::NotFound);
        QVERIFY(service.redo().has_value());
        QCOMPARE(f.everything(), after);
        f.clock.advance(hours(1));
        f.raise(finding(2, 91, T::UnlikelyTravel, L::Low, noon + hours(51)));
        QVERIFY(service.undo().has_value());
        QVERIFY(f.standing(2).starts_with("high atRisk"));
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void the_word_about_a_user_goes_though_more_was_found_since()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut({Action::ConfirmCompromised, {1}, {}, {}, "phished", {}}).has_value());
        f.clock.advance(hours(1));
        f.raise(finding(1, 1, T::UnlikelyTravel, L::Low, noon));
        const auto after = f.everything();
        QVERIFY(f.standing(1).starts_with("high confirmedCompromised"));
        QVERIFY(service.undo().has_value());
        QCOMPARE(f.standing(1), "low atRisk none 27");
        QVERIFY(run::verifyRisk(f.connection())->empty());
        QVERIFY(service.redo().has_value());
        QCOMPARE(f.everything(), after);
        QVERIFY(service.undo().has_value());
        f.clock.advance(hours(1));
        f.raise(finding(1, 2, T::AnonymizedIPAddress, L::Low, noon));
        QCOMPARE(service.redo().error().code, Code::Conflict); // who confirms it now knows of more
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void undo_leaves_alone_what_was_decided_anew()
    {
        Fixture f;
        raiseForAll(f, 3);
        ActionService service(f.connection(), f.clock, ana);
        const auto command = service.carryOut(dismiss({1, 2, 3}))->command;
        f.clock.advance(hours(1));
        const auto anew =
            service.carryOut({Action::ConfirmCompromised, {}, {}, {signInId(6)}, {}, {}})->command;
        const auto outcome = service.undo(command);
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->users, 2u);
        QCOMPARE(outcome->skipped.size(), 1u);
        QCOMPARE(outcome->skipped[0].user, 2u);
        QCOMPARE(std::string(outcome->skipped[0].code()), "touchedLater");
        QVERIFY(f.standing(2).starts_with("high confirmedCompromised"));
        QVERIFY(f.standing(1).starts_with("high atRisk"));
        QCOMPARE(service.undo(command).error().code, Code::Conflict); // nobody is left
        QVERIFY(service.undo(anew).has_value());
        QCOMPARE(service.undo(command)->users, 1u); // it is as the command left it again
        QVERIFY(f.standing(2).starts_with("high atRisk"));
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void each_fact_of_the_account_is_taken_back_by_itself()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        const auto account = [&] {
            return f.ask("SELECT account_enabled, force_password_change FROM user WHERE id = 1");
        };
        const auto reset = service.carryOut({Action::ResetPassword, {1}, {}, {}, {}, {}})->command;
        const auto first = service.carryOut({Action::Block, {1}, {}, {}, {}, {}})->command;
        QVERIFY(service.undo(reset).has_value());
        QCOMPARE(account(), "0|0");
        QVERIFY(service.carryOut({Action::Unblock, {1}, {}, {}, {}, {}}).has_value());
        QVERIFY(service.carryOut({Action::Block, {1}, {}, {}, {}, {}}).has_value());
        QCOMPARE(service.undo(first).error().code, Code::Conflict); // another one blocks now
        QCOMPARE(account(), "0|0");
    }
    void a_part_of_a_command_can_be_taken_back()
    {
        Fixture f;
        raiseForAll(f, 3);
        ActionService service(f.connection(), f.clock, ana);
        const auto before = f.everything();
        const auto command = service.carryOut(dismiss({1, 2, 3}))->command;
        const auto after = f.everything();
        const std::vector<std::uint32_t> two{2}, nobody{4711}, rest{1, 3};
        const auto part = service.undo(command, {}, {}, two);
        QVERIFY(part.has_value());
        QCOMPARE(part->users, 1u);
        QVERIFY(f.standing(2).starts_with("high atRisk"));
        QVERIFY(f.standing(1).starts_with("none dismissed") && f.standing(3).starts_with("none dismissed"));
        QCOMPARE(service.undo(command, {}, {}, two).error().code, Code::Conflict); // once
        QCOMPARE(service.undo(command, {}, {}, nobody).error().code, Code::NotFound);
        QCOMPARE(newestStanding(f.connection())->id, command); // for the others
        f.clock.advance(hours(1));
        const auto again = service.redo();
        QCOMPARE(again->users, 1u);
        QCOMPARE(f.everything(), after);
        QCOMPARE(service.undo(command, {}, {}, rest)->users, 2u);
        QCOMPARE(newestStanding(f.connection())->id, again->command); // by which the second stands
        QCOMPARE(service.undo()->users, 1u);
        QCOMPARE(f.everything(), before);
        QCOMPARE(service.undo().error().code, Code::NotFound);
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void undo_is_refused_when_the_account_changed_elsewhere()
    {
        Fixture f;
        ActionService service(f.connection(), f.clock, ana);
        QVERIFY(service.carryOut({Action::Block, {1}, {}, {}, {}, {}}).has_value());
        f.run("UPDATE user SET account_enabled = 1 WHERE id = 1"); // a later import says so
        QCOMPARE(service.undo().error().code, Code::Conflict);
        QCOMPARE(f.ask("SELECT count(*) FROM command"), "1");
    }

    void a_stopped_run_keeps_whole_blocks_and_can_be_undone()
    {
        Fixture f(block + 700);
        raiseForAll(f, block + 700);
        const auto before = f.everything();
        ActionService service(f.connection(), f.clock, ana);
        std::stop_source stop;
        const auto outcome = service.carryOut(
            dismiss(everyone(block + 700)),
            [&](const Progress &p) {
                if (p.done >= block)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(outcome.has_value());
        QVERIFY(outcome->cancelled);
        QCOMPARE(outcome->users, block);
        QCOMPARE(f.ask("SELECT users FROM command"), std::to_string(block));
        QVERIFY(run::verifyRisk(f.connection())->empty());
        QCOMPARE(service.undo()->users, block);
        QCOMPARE(f.everything(), before);
    }
    void a_stopped_undo_can_be_continued()
    {
        Fixture f(block + 200);
        raiseForAll(f, block + 200);
        const auto before = f.everything();
        ActionService service(f.connection(), f.clock, ana);
        const auto command = service.carryOut(dismiss(everyone(block + 200)))->command;
        std::stop_source stop;
        const auto half = service.undo(
            command, [&](const Progress &) { stop.request_stop(); }, stop.get_token());
        QCOMPARE(half->users, block);
        QCOMPARE(service.undo(command)->users, 200u);
        QCOMPARE(f.everything(), before);
    }
    void a_killed_process_leaves_whole_blocks()
    {
        Fixture f(block + 500);
        raiseForAll(f, block + 500);
        const auto file = f.connection().file();
        const auto child = fork();
        if (child == 0) { // another process with its own handle, gone in the midst of the second block
            auto own = store::Connection::open(file, store::Connection::Mode::Write);
            static int written = 0;
            sqlite3_update_hook(
                own->handle(),
                [](void *, int, const char *, const char *table, sqlite3_int64) {
                    if (std::strcmp(table, "user_risk") == 0 && ++written == block + 200)
                        kill(getpid(), SIGKILL);
                },
                nullptr);
            (void)ActionService(*own, f.clock, ana).carryOut(dismiss(everyone(block + 500)));
            _exit(1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(f.ask("SELECT count(*) FROM user_risk WHERE state = 3"), std::to_string(block));
        QCOMPARE(f.ask("SELECT users FROM command"), std::to_string(block));
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
    void a_failing_block_is_rolled_back_whole()
    {
        Fixture f(block + 200);
        raiseForAll(f, block + 200);
        f.run("CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.target = 'user" +
              std::to_string(block + 100) + "@contoso.example' BEGIN SELECT raise(FAIL, 'no room'); END");
        ActionService service(f.connection(), f.clock, ana);
        const auto outcome = service.carryOut(dismiss(everyone(block + 200)));
        QVERIFY(outcome.has_value());
        QVERIFY(outcome->stoppedBy.has_value());
        QCOMPARE(outcome->users, block);
        QCOMPARE(f.ask("SELECT count(*) FROM user_risk WHERE state = 3"), std::to_string(block));
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }

    // Ten times the users cost ten times the work, and not more.
    void a_decision_costs_what_it_touches()
    {
        struct Cost
        {
            double plan, dismiss, undo;
        };
        const auto costOf = [](std::uint32_t users) {
            Fixture f(users);
            raiseForAll(f, users);
            ActionService service(f.connection(), f.clock, ana);
            VmSteps steps(f.connection().handle());
            Cost cost{};
            if (!service.plan(dismiss(everyone(users))).has_value())
                return cost;
            cost.plan = static_cast<double>(steps.taken()) / users;
            const auto outcome = service.carryOut(dismiss(everyone(users)));
            if (!outcome.has_value() || outcome->users != users)
                return cost;
            cost.dismiss = static_cast<double>(steps.taken()) / users;
            if (service.undo().has_value())
                cost.undo = static_cast<double>(steps.taken()) / users;
            return cost;
        };
        const auto few = costOf(200), many = costOf(2000);
        qInfo(
            "steps a user, of 200 and of 2000: plan %.0f and %.0f, dismiss %.0f and %.0f, undo %.0f and %.0f",
            few.plan, many.plan, few.dismiss, many.dismiss, few.undo, many.undo);
        QVERIFY(few.plan > 0 && few.dismiss > 0 && few.undo > 0);
        QVERIFY(many.plan > 0 && many.plan < 1.5 * few.plan);
        QVERIFY(many.dismiss > 0 && many.dismiss < 1.5 * few.dismiss);
        QVERIFY(many.undo > 0 && many.undo < 1.5 * few.undo);
    }

    void verify_finds_what_was_tampered_with_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("what");
        QTest::newRow("a level") << "UPDATE user_risk SET level = 1 WHERE user = 1"
                                 << "user";
        QTest::newRow("a score") << "UPDATE user_risk SET score = 12 WHERE user = 1"
                                 << "user";
        QTest::newRow("a trend") << "UPDATE user_risk SET trend = zeroblob(30) WHERE user = 1"
                                 << "user";
        QTest::newRow("a count") << "UPDATE user_risk SET open_detections = 1 WHERE user = 1"
                                 << "user";
        QTest::newRow("a detection's state") << "UPDATE detection SET state = 3 WHERE user = 1"
                                             << "detection";
        QTest::newRow("a detection removed") << "DELETE FROM detection WHERE user = 1"
                                             << "event";
        QTest::newRow("a sign-in's level") << "UPDATE sign_in_risk SET level_aggregated = 0 WHERE user = 1"
                                           << "sign-in";
        QTest::newRow("a ledger line removed") << "DELETE FROM ledger WHERE id = 1"
                                               << "event";
        QTest::newRow("a ledger line changed") << "UPDATE ledger SET to_score = 1 WHERE id = 1"
                                               << "event";
        QTest::newRow("a row without ledger") << "INSERT INTO user_risk (user, level, state, detail, score, "
                                                 "updated_at, open_detections, total_detections, "
                                                 "risky_sign_ins) VALUES (4, 3, 4, 0, 99, 0, 1, 1, 1)"
                                              << "user";
    }
    void verify_finds_what_was_tampered_with()
    {
        QFETCH(QString, sql);
        QFETCH(QString, what);
        Fixture f;
        raiseForAll(f, 2);
        QVERIFY(run::verifyRisk(f.connection())->empty());
        f.run(sql.toStdString());
        const auto differences = run::verifyRisk(f.connection());
        QVERIFY(differences.has_value());
        QVERIFY(!differences->empty());
        QVERIFY2(differences->front().what.starts_with(what.toStdString()),
                 sentence(differences->front()).c_str());
    }

    void the_arithmetic_is_read_back_from_the_file()
    {
        Fixture f;
        raiseForAll(f, 1);
        const auto user = explainUser(f.connection(), 1);
        QVERIFY(user.has_value());
        QCOMPARE(user->contributions.size(), 3u);
        QCOMPARE(std::to_string(user->sum.score), f.ask("SELECT score FROM user_risk"));
        QCOMPARE(explainSignIn(f.connection(), signInId(3))->sum.total, 2.0);
        QCOMPARE(explainSignIn(f.connection(), "nowhere").error().code, Code::NotFound);
        QVERIFY(explainUser(f.connection(), 4)->contributions.empty());
    }
};

QTEST_APPLESS_MAIN(ActionServiceTest)
#include "tst_action_service.moc"
