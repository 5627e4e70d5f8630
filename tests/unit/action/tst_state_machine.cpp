// Every row of the state machine: from a state of the user, a trigger, to what user, detection and sign-in
// are then.
#include "core/action/action_service.h"
#include "core/ledger/ageing.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::ledger;
using namespace riskdesk::test;
using T = DetectionType;
using L = RiskLevel;
using std::chrono::hours;

namespace {

// User 1: a medium finding on sign-in 1, a low one on sign-in 2. User 5 is social. User 4 never had a
// finding.
struct World : Fixture
{
    World()
    {
        raise(finding(1, 1, T::AnonymizedIPAddress, L::Medium, noon));
        raise(finding(1, 2, T::InvestigationsThreatIntelligence, L::Low, noon));
        raise(finding(5, 5, T::UnlikelyTravel, L::Medium, noon));
        clock.advance(hours(1));
    }
    std::string act(Request request)
    {
        if (request.action == Action::Resolve)
            request.note = "reset by hand";
        ActionService service(connection(), clock, Operator{"ana", Role::Administrator, "console", "desk"});
        const auto outcome = service.carryOut(request);
        if (!outcome)
            return std::string(toText(outcome.error().code));
        if (!outcome->skipped.empty())
            return std::string(outcome->skipped.front().code());
        return {};
    }
    std::string act(Action action, std::uint32_t user = 1) { return act({action, {user}, {}, {}, {}, {}}); }
    std::string idOf(std::uint32_t n, T type) { return detectionId(type, userKey(1), signInId(n)); }
    void happen(const std::string &what)
    {
        const auto id1 = idOf(1, T::AnonymizedIPAddress), id2 = idOf(2, T::InvestigationsThreatIntelligence);
        std::string refused;
        if (what == "dismiss" || what == "confirmCompromised" || what == "confirmSafe" || what == "resolve" ||
            what == "resetPassword" || what == "block" || what == "unblock" || what == "revokeSignInSessions")
            refused = act(*risk::actionFromText(what));
        else if (what == "raise")
            raise(finding(1, 3, T::UnlikelyTravel, L::Low, noon + hours(2)));
        else if (what == "signInCompromised")
            refused = act({Action::ConfirmCompromised, {}, {}, {signInId(1)}, {}, {}});
        else if (what == "signInSafe")
            refused = act({Action::ConfirmSafe, {}, {}, {signInId(1)}, {}, {}});
        else if (what == "signInDismiss")
            refused = act({Action::Dismiss, {}, {}, {signInId(1)}, {}, {}});
        else if (what == "detectionCompromised")
            refused = act({Action::ConfirmCompromised, {}, {id1}, {}, {}, {}});
        else if (what == "detectionSafe")
            refused = act({Action::ConfirmSafe, {}, {id1}, {}, {}, {}});
        else if (what == "detectionDismiss")
            refused = act({Action::Dismiss, {}, {id1}, {}, {}, {}});
        else if (what == "secondDetectionSafe")
            refused = act({Action::ConfirmSafe, {}, {id2}, {}, {}, {}});
        else if (what == "age") {
            clock.advance(hours(24 * 15));
            check(ledger::ageLowDetections(connection(), clock));
        } else {
            auto t = store::Transaction::begin(connection());
            RiskWriter writer(connection(), clock);
            if (what == "userReset")
                check(writer.passwordChanged(1, PasswordChange::ResetByUser, clock.now()));
            else if (what == "userChange")
                check(writer.passwordChanged(1, PasswordChange::ChangedByUser, clock.now()));
            else if (what == "mfa") {
                check(connection().execute(
                    "INSERT OR REPLACE INTO setting VALUES ('risk.mfaRemediates', '1')"));
                check(writer.passedMfa(1, signInId(1), clock.now()));
            } else
                throw std::runtime_error("no such trigger: " + what);
            check(t->commit());
        }
        if (!refused.empty())
            throw std::runtime_error(what + " refused: " + refused);
    }
};

} // namespace

class StateMachineTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rows_data()
    {
        QTest::addColumn<QString>("triggers");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("detection1"); // level state detail of the first detection
        QTest::addColumn<QString>("signIn1");
        const char *open1 = "medium atRisk none 55";
        QTest::newRow("detection raised") << ""
                                          << "medium atRisk none 67"
                                          << "atRisk none" << open1;
        QTest::newRow("another raised is recomputed") << "raise"
                                                      << "medium atRisk none 74"
                                                      << "atRisk none" << open1;
        QTest::newRow("dismiss user risk") << "dismiss"
                                           << "none dismissed adminDismissedAllRiskForUser 0"
                                           << "dismissed adminDismissedAllRiskForUser"
                                           << "none dismissed adminDismissedAllRiskForUser 0";
        QTest::newRow("raised after a dismissal counts alone")
            << "dismiss raise"
            << "low atRisk none 27"
            << "dismissed adminDismissedAllRiskForUser"
            << "none dismissed adminDismissedAllRiskForUser 0";
        QTest::newRow("confirm user compromised")
            << "confirmCompromised"
            << "high confirmedCompromised adminConfirmedUserCompromised 100"
            << "atRisk none" << open1;
        QTest::newRow("raised on a compromised user changes nothing else")
            << "confirmCompromised raise"
            << "high confirmedCompromised adminConfirmedUserCompromised 100"
            << "atRisk none" << open1;
        QTest::newRow("confirm user safe") << "confirmSafe"
                                           << "none confirmedSafe adminConfirmedAccountSafe 0"
                                           << "confirmedSafe adminConfirmedAccountSafe"
                                           << "none confirmedSafe adminConfirmedAccountSafe 0";
        QTest::newRow("dismiss a compromised user") << "confirmCompromised dismiss"
                                                    << "none dismissed adminDismissedAllRiskForUser 0"
                                                    << "dismissed adminDismissedAllRiskForUser"
                                                    << "none dismissed adminDismissedAllRiskForUser 0";
        QTest::newRow("confirm sign-in compromised")
            << "signInCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100"
            << "confirmedCompromised adminConfirmedSigninCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100";
        QTest::newRow("confirm sign-in compromised overrides a dismissal")
            << "dismiss signInCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100"
            << "confirmedCompromised adminConfirmedSigninCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100";
        QTest::newRow("confirm sign-in safe") << "signInSafe"
                                              << "low atRisk none 27"
                                              << "confirmedSafe adminConfirmedSigninSafe"
                                              << "none confirmedSafe adminConfirmedSigninSafe 0";
        QTest::newRow("dismiss sign-in risk") << "signInDismiss"
                                              << "low atRisk none 27"
                                              << "dismissed adminDismissedRiskForSignIn"
                                              << "none dismissed adminDismissedRiskForSignIn 0";
        QTest::newRow("detection compromised")
            << "detectionCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100"
            << "confirmedCompromised adminConfirmedSigninCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100";
        QTest::newRow("detection safe") << "detectionSafe"
                                        << "low atRisk none 27"
                                        << "confirmedSafe adminConfirmedSigninSafe"
                                        << "none confirmedSafe adminConfirmedSigninSafe 0";
        QTest::newRow("detection dismissed") << "detectionDismiss"
                                             << "low atRisk none 27"
                                             << "dismissed adminDismissedRiskForSignIn"
                                             << "none dismissed adminDismissedRiskForSignIn 0";
        QTest::newRow("none open: the user takes the last closing")
            << "detectionDismiss secondDetectionSafe"
            << "none confirmedSafe adminConfirmedSigninSafe 0"
            << "dismissed adminDismissedRiskForSignIn"
            << "none dismissed adminDismissedRiskForSignIn 0";
        QTest::newRow("admin resets password") << "resetPassword"
                                               << "none remediated adminGeneratedTemporaryPassword 0"
                                               << "remediated adminGeneratedTemporaryPassword"
                                               << "none remediated adminGeneratedTemporaryPassword 0";
        QTest::newRow("a reset closes what was confirmed")
            << "confirmCompromised resetPassword"
            << "none remediated adminGeneratedTemporaryPassword 0"
            << "remediated adminGeneratedTemporaryPassword"
            << "none remediated adminGeneratedTemporaryPassword 0";
        QTest::newRow("a reset without risk changes no risk")
            << "dismiss resetPassword"
            << "none dismissed adminDismissedAllRiskForUser 0"
            << "dismissed adminDismissedAllRiskForUser"
            << "none dismissed adminDismissedAllRiskForUser 0";
        QTest::newRow("user's own secure reset") << "userReset"
                                                 << "none remediated userPerformedSecuredPasswordReset 0"
                                                 << "remediated userPerformedSecuredPasswordReset"
                                                 << "none remediated userPerformedSecuredPasswordReset 0";
        QTest::newRow("user's own secure reset closes what was confirmed")
            << "confirmCompromised userReset"
            << "none remediated userPerformedSecuredPasswordReset 0"
            << "remediated userPerformedSecuredPasswordReset"
            << "none remediated userPerformedSecuredPasswordReset 0";
        QTest::newRow("user's own secure change") << "userChange"
                                                  << "none remediated userPerformedSecuredPasswordChange 0"
                                                  << "remediated userPerformedSecuredPasswordChange"
                                                  << "none remediated userPerformedSecuredPasswordChange 0";
        QTest::newRow("MFA passed on the sign-in")
            << "mfa"
            << "low atRisk none 27"
            << "remediated userPassedMFADrivenByRiskBasedPolicy"
            << "none remediated userPassedMFADrivenByRiskBasedPolicy 0";
        QTest::newRow("MFA never lowers what was confirmed")
            << "signInCompromised mfa"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100"
            << "confirmedCompromised adminConfirmedSigninCompromised"
            << "high confirmedCompromised adminConfirmedSigninCompromised 100";
        QTest::newRow("block changes no risk") << "block"
                                               << "medium atRisk none 67"
                                               << "atRisk none" << open1;
        QTest::newRow("unblock changes no risk") << "block unblock"
                                                 << "medium atRisk none 67"
                                                 << "atRisk none" << open1;
        QTest::newRow("resolved elsewhere") << "resolve"
                                            << "none remediated none 0"
                                            << "remediated none"
                                            << "none remediated none 0";
        QTest::newRow("low closes by age, medium stays") << "age"
                                                         << "medium atRisk none 55"
                                                         << "atRisk none" << open1;
        QTest::newRow("the last closing may be age") << "detectionDismiss age"
                                                     << "none dismissed none 0"
                                                     << "dismissed adminDismissedRiskForSignIn"
                                                     << "none dismissed adminDismissedRiskForSignIn 0";
        QTest::newRow("age never lowers what was confirmed")
            << "confirmCompromised age"
            << "high confirmedCompromised adminConfirmedUserCompromised 100"
            << "atRisk none" << open1;
    }
    void rows()
    {
        QFETCH(QString, triggers);
        World w;
        for (const auto &trigger : triggers.split(' ', Qt::SkipEmptyParts)) {
            w.clock.advance(hours(1));
            w.happen(trigger.toStdString());
        }
        QTEST(QString::fromStdString(w.standing(1)), "user");
        QTEST(QString::fromStdString(w.signIn(1)), "signIn1");
        store::Statement d(w.connection(), "SELECT state, detail FROM detection WHERE id = ?1");
        d.bind(w.idOf(1, T::AnonymizedIPAddress));
        QVERIFY(d.step());
        const auto detection =
            std::string(toText(d.as<RiskState>(0))) + ' ' + std::string(toText(d.as<RiskDetail>(1)));
        QTEST(QString::fromStdString(detection), "detection1");
        const auto differences = run::verifyRisk(w.connection());
        QVERIFY(differences.has_value());
        QVERIFY2(differences->empty(), differences->empty() ? "" : sentence(differences->front()).c_str());
        // The level at sign-in is history: the anonymous address was found then, whatever was decided later.
        QCOMPARE(w.ask("SELECT level_during FROM sign_in_risk ORDER BY level_during DESC LIMIT 1"), "2");
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("action");
        QTest::addColumn<int>("user");
        QTest::addColumn<QString>("code");
        QTest::newRow("dismiss twice") << "dismiss"
                                       << "dismiss" << 1 << "alreadyDismissed";
        QTest::newRow("dismiss a safe one") << "confirmSafe"
                                            << "dismiss" << 1 << "notAtRisk";
        QTest::newRow("dismiss who was never at risk") << ""
                                                       << "dismiss" << 4 << "notAtRisk";
        QTest::newRow("safe twice") << "confirmSafe"
                                    << "confirmSafe" << 1 << "alreadyConfirmedSafe";
        QTest::newRow("compromised twice") << "confirmCompromised"
                                           << "confirmCompromised" << 1 << "alreadyConfirmedCompromised";
        QTest::newRow("compromised after its sign-in was") << "signInCompromised"
                                                           << "confirmCompromised" << 1 << "";
        QTest::newRow("compromised without any risk") << ""
                                                      << "confirmCompromised" << 4 << "";
        QTest::newRow("resolve twice") << "resolve"
                                       << "resolve" << 1 << "alreadyRemediated";
        QTest::newRow("reset a social identity") << ""
                                                 << "resetPassword" << 5 << "socialIdentity";
        QTest::newRow("dismiss a social identity") << ""
                                                   << "dismiss" << 5 << "";
        QTest::newRow("block twice") << "block"
                                     << "block" << 1 << "alreadyBlocked";
        QTest::newRow("unblock who is not blocked") << ""
                                                    << "unblock" << 1 << "notBlocked";
        QTest::newRow("a user who is not there") << ""
                                                 << "dismiss" << 77 << "notFound";
        QTest::newRow("block a deleted user") << "delete"
                                              << "block" << 1 << "deleted";
        QTest::newRow("confirm a deleted user compromised") << "delete"
                                                            << "confirmCompromised" << 1 << "deleted";
        QTest::newRow("close a deleted user's risk") << "delete"
                                                     << "dismiss" << 1 << "";
    }
    void refusals()
    {
        QFETCH(QString, before);
        QFETCH(QString, action);
        QFETCH(int, user);
        QFETCH(QString, code);
        World w;
        if (before == "delete")
            w.run("UPDATE user SET is_deleted = 1 WHERE id = 1");
        else if (!before.isEmpty())
            w.happen(before.toStdString());
        const auto state = w.everything();
        Request request{
            *risk::actionFromText(action.toStdString()), {static_cast<std::uint32_t>(user)}, {}, {}, {}, "n"};
        ActionService service(w.connection(), w.clock);
        const auto plan = service.plan(request);
        QVERIFY(plan.has_value());
        QCOMPARE(w.everything(), state); // a plan only looks
        QCOMPARE(QString::fromStdString(w.act(request)), code);
        QCOMPARE(plan->skipped.empty(), code.isEmpty());
        if (!code.isEmpty()) {
            QCOMPARE(QString::fromUtf8(plan->skipped.front().code().data()), code);
            QVERIFY(!plan->skipped.front().sentence().empty());
            QCOMPARE(w.everything(), state);
        } else {
            QCOMPARE(plan->changes.size(), 1u);
            QCOMPARE(w.standing(static_cast<std::uint32_t>(user)),
                     std::string(toText(plan->changes[0].after.level)) + ' ' +
                         std::string(toText(plan->changes[0].after.state)) + ' ' +
                         std::string(toText(plan->changes[0].after.detail)) + ' ' +
                         std::to_string(plan->changes[0].after.score));
        }
    }
};

QTEST_APPLESS_MAIN(StateMachineTest)
#include "tst_state_machine.moc"
