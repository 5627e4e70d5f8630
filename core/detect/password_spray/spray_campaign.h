// SprayCampaigns: the password sprays of the last months, open and closed, with their targets and timeline.
//
// A campaign reaches from `reach` before its first attempt to `reach` after its last; within that, an attempt
// from its scope belongs to it. Bounded: 128 campaigns, 8192 targets and 8192 addresses each; the longest
// quiet campaign makes room.
#pragma once

#include "core/detect/password_spray/spray_scope.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace riskdesk::detect {

// Attempts over time in at most 96 bins; the bins double in width when the campaign outgrows them.
struct SprayTimeline
{
    std::int64_t start = 0;
    std::int64_t width = 0;
    std::vector<std::uint32_t> bins;

    void add(std::int64_t at, std::uint32_t count);
    [[nodiscard]] std::string text() const; // "12 0 8"
};

// What speaks for the user.
struct SprayFamiliarity
{
    bool learning = true;                 // nothing does, either way
    bool browserKnown = false;            // where the log names no device
    double placeBits = 0, deviceBits = 0; // as in Familiarity
};

// Judges a success, not the source it came from (after Herley and Schechter, NDSS 2019):
//
//     odds = hit rate · bad-to-good ratio · unlikeness
//
// The ratio is of attempts from the scope, without the failures of users who then got in from the same
// address. The hit rate is of the other accounts tried, by the rule of succession: (1 + hits) / (2 +
// accounts). Unlikeness is 2 to the bits by which place and device are unlike the user, at most 5 bits each;
// 1 while the user is still learnt.
//
// Where the attack has failed from the very address with the very client, the attempts from there are what
// the ratio is of. Elsewhere a client (ScopeKind::Agent, AsnAgent) is a trait that joins sources, never one
// itself: it accuses only who is unlike in place and device both, and nobody behind an address that users of
// the directory share and the attack has not failed from.
struct SprayCounts
{
    std::uint32_t failures = 0, good = 0;
};
struct SprayOdds
{
    std::uint32_t failures = 0, good = 0; // attempts that went into the ratio
    bool joined = false;                  // of the address alone
    double hitRate = 0, ratio = 0, unlikeness = 1;
    double odds = 0; // infinite where nobody's own sign-in came from the scope
    // No attack finds more than two passwords and a tenth of those it tries; where more users get in, it is a
    // class behind one address on its first day.
    bool plausible = true;
};

struct SprayCampaign
{
    Campaign campaign; // targets in order of their first attempt; its last facts only in facts()
    ScopeKey key;
    SprayRule rule = SprayRule::SingleSource;
    std::int64_t windowUs = 0;
    // At the moment it was recognised:
    std::uint32_t failingUsers = 0, succeedingUsers = 0;
    double usualShare = 0;    // f0
    double expectedUsers = 0; // λ; 0 without history
    std::uint32_t unknownUserFailures = 0;
    // Right passwords from the scope since it opened: the users' own, and those the attack found (users).
    std::uint32_t good = 0, hitUsers = 0;
    SprayTimeline timeline;
    bool changed = false;

    void addFailure(const Attempt &attempt, std::uint32_t count, std::int64_t first);
    void addHit(const Attempt &attempt);
    void addGood() { ++good; }
    // Failures of the user that turned out to be slips: the user got in from the same address.
    void addSlips(std::uint32_t user, std::uint32_t count);
    // Whether a right password, used by this user now, is the attack's. `source`: attempts from the address,
    // of a source that the campaign's trait has joined.
    [[nodiscard]] SprayOdds odds(std::uint32_t user, const SprayFamiliarity &familiarity,
                                 double usualFailureShare, const std::optional<SprayCounts> &source) const;
    [[nodiscard]] const CampaignTarget *target(std::uint32_t user) const;
    [[nodiscard]] CampaignFacts facts() const;
    [[nodiscard]] Campaign finished() const; // with all of them

    void write(StateWriter &out) const;
    [[nodiscard]] bool read(StateReader &in);

private:
    CampaignTarget *reachTarget(std::uint32_t user, std::int64_t at);

    std::unordered_map<std::uint32_t, std::size_t> m_index; // of targets, by user
    std::map<std::uint32_t, std::uint32_t> m_slips;         // failures that were, by user
    std::uint32_t m_slipCount = 0;
    std::unordered_set<std::uint64_t> m_addresses; // stable hashes
};

class SprayCampaigns
{
public:
    static constexpr std::uint8_t version = 3;

    void setReach(std::int64_t reachUs);

    // The open campaign of exactly this scope.
    [[nodiscard]] SprayCampaign *open(const ScopeKey &key, std::int64_t at);
    // The newest campaign of exactly this scope within whose reach the time lies.
    [[nodiscard]] SprayCampaign *reaching(const ScopeKey &key, std::int64_t at);
    // The narrowest campaign within whose scope and reach the attempt lies; the newest of one scope.
    [[nodiscard]] const SprayCampaign *covering(const Attempt &attempt) const;
    // Some campaign could cover a time; false for nearly every sign-in.
    [[nodiscard]] bool anyAt(std::int64_t at) const { return at <= m_latest && !m_all.empty(); }
    SprayCampaign &add(SprayCampaign campaign);
    void grown(const SprayCampaign &campaign); // its `last` has moved
    [[nodiscard]] const std::vector<SprayCampaign> &all() const { return m_all; }
    void take(std::vector<Campaign> &out, bool all); // else those that changed since

    [[nodiscard]] bool hasMoved() const { return m_moved; }
    void setMoved(bool moved) { m_moved = moved; }
    void write(StateWriter &out) const;
    [[nodiscard]] bool read(StateReader &in);

private:
    std::int64_t m_reach = 0;
    std::int64_t m_latest = INT64_MIN; // end of the reach of the campaign that reaches furthest
    bool m_moved = false;              // something to save
    std::vector<SprayCampaign> m_all;
    std::vector<Campaign> m_displaced; // made room before anybody took them
};

} // namespace riskdesk::detect
