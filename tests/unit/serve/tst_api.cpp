// What a script gets from the API, request by request, without a socket: who may ask, what is answered in
// which shape, what is refused and how it is said.
#include "core/directory/directory.h"
#include "core/serve/access_tokens.h"
#include "core/serve/api.h"
#include "core/serve/handlers.h"
#include "core/serve/routes.h"

#include "tests/support/places.h"
#include "tests/support/risk_fixture.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>
#include <QUrl>
#include <QXmlStreamReader>

#include <fmt/format.h>

#include <set>

using namespace riskdesk;
using namespace riskdesk::serve;
using std::chrono::minutes;
using test::finding;
using test::noon;
using test::signInId;
using test::userKey;

namespace {

const action::Operator admin{"ana", action::Role::Administrator, "command line", "desk-7"};
const Scopes allScopes{Scope::IdentityRiskyUserReadWriteAll, Scope::IdentityRiskEventReadWriteAll,
                       Scope::AuditLogReadAll, Scope::UserReadWriteAll};

QString text(const std::string &of)
{
    return QString::fromStdString(of);
}

struct Reply
{
    int status = 0;
    HttpHeaders headers;
    std::string body;

    [[nodiscard]] QJsonObject json() const
    {
        QJsonParseError error{};
        const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(body), &error);
        if (error.error != QJsonParseError::NoError)
            throw std::runtime_error("no JSON: " + body);
        return document.object();
    }
    [[nodiscard]] QJsonArray value() const { return json()["value"].toArray(); }
    [[nodiscard]] QString code() const { return json()["error"].toObject()["code"].toString(); }
    [[nodiscard]] QString message() const { return json()["error"].toObject()["message"].toString(); }
    [[nodiscard]] QString header(std::string_view name) const
    {
        return QString::fromStdString(std::string(HttpRequest{{}, {}, headers, {}}.header(name)));
    }
};

// A directory with three users at risk, an API over it and a token for everything.
struct World : test::Fixture
{
    explicit World(double burst = 1e6)
        : Fixture(5)
    {
        for (std::uint32_t user = 1; user <= 3; ++user)
            raise(finding(user, user, DetectionType::AnonymizedIPAddress, RiskLevel::Medium,
                          noon - minutes(10 * user)));
        raise(finding(1, 11, DetectionType::UnfamiliarFeatures, RiskLevel::Low, noon - minutes(1)));
        auto opened =
            Api::open({.directory = connection().file(), .requestsPerSecond = 1, .burst = burst}, clock);
        check(opened);
        api = std::move(*opened);
        secret = make("all", allScopes);
    }
    std::string make(std::string_view name, Scopes scopes, std::optional<int> days = {})
    {
        const auto made = createToken(connection(), clock, admin, name, scopes, days);
        check(made);
        return std::string(made->secret.reveal());
    }
    Reply ask(std::string method, std::string target, std::string body = {}, HttpHeaders headers = {},
              std::optional<std::string> token = {})
    {
        HttpRequest request{std::move(method), std::move(target), std::move(headers), std::move(body)};
        request.headers.emplace_back("Host", "localhost:8443");
        const auto with = token.value_or(secret);
        if (!with.empty())
            request.headers.emplace_back("authorization", "bearer " + with);
        auto response = api->answer(request, {});
        return {response.status, std::move(response.headers), std::move(response.body)};
    }
    Reply get(const std::string &target, HttpHeaders headers = {})
    {
        return ask("GET", "/v1.0" + target, {}, std::move(headers));
    }
    Reply post(const std::string &target, const std::string &body, HttpHeaders headers = {})
    {
        return ask("POST", "/v1.0" + target, body, std::move(headers));
    }
    // Follows a link of ours.
    Reply follow(const QString &link)
    {
        const QString root = "https://localhost:8443";
        if (!link.startsWith(root))
            throw std::runtime_error("a link to somewhere else: " + link.toStdString());
        return ask("GET", link.mid(root.size()).toStdString());
    }
    std::string audited() { return ask_("SELECT actor, via, action FROM audit ORDER BY id DESC LIMIT 1"); }
    std::string ask_(const std::string &sql) { return Fixture::ask(sql); }

    std::unique_ptr<Api> api;
    std::string secret;
};

std::string userIds(std::initializer_list<std::uint32_t> users)
{
    std::string list;
    for (const auto user : users)
        list += (list.empty() ? "\"" : ",\"") + userKey(user) + '"';
    return "{\"userIds\":[" + list + "]}";
}

constexpr auto risky = "/identityProtection/riskyUsers";
constexpr auto detections = "/identityProtection/riskDetections";

} // namespace

class ApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readingIsWrittenDownWhereTheDirectoryAsksForIt()
    {
        World world;
        const auto read = [&world] {
            QStringList all;
            store::Statement row(
                world.connection(),
                "SELECT actor || ' ' || via || ' ' || target FROM audit WHERE action = 'read' ORDER BY id");
            while (row.step())
                all << text(row.string(0));
            return all;
        };
        const auto user = "/identityProtection/riskyUsers/" + userKey(1);
        QCOMPARE(world.get(user).status, 200);
        QCOMPARE(read(), QStringList());
        QVERIFY(run::setSetting(world.connection(), {}, "audit.logReading", 1));
        QCOMPARE(world.get(user).status, 200);
        QCOMPARE(world.get(user).status, 200); // once an hour
        QCOMPARE(world.get("/identityProtection/riskDetections?$filter=riskLevel%20eq%20'low'").status, 200);
        QCOMPARE(world.get("/$metadata").status, 200);
        QCOMPARE(
            read(),
            QStringList(
                {"API token all API GET " + text(user),
                 "API token all API GET /identityProtection/riskDetections?$filter=riskLevel eq 'low'"}));
    }

    void whoHasNoGoodTokenHearsTheSame()
    {
        World world;
        world.make("short", allScopes, 1);
        const auto expiring = world.make("expiring", allScopes, 1);
        const auto revoked = world.make("gone", allScopes);
        World::check(revokeToken(world.connection(), world.clock, admin, "gone"));
        QCOMPARE(world.ask("GET", "/v1.0/users", {}, {}, expiring).status, 200);
        world.clock.advance(std::chrono::hours(24));
        QString first;
        for (const auto &token : {std::string(), std::string("rd_nonsense"), expiring, revoked,
                                  world.secret + "x", world.secret.substr(1)}) {
            const auto reply = world.ask("GET", "/v1.0/users", {}, {}, token);
            QCOMPARE(reply.status, 401);
            QCOMPARE(reply.code(), "InvalidAuthenticationToken");
            QVERIFY(reply.header("WWW-Authenticate").startsWith("Bearer"));
            if (first.isEmpty())
                first = reply.message();
            QCOMPARE(reply.message(), first);
        }
    }

    void aRouteNeedsItsScope()
    {
        World world;
        for (const auto &route : routes()) {
            if (!route.scope)
                continue;
            // Everything but what the route needs, and then that alone.
            Scopes others;
            for (const auto &entry : scopeTable())
                if (entry.scope != *route.scope && entry.includes != *route.scope)
                    others.add(entry.scope);
            if (others.has(*route.scope))
                continue;
            const std::string name = fmt::format("{} {}", route.method, route.path);
            static int number = 0;
            const auto without = world.make(fmt::format("without {}", ++number), others);
            const auto with = world.make(fmt::format("with {}", number), {*route.scope});
            std::string path = fmt::format("/{}{}", route.betaOnly ? "beta" : "v1.0", route.path);
            const auto refused = world.ask(std::string(route.method), path, "{}", {}, without);
            QVERIFY2(refused.status == 403, name.c_str());
            QCOMPARE(refused.code(), "Authorization_RequestDenied");
            QVERIFY2(refused.message().contains(text(std::string(toText(*route.scope)))), name.c_str());
            const auto let = world.ask(std::string(route.method), path, "{}", {}, with);
            QVERIFY2(let.status != 403 && let.status != 401, name.c_str());
        }
    }

    // The table documents itself with them.
    void everyExampleWorks()
    {
        for (const auto &route : routes()) {
            World world;
            // A sign-in that is stored is not here: tests/command_line has them.
            if (route.path == "/auditLogs/signIns/{id}")
                continue;
            const bool ofSignIns = route.path.starts_with("/auditLogs");
            const auto id =
                route.path.find("iskDetections") != std::string_view::npos
                    ? finding(1, 1, DetectionType::AnonymizedIPAddress, RiskLevel::Medium, noon).detection.id
                : ofSignIns ? signInId(1)
                            : userKey(1);
            const auto filled = [&](std::string_view of) {
                auto out = QString::fromUtf8(of.data(), static_cast<qsizetype>(of.size()));
                out.replace("{id}", text(id));
                if (out.contains("{itemId}"))
                    out.replace("{itemId}", world.get(std::string(risky) + "/" + userKey(1) + "/history")
                                                .value()
                                                .first()
                                                .toObject()["id"]
                                                .toString());
                return out;
            };
            auto target =
                fmt::format("/{}{}", route.betaOnly ? "beta" : "v1.0", filled(route.path).toStdString());
            if (route.method == "GET") {
                auto query = filled(route.example);
                query.replace(' ', "%20");
                const auto reply =
                    world.ask("GET", target + (query.isEmpty() ? "" : "?") + query.toStdString());
                QVERIFY2(reply.status == 200, (target + ": " + reply.body).c_str());
                QVERIFY2(reply.json().contains("@odata.context"), target.c_str());
            } else {
                const auto reply =
                    world.ask(std::string(route.method), target, filled(route.example).toStdString());
                const int done = route.path.ends_with("/revokeSignInSessions") ? 200 : 204;
                QVERIFY2(reply.status == done && reply.body.empty() == (done == 204),
                         (target + ": " + reply.body).c_str());
            }
        }
        // The page beside the sources is the one that is printed.
        QFile page(QString::fromStdString(test::testData("../../core/serve/README.md").string()));
        QVERIFY(page.open(QIODevice::ReadOnly));
        QCOMPARE(page.readAll().toStdString(), apiReference());
    }

    void riskyUsersAreGraphs()
    {
        World world;
        const auto reply = world.get(risky);
        QCOMPARE(reply.status, 200);
        QVERIFY(reply.header("Content-Type").startsWith("application/json"));
        QVERIFY(!reply.header("request-id").isEmpty());
        QCOMPARE(reply.json()["@odata.context"].toString(),
                 "https://localhost:8443/v1.0/$metadata#riskyUsers");
        QCOMPARE(reply.value().size(), 3);
        QVERIFY(!reply.json().contains("@odata.nextLink"));
        const auto user = world.get(risky + ("/" + userKey(2)));
        QCOMPARE(user.status, 200);
        QCOMPARE(user.json()["id"].toString(), text(userKey(2)));
        QCOMPARE(user.json()["riskLevel"].toString(), "medium");
        QCOMPARE(user.json()["riskState"].toString(), "atRisk");
        QVERIFY(user.json()["riskLastUpdatedDateTime"].toString().endsWith('Z'));
        // As OData writes keys, in any case of the path, and in beta.
        for (const auto &path :
             {fmt::format("/v1.0/identityProtection/riskyUsers('{}')", userKey(2)),
              fmt::format("/V1.0/identityprotection/RISKYUSERS/{}", userKey(2)).replace(1, 1, "v"),
              fmt::format("/beta/riskyUsers/{}", userKey(2))})
            QCOMPARE(world.ask("GET", path).json()["id"].toString(), text(userKey(2)));
        QCOMPARE(world.ask("GET", "/v1.0/riskyUsers").status, 404); // beta's alone
        QCOMPARE(world.get(risky + ("/" + userKey(2) + "?$select=id,riskState")).json().keys(),
                 (QStringList{"@odata.context", "id", "riskState"}));
    }

    void whatIsNotThereIs404()
    {
        World world;
        for (const auto &path :
             {std::string(risky) + "/nobody", std::string(detections) + "/nothing",
              std::string("/auditLogs/signIns/none"), std::string("/users/nobody"),
              risky + ("/" + userKey(4)), // known, never at risk
              risky + ("/" + userKey(1) + "/history/none"), std::string("/groups"), std::string("")}) {
            const auto reply = world.get(path, {{"client-request-id", "mine-7"}});
            QVERIFY2(reply.status == 404, (path + reply.body).c_str());
            const auto error = reply.json()["error"].toObject();
            QCOMPARE(error["code"].toString(), "ResourceNotFound");
            QVERIFY(!error["message"].toString().isEmpty());
            QCOMPARE(error["innerError"].toObject()["client-request-id"].toString(), "mine-7");
            QVERIFY(error["innerError"].toObject()["date"].toString().endsWith('Z'));
            QCOMPARE(error["innerError"].toObject()["request-id"].toString(), reply.header("request-id"));
        }
        QCOMPARE(world.get("/users/" + userKey(4)).status, 200);
        const auto wrong = world.ask("DELETE", std::string("/v1.0") + risky);
        QCOMPARE(wrong.status, 405);
        QCOMPARE(wrong.header("Allow"), "GET");
        QCOMPARE(world.get(std::string(risky) + "/dismiss").header("Allow"), "POST");
        QCOMPARE(world.get("/users?$filter=%zz").status, 400);
        QCOMPARE(world.get("/users?$filter=%ff").status, 400);
    }

    void historyIsWholeAndNamesWhoDidIt()
    {
        World world;
        world.clock.advance(minutes(5));
        QCOMPARE(world.post(std::string(risky) + "/confirmCompromised", userIds({1})).status, 204);
        world.clock.advance(minutes(5));
        QCOMPARE(world.post(std::string(risky) + "/dismiss", userIds({1})).status, 204);
        const auto path = risky + ("/" + userKey(1) + "/history");
        const auto reply = world.get(path);
        const auto items = reply.value();
        QCOMPARE(items.size(), 4);
        QString last = "9";
        QSet<QString> ids;
        for (const auto &item : items) {
            const auto at = item.toObject()["riskLastUpdatedDateTime"].toString();
            QVERIFY2(at <= last, qPrintable(at + " after " + last));
            last = at;
            ids.insert(item.toObject()["id"].toString());
            QCOMPARE(item.toObject()["userId"].toString(), text(userKey(1)));
        }
        QCOMPARE(ids.size(), 4);
        const auto newest = items[0].toObject();
        QCOMPARE(newest["initiatedBy"].toString(), "API token all");
        QCOMPARE(newest["riskState"].toString(), "dismissed");
        QCOMPARE(newest["activity"].toObject()["detail"].toString(), "adminDismissedAllRiskForUser");
        QVERIFY(items[3].toObject()["initiatedBy"].isNull());
        QCOMPARE(items[3].toObject()["activity"].toObject()["riskEventTypes"].toArray().at(0).toString(),
                 "anonymizedIPAddress");
        for (const auto &item : items)
            QCOMPARE(
                world.get(path + "/" + item.toObject()["id"].toString().toStdString()).json()["riskState"],
                item.toObject()["riskState"]);
        // Graph calls the current one by the user's id.
        QCOMPARE(world.get(path + "/" + userKey(1)).json()["id"], newest["id"]);
        const auto page = world.get(path + "?$top=3");
        QCOMPARE(page.value().size(), 3);
        const auto rest = world.follow(page.json()["@odata.nextLink"].toString());
        QCOMPARE(rest.value().size(), 1);
        QCOMPARE(rest.value()[0], items[3]);
        QVERIFY(!rest.json().contains("@odata.nextLink"));
    }

    void decisionsAreMadeOnceAndAudited()
    {
        World world;
        QVERIFY2(world.standing(1).starts_with("medium atRisk none"), world.standing(1).c_str());
        const auto reply = world.post(std::string(risky) + "/microsoft.graph.dismiss", userIds({1, 2}));
        QCOMPARE(reply.status, 204);
        QVERIFY(reply.body.empty());
        QCOMPARE(world.standing(1), std::string("none dismissed adminDismissedAllRiskForUser 0"));
        QCOMPARE(world.standing(2), std::string("none dismissed adminDismissedAllRiskForUser 0"));
        QCOMPARE(world.audited(), std::string("API token all|API|dismiss"));
        QCOMPARE(world.ask_("SELECT count(*) FROM detection WHERE state = 3"), std::string("3"));
        // Again: it is so already, and nothing is written.
        const auto before = world.ask_("SELECT count(*) FROM ledger");
        QCOMPARE(world.post(std::string(risky) + "/dismiss", userIds({1, 2})).status, 204);
        QCOMPARE(world.ask_("SELECT count(*) FROM ledger"), before);
        // Who never was at risk cannot be dismissed, and hears why instead of a success.
        const auto never = world.post(std::string(risky) + "/dismiss", userIds({4}));
        QCOMPARE(never.status, 409);
        QVERIFY2(never.message().contains("User 4"), qPrintable(never.message()));
        QCOMPARE(world.post(std::string(risky) + "/confirmSafe", userIds({3})).status, 204);
        QCOMPARE(world.standing(3), std::string("none confirmedSafe adminConfirmedAccountSafe 0"));
    }

    void everyIdIsAnsweredForWhenAsked()
    {
        World world;
        const auto reply = world.post(std::string(risky) + "/dismiss", userIds({1, 4}),
                                      {{"Prefer", "respond-async, return=representation"}});
        QCOMPARE(reply.status, 200);
        QCOMPARE(reply.header("Preference-Applied"), "return=representation");
        QCOMPARE(reply.value().size(), 2);
        QCOMPARE(reply.value()[0].toObject()["changed"], QJsonValue(true));
        QCOMPARE(reply.value()[1].toObject()["id"].toString(), text(userKey(4)));
        QCOMPARE(reply.value()[1].toObject()["changed"], QJsonValue(false));
        QCOMPARE(reply.value()[1].toObject()["code"].toString(), "notAtRisk");
    }

    void aBodyThatIsWrongChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("names");
        QByteArray many;
        for (int i = 0; i < 61; ++i)
            many += (many.isEmpty() ? "\"u" : ",\"u") + QByteArray::number(i) + '"';
        QTest::newRow("61 ids") << "{\"userIds\":[" + many + "]}" << QByteArray("60");
        QTest::newRow("none") << QByteArray("{\"userIds\":[]}") << QByteArray("userIds");
        QTest::newRow("nothing") << QByteArray("") << QByteArray("JSON");
        QTest::newRow("no object") << QByteArray("[]") << QByteArray("JSON");
        QTest::newRow("cut off") << QByteArray("{\"userIds\":[\"") << QByteArray("JSON");
        QTest::newRow("no UTF-8") << QByteArray("{\"userIds\":[\"\xff\"]}") << QByteArray("JSON");
        QTest::newRow("other member") << QByteArray("{\"requestIds\":[\"a\"]}") << QByteArray("requestIds");
        QTest::newRow("no list") << QByteArray("{\"userIds\":\"a\"}") << QByteArray("userIds");
        QTest::newRow("a number") << QByteArray("{\"userIds\":[1]}") << QByteArray("userIds");
        QTest::newRow("an empty one") << QByteArray("{\"userIds\":[\" \"]}") << QByteArray("userIds");
        QTest::newRow("unknown beside known")
            << QByteArray::fromStdString("{\"userIds\":[\"" + userKey(1) + "\",\"nobody-9\"]}")
            << QByteArray("nobody-9");
    }
    void aBodyThatIsWrongChangesNothing()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, names);
        World world;
        const auto before = world.everything();
        for (const char *action : {"/dismiss", "/confirmCompromised", "/confirmSafe"}) {
            const auto reply = world.post(std::string(risky) + action, body.toStdString());
            QCOMPARE(reply.status, 400);
            QCOMPARE(reply.code(), "BadRequest");
            QVERIFY2(reply.message().contains(names), qPrintable(reply.message()));
        }
        QCOMPARE(world.everything(), before);
    }

    void signInsAreDecided()
    {
        World world;
        const auto ask = [&](const char *action, const std::string &id) {
            return world.post(std::string("/auditLogs/signIns/") + action,
                              "{\"requestIds\":[\"" + id + "\"]}");
        };
        QCOMPARE(ask("confirmCompromised", signInId(1)).status, 204);
        QVERIFY(world.signIn(1).starts_with("high confirmedCompromised"));
        QCOMPARE(ask("confirmSafe", signInId(2)).status, 204);
        QCOMPARE(world.signIn(2), std::string("none confirmedSafe adminConfirmedSigninSafe 0"));
        QCOMPARE(ask("dismiss", signInId(3)).status, 204);
        QCOMPARE(world.signIn(3), std::string("none dismissed adminDismissedRiskForSignIn 0"));
        const auto unknown = ask("dismiss", "11111111-2222-3333-4444-555555555555");
        QCOMPARE(unknown.status, 400);
        QVERIFY2(unknown.message().contains("11111111-2222-3333-4444-555555555555"),
                 qPrintable(unknown.message()));
        // The sign-in's detail came after Graph closed its enumeration.
        const auto id =
            finding(3, 3, DetectionType::AnonymizedIPAddress, RiskLevel::Medium, noon).detection.id;
        const auto path = detections + ("/" + id);
        QCOMPARE(world.get(path).json()["riskDetail"].toString(), "unknownFutureValue");
        const auto knowing = world.get(path, {{"Prefer", "include-unknown-enum-members"}});
        QCOMPARE(knowing.json()["riskDetail"].toString(), "adminDismissedRiskForSignIn");
        QCOMPARE(knowing.header("Preference-Applied"), "include-unknown-enum-members");
    }

    void pagesFollowEachOtherToTheEnd()
    {
        World world;
        auto reply = world.get(std::string(risky) +
                               "?$top=2&$orderby=riskLastUpdatedDateTime%20desc&$count=true&$select=id");
        QStringList seen;
        for (int page = 0; page < 2; ++page) {
            QCOMPARE(reply.status, 200);
            QCOMPARE(reply.json()["@odata.count"].toInt(), 3);
            for (const auto &user : reply.value()) {
                QCOMPARE(user.toObject().keys(), QStringList{"id"});
                seen << user.toObject()["id"].toString();
            }
            if (page == 0)
                reply = world.follow(reply.json()["@odata.nextLink"].toString());
        }
        QVERIFY(!reply.json().contains("@odata.nextLink"));
        QCOMPARE(seen, (QStringList{text(userKey(1)), text(userKey(2)), text(userKey(3))}));
        QCOMPARE(world.get(std::string(risky) + "?$top=500").status, 200);
        const auto most = world.get(std::string(risky) + "?$top=501");
        QCOMPARE(most.status, 400);
        QVERIFY(most.message().contains("500"));
        // A client may ask for shorter pages by its preference.
        QCOMPARE(world.get(risky, {{"Prefer", "odata.maxpagesize=1"}}).value().size(), 1);
        // Graph's own: twenty detections on a page.
        std::vector<ledger::RaisedDetection> many;
        for (std::uint32_t i = 0; i < 30; ++i)
            many.push_back(
                finding(2, 100 + i, DetectionType::UnfamiliarFeatures, RiskLevel::Low, noon + minutes(i)));
        world.raise(std::move(many));
        QCOMPARE(world.get(detections).value().size(), 20);
        // A token of another list, filter or server is none.
        const auto link = world.get(std::string(detections) + "?$top=2").json()["@odata.nextLink"].toString();
        const auto token = link.mid(link.indexOf("$skiptoken=") + 11).toStdString();
        QCOMPARE(world.get(detections + ("?$top=2&$skiptoken=" + token)).status, 200);
        QCOMPARE(world.get(risky + ("?$top=2&$skiptoken=" + token)).status, 400);
        QCOMPARE(world.get(detections + ("?$filter=riskLevel%20eq%20'low'&$skiptoken=" + token)).status, 400);
    }

    void filtersAreExactAndErrorsNameTheProperty()
    {
        World world;
        const auto count = [&](const std::string &of, const std::string &filter) {
            auto encoded = QUrl::toPercentEncoding(text(filter)).toStdString();
            const auto reply = world.get(of + "?$count=true&$filter=" + encoded);
            return reply.status == 200 ? reply.json()["@odata.count"].toInt() : -reply.status;
        };
        QCOMPARE(count(risky, "riskLevel eq 'medium'"), 3);
        QCOMPARE(count(risky, "riskLevel eq microsoft.graph.riskLevel'medium'"), 3);
        QCOMPARE(count(detections, "riskEventType eq 'unfamiliarFeatures'"), 1);
        QCOMPARE(count(detections, "userId in ('" + userKey(1) + "', '" + userKey(2) + "')"), 3);
        // gt is not ge, to the microsecond.
        QCOMPARE(count(detections, "activityDateTime gt 2026-03-18T11:59:00Z"), 0);
        QCOMPARE(count(detections, "activityDateTime ge 2026-03-18T11:59:00Z"), 1);
        QCOMPARE(count(detections, "activityDateTime gt 2026-03-18T11:58:59.9999999Z"), 1);
        const auto wrong =
            world.get(std::string(detections) + "?$filter=createdDateTime%20gt%202024-01-01T00:00:00Z");
        QCOMPARE(wrong.status, 400);
        QCOMPARE(wrong.code(), "BadRequest");
        QVERIFY2(wrong.message().contains("'createdDateTime'") &&
                     wrong.message().contains("microsoft.graph.riskDetection"),
                 qPrintable(wrong.message()));
        QCOMPARE(world.get(std::string(risky) + "?$expand=history").code(), "Request_UnsupportedQuery");
        QCOMPARE(world.get(std::string(risky) + "?$nonsense=1").status, 400);
    }

    void tooManyRequestsSayWhenToGoOn()
    {
        World world(5);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(world.get("/users").status, 200);
        const auto reply = world.get("/users");
        QCOMPARE(reply.status, 429);
        QCOMPARE(reply.code(), "TooManyRequests");
        const auto wait = reply.header("Retry-After").toInt();
        QVERIFY(wait >= 1);
        // Somebody else's token is not the one that asked too much.
        QCOMPARE(world.ask("GET", "/v1.0/users", {}, {}, world.make("other", allScopes)).status, 200);
        world.clock.advance(std::chrono::seconds(wait));
        QCOMPARE(world.get("/users").status, 200);
    }

    void detectionsAreGraphs()
    {
        World world;
        const auto reply = world.get(std::string(detections) + "?$filter=userId%20eq%20'" + userKey(1) +
                                     "'&$orderby=activityDateTime");
        QCOMPARE(reply.value().size(), 2);
        const auto one = reply.value()[0].toObject();
        QCOMPARE(one["requestId"].toString(), text(signInId(1)));
        QCOMPARE(one["riskEventType"].toString(), "anonymizedIPAddress");
        QCOMPARE(one["detectionTimingType"].toString(), "realtime");
        QVERIFY(one["activityDateTime"].toString().endsWith('Z'));
        const auto more = QJsonDocument::fromJson(one["additionalInfo"].toString().toUtf8());
        QVERIFY(more.isArray());
        QSet<QString> keys;
        for (const auto &item : more.array())
            keys.insert(item.toObject()["Key"].toString());
        QVERIFY(keys.contains("riskReasons"));
    }

    void accountsAreBlockedAndReset()
    {
        World world;
        const auto patch = [&](std::uint32_t user, const std::string &body) {
            return world.ask("PATCH", "/v1.0/users/" + userKey(user), body);
        };
        const auto enabled = [&](std::uint32_t user) {
            return world.get("/users/" + userKey(user)).json()["accountEnabled"].toBool();
        };
        QCOMPARE(patch(1, "{\"accountEnabled\":false}").status, 204);
        QVERIFY(!enabled(1));
        QCOMPARE(patch(1, "{\"accountEnabled\":false}").status, 204);
        QCOMPARE(patch(1, "{\"accountEnabled\":true}").status, 204);
        QVERIFY(enabled(1));
        QCOMPARE(patch(2, "{\"passwordProfile\":{\"forceChangePasswordNextSignIn\":true}}").status, 204);
        QCOMPARE(world.standing(2), std::string("none remediated adminGeneratedTemporaryPassword 0"));
        QCOMPARE(world.audited(), std::string("API token all|API|resetPassword"));
        // Google keeps the fifth's password.
        QCOMPARE(patch(5, "{\"passwordProfile\":{\"forceChangePasswordNextSignIn\":true}}").status, 409);
        const auto before = world.everything();
        for (const char *body : {"{}", "{\"accountEnabled\":\"no\"}", "{\"jobTitle\":\"x\"}",
                                 "{\"passwordProfile\":{}}", "{\"passwordProfile\":{\"password\":\"x\"}}",
                                 "{\"accountEnabled\":false,\"jobTitle\":\"x\"}", "["})
            QVERIFY2(patch(1, body).status == 400, body);
        QCOMPARE(world.everything(), before);
    }

    void theOppositeOfWhatIsOnItsWayIsAConflict()
    {
        World world;
        world.run(
            "INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (1, 'graph', "
            "'Contoso', '{}', " +
            std::to_string(bit(ProviderOperation::Block) | bit(ProviderOperation::Unblock)) + ", 0)");
        const auto patch = [&](const char *body) {
            return world.ask("PATCH", "/v1.0/users/" + userKey(1), body);
        };
        QCOMPARE(patch("{\"accountEnabled\":false}").status, 204);
        QCOMPARE(patch("{\"accountEnabled\":false}").status, 204); // it is on its way
        QCOMPARE(patch("{\"accountEnabled\":true}").status, 409);
    }

    void whatIsNotDoneWhereAccountsLiveIsAConflict()
    {
        World world;
        world.run("INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (1, "
                  "'ldap', 'Contoso', '{}', " +
                  std::to_string(bit(ProviderOperation::Block) | bit(ProviderOperation::Unblock)) + ", 0)");
        const auto before = world.everything();
        const auto sessions = world.ask("POST", "/v1.0/users/" + userKey(1) + "/revokeSignInSessions", "");
        QCOMPARE(sessions.status, 409);
        QVERIFY2(sessions.body.find("cannot do this") != std::string::npos, sessions.body.c_str());
        world.run("UPDATE connector SET active = 0");
        const auto blocked = world.ask("PATCH", "/v1.0/users/" + userKey(1), "{\"accountEnabled\":false}");
        QCOMPARE(blocked.status, 409);
        QVERIFY2(blocked.body.find("switched off; switch it on") != std::string::npos, blocked.body.c_str());
        world.run("UPDATE connector SET active = 1");
        QCOMPARE(world.everything(), before);
    }

    void sessionsAreRevoked()
    {
        World world;
        const auto user = "/users/" + userKey(1);
        QVERIFY(world.get(user).json()["signInSessionsValidFromDateTime"].isNull());
        const auto reply = world.ask("POST", "/v1.0" + user + "/revokeSignInSessions", "");
        QCOMPARE(reply.status, 200);
        QCOMPARE(reply.json()["value"], QJsonValue(true));
        QVERIFY(reply.json()["@odata.context"].toString().endsWith("$metadata#Edm.Boolean"));
        QCOMPARE(world.get(user).json()["signInSessionsValidFromDateTime"].toString(),
                 text(world.clock.now().toIso()));
        QCOMPARE(world.audited(), std::string("API token all|API|revokeSignInSessions"));
        QCOMPARE(world.get("/users?$filter=signInSessionsValidFromDateTime%20ne%20null").value().size(), 1);
        QCOMPARE(world.ask("POST", "/v1.0/users/nobody/revokeSignInSessions", "").status, 404);
    }

    void aCollectionTellsHowMany()
    {
        World world;
        const auto count = [&](const std::string &what) {
            const auto reply = world.get(what);
            return fmt::format("{} {}", reply.status, reply.body);
        };
        const auto all = world.get("/users?$count=true").json()["@odata.count"].toInt();
        QVERIFY(all > 1);
        QCOMPARE(count("/users/$count"), fmt::format("200 {}", all));
        QCOMPARE(count("/users/$count?$filter=id%20eq%20'" + userKey(1) + "'"), std::string("200 1"));
        QCOMPARE(count(std::string(risky) + "/$count?$filter=riskLevel%20eq%20'hidden'"),
                 std::string("200 0"));
        QCOMPARE(count(std::string(risky) + "/" + userKey(1) + "/history/$count"),
                 fmt::format("200 {}",
                             world.get(std::string(risky) + "/" + userKey(1) + "/history").value().size()));
        QVERIFY(count("/users/$count?$filter=nothing%20eq%201").starts_with("400"));
        QVERIFY(count("/users/" + userKey(1) + "/$count").starts_with("404"));
        QVERIFY(count(std::string(risky) + "/delta/$count").starts_with("404"));
    }

    void aBatchIsAnsweredOneByOne()
    {
        World world;
        const auto reply = world.post(
            "/$batch",
            "{\"requests\":["
            "{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/identityProtection/riskyUsers?$top=1\"},"
            "{\"id\":\"2\",\"method\":\"POST\",\"url\":\"/identityProtection/riskyUsers/dismiss\","
            "\"headers\":{\"Content-Type\":\"application/json\"},\"body\":" +
                userIds({1}) +
                "},"
                "{\"id\":\"3\",\"method\":\"GET\",\"url\":\"/identityProtection/riskyUsers/nobody\"},"
                "{\"id\":\"4\",\"dependsOn\":[\"2\"],\"method\":\"GET\",\"url\":\"users\"},"
                "{\"id\":\"5\",\"dependsOn\":[\"3\"],\"method\":\"GET\",\"url\":\"users\"},"
                "{\"id\":\"6\",\"method\":\"POST\",\"url\":\"/$batch\",\"body\":{}}"
                "]}");
        QCOMPARE(reply.status, 200);
        const auto responses = reply.json()["responses"].toArray();
        QMap<QString, int> status;
        for (const auto &one : responses)
            status[one.toObject()["id"].toString()] = one.toObject()["status"].toInt();
        QCOMPARE(status, (QMap<QString, int>{
                             {"1", 200}, {"2", 204}, {"3", 404}, {"4", 200}, {"5", 424}, {"6", 400}}));
        QCOMPARE(responses[0].toObject()["body"].toObject()["value"].toArray().size(), 1);
        QVERIFY(!responses[1].toObject().contains("body"));
        QCOMPARE(responses[2].toObject()["body"].toObject()["error"].toObject()["code"].toString(),
                 "ResourceNotFound");
        QCOMPARE(world.standing(1), std::string("none dismissed adminDismissedAllRiskForUser 0"));
        std::string many;
        for (int i = 0; i < 21; ++i)
            many +=
                fmt::format("{}{{\"id\":\"{}\",\"method\":\"GET\",\"url\":\"/users\"}}", i > 0 ? "," : "", i);
        for (const auto &body : {std::string("{}"), std::string("x"), std::string("{\"requests\":[]}"),
                                 "{\"requests\":[" + many + "]}",
                                 std::string("{\"requests\":[{\"method\":\"GET\",\"url\":\"/users\"}]}"),
                                 std::string("{\"requests\":[1]}")})
            QVERIFY2(world.post("/$batch", body).status == 400, body.c_str());
    }

    void changesAreToldSinceTheLastTime()
    {
        World world;
        auto reply = world.get(std::string(risky) + "/delta?$top=2&$select=id,riskState");
        QCOMPARE(reply.value().size(), 2);
        reply = world.follow(reply.json()["@odata.nextLink"].toString());
        QCOMPARE(reply.value().size(), 1);
        const auto link = reply.json()["@odata.deltaLink"].toString();
        QVERIFY(!link.isEmpty());
        QCOMPARE(world.follow(link).value().size(), 0);
        QCOMPARE(world.post(std::string(risky) + "/dismiss", userIds({2})).status, 204);
        const auto changed = world.follow(link);
        QCOMPARE(changed.value().size(), 1);
        QCOMPARE(changed.value()[0].toObject()["id"].toString(), text(userKey(2)));
        QCOMPARE(changed.value()[0].toObject()["riskState"].toString(), "dismissed");
        // Who passes the filter no more is told as gone from it.
        const auto filtered = QString(link).replace("/delta?", "/delta?$filter=riskState%20eq%20'atRisk'&");
        QCOMPARE(world.follow(filtered).value()[0].toObject()["@removed"].toObject()["reason"].toString(),
                 "changed");
        QCOMPARE(world.get(std::string(detections) + "/delta?$deltatoken=latest").value().size(), 0);
        QCOMPARE(world.get(std::string(detections) + "/delta").value().size(), 4);
        const auto token = link.mid(link.indexOf("$deltatoken=") + 12).toStdString();
        QCOMPARE(world.get(detections + ("/delta?$deltatoken=" + token)).status, 400);
        QCOMPARE(world.get(std::string(risky) + "/delta?$deltatoken=nonsense").status, 400);
        QCOMPARE(world.get(std::string(risky) + "/delta?$orderby=id").status, 400);
    }

    void metadataNamesWhatIsServed()
    {
        World world;
        const auto reply = world.ask("GET", "/v1.0/$metadata", {}, {}, std::string());
        QCOMPARE(reply.status, 200);
        QXmlStreamReader xml(QByteArray::fromStdString(reply.body));
        QHash<QString, QSet<QString>> types;
        QSet<QString> named;
        QString type;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            const auto name = xml.attributes().value("Name").toString();
            if (xml.name() == u"EntityType" || xml.name() == u"ComplexType" || xml.name() == u"EnumType")
                type = name;
            types[type].insert(name);
            if (const auto of = xml.attributes().value("Type").toString(); of.contains("graph."))
                named.insert(of.mid(of.indexOf("graph.") + 6).remove(')'));
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        for (const auto &name : named)
            QVERIFY2(types.contains(name), qPrintable(name));
        for (const auto &key : world.get(risky + ("/" + userKey(1))).json().keys())
            QVERIFY2(key.startsWith('@') || types["riskyUser"].contains(key), qPrintable(key));
        for (const auto &key : world.get("/users/" + userKey(1)).json().keys())
            QVERIFY2(key.startsWith('@') || types["user"].contains(key), qPrintable(key));
        QVERIFY(types["riskState"].contains("confirmedCompromised"));
    }
};

QTEST_APPLESS_MAIN(ApiTest)
#include "tst_api.moc"
