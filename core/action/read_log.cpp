#include "core/action/read_log.h"

#include "core/ledger/audit.h"
#include "core/ledger/risk_writer.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

namespace riskdesk::action {
namespace {

// Newest first, until they are too old: an audit log has no index by time, and is read from its end in no time.
Result<bool> isNoted(store::Connection &connection, const Clock &clock, const Operator &who,
                     std::string_view target)
{
    const auto since = clock.now() - Microseconds(readingFold);
    store::Statement row(connection,
                         "SELECT at, action = 'read' AND actor = ?1 AND target = ?2 AND via = ?3 FROM audit "
                         "ORDER BY id DESC");
    row.bind(who.name, target, who.via);
    while (row.step() && row.time(0) > since)
        if (row.int64(1) != 0)
            return true;
    if (!row.ok())
        return tl::unexpected(row.error());
    return false;
}

} // namespace

Result<bool> logsReading(store::Connection &connection)
{
    const auto on = ledger::storedSetting(connection, "audit.logReading", 0);
    if (!on)
        return tl::unexpected(on.error());
    return *on != 0;
}

Status noteReading(store::Connection &reader, const std::filesystem::path &file, const Clock &clock,
                   const Operator &who, std::string_view target)
{
    const auto on = logsReading(reader);
    if (!on)
        return tl::unexpected(on.error());
    if (!*on)
        return {};
    const auto noted = isNoted(reader, clock, who, target);
    if (!noted)
        return tl::unexpected(noted.error());
    if (*noted)
        return {};
    auto connection = store::openForWriting(file);
    if (!connection)
        return tl::unexpected(connection.error());
    auto transaction = store::Transaction::begin(*connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto meanwhile = isNoted(*connection, clock, who, target);
    if (!meanwhile)
        return tl::unexpected(meanwhile.error());
    if (*meanwhile)
        return {};
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = toText(who.role);
    record.action = "read";
    record.target = target;
    record.via = who.via;
    record.host = who.host;
    if (auto ok = ledger::appendAudit(*connection, clock, record); !ok)
        return ok;
    return transaction->commit();
}

} // namespace riskdesk::action
