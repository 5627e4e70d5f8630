#include "core/detect/travel_evidence.h"

#include "core/base/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace riskdesk::detect {
namespace {

Place placeOf(const Names &names, std::uint32_t id)
{
    return Place::decode(names.text(Dictionary::Place, id));
}

std::string placeText(const Place &place)
{
    if (!place.city.empty())
        return place.country.empty() ? place.city : place.city + ", " + place.country;
    return place.state.empty() ? place.country : place.state + ", " + place.country;
}

void addEnd(Evidence &e, const std::string &end, const TravelPoint &p, const Place &place, const Names &names)
{
    e.add(end + "Time", Timestamp{p.at});
    e.add(end + "Ip", p.ip.isKnown() ? p.ip.toString() : std::string());
    e.add(end + "City", place.city);
    e.add(end + "Country", unpackCountry(p.country));
    e.add(end + "Latitude", p.latitude);
    e.add(end + "Longitude", p.longitude);
    e.add(end + "Asn", std::int64_t{p.asn});
    e.add(end + "NetworkClass", std::string(toText(p.network)));
    e.add(end + "Device", deviceText(names, p.deviceKey, p.browser, p.system));
    e.add(end + "CountryKnown", p.is(TravelPoint::CountryWasKnown));
    e.add(end + "DeviceKnown", p.is(TravelPoint::DeviceWasKnown));
}

const PlaceRow *rowOf(const UserProfile &profile, std::uint64_t place)
{
    const auto row = std::find_if(profile.places.begin(), profile.places.end(),
                                  [place](const PlaceRow &r) { return r.place == place; });
    return row == profile.places.end() ? nullptr : &*row;
}

std::string familiarPlaces(const TravelContext &c, Minute now)
{
    std::vector<std::pair<float, std::string>> rows;
    for (const PlaceRow &row : c.profile.places)
        if (const float count = decayed(row.count, row.last, now, c.halfLife);
            since(row.last, now) <= c.keep &&
            count >= static_cast<float>(c.tuning[Tune::TravelFamiliarCount]))
            rows.emplace_back(count, placeText(placeOf(c.names, row.placeId)));
    std::stable_sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::string text;
    for (std::size_t i = 0; i < rows.size() && i < 5; ++i)
        text += fmt::format("{}{} ({})", i == 0 ? "" : "; ", rows[i].second, std::lround(rows[i].first));
    return text;
}

} // namespace

Evidence travelEvidence(const TravelContext &c, const Sighting &sighting, const TravelPoint &here,
                        const Journey &j)
{
    const TravelPoint &from = *j.from;
    const Minute now = minuteOf(sighting.at());
    Evidence e;
    e.add("distanceKm", j.km);
    e.add("effectiveDistanceKm", j.effectiveKm);
    e.add("radiusFromKm", static_cast<double>(from.radiusKm));
    e.add("radiusToKm", static_cast<double>(here.radiusKm));
    e.add("minutesBetween", static_cast<double>(j.between.count()) / 6e7);
    e.add("slackMinutes", c.tuning[Tune::TravelSlackMinutes]);
    e.add("speedKmh", j.kmh);
    e.add("effectiveSpeedKmh", j.effectiveKmh);
    e.add("limitKmh", j.limitKmh);
    if (j.groundHours > 0) {
        e.add("speedLimitKmh", c.tuning[Tune::TravelSpeedLimitKmh]);
        e.add("groundMinutes", j.groundHours * 60);
    }
    e.add("minDistanceKm", c.tuning[Tune::TravelMinDistanceKm]);
    addEnd(e, "from", from, placeOf(c.names, from.placeId), c.names);
    addEnd(e, "to", here, *sighting.place, c.names);
    e.add("previousRequestEventKey", toHex(from.eventKey));
    e.add("unfamiliarEnd", std::string(j.unfamiliarFrom ? j.unfamiliarTo ? "both" : "from"
                                       : j.unfamiliarTo ? "to"
                                                        : "none"));
    const PlaceRow *fromRow = rowOf(c.profile, from.place), *toRow = rowOf(c.profile, here.place);
    const auto count = [&](const PlaceRow *row) {
        return row == nullptr ? 0.0 : static_cast<double>(decayed(row->count, row->last, now, c.halfLife));
    };
    e.add("signInsFrom", count(fromRow));
    e.add("signInsTo", count(toRow));
    e.add("familiarFromSignIns", c.tuning[Tune::TravelFamiliarCount]);
    if (const PlaceRow *row = j.unfamiliarTo ? toRow : fromRow; row != nullptr)
        e.add("lastSeenThere", timeOf(row->last));
    e.add("familiarPlaces", familiarPlaces(c, now));

    e.signals.push_back({"speed", fmt::format("{:.0f} km/h", j.limitKmh),
                         fmt::format("{:.0f} km/h", j.effectiveKmh),
                         j.impossible ? SignalResult::NotPlausible : SignalResult::AsUsual, 0});
    for (const Level level : {Country, Device, Browser, Network})
        e.signals.push_back(c.model.signal(sighting, level, c.names));
    if (Signal hour = c.model.hourSignal(sighting); !hour.usual.empty())
        e.signals.push_back(std::move(hour));
    return e;
}

} // namespace riskdesk::detect
