#include "core/detect/password_spray/spray_scope.h"

#include "core/base/stable_hash.h"
#include "core/detect/event_time.h"
#include "core/domain/stored_sign_in.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <set>
#include <tuple>
#include <type_traits>

namespace riskdesk::detect {
namespace {

constexpr std::int64_t slotUs = 5 * minuteUs;
constexpr std::int64_t weekHours = 168;
constexpr std::size_t mostScopes = 8;           // a shard
constexpr std::size_t mostSuccesses = 64;       // remembered, a shard
constexpr std::size_t mostFailures = 1024;      // rows, a scope
constexpr std::size_t mostSucceeding = 512;     // a scope
constexpr std::size_t lookBack = 16;            // rows searched for one to add to
constexpr std::int64_t keepQuietUs = 7 * dayUs; // a scope in which nobody usually fails
constexpr std::int64_t keepUs = 35 * dayUs;

// The part of a row that holds values; the rest is padding.
static_assert(std::is_standard_layout_v<SignInRow> && std::is_trivially_copyable_v<SignInRow>);

// A RememberedSuccess as it is stored.
struct StoredSuccess
{
    StoredSignIn row{};
    IpAddress ip;
    Digest128 agent{};
    std::uint32_t asn = 0, placeId = 0;
    float placeBits = 0, deviceBits = 0;
    CountryCode country = 0;
    std::uint8_t flags = 0; // 1: still learning, 2: the browser was known
};

StoredSuccess stored(const RememberedSuccess &s)
{
    return {
        encode(s.row), s.ip,      s.agent,
        s.asn,         s.placeId, s.placeBits,
        s.deviceBits,  s.country, static_cast<std::uint8_t>((s.learning ? 1 : 0) | (s.browserKnown ? 2 : 0))};
}

// Counts runs of equal values in `values`; returns how many there are and the longest run's weight.
template <typename Key>
std::pair<std::uint32_t, std::uint32_t> runs(std::vector<std::pair<Key, std::uint32_t>> &values)
{
    std::sort(values.begin(), values.end());
    std::uint32_t distinct = 0, greatest = 0;
    for (std::size_t i = 0; i < values.size();) {
        std::uint32_t weight = 0;
        const Key key = values[i].first;
        for (; i < values.size() && values[i].first == key; ++i)
            weight += values[i].second;
        ++distinct;
        greatest = std::max(greatest, weight);
    }
    return {distinct, greatest};
}

} // namespace

std::uint64_t ScopeKey::hash() const
{
    return mixBits(stableHash(id) + static_cast<std::uint64_t>(kind));
}

std::optional<ScopeKey> Attempt::key(ScopeKind kind) const
{
    switch (kind) {
    case ScopeKind::Address:
        if (ip.isKnown())
            return ScopeKey{kind, ip.bytes};
        break;
    case ScopeKind::Network:
        if (ip.isKnown())
            return ScopeKey{kind, ip.network().bytes};
        break;
    case ScopeKind::AsnAgent:
        if (asn != 0 && hasAgent()) {
            ScopeKey key{kind, agent};
            for (std::size_t i = 0; i < 4; ++i)
                key.id[i] = static_cast<std::uint8_t>(key.id[i] ^ (asn >> (8 * i)));
            return key;
        }
        break;
    case ScopeKind::Agent:
        if (hasAgent())
            return ScopeKey{kind, agent};
        break;
    }
    return std::nullopt;
}

namespace {

// For one row more. What nobody asks for any more goes first, as there are many scopes and most of them are small.
template <typename Rows, typename IsPast>
void makeRoom(Rows &rows, IsPast isPast)
{
    if (rows.size() < rows.capacity())
        return;
    std::erase_if(rows, isPast);
    if (rows.size() == rows.capacity())
        rows.reserve(rows.size() + rows.size() / 2 + 1);
}

} // namespace

// New attempts are added at the end of each.
void SprayScope::prefetchRows() const
{
    if (!m_buckets.empty())
        __builtin_prefetch(&m_buckets.back());
    if (!m_succeeding.empty())
        __builtin_prefetch(&m_succeeding.back());
    if (!m_failures.empty())
        __builtin_prefetch(&m_failures.back());
}

void SprayScope::touch(std::int64_t at)
{
    if (m_new)
        m_first = at;
    m_new = false;
    m_last = at;
}

SprayScope::Bucket &SprayScope::bucket(std::int64_t at)
{
    const auto slot = floorDivide(at, slotUs);
    if (m_buckets.empty() || m_buckets.back().slot != slot) {
        makeRoom(m_buckets, [&](const Bucket &b) { return b.slot < slot - dayUs / slotUs; });
        m_buckets.push_back({slot, 0, 0});
    }
    return m_buckets.back();
}

void SprayScope::addSuccess(const Attempt &attempt, bool countUser)
{
    touch(attempt.at);
    ++bucket(attempt.at).successes;
    if (!countUser)
        return;
    const auto known = std::find_if(m_succeeding.rbegin(), m_succeeding.rend(),
                                    [&](const SucceedingUser &w) { return w.user == attempt.user; });
    if (known != m_succeeding.rend()) { // in order of their newest success, so that the oldest make room
        known->last = attempt.at;
        std::rotate(known.base() - 1, known.base(), m_succeeding.end());
        return;
    }
    const auto isPast = [&](const SucceedingUser &w) { return w.last < minus(attempt.at, dayUs); };
    if (m_succeeding.size() >= mostSucceeding) {
        std::erase_if(m_succeeding, isPast);
        if (m_succeeding.size() >= mostSucceeding)
            m_succeeding.erase(m_succeeding.begin(), m_succeeding.begin() + mostSucceeding / 4);
    }
    makeRoom(m_succeeding, isPast);
    m_succeeding.push_back({attempt.at, attempt.user, 0});
}

void SprayScope::closeHour(double alpha)
{
    if (m_hourUsers > 0 && !m_hourAttacked) {
        const auto week = static_cast<std::int32_t>(floorDivide(m_hour, weekHours));
        const auto hour = static_cast<std::uint32_t>(m_hour - std::int64_t{week} * weekHours);
        auto it =
            std::find_if(m_rates.begin(), m_rates.end(), [&](const HourRate &r) { return r.hour == hour; });
        if (it == m_rates.end())
            it = m_rates.insert(m_rates.end(), HourRate{week, hour, 0});
        it->rate = it->rate * std::pow(1 - alpha, week - it->week) + alpha * m_hourUsers;
        it->week = week;
    }
    m_hourUsers = 0;
    m_hourAttacked = false;
}

void SprayScope::addFailure(const Attempt &attempt, double alpha, bool attacked)
{
    touch(attempt.at);
    ++bucket(attempt.at).failures;

    if (const auto hour = floorDivide(attempt.at, hourUs); hour != m_hour) {
        closeHour(alpha);
        m_hour = hour;
    }
    m_hourAttacked = m_hourAttacked || attacked;
    const auto slot = floorDivide(attempt.at, slotUs);
    bool seenThisHour = false;
    std::size_t steps = 0;
    for (auto row = m_failures.rbegin(); row != m_failures.rend() && row->at >= m_hour * hourUs;
         ++row, ++steps) {
        if (row->user != attempt.user)
            continue;
        seenThisHour = true;
        if (steps < lookBack && floorDivide(row->first, slotUs) == slot && row->ip == attempt.ip &&
            row->agent == attempt.agent && row->asn == attempt.asn && row->redeemed == 0) {
            row->at = attempt.at;
            ++row->count;
            row->unknownUsers += attempt.unknownUser ? 1 : 0;
            return;
        }
        if (steps >= lookBack)
            break;
    }
    m_hourUsers += seenThisHour ? 0 : 1;
    const auto isPast = [&](const FailureRow &r) { return r.at < minus(attempt.at, dayUs); };
    if (m_failures.size() >= mostFailures) {
        std::erase_if(m_failures, isPast);
        if (m_failures.size() >= mostFailures)
            m_failures.erase(m_failures.begin(), m_failures.begin() + mostFailures / 4);
    }
    makeRoom(m_failures, isPast);
    m_failures.push_back({attempt.at, attempt.at, attempt.ip, attempt.agent, attempt.user, attempt.asn, 1,
                          attempt.unknownUser ? 1u : 0u});
}

auto SprayScope::failuresSince(std::int64_t from) const
{
    // A row that was added to lies before those begun after it, all in one slot.
    const auto begin =
        std::ranges::find_if(m_failures.rbegin(), m_failures.rend(),
                             [&](const FailureRow &row) { return row.at < minus(from, slotUs); });
    return std::ranges::subrange(m_failures.rbegin(), begin) |
           std::views::filter([from](const FailureRow &row) { return row.at >= from; });
}

bool SprayScope::hasFailed(std::uint32_t user, std::int64_t from) const
{
    return std::ranges::any_of(
        failuresSince(from), [user](const FailureRow &row) { return row.user == user && row.redeemed == 0; });
}

bool SprayScope::failsWith(const Digest128 &agent, std::int64_t from) const
{
    return std::ranges::any_of(failuresSince(from),
                               [&agent](const FailureRow &row) { return row.agent == agent; });
}

std::uint32_t SprayScope::redeem(std::uint32_t user, const IpAddress &ip, std::int64_t from)
{
    std::uint32_t slips = 0;
    for (auto row = m_failures.rbegin(); row != m_failures.rend() && row->at >= minus(from, slotUs); ++row)
        if (row->at >= from && row->user == user && row->redeemed == 0 && row->ip == ip) {
            row->redeemed = 1;
            slips += row->count;
        }
    return slips;
}

bool SprayScope::isDue(std::int64_t now) const
{
    std::uint32_t day = 0;
    const auto firstSlot = floorDivide(minus(now, dayUs), slotUs);
    for (auto b = m_buckets.rbegin(); b != m_buckets.rend() && b->slot >= firstSlot; ++b)
        day += b->failures;
    return day < 256 || m_buckets.back().failures % 16 == 0;
}

SprayWindow SprayScope::window(std::int64_t now, std::int64_t length, double perUser, double leastUsers) const
{
    const std::int64_t from = plus(now, -length);
    SprayWindow w;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> users;
    for (const FailureRow &row : m_failures) {
        if (row.at < from || row.redeemed != 0)
            continue;
        if (w.failures == 0 || row.first < w.first)
            w.first = row.first;
        w.failures += row.count;
        w.unknownUsers += row.unknownUsers;
        users.emplace_back(row.user, row.count);
    }
    w.failingUsers = runs(users).first;
    if (w.failures == 0 || w.failingUsers < leastUsers)
        return w;
    for (std::size_t i = 0; i < users.size();) { // sorted by runs()
        std::uint32_t count = 0;
        const auto user = users[i].first;
        for (; i < users.size() && users[i].first == user; ++i)
            count += users[i].second;
        w.sprayedUsers += count <= perUser ? 1 : 0;
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> addresses, agents; // by hash
    for (const FailureRow &row : m_failures) {
        if (row.at < from || row.redeemed != 0)
            continue;
        addresses.emplace_back(stableHash(row.ip), row.count);
        if (row.agent != Digest128{})
            agents.emplace_back(stableHash(row.agent), row.count);
    }
    w.addresses = runs(addresses).first;
    w.agentShare = static_cast<double>(runs(agents).second) / w.failures;
    for (const SucceedingUser &one : m_succeeding)
        w.succeedingUsers += one.last >= from ? 1 : 0;
    const auto firstSlot = floorDivide(from, slotUs);
    for (auto b = m_buckets.rbegin(); b != m_buckets.rend() && b->slot >= firstSlot; ++b)
        w.successes += b->successes;
    return w;
}

std::pair<std::uint32_t, std::uint32_t> SprayScope::tally(const Digest128 &agent, std::uint32_t user,
                                                          std::int64_t now) const
{
    std::uint32_t failures = 0, successes = 0;
    const auto from = minus(now, dayUs);
    for (const FailureRow &row : failuresSince(from))
        failures += row.redeemed == 0 && row.user != user && row.agent == agent ? row.count : 0;
    const auto firstSlot = floorDivide(from, slotUs);
    for (auto b = m_buckets.rbegin(); b != m_buckets.rend() && b->slot >= firstSlot; ++b)
        successes += b->successes;
    return {failures, successes};
}

double SprayScope::roughFailureShare(std::int64_t now, std::int64_t length) const
{
    double failures = 0, successes = 0;
    const auto firstSlot = floorDivide(plus(now, -length), slotUs);
    for (auto b = m_buckets.rbegin(); b != m_buckets.rend() && b->slot >= firstSlot; ++b) {
        failures += b->failures;
        successes += b->successes;
    }
    return failures == 0 ? 0 : failures / (failures + successes);
}

// The mean of an EWMA that began at nothing is too small by (1 - (1 - alpha)^n) after n weeks; corrected as
// in Kingma and Ba, "Adam" (ICLR 2015), section 3.
double SprayScope::usualFailingUsers(std::int64_t now, std::int64_t length, double alpha) const
{
    const auto lastHour = floorDivide(now, hourUs);
    const auto hours = std::max<std::int64_t>(1, length / hourUs);
    double sum = 0;
    for (const HourRate &rate : m_rates) {
        // The newest hour of the window with that place in the week.
        const auto back = ((lastHour - rate.hour) % weekHours + weekHours) % weekHours;
        if (back >= hours)
            continue;
        const auto hour = lastHour - back;
        const auto week = static_cast<std::int32_t>(floorDivide(hour, weekHours));
        const auto weeksKnown = (hour - floorDivide(m_first, hourUs)) / weekHours;
        const auto weeksSeen =
            weeksKnown + (week == rate.week ? 1 : 0); // an hour of today may be in it already
        if (week < rate.week || weeksSeen < 1)
            continue;
        const double faded = rate.rate * std::pow(1 - alpha, std::max(0, week - rate.week - 1));
        sum += faded / (1 - std::pow(1 - alpha, static_cast<double>(weeksSeen)));
    }
    return sum;
}

bool SprayScope::expired(std::int64_t now) const
{
    return !m_new && minus(now, m_last) > (m_rates.empty() && m_hourUsers == 0 ? keepQuietUs : keepUs);
}

// Only what no window can reach any more, so that it changes nothing.
void SprayScope::trim(std::int64_t now)
{
    std::erase_if(m_failures, [&](const FailureRow &r) { return r.at < minus(now, dayUs); });
    std::erase_if(m_succeeding, [&](const SucceedingUser &w) { return w.last < minus(now, dayUs); });
    std::erase_if(m_buckets,
                  [&](const Bucket &b) { return b.slot < floorDivide(minus(now, dayUs), slotUs); });
}

// As it is after trim(now).
void SprayScope::write(StateWriter &out, std::int64_t now) const
{
    const auto from = minus(now, dayUs);
    const auto putKept = [&out](const auto &rows, auto keep) {
        out.putRows(rows | std::views::filter(keep));
    };
    out.put(m_first);
    out.put(m_last);
    out.put(m_hour);
    out.put(m_hourUsers);
    out.put(static_cast<std::uint8_t>(m_hourAttacked));
    putKept(m_buckets,
            [first = floorDivide(from, slotUs)](const Bucket &bucket) { return bucket.slot >= first; });
    putKept(m_failures, [from](const FailureRow &row) { return row.at >= from; });
    putKept(m_succeeding, [from](const SucceedingUser &one) { return one.last >= from; });
    out.putRows(m_rates);
}

bool SprayScope::read(StateReader &in)
{
    std::uint8_t attacked = 0;
    if (!in.get(m_first) || !in.get(m_last) || !in.get(m_hour) || !in.get(m_hourUsers) || !in.get(attacked) ||
        !in.getRows(m_buckets, dayUs / slotUs + 2) || !in.getRows(m_failures, mostFailures) ||
        !in.getRows(m_succeeding, mostSucceeding) ||
        !in.getRows(m_rates, static_cast<std::size_t>(weekHours)))
        return false;
    m_hourAttacked = attacked != 0;
    m_new = false;
    return std::all_of(m_rates.begin(), m_rates.end(),
                       [](const HourRate &r) { return r.hour < weekHours && std::isfinite(r.rate); });
}

void SprayShard::makeRoom(std::int64_t now)
{
    scopes.retain([&](const Entry &entry) { return !entry.scope->expired(now); });
    scopes.forEach([&](Entry &entry) { entry.scope->trim(now); });
    if (scopes.size() < mostScopes)
        return;
    std::vector<std::int64_t> times;
    scopes.forEach([&](const Entry &entry) { times.push_back(entry.scope->last()); });
    const auto cut = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
    std::nth_element(times.begin(), cut, times.end());
    scopes.retain([&](const Entry &entry) { return entry.scope->last() > *cut; });
}

void SprayShard::write(StateWriter &out) const
{
    std::vector<const Entry *> order;
    order.reserve(scopes.size());
    scopes.forEach([&](const Entry &entry) { order.push_back(&entry); });
    std::sort(order.begin(), order.end(), [](const auto *a, const auto *b) {
        return std::tie(a->key.kind, a->key.id) < std::tie(b->key.kind, b->key.id);
    });
    // What comes next is no older than the newest here, so what has gone by then need not be written.
    std::int64_t now = INT64_MIN;
    for (const auto *entry : order)
        now = std::max(now, entry->scope->last());
    std::erase_if(order, [&](const auto *entry) { return entry->scope->expired(now); });
    out.putCount(order.size());
    for (const auto *entry : order) {
        out.put(static_cast<std::uint8_t>(entry->key.kind));
        out.put(entry->key.id);
        entry->scope->write(out, now);
    }
    out.putRows(successes | std::views::transform(&stored));
}

bool SprayShard::read(StateReader &in)
{
    std::size_t count = 0;
    if (!in.getCount(count) || count > mostScopes)
        return false;
    for (; count > 0; --count) {
        ScopeKey key;
        std::uint8_t kind = 0;
        SprayScope scope;
        if (!in.get(kind) || kind < 1 || kind > 4 || !in.get(key.id) || !scope.read(in))
            return false;
        key.kind = static_cast<ScopeKind>(kind);
        if (!key.isSound())
            return false;
        scopes.insert(key).first->scope = std::make_unique<SprayScope>(std::move(scope));
    }
    std::vector<StoredSuccess> remembered;
    if (!in.getRows(remembered, mostSuccesses))
        return false;
    for (const auto &one : remembered) {
        const auto row = decodeSignIn(one.row);
        if (!row)
            return false;
        successes.push_back({*row, one.ip, one.agent, one.asn, one.placeId, one.country, (one.flags & 1) != 0,
                             (one.flags & 2) != 0, one.placeBits, one.deviceBits});
    }
    return true;
}

void RecentShards::write(StateWriter &out) const
{
    out.put(static_cast<std::uint32_t>(hours.size()));
    for (const auto &[hour, shards] : hours) {
        out.put(hour);
        out.putRows(shards);
    }
}

bool RecentShards::read(StateReader &in)
{
    std::uint32_t count = 0;
    if (!in.get(count))
        return false;
    for (std::int64_t hour = 0; count > 0 && in.get(hour); --count)
        if (!in.getRows(hours[hour], Shards<SprayShard>::count))
            return false;
    return count == 0;
}

SprayScopes::SprayScopes(StateSource &source)
    : m_shards(StatePart::Scope, source)
{
    static_cast<void>(readPart(source.load(StatePart::Global, recentPart), m_recent));
}

void SprayScopes::save(StateSink &sink)
{
    m_shards.save(sink);
    if (m_recentChanged)
        sink.save(StatePart::Global, recentPart, writePart(m_recent));
    m_recentChanged = false;
}

void SprayScopes::expect(const ScopeKey &key, Prefetch stage)
{
    const auto hash = key.hash();
    if (stage < Prefetch::Slots)
        return m_shards.expect(hash, stage);
    auto &scopes = m_shards.at(hash).scopes;
    if (stage == Prefetch::ScopeSlots)
        return scopes.prefetch(key);
    if (const auto *known = scopes.find(key); known != nullptr) {
        if (stage == Prefetch::ScopeRecords)
            prefetch(known->scope.get(), sizeof(SprayScope));
        else
            known->scope->prefetchRows();
    }
}

SprayScope &SprayScopes::change(const ScopeKey &key, std::int64_t now)
{
    auto &shard = m_shards.change(key.hash());
    if (const auto *known = shard.scopes.find(key); known != nullptr) {
        if (known->scope->expired(now))
            *known->scope = SprayScope();
        return *known->scope;
    }
    if (shard.scopes.size() >= mostScopes)
        shard.makeRoom(now);
    auto &entry = *shard.scopes.insert(key).first;
    entry.scope = std::make_unique<SprayScope>();
    return *entry.scope;
}

const SprayScope *SprayScopes::find(const ScopeKey &key, std::int64_t now)
{
    const auto *known = m_shards.at(key.hash()).scopes.find(key);
    return known == nullptr || known->scope->expired(now) ? nullptr : known->scope.get();
}

void SprayScopes::remember(RememberedSuccess success)
{
    auto &list = m_shards.change(stableHash(success.ip)).successes;
    // At once, whatever the room: what is kept here is stored.
    const auto isPast = [&](const RememberedSuccess &s) {
        return s.row.at < minus(success.row.at, m_remember);
    };
    std::erase_if(list, isPast);
    if (list.size() >= mostSuccesses)
        list.erase(list.begin(), list.begin() + mostSuccesses / 4);
    makeRoom(list, isPast);
    auto &shards = m_recent.hours[floorDivide(success.row.at, hourUs)];
    const auto index = static_cast<std::uint16_t>(m_shards.indexOf(stableHash(success.ip)));
    if (const auto place = std::lower_bound(shards.begin(), shards.end(), index);
        place == shards.end() || *place != index)
        shards.insert(place, index);
    m_recent.hours.erase(m_recent.hours.begin(),
                         m_recent.hours.lower_bound(floorDivide(minus(success.row.at, m_remember), hourUs)));
    m_recentChanged = true;
    list.push_back(success);
}

std::vector<RememberedSuccess> SprayScopes::remembered(const ScopeKey &key, std::int64_t from)
{
    std::vector<RememberedSuccess> found;
    const auto take = [&](const SprayShard &shard) {
        for (const RememberedSuccess &s : shard.successes)
            if (s.row.at >= from && s.attempt().key(key.kind) == key)
                found.push_back(s);
    };
    if (key.kind == ScopeKind::Address) {
        take(m_shards.at(stableHash(IpAddress{key.id})));
    } else {
        std::set<std::uint16_t> shards; // of any address
        for (auto hour = m_recent.hours.lower_bound(floorDivide(from, hourUs)); hour != m_recent.hours.end();
             ++hour)
            shards.insert(hour->second.begin(), hour->second.end());
        for (const auto shard : shards)
            take(m_shards.atIndex(shard));
    }
    std::sort(found.begin(), found.end(),
              [](const RememberedSuccess &a, const RememberedSuccess &b) { return before(a.row, b.row); });
    return found;
}

double poissonSurpriseBits(double mean, std::uint32_t count)
{
    if (count == 0 || !(mean > 0))
        return count == 0 ? 0 : 1e9;
    // The probability of exactly `count`, then outwards on the side that converges.
    double exact = -mean; // natural logarithm
    for (std::uint32_t k = 1; k <= count; ++k)
        exact += std::log(mean / k);
    if (count <= mean) { // 1 - P(X < count)
        double below = 0;
        double term = exact;
        for (std::uint32_t k = count; k > 0; --k) {
            term += std::log(k / mean);
            below += std::exp(term);
        }
        return std::max(0.0, -std::log2(std::max(1 - below, 1e-300)));
    }
    double sum = 1, term = 1;
    for (double k = count + 1.0; term > sum * 1e-12; ++k) {
        term *= mean / k;
        sum += term;
    }
    return std::max(0.0, -(exact + std::log(sum)) / std::log(2.0));
}

} // namespace riskdesk::detect
