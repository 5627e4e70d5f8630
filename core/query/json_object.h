// JsonObject: writes one flat object, members in the order they are added.
#pragma once

#include "core/base/text.h"
#include "core/base/timestamp.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::query {

class JsonObject
{
public:
    JsonObject &text(std::string_view key, std::string_view value) { return raw(key, jsonString(value)); }
    // null instead of an empty text.
    JsonObject &textOrNull(std::string_view key, std::string_view value)
    {
        return raw(key, value.empty() ? std::string("null") : jsonString(value));
    }
    JsonObject &flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    JsonObject &whole(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }
    // null for what JSON cannot say.
    JsonObject &real(std::string_view key, double value)
    {
        return raw(key, std::isfinite(value) ? fmt::format("{}", value) : std::string("null"));
    }
    JsonObject &time(std::string_view key, const std::optional<Timestamp> &value)
    {
        return raw(key, value ? jsonString(value->toIso()) : std::string("null"));
    }
    JsonObject &raw(std::string_view key, std::string_view json)
    {
        if (m_text.size() > 1)
            m_text += ',';
        m_text += jsonString(key);
        m_text += ':';
        m_text += json;
        return *this;
    }
    [[nodiscard]] std::string done() const { return m_text + '}'; }

private:
    std::string m_text = "{";
};

} // namespace riskdesk::query
