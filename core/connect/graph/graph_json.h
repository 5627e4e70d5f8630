// What is read of the JSON of Microsoft Graph: a user, a risky user, a page of a collection. Any thread.
#pragma once

#include "core/base/timestamp.h"
#include "core/connect/connector.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

// learn.microsoft.com/graph/api/resources/user, as far as it is asked for.
struct GraphUser
{
    std::string id;
    std::optional<bool> enabled;
    // As Graph writes them, "none" where it has null: compared, never calculated with.
    std::string passwordChanged, sessionsValidFrom;
    // Who keeps the password when the user has only identities of others ("Google"); empty: the tenant does.
    std::string passwordKeptBy;
};
[[nodiscard]] std::optional<GraphUser> readGraphUser(const std::string &body);

// learn.microsoft.com/graph/api/resources/riskyuser
struct GraphRisk
{
    std::string state;       // "dismissed"
    bool processing = false; // what was last asked for is still on its way
};
[[nodiscard]] std::optional<GraphRisk> readGraphRisk(const std::string &body);

// {"value": true}
[[nodiscard]] bool readGraphTrue(const std::string &body);

// One page of a collection.
struct GraphPage
{
    std::vector<std::string> records; // the objects of "value", byte for byte
    std::string nextLink;
    std::optional<Timestamp> newest; // of the first of `times` that a record has
};
// Nothing when any part is no JSON.
[[nodiscard]] std::optional<GraphPage> readGraphPage(const std::string &body,
                                                     std::span<const std::string_view> times);
[[nodiscard]] ProviderUser readListedUser(const std::string &record);

} // namespace riskdesk::connect
