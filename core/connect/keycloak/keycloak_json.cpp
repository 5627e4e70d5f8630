#include "core/connect/keycloak/keycloak_json.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"
#include "core/connect/oauth/provider_words.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

KeycloakUser keycloakUserOf(const simdjson::dom::element &user)
{
    return {jsonText(user, "id"), jsonFlag(user, "enabled"), !jsonText(user, "federationLink").empty()};
}

// Calls `each` for every object of a list; false: it is no list of objects.
template <class F>
bool overKeycloakList(const std::string &body, F &&each)
{
    simdjson::dom::parser parser;
    simdjson::dom::array list;
    if (parser.parse(body).get(list) != simdjson::SUCCESS)
        return false;
    for (const simdjson::dom::element item : list) {
        if (!item.is_object())
            return false;
        each(item);
    }
    return true;
}

} // namespace

std::optional<KeycloakUser> readKeycloakUser(const std::string &body)
{
    simdjson::dom::parser parser;
    simdjson::dom::element user;
    if (parser.parse(body).get(user) != simdjson::SUCCESS)
        return std::nullopt;
    auto read = keycloakUserOf(user);
    return read.id.empty() ? std::nullopt : std::optional(std::move(read));
}

std::optional<std::vector<KeycloakUser>> readKeycloakUsers(const std::string &body)
{
    std::vector<KeycloakUser> users;
    const bool read =
        overKeycloakList(body, [&](const auto &user) { users.push_back(keycloakUserOf(user)); });
    for (const auto &user : users)
        if (user.id.empty())
            return std::nullopt;
    return read ? std::optional(std::move(users)) : std::nullopt;
}

std::optional<std::vector<ProviderUser>> readListedKeycloakUsers(const std::string &body,
                                                                 std::size_t &records)
{
    std::vector<ProviderUser> users;
    records = 0;
    const bool read = overKeycloakList(body, [&](const auto &user) {
        ++records;
        const auto first = jsonText(user, "firstName"), last = jsonText(user, "lastName");
        ProviderUser listed{jsonText(user, "id"), jsonText(user, "username"),
                            std::string(trim(fmt::format("{} {}", first, last))), jsonText(user, "email"),
                            jsonFlag(user, "enabled")};
        if (!listed.id.empty())
            users.push_back(std::move(listed));
    });
    return read ? std::optional(std::move(users)) : std::nullopt;
}

std::optional<std::string> readPasswordCreated(const std::string &body)
{
    std::string created = "none";
    const bool read = overKeycloakList(body, [&](const auto &credential) {
        if (jsonText(credential, "type") != "password")
            return;
        std::int64_t at = 0;
        created = credential["createdDate"].get(at) == simdjson::SUCCESS ? fmt::format("{}", at) : "unknown";
    });
    return read ? std::optional(std::move(created)) : std::nullopt;
}

std::optional<std::vector<std::string>> readLinks(const std::string &body)
{
    std::vector<std::string> links;
    const bool read = overKeycloakList(body, [&](const auto &link) {
        auto name = providerWords(jsonText(link, "identityProvider"));
        links.push_back(name.empty() ? "another provider" : std::move(name));
    });
    return read ? std::optional(std::move(links)) : std::nullopt;
}

std::optional<std::size_t> readLength(const std::string &body)
{
    std::size_t length = 0;
    return overKeycloakList(body, [&](const auto &) { ++length; }) ? std::optional(length) : std::nullopt;
}

std::optional<KeycloakRecording> readRecording(const std::string &body)
{
    simdjson::dom::parser parser;
    simdjson::dom::element config;
    if (parser.parse(body).get(config) != simdjson::SUCCESS)
        return std::nullopt;
    const auto on = jsonFlag(config, "eventsEnabled");
    if (!on)
        return std::nullopt;
    // No list, or an empty one, is all types.
    simdjson::dom::array types;
    bool listed = false, signIn = false, failure = false;
    if (config["enabledEventTypes"].get(types) == simdjson::SUCCESS)
        for (const simdjson::dom::element type : types) {
            std::string_view name;
            listed = true;
            if (type.get(name) == simdjson::SUCCESS) {
                signIn = signIn || name == "LOGIN";
                failure = failure || name == "LOGIN_ERROR";
            }
        }
    return KeycloakRecording{*on, *on && (!listed || (signIn && failure))};
}

} // namespace riskdesk::connect
