// The Keycloak connector against a strict server over TLS: what is asked, what it does there, what each answer means,
// what is read back. Its sign-ins: tst_keycloak_events.cpp.
#include "core/connect/keycloak/keycloak_connector.h"

#include "tests/support/keycloak_server.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::KeycloakServer;
using riskdesk::test::TlsServer;
using Answer = Response::Kind;
using O = ProviderOperation;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

std::unique_ptr<Connector> keycloak(const KeycloakServer &server,
                                    std::string_view secret = "client secret/+&", const Settings &more = {},
                                    const Clock &clock = noon)
{
    SetUp setUp{{{"url", server.url() + "/"},
                 {"realm", "shop floor"},
                 {"clientId", "riskdesk"},
                 {"caFile", server.certificate()}},
                {},
                clock};
    for (const auto &[key, value] : more)
        setUp.settings[key] = value;
    setUp.secrets.emplace("clientSecret", Secret(secret));
    auto made = open(*findKind("keycloak"), std::move(setUp));
    return made ? std::move(*made) : nullptr;
}

const Secret &newPassword()
{
    static const Secret password("Fresh \"one\"-42");
    return password;
}

Request asked(O operation, std::string id = "id-anna", std::string name = "anna")
{
    Request request;
    request.operation = operation;
    request.userId = std::move(id);
    request.userPrincipalName = std::move(name);
    request.password = operation == O::ResetPassword ? &newPassword() : nullptr;
    return request;
}

TlsServer::Handler status(int status, const std::string &retryAfter = {})
{
    return [=](const auto &, auto &response) {
        KeycloakServer::refuse(response, status, "Some words.");
        if (!retryAfter.empty())
            response.set_header("Retry-After", retryAfter);
        response.set_header("Date", "Wed, 18 Mar 2026 12:00:00 GMT");
    };
}

TlsServer::Handler body(const std::string &text, int status = 200)
{
    return [=](const auto &, auto &response) {
        response.status = status;
        response.set_content(text, "application/json");
    };
}

void half(const httplib::Request &, httplib::Response &response)
{
    response.set_content_provider(1000, "application/json",
                                  [](std::size_t, std::size_t, httplib::DataSink &) { return false; });
}

bool says(const Response &response, std::string_view words)
{
    return response.sentence.find(words) != std::string::npos;
}

constexpr O changes[] = {O::ResetPassword, O::Block, O::Unblock, O::RevokeSessions};

// As it has to be for the operation to change something.
void prepare(KeycloakServer &server, O operation)
{
    server.with([&](auto &s) {
        s.users[0].enabled = operation != O::Unblock;
        s.users[0].sessions = 2;
    });
}

} // namespace

#define DONE(expression)                                                                                     \
    do {                                                                                                     \
        const auto made = (expression);                                                                      \
        QVERIFY2(made.done(), (made.code + ": " + made.sentence).c_str());                                   \
    } while (false)

class TestKeycloak : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesWhatItIsAskedTo();
    void leavesAloneWhatIsSoAlready();
    void findsAUserByName();
    void renewsATokenThatIsRefused();
    void asksForATokenBeforeItEnds();
    void leavesAPasswordElsewhereAlone();
    void tellsWhatAnAnswerMeans_data();
    void tellsWhatAnAnswerMeans();
    void saysWhatRoleIsMissing();
    void tellsWhyAPasswordIsRefused();
    void isInDoubtWhenAChangeIsNotAnswered();
    void readsBackWhatTookEffect();
    void readsBackWhatDidNot();
    void saysWhyThereIsNoToken();
    void trustsNoOtherCertificate();
    void listsUsersPageByPage();
    void readsNoBrokenAnswer();
};

