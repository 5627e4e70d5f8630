// What the result codes of LDAP (RFC 4511 appendix A) and of libldap mean for a request. Any thread.
#pragma once

#include "core/connect/connector.h"

#include <string>
#include <string_view>

namespace riskdesk::connect {

// What was asked for when the server answered.
enum class LdapStep : std::uint8_t { StartTls, Bind, Read, Write };

// `diagnostic` is the server's own words, which are told for what it does not want. `right` completes "give it …"
// where a right may be missing. Code: "ok", else "ldapNN".
[[nodiscard]] Response ldapResponse(int resultCode, LdapStep step, std::string_view diagnostic,
                                    std::string_view right = "the right to do it");

} // namespace riskdesk::connect
