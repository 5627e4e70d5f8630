#include "core/base/name_text.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk {

Result<std::string> nameText(std::string_view text, std::string_view what, std::size_t longest)
{
    const auto refuse = [what](std::string_view why) {
        return fail(Code::WrongUsage, "", fmt::format("{} {}.", what, why));
    };
    const std::string name(trim(text));
    if (name.empty())
        return refuse("is missing");
    if (!isValidUtf8(name))
        return refuse("must be text");
    // Of UTF-8 every byte but those that continue a character begins one.
    const auto characters = std::ranges::count_if(name, [](char c) { return (c & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(characters) > longest)
        return refuse(fmt::format("has at most {} characters", longest));
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        const bool c1 = byte == 0xc2 && static_cast<unsigned char>(name[i + 1]) < 0xa0; // U+0080 to U+009F
        if (byte < 0x20 || byte == 0x7f || c1)
            return refuse("may not have control characters");
    }
    return name;
}

} // namespace riskdesk
