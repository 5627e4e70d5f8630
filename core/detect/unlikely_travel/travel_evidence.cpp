#include "core/detect/unlikely_travel/travel_evidence.h"

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

TravelEnd endOf(const TravelPoint &p, const Place &place, const Names &names)
{
    TravelEnd e;
    e.at = Timestamp{p.at};
    if (p.ip.isKnown())
        e.ip = p.ip.toString();
    e.city = place.city;
    e.country = unpackCountry(p.country);
    e.latitude = p.latitude;
    e.longitude = p.longitude;
    e.asn = p.asn;
    e.networkClass = p.network;
    e.device = deviceText(names, p.deviceKey, p.browser, p.system);
    e.countryKnown = p.is(TravelPoint::CountryWasKnown);
    e.deviceKnown = p.is(TravelPoint::DeviceWasKnown);
    return e;
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

Evidence travelEvidence(const TravelContext &c, const EnrichedSignIn &signIn, const TravelPoint &here,
                        const Journey &j)
{
    const TravelPoint &from = *j.from;
    const Minute now = minuteOf(signIn.at());
    UnlikelyTravelEvidence t;
    t.distanceKm = j.km;
    t.effectiveDistanceKm = j.effectiveKm;
    t.radiusFromKm = static_cast<double>(from.radiusKm);
    t.radiusToKm = static_cast<double>(here.radiusKm);
    t.minutesBetween = static_cast<double>(j.between.count()) / 6e7;
    t.slackMinutes = c.tuning[Tune::TravelSlackMinutes];
    t.speedKmh = j.kmh;
    t.effectiveSpeedKmh = j.effectiveKmh;
    t.limitKmh = j.limitKmh;
    if (j.groundHours > 0) {
        t.speedLimitKmh = c.tuning[Tune::TravelSpeedLimitKmh];
        t.groundMinutes = j.groundHours * 60;
    }
    t.minDistanceKm = c.tuning[Tune::TravelMinDistanceKm];
    t.from = endOf(from, placeOf(c.names, from.placeId), c.names);
    t.to = endOf(here, *signIn.place, c.names);
    t.previousEventKey = toHex(from.eventKey);
    t.unfamiliarEnd = j.unfamiliarFrom ? j.unfamiliarTo ? UnfamiliarEnd::Both : UnfamiliarEnd::From
                      : j.unfamiliarTo ? UnfamiliarEnd::To
                                       : UnfamiliarEnd::None;
    const PlaceRow *fromRow = rowOf(c.profile, from.place), *toRow = rowOf(c.profile, here.place);
    const auto count = [&](const PlaceRow *row) {
        return row == nullptr ? 0.0 : static_cast<double>(decayed(row->count, row->last, now, c.halfLife));
    };
    t.signInsFrom = count(fromRow);
    t.signInsTo = count(toRow);
    t.familiarFromSignIns = c.tuning[Tune::TravelFamiliarCount];
    if (const PlaceRow *row = j.unfamiliarTo ? toRow : fromRow; row != nullptr)
        t.lastSeenThere = timeOf(row->last);
    t.familiarPlaces = familiarPlaces(c, now);

    Evidence e;
    e.facts = std::move(t);
    e.signals.push_back({"speed", fmt::format("{:.0f} km/h", j.limitKmh),
                         fmt::format("{:.0f} km/h", j.effectiveKmh),
                         j.impossible ? SignalResult::NotPlausible : SignalResult::AsUsual, 0});
    for (const Level level : {Country, Device, Browser, Network})
        e.signals.push_back(c.model.signal(signIn, level, c.names));
    if (Signal hour = c.model.hourSignal(signIn); !hour.usual.empty())
        e.signals.push_back(std::move(hour));
    return e;
}

} // namespace riskdesk::detect
