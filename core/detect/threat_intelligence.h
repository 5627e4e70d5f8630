// Threat intelligence: a success that an indicator names at its time, by address, network, AS, user agent, or
// a network and user agent together. Level by confidence (an indicator without one counts as 50).
//
// Guard: an indicator that fits more than quarantinePercent of the directory's own successes of the past
// quarantineDays is set aside, with a warning in the evidence: a feed that lists the directory's own
// provider. It is judged from 50 successes on, and only if at least two users are among them, so that one
// taken-over account cannot argue its own indicator away. Bounded: 1024 indicators.
#pragma once

#include "core/detect/detector.h"

#include <memory>

namespace riskdesk::detect {

[[nodiscard]] std::unique_ptr<Detector> makeThreatIntelligence(const Tuning &tuning, StateSource &source,
                                                               const Names &names);

} // namespace riskdesk::detect
