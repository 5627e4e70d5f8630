#include "core/store/sign_in_columns.h"

#include "core/store/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

namespace riskdesk::store {
namespace {

// Stable counting sort of row numbers by a small key.
template <typename KeyOf>
void countingSort(std::vector<std::uint32_t> &rows, std::size_t keys, KeyOf keyOf)
{
    std::vector<std::uint32_t> begin(keys + 1), sorted(rows.size());
    for (const auto row : rows)
        ++begin[keyOf(row) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    for (const auto row : rows)
        sorted[begin[keyOf(row)]++] = row;
    rows = std::move(sorted);
}

std::vector<std::uint8_t> answersBelow(std::uint32_t size, const std::function<bool(std::uint32_t)> &wanted)
{
    std::vector<std::uint8_t> answers(size);
    for (std::uint32_t id = 0; id < size; ++id)
        answers[id] = wanted(id) ? 1 : 0;
    return answers;
}

// Appends ids, codes and small numbers.
void narrow(const std::vector<std::int64_t> &from, std::vector<std::uint32_t> &to)
{
    const auto begin = to.size();
    to.resize(begin + from.size());
    std::transform(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(begin),
                   [](std::int64_t value) { return static_cast<std::uint32_t>(value); });
}

// Remembers what was answered lately.
class RecentAnswers
{
public:
    explicit RecentAnswers(const std::function<bool(std::uint32_t)> &wanted)
        : m_wanted(wanted)
    {
        m_slots.fill(~std::uint64_t{0});
    }
    std::uint8_t operator()(std::uint32_t number)
    {
        auto &slot = m_slots[(number ^ number >> 10) & 1023];
        if (slot >> 1 != number)
            slot = std::uint64_t{number} << 1 | (m_wanted(number) ? 1 : 0);
        return static_cast<std::uint8_t>(slot & 1);
    }

private:
    const std::function<bool(std::uint32_t)> &m_wanted;
    // A number and, in the lowest bit, the answer; no number is shifted to all ones.
    std::array<std::uint64_t, 1024> m_slots;
};

} // namespace

RowSet::RowSet(std::size_t rows, bool all)
    : m_words((rows + 63) / 64, all ? ~std::uint64_t{0} : 0)
    , m_rows(rows)
{
    if (all && rows % 64 != 0)
        m_words.back() = (std::uint64_t{1} << (rows % 64)) - 1;
}

std::size_t RowSet::count(std::size_t first, std::size_t rows) const
{
    std::size_t n = 0;
    for (std::size_t at = first, end = first + rows; at < end; at = (at | 63) + 1) {
        const auto left = std::min<std::size_t>(end - at, 64);
        n += static_cast<std::size_t>(std::popcount(m_words[at >> 6] >> (at & 63) << (64 - left)));
    }
    return n;
}

RowSet &RowSet::operator&=(const RowSet &other)
{
    for (std::size_t i = 0; i < m_words.size(); ++i)
        m_words[i] &= other.m_words[i];
    return *this;
}

RowSet &RowSet::operator|=(const RowSet &other)
{
    for (std::size_t i = 0; i < m_words.size(); ++i)
        m_words[i] |= other.m_words[i];
    return *this;
}

RowSet RowSet::operator~() const
{
    RowSet all(m_rows, true);
    for (std::size_t i = 0; i < m_words.size(); ++i)
        all.m_words[i] &= ~m_words[i];
    return all;
}

std::vector<std::uint32_t> RowSet::list() const
{
    std::vector<std::uint32_t> rows;
    rows.reserve(count());
    for (std::size_t i = 0; i < m_words.size(); ++i)
        for (auto word = m_words[i]; word != 0; word &= word - 1)
            rows.push_back(
                static_cast<std::uint32_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
    return rows;
}

Result<bool> SignInColumns::refresh(Connection &connection)
{
    auto fresh = segments(connection, m_parts.empty() ? 0 : m_parts.back().info.id);
    if (!fresh)
        return tl::unexpected(fresh.error());
    for (const auto &info : *fresh) {
        m_parts.push_back({info, static_cast<std::uint32_t>(m_rows)});
        m_rows += info.rows;
    }
    return !fresh->empty();
}

Status SignInColumns::readPart(Connection &connection, const Part &part, Column column,
                               std::vector<std::int64_t> &values) const
{
    values.clear();
    if (auto ok = readColumn(connection, part.info.id, column, values); !ok)
        return ok;
    if (values.size() != part.info.rows)
        return fail(Code::StoreCorrupt, connection.file().string(),
                    fmt::format("segment {} has another number of rows than it says", part.info.id));
    return {};
}

Status SignInColumns::fill(Connection &connection, Column column, std::stop_token stop)
{
    auto &known = m_ids[static_cast<std::size_t>(column)];
    const bool time = column == Column::At;
    auto &parts = time ? m_timeParts : known.parts;
    time ? m_times.reserve(m_rows) : known.values.reserve(m_rows);
    for (; parts < m_parts.size(); ++parts) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        if (auto ok = readPart(connection, m_parts[parts], column, m_read); !ok)
            return ok;
        if (time)
            m_times.insert(m_times.end(), m_read.begin(), m_read.end());
        else
            narrow(m_read, known.values);
    }
    return {};
}

Result<std::span<const std::uint32_t>> SignInColumns::idsOf(Connection &connection, const Part &part,
                                                            Column column,
                                                            std::vector<std::uint32_t> &scratch)
{
    const auto &known = m_ids[static_cast<std::size_t>(column)].values;
    if (part.first + part.info.rows <= known.size())
        return std::span(known).subspan(part.first, part.info.rows);
    if (auto ok = readPart(connection, part, column, m_read); !ok)
        return tl::unexpected(ok.error());
    scratch.clear();
    narrow(m_read, scratch);
    return std::span<const std::uint32_t>(scratch);
}

Result<std::span<const std::int64_t>> SignInColumns::timesOf(Connection &connection, const Part &part)
{
    if (part.first + part.info.rows <= m_times.size())
        return std::span<const std::int64_t>(m_times).subspan(part.first, part.info.rows);
    if (auto ok = readPart(connection, part, Column::At, m_read); !ok)
        return tl::unexpected(ok.error());
    return std::span<const std::int64_t>(m_read);
}

Result<std::span<const std::int64_t>> SignInColumns::times(Connection &connection, std::stop_token stop)
{
    if (auto ok = fill(connection, Column::At, stop); !ok)
        return tl::unexpected(ok.error());
    return std::span<const std::int64_t>(m_times);
}

Result<std::span<const std::uint32_t>> SignInColumns::ids(Connection &connection, Column column,
                                                          std::stop_token stop)
{
    if (auto ok = fill(connection, column, stop); !ok)
        return tl::unexpected(ok.error());
    return std::span<const std::uint32_t>(m_ids[static_cast<std::size_t>(column)].values);
}

Result<RowSet> SignInColumns::between(Connection &connection, std::int64_t least, std::int64_t greatest,
                                      std::stop_token stop)
{
    RowSet set(m_rows);
    // The segments' own ranges decide most of it.
    for (const auto &part : m_parts) {
        if (part.info.t1 < least || part.info.t0 > greatest)
            continue;
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        std::span<const std::int64_t> at;
        if (part.info.t0 < least || part.info.t1 > greatest) {
            const auto some = timesOf(connection, part);
            if (!some)
                return tl::unexpected(some.error());
            at = *some;
        }
        for (std::uint32_t i = 0; i < part.info.rows; ++i)
            if (at.empty() || (at[i] >= least && at[i] <= greatest))
                set.add(part.first + i);
    }
    return set;
}

template <typename Wanted>
Result<RowSet> SignInColumns::mark(Connection &connection, Column column, Wanted wanted, std::stop_token stop)
{
    if (m_keep == Keep::Columns)
        if (auto ok = fill(connection, column, stop); !ok)
            return tl::unexpected(ok.error());
    RowSet set(m_rows);
    std::vector<std::uint32_t> scratch;
    for (const auto &part : m_parts) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        const auto values = idsOf(connection, part, column, scratch);
        if (!values)
            return tl::unexpected(values.error());
        const auto answer = wanted(part, *values);
        if (!answer)
            return tl::unexpected(answer.error());
        // A word of 64 rows at a time, without a branch a row; the first and the last may be shared with
        // other parts.
        for (std::size_t i = 0; i < values->size();) {
            const auto row = part.first + i;
            const auto count = std::min<std::size_t>(64 - (row & 63), values->size() - i);
            std::array<std::uint64_t, 4> bits{};
            if (count == 64) // four quarters that do not wait for each other
                for (std::size_t bit = 0; bit < 16; ++bit)
                    for (std::size_t quarter = 0; quarter < 4; ++quarter)
                        bits[quarter] |= std::uint64_t{(*answer)(i + quarter * 16 + bit)} << bit;
            else
                for (std::size_t bit = 0; bit < count; ++bit)
                    bits[0] |= std::uint64_t{(*answer)(i + bit)} << bit;
            set.m_words[row >> 6] |= (bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48) << (row & 63);
            i += count;
        }
    }
    return set;
}

namespace {

// What SignInColumns::mark() asks of each part where a row is judged by its value alone.
template <typename Wanted>
auto byValue(Wanted wanted)
{
    return [wanted](const auto &, std::span<const std::uint32_t> values) {
        const auto answer = [wanted, values = values.data()](std::size_t i) { return wanted(values[i]); };
        return Result<decltype(answer)>(answer);
    };
}

} // namespace

template <typename Wanted>
Result<RowSet> SignInColumns::markElse(Connection &connection, Column column, Wanted wanted,
                                       const ByAddress &byAddress, std::stop_token stop)
{
    std::vector<std::uint8_t> answers; // by address
    std::vector<std::uint32_t> scratch;
    const auto ofPart = [&](const Part &part, std::span<const std::uint32_t> own) {
        const std::uint32_t *ips = nullptr;
        const auto answer = [&](const std::uint32_t *addresses) {
            return [&wanted, &answers, own = own.data(), addresses](std::size_t i) -> std::uint8_t {
                if (own[i] != 0)
                    return wanted(own[i]);
                return answers[addresses[i] < answers.size() ? addresses[i] : 0];
            };
        };
        using Answer = Result<decltype(answer(ips))>;
        if (std::find(own.begin(), own.end(), 0U) == own.end())
            return Answer(answer(nullptr));
        if (answers.empty()) {
            auto all = byAddress();
            if (!all)
                return Answer(tl::unexpected(all.error()));
            answers = std::move(*all);
            if (m_keep == Keep::Columns)
                if (auto ok = fill(connection, Column::Ip, stop); !ok)
                    return Answer(tl::unexpected(ok.error()));
        }
        const auto addresses = idsOf(connection, part, Column::Ip, scratch);
        if (!addresses)
            return Answer(tl::unexpected(addresses.error()));
        return Answer(answer(addresses->data()));
    };
    return mark(connection, column, ofPart, stop);
}

Result<RowSet> SignInColumns::where(Connection &connection, Column column, std::uint32_t size,
                                    const std::function<bool(std::uint32_t)> &wanted, std::stop_token stop)
{
    const auto answers = answersBelow(size, wanted);
    if (std::ranges::find(answers, 1) == answers.end())
        return RowSet(m_rows);
    return mark(connection, column, byValue([size, answers = answers.data()](std::uint32_t id) {
                    return id < size ? answers[id] : std::uint8_t{0};
                }),
                std::move(stop));
}

Result<RowSet> SignInColumns::whereNumber(Connection &connection, Column column,
                                          const std::function<bool(std::uint32_t)> &wanted,
                                          std::stop_token stop)
{
    RecentAnswers answers(wanted);
    return mark(connection, column,
                byValue([answers = &answers](std::uint32_t number) { return (*answers)(number); }),
                std::move(stop));
}

Result<RowSet> SignInColumns::whereElse(Connection &connection, Column column, std::uint32_t size,
                                        const std::function<bool(std::uint32_t)> &wanted,
                                        const ByAddress &byAddress, std::stop_token stop)
{
    const auto answer = answersBelow(size, wanted);
    return markElse(
        connection, column, [&](std::uint32_t id) { return id < size ? answer[id] : std::uint8_t{0}; },
        byAddress, std::move(stop));
}

Result<RowSet> SignInColumns::whereNumberElse(Connection &connection, Column column,
                                              const std::function<bool(std::uint32_t)> &wanted,
                                              const ByAddress &byAddress, std::stop_token stop)
{
    RecentAnswers answers(wanted);
    return markElse(
        connection, column, [&](std::uint32_t number) { return answers(number); }, byAddress,
        std::move(stop));
}

Result<std::vector<std::uint32_t>> SignInColumns::newest(Connection &connection, const RowSet &rows,
                                                         std::size_t atMost, std::stop_token stop)
{
    std::vector<const Part *> parts;
    for (const auto &part : m_parts)
        parts.push_back(&part);
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto *a, const auto *b) { return a->info.t1 > b->info.t1; });
    std::vector<std::pair<std::int64_t, std::uint32_t>> found; // time, turned; number
    std::int64_t least = INT64_MAX;                            // none that was found is older
    for (const auto *part : parts) {
        if (found.size() >= atMost && part->info.t1 < least)
            break;
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        if (rows.count(part->first, part->info.rows) == 0)
            continue;
        const auto at = timesOf(connection, *part);
        if (!at)
            return tl::unexpected(at.error());
        for (std::uint32_t i = 0; i < part->info.rows; ++i)
            if (rows.contains(part->first + i))
                found.emplace_back(~(*at)[i], part->first + i);
        least = std::min(least, part->info.t0);
    }
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), atMost));
    std::partial_sort(found.begin(), end, found.end());
    std::vector<std::uint32_t> newest;
    std::transform(found.begin(), end, std::back_inserter(newest),
                   [](const auto &one) { return one.second; });
    return newest;
}

