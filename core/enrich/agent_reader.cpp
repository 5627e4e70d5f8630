#include "core/enrich/agent_reader.h"

#include "core/base/text.h"

#include <algorithm>
#include <optional>

namespace riskdesk::enrich {
namespace {

// Longer texts are cut: no browser writes one, and every rule below is a search.
constexpr std::size_t longestAgent = 2048;
constexpr std::size_t longestName = 40;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string smallLetters(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

// The digits at the beginning: "122.0.0" gives "122". A number longer than six digits is no version.
std::string_view major(std::string_view text)
{
    const auto end = std::min(
        static_cast<std::size_t>(std::ranges::find_if_not(text, isDigit) - text.begin()), text.size());
    return end <= 6 ? text.substr(0, end) : std::string_view();
}

std::string named(std::string_view family, std::string_view version)
{
    std::string out(family);
    if (!version.empty())
        out.append(" ").append(version);
    return out;
}

// The version after a token such as "Chrome/"; nothing when the token is not there.
std::optional<std::string_view> after(std::string_view agent, std::string_view token)
{
    const auto at = agent.find(token);
    return at == std::string_view::npos ? std::nullopt
                                        : std::optional(major(agent.substr(at + token.size())));
}

struct Token
{
    std::string_view token, family;
};
// In this order: most browsers also claim to be those further down.
constexpr Token browserTokens[] = {{"edg/", "Edge"},
                                   {"edga/", "Edge"},
                                   {"edgios/", "Edge"},
                                   {"edge/", "Edge"},
                                   {"opr/", "Opera"},
                                   {"opt/", "Opera"},
                                   {"opios/", "Opera"},
                                   {"opera/", "Opera"},
                                   {"samsungbrowser/", "Samsung Internet"},
                                   {"yabrowser/", "Yandex"},
                                   {"vivaldi/", "Vivaldi"},
                                   {"ucbrowser/", "UC Browser"},
                                   {"duckduckgo/", "DuckDuckGo"},
                                   {"ddg/", "DuckDuckGo"},
                                   {"whale/", "Whale"},
                                   {"miuibrowser/", "Mi Browser"},
                                   {"huaweibrowser/", "Huawei Browser"},
                                   {"silk/", "Silk"},
                                   {"brave/", "Brave"},
                                   {"fban/", "Facebook app"},
                                   {"fb_iab/", "Facebook app"},
                                   {"instagram ", "Instagram app"},
                                   {"gsa/", "Google app"},
                                   {"crios/", "Chrome"},
                                   {"fxios/", "Firefox"},
                                   {"focus/", "Firefox"},
                                   {"firefox/", "Firefox"},
                                   {"headlesschrome/", "Chrome"}};

// Scripts and libraries. As the first word of an agent they speak for themselves; inside a longer one they
// are part of an app that names itself ("Storefront/3.1 (Android 14) okhttp/4.12").
constexpr std::string_view libraries[] = {"python-requests",
                                          "python-urllib",
                                          "python-httpx",
                                          "python",
                                          "aiohttp",
                                          "httpx",
                                          "curl",
                                          "libcurl",
                                          "wget",
                                          "go-http-client",
                                          "okhttp",
                                          "java",
                                          "apache-httpclient",
                                          "jakarta",
                                          "libwww-perl",
                                          "lwp",
                                          "postmanruntime",
                                          "insomnia",
                                          "axios",
                                          "node-fetch",
                                          "node",
                                          "undici",
                                          "got",
                                          "scrapy",
                                          "ruby",
                                          "faraday",
                                          "rest-client",
                                          "restsharp",
                                          "guzzlehttp",
                                          "php",
                                          "dart",
                                          "powershell",
                                          "httpie",
                                          "k6",
                                          "hydra",
                                          "msray",
                                          "azurehound",
                                          "roadtools",
                                          "fasthttp",
                                          "reqwest",
                                          "hyper"};
constexpr std::string_view drivers[] = {"headlesschrome", "phantomjs", "puppeteer",         "playwright",
                                        "selenium",       "webdriver", "windowspowershell", "electron-fiddle",
                                        "htmlunit",       "splash"};
constexpr std::string_view bots[] = {"bot/",     "bot;",        "bot)",
                                     "bot ",     "crawler",     "spider",
                                     "slurp",    "bingpreview", "facebookexternalhit",
                                     "monitor/", "uptime",      "pingdom",
                                     "+http://", "+https://"};

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::string windowsOf(std::string_view version)
{
    static constexpr Token versions[] = {{"10.0", "Windows 10"},   {"6.3", "Windows 8.1"},
                                         {"6.2", "Windows 8"},     {"6.1", "Windows 7"},
                                         {"6.0", "Windows Vista"}, {"5.", "Windows XP"}};
    for (const auto &known : versions)
        if (version.starts_with(known.token))
            return std::string(known.family);
    return "Windows";
}

// `small` is the agent in small letters.
std::string systemOf(std::string_view small)
{
    if (holds(small, "windows phone"))
        return "Windows Phone";
    if (const auto at = small.find("windows nt "); at != std::string_view::npos)
        return windowsOf(small.substr(at + 11));
    if (holds(small, "windows"))
        return "Windows";
    if (holds(small, "iphone") || holds(small, "ipad") || holds(small, "ipod")) {
        for (const std::string_view token : {"iphone os ", "cpu os ", "ios ", "ios/"})
            if (const auto version = after(small, token); version && !version->empty())
                return named("iOS", *version);
        return "iOS";
    }
    if (const auto version = after(small, "android "))
        return named("Android", *version);
    if (holds(small, "android"))
        return "Android";
    if (holds(small, "cros "))
        return "ChromeOS";
    if (holds(small, "macintosh") || holds(small, "mac os x") || holds(small, "macos")) {
        for (const std::string_view token : {"mac os x ", "macos ", "macos/"})
            if (const auto version = after(small, token); version && !version->empty())
                return named("macOS", *version);
        return "macOS";
    }
    return holds(small, "linux") || holds(small, "x11") ? "Linux" : "";
}

Agent::Device deviceOf(std::string_view small, std::string_view system)
{
    for (const std::string_view other : {"smarttv", "smart-tv", "tizen", "web0s", "webos", "playstation",
                                         "xbox", "nintendo", "appletv", "googletv", "crkey", "roku"})
        if (holds(small, other))
            return Agent::Device::Other;
    if (holds(small, "ipad") || holds(small, "tablet") || holds(small, "kindle") || holds(small, "silk/") ||
        holds(small, "playbook"))
        return Agent::Device::Tablet;
    // Android's browsers leave out "Mobile" on tablets; an app that is no browser says nothing by leaving it
    // out.
    if (system.starts_with("Android"))
        return holds(small, "mobile") || !holds(small, "applewebkit") ? Agent::Device::Mobile
                                                                      : Agent::Device::Tablet;
    if (system.starts_with("iOS") || system == "Windows Phone" || holds(small, "mobile"))
        return Agent::Device::Mobile;
    return system.empty() ? Agent::Device::Unknown : Agent::Device::Desktop;
}

// The first word and its version of an agent that is no browser's: "PostmanRuntime/7.36.3", "Storefront/3.1
// (…)".
std::string firstProduct(std::string_view agent)
{
    const auto end = agent.find_first_of("/ (;");
    const auto name = agent.substr(0, end);
    if (name.empty() || name.size() > longestName || !isLetter(name.front()))
        return {};
    const auto version = end != std::string_view::npos && agent[end] == '/' ? major(agent.substr(end + 1))
                                                                            : std::string_view();
    return named(toUtf8(name), version);
}

std::string browserOf(std::string_view agent, std::string_view small)
{
    for (const auto &known : browserTokens)
        if (const auto version = after(small, known.token)) {
            // Opera wrote "Opera/9.80 … Version/12.16".
            const auto late = known.token == "opera/" ? after(small, "version/") : std::nullopt;
            return named(known.family, late ? *late : *version);
        }
    if (const auto version = after(small, "chrome/"))
        return named(holds(small, "; wv)") ? "Android WebView" : "Chrome", *version);
    if (holds(small, "safari/") && holds(small, "version/"))
        return named(holds(small, "android") ? "Android Browser" : "Safari",
                     after(small, "version/").value_or(""));
    if (holds(small, "trident/"))
        return named("IE", after(small, "rv:").value_or(after(small, "msie ").value_or("")));
    if (const auto version = after(small, "msie "))
        return named("IE", *version);
    if (holds(small, "applewebkit") && (holds(small, "iphone") || holds(small, "ipad")))
        return "iOS WebView";
    return small.starts_with("mozilla/") ? std::string() : firstProduct(agent);
}

// "Chrome 122.0.0", "Mobile Safari 15.4", "Rich Client 4.40.0.0": a family and a version after its last
// blank.
std::string loggedBrowser(std::string_view text)
{
    text = trim(text);
    if (text.empty() || text.size() > 100)
        return {};
    auto family = text;
    std::string_view version;
    if (const auto blank = text.find_last_of(" /");
        blank != std::string_view::npos && blank + 1 < text.size() && isDigit(text[blank + 1])) {
        version = major(text.substr(blank + 1));
        family = trim(text.substr(0, blank));
    }
    static constexpr Token families[] = {{"mobile safari", "Safari"},
                                         {"safari mobile", "Safari"},
                                         {"chrome mobile", "Chrome"},
                                         {"mobile chrome", "Chrome"},
                                         {"chrome mobile ios", "Chrome"},
                                         {"chrome ios", "Chrome"},
                                         {"firefox mobile", "Firefox"},
                                         {"firefox ios", "Firefox"},
                                         {"edge mobile", "Edge"},
                                         {"microsoft edge", "Edge"},
                                         {"edge chromium", "Edge"},
                                         {"opera mobile", "Opera"},
                                         {"internet explorer", "IE"},
                                         {"ie", "IE"},
                                         {"samsung browser", "Samsung Internet"},
                                         {"samsung internet", "Samsung Internet"},
                                         {"android webview", "Android WebView"},
                                         {"chrome mobile webview", "Android WebView"},
                                         {"headlesschrome", "Chrome"},
                                         {"chrome", "Chrome"},
                                         {"safari", "Safari"},
                                         {"firefox", "Firefox"},
                                         {"edge", "Edge"},
                                         {"opera", "Opera"}};
    const auto small = smallLetters(family);
    for (const auto &known : families)
        if (small == known.token)
            return named(known.family, version);
    if (small == "other" || small == "unknown" || small == "n/a" || small == "-")
        return {};
    return named(toUtf8(family.substr(0, longestName)), version);
}

// "Windows 10", "Windows10", "Ios 15.4", "MacOs", "Android 12", "Mac OS X 10.15.7".
std::string loggedSystem(std::string_view text)
{
    text = trim(text);
    if (text.empty() || text.size() > 100)
        return {};
    const auto small = smallLetters(text);
    static constexpr Token families[] = {{"windows phone", "Windows Phone"},
                                         {"windows nt", "Windows NT"},
                                         {"windows", "Windows"},
                                         {"mac os x", "macOS"},
                                         {"macos", "macOS"},
                                         {"mac os", "macOS"},
                                         {"osx", "macOS"},
                                         {"os x", "macOS"},
                                         {"ipados", "iOS"},
                                         {"ios", "iOS"},
                                         {"iphone os", "iOS"},
                                         {"iphone", "iOS"},
                                         {"android", "Android"},
                                         {"chrome os", "ChromeOS"},
                                         {"chromeos", "ChromeOS"},
                                         {"cros", "ChromeOS"},
                                         {"linux", "Linux"},
                                         {"ubuntu", "Linux"}};
    for (const auto &known : families) {
        if (!small.starts_with(known.token))
            continue;
        const auto rest = trim(std::string_view(small).substr(known.token.size()));
        if (known.family == "Windows NT")
            return windowsOf(rest);
        if (known.family == "Windows" && rest.starts_with("8.1"))
            return "Windows 8.1";
        if (known.family == "Windows" && !rest.empty() && !isDigit(rest.front())) {
            // "Windows 7" has a number, "Windows Vista" and "Windows XP" have names, "Windows Server 2019"
            // both.
            for (const auto &[name, system] : {Token{"vista", "Windows Vista"}, Token{"xp", "Windows XP"},
                                               Token{"server", "Windows Server"}})
                if (rest.starts_with(name))
                    return std::string(system);
            return "Windows";
        }
        // A Linux kernel's or a Chrome OS build's number says nothing that a person would recognise.
        const bool counts = known.family != "Linux" && known.family != "ChromeOS";
        return named(known.family, counts ? major(rest) : std::string_view());
    }
    if (small == "other" || small == "unknown" || small == "n/a" || small == "-")
        return {};
    return toUtf8(text.substr(0, longestName));
}

bool saysMore(std::string_view logged)
{
    return std::ranges::any_of(logged, isDigit);
}

bool isLibrary(std::string_view small)
{
    const auto first = small.substr(0, small.find_first_of("/ (;"));
    return std::ranges::find(libraries, first) != std::end(libraries);
}

} // namespace

Agent readAgent(std::string_view userAgent, std::string_view browser, std::string_view operatingSystem)
{
    const auto agent = trim(userAgent.substr(0, longestAgent));
    const auto small = smallLetters(agent);
    Agent out;
    out.system = systemOf(small);
    out.browser = browserOf(agent, small);
    if (auto logged = loggedSystem(operatingSystem); out.system.empty() || saysMore(logged))
        out.system = logged.empty() ? std::move(out.system) : std::move(logged);
    if (auto logged = loggedBrowser(browser); out.browser.empty() || saysMore(logged))
        out.browser = logged.empty() ? std::move(out.browser) : std::move(logged);

    const auto loggedSmall = smallLetters(browser.substr(0, longestName));
    const bool bot = std::ranges::any_of(bots, [&](std::string_view word) { return holds(small, word); }) ||
                     small.ends_with("bot");
    out.automated = bot || isLibrary(small) || (agent.empty() && isLibrary(loggedSmall)) ||
                    std::ranges::any_of(drivers, [&](std::string_view word) {
                        return holds(small, word) || holds(loggedSmall, word);
                    });
    if (bot)
        out.device = Agent::Device::Bot;
    else
        out.device = deviceOf(agent.empty() ? loggedSmall : std::string_view(small), out.system);
    return out;
}

} // namespace riskdesk::enrich
