// What is kept in memory of all sign-ins, and when it is read again. Filters: sign_in_kernels; orders:
// sign_in_sort; single rows: sign_in_items.
#include "core/query/sign_ins/sign_ins.h"

#include "core/base/text.h"
#include "core/query/sign_ins/sign_in_kernels.h"
#include "core/query/sign_ins/sign_in_sort.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace riskdesk::query {

std::size_t SignIns::KeyHash::operator()(const EventKey &key) const
{
    // Event keys are random or digests already.
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
}

Status SignIns::rebuildIfSegmentsWent(store::Connection &connection)
{
    auto now = store::segments(connection);
    if (!now)
        return tl::unexpected(now.error());
    const bool grown =
        now->size() >= m_segments.size() &&
        std::equal(m_segments.begin(), m_segments.end(), now->begin(), [](const auto &a, const auto &b) {
            return a.id == b.id && a.rows == b.rows && a.t0 == b.t0 && a.t1 == b.t1;
        });
    if (!grown) {
        m_columns = store::SignInColumns(m_keep);
        m_numbers.clear();
        m_risk.clear();
        m_riskStamp.reset();
        ++m_generation;
    }
    m_segments = std::move(*now);
    m_firstRows.clear();
    std::uint32_t first = 0;
    for (const auto &segment : m_segments) {
        m_firstRows.push_back(first);
        first += segment.rows;
    }
    const auto fresh = m_columns.refresh(connection);
    return fresh ? Status{} : Status(tl::unexpected(fresh.error()));
}

Status SignIns::refresh(store::Connection &connection, Reading &reading, std::stop_token)
{
    const auto stamp = reading.texts().stamp();
    if (m_stamp == stamp)
        return {};
    if (auto ok = rebuildIfSegmentsWent(connection); !ok)
        return ok;
    m_stamp = stamp;
    return {};
}

Status SignIns::eachUser(store::Connection &connection, UserText what,
                         const std::function<void(std::size_t, std::string_view)> &take)
{
    constexpr std::array columns = {"search", "key", "display_name", "upn"};
    store::Statement rows(connection, fmt::format("SELECT id, {} FROM user ORDER BY id",
                                                  columns[static_cast<std::size_t>(what)]));
    while (rows.step()) {
        const auto id = rows.int64(0);
        if (id < 0 || id > INT32_MAX)
            continue;
        if (what == UserText::Search) // is stored folded
            take(static_cast<std::size_t>(id), rows.text(1));
        else
            take(static_cast<std::size_t>(id), foldForSearch(rows.text(1)));
    }
    return rows.ok() ? Status() : tl::unexpected(rows.error());
}

Result<std::span<const std::string>> SignIns::userTexts(store::Connection &connection, UserText what)
{
    auto &known = m_users[static_cast<std::size_t>(what)];
    if (known.stamp != m_stamp) {
        std::vector<std::string> texts;
        const auto ok = eachUser(connection, what, [&](std::size_t id, std::string_view text) {
            texts.resize(id + 1);
            texts.back() = text;
        });
        if (!ok)
            return tl::unexpected(ok.error());
        known = {m_stamp, std::move(texts)};
    }
    return std::span<const std::string>(known.texts);
}

Result<std::vector<std::uint8_t>> SignIns::usersWhere(store::Connection &connection, UserText what,
                                                      const std::function<bool(std::string_view)> &wanted)
{
    std::vector<std::uint8_t> answers;
    const auto answer = [&](std::size_t id, std::string_view text) {
        const std::uint8_t noText = id > answers.size() && wanted({}) ? 1 : 0; // ids that nobody has
        answers.resize(id, noText);
        answers.push_back(wanted(text) ? 1 : 0);
    };
    if (m_keep == store::Keep::Nothing) {
        if (auto ok = eachUser(connection, what, answer); !ok)
            return tl::unexpected(ok.error());
        return answers;
    }
    const auto texts = userTexts(connection, what);
    if (!texts)
        return tl::unexpected(texts.error());
    for (std::size_t id = 0; id < texts->size(); ++id)
        answer(id, (*texts)[id]);
    return answers;
}

