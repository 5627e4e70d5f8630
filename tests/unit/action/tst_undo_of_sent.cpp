// Undo and redo of commands that were sent to a provider: each sentence with which a user is left out, beside another
// user of the same command who is not, and alone, where it is the error.
#include "core/action/outbox.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <functional>
#include <optional>
#include <vector>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::test;
using O = ProviderOperation;

namespace {

const Operator ana{"ana", Role::Administrator, "console", "desk"};

struct World : Fixture
{
    World() { connect(1); }
    void connect(int id)
    {
        const auto all = bit(O::ResetPassword) | bit(O::Block) | bit(O::Unblock) | bit(O::RevokeSessions);
        run("INSERT INTO connector (id, kind, name, settings, capabilities, active, added_at) VALUES (" +
            std::to_string(id) + ", 'graph', 'Contoso " + std::to_string(id) + "', '{}', " +
            std::to_string(all) + ", 1, 0)");
    }
    // Another connection takes over.
    void move()
    {
        run("UPDATE connector SET active = 0, removed_at = 1");
        connect(2);
    }
    ActionService service() { return {connection(), clock, ana}; }
    std::int64_t act(Action action, std::vector<std::uint32_t> users)
    {
        const auto outcome = service().carryOut({action, std::move(users), {}, {}, {}, {}});
        check(outcome);
        if (!outcome->waits)
            throw std::runtime_error("nothing was sent");
        return outcome->command;
    }
    // What waits is answered, of one user or of all.
    void answer(OutboxState state, const std::string &code, std::optional<std::uint32_t> user = {})
    {
        const auto waiting = outbox(connection(), true);
        check(waiting);
        for (auto row : *waiting) {
            if (user && row.user != *user)
                continue;
            check(beginSending(connection(), clock, row, {}));
            if (state == OutboxState::Sending)
                continue;
            const auto settled = settle(connection(), clock, row, state, code, "It may not.");
            check(settled);
        }
    }
    void done() { answer(OutboxState::Done, "ok"); }
};

using Users = std::vector<std::uint32_t>;
struct Case
{
    const char *name, *code, *sentence;
    bool redo;
    // Does it to `users`, then what speaks against the first. What is taken back is returned.
    std::function<std::int64_t(World &, const Users &)> story;
};

std::int64_t sent(World &w, Action action, const Users &users)
{
    const auto command = w.act(action, users);
    w.done();
    return command;
}
// Taken back while it was held: what a redo asks for again.
std::int64_t takenBack(World &w, Action action, const Users &users)
{
    const auto command = w.act(action, users);
    const auto undone = w.service().undo(command);
    Fixture::check(undone);
    return undone->command;
}
std::int64_t failedForFirst(World &w, const Users &users, const char *code)
{
    const auto command = w.act(Action::Block, users);
    w.answer(OutboxState::Failed, code, users.front());
    w.done();
    return command;
}

constexpr const char
    *touched = "Something happened to the user since; reverse it as a new action.",
    *onItsWay = "The same is on its way to the identity provider.",
    *oppositeOnItsWay = "The opposite is on its way to the identity provider; take that back "
                        "first, or wait until it is done.",
    *neverDone = "It was never done: the request failed, or was given up.",
    *notKnownSentence = "The request failed, or was given up, and whether it was done is not known; "
                        "look at the identity provider, and reverse it there or as a new action.",
    *off = "The connection where its account lives is switched off; switch it on, or do it at the "
           "identity provider.",
    *cannot = "The connection where its account lives cannot do this; do it at the identity "
              "provider.",
    *sentReset = "The password was reset at the identity provider; it cannot be taken back.",
    *sentSessions = "The sessions were ended at the identity provider; they cannot be brought back.";

const std::vector<Case> cases = {
    {"undo, taken back before", "touchedLater", touched, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         const Users first{users.front()};
         Fixture::check(w.service().undo(command, {}, {}, first));
         w.done();
         return command;
     }},
    {"undo, taken back while it was held", "touchedLater", touched, false,
     [](World &w, const Users &users) {
         const auto command = w.act(Action::Block, users);
         const Users first{users.front()};
         Fixture::check(w.service().undo(command, {}, {}, first));
         w.done();
         return command;
     }},
    {"undo, done otherwise since", "touchedLater", touched, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         sent(w, Action::Unblock, {users.front()});
         return command;
     }},
    {"undo, done otherwise and again since", "touchedLater", touched, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         sent(w, Action::Unblock, {users.front()});
         sent(w, Action::Block, {users.front()});
         return command;
     }},
    {"undo, being sent", "onItsWay", onItsWay, false,
     [](World &w, const Users &users) {
         const auto command = w.act(Action::Block, users);
         w.answer(OutboxState::Sending, {}, users.front());
         return command;
     }},
    {"undo, asked for otherwise already", "onItsWay", onItsWay, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         w.act(Action::Unblock, {users.front()});
         return command;
     }},
    {"undo, refused", "neverDone", neverDone, false,
     [](World &w, const Users &users) { return failedForFirst(w, users, "http403"); }},
    {"undo, given up", "neverDone", neverDone, false,
     [](World &w, const Users &users) {
         const auto command = w.act(Action::Block, users);
         const auto row = w.ask("SELECT id FROM outbox WHERE user = " + std::to_string(users.front()));
         Fixture::check(discardRow(w.connection(), w.clock, ana, std::stoll(row)));
         w.done();
         return command;
     }},
    {"undo, nobody can tell", "doneNotKnown", notKnownSentence, false,
     [](World &w, const Users &users) { return failedForFirst(w, users, "notKnown"); }},
    {"undo, a password", "sentAlready", sentReset, false,
     [](World &w, const Users &users) {
         const auto command = w.act(Action::ResetPassword, users);
         w.answer(OutboxState::Done, "ok", users.front());
         return command;
     }},
    {"undo, sessions", "sessionsEnded", sentSessions, false,
     [](World &w, const Users &users) {
         const auto command = w.act(Action::RevokeSessions, users);
         w.answer(OutboxState::Done, "ok", users.front());
         return command;
     }},
    {"redo, asked for since", "touchedLater", touched, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.act(Action::Block, {users.front()});
         return undo;
     }},
    {"redo, done again before", "touchedLater", touched, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         const Users first{users.front()};
         Fixture::check(w.service().redo(undo, {}, {}, first));
         w.done();
         return undo;
     }},
    {"redo, on its way elsewhere", "onItsWay", onItsWay, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::ResetPassword, users);
         w.move();
         w.act(Action::ResetPassword, {users.front()});
         return undo;
     }},
    {"redo, the opposite is on its way elsewhere", "oppositeOnItsWay", oppositeOnItsWay, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.move();
         sent(w, Action::Block, {users.front()});
         w.act(Action::Unblock, {users.front()});
         return undo;
     }},
    {"redo, blocked by its directory", "alreadyBlocked", "Sign-in is blocked already.", true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.run("UPDATE user SET account_enabled = 0 WHERE id = " + std::to_string(users.front()));
         return undo;
     }},
    {"redo, not blocked by its directory", "notBlocked", "Sign-in is not blocked.", true,
     [](World &w, const Users &users) {
         w.run("UPDATE user SET account_enabled = 0");
         const auto undo = takenBack(w, Action::Unblock, users);
         w.run("UPDATE user SET account_enabled = 1 WHERE id = " + std::to_string(users.front()));
         return undo;
     }},
    {"redo, deleted", "deleted", "The user is deleted.", true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.run("UPDATE user SET is_deleted = 1 WHERE id = " + std::to_string(users.front()));
         return undo;
     }},
    {"redo, comes through another party", "socialIdentity",
     "The identity provider of this user keeps the password; it is reset there.", true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::ResetPassword, users);
         w.run("UPDATE user SET identity = 2 WHERE id = " + std::to_string(users.front()));
         return undo;
     }},
};

