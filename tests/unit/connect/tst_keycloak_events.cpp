// What the Keycloak connector pulls from a strict server over TLS: sign-in events, newest first there and oldest first
// here, told as sign-ins of Microsoft Graph that the importer reads.
#include "core/connect/keycloak/keycloak_connector.h"
#include "core/connect/keycloak/sign_in_of_event.h"

#include "tests/support/effort.h"
#include "tests/support/keycloak_server.h"
#include "tests/unit/ingest/collect.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::KeycloakServer;
using riskdesk::test::TlsServer;
using Answer = Response::Kind;
using O = ProviderOperation;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));
constexpr std::int64_t second = 1000, hour = 3600 * second;
const std::int64_t nowMs = noon.now().us / 1000;

std::unique_ptr<Connector> keycloak(const KeycloakServer &server,
                                    std::size_t kept = KeycloakConnector::mostKept,
                                    std::size_t aPull = KeycloakConnector::mostAPull)
{
    SetUp setUp{{{"url", server.url()},
                 {"realm", "shop floor"},
                 {"clientId", "riskdesk"},
                 {"caFile", server.certificate()}},
                {},
                noon};
    setUp.secrets.emplace("clientSecret", Secret("client secret/+&"));
    return std::make_unique<KeycloakConnector>(std::move(setUp), kept, aPull);
}

KeycloakServer::Event login(std::int64_t time, const std::string &id)
{
    return {time, id, "LOGIN", R"(,"userId":"id-anna","details":{"username":"anna"})"};
}

TlsServer::Handler status(int status)
{
    return [=](const auto &, auto &response) { KeycloakServer::refuse(response, status, "Some words."); };
}

TlsServer::Handler body(const std::string &text)
{
    return [=](const auto &, auto &response) { response.set_content(text, "application/json"); };
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

QJsonObject parsed(const std::string &record)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(record)).object();
}

QStringList idsOf(const PulledPage &page)
{
    QStringList ids;
    for (const auto &record : page.records)
        ids += parsed(record)["id"].toString();
    return ids;
}

std::string signInOf(const std::string &json)
{
    const auto events = readKeycloakEvents("[" + json + "]");
    return events && events->size() == 1 ? events->front().signIn : "unreadable";
}

} // namespace

#define DONE(expression)                                                                                     \
    do {                                                                                                     \
        const auto made = (expression);                                                                      \
        QVERIFY2(made.done(), (made.code + ": " + made.sentence).c_str());                                   \
    } while (false)

class TestKeycloakEvents : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void handsOverTheOldestFirst();
    void walksBackOverManyPages();
    void knowsWhatADayIsInEveryZone();
    void keepsNoMoreThanItMay();
    void asksNoMoreThanItMay();
    void goesOnAtTheNextPull_data();
    void goesOnAtTheNextPull();
    void isNotLedIntoTheFuture();
    void missesNothingThatComesMeanwhile();
    void pullsAgainAfterABrokenPage();
    void knowsNoOtherCursor();
    void testsWhatItNeeds();
    void tellsAnEventAsASignIn();
    void givesAnEventAnId();
    void theImporterReadsIt();
};

void TestKeycloakEvents::handsOverTheOldestFirst()
{
    KeycloakServer server;
    server.with([](auto &s) {
        s.events = {login(nowMs - hour, "c"),
                    {nowMs - 2 * hour, "o", "LOGOUT", R"(,"userId":"id-anna")"},
                    {nowMs - 2 * hour, "x", "LOGIN_ERROR", R"(,"error":"cookie_not_found")"}, // of nobody
                    login(nowMs - 3 * hour, "b"),
                    login(nowMs - 90 * 24 * hour, "a")};
    });
    const auto connector = keycloak(server);
    PulledPage page;
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(idsOf(page), QStringList({"a", "b", "c"}));
    QVERIFY(page.next.empty());
    QCOMPARE(page.cursor, std::to_string(nowMs - hour));
    // What came up to five minutes late comes with the next pull; so does what was seen.
    server.with([](auto &s) {
        s.events.insert(s.events.begin() + 1, login(nowMs - hour - 299 * second, "late"));
        s.events.insert(s.events.begin() + 2, login(nowMs - hour - 301 * second, "too late"));
    });
    DONE(connector->pull(O::PullSignIns, std::string(page.cursor), page));
    QCOMPARE(idsOf(page), QStringList({"late", "c"}));
    QCOMPARE(page.cursor, std::to_string(nowMs - hour));
    server.with([](auto &s) { s.events.erase(s.events.begin()); }); // kept there no longer
    DONE(connector->pull(O::PullSignIns, std::to_string(nowMs - hour), page));
    QCOMPARE(idsOf(page), QStringList({"late"}));
    QCOMPARE(page.cursor, std::to_string(nowMs - hour));
    // Nothing new leaves the cursor; where nothing ever was there is none.
    server.with([](auto &s) { s.events.clear(); });
    DONE(connector->pull(O::PullSignIns, std::to_string(nowMs), page));
    QCOMPARE(page.cursor, std::to_string(nowMs));
    DONE(connector->pull(O::PullSignIns, {}, page));
    QVERIFY(page.cursor.empty() && page.next.empty() && page.records.empty());
    QCOMPARE(connector->pull(O::PullRisk, {}, page).code, std::string("unsupported"));
}