void TestKeycloak::changesWhatItIsAskedTo()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    QVERIFY(connector != nullptr);
    DONE(connector->perform(asked(O::Block)));
    QVERIFY(!server.user().enabled);
    DONE(connector->perform(asked(O::Unblock)));
    QVERIFY(server.user().enabled);
    DONE(connector->perform(asked(O::ResetPassword)));
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
    QVERIFY(server.user().temporary);
    DONE(connector->perform(asked(O::RevokeSessions)));
    QCOMPARE(server.user().sessions, 0);
    QCOMPARE(server.user(1).password, std::string("old"));
    QCOMPARE(server.user(1).sessions, 2);
    QCOMPARE(connector->perform(asked(O::DismissRisk)).kind, Answer::Refused);
    QCOMPARE(connector->perform(asked(O::Block, "", "")).code, std::string("noUser"));
    auto without = asked(O::ResetPassword);
    without.password = nullptr;
    QCOMPARE(connector->perform(without).code, std::string("noPassword"));
    const Secret empty;
    without.password = &empty;
    QCOMPARE(connector->perform(without).code, std::string("noPassword"));
    server.with([](auto &s) { s.users[0].hasPassword = false; }); // the first one is set as well
    DONE(connector->perform(asked(O::ResetPassword)));
    QVERIFY(server.user().hasPassword);
}

void TestKeycloak::leavesAloneWhatIsSoAlready()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    DONE(connector->perform(asked(O::Unblock)));
    server.with([](auto &s) { s.users[0].enabled = false; });
    DONE(connector->perform(asked(O::Block)));
    for (const auto &request : server.requests())
        QVERIFY(request.method != "PUT");
}

// "#" would end the address, "&" begin another parameter, "+" mean a blank.
void TestKeycloak::findsAUserByName()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    for (const char *name : {"bea+#&", "bea@shop.example"}) {
        server.with([](auto &s) { s.users[1].password = "old", s.users[1].sessions = 2; });
        for (const auto operation : changes)
            DONE(connector->perform(asked(operation, "", name)));
        QCOMPARE(server.user(1).password, std::string(newPassword().reveal()));
        QCOMPARE(server.user(1).sessions, 0);
    }
    QCOMPARE(server.user(0).password, std::string("old"));
    for (const auto operation : changes)
        for (const auto &response : {connector->perform(asked(operation, "", "nobody")),
                                     connector->perform(asked(operation, "no/../body", ""))}) {
            QCOMPARE(response.kind, Answer::Refused);
            QVERIFY2(says(response, "no such user"), response.sentence.c_str());
        }
    QVERIFY(server.requests().back().target.ends_with("/no%2F..%2Fbody"));
    server.with([](auto &s) { s.users[1].email = s.users[0].email; });
    QCOMPARE(connector->perform(asked(O::Block, "", "anna@shop.example")).code, std::string("ambiguous"));
    QVERIFY(server.user().enabled);
}

void TestKeycloak::renewsATokenThatIsRefused()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    DONE(connector->perform(asked(O::Block)));
    server.with([](auto &s) { s.tokens.clear(); }); // expired there
    DONE(connector->perform(asked(O::ResetPassword)));
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
    QCOMPARE(server.with([](auto &s) { return s.given; }), 2);
    server.fault({"", "/users/", 100, false, status(401)});
    const auto response = connector->perform(asked(O::Unblock));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY(response.wholeConnector);
    QVERIFY2(says(response, "does not accept"), response.sentence.c_str());
}

void TestKeycloak::asksForATokenBeforeItEnds()
{
    KeycloakServer server;
    FixedClock clock(noon.now());
    const auto connector = keycloak(server, "client secret/+&", {}, clock);
    const auto given = [&] { return server.with([](auto &s) { return s.given; }); };
    DONE(connector->perform(asked(O::Block)));
    clock.advance(std::chrono::seconds(239));
    DONE(connector->perform(asked(O::Block)));
    QCOMPARE(given(), 1);
    clock.advance(std::chrono::seconds(1));
    DONE(connector->perform(asked(O::Block)));
    QCOMPARE(given(), 2);
}

