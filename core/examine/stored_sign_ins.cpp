#include "core/examine/stored_sign_ins.h"

#include "core/domain/intelligence.h"
#include "core/examine/seen_set.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::run {

StoredKeys::StoredKeys(store::Connection &connection, std::int64_t first, std::int64_t last)
    : m_connection(connection)
{
    store::Statement rows(connection,
                          "SELECT id, t0, t1 FROM segment WHERE t0 <= ?2 AND t1 >= ?1 ORDER BY t0, id");
    rows.bind(first, last);
    while (rows.step())
        m_segments.push_back({rows.int64(0), rows.int64(1), rows.int64(2), {}});
    if (!rows.ok())
        m_status = tl::unexpected(rows.error());
}

Result<bool> StoredKeys::contains(const SignInRow &row)
{
    if (!m_status)
        return tl::unexpected(m_status.error());
    std::erase_if(m_open, [&](std::size_t i) {
        const bool over = m_segments[i].t1 < row.at;
        if (over)
            std::vector<std::uint64_t>().swap(m_segments[i].keys); // "= {}" would keep the memory
        return over;
    });
    for (; m_next < m_segments.size() && m_segments[m_next].t0 <= row.at; ++m_next) {
        auto &segment = m_segments[m_next];
        if (segment.t1 < row.at)
            continue;
        auto keys = store::readEventKeys(m_connection, segment.segment);
        if (!keys)
            return tl::unexpected(keys.error());
        segment.keys.reserve(keys->size());
        for (const auto &key : *keys)
            segment.keys.push_back(SeenSet::fingerprint(key));
        std::sort(segment.keys.begin(), segment.keys.end());
        m_open.push_back(m_next);
    }
    const auto fingerprint = SeenSet::fingerprint(row.eventKey);
    return std::any_of(m_open.begin(), m_open.end(), [&](std::size_t i) {
        return std::binary_search(m_segments[i].keys.begin(), m_segments[i].keys.end(), fingerprint);
    });
}

SignInStream::SignInStream(store::Connection &connection, std::optional<Position> after)
    : m_connection(connection)
    , m_after(after)
{
    store::Statement segments(connection, "SELECT id, t0, rows FROM segment WHERE t1 >= ?1 ORDER BY t0, id");
    segments.bind(after ? after->at : beginningOfTime);
    while (segments.step()) {
        m_segments.push_back({segments.int64(0), segments.int64(1), {}, 0});
        m_total += static_cast<std::uint64_t>(segments.int64(2));
    }
    if (!segments.ok())
        m_status = tl::unexpected(segments.error());
}

bool SignInStream::later(std::size_t a, std::size_t b) const
{
    const auto &x = m_segments[a].rows[m_segments[a].at];
    const auto &y = m_segments[b].rows[m_segments[b].at];
    return before(y, x) || (!before(x, y) && a > b);
}

Result<bool> SignInStream::next(SignInRow &row)
{
    const auto order = [this](auto a, auto b) { return later(a, b); };
    for (;;) {
        if (!m_status)
            return tl::unexpected(m_status.error());
        // A segment is opened when the stream reaches its first moment.
        while (m_next < m_segments.size() &&
               (m_heap.empty() ||
                m_segments[m_next].t0 <= m_segments[m_heap.front()].rows[m_segments[m_heap.front()].at].at)) {
            auto rows = store::readSegment(m_connection, m_segments[m_next].id);
            if (!rows)
                return tl::unexpected(rows.error());
            m_segments[m_next].rows = std::move(*rows);
            if (!m_segments[m_next].rows.empty()) {
                m_heap.push_back(m_next);
                std::push_heap(m_heap.begin(), m_heap.end(), order);
            }
            ++m_next;
        }
        if (m_heap.empty())
            return false;
        std::pop_heap(m_heap.begin(), m_heap.end(), order);
        auto &segment = m_segments[m_heap.back()];
        row = segment.rows[segment.at++];
        if (segment.at == segment.rows.size()) {
            std::vector<SignInRow>().swap(segment.rows); // "= {}" would keep the memory
            m_heap.pop_back();
        } else {
            std::push_heap(m_heap.begin(), m_heap.end(), order);
        }
        if (!m_after || !m_after->covers(row))
            return true;
    }
}

} // namespace riskdesk::run
