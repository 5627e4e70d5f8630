// Call: one authorised request on its way through the API, with what answering it takes.
#pragma once

#include "core/base/clock.h"
#include "core/query/odata/odata_query.h"
#include "core/serve/access_tokens.h"
#include "core/serve/graph_error.h"
#include "core/serve/request_url.h"
#include "core/store/connection.h"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::serve {

// The header Prefer (RFC 7240) as far as it is heeded.
struct Preferences
{
    bool allEnumMembers = false;     // include-unknown-enum-members
    bool representation = false;     // return=representation: what became of every id
    std::optional<std::size_t> page; // odata.maxpagesize

    [[nodiscard]] static Preferences parse(std::string_view header);
    // For Preference-Applied; "": none was given.
    [[nodiscard]] std::string applied() const;
};

struct Call
{
    std::string version;                                      // "v1.0" or "beta"
    std::string root;                                         // "https://localhost:8443/v1.0"
    std::string path;                                         // behind the root, as a link repeats it
    std::vector<std::string> ids;                             // for the {…} of the route, in their order
    std::vector<std::pair<std::string, std::string>> options; // of the query
    std::string_view body;
    Preferences prefer;
    std::string actor;                        // for history and audit log: "API token siem"
    action::Role role = action::Role::Reader; // in which the route acts
    store::Connection &connection;            // of this call alone; reads
    // Runs with the one connection that writes, alone among all calls.
    std::function<Answer(const std::function<Answer(store::Connection &)> &)> write;
    const Clock &clock;
    const std::string &secret; // of skip tokens
    std::size_t mostIds = 60;  // of one action
    std::stop_token stop;
    bool counts = false; // "/$count": how many rows, and nothing else

    // Query options as the parser takes them; those that are not OData's are left out.
    [[nodiscard]] std::vector<query::ODataOption> odata() const;
    // "https://localhost:8443/v1.0/$metadata#riskDetections"
    [[nodiscard]] std::string context(std::string_view of) const
    {
        return root + "/$metadata#" + std::string(of);
    }
};

[[nodiscard]] HttpResponse jsonResponse(const Call &call, std::string body, int status = 200);
[[nodiscard]] tl::unexpected<GraphError> wrongOption(const query::ODataError &error);

} // namespace riskdesk::serve
