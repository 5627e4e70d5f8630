#include "core/examine/memory_writer.h"

namespace riskdesk::run {

MemoryWriter::MemoryWriter(store::Connection &connection)
    : m_connection(connection)
    , m_keep(connection, "INSERT OR IGNORE INTO detector_rewind (kind, id, data, checksum) "
                         "SELECT ?1, ?2, data, checksum FROM (SELECT 1) LEFT JOIN detector_state "
                         "ON kind = ?1 AND id = ?2")
    , m_write(connection, "INSERT OR REPLACE INTO detector_state (kind, id, data, checksum) "
                          "VALUES (?1, ?2, ?3, ?4)")
{}

Status MemoryWriter::forget()
{
    return m_connection.execute(
        "DELETE FROM detector_state; DELETE FROM detector_rewind;"
        "UPDATE checkpoint SET watermark = NULL, watermark_key = NULL, rewind_at = NULL, rewind_key = NULL");
}

Status MemoryWriter::rewind()
{
    for (const char *sql :
         {"DELETE FROM detector_state WHERE (kind, id) IN (SELECT kind, id FROM detector_rewind)",
          "INSERT INTO detector_state (kind, id, data, checksum) "
          "SELECT kind, id, data, checksum FROM detector_rewind WHERE data IS NOT NULL",
          "DELETE FROM detector_rewind",
          "UPDATE checkpoint SET watermark = rewind_at, watermark_key = rewind_key"})
        if (auto ok = m_connection.execute(sql); !ok)
            return ok;
    return {};
}

Status MemoryWriter::beginBlock(std::optional<Position> from, Position to, bool keepsRewind)
{
    m_keepsRewind = keepsRewind;
    if (keepsRewind && from && from->at > to.at - DetectorMemory::reachBackUs)
        return {};
    if (auto ok = m_connection.execute("DELETE FROM detector_rewind"); !ok)
        return ok;
    store::Statement update(m_connection, "UPDATE checkpoint SET rewind_at = ?1, rewind_key = ?2");
    if (from && keepsRewind)
        return update.bind(from->at, std::span<const std::uint8_t>(from->key)).run();
    return update.bind(std::nullopt, std::nullopt).run();
}

void MemoryWriter::save(detect::StatePart part, std::uint64_t id, std::string_view data)
{
    if (m_saved && m_keepsRewind)
        m_saved = m_keep.bind(part, id).run();
    if (!m_saved)
        return;
    const auto sum = partChecksum(static_cast<std::uint64_t>(part), id, data);
    m_saved = m_write
                  .bind(part, id, std::span(reinterpret_cast<const std::uint8_t *>(data.data()), data.size()),
                        std::span<const std::uint8_t>(sum))
                  .run();
}

Status MemoryWriter::endBlock(Position to)
{
    if (!m_saved)
        return m_saved;
    return store::Statement(m_connection, "UPDATE checkpoint SET watermark = ?1, watermark_key = ?2")
        .bind(to.at, std::span<const std::uint8_t>(to.key))
        .run();
}

Status MemoryWriter::leaveUnsettled(std::int64_t at)
{
    return store::Statement(m_connection,
                            "UPDATE checkpoint SET unsettled_from = min(coalesce(unsettled_from, ?1), ?1)")
        .bind(at)
        .run();
}

Status MemoryWriter::settled()
{
    return m_connection.execute("UPDATE checkpoint SET unsettled_from = NULL");
}

} // namespace riskdesk::run
