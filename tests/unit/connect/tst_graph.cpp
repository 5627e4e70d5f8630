// The Microsoft Graph connector against a strict server over TLS: what is asked, what it does there, what each answer
// means, what is read back, and what is pulled page by page.
#include "core/connect/graph/graph_connector.h"
#include "core/connect/oauth/device_set_up.h"
#include "core/connect/oauth/id_token.h"

#include "tests/support/graph_server.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::GraphServer;
using riskdesk::test::TlsServer;
using Answer = Response::Kind;
using O = ProviderOperation;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

std::unique_ptr<Connector> graph(const GraphServer &server, std::string_view secret = "app secret/+&",
                                 const Settings &more = {}, const Clock &clock = noon)
{
    SetUp setUp{{{"tenant", "shop.example"},
                 {"clientId", "app-1"},
                 {"loginUrl", server.origin()},
                 {"graphUrl", server.origin() + "/"},
                 {"caFile", server.certificate()}},
                {},
                clock};
    for (const auto &[key, value] : more)
        setUp.settings[key] = value;
    if (!secret.empty())
        setUp.secrets.emplace("clientSecret", Secret(secret));
    auto made = open(*findKind("graph"), std::move(setUp));
    return made ? std::move(*made) : nullptr;
}

const Secret &newPassword()
{
    static const Secret password("Fresh \"one\"-42");
    return password;
}

Request asked(O operation, std::string id = "id-anna", std::string name = "anna@shop.example")
{
    Request request;
    request.operation = operation;
    request.key = "5c6e2c1e-0000-4000-8000-000000000001";
    request.userId = std::move(id);
    request.userPrincipalName = std::move(name);
    request.password = operation == O::ResetPassword ? &newPassword() : nullptr;
    return request;
}

TlsServer::Handler status(int status, const std::string &name = {}, const std::string &value = {})
{
    return [=](const auto &, auto &response) {
        GraphServer::refuse(response, status, "SomeCode", "Some words.");
        if (!name.empty())
            response.set_header(name, value);
        response.set_header("Date", "Wed, 18 Mar 2026 12:00:00 GMT");
    };
}

void half(const httplib::Request &, httplib::Response &response)
{
    response.set_content_provider(1000, "application/json",
                                  [](std::size_t, std::size_t, httplib::DataSink &) { return false; });
}

void broken(const httplib::Request &, httplib::Response &response)
{
    response.status = 200;
    response.set_content(R"({"value":[{"id":"a"},{"id":)", "application/json");
}

bool says(const Response &response, std::string_view words)
{
    return response.sentence.find(words) != std::string::npos;
}

constexpr O changes[] = {O::ResetPassword, O::Block,       O::Unblock,           O::RevokeSessions,
                         O::DismissRisk,   O::ConfirmSafe, O::ConfirmCompromised};

} // namespace

#define DONE(expression)                                                                                     \
    do {                                                                                                     \
        const auto made = (expression);                                                                      \
        QVERIFY2(made.done(), (made.code + ": " + made.sentence).c_str());                                   \
    } while (false)

class TestGraph : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesWhatItIsAskedTo();
    void givesARefreshTokenToWhoSignsIn();
    void changesWhatItIsAskedToByWhoSignedIn();
    void tellsThatASignInEnded();
    void saysWhoSignedIn_data();
    void saysWhoSignedIn();
    void findsAUserByName();
    void asksForOneTokenAndKeepsIt();
    void renewsATokenThatIsRefused();
    void leavesASocialPasswordAlone_data();
    void leavesASocialPasswordAlone();
    void tellsWhatAnAnswerMeans_data();
    void tellsWhatAnAnswerMeans();
    void saysWhatPermissionIsMissing();
    void isInDoubtWhenAChangeIsNotAnswered();
    void readsBackWhatTookEffect();
    void readsBackWhatDidNot();
    void waitsForFeedbackInProcess();
    void testsWhatItNeeds();
    void saysWhyTheSignInIsRefused_data();
    void saysWhyTheSignInIsRefused();
    void needsASecretOrACertificate();
    void trustsNoOtherCertificate();
    void listsUsersPageByPage();
    void followsNoLinkToAnotherPlace();
    void pullsSignInsSinceTheCursor();
    void missesNothingWhereItGoesOnLater();
    void goesOnWhereALinkHoldsNoMore();
    void pullsRisk();
    void pullsAgainAfterABrokenPage();
    void knowsNoOtherCursor();
};

