// GraphError: what a client is told when a request is refused, in the form of Microsoft Graph's errors:
// {"error":{"code":…,"message":…,"innerError":{"date":…,"request-id":…,"client-request-id":…}}}. Programs
// branch on the code, people read the message. Any thread.
#pragma once

#include "core/base/error.h"
#include "core/base/timestamp.h"
#include "core/serve/http_message.h"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace riskdesk::serve {

struct GraphError
{
    int status = 400;
    std::string code; // "BadRequest"
    std::string message;
    HttpHeaders headers{}; // Retry-After, Allow, WWW-Authenticate
};

using Answer = tl::expected<HttpResponse, GraphError>;

[[nodiscard]] inline tl::unexpected<GraphError> refuse(int status, std::string_view code, std::string message)
{
    return tl::unexpected(GraphError{status, std::string(code), std::move(message), {}});
}
[[nodiscard]] inline tl::unexpected<GraphError> badRequest(std::string message)
{
    return refuse(400, "BadRequest", std::move(message));
}

// What core says, as a client may hear it: of the store's own troubles the kind and no file names.
[[nodiscard]] GraphError toGraphError(const Error &error);

[[nodiscard]] HttpResponse toResponse(const GraphError &error, std::string_view requestId,
                                      std::string_view clientRequestId, Timestamp now);

} // namespace riskdesk::serve