void TestKeycloak::leavesAPasswordElsewhereAlone()
{
    struct Case
    {
        const char *federation;
        std::vector<std::string> links;
        bool hasPassword;
        const char *words; // empty: it is reset
    };
    for (const auto &[federation, links, hasPassword, words] :
         {Case{"5c6e", {}, false, "user federation"}, Case{"5c6e", {}, true, "user federation"},
          Case{"", {"google", "club"}, false, "google, club"}, Case{"", {"google"}, true, ""},
          Case{"", {}, false, ""}}) {
        KeycloakServer server;
        server.with([&](auto &s) {
            s.users[0].federationLink = federation;
            s.users[0].links = links;
            s.users[0].hasPassword = hasPassword;
        });
        const auto connector = keycloak(server);
        std::string precondition;
        const bool resets = *words == 0;
        const auto before = connector->precondition(asked(O::ResetPassword), precondition);
        const auto response = connector->perform(asked(O::ResetPassword));
        QCOMPARE(before.done(), resets);
        QCOMPARE(response.done(), resets);
        QCOMPARE(server.user().password == "old", !resets);
        if (!resets) {
            QCOMPARE(response.kind, Answer::Refused);
            QVERIFY2(says(response, words), response.sentence.c_str());
        }
        DONE(connector->perform(asked(O::Block))); // that is done here all the same
        QVERIFY(!server.user().enabled);
    }
}

void TestKeycloak::tellsWhatAnAnswerMeans_data()
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
    row(409, "", Answer::Refused, Answer::Refused);
    row(429, "", Answer::RetryAfter, Answer::RetryAfter);
    row(429, "7", Answer::RetryAfter, Answer::RetryAfter, 7);
    row(429, "Wed, 18 Mar 2026 12:01:00 GMT", Answer::RetryAfter, Answer::RetryAfter, 60);
    row(503, "120", Answer::RetryAfter, Answer::RetryAfter, 120);
    row(500, "", Answer::Unknown, Answer::RetryAfter);
    row(502, "", Answer::Unknown, Answer::RetryAfter);
}

void TestKeycloak::tellsWhatAnAnswerMeans()
{
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    QFETCH(int, change);
    QFETCH(int, read);
    QFETCH(int, seconds);
    KeycloakServer server;
    const auto connector = keycloak(server);
    server.fault({"PUT", "/users/", 1, false, ::status(status, retryAfter.toStdString())});
    const auto changed = connector->perform(asked(O::Block));
    server.fault({"GET", "/users", 1, false, ::status(status, retryAfter.toStdString())});
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
    QCOMPARE(says(changed, "Some words"),
             status == 400 || status == 403 || status == 409 || status == 500 || status == 502);
    DONE(connector->perform(asked(O::Block))); // and goes on
}

void TestKeycloak::saysWhatRoleIsMissing()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    for (const auto operation : changes) {
        prepare(server, operation);
        server.with([](auto &s) { s.faults.clear(); });
        server.fault({operation == O::RevokeSessions ? "POST" : "PUT", "/users/", 1, false, status(403)});
        QVERIFY(says(connector->perform(asked(operation)), "manage-users"));
        server.fault({"GET", "/users/", 1, false, status(403)});
        QVERIFY(says(connector->perform(asked(operation)), "view-users"));
    }
    std::vector<ProviderUser> users;
    std::string following;
    PulledPage page;
    server.fault({"GET", "/users", 1, false, status(403)});
    QVERIFY(says(connector->listUsers({}, users, following), "view-users"));
    for (const char *part : {"/events/config", "/events"}) {
        server.fault({"GET", part, 1, false, status(403)});
        QVERIFY(says(connector->pull(O::PullSignIns, {}, page), "view-events"));
    }
}

