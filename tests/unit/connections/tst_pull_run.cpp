// What becomes of a pull where the provider asks to wait, breaks off, refuses one of its feeds, all of them, or the
// connection as a whole.
#include "core/action/operators.h"
#include "core/connections/pull_run.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <fmt/format.h>

#include <deque>
#include <map>
#include <optional>
#include <stop_token>

using namespace riskdesk;
using namespace riskdesk::test;
using connect::Response;
using O = ProviderOperation;

namespace {

const action::Operator ana;

// One of the sign-ins of a user each, a minute after the other.
std::string signIn(int number)
{
    return fmt::format(
        R"({{"id":"11111111-2222-3333-4444-{0:012}","createdDateTime":"2026-03-18T10:{0:02}:00Z",)"
        R"("userId":"id-new","userPrincipalName":"new@contoso.example","ipAddress":"192.0.2.7",)"
        R"("status":{{"errorCode":0}}}})",
        number);
}

// Tells one record of each feed, or more sign-ins a page each, unless it was laid out to say something else.
class Scripted final : public connect::Connector
{
public:
    Response test() override { return Response::ok(); }
    Response perform(const connect::Request &) override { return Response::ok(); }
    Response reconcile(const connect::Request &, const std::string &, connect::Reconciled &) override
    {
        return Response::ok();
    }
    Response listUsers(const std::string &, std::vector<connect::ProviderUser> &users,
                       std::string &following) override
    {
        following.clear();
        users = {{"id-new", "new@contoso.example", "New", {}, true}};
        return answer(O::ListUsers);
    }
    Response pull(O what, const std::string &from, connect::PulledPage &page) override
    {
        const int number = from.starts_with("page ") ? std::stoi(from.substr(5)) : 0;
        page = {};
        if (what == O::PullSignIns) {
            ++askedFor[number];
            if (stopAtPage == number)
                stop.request_stop();
            if (auto &faults = pageFaults[number]; !faults.empty()) {
                const auto fault = faults.front();
                faults.pop_front();
                return fault;
            }
            page.records = {signIn(number)};
            if (number + 1 < pages) {
                page.next = fmt::format("page {}", number + 1);
                return Response::ok();
            }
        }
        page.cursor = std::string(toText(what)) + " cursor";
        return answer(what);
    }
    [[nodiscard]] Response answer(O what)
    {
        asked += std::string(asked.empty() ? "" : " ") + std::string(toText(what));
        if (stopAt == what)
            stop.request_stop();
        const auto found = answers.find(what);
        return found == answers.end() ? Response::ok() : found->second;
    }

    std::map<O, Response> answers;
    int pages = 1;
    std::map<int, std::deque<Response>> pageFaults;
    std::map<int, int> askedFor; // pages of sign-ins, how often
    std::optional<int> stopAtPage;
    std::string asked;
    std::stop_source stop;
    std::optional<O> stopAt;
};

struct World
{
    QTemporaryDir folder;
    std::filesystem::path file = folder.filePath("a.riskdesk").toStdString();
    FixedClock clock{noon};
    std::optional<run::Directory> directory;
    Scripted connector;
    run::PullOptions options;
    std::vector<Microseconds> waits;
    bool stopWhileWaiting = false;
    std::string actor;

    World()
    {
        Fixture::check(store::createDirectory(file, {"Contoso", false, false, noon}));
        auto opened = run::Directory::open(file);
        Fixture::check(opened);
        directory.emplace(std::move(*opened));
        Fixture::check(directory->connection().execute(
            "INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES "
            "(1, 'scripted', 'Contoso', '{}', " +
            std::to_string(bit(O::ListUsers) | bit(O::PullSignIns) | bit(O::PullRisk)) + ", 0)"));
    }
    [[nodiscard]] action::ConnectorRow row()
    {
        auto rows = action::connectors(directory->connection());
        Fixture::check(rows);
        return rows->at(0);
    }
    [[nodiscard]] Result<run::PullSummary> pull()
    {
        run::PullOptions how = options;
        how.sleep = [this](Microseconds time) {
            waits.push_back(time);
            if (stopWhileWaiting)
                connector.stop.request_stop();
        };
        run::ImportOptions as;
        as.who.name = actor;
        return run::pull(*directory, row(), connector, as, clock, connector.stop.get_token(), {}, how);
    }
    [[nodiscard]] std::int64_t count(const std::string &what)
    {
        store::Statement s(directory->connection(), "SELECT count(*) FROM " + what);
        return s.step() ? s.int64(0) : -1;
    }
};

const auto noLicence = Response::refused("licence", "It needs a licence.");

} // namespace

class PullRunTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsWhatItIsTold()
    {
        World w;
        const auto pulled = w.pull();
        QVERIFY2(pulled.has_value(), pulled ? "" : sentence(pulled.error()).c_str());
        QVERIFY(pulled->refused.empty());
        QCOMPARE(pulled->users, std::uint64_t{1});
        QCOMPARE(pulled->records, std::uint64_t{1});
        QCOMPARE(w.connector.asked, std::string("listUsers pullSignIns pullRisk"));
        QCOMPARE(w.count("signin"), std::int64_t{1});
        QCOMPARE(w.row().sentence, std::string());
        QCOMPARE(w.row().signInCursor, std::string("pullSignIns cursor"));
        QCOMPARE(w.row().riskCursor, std::string("pullRisk cursor"));
    }
    void onlyWhoMayImportPulls()
    {
        World w;
        const action::Operator ana{"ana", action::Role::Administrator, "command line", "desk"};
        for (const auto &[name, role] :
             {std::pair("ana", action::Role::Administrator), std::pair("rita", action::Role::Operator)})
            Fixture::check(action::addOperator(w.directory->connection(), w.clock, ana, name, role,
                                               {.account = name, .passphrase = {}}, {}, {"ana", "desk"}));
        for (const auto *who : {"rita", "nobody", ""}) {
            w.actor = who;
            const auto refused = w.pull();
            QVERIFY2(!refused && refused.error().code == Code::NotAllowed, who);
            QVERIFY(refused.error().detail.starts_with("Importing needs the Administrator role."));
        }
        QVERIFY(w.connector.asked.empty()); // of nobody, and the connection did not fail
        QVERIFY(!w.row().failedAt);
        w.actor = "ana";
        QVERIFY(w.pull().has_value());
        QCOMPARE(w.count("signin"), std::int64_t{1});
        // Her role as it is when she pulls, not as it was.
        Fixture::check(
            action::changeRole(w.directory->connection(), w.clock, ana, "rita", action::Role::Administrator));
        Fixture::check(
            action::changeRole(w.directory->connection(), w.clock, ana, "ana", action::Role::Reader));
        QVERIFY(!w.pull());
    }
    void oneRefusedFeedIsSaidAndTheOthersAreKept_data()
    {
        QTest::addColumn<int>("feed");
        QTest::newRow("users") << int(O::ListUsers);
        QTest::newRow("sign-ins") << int(O::PullSignIns);
        QTest::newRow("risk") << int(O::PullRisk);
    }
    void oneRefusedFeedIsSaidAndTheOthersAreKept()
    {
        QFETCH(int, feed);
        const auto refused = static_cast<O>(feed);
        World w;
        w.connector.answers.emplace(refused, noLicence);
        const auto pulled = w.pull();
        QVERIFY2(pulled.has_value(), pulled ? "" : sentence(pulled.error()).c_str());
        QCOMPARE(pulled->refused, std::string("It needs a licence."));
        QCOMPARE(w.connector.asked, std::string("listUsers pullSignIns pullRisk"));
        QCOMPARE(w.count("signin"), std::int64_t{refused == O::PullSignIns ? 0 : 1});
        // It stands with the connection too, which was told; what was refused is asked for from the same place.
        QVERIFY2(w.row().sentence.find("It needs a licence.") != std::string::npos, w.row().sentence.c_str());
        QVERIFY(w.row().pulledAt.has_value());
        QCOMPARE(w.row().signInCursor, std::string(refused == O::PullSignIns ? "" : "pullSignIns cursor"));
        QCOMPARE(w.row().riskCursor, std::string(refused == O::PullRisk ? "" : "pullRisk cursor"));
        // With the licence it is whole again.
        w.connector.answers.clear();
        QVERIFY(w.pull()->refused.empty());
        QCOMPARE(w.row().sentence, std::string());
        QCOMPARE(w.count("signin"), std::int64_t{1});
    }
    void whatTwoFeedsSayIsSaidOnce()
    {
        World w;
        w.connector.answers.emplace(O::PullSignIns, noLicence);
        w.connector.answers.emplace(O::PullRisk, noLicence);
        QCOMPARE(w.pull()->refused, std::string("It needs a licence."));
        w.connector.answers.at(O::PullRisk).sentence = "It needs a role.";
        QCOMPARE(w.pull()->refused, std::string("It needs a licence. It needs a role."));
    }
    void allRefusedIsAFailure()
    {
        World w;
        for (const auto feed : {O::ListUsers, O::PullSignIns, O::PullRisk})
            w.connector.answers.emplace(feed, noLicence);
        const auto pulled = w.pull();
        QVERIFY(!pulled);
        QCOMPARE(pulled.error().code, Code::Provider);
        QCOMPARE(pulled.error().detail, std::string("It needs a licence."));
        QVERIFY(!w.row().pulledAt && w.row().failedAt);
    }
    void aStopIsNoRefusal()
    {
        World w;
        w.connector.answers.emplace(O::ListUsers, noLicence);
        w.connector.stopAt = O::PullSignIns;
        const auto pulled = w.pull();
        QVERIFY(!pulled);
        QCOMPARE(pulled.error().code, Code::Cancelled);
        QVERIFY(!w.row().pulledAt && !w.row().failedAt && w.row().sentence.empty());
        QCOMPARE(w.count("signin"), std::int64_t{0});
    }
    // Nothing else would get through either.
    void aConnectionThatIsRefusedEndsIt()
    {
        World w;
        w.connector.answers.emplace(O::PullSignIns,
                                    Response::refusedAll("invalid_client", "The secret has expired."));
        const auto pulled = w.pull();
        QVERIFY(!pulled);
        QCOMPARE(pulled.error().code, Code::Provider);
        QCOMPARE(w.connector.asked, std::string("listUsers pullSignIns"));
        QCOMPARE(w.count("user"), std::int64_t{1}); // what came before is kept
        QVERIFY(!w.row().pulledAt && w.row().failedAt && !w.row().sentence.empty());
        QCOMPARE(w.row().signInCursor, std::string());
    }
    void aFeedThatIsDownKeepsNoOtherBack()
    {
        World w;
        w.connector.answers.emplace(O::ListUsers, Response::later("http503", "It is down."));
        const auto pulled = w.pull();
        QVERIFY2(pulled.has_value() && pulled->goesOn, pulled ? "" : sentence(pulled.error()).c_str());
        QVERIFY2(pulled->refused.starts_with("It is down."), pulled->refused.c_str());
        QCOMPARE(w.count("signin"), std::int64_t{1});
        QVERIFY(!w.row().pulledAt && w.row().failedAt && !w.row().sentence.empty());
        // With nothing at all it is a failure.
        w.connector.answers.emplace(O::PullSignIns, Response::later("http503", "It is down."));
        w.connector.answers.emplace(O::PullRisk, Response::later("http503", "It is down."));
        const auto none = w.pull();
        QVERIFY(!none);
        QCOMPARE(none.error().detail, std::string("It is down."));
    }
    void waitsAsItIsAskedToAndGoesOn()
    {
        using namespace std::chrono_literals;
        World w;
        w.connector.pages = 6;
        w.connector.pageFaults[2] = {Response::later("http429", "Busy.", 7s)};
        w.connector.pageFaults[4] = {Response::later("http503", "Down."),
                                     Response::unknown("broken", "Half."),
                                     Response::later("http503", "Down.", 3s)};
        const auto pulled = w.pull();
        QVERIFY2(pulled.has_value(), pulled ? "" : sentence(pulled.error()).c_str());
        QVERIFY2(pulled->refused.empty() && !pulled->goesOn, pulled->refused.c_str());
        QCOMPARE(w.waits, (std::vector<Microseconds>{7s, 1s, 2s, 3s}));
        QCOMPARE(w.count("signin"), std::int64_t{6});
        QCOMPARE(w.connector.askedFor, (std::map<int, int>{{0, 1}, {1, 1}, {2, 2}, {3, 1}, {4, 4}, {5, 1}}));
        QCOMPARE(w.row().signInCursor, std::string("pullSignIns cursor"));
        QVERIFY(w.row().pulledAt && !w.row().failedAt);
    }
    void keepsWhatItBroughtAndGoesOnThere_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("throttled for longer than anybody waits") << 0;
        QTest::newRow("down however often it is asked") << 1;
        QTest::newRow("stopped while a page is read") << 2;
        QTest::newRow("stopped while it waits") << 3;
        QTest::newRow("the connection is refused") << 4;
    }
    void keepsWhatItBroughtAndGoesOnThere()
    {
        using namespace std::chrono_literals;
        QFETCH(int, how);
        World w;
        w.connector.pages = 6;
        const auto busy = Response::later(
            "http429", "Busy.", how == 0 ? std::optional<Microseconds>(1h) : std::optional<Microseconds>());
        w.connector.pageFaults[4] = {5, how == 4 ? Response::refusedAll("http401", "Expired.") : busy};
        if (how == 2)
            w.connector.stopAtPage = 4;
        w.stopWhileWaiting = how == 3;
        const auto pulled = w.pull();
        const auto said = pulled ? pulled->refused : pulled.error().detail;
        QCOMPARE(pulled.has_value(), how != 4);
        QVERIFY2(said.find("4 records were brought; the next pull goes on there.") != std::string::npos,
                 said.c_str());
        QVERIFY(!pulled || pulled->goesOn);
        QCOMPARE(w.waits.size(), std::size_t(how == 1 ? 4 : how == 3 ? 1 : 0));
        QCOMPARE(w.count("signin"), std::int64_t{4});
        QCOMPARE(w.row().signInCursor, std::string("page 4"));
        QVERIFY(!w.row().pulledAt);                                   // it is not complete
        QCOMPARE(w.row().failedAt.has_value(), how != 2 && how != 3); // a stop is no failure
        // The next one asks for what is missing, and for nothing that is there.
        w.connector.askedFor.clear();
        w.connector.pageFaults.clear();
        w.connector.stopAtPage.reset();
        w.connector.stop = {};
        const auto rest = w.pull();
        QVERIFY2(rest.has_value() && !rest->goesOn, rest ? "" : sentence(rest.error()).c_str());
        QCOMPARE(w.connector.askedFor, (std::map<int, int>{{4, 1}, {5, 1}}));
        QCOMPARE(w.count("signin"), std::int64_t{6});
        QCOMPARE(w.row().signInCursor, std::string("pullSignIns cursor"));
        QVERIFY(w.row().pulledAt && !w.row().failedAt);
    }
    void handsOverInBatches()
    {
        World w;
        w.connector.pages = 6;
        w.options.batchBytes = 2 * signIn(0).size();
        const auto pulled = w.pull();
        QVERIFY2(pulled.has_value(), pulled ? "" : sentence(pulled.error()).c_str());
        QCOMPARE(pulled->records, std::uint64_t{6});
        QCOMPARE(pulled->imported->signIns, std::uint64_t{6});
        QCOMPARE(w.count("signin"), std::int64_t{6});
        QVERIFY(w.count("import_run") > 2);
        QCOMPARE(w.row().signInCursor, std::string("pullSignIns cursor"));
    }
};

QTEST_APPLESS_MAIN(PullRunTest)
#include "tst_pull_run.moc"
