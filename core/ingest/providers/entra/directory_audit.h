// A directory audit of Graph, Azure Monitor or Log Analytics: of interest for new passwords.
#pragma once

#include "core/ingest/name_table.h"
#include "core/ingest/provider.h"

#include <optional>
#include <span>

namespace riskdesk::ingest::entra {

class Record;

enum class DirectoryAuditField : Slot {
    EnvelopeTime,
    ActivityName,
    Result,
    ResultReason,
    InitiatorId,
    InitiatorName, // a user principal name
    InitiatorApp,  // a display name
    TargetId,
    TargetName,
    Count
};

[[nodiscard]] std::span<const Name> directoryAuditNames();
[[nodiscard]] std::optional<Refusal> directoryAudit(const Record &record, const Building &with);

} // namespace riskdesk::ingest::entra
