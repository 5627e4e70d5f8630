// The SCIM 2.0 connector against a strict server over TLS: what is asked, what it does there, what each answer means,
// what is read back.
#include "core/connect/scim/scim_connector.h"

#include "tests/support/scim_server.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::ScimServer;
using riskdesk::test::TlsServer;
using Answer = Response::Kind;
using O = ProviderOperation;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

std::unique_ptr<Connector> scim(const ScimServer &server, std::string_view token = "scim-token.1",
                                const Settings &more = {}, std::string_view clientSecret = {},
                                const Clock &clock = noon)
{
    SetUp setUp{{{"url", server.url() + "/"}, {"caFile", server.certificate()}}, {}, clock};
    for (const auto &[key, value] : more)
        setUp.settings[key] = value;
    if (!token.empty())
        setUp.secrets.emplace("token", Secret(token));
    if (!clientSecret.empty())
        setUp.secrets.emplace("clientSecret", Secret(clientSecret));
    auto made = open(*findKind("scim"), std::move(setUp));
    return made ? std::move(*made) : nullptr;
}

std::unique_ptr<Connector> scimWithClient(const ScimServer &server, const Clock &clock = noon,
                                          std::string_view secret = "client secret/+&")
{
    return scim(server, {}, {{"tokenUrl", server.url("/token")}, {"clientId", "riskdesk"}}, secret, clock);
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
    request.userId = std::move(id);
    request.userPrincipalName = std::move(name);
    request.password = operation == O::ResetPassword ? &newPassword() : nullptr;
    return request;
}

TlsServer::Handler status(int status, const std::string &retryAfter = {}, const std::string &type = {})
{
    return [=](const auto &, auto &response) {
        ScimServer::refuse(response, status, type, "Some words.");
        if (!retryAfter.empty())
            response.set_header("Retry-After", retryAfter);
        response.set_header("Date", "Wed, 18 Mar 2026 12:00:00 GMT");
    };
}

TlsServer::Handler body(const std::string &text, int status = 200)
{
    return [=](const auto &, auto &response) {
        response.status = status;
        response.set_content(text, "application/scim+json");
    };
}

void half(const httplib::Request &, httplib::Response &response)
{
    response.set_content_provider(1000, "application/scim+json",
                                  [](std::size_t, std::size_t, httplib::DataSink &) { return false; });
}

bool says(const Response &response, std::string_view words)
{
    return response.sentence.find(words) != std::string::npos;
}

constexpr O changes[] = {O::ResetPassword, O::Block, O::Unblock};

// As it has to be for the operation to change something.
void prepare(ScimServer &server, O operation)
{
    server.with([&](auto &s) { s.users[0].active = operation != O::Unblock; });
}

} // namespace

#define DONE(expression)                                                                                     \
    do {                                                                                                     \
        const auto made = (expression);                                                                      \
        QVERIFY2(made.done(), (made.code + ": " + made.sentence).c_str());                                   \
    } while (false)

class TestScim : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesWhatItIsAskedTo();
    void leavesAloneWhatIsSoAlready();
    void findsAUserByName();
    void needsATokenOrAClient();
    void getsATokenAsAClient();
    void tellsWhatAnAnswerMeans_data();
    void tellsWhatAnAnswerMeans();
    void tellsScimTypeAndDetail();
    void goesByTheVersion();
    void asksForNothingItCannotDo();
    void isInDoubtWhenAChangeIsNotAnswered();
    void readsBackWhatTookEffect();
    void readsBackWhatDidNot();
    void trustsNoOtherCertificate();
    void listsUsersPageByPage();
    void readsNoBrokenAnswer();
};

void TestScim::changesWhatItIsAskedTo()
{
    for (const bool answersWithUser : {true, false}) {
        ScimServer server;
        server.with([&](auto &s) { s.answersWithUser = answersWithUser; });
        const auto connector = scim(server);
        QVERIFY(connector != nullptr);
        DONE(connector->perform(asked(O::Block)));
        QVERIFY(!server.user().active);
        DONE(connector->perform(asked(O::Unblock)));
        QVERIFY(server.user().active);
        const auto reset = connector->perform(asked(O::ResetPassword));
        QVERIFY(reset.done() && says(reset, "The password is not temporary"));
        QCOMPARE(server.user().password, std::string(newPassword().reveal()));
        QCOMPARE(server.user(1).password, std::string("old"));
        QVERIFY(server.user(1).active);
        QCOMPARE(connector->perform(asked(O::RevokeSessions)).code, std::string("unsupported"));
        QCOMPARE(connector->perform(asked(O::Block, "", "")).code, std::string("noUser"));
        auto without = asked(O::ResetPassword);
        without.password = nullptr;
        QCOMPARE(connector->perform(without).code, std::string("noPassword"));
        const Secret empty;
        without.password = &empty;
        QCOMPARE(connector->perform(without).code, std::string("noPassword"));
    }
}

