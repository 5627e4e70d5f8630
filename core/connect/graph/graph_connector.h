// GraphConnector: Microsoft Entra ID and Entra External ID through Microsoft Graph (learn.microsoft.com/graph/api),
// with the permissions of an app registration (client credentials), proven by a secret or a certificate.
//
// Users are found by their object id, else by their user principal name. A reset sets a temporary password that has
// to be changed at the next sign-in; where the password lies with Google or another provider it is Refused. Feedback
// on risk is asynchronous there: as long as Graph says that it is being processed, reconcile() asks to wait.
//
// pull() begins two hours before the cursor, since records come late and in no order: what was pulled before comes
// again, and whoever takes the records knows them by their id. PullSignIns gives signIn objects, PullRisk first
// riskDetection objects (they have a riskEventType), then riskyUser objects (they have a riskLastUpdatedDateTime).
// The cursor is the newest time seen, and never later than when that was read. A page's `next` holds for another object
// and for days: where Graph knows the link no more, sign-ins, which come oldest first, are asked for from the newest
// one seen on, and risk from where the pull had begun. A link to a page at another place is Refused: the
// token goes nowhere else.
#pragma once

#include "core/connect/graph/answer.h"
#include "core/connect/graph/graph_json.h"
#include "core/connect/https_client.h"
#include "core/connect/kind.h"
#include "core/connect/oauth/token_source.h"

#include <array>

namespace riskdesk::connect {

class GraphConnector final : public Connector
{
public:
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) |
        bit(ProviderOperation::Unblock) | bit(ProviderOperation::RevokeSessions) |
        bit(ProviderOperation::DismissRisk) | bit(ProviderOperation::ConfirmCompromised) |
        bit(ProviderOperation::ConfirmSafe) | bit(ProviderOperation::ListUsers) |
        bit(ProviderOperation::PullSignIns) | bit(ProviderOperation::PullRisk);
    static constexpr auto settings = std::to_array<SettingSpec>({
        {"tenant", SettingSpec::Form::Text, true, "Tenant", "Its id, or one of its domains."},
        {"clientId", SettingSpec::Form::Text, true, "Client id",
         "The application id of the app registration that was made for Riskdesk."},
        {"clientSecret", SettingSpec::Form::Secret, false, "Client secret",
         "The value of a secret of the app registration; leave it empty with a certificate."},
        {"certificateFile", SettingSpec::Form::File, false, "Certificate with key",
         "A PEM file with a certificate of the app registration and its key, in place of a secret."},
        {"refreshToken", SettingSpec::Form::Secret, false, "Refresh token",
         "What signing in with a code gave; the connection then does what the person may do."},
        {"loginUrl", SettingSpec::Form::HttpsAddress, false, "Sign-in address",
         "https://login.microsoftonline.com unless the tenant lies in a national cloud."},
        {"graphUrl", SettingSpec::Form::HttpsAddress, false, "Address of Microsoft Graph",
         "https://graph.microsoft.com unless the tenant lies in a national cloud."},
        {"caFile", SettingSpec::Form::File, false, "Certificate file",
         "A PEM file to trust instead of this machine's certificates."},
    });
    static constexpr Microseconds late = std::chrono::hours(2);
    static constexpr std::size_t largestPage = 16 * HttpsClient::mebibyte;

    explicit GraphConnector(SetUp &&setUp); // checked

    [[nodiscard]] Response test() override; // reads one user, one risky user, one sign-in
    [[nodiscard]] Response precondition(const Request &request, std::string &precondition) override;
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &request, const std::string &precondition,
                                     Reconciled &outcome) override;
    [[nodiscard]] Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                     std::string &following) override;
    [[nodiscard]] Response pull(ProviderOperation what, const std::string &from, PulledPage &page) override;

private:
    [[nodiscard]] Response setUp() const; // Refused: neither signed in nor one of secret and certificate
    [[nodiscard]] Response read(const std::string &path, std::string_view permission, std::string &body,
                                std::string_view nothingThere = {});
    [[nodiscard]] Response readPage(const std::string &path, std::string_view permission,
                                    std::span<const std::string_view> times, GraphPage &page);
    [[nodiscard]] Response change(const std::string &method, const std::string &path, const std::string &body,
                                  const GraphCall &call);
    [[nodiscard]] Response readUser(const Request &request, GraphUser &user);
    [[nodiscard]] Response objectId(const Request &request, std::string &id);
    [[nodiscard]] Response mayReset(const Request &request, GraphUser &user);
    [[nodiscard]] Response resetPassword(const Request &request);
    [[nodiscard]] Response tellRisk(const Request &request);
    [[nodiscard]] Response reconcileRisk(const Request &request, Reconciled &outcome);
    [[nodiscard]] static std::string userPath(const Request &request);

    const Clock &m_clock;
    HttpsAddress m_address;
    std::string m_base; // of every path: what the address has behind its host
    bool m_signedIn, m_hasSecret, m_hasCertificate;
    TokenSource m_tokens;
    HttpsClient m_client;
    std::string m_mayReset; // the user last found to have a password here
    std::string m_given;    // the `next` of the page pulled last
};

} // namespace riskdesk::connect
