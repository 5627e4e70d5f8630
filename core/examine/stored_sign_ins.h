// What is stored already, for a run that adds to it: which event keys lie near a time, and which rows follow
// a position.
#pragma once

#include "core/base/result.h"
#include "core/examine/detector_memory.h"
#include "core/store/connection.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace riskdesk::run {

// Asked in event-time order; holds the keys of those segments only whose time range contains the moment, so
// it does not grow with the store. A differing copy of an event under another time is not found here.
class StoredKeys
{
public:
    // Segments that overlap [first, last], microseconds.
    StoredKeys(store::Connection &connection, std::int64_t first, std::int64_t last);
    [[nodiscard]] Result<bool> contains(const SignInRow &row);

private:
    struct Pending
    {
        std::int64_t segment, t0, t1;
        std::vector<std::uint64_t> keys; // sorted fingerprints, once loaded
    };
    store::Connection &m_connection;
    std::vector<Pending> m_segments; // by t0
    std::vector<std::size_t> m_open;
    std::size_t m_next = 0;
    Status m_status;
};

// Every stored row after a position (from the beginning without one), in (event time, event key) order. Holds
// the segments that overlap in time, no more.
class SignInStream
{
public:
    explicit SignInStream(store::Connection &connection, std::optional<Position> after = {});
    // False at the end.
    [[nodiscard]] Result<bool> next(SignInRow &row);
    [[nodiscard]] std::uint64_t total() const { return m_total; } // rows of all segments it will touch

private:
    struct Segment
    {
        std::int64_t id, t0;
        std::vector<SignInRow> rows; // once open
        std::size_t at = 0;
    };
    [[nodiscard]] bool later(std::size_t a, std::size_t b) const;
    store::Connection &m_connection;
    std::optional<Position> m_after;
    std::vector<Segment> m_segments; // by t0
    std::vector<std::size_t> m_heap;
    std::size_t m_next = 0;
    std::uint64_t m_total = 0;
    Status m_status;
};

} // namespace riskdesk::run
