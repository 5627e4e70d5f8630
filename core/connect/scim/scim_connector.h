// ScimConnector: a service that speaks SCIM 2.0 (RFC 7643, RFC 7644), with a bearer token of its own or one that is
// got with OAuth client credentials.
//
// Users are found by their id, else by a filter on the attribute that names them. Before a change the user is read;
// where the service gives a version it goes along (If-Match), and if somebody was faster (412) the user is read once
// more. What is so already (blocked, not blocked) is Done without being sent. A service that says it cannot change
// passwords, or nothing by PATCH, is not asked to: that is Refused with a sentence; one that does not say what it
// can do (404, 501) is asked.
//
// A password cannot be read back, so reconcile() of a reset is CannotTell: that the user's meta.lastModified moved may be
// anybody's doing, and a password that is shown has to be the one that counts.
#pragma once

#include "core/connect/https_client.h"
#include "core/connect/kind.h"
#include "core/connect/oauth/token_source.h"
#include "core/connect/scim/answer.h"
#include "core/connect/scim/scim_json.h"

#include <array>

namespace riskdesk::connect {

class ScimConnector final : public Connector
{
public:
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) |
        bit(ProviderOperation::Unblock) | bit(ProviderOperation::ListUsers);
    static constexpr auto settings = std::to_array<SettingSpec>({
        {"url", SettingSpec::Form::HttpsAddress, true, "Address of the service",
         "Up to what stands before /Users, as https://id.example.com/scim/v2."},
        {"token", SettingSpec::Form::Secret, false, "Bearer token",
         "The token that the service made for Riskdesk; leave it empty with a client."},
        {"tokenUrl", SettingSpec::Form::HttpsAddress, false, "Token address",
         "Where a token is got with client id and client secret, in place of a bearer token."},
        {"clientId", SettingSpec::Form::Text, false, "Client id", "Of the client at the token address."},
        {"clientSecret", SettingSpec::Form::Secret, false, "Client secret",
         "Of the client at the token address."},
        {"userAttribute", SettingSpec::Form::Text, false, "Attribute of the user name",
         "The attribute that names a user; userName unless the service is told otherwise."},
        {"caFile", SettingSpec::Form::File, false, "Certificate file",
         "A PEM file to trust instead of this machine's certificates."},
        userBy,
    });
    static constexpr std::size_t largestPage = 16 * HttpsClient::mebibyte;
    static constexpr int usersAPage = 100;

    explicit ScimConnector(SetUp &&setUp); // checked

    [[nodiscard]] Response test() override; // reads what the service can do, and one user
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &request, const std::string &precondition,
                                     Reconciled &outcome) override;
    [[nodiscard]] Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                     std::string &following) override;

private:
    [[nodiscard]] Response setUpRight() const;
    [[nodiscard]] HttpReply send(const std::string &method, const std::string &path,
                                 HttpsClient::Headers headers, const std::string &body);
    [[nodiscard]] Response read(const std::string &path, ScimCall call, std::string &body);
    [[nodiscard]] Response readService();
    [[nodiscard]] Response mayChange(ProviderOperation operation);
    [[nodiscard]] Response findUser(const Request &request, ScimUser &user);
    [[nodiscard]] Response replace(const Request &request, ScimUser &user, const std::string &body);
    [[nodiscard]] Response judgeReplaced(const Request &request, const HttpReply &reply);

    HttpsAddress m_address;
    std::string m_base, m_attribute; // of every path: behind the host; what names a user
    Secret m_token;                  // or:
    bool m_hasClient, m_hasPartOfClient;
    TokenSource m_tokens;
    HttpsClient m_client;
    std::optional<ScimService> m_service; // as it was last read
};

} // namespace riskdesk::connect
