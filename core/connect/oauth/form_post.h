// One request to a token or device endpoint of OAuth 2.0 (RFC 6749 section 3.2): a form goes out, JSON comes back.
//
// Such a request changes no account, so a lost answer is no doubt: it is RetryAfter. A refusal (section 5.2) has the
// endpoint's error code ("invalid_client") and what it said, never what was sent; it holds for the whole connector.
// One thread; blocks.
#pragma once

#include "core/connect/https_client.h"

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::connect {

using Form = std::vector<std::pair<std::string_view, std::string_view>>;

struct FormReply
{
    Response response; // Done, RetryAfter or Refused
    std::string body;  // Done: JSON, with what it names secret; to be wiped
};

// `secret`: the one in the form, which no sentence repeats.
[[nodiscard]] FormReply postForm(HttpsClient &client, const HttpsAddress &address, const Form &form,
                                 std::string_view secret, const std::stop_token &stop);

// A token reply (RFC 6749 section 5.1).
struct Tokens
{
    Secret access, refresh;                          // refresh: may be empty
    Microseconds lifetime = std::chrono::minutes(5); // where the reply names none
    std::string who;                                 // signed in, where the reply says it (id_token.h)
};
// Wipes the body. False: it is no such reply.
[[nodiscard]] bool readTokens(std::string &body, Tokens &tokens);

} // namespace riskdesk::connect