void TestKeycloakEvents::walksBackOverManyPages()
{
    KeycloakServer server;
    constexpr int all = 2 * static_cast<int>(KeycloakConnector::eventsAPage) + 5;
    server.with([](auto &s) {
        for (int i = 0; i < all; ++i)
            s.events.push_back(login(nowMs - i * second, std::to_string(i)));
    });
    const auto connector = keycloak(server);
    PulledPage page;
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(page.records.size(), static_cast<std::size_t>(all));
    QCOMPARE(idsOf(page).front(), QString::number(all - 1));
    QCOMPARE(idsOf(page).back(), QString("0"));
    const auto before = server.requests().size();
    DONE(connector->pull(O::PullSignIns, std::to_string(nowMs), page)); // the first page goes back far enough
    QCOMPARE(page.records.size(), std::size_t{301});
    QCOMPARE(server.requests().size() - before, std::size_t{2}); // what is recorded, and one page
}

// dateFrom is a day of the server's zone.
void TestKeycloakEvents::knowsWhatADayIsInEveryZone()
{
    const auto at = Timestamp::fromCivil(2026, 3, 18, 1).us / 1000;
    for (const int zone : {-12, -1, 0, 1, 14}) {
        KeycloakServer server;
        server.with([&](auto &s) {
            s.zoneHours = zone;
            s.events = {login(at + second, "new"), login(at, "seen")};
        });
        PulledPage page;
        DONE(keycloak(server)->pull(O::PullSignIns, std::to_string(at), page));
        QCOMPARE(idsOf(page), QStringList({"seen", "new"}));
    }
}

void TestKeycloakEvents::keepsNoMoreThanItMay()
{
    KeycloakServer server;
    server.with([](auto &s) {
        for (int i = 9; i >= 0; --i)
            s.events.push_back(login(nowMs - hour + i / 2, std::to_string(i))); // two in each millisecond
    });
    const auto connector = keycloak(server, 4);
    QStringList ids;
    std::string from, cursor;
    for (int i = 0; i < 20 && cursor.empty(); ++i) {
        PulledPage page;
        DONE(connector->pull(O::PullSignIns, from, page));
        QVERIFY(page.records.size() <= 4 && page.next.empty() != page.cursor.empty());
        ids += idsOf(page);
        from = page.next;
        cursor = page.cursor;
    }
    QCOMPARE(std::set<QString>(ids.begin(), ids.end()).size(), std::size_t{10});
    QCOMPARE(ids.front(), QString("0"));
    QCOMPARE(ids.back(), QString("9"));
    QCOMPARE(cursor, std::to_string(nowMs - hour + 4));
    // More in one millisecond than may be kept is said, and no loop.
    server.with([](auto &s) {
        for (auto &each : s.events)
            each.time = nowMs - hour;
    });
    PulledPage page;
    auto last = connector->pull(O::PullSignIns, {}, page);
    for (int i = 0; i < 20 && last.done() && !page.next.empty(); ++i)
        last = connector->pull(O::PullSignIns, std::string(page.next), page);
    QCOMPARE(last.code, std::string("tooMany"));
    QVERIFY(page.records.empty());
}

