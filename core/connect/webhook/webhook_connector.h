// WebhookConnector: tells a server of one's own, by a signed POST, what was done about a user: every action that is
// recorded here, taken back or done again, and who has come to a high risk.
//
// The type says what: "riskyUser.dismiss", "signIn.confirmSafe", "riskDetection.dismiss", "user.block", "command.undo".
//
// Body and signature follow Standard Webhooks (signature.h). The id is the request's key and the same for every
// attempt, so a receiver that has seen it leaves it out: sending once more does no harm.
#pragma once

#include "core/connect/https_client.h"
#include "core/connect/kind.h"

#include <array>

namespace riskdesk::connect {

class WebhookConnector final : public Connector
{
public:
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::Notify) | bit(ProviderOperation::DismissRisk) |
        bit(ProviderOperation::ConfirmCompromised) | bit(ProviderOperation::ConfirmSafe);
    static constexpr auto settings = std::to_array<SettingSpec>({
        {.key = "url",
         .form = SettingSpec::Form::HttpsAddress,
         .title = "Address",
         .meaning = "Where the messages are posted to. What stands behind the host is kept as a secret.",
         .whole = "address"},
        {"secret", SettingSpec::Form::Secret, true, "Signing secret",
         "Shared with the receiver, who checks the signature with it."},
        {"caFile", SettingSpec::Form::File, false, "Certificate file",
         "A PEM file to trust instead of this machine's certificates."},
    });

    explicit WebhookConnector(SetUp &&setUp); // checked
    [[nodiscard]] Response test() override;   // posts a message of the type "riskdesk.test"
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &, const std::string &, Reconciled &outcome) override;

private:
    [[nodiscard]] Response post(const std::string &id, const std::string &body);
    [[nodiscard]] std::string body(std::string_view type, const std::string &data) const;

    const Clock &m_clock;
    HttpsAddress m_address;
    Secret m_key;
    HttpsClient m_client;
};

} // namespace riskdesk::connect
