#include "core/connect/webhook/signature.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <sodium.h>

namespace riskdesk::connect {
namespace {

std::string macBase64(const unsigned char *bytes, std::size_t size)
{
    std::string out(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
    out.pop_back(); // its zero
    return out;
}

// Over the parts as if they were one text: a body of a mebibyte is not copied for it.
std::string macOf(const Secret &key, std::string_view before, std::string_view body)
{
    const auto bytes = [](std::string_view s) { return reinterpret_cast<const unsigned char *>(s.data()); };
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(key.reveal()), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(before), before.size());
    crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    return macBase64(mac, sizeof mac);
}

} // namespace

Secret signingKey(const Secret &secret)
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

std::string messageBody(std::string_view type, Timestamp at, std::string_view data)
{
    return fmt::format(R"({{"type":{},"timestamp":{},"data":{}}})", jsonString(type), jsonString(at.toIso()),
                       data);
}

HttpsClient::Headers signedHeaders(const Secret &key, const std::string &id, Timestamp now,
                                   std::string_view body)
{
    const auto at = std::to_string(now.us / 1'000'000);
    return {{"webhook-id", id},
            {"webhook-timestamp", at},
            {"webhook-signature", "v1," + macOf(key, fmt::format("{}.{}.", id, at), body)}};
}

} // namespace riskdesk::connect
