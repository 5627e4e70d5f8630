// Format: times, counts and names as the lists show them. Any thread; the zone is set from the GUI thread
// only.
#pragma once

#include "core/base/clock.h"
#include "core/base/shown_text.h"
#include "core/domain/ledger_event.h"
#include "core/domain/risk.h"

#include <QDateTime>
#include <QString>

#include <string_view>

namespace riskdesk::models {

// As it is: for keys, filters and what is copied, and for our own words.
[[nodiscard]] QString text(std::string_view utf8);
// What came from outside, as it may stand between our own words (core/base/shown_text.h).
[[nodiscard]] QString shown(std::string_view utf8, std::size_t most = shownCharacters);
[[nodiscard]] QString shown(const QString &foreign);
// For QToolTip, which would take text that looks like HTML for HTML.
[[nodiscard]] QString plainTip(const QString &text);

// What now is, for "today" and "3 h ago"; outlives every call. The system's until set.
void setClock(const Clock &clock);
// Display zone of the whole program: the desktop's, or UTC.
void setUtc(bool utc);
[[nodiscard]] bool isUtc();
[[nodiscard]] QString zoneName(); // "Lisbon (UTC+0)", "UTC"
[[nodiscard]] QDateTime local(Timestamp t);

// "18 Mar, 14:26" this year, "18 Mar 2025" else; with seconds "18 Mar, 14:26:00".
[[nodiscard]] QString shortTime(Timestamp t, bool seconds = false);
[[nodiscard]] QString shortDate(Timestamp t); // "18 Mar 2026"
[[nodiscard]] QString isoTime(Timestamp t);   // "2026-03-18T14:26:00+01:00", in the zone that is shown
// Both zones and how long ago.
[[nodiscard]] QString longTime(Timestamp t);
[[nodiscard]] QString count(qint64 n);
[[nodiscard]] QString initials(const QString &name); // at most two letters, whatever stands around them
// As its maker writes it (core/query/words/system_name.h).
[[nodiscard]] QString systemName(const std::string &logged);
[[nodiscard]] QString distance(double km);         // "11,393 km"
[[nodiscard]] QString speed(double kmh);           // "6,103 km/h"
[[nodiscard]] QString duration(Microseconds span); // "1 h 52 min", "3 days", "40 s"
// "just now", "6 min ago", "in 5 min". Only where freshness matters.
[[nodiscard]] QString ago(Timestamp t, Timestamp now);
// A time before 2000 or more than a day ahead of now: the clock that wrote it was wrong.
[[nodiscard]] bool isDoubtful(Timestamp t, Timestamp now);

[[nodiscard]] QString levelName(RiskLevel level);
[[nodiscard]] QString stateName(RiskState state); // "Confirmed compromised"
[[nodiscard]] QString detailName(RiskDetail detail);
[[nodiscard]] QString typeName(DetectionType type);
[[nodiscard]] QString shortTypeName(DetectionType type); // for chips
[[nodiscard]] QString cannotSee(DetectionType type);     // a sentence
[[nodiscard]] QString ledgerName(LedgerKind kind);       // "Detection raised"

} // namespace riskdesk::models
