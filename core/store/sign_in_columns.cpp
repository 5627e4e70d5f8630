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

std::size_t RowSet::count() const
{
    std::size_t n = 0;
    for (const auto word : m_words)
        n += static_cast<std::size_t>(std::popcount(word));
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

Status SignInColumns::fill(Connection &connection, Column column, std::stop_token stop)
{
    auto &known = m_ids[static_cast<std::size_t>(column)];
    const bool time = column == Column::At;
    auto &parts = time ? m_timeParts : known.parts;
    time ? m_times.reserve(m_rows) : known.values.reserve(m_rows);
    std::vector<std::int64_t> values;
    for (; parts < m_parts.size(); ++parts) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        values.clear();
        if (auto ok = readColumn(connection, m_parts[parts].info.id, column, values); !ok)
            return ok;
        if (values.size() != m_parts[parts].info.rows)
            return fail(
                Code::StoreCorrupt, connection.file().string(),
                fmt::format("segment {} has another number of rows than it says", m_parts[parts].info.id));
        if (time) {
            m_times.insert(m_times.end(), values.begin(), values.end());
        } else {
            const auto begin = known.values.size();
            known.values.resize(begin + values.size());
            std::transform(values.begin(), values.end(),
                           known.values.begin() + static_cast<std::ptrdiff_t>(begin),
                           [](std::int64_t value) { return static_cast<std::uint32_t>(value); });
        }
    }
    return {};
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
    auto all = times(connection, stop);
    if (!all)
        return tl::unexpected(all.error());
    RowSet set(m_rows);
    // The segments' own ranges decide most of it.
    for (const auto &part : m_parts) {
        if (part.info.t1 < least || part.info.t0 > greatest)
            continue;
        const bool whole = part.info.t0 >= least && part.info.t1 <= greatest;
        for (std::uint32_t i = part.first; i < part.first + part.info.rows; ++i)
            if (whole || ((*all)[i] >= least && (*all)[i] <= greatest))
                set.add(i);
    }
    return set;
}

template <typename Wanted>
RowSet SignInColumns::mark(Wanted wanted) const
{
    RowSet set(m_rows);
    const std::size_t wholeWords = m_rows / 64;
    for (std::size_t word = 0; word < wholeWords; ++word) {
        // Four parts that do not wait for each other.
        std::array<std::uint64_t, 4> bits{};
        for (std::size_t i = 0; i < 16; ++i)
            for (std::size_t part = 0; part < 4; ++part)
                bits[part] |= std::uint64_t{wanted(word * 64 + part * 16 + i)} << i;
        set.m_words[word] = bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48;
    }
    for (std::size_t i = wholeWords * 64; i < m_rows; ++i)
        if (wanted(i) != 0)
            set.add(i);
    return set;
}

template <typename Wanted>
Result<RowSet> SignInColumns::markElse(Connection &connection, Column column, Wanted wanted,
                                       std::span<const std::uint8_t> byAddress, std::stop_token stop)
{
    const auto own = ids(connection, column, stop);
    if (!own)
        return tl::unexpected(own.error());
    const auto addresses = ids(connection, Column::Ip, stop);
    if (!addresses)
        return tl::unexpected(addresses.error());
    return mark([values = own->data(), ips = addresses->data(), byAddress, &wanted](std::size_t row) {
        const auto value = values[row];
        if (value != 0)
            return wanted(value);
        return byAddress[ips[row] < byAddress.size() ? ips[row] : 0];
    });
}

Result<RowSet> SignInColumns::where(Connection &connection, Column column, std::uint32_t size,
                                    const std::function<bool(std::uint32_t)> &wanted, std::stop_token stop)
{
    const auto all = ids(connection, column, stop);
    if (!all)
        return tl::unexpected(all.error());
    const auto answer = answersBelow(size, wanted);
    return mark([&, values = all->data()](std::size_t row) {
        const auto id = values[row];
        return id < size ? answer[id] : std::uint8_t{0};
    });
}

Result<RowSet> SignInColumns::whereNumber(Connection &connection, Column column,
                                          const std::function<bool(std::uint32_t)> &wanted,
                                          std::stop_token stop)
{
    const auto all = ids(connection, column, stop);
    if (!all)
        return tl::unexpected(all.error());
    RecentAnswers answers(wanted);
    return mark([&, values = all->data()](std::size_t row) { return answers(values[row]); });
}

Result<RowSet> SignInColumns::whereElse(Connection &connection, Column column, std::uint32_t size,
                                        const std::function<bool(std::uint32_t)> &wanted,
                                        std::span<const std::uint8_t> byAddress, std::stop_token stop)
{
    const auto answer = answersBelow(size, wanted);
    return markElse(
        connection, column, [&](std::uint32_t id) { return id < size ? answer[id] : std::uint8_t{0}; },
        byAddress, std::move(stop));
}

Result<RowSet> SignInColumns::whereNumberElse(Connection &connection, Column column,
                                              const std::function<bool(std::uint32_t)> &wanted,
                                              std::span<const std::uint8_t> byAddress, std::stop_token stop)
{
    RecentAnswers answers(wanted);
    return markElse(
        connection, column, [&](std::uint32_t number) { return answers(number); }, byAddress,
        std::move(stop));
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
