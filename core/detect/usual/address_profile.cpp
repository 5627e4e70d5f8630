#include "core/detect/usual/address_profile.h"

#include "core/base/flat_map.h"
#include "core/base/stable_hash.h"
#include "core/detect/event_time.h"
#include "core/detect/shards.h"
#include "core/detect/usual/usual_failures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostAddresses = 8; // a shard, and as many networks
constexpr std::size_t mostUsers = 4096;  // an address
constexpr double drawn = 10;             // attempts' weight of what is usual
constexpr std::int64_t rememberUs = 180 * dayUs;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

struct Guest
{
    std::uint32_t user = 0;
    std::uint32_t successes = 0;      // unflagged
    std::int64_t lastSuccess = never; // unflagged
    std::int64_t lastFailure = never;
};

struct Day
{
    std::int32_t day = 0;
    std::uint32_t attempts = 0, failures = 0;
};

struct Profile
{
    std::int64_t last = never;
    std::int64_t badSince = never; // last time the evidence was weighed and found bad
    std::vector<Day> days;         // ascending
    std::vector<Guest> guests;     // ascending by user, for lookup only

    Guest *find(std::uint32_t user)
    {
        const auto it = std::lower_bound(guests.begin(), guests.end(), user,
                                         [](const Guest &g, std::uint32_t u) { return g.user < u; });
        return it != guests.end() && it->user == user ? &*it : nullptr;
    }
    Guest &guest(std::uint32_t user)
    {
        if (auto *known = find(user))
            return *known;
        if (guests.size() >= mostUsers)
            makeRoom();
        const auto it = std::lower_bound(guests.begin(), guests.end(), user,
                                         [](const Guest &g, std::uint32_t u) { return g.user < u; });
        const auto place = it - guests.begin();
        if (guests.size() == guests.capacity())
            guests.reserve(guests.size() + guests.size() / 4 +
                           1); // grows by little: there are many addresses
        return *guests.insert(guests.begin() + place, Guest{user, 0, never, never});
    }
    // Those who only ever failed go first, oldest first; then the longest absent. Equal times go together, so
    // that the numbers of the users decide nothing.
    void makeRoom()
    {
        const auto stranger = [](const Guest &g) { return g.successes == 0; };
        const bool strangers = std::any_of(guests.begin(), guests.end(), stranger);
        std::vector<std::int64_t> times;
        for (const Guest &g : guests)
            if (strangers == stranger(g))
                times.push_back(strangers ? g.lastFailure : g.lastSuccess);
        const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
        std::nth_element(times.begin(), middle, times.end());
        std::erase_if(guests, [&, cut = *middle](const Guest &g) {
            return strangers == stranger(g) && (strangers ? g.lastFailure : g.lastSuccess) <= cut;
        });
    }
};

// What a network is known for: attempts and failures, each halved with every `ownDays` that pass.
struct Neighbourhood
{
    IpAddress key; // network() of its addresses
    std::int64_t last = never;
    double attempts = 0, failures = 0;

    void fade(std::int64_t at, double halfLifeUs)
    {
        if (last != never && at > last) {
            const double left = std::exp2(-static_cast<double>(minus(at, last)) / halfLifeUs);
            attempts *= left;
            failures *= left;
        }
        last = std::max(last, at);
    }
    [[nodiscard]] bool isSound() const
    {
        return key.isKnown() && attempts >= 0 && attempts < 1e15 && failures >= 0 && failures <= attempts;
    }
};

struct AddressShard
{
    static constexpr std::uint8_t version = 3;
    struct Entry
    {
        IpAddress key;
        std::unique_ptr<Profile> profile;
    };
    FlatMap<Entry> profiles;
    std::vector<Neighbourhood> networks; // ascending by key

    [[nodiscard]] Neighbourhood *network(const IpAddress &key)
    {
        const auto it = std::ranges::lower_bound(networks, key, std::less(), &Neighbourhood::key);
        return it != networks.end() && it->key == key ? &*it : nullptr;
    }
    Neighbourhood &addNetwork(const IpAddress &key)
    {
        if (networks.size() >= mostAddresses) { // those longest unseen go, equal times together
            const auto oldest = std::ranges::min_element(networks, {}, &Neighbourhood::last)->last;
            std::erase_if(networks, [oldest](const Neighbourhood &n) { return n.last == oldest; });
        }
        const auto it = std::ranges::lower_bound(networks, key, std::less(), &Neighbourhood::key);
        return *networks.insert(it, Neighbourhood{key, never, 0, 0});
    }

