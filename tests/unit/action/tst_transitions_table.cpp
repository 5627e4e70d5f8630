// Every action on every kind of target, by every role, from every state: what the design says of it, stated here once
// more and apart from core, against what comes out of a directory. And each of them is taken back.
#include "core/action/action_service.h"
#include "core/ledger/ageing.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::ledger;
using namespace riskdesk::test;
using D = RiskDetail;
using K = TargetKind;
using L = RiskLevel;
using S = RiskState;
using std::chrono::hours;

namespace {

// The statement ---------------------------------------------------------------------------------------------

struct Found
{
    int signIn = 0; // of the user's own, from 1; 0: of the user
    L level = L::Low;
    S state = S::AtRisk;
    D detail = D::None;
    int moved = 0; // the step that closed or confirmed it
};

bool counts(S state)
{
    return state == S::AtRisk || state == S::ConfirmedCompromised;
}

struct Standing
{
    L level = L::None;
    S state = S::None;
    D detail = D::None;
    int least = 0, most = 0; // score
};

// Σ over what is open, else what the last closing says.
Standing standingOf(const std::vector<Found> &all)
{
    double others = 0, lows = 0;
    const Found *confirmed = nullptr, *closed = nullptr;
    bool open = false;
    for (const auto &one : all) {
        open |= counts(one.state);
        // What was said of the whole account goes before what was said of a sign-in.
        if (one.state == S::ConfirmedCompromised && (confirmed == nullptr || one.signIn == 0))
            confirmed = &one;
        if (!counts(one.state)) {
            if (closed == nullptr || one.moved >= closed->moved)
                closed = &one;
            continue;
        }
        others += one.level == L::High ? 4.0 : one.level == L::Medium ? 2.0 : 0.0;
        lows += one.level == L::Low ? 0.8 : 0.0;
    }
    if (confirmed != nullptr)
        return {L::High, S::ConfirmedCompromised, confirmed->detail, 100, 100};
    if (!open)
        return closed == nullptr ? Standing() : Standing{L::None, closed->state, closed->detail, 0, 0};
    const auto levelOf = [](double sum) { return sum >= 3.5 ? L::High : sum >= 1.6 ? L::Medium : L::Low; };
    const auto scoreOf = [](double sum) {
        return static_cast<int>(std::lround(100 * (1 - std::exp(-sum / 2.525))));
    };
    const double sum = others + std::min(lows, 1.5);
    if (others > 0 && levelOf(sum) != levelOf(others)) // lows lift no level that the others give
        return {levelOf(others), S::AtRisk, D::None, scoreOf(others), 74};
    return {levelOf(sum), S::AtRisk, D::None, scoreOf(sum), scoreOf(sum)};
}

struct Person
{
    std::vector<Found> found;
    bool isDeleted = false, isBlocked = false, isSocial = false, isAtRiskAtProvider = false;
    bool mustChange = false, sessionsEnded = false;
    QString story; // how it came to be so
};

std::vector<Found> onSignIn(const Person &person, int signIn)
{
    std::vector<Found> all;
    for (const auto &one : person.found)
        if (one.signIn == signIn)
            all.push_back(one);
    return all;
}

bool mayDo(Role role, Action action)
{
    switch (action) {
    case Action::Dismiss:
    case Action::ConfirmSafe:
    case Action::ConfirmCompromised:
    case Action::Resolve: return role != Role::Reader;
    case Action::ResetPassword:
    case Action::Block:
    case Action::Unblock:
    case Action::RevokeSessions: return role == Role::Administrator;
    }
    return false;
}

// What somebody acts on: the user, or one of his detections and the sign-in of it.
struct Pick
{
    Action action;
    K target = K::User;
    bool isLast = false; // detection, else the first
};

// The code of why not; empty: it may.
QString refusal(const Pick &pick, const Person &person, const Found *on)
{
    const bool ofUser = pick.target == K::User;
    const auto standing = ofUser                        ? standingOf(person.found)
                          : pick.target == K::Detection ? standingOf({*on})
                                                        : standingOf(onSignIn(person, on->signIn));
    const auto closedAlready = [&](S state, const char *code) {
        return standing.state == state ? QString(code) : QString("notAtRisk");
    };
    // The risk of a deleted user can be closed; nothing else is done to him.
    if (person.isDeleted && pick.action != Action::Dismiss && !(ofUser && pick.action == Action::Resolve))
        return "deleted";
    switch (pick.action) {
    case Action::Dismiss:
    case Action::ConfirmSafe:
    case Action::Resolve:
        if (counts(standing.state))
            return {};
        if (standing.state == S::None && person.isAtRiskAtProvider)
            return "atProviderOnly";
        if (pick.action == Action::Dismiss)
            return closedAlready(S::Dismissed, "alreadyDismissed");
        return pick.action == Action::ConfirmSafe ? closedAlready(S::ConfirmedSafe, "alreadyConfirmedSafe")
                                                  : closedAlready(S::Remediated, "alreadyRemediated");
    case Action::ConfirmCompromised:
        // Of a user whose sign-in was confirmed it can still be said of the whole account.
        return standing.state == S::ConfirmedCompromised &&
                       (!ofUser || standing.detail == D::AdminConfirmedUserCompromised)
                   ? "alreadyConfirmedCompromised"
                   : "";
    case Action::ResetPassword: return person.isSocial ? "socialIdentity" : "";
    case Action::Block: return person.isBlocked ? "alreadyBlocked" : "";
    case Action::Unblock: return person.isBlocked ? "" : "notBlocked";
    case Action::RevokeSessions: return {};
    }
    return "?";
}

void closeOpen(std::vector<Found *> which, S state, D detail, int step)
{
    for (auto *one : which)
        if (counts(one->state)) {
            one->state = state;
            one->detail = detail;
            one->moved = step;
        }
}

// What is then.
void apply(const Pick &pick, Person &person, const Found *on, int step)
{
    std::vector<Found *> which;
    for (auto &one : person.found)
        if (pick.target == K::User || (pick.target == K::Detection ? &one == on : one.signIn == on->signIn))
            which.push_back(&one);
    // A detection on no sign-in speaks of the user.
    const bool ofUser = pick.target == K::User || on->signIn == 0;
    switch (pick.action) {
    case Action::Dismiss:
        return closeOpen(which, S::Dismissed,
                         ofUser ? D::AdminDismissedAllRiskForUser : D::AdminDismissedRiskForSignIn, step);
    case Action::ConfirmSafe:
        return closeOpen(which, S::ConfirmedSafe,
                         ofUser ? D::AdminConfirmedAccountSafe : D::AdminConfirmedSigninSafe, step);
    case Action::ConfirmCompromised:
        if (pick.target == K::User) {
            person.found.push_back(
                {0, L::High, S::ConfirmedCompromised, D::AdminConfirmedUserCompromised, step});
            return;
        }
        for (auto *one : which)
            if (one->state != S::ConfirmedCompromised)
                *one = {one->signIn, one->level, S::ConfirmedCompromised,
                        ofUser ? D::AdminConfirmedUserCompromised : D::AdminConfirmedSigninCompromised, step};
        return;
    case Action::Resolve: return closeOpen(which, S::Remediated, D::None, step);
    case Action::ResetPassword:
        person.mustChange = true;
        return closeOpen(which, S::Remediated, D::AdminGeneratedTemporaryPassword, step);
    case Action::Block: person.isBlocked = true; return;
    case Action::Unblock: person.isBlocked = false; return;
    case Action::RevokeSessions: person.sessionsEnded = true; return;
    }
}

// The states that it begins from ----------------------------------------------------------------------------

const std::vector<std::pair<QString, std::vector<L>>> shapes = {
    {"nothing", {}},
    {"low", {L::Low}},
    {"medium", {L::Medium}},
    {"high", {L::High}},
    {"three lows", {L::Low, L::Low, L::Low}},
    {"low, medium", {L::Low, L::Medium}},
    {"medium, two lows", {L::Medium, L::Low, L::Low}},
    {"two mediums", {L::Medium, L::Medium}}};
const std::vector<QString> accounts = {"", "blocked", "deleted", "social", "held at the provider"};
// What happened before: decisions in their order, or what happens by itself.
const std::vector<std::pair<QString, std::vector<Pick>>> preludes = {
    {"untouched", {}},
    {"dismissed", {{Action::Dismiss}}},
    {"safe", {{Action::ConfirmSafe}}},
    {"compromised", {{Action::ConfirmCompromised}}},
    {"resolved", {{Action::Resolve}}},
    {"reset", {{Action::ResetPassword}}},
    {"sign-in dismissed", {{Action::Dismiss, K::SignIn}}},
    {"sign-in safe", {{Action::ConfirmSafe, K::SignIn}}},
    {"sign-in compromised", {{Action::ConfirmCompromised, K::SignIn}}},
    {"last detection dismissed", {{Action::Dismiss, K::Detection, true}}},
    {"last detection safe", {{Action::ConfirmSafe, K::Detection, true}}},
    {"last detection compromised", {{Action::ConfirmCompromised, K::Detection, true}}},
    {"sign-in compromised, then the user",
     {{Action::ConfirmCompromised, K::SignIn}, {Action::ConfirmCompromised}}},
    {"compromised, then a sign-in", {{Action::ConfirmCompromised}, {Action::ConfirmCompromised, K::SignIn}}},
    {"compromised, then dismissed", {{Action::ConfirmCompromised}, {Action::Dismiss}}},
    {"first safe, then all dismissed", {{Action::ConfirmSafe, K::SignIn}, {Action::Dismiss}}},
    {"own reset", {}},
    {"own change", {}},
    {"second factor", {}},
    {"aged", {}}};

constexpr auto mostFound = 4; // of a user

struct World : Fixture
{
    std::map<std::uint32_t, Person> people; // by user id
    int step = 0;

