#include "core/retain/purge.h"

#include "core/action/command_rows.h"
#include "core/domain/provider.h"
#include "core/examine/memory_writer.h"
#include "core/ledger/audit.h"
#include "core/ledger/change_rows.h"
#include "core/store/schema.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace riskdesk::run {
namespace {

constexpr std::size_t purgedSegmentsAtOnce = 32; // as retention: tens of megabytes in the log of the file

// Where rows of users are. The user's own row is last.
Result<std::vector<store::Reference>> userColumns(store::Connection &connection)
{
    auto columns = store::referencesTo(connection, "user");
    if (columns)
        columns->push_back({"user", "id"});
    return columns;
}

class Purge
{
public:
    Purge(store::Connection &connection, store::ImportLease &lease, const Clock &clock,
          const action::Operator &who, const PurgeRequest &request)
        : m_connection(connection)
        , m_lease(lease)
        , m_clock(clock)
        , m_who(who)
        , m_request(request)
    {}

    Status run(const std::stop_token &stop, const ProgressSink &progress);
    Purged purged;

private:
    [[nodiscard]] bool isWanted(std::int64_t user) const
    {
        return std::ranges::find(m_request.users, user) != m_request.users.end();
    }
    Result<std::vector<std::int64_t>> affected(const std::stop_token &stop, const ProgressSink &progress);
    Result<store::Transaction> begin();
    Status takeOut(std::span<const std::int64_t> segments);
    Result<std::uint64_t> takeOutOf(std::int64_t segment, std::int64_t purge);
    Status removeRows();
    Status removeRows(std::uint32_t user, std::span<const store::Reference> columns);
    Status audit(std::string target, std::string after);

    store::Connection &m_connection;
    store::ImportLease &m_lease;
    const Clock &m_clock;
    const action::Operator &m_who;
    const PurgeRequest &m_request;
};

Status Purge::run(const std::stop_token &stop, const ProgressSink &progress)
{
    const auto segments = affected(stop, progress);
    if (!segments)
        return tl::unexpected(segments.error());
    for (std::size_t done = 0; done < segments->size() && !purged.cancelled; done += purgedSegmentsAtOnce) {
        if (progress)
            progress({"delete", done, segments->size()});
        purged.cancelled = stop.stop_requested();
        if (purged.cancelled)
            break;
        if (auto ok = takeOut(
                std::span(*segments).subspan(done, std::min(purgedSegmentsAtOnce, segments->size() - done)));
            !ok)
            return ok;
    }
    purged.cancelled = purged.cancelled || stop.stop_requested();
    return purged.cancelled ? Status() : removeRows();
}

// Segments with sign-ins of the users.
Result<std::vector<std::int64_t>> Purge::affected(const std::stop_token &stop, const ProgressSink &progress)
{
    std::vector<std::int64_t> found, users;
    const auto all = store::segments(m_connection);
    if (!all)
        return tl::unexpected(all.error());
    std::uint64_t looked = 0;
    for (const auto &segment : *all) {
        if (stop.stop_requested())
            break;
        if (auto ok = m_lease.heartbeat(); !ok)
            return tl::unexpected(ok.error());
        if (progress)
            progress({"look", looked++, all->size()});
        users.clear();
        if (auto ok = store::readColumn(m_connection, segment.id, store::Column::User, users); !ok)
            return tl::unexpected(ok.error());
        if (std::ranges::any_of(users, [this](auto user) { return isWanted(user); }))
            found.push_back(segment.id);
    }
    return found;
}

Result<store::Transaction> Purge::begin()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return transaction;
    if (auto ok = m_lease.heartbeat(true); !ok)
        return tl::unexpected(ok.error());
    store::Statement memory(m_connection, "SELECT watermark IS NULL FROM checkpoint");
    if (!memory.step())
        return tl::unexpected(memory.error());
    if (memory.int64(0) == 0)
        return fail(Code::Bug, "purge", "the detectors still remember the user");
    return transaction;
}

// One transaction.
Status Purge::takeOut(std::span<const std::int64_t> segments)
{
    auto transaction = begin();
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement last(m_connection, "SELECT coalesce(max(purge), 0) FROM purged_row");
    if (!last.step())
        return tl::unexpected(last.error());
    const auto purge = last.int64(0) + 1;
    last.reset();
    std::uint64_t rows = 0;
    for (const auto segment : segments) {
        const auto gone = takeOutOf(segment, purge);
        if (!gone)
            return tl::unexpected(gone.error());
        rows += *gone;
    }
    if (auto ok =
            audit(fmt::format("{} of {}", rows == 1 ? "a sign-in" : "sign-ins",
                              m_request.users.size() == 1 ? fmt::format("user {}", m_request.users.front())
                                                          : "users that are purged"),
                  fmt::format("{} deleted", rows));
        !ok)
        return ok;
    if (auto ok = transaction->commit(); !ok)
        return ok;
    purged.signIns += rows;
    return {};
}

Result<std::uint64_t> Purge::takeOutOf(std::int64_t segment, std::int64_t purge)
{
    auto rows = store::readSegment(m_connection, segment);
    if (!rows)
        return tl::unexpected(rows.error());
    store::Statement mark(m_connection, "INSERT INTO purged_row (purge, segment, row) VALUES (?1, ?2, ?3)");
    const auto before = rows->size();
    for (std::size_t i = 0; i < before; ++i)
        if (isWanted((*rows)[i].user))
            if (auto ok = mark.bind(purge, segment, static_cast<std::int64_t>(i)).run(); !ok)
                return tl::unexpected(ok.error());
    std::erase_if(*rows, [this](const SignInRow &row) { return isWanted(row.user); });
    const auto ok = rows->empty() ? store::deleteSegment(m_connection, segment)
                                  : store::rewriteSegment(m_connection, segment, store::encodeSegment(*rows));
    if (!ok)
        return tl::unexpected(ok.error());
    return before - rows->size();
}