    void makeRoom()
    {
        std::vector<std::int64_t> times;
        times.reserve(profiles.size());
        profiles.forEach([&](const Entry &entry) { times.push_back(entry.profile->last); });
        const auto cut = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
        std::nth_element(times.begin(), cut, times.end());
        profiles.retain([&](const Entry &entry) { return entry.profile->last > *cut; });
    }

    void write(StateWriter &out) const
    {
        std::vector<const Entry *> order;
        order.reserve(profiles.size());
        profiles.forEach([&](const Entry &entry) { order.push_back(&entry); });
        std::sort(order.begin(), order.end(), [](const auto *a, const auto *b) { return a->key < b->key; });
        out.putCount(order.size());
        for (const auto *entry : order) {
            out.putSparse(entry->key);
            out.put(entry->profile->last);
            out.putSparse(entry->profile->badSince);
            out.putRows(entry->profile->days);
            out.putRows(entry->profile->guests);
        }
        out.putRows(networks);
    }
    bool read(StateReader &in)
    {
        std::size_t count = 0;
        if (!in.getCount(count) || count > mostAddresses)
            return false;
        for (; count > 0; --count) {
            IpAddress ip;
            Profile p;
            if (!in.getSparse(ip) || !ip.isKnown() || !in.get(p.last) || !in.getSparse(p.badSince) ||
                !in.getRows(p.days, 128) || !in.getRows(p.guests, mostUsers))
                return false;
            const auto smaller = [](const Guest &a, const Guest &b) { return a.user < b.user; };
            if (!std::is_sorted(p.guests.begin(), p.guests.end(), smaller))
                return false;
            profiles.insert(ip).first->profile = std::make_unique<Profile>(std::move(p));
        }
        return in.getRows(networks, mostAddresses) &&
               std::ranges::all_of(networks, &Neighbourhood::isSound) &&
               std::ranges::is_sorted(networks, {}, &Neighbourhood::key);
    }
};

} // namespace

double badToGoodRatio(double failureShare, double usualShare)
{
    if (failureShare <= usualShare)
        return 0;
    return failureShare >= 1 ? std::numeric_limits<double>::infinity()
                             : (failureShare - usualShare) / (1 - failureShare);
}

double hostileOdds(double failureShare, double usualShare)
{
    const double ratio = badToGoodRatio(failureShare, usualShare);
    return std::isinf(ratio) ? 1 : ratio / (usualShare + ratio);
}

struct AddressProfiles::Parts
{
    const Tuning &tuning;
    Shards<AddressShard> shards;
    UsualFailures usualFailures;
    bool usualChanged = false;
    IpAddress lastIp; // of the newest lookup
    Profile *last = nullptr;
    bool lastKnown = false;

    Parts(const Tuning &t, StateSource &source)
        : tuning(t)
        , shards(StatePart::Address, source)
    {
        static_cast<void>(readPart(source.load(StatePart::Global, 1), usualFailures));
    }

