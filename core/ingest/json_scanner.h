// JSON cut into its records without parsing it: where does an object end, and where does the next one begin
// when this one is broken. Knows strings, escapes and nesting, nothing else. Any thread.
//
// The common case looks at 64 bytes at a time (the bit-parallel string masking of Langdale and Lemire,
// "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019); text that is not well-formed is looked at
// again byte by byte with rules for finding back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace riskdesk::ingest {

[[nodiscard]] constexpr bool isBlank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

struct ScannedValue
{
    bool complete = false;
    std::size_t length = 0; // of the value, from its first byte
    // The value is an envelope ({"value":[ or {"records":[): length reaches behind the bracket.
    bool opensList = false;
};

// `text` starts with '{' or '['. 64 bytes behind it must be readable. With `atEnd` nothing follows the text.
[[nodiscard]] ScannedValue scanValue(std::string_view text, bool lookForList, bool atEnd);

// The end of a record too long to be held: fed piece by piece until it answers.
class LongValueSkipper
{
public:
    // Position behind the value's last byte, or npos when it goes on.
    [[nodiscard]] std::size_t feed(std::string_view piece);

private:
    std::uint64_t m_depth = 0;
    bool m_inString = false;
    bool m_escaped = false;
};

} // namespace riskdesk::ingest
