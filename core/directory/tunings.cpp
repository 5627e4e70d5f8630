#include "core/directory/tunings.h"

#include "core/directory/directory.h"
#include "core/store/statement.h"

#include <algorithm>
#include <set>

namespace riskdesk::run {
namespace {

using UntilByKey = std::map<std::string, std::map<Position, double>, std::less<>>;

Result<UntilByKey> readUntil(store::Connection &connection)
{
    UntilByKey until;
    store::Statement row(connection, "SELECT key, at, event_key, value FROM setting_until");
    while (row.step()) {
        Position place{row.int64(1), {}};
        const auto key = row.blob(2);
        std::copy_n(key.begin(), std::min(key.size(), place.key.size()), place.key.begin());
        until[row.string(0)].emplace(place, row.real(3));
    }
    return row.ok() ? Result<UntilByKey>(std::move(until)) : tl::unexpected(row.error());
}

Status keep(store::Connection &connection, std::string_view key, const Position &until, double value)
{
    return store::Statement(
               connection,
               "INSERT OR REPLACE INTO setting_until (key, at, event_key, value) VALUES (?1, ?2, ?3, ?4)")
        .bind(key, until.at, std::span<const std::uint8_t>(until.key), value)
        .run();
}

Status forget(store::Connection &connection, std::string_view key)
{
    return store::Statement(connection, "DELETE FROM setting_until WHERE key = ?1").bind(key).run();
}

// What held up to `to` goes on holding there, `value` does behind it.
Status change(store::Connection &connection, std::string_view key, const std::map<Position, double> &until,
              double present, const Position &to, double value)
{
    if (auto ok = forget(connection, key); !ok)
        return ok;
    const auto last = until.lower_bound(to);
    for (auto kept = until.begin(); kept != last; ++kept)
        if (auto ok = keep(connection, key, kept->first, kept->second); !ok)
            return ok;
    const auto held = last == until.end() ? present : last->second;
    return held == value ? Status() : keep(connection, key, to, held);
}

} // namespace

Tunings::Tunings(const detect::Tuning &tuning)
    : m_stretches{{tuning, {}}}
{}

Result<Tunings> Tunings::load(store::Connection &connection)
{
    const auto present = tuning(connection);
    auto until = readUntil(connection);
    if (!present || !until)
        return tl::unexpected(!present ? present.error() : until.error());
    Tunings tunings(*present);
    std::set<Position> places;
    for (const auto &[key, values] : *until)
        if (detect::findTuning(key) != nullptr) // another build may have had more
            for (const auto &[place, value] : values)
                places.insert(place);
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        auto tuning = *present;
        for (const auto &[key, values] : *until) {
            const auto *entry = detect::findTuning(key);
            const auto value = values.lower_bound(*place);
            if (entry != nullptr && value != values.end())
                tuning.set(entry->id, value->second);
        }
        tunings.m_stretches.insert(tunings.m_stretches.begin(), {tuning, *place});
    }
    tunings.m_until = std::move(*until);
    return tunings;
}

const detect::Tuning &Tunings::behind(const std::optional<Position> &place) const
{
    const auto holds = [&](const Stretch &s) { return !place || !s.until || *place < *s.until; };
    return std::find_if(m_stretches.begin(), m_stretches.end(), holds)->tuning;
}

Status Tunings::set(std::string_view key, double value)
{
    for (auto &stretch : m_stretches)
        if (auto ok = stretch.tuning.set(key, value); !ok)
            return ok;
    return {};
}

Status Tunings::holdUntil(store::Connection &connection, const Position &to) const
{
    const auto now = tuning(connection);
    const auto until = readUntil(connection);
    if (!now || !until)
        return tl::unexpected(!now ? now.error() : until.error());
    for (const auto &entry : detect::tuningTable()) {
        const auto known = m_until.find(entry.key), found = until->find(entry.key);
        const Values none;
        const Values &before = known == m_until.end() ? none : known->second;
        if ((*now)[entry.id] == present()[entry.id] &&
            before == (found == until->end() ? none : found->second))
            continue;
        if (auto ok = change(connection, entry.key, before, present()[entry.id], to, (*now)[entry.id]); !ok)
            return ok;
    }
    return {};
}

TuningWalk::TuningWalk(const Tunings &tunings, const std::optional<Position> &begin)
    : m_stretch(tunings.stretches().data())
{
    while (begin && m_stretch->until && !(*begin < *m_stretch->until))
        ++m_stretch;
}

const detect::Tuning *TuningWalk::next(const SignInRow &row)
{
    while (m_stretch->until && !m_stretch->until->covers(row))
        ++m_stretch;
    return &m_stretch->tuning;
}

Status keepUntilNow(store::Connection &connection, std::string_view key, double before, double value)
{
    store::Statement examined(connection, "SELECT watermark, watermark_key FROM checkpoint");
    std::optional<Position> to;
    if (examined.step() && !examined.isNull(0)) {
        to = Position{examined.int64(0), {}};
        const auto blob = examined.blob(1);
        std::copy_n(blob.begin(), std::min(blob.size(), to->key.size()), to->key.begin());
    }
    if (!examined.ok())
        return tl::unexpected(examined.error());
    if (!to)
        return forget(connection, key); // nothing was examined by it
    auto until = readUntil(connection);
    if (!until)
        return tl::unexpected(until.error());
    return change(connection, key, (*until)[std::string(key)], before, *to, value);
}

} // namespace riskdesk::run
