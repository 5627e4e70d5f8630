// Whatever happens in whatever order: what is stored is the fold of the ledger, and undo gives back the very
// state of before.
#include "core/action/action_service.h"
#include "core/ledger/ageing.h"
#include "core/verify/verify_risk.h"

#include "tests/support/effort.h"
#include "tests/support/risk_fixture.h"

#include <QTest>

#include <rapidcheck.h>

#include <cstdlib>
#include <set>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::ledger;
using namespace riskdesk::test;
using std::chrono::minutes;

namespace {

constexpr std::uint32_t users = 5;

struct Deed
{
    int what = 0; // see perform()
    std::uint32_t user = 1, other = 1, number = 0;
    int type = 1, level = 1, minutesOn = 0;
};

rc::Gen<Deed> aDeed()
{
    return rc::gen::build<Deed>(rc::gen::set(&Deed::what, rc::gen::inRange(0, 28)),
                                rc::gen::set(&Deed::user, rc::gen::inRange<std::uint32_t>(1, users + 1)),
                                rc::gen::set(&Deed::other, rc::gen::inRange<std::uint32_t>(1, users + 1)),
                                rc::gen::set(&Deed::number, rc::gen::inRange<std::uint32_t>(0, 40)),
                                rc::gen::set(&Deed::type, rc::gen::element(1, 2, 4, 4, 1, 5)),
                                rc::gen::set(&Deed::level, rc::gen::inRange(1, 4)),
                                rc::gen::set(&Deed::minutesOn, rc::gen::element(0, 1, 7, 90, 1500, 30000)));
}

// The n-th sign-in belongs to one user for ever.
std::uint32_t owner(std::uint32_t n)
{
    return n % users + 1;
}

void perform(Fixture &f, const Deed &d)
{
    f.clock.advance(minutes(d.minutesOn));
    ActionService service(f.connection(), f.clock, Operator{"ana", Role::Administrator, "console", "desk"});
    const auto act = [&](Request request) {
        const auto outcome = service.carryOut(request);
        Fixture::check(outcome);
        RC_ASSERT(!outcome->stoppedBy);
    };
    const auto withWriter = [&](auto &&deed) {
        auto t = store::Transaction::begin(f.connection());
        RiskWriter writer(f.connection(), f.clock);
        Fixture::check(deed(writer));
        Fixture::check(t->commit());
    };
    const std::vector<std::uint32_t> two{d.user, d.other};
    const std::string signIn = signInId(d.number);
    const auto detection = detectionId(static_cast<DetectionType>(d.type), userKey(owner(d.number)), signIn);
    switch (d.what) {
    case 0: act({Action::Dismiss, two, {}, {}, {}, {}}); break;
    case 1: act({Action::ConfirmCompromised, two, {}, {}, {}, {}}); break;
    case 2: act({Action::ConfirmSafe, two, {}, {}, {}, {}}); break;
    case 3: act({Action::Resolve, two, {}, {}, {}, "note"}); break;
    case 4: act({Action::ResetPassword, two, {}, {}, {}, {}}); break;
    case 5: act({Action::Block, {d.user}, {}, {}, {}, {}}); break;
    case 6: act({Action::Unblock, {d.user}, {}, {}, {}, {}}); break;
    case 7: act({Action::Dismiss, {}, {}, {signIn}, {}, {}}); break;
    case 8: act({Action::ConfirmCompromised, {}, {}, {signIn, signInId(d.number + 1)}, {}, {}}); break;
    case 9: act({Action::ConfirmSafe, {}, {}, {signIn}, {}, {}}); break;
    case 10: act({Action::Dismiss, {}, {detection}, {}, {}, {}}); break;
    case 11: act({Action::ConfirmCompromised, {}, {detection}, {}, {}, {}}); break;
    case 12: act({Action::ConfirmSafe, {}, {detection}, {}, {}, {}}); break;
    case 13: Fixture::check(ledger::ageLowDetections(f.connection(), f.clock)); break;
    case 14:
        withWriter([&](auto &w) {
            return w.passwordChanged(
                d.user, d.level == 1 ? PasswordChange::ResetByUser : PasswordChange::ChangedByUser,
                f.clock.now());
        });
        break;
    case 15:
        if (f.signIn(d.number) != "unknown")
            withWriter([&](auto &w) { return w.passedMfa(owner(d.number), signIn, f.clock.now()); });
        break;
    case 16: (void)service.undo(); break; // Conflict and NotFound are answers too
    case 17: (void)service.redo(); break;
    case 18: (void)service.undo(d.number / 2 + 1); break;
    case 19: (void)service.redo(d.number / 2 + 1); break;
    default: { // mostly findings: late ones, repeats, pairs
        const auto key = d.level == 1 ? "" : "scope";
        const auto at = f.clock.now() - minutes(d.other * 4);
        f.raise(finding(owner(d.number), d.number, static_cast<DetectionType>(d.type),
                        static_cast<RiskLevel>(d.level), at, key));
        const auto k = eventKey(d.number);
        store::Statement withhold(f.connection(),
                                  "INSERT OR IGNORE INTO withheld (user, event_key) VALUES (?1, ?2)");
        Fixture::check(withhold.bind(owner(d.number), std::span<const std::uint8_t>(k)).run());
    }
    }
}

std::string firstDifference(Fixture &f)
{
    const auto differences = run::verifyRisk(f.connection());
    Fixture::check(differences);
    return differences->empty() ? std::string() : sentence(differences->front());
}

} // namespace

class RiskFoldTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        if (std::getenv("RC_PARAMS") == nullptr)
            setenv("RC_PARAMS",
                   ("seed=20260318 max_size=60 max_success=" + std::to_string(test::effort(60))).c_str(), 1);
    }
    void stored_state_is_the_fold_of_the_ledger()
    {
        QVERIFY(rc::check("stored state is the fold of the ledger", [] {
            Fixture f(users);
            f.run("INSERT INTO setting VALUES ('risk.mfaRemediates', '1')");
            for (const auto &deed : *rc::gen::container<std::vector<Deed>>(aDeed()))
                perform(f, deed);
            RC_ASSERT(firstDifference(f) == "");
            RC_ASSERT(f.ask("SELECT count(*) - count(DISTINCT id) FROM detection") == "0");
            // Each event begins where the one before it ended.
            RC_ASSERT(
                f.ask(
                    "SELECT count(*) FROM (SELECT from_level, from_state, from_detail, from_score, "
                    "lag(to_level, 1, 0) OVER w pl, lag(to_state, 1, 0) OVER w ps, lag(to_detail, 1, 0) OVER "
                    "w pd, "
                    "lag(to_score, 1, 0) OVER w pc FROM ledger WINDOW w AS (PARTITION BY user ORDER BY id)) "
                    "WHERE (from_level, from_state, from_detail, from_score) <> (pl, ps, pd, pc)") == "0");
        }));
    }
    void undo_restores_the_state_before_and_redo_the_one_after()
    {
        QVERIFY(rc::check("undo restores the state before, redo the one after", [] {
            Fixture f(users);
            for (const auto &deed : *rc::gen::container<std::vector<Deed>>(aDeed()))
                perform(f, deed);
            const auto before = f.everything();
            auto decision = *aDeed();
            decision.what %= 13;
            const auto commands = f.ask("SELECT count(*) FROM command");
            perform(f, decision);
            RC_PRE(f.ask("SELECT count(*) FROM command") != commands); // else everybody was skipped
            const auto after = f.everything();
            ActionService service(f.connection(), f.clock);
            for (int round = 0; round < 2; ++round) {
                f.clock.advance(minutes(2000));
                Fixture::check(service.undo());
                RC_ASSERT(f.everything() == before);
                f.clock.advance(minutes(2000));
                Fixture::check(service.redo());
                RC_ASSERT(f.everything() == after);
            }
            RC_ASSERT(firstDifference(f) == "");
        }));
    }
    void findings_in_one_call_or_in_many_give_the_same_state()
    {
        QVERIFY(rc::check("blocks do not matter", [] {
            auto deeds = *rc::gen::container<std::vector<Deed>>(aDeed());
            const auto size = *rc::gen::inRange<std::size_t>(1, 7);
            const auto made = [&] {
                std::vector<RaisedDetection> all;
                Timestamp at = noon;
                for (const auto &d : deeds) {
                    at = at + minutes(d.minutesOn % 1000);
                    all.push_back(finding(owner(d.number), d.number, static_cast<DetectionType>(d.type),
                                          static_cast<RiskLevel>(d.level), at, d.level == 1 ? "" : "scope"));
                }
                return all;
            };
            Fixture one(users), many(users);
            one.clock.advance(minutes(100'000));
            many.clock.advance(minutes(100'000));
            one.raise(made());
            auto all = made();
            for (std::size_t i = 0; i < all.size(); i += size)
                many.raise(std::vector<RaisedDetection>(
                    all.begin() + static_cast<std::ptrdiff_t>(i),
                    all.begin() + static_cast<std::ptrdiff_t>(std::min(i + size, all.size()))));
            RC_ASSERT(one.everything() == many.everything());
            const auto state = one.everything();
            one.raise(made()); // and all over again
            RC_ASSERT(one.everything() == state);
        }));
    }
};

QTEST_APPLESS_MAIN(RiskFoldTest)
#include "tst_risk_fold.moc"
