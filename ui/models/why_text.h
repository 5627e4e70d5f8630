// Why text: the sentences of core/query/words/why.h in the person's language, numbers and times as the
// console shows them. Any thread.
#pragma once

#include "core/domain/detection.h"
#include "core/domain/notice.h"
#include "core/domain/verdict.h"
#include "core/query/tables/audit.h"
#include "core/query/user_story.h"

#include <QString>

#include <string_view>

namespace riskdesk::models {

// One line of at most 62 characters: "Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min".
// `organisation`: who runs the network that it came from, where that is known.
[[nodiscard]] QString reasonLine(const Detection &detection, std::string_view organisation = {});
// The same with nothing left out, for a tool tip.
[[nodiscard]] QString wholeReason(const Detection &detection, std::string_view organisation = {});
// One to some sentences.
[[nodiscard]] QString explanation(const Detection &detection);
[[nodiscard]] QString doubt(const CrowdedAddress &crowd);
// Of a line of the ledger: "Expected activity".
[[nodiscard]] QString reasonName(std::string_view reason);
// "Detection raised: Atypical travel, seen 5 times, last 18 Mar, 14:26"
[[nodiscard]] QString whatHappened(const query::HistoryRow &row);

// A record of the audit log (core/query/words/audit_words.h).
struct AuditSaid
{
    QString action, target, before, after, change, reason;
};
[[nodiscard]] AuditSaid auditSaid(const query::AuditRow &record);
// What a column alone holds: "Dismissed risk" of its action "dismiss".
[[nodiscard]] QString auditWord(std::string_view column, std::string_view stored);
// The decision that a record took back: "Dismissed risk, 18 Mar, 14:26".
[[nodiscard]] QString takenBack(const query::AuditRow &record);

// One line of the Why table; "–" where nothing is known.
struct SignalWords
{
    QString name, usual, seen, result;
    QString usualTip, seenTip; // what the log holds, where a user agent is named by its browser and system
};
[[nodiscard]] SignalWords signalWords(const Evidence &evidence, const Signal &signal);
// Why a detector raised nothing on a sign-in: what was missing, what would have been needed. "Raised" where
// it did.
[[nodiscard]] QString whyNot(DetectionType type, const Verdict &verdict);

} // namespace riskdesk::models