void TestScim::leavesAloneWhatIsSoAlready()
{
    ScimServer server;
    const auto connector = scim(server);
    DONE(connector->perform(asked(O::Unblock)));
    server.with([](auto &s) { s.users[0].active = false; });
    DONE(connector->perform(asked(O::Block)));
    for (const auto &request : server.requests())
        QVERIFY(request.method == "GET");
}

// A quote would end the filter's text, a backslash hide the next letter, "&" begin another parameter.
void TestScim::findsAUserByName()
{
    ScimServer server;
    const std::string bea = "bea \"b\\\"+#&@shop.example";
    for (const auto &connector :
         {scim(server), scim(server, "scim-token.1", {{"userAttribute", "externalId"}})}) {
        server.with([](auto &s) { s.users[1].password = "old"; });
        const auto name = server.requests().empty() ? bea : "staff-2";
        for (const auto operation : changes)
            DONE(connector->perform(asked(operation, "", name)));
        QCOMPARE(server.user(1).password, std::string(newPassword().reveal()));
        for (const auto operation : changes)
            for (const auto &response : {connector->perform(asked(operation, "", "x\" or userName pr")),
                                         connector->perform(asked(operation, "no/../body", ""))}) {
                QCOMPARE(response.kind, Answer::Refused);
                QVERIFY2(says(response, "no such user"), response.sentence.c_str());
            }
    }
    QCOMPARE(server.user(0).password, std::string("old"));
    // A service that passes over the filter, or has the name twice.
    server.with([&](auto &s) { s.users[0].userName = bea; });
    QCOMPARE(scim(server)->perform(asked(O::Block, "", bea)).code, std::string("ambiguous"));
    QVERIFY(server.user(0).active && server.user(1).active);
}

void TestScim::needsATokenOrAClient()
{
    ScimServer server;
    const Settings client{{"tokenUrl", server.url("/token")}, {"clientId", "riskdesk"}};
    for (const auto &connector :
         {scim(server, ""), scim(server, "scim-token.1", client), scim(server, "scim-token.1", {}, "s"),
          scim(server, "", client), scim(server, "", {{"clientId", "riskdesk"}}, "s"), scim(server, "a b"),
          scim(server, "a\r\nX: y"),
          scim(server, "scim-token.1", {{"userAttribute", "userName eq \"x\" or userName"}})}) {
        QVERIFY(connector != nullptr);
        for (const auto &response : {connector->test(), connector->perform(asked(O::Block))}) {
            QCOMPARE(response.code, std::string("notSetUp"));
            QVERIFY(response.wholeConnector);
        }
    }
    QVERIFY(server.requests().empty());
    auto response = scim(server, "wrong")->test();
    QCOMPARE(response.code, std::string("http401"));
    QVERIFY(response.wholeConnector && says(response, "does not accept the token"));
    QCOMPARE(scimWithClient(server, noon, "wrong")->test().code, std::string("invalid_client"));
}

void TestScim::getsATokenAsAClient()
{
    ScimServer server;
    FixedClock clock(noon.now());
    const auto connector = scimWithClient(server, clock);
    const auto given = [&] { return server.with([](auto &s) { return s.given; }); };
    DONE(connector->perform(asked(O::Block)));
    DONE(connector->perform(asked(O::Unblock)));
    QCOMPARE(given(), 1);
    clock.advance(std::chrono::seconds(240)); // a minute before it ends
    DONE(connector->perform(asked(O::Block)));
    QCOMPARE(given(), 2);
    server.with([](auto &s) { s.tokens.clear(); }); // expired there
    DONE(connector->perform(asked(O::ResetPassword)));
    QCOMPARE(given(), 3);
    QCOMPARE(server.user().password, std::string(newPassword().reveal()));
}

