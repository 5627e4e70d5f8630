#include "core/connections/sign_in.h"

#include "core/connections/connections.h"
#include "core/connections/open_connector.h"

namespace riskdesk::run {
namespace {

struct SignedInTo
{
    ConnectorRow row;
    connect::Secrets secrets;
};

Result<SignedInTo> find(store::Connection &connection, std::string_view name, connect::SecretStore &store)
{
    auto row = connectionNamed(connection, name);
    if (!row)
        return tl::unexpected(row.error());
    const auto *kind = connect::findKind(row->kind);
    if (kind == nullptr || !connect::signsIn(*kind))
        return fail(Code::Unsupported, row->name,
                    "connections of kind " + row->kind + " are not signed in to");
    auto secrets = secretsOf(*row, *kind, &store);
    if (!secrets)
        return tl::unexpected(secrets.error());
    return SignedInTo{std::move(*row), std::move(*secrets)};
}

} // namespace

Result<connect::DeviceCode::SetUp> signInSetUp(store::Connection &connection, const action::Operator &who,
                                               std::string_view name, connect::SecretStore &secrets)
{
    if (auto ok = action::allowed(who.role, action::Permission::Connections); !ok)
        return tl::unexpected(ok.error());
    const auto found = find(connection, name, secrets);
    if (!found)
        return tl::unexpected(found.error());
    return connect::deviceSetUp(settingsOf(found->row), found->secrets);
}

Status keepSignIn(store::Connection &connection, const Clock &clock, const action::Operator &who,
                  std::string_view name, connect::SecretStore &secrets, const connect::Secret &refreshToken)
{
    auto found = find(connection, name, secrets);
    if (!found)
        return tl::unexpected(found.error());
    found->secrets.insert_or_assign(std::string(connect::refreshTokenKey), refreshToken.copy());
    const auto changed =
        changeConnection(connection, clock, who, found->row.name, settingsOf(found->row), found->secrets);
    if (!changed)
        return tl::unexpected(changed.error());
    connect::Secrets kept;
    kept.emplace(connect::refreshTokenKey, refreshToken.copy());
    return keepSecrets(connection, found->row, kept, secrets);
}

} // namespace riskdesk::run
