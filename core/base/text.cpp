#include "core/base/text.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace riskdesk {
namespace {

void append(std::string &out, char32_t c)
{
    std::array<std::uint8_t, 4> bytes;
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
    out.append(bytes.begin(), bytes.begin() + size);
}

// Appends the ASCII that begins at `i`, lowered, and steps over it: nearly all text of logs, and far cheaper so.
void appendAscii(std::string &out, std::string_view text, std::size_t &i)
{
    for (; i < text.size() && static_cast<unsigned char>(text[i]) < 0x80; ++i)
        out += static_cast<char>(text[i] + (text[i] >= 'A' && text[i] <= 'Z' ? 'a' - 'A' : 0));
}

// The next code point; an invalid byte comes back as itself with `valid` false.
char32_t next(std::string_view text, std::size_t &i, bool &valid)
{
    const auto *at = reinterpret_cast<const utf8proc_uint8_t *>(text.data()) + i;
    utf8proc_int32_t c = 0;
    const auto size = utf8proc_iterate(at, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    valid = size > 0;
    i += valid ? static_cast<std::size_t>(size) : 1;
    return valid ? static_cast<char32_t>(c) : *at;
}

char32_t lowered(char32_t c)
{
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

// A lower-case Latin letter without its accents, other characters as they are.
void appendPlain(std::string &out, char32_t c)
{
    const bool latin = (c >= 0xdf && c < 0x250) || (c >= 0x1e00 && c < 0x1f00);
    const auto letter = static_cast<utf8proc_int32_t>(c);
    if (!latin || utf8proc_category(letter) != UTF8PROC_CATEGORY_LL)
        return append(out, c);
    // Letters in their own right, which Unicode does not take apart.
    static constexpr std::pair<char32_t, std::string_view> whole[] = {
        {0xdf, "ss"}, {0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"},  {0x111, "d"}, {0x127, "h"},
        {0x131, "i"}, {0x138, "k"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"}};
    for (const auto &[from, to] : whole)
        if (c == from) {
            out += to;
            return;
        }
    std::array<utf8proc_int32_t, 8> parts;
    int boundary = 0;
    const auto count = utf8proc_decompose_char(
        letter, parts.data(), parts.size(),
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK), &boundary);
    for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, parts.size()); ++i)
        append(out, static_cast<char32_t>(parts[static_cast<std::size_t>(i)]));
}

} // namespace

std::string_view trim(std::string_view text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isValidUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text);
}

std::string toUtf8(std::string_view text)
{
    if (isValidUtf8(text))
        return std::string(text);
    static constexpr char32_t windows1252[32] = {
        0x20ac, 0xfffd, 0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
        0x2039, 0x152,  0xfffd, 0x17d,  0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0xfffd, 0x17e,  0x178};
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (std::size_t i = 0; i < text.size();) {
        bool valid;
        const char32_t c = next(text, i, valid);
        append(out, !valid && c >= 0x80 && c < 0xa0 ? windows1252[c - 0x80] : c);
    }
    return out;
}

std::string foldCase(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; appendAscii(out, text, i), i < text.size();) {
        bool valid;
        append(out, lowered(next(text, i, valid)));
    }
    return out;
}

std::string foldForSearch(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; appendAscii(out, text, i), i < text.size();) {
        bool valid;
        const char32_t c = lowered(next(text, i, valid));
        if (c >= 0x300 && c <= 0x36f) // a combining accent
            continue;
        appendPlain(out, c);
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

std::optional<std::int64_t> toInteger(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<double> toDouble(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

std::string jsonString(std::string_view text)
{
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        bool valid;
        const char32_t c = next(text, i, valid);
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (!valid)
                append(out, 0xfffd);
            else if (c < 0x20)
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            else
                append(out, c);
        }
    }
    return out + "\"";
}

} // namespace riskdesk
