// As much of a realm of Keycloak, its token endpoint and its Admin REST API, as the connector speaks to, over real TLS
// on loopback. It holds a few users and events and changes the users; a request that is not exactly what the reference
// describes is answered 400 with the reason. Faults are laid out beforehand, for requests whose path has a certain
// part.
#pragma once

#include "core/base/timestamp.h"

#include "tests/support/tls_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <functional>
#include <map>
#include <set>

namespace riskdesk::test {

class KeycloakServer
{
public:
    struct User
    {
        std::string id, username, email, firstName = {}, lastName = {}, password = "old", federationLink = {};
        bool enabled = true, temporary = false, hasPassword = true;
        std::int64_t createdDate = 1'767'225'600'000; // of the password
        int sessions = 2;
        std::vector<std::string> links = {}; // aliases of identity providers
        int changes = 0;                     // that were carried out
    };
    struct Event
    {
        std::int64_t time;
        std::string id, type = "LOGIN", more = {}; // further members, each with a comma before it
    };
    struct Fault
    {
        std::string method, part; // of the path
        int times = 1;
        bool done = false; // what was asked for is done all the same
        TlsServer::Handler answer;
    };
    struct State
    {
        std::vector<User> users{{"id-anna", "anna", "anna@shop.example", "Anna", "Ohm"},
                                {"id-bea", "bea+#&", "bea@shop.example"}};
        std::vector<Event> events; // newest first
        bool eventsEnabled = true;
        std::vector<std::string> eventTypes{"LOGIN", "LOGIN_ERROR", "LOGOUT"};
        int zoneHours = 0; // the server's own, in which dateFrom is meant
        std::vector<Fault> faults;
        // Asked as a request arrives (false) and again when it was done and is not yet answered (true). It may keep
        // the answer waiting; false: nothing more becomes of the request.
        std::function<bool(bool done)> onRequest;
        std::string secret = "client secret/+&", policyWords; // policyWords: it takes no password
        std::set<std::string> tokens;
        int given = 0;
        std::function<void(State &)> beforeEvents; // before each page of them
    };

    KeycloakServer()
        : m_server([this](const auto &request, auto &response) { handle(request, response); })
    {}

    template <class F>
    auto with(F &&f)
    {
        const std::lock_guard lock(m_mutex);
        return f(m_state);
    }
    void fault(Fault fault)
    {
        with([&](State &s) { s.faults.push_back(std::move(fault)); });
    }
    [[nodiscard]] User user(std::size_t at = 0)
    {
        return with([&](State &s) { return s.users.at(at); });
    }
    [[nodiscard]] std::string url() const { return m_server.url("/auth"); }
    [[nodiscard]] std::string certificate() const { return m_server.certificate(); }
    [[nodiscard]] std::vector<httplib::Request> requests() const { return m_server.requests(); }

    static void refuse(httplib::Response &response, int status, const std::string &message)
    {
        response.status = status;
        response.set_content(json({{"errorMessage", message.c_str()}}), "application/json");
    }
    static std::string json(const QJsonObject &object)
    {
        return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
    }

private:
    using Request = httplib::Request;
    using Reply = httplib::Response;
    using Params = std::map<std::string, std::string>;

    void handle(const Request &request, Reply &response)
    {
        const std::lock_guard lock(m_mutex);
        for (auto &fault : m_state.faults)
            if (fault.times > 0 && (fault.method.empty() || fault.method == request.method) &&
                request.path.find(fault.part) != std::string::npos) {
                --fault.times;
                if (fault.done)
                    route(request, response);
                response = Reply();
                fault.answer(request, response);
                return;
            }
        if (m_state.onRequest && !m_state.onRequest(false))
            return;
        route(request, response);
        if (m_state.onRequest)
            m_state.onRequest(true);
    }

