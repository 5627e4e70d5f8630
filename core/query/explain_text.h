// Explain text: English sentences made of a detection's typed facts, for the command line, exports and tests.
// The console builds its own, translated, from the same facts. A fact that is missing leaves its half
// sentence out; nothing here fails.
#pragma once

#include "core/domain/detection.h"

#include <string>
#include <string_view>

namespace riskdesk::query {

// At most this many characters, ending in an ellipsis where it had to be cut: what fits a list (ui.md 5).
inline constexpr std::size_t reasonLength = 62;
// "Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min"
[[nodiscard]] std::string reasonLine(const Detection &detection);
// One to three sentences.
[[nodiscard]] std::string explanation(const Detection &detection);
// Of a line of the ledger: "riskAccepted" to "Risk accepted"; what somebody wrote stays as it is.
[[nodiscard]] std::string reasonName(std::string_view reason);

// One line of the Why table.
struct SignalWords
{
    std::string name, usual, seen, result; // usual and seen are empty where nothing is known
};
[[nodiscard]] SignalWords signalWords(const Evidence &evidence, const Signal &signal);
// What was usual or seen, as people read it: systems in their makers' spelling.
[[nodiscard]] std::string signalText(std::string_view key, std::string_view value);
// Never seen for this user. A property may also be judged new because it is new beside another one, a known
// network in a new country; then it was seen.
[[nodiscard]] bool neverSeen(const Signal &signal);
// Whether it is something that a user does one way or another, as opposed to a sign of an attack.
[[nodiscard]] bool isProperty(std::string_view signalKey);
// What stands written in a key: "leakedCredentials" to "leaked credentials", "ipAddress" to "IP address".
[[nodiscard]] std::string wordsOf(std::string_view key);

[[nodiscard]] std::string grouped(double number);      // "11,393"; rounded
[[nodiscard]] std::string duration(Microseconds span); // "1 h 52 min", "3 days", "40 s"
[[nodiscard]] std::string shortTime(Timestamp t);      // "2026-03-18 14:26 UTC"
[[nodiscard]] std::string shortened(std::string_view text, std::size_t characters); // whole UTF-8 characters

} // namespace riskdesk::query
