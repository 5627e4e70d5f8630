#include "core/query/overview.h"

#include "core/query/filter/fields.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/filter/filter_text.h"
#include "core/query/reading.h"
#include "core/query/spine.h"
#include "core/store/statement.h"

#include <algorithm>
#include <set>

namespace riskdesk::query {
namespace {

constexpr std::size_t mostPlaces = 40;

Result<Question> question(Report report, std::string_view filter, Timestamp now, const Period &period = {})
{
    auto parsed = parseFilter(report, filter);
    if (!parsed)
        return tl::unexpected(parsed.error().toError());
    return Question{report, std::move(*parsed), period, {}, now};
}

// "SELECT `what` FROM users of the filter" with whatever stands behind.
Result<store::Statement> ofUsers(store::Connection &connection, std::string_view what,
                                 std::string_view filter, Timestamp now, std::string_view behind = {})
{
    const auto asked = question(Report::RiskyUsers, filter, now);
    if (!asked)
        return tl::unexpected(asked.error());
    const auto sql = fromWhere(*asked);
    if (!sql)
        return tl::unexpected(sql.error());
    store::Statement rows(connection, "SELECT " + std::string(what) + " " + sql->text + std::string(behind));
    sql->bindTo(rows);
    return rows;
}

const std::string oldestOpen =
    "(SELECT min(d.at) FROM detection d WHERE d.user = r.user AND d.state IN (4, 5) AND " +
    std::string(countedDetection) + ")";

Status readUsers(store::Connection &connection, Timestamp now, const Period &period, std::size_t atMost,
                 std::stop_token stop, Overview &out)
{
    store::Statement all(connection, "SELECT count(*) FROM user");
    if (!all.step())
        return tl::unexpected(all.error());
    out.users = all.int64(0);
    auto active = question(Report::RiskyUsers, "status:active", now);
    if (!active)
        return tl::unexpected(active.error());
    auto figures = userFigures(connection, *active, period, stop);
    if (!figures)
        return tl::unexpected(figures.error());
    out.figures = *figures;

    auto high = ofUsers(connection, "count(*), min(" + oldestOpen + ")", highWithoutAction, now);
    if (!high)
        return tl::unexpected(high.error());
    if (!high->step())
        return tl::unexpected(high->error());
    out.high = high->int64(0);
    if (!high->isNull(1))
        out.highSince = high->time(1);

    auto rows = ofUsers(connection, "r.user, " + oldestOpen + " AS since", needsAction, now,
                        " ORDER BY r.level DESC, r.state DESC, since, r.user");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<std::int64_t> ids;
    std::vector<std::optional<Timestamp>> since;
    for (; rows->step(); ++out.urgentUsers)
        if (ids.size() < atMost) {
            ids.push_back(rows->int64(0));
            since.push_back(rows->isNull(1) ? std::nullopt : std::optional(rows->time(1)));
        }
    if (!rows->ok())
        return tl::unexpected(rows->error());
    auto users = readRiskyUsers(connection, ids, stop);
    if (!users)
        return tl::unexpected(users.error());
    store::Statement top(connection,
                         "SELECT rowid FROM detection d WHERE user = ?1 AND state IN (4, 5) AND " +
                             std::string(countedDetection) +
                             " ORDER BY weight_level DESC, level DESC, last_at DESC, rowid LIMIT 1");
    for (std::size_t i = 0; i < users->size(); ++i) {
        UrgentUser urgent{std::move((*users)[i]), {}, since[i]};
        if (top.bind(ids[i]).step()) {
            const std::int64_t one[] = {top.int64(0)};
            auto detection = readDetections(connection, one, stop);
            if (!detection)
                return tl::unexpected(detection.error());
            urgent.detection = std::move(detection->front());
        }
        if (!top.ok())
            return tl::unexpected(top.error());
        top.reset();
        out.urgent.push_back(std::move(urgent));
    }
    return {};
}

Status readDetections(store::Connection &connection, const Texts &texts, std::span<const Timestamp> bounds,
                      Overview &out)
{
    out.days.assign(bounds.size() - 1, LevelCounts{});
    // By the first time: by the last one whatever repeats would count in the newest days only.
    store::Statement rows(connection, "SELECT at, type, level, place, country FROM detection d"
                                      " WHERE at >= ?1 AND at < ?2 AND " +
                                          std::string(countedDetection));
    std::map<std::uint32_t, std::int64_t> byPlace;
    std::set<std::string> countries;
    for (rows.bind(bounds.front(), bounds.back()); rows.step();) {
        const auto level = static_cast<std::size_t>(std::clamp<std::int64_t>(rows.int64(2), 0, 3));
        const auto day = std::upper_bound(bounds.begin(), bounds.end(), rows.time(0)) - bounds.begin() - 1;
        ++out.days[static_cast<std::size_t>(day)][level];
        ++out.types[rows.as<DetectionType>(1)][level];
        if (const auto place = rows.int64(3); place != 0)
            ++byPlace[static_cast<std::uint32_t>(place)];
        if (auto country = rows.string(4); !country.empty())
            countries.insert(std::move(country));
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    out.countries = static_cast<std::int64_t>(countries.size());
    // A city may have several entries, with different radii.
    std::map<std::pair<std::string, std::string>, RiskPlace> cities;
    for (const auto &[id, count] : byPlace) {
        auto place = Place::decode(texts.text(Dictionary::Place, id));
        if (!place.hasCoordinates())
            continue;
        auto &city = cities[{place.country, place.city}];
        if (city.detections == 0)
            city.place = std::move(place);
        city.detections += count;
    }
    for (auto &[name, city] : cities)
        out.places.push_back(std::move(city));
    std::stable_sort(out.places.begin(), out.places.end(),
                     [](const auto &a, const auto &b) { return a.detections > b.detections; });
    if (out.places.size() > mostPlaces)
        out.places.resize(mostPlaces);
    return {};
}

Status readSignIns(store::Connection &connection, std::span<const Timestamp> bounds, Overview &out)
{
    store::Statement rows(
        connection,
        "SELECT count(*), sum(rd_signin(row, 'outcome') = ?3) FROM sign_in_risk WHERE at >= ?1 AND at < ?2"
        " AND level_aggregated >= 2");
    rows.bind(bounds.front(), bounds.back(), Outcome::Success);
    if (!rows.step())
        return tl::unexpected(rows.error());
    out.riskySignIns = rows.int64(0);
    out.letThrough = rows.isNull(1) ? 0 : rows.int64(1);
    return {};
}

// How many users were open at the end of each day, and how many closed since the first bound are so still:
// what was taken back is not resolved.
Status readStanding(store::Connection &connection, std::span<const Timestamp> bounds, Overview &out)
{
    const auto days = bounds.size() - 1;
    std::vector<std::int64_t> change(days + 1), closed(days + 1);
    std::int64_t before = 0;
    const auto dayOf = [&](Timestamp at) {
        return static_cast<std::size_t>(std::upper_bound(bounds.begin(), bounds.end(), at) - bounds.begin());
    };
    store::Statement rows(connection, "SELECT user, at, to_state FROM ledger ORDER BY user, id");
    std::int64_t user = -1;
    bool isOpenNow = false;
    std::size_t closedOn = 0; // day of the closing that stands; 0: none, or before the first bound
    const auto finish = [&] {
        if (closedOn > 0 && closedOn <= days)
            ++closed[closedOn - 1];
        closedOn = 0;
    };
    while (rows.step()) {
        if (rows.int64(0) != user) {
            finish();
            user = rows.int64(0);
            isOpenNow = false;
        }
        const bool opens = isOpen(rows.as<RiskState>(2));
        if (opens == isOpenNow)
            continue;
        isOpenNow = opens;
        const auto day = dayOf(rows.time(1)); // 0: before the first bound
        closedOn = opens ? 0 : day;
        if (day == 0)
            before += opens ? 1 : -1;
        else if (day <= days)
            change[day - 1] += opens ? 1 : -1;
    }
    finish();
    if (!rows.ok())
        return tl::unexpected(rows.error());
    std::int64_t resolved = 0;
    for (std::size_t i = 0; i < days; ++i) {
        before += change[i];
        resolved += closed[i];
        out.open.push_back(std::max<std::int64_t>(before, 0));
        out.resolved.push_back(resolved);
    }
    return {};
}

} // namespace

std::string firstSeenIn(const Period &period)
{
    std::string text;
    if (period.from)
        text = "activityDateTime>=" + period.from->toIso();
    if (period.until)
        text += (text.empty() ? "activityDateTime<" : " activityDateTime<") + period.until->toIso();
    return text;
}

Result<Overview> readOverview(store::Connection &connection, Timestamp now, std::span<const Timestamp> bounds,
                              std::size_t atMostUrgent, std::stop_token stop)
{
    if (bounds.size() < 2 || !std::is_sorted(bounds.begin(), bounds.end()))
        return fail(Code::WrongUsage, "bounds", "two or more times, oldest first");
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    Overview out;
    const Period period{bounds.front(), bounds.back()};
    if (auto ok = readUsers(connection, now, period, atMostUrgent, stop, out); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = readDetections(connection, reading->texts(), bounds, out); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = readSignIns(connection, bounds, out); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = readStanding(connection, bounds, out); !ok)
        return tl::unexpected(ok.error());
    auto health = dataHealth(connection);
    if (!health)
        return tl::unexpected(health.error());
    out.health = std::move(*health);
    return out;
}

} // namespace riskdesk::query
