#include "core/import/undo_import.h"

#include "core/base/text.h"
#include "core/detect/event_time.h"
#include "core/examine/memory_writer.h"
#include "core/examine/seen_set.h"
#include "core/examine/user_book.h"
#include "core/examine/user_counters.h"
#include "core/import/address_crowd.h"
#include "core/ledger/ageing.h"
#include "core/ledger/audit.h"
#include "core/risk/transitions.h"
#include "core/store/lease.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

class Undoing
{
public:
    Undoing(store::Connection &connection, store::ImportLease &lease, std::stop_token stop,
            const ProgressSink &progress)
        : m_connection(connection)
        , m_lease(lease)
        , m_stop(std::move(stop))
        , m_progress(progress)
    {}

    // Reads what goes; changes nothing.
    Status look(std::int64_t run);
    Status takeOut(const Clock &clock, const action::Operator &who, const ImportToUndo &import);

private:
    Status tick(std::string_view phase, std::uint64_t done);
    Status nobodyDecided(std::int64_t run);

    store::Connection &m_connection;
    store::ImportLease &m_lease;
    std::stop_token m_stop;
    const ProgressSink &m_progress;
    std::vector<std::int64_t> m_segments; // ascending
    std::vector<std::uint32_t> m_users;   // of them; ascending
    std::vector<std::uint64_t> m_keys;    // fingerprints of their rows; ascending
    std::int64_t m_first = endOfTime;
};

Status Undoing::tick(std::string_view phase, std::uint64_t done)
{
    if (m_stop.stop_requested())
        return fail(Code::Cancelled, m_connection.file().string());
    if (m_progress)
        m_progress({phase, done, m_segments.size()});
    return m_lease.heartbeat();
}

Status Undoing::look(std::int64_t run)
{
    const auto kept = keptBeginning(m_connection);
    const auto learnt = learntBy(m_connection);
    if (!kept || !learnt)
        return tl::unexpected(!kept ? kept.error() : learnt.error());
    // What nobody judged changes nothing when it goes.
    const auto judgedBehind = *kept && run > (*kept)->lastRun ? *learnt : beginningOfTime;
    store::Statement segment(m_connection, "SELECT id FROM segment WHERE run = ?1 ORDER BY id");
    for (segment.bind(run); segment.step();)
        m_segments.push_back(segment.int64(0));
    if (!segment.ok())
        return tl::unexpected(segment.error());
    for (std::size_t i = 0; i < m_segments.size(); ++i) {
        if (auto ok = tick("look", i); !ok)
            return ok;
        const auto rows = store::readSegment(m_connection, m_segments[i]);
        if (!rows)
            return tl::unexpected(rows.error());
        for (const auto &row : *rows) {
            m_users.push_back(row.user);
            m_keys.push_back(SeenSet::fingerprint(row.eventKey));
            if (row.at > judgedBehind)
                m_first = std::min(m_first, row.at);
        }
        std::ranges::sort(m_users);
        m_users.erase(std::ranges::unique(m_users).begin(), m_users.end());
    }
    std::ranges::sort(m_keys);
    if (m_first <= *learnt)
        return fail(
            Code::Conflict, fmt::format("import {}", run),
            "Older sign-ins were deleted, from which the detectors had learnt what this import was judged "
            "by. Without them nobody can tell what would have been found without it.");
    return {};
}

