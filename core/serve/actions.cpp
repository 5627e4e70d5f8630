// What changes something: dismiss and confirm, block, reset. All of it goes through ActionService, as in the
// console and on the command line; history and audit log name the token.

#include "core/action/action_service.h"
#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/query/tables/risky_users.h"
#include "core/serve/handlers.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <set>

namespace riskdesk::serve {
namespace {

namespace dom = simdjson::dom;
using action::Action;
using risk::Refusal;

constexpr std::size_t longestSentenceList = 5; // ids named in a message

// What was asked for is so already: asking again does no harm and is no error.
bool isSoAlready(Action action, Refusal refusal)
{
    switch (action) {
    case Action::Dismiss: return refusal == Refusal::AlreadyDismissed;
    case Action::ConfirmCompromised: return refusal == Refusal::AlreadyConfirmedCompromised;
    case Action::ConfirmSafe: return refusal == Refusal::AlreadyConfirmedSafe;
    case Action::Resolve: return refusal == Refusal::AlreadyRemediated;
    case Action::ResetPassword: return refusal == Refusal::OnItsWay;
    case Action::Block: return refusal == Refusal::AlreadyBlocked || refusal == Refusal::OnItsWay;
    case Action::Unblock: return refusal == Refusal::NotBlocked || refusal == Refusal::OnItsWay;
    case Action::RevokeSessions: return refusal == Refusal::OnItsWay;
    }
    return false;
}

std::string named(const std::vector<std::string> &ids)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(ids.size(), longestSentenceList); ++i)
        out += (i > 0 ? ", " : "") + fmt::format("'{}'", ids[i].substr(0, 100));
    if (ids.size() > longestSentenceList)
        out += fmt::format(" and {} more", ids.size() - longestSentenceList);
    return out;
}

tl::expected<dom::element, GraphError> parsedBody(dom::parser &parser, std::string_view body)
{
    dom::element root;
    if (!isValidUtf8(body) || parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
        !root.is_object())
        return badRequest("The body is no JSON object.");
    return root;
}

// {"userIds": ["…", …]}: each once, in their order.
tl::expected<std::vector<std::string>, GraphError> idsOf(const Call &call, std::string_view member)
{
    dom::parser parser;
    const auto body = parsedBody(parser, call.body);
    if (!body)
        return tl::unexpected(body.error());
    for (const auto [key, value] : dom::object(*body))
        if (key != member && !key.starts_with('@'))
            return badRequest(fmt::format("The body has a member '{}' that means nothing here; '{}' does.",
                                          key.substr(0, 100), member));
    dom::array list;
    if ((*body)[member].get(list) != simdjson::SUCCESS)
        return badRequest(fmt::format("The body has no list '{}'.", member));
    std::vector<std::string> ids;
    std::set<std::string, std::less<>> seen;
    for (const auto item : list) {
        std::string_view id;
        if (item.get(id) != simdjson::SUCCESS || trim(id).empty())
            return badRequest(fmt::format("'{}' holds something that is no id.", member));
        if (seen.insert(std::string(trim(id))).second)
            ids.emplace_back(trim(id));
    }
    if (ids.empty())
        return badRequest(fmt::format("'{}' is empty.", member));
    if (ids.size() > call.mostIds)
        return badRequest(fmt::format("'{}' holds {} ids; {} is the most in one request.", member, ids.size(),
                                      call.mostIds));
    return ids;
}

// What became of each id, for those who ask (Prefer: return=representation).
std::string representation(const Call &call, const std::vector<std::string> &ids,
                           const std::vector<std::uint32_t> &users, const action::Outcome &outcome)
{
    std::string value;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto skipped = std::ranges::find_if(outcome.skipped, [&](const action::Skipped &s) {
            return users.empty() ? equalsIgnoringCase(s.target, ids[i]) : s.user == users[i];
        });
        query::JsonObject item;
        item.text("id", ids[i]).flag("changed", skipped == outcome.skipped.end());
        if (skipped != outcome.skipped.end())
            item.text("code", skipped->code()).text("message", skipped->sentence());
        value += (i > 0 ? "," : "") + item.done();
    }
    return query::JsonObject()
        .text("@odata.context", call.context("Collection(riskdesk.actionResult)"))
        .raw("value", '[' + value + ']')
        .done();
}

