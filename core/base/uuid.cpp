#include "core/base/uuid.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <cstdint>

namespace riskdesk {

std::string makeUuid()
{
    [[maybe_unused]] static const int once = sodium_init();
    std::array<std::uint8_t, 16> b{};
    randombytes_buf(b.data(), b.size());
    b[6] = static_cast<std::uint8_t>((b[6] & 0x0f) | 0x40); // the version
    b[8] = static_cast<std::uint8_t>((b[8] & 0x3f) | 0x80); // the variant
    std::string text;
    for (std::size_t i = 0; i < b.size(); ++i)
        text += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
    return text;
}

} // namespace riskdesk
