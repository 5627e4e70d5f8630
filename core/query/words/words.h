// Words: how a sentence about facts is put to somebody. There is one set of sentences (why.h) and two kinds
// of readers: scripts, exports and the command line are told in English; the console in the person's
// language.
//
// A sentence is written once, in English, with %1 to %9 for its parts and %Ln for a number, "(s)" behind a
// noun that follows it: Why::tr("%Ln account(s) tried from %1", nullptr, 8). The call is found by Qt's lupdate
// as it stands, so core needs no Qt. Any thread; nothing here fails.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/risk.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace riskdesk::query {

struct Phrase
{
    const char *source;
    const char *comment = nullptr; // for translators: what the parts are
    std::int64_t n = -1;           // -1: the sentence has no %Ln
};

} // namespace riskdesk::query

// The context of the translations. Outside the namespace, since lupdate would else give some of the calls
// another context than the rest.
struct Why
{
    [[nodiscard]] static constexpr riskdesk::query::Phrase
    tr(const char *source, const char *comment = nullptr, std::int64_t n = -1)
    {
        return {source, comment, n};
    }
};

namespace riskdesk::query {

class Words
{
public:
    virtual ~Words() = default;

    // The parts are put in as they are; what came from outside goes through fact() first.
    [[nodiscard]] std::string say(const Phrase &phrase, std::initializer_list<std::string> parts = {}) const;

    // What came from outside, as it may stand in a sentence: in one line; for the eye also made safe.
    [[nodiscard]] virtual std::string fact(std::string_view foreign) const = 0;
    [[nodiscard]] virtual std::string number(double value, int decimals = 0) const = 0; // "11,393"
    [[nodiscard]] virtual std::string distance(double km) const = 0;                    // "11,393 km"
    [[nodiscard]] virtual std::string speed(double kmh) const = 0;                      // "6,103 km/h"
    [[nodiscard]] virtual std::string duration(Microseconds span) const = 0;            // "1 h 52 min"
    [[nodiscard]] virtual std::string date(Timestamp t) const = 0;
    [[nodiscard]] virtual std::string time(Timestamp t) const = 0;
    [[nodiscard]] virtual std::string name(DetectionType type) const = 0;
    [[nodiscard]] virtual std::string name(RiskLevel level) const = 0;
    [[nodiscard]] virtual std::string name(RiskState state) const = 0;
    // A name as it stands within a sentence: "Device ID" to "device ID".
    [[nodiscard]] virtual std::string within(std::string name) const = 0;

protected:
    // With %Ln put in, %1 to %9 left.
    [[nodiscard]] virtual std::string translated(const Phrase &phrase) const = 0;
};

// UTC and ISO 8601, the same everywhere. Its facts are data still: whoever prints them for people uses
// shownText() once, on the whole.
[[nodiscard]] const Words &english();

[[nodiscard]] std::string grouped(double number);      // "11,393"; rounded
[[nodiscard]] std::string duration(Microseconds span); // "1 h 52 min", "3 days", "40 s"
[[nodiscard]] std::string shortTime(Timestamp t);      // "2026-03-18 14:26 UTC"
[[nodiscard]] std::string shortened(std::string_view text, std::size_t characters); // whole UTF-8 characters
// What stands written in a key: "leakedCredentials" to "leaked credentials", "ipAddress" to "IP address".
[[nodiscard]] std::string wordsOf(std::string_view key);

} // namespace riskdesk::query
