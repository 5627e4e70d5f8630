// KeycloakConnector: a realm of Keycloak 22 or later through its Admin REST API, as the service account of a
// confidential client that has the roles manage-users, view-users and view-events of realm-management.
//
// Users are found by their id, else by their user name, else by their mail address. A reset sets a temporary password
// that has to be changed at the next sign-in; where the password lies in a user federation or with an identity
// provider it is Refused. What is so already (blocked, not blocked) is Done without being sent.
//
// pull() hands over sign-ins in the form of Microsoft Graph (sign_in_of_event.h), oldest first. Keycloak gives the
// newest first, by their place behind the newest. So where there are more than `mostKept` behind the cursor, a call
// feels for the place where they begin and hands over half as many from there; the next one goes on half as many
// before that, and walks until it meets what was handed over. What comes in meanwhile moves all of them to later
// places: a call may meet some of them twice, and misses none; where it has to walk for too long it feels again. After
// `mostAPull` the pull ends with a cursor of where it was, and the next one goes on there.
//
// It begins five minutes before the cursor, since the clocks of a cluster differ: what was pulled before comes again,
// and is known by its id. The cursor is the newest time seen in milliseconds, and never later than now; of a pull that
// was not at its end "on <time> at <place>". Where the realm records no sign-ins it is Refused.
#pragma once

#include "core/connect/https_client.h"
#include "core/connect/keycloak/answer.h"
#include "core/connect/keycloak/keycloak_json.h"
#include "core/connect/keycloak/sign_in_of_event.h"
#include "core/connect/kind.h"
#include "core/connect/oauth/token_source.h"

#include <array>

namespace riskdesk::connect {

class KeycloakConnector final : public Connector
{
public:
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) |
        bit(ProviderOperation::Unblock) | bit(ProviderOperation::RevokeSessions) |
        bit(ProviderOperation::ListUsers) | bit(ProviderOperation::PullSignIns);
    static constexpr auto settings = std::to_array<SettingSpec>({
        {"url", SettingSpec::Form::HttpsAddress, true, "Address of Keycloak",
         "With its base path where it has one, as https://id.example.com/auth."},
        {"realm", SettingSpec::Form::Text, true, "Realm", "Its name, as it stands in the address."},
        {"clientId", SettingSpec::Form::Text, true, "Client id",
         "A confidential client of the realm with a service account that was made for Riskdesk."},
        {"clientSecret", SettingSpec::Form::Secret, true, "Client secret", "The secret of that client."},
        {"caFile", SettingSpec::Form::File, false, "Certificate file",
         "A PEM file to trust instead of this machine's certificates."},
        userBy,
    });
    static constexpr Microseconds late = std::chrono::minutes(5);
    static constexpr std::size_t largestPage = 16 * HttpsClient::mebibyte;
    static constexpr std::size_t usersAPage = 100, eventsAPage = 1000;
    static constexpr std::size_t mostKept = 100'000, mostAPull = 2'000'000; // events

    // Checked. `kept` and `aPull`: how many events are handed over at once and by one pull, for tests.
    explicit KeycloakConnector(SetUp &&setUp, std::size_t kept = mostKept, std::size_t aPull = mostAPull);

    [[nodiscard]] Response test() override; // reads one user, whether events are recorded, and one event
    [[nodiscard]] Response precondition(const Request &request, std::string &precondition) override;
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &request, const std::string &precondition,
                                     Reconciled &outcome) override;
    [[nodiscard]] Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                     std::string &following) override;
    [[nodiscard]] Response pull(ProviderOperation what, const std::string &from, PulledPage &page) override;

private:
    [[nodiscard]] Response read(const std::string &path, std::string_view role, std::string &body,
                                std::string_view nothingThere = {});
    [[nodiscard]] Response change(const std::string &method, const std::string &path, const std::string &body,
                                  const KeycloakCall &call);
    [[nodiscard]] Response findUser(const Request &request, KeycloakUser &user);
    [[nodiscard]] Response mayReset(const Request &request, KeycloakUser &user, std::string &created);
    [[nodiscard]] Response resetPassword(const Request &request);
    [[nodiscard]] Response setEnabled(const Request &request);
    [[nodiscard]] Response signInsRecorded();
    [[nodiscard]] Response readEvents(std::optional<std::int64_t> since, std::size_t first, std::size_t most,
                                      std::vector<KeycloakEvent> &events);
    [[nodiscard]] Response walk(std::optional<std::int64_t> since, std::size_t first,
                                std::vector<KeycloakEvent> &events, bool &met);
    [[nodiscard]] Response feel(std::optional<std::int64_t> since, std::size_t &first);

    const Clock &m_clock;
    HttpsAddress m_address;
    std::string m_base, m_realm; // of every path: behind the host; "/admin/realms/<realm>"
    TokenSource m_tokens;
    HttpsClient m_client;
    std::size_t m_kept, m_aPull;
};

} // namespace riskdesk::connect
