#include "core/detect/unlikely_travel/unlikely_travel.h"

#include "core/detect/geodesic.h"
#include "core/detect/network_kind.h"
#include "core/detect/unlikely_travel/country_middle.h"
#include "core/detect/unlikely_travel/travel_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace riskdesk::detect {
namespace {

constexpr double halfWayRoundKm = 20'004; // no two places are further apart

std::uint64_t cellOf(double latitude, double longitude)
{
    const auto index = [](double value, double extent, int cells) {
        return static_cast<std::uint64_t>(
            std::clamp(static_cast<int>((value + extent) / (2 * extent) * cells), 0, cells - 1));
    };
    return std::uint64_t{1} << 56 | index(longitude, 180, 256) << 7 | index(latitude, 90, 128);
}

// Where the log or the map tells no more than a country.
std::optional<CountryMiddle> onlyTheCountry(const EnrichedSignIn &s)
{
    return s.place->hasCoordinates() ? std::nullopt : middleOf(s.country);
}

PlacePair pairOf(std::uint64_t a, std::uint64_t b)
{
    return a < b ? PlacePair{a, b} : PlacePair{b, a};
}

// A provider lets its customers out wherever its gateways stand in the country, and phones change between
// Wi-Fi and carrier all day. With devices of the user's own at both ends the gateway has moved, not the
// person.
bool behindOneGateway(const TravelPoint &a, const TravelPoint &b)
{
    const auto onCarrier = [](const TravelPoint &p) {
        return p.network == NetworkClass::Mobile || p.is(TravelPoint::MaybeOnCarrier);
    };
    return a.country != 0 && a.country == b.country && a.is(TravelPoint::DeviceWasKnown) &&
           b.is(TravelPoint::DeviceWasKnown) &&
           ((a.asn != 0 && a.asn == b.asn) || onCarrier(a) || onCarrier(b));
}

// A traveller has the usual device along from door to door and signs in with it at the gate. A device never
// seen, in a country never seen, has to get through the airports first. No device in the log is not a new
// one.
bool isNewAndNamed(const TravelPoint &p)
{
    return p.deviceKey != 0 && !p.is(TravelPoint::DeviceWasKnown) && !p.is(TravelPoint::CountryWasKnown);
}

class UnlikelyTravel final : public Detector
{
public:
    UnlikelyTravel(const Tuning &tuning, const Names &names, FeatureModel &model, TenantCounts &tenant,
                   Profiles &profiles)
        : m_tuning(tuning)
        , m_names(names)
        , m_model(model)
        , m_tenant(tenant)
        , m_profiles(profiles)
        , m_halfLife(static_cast<float>(tuning[Tune::TravelFamiliarDays] * minutesPerDay))
        , m_keep(daysToMinutes(tuning[Tune::TravelFamiliarDays]) * 2)
    {}

    [[nodiscard]] DetectionType type() const override { return DetectionType::UnlikelyTravel; }
    [[nodiscard]] Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity,
                                bool explain) override;
    void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches) override;

private:
    struct End
    {
        bool familiar = false, common = false, trusted = false, newCountry = false, newDevice = false;
        [[nodiscard]] bool usual() const { return familiar || common || trusted; }
    };

    [[nodiscard]] std::optional<NoTravelEvidence> unmeasurable(const EnrichedSignIn &signIn) const;
    [[nodiscard]] TravelPoint pointOf(const EnrichedSignIn &signIn, const Familiarity &familiarity) const;
    // False: the two are not compared, or cannot be impossible and nobody wants to know by how much.
    [[nodiscard]] bool measure(const TravelPoint &from, const TravelPoint &to, bool exact,
                               Journey &journey) const;
    [[nodiscard]] End endOf(const UserProfile &profile, const TravelPoint &point, Minute now);
    [[nodiscard]] RiskLevel levelOf(const End &end, const Journey &journey) const;
    [[nodiscard]] Verdict compare(const UserProfile &profile, const TravelPoint &here, bool explain,
                                  Journey &best);
    void addPlace(UserProfile &profile, const TravelPoint &point);

    const Tuning &m_tuning;
    const Names &m_names;
    FeatureModel &m_model;
    TenantCounts &m_tenant;
    Profiles &m_profiles;
    float m_halfLife;
    Minute m_keep;
    std::vector<FlaggedPair> m_found; // of the sign-in judged last, until it is learnt
};

