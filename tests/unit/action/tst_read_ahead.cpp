// What is decided ahead is what would be decided now, and never used once somebody else has written.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/read_ahead.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::test;
using T = DetectionType;
using L = RiskLevel;

namespace {

constexpr std::uint32_t block = ledger::usersPerTransaction;
const Operator ana{"ana", Role::Administrator, "console", "desk"};

// Users 1 to `users`, every one but the last at risk.
Request dismissal(Fixture &fixture, std::uint32_t users)
{
    Request request{Action::Dismiss, {}, {}, {}, "expectedActivity", {}};
    std::vector<ledger::RaisedDetection> found;
    for (std::uint32_t user = 1; user <= users; ++user) {
        request.users.push_back(user);
        if (user < users)
            found.push_back(finding(user, user, T::AnonymizedIPAddress, L::High, noon));
    }
    fixture.raise(std::move(found));
    return request;
}

std::vector<Target> targetsOf(const Request &request)
{
    std::vector<Target> targets;
    for (const auto user : request.users)
        targets.push_back({user, {}});
    return targets;
}

// Another process finds something about somebody.
void findElsewhere(Fixture &fixture, std::uint32_t user)
{
    auto other = store::openForWriting(fixture.connection().file());
    Fixture::check(other);
    auto transaction = store::Transaction::begin(*other);
    Fixture::check(transaction);
    std::vector<ledger::RaisedDetection> found{finding(user, 1'000'000, T::UnfamiliarFeatures, L::Low, noon)};
    Fixture::check(ledger::RiskWriter(*other, fixture.clock).raise(std::move(found)));
    Fixture::check(transaction->commit());
}

} // namespace

class ReadAheadTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void the_next_block_is_decided_while_one_is_written()
    {
        Fixture f(block + 2);
        const auto request = dismissal(f, block + 2);
        const auto targets = targetsOf(request);
        ReadAhead ahead(f.connection(), f.clock, ana, request, targets);
        QCOMPARE(*ahead.of(0, 0), nullptr);
        QCOMPARE(*ahead.of(1, 7), nullptr);
        const auto *next = *ahead.of(block, 7);
        QVERIFY(next != nullptr && next->decision.has_value());
        Decider now(f.connection(), f.clock, ana);
        std::vector<Skipped> none;
        const auto same = now.decide(request, targets[block], 7, none);
        QCOMPARE(next->decision->after, (*same)->after);
        QCOMPARE(next->decision->audit.target, userKey(block + 1));
        QCOMPARE(next->decision->events.front().command, 7);
        const auto *last = *ahead.of(block + 1, 7);
        QVERIFY(last != nullptr && !last->decision.has_value());
        QCOMPARE(last->skipped.size(), 1u);
    }
    void nothing_is_used_after_somebody_else_wrote()
    {
        Fixture f(block + 2);
        const auto request = dismissal(f, block + 2);
        const auto targets = targetsOf(request);
        ReadAhead ahead(f.connection(), f.clock, ana, request, targets);
        QCOMPARE(*ahead.of(0, 7), nullptr);
        findElsewhere(f, 3);
        QCOMPARE(*ahead.of(block, 7), nullptr);
    }
    void what_comes_between_two_blocks_is_decided_on_too()
    {
        Fixture f(3 * block);
        const auto request = dismissal(f, 3 * block);
        const auto late = 2 * block + 5;
        ActionService service(f.connection(), f.clock, ana);
        const auto outcome = service.carryOut(request, [&](const Progress &progress) {
            if (progress.done == 2 * block)
                findElsewhere(f, late);
        });
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->users, 3 * block - 1);
        QCOMPARE(outcome->skipped.size(), 1u);
        QCOMPARE(f.ask("SELECT count(*) FROM detection WHERE state = 4"), std::string("0"));
        QCOMPARE(f.ask("SELECT total_detections FROM user_risk WHERE user = " + std::to_string(late)),
                 std::string("2"));
        QVERIFY(run::verifyRisk(f.connection())->empty());
    }
};

QTEST_APPLESS_MAIN(ReadAheadTest)
#include "tst_read_ahead.moc"
