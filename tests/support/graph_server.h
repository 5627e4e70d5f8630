// As much of Microsoft Graph and its token endpoint as the connector speaks to, over real TLS on loopback. It holds a
// few users and changes them; a request that is not exactly what the reference describes is answered 400 with the
// reason. Faults are laid out beforehand, for requests whose path has a certain part.
#pragma once

#include "core/base/timestamp.h"

#include "tests/support/tls_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <map>
#include <set>

namespace riskdesk::test {

class GraphServer
{
public:
    struct User
    {
        std::string id, userPrincipalName, password = "old";
        bool enabled = true, mustChange = false;
        std::string passwordChanged = "2026-01-01T00:00:00Z", sessionsFrom = "2026-01-01T00:00:00Z";
        std::string identities = "[]", riskState = "atRisk";
        bool processing = false;
        int changes = 0; // of the account that were carried out
    };
    struct Fault
    {
        std::string part; // of the path
        int times = 1;
        bool done = false; // what was asked for is done all the same
        TlsServer::Handler answer;
        int after = 0; // so many get through before
    };
    struct State
    {
        std::vector<User> users{{"id-anna", "anna@shop.example"}, {"id-bea", "bea+#@shop.example"}};
        std::vector<std::string> signIns, detections;
        std::size_t pageSize = 100;
        bool forgetsLinks = false;
        std::string linkOrigin; // of the next page; empty: this server
        std::vector<Fault> faults;
        // Asked as a request arrives (false) and again when it was done and is not yet answered (true). It may keep
        // the answer waiting; false: nothing more becomes of the request.
        std::function<bool(bool done)> onRequest;
        std::string secret = "app secret/+&";
        int tokenStatus = 200;
        std::string tokenBody; // empty: a token
        std::set<std::string> tokens;
        int given = 0, lifetime = 3600;
        // Of a sign-in with a code: what it is asked for without, what the next questions are answered before it is
        // granted, and the refresh token that holds.
        std::string deviceSecret;
        std::vector<std::string> deviceAnswers;
        int deviceInterval = 5, deviceValid = 900, deviceCodes = 0, refreshes = 0;
        std::string deviceCode, refreshToken;
    };

    GraphServer()
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
    [[nodiscard]] std::string origin() const { return m_server.url(""); }
    [[nodiscard]] std::string certificate() const { return m_server.certificate(); }
    [[nodiscard]] std::vector<httplib::Request> requests() const { return m_server.requests(); }

    static void refuse(httplib::Response &response, int status, const std::string &code,
                       const std::string &message)
    {
        response.status = status;
        response.set_content(
            json({{"error", QJsonObject{{"code", code.c_str()}, {"message", message.c_str()}}}}),
            "application/json");
    }
    // Asks to wait for so many seconds.
    static TlsServer::Handler busy(const std::string &seconds)
    {
        return [seconds](const auto &, auto &response) {
            refuse(response, 429, "TooManyRequests", "Too many requests.");
            response.set_header("Retry-After", seconds);
        };
    }
    static std::string json(const QJsonObject &object)
    {
        return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
    }

private:
    using Request = httplib::Request;
    using Reply = httplib::Response;