std::optional<NoTravelEvidence> UnlikelyTravel::unmeasurable(const EnrichedSignIn &signIn) const
{
    const NetworkClass hidden = hidesPlace(signIn, m_tuning);
    if (hidden != NetworkClass::Unknown)
        return NoTravelEvidence{PlaceUnknown::Hidden, hidden};
    if (onlyTheCountry(signIn))
        return std::nullopt;
    if (!signIn.place->hasCoordinates())
        return NoTravelEvidence{PlaceUnknown::NoCoordinates};
    if (!isPosition(signIn.place->latitude, signIn.place->longitude))
        return NoTravelEvidence{PlaceUnknown::InvalidCoordinates};
    return std::nullopt;
}

TravelPoint UnlikelyTravel::pointOf(const EnrichedSignIn &s, const Familiarity &familiarity) const
{
    TravelPoint p;
    p.at = s.row.at;
    p.place = placeKey(s);
    p.deviceKey = s.deviceKey();
    p.latitude = s.place->latitude;
    p.longitude = s.place->longitude;
    p.eventKey = s.row.eventKey;
    p.ip = s.ip;
    p.placeId = s.placeId;
    p.asn = s.asn;
    p.system = s.agentSystem;
    p.browser = s.agentBrowser;
    p.country = s.country;
    p.network = s.facts->networkClass;
    double radius = s.place->radiusKm;
    if (const auto middle = onlyTheCountry(s)) {
        p.latitude = middle->latitude;
        p.longitude = middle->longitude;
        radius = middle->radiusKm;
        p.flags |= TravelPoint::CountryOnly;
    } else if (!(radius > 0)) {
        const bool countryOnly = s.place->city.empty() && s.place->state.empty();
        radius = m_tuning[!s.place->city.empty() ? Tune::TravelCityRadiusKm
                          : countryOnly          ? Tune::TravelCountryRadiusKm
                                                 : Tune::TravelRegionRadiusKm];
        if (countryOnly)
            p.flags |= TravelPoint::CountryOnly;
    }
    if (p.network == NetworkClass::Unknown &&
        (s.deviceClass == DeviceClass::Mobile || s.deviceClass == DeviceClass::Tablet))
        p.flags |= TravelPoint::MaybeOnCarrier;
    if (p.network == NetworkClass::Mobile || p.is(TravelPoint::MaybeOnCarrier))
        radius = std::max(radius, m_tuning[Tune::TravelMobileRadiusKm]);
    p.radiusKm = static_cast<float>(std::min(radius, halfWayRoundKm));
    if (familiarity.countryKnown || s.country == 0)
        p.flags |= TravelPoint::CountryWasKnown;
    if (familiarity.deviceKnown)
        p.flags |= TravelPoint::DeviceWasKnown;
    if (s.trusted())
        p.flags |= TravelPoint::WasTrusted;
    return p;
}

bool UnlikelyTravel::measure(const TravelPoint &from, const TravelPoint &to, bool exact, Journey &j) const
{
    const double limit = m_tuning[Tune::TravelSpeedLimitKmh];
    j.from = &from;
    j.between = Microseconds(to.at > from.at ? to.at - from.at : from.at - to.at);
    j.radii = static_cast<double>(from.radiusKm) + static_cast<double>(to.radiusKm);
    const double time = hours(j.between) + m_tuning[Tune::TravelSlackMinutes] / 60;
    j.groundHours = from.country != to.country && (isNewAndNamed(from) || isNewAndNamed(to))
                        ? m_tuning[Tune::TravelGroundMinutes] / 60
                        : 0;
    const double needed = std::max(m_tuning[Tune::TravelMinDistanceKm], limit * (time - j.groundHours));
    if (!exact) {
        // A degree is never longer than 111.7 km, and the sphere is within 0.56 % of the ellipsoid.
        const double degrees =
            std::abs(from.latitude - to.latitude) + std::abs(from.longitude - to.longitude);
        if (needed + j.radii > std::min(degrees * 111.7, halfWayRoundKm) ||
            needed + j.radii >
                1.0057 * greatCircleKm(from.latitude, from.longitude, to.latitude, to.longitude))
            return false;
    }
    j.km = geodesicKm(from.latitude, from.longitude, to.latitude, to.longitude);
    j.effectiveKm = std::max(0.0, j.km - j.radii);
    j.kmh = speedKmh(j.km, j.between);
    j.effectiveKmh = time > 0 ? j.effectiveKm / time : speedKmh(j.effectiveKm, Microseconds(0));
    const double way = j.effectiveKm / limit;
    if (j.effectiveKmh > limit)
        j.groundHours = 0; // too fast without
    j.limitKmh = way > 0 ? j.effectiveKm / (way + j.groundHours) : limit;
    j.excessHours = way + j.groundHours - time;
    j.impossible = j.effectiveKm >= m_tuning[Tune::TravelMinDistanceKm] && j.effectiveKmh > j.limitKmh;
    return true;
}