    World()
        : Fixture(static_cast<std::uint32_t>(shapes.size() * preludes.size() * accounts.size()))
    {
        run("UPDATE user SET identity = 1, issuer = ''; INSERT OR REPLACE INTO setting VALUES "
            "('risk.mfaRemediates', '1')");
        std::vector<RaisedDetection> found;
        std::uint32_t id = 0;
        for (const auto &[shape, levels] : shapes)
            for (const auto &[prelude, picks] : preludes)
                for (const auto &account : accounts) {
                    auto &person = people[++id];
                    person.story = shape + "; " + prelude + "; " + account;
                    for (const auto level : levels) {
                        const int n = static_cast<int>(person.found.size()) + 1;
                        person.found.push_back({n, level});
                        const auto at = (prelude == "aged" ? noon - hours(24 * 20) : noon) + hours(n);
                        found.push_back(
                            finding(id, signInOf(id, n), DetectionType::AnonymizedIPAddress, level, at));
                    }
                }
        raise(std::move(found));
        clock.advance(hours(24));
        for (const auto &[prelude, picks] : preludes) {
            for (const auto &pick : picks)
                prepare(prelude, pick);
            if (picks.empty())
                happen(prelude);
        }
        for (auto &[user, person] : people) {
            const auto of = " WHERE id = " + std::to_string(user);
            person.isBlocked = person.story.endsWith("; blocked");
            person.isDeleted = person.story.endsWith("; deleted");
            person.isSocial = person.story.endsWith("; social");
            person.isAtRiskAtProvider = person.story.endsWith("; held at the provider");
            if (person.isBlocked)
                run("UPDATE user SET account_enabled = 0" + of);
            if (person.isDeleted)
                run("UPDATE user SET is_deleted = 1" + of);
            if (person.isSocial)
                run("UPDATE user SET identity = 2, issuer = 'google.com'" + of);
            if (person.isAtRiskAtProvider)
                run("INSERT INTO provider_risk VALUES (" + std::to_string(user) +
                    ", 'high', 'atRisk', 'none', 0)");
        }
    }
    static std::uint32_t signInOf(std::uint32_t user, int n)
    {
        return user * mostFound + static_cast<std::uint32_t>(n);
    }
    // Nothing where there is none. One that a decision made has an id that only the directory knows.
    const Found *on(const Pick &pick, const Person &person) const
    {
        if (pick.target == K::User || person.found.empty())
            return nullptr;
        const auto *one = pick.isLast ? &person.found.back() : &person.found.front();
        return pick.target == K::SignIn && one->signIn == 0 ? nullptr : one;
    }
    std::string idOf(const Pick &pick, std::uint32_t user, const Found &one)
    {
        if (one.signIn == 0)
            return ask("SELECT id FROM detection WHERE type = 7 AND user = " + std::to_string(user));
        const auto signIn = signInId(signInOf(user, one.signIn));
        return pick.target == K::SignIn
                   ? signIn
                   : detectionId(DetectionType::AnonymizedIPAddress, userKey(user), signIn);
    }
    // The request for some, and whom it is about.
    Request request(const Pick &pick, const std::vector<std::uint32_t> &users, std::vector<std::string> &ids)
    {
        Request r;
        r.action = pick.action;
        r.reason = pick.action == Action::Dismiss ? "riskAccepted" : "as they said";
        r.note = "by phone";
        for (const auto user : users) {
            ids.push_back(pick.target == K::User ? std::string()
                                                 : idOf(pick, user, *on(pick, people.at(user))));
            if (pick.target == K::User)
                r.users.push_back(user);
            else
                (pick.target == K::SignIn ? r.signIns : r.detections).push_back(ids.back());
        }
        return r;
    }
    void prepare(const QString &prelude, const Pick &pick)
    {
        clock.advance(hours(1));
        ++step;
        std::vector<std::uint32_t> users;
        for (auto &[user, person] : people)
            if (person.story.contains("; " + prelude + ";") && (pick.target == K::User || on(pick, person)))
                if (refusal(pick, person, on(pick, person)).isEmpty())
                    users.push_back(user);
        std::vector<std::string> ids;
        const auto done = ActionService(connection(), clock, {}).carryOut(request(pick, users, ids));
        check(done);
        for (const auto user : users)
            apply(pick, people.at(user), on(pick, people.at(user)), step);
    }
    void happen(const QString &what)
    {
        clock.advance(hours(1));
        ++step;
        if (what == "aged")
            check(ageLowDetections(connection(), clock));
        auto transaction = store::Transaction::begin(connection());
        RiskWriter writer(connection(), clock);
        for (auto &[user, person] : people) {
            if (!person.story.contains("; " + what + ";") || person.found.empty())
                continue;
            std::vector<Found *> all, first{&person.found.front()}, lows;
            for (auto &one : person.found) {
                all.push_back(&one);
                if (one.level == L::Low)
                    lows.push_back(&one);
            }
            if (what == "own reset") {
                check(writer.passwordChanged(user, PasswordChange::ResetByUser, clock.now()));
                closeOpen(all, S::Remediated, D::UserPerformedSecuredPasswordReset, step);
            } else if (what == "own change") {
                check(writer.passwordChanged(user, PasswordChange::ChangedByUser, clock.now()));
                closeOpen(all, S::Remediated, D::UserPerformedSecuredPasswordChange, step);
            } else if (what == "second factor") {
                check(writer.passedMfa(user, signInId(signInOf(user, 1)), clock.now()));
                closeOpen(first, S::Remediated, D::UserPassedMFADrivenByRiskBasedPolicy, step);
            } else if (what == "aged") {
                closeOpen(lows, S::Dismissed, D::None, step);
            }
        }
        check(transaction->commit());
    }

