// Audit: who did what, when, from where. Append-only; written inside the transaction of the deed, so that
// there is never one without the other. Each record is chained to the one before it (audit_chain.h).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/permissions.h"
#include "core/store/connection.h"
#include "core/store/many_rows.h"
#include "core/store/statement.h"

#include <cstdint>
#include <span>
#include <string>

namespace riskdesk::ledger {

struct AuditRecord
{
    std::string actor;                  // empty: the desktop account
    std::string role = "administrator"; // of the actor at that moment
    std::string action;                 // stable key: "dismiss", "import", "setting"
    std::string target;
    std::string before, after;
    std::string reason, note;
    std::string via = "command line"; // or "console"
    std::string host;                 // empty: this machine's name
    std::int64_t undoOf = 0;          // command.id that was taken back
};
// Of what somebody does: who, in which role and from where.
[[nodiscard]] AuditRecord recordBy(const Operator &who);

// The one writer of the table, for many records; one transaction's or longer.
class AuditLog
{
public:
    AuditLog(store::Connection &connection, const Clock &clock);
    [[nodiscard]] Status append(const AuditRecord &record) { return append(std::span(&record, 1)); }
    [[nodiscard]] Status append(std::span<const AuditRecord> records);

private:
    [[nodiscard]] Status chainOlder();

    store::Connection &m_connection;
    const Clock &m_clock;
    store::ManyRows m_insert;
    store::Statement m_last;
};
// For a single one.
[[nodiscard]] Status appendAudit(store::Connection &connection, const Clock &clock,
                                 const AuditRecord &record);

} // namespace riskdesk::ledger
