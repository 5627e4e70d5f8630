#include "core/query/words/system_name.h"

#include "core/base/text.h"

#include <array>
#include <utility>

namespace riskdesk::query {

std::string systemName(std::string_view logged)
{
    // Longer names before those they begin with.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> makers = {{
        {"windows server", "Windows Server"},
        {"windows phone", "Windows Phone"},
        {"windowsphone", "Windows Phone"},
        {"windows", "Windows"},
        {"ipados", "iPadOS"},
        {"ios", "iOS"},
        {"mac os x", "macOS"},
        {"macosx", "macOS"},
        {"mac os", "macOS"},
        {"macos", "macOS"},
        {"android", "Android"},
        {"chrome os", "ChromeOS"},
        {"chromeos", "ChromeOS"},
        {"linux", "Linux"},
        {"tvos", "tvOS"},
        {"watchos", "watchOS"},
    }};
    const auto text = trim(logged);
    for (const auto &[known, name] : makers) {
        if (!equalsIgnoringCase(text.substr(0, known.size()), known))
            continue;
        const auto rest = text.substr(known.size());
        const bool isVersion = !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
        if (rest.empty() || rest.front() == ' ' || isVersion)
            return std::string(name) + (isVersion ? " " : "") + std::string(rest);
    }
    return std::string(logged);
}

} // namespace riskdesk::query
