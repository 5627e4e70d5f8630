// A courier that is killed again and again on its way to a provider that goes on: every request is carried out once
// there and written once here, whatever the courier was doing when it died.
//
// The provider is a contract server of Microsoft Graph, Keycloak or SCIM, over TLS, in this process. The courier is a process of its
// own, killed as the nth request arrives, as the nth one was done but not answered, or at the nth statement that
// writes, or end of a commit. Its clock stands still but for what it would sleep.
#include "core/action/action_service.h"
#include "core/connections/courier.h"
#include "core/directory/directory.h"
#include "core/verify/verify_run.h"

#include "tests/support/child_process.h"
#include "tests/support/effort.h"
#include "tests/support/graph_connection.h"
#include "tests/support/keycloak_server.h"
#include "tests/support/number.h"
#include "tests/support/risk_fixture.h"
#include "tests/support/scim_server.h"

#include <QTest>

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>

using namespace riskdesk;
using namespace riskdesk::test;
using action::Action;
using std::chrono::hours;

namespace {

constexpr std::uint32_t each = 10 / effortShare; // users for each of the four operations
constexpr std::uint32_t all = 4 * each;
const action::Operator ana{"ana", action::Role::Administrator, "console", "desk"};

LedgerKind kindOf(Action action)
{
    switch (action) {
    case Action::ResetPassword: return LedgerKind::PasswordResetByAdmin;
    case Action::Block: return LedgerKind::Blocked;
    case Action::Unblock: return LedgerKind::Unblocked;
    default: return LedgerKind::SessionsRevoked;
    }
}

// The provider, in the test's process -------------------------------------------------------------------------

struct There // a user
{
    int changes = 0;
    bool enabled = true, mustChange = true, sessionsEnded = false;
    std::string password;
};

struct Provider
{
    // By user, in turn; nobody is asked for twice.
    std::array<Action, 4> actions{Action::ResetPassword, Action::Block, Action::Unblock,
                                  Action::RevokeSessions};
    bool tellsOfResets = true, tellsOfSessions = true; // whether they took effect
    int mostRequests = 6;                              // of one courier before it dies

    virtual ~Provider() = default;
    virtual void connect(store::Connection &connection, const Clock &clock) = 0;
    virtual void add(const std::string &id, const std::string &name, bool enabled) = 0;
    virtual void onRequest(std::function<bool(bool)> what) = 0;
    virtual There there(std::size_t at) = 0;

