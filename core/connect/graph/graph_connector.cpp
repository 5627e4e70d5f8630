#include "core/connect/graph/graph_connector.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

using Operation = ProviderOperation;

// Least permissions of an application, as the page of each call in the reference names them.
constexpr std::string_view toReadUsers = "User.Read.All";
constexpr std::string_view toReadRisk = "IdentityRiskyUser.Read.All and a licence of Microsoft Entra ID P2";
constexpr std::string_view toReadSignIns = "AuditLog.Read.All and a licence of Microsoft Entra ID P1";
constexpr std::string_view toReset = "User.ReadWrite.All and the role User Administrator";
constexpr std::string_view toBlock = "User.ReadWrite.All, for administrators a higher role too";
constexpr std::string_view toRevoke = "User.RevokeSessions.All or User.ReadWrite.All";
constexpr std::string_view toTellRisk =
    "IdentityRiskyUser.ReadWrite.All and a licence of Microsoft Entra ID P2";

// A path without its last slashes, so that "/v1.0" can follow.
std::string withoutEnd(std::string path)
{
    while (path.ends_with('/'))
        path.pop_back();
    return path;
}

HttpsAddress addressOf(const Settings &settings, std::string_view key, std::string_view standard)
{
    const auto at = settings.find(key);
    return HttpsAddress::parse(at == settings.end() ? standard : std::string_view(at->second))
        .value_or(HttpsAddress());
}

Credentials credentialsOf(SetUp &setUp)
{
    Credentials made;
    made.tokenAddress = addressOf(setUp.settings, "loginUrl", "https://login.microsoftonline.com");
    made.tokenAddress.path = fmt::format("{}/{}/oauth2/v2.0/token", withoutEnd(made.tokenAddress.path),
                                         percentEncoded(setUp.settings["tenant"]));
    made.audience = made.tokenAddress.origin() + made.tokenAddress.path;
    made.caFile = setUp.settings["caFile"];
    made.clientId = setUp.settings["clientId"];
    made.scope = addressOf(setUp.settings, "graphUrl", "https://graph.microsoft.com").origin() + "/.default";
    made.clientSecret = std::move(setUp.secrets["clientSecret"]);
    made.certificateFile = setUp.settings["certificateFile"];
    made.refreshToken = std::move(setUp.secrets["refreshToken"]);
    made.refreshTokenKept = std::move(setUp.refreshToken);
    return made;
}

// The states that a riskyUser ends in (learn.microsoft.com/graph/api/resources/riskyuser).
std::string_view stateAfter(Operation operation)
{
    switch (operation) {
    case Operation::DismissRisk: return "dismissed";
    case Operation::ConfirmCompromised: return "confirmedCompromised";
    default: return "confirmedSafe";
    }
}

bool isFeedback(Operation operation)
{
    return operation == Operation::DismissRisk || operation == Operation::ConfirmCompromised ||
           operation == Operation::ConfirmSafe;
}

Response unreadable()
{
    return Response::later("reply", "Microsoft Graph answered something that cannot be read.", {}, false);
}

} // namespace

GraphConnector::GraphConnector(SetUp &&setUp)
    : m_clock(setUp.clock)
    , m_address(addressOf(setUp.settings, "graphUrl", "https://graph.microsoft.com"))
    , m_base(withoutEnd(m_address.path))
    , m_signedIn(!setUp.secrets["refreshToken"].empty())
    , m_hasSecret(!setUp.secrets["clientSecret"].empty())
    , m_hasCertificate(!setUp.settings["certificateFile"].empty())
    , m_tokens(credentialsOf(setUp), setUp.clock)
    , m_client(m_address, setUp.settings["caFile"])
{}

std::string GraphConnector::userPath(const Request &request)
{
    return "/v1.0/users/" +
           percentEncoded(request.userId.empty() ? request.userPrincipalName : request.userId);
}

Response GraphConnector::setUp() const
{
    if (m_signedIn ? !m_hasSecret || !m_hasCertificate : m_hasSecret != m_hasCertificate)
        return Response::ok();
    return Response::refusedAll("notSetUp", "Sign in, or enter a client secret or a certificate with its "
                                            "key, one of the two.");
}

