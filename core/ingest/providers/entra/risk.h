// The provider's own word about risk: a risk detection, or a risky user.
#pragma once

#include "core/ingest/name_table.h"
#include "core/ingest/provider.h"

#include <optional>
#include <span>

namespace riskdesk::ingest::entra {

class Record;

enum class RiskField : Slot {
    RiskEventType,
    RiskLevel,
    RiskDetail,
    Source,
    DetectionTimingType,
    Activity,
    AdditionalInfo,
    RequestId,
    DetectedDateTime,
    LastUpdatedDateTime,
    RiskLastUpdatedDateTime,
    IsProcessing,
    Count
};

[[nodiscard]] std::span<const Name> riskNames();
[[nodiscard]] std::optional<Refusal> riskDetection(const Record &record, const Building &with);
[[nodiscard]] std::optional<Refusal> riskyUser(const Record &record, const Building &with);

} // namespace riskdesk::ingest::entra
