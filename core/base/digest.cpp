#include "core/base/digest.h"

#include <sodium.h>

namespace riskdesk {
namespace {

template <typename Digest>
Digest blake2b(std::string_view data)
{
    // libsodium finds out here what the processor can do; without, it takes half as long again.
    [[maybe_unused]] static const int once = sodium_init();
    Digest out;
    crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char *>(data.data()),
                       data.size(), nullptr, 0);
    return out;
}

} // namespace

Digest128 blake2b128(std::string_view data)
{
    return blake2b<Digest128>(data);
}
Digest256 blake2b256(std::string_view data)
{
    return blake2b<Digest256>(data);
}

Digest256 sha256(std::string_view data)
{
    Digest256 out;
    static_assert(sizeof(Digest256) == crypto_hash_sha256_BYTES);
    crypto_hash_sha256(out.data(), reinterpret_cast<const unsigned char *>(data.data()), data.size());
    return out;
}

std::string toHex(std::span<const std::uint8_t> bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<Digest128> fromHex128(std::string_view text)
{
    Digest128 bytes;
    std::size_t size = 0;
    if (sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), "-", &size, nullptr) != 0 ||
        size != bytes.size())
        return std::nullopt;
    return bytes;
}

} // namespace riskdesk