    // What the directory says of each, as one text; what the statement says of it.
    std::map<std::uint32_t, QStringList> told()
    {
        std::map<std::uint32_t, QStringList> all;
        const auto add = [&](const char *sql, auto text) {
            store::Statement row(connection(), sql);
            while (row.step())
                all[row.uint32(0)] << text(row);
            if (!row.ok())
                throw std::runtime_error(row.error().detail);
        };
        add("SELECT id, account_enabled, force_password_change, sessions_valid_from IS NOT NULL FROM user",
            [](auto &row) { return account(row.int64(1) != 0, row.int64(2) != 0, row.int64(3) != 0); });
        add("SELECT id, coalesce(level, 0), coalesce(state, 0), coalesce(detail, 0) FROM user LEFT JOIN "
            "user_risk ON "
            "user = id",
            [](auto &row) { return "user " + words(row); });
        add("SELECT user, 0, state, detail, level, event_key IS NULL FROM detection ORDER BY user, event_key "
            "IS NULL, "
            "at, id",
            [](auto &row) {
                return QString("detection %1 %2 %3")
                    .arg(row.int64(5) != 0 ? "of the user" : "of a sign-in")
                    .arg(row.int64(4))
                    .arg(words(row));
            });
        add("SELECT user, level_aggregated, state, detail FROM sign_in_risk ORDER BY user, at",
            [](auto &row) { return "sign-in " + words(row); });
        return all;
    }
    static QString account(bool enabled, bool mustChange, bool sessionsEnded)
    {
        return QString("enabled %1, must change %2, sessions ended %3")
            .arg(enabled)
            .arg(mustChange)
            .arg(sessionsEnded);
    }
    static QString words(store::Statement &row) { return words(row.as<L>(1), row.as<S>(2), row.as<D>(3)); }
    static QString words(L level, S state, D detail)
    {
        return QString::fromStdString(std::string(toText(level)) + ' ' + std::string(toText(state)) + ' ' +
                                      std::string(toText(detail)));
    }
    static QString words(const Standing &s) { return words(s.level, s.state, s.detail); }
    static QStringList stated(const Person &person)
    {
        QStringList all{account(!person.isBlocked, person.mustChange, person.sessionsEnded)};
        all << "user " + words(standingOf(person.found));
        QStringList signIns;
        for (const bool ofUser : {false, true})
            for (const auto &one : person.found)
                if ((one.signIn == 0) == ofUser)
                    all << QString("detection %1 %2 %3")
                               .arg(ofUser ? "of the user" : "of a sign-in")
                               .arg(static_cast<int>(one.level))
                               .arg(words(L::None, one.state, one.detail));
        for (const auto &one : person.found)
            if (one.signIn != 0)
                signIns << "sign-in " + words(standingOf(onSignIn(person, one.signIn)));
        return all + signIns;
    }
    std::map<std::uint32_t, int> scores()
    {
        std::map<std::uint32_t, int> all;
        store::Statement row(connection(), "SELECT user, score FROM user_risk");
        while (row.step())
            all[row.uint32(0)] = static_cast<int>(row.int64(1));
        return all;
    }
};

LedgerKind kindOf(const Pick &pick)
{
    using E = LedgerKind;
    const auto of = [&](E user, E signIn, E detection) {
        return pick.target == K::User ? user : pick.target == K::SignIn ? signIn : detection;
    };
    switch (pick.action) {
    case Action::Dismiss: return of(E::UserDismissed, E::SignInDismissed, E::DetectionDismissed);
    case Action::ConfirmSafe:
        return of(E::UserConfirmedSafe, E::SignInConfirmedSafe, E::DetectionConfirmedSafe);
    case Action::ConfirmCompromised:
        return of(E::UserConfirmedCompromised, E::SignInConfirmedCompromised,
                  E::DetectionConfirmedCompromised);
    case Action::Resolve: return E::ResolvedElsewhere;
    case Action::ResetPassword: return E::PasswordResetByAdmin;
    case Action::Block: return E::Blocked;
    case Action::Unblock: return E::Unblocked;
    case Action::RevokeSessions: return E::SessionsRevoked;
    }
    return {};
}

constexpr Action everyAction[] = {Action::Dismiss, Action::ConfirmCompromised, Action::ConfirmSafe,
                                  Action::Resolve, Action::ResetPassword,      Action::Block,
                                  Action::Unblock, Action::RevokeSessions};
constexpr Role everyRole[] = {Role::Reader, Role::Operator, Role::Administrator};

} // namespace

class TransitionsTableTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<World> m_world;
    int m_cases = 0, m_allowed = 0;

    // Says what is wrong about one of them, with its story.
    static bool same(const Person &person, const QStringList &is, const QStringList &shouldBe)
    {
        if (is == shouldBe)
            return true;
        qWarning().noquote() << person.story << "\nis        " << is.join(" | ") << "\nshould be "
                             << shouldBe.join(" | ");
        return false;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_world = std::make_unique<World>();
        const auto told = m_world->told();
        for (const auto &[user, person] : m_world->people)
            QVERIFY(same(person, told.at(user), World::stated(person)));
    }
    void rows_data()
    {
        QTest::addColumn<int>("action");
        QTest::addColumn<int>("target");
        QTest::addColumn<bool>("isLast");
        QTest::addColumn<int>("role");
        for (const auto action : everyAction)
            for (const auto target : {K::User, K::SignIn, K::Detection})
                for (const bool isLast : {false, true})
                    for (const auto role : everyRole)
                        if (target != K::User || !isLast)
                            QTest::addRow("%s %s%s by %s", toText(action).data(),
                                          target == K::User     ? "user"
                                          : target == K::SignIn ? "sign-in"
                                                                : "detection",
                                          target == K::User ? ""
                                          : isLast          ? ", the last"
                                                            : ", the first",
                                          toText(role).data())
                                << static_cast<int>(action) << static_cast<int>(target) << isLast
                                << static_cast<int>(role);
    }
    void rows()
    {
        QFETCH(int, action);
        QFETCH(int, target);
        QFETCH(bool, isLast);
        QFETCH(int, role);
        auto &w = *m_world;
        const Pick pick{static_cast<Action>(action), static_cast<K>(target), isLast};
        const Operator who{"ana", static_cast<Role>(role), "console", "desk"};
        w.clock.advance(hours(1));
        ++w.step;
        std::vector<std::uint32_t> users;
        for (const auto &[user, person] : w.people) {
            if (pick.target != K::User && w.on(pick, person) == nullptr)
                continue;
            if (pick.isLast && person.found.size() < 2) // is the first
                continue;
            if (who.role == Role::Operator && user % 3 != 0) // an administrator does the same to all
                continue;
            users.push_back(user);
        }
        m_cases += static_cast<int>(users.size());
        std::vector<std::string> ids;
        const auto request = w.request(pick, users, ids);
        const auto before = w.everything();
        ActionService service(w.connection(), w.clock, who);
        const auto plan = service.plan(request);
        const auto done = service.carryOut(request);

        // Roles, and what is for users only.
        const bool mayTarget = pick.target == K::User || pick.action == Action::Dismiss ||
                               pick.action == Action::ConfirmSafe ||
                               pick.action == Action::ConfirmCompromised;
        if (!mayDo(who.role, pick.action) || !mayTarget) {
            const auto code = mayDo(who.role, pick.action) ? Code::WrongUsage : Code::NotAllowed;
            QVERIFY(!plan && plan.error().code == code);
            QVERIFY(!done && done.error().code == code);
            QVERIFY(!done.error().detail.empty());
            QCOMPARE(w.everything(), before);
            return;
        }
        QVERIFY(plan.has_value() && done.has_value());

        std::map<std::uint32_t, QString> refused, planned;
        for (const auto &one : done->skipped)
            refused[one.user] = QString::fromUtf8(one.code().data());
        for (const auto &one : plan->skipped)
            planned[one.user] = QString::fromUtf8(one.code().data());
        std::map<std::uint32_t, QString> promised;
        for (const auto &one : plan->changes)
            promised[one.user] = World::words(one.after.level, one.after.state, one.after.detail);

        struct Row
        {
            LedgerKind kind{};
            QString from, to, who;
            int count = 0;
        };
        std::map<std::uint32_t, Row> history;
        store::Statement row(
            w.connection(),
            "SELECT user, kind, from_level, from_state, from_detail, to_level, to_state, to_detail, "
            "actor || ' ' || reason || ' ' || note, at FROM ledger WHERE command = ?1");
        for (row.bind(done->command); done->command != 0 && row.step();) {
            auto &one = history[row.uint32(0)];
            one.kind = row.as<LedgerKind>(1);
            one.from = World::words(row.as<L>(2), row.as<S>(3), row.as<D>(4));
            one.to = World::words(row.as<L>(5), row.as<S>(6), row.as<D>(7));
            one.who = QString::fromStdString(row.string(8));
            QCOMPARE(row.time(9).us, w.clock.now().us);
            ++one.count;
        }
        QVERIFY(row.ok());

        const auto told = w.told();
        const auto scores = w.scores();
        for (const auto user : users) {
            const auto &was = w.people.at(user);
            const auto why = refusal(pick, was, w.on(pick, was));
            QVERIFY2(refused[user] == why && planned[user] == why,
                     qPrintable(was.story + ": is \"" + refused[user] + "\", planned \"" + planned[user] +
                                "\", should be \"" + why + '"'));
            auto now = was;
            if (why.isEmpty()) {
                const auto *on = w.on(pick, now);
                apply(pick, now, on, w.step);
            }
            QVERIFY(same(was, told.at(user), World::stated(now)));
            const auto standing = standingOf(now.found);
            if (const auto score = scores.find(user); score != scores.end())
                QVERIFY2(score->second >= standing.least && score->second <= standing.most,
                         qPrintable(was.story + ": score " + QString::number(score->second)));
            QCOMPARE(history.contains(user), why.isEmpty());
            if (!why.isEmpty())
                continue;
            ++m_allowed;
            const auto &event = history.at(user);
            QCOMPARE(event.count, 1);
            QCOMPARE(event.kind, kindOf(pick));
            QCOMPARE(event.from, World::words(standingOf(was.found)));
            QCOMPARE(event.to, World::words(standing));
            QCOMPARE(event.who, QString::fromStdString("ana " + request.reason + " by phone"));
            QVERIFY2(promised[user] == event.to, qPrintable(was.story + ": promised " + promised[user]));
        }
        QCOMPARE(done->targets, history.size());
        // The state before.
        const auto undone = service.undo(done->command);
        QVERIFY(undone.has_value());
        QCOMPARE(undone->users, done->users);
        QVERIFY(w.everything() == before);
    }
    void cleanupTestCase()
    {
        const auto differences = run::verifyRisk(m_world->connection());
        QVERIFY(differences.has_value());
        QVERIFY2(differences->empty(), differences->empty() ? "" : sentence(differences->front()).c_str());
        qInfo("%d cases, %d of them allowed", m_cases, m_allowed);
        QVERIFY(m_cases > 30'000 && m_allowed > 5'000);
    }
};

QTEST_APPLESS_MAIN(TransitionsTableTest)
#include "tst_transitions_table.moc"
