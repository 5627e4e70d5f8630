#include "core/connect/keycloak/keycloak_connector.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

constexpr std::string_view toManageUsers = "manage-users", toViewUsers = "view-users";

HttpsAddress keycloakAddress(const Settings &settings)
{
    const auto at = settings.find("url");
    auto address =
        HttpsAddress::parse(at == settings.end() ? std::string_view() : at->second).value_or(HttpsAddress());
    while (address.path.ends_with('/')) // so that "/realms" can follow
        address.path.pop_back();
    return address;
}

Credentials keycloakCredentials(SetUp &setUp)
{
    Credentials made;
    made.tokenAddress = keycloakAddress(setUp.settings);
    made.tokenAddress.path +=
        fmt::format("/realms/{}/protocol/openid-connect/token", percentEncoded(setUp.settings["realm"]));
    made.caFile = setUp.settings["caFile"];
    made.clientId = setUp.settings["clientId"];
    made.clientSecret = std::move(setUp.secrets["clientSecret"]);
    return made;
}

Response unreadableKeycloak()
{
    return Response::later("reply", "Keycloak answered something that cannot be read.", {}, false);
}

std::string listOf(const std::vector<std::string> &names)
{
    std::string list;
    for (const auto &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

} // namespace

KeycloakConnector::KeycloakConnector(SetUp &&setUp, std::size_t kept, std::size_t aPull)
    : m_clock(setUp.clock)
    , m_address(keycloakAddress(setUp.settings))
    , m_base(m_address.path)
    , m_realm("/admin/realms/" + percentEncoded(setUp.settings["realm"]))
    , m_tokens(keycloakCredentials(setUp), setUp.clock)
    , m_client(m_address, setUp.settings["caFile"])
    , m_kept(kept)
    , m_aPull(aPull)
{}

Response KeycloakConnector::read(const std::string &path, std::string_view role, std::string &body,
                                 std::string_view nothingThere)
{
    auto reply = m_tokens.send(m_client, "GET", m_base + m_realm + path, {{"Accept", "application/json"}}, {},
                               {}, m_stop, largestPage);
    KeycloakCall call{.role = role};
    if (!nothingThere.empty())
        call.nothingThere = nothingThere;
    auto response = judgeKeycloak(reply, call);
    if (response.done() && !reply.whole)
        return Response::refused("tooLarge", "Keycloak answered with more than 16 MiB at once.");
    body = std::move(reply.body);
    return response;
}

Response KeycloakConnector::change(const std::string &method, const std::string &path,
                                   const std::string &body, const KeycloakCall &call)
{
    return judgeKeycloak(m_tokens.send(m_client, method, m_base + m_realm + path,
                                       {{"Accept", "application/json"}}, body,
                                       body.empty() ? std::string() : "application/json", m_stop),
                         call);
}

Response KeycloakConnector::signInsRecorded()
{
    std::string body;
    auto response = read("/events/config", "view-events", body,
                         "Keycloak knows no such realm; check the address, its base path and the realm.");
    if (!response.done())
        return response;
    const auto recording = readRecording(body);
    if (!recording)
        return unreadableKeycloak();
    if (!recording->on)
        return Response::refused("eventsOff",
                                 "The realm keeps no events; switch on saving of user events in its "
                                 "realm settings to have sign-ins pulled.");
    if (!recording->signIns)
        return Response::refused("eventsOff", "The realm keeps no events of the types LOGIN and LOGIN_ERROR; "
                                              "add both to the saved types in its realm settings.");
    return response;
}

Response KeycloakConnector::test()
{
    std::string body;
    if (auto response = read("/users?first=0&max=1&briefRepresentation=true", toViewUsers, body,
                             "Keycloak knows no such realm; check the address, its base path and the realm.");
        !response.done())
        return response;
    if (!readLength(body))
        return unreadableKeycloak();
    if (auto response = signInsRecorded(); !response.done())
        return response;
    if (auto response = read("/events?type=LOGIN&type=LOGIN_ERROR&first=0&max=1", "view-events", body);
        !response.done())
        return response;
    if (!readLength(body))
        return unreadableKeycloak();
    return Response::ok(
        "Keycloak lets the service account read users and sign-ins; whether it may change users "
        "is seen with the first change.");
}

Response KeycloakConnector::findUser(const Request &request, KeycloakUser &user)
{
    std::string body;
    if (!request.userId.empty()) {
        auto response = read("/users/" + percentEncoded(request.userId), toViewUsers, body);
        if (!response.done())
            return response;
        auto found = readKeycloakUser(body);
        if (!found)
            return unreadableKeycloak();
        user = std::move(*found);
        return response;
    }
    if (request.userPrincipalName.empty())
        return Response::refused("noUser", "It is not said which user is meant.");
    for (const auto key : {"username", "email"}) {
        auto response = read(fmt::format("/users?{}={}&exact=true&first=0&max=2", key,
                                         percentEncoded(request.userPrincipalName)),
                             toViewUsers, body);
        if (!response.done())
            return response;
        auto found = readKeycloakUsers(body);
        if (!found)
            return unreadableKeycloak();
        if (found->size() > 1)
            return Response::refused("ambiguous", "More than one user of the realm has this name.");
        if (found->size() == 1) {
            user = std::move(found->front());
            return response;
        }
    }
    return Response::refused("http404", "There is no such user in the realm.");
}

Response KeycloakConnector::mayReset(const Request &request, KeycloakUser &user, std::string &created)
{
    if (auto response = findUser(request, user); !response.done())
        return response;
    if (user.federated)
        return Response::refused("passwordElsewhere",
                                 "The user comes from a user federation: the password lies in the directory "
                                 "behind it (LDAP or another) "
                                 "and is reset there. Revoke the sessions or block the user here.");
    std::string body;
    const auto path = "/users/" + percentEncoded(user.id);
    if (auto response = read(path + "/credentials", toViewUsers, body); !response.done())
        return response;
    const auto held = readPasswordCreated(body);
    if (!held)
        return unreadableKeycloak();
    created = *held;
    if (created != "none")
        return Response::ok();
    if (auto response = read(path + "/federated-identity", toViewUsers, body); !response.done())
        return response;
    const auto links = readLinks(body);
    if (!links)
        return unreadableKeycloak();
    if (links->empty())
        return Response::ok();
    return Response::refused(
        "passwordElsewhere",
        fmt::format(
            "The user signs in with {}: the password lies there and is reset there. Revoke the sessions "
            "or block the user here.",
            listOf(*links)));
}

Response KeycloakConnector::precondition(const Request &request, std::string &precondition)
{
    precondition.clear();
    KeycloakUser user;
    return request.operation == ProviderOperation::ResetPassword ? mayReset(request, user, precondition)
                                                                 : Response::ok();
}

Response KeycloakConnector::resetPassword(const Request &request)
{
    if (request.password == nullptr || request.password->empty())
        return Response::refused("noPassword", "There is no password to set.");
    KeycloakUser user;
    std::string created;
    if (auto response = mayReset(request, user, created); !response.done())
        return response;
    auto password = jsonString(request.password->reveal());
    auto body = fmt::format(R"({{"type":"password","value":{},"temporary":true}})", password);
    wipe(password);
    auto response = change("PUT", fmt::format("/users/{}/reset-password", percentEncoded(user.id)), body,
                           {.changes = true, .role = toManageUsers, .secret = request.password->reveal()});
    wipe(body);
    return response;
}

Response KeycloakConnector::setEnabled(const Request &request)
{
    const bool enabled = request.operation == ProviderOperation::Unblock;
    KeycloakUser user;
    if (auto response = findUser(request, user); !response.done())
        return response;
    if (user.enabled == enabled)
        return Response::ok(enabled ? "The user was not blocked." : "The user was blocked already.");
    // Keycloak takes a representation in part and leaves alone what it does not name. Sent back as it was read it
    // would undo what somebody else changed in between.
    return change("PUT", "/users/" + percentEncoded(user.id),
                  enabled ? R"({"enabled":true})" : R"({"enabled":false})",
                  {.changes = true, .role = toManageUsers});
}

Response KeycloakConnector::perform(const Request &request)
{
    KeycloakUser user;
    switch (request.operation) {
    case ProviderOperation::ResetPassword: return resetPassword(request);
    case ProviderOperation::Block:
    case ProviderOperation::Unblock: return setEnabled(request);
    case ProviderOperation::RevokeSessions:
        if (auto response = findUser(request, user); !response.done())
            return response;
        return change("POST", fmt::format("/users/{}/logout", percentEncoded(user.id)), {},
                      {.changes = true, .role = toManageUsers});
    default: return Response::refused("unsupported", "Keycloak is not asked for this.");
    }
}

Response KeycloakConnector::reconcile(const Request &request, const std::string &precondition,
                                      Reconciled &outcome)
{
    outcome = Reconciled::CannotTell;
    KeycloakUser user;
    if (auto response = findUser(request, user); !response.done())
        return response;
    const auto path = "/users/" + percentEncoded(user.id);
    const auto which = [](bool tookEffect) {
        return tookEffect ? Reconciled::TookEffect : Reconciled::DidNot;
    };
    std::string body;
    switch (request.operation) {
    case ProviderOperation::ResetPassword: {
        if (auto response = read(path + "/credentials", toViewUsers, body); !response.done())
            return response;
        const auto created = readPasswordCreated(body);
        if (!created)
            return unreadableKeycloak();
        if (!precondition.empty() && precondition != "unknown" && *created != "unknown")
            outcome = which(*created != precondition);
        break;
    }
    case ProviderOperation::RevokeSessions:
        // No session that is listed proves nothing: those of offline tokens are not listed, and end by the same request.
        outcome = Reconciled::Repeatable;
        break;
    case ProviderOperation::Block:
    case ProviderOperation::Unblock:
        if (user.enabled)
            outcome = which(*user.enabled == (request.operation == ProviderOperation::Unblock));
        break;
    default: break;
    }
    return Response::ok();
}

} // namespace riskdesk::connect
