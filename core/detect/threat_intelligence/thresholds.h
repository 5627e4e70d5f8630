#pragma once

#include "core/detect/tuning.h"

#include <array>

namespace riskdesk::detect {

// clang-format off
inline constexpr auto threatThresholds = std::to_array<TuningEntry>({
    {Tune::ThreatEnabled, "investigationsThreatIntelligence.enabled", "", 1, 0, 1, "Raise threat intelligence."},
    {Tune::ThreatHighConfidence, "investigationsThreatIntelligence.highConfidence", "", 80, 0, 100, "Confidence from which a match is high."},
    {Tune::ThreatMediumConfidence, "investigationsThreatIntelligence.mediumConfidence", "", 50, 0, 100, "Confidence from which a match is medium."},
    {Tune::ThreatQuarantinePercent, "investigationsThreatIntelligence.quarantinePercent", "%", 2, 0.1, 100, "An indicator or malware entry that matches more of the directory's own successes is set aside; 100 switches that off."},
    {Tune::ThreatQuarantineDays, "investigationsThreatIntelligence.quarantineDays", "days", 30, 1, 90, "Successes of this long are looked at for that."},
});
// clang-format on

} // namespace riskdesk::detect
