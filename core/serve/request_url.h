// RequestUrl: the target of a request taken apart: the segments of its path and its query options, decoded.
//
// A key in parentheses is a segment of its own (riskyUsers('x') is riskyUsers/x), and the namespace before a
// name is left out (microsoft.graph.dismiss is dismiss), as OData allows both. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::serve {

struct RequestUrl
{
    std::vector<std::string> path;                            // without empty segments
    std::vector<std::pair<std::string, std::string>> options; // in their order; a name alone has ""

    // Nothing: an escape that is none, or text that is not UTF-8.
    [[nodiscard]] static std::optional<RequestUrl> parse(std::string_view target);
};

// As a part of an address: letters, digits and "-_.~" stay, all else is %XX.
[[nodiscard]] std::string percentEncoded(std::string_view text);

} // namespace riskdesk::serve
