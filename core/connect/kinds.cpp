#include "core/connect/graph/graph_connector.h"
#include "core/connect/keycloak/keycloak_connector.h"
#include "core/connect/kind.h"
#include "core/connect/ldap/ldap_connector.h"
#include "core/connect/local/local_connector.h"
#include "core/connect/scim/scim_connector.h"
#include "core/connect/webhook/webhook_connector.h"

#include <algorithm>
#include <array>

namespace riskdesk::connect {
namespace {

constexpr auto all = std::to_array<Kind>({
    {"local",
     "This directory only",
     LocalConnector::able,
     "Nothing leaves this machine.",
     {},
     [](SetUp &&) -> std::unique_ptr<Connector> { return std::make_unique<LocalConnector>(); }},
    {"graph", "Microsoft Entra ID", GraphConnector::able,
     "Tried against a server of its own that checks every request over real TLS, never against Microsoft "
     "Graph.",
     GraphConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<GraphConnector>(std::move(setUp));
     }},
    {"ldap", "OpenLDAP", LdapConnector::able,
     "Tried against OpenLDAP 2.5 with the overlay ppolicy, over real TLS.", LdapConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<LdapConnector>(std::move(setUp), LdapConnector::Server::OpenLdap);
     }},
    {"activeDirectory", "Active Directory", LdapConnector::able,
     "Never tried against an Active Directory: only against OpenLDAP with attributes of the same names, over "
     "real TLS.",
     LdapConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<LdapConnector>(std::move(setUp), LdapConnector::Server::ActiveDirectory);
     }},
    {"keycloak", "Keycloak", KeycloakConnector::able,
     "Tried against a server of its own that checks every request over real TLS, never against Keycloak.",
     KeycloakConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<KeycloakConnector>(std::move(setUp));
     }},
    {"scim", "SCIM 2.0", ScimConnector::able,
     "Tried against a server of its own that checks every request over real TLS, never against a service of "
     "somebody else.",
     ScimConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<ScimConnector>(std::move(setUp));
     }},
    {"webhook", "Webhook", WebhookConnector::able, "Tried against a server of its own over real TLS.",
     WebhookConnector::settings,
     [](SetUp &&setUp) -> std::unique_ptr<Connector> {
         return std::make_unique<WebhookConnector>(std::move(setUp));
     }},
});

} // namespace

std::span<const Kind> kinds()
{
    return all;
}

const Kind *findKind(std::string_view key)
{
    const auto *at = std::ranges::find(all, key, &Kind::key);
    return at == all.end() ? nullptr : at;
}

} // namespace riskdesk::connect
