#include "core/connect/scim/scim_connector.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

constexpr std::string_view scimJson = "application/scim+json";
constexpr int preconditionFailed = 412;

HttpsAddress scimAddress(const Settings &settings, std::string_view key)
{
    const auto at = settings.find(key);
    return HttpsAddress::parse(at == settings.end() ? std::string_view() : at->second)
        .value_or(HttpsAddress());
}

std::string scimBase(std::string path)
{
    while (path.ends_with('/')) // so that "/Users" can follow
        path.pop_back();
    return path;
}

Credentials scimCredentials(SetUp &setUp)
{
    Credentials made;
    made.tokenAddress = scimAddress(setUp.settings, "tokenUrl");
    made.caFile = setUp.settings["caFile"];
    made.clientId = setUp.settings["clientId"];
    made.clientSecret = std::move(setUp.secrets["clientSecret"]);
    return made;
}

// RFC 6750 section 2.1: no blank, nothing that ends a line.
bool isBearer(std::string_view token)
{
    return std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string scimPatch(std::string_view path, std::string_view value)
{
    return fmt::format(R"({{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
                       R"("Operations":[{{"op":"replace","path":"{}","value":{}}}]}})",
                       path, value);
}

Response unreadableScim()
{
    return Response::later("reply", "The service answered something that cannot be read.", {}, false);
}

Response scimNotSetUp(std::string sentence)
{
    return Response::refusedAll("notSetUp", std::move(sentence));
}

} // namespace

ScimConnector::ScimConnector(SetUp &&setUp)
    : m_address(scimAddress(setUp.settings, "url"))
    , m_base(scimBase(m_address.path))
    , m_attribute(setUp.settings["userAttribute"].empty() ? "userName" : setUp.settings["userAttribute"])
    , m_token(std::move(setUp.secrets["token"]))
    , m_hasClient(!setUp.settings["tokenUrl"].empty() && !setUp.settings["clientId"].empty() &&
                  !setUp.secrets["clientSecret"].empty())
    , m_hasPartOfClient(!setUp.settings["tokenUrl"].empty() || !setUp.settings["clientId"].empty() ||
                        !setUp.secrets["clientSecret"].empty())
    , m_tokens(scimCredentials(setUp), setUp.clock)
    , m_client(m_address, setUp.settings["caFile"])
{}

Response ScimConnector::setUpRight() const
{
    const bool oneOfTwo = m_token.empty() ? m_hasClient : !m_hasPartOfClient;
    if (!oneOfTwo)
        return scimNotSetUp(
            "Enter a bearer token, or a token address with client id and client secret, one of "
            "the two.");
    if (!isBearer(m_token.reveal()))
        return scimNotSetUp(
            "The bearer token has a blank or another sign in it that no token has; enter it anew.");
    if (!isScimAttribute(m_attribute))
        return scimNotSetUp("The attribute of the user name is no name of an attribute; enter it anew.");
    return Response::ok();
}

HttpReply ScimConnector::send(const std::string &method, const std::string &path,
                              HttpsClient::Headers headers, const std::string &body)
{
    HttpReply reply;
    reply.transport = setUpRight();
    if (!reply.transport.done())
        return reply;
    headers["Accept"] = scimJson;
    const std::string type(body.empty() ? std::string_view() : scimJson);
    if (m_hasClient)
        return m_tokens.send(m_client, method, m_base + path, std::move(headers), body, type, m_stop,
                             largestPage);
    auto &header = headers["Authorization"];
    header = fmt::format("Bearer {}", m_token.reveal());
    reply = m_client.send(method, m_base + path, headers, body, type, m_stop, largestPage);
    wipe(header);
    return reply;
}

Response ScimConnector::read(const std::string &path, ScimCall call, std::string &body)
{
    call.token = m_token.reveal();
    auto reply = send("GET", path, {}, {});
    auto response = judgeScim(reply, call);
    if (response.done() && !reply.whole)
        return Response::refused("tooLarge", "The service answered with more than 16 MiB at once.");
    body = std::move(reply.body);
    return response;
}

Response ScimConnector::readService()
{
    std::string body;
    auto response =
        read("/ServiceProviderConfig",
             {.what = "read what the service can do",
              .nothingThere = "The service does not say what it can do (404); check its address."},
             body);
    if (!response.done())
        return response;
    m_service = readScimService(body);
    return m_service ? response : unreadableScim();
}

Response ScimConnector::test()
{
    m_service.reset();
    if (auto response = readService(); !response.done())
        return response;
    std::string body;
    if (auto response =
            read("/Users?startIndex=1&count=1",
                 {.nothingThere = "The service has no users at this address (404); check it."}, body);
        !response.done())
        return response;
    if (!readScimList(body, m_attribute))
        return unreadableScim();
    if (!m_service->patch)
        return Response::refused("noPatch",
                                 "The service says that it changes nothing by PATCH: users can be read, "
                                 "and neither blocked nor given a password.");
    return Response::ok(
        fmt::format("The service lets the token read users, and says that it changes users{}.{}",
                    m_service->changePassword ? " and passwords" : ", but no passwords",
                    m_service->filter ? ""
                                      : " It has no filters: users are found only by the id "
                                        "that it gave them."));
}

Response ScimConnector::mayChange(ProviderOperation operation)
{
    if (!m_service)
        if (auto response = readService();
            !response.done() && response.code != "http404" && response.code != "http501")
            return response;
    if (!m_service)
        return Response::ok(); // it does not say, so it is asked
    if (!m_service->patch)
        return Response::refused("noPatch",
                                 "The service says that it changes nothing by PATCH; do it there.");
    if (operation == ProviderOperation::ResetPassword && !m_service->changePassword)
        return Response::refused("noPasswords",
                                 "The service says that it changes no passwords; reset it where it lies.");
    return Response::ok();
}

