// What is read of the JSON of Keycloak's Admin REST API: users, their credentials and links, what is recorded. Any
// thread.
#pragma once

#include "core/connect/connector.h"

#include <optional>
#include <string>
#include <vector>

namespace riskdesk::connect {

// UserRepresentation, as far as it is needed.
struct KeycloakUser
{
    std::string id;
    std::optional<bool> enabled;
    bool federated = false; // comes from a user federation, as LDAP is
};
[[nodiscard]] std::optional<KeycloakUser> readKeycloakUser(const std::string &body);
// Of a search, with the same fields.
[[nodiscard]] std::optional<std::vector<KeycloakUser>> readKeycloakUsers(const std::string &body);
[[nodiscard]] std::optional<std::vector<ProviderUser>> readListedKeycloakUsers(const std::string &body,
                                                                               std::size_t &records);

// The createdDate of the password among the credentials, in milliseconds as a text; "none" where there is none.
[[nodiscard]] std::optional<std::string> readPasswordCreated(const std::string &body);
// The aliases of the identity providers that a user is linked to, made fit for a sentence.
[[nodiscard]] std::optional<std::vector<std::string>> readLinks(const std::string &body);
[[nodiscard]] std::optional<std::size_t> readLength(const std::string &body); // of a list

// RealmEventsConfigRepresentation: whether sign-ins are recorded.
struct KeycloakRecording
{
    bool on = false, signIns = false; // at all; LOGIN and LOGIN_ERROR
};
[[nodiscard]] std::optional<KeycloakRecording> readRecording(const std::string &body);

} // namespace riskdesk::connect
