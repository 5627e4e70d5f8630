#include "core/examine/taught.h"

#include "core/domain/stored_sign_in.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::run {
namespace {

using Blob = std::span<const std::uint8_t>;

EventKey keyOf(Blob blob)
{
    EventKey key{};
    std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
    return key;
}

} // namespace

Result<std::vector<Taught>> taught(store::Connection &connection)
{
    std::vector<Taught> all;
    store::Statement row(connection,
                         "SELECT at, key, user, event_key, restart, row, is_kept FROM taught ORDER BY at, "
                         "key, user, event_key");
    while (row.step()) {
        auto &one = all.emplace_back();
        one.behind = {row.int64(0), keyOf(row.blob(1))};
        one.user = row.uint32(2);
        one.key = keyOf(row.blob(3));
        one.restart = row.int64(4) != 0;
        one.row = decodeSignIn(row.blob(5));
        one.isKept = row.int64(6) != 0;
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Status keepTaught(store::Connection &connection, std::span<const ledger::WithheldRows::ToTeach> what,
                  const Position &behind)
{
    ledger::WithheldRows rows(connection);
    for (const auto &one : what)
        if (auto ok = rows.taught(one, behind.at, behind.key); !ok)
            return ok;
    return {};
}

Status markKept(store::Connection &connection, std::int64_t upTo)
{
    const auto all = taught(connection);
    if (!all)
        return tl::unexpected(all.error());
    ledger::WithheldRows rows(connection);
    for (const auto &one : *all)
        if (one.row && one.row->at <= upTo)
            if (auto ok = rows.markKept(one.user, one.key); !ok)
                return ok;
    return {};
}

Status dropTaught(store::Connection &connection)
{
    const auto points = rewindPoints(connection);
    const auto kept = keptBeginning(connection);
    if (!points || !kept)
        return tl::unexpected(!points ? points.error() : kept.error());
    Position end{endOfTime, {}}; // what was taught before it is known everywhere
    end.key.fill(0xFF);
    const auto &point = points->empty() ? end : points->front().position;
    const auto &beginning = *kept ? (*kept)->point.position : end;
    return ledger::WithheldRows(connection).dropTaught({point.at, point.key}, {beginning.at, beginning.key});
}

} // namespace riskdesk::run