void TestKeycloak::tellsWhyAPasswordIsRefused()
{
    KeycloakServer server;
    server.with([](auto &s) { s.policyWords = "Invalid password: minimum length 20."; });
    const auto connector = keycloak(server);
    auto response = connector->perform(asked(O::ResetPassword));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY2(says(response, "Invalid password: minimum length 20."), response.sentence.c_str());
    for (const bool escaped : {false, true}) { // as it is, and as it stood in the request
        server.with([&](auto &s) {
            s.policyWords = escaped ? R"(No: Fresh \"one\"-42)" : std::string(newPassword().reveal());
        });
        response = connector->perform(asked(O::ResetPassword));
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY2(!says(response, "Fresh") && !says(response, "42"), response.sentence.c_str());
    }
    QCOMPARE(server.user().password, std::string("old"));
    server.fault({"PUT", "/users/", 1, false, [](const auto &, auto &answer) {
                      KeycloakServer::refuse(answer, 409, "User is read only!");
                  }});
    response = connector->perform(asked(O::Block));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY2(says(response, "User is read only!"), response.sentence.c_str());
}

void TestKeycloak::isInDoubtWhenAChangeIsNotAnswered()
{
    for (const auto operation : changes)
        for (const auto &answer : {TlsServer::Handler(half), status(500), body("<html>Sign in</html>")}) {
            KeycloakServer server;
            prepare(server, operation);
            const auto connector = keycloak(server);
            std::string precondition;
            DONE(connector->precondition(asked(operation), precondition));
            server.fault({operation == O::RevokeSessions ? "POST" : "PUT", "/users/", 1, true, answer});
            QCOMPARE(connector->perform(asked(operation)).kind, Answer::Unknown);
            auto outcome = Reconciled::CannotTell;
            DONE(connector->reconcile(asked(operation), precondition, outcome));
            QCOMPARE(outcome,
                     operation == O::RevokeSessions ? Reconciled::Repeatable : Reconciled::TookEffect);
            QCOMPARE(server.user().password == "old", operation != O::ResetPassword);
        }
    KeycloakServer server;
    server.fault({"GET", "/users/", 1, false, half}); // nothing was changed yet
    QCOMPARE(keycloak(server)->perform(asked(O::Block)).kind, Answer::RetryAfter);
}

void TestKeycloak::readsBackWhatTookEffect()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    for (const bool hasPassword : {true, false})
        for (const auto operation : changes) {
            prepare(server, operation);
            server.with([&](auto &s) { s.users[0].hasPassword = hasPassword; });
            std::string precondition;
            DONE(connector->precondition(asked(operation), precondition));
            QCOMPARE(precondition.empty(), operation != O::ResetPassword);
            DONE(connector->perform(asked(operation)));
            auto outcome = Reconciled::CannotTell;
            DONE(connector->reconcile(asked(operation), precondition, outcome));
            // Sessions of offline tokens are in no list.
            QCOMPARE(outcome,
                     operation == O::RevokeSessions ? Reconciled::Repeatable : Reconciled::TookEffect);
        }
}

void TestKeycloak::readsBackWhatDidNot()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    auto outcome = Reconciled::CannotTell;
    for (const auto operation : changes) {
        prepare(server, operation);
        std::string precondition;
        DONE(connector->precondition(asked(operation), precondition));
        DONE(connector->reconcile(asked(operation), precondition, outcome));
        QCOMPARE(outcome, operation == O::RevokeSessions ? Reconciled::Repeatable : Reconciled::DidNot);
    }
    DONE(connector->reconcile(asked(O::ResetPassword), {}, outcome));
    QCOMPARE(outcome, Reconciled::CannotTell);
    server.fault({"GET", "/users/", 1, false, status(500)});
    QCOMPARE(connector->reconcile(asked(O::Block), {}, outcome).kind, Answer::RetryAfter);
}

