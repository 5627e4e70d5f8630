#include "core/examine/join_users.h"

#include "core/examine/memory_writer.h"
#include "core/examine/user_counters.h"
#include "core/store/connection.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace riskdesk::run {
namespace {

using Into = std::unordered_map<std::uint32_t, std::uint32_t>; // by user

Result<bool> holdsAny(store::Connection &connection, std::int64_t segment, const Into &into)
{
    std::vector<std::int64_t> users;
    if (auto ok = store::readColumn(connection, segment, store::Column::User, users); !ok)
        return tl::unexpected(ok.error());
    return std::ranges::any_of(users,
                               [&](auto user) { return into.contains(static_cast<std::uint32_t>(user)); });
}

Status moveWhatElseIsTold(store::Connection &connection, const UserChanges::Joined &one)
{
    // Ids by table; a row that the other has already stays where it is and goes with its user.
    for (const char *from : {"password_event", "provider_risk", "suppression", "suppressed"})
        if (auto ok = store::Statement(connection,
                                       fmt::format("UPDATE OR IGNORE {} SET user = ?2 WHERE user = ?1", from))
                          .bind(one.user, one.into)
                          .run();
            !ok)
            return ok;
    for (const char *from : {"password_event", "provider_risk", "withheld", "taught"})
        if (auto ok = store::Statement(connection, fmt::format("DELETE FROM {} WHERE user = ?1", from))
                          .bind(one.user)
                          .run();
            !ok)
            return ok;
    return {};
}

} // namespace

Result<std::optional<Timestamp>> moveSignIns(store::Connection &connection,
                                             std::span<const UserChanges::Joined> joined,
                                             const std::function<Status()> &tick)
{
    Into into;
    std::vector<std::uint32_t> users, former;
    for (const auto &one : joined) {
        if (auto ok = moveWhatElseIsTold(connection, one); !ok)
            return tl::unexpected(ok.error());
        // Its number may be given to somebody else once it is gone.
        if (auto ok = MemoryWriter(connection).forgetKept(one.user); !ok)
            return tl::unexpected(ok.error());
        into.emplace(one.user, one.into);
        former.push_back(one.user);
        users.insert(users.end(), {one.user, one.into});
    }
    const auto segments = store::segments(connection);
    if (!segments)
        return tl::unexpected(segments.error());
    std::optional<Timestamp> oldest;
    for (const auto &segment : *segments) {
        if (auto ok = tick(); !ok)
            return tl::unexpected(ok.error());
        const auto any = holdsAny(connection, segment.id, into);
        if (!any)
            return tl::unexpected(any.error());
        if (!*any)
            continue;
        auto rows = store::readSegment(connection, segment.id);
        if (!rows)
            return tl::unexpected(rows.error());
        for (auto &row : *rows)
            if (const auto to = into.find(row.user); to != into.end()) {
                row.user = to->second;
                oldest = oldest ? std::min(*oldest, row.time()) : row.time();
            }
        if (auto ok = store::rewriteSegment(connection, segment.id, store::encodeSegment(*rows)); !ok)
            return tl::unexpected(ok.error());
    }
    std::ranges::sort(users);
    users.erase(std::ranges::unique(users).begin(), users.end());
    auto ok = recountUsers(connection, users, tick);
    if (ok)
        ok = leaveUntold(connection, former, Untold::Joined);
    if (!ok)
        return tl::unexpected(ok.error());
    return oldest;
}

} // namespace riskdesk::run