// However many there are, one call asks a few times, and each event is read about once.
void TestKeycloakEvents::asksNoMoreThanItMay()
{
    KeycloakServer server;
    const int all = test::effort(30'000);
    server.with([](auto &s) {
        for (int i = 0; i < all; ++i)
            s.events.push_back(login(nowMs - hour - i, std::to_string(i)));
    });
    const auto connector = keycloak(server, 4000);
    std::set<QString> ids;
    std::string from, cursor;
    std::size_t asked = 0;
    for (int i = 0; i < 40 && cursor.empty(); ++i) {
        PulledPage page;
        DONE(connector->pull(O::PullSignIns, from, page));
        const auto now = server.requests().size();
        QVERIFY2(now - asked <= 20, std::to_string(now - asked).c_str());
        asked = now;
        const auto found = idsOf(page);
        ids.insert(found.begin(), found.end());
        from = page.next;
        cursor = page.cursor;
    }
    QCOMPARE(ids.size(), static_cast<std::size_t>(all));
    QCOMPARE(cursor, std::to_string(nowMs - hour));
    QVERIFY2(asked <= 100, std::to_string(asked).c_str());
}

// A pull that ends before all was read says where the next one goes on, whatever has come in by then.
void TestKeycloakEvents::goesOnAtTheNextPull_data()
{
    QTest::addColumn<int>("between");   // new ones from one pull to the next
    QTest::addColumn<int>("meanwhile"); // before each page
    QTest::addColumn<bool>("lost");     // the oldest ones, there, before the second pull
    QTest::newRow("nothing new") << 0 << 0 << false;
    QTest::newRow("a few between") << 1 << 0 << false;
    QTest::newRow("many between") << 9 << 0 << false;
    QTest::newRow("one meanwhile") << 0 << 1 << false;
    QTest::newRow("both") << 9 << 1 << false;
    QTest::newRow("the oldest end there") << 0 << 0 << true;
}

void TestKeycloakEvents::goesOnAtTheNextPull()
{
    QFETCH(int, between);
    QFETCH(int, meanwhile);
    QFETCH(bool, lost);
    KeycloakServer server;
    std::int64_t time = nowMs - 10 * hour;
    int born = 0, pulls = 0;
    const auto add = [&](auto &s) {
        s.events.insert(s.events.begin(), login(++time, std::to_string(born++)));
    };
    server.with([&](auto &s) {
        for (int i = 0; i < 60; ++i)
            add(s);
        if (meanwhile > 0)
            s.beforeEvents = [&](auto &state) {
                if (born < 150)
                    add(state);
            };
    });
    QStringList ids;
    std::string cursor;
    for (bool end = false; !end && pulls < 100; ++pulls) {
        const auto connector = keycloak(server, 8, 10);
        PulledPage page;
        page.next = cursor;
        std::size_t records = 0;
        do {
            DONE(connector->pull(O::PullSignIns, std::string(page.next), page));
            ids += idsOf(page);
            records += page.records.size();
        } while (!page.next.empty());
        QVERIFY(records <= 18);
        cursor = page.cursor;
        end = !QString::fromStdString(cursor).startsWith("on ");
        server.with([&](auto &s) {
            for (int i = 0; i < between && born < 150 && !end; ++i)
                add(s);
            if (lost && pulls == 0)
                s.events.resize(20);
        });
    }
    QVERIFY(pulls > 2 && pulls < 100);
    std::set<QString> found(ids.begin(), ids.end());
    for (int i = 0; i < born - meanwhile; ++i) // one may have come in after the last page
        QVERIFY2(found.count(QString::number(i)) == 1 || (lost && i < 40), std::to_string(i).c_str());
    QVERIFY(std::is_sorted(ids.begin(), ids.begin() + 8,
                           [](const QString &a, const QString &b) { return a.toInt() < b.toInt(); }));
}

void TestKeycloakEvents::isNotLedIntoTheFuture()
{
    KeycloakServer server;
    server.with([](auto &s) { s.events = {login(nowMs + 1000 * hour, "1"), login(nowMs - hour, "0")}; });
    PulledPage page;
    DONE(keycloak(server)->pull(O::PullSignIns, {}, page));
    QCOMPARE(idsOf(page), QStringList({"0", "1"}));
    QCOMPARE(page.cursor, std::to_string(nowMs));
}

void TestKeycloakEvents::missesNothingThatComesMeanwhile()
{
    KeycloakServer server;
    constexpr int all = static_cast<int>(KeycloakConnector::eventsAPage) + 2;
    server.with([](auto &s) {
        for (int i = 0; i < all; ++i)
            s.events.push_back(login(nowMs - hour - i, std::to_string(i)));
    });
    const auto connector = keycloak(server);
    int pages = 0; // before the second one three more come in
    server.with([&](auto &s) {
        s.beforeEvents = [&pages](auto &state) {
            if (++pages == 2)
                for (int i = 0; i < 3; ++i)
                    state.events.insert(state.events.begin(),
                                        login(nowMs - hour + 1 + i, "n" + std::to_string(i)));
        };
    });
    PulledPage page;
    DONE(connector->pull(O::PullSignIns, {}, page));
    auto ids = idsOf(page);
    std::set<QString> found(ids.begin(), ids.end());
    for (int i = 0; i < all; ++i)
        QVERIFY(found.count(QString::number(i)) == 1);
    DONE(connector->pull(O::PullSignIns, std::string(page.cursor), page));
    ids = idsOf(page);
    QCOMPARE(ids.mid(ids.size() - 3), QStringList({"n0", "n1", "n2"}));
}

void TestKeycloakEvents::pullsAgainAfterABrokenPage()
{
    KeycloakServer server;
    server.with([](auto &s) { s.events = {login(nowMs, "1")}; });
    const auto connector = keycloak(server);
    PulledPage page;
    for (const auto &fault :
         {TlsServer::Handler(half), body(""), body("{}"), body("[1]"), body(R"([{"time":1},{"time":)"),
          body(R"([{"id":"1"}])"), body(R"([{"time":-1}])"), body(R"([{"time":9000000000000000}])"),
          status(500), status(503)}) {
        server.fault({"GET", "/events", 1, false, body(R"({"eventsEnabled":true})")}); // config
        server.fault({"GET", "/events", 1, false, fault});
        QCOMPARE(connector->pull(O::PullSignIns, {}, page).kind, Answer::RetryAfter);
        QVERIFY(page.records.empty() && page.cursor.empty() && page.next.empty());
    }
    server.fault({"GET", "/events/config", 1, false, body("[]")});
    QCOMPARE(connector->pull(O::PullSignIns, {}, page).kind, Answer::RetryAfter);
    server.fault({"GET", "/events/config", 1, false, status(404)});
    QVERIFY(says(connector->pull(O::PullSignIns, {}, page), "no such realm"));
    DONE(connector->pull(O::PullSignIns, {}, page));
    QCOMPARE(page.records.size(), std::size_t{1});
}

void TestKeycloakEvents::knowsNoOtherCursor()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    PulledPage page;
    for (const char *from :
         {"yesterday", "-1", "on ", "on x", "1 2", "2026-03-18T00:00:00Z", "9223372036854775807", "on 1 at",
          "on 1 at -1", "on 1 at 2 read", "on 1 at 2 read x", "on 1 by 2", "on again", "on 1 at 99999999999",
          "1 again", "on 1 at 2 read 3 4"})
        QCOMPARE(connector->pull(O::PullSignIns, from, page).code, std::string("cursor"));
    QVERIFY(server.requests().empty());
}