    void route(const Request &request, Reply &response)
    {
        response.status = 200;
        if (request.path == "/auth/realms/shop floor/protocol/openid-connect/token")
            return token(request, response);
        if (m_state.tokens.count(request.get_header_value("Authorization")) == 0)
            return refuse(response, 401, "HTTP 401 Unauthorized");
        constexpr std::string_view realm = "/auth/admin/realms/shop floor", users = "/users/";
        if (!request.path.starts_with(realm))
            return refuse(response, 404, "Realm not found.");
        if (request.method == "GET" && !request.body.empty())
            return bad(response, "a GET has no body");
        const auto path = request.path.substr(realm.size());
        const auto key = request.method + " " + path;
        if (key == "GET /users")
            return listUsers(request, response);
        if (key == "GET /events")
            return listEvents(request, response);
        if (!request.params.empty())
            return bad(response, "nothing is to be chosen here");
        if (key == "GET /events/config") {
            QJsonArray types;
            for (const auto &type : m_state.eventTypes)
                types.append(type.c_str());
            return response.set_content(
                json({{"eventsEnabled", m_state.eventsEnabled}, {"enabledEventTypes", types}}),
                "application/json");
        }
        if (path.starts_with(users))
            return oneUser(request, response, path.substr(users.size()));
        bad(response, "no such route: " + key);
    }

    void token(const Request &request, Reply &response)
    {
        const Params wanted{{"client_id", "riskdesk"},
                            {"grant_type", "client_credentials"},
                            {"client_secret", m_state.secret}};
        if (request.method != "POST" ||
            request.get_header_value("Content-Type") != "application/x-www-form-urlencoded" ||
            Params(request.params.begin(), request.params.end()) != wanted ||
            request.params.size() != wanted.size()) {
            response.status = 401;
            return response.set_content(
                json({{"error", "unauthorized_client"},
                      {"error_description", "Invalid client or Invalid client credentials"}}),
                "application/json");
        }
        const auto made = "token-" + std::to_string(++m_state.given);
        m_state.tokens.insert("Bearer " + made);
        response.set_content(
            json({{"token_type", "Bearer"}, {"expires_in", 300}, {"access_token", made.c_str()}}),
            "application/json");
    }

    static QJsonObject represented(const User &user)
    {
        QJsonObject object{{"id", user.id.c_str()},
                           {"username", user.username.c_str()},
                           {"email", user.email.c_str()},
                           {"enabled", user.enabled},
                           {"emailVerified", true}};
        if (!user.firstName.empty())
            object["firstName"] = user.firstName.c_str();
        if (!user.lastName.empty())
            object["lastName"] = user.lastName.c_str();
        if (!user.federationLink.empty())
            object["federationLink"] = user.federationLink.c_str();
        return object;
    }

    void oneUser(const Request &request, Reply &response, const std::string &rest)
    {
        const auto slash = rest.find('/');
        const auto id = rest.substr(0, slash);
        const auto part = slash == std::string::npos ? std::string() : rest.substr(slash);
        User *user = nullptr;
        for (auto &each : m_state.users)
            if (each.id == id)
                user = &each;
        if (user == nullptr)
            return refuse(response, 404, "User not found");
        const auto key = request.method + " " + part;
        const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
        if (request.method == "PUT" && request.get_header_value("Content-Type") != "application/json")
            return bad(response, "the content is not called JSON");
        if (key == "GET ")
            return response.set_content(json(represented(*user)), "application/json");
        if (key == "GET /credentials")
            return list(response, credentials(*user));
        if (key == "GET /federated-identity") {
            QJsonArray links;
            for (const auto &link : user->links)
                links.append(
                    QJsonObject{{"identityProvider", link.c_str()}, {"userId", "1"}, {"userName", "x"}});
            return list(response, links);
        }
        if (key == "GET /sessions") {
            QJsonArray sessions;
            for (int i = 0; i < user->sessions; ++i)
                sessions.append(QJsonObject{{"id", QString::number(i)}});
            return list(response, sessions);
        }
        response.status = 204;
        if (key == "POST /logout") {
            if (!request.body.empty())
                return bad(response, "nothing is to be said of it");
            user->sessions = 0;
            ++user->changes;
            return;
        }
        if (key == "PUT ") {
            if (body.size() != 1 || !body["enabled"].isBool())
                return bad(response, "enabled, and nothing else: " + request.body);
            user->enabled = body["enabled"].toBool();
            ++user->changes;
            return;
        }
        if (key == "PUT /reset-password") {
            if (body.size() != 3 || body["type"] != "password" || !body["value"].isString() ||
                body["temporary"] != true)
                return bad(response, "type, value and temporary: " + request.body);
            if (!m_state.policyWords.empty()) {
                response.status = 400;
                return response.set_content(json({{"error", "invalidPasswordMinLengthMessage"},
                                                  {"error_description", m_state.policyWords.c_str()}}),
                                            "application/json");
            }
            user->password = body["value"].toString().toStdString();
            user->temporary = user->hasPassword = true;
            user->createdDate += 1000;
            ++user->changes;
            return;
        }
        bad(response, "no such route: " + key);
    }