void TestGraph::changesWhatItIsAskedTo()
{
    GraphServer server;
    const auto connector = graph(server);
    QVERIFY(connector != nullptr);
    DONE(connector->perform(asked(O::Block)));
    QVERIFY(!server.user().enabled);
    DONE(connector->perform(asked(O::Unblock)));
    QVERIFY(server.user().enabled);
    DONE(connector->perform(asked(O::ResetPassword)));
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
    QVERIFY(server.user().mustChange);
    DONE(connector->perform(asked(O::RevokeSessions)));
    QCOMPARE(server.user().sessionsFrom, std::string("2026-03-18T12:00:00Z"));
    DONE(connector->perform(asked(O::DismissRisk)));
    QCOMPARE(server.user().riskState, std::string("dismissed"));
    DONE(connector->perform(asked(O::ConfirmCompromised)));
    QCOMPARE(server.user().riskState, std::string("confirmedCompromised"));
    DONE(connector->perform(asked(O::ConfirmSafe)));
    QCOMPARE(server.user().riskState, std::string("confirmedSafe"));
    QCOMPARE(server.user(1).riskState, std::string("atRisk"));
    QCOMPARE(connector->perform(asked(O::Notify)).kind, Answer::Refused);
    QCOMPARE(connector->perform(asked(O::Block, "", "")).kind, Answer::Refused);
    const Secret empty;
    for (const Secret *password : {static_cast<const Secret *>(nullptr), &empty}) {
        auto without = asked(O::ResetPassword);
        without.password = password;
        QCOMPARE(connector->perform(without).code, std::string("noPassword"));
    }
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
}

// "#" would end the address, "+" mean a blank; feedback on risk takes only object ids.
void TestGraph::findsAUserByName()
{
    GraphServer server;
    const auto connector = graph(server);
    for (const auto operation : changes)
        DONE(connector->perform(asked(operation, "", "bea+#@shop.example")));
    QCOMPARE(server.user(1).riskState, std::string("confirmedCompromised"));
    QCOMPARE(server.user(1).password, std::string(newPassword().reveal()));
    QCOMPARE(server.user(0).password, std::string("old"));
    for (const auto operation : changes) {
        const auto response = connector->perform(asked(operation, "", "nobody@shop.example"));
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY2(says(response, "no such user"), response.sentence.c_str());
    }
}

void TestGraph::asksForOneTokenAndKeepsIt()
{
    GraphServer server;
    FixedClock clock(noon.now());
    const auto connector = graph(server, "app secret/+&", {}, clock);
    const auto given = [&] { return server.with([](auto &s) { return s.given; }); };
    DONE(connector->perform(asked(O::Block)));
    clock.advance(std::chrono::seconds(3539));
    DONE(connector->perform(asked(O::Block)));
    QCOMPARE(given(), 1);
    clock.advance(std::chrono::seconds(1));
    DONE(connector->perform(asked(O::Block)));
    QCOMPARE(given(), 2);
}

void TestGraph::renewsATokenThatIsRefused()
{
    GraphServer server;
    const auto connector = graph(server);
    DONE(connector->perform(asked(O::Block)));
    server.with([](auto &s) { s.tokens.clear(); }); // expired there
    DONE(connector->perform(asked(O::ResetPassword)));
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
    QCOMPARE(server.with([](auto &s) { return s.given; }), 2);
    server.fault({"/users/", 100, false, status(401)});
    const auto before = server.requests().size();
    const auto response = connector->perform(asked(O::Unblock));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY(response.wholeConnector);
    QVERIFY2(says(response, "does not accept"), response.sentence.c_str());
    QCOMPARE(server.requests().size() - before, std::size_t{3}); // refused, token, refused
}

void TestGraph::leavesASocialPasswordAlone_data()
{
    QTest::addColumn<QString>("identities");
    QTest::addColumn<QString>("provider"); // empty: it is reset
    const QString upn =
        R"({"signInType":"userPrincipalName","issuer":"shop.onmicrosoft.com","issuerAssignedId":"x"})";
    const QString google = R"({"signInType":"federated","issuer":"google.com","issuerAssignedId":"1"})";
    QTest::newRow("Google") << "[" + upn + "," + google + "]"
                            << "Google";
    QTest::newRow("Apple") << R"([{"signInType":"federated","issuer":"https://appleid.apple.com"}])"
                           << "Apple";
    QTest::newRow("Facebook") << R"([{"signInType":"federated","issuer":"facebook.com"}])"
                              << "Facebook";
    QTest::newRow("somebody else") << R"([{"signInType":"federated","issuer":"login.club.example"}])"
                                   << "login.club.example";
    QTest::newRow("Google and a password here")
        << "[" + google + R"(,{"signInType":"emailAddress","issuer":"shop.onmicrosoft.com"}])"
        << "";
    QTest::newRow("a name here") << "[" + google + R"(,{"signInType":"userName","issuer":"shop"}])"
                                 << "";
    QTest::newRow("staff") << "[" + upn + "]"
                           << "";
}

