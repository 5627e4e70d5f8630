// Findings become detections, ledger lines, and the risk of sign-ins and users, each exactly once.
#include "core/action/action_service.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/vm_steps.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;
using T = DetectionType;
using L = RiskLevel;
using std::chrono::hours;
using std::chrono::minutes;

class RiskWriterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void one_finding_puts_its_user_at_risk()
    {
        Fixture f;
        const auto counts = f.raise(finding(1, 1, T::AnonymizedIPAddress, L::Medium, noon, "nordvpn"));
        QCOMPARE(counts.detections, 1u);
        QCOMPARE(f.standing(1), "medium atRisk none 55");
        QCOMPARE(f.signIn(1), "medium atRisk none 55");
        QCOMPARE(f.standing(2), "unknown");
        QCOMPARE(f.ask("SELECT kind, level, from_state, to_state, to_score, actor FROM ledger"),
                 "1|2|0|4|55|");
        QCOMPARE(f.ask("SELECT open_detections, total_detections, risky_sign_ins, top_type, other_types, "
                       "last_country, "
                       "last_city, countries, types, length(trend) FROM user_risk"),
                 "1|1|1|2|0|PT|Lisbon|PT|4|30");
        QCOMPARE(f.ask("SELECT length(row), level_during FROM sign_in_risk"),
                 std::to_string(sizeof(SignInRow)) + "|2");
    }
    void the_same_finding_twice_changes_nothing()
    {
        Fixture f;
        const auto one = [] { return finding(1, 1, T::UnlikelyTravel, L::High, noon, "a"); };
        f.raise(one());
        const auto before = f.everything();
        f.clock.advance(hours(1));
        const auto counts = f.raise(one());
        QCOMPARE(counts.detections, 0u);
        QCOMPARE(counts.duplicates, 1u);
        QCOMPARE(f.everything(), before);
        QCOMPARE(f.ask("SELECT count(*) FROM ledger"), "1");
    }
    void repeats_are_folded_until_a_week_is_quiet_and_stay_so_when_played_again()
    {
        Fixture f;
        const auto all = [] {
            std::vector<ledger::RaisedDetection> found;
            found.push_back(finding(1, 1, T::AnonymizedIPAddress, L::Low, noon, "tor"));
            found.push_back(finding(1, 2, T::AnonymizedIPAddress, L::Medium, noon + hours(24), "tor"));
            found.push_back(
                finding(1, 3, T::AnonymizedIPAddress, L::Low, noon + hours(24 * 8) + minutes(1), "tor"));
            found.push_back(finding(1, 4, T::AnonymizedIPAddress, L::Low, noon + hours(2), "other"));
            return found;
        };
        const auto counts = f.raise(all());
        QCOMPARE(counts.detections, 3u);
        QCOMPARE(counts.folded, 1u);
        QCOMPARE(
            f.ask("SELECT count, level, (last_at - at) / 3600000000 FROM detection WHERE fold_key = 'tor' "
                  "ORDER BY at LIMIT 1"),
            "2|2|24");
        QCOMPARE(f.ask("SELECT count(*) FROM sign_in_risk"), "4"); // the folded one is risky too
        QCOMPARE(f.signIn(2), "medium atRisk none 55");
        const auto before = f.everything();
        const auto again = f.raise(all());
        QCOMPARE(again.duplicates, 4u);
        QCOMPARE(f.everything(), before);
    }
    // Found after the user's risk was closed, on a sign-in from before that: a new fact, and it says so.
    void what_nobody_had_seen_when_they_decided_says_so()
    {
        Fixture f;
        f.raise(finding(1, 1, T::UnfamiliarFeatures, L::Medium, noon));
        action::Request request;
        request.action = action::Action::Dismiss;
        request.users = {1};
        request.reason = "expectedActivity";
        f.clock.advance(hours(48));
        QVERIFY(action::ActionService(f.connection(), f.clock).carryOut(request));
        const auto decided = f.clock.now();
        f.clock.advance(hours(1));
        f.raise(finding(1, 2, T::UnlikelyTravel, L::High, noon + hours(1)));
        QCOMPARE(f.standing(1).substr(0, 11), "high atRisk");
        QCOMPARE(f.ask("SELECT reason FROM ledger WHERE kind = 1 ORDER BY id DESC LIMIT 1"),
                 "beforeDecision");
        QVERIFY(f.ask("SELECT evidence FROM detection WHERE type = 1").find(std::to_string(decided.us)) !=
                std::string::npos);
        // One from after the decision does not.
        f.raise(finding(1, 3, T::AnonymizedIPAddress, L::Low, decided + hours(1)));
        QCOMPARE(f.ask("SELECT count(*) FROM ledger WHERE reason = 'beforeDecision'"), "1");
    }
    void findings_without_a_fold_key_stay_apart()
    {
        Fixture f;
        f.raise(finding(1, 1, T::UnfamiliarFeatures, L::Low, noon));
        f.raise(finding(1, 2, T::UnfamiliarFeatures, L::Low, noon + hours(1)));
        QCOMPARE(f.ask("SELECT count(*) FROM detection"), "2");
    }
    void a_closed_detection_folds_nothing()
    {
        Fixture f;
        f.raise(finding(1, 1, T::AnonymizedIPAddress, L::Low, noon, "tor"));
        {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(ledger::RiskWriter(f.connection(), f.clock)
                               .passwordChanged(1, PasswordChange::ResetByUser, noon));
            Fixture::check(t->commit());
        }
        QCOMPARE(f.standing(1), "none remediated userPerformedSecuredPasswordReset 0");
        const auto counts = f.raise(finding(1, 2, T::AnonymizedIPAddress, L::Low, noon + hours(1), "tor"));
        QCOMPARE(counts.detections, 1u);
        QCOMPARE(f.standing(1), "low atRisk none 27");
        QCOMPARE(f.signIn(1), "none remediated userPerformedSecuredPasswordReset 0");
    }
    void unfamiliar_and_travel_within_ten_minutes_are_high_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<bool>("travelFirst");
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("later");
        QTest::newRow("ten minutes") << 600 << false << "high atRisk none 85"
                                     << "high atRisk none 79";
        QTest::newRow("a second more") << 601 << false << "low atRisk none 45"
                                       << "low atRisk none 27";
        QTest::newRow("the same moment") << 0 << false << "high atRisk none 85"
                                         << "high atRisk none 79";
        QTest::newRow("travel first") << 60 << true << "high atRisk none 85"
                                      << "high atRisk none 79";
    }
    void unfamiliar_and_travel_within_ten_minutes_are_high()
    {
        QFETCH(int, seconds);
        QFETCH(bool, travelFirst);
        Fixture f;
        const auto second = noon + std::chrono::seconds(seconds);
        f.raise(finding(1, 1, travelFirst ? T::UnlikelyTravel : T::UnfamiliarFeatures, L::Low, noon));
        f.raise(finding(1, 2, travelFirst ? T::UnfamiliarFeatures : T::UnlikelyTravel, L::Low, second));
        QCOMPARE(f.signIn(1), "low atRisk none 27");
        QTEST(QString::fromStdString(f.signIn(2)), "later");
        QTEST(QString::fromStdString(f.standing(1)), "user");
        QCOMPARE(f.ask("SELECT max(level), max(weight_level) FROM detection"), seconds > 600 ? "1|1" : "1|3");
    }
    void an_imported_detection_is_listed_and_counts_for_nothing()
    {
        Fixture f;
        auto theirs = finding(2, 7, T::UnlikelyTravel, L::High, noon);
        theirs.detection.source = "IdentityProtection";
        f.raise(theirs);
        QCOMPARE(f.standing(2), "unknown");
        QCOMPARE(f.ask("SELECT count(*) FROM detection"), "1");
        QCOMPARE(f.ask("SELECT count(*) FROM ledger"), "0");
        f.raise(finding(2, 8, T::AnonymizedIPAddress, L::Low, noon));
        QCOMPARE(f.standing(2), "low atRisk none 27");
    }
    void an_imported_detection_counts_when_the_setting_says_so()
    {
        Fixture f;
        f.run("INSERT INTO setting VALUES ('risk.countImported', '1')");
        auto theirs = finding(2, 7, T::UnlikelyTravel, L::High, noon);
        theirs.detection.source = "IdentityProtection";
        f.raise(theirs);
        QCOMPARE(f.standing(2), "high atRisk none 79");
        auto closed = finding(2, 9, T::UnlikelyTravel, L::High, noon + hours(48));
        closed.detection.source = "IdentityProtection";
        closed.detection.state = RiskState::Dismissed;
        f.raise(closed);
        auto confirmed = finding(3, 10, T::UnlikelyTravel, L::Low, noon);
        confirmed.detection.source = "IdentityProtection";
        confirmed.detection.state = RiskState::ConfirmedCompromised;
        f.raise(confirmed);
        QCOMPARE(f.standing(2), "high atRisk none 79");
        QCOMPARE(f.standing(3), "high confirmedCompromised adminConfirmedSigninCompromised 100");
    }
    void passed_mfa_closes_only_when_the_setting_says_so()
    {
        Fixture f;
        f.raise(finding(1, 1, T::UnlikelyTravel, L::Medium, noon));
        f.raise(finding(1, 2, T::AnonymizedIPAddress, L::Low, noon));
        const auto pass = [&] {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(ledger::RiskWriter(f.connection(), f.clock).passedMfa(1, signInId(1), noon));
            Fixture::check(t->commit());
        };
        pass();
        QCOMPARE(f.standing(1), "medium atRisk none 67");
        f.run("INSERT INTO setting VALUES ('risk.mfaRemediates', '1')");
        pass();
        QCOMPARE(f.standing(1), "low atRisk none 27");
        QCOMPARE(f.signIn(1), "none remediated userPassedMFADrivenByRiskBasedPolicy 0");
    }
    void a_record_from_the_future_does_not_lead_the_list_for_ever()
    {
        Fixture f;
        f.raise(finding(1, 1, T::UnlikelyTravel, L::Medium, Timestamp::fromCivil(9999, 12, 31)));
        QCOMPARE(f.ask("SELECT updated_at FROM user_risk"), std::to_string(noon.us));
    }
    // A finding costs the same whether its user has none yet or thousands, and whether one user or all are
    // found.
    void a_finding_costs_what_it_touches()
    {
        const auto costOf = [](std::uint32_t users, std::uint32_t findings) {
            Fixture f(users);
            std::vector<ledger::RaisedDetection> found;
            for (std::uint32_t i = 0; i < findings; ++i)
                found.push_back(finding(1 + i % users, i, i % 2 ? T::UnfamiliarFeatures : T::UnlikelyTravel,
                                        L::Low, noon + std::chrono::seconds(i)));
            for (std::uint32_t i = findings; i < 2 * findings; ++i) // one user under fire
                found.push_back(finding(1, i, i % 2 ? T::UnfamiliarFeatures : T::UnlikelyTravel, L::Low,
                                        noon + std::chrono::seconds(i), "f"));
            VmSteps steps(f.connection().handle());
            f.raise(std::move(found));
            return static_cast<double>(steps.taken()) / (2 * findings);
        };
        const auto few = costOf(100, 500), many = costOf(1000, 5000);
        qInfo("steps a finding: of 1000 %.0f, of 10000 %.0f", few, many);
        QVERIFY(few > 0);
        QVERIFY(many < 1.5 * few);
    }
};

QTEST_APPLESS_MAIN(RiskWriterTest)
#include "tst_risk_writer.moc"
