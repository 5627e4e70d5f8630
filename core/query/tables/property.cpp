#include "core/query/tables/property.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cmath>

namespace riskdesk::query {
namespace {

std::string decimal(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

// The object whose members' names begin with the first `prefix` characters of their own.
std::string objectOf(std::span<const NamedProperty> members, std::size_t prefix, bool &empty)
{
    std::string out = "{";
    for (std::size_t i = 0; i < members.size();) {
        const auto rest = members[i].name.substr(prefix);
        const auto dot = rest.find('.');
        const auto name = rest.substr(0, dot);
        std::size_t end = i + 1;
        std::string value;
        if (dot == std::string_view::npos) {
            value = members[i].value.json();
            empty = empty && members[i].value.isNull();
        } else {
            const auto within = members[i].name.substr(0, prefix + dot + 1);
            while (end < members.size() && members[end].name.starts_with(within))
                ++end;
            bool nothing = true;
            value = objectOf(members.subspan(i, end - i), within.size(), nothing);
            if (nothing)
                value = "null";
            empty = empty && nothing;
        }
        if (out.size() > 1)
            out += ',';
        out += jsonString(name) + ':' + value;
        i = end;
    }
    return out + '}';
}

} // namespace

std::string Property::json() const
{
    struct Writer
    {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return std::isfinite(value) ? decimal(value) : "null"; }
        std::string operator()(const std::string &text) const { return jsonString(text); }
        std::string operator()(const std::vector<std::string> &list) const
        {
            std::string out = "[";
            for (const auto &item : list)
                out += (out.size() > 1 ? "," : "") + jsonString(item);
            return out + ']';
        }
        std::string operator()(const Objects &objects) const
        {
            std::string out = "[";
            for (const auto &item : objects.json)
                out += (out.size() > 1 ? "," : "") + item;
            return out + ']';
        }
    };
    return std::visit(Writer(), m_value);
}

std::string Property::csv() const
{
    struct Writer
    {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return decimal(value); }
        std::string operator()(const std::string &text) const { return text; }
        std::string operator()(const std::vector<std::string> &list) const
        {
            std::string out;
            for (const auto &item : list)
                out += (out.empty() ? "" : ",") + item;
            return out;
        }
        // A cell has no objects.
        std::string operator()(const Objects &) const { return {}; }
    };
    return std::visit(Writer(), m_value);
}

std::string jsonObject(std::span<const NamedProperty> properties)
{
    bool empty = true;
    return objectOf(properties, 0, empty);
}

std::string csvCell(std::string_view text)
{
    std::string cell;
    const bool runs = !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
    if (runs && !toDouble(text))
        cell += '\'';
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos)
        return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csvLine(std::span<const std::string> cells)
{
    std::string line;
    for (const auto &cell : cells) {
        if (&cell != cells.data())
            line += ',';
        line += csvCell(cell);
    }
    return line + "\r\n";
}

} // namespace riskdesk::query
