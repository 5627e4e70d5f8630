#include "core/connect/graph/answer.h"

#include "core/base/text.h"
#include "core/connect/oauth/provider_words.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

namespace riskdesk::connect {
namespace {

struct SignInError
{
    std::int64_t number;
    std::string_view sentence;
};
constexpr auto signInErrors = std::to_array<SignInError>({
    {90002, "There is no such tenant; check the tenant"},
    {900023, "The tenant is neither an id nor a domain; check the tenant"},
    {50059, "The tenant is missing; check the tenant"},
    {700016, "The tenant has no such app registration; check tenant and client id"},
    {7000215, "The client secret is wrong; enter its value, not its id"},
    {7000222, "The client secret expired; make a new one at the app registration and enter it"},
    {700027, "The certificate is not that of the app registration, or expired; upload it there"},
    {7000112, "The app registration is disabled; enable it"},
    {7000229, "The app registration has no service principal in this tenant; give consent there"},
    {65001, "Nobody gave consent to the app registration; let an administrator give it"},
    {500011, "The tenant does not know the address of Microsoft Graph; check it"},
    {53003, "A Conditional Access policy blocks the app registration"},
});

struct GraphError
{
    std::string code, message;
};

GraphError graphErrorOf(const std::string &body, std::string_view secret)
{
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    GraphError error;
    const auto written = Secret::taking(jsonString(secret)); // as it stood in the request
    const auto escaped = written.reveal().substr(1, written.size() - 2);
    if (parser.parse(body).get(answer) != simdjson::SUCCESS)
        return error;
    if (std::string_view code; answer["error"]["code"].get(code) == simdjson::SUCCESS)
        error.code = providerWords(code, {secret, escaped});
    if (std::string_view text; answer["error"]["message"].get(text) == simdjson::SUCCESS)
        error.message = providerWords(text, {secret, escaped});
    return error;
}

// " Graph says: …" or nothing.
std::string graphSays(const GraphError &error)
{
    const auto &words = error.message.empty() ? error.code : error.message;
    return words.empty() ? std::string() : fmt::format(" Graph says: {}.", words);
}

Response forbidden(const std::string &code, const GraphError &error, const GraphCall &call)
{
    if (error.code.find("NonPremiumTenant") != std::string::npos)
        return Response::refused(std::string(graphNoLicence),
                                 fmt::format("The tenant has no licence for it: Microsoft Entra ID P1 for "
                                             "sign-ins, P2 for risk (403).{}",
                                             graphSays(error)));
    return Response::refused(code, fmt::format("The app registration may not do this (403); it needs {}.{}",
                                               call.permission, graphSays(error)));
}

} // namespace

Response explainSignIn(Response response)
{
    constexpr std::string_view mark = "AADSTS";
    const auto at = response.sentence.find(mark);
    if (at == std::string::npos)
        return response;
    auto digits = std::string_view(response.sentence).substr(at + mark.size());
    digits = digits.substr(0, std::min(digits.find_first_not_of("0123456789"), digits.size()));
    const auto number = toInteger(digits);
    const auto *known = std::ranges::find(signInErrors, number.value_or(0), &SignInError::number);
    if (known != signInErrors.end())
        response.sentence = fmt::format("{} ({}{}).", known->sentence, mark, known->number);
    return response;
}

Response judgeGraph(const HttpReply &reply, const GraphCall &call)
{
    if (!reply.transport.done()) {
        auto response = explainSignIn(reply.transport);
        // Reading changes nothing, so a lost answer leaves no doubt.
        if (response.kind == Response::Kind::Unknown && !call.changes)
            response.kind = Response::Kind::RetryAfter;
        return response;
    }
    const int status = reply.status;
    if (status >= 200 && status < 300)
        return Response::ok();
    const auto code = fmt::format("http{}", status);
    const auto error = graphErrorOf(reply.body, call.secret);
    switch (status) {
    case 401: {
        return Response::refusedAll(
            code,
            fmt::format("The app registration does not accept its own token (401); check tenant, client id "
                        "and the address of Microsoft Graph.{}",
                        graphSays(error)));
    }
    case 403: return forbidden(code, error, call);
    case 404: return Response::refused(code, std::string(call.nothingThere));
    case 408: // these four say that it was not begun
    case 429:
    case 503:
    case 509:
        return Response::later(code, fmt::format("Microsoft Graph is busy and asks to wait ({}).", status),
                               reply.retryAfter);
    case 409:
    case 423:
        return Response::later(code,
                               fmt::format("The account is being changed by somebody else ({}).", status),
                               reply.retryAfter, false);
    default: break;
    }
    if (status >= 500) {
        const auto sentence = fmt::format("Microsoft Graph failed ({}).{}", status, graphSays(error));
        // A webhook leaves out what it has seen, so there the same is simply sent once more. Graph knows no key:
        // a reset done twice gives a second password. It is read back first.
        return call.changes ? Response::unknown(code, sentence)
                            : Response::later(code, sentence, reply.retryAfter);
    }
    if (status >= 300 && status < 400)
        return Response::refused(
            code, "Microsoft Graph points elsewhere, which is not followed; check its address.");
    return Response::refused(code,
                             fmt::format("Microsoft Graph refused it ({}).{}", status, graphSays(error)));
}

} // namespace riskdesk::connect
