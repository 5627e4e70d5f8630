// A sign-in event of Keycloak, told as a signIn object of Microsoft Graph, which is what the importer reads
// (learn.microsoft.com/graph/api/resources/signin; Keycloak's EventRepresentation). Any thread.
//
// Taken are the events LOGIN and LOGIN_ERROR that name a user; one that names none (a client that is not known, a
// cookie that is gone) says nothing about anybody. Errors become Entra's codes where the two mean the same; any other
// error is -1, a failure of no known kind. A wrong one-time code is a wrong password there: Keycloak does not tell
// them apart.
#pragma once

#include "core/base/timestamp.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

struct KeycloakEvent
{
    std::int64_t time = 0; // milliseconds since 1970 in UTC, as Keycloak writes it
    std::string signIn;    // JSON on one line; empty: it says nothing about anybody
};

// A page of events in their order. Nothing when any part is no JSON of this form or a time is not one of the years
// 1970 to 9999.
[[nodiscard]] std::optional<std::vector<KeycloakEvent>> readKeycloakEvents(const std::string &body);

} // namespace riskdesk::connect
