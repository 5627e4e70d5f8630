#include "core/retain/retention.h"

#include "core/directory/directory.h"
#include "core/ledger/audit.h"
#include "core/replay/keep_beginning.h"
#include "core/store/schema.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

namespace riskdesk::run {
namespace {

constexpr std::string_view retainDaysKey = "store.retainDays";
constexpr std::size_t segmentsAtOnce =
    32; // half a million sign-ins: tens of megabytes in the log of the file

Result<std::uint64_t> columnBytes(store::Connection &connection, std::int64_t firstSegment,
                                  std::int64_t lastSegment)
{
    // A column's number begins with its segment's (core/store/sql/0001_tables.sql).
    store::Statement row(connection, "SELECT coalesce(sum(length(data)), 0) FROM segment_column "
                                     "WHERE id BETWEEN ?1 * 64 AND ?2 * 64 + 63");
    row.bind(firstSegment, lastSegment);
    if (!row.step())
        return tl::unexpected(row.error());
    return static_cast<std::uint64_t>(row.int64(0));
}

Result<std::vector<store::SegmentInfo>> segmentsBefore(store::Connection &connection, Timestamp before)
{
    auto all = store::segments(connection);
    if (!all || all->empty())
        return all;
    all->pop_back(); // by id: the one that was written last
    std::erase_if(*all, [&](const store::SegmentInfo &segment) { return segment.t1 >= before.us; });
    return all;
}

// What a run that was killed had stored is judged and counted before it may go.
Status allSettled(store::Connection &connection)
{
    const auto info = store::directoryInfo(connection);
    if (!info)
        return tl::unexpected(info.error());
    store::Statement row(connection, "SELECT (unsettled_from IS NOT NULL AND ?1) OR EXISTS (SELECT 1 FROM "
                                     "uncounted_segment) FROM checkpoint");
    if (row.bind(!info->trial).step() && row.int64(0) != 0)
        return fail(Code::Conflict, info->name,
                    "an import was broken off and its sign-ins are not judged yet; \"settle\" does it");
    return row.ok() ? Status() : tl::unexpected(row.error());
}

// One transaction.
Status removeSome(store::Connection &connection, const Clock &clock, const action::Operator &who,
                  std::span<const store::SegmentInfo> segments, Removal &removal)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    std::uint64_t rows = 0, bytes = 0;
    for (const auto &segment : segments) {
        const auto size = columnBytes(connection, segment.id, segment.id);
        if (!size)
            return tl::unexpected(size.error());
        if (auto ok = store::deleteSegment(connection, segment.id); !ok)
            return ok;
        rows += segment.rows;
        bytes += *size;
    }
    const auto newest = std::ranges::max_element(segments, {}, &store::SegmentInfo::t1)->t1;
    if (auto ok = store::Statement(connection, "INSERT INTO retention (id, deleted_until) VALUES (1, ?1) ON "
                                               "CONFLICT DO UPDATE SET deleted_until = max(deleted_until, "
                                               "excluded.deleted_until)")
                      .bind(newest)
                      .run();
        !ok)
        return ok;
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = action::toText(who.role);
    record.action = "retain";
    record.target = "sign-ins before " + removal.before->toIso();
    record.after = fmt::format("{} deleted", rows);
    record.via = who.via;
    record.host = who.host;
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return ok;
    if (auto ok = transaction->commit(); !ok)
        return ok;
    removal.signIns += rows;
    removal.bytes += bytes;
    return {};
}

} // namespace

Result<KeptSignIns> keptSignIns(store::Connection &connection)
{
    KeptSignIns kept;
    const auto days = setting(connection, retainDaysKey);
    if (!days)
        return tl::unexpected(days.error());
    kept.retainDays = static_cast<int>(*days);
    const auto all = store::segments(connection);
    if (!all)
        return tl::unexpected(all.error());
    for (const auto &segment : *all) {
        kept.signIns += segment.rows;
        kept.oldest = std::min(kept.oldest.value_or(Timestamp{segment.t0}), Timestamp{segment.t0});
        kept.newest = std::max(kept.newest.value_or(Timestamp{segment.t1}), Timestamp{segment.t1});
    }
    if (!all->empty()) {
        const auto bytes = columnBytes(connection, all->front().id, all->back().id);
        if (!bytes)
            return tl::unexpected(bytes.error());
        kept.bytes = *bytes;
    }
    return kept;
}

Result<Removal> removeOldSignIns(store::Connection &connection, store::ImportLease &lease, const Clock &clock,
                                 const action::Operator &who, int days, std::stop_token stop,
                                 const ProgressSink &progress)
{
    if (auto ok = action::allowed(who.role, action::Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    if (days < 1 || days > longestRetainDays)
        return fail(Code::WrongUsage, "",
                    fmt::format("Sign-ins can be kept for 1 to {} days; what is newer than that is never "
                                "deleted.",
                                longestRetainDays));
    if (auto ok = allSettled(connection); !ok)
        return tl::unexpected(ok.error());
    Removal removal;
    const auto kept = keptSignIns(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    if (!kept->newest)
        return removal;
    removal.before = std::min(*kept->newest, clock.now()) - days * std::chrono::hours(24);
    const auto old = segmentsBefore(connection, *removal.before);
    if (!old)
        return tl::unexpected(old.error());
    if (old->empty())
        return removal;
    const auto newest = std::ranges::max_element(*old, {}, &store::SegmentInfo::t1)->t1;
    if (auto ok = keepBeginning(connection, lease, newest, stop, progress); !ok) {
        if (ok.error().code != Code::Cancelled)
            return tl::unexpected(ok.error());
        removal.cancelled = true;
        return removal;
    }
    for (std::size_t done = 0; done < old->size(); done += segmentsAtOnce) {
        if (stop.stop_requested()) {
            removal.cancelled = true;
            break;
        }
        if (auto ok = lease.heartbeat(); !ok)
            return tl::unexpected(ok.error());
        if (progress)
            progress({"delete", done, old->size()});
        const auto some = std::span(*old).subspan(done, std::min(segmentsAtOnce, old->size() - done));
        if (auto ok = removeSome(connection, clock, who, some, removal); !ok)
            return tl::unexpected(ok.error());
    }
    return removal;
}

Result<Removal> removeBySetting(store::Connection &connection, store::ImportLease &lease, const Clock &clock,
                                const action::Operator &who, std::stop_token stop,
                                const ProgressSink &progress)
{
    const auto days = setting(connection, retainDaysKey);
    if (!days)
        return tl::unexpected(days.error());
    if (*days < 1)
        return Removal();
    return removeOldSignIns(connection, lease, clock, who, static_cast<int>(*days), std::move(stop),
                            progress);
}

} // namespace riskdesk::run