    [[nodiscard]] Action actionOf(std::uint32_t user) const { return actions.at(user % actions.size()); }
};

struct Graph final : Provider
{
    GraphServer server;
    Graph()
    {
        server.with([](auto &state) { state.users.clear(); });
    }
    void connect(store::Connection &connection, const Clock &clock) override
    {
        connectToGraph(connection, clock, server);
    }
    void add(const std::string &id, const std::string &name, bool enabled) override
    {
        server.with([&](auto &state) {
            state.users.push_back({id, name});
            state.users.back().enabled = enabled;
        });
    }
    void onRequest(std::function<bool(bool)> what) override
    {
        server.with([&](auto &state) { state.onRequest = std::move(what); });
    }
    There there(std::size_t at) override
    {
        const auto user = server.user(at);
        return {user.changes, user.enabled, user.mustChange,
                user.sessionsFrom != GraphServer::User().sessionsFrom, user.password};
    }
};

void connectTo(store::Connection &connection, const Clock &clock, const std::string &kind,
               connect::Settings settings, const std::string &secret, const std::string &text)
{
    connect::Secrets secrets;
    secrets.emplace(secret, connect::Secret(text));
    const auto added = run::addConnection(connection, clock, ana, kind, "Shop", std::move(settings), secrets);
    Fixture::check(added);
    constexpr connect::SealCost least{1, 8192}; // libsodium's own minimum
    auto sealed =
        connect::SealedFile::make(connect::SealedFile::beside(connection.file()), graphSealKey(), least);
    Fixture::check(sealed);
    Fixture::check(sealed->set(run::secretName(added->id, secret), secrets.at(secret)));
    Fixture::check(run::switchConnection(connection, clock, ana, "Shop", true));
}

struct Keycloak final : Provider
{
    KeycloakServer server;
    Keycloak()
    {
        tellsOfSessions = false;
        mostRequests = 12; // it is asked for the user before each change
        server.with([](auto &state) { state.users.clear(); });
    }
    void connect(store::Connection &connection, const Clock &clock) override
    {
        connectTo(connection, clock, "keycloak",
                  {{"url", server.url()},
                   {"realm", "shop floor"},
                   {"clientId", "riskdesk"},
                   {"caFile", server.certificate()}},
                  "clientSecret", "client secret/+&");
    }
    void add(const std::string &id, const std::string &name, bool enabled) override
    {
        server.with([&](auto &state) {
            state.users.push_back({id, name, id + "@shop.example"});
            state.users.back().enabled = enabled;
        });
    }
    void onRequest(std::function<bool(bool)> what) override
    {
        server.with([&](auto &state) { state.onRequest = std::move(what); });
    }
    There there(std::size_t at) override
    {
        const auto user = server.user(at);
        return {user.changes, user.enabled, user.temporary, user.sessions == 0, user.password};
    }
};

struct Scim final : Provider
{
    ScimServer server;
    Scim()
    {
        actions[3] = Action::Block; // it ends no sessions
        tellsOfResets = false;
        mostRequests = 8;
        server.with([](auto &state) { state.users.clear(); });
    }
    void connect(store::Connection &connection, const Clock &clock) override
    {
        connectTo(connection, clock, "scim", {{"url", server.url()}, {"caFile", server.certificate()}},
                  "token", "scim-token.1");
    }
    void add(const std::string &id, const std::string &name, bool enabled) override
    {
        server.with([&](auto &state) {
            state.users.push_back({id, name});
            state.users.back().active = enabled;
        });
    }
    void onRequest(std::function<bool(bool)> what) override
    {
        server.with([&](auto &state) { state.onRequest = std::move(what); });
    }
    There there(std::size_t at) override
    {
        const auto user = server.user(at);
        return {user.version - 1, user.active, true, false, user.password};
    }
};

std::unique_ptr<Provider> providerNamed(const QString &name)
{
    if (name == "Keycloak")
        return std::make_unique<Keycloak>();
    if (name == "SCIM")
        return std::make_unique<Scim>();
    return std::make_unique<Graph>();
}

// The courier's process ---------------------------------------------------------------------------------------

// Beginnings of statements that change something, and ends of commits, until the process kills itself.
int momentsLeft = 0;

int onStatement(unsigned event, void *, void *statement, void *text)
{
    const bool ends = event == SQLITE_TRACE_PROFILE;
    const std::string_view sql =
        ends ? sqlite3_sql(static_cast<sqlite3_stmt *>(statement)) : static_cast<const char *>(text);
    const bool counts = ends ? sql == "COMMIT" : !sql.starts_with("SELECT") && !sql.starts_with("PRAGMA");
    if (counts && --momentsLeft == 0)
        ::kill(::getpid(), SIGKILL);
    return 0;
}

int watchConnection(sqlite3 *connection, char **, const sqlite3_api_routines *)
{
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, onStatement, nullptr);
}

