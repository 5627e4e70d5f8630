// Filter: what a list shows, as a tree of values. It knows neither SQL nor columns; filter_sql and
// filter_rows evaluate it, filter_text spells it, and all three take their fields from the one table of
// fields.h.
//
// An empty `All` is everything. A match is true when one of its values passes (comma is OR). An empty text
// value asks for an empty field, Nothing for one without a value. Unknown (no time, no address) never passes
// another match, so it does pass its negation.
#pragma once

#include "core/base/ip_address.h"
#include "core/base/timestamp.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace riskdesk::query {

enum class Report : std::uint8_t { RiskyUsers, Detections, SignIns, Campaigns, Rejects, Audit, Users, History };

enum class Test : std::uint8_t {
    Is, // text: equal, letter case and accents ignored; address: within; time: on that day, or within 7d
    Contains, // text only
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith, // text only
    EndsWith
};

// Only texts are tested so.
[[nodiscard]] constexpr bool isOfText(Test test)
{
    return test == Test::Contains || test == Test::StartsWith || test == Test::EndsWith;
}

// A point or a stretch of time, [from, until): a date is its whole UTC day. An empty one lies between two
// microseconds: nothing is on it, everything is before or after it.
struct Moment
{
    Timestamp from, until;
    friend bool operator==(const Moment &, const Moment &) = default;
};
// Counted back from now: "7d". `updated<7d` is "less than seven days ago".
struct Ago
{
    Microseconds span{};
    friend bool operator==(const Ago &, const Ago &) = default;
};
// No value: NULL. Text has "" for it.
struct Nothing
{
    friend bool operator==(const Nothing &, const Nothing &) = default;
};
// Enumerations are kept as their number; a text for an address or an enumeration is compared with what
// scripts are told (Field::spelled).
using Value = std::variant<std::int64_t, double, std::string, Cidr, Moment, Ago, Nothing>;
[[nodiscard]] bool equal(const Value &a, const Value &b);

// A tree of more levels is refused.
inline constexpr std::size_t deepestFilter = 64;

struct Filter
{
    enum class Kind : std::uint8_t { All, Any, Not, Match, Search };

    Kind kind = Kind::All;
    std::vector<Filter> children; // All, Any; Not has one
    std::string field;            // Match: the field's name as in fields.h
    Test test = Test::Is;
    std::vector<Value> values; // Match; Search has one text

    [[nodiscard]] static Filter all(std::vector<Filter> parts);
    [[nodiscard]] static Filter any(std::vector<Filter> parts);
    [[nodiscard]] static Filter negate(Filter part);
    [[nodiscard]] static Filter match(std::string_view field, Test test, std::vector<Value> values);
    [[nodiscard]] static Filter search(std::string_view words);

    [[nodiscard]] bool isEverything() const { return kind == Kind::All && children.empty(); }
    [[nodiscard]] std::size_t depth() const;
    friend bool operator==(const Filter &a, const Filter &b);
};

// The same filter without the conditions it puts on `field` at its top: what the counts beside that field's
// values are taken over.
[[nodiscard]] Filter without(const Filter &filter, std::string_view field);
// The filter and one more condition, flattened.
[[nodiscard]] Filter with(const Filter &filter, Filter condition);

} // namespace riskdesk::query