void TestGraph::leavesASocialPasswordAlone()
{
    QFETCH(QString, identities);
    QFETCH(QString, provider);
    GraphServer server;
    server.with([&](auto &s) { s.users[0].identities = identities.toStdString(); });
    std::string precondition;
    const auto connector = graph(server);
    const auto before = connector->precondition(asked(O::ResetPassword), precondition);
    const auto response = graph(server)->perform(asked(O::ResetPassword)); // without having asked before
    QCOMPARE(before.done(), provider.isEmpty());
    QCOMPARE(response.done(), provider.isEmpty());
    QCOMPARE(server.user().password == "old", !provider.isEmpty());
    if (!provider.isEmpty()) {
        QVERIFY2(says(response, provider.toStdString()), response.sentence.c_str());
        QCOMPARE(response.kind, Answer::Refused);
    }
    DONE(connector->perform(asked(O::RevokeSessions))); // that is done here all the same
}

void TestGraph::tellsWhatAnAnswerMeans_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("retryAfter");
    QTest::addColumn<int>("change"); // what it means for one that changes
    QTest::addColumn<int>("read");
    QTest::addColumn<int>("seconds");
    const auto row = [](int status, const char *retryAfter, Answer change, Answer read, int seconds = -1) {
        QTest::addRow("%d %s", status, retryAfter)
            << status << QString(retryAfter) << static_cast<int>(change) << static_cast<int>(read) << seconds;
    };
    row(301, "", Answer::Refused, Answer::Refused);
    row(400, "", Answer::Refused, Answer::Refused);
    row(403, "", Answer::Refused, Answer::Refused);
    row(404, "", Answer::Refused, Answer::Refused);
    row(409, "", Answer::RetryAfter, Answer::RetryAfter);
    row(429, "", Answer::RetryAfter, Answer::RetryAfter);
    row(429, "7", Answer::RetryAfter, Answer::RetryAfter, 7);
    row(429, "Wed, 18 Mar 2026 12:01:00 GMT", Answer::RetryAfter, Answer::RetryAfter, 60);
    row(503, "120", Answer::RetryAfter, Answer::RetryAfter, 120);
    row(500, "", Answer::Unknown, Answer::RetryAfter);
    row(502, "", Answer::Unknown, Answer::RetryAfter);
    row(504, "", Answer::Unknown, Answer::RetryAfter);
}

void TestGraph::tellsWhatAnAnswerMeans()
{
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    QFETCH(int, change);
    QFETCH(int, read);
    QFETCH(int, seconds);
    GraphServer server;
    server.fault({"/users", 2, false,
                  ::status(status, retryAfter.isEmpty() ? "" : "Retry-After", retryAfter.toStdString())});
    const auto connector = graph(server);
    const auto changed = connector->perform(asked(O::Block));
    std::vector<ProviderUser> users;
    std::string following;
    const auto listed = connector->listUsers({}, users, following);
    QCOMPARE(static_cast<int>(changed.kind), change);
    QCOMPARE(static_cast<int>(listed.kind), read);
    for (const auto &response : {changed, listed}) {
        QCOMPARE(response.code, "http" + std::to_string(status));
        QVERIFY(response.sentence.ends_with('.'));
    }
    QCOMPARE(changed.wait ? static_cast<int>(changed.wait->count() / 1'000'000) : -1, seconds);
    DONE(connector->perform(asked(O::Block))); // and goes on
}

