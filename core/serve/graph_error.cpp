#include "core/serve/graph_error.h"

#include "core/base/text.h"
#include "core/query/json_object.h"

namespace riskdesk::serve {

GraphError toGraphError(const Error &error)
{
    switch (error.code) {
    case Code::WrongUsage:
    case Code::Malformed:
    case Code::Unrecognised:
    case Code::Unsupported:
        return {400,
                "BadRequest",
                error.subject.empty() ? error.detail : error.subject + ": " + error.detail,
                {}};
    case Code::TooLarge: return {413, "RequestEntityTooLarge", error.detail, {}};
    case Code::NotFound: return {404, "ResourceNotFound", "There is no '" + error.subject + "' here.", {}};
    case Code::NotAllowed: return {403, "Authorization_RequestDenied", error.detail, {}};
    case Code::Conflict: return {409, "Conflict", error.subject + ": " + error.detail, {}};
    case Code::StoreBusy:
    case Code::Cancelled:
        return {503,
                "ServiceUnavailable",
                "The directory is busy; ask again in a moment.",
                {{"Retry-After", "2"}}};
    case Code::DiskFull:
        return {507,
                "InsufficientStorage",
                "The disk that holds the directory is full; nothing was changed.",
                {}};
    case Code::ReadOnly:
        return {403,
                "Authorization_RequestDenied",
                "The directory can only be read here; nothing was changed.",
                {}};
    case Code::StoreCorrupt:
    case Code::StoreTooNew:
    case Code::NotAStore:
    case Code::Io:
    case Code::Provider:
    case Code::Bug: break;
    }
    // The rest is for whoever runs the server, who finds it in its log.
    return {500, "InternalServerError", "The directory could not be read or written.", {}};
}

HttpResponse toResponse(const GraphError &error, std::string_view requestId, std::string_view clientRequestId,
                        Timestamp now)
{
    query::JsonObject inner;
    inner.text("date", now.toIso()).text("request-id", requestId).text("client-request-id", clientRequestId);
    query::JsonObject body;
    body.text("code", error.code).text("message", error.message).raw("innerError", inner.done());
    HttpResponse response{error.status, error.headers, query::JsonObject().raw("error", body.done()).done()};
    response.headers.emplace_back("Content-Type", "application/json");
    return response;
}

} // namespace riskdesk::serve
