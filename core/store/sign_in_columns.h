// SignInColumns: the columns that lists filter and sort by, of every stored sign-in, in memory.
//
// About 29 bytes a sign-in. Filled lazily, a column when it is first asked for, and extended when new
// segments appear; for whoever asks but once, filters read a segment at a time and keep none. Rows are numbered in the order of segments. A filter is made of row sets (one bit a row)
// joined by and, or, not; sorting ranks a dictionary once and then counts, so ten million rows take a blink.
//
// One thread at a time; results are values.
#pragma once

#include "core/base/result.h"
#include "core/store/segment.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace riskdesk::store {

class Connection;

// One bit per row.
class RowSet
{
public:
    RowSet() = default;
    explicit RowSet(std::size_t rows, bool all = false);
    [[nodiscard]] std::size_t rows() const { return m_rows; }
    [[nodiscard]] bool contains(std::size_t row) const { return (m_words[row >> 6] >> (row & 63) & 1) != 0; }
    void add(std::size_t row) { m_words[row >> 6] |= std::uint64_t{1} << (row & 63); }
    [[nodiscard]] std::size_t count() const { return count(0, m_rows); }
    [[nodiscard]] std::size_t count(std::size_t first, std::size_t rows) const; // in a stretch
    RowSet &operator&=(const RowSet &other);
    RowSet &operator|=(const RowSet &other);
    [[nodiscard]] RowSet operator~() const;
    // Row numbers in ascending order.
    [[nodiscard]] std::vector<std::uint32_t> list() const;

private:
    friend class SignInColumns;
    std::vector<std::uint64_t> m_words;
    std::size_t m_rows = 0;
};

enum class Keep { Columns, Nothing };

class SignInColumns
{
public:
    explicit SignInColumns(Keep keep = Keep::Columns)
        : m_keep(keep)
    {}

    // Notices new segments. Cheap when there are none; true when there were.
    [[nodiscard]] Result<bool> refresh(Connection &connection);
    [[nodiscard]] std::size_t rows() const { return m_rows; }

    // The whole column: event times in microseconds, or a column of ids, codes and small numbers.
    [[nodiscard]] Result<std::span<const std::int64_t>> times(Connection &connection,
                                                              std::stop_token stop = {});
    [[nodiscard]] Result<std::span<const std::uint32_t>> ids(Connection &connection, Column column,
                                                             std::stop_token stop = {});

    // Rows with least <= time <= greatest.
    [[nodiscard]] Result<RowSet> between(Connection &connection, std::int64_t least, std::int64_t greatest,
                                         std::stop_token stop = {});
    // Rows whose id is one for which `wanted` holds; asked once per id below `size`, never for ids from
    // `size` on. Where it holds for none nothing is read.
    [[nodiscard]] Result<RowSet> where(Connection &connection, Column column, std::uint32_t size,
                                       const std::function<bool(std::uint32_t)> &wanted,
                                       std::stop_token stop = {});

    // Rows whose number is one for which `wanted` holds. For columns of few distinct numbers: asked again
    // only when a number was not seen lately.
    [[nodiscard]] Result<RowSet> whereNumber(Connection &connection, Column column,
                                             const std::function<bool(std::uint32_t)> &wanted,
                                             std::stop_token stop = {});

    // The same two where a row without an own value, 0, takes the answer of its address: byAddress[id], and
    // byAddress[0] for ids beyond. They are asked for once, and only when there is such a row; never empty.
    using ByAddress = std::function<Result<std::vector<std::uint8_t>>()>;
    [[nodiscard]] Result<RowSet> whereElse(Connection &connection, Column column, std::uint32_t size,
                                           const std::function<bool(std::uint32_t)> &wanted,
                                           const ByAddress &byAddress, std::stop_token stop = {});
    [[nodiscard]] Result<RowSet> whereNumberElse(Connection &connection, Column column,
                                                 const std::function<bool(std::uint32_t)> &wanted,
                                                 const ByAddress &byAddress, std::stop_token stop = {});

    // The newest of the rows, at most so many: by time, the newest first, then by number. Of segments that are
    // older than these the times are not looked at.
    [[nodiscard]] Result<std::vector<std::uint32_t>> newest(Connection &connection, const RowSet &rows,
                                                            std::size_t atMost, std::stop_token stop = {});

    // Orders rows by time; stable.
    [[nodiscard]] Status sortByTime(Connection &connection, std::vector<std::uint32_t> &rows,
                                    bool descending);
    // Orders rows by ranks[id]; rows of one rank keep their order. Ranks are below `count`.
    [[nodiscard]] Status sortByRank(Connection &connection, Column column,
                                    std::span<const std::uint32_t> ranks, std::uint32_t count,
                                    std::vector<std::uint32_t> &rows, bool descending);

    // The stored row. Keeps the segments used last, so neighbours cost nothing.
    [[nodiscard]] Result<SignInRow> row(Connection &connection, std::uint32_t number);

private:
    struct Part
    {
        SegmentInfo info;
        std::uint32_t first; // row number of its first row
    };
    struct Cached
    {
        std::int64_t segment = 0;
        std::uint64_t used = 0;
        std::vector<SignInRow> rows;
    };
    Status fill(Connection &connection, Column column, std::stop_token stop);
    Status readPart(Connection &connection, const Part &part, Column column,
                    std::vector<std::int64_t> &values) const;
    // A part's values of a column: those that are kept, else read into `scratch`.
    Result<std::span<const std::uint32_t>> idsOf(Connection &connection, const Part &part, Column column,
                                                 std::vector<std::uint32_t> &scratch);
    // Until the next call.
    Result<std::span<const std::int64_t>> timesOf(Connection &connection, const Part &part);
    // `wanted`: a part's values of the column -> (row of the part -> 0 or 1), or an error.
    template <typename Wanted>
    [[nodiscard]] Result<RowSet> mark(Connection &connection, Column column, Wanted wanted,
                                      std::stop_token stop);
    // `wanted`: value -> 0 or 1, never asked for 0.
    template <typename Wanted>
    [[nodiscard]] Result<RowSet> markElse(Connection &connection, Column column, Wanted wanted,
                                          const ByAddress &byAddress, std::stop_token stop);

    Keep m_keep;
    std::vector<Part> m_parts;
    std::size_t m_rows = 0;
    std::vector<std::int64_t> m_times;
    std::size_t m_timeParts = 0; // parts read into m_times
    struct IdColumn
    {
        std::vector<std::uint32_t> values;
        std::size_t parts = 0;
    };
    std::array<IdColumn, static_cast<std::size_t>(Column::Count)> m_ids;
    std::array<Cached, 8> m_cache;
    std::uint64_t m_clock = 0;
    std::vector<std::int64_t> m_read; // of one part, before it is narrowed
};

} // namespace riskdesk::store
