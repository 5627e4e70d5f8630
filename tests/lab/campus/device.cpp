#include "tests/lab/campus/device.h"

#include "tests/lab/campus/calendar.h"

#include <fmt/format.h>

#include <array>

namespace riskdesk::lab {
namespace {

// Browsers come in a new version every four weeks.
int versionOf(int first, const Device &device, int day)
{
    static const int counted = dayNumber(2025, 1, 14);
    return first + (day - device.lag - counted) / 28;
}

constexpr auto androids = std::to_array<const char *>({"SM-A155F", "SM-A057F", "TECNO KI5k", "Infinix X6525",
                                                       "Redmi 13C", "vivo Y17s", "itel A665L", "SM-S921B",
                                                       "Pixel 8", "moto g24", "RMX3830", "CPH2591"});
constexpr auto televisions = std::to_array<const char *>({"6.5", "7.0", "8.0"});

std::string chrome(const char *platform, int version, const char *tail = "")
{
    return fmt::format("Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0{} "
                       "Safari/537.36",
                       platform, version, tail);
}

std::string firefox(const char *platform, int version)
{
    return fmt::format("Mozilla/5.0 ({}; rv:{}.0) Gecko/20100101 Firefox/{}.0", platform, version, version);
}

std::string safari(const char *platform, int version, const char *tail)
{
    return fmt::format("Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 {}", platform,
                       version, tail);
}

Appearance onPhone(const Device &d, int day)
{
    const int chromium = versionOf(132, d, day), apple = 18 + (day - d.lag >= dayNumber(2025, 9, 15) ? 8 : 0);
    const char *model = androids[d.model % androids.size()];
    const std::string android = fmt::format("Linux; Android {}; {}", 12 + d.model % 4, model);
    switch (d.form) {
    case Form::IphoneSafari:
        return {"Ios " + std::to_string(apple), fmt::format("Mobile Safari {}.0", apple),
                safari(fmt::format("iPhone; CPU iPhone OS {}_0 like Mac OS X", apple).c_str(), apple,
                       "Mobile/15E148 Safari/604.1")};
    case Form::IphoneInApp:
        return {"Ios " + std::to_string(apple), "Mobile Safari",
                fmt::format("Mozilla/5.0 (iPhone; CPU iPhone OS {}_0 like Mac OS X) AppleWebKit/605.1.15 "
                            "(KHTML, like Gecko) Mobile/15E148 Instagram {}.0.0",
                            apple, 360 + chromium)};
    case Form::AndroidSamsung:
        return {"Android", fmt::format("Samsung Internet {}.0", 27 + (chromium - 132) / 5),
                fmt::format("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
                            "SamsungBrowser/{}.0 Chrome/{}.0.0.0 Mobile Safari/537.36",
                            27 + (chromium - 132) / 5, chromium - 8)};
    case Form::AndroidInApp:
        return {"Android", fmt::format("Chrome Mobile WebView {}.0", chromium),
                fmt::format("Mozilla/5.0 ({}; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
                            "Chrome/{}.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/{}.0.0.0;]",
                            android, chromium, 360 + chromium)};
    default:
        // Half of the phones still tell their model.
        return {"Android", fmt::format("Chrome Mobile {}.0.0", chromium),
                chrome(d.model % 2 == 0 ? "Linux; Android 10; K" : android.c_str(), chromium, " Mobile")};
    }
}

} // namespace

Appearance appearance(const Device &d, int day)
{
    const int chromium = versionOf(132, d, day), gecko = versionOf(134, d, day);
    const char *windows = "Windows NT 10.0; Win64; x64", *mac = "Macintosh; Intel Mac OS X 10_15_7";
    switch (d.form) {
    case Form::WindowsEdge:
        return {"Windows10", fmt::format("Edge {}.0.0", chromium),
                chrome(windows, chromium) + fmt::format(" Edg/{}.0.0.0", chromium)};
    case Form::WindowsChrome:
        return {"Windows10", fmt::format("Chrome {}.0.0", chromium), chrome(windows, chromium)};
    case Form::WindowsFirefox:
        return {"Windows10", fmt::format("Firefox {}.0", gecko), firefox(windows, gecko)};
    case Form::MacSafari: {
        const int apple = 18 + (day - d.lag >= dayNumber(2025, 9, 15) ? 8 : 0);
        return {"MacOs", fmt::format("Safari {}.0", apple), safari(mac, apple, "Safari/605.1.15")};
    }
    case Form::MacChrome: return {"MacOs", fmt::format("Chrome {}.0.0", chromium), chrome(mac, chromium)};
    case Form::ChromebookChrome:
        return {"ChromeOs", fmt::format("Chrome {}.0.0", chromium),
                chrome("X11; CrOS x86_64 14541.0.0", chromium)};
    case Form::LinuxFirefox:
        return {"Linux", fmt::format("Firefox {}.0", gecko), firefox("X11; Linux x86_64", gecko)};
    case Form::Television: {
        const char *version = televisions[d.model % televisions.size()];
        return {"Tizen", "Samsung Browser",
                fmt::format("Mozilla/5.0 (SMART-TV; LINUX; Tizen {}) AppleWebKit/537.36 (KHTML, like "
                            "Gecko) 94.0.4606.31/{} TV Safari/537.36",
                            version, version)};
    }
    case Form::GameConsole:
        return {"", "",
                d.model % 2 == 0
                    ? "Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                    : "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 "
                      "(KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 Edge/44.18363.8131"};
    default: return onPhone(d, day);
    }
}

Device computer(demo::Random &random)
{
    static constexpr Form forms[] = {Form::WindowsEdge,   Form::WindowsEdge,   Form::WindowsChrome,
                                     Form::WindowsChrome, Form::WindowsChrome, Form::WindowsFirefox,
                                     Form::MacSafari,     Form::MacChrome,     Form::ChromebookChrome,
                                     Form::LinuxFirefox,  Form::WindowsChrome, Form::MacSafari};
    const Form form = random.pick(std::span<const Form>(forms));
    return {form, static_cast<std::uint8_t>(random.below(12)), 0};
}

Device phone(demo::Random &random, bool dear)
{
    Form form = Form::AndroidChrome;
    if (random.chance(dear ? 0.45 : 0.04))
        form = Form::IphoneSafari;
    else if (random.chance(0.25))
        form = Form::AndroidSamsung;
    const auto lag = static_cast<std::uint8_t>(random.below(dear ? 12 : 90));
    return {form, lag, static_cast<std::uint16_t>(random.below(48))};
}

Device living(demo::Random &random)
{
    const Form form = random.chance(0.7) ? Form::Television : Form::GameConsole;
    return {form, 0, static_cast<std::uint16_t>(random.below(6))};
}

Device inApp(Device phone)
{
    phone.form = phone.form == Form::IphoneSafari ? Form::IphoneInApp : Form::AndroidInApp;
    return phone;
}

Device disguised(demo::Random &random)
{
    static constexpr Form forms[] = {Form::WindowsFirefox, Form::WindowsChrome, Form::LinuxFirefox,
                                     Form::MacChrome,      Form::MacSafari,     Form::WindowsEdge};
    const Form form = random.pick(std::span<const Form>(forms));
    return {form, static_cast<std::uint8_t>(random.below(120)), 0};
}

} // namespace riskdesk::lab
