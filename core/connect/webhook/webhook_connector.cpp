#include "core/connect/webhook/webhook_connector.h"

#include "core/base/text.h"
#include "core/base/uuid.h"

#include <fmt/format.h>
#include <sodium.h>

namespace riskdesk::connect {
namespace {

std::string base64(const unsigned char *bytes, std::size_t size)
{
    std::string out(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
    out.pop_back(); // its zero
    return out;
}

Secret keyOf(const Secret &secret)
{
    constexpr std::string_view prefix = "whsec_";
    auto text = secret.reveal();
    if (!text.starts_with(prefix))
        return secret.copy();
    text.remove_prefix(prefix.size());
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char *>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
        return secret.copy();
    bytes.resize(size);
    return Secret::taking(std::move(bytes));
}

std::string sign(const Secret &key, std::string_view text)
{
    const auto bytes = [](std::string_view s) { return reinterpret_cast<const unsigned char *>(s.data()); };
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(key.reveal()), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    return base64(mac, sizeof mac);
}

// What happened, as Graph names the action, for the receivers to tell the messages apart.
std::string_view typeOf(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::DismissRisk: return "riskyUser.dismiss";
    case ProviderOperation::ConfirmCompromised: return "riskyUser.confirmCompromised";
    case ProviderOperation::ConfirmSafe: return "riskyUser.confirmSafe";
    default: return "riskdesk.notification";
    }
}

Response judge(const HttpReply &reply)
{
    if (!reply.transport.done())
        return reply.transport;
    const auto code = fmt::format("http{}", reply.status);
    if (reply.status >= 200 && reply.status < 300)
        return Response::ok("The receiver took it.");
    switch (reply.status) {
    case 429:
    case 503: return Response::later(code, "The receiver is busy and asks to wait.", reply.retryAfter);
    case 408:
    case 500:
    case 502:
    case 504:
        return Response::later(code, fmt::format("The receiver failed ({}).", reply.status),
                               reply.retryAfter);
    case 401:
    case 403:
        return Response::refused(
            code, fmt::format("The receiver does not accept the signature ({}); compare the signing secret.",
                              reply.status));
    case 404:
    case 410:
        return Response::refused(
            code, fmt::format("Nobody receives at this address ({}); check its path.", reply.status));
    default:
        return Response::refused(code, reply.status >= 300 && reply.status < 400
                                           ? std::string("The receiver points elsewhere, which is not "
                                                         "followed; enter the address it points to.")
                                           : fmt::format("The receiver refused it ({}).", reply.status));
    }
}

} // namespace

WebhookConnector::WebhookConnector(SetUp &&setUp)
    : m_clock(setUp.clock)
    , m_address(HttpsAddress::parse(setUp.settings["url"]).value_or(HttpsAddress()))
    , m_key(keyOf(setUp.secrets["secret"]))
    , m_client(m_address, setUp.settings["caFile"])
{}

std::string WebhookConnector::body(std::string_view type, const std::string &data) const
{
    return fmt::format(R"({{"type":{},"timestamp":{},"data":{}}})", jsonString(type),
                       jsonString(m_clock.now().toIso()), data);
}

Response WebhookConnector::post(const std::string &id, const std::string &body)
{
    const auto at = std::to_string(m_clock.now().us / 1'000'000);
    return judge(
        m_client.post(m_address.path,
                      {{"webhook-id", id},
                       {"webhook-timestamp", at},
                       {"webhook-signature", "v1," + sign(m_key, fmt::format("{}.{}.{}", id, at, body))}},
                      body, "application/json", m_stop));
}

Response WebhookConnector::test()
{
    return post(makeUuid(), body("riskdesk.test", "{}"));
}

Response WebhookConnector::perform(const Request &request)
{
    if (!has(able, request.operation))
        return Response::refused("unsupported", "A webhook changes no accounts.");
    const auto data = request.payload.empty()
                          ? fmt::format(R"({{"id":{},"userPrincipalName":{}}})", jsonString(request.userId),
                                        jsonString(request.userPrincipalName))
                          : request.payload;
    return post(request.key, body(typeOf(request.operation), data));
}

Response WebhookConnector::reconcile(const Request &, const std::string &, Reconciled &outcome)
{
    outcome = Reconciled::Repeatable;
    return Response::ok();
}

} // namespace riskdesk::connect
