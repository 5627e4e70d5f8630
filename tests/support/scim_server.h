// As much of a SCIM 2.0 service (RFC 7643, RFC 7644) and of a token endpoint as the connector speaks to, over real TLS
// on loopback. It holds a few users with versions and changes them; a request that is not exactly what the RFCs
// describe is answered 400 with the reason. Faults are laid out beforehand, for requests whose path has a certain
// part.
#pragma once

#include "tests/support/tls_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <functional>
#include <map>
#include <set>

namespace riskdesk::test {

class ScimServer
{
public:
    struct User
    {
        std::string id, userName, externalId = {}, password = "old";
        bool active = true;
        int version = 1; // grows with every change, and lastModified with it
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
        std::vector<User> users{{"id-anna", "anna@shop.example", "staff-1"},
                                {"id-bea", "bea \"b\\\"+#&@shop.example", "staff-2"}};
        bool patch = true, changePassword = true, filter = true;
        bool versions = true, lastModified = true, answersWithUser = true;
        int mostAPage = 1000;
        std::vector<Fault> faults;
        // Asked as a request arrives (false) and again when it was done and is not yet answered (true). It may keep
        // the answer waiting; false: nothing more becomes of the request.
        std::function<bool(bool done)> onRequest;
        std::string token = "scim-token.1", secret = "client secret/+&";
        std::set<std::string> tokens; // given by the token endpoint
        int given = 0;
    };

    ScimServer()
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
    [[nodiscard]] std::string url(const std::string &path = "/scim/v2") const { return m_server.url(path); }
    [[nodiscard]] std::string certificate() const { return m_server.certificate(); }
    [[nodiscard]] std::vector<httplib::Request> requests() const { return m_server.requests(); }

