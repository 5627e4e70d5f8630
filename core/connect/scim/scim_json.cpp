#include "core/connect/scim/scim_json.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

using ScimElement = simdjson::dom::element;

std::optional<ScimElement> memberOf(const ScimElement &object, std::string_view key)
{
    ScimElement member;
    return object.is_object() && object.at_key_case_insensitive(key).get(member) == simdjson::SUCCESS
               ? std::optional(member)
               : std::nullopt;
}

std::string scimText(const ScimElement &object, std::string_view key)
{
    std::string_view text;
    const auto member = memberOf(object, key);
    return member && member->get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// Entra and others write a flag as a text.
std::optional<bool> scimFlag(const ScimElement &object, std::string_view key)
{
    bool flag = false;
    const auto member = memberOf(object, key);
    if (!member)
        return std::nullopt;
    if (member->get(flag) == simdjson::SUCCESS)
        return flag;
    const auto text = scimText(object, key);
    if (equalsIgnoringCase(text, "true") || equalsIgnoringCase(text, "false"))
        return equalsIgnoringCase(text, "true");
    return std::nullopt;
}

ScimUser scimUserOf(const ScimElement &user)
{
    ScimUser read{scimText(user, "id"), scimFlag(user, "active"), {}, {}};
    if (const auto meta = memberOf(user, "meta")) {
        read.version = scimText(*meta, "version");
        read.lastModified = scimText(*meta, "lastModified");
    }
    // It goes into a header: an entity tag or nothing (RFC 9110 section 8.8.3).
    const std::string_view tag = read.version;
    const bool quoted =
        tag.ends_with('"') && (tag.starts_with('"') || tag.starts_with("W/\"")) && tag.size() > 1;
    if (!quoted || !std::ranges::all_of(tag, [](char c) { return c > ' ' && c < 0x7f; }))
        read.version.clear();
    return read;
}

std::string primaryMail(const ScimElement &user)
{
    std::string mail;
    simdjson::dom::array mails;
    const auto all = memberOf(user, "emails");
    if (!all || all->get(mails) != simdjson::SUCCESS)
        return mail;
    for (const ScimElement one : mails) {
        const bool primary = scimFlag(one, "primary").value_or(false);
        if (mail.empty() || primary)
            mail = scimText(one, "value");
        if (primary)
            break;
    }
    return mail;
}

ProviderUser scimListed(const ScimElement &user, std::string_view nameAttribute)
{
    auto name = scimText(user, nameAttribute);
    if (name.empty())
        name = scimText(user, "userName");
    auto shown = scimText(user, "displayName");
    if (const auto parts = memberOf(user, "name"); parts && shown.empty()) {
        shown = scimText(*parts, "formatted");
        if (shown.empty())
            shown = trim(fmt::format("{} {}", scimText(*parts, "givenName"), scimText(*parts, "familyName")));
    }
    return {scimText(user, "id"), std::move(name), std::move(shown), primaryMail(user),
            scimFlag(user, "active")};
}

bool supported(const ScimElement &config, std::string_view key)
{
    const auto part = memberOf(config, key);
    return part && scimFlag(*part, "supported").value_or(false);
}

} // namespace

std::optional<ScimUser> readScimUser(const std::string &body)
{
    simdjson::dom::parser parser;
    ScimElement user;
    if (parser.parse(body).get(user) != simdjson::SUCCESS)
        return std::nullopt;
    auto read = scimUserOf(user);
    return read.id.empty() ? std::nullopt : std::optional(std::move(read));
}

std::optional<ScimList> readScimList(const std::string &body, std::string_view nameAttribute)
{
    simdjson::dom::parser parser;
    ScimElement answer;
    ScimList list;
    if (parser.parse(body).get(answer) != simdjson::SUCCESS)
        return std::nullopt;
    const auto total = memberOf(answer, "totalResults");
    if (!total || total->get(list.total) != simdjson::SUCCESS || list.total < 0)
        return std::nullopt;
    const auto resources = memberOf(answer, "Resources");
    if (!resources) // may be left out when there are none
        return list;
    simdjson::dom::array all;
    if (resources->get(all) != simdjson::SUCCESS)
        return std::nullopt;
    for (const ScimElement user : all) {
        if (!user.is_object())
            return std::nullopt;
        list.users.push_back(scimUserOf(user));
        if (auto listed = scimListed(user, nameAttribute); !listed.id.empty())
            list.listed.push_back(std::move(listed));
    }
    return list;
}

std::optional<ScimService> readScimService(const std::string &body)
{
    simdjson::dom::parser parser;
    ScimElement config;
    if (parser.parse(body).get(config) != simdjson::SUCCESS || !memberOf(config, "patch"))
        return std::nullopt;
    return ScimService{supported(config, "patch"), supported(config, "changePassword"),
                       supported(config, "filter")};
}

std::string scimEquals(std::string_view attribute, std::string_view value)
{
    return fmt::format("{} eq {}", attribute, jsonString(value));
}

bool isScimAttribute(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= 200 && letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':' ||
                      c == '$';
           });
}

} // namespace riskdesk::connect