// One transaction.
Status Purge::removeRows()
{
    auto transaction = begin();
    if (!transaction)
        return tl::unexpected(transaction.error());
    // In here nobody can put a request into the outbox any more.
    if (const auto may = mayPurge(m_connection, m_who, m_request); !may)
        return tl::unexpected(may.error());
    const auto columns = userColumns(m_connection);
    if (!columns)
        return tl::unexpected(columns.error());
    if (auto ok = m_connection.execute("PRAGMA defer_foreign_keys = ON"); !ok) // rules and what they silenced
        return ok;
    for (const auto user : m_request.users) {
        const auto before = purged;
        if (auto ok = removeRows(user, *columns); !ok)
            return ok;
        if (auto ok =
                audit(fmt::format("user {}", user),
                      fmt::format("removed, with {} detections and {} events of the ledger",
                                  purged.detections - before.detections, purged.events - before.events));
            !ok)
            return ok;
    }
    if (auto ok = transaction->commit(); !ok)
        return ok;
    purged.users = m_request.users.size();
    return {};
}

Status Purge::removeRows(std::uint32_t user, std::span<const store::Reference> columns)
{
    if (auto ok = action::CommandRows(m_connection).forget(user); !ok)
        return ok;
    // Who reads on hears that they are gone.
    ledger::ChangeRows marks(m_connection);
    std::vector<std::string> detections;
    store::Statement own(m_connection, "SELECT id FROM detection WHERE user = ?1");
    for (own.bind(user); own.step();)
        detections.push_back(own.string(0));
    if (!own.ok())
        return tl::unexpected(own.error());
    for (const auto &id : detections)
        if (auto ok = marks.detection(id); !ok)
            return ok;
    if (auto ok = MemoryWriter(m_connection).forgetKept(user); !ok)
        return ok;
    for (const auto &[table, column] : columns) {
        store::Statement count(m_connection,
                               fmt::format("SELECT count(*) FROM {} WHERE {} = ?1", table, column));
        if (!count.bind(user).step())
            return tl::unexpected(count.error());
        const auto rows = static_cast<std::uint64_t>(count.int64(0));
        if (rows == 0)
            continue;
        purged.rows += rows;
        if (table == "detection")
            purged.detections += rows;
        else if (table == "ledger")
            purged.events += rows;
        if (auto ok =
                store::Statement(m_connection, fmt::format("DELETE FROM {} WHERE {} = ?1", table, column))
                    .bind(user)
                    .run();
            !ok)
            return ok;
    }
    return {};
}

Status Purge::audit(std::string target, std::string after)
{
    ledger::AuditRecord record;
    record.actor = m_who.name;
    record.role = action::toText(m_who.role);
    record.action = "purge";
    record.target = std::move(target);
    record.after = std::move(after);
    record.via = m_who.via;
    record.host = m_who.host;
    return ledger::appendAudit(m_connection, m_clock, record);
}

} // namespace

Result<std::vector<std::string>> mayPurge(store::Connection &connection, const action::Operator &who,
                                          const PurgeRequest &request)
{
    if (auto ok = action::allowed(who.role, action::Permission::Purge); !ok)
        return tl::unexpected(ok.error());
    std::vector<std::string> names;
    store::Statement row(
        connection,
        "SELECT iif(upn <> '', upn, key), is_deleted, EXISTS (SELECT 1 FROM outbox WHERE user = ?1 "
        "AND state <= ?2) FROM user WHERE id = ?1");
    for (const auto user : request.users) {
        if (!row.bind(user, OutboxState::Sending).step())
            return row.ok() ? Result<std::vector<std::string>>(
                                  fail(Code::NotFound, fmt::format("user {}", user), "there is no such user"))
                            : tl::unexpected(row.error());
        names.push_back(row.string(0));
        if (row.int64(1) == 0 && !request.notDeleted)
            return fail(Code::Conflict, names.back(),
                        fmt::format("\"{}\" is not marked as deleted. Only users who are gone are removed, "
                                    "unless it is asked for with --not-deleted.",
                                    names.back()));
        if (row.int64(2) != 0)
            return fail(Code::Conflict, names.back(),
                        fmt::format("A request for \"{}\" waits to be sent. Send it or give it up first; "
                                    "\"outbox list\" shows it.",
                                    names.back()));
    }
    return names;
}

Result<Purged> removeUsers(store::Connection &connection, store::ImportLease &lease, const Clock &clock,
                           const action::Operator &who, const PurgeRequest &request, std::stop_token stop,
                           const ProgressSink &progress)
{
    if (const auto may = mayPurge(connection, who, request); !may)
        return tl::unexpected(may.error());
    Purge purge(connection, lease, clock, who, request);
    if (auto ok = purge.run(stop, progress); !ok)
        return tl::unexpected(ok.error());
    return purge.purged;
}

Status cleanFile(store::Connection &connection)
{
    // VACUUM alone is not enough: without secure_delete a new page may hold what its piece of memory held before. It
    // copies through a temporary file, as the whole directory need not fit in memory.
    auto ok = connection.execute("PRAGMA secure_delete = ON; PRAGMA temp_store = FILE; VACUUM");
    const auto back = connection.execute("PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF");
    if (ok)
        ok = back;
    if (!ok)
        return ok;
    store::Statement log(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (!log.step())
        return tl::unexpected(log.error());
    if (log.int64(0) != 0)
        return fail(Code::StoreBusy, connection.file().string(),
                    "another process reads an earlier state of it");
    return {};
}

} // namespace riskdesk::run
