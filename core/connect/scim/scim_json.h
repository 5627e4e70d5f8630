// What is read of the JSON of SCIM 2.0 (RFC 7643): users, a list of them, what a service says it can do. Names of
// attributes are looked up as the RFC spells them, whatever their case is there (section 2.1). Any thread.
#pragma once

#include "core/connect/connector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

// RFC 7643 sections 3.1 and 4.1, as far as it is needed.
struct ScimUser
{
    std::string id;
    std::optional<bool> active;
    // meta: the entity tag as it goes into If-Match, empty where there is none; the time of the last change as the
    // service writes it, compared and never calculated with.
    std::string version, lastModified;
};
[[nodiscard]] std::optional<ScimUser> readScimUser(const std::string &body);

// ListResponse, RFC 7644 section 3.4.2.
struct ScimList
{
    std::vector<ScimUser> users;
    std::vector<ProviderUser> listed; // the same, for the list; without those that have no id
    std::int64_t total = 0;
};
// `nameAttribute`: what names a user.
[[nodiscard]] std::optional<ScimList> readScimList(const std::string &body, std::string_view nameAttribute);

// ServiceProviderConfig, RFC 7643 section 5. What is not told is not supported.
struct ScimService
{
    bool patch = false, changePassword = false, filter = false;
};
[[nodiscard]] std::optional<ScimService> readScimService(const std::string &body);

// userName eq "…" (RFC 7644 section 3.4.2.2): the value is a JSON string.
[[nodiscard]] std::string scimEquals(std::string_view attribute, std::string_view value);
// Whether it has the form of an attribute's name, a URN before it included (section 3.10).
[[nodiscard]] bool isScimAttribute(std::string_view text);

} // namespace riskdesk::connect