    Profile *find(const IpAddress &ip, std::int64_t at)
    {
        if (!lastKnown || lastIp != ip) { // asked about several times for each sign-in
            const auto *entry = shards.at(stableHash(ip)).profiles.find(ip);
            last = entry == nullptr ? nullptr : entry->profile.get();
            lastIp = ip;
            lastKnown = true;
        }
        return last == nullptr || plus(last->last, rememberUs) < at ? nullptr : last;
    }
    Profile &profile(const IpAddress &ip, std::int64_t at)
    {
        auto &shard = shards.change(stableHash(ip));
        if (find(ip, never) == nullptr) {
            if (shard.profiles.size() >= mostAddresses)
                shard.makeRoom();
            auto &entry = *shard.profiles.insert(ip).first;
            entry.profile = std::make_unique<Profile>();
            last = entry.profile.get();
        } else if (plus(last->last, rememberUs) < at) {
            *last = Profile();
        }
        return *last;
    }
    Day recent(const Profile &profile, std::int64_t at) const
    {
        const auto first = floorDivide(plus(at, -span(tuning[Tune::MalwareOwnDays], dayUs)), dayUs);
        Day sum;
        for (const Day &d : profile.days)
            if (d.day >= first) {
                sum.attempts += d.attempts;
                sum.failures += d.failures;
            }
        return sum;
    }
    std::uint32_t failingUsers(const Profile &profile, std::int64_t at) const
    {
        const auto from = plus(at, -span(tuning[Tune::MalwareOwnDays], dayUs));
        return static_cast<std::uint32_t>(
            std::count_if(profile.guests.begin(), profile.guests.end(),
                          [&](const Guest &g) { return g.lastFailure >= from; }));
    }
    [[nodiscard]] double halfLifeUs() const
    {
        return std::max(1.0, static_cast<double>(span(tuning[Tune::MalwareOwnDays], dayUs)));
    }
    // Failures of the address's neighbours (`own` is what is the address's own), drawn towards what is usual.
    [[nodiscard]] double networkShare(const IpAddress &ip, std::int64_t at, const Day &own, double usualShare)
    {
        const auto key = ip.network();
        const auto *known = shards.at(stableHash(key)).network(key);
        if (known == nullptr)
            return usualShare;
        Neighbourhood n = *known;
        n.fade(at, halfLifeUs());
        const double failures = std::max(0.0, n.failures - own.failures);
        const double attempts = std::max(failures, n.attempts - own.attempts);
        return (failures + drawn * usualShare) / (attempts + drawn);
    }
    void countInNetwork(const IpAddress &ip, std::int64_t at, bool failed)
    {
        const auto key = ip.network();
        auto &shard = shards.change(stableHash(key));
        auto *known = shard.network(key);
        Neighbourhood &n = known != nullptr ? *known : shard.addNetwork(key);
        n.fade(at, halfLifeUs());
        n.attempts += 1;
        n.failures += failed ? 1 : 0;
    }
    double usual() const
    {
        const double share =
            usualFailures.share() < 0 ? tuning[Tune::SprayUsualFailurePercent] / 100 : usualFailures.share();
        return std::max(std::min(share, tuning[Tune::SprayUsualFailureMaxPercent] / 100),
                        tuning[Tune::SprayUsualFailureMinPercent] / 100);
    }
    void weigh(Profile &profile, std::int64_t at)
    {
        if (profile.badSince != never && minus(at, profile.badSince) < hourUs)
            return; // an attack in full swing is weighed once an hour
        const Day sum = recent(profile, at);
        if (sum.attempts < tuning[Tune::MalwareOwnAttempts] || sum.attempts == 0)
            return;
        const double odds = hostileOdds(static_cast<double>(sum.failures) / sum.attempts, usual());
        if (odds > tuning[Tune::MalwareOwnOdds] && failingUsers(profile, at) >= tuning[Tune::MalwareOwnUsers])
            profile.badSince = at;
    }
};

AddressProfiles::AddressProfiles(const Tuning &tuning, StateSource &source)
    : m(std::make_unique<Parts>(tuning, source))
{}
AddressProfiles::~AddressProfiles() = default;

void AddressProfiles::expect(const IpAddress &ip, Prefetch stage)
{
    const auto hash = stableHash(ip);
    if (stage <= Prefetch::Slots) {
        const auto network = stableHash(ip.network());
        if (stage < Prefetch::Slots) {
            m->shards.expect(hash, stage);
            return m->shards.expect(network, stage);
        }
        const auto &networks = m->shards.at(network).networks;
        prefetch(networks.data(), networks.size() * sizeof(Neighbourhood));
        return m->shards.at(hash).profiles.prefetch(ip);
    }
    auto &profiles = m->shards.at(hash).profiles;
    const auto *entry = profiles.find(ip);
    if (entry == nullptr)
        return;
    const Profile &profile = *entry->profile;
    if (stage == Prefetch::Records)
        return prefetch(&profile, sizeof profile);
    prefetch(profile.days.data(), profile.days.size() * sizeof(Day));
    prefetch(profile.guests.data(), std::min<std::size_t>(profile.guests.size(), 4) * sizeof(Guest));
}

bool AddressProfiles::isNew(const EnrichedSignIn &signIn) const
{
    return m->usualFailures.isNew(signIn.row);
}

std::uint32_t AddressProfiles::successes(const IpAddress &ip, std::uint32_t user, Timestamp at)
{
    Profile *profile = m->find(ip, at.us);
    const Guest *guest = profile == nullptr ? nullptr : profile->find(user);
    return guest == nullptr ? 0 : guest->successes;
}

bool AddressProfiles::isRegular(const EnrichedSignIn &signIn)
{
    return signIn.ip.isKnown() &&
           successes(signIn.ip, signIn.row.user, signIn.at()) >= m->tuning[Tune::SprayNatSuccesses];
}

