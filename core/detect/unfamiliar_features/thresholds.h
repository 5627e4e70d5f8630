#pragma once

#include "core/detect/tuning.h"

#include <array>

namespace riskdesk::detect {

// clang-format off
inline constexpr auto unfamiliarThresholds = std::to_array<TuningEntry>({
    {Tune::UnfamiliarEnabled, "unfamiliarFeatures.enabled", "", 1, 0, 1, "Raise unfamiliar sign-in properties."},
    {Tune::UnfamiliarLowBits, "unfamiliarFeatures.lowBits", "bits", 5, 0, 60, "Low from here."},
    {Tune::UnfamiliarMediumBits, "unfamiliarFeatures.mediumBits", "bits", 8, 0, 60, "Medium from here."},
    {Tune::UnfamiliarHighBits, "unfamiliarFeatures.highBits", "bits", 10, 0, 60, "High from here, with something new in both place and device."},
    {Tune::UnfamiliarKappa, "unfamiliarFeatures.kappa", "", 0.25, 0.01, 4, "Weight of the back-off to what is usual in the directory."},
    {Tune::UnfamiliarHalfLifeDays, "unfamiliarFeatures.halfLifeDays", "days", 90, 7, 365, "Half-life of a count."},
    {Tune::UnfamiliarKeepDays, "unfamiliarFeatures.keepDays", "days", 180, 30, 730, "Values not seen for this long are forgotten."},
    {Tune::UnfamiliarLearningSignIns, "unfamiliarFeatures.learningSignIns", "sign-ins", 5, 0, 100, "Silent until this many successes …"},
    {Tune::UnfamiliarLearningDays, "unfamiliarFeatures.learningDays", "days", 5, 0, 90, "… and this many days since the first."},
    {Tune::UnfamiliarSilenceDays, "unfamiliarFeatures.silenceDays", "days", 90, 7, 365, "Back to learning after this long without a sign-in."},
    {Tune::UnfamiliarIpOddsBits, "unfamiliarFeatures.ipOddsBits", "bits", 4, 0, 10, "Most that the failure odds of the address can add."},
    {Tune::UnfamiliarAnonymizerBits, "unfamiliarFeatures.anonymizerBits", "bits", 2, 0, 10, "Added for an anonymizer."},
    {Tune::UnfamiliarHostingBits, "unfamiliarFeatures.hostingBits", "bits", 4, 0, 10, "Added for a hosting network that is new to the user, where the likeness of an agent text counts for nothing; less where many of the directory come through it."},
    {Tune::UnfamiliarAutomatedBits, "unfamiliarFeatures.automatedBits", "bits", 3, 0, 10, "Added for an automated client."},
    {Tune::UnfamiliarUnknownDeviceBits, "unfamiliarFeatures.unknownDeviceBits", "bits", 1, 0, 10, "Added when the device id is new."},
    {Tune::UnfamiliarKnownDeviceBits, "unfamiliarFeatures.knownDeviceBits", "bits", 6, 0, 20, "Taken off when the device id is known."},
    {Tune::UnfamiliarHourBits, "unfamiliarFeatures.hourBits", "bits", 2, 0, 10, "Most that an unusual hour can add."},
    {Tune::UnfamiliarHourAlpha, "unfamiliarFeatures.hourAlpha", "", 0.1, 0.01, 1, "Weight of the newest sign-in in the hour habit."},
    {Tune::UnfamiliarHourConcentration, "unfamiliarFeatures.hourConcentration", "", 0.3, 0, 1, "Below this concentration there is no hour habit."},
    {Tune::UnfamiliarValuesPerLevel, "unfamiliarFeatures.valuesPerLevel", "", 32, 4, 128, "Values remembered per user and level."},
    {Tune::UnfamiliarUpdateDays, "unfamiliarFeatures.updateDays", "days", 28, 0, 365, "Browsers are updated about so often; a newer release of the user's own is expected accordingly. 0: no release is."},
    {Tune::UnfamiliarDoubtHours, "unfamiliarFeatures.doubtHours", "hours", 24, 0, 168, "After a finding of medium or more, the same network teaches nothing about this user for so long."},
    {Tune::UnfamiliarLearnNovelty, "unfamiliarFeatures.learnNovelty", "", 1, 0, 1, "How often something new is met is learnt from the directory. 0: as the formula has it."},
});
// clang-format on

} // namespace riskdesk::detect
