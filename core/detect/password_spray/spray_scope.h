// SprayScopes: the rolling day of each scope in which a password spray can show: one address, its network,
// one client in one AS, one client anywhere. Five-minute buckets over 24 hours, who failed, who got in, and
// how many usually fail in that hour of the week (an EWMA).
//
// Keys are made of content (address bytes, BLAKE2b-128 of the user agent), never of dictionary ids. Bounded:
// 65536 x 8 scopes, 1024 failure rows and 512 users who got in a scope. What is kept past its time is left
// out when read, so that saving early or late changes nothing.
#pragma once

#include "core/base/digest.h"
#include "core/base/flat_map.h"
#include "core/detect/detector.h"
#include "core/detect/shards.h"
#include "core/domain/campaign.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace riskdesk::detect {

struct ScopeKey
{
    ScopeKind kind = ScopeKind::Address;
    std::array<std::uint8_t, 16> id{};

    friend bool operator==(const ScopeKey &, const ScopeKey &) = default;
    // Not the key of an empty slot: nothing is known to come from the address of all zeros.
    [[nodiscard]] bool isSound() const { return !(*this == ScopeKey()); }
    [[nodiscard]] std::uint64_t hash() const;
};
[[nodiscard]] inline std::uint64_t slotHash(const ScopeKey &key)
{
    return key.hash();
}

// A sign-in attempt as the scopes see it.
struct Attempt
{
    std::int64_t at = 0;
    std::uint32_t user = 0;
    std::uint32_t asn = 0;
    IpAddress ip;
    Digest128 agent{}; // of the client's full name; all zero: the log does not say
    bool unknownUser = false;

    [[nodiscard]] bool hasAgent() const { return agent != Digest128{}; }
    // The key of the scope of that kind, if the attempt has what it takes.
    [[nodiscard]] std::optional<ScopeKey> key(ScopeKind kind) const;
};
inline constexpr std::array allScopes = {ScopeKind::Address, ScopeKind::Network, ScopeKind::AsnAgent,
                                         ScopeKind::Agent}; // narrowest first

// Failures of one user with one client from one address within five minutes.
struct FailureRow
{
    std::int64_t first = 0, at = 0; // at: the newest
    IpAddress ip;
    Digest128 agent{};
    std::uint32_t user = 0, asn = 0, count = 0, unknownUsers = 0;
    std::uint32_t redeemed = 0; // 1: the user got in from the same address afterwards
    std::uint32_t padding = 0;

    [[nodiscard]] Attempt attempt() const { return {at, user, asn, ip, agent, unknownUsers > 0}; }
};

// What a window of a scope, ending now, holds; without the failures of users who then got in from the same
// address: they mistyped.
struct SprayWindow
{
    std::uint32_t failures = 0, successes = 0;
    std::uint32_t failingUsers = 0; // every one
    std::uint32_t sprayedUsers =
        0; // those with at most `perUser` failures: not somebody's forgotten password
    std::uint32_t succeedingUsers = 0; // distinct users who got in; counted for addresses and networks
    std::uint32_t addresses = 0, unknownUsers = 0;
    double agentShare = 0;  // of the failures, by the commonest client
    std::int64_t first = 0; // oldest failure of the window
    [[nodiscard]] double failureShare() const
    {
        return failures == 0 ? 0
                             : static_cast<double>(failures) / (static_cast<double>(failures) + successes);
    }
};

class SprayScope
{
public:
    void addSuccess(const Attempt &attempt, bool countUser);
    // `attacked`: the scope is in an open campaign, so this hour says nothing about what is usual.
    void addFailure(const Attempt &attempt, double alpha, bool attacked);

    [[nodiscard]] bool hasFailed(std::uint32_t user, std::int64_t from) const;
    [[nodiscard]] bool failsWith(const Digest128 &agent, std::int64_t from) const;
    // The user got in: earlier failures from that address were slips. Returns how many failures since `from`
    // have become so.
    std::uint32_t redeem(std::uint32_t user, const IpAddress &ip, std::int64_t from);

