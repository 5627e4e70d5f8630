// The history of a user: in the order of what happened, repeats in one row, an undo with what it took back.
#include "core/query/spine.h"
#include "core/query/tables/history.h"
#include "core/query/user_story.h"

#include "tests/support/small_directory.h"

#include <QTest>

#include <set>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

namespace {

Timestamp hour(int n)
{
    return {smallNow.us + n * 3600 * secondUs};
}

constexpr RiskStanding none{}, low{RiskLevel::Low, RiskState::AtRisk, RiskDetail::None, 27},
    medium{RiskLevel::Medium, RiskState::AtRisk, RiskDetail::None, 55},
    dismissed{RiskLevel::None, RiskState::Dismissed, RiskDetail::AdminDismissedAllRiskForUser, 0};

} // namespace

class UserStoryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void historyRunsInTimeWithRepeatsInOneRow()
    {
        SmallDirectory small;
        SmallUser anna;
        anna.key = anna.name = anna.upn = "anna";
        const auto user = small.addUser(anna);
        const auto add = [&](LedgerKind kind, int at, RiskStanding from, RiskStanding to,
                             const char *detection) {
            small.addLedger(user, kind, hour(at), from, to, {}, {}, detection);
        };
        add(LedgerKind::DetectionRaised, 0, none, low, "aa");
        add(LedgerKind::DetectionFolded, 1, low, low, "aa");
        add(LedgerKind::DetectionFolded, 5, low, low, "aa");
        add(LedgerKind::DetectionFolded, 4, low, medium, "aa");    // lifts the level: a row of its own
        add(LedgerKind::DetectionRaised, 2, medium, medium, "bb"); // came late
        const auto history = userHistory(small.connection(), user);
        QVERIFY(history);
        QCOMPARE(history->size(), std::size_t{3});
        QCOMPARE((*history)[0].event.at, hour(4));
        QCOMPARE((*history)[0].event.kind, LedgerKind::DetectionFolded);
        QCOMPARE((*history)[0].times, 1u);
        QCOMPARE((*history)[1].event.detection, std::string("bb"));
        QCOMPARE((*history)[2].event.at, hour(0));
        QCOMPARE((*history)[2].times, 4u);
        QCOMPARE((*history)[2].lastAt, hour(5));
    }

    // Scripts get every change, one id each, and no repeat that changed nothing.
    void anItemOfTheHistoryHasTheTicksOfItsMoment()
    {
        SmallDirectory small;
        SmallUser anna, bert;
        anna.key = anna.name = anna.upn = "anna";
        bert.key = bert.name = bert.upn = "bert";
        const auto user = small.addUser(anna), other = small.addUser(bert);
        const auto at = *Timestamp::fromIso("2019-04-05T23:00:14.0973557Z");
        small.addLedger(other, LedgerKind::DetectionRaised, at, none, low, {}, {}, "cc");
        small.addLedger(user, LedgerKind::DetectionRaised, at, none, low, {}, {}, "aa");
        small.addLedger(user, LedgerKind::DetectionRaised, at, low, medium, {}, {}, "bb");
        small.addLedger(user, LedgerKind::DetectionFolded, hour(0), medium, medium, {}, {}, "bb");
        small.addLedger(user, LedgerKind::UserDismissed, hour(1), medium, dismissed, "Rui");
        Question question;
        question.report = Report::History;
        question.filter = Filter::match("userId", Test::Is, {std::string("anna")});
        question.order = {{"riskLastUpdatedDateTime", true}};
        const auto ids = readSpine(small.connection(), question);
        QVERIFY(ids);
        const auto items = readHistory(small.connection(), *ids);
        QVERIFY(items);
        QCOMPARE(items->size(), std::size_t{3});
        QCOMPARE((*items)[0].event.actor, std::string("Rui"));
        QCOMPARE((*items)[0].event.to, dismissed);
        // Graph's documented example has a 7 at the end; we keep microseconds, and it tells the order in one.
        std::set<std::string> itemIds{(*items)[1].id, (*items)[2].id};
        QCOMPARE(itemIds, (std::set<std::string>{"anna636901020140973550", "anna636901020140973551"}));
        question.filter = Filter::match("id", Test::Is, {std::string("anna636901020140973551")});
        const auto one = readSpine(small.connection(), question);
        QVERIFY(one);
        QCOMPARE(one->size(), std::size_t{1});
        QCOMPARE(readHistory(small.connection(), *one)->front().event.detection, std::string("bb"));
    }

    // Closing by age is recorded when somebody looks, after what was seen again in the meantime.
    void theLineEndsWithTheScoreOfToday()
    {
        SmallDirectory small;
        SmallUser anna;
        anna.key = anna.name = anna.upn = "anna";
        const auto user = small.addUser(anna);
        small.addLedger(user, LedgerKind::DetectionRaised, hour(0), none, low, {}, {}, "aa");
        small.addLedger(user, LedgerKind::DetectionRaised, hour(1), low, medium, {}, {}, "bb");
        small.addLedger(user, LedgerKind::DetectionFolded, hour(5), medium, medium, {}, {}, "bb");
        small.addLedger(user, LedgerKind::Aged, hour(3), medium, low, {}, {}, "aa");
        const auto story = userOverview(small.connection(), user);
        QVERIFY(story);
        QCOMPARE(story->scores.size(), std::size_t{4});
        for (std::size_t i = 1; i < 4; ++i)
            QVERIFY(story->scores[i].since >= story->scores[i - 1].since);
        QCOMPARE(story->scores.back().standing, low);
        QCOMPARE(story->scores.back().at, hour(3));
        QCOMPARE(story->scores.back().since, hour(5));
    }

    void anUndoSaysWhatItTookBack()
    {
        SmallDirectory small;
        SmallUser anna;
        anna.key = anna.name = anna.upn = "anna";
        const auto user = small.addUser(anna);
        small.addLedger(user, LedgerKind::DetectionRaised, hour(0), none, low, {}, {}, "aa");
        small.addLedger(user, LedgerKind::UserDismissed, hour(1), low, dismissed, "Rui");
        small.addLedger(user, LedgerKind::Undone, hour(2), dismissed, low, "Ines");
        small.addLedger(user, LedgerKind::Undone, hour(3), low, dismissed, "Ana");
        small.addLedger(user, LedgerKind::Undone, hour(4), dismissed, low, "Eva");
        // Command 11 dismissed, 12 took it back, 13 took that back, 14 took that back.
        small.need(small.connection().execute("UPDATE ledger SET command = 9 + id, undo_of = CASE WHEN kind "
                                              "= 21 THEN 8 + id ELSE 0 END WHERE id > 1"));
        const auto history = userHistory(small.connection(), user);
        QVERIFY(history);
        QCOMPARE(history->size(), std::size_t{5});
        for (const std::size_t row : {0u, 1u, 2u}) {
            const auto &back = (*history)[row].takenBack;
            QVERIFY(back);
            QCOMPARE(back->kind, LedgerKind::UserDismissed);
            QCOMPARE(back->actor, std::string("Rui"));
            QCOMPARE(back->at, hour(1));
            QCOMPARE(back->again, row == 1);
        }
        QVERIFY(!(*history)[3].takenBack);
        QVERIFY(!(*history)[4].takenBack);
    }
};

QTEST_APPLESS_MAIN(UserStoryTest)
#include "tst_user_story.moc"
