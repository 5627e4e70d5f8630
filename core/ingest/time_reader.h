// The spellings of a time that sign-in logs use, on top of ISO 8601 (core/base/timestamp.h):
// "3/24/2022 2:42:35 PM", "4/28/2021, 2:08:45.221 PM", "12/13/2024 16:34:03". Month before day, as the
// providers write it; a date that can only be day before month is refused rather than guessed at.
//
// Microseconds UTC. Code::Malformed for anything else, also for a time without a date and for year 1, which
// is how .NET writes "no value".
#pragma once

#include "core/base/timestamp.h"

#include <string_view>

namespace riskdesk::ingest {

// zoneMinutes: east of UTC, used only when the text names no zone.
[[nodiscard]] Result<Timestamp> readTime(std::string_view text, int zoneMinutes = 0);

} // namespace riskdesk::ingest
