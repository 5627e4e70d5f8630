#include "core/detect/usual/profile.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::detect {
namespace {

constexpr std::uint8_t version = 4;
constexpr std::size_t mostFeatures = levels * 128; // the greatest unfamiliarFeatures.valuesPerLevel
constexpr Minute countedOnce = 30;

bool isCount(float f)
{
    return f >= 0 && f < 1e12F;
}

template <typename Row>
bool areCounts(const std::vector<Row> &rows)
{
    return std::all_of(rows.begin(), rows.end(), [](const Row &row) { return isCount(row.count); });
}

bool isSound(const UserProfile &p)
{
    return areCounts(p.features) && areCounts(p.places) &&
           std::all_of(p.features.begin(), p.features.end(),
                       [](const auto &r) { return isCount(r.children); }) &&
           std::all_of(p.roots.begin(), p.roots.end(),
                       [](const auto &r) { return isCount(r.count) && isCount(r.children); }) &&
           std::abs(p.hourSine) <= 1 && std::abs(p.hourCosine) <= 1 && isCount(p.hourWeight) &&
           std::all_of(p.points.begin(), p.points.end(), [](const TravelPoint &t) {
               return std::abs(t.latitude) <= 90 && std::abs(t.longitude) <= 180 && t.radiusKm >= 0;
           });
}

bool wasSilent(const UserProfile &profile, const Tuning &tuning, Minute now)
{
    return profile.lastSuccess != 0 &&
           since(profile.lastSuccess, now) > daysToMinutes(tuning[Tune::UnfamiliarSilenceDays]);
}

} // namespace

Minute minuteOf(Timestamp t)
{
    return static_cast<Minute>(
        std::clamp<std::int64_t>(t.us / 60'000'000, 0, std::numeric_limits<Minute>::max()));
}

void addOne(float &count, Minute &last, Minute now, float halfLife)
{
    if (now >= last) {
        count = decayed(count, last, now, halfLife) + 1;
        last = now;
    } else {
        count += decayed(1, now, last, halfLife);
    }
}

bool UserProfile::knows(Level level, std::uint64_t value) const
{
    return std::any_of(features.begin(), features.end(), [level, value](const FeatureRow &row) {
        return row.level() == level && row.value == value;
    });
}

namespace {

// What a profile holds beside its tables, as it is stored.
struct Head
{
    LearningCount travelLearning, featureLearning;
    Minute lastSuccess;
    float hourSine, hourCosine, hourWeight;
    std::array<ChainRoot, 2> roots;
    std::array<UserProfile::Counted, 4> counted;
    std::uint64_t doubtNetwork;
    Minute doubtAt;
    std::uint32_t strange;
};

} // namespace

std::string UserProfile::encode() const
{
    StateWriter out;
    out.put(version);
    out.putSparse(Head{travelLearning, featureLearning, lastSuccess, hourSine, hourCosine, hourWeight, roots,
                       counted, doubt.network, doubt.at, strange});
    out.putRows(features);
    out.putRows(places);
    out.putRows(points);
    out.putRows(flagged);
    out.putRows(safe);
    return out.data();
}

bool UserProfile::decode(std::string_view data)
{
    StateReader in(data);
    std::uint8_t found = 0;
    Head head{};
    const bool read = data.size() <= Profiles::mostBytes && in.get(found) && found == version &&
                      in.getSparse(head) && in.getRows(features, mostFeatures) &&
                      in.getRows(places, mostPlaces) && in.getRows(points, mostPoints) &&
                      in.getRows(flagged, mostFlagged) && in.getRows(safe, mostSafe) && in.atEnd();
    if (read) {
        travelLearning = head.travelLearning;
        featureLearning = head.featureLearning;
        lastSuccess = head.lastSuccess;
        hourSine = head.hourSine;
        hourCosine = head.hourCosine;
        hourWeight = head.hourWeight;
        roots = head.roots;
        counted = head.counted;
        doubt = {head.doubtNetwork, head.doubtAt};
        strange = head.strange;
    }
    if (!read || !isSound(*this)) {
        *this = UserProfile();
        return false;
    }
    return true;
}