// "--child carry FILE HOURS NTH": until nothing is left, from so many hours past noon on. It says which temporary
// passwords it showed. NTH: 0, or the statement or commit at which it dies.
int carryAsChild(const std::vector<std::string> &arguments)
{
    const std::filesystem::path file = arguments.at(0);
    FixedClock clock(noon + Microseconds(hours(std::stoi(arguments.at(1)))));
    momentsLeft = std::stoi(arguments.at(2));
    if (momentsLeft > 0)
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(watchConnection));
    run::CourierOptions options;
    options.untilEmpty = true;
    options.patience = hours(1);
    options.settled = [](const dispatch::Settled &settled) {
        if (settled.password == nullptr || settled.state != OutboxState::Done)
            return;
        std::printf("%s %s\n", settled.row.userPrincipalName.c_str(),
                    std::string(settled.password->reveal()).c_str());
        std::fflush(stdout);
    };
    const auto carried = run::carry(file, clock, graphSecrets(file), options, {},
                                    [&clock](Microseconds time) { clock.advance(time); });
    if (!carried)
        std::fprintf(stderr, "%s\n", sentence(carried.error()).c_str());
    return carried ? 0 : 1;
}

// The test's process ------------------------------------------------------------------------------------------

enum class Moment : std::uint8_t { Arrived, DoneUnanswered, Statement };

struct Kill
{
    Moment moment = Moment::Arrived;
    int nth = 1;
};

// The next kill of a round, by how many there were.
using Choice = std::function<Kill(int)>;

struct World
{
    QTemporaryDir folder;
    std::filesystem::path file = folder.filePath("a.riskdesk").toStdString();
    FixedClock clock{noon};
    std::unique_ptr<Provider> provider;
    std::map<Moment, int> kills;
    std::multimap<std::string, std::string> shown; // password by user

    explicit World(const QString &name)
        : provider(providerNamed(name))
    {
        Fixture::check(store::createDirectory(file, {"Contoso", false, false, noon}));
        auto opened = store::openForWriting(file);
        Fixture::check(opened);
        fill(*opened);
        provider->connect(*opened, clock);
        action::ActionService service(*opened, clock, ana);
        for (std::uint32_t first = 0; first < 4; ++first) {
            action::Request request;
            request.action = provider->actionOf(first);
            for (auto user = first == 0 ? 4 : first; user <= all; user += 4)
                request.users.push_back(user);
            const auto outcome = service.carryOut(request);
            Fixture::check(outcome);
            if (!outcome->waits || outcome->users != each)
                throw std::runtime_error("not all requests wait in the outbox");
        }
    }

    // One courier after the other until one comes to the end. How it went wrong, if it did.
    QString carry(const Choice &choice, int most)
    {
        for (int child = 0; child < most; ++child) {
            const auto kill = choice(child);
            const bool byItself = kill.moment == Moment::Statement;
            QProcess process;
            process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
            Killer killer{kill, process};
            if (!byItself)
                provider->onRequest(std::ref(killer));
            startChild(process, "carry",
                       {file.c_str(), QString::number(1 + child), QString::number(byItself ? kill.nth : 0)});
            if (!process.waitForStarted())
                return "the courier did not start";
            killer.started();
            const bool ended = process.waitForFinished(120'000); // dead and buried: its lease is nobody's
            killer.buried();
            provider->onRequest(nullptr);
            if (!ended)
                return "the courier hangs";
            for (const auto &line : process.readAllStandardOutput().split('\n'))
                if (const auto words = line.split(' '); words.size() == 2)
                    shown.emplace(words[0].toStdString(), words[1].toStdString());
            if (process.exitStatus() == QProcess::NormalExit)
                return process.exitCode() == 0 ? QString() : "the courier failed";
            ++kills[kill.moment];
        }
        return "it comes to no end";
    }

private:
    // Called by the server's threads, one at a time.
    struct Killer
    {
        Kill kill;
        QProcess &process;
        std::mutex mutex;
        std::condition_variable changed;
        pid_t pid = 0;
        bool isBuried = false;
        int count = 0;

        Killer(const Kill &what, QProcess &whom)
            : kill(what)
            , process(whom)
        {}
        void started()
        {
            const std::lock_guard lock(mutex);
            pid = static_cast<pid_t>(process.processId());
            changed.notify_all();
        }
        void buried()
        {
            const std::lock_guard lock(mutex);
            isBuried = true;
            changed.notify_all();
        }
        // False: nothing more becomes of the request. No answer leaves before the courier is gone.
        bool operator()(bool done)
        {
            if (done != (kill.moment == Moment::DoneUnanswered) || ++count != kill.nth)
                return true;
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return pid != 0; });
            ::kill(pid, SIGKILL);
            changed.wait(lock, [this] { return isBuried; });
            return false;
        }
    };

    void fill(store::Connection &connection)
    {
        auto transaction = store::Transaction::begin(connection);
        Fixture::check(transaction);
        store::Statement add(
            connection, "INSERT INTO user (id, key, upn, display_name, identity, issuer, account_enabled) "
                        "VALUES (?1, ?2, ?2, ?3, ?4, '', ?5)");
        std::vector<ledger::RaisedDetection> found;
        for (std::uint32_t user = 1; user <= all; ++user) {
            const bool enabled = provider->actionOf(user) != Action::Unblock;
            Fixture::check(
                add.bind(user, userKey(user), "User " + std::to_string(user), Identity::Local, enabled)
                    .run());
            found.push_back(finding(user, user, DetectionType::AnonymizedIPAddress, RiskLevel::High, noon));
            provider->add("id-" + std::to_string(user), userKey(user), enabled);
        }
        Fixture::check(ledger::RiskWriter(connection, clock).raise(std::move(found)));
        Fixture::check(transaction->commit());
    }
};

} // namespace

class OutboxKillsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyRequestIsCarriedOutOnce_data()
    {
        QTest::addColumn<QString>("where");
        QTest::addColumn<QString>("provider");
        QTest::newRow("as a request arrives, or is done and not answered") << "requests"
                                                                           << "Graph";
        QTest::newRow("at each statement that writes, and after each commit") << "statements"
                                                                              << "Graph";
        QTest::newRow("anywhere, drawn") << "drawn"
                                         << "Graph";
        QTest::newRow("anywhere, drawn, Keycloak") << "drawn"
                                                   << "Keycloak";
        QTest::newRow("anywhere, drawn, SCIM") << "drawn"
                                               << "SCIM";
    }
    void everyRequestIsCarriedOutOnce()
    {
        QFETCH(QString, where);
        QFETCH(QString, provider);
        World world(provider);
        std::mt19937 random(18);
        const std::map<QString, Choice> choices{
            {"requests",
             [](int child) {
                 return Kill{child % 2 == 0 ? Moment::Arrived : Moment::DoneUnanswered, 1 + child % 5};
             }},
            {"statements",
             [](int child) {
                 return Kill{Moment::Statement, 1 + child};
             }},
            {"drawn", [&random, &world](int) {
                 const auto moment = static_cast<Moment>(random() % 3);
                 const auto most = moment == Moment::Statement ? 60 : world.provider->mostRequests;
                 return Kill{moment, 1 + static_cast<int>(random() % static_cast<unsigned>(most))};
             }}};
        const auto wrong = world.carry(choices.at(where), 300);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        // So that it says something.
        if (where != "statements")
            QVERIFY(std::min(world.kills[Moment::Arrived], world.kills[Moment::DoneUnanswered]) >=
                    (provider == "Graph" ? 6 : 3) / effortShare);
        if (where != "requests")
            QVERIFY2(world.kills[Moment::Statement] >= (provider == "Graph" ? 10 : 5) / effortShare,
                     std::to_string(world.kills[Moment::Statement]).c_str());

        auto directory = run::Directory::open(world.file);
        QVERIFY(directory.has_value());
        auto &connection = directory->connection();
        std::map<std::string, int> codes;
        const auto rows = action::outbox(connection);
        QVERIFY(rows.has_value());
        QCOMPARE(rows->size(), std::size_t{all});
        for (const auto &row : *rows) {
            const auto context = row.userPrincipalName + ": " + row.code + " " + row.sentence;
            const auto action = world.provider->actionOf(row.user);
            const auto there = world.provider->there(row.user - 1);
            // Of what nobody can tell it is not said that it was done, and it is not done again.
            const bool isKnown = row.code != "notKnown";
            QVERIFY2(isKnown || (action == Action::ResetPassword && !world.provider->tellsOfResets),
                     context.c_str());
            QVERIFY2(row.state == (isKnown ? OutboxState::Done : OutboxState::Failed), context.c_str());
            const bool mayRepeat = action == Action::RevokeSessions && !world.provider->tellsOfSessions;
            QVERIFY2(there.changes == 1 || (there.changes == 0 && !isKnown) ||
                         (there.changes > 1 && mayRepeat),
                     (context + ", " + std::to_string(there.changes)).c_str());
            // Here: one event, one record that it waits and one that it was done.
            QCOMPARE(number(connection,
                            "SELECT count(*) FROM ledger WHERE user = ?1 AND command > 0 AND kind = " +
                                std::to_string(static_cast<int>(kindOf(action))),
                            row.user),
                     isKnown ? 1 : 0);
            QCOMPARE(
                number(connection, "SELECT count(*) FROM ledger WHERE user = ?1 AND command > 0", row.user),
                isKnown ? 1 : 0);
            QCOMPARE(number(connection,
                            "SELECT count(*) FROM audit WHERE target = (SELECT upn FROM user WHERE id = ?1)",
                            row.user),
                     2);
            judge(row, there, world);
            ++codes[row.code];
        }
        QCOMPARE(number(connection, "SELECT count(*) FROM user_risk WHERE is_processing"), 0);
        if (codes["notKnown"] == 0)
            QCOMPARE(number(connection, "SELECT count(*) FROM command WHERE users = " + std::to_string(each)),
                     4);
        QCOMPARE(number(connection, "SELECT count(*) FROM command"), 4);
        if (where == "requests") {
            QVERIFY(codes["passwordLost"] > 0 && codes["ok"] > 0);
            QVERIFY(number(connection, "SELECT count(*) FROM outbox WHERE attempts > 1") > 0);
        }
        const auto findings = run::verifyDirectory(*directory);
        QVERIFY(findings.has_value());
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
    }