Status SignInColumns::sortByTime(Connection &connection, std::vector<std::uint32_t> &rows, bool descending)
{
    auto all = times(connection);
    if (!all)
        return tl::unexpected(all.error());
    const auto *at = all->data();
    const auto ascending = [at](std::uint32_t a, std::uint32_t b) { return at[a] < at[b]; };
    const auto falling = [at](std::uint32_t a, std::uint32_t b) { return at[a] > at[b]; };
    // Segments of one import follow each other in time, so this is nearly always done already.
    if (descending) {
        if (std::is_sorted(rows.begin(), rows.end(), ascending))
            std::reverse(rows.begin(), rows.end());
        if (!std::is_sorted(rows.begin(), rows.end(), falling))
            std::stable_sort(rows.begin(), rows.end(), falling);
    } else if (!std::is_sorted(rows.begin(), rows.end(), ascending)) {
        std::stable_sort(rows.begin(), rows.end(), ascending);
    }
    return {};
}

Status SignInColumns::sortByRank(Connection &connection, Column column, std::span<const std::uint32_t> ranks,
                                 std::uint32_t count, std::vector<std::uint32_t> &rows, bool descending)
{
    auto all = ids(connection, column);
    if (!all)
        return tl::unexpected(all.error());
    const auto rankOf = [&](std::uint32_t row) {
        const auto id = (*all)[row];
        const auto rank = id < ranks.size() ? ranks[id] : count - 1;
        return descending ? count - 1 - rank : rank;
    };
    if (count != 0)
        countingSort(rows, count, rankOf);
    return {};
}

Result<SignInRow> SignInColumns::row(Connection &connection, std::uint32_t number)
{
    if (number >= m_rows)
        return fail(Code::NotFound, std::to_string(number), "no such sign-in");
    const auto part = std::prev(std::upper_bound(m_parts.begin(), m_parts.end(), number,
                                                 [](std::uint32_t n, const Part &p) { return n < p.first; }));
    auto cached = std::find_if(m_cache.begin(), m_cache.end(),
                               [&](const Cached &c) { return c.segment == part->info.id; });
    if (cached == m_cache.end()) {
        cached = std::min_element(m_cache.begin(), m_cache.end(),
                                  [](auto &a, auto &b) { return a.used < b.used; });
        auto rows = readSegment(connection, part->info.id);
        if (!rows)
            return tl::unexpected(rows.error());
        cached->segment = part->info.id;
        cached->rows = std::move(*rows);
    }
    cached->used = ++m_clock;
    return cached->rows[number - part->first];
}

} // namespace riskdesk::store