// 204 when everything asked for is so now. When something is not, the client hears why; what could be done
// is done.
Answer answerOf(const Call &call, Action action, const std::vector<std::string> &ids,
                const std::vector<std::uint32_t> &users, const action::Outcome &outcome)
{
    if (outcome.stoppedBy)
        return tl::unexpected(toGraphError(*outcome.stoppedBy));
    if (call.prefer.representation)
        return jsonResponse(call, representation(call, ids, users, outcome));
    std::string first;
    std::size_t refused = 0;
    for (const auto &skipped : outcome.skipped) {
        if (isSoAlready(action, skipped.reason))
            continue;
        if (refused++ == 0)
            first = fmt::format("{}: {}", skipped.target.empty() ? skipped.name : skipped.target,
                                skipped.sentence());
    }
    if (refused > 0 && outcome.command == 0)
        return refuse(409, "Conflict",
                      refused == 1 ? "Nothing was changed. " + first
                                   : fmt::format("Nothing was changed. {} And {} more; ask with 'Prefer: "
                                                 "return=representation' for each.",
                                                 first, refused - 1));
    return HttpResponse{204, {}, {}};
}

action::Operator operatorOf(const Call &call)
{
    action::Operator who;
    who.name = call.actor;
    who.role = call.role;
    who.via = "API";
    return who;
}

Answer carryOut(const Call &call, action::Request request, const std::vector<std::string> &ids)
{
    return call.write([&](store::Connection &connection) -> Answer {
        action::ActionService service(connection, call.clock, operatorOf(call));
        const auto outcome = service.carryOut(request, {}, call.stop);
        if (!outcome)
            return tl::unexpected(toGraphError(outcome.error()));
        return answerOf(call, request.action, ids, request.users, *outcome);
    });
}

Answer actOnUsers(const Call &call, Action action)
{
    const auto ids = idsOf(call, "userIds");
    if (!ids)
        return tl::unexpected(ids.error());
    action::Request request;
    request.action = action;
    std::vector<std::string> unknown;
    for (const auto &id : *ids) {
        const auto user = query::findUser(call.connection, id);
        if (user)
            request.users.push_back(*user);
        else if (user.error().code == Code::NotFound || user.error().code == Code::Conflict)
            unknown.push_back(id);
        else
            return tl::unexpected(toGraphError(user.error()));
    }
    if (!unknown.empty())
        return badRequest("These userIds do not exist here, and nothing was changed: " + named(unknown) +
                          ".");
    return carryOut(call, std::move(request), *ids);
}

Answer actOnSignIns(const Call &call, Action action)
{
    const auto ids = idsOf(call, "requestIds");
    if (!ids)
        return tl::unexpected(ids.error());
    action::Request request;
    request.action = action;
    request.signIns = *ids;
    return call.write([&](store::Connection &connection) -> Answer {
        action::ActionService service(connection, call.clock, operatorOf(call));
        const auto plan = service.plan(request);
        if (!plan)
            return tl::unexpected(toGraphError(plan.error()));
        std::vector<std::string> unknown;
        for (const auto &skipped : plan->skipped)
            if (skipped.reason == Refusal::NotFound)
                unknown.push_back(skipped.target);
        if (!unknown.empty())
            return badRequest(
                "These requestIds do not exist here or are not risky, and nothing was changed: " +
                named(unknown) + ".");
        const auto outcome = service.carryOut(request, {}, call.stop);
        if (!outcome)
            return tl::unexpected(toGraphError(outcome.error()));
        return answerOf(call, action, *ids, {}, *outcome);
    });
}