Response GraphConnector::read(const std::string &path, std::string_view permission, std::string &body,
                              std::string_view nothingThere)
{
    if (auto response = setUp(); !response.done())
        return response;
    auto reply = m_tokens.send(m_client, "GET", m_base + path, {{"Accept", "application/json"}}, {}, {},
                               m_stop, largestPage);
    GraphCall call{.permission = permission};
    if (!nothingThere.empty())
        call.nothingThere = nothingThere;
    auto response = judgeGraph(reply, call);
    if (response.done() && !reply.whole)
        return Response::refused("tooLarge", "Microsoft Graph answered with more than 16 MiB at once.");
    body = std::move(reply.body);
    return response;
}

Response GraphConnector::change(const std::string &method, const std::string &path, const std::string &body,
                                const GraphCall &call)
{
    const auto reply = m_tokens.send(m_client, method, m_base + path, {{"Accept", "application/json"}}, body,
                                     "application/json", m_stop);
    auto response = judgeGraph(reply, call);
    // Where there is an answer it says so, as the one to revokeSignInSessions does.
    if (response.done() && !reply.body.empty() && !readGraphTrue(reply.body))
        return Response::unknown("reply",
                                 "Microsoft Graph took it and answered something that cannot be read.");
    return response;
}

Response GraphConnector::test()
{
    struct Asked
    {
        std::string_view path, permission, what;
    };
    std::string told, without;
    // Sign-ins are read oldest first elsewhere; here the newest is the cheapest.
    for (const auto &asked : {Asked{"/v1.0/users?$select=id&$top=1", toReadUsers, "users"},
                              Asked{"/v1.0/identityProtection/riskyUsers?$top=1", toReadRisk, "risk"},
                              Asked{"/v1.0/auditLogs/signIns?$top=1", toReadSignIns, "sign-ins"}}) {
        GraphPage page;
        const auto response = readPage(std::string(asked.path), asked.permission, {}, page);
        if (response.done())
            told += fmt::format("{}{}", told.empty() ? "" : ", ", asked.what);
        else if (response.code == graphNoLicence)
            without = ' ' + response.sentence;
        else
            return response;
    }
    if (const auto last = told.rfind(", "); last != std::string::npos)
        told.replace(last, 2, " and ");
    return Response::ok(fmt::format("Microsoft Graph lets the app registration read {}.{}", told, without));
}

Response GraphConnector::readUser(const Request &request, GraphUser &user)
{
    if (request.userId.empty() && request.userPrincipalName.empty())
        return Response::refused("noUser", "It is not said which user is meant.");
    std::string body;
    auto response =
        read(userPath(request) + "?$select=id,accountEnabled,identities,lastPasswordChangeDateTime,"
                                 "signInSessionsValidFromDateTime",
             toReadUsers, body);
    if (!response.done())
        return response;
    auto found = readGraphUser(body);
    if (!found)
        return unreadable();
    user = std::move(*found);
    return response;
}

Response GraphConnector::objectId(const Request &request, std::string &id)
{
    id = request.userId;
    if (!id.empty())
        return Response::ok();
    GraphUser user;
    auto response = readUser(request, user);
    id = std::move(user.id);
    return response;
}

Response GraphConnector::mayReset(const Request &request, GraphUser &user)
{
    if (auto response = readUser(request, user); !response.done())
        return response;
    if (!user.passwordKeptBy.empty())
        return Response::refused(
            "passwordElsewhere",
            fmt::format("The user signs in with {}: the password lies there and is reset there. Revoke the "
                        "sessions or block the user here.",
                        user.passwordKeptBy));
    m_mayReset = userPath(request);
    return Response::ok();
}

Response GraphConnector::precondition(const Request &request, std::string &precondition)
{
    precondition.clear();
    GraphUser user;
    if (request.operation == Operation::ResetPassword) {
        auto response = mayReset(request, user);
        precondition = user.passwordChanged;
        return response;
    }
    if (request.operation == Operation::RevokeSessions) {
        auto response = readUser(request, user);
        precondition = user.sessionsValidFrom;
        return response;
    }
    return Response::ok();
}

