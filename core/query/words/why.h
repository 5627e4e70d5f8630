// Why: the sentences made of a finding's typed facts (core/domain/evidence.h), said once for all readers;
// words.h tells them apart. A fact that is missing leaves its half sentence out; nothing here fails. What
// comes from logs, lists and people goes through Words::fact(). Any thread.
#pragma once

#include "core/domain/detection.h"
#include "core/domain/notice.h"
#include "core/domain/verdict.h"
#include "core/query/words/words.h"

#include <string>
#include <string_view>

namespace riskdesk::query {

// At most this many characters, ending in an ellipsis where it had to be cut: what fits a list (ui.md 5).
inline constexpr std::size_t reasonLength = 62;
// "Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min"
// `organisation`: who runs the network that it came from, where that is known.
[[nodiscard]] std::string reasonLine(const Detection &detection, const Words &words = english(),
                                     std::string_view organisation = {}, std::size_t longest = reasonLength);
// One to some sentences.
[[nodiscard]] std::string explanation(const Detection &detection, const Words &words = english());
// Why a detector raised nothing on a sign-in: what was missing, what would have been needed. "Raised" where
// it did.
[[nodiscard]] std::string whyNot(DetectionType type, const Verdict &verdict, const Words &words = english());
// Of a line of the ledger: "riskAccepted" to "Risk accepted"; what somebody wrote stays as it is.
[[nodiscard]] std::string reasonName(std::string_view reason, const Words &words = english());

// What is doubtful about the data as a whole.
[[nodiscard]] std::string doubt(const CrowdedAddress &crowd, const Words &words = english());

// One line of the Why table.
struct SignalWords
{
    std::string name, usual, seen, result; // usual and seen are empty where nothing is known
};
[[nodiscard]] SignalWords signalWords(const Evidence &evidence, const Signal &signal,
                                      const Words &words = english());
// What was usual or seen, as people read it: systems in their makers' spelling.
[[nodiscard]] std::string signalText(std::string_view key, std::string_view value);
// Never seen for this user. A property may also be judged new because it is new beside another one, a known
// network in a new country; then it was seen.
[[nodiscard]] bool neverSeen(const Signal &signal);
// Whether it is something that a user does one way or another, as opposed to a sign of an attack.
[[nodiscard]] bool isProperty(std::string_view signalKey);

} // namespace riskdesk::query