void TestGraph::saysWhatPermissionIsMissing()
{
    GraphServer server;
    server.fault({"v1.0/", 1000, false, status(403)});
    server.fault({"beta/", 1000, false, status(403)});
    const auto connector = graph(server);
    std::string precondition, following;
    std::vector<ProviderUser> users;
    PulledPage page;
    QVERIFY(says(connector->perform(asked(O::Block)), "User.ReadWrite.All"));
    QVERIFY(says(connector->perform(asked(O::RevokeSessions)), "User.RevokeSessions.All"));
    QVERIFY(says(connector->perform(asked(O::ConfirmSafe)), "IdentityRiskyUser.ReadWrite.All"));
    QVERIFY(says(connector->precondition(asked(O::ResetPassword), precondition), "User.Read.All"));
    QVERIFY(says(connector->listUsers({}, users, following), "User.Read.All"));
    QVERIFY(says(connector->pull(O::PullSignIns, {}, page), "AuditLog.Read.All"));
    QVERIFY(says(connector->pull(O::PullRisk, {}, page), "IdentityRiskEvent.Read.All"));
    server.with([](auto &s) { s.faults.clear(); });
    DONE(connector->precondition(asked(O::ResetPassword), precondition));
    server.fault({"/users/", 1, false, [](const httplib::Request &request, auto &answer) {
                      GraphServer::refuse(answer, 403, "Authorization_RequestDenied", request.body);
                  }});
    const auto response = connector->perform(asked(O::ResetPassword));
    QVERIFY2(says(response, "User Administrator"), response.sentence.c_str());
    QVERIFY2(!says(response, "one"), response.sentence.c_str()); // the password that Graph gave back
    server.fault({"signIns", 1, false, [](const auto &, auto &answer) {
                      GraphServer::refuse(answer, 403,
                                          "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                                          "Neither tenant is B2C or tenant doesn't have premium license");
                  }});
    QVERIFY(says(connector->pull(O::PullSignIns, {}, page), "licence"));
    // It is of use all the same.
    server.fault({"riskyUsers", 1, false, [](const auto &, auto &answer) {
                      GraphServer::refuse(answer, 403,
                                          "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                                          "Neither tenant is B2C or tenant doesn't have premium license");
                  }});
    const auto tested = connector->test();
    QVERIFY2(tested.done() && says(tested, "read users and sign-ins.") && says(tested, "licence"),
             tested.sentence.c_str());
}

void TestGraph::isInDoubtWhenAChangeIsNotAnswered()
{
    for (const auto operation : changes) {
        GraphServer server;
        const auto connector = graph(server);
        std::string precondition;
        DONE(connector->precondition(asked(operation), precondition));
        server.fault({operation == O::RevokeSessions ? "revoke"
                      : operation <= O::Unblock      ? "/users/"
                                                     : "riskyUsers/",
                      1, true, half});
        if (operation == O::Unblock)
            server.with([](auto &s) { s.users[0].enabled = false; });
        QCOMPARE(connector->perform(asked(operation)).kind, Answer::Unknown);
        auto outcome = Reconciled::CannotTell;
        DONE(connector->reconcile(asked(operation), precondition, outcome));
        QCOMPARE(outcome, Reconciled::TookEffect);
    }
    GraphServer server;
    server.fault({"revoke", 1, true, broken});
    QCOMPARE(graph(server)->perform(asked(O::RevokeSessions)).kind, Answer::Unknown);
    server.fault({"/users/", 1, true, half});
    std::string precondition;
    QCOMPARE(graph(server)->precondition(asked(O::ResetPassword), precondition).kind, Answer::RetryAfter);
}

void TestGraph::readsBackWhatTookEffect()
{
    GraphServer server;
    server.with([](auto &s) { s.users[0].passwordChanged.clear(); }); // never changed: null
    const auto connector = graph(server);
    for (const auto operation : changes) {
        std::string precondition;
        DONE(connector->precondition(asked(operation), precondition));
        QCOMPARE(precondition.empty(), operation != O::ResetPassword && operation != O::RevokeSessions);
        DONE(connector->perform(asked(operation)));
        auto outcome = Reconciled::CannotTell;
        DONE(connector->reconcile(asked(operation), precondition, outcome));
        QCOMPARE(outcome, Reconciled::TookEffect);
    }
}

void TestGraph::readsBackWhatDidNot()
{
    GraphServer server;
    const auto connector = graph(server);
    for (const auto operation : changes) {
        server.with([&](auto &s) { s.users[0].enabled = operation != O::Unblock; });
        std::string precondition;
        DONE(connector->precondition(asked(operation), precondition));
        auto outcome = Reconciled::CannotTell;
        DONE(connector->reconcile(asked(operation), precondition, outcome));
        QCOMPARE(outcome, Reconciled::DidNot);
    }
    auto outcome = Reconciled::TookEffect;
    DONE(connector->reconcile(asked(O::ResetPassword), {}, outcome));
    QCOMPARE(outcome, Reconciled::CannotTell);
    DONE(connector->reconcile(asked(O::DismissRisk, "id-of-nobody"), {}, outcome));
    QCOMPARE(outcome, Reconciled::DidNot);
    server.fault({"/users/", 1, false, status(500)});
    QCOMPARE(connector->reconcile(asked(O::Block), {}, outcome).kind, Answer::RetryAfter);
}

void TestGraph::waitsForFeedbackInProcess()
{
    GraphServer server;
    server.with([](auto &s) { s.users[0].processing = true; });
    const auto connector = graph(server);
    auto outcome = Reconciled::TookEffect;
    const auto response = connector->reconcile(asked(O::DismissRisk), {}, outcome);
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(outcome, Reconciled::CannotTell);
    server.with([](auto &s) { s.users[0].riskState = "dismissed"; });
    DONE(connector->reconcile(asked(O::DismissRisk), {}, outcome));
    QCOMPARE(outcome, Reconciled::TookEffect);
}

void TestGraph::testsWhatItNeeds()
{
    GraphServer server;
    const auto connector = graph(server);
    DONE(connector->test());
    for (const char *part : {"/users", "/riskyUsers", "/signIns"}) {
        server.fault({part, 1, false, status(403)});
        const auto response = connector->test();
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY2(says(response, "it needs"), response.sentence.c_str());
    }
    for (const auto &request : server.requests())
        QVERIFY(request.method == "GET" || request.path.ends_with("/token"));
}

void TestGraph::saysWhyTheSignInIsRefused_data()
{
    QTest::addColumn<QString>("said");
    QTest::addColumn<QString>("words");
    QTest::newRow("secret") << "AADSTS7000215: Invalid client secret provided."
                            << "secret is wrong";
    QTest::newRow("expired") << "AADSTS7000222: The provided client secret keys are expired."
                             << "expired";
    QTest::newRow("tenant") << "AADSTS90002: Tenant 'x' not found."
                            << "no such tenant";
    QTest::newRow("app") << "AADSTS700016: Application with identifier 'x' was not found."
                         << "no such app registration";
    QTest::newRow("consent") << "AADSTS65001: The user or administrator has not consented."
                             << "consent";
    QTest::newRow("another") << "AADSTS123456: Something new. Trace ID: 4711"
                             << "Something new";
}

void TestGraph::saysWhyTheSignInIsRefused()
{
    QFETCH(QString, said);
    QFETCH(QString, words);
    GraphServer server;
    server.with([&](auto &s) {
        s.tokenStatus = 400;
        s.tokenBody = GraphServer::json({{"error", "invalid_request"}, {"error_description", said}});
    });
    const auto connector = graph(server);
    const auto number = said.section(':', 0, 0).toStdString();
    for (const auto &response : {connector->test(), connector->perform(asked(O::Block))}) {
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY(response.wholeConnector);
        QVERIFY2(says(response, number) && says(response, words.toStdString()), response.sentence.c_str());
        QVERIFY2(!says(response, "4711"), response.sentence.c_str());
    }
}

void TestGraph::changesWhatItIsAskedToByWhoSignedIn()
{
    GraphServer server;
    server.with([](auto &s) { s.refreshToken = "refresh-secret-0"; });
    SetUp setUp{{{"tenant", "shop.example"},
                 {"clientId", "app-1"},
                 {"loginUrl", server.origin()},
                 {"graphUrl", server.origin() + "/"},
                 {"caFile", server.certificate()}},
                {},
                noon};
    setUp.secrets.emplace("refreshToken", Secret("refresh-secret-0"));
    const auto connector = open(*findKind("graph"), std::move(setUp));
    QVERIFY(connector.has_value());
    DONE((*connector)->perform(asked(O::Block)));
    QVERIFY(!server.user().enabled);
    DONE((*connector)->perform(asked(O::ResetPassword)));
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
}

void TestGraph::needsASecretOrACertificate()
{
    GraphServer server;
    for (const auto &connector :
         {graph(server, ""), graph(server, "app secret/+&", {{"certificateFile", server.certificate()}})}) {
        QCOMPARE(connector->test().code, std::string("notSetUp"));
        QCOMPARE(connector->perform(asked(O::Block)).code, std::string("notSetUp"));
    }
    QVERIFY(server.requests().empty());
    QCOMPARE(graph(server, "wrong")->test().code, std::string("invalid_client"));
}

void TestGraph::trustsNoOtherCertificate()
{
    GraphServer server, other;
    const auto connector = graph(server, "app secret/+&", {{"caFile", other.certificate()}});
    QCOMPARE(connector->perform(asked(O::Block)).code, std::string("certificate"));
    QVERIFY(server.requests().empty());
}

void TestGraph::listsUsersPageByPage()
{
    GraphServer server;
    server.with([](auto &s) {
        s.pageSize = 2;
        for (int i = 0; i < 3; ++i)
            s.users.push_back({"id-" + std::to_string(i), "u" + std::to_string(i) + "@shop.example"});
        s.users.back().enabled = false;
    });
    const auto connector = graph(server);
    std::vector<std::string> names;
    std::string next, following;
    int pages = 0;
    do {
        std::vector<ProviderUser> users;
        DONE(connector->listUsers(next, users, following));
        for (const auto &user : users) {
            names.push_back(user.userPrincipalName);
            QCOMPARE(user.mail, "mail-" + user.id);
            QCOMPARE(user.enabled, std::optional(user.id != "id-2"));
        }
        next = following;
    } while (++pages < 9 && !next.empty());
    QCOMPARE(pages, 3);
    QCOMPARE(names.size(), std::size_t{5});
    QCOMPARE(names.back(), std::string("u2@shop.example"));
}

void TestGraph::followsNoLinkToAnotherPlace()
{
    TlsServer elsewhere([](const auto &, auto &) {});
    GraphServer server;
    const auto connector = graph(server);
    std::vector<ProviderUser> users;
    std::string following;
    PulledPage page;
    for (const std::string &origin : {elsewhere.url(""), std::string("http://127.0.0.1"),
                                      "https://127.0.0.1@" + elsewhere.url("").substr(8), std::string()}) {
        server.with([&](auto &s) {
            s.pageSize = 1;
            s.linkOrigin = origin.empty() ? "//evil.example" : origin;
        });
        const auto response = connector->listUsers({}, users, following);
        QCOMPARE(response.kind, Answer::Refused);
        QCOMPARE(response.code, std::string("foreignLink"));
        QVERIFY(following.empty());
        server.with([](auto &s) { s.detections = {R"({"id":"1"})", R"({"id":"2"})"}; });
        QCOMPARE(connector->pull(O::PullRisk, {}, page).code, std::string("foreignLink"));
        QVERIFY(page.next.empty() && page.records.empty());
    }
    QCOMPARE(connector->listUsers(elsewhere.url("/v1.0/users"), users, following).kind, Answer::Refused);
    QVERIFY(elsewhere.requests().empty());
}

void TestGraph::pullsSignInsSinceTheCursor()
{
    GraphServer server;
    // Spelled so that it would not survive being written anew.
    const std::string odd =
        R"({"id":"3", "createdDateTime":"2026-03-18T11:00:00.25Z","n":1.50e1,"t":"\u0041"})";
    server.with([&](auto &s) {
        s.pageSize = 2;
        s.signIns = {R"({"id":"1","createdDateTime":"2026-03-18T07:00:00Z"})",
                     R"({"id":"2","createdDateTime":"2026-03-18T09:30:00Z"})", odd};
    });
    const auto connector = graph(server);
    PulledPage page;
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(page.records.size(), std::size_t{2});
    QVERIFY(!page.next.empty() && page.cursor.empty());
    // Another process may go on.
    const auto next = page.next;
    DONE(graph(server)->pull(O::PullSignIns, next, page));
    QCOMPARE(page.records, (std::vector{odd}));
    QVERIFY(page.next.empty());
    QCOMPARE(page.cursor, std::string("2026-03-18T11:00:00.25Z"));
    // What came late, up to two hours, comes with the next pull; so does what was seen.
    server.with(
        [](auto &s) { s.signIns.push_back(R"({"id":"4","createdDateTime":"2026-03-18T09:00:01Z"})"); });
    DONE(connector->pull(O::PullSignIns, "2026-03-18T11:00:00.25Z", page));
    QCOMPARE(page.records.size(), std::size_t{2}); // 2 and 3
    DONE(connector->pull(O::PullSignIns, page.next, page));
    QCOMPARE(page.records.size(), std::size_t{1});
    QCOMPARE(page.cursor, std::string("2026-03-18T11:00:00.25Z"));
    // Nothing new leaves the cursor; a time to come does not move it beyond now.
    server.with([](auto &s) { s.signIns.clear(); });
    DONE(connector->pull(O::PullSignIns, "2026-03-18T11:00:00.25Z", page));
    QCOMPARE(page.cursor, std::string("2026-03-18T11:00:00.25Z"));
    DONE(connector->pull(O::PullSignIns, {}, page));
    QVERIFY(page.cursor.empty() && page.next.empty());
    server.with([](auto &s) { s.signIns = {R"({"id":"5","createdDateTime":"2027-01-01T00:00:00Z"})"}; });
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(page.cursor, std::string("2026-03-18T12:00:00Z"));
}

// What came late behind a page that was read long before the pull came to its end.
void TestGraph::missesNothingWhereItGoesOnLater()
{
    GraphServer server;
    server.with([](auto &s) {
        s.pageSize = 2;
        s.signIns = {R"({"id":"1","createdDateTime":"2026-03-01T07:00:00Z"})",
                     R"({"id":"2","createdDateTime":"2026-03-18T11:30:00Z"})",
                     R"({"id":"3","createdDateTime":"2026-03-18T11:40:00Z"})"};
    });
    FixedClock clock(noon.now());
    PulledPage page;
    DONE(graph(server, "app secret/+&", {}, clock)->pull(O::PullSignIns, {}, page));
    const auto next = page.next;
    clock.advance(std::chrono::hours(24));
    server.with([](auto &s) {
        s.signIns = {s.signIns[0], R"({"id":"late","createdDateTime":"2026-03-18T11:00:00Z"})", s.signIns[1],
                     s.signIns[2], R"({"id":"4","createdDateTime":"2026-03-19T11:00:00Z"})"};
    });
    std::string text, from = next;
    for (int pages = 0; pages < 9 && !from.empty(); ++pages) {
        DONE(graph(server, "app secret/+&", {}, clock)->pull(O::PullSignIns, from, page));
        from = page.next;
    }
    QCOMPARE(page.cursor, std::string("2026-03-18T12:00:00Z"));
    for (from = page.cursor; !from.empty(); from = page.next) {
        DONE(graph(server, "app secret/+&", {}, clock)->pull(O::PullSignIns, from, page));
        for (const auto &record : page.records)
            text += record;
    }
    QVERIFY2(text.find("late") != std::string::npos, text.c_str());
}

void TestGraph::goesOnWhereALinkHoldsNoMore()
{
    GraphServer server;
    server.with([](auto &s) {
        s.pageSize = 2;
        for (int day = 1; day < 6; ++day)
            s.signIns.push_back(R"({"id":")" + std::to_string(day) + R"(","createdDateTime":"2026-03-0)" +
                                std::to_string(day) + R"(T07:00:00Z"})");
        s.detections = {R"({"id":"d1","lastUpdatedDateTime":"2026-03-18T06:00:00Z"})",
                        R"({"id":"d2","lastUpdatedDateTime":"2026-03-17T06:00:00Z"})",
                        R"({"id":"d3","lastUpdatedDateTime":"2026-03-16T06:00:00Z"})"};
    });
    PulledPage page;
    const auto connector = graph(server);
    DONE(connector->pull(O::PullSignIns, {}, page));
    const auto signIns = page.next;
    DONE(connector->pull(O::PullRisk, {}, page));
    const auto risk = page.next;
    server.with([](auto &s) { s.forgetsLinks = true; });
    DONE(graph(server)->pull(O::PullSignIns, signIns, page));
    QVERIFY(page.records.at(0).find(R"("id":"2")") != std::string::npos);
    DONE(graph(server)->pull(O::PullRisk, risk, page)); // in no order
    QVERIFY(page.records.at(0).find(R"("id":"d1")") != std::string::npos);
    // Refused while it is fresh, it is not begun anew for ever.
    const auto again = graph(server);
    DONE(again->pull(O::PullSignIns, {}, page));
    QCOMPARE(again->pull(O::PullSignIns, page.next, page).code, std::string("http400"));
}