std::uint32_t AddressProfiles::sharedBy(const IpAddress &ip, Timestamp at)
{
    const Profile *profile = m->find(ip, at.us);
    if (profile == nullptr)
        return 0;
    const auto from = plus(at.us, -span(m->tuning[Tune::MalwareSharingDays], dayUs));
    return static_cast<std::uint32_t>(
        std::count_if(profile->guests.begin(), profile->guests.end(),
                      [&](const Guest &g) { return g.successes > 0 && g.lastSuccess >= from; }));
}

bool AddressProfiles::hasBadReputation(const IpAddress &ip, Timestamp at)
{
    const Profile *profile = m->find(ip, at.us);
    return profile != nullptr && profile->badSince != never && at.us >= profile->badSince &&
           at.us <= plus(profile->badSince, span(m->tuning[Tune::MalwareOwnDays], dayUs));
}

AddressReputation AddressProfiles::reputation(const IpAddress &ip, Timestamp at)
{
    AddressReputation result;
    const Profile *profile = m->find(ip, at.us);
    if (profile == nullptr)
        return result;
    const Day sum = m->recent(*profile, at.us);
    result.attempts = sum.attempts;
    result.failures = sum.failures;
    result.failingUsers = m->failingUsers(*profile, at.us);
    if (sum.attempts > 0)
        result.odds = hostileOdds(static_cast<double>(sum.failures) / sum.attempts, m->usual());
    result.bad = hasBadReputation(ip, at);
    if (result.bad)
        result.until = {plus(profile->badSince, span(m->tuning[Tune::MalwareOwnDays], dayUs))};
    return result;
}

double AddressProfiles::failureOdds(const IpAddress &ip, Timestamp at)
{
    if (!ip.isKnown())
        return 0;
    const double usual = m->usual();
    const Profile *profile = m->find(ip, at.us);
    const Day sum = profile == nullptr ? Day() : m->recent(*profile, at.us);
    const double share = m->tuning.has(Part::BackOff) ? m->networkShare(ip, at.us, sum, usual) : usual;
    return hostileOdds((sum.failures + drawn * share) / (sum.attempts + drawn), usual);
}

double AddressProfiles::usualFailureShare() const
{
    return m->usual();
}

void AddressProfiles::learn(const EnrichedSignIn &signIn, bool teaches)
{
    const bool failed = signIn.badPassword();
    if (signIn.row.user == 0 || !(failed || signIn.succeeded()))
        return;
    const std::int64_t at = signIn.row.at;
    // What is not newer than the newest was counted when it came; only its success was withheld.
    const bool again = !isNew(signIn);
    if (again && !(teaches && signIn.succeeded()))
        return;
    if (!again) {
        m->usualFailures.count(signIn.row, signIn.asn, failed);
        m->usualChanged = true;
    }
    if (!signIn.ip.isKnown())
        return;
    Profile &profile = m->profile(signIn.ip, at);
    profile.last = std::max(profile.last, at);
    if (!again) {
        const auto day = static_cast<std::int32_t>(floorDivide(at, dayUs));
        if (profile.days.empty() || profile.days.back().day != day) {
            const auto oldest = day - static_cast<std::int32_t>(m->tuning[Tune::MalwareOwnDays]) - 1;
            std::erase_if(profile.days, [&](const Day &d) { return d.day < oldest; });
            profile.days.push_back({day, 0, 0});
        }
        ++profile.days.back().attempts;
        profile.days.back().failures += failed ? 1 : 0;
        m->countInNetwork(signIn.ip, at, failed);
    }
    if (failed) {
        profile.guest(signIn.row.user).lastFailure = at;
        m->weigh(profile, at);
    } else if (teaches) {
        Guest &guest = profile.guest(signIn.row.user);
        guest.lastSuccess = std::max(guest.lastSuccess, at);
        if (guest.successes < std::numeric_limits<std::uint32_t>::max())
            ++guest.successes;
    }
}

void AddressProfiles::save(StateSink &sink)
{
    m->shards.save(sink);
    if (m->usualChanged)
        sink.save(StatePart::Global, 1, writePart(m->usualFailures));
    m->usualChanged = false;
}

std::shared_ptr<AddressProfiles> makeAddressProfiles(const Tuning &tuning, StateSource &source)
{
    return std::make_shared<AddressProfiles>(tuning, source);
}

} // namespace riskdesk::detect