LearningLeft travelLearning(const UserProfile &profile, const Tuning &tuning, Minute now)
{
    const auto &l = profile.travelLearning;
    const auto needed = static_cast<std::uint32_t>(tuning[Tune::TravelLearningSignIns]);
    const bool longEnough =
        tuning[Tune::TravelLearningDays] == 0 ||
        (l.successes > 0 && since(l.first, now) >= daysToMinutes(tuning[Tune::TravelLearningDays]));
    if (l.successes >= needed || longEnough)
        return {};
    return {l.successes, needed};
}

LearningLeft featureLearning(const UserProfile &profile, const Tuning &tuning, Minute now)
{
    const auto &l = profile.featureLearning;
    const auto needed = static_cast<std::uint32_t>(tuning[Tune::UnfamiliarLearningSignIns]);
    const Minute days = daysToMinutes(tuning[Tune::UnfamiliarLearningDays]);
    if (needed > 0 && wasSilent(profile, tuning, now))
        return {0, needed};
    const bool longEnough = days == 0 || (l.successes > 0 && since(l.first, now) >= days);
    if (l.successes >= needed && longEnough)
        return {};
    return {std::min(l.successes, needed), std::max(needed, 1U)};
}

void countSuccess(UserProfile &profile, const EnrichedSignIn &signIn, const Tuning &tuning)
{
    const Minute now = minuteOf(signIn.at());
    if (wasSilent(profile, tuning, now))
        profile.featureLearning = {};
    profile.lastSuccess = std::max({profile.lastSuccess, now, Minute{1}});
    profile.changed = true;

    const auto source =
        static_cast<std::uint32_t>(mixBits(stableHash(signIn.ip) ^ mixBits(signIn.deviceKey())) >> 32);
    auto &counted = profile.counted;
    const auto same = std::find_if(counted.begin(), counted.end(), [&](const auto &c) {
        return c.at != 0 && c.source == source && since(c.at, now) < countedOnce;
    });
    if (same != counted.end())
        return;
    std::rotate(counted.begin(), counted.end() - 1, counted.end());
    counted[0] = {source, std::max(now, Minute{1})};
    for (LearningCount *l : {&profile.travelLearning, &profile.featureLearning})
        if (l->successes < std::numeric_limits<std::uint32_t>::max() && l->successes++ == 0)
            l->first = now;
}

void Profiles::expect(std::uint32_t user, Prefetch stage)
{
    if (stage < Prefetch::Slots)
        return;
    if (stage == Prefetch::Slots)
        return m_index.prefetch(std::uint64_t{user} + 1);
    const auto *entry = m_index.find(std::uint64_t{user} + 1);
    if (entry == nullptr)
        return;
    const UserProfile &profile = *entry->profile;
    if (stage == Prefetch::Records)
        return prefetch(&profile, sizeof profile);
    prefetch(profile.features.data(), profile.features.size() * sizeof(FeatureRow));
    prefetch(profile.places.data(), profile.places.size() * sizeof(PlaceRow));
    prefetch(profile.points.data(), profile.points.size() * sizeof(TravelPoint));
}

UserProfile &Profiles::of(std::uint32_t user)
{
    const auto [entry, isNew] = m_index.insert(std::uint64_t{user} + 1);
    if (isNew) {
        entry->profile = &m_profiles.emplace_back(user, UserProfile()).second;
        if (const auto data = m_source.load(StatePart::User, user))
            static_cast<void>(entry->profile->decode(*data)); // damaged: the user is learnt anew
    }
    return *entry->profile;
}

void Profiles::save(StateSink &sink)
{
    for (auto &[user, profile] : m_profiles)
        if (profile.changed) {
            sink.save(StatePart::User, user, profile.encode());
            profile.changed = false;
        }
}

void Profiles::forget()
{
    std::erase_if(m_profiles, [](const auto &one) { return !one.second.changed; });
    m_index.clear();
    for (auto &[user, profile] : m_profiles)
        m_index.insert(std::uint64_t{user} + 1).first->profile = &profile;
}

} // namespace riskdesk::detect