void TestGraph::pullsRisk()
{
    GraphServer server;
    server.with([](auto &s) {
        s.detections = {R"({"id":"d1","riskEventType":"x","lastUpdatedDateTime":"2026-03-18T06:00:00Z"})",
                        R"({"id":"d2","riskEventType":"x","lastUpdatedDateTime":"2026-03-18T10:00:00Z"})"};
    });
    const auto connector = graph(server);
    PulledPage page;
    DONE(connector->pull(O::PullRisk, "2026-03-18T09:00:00Z", page));
    QCOMPARE(page.records.size(), std::size_t{1});
    QVERIFY(page.cursor.empty());
    DONE(connector->pull(O::PullRisk, page.next, page));
    QCOMPARE(page.records.size(), std::size_t{2});
    QVERIFY(page.records[0].find("riskLastUpdatedDateTime") != std::string::npos);
    QVERIFY(page.next.empty());
    QCOMPARE(page.cursor, std::string("2026-03-18T10:00:00Z"));
    QVERIFY(connector->pull(O::Block, {}, page).kind == Answer::Refused);
}

void TestGraph::pullsAgainAfterABrokenPage()
{
    GraphServer server;
    server.with([](auto &s) { s.signIns = {R"({"id":"1","createdDateTime":"2026-03-18T07:00:00Z"})"}; });
    const auto connector = graph(server);
    PulledPage page;
    const auto body = [](const std::string &text) {
        return [text](const auto &, auto &response) { response.set_content(text, "application/json"); };
    };
    for (const auto &fault :
         {TlsServer::Handler(half), TlsServer::Handler(broken), TlsServer::Handler(body("")),
          TlsServer::Handler(body("[]")), TlsServer::Handler(body("{}")),
          TlsServer::Handler(body(R"({"value":[1]})")), TlsServer::Handler(body(R"({"value":[{"id":tru}]})")),
          TlsServer::Handler(body(R"({"value":[],"@odata.nextLink":7})"))}) {
        server.fault({"signIns", 1, false, fault});
        QCOMPARE(connector->pull(O::PullSignIns, {}, page).kind, Answer::RetryAfter);
        QVERIFY(page.records.empty() && page.cursor.empty());
    }
    // Two pages' worth of a page is no page.
    server.fault({"signIns", 1, false, body(std::string(GraphConnector::largestPage + 1, ' '))});
    QCOMPARE(connector->pull(O::PullSignIns, {}, page).code, std::string("tooLarge"));
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(page.records.size(), std::size_t{1});
}