void TestScim::tellsWhatAnAnswerMeans_data()
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
    row(307, "", Answer::Refused, Answer::Refused);
    row(400, "", Answer::Refused, Answer::Refused);
    row(401, "", Answer::Refused, Answer::Refused);
    row(403, "", Answer::Refused, Answer::Refused);
    row(404, "", Answer::Refused, Answer::Refused);
    row(409, "", Answer::RetryAfter, Answer::RetryAfter);
    row(429, "", Answer::RetryAfter, Answer::RetryAfter);
    row(429, "7", Answer::RetryAfter, Answer::RetryAfter, 7);
    row(429, "Wed, 18 Mar 2026 12:01:00 GMT", Answer::RetryAfter, Answer::RetryAfter, 60);
    row(503, "120", Answer::RetryAfter, Answer::RetryAfter, 120);
    row(500, "", Answer::Unknown, Answer::RetryAfter);
    row(501, "", Answer::Refused, Answer::Refused);
    row(502, "", Answer::Unknown, Answer::RetryAfter);
}

void TestScim::tellsWhatAnAnswerMeans()
{
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    QFETCH(int, change);
    QFETCH(int, read);
    QFETCH(int, seconds);
    ScimServer server;
    const auto connector = scim(server);
    server.fault({"PATCH", "/Users/", 1, false, ::status(status, retryAfter.toStdString())});
    const auto changed = connector->perform(asked(O::Block));
    server.fault({"GET", "/Users", 1, false, ::status(status, retryAfter.toStdString())});
    std::vector<ProviderUser> users;
    std::string following;
    const auto listed = connector->listUsers({}, users, following);
    QCOMPARE(static_cast<int>(changed.kind), change);
    QCOMPARE(static_cast<int>(listed.kind), read);
    for (const auto &response : {changed, listed}) {
        QCOMPARE(response.code, "http" + std::to_string(status));
        QVERIFY(response.sentence.ends_with('.'));
        QCOMPARE(response.wholeConnector, status == 401 || status == 429 || status == 503 ||
                                              (response.kind == Answer::RetryAfter && status >= 500));
    }
    QCOMPARE(changed.wait ? static_cast<int>(changed.wait->count() / 1'000'000) : -1, seconds);
    DONE(connector->perform(asked(O::Block))); // and goes on
    QVERIFY(!server.user().active);
}

void TestScim::tellsScimTypeAndDetail()
{
    ScimServer server;
    const auto connector = scim(server);
    server.fault({"PATCH", "/Users/", 1, false, status(400, "", "invalidValue")});
    auto response = connector->perform(asked(O::ResetPassword));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY2(says(response, "invalidValue, Some words."), response.sentence.c_str());
    server.fault({"PATCH", "/Users/", 1, false, status(409, "", "mutability")});
    response = connector->perform(asked(O::Block));
    QCOMPARE(response.kind, Answer::Refused); // it will not be otherwise later
    QVERIFY2(says(response, "mutability"), response.sentence.c_str());
    server.fault({"PATCH", "/Users/", 2, false, status(403)});
    QVERIFY(says(connector->perform(asked(O::ResetPassword)), "change passwords"));
    QVERIFY(says(connector->perform(asked(O::Block)), "change users"));
    for (const std::string &word : {std::string(newPassword().reveal()), std::string(R"(Fresh \"one\"-42)"),
                                    std::string("scim-token.1")}) {
        server.fault({"PATCH", "/Users/", 1, false, [=](const auto &, auto &answer) {
                          ScimServer::refuse(answer, 400, "invalidValue", "Not: " + word);
                      }});
        response = connector->perform(asked(O::ResetPassword));
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY2(!says(response, word) && !says(response, "Not:"), response.sentence.c_str());
    }
}

