// Property: the value of one property of a row as a script gets it, and a row as JSON and as CSV.
//
// JSON: UTF-8 (invalid bytes become U+FFFD), times ISO 8601 with Z; what JSON cannot say (NaN) is null. A
// dotted name is a member of an object: "location.city" of "location". An object within whose members are all
// null is null. CSV: null is an empty cell, items of a list are joined by ','. Any thread; nothing fails.
#pragma once

#include "core/base/ip_address.h"
#include "core/base/timestamp.h"

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace riskdesk::query {

class Property
{
public:
    Property() = default; // null
    Property(std::same_as<bool> auto value)
        : m_value(value)
    {}
    Property(std::integral auto value) requires(!std::same_as<decltype(value), bool>)
        : m_value(static_cast<std::int64_t>(value))
    {}
    Property(double value)
        : m_value(value)
    {}
    Property(std::string_view text)
        : m_value(std::string(text))
    {}
    Property(const char *text)
        : m_value(std::string(text))
    {}
    Property(std::string text)
        : m_value(std::move(text))
    {}
    Property(Timestamp time)
        : m_value(time.toIso())
    {}
    Property(const std::optional<Timestamp> &time)
    {
        if (time)
            m_value = time->toIso();
    }
    Property(std::vector<std::string> list)
        : m_value(std::move(list))
    {}
    // Null where the text is empty.
    [[nodiscard]] static Property orNull(std::string_view text)
    {
        return text.empty() ? Property() : Property(text);
    }

    // Objects in a list, each as JSON.
    [[nodiscard]] static Property objects(const std::vector<std::string> &json)
    {
        Property list;
        list.m_value = Objects{json};
        return list;
    }

    [[nodiscard]] static Property orNull(IpAddress address)
    {
        return address.isKnown() ? Property(address.toString()) : Property();
    }
    // Null where it is no number.
    [[nodiscard]] static Property orNull(double value)
    {
        return std::isfinite(value) ? Property(value) : Property();
    }

    [[nodiscard]] bool isNull() const { return std::holds_alternative<std::monostate>(m_value); }
    [[nodiscard]] std::string json() const;
    [[nodiscard]] std::string csv() const;

private:
    struct Objects
    {
        std::vector<std::string> json;
    };
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>, Objects>
        m_value;
};

struct NamedProperty
{
    std::string_view name; // dotted; those of one object stand together
    Property value;
};
[[nodiscard]] std::string jsonObject(std::span<const NamedProperty> properties);

// RFC 4180, CRLF. A cell that a spreadsheet would run (= + - @ tab return at its start) gets an apostrophe in
// front, unless the whole cell is a number.
[[nodiscard]] std::string csvCell(std::string_view text);
[[nodiscard]] std::string csvLine(std::span<const std::string> cells);

} // namespace riskdesk::query