    static QJsonArray credentials(const User &user)
    {
        QJsonArray all{QJsonObject{{"id", "o"}, {"type", "otp"}, {"createdDate", 1}}};
        if (user.hasPassword)
            all.append(QJsonObject{
                {"id", "p"}, {"type", "password"}, {"createdDate", static_cast<double>(user.createdDate)}});
        return all;
    }

    void listUsers(const Request &request, Reply &response)
    {
        const Params params(request.params.begin(), request.params.end());
        const auto has = [&](const char *key) { return params.count(key) == 1; };
        const bool byName = has("username") || has("email");
        if (params.size() != request.params.size() || !has("first") || !has("max") ||
            params.size() != (byName ? 4U : 3U) ||
            (byName ? params.count("exact") == 0 || params.at("exact") != "true"
                    : !has("briefRepresentation") || params.at("briefRepresentation") != "true"))
            return bad(response, "other parameters: " + request.target);
        QJsonArray rows;
        for (const auto &user : m_state.users)
            if (!byName ||
                (has("username") ? user.username == params.at("username") : user.email == params.at("email")))
                rows.append(represented(user));
        page(response, rows, params);
    }

    void listEvents(const Request &request, Reply &response)
    {
        if (m_state.beforeEvents)
            m_state.beforeEvents(m_state);
        Params params;
        std::set<std::string> types;
        for (const auto &[name, value] : request.params)
            if (name == "type")
                types.insert(value);
            else
                params[name] = value;
        const bool since = params.count("dateFrom") != 0;
        if (types != std::set<std::string>{"LOGIN", "LOGIN_ERROR"} ||
            params.size() + 2 != request.params.size() || params.size() != (since ? 3U : 2U) ||
            params.count("first") == 0 || params.count("max") == 0)
            return bad(response, "other parameters: " + request.target);
        const auto day =
            since ? Timestamp::fromIso(params["dateFrom"] + "T00:00:00Z") : Result<Timestamp>(Timestamp{});
        if (!day || (since && params["dateFrom"].size() != 10))
            return bad(response, "no such day: " + params["dateFrom"]);
        QJsonArray rows;
        for (const auto &event : m_state.events)
            if (types.count(event.type) != 0 &&
                Timestamp{event.time * 1000} >= *day - std::chrono::hours(m_state.zoneHours))
                rows.append(QJsonDocument::fromJson(
                                QByteArray::fromStdString(
                                    "{" + (event.id.empty() ? "" : "\"id\":\"" + event.id + "\",") +
                                    "\"time\":" + std::to_string(event.time) + ",\"type\":\"" + event.type +
                                    "\"" + event.more + "}"))
                                .object());
        page(response, rows, params);
    }

    static void page(Reply &response, const QJsonArray &rows, const Params &params)
    {
        const auto first = std::atoi(params.at("first").c_str()), most = std::atoi(params.at("max").c_str());
        QJsonArray part;
        for (auto i = first; i < first + most && i < static_cast<int>(rows.size()); ++i)
            part.append(rows[i]);
        list(response, part);
    }
    static void list(Reply &response, const QJsonArray &rows)
    {
        response.status = 200;
        response.set_content(QJsonDocument(rows).toJson(QJsonDocument::Compact).toStdString(),
                             "application/json");
    }
    static void bad(Reply &response, const std::string &why) { refuse(response, 400, "contract: " + why); }

    std::mutex m_mutex;
    State m_state;
    TlsServer m_server;
};

} // namespace riskdesk::test
