// Browser release: "Chrome 122" as one number that says whether another is its update.
//
// Family (a hash) above, major version in the low eleven bits; 0 where the text ends in no version. Fits
// beside a dictionary id in a FeatureRow's value.
#pragma once

#include "core/base/stable_hash.h"

#include <cstdint>
#include <string_view>

namespace riskdesk::detect {

inline constexpr unsigned releaseBits = 23, majorBits = 11;

[[nodiscard]] inline std::uint32_t browserRelease(std::string_view browser)
{
    const auto blank = browser.rfind(' ');
    if (blank == std::string_view::npos || blank + 1 == browser.size())
        return 0;
    std::uint32_t major = 0;
    for (const char c : browser.substr(blank + 1)) {
        if (c < '0' || c > '9' || major > 200)
            return 0;
        major = major * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (major == 0 || major >= 1U << majorBits)
        return 0;
    const auto family = static_cast<std::uint32_t>(stableHash(browser.substr(0, blank))) &
                        ((1U << (releaseBits - majorBits)) - 1);
    return family << majorBits | major;
}

[[nodiscard]] constexpr bool isNewerRelease(std::uint32_t before, std::uint32_t now)
{
    return before != 0 && before >> majorBits == now >> majorBits && now > before;
}

} // namespace riskdesk::detect
