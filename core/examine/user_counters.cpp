#include "core/examine/user_counters.h"

#include "core/domain/place.h"
#include "core/store/connection.h"
#include "core/store/dictionary.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <algorithm>
#include <vector>

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

namespace {

template <typename IsCounted>
Status countStored(store::Connection &connection, std::span<const std::int64_t> segments,
                   UserCounters &counters, IsCounted isCounted, const std::function<Status()> &tick)
{
    store::Dictionaries texts;
    if (auto ok = texts.load(connection); !ok)
        return ok;
    store::Statement fact(connection, "SELECT place FROM address_fact WHERE address = ?1");
    for (const auto segment : segments) {
        const auto rows = store::readSegment(connection, segment);
        if (!rows)
            return tl::unexpected(rows.error());
        for (const auto &row : *rows) {
            if (!isCounted(row.user))
                continue;
            auto place = row.place;
            if (place == 0 && fact.bind(row.ip).step())
                place = fact.uint32(0);
            if (!fact.ok())
                return tl::unexpected(fact.error());
            fact.reset();
            counters.count(row, place, Place::decode(texts.text(Dictionary::Place, place)).country);
        }
        if (tick)
            if (auto ok = tick(); !ok)
                return ok;
    }
    return {};
}

} // namespace

Status leaveUncounted(store::Connection &connection, std::int64_t segment)
{
    return store::Statement(connection, "INSERT INTO uncounted_segment (segment) VALUES (?1)")
        .bind(segment)
        .run();
}

Status leaveCounted(store::Connection &connection)
{
    return connection.execute("DELETE FROM uncounted_segment");
}

Status countUncounted(store::Connection &connection)
{
    std::vector<std::int64_t> segments;
    store::Statement uncounted(connection,
                               "SELECT u.segment, s.id IS NULL FROM uncounted_segment u LEFT JOIN "
                               "segment s ON s.id = u.segment ORDER BY u.segment");
    bool any = false;
    for (; uncounted.step(); any = true)
        if (uncounted.int64(1) == 0) // else deleted since
            segments.push_back(uncounted.int64(0));
    if (!uncounted.ok())
        return tl::unexpected(uncounted.error());
    if (!any)
        return {};
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    UserCounters counters;
    auto ok = countStored(connection, segments, counters, [](std::uint32_t) { return true; }, {});
    if (ok)
        ok = counters.flush(connection);
    if (ok)
        ok = leaveCounted(connection);
    return ok ? transaction->commit() : ok;
}

Status recountUsers(store::Connection &connection, std::span<const std::uint32_t> users,
                    const std::function<Status()> &tick)
{
    store::Statement none(connection,
                          "UPDATE user SET first_sign_in = NULL, last_sign_in = NULL, last_place = 0, "
                          "last_country = '', sign_ins = 0 WHERE id = ?1");
    for (const auto user : users)
        if (auto ok = none.bind(user).run(); !ok)
            return ok;
    const auto all = store::segments(connection);
    if (!all)
        return tl::unexpected(all.error());
    std::vector<std::int64_t> segments;
    for (const auto &segment : *all)
        segments.push_back(segment.id);
    UserCounters counters;
    const auto isOne = [users](std::uint32_t user) { return std::ranges::binary_search(users, user); };
    if (auto ok = countStored(connection, segments, counters, isOne, tick); !ok)
        return ok;
    return counters.flush(connection);
}

} // namespace riskdesk::run