Response GraphConnector::resetPassword(const Request &request)
{
    if (request.password == nullptr || request.password->empty())
        return Response::refused("noPassword", "There is no password to set.");
    GraphUser user;
    if (m_mayReset != userPath(request))
        if (auto response = mayReset(request, user); !response.done())
            return response;
    auto password = jsonString(request.password->reveal());
    auto body = fmt::format(R"({{"passwordProfile":{{"forceChangePasswordNextSignIn":true,"password":{}}}}})",
                            password);
    wipe(password);
    auto response = change("PATCH", userPath(request), body,
                           {.changes = true, .permission = toReset, .secret = request.password->reveal()});
    wipe(body);
    return response;
}

Response GraphConnector::tellRisk(const Request &request)
{
    std::string id;
    if (auto response = objectId(request, id); !response.done())
        return response;
    const auto path = request.operation == Operation::DismissRisk
                          ? "/v1.0/identityProtection/riskyUsers/dismiss"
                      : request.operation == Operation::ConfirmCompromised
                          ? "/v1.0/identityProtection/riskyUsers/confirmCompromised"
                          : "/beta/identityProtection/riskyUsers/confirmSafe"; // not in v1.0
    return change("POST", path, fmt::format(R"({{"userIds":[{}]}})", jsonString(id)),
                  {.changes = true,
                   .permission = toTellRisk,
                   .nothingThere = "Microsoft Entra ID knows no risk of such a user."});
}

Response GraphConnector::perform(const Request &request)
{
    if (auto response = setUp(); !response.done())
        return response;
    if (request.userId.empty() && request.userPrincipalName.empty())
        return Response::refused("noUser", "It is not said which user is meant.");
    switch (request.operation) {
    case Operation::ResetPassword: return resetPassword(request);
    case Operation::Block:
    case Operation::Unblock:
        return change("PATCH", userPath(request),
                      request.operation == Operation::Block ? R"({"accountEnabled":false})"
                                                            : R"({"accountEnabled":true})",
                      {.changes = true, .permission = toBlock});
    case Operation::RevokeSessions:
        return change("POST", userPath(request) + "/revokeSignInSessions", "{}",
                      {.changes = true, .permission = toRevoke});
    default: break;
    }
    return isFeedback(request.operation)
               ? tellRisk(request)
               : Response::refused("unsupported", "Microsoft Graph is not asked for this.");
}

Response GraphConnector::reconcileRisk(const Request &request, Reconciled &outcome)
{
    std::string id, body;
    if (auto response = objectId(request, id); !response.done())
        return response;
    auto response = read("/v1.0/identityProtection/riskyUsers/" + percentEncoded(id), toReadRisk, body);
    if (response.code == "http404") { // no risk is known, so none was confirmed or dismissed
        outcome = Reconciled::DidNot;
        return Response::ok();
    }
    if (!response.done())
        return response;
    const auto risk = readGraphRisk(body);
    if (!risk)
        return unreadable();
    if (risk->state == stateAfter(request.operation))
        outcome = Reconciled::TookEffect;
    else if (risk->processing)
        return Response::later(
            "processing", "Microsoft Entra ID still works on what was last said of the user.", {}, false);
    else
        outcome = Reconciled::DidNot;
    return Response::ok();
}

Response GraphConnector::reconcile(const Request &request, const std::string &precondition,
                                   Reconciled &outcome)
{
    outcome = Reconciled::CannotTell;
    if (isFeedback(request.operation))
        return reconcileRisk(request, outcome);
    GraphUser user;
    if (auto response = readUser(request, user); !response.done())
        return response;
    const auto changed = [&](const std::string &now) {
        if (precondition.empty()) // nothing to compare with
            return Reconciled::CannotTell;
        return now == precondition ? Reconciled::DidNot : Reconciled::TookEffect;
    };
    switch (request.operation) {
    case Operation::ResetPassword: outcome = changed(user.passwordChanged); break;
    case Operation::RevokeSessions:
        outcome = precondition.empty() ? Reconciled::Repeatable : changed(user.sessionsValidFrom);
        break;
    case Operation::Block:
    case Operation::Unblock:
        if (user.enabled)
            outcome = *user.enabled == (request.operation == Operation::Unblock) ? Reconciled::TookEffect
                                                                                 : Reconciled::DidNot;
        break;
    default: break;
    }
    return Response::ok();
}

} // namespace riskdesk::connect
