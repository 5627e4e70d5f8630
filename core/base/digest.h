// BLAKE2b fingerprints (libsodium): "seen before", ids made of content, checksums of stored blobs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace riskdesk {

using Digest128 = std::array<std::uint8_t, 16>;
using Digest256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest128 blake2b128(std::string_view data);
[[nodiscard]] Digest256 blake2b256(std::string_view data);
[[nodiscard]] Digest256 sha256(std::string_view data);                // for what others have hashed
[[nodiscard]] std::string toHex(std::span<const std::uint8_t> bytes); // lower case
// What 32 hex digits stand for, of either case, dashes between them left out; nothing: the text is another.
[[nodiscard]] std::optional<Digest128> fromHex128(std::string_view text);

} // namespace riskdesk
