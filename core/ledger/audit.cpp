#include "core/ledger/audit.h"

#include "core/base/desk.h"
#include "core/ledger/audit_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace riskdesk::ledger {

AuditRecord recordBy(const Operator &who)
{
    AuditRecord record;
    record.actor = who.name;
    record.role = toText(who.role);
    record.via = who.via;
    record.host = who.host;
    return record;
}

AuditLog::AuditLog(store::Connection &connection, const Clock &clock)
    : m_connection(connection)
    , m_clock(clock)
    , m_insert(
          connection,
          "INSERT INTO audit (id, at, undo_of, actor, role, action, target, before, after, reason, note, via,"
          " host, chain)",
          14)
    , m_last(connection, "SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1")
{}

// Records of a directory that is older than the chain: all of them, once.
Status AuditLog::chainOlder()
{
    store::Statement rows(m_connection, fmt::format("SELECT {} FROM audit ORDER BY id", auditChainColumns));
    store::Statement write(m_connection, "UPDATE audit SET chain = ?2 WHERE id = ?1");
    Digest256 before{};
    while (rows.step()) {
        before = chained(before, chainedRecord(rows));
        if (auto ok = write.bind(rows.int64(0), std::span<const std::uint8_t>(before)).run(); !ok)
            return ok;
    }
    return rows.ok() ? Status() : tl::unexpected(rows.error());
}

Status AuditLog::append(std::span<const AuditRecord> records)
{
    Digest256 chain{};
    std::int64_t last = 0;
    for (bool again = false;; again = true) {
        const bool any = m_last.step();
        if (!m_last.ok())
            return tl::unexpected(m_last.error());
        last = any ? m_last.int64(0) : 0;
        const auto blob = any ? m_last.blob(1) : std::span<const std::uint8_t>();
        const bool isChained = blob.size() == chain.size();
        if (isChained)
            std::ranges::copy(blob, chain.begin());
        m_last.reset();
        if (!any || isChained)
            break;
        if (again)
            return fail(Code::StoreCorrupt, m_connection.file().string(),
                        "a digest of the audit log has another length");
        if (auto ok = chainOlder(); !ok)
            return ok;
    }
    return m_insert.insert(records, [&](const AuditRecord &r, const auto &bind) {
        const auto &actor = r.actor.empty() ? desktopAccount() : r.actor;
        const auto &host = r.host.empty() ? hostName() : r.host;
        const ChainedRecord record{
            ++last,
            m_clock.now().us,
            r.undoOf,
            {actor, r.role, r.action, r.target, r.before, r.after, r.reason, r.note, r.via, host}};
        chain = chained(chain, record);
        bind(record.id, record.at, r.undoOf, actor, r.role, r.action, r.target, r.before, r.after, r.reason,
             r.note, r.via, host, std::span<const std::uint8_t>(chain));
    });
}

Status appendAudit(store::Connection &connection, const Clock &clock, const AuditRecord &record)
{
    return AuditLog(connection, clock).append(record);
}

} // namespace riskdesk::ledger
