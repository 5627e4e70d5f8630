#include "core/connect/scim/answer.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"
#include "core/connect/oauth/provider_words.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

struct ScimError
{
    std::string type, detail;

    // " The service says: invalidValue, …" or nothing.
    [[nodiscard]] std::string says() const
    {
        if (type.empty() && detail.empty())
            return {};
        return fmt::format(" The service says: {}{}{}.", type, type.empty() || detail.empty() ? "" : ", ",
                           detail);
    }
};

ScimError scimErrorOf(const std::string &body, const ScimCall &call)
{
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    if (parser.parse(body).get(answer) != simdjson::SUCCESS)
        return {};
    const auto written = Secret::taking(jsonString(call.secret)); // as it stood in the request
    const auto escaped = written.reveal().substr(1, written.size() - 2);
    return {providerWords(jsonText(answer, "scimType"), {call.secret, escaped, call.token}),
            providerWords(jsonText(answer, "detail"), {call.secret, escaped, call.token})};
}

} // namespace

Response judgeScim(const HttpReply &reply, const ScimCall &call)
{
    if (!reply.transport.done()) {
        auto response = reply.transport;
        // Reading changes nothing, so a lost answer leaves no doubt.
        if (response.kind == Response::Kind::Unknown && !call.changes)
            response.kind = Response::Kind::RetryAfter;
        return response;
    }
    const int status = reply.status;
    // Of a PATCH, 200 has the user as it is now and 204 nothing (RFC 7644 section 3.5.2).
    if (status == 200 || (status == 204 && call.changes))
        return Response::ok();
    const auto code = fmt::format("http{}", status);
    const auto error = scimErrorOf(reply.body, call);
    if (status > 200 && status < 300) {
        const auto sentence =
            fmt::format("The service answered something that is not expected here ({}).", status);
        return call.changes ? Response::unknown("reply", sentence)
                            : Response::later("reply", sentence, {}, false);
    }
    switch (status) {
    case 401: {
        return Response::refusedAll(
            code,
            fmt::format("The service does not accept the token (401); enter a new one, or check the client "
                        "and the addresses.{}",
                        error.says()));
    }
    case 403:
        return Response::refused(code,
                                 fmt::format("The service does not let the token {} (403); allow it there.{}",
                                             call.what, error.says()));
    case 404: return Response::refused(code, std::string(call.nothingThere));
    case 408: // these three say that it was not begun
    case 429:
    case 503:
        return Response::later(code, fmt::format("The service is busy and asks to wait ({}).", status),
                               reply.retryAfter);
    case 409:
        if (error.type.empty())
            return Response::later(
                code, fmt::format("The user is being changed by somebody else (409).{}", error.says()),
                reply.retryAfter, false);
        break;
    case 501:
        return Response::refused(code, fmt::format("The service cannot do this (501).{}", error.says()));
    default: break;
    }
    if (status >= 500) {
        const auto sentence = fmt::format("The service failed ({}).{}", status, error.says());
        // It knows no key of a request: a reset done twice gives a second password. It is read back first.
        return call.changes ? Response::unknown(code, sentence)
                            : Response::later(code, sentence, reply.retryAfter);
    }
    if (status >= 300 && status < 400)
        return Response::refused(code,
                                 "The service points elsewhere, which is not followed; check its address.");
    return Response::refused(code, fmt::format("The service refused it ({}).{}", status, error.says()));
}

} // namespace riskdesk::connect
