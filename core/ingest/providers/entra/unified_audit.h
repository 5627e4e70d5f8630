// A record of Microsoft 365's unified audit log: a sign-in, or what was done to a password.
#pragma once

#include "core/ingest/name_table.h"
#include "core/ingest/provider.h"

#include <optional>
#include <span>

namespace riskdesk::ingest::entra {

class Record;

enum class UnifiedAuditField : Slot {
    Operation,
    CreationTime,
    ErrorNumber,
    LogonError,
    ClientIp,
    ActorIpAddress,
    UserKey,
    ActorId,
    ApplicationId,
    ObjectId,
    InterSystemsId,
    RequestType,
    UserAuthenticationMethod,
    ResultStatus,
    Count
};

[[nodiscard]] std::span<const Name> unifiedAuditNames();
[[nodiscard]] std::optional<Refusal> unifiedAudit(const Record &record, const Building &with);

} // namespace riskdesk::ingest::entra