tl::expected<std::uint32_t, GraphError> userOf(const Call &call)
{
    const auto &id = call.ids.front();
    const auto user = query::findUser(call.connection, id);
    if (!user && user.error().code == Code::NotFound)
        return refuse(404, "ResourceNotFound", fmt::format("There is no user with the id '{}'.", id));
    if (!user)
        return tl::unexpected(toGraphError(user.error()));
    return *user;
}

} // namespace

Answer dismissUsers(const Call &call)
{
    return actOnUsers(call, Action::Dismiss);
}
Answer confirmUsersCompromised(const Call &call)
{
    return actOnUsers(call, Action::ConfirmCompromised);
}
Answer confirmUsersSafe(const Call &call)
{
    return actOnUsers(call, Action::ConfirmSafe);
}
Answer dismissSignIns(const Call &call)
{
    return actOnSignIns(call, Action::Dismiss);
}
Answer confirmSignInsCompromised(const Call &call)
{
    return actOnSignIns(call, Action::ConfirmCompromised);
}
Answer confirmSignInsSafe(const Call &call)
{
    return actOnSignIns(call, Action::ConfirmSafe);
}

// accountEnabled and passwordProfile. Everything is looked at before anything is done.
Answer changeUser(const Call &call)
{
    const auto user = userOf(call);
    if (!user)
        return tl::unexpected(user.error());
    dom::parser parser;
    const auto body = parsedBody(parser, call.body);
    if (!body)
        return tl::unexpected(body.error());
    std::vector<Action> actions;
    for (const auto [key, value] : dom::object(*body)) {
        bool truth = false;
        dom::object profile;
        if (key == "accountEnabled") {
            if (value.get(truth) != simdjson::SUCCESS)
                return badRequest("'accountEnabled' is true or false.");
            actions.push_back(truth ? Action::Unblock : Action::Block);
        } else if (key == "passwordProfile") {
            if (value.get(profile) != simdjson::SUCCESS)
                return badRequest("'passwordProfile' is an object.");
            bool change = false;
            for (const auto [name, of] : profile) {
                if (name == "password")
                    return badRequest("A password cannot be handed over here: leave 'password' out, and the "
                                      "reset is carried out by the connected provider, or noted for you to "
                                      "do.");
                if (name != "forceChangePasswordNextSignIn")
                    return badRequest(
                        fmt::format("'passwordProfile/{}' cannot be changed here.", name.substr(0, 100)));
                if (of.get(change) != simdjson::SUCCESS)
                    return badRequest("'forceChangePasswordNextSignIn' is true or false.");
            }
            if (!change)
                return badRequest("'passwordProfile' asks for nothing: set "
                                  "'forceChangePasswordNextSignIn' to true to reset the password.");
            actions.push_back(Action::ResetPassword);
        } else if (!key.starts_with('@')) {
            return badRequest(fmt::format("The property '{}' cannot be changed here; 'accountEnabled' and "
                                          "'passwordProfile' can.",
                                          key.substr(0, 100)));
        }
    }
    if (actions.empty())
        return badRequest("The body changes nothing: 'accountEnabled' and 'passwordProfile' can be set.");
    Answer last = HttpResponse{204, {}, {}};
    for (const auto action : actions) {
        action::Request request;
        request.action = action;
        request.users = {*user};
        last = carryOut(call, std::move(request), call.ids);
        if (!last)
            return last;
    }
    return last;
}

// Needs no body. Graph answers with a truth value instead of nothing.
Answer revokeSignInSessions(const Call &call)
{
    const auto user = userOf(call);
    if (!user)
        return tl::unexpected(user.error());
    action::Request request;
    request.action = Action::RevokeSessions;
    request.users = {*user};
    auto answer = carryOut(call, std::move(request), call.ids);
    if (!answer || answer->status != 204)
        return answer;
    return jsonResponse(
        call,
        query::JsonObject().text("@odata.context", call.context("Edm.Boolean")).flag("value", true).done());
}

} // namespace riskdesk::serve
