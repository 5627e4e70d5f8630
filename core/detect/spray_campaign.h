// SprayCampaigns: the password sprays of the last months, open and closed, with their targets and timeline.
//
// A campaign reaches from `reach` before its first attempt to `reach` after its last; within that, an attempt
// from its scope belongs to it. Bounded: 128 campaigns, 8192 targets and 8192 addresses each; the longest
// quiet campaign makes room.
#pragma once

#include "core/detect/spray_scope.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace riskdesk::detect {

enum class SprayRule : std::uint8_t {
    SingleSource = 1,
    SingleSourceDay = 2,
    ManySources = 3,
    LowAndSlow = 4
};
[[nodiscard]] std::string_view toText(SprayRule); // "singleSource"

// Attempts over time in at most 96 bins; the bins double in width when the campaign outgrows them.
struct SprayTimeline
{
    std::int64_t start = 0;
    std::int64_t width = 0;
    std::vector<std::uint32_t> bins;

    void add(std::int64_t at, std::uint32_t count);
    [[nodiscard]] std::string text() const; // "12 0 8"
};

struct SprayCampaign
{
    Campaign campaign; // without evidence; targets in order of their first attempt
    ScopeKey key;
    SprayRule rule = SprayRule::SingleSource;
    std::int64_t windowUs = 0;
    // At the moment it was recognised:
    std::uint32_t failingUsers = 0, succeedingUsers = 0;
    double usualShare = 0;    // f0
    double expectedUsers = 0; // λ; 0 without history
    std::uint32_t unknownUserFailures = 0;
    SprayTimeline timeline;
    bool changed = false;

    void addFailure(const Attempt &attempt, std::uint32_t count, std::int64_t first);
    void addHit(const Attempt &attempt);
    [[nodiscard]] const CampaignTarget *target(std::uint32_t user) const;
    [[nodiscard]] Evidence evidence() const;
    [[nodiscard]] Campaign finished() const; // with evidence

    void write(StateWriter &out) const;
    [[nodiscard]] bool read(StateReader &in);

private:
    CampaignTarget *reachTarget(std::uint32_t user, std::int64_t at);

    std::unordered_map<std::uint32_t, std::size_t> m_index; // of targets, by user
    std::unordered_set<std::uint64_t> m_addresses;          // stable hashes
};

class SprayCampaigns
{
public:
    static constexpr std::uint8_t version = 1;

    explicit SprayCampaigns(std::int64_t reachUs = 0)
        : m_reach(reachUs)
    {}
    void setReach(std::int64_t reachUs) { m_reach = reachUs; }

    // The open campaign of exactly this scope.
    [[nodiscard]] SprayCampaign *open(const ScopeKey &key, std::int64_t at);
    // The narrowest campaign within whose scope and reach the attempt lies.
    [[nodiscard]] const SprayCampaign *covering(const Attempt &attempt) const;
    // Some campaign could cover a time; false for nearly every sign-in.
    [[nodiscard]] bool anyAt(std::int64_t at) const { return at <= m_latest && !m_all.empty(); }
    SprayCampaign &add(SprayCampaign campaign);
    void grown(const SprayCampaign &campaign); // its `last` has moved
    [[nodiscard]] const std::vector<SprayCampaign> &all() const { return m_all; }
    void takeChanged(std::vector<Campaign> &out);

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
