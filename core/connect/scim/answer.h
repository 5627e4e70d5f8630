// What an answer of a SCIM 2.0 service means for the dispatcher. Errors are read from the body's scimType and detail
// (RFC 7644 section 3.12). Any thread.
#pragma once

#include "core/connect/https_client.h"

#include <string_view>

namespace riskdesk::connect {

// What was asked, for the sentence and for what a lost answer means.
struct ScimCall
{
    bool changes = false;                 // false: it only reads, so that nothing can have been done
    std::string_view what = "read users"; // what the token has to allow
    std::string_view nothingThere = "The service has no such user.";
    std::string_view secret = {}, token = {}; // in the request; no sentence repeats them
};

// A 409 without a scimType is a version that no longer fits: it was not done, and may be later. 412 is the caller's.
[[nodiscard]] Response judgeScim(const HttpReply &reply, const ScimCall &call);

} // namespace riskdesk::connect
