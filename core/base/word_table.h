// Word table: the words of an enumeration, one row for each value: its stable key, which files, filters, JSON
// and scripts use, and what people read. Names for people are marked by Risk::tr(), so that Qt's lupdate
// finds them; the console translates them where it shows them (ui/models/format.h).
#pragma once

#include "core/base/text.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

// The context of the translations. Outside the namespaces: lupdate would else give some of the calls another
// context than the rest.
struct Risk
{
    // `comment`: for translators.
    [[nodiscard]] static constexpr std::string_view tr(const char *text, const char * /*comment*/ = nullptr)
    {
        return text;
    }
};

namespace riskdesk {

template <typename Enum>
struct Word
{
    Enum value;
    std::string_view key;
    std::string_view display;
};

// The row of a value; the first row for a value that is none of the enumeration's.
template <typename Row, std::size_t n>
[[nodiscard]] constexpr const Row &word(const std::array<Row, n> &table, decltype(Row::value) value)
{
    for (const auto &row : table)
        if (row.value == value)
            return row;
    return table[0];
}

// The value of a key, whose case does not matter.
template <typename Row, std::size_t n>
[[nodiscard]] std::optional<decltype(Row::value)> fromText(const std::array<Row, n> &table,
                                                           std::string_view key)
{
    for (const auto &row : table)
        if (equalsIgnoringCase(row.key, key))
            return row.value;
    return std::nullopt;
}

// The values count up from that of the first row, so that a value left out, or out of order, does not
// compile: static_assert(isComplete(table, Enum::Last)).
template <typename Row, std::size_t n>
[[nodiscard]] constexpr bool isComplete(const std::array<Row, n> &table, decltype(Row::value) last)
{
    for (std::size_t i = 0; i < n; ++i)
        if (static_cast<std::size_t>(table[i].value) != static_cast<std::size_t>(table[0].value) + i)
            return false;
    return table[n - 1].value == last;
}

} // namespace riskdesk
