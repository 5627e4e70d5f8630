#include "core/examine/user_counters.h"

#include "core/store/connection.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::run {

void UserCounters::count(const SignInRow &row, std::uint32_t place, std::string_view country)
{
    auto &counter = m_counters[row.user];
    ++counter.signIns;
    const auto at = row.time();
    counter.firstSignIn = std::min(counter.firstSignIn.value_or(at), at);
    counter.lastSignIn = std::max(counter.lastSignIn.value_or(at), at);
    if (!row.succeeded() || place == 0 || (counter.place != 0 && at < counter.placeAt))
        return;
    counter.placeAt = at;
    counter.place = place;
    if (counter.country != country)
        counter.country = country;
}

void UserCounters::setLearning(std::uint32_t user, std::uint32_t done, std::uint32_t needed)
{
    m_counters[user].learning = {done, needed};
}

Status UserCounters::flush(store::Connection &connection)
{
    // One statement for all: a row that is written twice is sealed twice. A place that is older than the newest
    // sign-in before says nothing new.
    store::Statement signIns(
        connection,
        "UPDATE user SET last_place = CASE WHEN ?5 <> 0 AND ?4 >= coalesce(last_sign_in, ?4) THEN ?5 ELSE "
        "last_place END, last_country = CASE WHEN ?5 <> 0 AND ?4 >= coalesce(last_sign_in, ?4) THEN ?6 ELSE "
        "last_country END, first_sign_in = min(coalesce(first_sign_in, ?2), ?2), "
        "last_sign_in = max(coalesce(last_sign_in, ?3), ?3), sign_ins = sign_ins + ?7, "
        "learning_done = coalesce(?8, learning_done), learning_needed = coalesce(?9, learning_needed) "
        "WHERE id = ?1");
    store::Statement learning(connection,
                              "UPDATE user SET learning_done = ?2, learning_needed = ?3 WHERE id = ?1 AND "
                              "(learning_done <> ?2 OR learning_needed <> ?3)");
    for (const auto &[user, c] : m_counters) {
        const auto done = c.learning ? std::optional(c.learning->first) : std::nullopt;
        const auto needed = c.learning ? std::optional(c.learning->second) : std::nullopt;
        Status ok;
        if (c.signIns > 0)
            ok = signIns
                     .bind(user, c.firstSignIn, c.lastSignIn, c.placeAt, c.place, c.country, c.signIns, done,
                           needed)
                     .run();
        else if (c.learning)
            ok = learning.bind(user, done, needed).run();
        if (!ok)
            return ok;
    }
    m_counters.clear();
    return {};
}

} // namespace riskdesk::run
