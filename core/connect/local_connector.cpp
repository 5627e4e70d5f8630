#include "core/connect/connector.h"

namespace riskdesk::connect {
namespace {

constexpr const char *recorded = "Recorded here; your application is not connected.";

}

ProviderCapabilities LocalConnector::capabilities() const
{
    using O = ProviderOperation;
    return bit(O::ResetPassword) | bit(O::Block) | bit(O::Unblock) | bit(O::RevokeSessions);
}

Response LocalConnector::test()
{
    return Response::ok(recorded);
}

Response LocalConnector::perform(const Request &request)
{
    if (!has(capabilities(), request.operation))
        return Response::refused("unsupported", "No identity provider is connected.");
    return Response::ok(recorded);
}

Response LocalConnector::reconcile(const Request &, const std::string &, Reconciled &outcome)
{
    outcome = Reconciled::Repeatable;
    return Response::ok();
}

} // namespace riskdesk::connect