UnlikelyTravel::End UnlikelyTravel::endOf(const UserProfile &profile, const TravelPoint &point, Minute now)
{
    constexpr std::uint32_t fewUsers = 3; // a share means nothing below
    End end;
    bool own = false;
    for (const PlaceRow &row : profile.places)
        if (row.place == point.place && since(row.last, now) <= m_keep) {
            own = true;
            end.familiar = decayed(row.count, row.last, now, m_halfLife) >=
                           static_cast<float>(m_tuning[Tune::TravelFamiliarCount]);
        }
    const std::uint32_t all = m_tenant.usersOf(point.place);
    const std::uint32_t others = all - (own && all > 0 ? 1 : 0);
    end.trusted = point.is(TravelPoint::WasTrusted);
    end.newCountry = !point.is(TravelPoint::CountryWasKnown);
    end.newDevice = !point.is(TravelPoint::DeviceWasKnown);
    // A thief from a great city is no colleague at its gateway: that one brings a device of the user's.
    end.common = !end.newDevice && others >= fewUsers &&
                 others >= m_tuning[Tune::TravelCommonPercent] / 100 * m_tenant.users();
    return end;
}

RiskLevel UnlikelyTravel::levelOf(const End &end, const Journey &journey) const
{
    if (end.usual())
        return RiskLevel::None;
    if (journey.effectiveKmh <= m_tuning[Tune::TravelSpeedLimitKmh])
        return RiskLevel::Medium; // an airliner could, its passenger hardly
    if (end.newCountry && (journey.effectiveKmh > m_tuning[Tune::TravelFastKmh] || end.newDevice))
        return RiskLevel::High;
    return !end.newCountry && !end.newDevice ? RiskLevel::Low : RiskLevel::Medium;
}