void TestKeycloakEvents::testsWhatItNeeds()
{
    KeycloakServer server;
    const auto connector = keycloak(server);
    DONE(connector->test());
    server.with([](auto &s) { s.eventTypes.clear(); }); // all of them
    DONE(connector->test());
    PulledPage page;
    for (const bool listed : {false, true}) {
        server.with([&](auto &s) {
            s.eventsEnabled = listed;
            s.eventTypes = {"LOGOUT", "LOGIN"};
        });
        for (const auto &response : {connector->test(), connector->pull(O::PullSignIns, {}, page)}) {
            QCOMPARE(response.kind, Answer::Refused);
            QCOMPARE(response.code, std::string("eventsOff"));
            QVERIFY2(says(response, listed ? "LOGIN_ERROR" : "keeps no events;"), response.sentence.c_str());
        }
    }
    server.with([](auto &s) { s.eventsEnabled = true, s.eventTypes.clear(); });
    for (const char *part : {"/users", "/events/config", "/events"}) {
        server.fault({"GET", part, 1, false, status(403)});
        QVERIFY(says(connector->test(), "needs the role view-"));
    }
    for (const auto &request : server.requests())
        QVERIFY(request.method == "GET" || request.path.ends_with("/token"));
}

void TestKeycloakEvents::tellsAnEventAsASignIn()
{
    const auto good = parsed(signInOf(
        R"({"id":"e1","time":1773835200250,"type":"LOGIN","realmId":"r","clientId":"shop","userId":"u1",)"
        R"("sessionId":"s1","ipAddress":"192.0.2.7","details":{"username":"anna \"a\"","code_id":"c1"}})"));
    QCOMPARE(good["id"].toString(), QString("e1"));
    QCOMPARE(good["createdDateTime"].toString(), QString("2026-03-18T12:00:00.25Z"));
    QCOMPARE(good["userId"].toString(), QString("u1"));
    QCOMPARE(good["userPrincipalName"].toString(), QString("anna \"a\""));
    QCOMPARE(good["appDisplayName"].toString(), QString("shop"));
    QCOMPARE(good["ipAddress"].toString(), QString("192.0.2.7"));
    QCOMPARE(good["correlationId"].toString(), QString("c1"));
    QCOMPARE(good["sessionId"].toString(), QString("s1"));
    QCOMPARE(good["status"].toObject()["errorCode"].toInt(-2), 0);
    QVERIFY(!good.contains("federatedTokenIssuer"));
    struct Known
    {
        const char *error;
        int code;
    };
    for (const auto &[error, code] : {Known{"invalid_user_credentials", 50126},
                                      Known{"user_not_found", 50034}, Known{"user_disabled", 50057},
                                      Known{"user_temporarily_disabled", 50053}, Known{"expired_code", -1}}) {
        const auto bad =
            parsed(signInOf(std::string(R"({"time":1,"type":"LOGIN_ERROR","details":{"username":"a"},)") +
                            R"("error":")" + error + "\"}"));
        QCOMPARE(bad["status"].toObject()["errorCode"].toInt(), code);
        QCOMPARE(bad["status"].toObject()["failureReason"].toString(), QString(error));
    }
    QVERIFY(signInOf(R"({"time":1,"type":"LOGIN","clientId":"shop"})").empty());
    QVERIFY(signInOf(R"({"time":1,"type":"REFRESH_TOKEN","userId":"u"})").empty());
    QVERIFY(signInOf(R"({"time":1,"type":"LOGIN","userId":null,"details":{}})").empty());
}

