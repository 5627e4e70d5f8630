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

Answer LocalConnector::test()
{
    return Answer::ok(recorded);
}

Answer LocalConnector::perform(const Order &order)
{
    if (!has(capabilities(), order.operation))
        return Answer::refused("unsupported", "No identity provider is connected.");
    return Answer::ok(recorded);
}

Answer LocalConnector::recall(const Order &, const std::string &, Recall &recall)
{
    recall = Recall::Repeatable;
    return Answer::ok();
}

} // namespace riskdesk::connect