private:
    // A block, an unblock and an end of sessions are read back and so never sent twice. A reset is too: what is lost
    // is its temporary password, which was nowhere but in the process; the row then says to reset it again. It says
    // that of a password that was shown too, where the program died before it could write so, never the other way
    // round. A password that was shown is the one that the provider has.
    static void judge(const action::OutboxRow &row, const There &there, const World &world)
    {
        const auto shown = world.shown.count(row.userPrincipalName);
        const auto action = world.provider->actionOf(row.user);
        switch (action) {
        case Action::Block:
        case Action::Unblock:
            QCOMPARE(there.enabled, action == Action::Unblock);
            QCOMPARE(row.code, std::string("ok"));
            break;
        case Action::RevokeSessions:
            QCOMPARE(row.code, std::string("ok"));
            QVERIFY(there.sessionsEnded);
            break;
        default:
            if (row.code == "notKnown")
                break;
            QVERIFY(there.mustChange && there.password != "old");
            QVERIFY2(row.code == "ok" || row.code == "passwordLost", row.code.c_str());
            QVERIFY2(shown == (row.code == "ok" ? 1u : 0u) ||
                         (shown == 1 && world.kills.contains(Moment::Statement)),
                     row.code.c_str());
            if (shown == 1)
                QCOMPARE(world.shown.find(row.userPrincipalName)->second, there.password);
            return;
        }
        QCOMPARE(shown, std::size_t{0});
    }
};

int main(int argc, char **argv)
{
    const int child = childMain(argc, argv, {{"carry", carryAsChild}});
    if (child >= 0)
        return child;
    QCoreApplication application(argc, argv);
    OutboxKillsTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_outbox_kills.moc"
