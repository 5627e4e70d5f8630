// Nobody is connected: what is decided is recorded in the directory and nowhere else.
#pragma once

#include "core/connect/connector.h"

namespace riskdesk::connect {

class LocalConnector final : public Connector
{
public:
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) |
        bit(ProviderOperation::Unblock) | bit(ProviderOperation::RevokeSessions);

    [[nodiscard]] Response test() override;
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &, const std::string &, Reconciled &outcome) override;
};

} // namespace riskdesk::connect
