#include "core/examine/user_counters.h"

#include "core/store/connection.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::run {

Result<UserCounters> UserCounters::load(store::Connection &connection)
{
    UserCounters counters;
    store::Statement users(connection, "SELECT id, first_sign_in, last_sign_in, last_place, last_country, "
                                       "sign_ins, learning_done, learning_needed FROM user ORDER BY id");
    const auto time = [&](int column) {
        return users.isNull(column) ? std::optional<Timestamp>() : std::optional(users.time(column));
    };
    while (users.step()) {
        const auto id = users.uint32(0);
        if (counters.m_counters.size() <= id)
            counters.m_counters.resize(std::size_t{id} + 1);
        auto &counter = counters.m_counters[id];
        counter.firstSignIn = time(1);
        counter.lastSignIn = time(2);
        counter.lastPlace = users.uint32(3);
        counter.lastCountry = users.string(4);
        counter.signIns = static_cast<std::uint64_t>(users.int64(5));
        counter.learningDone = users.uint32(6);
        counter.learningNeeded = users.uint32(7);
    }
    if (!users.ok())
        return tl::unexpected(users.error());
    return counters;
}

UserCounters::Counter &UserCounters::touch(std::uint32_t user)
{
    if (user >= m_counters.size())
        m_counters.resize(std::max(std::size_t{user} + 1, m_counters.size() * 2));
    auto &counter = m_counters[user];
    if (!counter.touched) {
        counter.touched = true;
        m_touched.push_back(user);
    }
    return counter;
}

void UserCounters::count(const SignInRow &row, std::uint32_t place, std::string_view country)
{
    auto &counter = touch(row.user);
    ++counter.signIns;
    if (!counter.firstSignIn || row.time() < *counter.firstSignIn)
        counter.firstSignIn = row.time();
    if (!counter.lastSignIn || row.time() >= *counter.lastSignIn) {
        counter.lastSignIn = row.time();
        if (row.succeeded() && place != 0) {
            counter.lastPlace = place;
            if (counter.lastCountry != country)
                counter.lastCountry = country;
        }
    }
}

void UserCounters::setLearning(std::uint32_t user, std::uint32_t done, std::uint32_t needed)
{
    auto &counter = touch(user);
    counter.learningDone = done;
    counter.learningNeeded = needed;
}

Status UserCounters::flush(store::Connection &connection)
{
    store::Statement update(connection, "UPDATE user SET first_sign_in=?2, last_sign_in=?3, last_place=?4, "
                                        "last_country=?5, sign_ins=?6, learning_done=?7, learning_needed=?8 "
                                        "WHERE id=?1");
    for (const auto user : m_touched) {
        auto &counter = m_counters[user];
        counter.touched = false;
        if (auto ok =
                update
                    .bind(user, counter.firstSignIn, counter.lastSignIn, counter.lastPlace,
                          counter.lastCountry, counter.signIns, counter.learningDone, counter.learningNeeded)
                    .run();
            !ok)
            return ok;
    }
    m_touched.clear();
    return {};
}

} // namespace riskdesk::run