    // With fewer than `leastUsers` failing users the rest is not counted.
    [[nodiscard]] SprayWindow window(std::int64_t now, std::int64_t length, double perUser,
                                     double leastUsers = 0) const;
    // Failures with that client by others than the user, and successes, of a day.
    [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> tally(const Digest128 &agent, std::uint32_t user,
                                                                std::int64_t now) const;
    // Cheap upper bound of the failure share of a window (it counts whole buckets).
    [[nodiscard]] double roughFailureShare(std::int64_t now, std::int64_t length) const;
    // Whether to look for a campaign now: always in a scope that fails little in a day, else at every 16th
    // failure. Counted over the day, not over what happens to be in memory.
    [[nodiscard]] bool isDue(std::int64_t now) const;
    [[nodiscard]] const std::vector<FailureRow> &failures() const { return m_failures; }

    // The scope has been known for so long; how many users usually fail in the hours of a window.
    [[nodiscard]] std::int64_t knownFor(std::int64_t now) const { return now - m_first; }
    [[nodiscard]] double usualFailingUsers(std::int64_t now, std::int64_t length, double alpha) const;

    void prefetchRows() const;
    [[nodiscard]] std::int64_t last() const { return m_last; }
    [[nodiscard]] bool expired(std::int64_t now) const;
    void trim(std::int64_t now);
    void write(StateWriter &out, std::int64_t now) const; // what trim(now) would leave
    [[nodiscard]] bool read(StateReader &in);

private:
    struct Bucket
    {
        std::int64_t slot = 0;
        std::uint32_t successes = 0, failures = 0;
    };
    struct SucceedingUser
    {
        std::int64_t last = 0;
        std::uint32_t user = 0;
        std::uint32_t padding = 0;
    };
    struct HourRate
    {
        std::int32_t week = 0;
        std::uint32_t hour = 0; // of the week, 0..167
        double rate = 0;        // before the correction for its short history
    };
    [[nodiscard]] auto failuresSince(std::int64_t from) const; // newest first, but for those of one slot
    Bucket &bucket(std::int64_t at);
    void touch(std::int64_t at);
    void closeHour(double alpha);

    std::int64_t m_first = 0, m_last = 0; // of any attempt; m_first == 0 and m_last == 0: new
    std::int64_t m_hour = 0;              // hour being counted
    std::uint32_t m_hourUsers = 0;        // distinct failing users in it
    bool m_hourAttacked = false;
    bool m_new = true;
    std::vector<Bucket> m_buckets;
    std::vector<FailureRow> m_failures;
    std::vector<SucceedingUser> m_succeeding;
    std::vector<HourRate> m_rates;
};

// A success unlike its user, kept for a day in case a campaign is recognised around it only later.
struct RememberedSuccess
{
    SignInRow row;
    IpAddress ip;
    Digest128 agent{};
    std::uint32_t asn = 0, placeId = 0;
    CountryCode country = 0;
    bool learning = false, browserKnown = false;
    float placeBits = 0, deviceBits = 0;

    [[nodiscard]] Attempt attempt() const { return {row.at, row.user, asn, ip, agent, false}; }
};

struct SprayShard
{
    static constexpr std::uint8_t version = 3;
    struct Entry
    {
        ScopeKey key;
        std::unique_ptr<SprayScope> scope;
    };
    FlatMap<Entry> scopes;
    std::vector<RememberedSuccess> successes; // by the hash of their address, in order of arrival

    void makeRoom(std::int64_t now);
    void write(StateWriter &out) const;
    bool read(StateReader &in);
};

// Which shards remember successes, by hour of event time: those of a scope that is no address lie anywhere.
struct RecentShards
{
    static constexpr std::uint8_t version = 2;
    std::map<std::int64_t, std::vector<std::uint16_t>> hours; // ascending

    void write(StateWriter &out) const;
    [[nodiscard]] bool read(StateReader &in);
};

class SprayScopes
{
public:
    explicit SprayScopes(StateSource &source);
    void setRemember(std::int64_t rememberUs) { m_remember = rememberUs; } // successes

    void expect(const ScopeKey &key, Prefetch stage);
    [[nodiscard]] SprayScope &change(const ScopeKey &key, std::int64_t now); // made when new
    [[nodiscard]] const SprayScope *find(const ScopeKey &key, std::int64_t now);
    void remember(RememberedSuccess success);
    // Remembered successes of a scope since `from`, in the order of sign-ins.
    [[nodiscard]] std::vector<RememberedSuccess> remembered(const ScopeKey &key, std::int64_t from);
    void save(StateSink &sink);

private:
    static constexpr std::uint64_t recentPart = 5; // of StatePart::Global

    Shards<SprayShard> m_shards;
    std::int64_t m_remember = 0;
    RecentShards m_recent;
    bool m_recentChanged = false;
};

// -log2 P(X >= count), X Poisson with that mean: how surprising so many are.
[[nodiscard]] double poissonSurpriseBits(double mean, std::uint32_t count);

} // namespace riskdesk::detect
