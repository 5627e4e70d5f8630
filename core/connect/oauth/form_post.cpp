#include "core/connect/oauth/form_post.h"

#include "core/base/text.h"
#include "core/connect/oauth/id_token.h"
#include "core/connect/oauth/provider_words.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

constexpr std::int64_t longestLifetime = 86400; // seconds; who says more is asked again after a day

Response whole(Response response)
{
    response.wholeConnector = true;
    return response;
}

// The error's name is the endpoint's, so it is only believed in the form the RFC gives it.
std::string errorName(std::string_view name)
{
    const bool plain = std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    return plain && !name.empty() && name.size() <= 40 ? std::string(name) : "tokenRefused";
}

Response refusalOf(const HttpReply &reply, const std::string &host, std::string_view secret)
{
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    std::string_view error, description;
    if (parser.parse(reply.body).get(answer) == simdjson::SUCCESS) {
        if (answer["error"].get(error) != simdjson::SUCCESS)
            error = {};
        if (answer["error_description"].get(description) != simdjson::SUCCESS)
            description = {};
    }
    if (error == "temporarily_unavailable" || error == "server_error")
        return Response::later(std::string(error), fmt::format("{} gives no token just now.", host),
                               reply.retryAfter);
    if (error.empty())
        return whole(
            Response::refused(fmt::format("http{}", reply.status),
                              fmt::format("{} gives no token ({}); check its address.", host, reply.status)));
    const auto name = errorName(error);
    const auto words = providerWords(description, {secret});
    return whole(Response::refused(
        name, fmt::format("{} gives no token: {}.", host, words.empty() ? std::string_view(name) : words)));
}

} // namespace

FormReply postForm(HttpsClient &client, const HttpsAddress &address, const Form &form,
                   std::string_view secret, const std::stop_token &stop)
{
    std::string text;
    for (const auto &[name, value] : form) {
        auto encoded = percentEncoded(value);
        text += fmt::format("{}{}=", text.empty() ? "" : "&", name);
        text += encoded;
        wipe(encoded);
    }
    auto reply = client.send("POST", address.path, {{"Accept", "application/json"}}, text,
                             "application/x-www-form-urlencoded", stop);
    wipe(text);
    if (reply.transport.kind == Response::Kind::Unknown)
        reply.transport.kind = Response::Kind::RetryAfter;
    if (!reply.transport.done())
        return {whole(std::move(reply.transport)), {}};
    if (reply.status >= 200 && reply.status < 300)
        return {Response::ok(), std::move(reply.body)};
    if (reply.status == 408 || reply.status == 429 || reply.status >= 500)
        return {Response::later(fmt::format("http{}", reply.status),
                                fmt::format("{} gives no token just now ({}).", address.host, reply.status),
                                reply.retryAfter),
                {}};
    return {refusalOf(reply, address.host, secret), {}};
}

bool readTokens(std::string &body, Tokens &tokens)
{
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    std::string_view access, type, refresh, lifetimeText, idToken;
    const bool read = parser.parse(body).get(answer) == simdjson::SUCCESS &&
                      answer["access_token"].get(access) == simdjson::SUCCESS &&
                      answer["token_type"].get(type) == simdjson::SUCCESS && !access.empty() &&
                      equalsIgnoringCase(type, "Bearer") &&
                      // It goes into a header: nothing but what RFC 6750 section 2.1 lets it be made of.
                      std::ranges::all_of(access, [](char c) { return c > ' ' && c < 0x7f; });
    if (read) {
        tokens.access = Secret(access);
        if (answer["refresh_token"].get(refresh) == simdjson::SUCCESS)
            tokens.refresh = Secret(refresh);
        if (answer["id_token"].get(idToken) == simdjson::SUCCESS)
            tokens.who = whoSignedIn(idToken);
        std::int64_t seconds = 0;
        if (answer["expires_in"].get(seconds) != simdjson::SUCCESS &&
            answer["expires_in"].get(lifetimeText) == simdjson::SUCCESS) // some write it as a text
            seconds = toInteger(lifetimeText).value_or(0);
        if (seconds > 0)
            tokens.lifetime = std::chrono::seconds(std::min(seconds, longestLifetime));
    }
    wipe(body);
    return read;
}

} // namespace riskdesk::connect
