// Who signed in, as an ID token says it (OpenID Connect Core section 2).
//
// Only for a token that came straight from the token endpoint over TLS whose certificate was checked: its signature
// is then not looked at (section 3.1.3.7, item 6). For a sentence to a person, never to decide what somebody may do.
// Any thread.
#pragma once

#include <string>
#include <string_view>

namespace riskdesk::connect {

// One line of at most 300 bytes; empty where the token says nothing of it or cannot be read.
[[nodiscard]] std::string whoSignedIn(std::string_view idToken);

} // namespace riskdesk::connect
