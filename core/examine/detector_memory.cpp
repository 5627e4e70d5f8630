#include "core/examine/detector_memory.h"

#include "core/detect/event_time.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

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

// Rows that were written before there were checksums have none.
bool isWhole(const store::Statement &row, int dataColumn, std::uint64_t part, std::uint64_t id)
{
    if (row.isNull(dataColumn + 1))
        return true;
    const auto data = row.blob(dataColumn), kept = row.blob(dataColumn + 1);
    const auto made = partChecksum(part, id, {reinterpret_cast<const char *>(data.data()), data.size()});
    return std::equal(made.begin(), made.end(), kept.begin(), kept.end());
}

std::string damage(std::int64_t part, std::int64_t id)
{
    return fmt::format("the detectors' memory is damaged (kind {}, id {}): it is not what was written", part,
                       id);
}

} // namespace

Result<std::vector<RewindPoint>> rewindPoints(store::Connection &connection)
{
    std::vector<RewindPoint> points;
    store::Statement row(connection, "SELECT id, at, key FROM rewind_point ORDER BY id");
    while (row.step())
        if (const auto at = position(row, 1))
            points.push_back({row.int64(0), *at});
    if (!row.ok())
        return tl::unexpected(row.error());
    return points;
}

Result<std::optional<KeptBeginning>> keptBeginning(store::Connection &connection)
{
    std::optional<KeptBeginning> kept;
    store::Statement row(connection, "SELECT at, learnt_by, last_run FROM kept_beginning");
    if (row.step()) {
        Position position{row.int64(0), {}};
        position.key.fill(0xFF);
        kept = {{0, position}, row.int64(1), row.int64(2)};
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return kept;
}

Digest128 partChecksum(std::uint64_t part, std::uint64_t id, std::string_view data)
{
    std::string text;
    text.reserve(2 * sizeof id + data.size());
    for (const auto number : {part, id})
        text.append(reinterpret_cast<const char *>(&number), sizeof number);
    return blake2b128(text.append(data));
}

struct DetectorMemory::Reader
{
    static constexpr std::string_view selectPart =
        "SELECT data, checksum FROM detector_state WHERE kind = ?1 AND id = ?2";
    static constexpr std::string_view selectRewound =
        "SELECT r.data, r.checksum FROM rewind_point p "
        "CROSS JOIN detector_rewind r ON r.point = p.id AND r.kind = ?1 AND r.id = ?2 "
        "WHERE p.id >= ?3 ORDER BY p.id LIMIT 1";
    static constexpr std::string_view selectKept =
        "SELECT data, checksum FROM kept_state WHERE kind = ?1 AND id = ?2";

    explicit Reader(store::Connection &connection)
        : load(connection, selectPart)
        , loadRewound(connection, selectRewound)
        , loadKept(connection, selectKept)
    {}
    explicit Reader(store::Connection &&connection)
        : own(std::move(connection))
        , load(*own, selectPart)
        , loadRewound(*own, selectRewound)
        , loadKept(*own, selectKept)
    {}

    std::optional<store::Connection> own; // none: the writer's
    store::Statement load, loadRewound, loadKept;
};

void SavedParts::save(detect::StatePart part, std::uint64_t id, std::string_view data)
{
    m_parts.emplace_back(Part{part, id, std::string(data)});
}

void SavedParts::writeTo(detect::StateSink &sink) const
{
    for (const auto &part : m_parts)
        sink.save(part.part, part.id, part.data);
}

DetectorMemory::DetectorMemory(store::Connection &connection)
    : m_connection(&connection)
    , m_reader(std::make_unique<Reader>(connection))
{}

DetectorMemory::DetectorMemory(DetectorMemory &&) noexcept = default;
DetectorMemory::~DetectorMemory() = default;

Result<DetectorMemory> DetectorMemory::open(store::Connection &connection)
{
    DetectorMemory memory(connection);
    store::Statement row(connection, "SELECT watermark, watermark_key FROM checkpoint");
    if (row.step())
        memory.m_watermark = position(row, 0);
    if (!row.ok())
        return tl::unexpected(row.error());
    auto points = rewindPoints(connection);
    if (!points)
        return tl::unexpected(points.error());
    memory.m_points = std::move(*points);
    auto kept = keptBeginning(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    memory.m_beginning = *kept;
    store::Statement any(connection, "SELECT EXISTS (SELECT 1 FROM detector_state) OR "
                                     "EXISTS (SELECT 1 FROM detector_rewind)");
    memory.m_empty = any.step() && any.int64(0) == 0;
    if (!any.ok())
        return tl::unexpected(any.error());
    return memory;
}

Status DetectorMemory::openReader(Sees sees)
{
    auto reader = store::Connection::open(m_connection->file(), store::Connection::Mode::Read);
    if (!reader)
        return tl::unexpected(reader.error());
    // In one transaction the file is locked once, not for every part. Parts are read once, so that a large cache would
    // only be memory to be cleared.
    if (sees == Sees::OneMoment) {
        if (auto ok = reader->execute("PRAGMA cache_size=-4096; BEGIN"); !ok)
            return ok;
        const auto kept = keptBeginning(*reader);
        if (!kept)
            return tl::unexpected(kept.error());
        if (m_beginning && *kept)
            m_beginning = *kept;
        if (m_rewound == std::int64_t{0} && m_beginning)
            m_watermark = m_beginning->point.position;
    }
    m_reader = std::make_unique<Reader>(std::move(*reader));
    return {};
}

void DetectorMemory::written()
{
    m_rewound.reset();
    m_empty = false;
}

std::array<std::int64_t, DetectorMemory::reachBackUs.size()> DetectorMemory::writtenAt(std::int64_t newest)
{
    auto times = reachBackUs;
    for (auto &time : times)
        time = detect::minus(newest, time);
    return times;
}

std::optional<RewindPoint> DetectorMemory::rewindPointBefore(std::int64_t at) const
{
    for (const auto &point : m_points | std::views::reverse)
        if (point.position.at < at)
            return point;
    if (m_beginning && m_beginning->point.position.at < at)
        return m_beginning->point;
    return std::nullopt;
}

void DetectorMemory::rewind(const RewindPoint &point)
{
    m_rewound = point.id;
    m_watermark = point.position;
}

std::optional<std::string> DetectorMemory::load(detect::StatePart part, std::uint64_t id)
{
    const bool kept = m_rewound == std::int64_t{0};
    if (m_empty && !kept)
        return std::nullopt;
    const auto ask = [&](store::Statement &statement, std::optional<std::string> &found) {
        const bool there = statement.step();
        if (there && !statement.isNull(0)) {
            const auto data = statement.blob(0);
            if (isWhole(statement, 0, static_cast<std::uint64_t>(part), id))
                found.emplace(reinterpret_cast<const char *>(data.data()), data.size());
            else if (m_loaded)
                m_loaded = fail(Code::StoreCorrupt, m_connection->file().string(),
                                damage(static_cast<std::int64_t>(part), static_cast<std::int64_t>(id)));
        }
        if (!statement.ok() && m_loaded)
            m_loaded = tl::unexpected(statement.error());
        statement.reset();
        return there;
    };
    std::optional<std::string> found;
    if (kept)
        ask(m_reader->loadKept.bind(part, id), found);
    else if (!m_rewound || !ask(m_reader->loadRewound.bind(part, id, *m_rewound), found))
        ask(m_reader->load.bind(part, id), found);
    return found;
}

Result<std::vector<std::string>> DetectorMemory::damaged(store::Connection &connection)
{
    std::vector<std::string> findings;
    for (const char *table : {"detector_state", "detector_rewind", "kept_state"}) {
        store::Statement row(connection, fmt::format("SELECT kind, id, data, checksum FROM {}", table));
        while (row.step())
            if (!isWhole(row, 2, static_cast<std::uint64_t>(row.int64(0)),
                         static_cast<std::uint64_t>(row.int64(1))))
                findings.push_back(fmt::format("In {} {}; an import refuses to judge by it.", table,
                                               damage(row.int64(0), row.int64(1))));
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return findings;
}

} // namespace riskdesk::run
