// Evidence: the typed facts that explain a finding. No free text: the console and riskdeskctl build the
// sentence from the facts, so it can be translated, read aloud and recomputed.
//
// `facts` are named values ("distanceKm" 11393.2). `signals` are the rows of the Why table: what was usual,
// what this sign-in showed, how that was judged.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace riskdesk {

using FactValue = std::variant<std::int64_t, double, std::string, Timestamp, bool>;

struct Fact
{
    std::string key; // camelCase with the unit as suffix: "distanceKm", "speedKmh", "listName"
    FactValue value;
};

enum class SignalResult : std::uint8_t {
    AsUsual = 0,
    Rare = 1,
    New = 2,
    NotPlausible = 3,
    OnList = 4,
    Unknown = 5
};
[[nodiscard]] std::string_view toText(SignalResult);      // "asUsual"
[[nodiscard]] std::string_view displayName(SignalResult); // "As usual"

// What the bits of a property were made of (core/detect/features.h): decayed counts of its value and of the
// value above it, in the directory and of the user, and how many values were seen beside it.
struct SignalCounts
{
    double directory = 0, directoryParent = 0, directoryChildren = 0; // C(v), C(q), K - 1
    double user = 0, userParent = 0, userChildren = 0;                // c(v), c(q), T
};

struct Signal
{
    std::string key;   // "country", "network", "browser", "speed", "list"
    std::string usual; // values with counts: "PT (39), ES (2)"; empty when nothing is known
    std::string seen;  // this sign-in's value
    SignalResult result = SignalResult::Unknown;
    double bits = 0; // additive contribution where the detector has one: + unlike the user, - like the user
    std::optional<SignalCounts> counts = std::nullopt;
};

struct Evidence
{
    std::vector<Fact> facts;
    std::vector<Signal> signals;

    void add(std::string key, FactValue value) { facts.push_back({std::move(key), std::move(value)}); }
    [[nodiscard]] const FactValue *find(std::string_view key) const;
    [[nodiscard]] double number(std::string_view key, double otherwise = 0) const; // integer or double
    [[nodiscard]] std::string text(std::string_view key) const;                    // any value as text

    // {"facts":[{"k":…,"i"|"d"|"s"|"t"|"b":…}],"signals":[{…,"bits":…,"counts":[six numbers, as above]}]}:
    // the form kept in detection.evidence.
    [[nodiscard]] std::string toJson() const;
    [[nodiscard]] static Result<Evidence> fromJson(std::string_view json);
};

} // namespace riskdesk
