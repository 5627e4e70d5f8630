// Filter text: `[-]field(:|<|<=|>|>=)value[,value]`, blank is AND, comma is OR, free words search.
//
//     level:high,medium -type:spray country:vn ip:45.95.147.0/24 updated<7d "São Paulo"
//
// Quotes hold blanks, commas and colons; "" inside them is one quote. `field:=value` asks for the whole text
// instead of a part; countries are found by code, name or its beginning. Times are 2026-03-18,
// 2026-03-18T14:26:00Z, or counted back: 30m, 12h, 7d, 2w. Errors carry their place, so that the search box
// can point at it.
#pragma once

#include "core/base/result.h"
#include "core/query/filter/filter.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::query {

struct FilterError
{
    enum class Kind : std::uint8_t {
        UnknownField,
        UnknownValue,
        NoValue,
        NoComparison, // the field cannot be compared with < and >
        NotANumber,
        NotATime,
        NotAnAddress,
        OpenQuote,
        TooLong
    };
    Kind kind = Kind::UnknownField;
    std::size_t position = 0; // byte offset and length of what is wrong
    std::size_t length = 0;
    std::string text;       // what was written
    std::string field;      // the field it was written for
    std::string suggestion; // may be empty

    // "No field 'contry'. Did you mean country?"
    [[nodiscard]] std::string sentence() const;
    // Code::WrongUsage with the sentence as detail.
    [[nodiscard]] Error toError() const;
};

template <typename T>
using FilterResult = tl::expected<T, FilterError>;

[[nodiscard]] FilterResult<Filter> parseFilter(Report report, std::string_view text);
// The text that parses to this filter; nothing when the tree has a shape the text cannot say (an OR of
// fields).
[[nodiscard]] std::optional<std::string> filterText(Report report, const Filter &filter);
// One value as the text writes it: "high", "45.95.147.0/24", "7d".
[[nodiscard]] std::string valueText(Report report, std::string_view field, const Value &value);

} // namespace riskdesk::query
