#pragma once

#include "core/detect/tuning.h"

#include <array>

namespace riskdesk::detect {

// clang-format off
inline constexpr auto sprayThresholds = std::to_array<TuningEntry>({
    {Tune::SprayEnabled, "passwordSpray.enabled", "", 1, 0, 1, "Raise password spray."},
    {Tune::SpraySourceUsers, "passwordSpray.sourceUsers", "users", 5, 2, 1000, "Single source: failing users within the short window."},
    {Tune::SpraySourceMinutes, "passwordSpray.sourceMinutes", "minutes", 20, 5, 60, "Single source: the short window."},
    {Tune::SpraySourcePerUser, "passwordSpray.sourcePerUser", "", 8, 1, 100, "Single source: failures per user at most; more is a forgotten password."},
    {Tune::SpraySourceDayUsers, "passwordSpray.sourceDayUsers", "users", 10, 2, 1000, "Single source: failing users within a day."},
    {Tune::SprayWideUsers, "passwordSpray.wideUsers", "users", 8, 2, 1000, "Many sources: failing users within an hour."},
    {Tune::SprayWideAddresses, "passwordSpray.wideAddresses", "", 5, 2, 1000, "Many sources: addresses within an hour."},
    {Tune::SprayWideAttempts, "passwordSpray.wideAttempts", "", 25, 5, 10000, "Many sources: attempts within an hour."},
    {Tune::SprayWidePerUser, "passwordSpray.widePerUser", "", 5, 1, 100, "Many sources: attempts per user at most."},
    {Tune::SprayWideTraitPercent, "passwordSpray.wideTraitPercent", "%", 60, 10, 100, "Many sources: share of attempts with the common trait."},
    {Tune::SpraySlowUsers, "passwordSpray.slowUsers", "users", 20, 5, 1000, "Low and slow: failing users of one agent within a day."},
    {Tune::SpraySlowPerUser, "passwordSpray.slowPerUser", "", 3, 1, 100, "Low and slow: attempts per user at most."},
    {Tune::SprayBadToGood, "passwordSpray.badToGood", "", 3, 0.5, 100, "Bad-to-good ratio of the scope from which it is an attack."},
    {Tune::SpraySurpriseBits, "passwordSpray.surpriseBits", "bits", 12, 0, 60, "Surprise against the scope's own history, where there is one."},
    {Tune::SprayHistoryDays, "passwordSpray.historyDays", "days", 14, 1, 90, "History a scope needs before surprise is asked for."},
    {Tune::SprayUsualFailurePercent, "passwordSpray.usualFailurePercent", "%", 15, 1, 90, "Share of legitimate failures until the directory's own is known."},
    {Tune::SprayUsualFailureMinPercent, "passwordSpray.usualFailureMinPercent", "%", 5, 0, 90, "Least share believed."},
    {Tune::SprayUsualFailureMaxPercent, "passwordSpray.usualFailureMaxPercent", "%", 40, 1, 95, "Greatest share believed."},
    {Tune::SprayNatSuccesses, "passwordSpray.natSuccesses", "sign-ins", 3, 1, 100, "Users with this many earlier successes from the address are not counted: an office."},
    {Tune::SprayReachHours, "passwordSpray.reachHours", "hours", 24, 1, 168, "A success this long before or after a campaign is judged."},
    {Tune::SprayRateAlpha, "passwordSpray.rateAlpha", "", 0.2, 0.01, 1, "Weight of the newest week in a scope's usual rate."},
});
// clang-format on

} // namespace riskdesk::detect
