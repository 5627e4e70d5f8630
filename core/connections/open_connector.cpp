#include "core/connections/open_connector.h"

#include "core/connect/oauth/device_set_up.h"

#include <utility>

namespace riskdesk::run {

Result<connect::Secrets> secretsOf(const action::ConnectorRow &row, const connect::Kind &kind,
                                   connect::SecretStore *store)
{
    connect::Secrets secrets;
    if (store == nullptr)
        return secrets;
    for (const auto key : connect::secretKeys(kind)) {
        auto secret = store->get(secretName(row.id, key));
        if (!secret)
            return tl::unexpected(secret.error());
        if (*secret)
            secrets.emplace(std::string(key), std::move(**secret));
    }
    return secrets;
}

Result<std::unique_ptr<connect::Connector>> openConnector(const action::ConnectorRow &row,
                                                          connect::SecretStore *store, const Clock &clock)
{
    const auto *kind = connect::findKind(row.kind);
    if (kind == nullptr)
        return fail(Code::Unsupported, row.name, "this program knows no connection of kind " + row.kind);
    auto secrets = secretsOf(row, *kind, store);
    if (!secrets)
        return tl::unexpected(secrets.error());
    return connect::open(*kind, {storedSettings(row),
                                 std::move(*secrets),
                                 clock,
                                 {store, secretName(row.id, connect::refreshTokenKey)}});
}

} // namespace riskdesk::run