// Of the connection, and so of all users.
const std::vector<Case> ofAll = {
    {"undo, switched off", "connectionOff", off, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         w.run("UPDATE connector SET active = 0");
         return command;
     }},
    {"undo, cannot", "connectionCannot", cannot, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         w.run("UPDATE connector SET capabilities = " + std::to_string(bit(O::Block)));
         return command;
     }},
    {"undo, lives nowhere else", "touchedLater", touched, false,
     [](World &w, const Users &users) {
         const auto command = sent(w, Action::Block, users);
         w.run("UPDATE connector SET active = 0, removed_at = 1");
         return command;
     }},
    {"redo, switched off", "connectionOff", off, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.run("UPDATE connector SET active = 0");
         return undo;
     }},
    {"redo, cannot", "connectionCannot", cannot, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.run("UPDATE connector SET capabilities = " + std::to_string(bit(O::ResetPassword)));
         return undo;
     }},
    {"redo, lives nowhere else", "touchedLater", touched, true,
     [](World &w, const Users &users) {
         const auto undo = takenBack(w, Action::Block, users);
         w.run("UPDATE connector SET active = 0, removed_at = 1");
         return undo;
     }},
};

void addRows(const std::vector<Case> &all)
{
    QTest::addColumn<const void *>("which");
    for (const auto &one : all)
        QTest::newRow(one.name) << static_cast<const void *>(&one);
}

} // namespace

class TestUndoOfSent : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void a_user_is_left_out_with_its_sentence_data() { addRows(cases); }
    void a_user_is_left_out_with_its_sentence()
    {
        QFETCH(const void *, which);
        const auto &one = *static_cast<const Case *>(which);
        World w;
        const auto command = one.story(w, {1, 2});
        const auto outcome = one.redo ? w.service().redo(command) : w.service().undo(command);
        QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().detail.c_str());
        QCOMPARE(outcome->users, 1u);
        QCOMPARE(outcome->skipped.size(), std::size_t{1});
        const auto &skipped = outcome->skipped.front();
        QCOMPARE(skipped.user, 1u);
        QCOMPARE(skipped.name, "User 1");
        QCOMPARE(std::string(skipped.code()), one.code);
        QCOMPARE(std::string(skipped.sentence()), one.sentence);
    }
    void alone_it_is_the_error_data()
    {
        addRows(cases);
        for (const auto &one : ofAll)
            QTest::newRow(one.name) << static_cast<const void *>(&one);
    }
    void alone_it_is_the_error()
    {
        QFETCH(const void *, which);
        const auto &one = *static_cast<const Case *>(which);
        World w;
        const auto command = one.story(w, {1});
        const auto before = w.ask("SELECT count(*) FROM outbox") + ' ' + w.ask("SELECT count(*) FROM audit");
        const auto outcome = one.redo ? w.service().redo(command) : w.service().undo(command);
        QVERIFY(!outcome.has_value());
        QCOMPARE(outcome.error().code, Code::Conflict);
        QCOMPARE(outcome.error().detail, std::string(one.sentence));
        QCOMPARE(w.ask("SELECT count(*) FROM outbox") + ' ' + w.ask("SELECT count(*) FROM audit"), before);
    }
};

QTEST_GUILESS_MAIN(TestUndoOfSent)
#include "tst_undo_of_sent.moc"