Status SignIns::loadFacts(store::Connection &connection)
{
    if (m_factsStamp == m_stamp)
        return {};
    std::vector<AddressFact> facts;
    store::Statement rows(connection, "SELECT address, place, asn FROM address_fact ORDER BY address");
    while (rows.step()) {
        const auto address = rows.int64(0);
        if (address <= 0 || address > INT32_MAX)
            continue;
        facts.resize(static_cast<std::size_t>(address) + 1);
        facts.back() = {rows.uint32(1), rows.uint32(2)};
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    m_facts = std::move(facts);
    m_factsStamp = m_stamp;
    return {};
}

Status SignIns::loadRisk(store::Connection &connection, std::stop_token stop)
{
    if (m_riskStamp == m_stamp)
        return {};
    struct Found
    {
        EventKey key;
        SignInRisk risk;
    };
    std::vector<Found> found;
    std::vector<std::pair<std::int64_t, EventKey>> fresh;
    store::Statement rows(
        connection,
        "SELECT event_key, at, level_during, level_aggregated, state, detail, score FROM sign_in_risk");
    while (rows.step()) {
        Found f;
        const auto key = rows.blob(0);
        if (key.size() != f.key.size())
            continue;
        std::copy(key.begin(), key.end(), f.key.begin());
        f.risk = {rows.as<RiskLevel>(2), rows.as<RiskLevel>(3), rows.as<RiskState>(4), rows.as<RiskDetail>(5),
                  static_cast<std::uint8_t>(rows.int64(6))};
        if (!m_numbers.contains(f.key))
            fresh.emplace_back(rows.int64(1), f.key);
        found.push_back(f);
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    if (auto ok = locate(connection, fresh, stop); !ok)
        return ok;
    m_risk.clear();
    for (const auto &f : found)
        if (const auto number = m_numbers.find(f.key); number != m_numbers.end())
            m_risk[number->second] = f.risk;
    m_riskStamp = m_stamp;
    return {};
}

Status SignIns::locate(store::Connection &connection,
                       std::span<const std::pair<std::int64_t, EventKey>> wanted, std::stop_token stop)
{
    std::vector<std::pair<std::int64_t, EventKey>> sorted(wanted.begin(), wanted.end());
    std::sort(sorted.begin(), sorted.end());
    std::unordered_set<EventKey, KeyHash> here;
    std::array<std::uint64_t, 256> beginnings{}; // a bit for each beginning of a key of `here`
    const auto bitOf = [](const EventKey &key) { return KeyHash()(key) % (64 * 256); };
    for (std::size_t s = 0; s < m_segments.size() && !sorted.empty(); ++s) {
        const auto &segment = m_segments[s];
        const auto begin = std::lower_bound(sorted.begin(), sorted.end(), std::pair{segment.t0, EventKey{}});
        if (begin == sorted.end() || begin->first > segment.t1)
            continue;
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        const auto keys = store::readEventKeys(connection, segment.id);
        if (!keys)
            return tl::unexpected(keys.error());
        // Few of its sign-ins have risk, so nearly all rows end at the bit.
        here.clear();
        beginnings.fill(0);
        for (auto it = begin; it != sorted.end() && it->first <= segment.t1; ++it) {
            here.insert(it->second);
            const auto bit = bitOf(it->second);
            beginnings[bit / 64] |= std::uint64_t{1} << bit % 64;
        }
        for (std::size_t i = 0; i < keys->size(); ++i) {
            const auto &key = (*keys)[i];
            const auto bit = bitOf(key);
            if ((beginnings[bit / 64] >> bit % 64 & 1) != 0 && here.contains(key))
                m_numbers.emplace(key, m_firstRows[s] + static_cast<std::uint32_t>(i));
        }
    }
    return {};
}

Result<store::RowSet> SignIns::matching(store::Connection &connection, Reading &reading,
                                        const Question &question, std::stop_token stop)
{
    if (auto ok = refresh(connection, reading, stop); !ok)
        return tl::unexpected(ok.error());
    SignInKernels kernels(*this, connection, reading.texts(), question.now, stop);
    auto rows = kernels.evaluate(question.filter);
    if (!rows)
        return rows;
    if (question.period.from || question.period.until) {
        const auto least = question.period.from ? question.period.from->us : INT64_MIN;
        const auto greatest = question.period.until ? question.period.until->us - 1 : INT64_MAX;
        auto inPeriod = m_columns.between(connection, least, greatest, stop);
        if (!inPeriod)
            return inPeriod;
        *rows &= *inPeriod;
    }
    return rows;
}

Result<SignInSpine> SignIns::ask(store::Connection &connection, const Question &question,
                                 std::stop_token stop)
{
    return first(connection, question, UINT64_MAX, std::move(stop));
}

Result<SignInSpine> SignIns::first(store::Connection &connection, const Question &question,
                                   std::uint64_t atMost, std::stop_token stop)
{
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    const auto rows = matching(connection, *reading, question, stop);
    if (!rows)
        return tl::unexpected(rows.error());
    SignInSpine spine{m_generation, {}, m_columns.rows(), rows->count()};
    if (question.order.empty() && atMost < m_columns.rows()) {
        auto newest = m_columns.newest(connection, *rows, atMost, stop);
        if (!newest)
            return tl::unexpected(newest.error());
        spine.rows = std::move(*newest);
        return spine;
    }
    spine.rows = rows->list();
    SignInSorter sorter(*this, connection, reading->texts(), stop);
    if (auto ok = sorter.sort(spine.rows, question.order); !ok)
        return tl::unexpected(ok.error());
    spine.rows.resize(std::min<std::uint64_t>(spine.rows.size(), atMost));
    return spine;
}

Result<Position> SignIns::positionOf(store::Connection &connection, std::uint32_t row)
{
    const auto stored = m_columns.row(connection, row);
    if (!stored)
        return tl::unexpected(stored.error());
    const auto after = std::upper_bound(m_firstRows.begin(), m_firstRows.end(), row);
    const auto segment = static_cast<std::size_t>(after - m_firstRows.begin()) - 1;
    const auto &key = stored->eventKey;
    return Position{{m_segments[segment].id, std::vector<std::uint8_t>(key.begin(), key.end())},
                    static_cast<std::int64_t>(row - m_firstRows[segment])};
}

Result<std::uint32_t> SignIns::rowAt(store::Connection &connection, const Position &position)
{
    const auto gone = [] { return fail(Code::NotFound, "page", "the sign-in it ended with is gone"); };
    if (position.values.size() != 2)
        return gone();
    const auto *id = std::get_if<std::int64_t>(&position.values[0]);
    const auto *key = std::get_if<std::vector<std::uint8_t>>(&position.values[1]);
    if (id == nullptr || key == nullptr)
        return gone();
    for (std::size_t s = 0; s < m_segments.size(); ++s) {
        if (m_segments[s].id != *id)
            continue;
        if (position.id < 0 || position.id >= static_cast<std::int64_t>(m_segments[s].rows))
            return gone();
        const auto row = m_firstRows[s] + static_cast<std::uint32_t>(position.id);
        const auto stored = m_columns.row(connection, row);
        if (!stored)
            return tl::unexpected(stored.error());
        // The number of a segment that was undone may have been given again.
        if (!std::equal(key->begin(), key->end(), stored->eventKey.begin(), stored->eventKey.end()))
            return gone();
        return row;
    }
    return gone();
}

Result<Page> SignIns::page(store::Connection &connection, const Question &question,
                           const std::optional<Position> &after, std::size_t atMost, std::stop_token stop)
{
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    auto rows = matching(connection, *reading, question, stop);
    if (!rows)
        return tl::unexpected(rows.error());
    std::optional<std::uint32_t> last;
    if (after) {
        const auto row = rowAt(connection, *after);
        if (!row)
            return tl::unexpected(row.error());
        last = *row;
        // A place in the order even when the filter does not find it any more.
        rows->add(*last);
    }
    auto ordered = rows->list();
    SignInSorter sorter(*this, connection, reading->texts(), stop);
    if (auto ok = sorter.sort(ordered, question.order); !ok)
        return tl::unexpected(ok.error());
    auto begin = ordered.begin();
    if (last)
        begin = std::find(ordered.begin(), ordered.end(), *last) + 1;
    const auto left = static_cast<std::size_t>(ordered.end() - begin);
    Page page;
    page.generation = m_generation;
    page.ids.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(left, atMost)));
    if (left > atMost && atMost > 0) {
        auto next = positionOf(connection, static_cast<std::uint32_t>(page.ids.back()));
        if (!next)
            return tl::unexpected(next.error());
        page.next = std::move(*next);
    }
    return page;
}

