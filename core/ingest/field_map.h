// FieldMap: how a log that nobody knows is read, said by whoever has it: which field holds the time, who signed
// in, and what came of it.
//
// A field is a column of a CSV file or the way to a text in a JSON record, with dots between ("actor.email"). A
// name with dots is also looked for as it stands. Names are found whatever their case. A way leads through objects
// and not into lists, as a list does not tell which of its elements is meant. A CSV cell that holds a JSON object
// may be looked into.
//
// Times are read as in any log (core/ingest/time_reader.h), and as seconds or milliseconds since 1970 from the
// year 2000 on. Plain values, any thread.
#pragma once

#include "core/base/result.h"
#include "core/ingest/reader.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

enum class MapPart : std::uint8_t {
    Time,
    User,   // the name with which somebody signs in
    UserId, // the provider's own
    Outcome,
    Ip,
    Application,
    UserAgent,
    Id, // of the sign-in
    Country,
    City,
    DisplayName,
    Reason, // of a failure
    Count
};
inline constexpr std::size_t mapPartCount = static_cast<std::size_t>(MapPart::Count);

struct MapPartInfo
{
    std::string_view key;  // "user-id": the option of the command line, and what is stored
    std::string_view name; // "user id": within a sentence
    std::string_view help;
};
[[nodiscard]] const MapPartInfo &infoOf(MapPart part);
[[nodiscard]] std::span<const MapPart> mapParts(); // all of them, in their order
[[nodiscard]] std::optional<MapPart> mapPartFromText(std::string_view key);

struct FieldMap
{
    static constexpr std::size_t longestName = 64;   // bytes
    static constexpr std::size_t longestField = 255; // bytes
    static constexpr std::size_t mostSteps = 8;      // names with dots between
    static constexpr std::size_t mostValues = 64;    // of each list of outcomes

    std::string name;
    std::array<std::string, mapPartCount> fields; // empty: nothing in the log says it
    // What the outcome's field says when somebody got in; empty: the usual words (usualSuccess()). With `failure`
    // only what stands there is a failure and everything else cannot be read; without, all but success is one.
    // Compared without case.
    std::vector<std::string> success, failure;

    [[nodiscard]] const std::string &operator[](MapPart part) const
    {
        return fields[static_cast<std::size_t>(part)];
    }
    [[nodiscard]] std::string &operator[](MapPart part) { return fields[static_cast<std::size_t>(part)]; }
    friend bool operator==(const FieldMap &, const FieldMap &) = default;
};

[[nodiscard]] std::span<const std::string_view> usualSuccess();

// Trimmed, and fit to read by. Code::WrongUsage with a sentence.
[[nodiscard]] Result<FieldMap> checkedMap(FieldMap map);

// The steps of a field's way; one when it has no dots, or empty steps ("No.").
[[nodiscard]] std::vector<std::string_view> stepsOf(std::string_view field);

// The arguments of "map add" that make it, quoted for a shell where they need it.
[[nodiscard]] std::string argumentsOf(const FieldMap &map);

// For ReadOptions::format. The map is taken as it is; see checkedMap().
[[nodiscard]] Format formatOf(const FieldMap &map);

} // namespace riskdesk::ingest
