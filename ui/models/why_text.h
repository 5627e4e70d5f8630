// Why text: what the console says about a finding, in the person's language, made of its typed facts
// (core/domain/evidence.h). The English twin for command line and exports is core/query/explain_text.h.
//
// A fact that is missing leaves its half sentence out. Any thread.
#pragma once

#include "core/detect/detector.h"
#include "core/domain/detection.h"

#include <QString>

#include <string_view>

namespace riskdesk::models {

// One line of at most 62 characters: "Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min".
[[nodiscard]] QString reasonLine(const Detection &detection);
// One to three sentences.
[[nodiscard]] QString explanation(const Detection &detection);
// Of a line of the ledger: "Expected activity".
[[nodiscard]] QString reasonName(std::string_view reason);
// First and last column of the Why table.
[[nodiscard]] QString signalName(std::string_view key);
[[nodiscard]] QString resultName(SignalResult result);
// What a detector answered about a sign-in: "Below the threshold"; and "844 against 900 km/h".
[[nodiscard]] QString verdictText(const detect::Verdict &verdict);
[[nodiscard]] QString measuredText(const detect::Verdict &verdict);

} // namespace riskdesk::models