Result<SignInSpine> SignIns::find(store::Connection &connection, std::string_view requestId,
                                  std::stop_token stop)
{
    Question question{
        Report::SignIns, Filter::match("id", Test::Is, {Value(std::string(requestId))}), {}, {}, {}};
    auto spine = ask(connection, question, std::move(stop));
    if (spine && spine->rows.empty())
        return fail(Code::NotFound, std::string(requestId), "no such sign-in");
    return spine;
}

Result<SignInSpine> SignIns::around(store::Connection &connection, std::uint64_t generation,
                                    std::uint32_t row, std::size_t each, std::stop_token stop)
{
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    if (auto ok = refresh(connection, *reading, stop); !ok)
        return tl::unexpected(ok.error());
    if (generation != m_generation)
        return fail(Code::Conflict, "sign-ins", "they were renumbered");
    const auto users = m_columns.ids(connection, store::Column::User, stop);
    if (!users)
        return tl::unexpected(users.error());
    if (row >= users->size())
        return fail(Code::NotFound, std::to_string(row), "no such sign-in");
    SignInSpine spine{m_generation, {}, m_columns.rows()};
    const auto user = (*users)[row];
    for (std::uint32_t i = 0; i < users->size(); ++i)
        if ((*users)[i] == user)
            spine.rows.push_back(i);
    if (auto ok = m_columns.sortByTime(connection, spine.rows, false); !ok)
        return tl::unexpected(ok.error());
    const auto self =
        static_cast<std::size_t>(std::find(spine.rows.begin(), spine.rows.end(), row) - spine.rows.begin());
    const auto first = self > each ? self - each : 0;
    const auto last = std::min(self + each + 1, spine.rows.size());
    spine.rows.assign(spine.rows.begin() + static_cast<std::ptrdiff_t>(first),
                      spine.rows.begin() + static_cast<std::ptrdiff_t>(last));
    return spine;
}