// Before there were ids: the same event has the same, another one another.
void TestKeycloakEvents::givesAnEventAnId()
{
    const std::string first = R"({"time":1,"type":"LOGIN","userId":"u","ipAddress":"192.0.2.7"})";
    std::set<QString> ids;
    for (const auto &json :
         {first, std::string(R"({"ipAddress":"192.0.2.7","userId":"u","type":"LOGIN","time":1})"),
          std::string(R"({"time":2,"type":"LOGIN","userId":"u","ipAddress":"192.0.2.7"})"),
          std::string(R"({"time":1,"type":"LOGIN","userId":"v","ipAddress":"192.0.2.7"})"),
          std::string(R"({"time":1,"type":"LOGIN","userId":"u","ipAddress":"192.0.2.8"})"),
          std::string(R"({"time":1,"type":"LOGIN_ERROR","userId":"u","ipAddress":"192.0.2.7"})")})
        ids.insert(parsed(signInOf(json))["id"].toString());
    QCOMPARE(ids.size(), std::size_t{5});
    QCOMPARE(parsed(signInOf(first))["id"].toString().size(), qsizetype{9 + 32});
}

void TestKeycloakEvents::theImporterReadsIt()
{
    KeycloakServer server;
    server.with([](auto &s) {
        s.events = {
            {nowMs - 1000, "2", "LOGIN_ERROR",
             R"(,"userId":null,"ipAddress":"192.0.2.9","error":"user_not_found","details":{"username":"eve"})"},
            {nowMs - 2000, "1", "LOGIN_ERROR",
             R"(,"userId":"id-bea","ipAddress":"192.0.2.8","error":"rejected_by_user","clientId":"app")"},
            {nowMs - 3000, "e0", "LOGIN",
             R"(,"userId":"id-anna","clientId":"shop","ipAddress":"192.0.2.7","sessionId":"s",)"
             R"("details":{"username":"anna","identity_provider":"google","code_id":"s"})"}};
    });
    PulledPage page;
    DONE(keycloak(server)->pull(O::PullSignIns, {}, page));
    QTemporaryDir folder;
    QFile file(folder.filePath("events.ndjson"));
    QVERIFY(file.open(QFile::WriteOnly));
    for (const auto &record : page.records)
        file.write(QByteArray::fromStdString(record + "\n"));
    file.close();
    const auto read = test::collect(file.fileName().toStdString());
    QVERIFY(read.status.has_value());
    QCOMPARE(read.counts(),
             std::string("read 3 signIns 3 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0"));
    QCOMPARE(read.warnings, std::uint64_t{0});
    const auto &good = read.signIns[0], &other = read.signIns[1], &unknown = read.signIns[2];
    QCOMPARE(good.at, Timestamp{(nowMs - 3000) * 1000});
    QCOMPARE(good.outcome, Outcome::Success);
    QCOMPARE(good.identity, Identity::Social);
    QCOMPARE(std::string(good.userId), std::string("id-anna"));
    QCOMPARE(std::string(good.application), std::string("shop"));
    QCOMPARE(std::string(good.eventId), std::string("e0"));
    QCOMPARE(other.outcome, Outcome::Failure);
    QCOMPARE(other.failure, FailureKind::Other);
    QCOMPARE(std::string(other.failureReason), std::string("rejected_by_user"));
    QCOMPARE(unknown.failure, FailureKind::UnknownUser);
    QCOMPARE(std::string(unknown.userPrincipalName), std::string("eve"));
}

QTEST_GUILESS_MAIN(TestKeycloakEvents)
#include "tst_keycloak_events.moc"
