#include "core/base/shown_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace riskdesk {
namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr int marksInARow = 4;

bool within(char32_t c, char32_t first, char32_t last)
{
    return c >= first && c <= last;
}

// The next character of `text`, which loses it.
char32_t take(std::string_view &text)
{
    const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto lead = byte(0);
    const std::size_t length = lead < 0x80                ? 1
                               : within(lead, 0xC2, 0xDF) ? 2
                               : within(lead, 0xE0, 0xEF) ? 3
                                                          : 4;
    char32_t c = lead;
    bool valid = lead < 0x80 || within(lead, 0xC2, 0xF4);
    if (valid && length > 1) {
        valid = text.size() >= length;
        c = lead & (0x7FU >> length);
        for (std::size_t i = 1; valid && i < length; ++i) {
            valid = (byte(i) & 0xC0U) == 0x80;
            c = c << 6 | (byte(i) & 0x3FU);
        }
        constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        valid = valid && c >= least[length] && c <= 0x10FFFF && !within(c, 0xD800, 0xDFFF);
    }
    text.remove_prefix(valid ? length : 1);
    return valid ? c : replacement;
}

void put(std::string &out, char32_t c)
{
    const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xC0 | c >> 6);
        add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        add(0xE0 | c >> 12);
        add(0x80 | (c >> 6 & 0x3F));
        add(0x80 | (c & 0x3F));
    } else {
        add(0xF0 | c >> 18);
        add(0x80 | (c >> 12 & 0x3F));
        add(0x80 | (c >> 6 & 0x3F));
        add(0x80 | (c & 0x3F));
    }
}

bool isBlank(char32_t c)
{
    return c == ' ' || within(c, 0x09, 0x0D) || c == 0x85 || c == 0xA0 || within(c, 0x2000, 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Reorders or hides. U+200C and U+200D join letters and emoji, U+FE0F chooses a drawing: they stay.
bool isHidden(char32_t c)
{
    return c == 0xAD || c == 0x61C || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
           within(c, 0x202A, 0x202E) || within(c, 0x2060, 0x206F) || c == 0x115F || c == 0x1160 ||
           c == 0x3164 || c == 0xFEFF || c == 0xFFA0 || within(c, 0xFFF9, 0xFFFB) ||
           within(c, 0xE0000, 0xE0FFF);
}

bool isMark(char32_t c)
{
    return within(c, 0x300, 0x36F) || within(c, 0x483, 0x489) || within(c, 0x591, 0x5BD) ||
           within(c, 0x64B, 0x65F) || within(c, 0x1AB0, 0x1AFF) || within(c, 0x1DC0, 0x1DFF) ||
           within(c, 0x20D0, 0x20FF) || within(c, 0xFE00, 0xFE0F) || within(c, 0xFE20, 0xFE2F) ||
           c == 0x200C || c == 0x200D;
}

bool isFromRightToLeft(char32_t c)
{
    return within(c, 0x590, 0x8FF) || within(c, 0xFB1D, 0xFDFF) || within(c, 0xFE70, 0xFEFE) ||
           within(c, 0x10800, 0x10FFF) || within(c, 0x1E800, 0x1EFFF);
}

} // namespace

std::string shownText(std::string_view utf8, std::size_t most)
{
    std::string out;
    out.reserve(utf8.size());
    std::size_t characters = 0, cutAt = 0; // where the text ends when one more character would be too many
    int marks = 0;
    bool blank = false, mirrored = false;
    while (!utf8.empty()) {
        const char32_t c = take(utf8);
        if (isBlank(c)) {
            blank = !out.empty();
            marks = 0;
            continue;
        }
        const bool mark = isMark(c);
        if (mark && ++marks > marksInARow)
            continue;
        if (!mark)
            marks = 0;
        const auto before = out.size();
        if (blank)
            out += ' ';
        const auto counted = characters;
        characters += mark ? 0U : blank ? 2U : 1U;
        blank = false;
        if (counted < most && characters >= most)
            cutAt = before; // "…" would take this one's place
        if (most != 0 && characters > most) {
            out.resize(cutAt);
            while (out.ends_with(' '))
                out.pop_back();
            out += "…";
            break;
        }
        if (c < 0x20)
            put(out, 0x2400 + c);
        else if (c == 0x7F)
            put(out, 0x2421);
        else if (within(c, 0x80, 0x9F) || isHidden(c))
            out += fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(c));
        else
            put(out, c);
        mirrored = mirrored || isFromRightToLeft(c);
    }
    return mirrored ? "\u2068" + out + "\u2069" : out;
}

std::string shownJson(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const char32_t c = take(json);
        if (!isHidden(c) && !within(c, 0x7F, 0x9F) && c != 0x2028 && c != 0x2029)
            put(out, c);
        else if (c < 0x10000)
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
        else // a surrogate pair, as JSON has it
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + static_cast<std::uint32_t>(c >> 10U),
                               0xDC00 + static_cast<std::uint32_t>(c & 0x3FFU));
    }
    return out;
}

} // namespace riskdesk