Result<std::vector<SignInPlace>> SignIns::places(store::Connection &connection, std::uint32_t user,
                                                 const Period &period, std::stop_token stop)
{
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    for (const auto &ok :
         {refresh(connection, *reading, stop), loadFacts(connection), loadRisk(connection, stop)})
        if (!ok)
            return tl::unexpected(ok.error());
    const auto users = m_columns.ids(connection, store::Column::User, stop);
    const auto own = m_columns.ids(connection, store::Column::Place, stop);
    const auto addresses = m_columns.ids(connection, store::Column::Ip, stop);
    const auto times = m_columns.times(connection, stop);
    if (!users || !own || !addresses || !times)
        return tl::unexpected(!users       ? users.error()
                              : !own       ? own.error()
                              : !addresses ? addresses.error()
                                           : times.error());
    std::map<std::string, SignInPlace> byPlace;
    for (std::uint32_t row = 0; row < users->size(); ++row) {
        const Timestamp at{(*times)[row]};
        if ((*users)[row] != user || (period.from && at < *period.from) ||
            (period.until && at >= *period.until))
            continue;
        const auto ip = (*addresses)[row];
        const auto id = (*own)[row] != 0 ? (*own)[row] : ip < m_facts.size() ? m_facts[ip].place : 0;
        const auto place = Place::decode(reading->texts().text(Dictionary::Place, id));
        // Two records of one city may differ in the fourth decimal; people see one place.
        auto [entry, isNew] =
            byPlace.try_emplace(place.city + '\x1f' + place.country, SignInPlace{place, at, at});
        auto &found = entry->second;
        found.first = std::min(found.first, at);
        found.last = std::max(found.last, at);
        ++found.signIns;
        if (const auto risk = m_risk.find(row);
            risk != m_risk.end() && risk->second.aggregated != RiskLevel::None)
            ++found.risky;
    }
    std::vector<SignInPlace> found;
    for (auto &[name, place] : byPlace)
        found.push_back(std::move(place));
    std::stable_sort(found.begin(), found.end(),
                     [](const auto &a, const auto &b) { return a.signIns > b.signIns; });
    return found;
}

Result<std::vector<SignIns::Density>> SignIns::density(store::Connection &connection,
                                                       const Question &question,
                                                       std::span<const Timestamp> bounds,
                                                       std::stop_token stop)
{
    std::vector<Density> stretches(bounds.empty() ? 0 : bounds.size() - 1);
    if (stretches.empty() || !std::is_sorted(bounds.begin(), bounds.end()))
        return stretches;
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    const auto rows = matching(connection, *reading, question, stop);
    if (!rows)
        return tl::unexpected(rows.error());
    if (auto ok = loadRisk(connection, stop); !ok)
        return tl::unexpected(ok.error());
    const auto times = m_columns.times(connection, stop);
    if (!times)
        return tl::unexpected(times.error());
    const auto outcomes = m_columns.ids(connection, store::Column::Outcome, stop);
    if (!outcomes)
        return tl::unexpected(outcomes.error());
    std::size_t at = 0; // rows come nearly in time order, so the last stretch is the best guess
    for (const auto row : rows->list()) {
        const Timestamp time{(*times)[row]};
        if (time < bounds.front() || time >= bounds.back())
            continue;
        if (time < bounds[at] || time >= bounds[at + 1])
            at = static_cast<std::size_t>(std::upper_bound(bounds.begin(), bounds.end(), time) -
                                          bounds.begin()) -
                 1;
        auto &stretch = stretches[at];
        const auto outcome = static_cast<Outcome>((*outcomes)[row]);
        ++(outcome == Outcome::Success   ? stretch.success
           : outcome == Outcome::Failure ? stretch.failure
                                         : stretch.interrupted);
        if (const auto risk = m_risk.find(row);
            risk != m_risk.end() && risk->second.aggregated != RiskLevel::None)
            ++stretch.risky;
    }
    return stretches;
}

} // namespace riskdesk::query
