#include "core/connect/keycloak/answer.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"
#include "core/connect/oauth/provider_words.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

// " Keycloak says: …" or nothing.
std::string keycloakSays(const std::string &body, std::string_view secret)
{
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    if (parser.parse(body).get(answer) != simdjson::SUCCESS)
        return {};
    const auto written = Secret::taking(jsonString(secret)); // as it stood in the request
    const auto escaped = written.reveal().substr(1, written.size() - 2);
    for (const auto key : {"errorMessage", "error_description", "error"})
        if (const auto words = providerWords(jsonText(answer, key), {secret, escaped}); !words.empty())
            return fmt::format(" Keycloak says: {}.", words);
    return {};
}

// The token endpoint of a realm that is not there, or of an address with another base path, names no error that
// OAuth knows.
Response explainToken(Response response)
{
    if (response.code == "tokenRefused" || response.code == "http404")
        response.sentence =
            "Keycloak gives no token at this address; check the address, its base path and the realm.";
    return response;
}

} // namespace

Response judgeKeycloak(const HttpReply &reply, const KeycloakCall &call)
{
    if (!reply.transport.done()) {
        auto response = explainToken(reply.transport);
        // Reading changes nothing, so a lost answer leaves no doubt.
        if (response.kind == Response::Kind::Unknown && !call.changes)
            response.kind = Response::Kind::RetryAfter;
        return response;
    }
    const int status = reply.status;
    // A change is answered 204 and nothing else; a 200 could be the page of something that stands in between.
    if (call.changes ? status == 204 : status == 200)
        return Response::ok();
    const auto code = fmt::format("http{}", status);
    const auto says = keycloakSays(reply.body, call.secret);
    if (status >= 200 && status < 300) {
        const auto sentence =
            fmt::format("Keycloak answered something that is not expected here ({}).", status);
        return call.changes ? Response::unknown("reply", sentence)
                            : Response::later("reply", sentence, {}, false);
    }
    switch (status) {
    case 401: {
        return Response::refusedAll(
            code,
            fmt::format("Keycloak does not accept its own token (401); check address and realm.{}", says));
    }
    case 403:
        return Response::refused(
            code, fmt::format("The service account may not do this (403); it needs the role {} of the client "
                              "realm-management.{}",
                              call.role, says));
    case 404: return Response::refused(code, std::string(call.nothingThere));
    case 408: // these three say that it was not begun
    case 429:
    case 503:
        return Response::later(code, fmt::format("Keycloak is busy and asks to wait ({}).", status),
                               reply.retryAfter);
    default: break;
    }
    if (status >= 500) {
        const auto sentence = fmt::format("Keycloak failed ({}).{}", status, says);
        // It knows no key of a request: a reset done twice gives a second password. It is read back first.
        return call.changes ? Response::unknown(code, sentence)
                            : Response::later(code, sentence, reply.retryAfter);
    }
    if (status >= 300 && status < 400)
        return Response::refused(code,
                                 "Keycloak points elsewhere, which is not followed; check its address.");
    return Response::refused(code, fmt::format("Keycloak refused it ({}).{}", status, says));
}

} // namespace riskdesk::connect
