// What an answer of Microsoft Graph means for the dispatcher. Errors are read from the body's error.code and
// error.message (learn.microsoft.com/graph/errors). Any thread.
#pragma once

#include "core/connect/https_client.h"

#include <string>
#include <string_view>

namespace riskdesk::connect {

// What was asked, for the sentence and for what a lost answer means.
struct GraphCall
{
    bool changes = false;             // false: it only reads, so that nothing can have been done
    std::string_view permission = {}; // what the app registration needs for it: "User.Read.All"
    std::string_view nothingThere = "There is no such user at Microsoft Entra ID.";
    std::string_view secret = {}; // in the request; no sentence repeats it
};

// Code of a refusal by the licence of the tenant, which is of that feed alone.
inline constexpr std::string_view graphNoLicence = "noLicence";

[[nodiscard]] Response judgeGraph(const HttpReply &reply, const GraphCall &call);

// A refusal of the sign-in with its AADSTS number, in the words of who has to mend it
// (learn.microsoft.com/entra/identity-platform/reference-error-codes). Others stay as they are.
[[nodiscard]] Response explainSignIn(Response response);

} // namespace riskdesk::connect