Verdict UnlikelyTravel::compare(const UserProfile &profile, const TravelPoint &here, bool explain,
                                Journey &best)
{
    const Minute now = minuteOf({here.at});
    const auto window = static_cast<std::int64_t>(m_tuning[Tune::TravelWindowHours] * 3.6e9);
    const auto most = static_cast<std::size_t>(m_tuning[Tune::TravelEarlierSignIns]);
    const double slack = m_tuning[Tune::TravelSlackMinutes] / 60;
    const double ground = m_tuning[Tune::TravelGroundMinutes] / 60;
    Verdict v;
    v.reason = Reason::NoEarlierSignIn;
    const double speedLimit = m_tuning[Tune::TravelSpeedLimitKmh];
    v.limit = speedLimit;
    v.unit = "km/h";
    // What stands in the way, weakest first; the strongest of all pairs is told.
    const auto rank = [](Reason r) {
        constexpr std::array order = {
            Reason::NoEarlierSignIn, Reason::SameNetwork, Reason::NotEvaluable, Reason::SameProvider,
            Reason::BelowThreshold,  Reason::Familiar,    Reason::CommonHere,   Reason::Trusted,
            Reason::ConfirmedBefore, Reason::Raised};
        return std::find(order.begin(), order.end(), r) - order.begin();
    };
    std::size_t compared = 0;
    for (auto from = profile.points.rbegin(); from != profile.points.rend() && compared < most; ++from) {
        std::int64_t apart = 0;
        if (from->eventKey == here.eventKey || __builtin_sub_overflow(here.at, from->at, &apart) ||
            apart > window || apart < -window)
            continue;
        ++compared;
        Journey journey;
        Reason reason = Reason::BelowThreshold;
        RiskLevel level = RiskLevel::None;
        const bool measured = explain && measure(*from, here, true, journey);
        if (from->ip == here.ip || (here.ip.isKnown() && from->ip.network() == here.ip.network())) {
            reason = Reason::SameNetwork;
        } else if (from->country == here.country &&
                   (from->is(TravelPoint::CountryOnly) || here.is(TravelPoint::CountryOnly))) {
            reason = Reason::NotEvaluable;
        } else if (behindOneGateway(*from, here)) {
            reason = Reason::SameProvider;
        } else if (!explain &&
                   halfWayRoundKm <= speedLimit * (hours(Microseconds(std::abs(apart))) + slack - ground)) {
            reason = Reason::BelowThreshold; // time enough for any journey
        } else if ((measured || measure(*from, here, false, journey)) && journey.impossible) {
            const End earlier = endOf(profile, *from, now), later = endOf(profile, here, now);
            level = std::max(levelOf(earlier, journey), levelOf(later, journey));
            journey.unfamiliarFrom = !earlier.usual();
            journey.unfamiliarTo = !later.usual();
            const PlacePair pair = pairOf(from->place, here.place);
            if (level != RiskLevel::None)
                m_found.push_back({here.eventKey, pair});
            if (std::find(profile.safe.begin(), profile.safe.end(), pair) != profile.safe.end()) {
                reason = Reason::ConfirmedBefore;
                level = RiskLevel::None;
            } else if (level != RiskLevel::None) {
                reason = Reason::Raised;
            } else {
                reason = earlier.familiar && later.familiar ? Reason::Familiar
                         : earlier.trusted || later.trusted ? Reason::Trusted
                                                            : Reason::CommonHere;
            }
        }
        const bool stronger = level != v.level     ? level > v.level
                              : reason != v.reason ? rank(reason) > rank(v.reason)
                                                   : journey.excessHours > best.excessHours;
        if (stronger) {
            v.reason = reason;
            v.level = level;
            v.value = journey.effectiveKmh;
            v.limit = journey.limitKmh > 0 ? journey.limitKmh : speedLimit;
            best = journey;
        }
    }
    return v;
}

Verdict UnlikelyTravel::judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain)
{
    m_found.clear();
    Verdict v;
    const UserProfile &profile = m_profiles.of(signIn.row.user);
    if (!m_tuning.on(Tune::TravelEnabled)) {
        v.reason = Reason::SwitchedOff;
        return v;
    }
    if (signIn.row.interactive == 0) {
        v.reason = Reason::NotInteractive;
        return v;
    }
    if (auto why = unmeasurable(signIn)) {
        v.reason = Reason::NotEvaluable;
        if (explain)
            v.evidence.facts = *why;
        return v;
    }
    const auto left = travelLearning(profile, m_tuning, minuteOf(signIn.at()));
    if (left.needed != 0 && !explain) {
        v.reason = Reason::Learning;
        return v;
    }
    const TravelPoint here = pointOf(signIn, familiarity);
    Journey best;
    v = compare(profile, here, explain, best);
    if (v.level != RiskLevel::None && left.needed == 0) {
        const std::string from = unpackCountry(best.from->country), to = unpackCountry(here.country);
        v.foldKey = from < to ? from + "-" + to : to + "-" + from;
    }
    if (best.from != nullptr && (explain || v.reason == Reason::Raised)) {
        TravelContext context{m_tuning, m_names, m_model, profile, m_halfLife, m_keep};
        v.evidence = travelEvidence(context, signIn, here, best);
    }
    if (left.needed != 0) {
        v.reason = Reason::Learning;
        v.level = RiskLevel::None;
        v.value = left.done;
        v.limit = left.needed;
        v.unit = "sign-ins";
    }
    return v;
}

