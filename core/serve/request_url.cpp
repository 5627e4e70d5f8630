#include "core/serve/request_url.h"

#include "core/base/text.h"

#include <algorithm>

namespace riskdesk::serve {
namespace {

constexpr std::string_view graphNamespace = "microsoft.graph.";

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> decoded(std::string_view text, bool plusIsBlank)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plusIsBlank) {
            out += ' ';
        } else if (text[i] == '%') {
            if (i + 2 >= text.size())
                return std::nullopt;
            const int high = hexDigit(text[i + 1]), low = hexDigit(text[i + 2]);
            if (high < 0 || low < 0)
                return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i];
        }
    }
    if (!isValidUtf8(out) || out.find('\0') != std::string::npos)
        return std::nullopt;
    return out;
}

// What stands between parentheses is a key when it is quoted; a quote within is written twice.
void addSegment(std::vector<std::string> &path, std::string segment)
{
    if (segment.starts_with(graphNamespace))
        segment.erase(0, graphNamespace.size());
    const auto open = segment.find("('");
    if (open == std::string::npos || !segment.ends_with("')") || segment.size() < open + 4) {
        path.push_back(std::move(segment));
        return;
    }
    std::string key;
    for (auto i = open + 2; i < segment.size() - 2; ++i) {
        key += segment[i];
        if (segment[i] == '\'' && i + 1 < segment.size() - 2 && segment[i + 1] == '\'')
            ++i;
    }
    if (open > 0)
        path.push_back(segment.substr(0, open));
    path.push_back(std::move(key));
}

} // namespace

std::optional<RequestUrl> RequestUrl::parse(std::string_view target)
{
    RequestUrl url;
    target = target.substr(0, target.find('#'));
    const auto question = target.find('?');
    for (const auto part : split(target.substr(0, question), '/')) {
        if (part.empty())
            continue;
        auto segment = decoded(part, false);
        if (!segment)
            return std::nullopt;
        addSegment(url.path, std::move(*segment));
    }
    if (question == std::string_view::npos)
        return url;
    for (const auto part : split(target.substr(question + 1), '&')) {
        if (part.empty())
            continue;
        const auto equals = part.find('=');
        auto name = decoded(part.substr(0, equals), true);
        auto value =
            decoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
        if (!name || !value)
            return std::nullopt;
        url.options.emplace_back(std::move(*name), std::move(*value));
    }
    return url;
}

std::string percentEncoded(std::string_view text)
{
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out += c;
        else
            (out += '%') += {hex[byte >> 4], hex[byte & 15]};
    }
    return out;
}

} // namespace riskdesk::serve
