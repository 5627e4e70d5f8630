// Agent reader: a user-agent text, or the browser and system a log names, becomes families with major
// versions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk::enrich {

struct Agent
{
    enum class Device : std::uint8_t { Unknown = 0, Desktop = 1, Mobile = 2, Tablet = 3, Bot = 4, Other = 5 };
    Device device = Device::Unknown; // same numbers as detect::DeviceClass
    std::string system;              // "Windows 10", "Android 14", "macOS 14", "" unknown
    std::string browser;             // "Chrome 122", "Safari 17", "" unknown
    bool automated = false;          // names a script, library or headless browser
};

// The log's own browser and system win where they say more than a family ("Chrome 122.0.0", "Windows 10").
[[nodiscard]] Agent readAgent(std::string_view userAgent, std::string_view browser,
                              std::string_view operatingSystem);

} // namespace riskdesk::enrich
