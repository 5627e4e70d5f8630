#include "core/examine/taught.h"

#include "core/domain/stored_sign_in.h"
#include "core/store/statement.h"

#include <algorithm>
#include <limits>

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
    store::Statement row(connection, "SELECT at, key, user, event_key, restart, row FROM taught ORDER BY at, "
                                     "key, user, event_key");
    while (row.step()) {
        auto &one = all.emplace_back();
        one.behind = {row.int64(0), keyOf(row.blob(1))};
        one.user = row.uint32(2);
        one.key = keyOf(row.blob(3));
        one.restart = row.int64(4) != 0;
        one.row = decodeSignIn(row.blob(5));
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

Status dropTaught(store::Connection &connection)
{
    const auto points = rewindPoints(connection);
    if (!points)
        return tl::unexpected(points.error());
    ledger::WithheldRows rows(connection);
    if (points->empty())
        return rows.dropTaught(std::numeric_limits<std::int64_t>::max(), {});
    const auto &oldest = points->front().position;
    return rows.dropTaught(oldest.at, oldest.key);
}

} // namespace riskdesk::run