void UnlikelyTravel::addPlace(UserProfile &profile, const TravelPoint &point)
{
    const Minute now = minuteOf({point.at});
    auto &rows = profile.places;
    for (std::size_t i = rows.size(); i-- > 0;)
        if (since(rows[i].last, now) > m_keep) {
            m_tenant.removeUser(rows[i].place);
            rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
        }
    for (PlaceRow &row : rows)
        if (row.place == point.place) {
            if (now >= row.last)
                row.placeId = point.placeId;
            row.first = std::min(row.first, now);
            addOne(row.count, row.last, now, m_halfLife);
            return;
        }
    if (rows.size() >= UserProfile::mostPlaces) {
        const auto least =
            std::min_element(rows.begin(), rows.end(), [&](const PlaceRow &a, const PlaceRow &b) {
                const float x = decayed(a.count, a.last, now, m_halfLife),
                            y = decayed(b.count, b.last, now, m_halfLife);
                return x != y ? x < y : a.last < b.last;
            });
        m_tenant.removeUser(least->place);
        rows.erase(least);
    }
    if (rows.capacity() == rows.size())
        rows.reserve(rows.size() + 2);
    rows.push_back({point.place, point.placeId, 1, now, now});
    m_tenant.addUser(point.place);
}

void UnlikelyTravel::learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches)
{
    if (!signIn.succeeded() || signIn.row.interactive == 0 || unmeasurable(signIn))
        return;
    UserProfile &profile = m_profiles.of(signIn.row.user);
    const TravelPoint point = pointOf(signIn, familiarity);
    profile.changed = true;

    // Taught after it was flagged: an admin has called this journey harmless.
    for (std::size_t i = 0; teaches && i < profile.flagged.size();) {
        if (profile.flagged[i].eventKey != point.eventKey) {
            ++i;
            continue;
        }
        const PlacePair pair = profile.flagged[i].pair;
        profile.flagged.erase(profile.flagged.begin() + static_cast<std::ptrdiff_t>(i));
        if (std::find(profile.safe.begin(), profile.safe.end(), pair) != profile.safe.end())
            continue;
        if (profile.safe.size() >= UserProfile::mostSafe)
            profile.safe.erase(profile.safe.begin());
        profile.safe.push_back(pair);
    }
    for (const FlaggedPair &found : m_found)
        if (!teaches && found.eventKey == point.eventKey) {
            if (profile.flagged.size() >= UserProfile::mostFlagged)
                profile.flagged.erase(profile.flagged.begin());
            profile.flagged.push_back(found);
        }
    m_found.clear();

    auto &points = profile.points;
    const bool isThere = std::any_of(points.begin(), points.end(),
                                     [&](const TravelPoint &p) { return p.eventKey == point.eventKey; });
    if (!isThere) {
        const auto after = std::upper_bound(points.begin(), points.end(), point.at,
                                            [](std::int64_t at, const TravelPoint &p) { return at < p.at; });
        if (points.size() < UserProfile::mostPoints) {
            const auto place = after - points.begin();
            if (points.size() == points.capacity())
                points.reserve(std::min(points.size() + 2, UserProfile::mostPoints));
            points.insert(points.begin() + place, point);
        } else if (after != points.begin()) {
            std::move(points.begin() + 1, after, points.begin());
            *(after - 1) = point;
        }
    }
    if (teaches)
        addPlace(profile, point);
}

} // namespace

std::uint64_t placeKey(const EnrichedSignIn &s)
{
    if (s.facts->networkClass == NetworkClass::Mobile && s.country != 0 && s.asn != 0)
        return std::uint64_t{2} << 56 | std::uint64_t{s.country} << 32 | s.asn;
    if (onlyTheCountry(s))
        return std::uint64_t{3} << 56 | s.country;
    return s.place->hasCoordinates() && isPosition(s.place->latitude, s.place->longitude)
               ? cellOf(s.place->latitude, s.place->longitude)
               : 0;
}

std::unique_ptr<Detector> makeUnlikelyTravel(const Shared &shared)
{
    return std::make_unique<UnlikelyTravel>(shared.tuning, shared.names, shared.model, shared.tenant,
                                            shared.profiles);
}

} // namespace riskdesk::detect
