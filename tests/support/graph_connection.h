// A directory that is connected to the contract server of Microsoft Graph, its secret in a sealed file beside it.
#pragma once

#include "core/connect/sealed_file.h"
#include "core/connections/connections.h"
#include "core/connections/courier.h"

#include "tests/support/graph_server.h"
#include "tests/support/risk_fixture.h"

#include <memory>
#include <utility>

namespace riskdesk::test {

inline connect::SealKey graphSealKey()
{
    return {connect::SealKey::Form::Passphrase, connect::Secret("correct horse battery")};
}

// Switched on: from now on the outbox takes what changes accounts.
inline void connectToGraph(store::Connection &connection, const Clock &clock, const GraphServer &server)
{
    const action::Operator ana{"ana", action::Role::Administrator, "console", "desk"};
    connect::Secrets secrets;
    secrets.emplace("clientSecret", connect::Secret("app secret/+&"));
    const auto added = run::addConnection(connection, clock, ana, "graph", "Entra ID",
                                          {{"tenant", "shop.example"},
                                           {"clientId", "app-1"},
                                           {"loginUrl", server.origin()},
                                           {"graphUrl", server.origin()},
                                           {"caFile", server.certificate()}},
                                          secrets);
    Fixture::check(added);
    constexpr connect::SealCost least{1, 8192}; // libsodium's own minimum
    auto sealed =
        connect::SealedFile::make(connect::SealedFile::beside(connection.file()), graphSealKey(), least);
    Fixture::check(sealed);
    Fixture::check(sealed->set(run::secretName(added->id, "clientSecret"), secrets.at("clientSecret")));
    Fixture::check(run::switchConnection(connection, clock, ana, "Entra ID", true));
}

inline run::SecretSource graphSecrets(const std::filesystem::path &directory)
{
    return [directory]() -> Result<std::unique_ptr<connect::SecretStore>> {
        auto sealed = connect::SealedFile::open(connect::SealedFile::beside(directory), graphSealKey());
        if (!sealed)
            return tl::unexpected(sealed.error());
        return std::make_unique<connect::SealedFile>(std::move(*sealed));
    };
}

} // namespace riskdesk::test
