// Rules for building a value from a record's texts, the same whichever provider wrote it. Any thread; hostile
// text. Single fields: core/ingest/field_rules.h.
#pragma once

#include "core/ingest/provider.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace riskdesk::ingest {

// Counts the fields that had a text and could not be read.
class Warnings
{
public:
    explicit Warnings(std::uint32_t soFar)
        : m_count(soFar)
    {}
    void add() { ++m_count; }
    [[nodiscard]] std::uint32_t count() const { return m_count; }
    [[nodiscard]] std::uint8_t small() const { return static_cast<std::uint8_t>(std::min(m_count, 255U)); }

private:
    std::uint32_t m_count;
};

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}
// Nothing for the ways in which providers write "none".
[[nodiscard]] std::string_view known(std::string_view identifier);
// "Unknown" is how some exports write an empty place.
[[nodiscard]] std::string_view placeName(std::string_view text);
// Upper case.
[[nodiscard]] std::string_view countryCode(std::string_view text, Arena &arena, Warnings &warnings);
// The first of the two that is an address.
[[nodiscard]] IpAddress addressIn(std::string_view text, std::string_view otherwise, Warnings &warnings);
// Year 1 is how .NET writes "no value".
[[nodiscard]] std::optional<Timestamp> optionalTime(std::string_view text, TimeRules rules,
                                                    Warnings &warnings);
[[nodiscard]] std::optional<bool> flagIn(std::string_view text);

// `expected` is the name of the field that should hold the time.
[[nodiscard]] Refusal noTime(std::string_view text, std::string_view expected, const Error &error);
[[nodiscard]] Refusal noUser();

// Says where the record stands and what of it could not be read, and puts it into the batch.
void keep(SignIn &signIn, const Warnings &warnings, const Building &with);

} // namespace riskdesk::ingest
