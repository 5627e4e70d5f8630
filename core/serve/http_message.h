// HttpRequest, HttpResponse: one exchange with a client as values, between the server that moves bytes
// (https_server.h) and the API that answers (api.h).
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::serve {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest
{
    std::string method;  // "GET"
    std::string target;  // path and query as they were sent, percent-encoded: "/v1.0/users?$top=5"
    HttpHeaders headers; // names in any case
    std::string body;

    // The first of that name in any case; empty: none.
    [[nodiscard]] std::string_view header(std::string_view name) const
    {
        const auto same = [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        };
        for (const auto &[key, value] : headers)
            if (std::ranges::equal(key, name, same))
                return value;
        return {};
    }
};

struct HttpResponse
{
    int status = 200;
    HttpHeaders headers{}; // Content-Length, Date and Connection are the server's
    std::string body{};    // none with 204
};

} // namespace riskdesk::serve