void TestScim::goesByTheVersion()
{
    ScimServer server;
    const auto connector = scim(server);
    const auto changed = status(412);
    // Somebody else is faster once: it is read again, and only that.
    server.fault({"PATCH", "/Users/", 1, false, changed});
    const auto before = server.requests().size();
    DONE(connector->perform(asked(O::Block)));
    QVERIFY(!server.user().active);
    QCOMPARE(server.requests().size() - before, std::size_t{5}); // config, user, patch, user, patch
    QCOMPARE(server.requests().back().get_header_value("If-Match"), std::string("W/\"1\""));
    server.fault({"PATCH", "/Users/", 2, false, changed});
    const auto response = connector->perform(asked(O::Unblock));
    QCOMPARE(response.kind, Answer::RetryAfter);
    QVERIFY(!response.wholeConnector && says(response, "somebody else"));
    QVERIFY(!server.user().active);
    server.with([](auto &s) { s.versions = false; }); // then none is sent
    DONE(connector->perform(asked(O::Unblock)));
    QVERIFY(server.user().active);
    for (const char *version : {"W/\\\"1\\r\\nX:y\\\"", "1", "\\\"", ""}) { // what is no entity tag is none
        server.fault(
            {"GET", "/Users/", 1, false,
             body(std::string(R"({"id":"id-anna","active":true,"meta":{"version":")") + version + "\"}}")});
        server.with([](auto &s) { s.users[0].active = true; });
        const auto sofar = server.requests().size();
        DONE(connector->perform(asked(O::Block)));
        QCOMPARE(server.requests().size() - sofar, std::size_t{2}); // none was sent, so none was refused
        QVERIFY(!server.user().active);
    }
}

void TestScim::asksForNothingItCannotDo()
{
    ScimServer server;
    DONE(scim(server)->test());
    server.with([](auto &s) { s.changePassword = false; });
    auto connector = scim(server);
    auto response = connector->test();
    QVERIFY(response.done() && says(response, "no passwords"));
    for (const auto &refused :
         {connector->perform(asked(O::ResetPassword)), scim(server)->perform(asked(O::ResetPassword))}) {
        QCOMPARE(refused.kind, Answer::Refused);
        QVERIFY2(says(refused, "changes no passwords"), refused.sentence.c_str());
    }
    DONE(connector->perform(asked(O::Block)));
    server.with([](auto &s) { s.patch = false; });
    connector = scim(server);
    QCOMPARE(connector->test().code, std::string("noPatch"));
    for (const auto operation : changes)
        QCOMPARE(connector->perform(asked(operation)).code, std::string("noPatch"));
    server.with([](auto &s) { s.patch = s.changePassword = true, s.filter = false; });
    response = connector->test();
    QVERIFY(response.done() && says(response, "no filters"));
    QCOMPARE(server.user().password, std::string("old"));
    // One that does not say is asked.
    server.fault({"GET", "ServiceProviderConfig", 2, false, status(404)});
    connector = scim(server);
    QVERIFY(says(connector->test(), "does not say"));
    DONE(connector->perform(asked(O::ResetPassword)));
    server.fault({"GET", "ServiceProviderConfig", 1, false, status(503)});
    QCOMPARE(scim(server)->perform(asked(O::Unblock)).kind, Answer::RetryAfter);
    server.fault({"GET", "/Users", 1, false, status(403)});
    QVERIFY(says(scim(server)->test(), "read users"));
}

void TestScim::isInDoubtWhenAChangeIsNotAnswered()
{
    for (const auto operation : changes)
        for (const auto &answer : {TlsServer::Handler(half), status(500), body("<html>Sign in</html>"),
                                   body("{}", 202), body("{}", 205)}) {
            ScimServer server;
            prepare(server, operation);
            const auto connector = scim(server);
            server.fault({"PATCH", "/Users/", 1, true, answer});
            QCOMPARE(connector->perform(asked(operation)).kind, Answer::Unknown);
            auto outcome = Reconciled::DidNot;
            DONE(connector->reconcile(asked(operation), {}, outcome));
            QCOMPARE(outcome,
                     operation == O::ResetPassword ? Reconciled::CannotTell : Reconciled::TookEffect);
        }
    ScimServer server;
    server.fault({"PATCH", "/Users/", 1, false, body(R"({"id":"id-anna","active":true})")});
    QCOMPARE(scim(server)->perform(asked(O::Block)).code, std::string("notTaken"));
    server.fault({"GET", "/Users/", 1, false, half}); // nothing was changed yet
    QCOMPARE(scim(server)->perform(asked(O::Block)).kind, Answer::RetryAfter);
}