    static void refuse(httplib::Response &response, int status, const std::string &type,
                       const std::string &detail)
    {
        QJsonObject error{{"schemas", QJsonArray{"urn:ietf:params:scim:api:messages:2.0:Error"}},
                          {"status", QString::number(status)},
                          {"detail", detail.c_str()}};
        if (!type.empty())
            error["scimType"] = type.c_str();
        response.status = status;
        response.set_content(json(error), "application/scim+json");
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
        if (request.path == "/token")
            return token(request, response);
        const auto bearer = request.get_header_value("Authorization");
        if (bearer != "Bearer " + m_state.token && m_state.tokens.count(bearer) == 0)
            return refuse(response, 401, "", "Authorization failure.");
        if (request.get_header_value("Accept") != "application/scim+json")
            return bad(response, "another Accept");
        constexpr std::string_view base = "/scim/v2", users = "/Users/";
        if (!request.path.starts_with(base))
            return refuse(response, 404, "", "No such endpoint.");
        if (request.method == "GET" && !request.body.empty())
            return bad(response, "a GET has no body");
        const auto path = request.path.substr(base.size());
        const auto key = request.method + " " + path;
        if (key == "GET /Users")
            return listUsers(request, response);
        if (!request.params.empty())
            return bad(response, "nothing is to be chosen here");
        if (key == "GET /ServiceProviderConfig") {
            const auto told = [](bool is) { return QJsonObject{{"supported", is}}; };
            return answer(
                response,
                {{"schemas", QJsonArray{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}},
                 {"patch", told(m_state.patch)},
                 {"changePassword", told(m_state.changePassword)},
                 {"filter", told(m_state.filter)},
                 {"etag", told(m_state.versions)}});
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
        if (request.method != "POST" || Params(request.params.begin(), request.params.end()) != wanted ||
            request.params.size() != wanted.size()) {
            response.status = 401;
            return response.set_content(json({{"error", "invalid_client"}}), "application/json");
        }
        const auto made = "token-" + std::to_string(++m_state.given);
        m_state.tokens.insert("Bearer " + made);
        response.set_content(
            json({{"token_type", "Bearer"}, {"expires_in", 300}, {"access_token", made.c_str()}}),
            "application/json");
    }

    static std::string tagOf(const User &user) { return "W/\"" + std::to_string(user.version) + "\""; }

    QJsonObject represented(const User &user) const
    {
        QJsonObject meta{{"resourceType", "User"}};
        if (m_state.versions)
            meta["version"] = tagOf(user).c_str();
        if (m_state.lastModified)
            meta["lastModified"] = QString("2026-03-18T10:%1:00Z").arg(user.version, 2, 10, QChar('0'));
        return {
            {"schemas", QJsonArray{"urn:ietf:params:scim:schemas:core:2.0:User"}},
            {"id", user.id.c_str()},
            {"userName", user.userName.c_str()},
            {"externalId", user.externalId.c_str()},
            {"name", QJsonObject{{"givenName", "Given"}, {"familyName", user.id.c_str()}}},
            {"emails", QJsonArray{QJsonObject{{"value", "second@shop.example"}},
                                  QJsonObject{{"value", ("mail-" + user.id).c_str()}, {"primary", true}}}},
            {"active", user.active},
            {"meta", meta}};
    }

    void oneUser(const Request &request, Reply &response, const std::string &id)
    {
        User *user = nullptr;
        for (auto &each : m_state.users)
            if (each.id == id)
                user = &each;
        if (user == nullptr)
            return refuse(response, 404, "", "Resource " + id + " not found.");
        if (request.method == "GET")
            return answer(response, represented(*user));
        if (request.method != "PATCH")
            return bad(response, "no such method: " + request.method);
        if (request.get_header_value("Content-Type") != "application/scim+json")
            return bad(response, "another Content-Type");
        if (m_state.versions ? request.get_header_value("If-Match") != tagOf(*user)
                             : request.has_header("If-Match"))
            return refuse(response, 412, "", "Failed to update. Resource changed on the server.");
        const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
        const auto operations = body["Operations"].toArray();
        const auto operation = operations.at(0).toObject();
        if (body.size() != 2 ||
            body["schemas"] != QJsonArray{"urn:ietf:params:scim:api:messages:2.0:PatchOp"} ||
            operations.size() != 1 || operation.size() != 3 || operation["op"] != "replace")
            return bad(response, "no PatchOp of one operation: " + request.body);
        const auto value = operation["value"];
        if (operation["path"] == "active" && value.isBool())
            user->active = value.toBool();
        else if (operation["path"] == "password" && value.isString())
            user->password = value.toString().toStdString();
        else
            return refuse(response, 400, "noTarget", "contract: " + request.body);
        ++user->version;
        if (m_state.answersWithUser)
            return answer(response, represented(*user));
        response.status = 204;
    }

    // "userName eq " and a JSON string; nothing else is understood.
    void listUsers(const Request &request, Reply &response)
    {
        const Params params(request.params.begin(), request.params.end());
        const bool filtered = params.count("filter") != 0;
        if (params.size() != request.params.size() || params.size() != 2 || params.count("count") == 0 ||
            params.count("startIndex") == (filtered ? 1U : 0U))
            return bad(response, "other parameters: " + request.target);
        std::string attribute, wanted;
        if (filtered) {
            const auto text = params.at("filter");
            const auto at = text.find(" eq ");
            const auto list = QJsonDocument::fromJson(
                QByteArray::fromStdString("[" + (at == std::string::npos ? "" : text.substr(at + 4)) + "]"));
            attribute = text.substr(0, at);
            if (list.array().size() != 1 || !list.array().at(0).isString() ||
                (attribute != "userName" && attribute != "externalId"))
                return refuse(response, 400, "invalidFilter", "contract: " + text);
            wanted = list.array().at(0).toString().toStdString();
        }
        std::vector<const User *> found;
        for (const auto &user : m_state.users)
            if (!filtered || (attribute == "userName" ? user.userName : user.externalId) == wanted)
                found.push_back(&user);
        const auto first = filtered ? 1 : std::atoi(params.at("startIndex").c_str());
        const auto most = std::min(std::atoi(params.at("count").c_str()), m_state.mostAPage);
        QJsonArray rows;
        for (auto i = first - 1; i < first - 1 + most && i < static_cast<int>(found.size()); ++i)
            rows.append(represented(*found[static_cast<std::size_t>(i)]));
        QJsonObject list{{"schemas", QJsonArray{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
                         {"totalResults", static_cast<int>(found.size())},
                         {"startIndex", first},
                         {"itemsPerPage", rows.size()}};
        if (!rows.isEmpty())
            list["Resources"] = rows;
        answer(response, list);
    }

    static void answer(Reply &response, const QJsonObject &object)
    {
        response.status = 200;
        response.set_content(json(object), "application/scim+json");
    }
    static void bad(Reply &response, const std::string &why)
    {
        refuse(response, 400, "invalidSyntax", "contract: " + why);
    }

    std::mutex m_mutex;
    State m_state;
    TlsServer m_server;
};

} // namespace riskdesk::test
