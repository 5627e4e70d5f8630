// UserCounters: how often and from where each user signed in, and how far learning is, as the table user
// shows it.
//
// Loaded from that table, counted in memory while a run writes its rows, written by flush() inside the
// block's transaction; after a rollback it must be loaded anew. One thread, the one that writes.
#pragma once

#include "core/base/result.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::store {
class Connection;
}

namespace riskdesk::run {

class UserCounters
{
public:
    [[nodiscard]] static Result<UserCounters> load(store::Connection &connection);

    // One sign-in, in event-time order, as it is stored; with the place it counts as and its country.
    void count(const SignInRow &row, std::uint32_t place, std::string_view country);
    void setLearning(std::uint32_t user, std::uint32_t done, std::uint32_t needed);
    // Updates those that changed; the users are there.
    [[nodiscard]] Status flush(store::Connection &connection);

private:
    struct Counter
    {
        std::optional<Timestamp> firstSignIn, lastSignIn;
        std::uint64_t signIns = 0;
        std::uint32_t lastPlace = 0;
        std::string lastCountry;
        std::uint32_t learningDone = 0, learningNeeded = 0;
        bool touched = false;
    };
    Counter &touch(std::uint32_t user);

    std::vector<Counter> m_counters; // by user
    std::vector<std::uint32_t> m_touched;
};

} // namespace riskdesk::run
