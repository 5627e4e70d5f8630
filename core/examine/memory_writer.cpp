#include "core/examine/memory_writer.h"

#include "core/detect/event_time.h"

namespace riskdesk::run {

using detect::minus;

MemoryWriter::MemoryWriter(store::Connection &connection)
    : m_connection(connection)
    , m_keep(connection, "INSERT OR IGNORE INTO detector_rewind (point, kind, id, data, checksum) "
                         "SELECT ?3, ?1, ?2, data, checksum FROM (SELECT 1) LEFT JOIN detector_state "
                         "ON kind = ?1 AND id = ?2")
    , m_write(connection, "INSERT OR REPLACE INTO detector_state (kind, id, data, checksum) "
                          "VALUES (?1, ?2, ?3, ?4)")
{}

Status MemoryWriter::forget()
{
    return m_connection.execute(
        "DELETE FROM detector_state; DELETE FROM detector_rewind; DELETE FROM rewind_point;"
        "UPDATE checkpoint SET watermark = NULL, watermark_key = NULL");
}

Status MemoryWriter::rewind(const RewindPoint &point)
{
    if (point.isKept()) {
        auto ok = forget();
        if (ok)
            ok = m_connection.execute("INSERT INTO detector_state (kind, id, data, checksum) "
                                      "SELECT kind, id, data, checksum FROM kept_state");
        return ok ? endBlock(point.position) : ok;
    }
    for (const char *sql :
         {"DELETE FROM detector_state WHERE (kind, id) IN "
          "(SELECT kind, id FROM detector_rewind WHERE point >= ?1)",
          // min() says from which row of its group the others come: the oldest.
          "INSERT INTO detector_state (kind, id, data, checksum) SELECT kind, id, data, checksum FROM "
          "(SELECT kind, id, data, checksum, min(point) FROM detector_rewind WHERE point >= ?1 GROUP BY "
          "kind, id) "
          "WHERE data IS NOT NULL",
          "DELETE FROM detector_rewind WHERE point >= ?1", "DELETE FROM rewind_point WHERE id >= ?1"})
        if (auto ok = store::Statement(m_connection, sql).bind(point.id).run(); !ok)
            return ok;
    return endBlock(point.position);
}

Status MemoryWriter::beginBlock(std::optional<Position> from, bool keepsRewind)
{
    m_point.reset();
    if (from && keepsRewind)
        return addPoint(*from);
    return m_connection.execute("DELETE FROM detector_rewind; DELETE FROM rewind_point");
}

// A point at an hour's distance from the one before at least.
Status MemoryWriter::addPoint(const Position &from)
{
    const auto points = rewindPoints(m_connection);
    if (!points)
        return tl::unexpected(points.error());
    m_point = points->empty() ? 1 : points->back().id;
    if (!points->empty() && points->back().position.at > minus(from.at, DetectorMemory::reachBackUs.back()))
        return {};
    if (!points->empty())
        ++*m_point;
    return store::Statement(m_connection, "INSERT INTO rewind_point (id, at, key) VALUES (?1, ?2, ?3)")
        .bind(*m_point, from.at, std::span<const std::uint8_t>(from.key))
        .run();
}

// Those that are not needed any more as the memory is at `to` now: what lies further back than one that reaches back
// far enough, and what lies between two that are close to each other for their age.
Status MemoryWriter::thinPoints(const Position &to)
{
    auto found = rewindPoints(m_connection);
    if (!found)
        return tl::unexpected(found.error());
    auto &points = *found;
    const auto drop = [&](std::size_t i) {
        for (const char *sql :
             {"DELETE FROM detector_rewind WHERE point = ?1", "DELETE FROM rewind_point WHERE id = ?1"})
            if (auto ok = store::Statement(m_connection, sql).bind(points[i].id).run(); !ok)
                return ok;
        points.erase(points.begin() + static_cast<std::ptrdiff_t>(i));
        return Status();
    };
    const auto age = [&](std::size_t i) { return minus(to.at, points[i].position.at); };
    while (points.size() > 1 && age(1) >= DetectorMemory::reachBackUs.front())
        if (auto ok = drop(0); !ok)
            return ok;
    for (auto i = points.size() - 2; points.size() > 2 && i > 0; --i) {
        if (age(i - 1) / DetectorMemory::mostDetour > age(i + 1))
            continue;
        // What the one before has of a part is older.
        if (auto ok = store::Statement(m_connection,
                                       "UPDATE OR IGNORE detector_rewind SET point = ?1 WHERE point = ?2")
                          .bind(points[i - 1].id, points[i].id)
                          .run();
            !ok)
            return ok;
        if (auto ok = drop(i); !ok)
            return ok;
    }
    return {};
}

void MemoryWriter::save(detect::StatePart part, std::uint64_t id, std::string_view data)
{
    if (m_saved && m_point)
        m_saved = m_keep.bind(part, id, *m_point).run();
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
    auto ok = m_saved;
    if (ok && m_point)
        ok = thinPoints(to);
    if (!ok)
        return ok;
    return store::Statement(m_connection, "UPDATE checkpoint SET watermark = ?1, watermark_key = ?2")
        .bind(to.at, std::span<const std::uint8_t>(to.key))
        .run();
}

namespace {

class KeptParts final : public detect::StateSink
{
public:
    explicit KeptParts(store::Connection &connection)
        : m_write(connection, "INSERT OR REPLACE INTO kept_state (kind, id, data, checksum) "
                              "VALUES (?1, ?2, ?3, ?4)")
    {}
    void save(detect::StatePart part, std::uint64_t id, std::string_view data) override
    {
        if (!status)
            return;
        const auto sum = partChecksum(static_cast<std::uint64_t>(part), id, data);
        status =
            m_write
                .bind(part, id, std::span(reinterpret_cast<const std::uint8_t *>(data.data()), data.size()),
                      std::span<const std::uint8_t>(sum))
                .run();
    }
    Status status;

private:
    store::Statement m_write;
};

} // namespace

Status MemoryWriter::keepBeginning(const KeptBeginning &beginning, detect::Engine &engine)
{
    const auto at = beginning.point.position.at;
    KeptParts parts(m_connection);
    engine.save(parts);
    auto ok = parts.status;
    if (ok)
        ok = store::Statement(m_connection,
                              "INSERT OR REPLACE INTO kept_beginning (id, at, learnt_by, last_run) "
                              "SELECT 1, ?1, ?2, coalesce(max(id), 0) FROM import_run")
                 .bind(at, beginning.learntBy)
                 .run();
    for (const char *sql :
         {"DELETE FROM detector_rewind WHERE point IN (SELECT id FROM rewind_point WHERE at <= ?1)",
          "DELETE FROM rewind_point WHERE at <= ?1"})
        if (ok)
            ok = store::Statement(m_connection, sql).bind(at).run();
    return ok;
}

Status MemoryWriter::forgetKept(std::uint32_t user)
{
    for (const char *sql :
         {"DELETE FROM kept_state WHERE (kind = ?1 AND id = ?2) OR ?2 = (SELECT max(id) FROM user)",
          "DELETE FROM kept_beginning WHERE ?1 = ?1 AND ?2 = (SELECT max(id) FROM user)"})
        if (auto ok = store::Statement(m_connection, sql).bind(detect::StatePart::User, user).run(); !ok)
            return ok;
    return {};
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
