// UserCounters: how often and from where each user signed in, and how far learning is, as the table user
// shows it.
//
// Counted in memory while a run writes its rows, added to the table by flush(); after a rollback begin anew. A user's
// row costs more to write than the sign-in itself, so that a run leaves several blocks uncounted and says which segments
// they are; who finds any after a crash counts those again. One thread, the one that writes.
#pragma once

#include "core/base/result.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace riskdesk::store {
class Connection;
}

namespace riskdesk::run {

class UserCounters
{
public:
    // One sign-in as it is stored, in any order; with the place it counts as and its country.
    void count(const SignInRow &row, std::uint32_t place, std::string_view country);
    void setLearning(std::uint32_t user, std::uint32_t done, std::uint32_t needed);
    // Updates those that were counted since the last call; the users are there.
    [[nodiscard]] Status flush(store::Connection &connection);

private:
    struct Counter
    {
        std::optional<Timestamp> firstSignIn, lastSignIn;
        std::uint64_t signIns = 0;
        // Of the newest success whose place is known.
        Timestamp placeAt;
        std::uint32_t place = 0;
        std::string country;
        std::optional<std::pair<std::uint32_t, std::uint32_t>> learning; // done, needed
    };
    std::unordered_map<std::uint32_t, Counter> m_counters; // by user
};

// The rows of this segment are not counted yet. Inside the caller's transaction.
[[nodiscard]] Status leaveUncounted(store::Connection &connection, std::int64_t segment);
// All that is stored is counted. Inside the caller's transaction.
[[nodiscard]] Status leaveCounted(store::Connection &connection);
// Counts what a run that was killed left uncounted, in a transaction of its own. While nobody imports.
[[nodiscard]] Status countUncounted(store::Connection &connection);

// Counts these users anew, of all that is stored: after sign-ins were taken out. Ascending ids; inside the caller's
// transaction. What they have learnt is left as it is. `tick` after every segment.
[[nodiscard]] Status recountUsers(store::Connection &connection, std::span<const std::uint32_t> users,
                                  const std::function<Status()> &tick);

} // namespace riskdesk::run
