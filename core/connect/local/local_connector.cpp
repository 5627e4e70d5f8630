#include "core/connect/local/local_connector.h"

namespace riskdesk::connect {
namespace {

constexpr const char *recorded = "Recorded here; your application is not connected.";

}

Response LocalConnector::test()
{
    return Response::ok(recorded);
}

Response LocalConnector::perform(const Request &request)
{
    if (!has(able, request.operation))
        return Response::refused("unsupported", "No identity provider is connected.");
    return Response::ok(recorded);
}

Response LocalConnector::reconcile(const Request &, const std::string &, Reconciled &outcome)
{
    outcome = Reconciled::Repeatable;
    return Response::ok();
}

} // namespace riskdesk::connect
