#include "core/run/detector_memory.h"

#include <algorithm>

namespace riskdesk::run {
namespace {

std::optional<Position> position(const store::Statement &row, int column)
{
    if (row.isNull(column))
        return std::nullopt;
    Position p{row.int64(column), {}};
    const auto key = row.blob(column + 1);
    std::copy_n(key.begin(), std::min(key.size(), p.key.size()), p.key.begin());
    return p;
}

std::span<const std::uint8_t> bytes(std::string_view data)
{
    return {reinterpret_cast<const std::uint8_t *>(data.data()), data.size()};
}

} // namespace

DetectorMemory::DetectorMemory(store::Connection &connection)
    : m_connection(&connection)
    , m_load(connection, "SELECT data FROM detector_state WHERE kind = ?1 AND id = ?2")
    , m_loadRewound(connection, "SELECT data FROM detector_rewind WHERE kind = ?1 AND id = ?2")
    , m_keep(connection, "INSERT OR IGNORE INTO detector_rewind (kind, id, data) "
                         "SELECT ?1, ?2, (SELECT data FROM detector_state WHERE kind = ?1 AND id = ?2)")
    , m_write(connection, "INSERT OR REPLACE INTO detector_state (kind, id, data) VALUES (?1, ?2, ?3)")
{}

Result<DetectorMemory> DetectorMemory::open(store::Connection &connection)
{
    DetectorMemory memory(connection);
    store::Statement row(connection,
                         "SELECT watermark, watermark_key, rewind_at, rewind_key FROM checkpoint");
    if (row.step()) {
        memory.m_watermark = position(row, 0);
        memory.m_rewindPoint = position(row, 2);
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return memory;
}

void DetectorMemory::rewind()
{
    m_rewound = true;
    m_watermark = m_rewindPoint;
}

Status DetectorMemory::forget()
{
    m_rewound = false;
    m_watermark = m_rewindPoint = std::nullopt;
    return m_connection->execute(
        "DELETE FROM detector_state; DELETE FROM detector_rewind;"
        "UPDATE checkpoint SET watermark = NULL, watermark_key = NULL, rewind_at = NULL, rewind_key = NULL");
}

Status DetectorMemory::beginBlock(std::optional<Position> from, Position to)
{
    if (m_rewound) {
        for (const char *sql :
             {"DELETE FROM detector_state WHERE (kind, id) IN (SELECT kind, id FROM detector_rewind)",
              "INSERT INTO detector_state SELECT kind, id, data FROM detector_rewind WHERE data IS NOT NULL",
              "DELETE FROM detector_rewind",
              "UPDATE checkpoint SET watermark = rewind_at, watermark_key = rewind_key"})
            if (auto ok = m_connection->execute(sql); !ok)
                return ok;
        m_rewound = false;
    }
    const bool forgets = from ? from->at <= to.at - reachBackUs : !m_watermark.has_value();
    if (!forgets)
        return {};
    m_rewindPoint = from;
    if (auto ok = m_connection->execute("DELETE FROM detector_rewind"); !ok)
        return ok;
    store::Statement update(*m_connection, "UPDATE checkpoint SET rewind_at = ?1, rewind_key = ?2");
    if (from)
        return update.bind(from->at, std::span<const std::uint8_t>(from->key)).run();
    return update.bind(std::nullopt, std::nullopt).run();
}

Status DetectorMemory::endBlock(Position to)
{
    if (!m_status)
        return m_status;
    m_watermark = to;
    return store::Statement(*m_connection, "UPDATE checkpoint SET watermark = ?1, watermark_key = ?2")
        .bind(to.at, std::span<const std::uint8_t>(to.key))
        .run();
}

std::optional<std::string> DetectorMemory::load(detect::StatePart part, std::uint64_t id)
{
    const auto ask = [&](store::Statement &statement, std::optional<std::string> &found) {
        statement.bind(part, id);
        const bool there = statement.step();
        if (there && !statement.isNull(0)) {
            const auto data = statement.blob(0);
            found.emplace(reinterpret_cast<const char *>(data.data()), data.size());
        }
        if (!statement.ok() && m_status)
            m_status = tl::unexpected(statement.error());
        statement.reset();
        return there;
    };
    std::optional<std::string> found;
    if (!m_rewound || !ask(m_loadRewound, found))
        ask(m_load, found);
    return found;
}

void DetectorMemory::save(detect::StatePart part, std::uint64_t id, std::string_view data)
{
    if (m_status)
        m_status = m_keep.bind(part, id).run();
    if (m_status)
        m_status = m_write.bind(part, id, bytes(data)).run();
}

} // namespace riskdesk::run