Response ScimConnector::findUser(const Request &request, ScimUser &user)
{
    std::string body;
    if (!request.userId.empty()) {
        auto response = read("/Users/" + percentEncoded(request.userId), {}, body);
        if (!response.done())
            return response;
        auto found = readScimUser(body);
        if (!found)
            return unreadableScim();
        user = std::move(*found);
        return response;
    }
    if (request.userPrincipalName.empty())
        return Response::refused("noUser", "It is not said which user is meant.");
    auto response = read(
        "/Users?filter=" + percentEncoded(scimEquals(m_attribute, request.userPrincipalName)) + "&count=2",
        {.nothingThere = "The service has no users at this address (404); check it."}, body);
    if (!response.done())
        return response;
    auto found = readScimList(body, m_attribute);
    if (!found)
        return unreadableScim();
    if (found->total == 0 && found->users.empty())
        return Response::refused("http404", "The service has no such user.");
    // A service that passes over the filter gives everybody.
    if (found->total > 1 || found->users.size() > 1)
        return Response::refused("ambiguous", "More than one user of the service has this name.");
    if (found->users.empty() || found->users.front().id.empty())
        return unreadableScim();
    user = std::move(found->users.front());
    return response;
}

Response ScimConnector::judgeReplaced(const Request &request, const HttpReply &reply)
{
    const bool resets = request.operation == ProviderOperation::ResetPassword;
    auto response = judgeScim(reply, {.changes = true,
                                      .what = resets ? "change passwords" : "change users",
                                      .secret = resets ? request.password->reveal() : std::string_view(),
                                      .token = m_token.reveal()});
    if (!response.done() || reply.status != 200)
        return response;
    const auto now = readScimUser(reply.body);
    if (!now)
        return Response::unknown("reply", "The service took it and answered something that cannot be read.");
    if (!resets && now->active && *now->active != (request.operation == ProviderOperation::Unblock))
        return Response::unknown("notTaken", "The service took it and shows the user as before.");
    return response;
}

Response ScimConnector::replace(const Request &request, ScimUser &user, const std::string &body)
{
    for (bool again = false;; again = true) {
        HttpsClient::Headers headers;
        if (!user.version.empty())
            headers["If-Match"] = user.version;
        const auto reply = send("PATCH", "/Users/" + percentEncoded(user.id), std::move(headers), body);
        if (!reply.transport.done() || reply.status != preconditionFailed)
            return judgeReplaced(request, reply);
        if (again)
            return Response::later("http412", "The user is being changed by somebody else (412).",
                                   reply.retryAfter, false);
        if (auto response = findUser(request, user); !response.done())
            return response;
    }
}

Response ScimConnector::perform(const Request &request)
{
    const bool resets = request.operation == ProviderOperation::ResetPassword;
    const bool unblocks = request.operation == ProviderOperation::Unblock;
    if (!resets && !unblocks && request.operation != ProviderOperation::Block)
        return Response::refused("unsupported", "The service is not asked for this.");
    if (resets && (request.password == nullptr || request.password->empty()))
        return Response::refused("noPassword", "There is no password to set.");
    ScimUser user;
    if (auto response = mayChange(request.operation); !response.done())
        return response;
    if (auto response = findUser(request, user); !response.done())
        return response;
    if (!resets) {
        if (user.active == unblocks)
            return Response::ok(unblocks ? "The user was not blocked." : "The user was blocked already.");
        return replace(request, user, scimPatch("active", unblocks ? "true" : "false"));
    }
    auto password = jsonString(request.password->reveal());
    auto body = scimPatch("password", password);
    wipe(password);
    auto response = replace(request, user, body);
    wipe(body);
    if (response.done())
        response.sentence =
            "The password is not temporary: SCIM has no word for that. Tell the user to change it.";
    return response;
}

Response ScimConnector::reconcile(const Request &request, const std::string &, Reconciled &outcome)
{
    outcome = Reconciled::CannotTell;
    if (request.operation == ProviderOperation::ResetPassword)
        return Response::ok();
    ScimUser user;
    if (auto response = findUser(request, user); !response.done())
        return response;
    if (user.active)
        outcome = *user.active == (request.operation == ProviderOperation::Unblock) ? Reconciled::TookEffect
                                                                                    : Reconciled::DidNot;
    return Response::ok();
}

Response ScimConnector::listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                  std::string &following)
{
    const auto start = next.empty() ? std::optional(std::int64_t{1}) : toInteger(next);
    users.clear();
    following.clear(); // only now: `next` may be the same text
    if (!start || *start < 1)
        return Response::refused("cursor", "It is not known where the last page of users ended; begin anew.");
    std::string body;
    auto response = read(fmt::format("/Users?startIndex={}&count={}", *start, usersAPage),
                         {.nothingThere = "The service has no users at this address (404); check it."}, body);
    if (!response.done())
        return response;
    auto list = readScimList(body, m_attribute);
    if (!list)
        return Response::later("reply", "The service answered with a page that cannot be read.", {}, false);
    users = std::move(list->listed);
    // A service may give fewer than it was asked for (RFC 7644 section 3.4.2.4).
    const auto after = *start + static_cast<std::int64_t>(list->users.size());
    if (!list->users.empty() && after <= list->total)
        following = fmt::format("{}", after);
    return response;
}

} // namespace riskdesk::connect
