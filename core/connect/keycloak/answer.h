// What an answer of Keycloak's Admin REST API means for the dispatcher. A refusal is told in the body's errorMessage,
// or in error_description and error (ErrorRepresentation and OAuth2ErrorRepresentation of Keycloak's reference). Any
// thread.
#pragma once

#include "core/connect/https_client.h"

#include <string_view>

namespace riskdesk::connect {

// What was asked, for the sentence and for what a lost answer means.
struct KeycloakCall
{
    bool changes = false;       // false: it only reads, so that nothing can have been done
    std::string_view role = {}; // of the client realm-management: "view-users"
    std::string_view nothingThere = "There is no such user in the realm.";
    std::string_view secret = {}; // in the request; no sentence repeats it
};

[[nodiscard]] Response judgeKeycloak(const HttpReply &reply, const KeycloakCall &call);

} // namespace riskdesk::connect