    void handle(const Request &request, Reply &response)
    {
        const std::lock_guard lock(m_mutex);
        for (auto &fault : m_state.faults)
            if (fault.times > 0 && request.path.find(fault.part) != std::string::npos) {
                if (fault.after-- > 0)
                    continue;
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
        if (request.path == "/shop.example/oauth2/v2.0/devicecode")
            return device(request, response);
        if (request.path == "/shop.example/oauth2/v2.0/token")
            return token(request, response);
        const auto bearer = request.get_header_value("Authorization");
        if (m_state.tokens.count(bearer) == 0)
            return refuse(response, 401, "InvalidAuthenticationToken", "Access token has expired.");
        if (request.method == "GET" && !request.body.empty())
            return bad(response, "a GET has no body");
        if (request.method != "GET" && request.get_header_value("Content-Type") != "application/json")
            return bad(response, "the content is not called JSON");
        constexpr std::string_view users = "/v1.0/users/", risky = "/v1.0/identityProtection/riskyUsers/";
        const auto key = request.method + " " + request.path;
        if (key == "GET /v1.0/users")
            return listUsers(request, response);
        if (key == "GET /v1.0/auditLogs/signIns")
            return records(request, response, m_state.signIns, "createdDateTime", 999);
        if (key == "GET /v1.0/identityProtection/riskDetections")
            return records(request, response, m_state.detections, "lastUpdatedDateTime", 500);
        if (key == "GET /v1.0/identityProtection/riskyUsers")
            return records(request, response, riskyUsers(), "riskLastUpdatedDateTime", 500);
        if (key == "POST /v1.0/identityProtection/riskyUsers/dismiss")
            return feedback(request, response, "dismissed");
        if (key == "POST /v1.0/identityProtection/riskyUsers/confirmCompromised")
            return feedback(request, response, "confirmedCompromised");
        if (key == "POST /beta/identityProtection/riskyUsers/confirmSafe")
            return feedback(request, response, "confirmedSafe");
        if (request.path.starts_with(risky) && request.method == "GET")
            return riskyUser(request.path.substr(risky.size()), response);
        if (request.path.starts_with(users))
            return oneUser(request, response, request.path.substr(users.size()));
        bad(response, "no such route: " + key);
    }

    void token(const Request &request, Reply &response)
    {
        if (m_state.tokenStatus != 200 || !m_state.tokenBody.empty()) {
            response.status = m_state.tokenStatus;
            return response.set_content(m_state.tokenBody, "application/json");
        }
        const auto grant = request.get_param_value("grant_type");
        if (grant == "urn:ietf:params:oauth:grant-type:device_code")
            return devicePoll(request, response);
        if (grant == "refresh_token")
            return refresh(request, response);
        const std::map<std::string, std::string> wanted{{"client_id", "app-1"},
                                                        {"scope", origin() + "/.default"},
                                                        {"grant_type", "client_credentials"},
                                                        {"client_secret", m_state.secret}};
        if (request.method != "POST" ||
            request.get_header_value("Content-Type") != "application/x-www-form-urlencoded" ||
            std::map(request.params.begin(), request.params.end()) != wanted ||
            request.params.size() != wanted.size()) {
            response.status = 401;
            return response.set_content(
                json({{"error", "invalid_client"},
                      {"error_description",
                       "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2"}}),
                "application/json");
        }
        give(response, {});
    }

    void give(Reply &response, QJsonObject reply)
    {
        const auto made = "token-" + std::to_string(++m_state.given);
        m_state.tokens.insert("Bearer " + made);
        reply["token_type"] = "Bearer";
        reply["expires_in"] = m_state.lifetime;
        reply["access_token"] = made.c_str();
        response.set_content(json(reply), "application/json");
    }

    static void deny(Reply &response, int status, const std::string &error, const std::string &words)
    {
        response.status = status;
        response.set_content(json({{"error", error.c_str()}, {"error_description", words.c_str()}}),
                             "application/json");
    }

    // Whether the form has these and nothing else, with the secret where one is asked for; else it is answered.
    bool isForm(const Request &request, Reply &response, std::map<std::string, std::string> wanted)
    {
        if (!m_state.deviceSecret.empty())
            wanted["client_secret"] = m_state.deviceSecret;
        const std::map<std::string, std::string> sent(request.params.begin(), request.params.end());
        if (const auto id = sent.find("client_id"); id == sent.end() || id->second != "app-1") {
            deny(response, 400, "unauthorized_client",
                 "AADSTS700016: Application was not found in the directory. Trace ID: 1");
            return false;
        }
        wanted["client_id"] = "app-1";
        if (request.method == "POST" &&
            request.get_header_value("Content-Type") == "application/x-www-form-urlencoded" &&
            sent == wanted && request.params.size() == wanted.size())
            return true;
        deny(response, 400, "invalid_request", "contract: another form");
        return false;
    }

    // As the Microsoft identity platform does it (learn.microsoft.com, OAuth 2.0 device authorization grant).
    void device(const Request &request, Reply &response)
    {
        if (!isForm(request, response, {{"scope", origin() + "/.default offline_access openid profile"}}))
            return;
        const auto number = std::to_string(++m_state.deviceCodes);
        m_state.deviceCode = "device-secret-" + number;
        response.set_content(json({{"device_code", m_state.deviceCode.c_str()},
                                   {"user_code", ("ABCD-EFG" + number).c_str()},
                                   {"verification_uri", "https://login.example/device"},
                                   {"expires_in", m_state.deviceValid},
                                   {"interval", m_state.deviceInterval}}),
                             "application/json");
    }

    void devicePoll(const Request &request, Reply &response)
    {
        if (!isForm(
                request, response,
                {{"grant_type", request.get_param_value("grant_type")}, {"device_code", m_state.deviceCode}}))
            return;
        if (!m_state.deviceAnswers.empty()) {
            const auto error = m_state.deviceAnswers.front();
            m_state.deviceAnswers.erase(m_state.deviceAnswers.begin());
            return deny(response, 400, error, "AADSTS70016: " + error);
        }
        m_state.refreshToken = "refresh-secret-" + std::to_string(m_state.deviceCodes);
        m_state.deviceCode = "none";
        const auto claims = QByteArray(R"({"preferred_username":"ada@shop.example","name":"Ada"})")
                                .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
                                .toStdString();
        give(response, {{"refresh_token", m_state.refreshToken.c_str()},
                        {"id_token", ("e30." + claims + ".c2ln").c_str()}});
    }

    void refresh(const Request &request, Reply &response)
    {
        const auto token = request.get_param_value("refresh_token");
        if (!isForm(request, response,
                    {{"grant_type", "refresh_token"},
                     {"scope", origin() + "/.default"},
                     {"refresh_token", token}}))
            return;
        if (token != m_state.refreshToken)
            return deny(response, 400, "invalid_grant",
                        "AADSTS700082: The refresh token has expired or was revoked. Trace ID: 1");
        // Stricter than Entra, which lets the one before hold until it ends.
        m_state.refreshToken = "refresh-secret-" + std::to_string(m_state.deviceCodes) + "-" +
                               std::to_string(++m_state.refreshes);
        give(response, {{"refresh_token", m_state.refreshToken.c_str()}});
    }

    User *find(const std::string &name)
    {
        for (auto &user : m_state.users)
            if (user.id == name || user.userPrincipalName == name)
                return &user;
        return nullptr;
    }

    void oneUser(const Request &request, Reply &response, std::string name)
    {
        constexpr std::string_view revoke = "/revokeSignInSessions";
        const bool revokes = request.method == "POST" && name.ends_with(revoke);
        if (revokes)
            name.resize(name.size() - revoke.size());
        auto *user = find(name);
        if (user == nullptr)
            return refuse(response, 404, "Request_ResourceNotFound", "Resource does not exist.");
        const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
        if (revokes) {
            if (request.body != "{}")
                return bad(response, "nothing is to be said of it");
            user->sessionsFrom = "2026-03-18T12:00:00Z";
            ++user->changes;
            return response.set_content(R"({"@odata.context":"x","value":true})", "application/json");
        }
        if (request.method == "PATCH" && body.size() == 1 && body["accountEnabled"].isBool()) {
            user->enabled = body["accountEnabled"].toBool();
            ++user->changes;
            response.status = 204;
            return;
        }
        const auto profile = body["passwordProfile"].toObject();
        if (request.method == "PATCH" && body.size() == 1 && profile.size() == 2 &&
            profile["password"].isString() && profile["forceChangePasswordNextSignIn"].isBool()) {
            user->password = profile["password"].toString().toStdString();
            user->mustChange = profile["forceChangePasswordNextSignIn"].toBool();
            user->passwordChanged =
                "2026-03-18T12:00:" + std::to_string(m_resets / 10) + std::to_string(m_resets % 10) + "Z";
            ++m_resets;
            ++user->changes;
            response.status = 204;
            return;
        }
        if (request.method != "GET" || !request.has_param("$select"))
            return bad(response, "no such change: " + request.body);
        const auto text = [](const std::string &s) {
            return s.empty() ? QJsonValue(QJsonValue::Null) : QJsonValue(s.c_str());
        };
        const QJsonObject all{
            {"id", user->id.c_str()},
            {"userPrincipalName", user->userPrincipalName.c_str()},
            {"accountEnabled", user->enabled},
            {"identities", QJsonDocument::fromJson(QByteArray::fromStdString(user->identities)).array()},
            {"lastPasswordChangeDateTime", text(user->passwordChanged)},
            {"signInSessionsValidFromDateTime", text(user->sessionsFrom)}};
        QJsonObject chosen;
        for (const auto &wanted : QString::fromStdString(request.get_param_value("$select")).split(',')) {
            if (!all.contains(wanted))
                return bad(response, "no such property: " + wanted.toStdString());
            chosen[wanted] = all[wanted];
        }
        response.set_content(json(chosen), "application/json");
    }

    void riskyUser(const std::string &id, Reply &response)
    {
        const auto *user = find(id);
        if (user == nullptr || user->id != id)
            return refuse(response, 404, "NotFound", "Resource does not exist.");
        response.set_content(json({{"id", user->id.c_str()},
                                   {"isProcessing", user->processing},
                                   {"riskState", user->riskState.c_str()}}),
                             "application/json");
    }

    void feedback(const Request &request, Reply &response, const std::string &state)
    {
        const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
        const auto ids = body["userIds"].toArray();
        if (body.size() != 1 || ids.isEmpty() || ids.size() > 60)
            return bad(response, "1 to 60 userIds, and nothing else");
        for (const auto &id : ids) {
            auto *user = find(id.toString().toStdString());
            if (user == nullptr || user->id != id.toString().toStdString())
                return bad(response, "no user id: " + id.toString().toStdString());
            user->riskState = state;
        }
        response.status = 204;
    }

    void listUsers(const Request &request, Reply &response)
    {
        const auto select = request.get_param_value("$select");
        if (select != "id" && select != "id,userPrincipalName,displayName,mail,accountEnabled")
            return bad(response, "another $select");
        std::vector<std::string> rows;
        for (const auto &user : m_state.users)
            rows.push_back(json({{"id", user.id.c_str()},
                                 {"userPrincipalName", user.userPrincipalName.c_str()},
                                 {"displayName", QJsonValue::Null},
                                 {"mail", ("mail-" + user.id).c_str()},
                                 {"accountEnabled", user.enabled}}));
        records(request, response, rows, "", 999);
    }

    std::vector<std::string> riskyUsers() const
    {
        std::vector<std::string> rows;
        for (const auto &user : m_state.users)
            rows.push_back(json({{"id", user.id.c_str()},
                                 {"riskLastUpdatedDateTime", "2026-03-18T09:00:00Z"},
                                 {"riskState", user.riskState.c_str()}}));
        return rows;
    }

    // "<property> ge <time>" and pages; `most` is the largest $top.
    void records(const Request &request, Reply &response, const std::vector<std::string> &all,
                 const std::string &property, int most)
    {
        for (const auto &[name, value] : request.params)
            if (name != "$top" && name != "$filter" && name != "$select" && name != "$skiptoken" &&
                (name != "$orderby" || value != property))
                return bad(response, "no such parameter: " + name);
        const auto top = std::atoi(request.get_param_value("$top").c_str());
        if (top < 1 || top > most)
            return bad(response, "$top is too large or missing");
        std::vector<std::string> rows;
        const auto filter = request.get_param_value("$filter"), wanted = property + " ge ";
        if (!filter.empty() && (property.empty() || !filter.starts_with(wanted)))
            return bad(response, "no such filter: " + filter);
        for (const auto &row : all) {
            const auto at = QJsonDocument::fromJson(QByteArray::fromStdString(row))
                                .object()[QString::fromStdString(property)]
                                .toString()
                                .toStdString();
            if (filter.empty() ||
                *Timestamp::fromIso(at) >= *Timestamp::fromIso(filter.substr(wanted.size())))
                rows.push_back(row);
        }
        const auto from = static_cast<std::size_t>(std::atoi(request.get_param_value("$skiptoken").c_str()));
        const auto size = std::min(m_state.pageSize, static_cast<std::size_t>(top));
        std::string body = R"({"@odata.context":"x","value":[)";
        for (auto i = from; i < std::min(from + size, rows.size()); ++i)
            body += (i == from ? "" : ",") + rows[i];
        body += "]";
        if (from > 0 && m_state.forgetsLinks)
            return refuse(response, 400, "BadRequest", "The skip token has expired.");
        if (from + size < rows.size()) {
            auto target = request.target.substr(0, request.target.find("&$skiptoken="));
            body += ",\"@odata.nextLink\":\"" + (m_state.linkOrigin.empty() ? origin() : m_state.linkOrigin) +
                    target + "&$skiptoken=" + std::to_string(from + size) + "\"";
        }
        response.set_content(body + "}", "application/json");
    }

    static void bad(Reply &response, const std::string &why)
    {
        refuse(response, 400, "BadRequest", "contract: " + why);
    }

    std::mutex m_mutex;
    State m_state;
    int m_resets = 0;
    TlsServer m_server;
};

} // namespace riskdesk::test
