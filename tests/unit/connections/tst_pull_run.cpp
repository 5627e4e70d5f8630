// What becomes of a pull where the provider refuses one of its feeds, all of them, or the connection as a whole.
#include "core/connections/pull_run.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <map>
#include <optional>
#include <stop_token>

using namespace riskdesk;
using namespace riskdesk::test;
using connect::Response;
using O = ProviderOperation;

namespace {

const action::Operator ana;

// Tells one record of each feed, unless it was laid out to say something else.
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
    Response pull(O what, const std::string &, connect::PulledPage &page) override
    {
        page = {};
        if (what == O::PullSignIns)
            page.records = {R"({"id":"11111111-2222-3333-4444-555555555555",)"
                            R"("createdDateTime":"2026-03-18T10:00:00Z","userId":"id-new",)"
                            R"("userPrincipalName":"new@contoso.example","ipAddress":"192.0.2.7",)"
                            R"("status":{"errorCode":0}})"};
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
        return run::pull(*directory, row(), connector, {}, clock, connector.stop.get_token());
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
    // Nothing else would get through either, and what came before is not kept by half.
    void aConnectionThatIsRefusedEndsIt_data()
    {
        QTest::addColumn<bool>("later");
        QTest::newRow("refused") << false;
        QTest::newRow("not now") << true;
    }
    void aConnectionThatIsRefusedEndsIt()
    {
        QFETCH(bool, later);
        World w;
        w.connector.answers.emplace(
            O::PullSignIns, later ? Response::later("http503", "It is down.")
                                  : Response::refusedAll("invalid_client", "The secret has expired."));
        const auto pulled = w.pull();
        QVERIFY(!pulled);
        QCOMPARE(pulled.error().code, Code::Provider);
        QCOMPARE(w.connector.asked, std::string("listUsers pullSignIns"));
        QCOMPARE(w.count("user"), std::int64_t{0});
        QVERIFY(!w.row().pulledAt && w.row().failedAt && !w.row().sentence.empty());
        QCOMPARE(w.row().signInCursor, std::string());
    }
};

QTEST_APPLESS_MAIN(PullRunTest)
#include "tst_pull_run.moc"