void TestKeycloak::saysWhyThereIsNoToken()
{
    KeycloakServer server;
    auto response = keycloak(server, "wrong")->test();
    QCOMPARE(response.code, std::string("unauthorized_client"));
    QVERIFY(response.wholeConnector && says(response, "Invalid client credentials"));
    server.fault({"POST", "/token", 1, false, body(R"({"error":"Realm does not exist"})", 404)});
    response = keycloak(server)->test();
    QVERIFY2(says(response, "realm") && response.wholeConnector, response.sentence.c_str());
    server.fault({"POST", "/token", 1, false, body("<html></html>", 404)});
    response = keycloak(server)->perform(asked(O::Block));
    QVERIFY2(says(response, "base path"), response.sentence.c_str());
    server.fault({"POST", "/token", 1, false, status(503, "9")});
    response = keycloak(server)->perform(asked(O::Block));
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(response.wait, std::optional<Microseconds>(std::chrono::seconds(9)));
    QVERIFY(server.user().enabled);
}

void TestKeycloak::trustsNoOtherCertificate()
{
    KeycloakServer server, other;
    const auto connector = keycloak(server, "client secret/+&", {{"caFile", other.certificate()}});
    QCOMPARE(connector->perform(asked(O::Block)).code, std::string("certificate"));
    QVERIFY(server.requests().empty());
}

void TestKeycloak::listsUsersPageByPage()
{
    KeycloakServer server;
    server.with([](auto &s) {
        for (int i = 0; i < 198; ++i)
            s.users.push_back(
                {"id-" + std::to_string(i), "u" + std::to_string(i), "m" + std::to_string(i), "", ""});
        s.users.back().enabled = false;
    });
    const auto connector = keycloak(server);
    std::vector<ProviderUser> all;
    std::string next;
    int pages = 0;
    do {
        std::vector<ProviderUser> users;
        DONE(connector->listUsers(next, users, next));
        all.insert(all.end(), users.begin(), users.end());
    } while (++pages < 9 && !next.empty());
    QCOMPARE(pages, 3); // the third is empty
    QCOMPARE(all.size(), std::size_t{200});
    QCOMPARE(all[0].userPrincipalName, std::string("anna"));
    QCOMPARE(all[0].displayName, std::string("Anna Ohm"));
    QCOMPARE(all[0].mail, std::string("anna@shop.example"));
    QCOMPARE(all[0].enabled, std::optional(true));
    QVERIFY(all[1].displayName.empty());
    QCOMPARE(all.back().id, std::string("id-197"));
    QCOMPARE(all.back().enabled, std::optional(false));
    QCOMPARE(connector->listUsers("-1", all, next).code, std::string("cursor"));
    QCOMPARE(connector->listUsers("0&max=9", all, next).code, std::string("cursor"));
}

void TestKeycloak::readsNoBrokenAnswer()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    std::vector<ProviderUser> users;
    std::string following, precondition;
    for (const auto &answer :
         {TlsServer::Handler(half), body(""), body("{}"), body("[1]"), body(R"([{"id":)"), body("[]", 206)}) {
        server.fault({"GET", "/users", 1, false, answer});
        QCOMPARE(connector->listUsers({}, users, following).kind, Answer::RetryAfter);
        server.fault({"GET", "/credentials", 1, false, answer});
        QCOMPARE(connector->precondition(asked(O::ResetPassword), precondition).kind, Answer::RetryAfter);
        server.fault({"GET", "/credentials", 1, false, answer});
        auto outcome = Reconciled::TookEffect;
        QCOMPARE(connector->reconcile(asked(O::ResetPassword), "1", outcome).kind, Answer::RetryAfter);
        QCOMPARE(outcome, Reconciled::CannotTell);
    }
    server.fault({"GET", "/users/", 1, false, body("{}")});
    QCOMPARE(connector->perform(asked(O::Block)).kind, Answer::RetryAfter);
    server.fault({"GET", "/users", 1, false, body(std::string(KeycloakConnector::largestPage + 1, ' '))});
    QCOMPARE(connector->listUsers({}, users, following).code, std::string("tooLarge"));
    QVERIFY(server.user().enabled);
}

QTEST_GUILESS_MAIN(TestKeycloak)
#include "tst_keycloak.moc"