void TestGraph::knowsNoOtherCursor()
{
    GraphServer server;
    const auto connector = graph(server);
    PulledPage page;
    for (const char *from :
         {"yesterday", "-", "riskDetections - - - /v1.0/x", "signIns - - - https://evil.example/",
          "signIns - - - //evil.example/ x", "signIns x - - /v1.0/auditLogs/signIns",
          "signIns - - x /v1.0/auditLogs/signIns", "signIns - - /v1.0/auditLogs/signIns"})
        QCOMPARE(connector->pull(O::PullSignIns, from, page).code, std::string("cursor"));
    QVERIFY(server.requests().empty());
}

// The addresses, the scope and the secret are those that the platform's reference asks for.
void TestGraph::givesARefreshTokenToWhoSignsIn()
{
    for (const char *secret : {"", "a secret/+&"}) {
        GraphServer server;
        server.with([&](auto &state) {
            state.deviceSecret = secret;
            state.deviceAnswers = {"authorization_pending"};
        });
        Secrets secrets;
        secrets.emplace("clientSecret", Secret(secret));
        FixedClock clock(noon.now());
        DeviceCode sign(deviceSetUp({{"tenant", "shop.example"},
                                     {"clientId", "app-1"},
                                     {"loginUrl", server.origin() + "/"},
                                     {"graphUrl", server.origin()},
                                     {"caFile", server.certificate()}},
                                    secrets),
                        clock);
        DeviceCode::Shown shown;
        const auto begun = sign.start({}, shown);
        QVERIFY2(begun.done(), begun.sentence.c_str());
        clock.set(sign.nextPoll());
        QCOMPARE(sign.poll({}).state, DeviceCode::State::Pending);
        clock.set(sign.nextPoll());
        const auto granted = sign.poll({});
        QVERIFY2(granted.state == DeviceCode::State::Granted, granted.response.sentence.c_str());
        QCOMPARE(std::string(granted.tokens.refresh.reveal()), std::string("refresh-secret-1"));
        QCOMPARE(granted.tokens.who, std::string("ada@shop.example"));
    }
    const auto standard = deviceSetUp({{"tenant", "shop.example"}, {"clientId", "app-1"}}, {});
    QCOMPARE(standard.deviceAddress.host, std::string("login.microsoftonline.com"));
    QCOMPARE(standard.deviceAddress.path, std::string("/shop.example/oauth2/v2.0/devicecode"));
    QCOMPARE(standard.tokenAddress.path, std::string("/shop.example/oauth2/v2.0/token"));
    QCOMPARE(standard.scope,
             std::string("https://graph.microsoft.com/.default offline_access openid profile"));
}

