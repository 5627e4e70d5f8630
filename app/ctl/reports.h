// What the reading commands share: times, names and evidence as a terminal shows them.
#pragma once

#include "core/domain/detection.h"

#include <string>

namespace riskdesk::ctl {

[[nodiscard]] std::string when(Timestamp t); // "2026-03-18 14:26", UTC
[[nodiscard]] std::string typeName(const Detection &detection);
void printEvidence(const Evidence &evidence); // nothing where there is no table to show

} // namespace riskdesk::ctl
