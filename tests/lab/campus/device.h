// Device: with what somebody signs in, and how that looks in a log on a given day.
#pragma once

#include "core/demo/random.h"

#include <cstdint>
#include <string>

namespace riskdesk::lab {

enum class Form : std::uint8_t {
    WindowsEdge,
    WindowsChrome,
    WindowsFirefox,
    MacSafari,
    MacChrome,
    ChromebookChrome,
    LinuxFirefox,
    IphoneSafari,
    IphoneInApp,
    AndroidChrome,
    AndroidSamsung,
    AndroidInApp,
    Television,
    GameConsole
};

struct Device
{
    Form form = Form::WindowsChrome;
    std::uint8_t lag = 0;    // days after which it takes a new version of its browser
    std::uint16_t model = 0; // of a phone or a television

    friend bool operator==(const Device &, const Device &) = default;
};

struct Appearance
{
    std::string system, browser, agent; // as Graph has them: "Windows10", "Chrome 141.0.0"
    const char *client = "Browser";
};

[[nodiscard]] Appearance appearance(const Device &device, int day);
[[nodiscard]] Device computer(demo::Random &random);
[[nodiscard]] Device phone(demo::Random &random, bool dear); // iPhones only where they are afforded
[[nodiscard]] Device living(demo::Random &random);           // a television or a game console
// The same phone, in the browser that an application opens in itself.
[[nodiscard]] Device inApp(Device phone);
// What a browser against tracking claims to be, another thing each time.
[[nodiscard]] Device disguised(demo::Random &random);

} // namespace riskdesk::lab
