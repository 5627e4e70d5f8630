#include "core/connect/graph/graph_json.h"

#include "core/base/text.h"
#include "core/connect/json_fields.h"
#include "core/connect/oauth/provider_words.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace riskdesk::connect {
namespace {

using Element = simdjson::dom::element;

// An issuer as objectIdentity has it (learn.microsoft.com/graph/api/resources/objectidentity).
std::string issuerName(std::string_view issuer)
{
    struct Known
    {
        std::string_view part, name;
    };
    constexpr auto known = std::to_array<Known>({{"google", "Google"},
                                                 {"facebook", "Facebook"},
                                                 {"apple", "Apple"},
                                                 {"microsoftaccount", "Microsoft (a personal account)"},
                                                 {"live.com", "Microsoft (a personal account)"},
                                                 {"externalazuread", "the user's own organisation"}});
    const auto folded = foldCase(issuer);
    const auto *at =
        std::ranges::find_if(known, [&](const Known &k) { return folded.find(k.part) != std::string::npos; });
    if (at != known.end())
        return std::string(at->name);
    auto words = providerWords(issuer);
    return words.empty() ? "another provider" : words;
}

// Every user has an identity of the type userPrincipalName, a social one too; a password of the tenant's own goes
// with a sign-in name that somebody chose.
std::string passwordKeptBy(const Element &user)
{
    simdjson::dom::array identities;
    if (user["identities"].get(identities) != simdjson::SUCCESS)
        return {};
    std::string other;
    for (const Element identity : identities) {
        const auto type = jsonText(identity, "signInType");
        if (equalsIgnoringCase(type, "emailAddress") || equalsIgnoringCase(type, "userName") ||
            equalsIgnoringCase(type, "phoneNumber"))
            return {};
        if (equalsIgnoringCase(type, "federated") && other.empty())
            other = issuerName(jsonText(identity, "issuer"));
    }
    return other;
}

} // namespace

std::optional<GraphUser> readGraphUser(const std::string &body)
{
    simdjson::dom::parser parser;
    Element user;
    if (parser.parse(body).get(user) != simdjson::SUCCESS)
        return std::nullopt;
    GraphUser read{jsonText(user, "id"), jsonFlag(user, "accountEnabled"),
                   jsonText(user, "lastPasswordChangeDateTime", "none"),
                   jsonText(user, "signInSessionsValidFromDateTime", "none"), passwordKeptBy(user)};
    return read.id.empty() ? std::nullopt : std::optional(std::move(read));
}

std::optional<GraphRisk> readGraphRisk(const std::string &body)
{
    simdjson::dom::parser parser;
    Element user;
    if (parser.parse(body).get(user) != simdjson::SUCCESS)
        return std::nullopt;
    GraphRisk risk{jsonText(user, "riskState"), jsonFlag(user, "isProcessing").value_or(false)};
    return risk.state.empty() ? std::nullopt : std::optional(std::move(risk));
}

bool readGraphTrue(const std::string &body)
{
    simdjson::dom::parser parser;
    Element answer;
    return parser.parse(body).get(answer) == simdjson::SUCCESS && jsonFlag(answer, "value").value_or(false);
}

std::optional<GraphPage> readGraphPage(const std::string &body, std::span<const std::string_view> times)
{
    // On demand, since only that gives a record's own bytes; each is then parsed as a whole, since on demand what
    // is skipped is not checked.
    const simdjson::padded_string padded(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS)
        return std::nullopt;
    GraphPage page;
    simdjson::dom::parser whole;
    const auto addRecord = [&](std::string_view raw) {
        Element record;
        if (whole.parse(raw.data(), raw.size()).get(record) != simdjson::SUCCESS)
            return false;
        for (const auto key : times)
            if (const auto at = Timestamp::fromIso(jsonText(record, key)); at) {
                page.newest = std::max(page.newest.value_or(*at), *at);
                break;
            }
        page.records.emplace_back(trim(raw));
        return true;
    };
    bool listed = false;
    for (auto field : object) {
        std::string_view key, text;
        simdjson::ondemand::value value;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS)
            return std::nullopt;
        const bool isValue = key == "value", isLink = key == "@odata.nextLink";
        if (field.value().get(value) != simdjson::SUCCESS)
            return std::nullopt;
        if (isLink) {
            if (value.get_string().get(text) != simdjson::SUCCESS)
                return std::nullopt;
            page.nextLink = text;
        } else if (isValue) {
            simdjson::ondemand::array array;
            if (value.get_array().get(array) != simdjson::SUCCESS)
                return std::nullopt;
            for (auto element : array) {
                simdjson::ondemand::object record;
                std::string_view raw;
                if (element.get_object().get(record) != simdjson::SUCCESS ||
                    record.raw_json().get(raw) != simdjson::SUCCESS || !addRecord(raw))
                    return std::nullopt;
            }
            listed = true;
        }
    }
    return listed ? std::optional(std::move(page)) : std::nullopt;
}

ProviderUser readListedUser(const std::string &record)
{
    simdjson::dom::parser parser;
    Element user;
    if (parser.parse(record).get(user) != simdjson::SUCCESS)
        return {};
    return {jsonText(user, "id"), jsonText(user, "userPrincipalName"), jsonText(user, "displayName"),
            jsonText(user, "mail"), jsonFlag(user, "accountEnabled")};
}

} // namespace riskdesk::connect
