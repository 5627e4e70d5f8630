// The audit log: one row of the report.
#pragma once

#include "core/base/result.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::query {

struct AuditRow
{
    std::int64_t id = 0;
    Timestamp at;
    std::string actor, role, action, target, before, after, reason, note, via, host;
    std::int64_t undoOf = 0; // command.id that was taken back
    std::string undone;      // the decision behind it, however often it was taken back and made again; "": not known
    Timestamp undoneAt;
};
// What the list filters and sorts by and what scripts are told.
[[nodiscard]] Columns<AuditRow> auditColumns();

// In the order of the ids.
[[nodiscard]] Result<std::vector<AuditRow>>
readAudit(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

// The decision that a record is part of: a record is of one user, its command perhaps of many.
struct AuditedCommand
{
    std::int64_t id = 0; // command.id
    Timestamp at;
    std::string action, actor; // of what was done again: what it is, not "redo"
    std::uint64_t users = 0;   // changed
    std::int64_t undoneBy = 0; // command.id that took it back; 0: it stands
    std::uint32_t user = 0;    // whom the record is about
    std::string name;          // of them: display name, else user principal name
};
// Nothing for a record that is of no command: an import, a setting. A record does not name its command; it is the
// newest one of the same action, actor and way in about that user until the record was written.
[[nodiscard]] Result<std::optional<AuditedCommand>> commandOf(store::Connection &connection,
                                                              const AuditRow &record);

} // namespace riskdesk::query
