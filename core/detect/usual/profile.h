// UserProfile: everything the detectors remember of one user; Profiles: those of all users, loaded when first
// touched (StatePart::User) and written when changed. About one kilobyte a user, bounded by
// Profiles::mostBytes.
//
// Times are whole minutes since 1970. Counts halve every unfamiliarFeatures.halfLifeDays (features) or
// unlikelyTravel.familiarDays (places) and are brought up to date only when looked at. Values are numbers
// with a meaning of their own or ids of a dictionary; ids are compared for equality and never ordered.
#pragma once

#include "core/base/flat_map.h"
#include "core/detect/enriched_sign_in.h"
#include "core/detect/prefetch.h"
#include "core/detect/state.h"
#include "core/detect/tuning.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace riskdesk::detect {

using Minute = std::uint32_t;
inline constexpr Minute minutesPerDay = 24 * 60;

// Times before 1970 and after the year 10000 are held at the ends.
[[nodiscard]] Minute minuteOf(Timestamp t);
[[nodiscard]] inline Timestamp timeOf(Minute m)
{
    return {std::int64_t{m} * 60'000'000};
}
[[nodiscard]] constexpr Minute daysToMinutes(double days)
{
    return static_cast<Minute>(days * minutesPerDay);
}
[[nodiscard]] constexpr Minute since(Minute earlier, Minute now)
{
    return now > earlier ? now - earlier : 0;
}

// A count as it stands at `now`.
[[nodiscard]] inline float decayed(float count, Minute last, Minute now, float halfLife)
{
    return now > last ? count * std::exp2(-static_cast<float>(now - last) / halfLife) : count;
}
// Adds one at `now`, which may lie before `last`.
void addOne(float &count, Minute &last, Minute now, float halfLife);

// Two chains, coarse to fine. A row's parent is the nearest coarser level that is known.
enum Level : std::uint8_t { Country = 0, Asn, Network, Address, Kind, System, Browser, Device };
inline constexpr std::size_t levels = 8;
inline constexpr std::size_t placeLevels = 4;

struct FeatureRow
{
    std::uint64_t value = 0;
    std::uint32_t key = 0; // hash of the path of the parent, level in the low three bits
    float count = 0;       // decayed
    float children = 0;    // decayed count of first sights one level below
    Minute last = 0;

    [[nodiscard]] Level level() const { return static_cast<Level>(key & 7); }
};

struct ChainRoot
{
    float count = 0, children = 0;
    Minute last = 0;
};

// Where the user signs in from, for travel. The key is made of content: see placeKey() in unlikely_travel.h.
struct PlaceRow
{
    std::uint64_t place = 0;
    std::uint32_t placeId = 0; // Dictionary::Place of the newest, for its name
    float count = 0;
    Minute first = 0, last = 0;
};

// An earlier sign-in that travel is measured from.
struct TravelPoint
{
    std::int64_t at = 0;
    std::uint64_t place = 0;
    std::uint64_t deviceKey = 0;
    double latitude = 0, longitude = 0;
    EventKey eventKey{};
    IpAddress ip;
    float radiusKm = 0;
    std::uint32_t placeId = 0, asn = 0, system = 0, browser = 0;
    CountryCode country = 0;
    NetworkClass network = NetworkClass::Unknown;
    std::uint8_t flags = 0;

    enum Flag : std::uint8_t {
        CountryWasKnown = 1,
        DeviceWasKnown = 2,
        CountryOnly = 4,
        WasTrusted = 8,
        MaybeOnCarrier = 16 // a phone on a network nobody has classed
    };
    [[nodiscard]] bool is(Flag f) const { return (flags & f) != 0; }
};
static_assert(sizeof(TravelPoint) == 96); // no padding: stored as bytes

struct PlacePair
{
    std::uint64_t a = 0, b = 0; // a <= b
    friend bool operator==(const PlacePair &, const PlacePair &) = default;
};
struct FlaggedPair
{ // a finding that an admin may yet call harmless
    EventKey eventKey{};
    PlacePair pair;
};

struct LearningCount
{
    std::uint32_t successes = 0; // one per address and device in half an hour
    Minute first = 0;            // of the first of them; meaningless while there is none
};

struct UserProfile
{
    static constexpr std::size_t mostPlaces = 32, mostPoints = 5, mostFlagged = 8, mostSafe = 16;

    LearningCount travelLearning, featureLearning;
    Minute lastSuccess = 0; // newest that taught; 0 none
    float hourSine = 0, hourCosine = 0, hourWeight = 0;
    std::array<ChainRoot, 2> roots; // place, device
    std::vector<FeatureRow> features;
    std::vector<PlaceRow> places;
    std::vector<TravelPoint> points; // oldest first
    std::vector<FlaggedPair> flagged;
    std::vector<PlacePair> safe;
    struct Counted
    {
        std::uint32_t source = 0; // hash of address and device
        Minute at = 0;
    };
    std::array<Counted, 4> counted{}; // what learning counted last, newest first
    struct Doubt
    {
        std::uint64_t network = 0; // hash of the network of the last finding of medium or more; 0 none
        Minute at = 0;
    } doubt;
    std::uint32_t strange =
        0;                // hash of what the last sign-in brought that taught nothing; see countNovelty()
    bool changed = false; // since the last save; not stored

    [[nodiscard]] bool knows(Level level, std::uint64_t value) const;
    [[nodiscard]] std::string encode() const;
    // False, and an empty profile, when the bytes are damaged or of another version.
    bool decode(std::string_view data);
};

// What is left of learning; needed 0: over.
struct LearningLeft
{
    std::uint32_t done = 0, needed = 0;
};
[[nodiscard]] LearningLeft travelLearning(const UserProfile &profile, const Tuning &tuning, Minute now);
[[nodiscard]] LearningLeft featureLearning(const UserProfile &profile, const Tuning &tuning, Minute now);
// After everybody has learnt a success that teaches.
void countSuccess(UserProfile &profile, const EnrichedSignIn &signIn, const Tuning &tuning);

class Profiles
{
public:
    // The most that decode() accepts, and twice what a user with every table full takes.
    static constexpr std::size_t mostBytes = 64 * 1024;
    // A run that holds more should save and forget.
    static constexpr std::size_t mostUsers = 262'144;

    explicit Profiles(StateSource &source)
        : m_source(source)
    {}
    void expect(std::uint32_t user, Prefetch stage);
    // Valid until forget().
    [[nodiscard]] UserProfile &of(std::uint32_t user);
    void save(StateSink &sink);
    // What did not change since it was saved; it is read again from the source, which gives back what was saved.
    void forget();
    [[nodiscard]] std::size_t size() const { return m_profiles.size(); }

private:
    struct Entry
    {
        std::uint64_t key = 0; // user + 1
        UserProfile *profile = nullptr;
    };

    StateSource &m_source;
    FlatMap<Entry> m_index;
    std::deque<std::pair<std::uint32_t, UserProfile>> m_profiles;
};

} // namespace riskdesk::detect