void TestGraph::tellsThatASignInEnded()
{
    GraphServer server;
    server.with([](auto &state) { state.refreshToken = "the newest"; });
    for (const char *token : {"the newest", "an old one"}) {
        Credentials credentials;
        credentials.tokenAddress = *HttpsAddress::parse(server.origin() + "/shop.example/oauth2/v2.0/token");
        credentials.caFile = server.certificate();
        credentials.clientId = "app-1";
        credentials.scope = server.origin() + "/.default";
        credentials.refreshToken = Secret(token);
        TokenSource source(std::move(credentials), noon);
        const Secret *got = nullptr;
        const auto response = source.token({}, got);
        const bool holds = std::string_view(token) == "the newest";
        QCOMPARE(response.done(), holds);
        if (holds)
            continue;
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY(response.wholeConnector && got == nullptr);
        QCOMPARE(response.code, std::string("invalid_grant"));
        QCOMPARE(response.sentence, std::string("The sign-in has expired or was revoked; sign in again."));
    }
}

void TestGraph::saysWhoSignedIn_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("who");
    const auto token = [](const QByteArray &claims) {
        return "e30." + claims.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals) +
               ".c2ln";
    };
    QTest::newRow("a name to sign in with")
        << token(R"({"name":"Ada","preferred_username":"ada@shop"})") << "ada@shop";
    QTest::newRow("a name only") << token(R"({"name":"Ada"})") << "Ada";
    QTest::newRow("empty ones") << token(R"({"preferred_username":"","email":"a@b"})") << "a@b";
    QTest::newRow("no text") << token(R"({"preferred_username":7})") << "";
    QTest::newRow("steers a terminal") << token("{\"name\":\"A\\u001b[1mB\"}") << "A [1mB";
    QTest::newRow("nothing of it") << token("{}") << "";
    QTest::newRow("no JSON") << token("x") << "";
    QTest::newRow("no token") << QByteArray("e30.!!.c2ln") << "";
    QTest::newRow("one part") << QByteArray("e30") << "";
    QTest::newRow("too long") << token(R"({"name":")" + QByteArray(20000, 'a') + R"("})") << "";
}

void TestGraph::saysWhoSignedIn()
{
    QFETCH(QByteArray, token);
    QFETCH(QString, who);
    QCOMPARE(QString::fromStdString(whoSignedIn(token.toStdString())), who);
}

QTEST_GUILESS_MAIN(TestGraph)
#include "tst_graph.moc"
