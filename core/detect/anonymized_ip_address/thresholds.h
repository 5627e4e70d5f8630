#pragma once

#include "core/detect/tuning.h"

#include <array>

namespace riskdesk::detect {

// clang-format off
inline constexpr auto anonymizerThresholds = std::to_array<TuningEntry>({
    {Tune::AnonymizerEnabled, "anonymizedIPAddress.enabled", "", 1, 0, 1, "Raise anonymous IP address."},
    {Tune::AnonymizerTorGraceHours, "anonymizedIPAddress.torGraceHours", "hours", 24, 0, 720, "A Tor exit counts this long after it was last listed."},
    {Tune::AnonymizerGraceDays, "anonymizedIPAddress.graceDays", "days", 7, 0, 90, "Other anonymizers count this long after they were last listed."},
    {Tune::AnonymizerHabitSuccesses, "anonymizedIPAddress.habitSuccesses", "sign-ins", 3, 1, 100, "Unflagged successes through one provider that make it a habit, …"},
    {Tune::AnonymizerHabitDays, "anonymizedIPAddress.habitDays", "days", 7, 0, 90, "… spread over at least this many days."},
});
// clang-format on

} // namespace riskdesk::detect
