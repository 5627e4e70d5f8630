// A text or a flag of a JSON object that a provider sent; what is of another type counts as not there. For the sources
// of the connectors, which read JSON with simdjson. Any thread.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::connect {

[[nodiscard]] inline std::string jsonText(const simdjson::dom::element &object, std::string_view key,
                                          std::string_view otherwise = {})
{
    std::string_view text;
    return std::string(object[key].get(text) == simdjson::SUCCESS ? text : otherwise);
}

[[nodiscard]] inline std::optional<bool> jsonFlag(const simdjson::dom::element &object, std::string_view key)
{
    bool flag = false;
    return object[key].get(flag) == simdjson::SUCCESS ? std::optional(flag) : std::nullopt;
}

} // namespace riskdesk::connect
