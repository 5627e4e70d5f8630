// The spellings of a time that sign-in logs use, on top of ISO 8601 (core/base/timestamp.h):
// "3/24/2022 2:42:35 PM", "4/28/2021, 2:08:45.221 PM", "12/13/2024 16:34:03", "28.04.2021 14:08", and
// "/Date(1619618925221)/", the milliseconds of older .NET. With dots the day stands first. With slashes it
// may stand first or second, as the spreadsheet's country has it: a date that can only be one of them is read
// so while the order is open, one that can be both is refused rather than guessed at.
//
// Microseconds UTC. Code::Malformed for anything else, also for a time without a date and for year 1, which
// is how .NET writes "no value".
#pragma once

#include "core/base/timestamp.h"
#include "core/ingest/reader.h"

#include <string_view>

namespace riskdesk::ingest {

struct TimeRules
{
    int zoneMinutes = 0; // east of UTC, used only when the text names no zone
    DateOrder order = DateOrder::Open;
};

// A date with slashes is counted in `shown`, where there is one.
[[nodiscard]] Result<Timestamp> readTime(std::string_view text, TimeRules rules = {},
                                         SlashDates *shown = nullptr);

// Whether there is a date with slashes anywhere in the text, be they escaped as JSON may have them.
[[nodiscard]] bool holdsSlashDate(std::string_view text);

// What readTime() says of a date that can be read both ways.
inline constexpr std::string_view unclearDate = "the day and the month cannot be told apart";

} // namespace riskdesk::ingest
