// The detectors: which there are, in the order of the handbook, in which the findings of one sign-in come out
// too. A new one is a folder beside the others and a line in detectors.cpp. Any thread.
#pragma once

#include "core/detect/detector.h"

#include <span>

namespace riskdesk::detect {

struct DetectorSpec
{
    DetectionType type;
    std::span<const TuningEntry> thresholds; // the first one switches it on and off
    std::unique_ptr<Detector> (*make)(const Shared &);
};
[[nodiscard]] std::span<const DetectorSpec> detectors();

} // namespace riskdesk::detect