Status Undoing::nobodyDecided(std::int64_t run)
{
    std::uint64_t decided = 0;
    store::Statement row(m_connection, "SELECT event_key, state, detail FROM sign_in_risk");
    while (row.step()) {
        if (!risk::isDecided(row.as<RiskState>(1), row.as<RiskDetail>(2)))
            continue;
        EventKey key{};
        const auto blob = row.blob(0);
        std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
        if (std::ranges::binary_search(m_keys, SeenSet::fingerprint(key)))
            ++decided;
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    if (decided == 0)
        return {};
    return fail(Code::Conflict, fmt::format("import {}", run),
                decided == 1
                    ? std::string("Somebody decided on a finding of this import. Undo that decision first.")
                    : fmt::format("Somebody decided on what was found in {} sign-ins of this import. Undo "
                                  "these decisions first.",
                                  decided));
}

Status Undoing::takeOut(const Clock &clock, const action::Operator &who, const ImportToUndo &import)
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ours = m_lease.heartbeat(true); !ours)
        return ours;
    if (auto ok = nobodyDecided(import.run); !ok) // in here nobody can any more
        return ok;
    for (std::size_t i = 0; i < m_segments.size(); ++i) {
        if (auto ok = tick("delete", i); !ok)
            return ok;
        if (auto ok = store::deleteSegment(m_connection, m_segments[i]); !ok)
            return ok;
    }
    const auto run = import.run;
    auto ok = store::Statement(m_connection, "INSERT INTO undone_import (run, last_segment) VALUES (?1, ?2)")
                  .bind(run, m_segments.back())
                  .run();
    if (ok)
        ok = store::Statement(m_connection, "UPDATE import_run SET outcome = 'undone' WHERE id = ?1")
                 .bind(run)
                 .run();
    if (ok)
        ok = store::Statement(m_connection, "DELETE FROM reject WHERE run = ?1").bind(run).run();
    if (ok)
        ok = forgetCrowdSince(m_connection, import.startedAt);
    std::uint64_t counted = 0;
    if (ok)
        ok = recountUsers(m_connection, m_users, [&] { return tick("count", counted++); });
    if (ok)
        ok = ledger::openUnaged(m_connection, clock);
    if (ok)
        ok = leaveUntold(m_connection, m_users);
    if (ok && m_first != endOfTime)
        ok = MemoryWriter(m_connection).leaveUnsettled(m_first);
    if (!ok)
        return ok;
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = action::toText(who.role);
    record.action = "undoImport";
    record.target = fmt::format("import {}", run);
    for (const auto &file : import.files)
        record.target += (&file == &import.files.front() ? ": " : " ") + file;
    record.after = fmt::format("{} sign-ins taken out", import.signIns);
    record.via = who.via;
    record.host = who.host;
    if (ok = ledger::appendAudit(m_connection, clock, record); !ok)
        return ok;
    return transaction->commit();
}

} // namespace

Result<ImportToUndo> importToUndo(store::Connection &connection)
{
    store::Statement row(
        connection, "SELECT r.id, r.started_at, r.files, sum(s.rows) FROM import_run r JOIN segment s ON "
                    "s.run = r.id WHERE r.id = (SELECT max(run) FROM segment)");
    if (!row.step())
        return tl::unexpected(row.error());
    if (row.isNull(0))
        return fail(Code::NotFound, connection.file().string(),
                    "No import that is stored here brought sign-ins.");
    ImportToUndo import{row.int64(0), row.time(1), {}, static_cast<std::uint64_t>(row.int64(3))};
    for (const auto file : split(row.text(2), '\x1f'))
        if (!file.empty())
            import.files.emplace_back(file);
    return import;
}

Result<UndoneImport> undoImport(Directory &directory, std::int64_t run, const action::Operator &who,
                                const Clock &clock, std::stop_token stop, const ProgressSink &progress)
{
    auto &connection = directory.connection();
    if (auto ok = action::allowed(who.role, action::Permission::Import); !ok)
        return tl::unexpected(ok.error());
    auto lease = store::ImportLease::take(connection, "undo of an import");
    if (!lease)
        return tl::unexpected(lease.error());
    if (auto ok = countUncounted(connection); !ok)
        return tl::unexpected(ok.error());
    const auto newest = importToUndo(connection);
    if (!newest)
        return tl::unexpected(newest.error());
    if (newest->run != run)
        return fail(Code::Conflict, fmt::format("import {}", run),
                    fmt::format("Only the newest import can be undone, and that is {}.", newest->run));
    Undoing undoing(connection, *lease, stop, progress);
    if (auto ok = undoing.look(run); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = undoing.takeOut(clock, who, *newest); !ok)
        return tl::unexpected(ok.error());
    auto settled = settle(directory, *lease, clock, stop, progress);
    if (!settled)
        return tl::unexpected(settled.error());
    if (auto aged = ledger::ageLowDetections(connection, clock, stop); !aged)
        return tl::unexpected(aged.error());
    return UndoneImport{*newest, std::move(*settled)};
}

} // namespace riskdesk::run