void TestScim::readsBackWhatTookEffect()
{
    ScimServer server;
    const auto connector = scim(server);
    for (const auto operation : changes) {
        prepare(server, operation);
        DONE(connector->perform(asked(operation)));
        auto outcome = Reconciled::DidNot;
        DONE(connector->reconcile(asked(operation), {}, outcome));
        // That the user was changed since may be anybody's doing.
        QCOMPARE(outcome, operation == O::ResetPassword ? Reconciled::CannotTell : Reconciled::TookEffect);
    }
}

void TestScim::readsBackWhatDidNot()
{
    ScimServer server;
    const auto connector = scim(server);
    auto outcome = Reconciled::TookEffect;
    for (const auto operation : changes) {
        prepare(server, operation);
        DONE(connector->reconcile(asked(operation), {}, outcome));
        QCOMPARE(outcome, operation == O::ResetPassword ? Reconciled::CannotTell : Reconciled::DidNot);
    }
    server.fault({"GET", "/Users/", 1, false, status(500)});
    QCOMPARE(connector->reconcile(asked(O::Block), {}, outcome).kind, Answer::RetryAfter);
}

void TestScim::trustsNoOtherCertificate()
{
    ScimServer server, other;
    QCOMPARE(scim(server, "scim-token.1", {{"caFile", other.certificate()}})->perform(asked(O::Block)).code,
             std::string("certificate"));
    QVERIFY(server.requests().empty());
}

void TestScim::listsUsersPageByPage()
{
    for (const int mostAPage : {1000, 40}) { // a service may give fewer than asked for
        ScimServer server;
        server.with([&](auto &s) {
            s.mostAPage = mostAPage;
            for (int i = 0; i < 199; ++i)
                s.users.push_back({"id-" + std::to_string(i), "u" + std::to_string(i)});
            s.users.back().active = false;
        });
        const auto connector = scim(server);
        std::vector<ProviderUser> all;
        std::string next;
        int pages = 0;
        do {
            std::vector<ProviderUser> users;
            DONE(connector->listUsers(next, users, next));
            all.insert(all.end(), users.begin(), users.end());
        } while (++pages < 9 && !next.empty());
        QCOMPARE(pages, mostAPage == 40 ? 6 : 3); // the last has one user
        QCOMPARE(all.size(), std::size_t{201});
        QCOMPARE(all[0].userPrincipalName, std::string("anna@shop.example"));
        QCOMPARE(all[0].displayName, std::string("Given id-anna"));
        QCOMPARE(all[0].mail, std::string("mail-id-anna"));
        QCOMPARE(all[0].enabled, std::optional(true));
        QCOMPARE(all.back().id, std::string("id-198"));
        QCOMPARE(all.back().enabled, std::optional(false));
        QCOMPARE(connector->listUsers("0", all, next).code, std::string("cursor"));
        QCOMPARE(connector->listUsers("1&x=1", all, next).code, std::string("cursor"));
    }
}

void TestScim::readsNoBrokenAnswer()
{
    ScimServer server;
    const auto connector = scim(server);
    std::vector<ProviderUser> users;
    std::string following;
    for (const auto &answer : {TlsServer::Handler(half), body(""), body("[]"), body("{}"),
                               body(R"({"totalResults":1,"Resources":[1]})"), body(R"({"totalResults":-1})"),
                               body(R"({"totalResults":1,"Resources":{}})"), body("{}", 206)}) {
        server.fault({"GET", "/Users", 1, false, answer});
        QCOMPARE(connector->listUsers({}, users, following).kind, Answer::RetryAfter);
        server.fault({"GET", "/Users", 1, false, answer});
        QCOMPARE(connector->perform(asked(O::Block, "", "anna@shop.example")).kind, Answer::RetryAfter);
        server.fault({"GET", "/Users/", 1, false, answer});
        QCOMPARE(connector->perform(asked(O::Block)).kind, Answer::RetryAfter);
        server.fault({"GET", "/ServiceProviderConfig", 1, false, answer});
        QCOMPARE(scim(server)->perform(asked(O::Block)).kind, Answer::RetryAfter);
    }
    server.fault({"GET", "/Users", 1, false, body(std::string(ScimConnector::largestPage + 1, ' '))});
    QCOMPARE(connector->listUsers({}, users, following).code, std::string("tooLarge"));
    QVERIFY(server.user().active);
}

QTEST_GUILESS_MAIN(TestScim)
#include "tst_scim.moc"
