// Read log: with the setting audit.logReading on, who looked at whose details is in the audit log, as action "read".
//
// The same operator looking at the same target again within an hour is one record. It is written before anything is
// shown: who cannot be written down does not get to see. Off by default, as it makes a log of people at work.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <chrono>
#include <filesystem>
#include <string_view>

namespace riskdesk::action {

inline constexpr std::chrono::hours readingFold(1);

[[nodiscard]] Result<bool> logsReading(store::Connection &connection);

// `target`: what was looked at, in the words of the way in: "show user ana@shop.example". `reader` reads `file`; only
// where there is something to write is a connection opened that writes. Any thread, the reader's. Errors: the store's.
[[nodiscard]] Status noteReading(store::Connection &reader, const std::filesystem::path &file,
                                 const Clock &clock, const Operator &who, std::string_view target);

} // namespace riskdesk::action
