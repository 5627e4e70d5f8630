#include "core/connect/keycloak/sign_in_of_event.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace riskdesk::connect {
namespace {

constexpr std::int64_t latestEvent = 253402300799999; // the end of 9999

struct EventError
{
    std::string_view name; // org.keycloak.events.Errors
    int code;              // of Entra's AADSTS
};
constexpr auto eventErrors = std::to_array<EventError>({
    {"invalid_user_credentials", 50126},
    {"password_missing", 50126},
    {"user_not_found", 50034},
    {"username_missing", 50034},
    {"user_disabled", 50057},
    {"user_temporarily_disabled", 50053}, // brute force detection
    {"password_rejected", 50126},
});

int codeOfError(std::string_view error)
{
    constexpr int another = -1;
    const auto *at = std::ranges::find(eventErrors, error, &EventError::name);
    return at == eventErrors.end() ? another : at->code;
}

// An alias is the realm's own word; these are what Keycloak calls them unless somebody chose another.
constexpr auto socialAliases = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"google", "google.com"},
    {"facebook", "facebook.com"},
    {"apple", "apple.com"},
    {"microsoft", "live.com"},
    {"github", "github.com"},
    {"twitter", "twitter.com"},
    {"linkedin", "linkedin.com"},
    {"linkedin-openid-connect", "linkedin.com"},
});

std::string issuerOfAlias(std::string alias)
{
    for (const auto &[name, host] : socialAliases)
        if (alias == name)
            return std::string(host);
    return alias;
}

// Events have an id from some version on; before, what makes one tells it from the others.
std::string idOfEvent(const simdjson::dom::element &event, std::int64_t time, const std::string &username,
                      const std::string &codeId)
{
    if (auto id = jsonText(event, "id"); !id.empty())
        return id;
    auto text = fmt::format("{}", time);
    for (const auto key : {"type", "realmId", "clientId", "userId", "sessionId", "ipAddress", "error"})
        text += '\0' + jsonText(event, key);
    text += '\0' + username + '\0' + codeId;
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char *>(text.data()),
                       text.size(), nullptr, 0);
    std::string id = "keycloak-";
    for (const auto byte : hash)
        id += fmt::format("{:02x}", byte);
    return id;
}

std::string signInOfEvent(const simdjson::dom::element &event, std::int64_t time)
{
    const auto type = jsonText(event, "type"), userId = jsonText(event, "userId");
    simdjson::dom::element details;
    std::string username, codeId, issuer;
    if (event["details"].get(details) == simdjson::SUCCESS) {
        username = jsonText(details, "username");
        codeId = jsonText(details, "code_id");
        issuer = issuerOfAlias(jsonText(details, "identity_provider"));
    }
    const bool failed = type == "LOGIN_ERROR";
    if ((type != "LOGIN" && !failed) || (userId.empty() && username.empty()))
        return {};
    std::string made =
        fmt::format(R"({{"id":{},"createdDateTime":{})", jsonString(idOfEvent(event, time, username, codeId)),
                    jsonString(Timestamp{time * 1000}.toIso()));
    const auto add = [&made](std::string_view key, const std::string &value) {
        if (!value.empty())
            made += fmt::format(",\"{}\":{}", key, jsonString(value));
    };
    add("userId", userId);
    add("userPrincipalName", username);
    add("appDisplayName", jsonText(event, "clientId"));
    add("ipAddress", jsonText(event, "ipAddress"));
    add("federatedTokenIssuer", issuer);
    add("correlationId", codeId);
    add("sessionId", jsonText(event, "sessionId"));
    if (failed) {
        const auto error = jsonText(event, "error");
        made += fmt::format(R"(,"status":{{"errorCode":{},"failureReason":{}}}}})", codeOfError(error),
                            jsonString(error));
    } else {
        made += R"(,"status":{"errorCode":0}})";
    }
    return made;
}

} // namespace

std::optional<std::vector<KeycloakEvent>> readKeycloakEvents(const std::string &body)
{
    simdjson::dom::parser parser;
    simdjson::dom::array events;
    if (parser.parse(body).get(events) != simdjson::SUCCESS)
        return std::nullopt;
    std::vector<KeycloakEvent> read;
    for (const simdjson::dom::element event : events) {
        std::int64_t time = 0;
        if (event["time"].get(time) != simdjson::SUCCESS || time < 0 || time > latestEvent)
            return std::nullopt;
        read.push_back({time, signInOfEvent(event, time)});
    }
    return read;
}

} // namespace riskdesk::connect
