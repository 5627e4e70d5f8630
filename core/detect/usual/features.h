// FeatureModel: how like the user a sign-in is. Two chains, place (country, ASN, network, address) and device
// (kind, system, browser, device), each backed off level by level to what is usual in the directory.
//
// For a value v below its parent q, with C, c the decayed counts of the directory and of the user:
//
//     global g(v|q) = (C(v) + 1/K) / (C(q) + 1)             K = children of q seen + 1
//     user   u(v|q) = (c(v) + κ T g) / (c(q) + κ T)         T = max(1, children of q this user has used)
//     bits   b(v)   = log2(g / u)                           + unlike the user, - like the user
//
// T/(n+T) is the user's own rate of novelty (Witten and Bell, IEEE Trans. Inf. Theory 37, 1991); the ratio is
// that of Freeman et al. (NDSS 2016). T is the greater of the values remembered and the decayed count of
// first sights, so that a user whose address always changes stays unsurprised after values were forgotten.
// What new values cost is then set right by how often they are in fact met (novelty.h): T becomes the number
// for which κT / (c(q) + κT) is that chance. Below a parent that the user was never seen with, c is counted
// whatever the parent: a new system with the user's own browser is less than one with a new browser.
//
// A level that is missing is skipped and its parent stands in. An address, or else a network, that the user
// is known by keeps the country and operator it is remembered with, whatever the sign-in tells of them or
// does not: logs and place files differ, and a provider that is placed elsewhere has not moved.
//
// A new browser that is a newer release of the last one (or a new agent text of the same release) may be its
// update: u is at least 1 - exp(-days since / days between updates), updates taken for a Poisson process.
// Browsers go forward only. A release that the user left for a newer one, longer ago than browsers are updated,
// counts as one never seen: an old agent text is what a thief's copy of it looks like. What lies below it says
// nothing then. How often releases do come back (a computer that was switched off, one that others use) is learnt
// with the novelty of browsers.
#pragma once

#include "core/detect/detector.h"
#include "core/detect/usual/novelty.h"
#include "core/detect/usual/profile.h"
#include "core/detect/usual/tenant_counts.h"

#include <array>
#include <string>

namespace riskdesk::detect {

struct FeatureKeys
{
    std::array<std::uint64_t, levels> value{}; // 0: missing
    std::array<std::uint64_t, levels> node{};  // hash of the path down to the value
    std::array<std::uint64_t, levels>
        parent{};                            // node of the nearest known level above, or of the chain's root
    std::array<std::uint32_t, levels> key{}; // FeatureRow::key
    std::array<std::int8_t, levels> above{}; // level of the parent; -1 the root
    [[nodiscard]] bool has(std::size_t level) const { return value[level] != 0; }
};
// `placeHidden`: the address is where a VPN, relay or satellite ends, not where the person is. Country,
// network and address then say nothing; the AS stands for what the person comes through.
[[nodiscard]] FeatureKeys featureKeys(const EnrichedSignIn &signIn, bool placeHidden);
// "Chrome 122, Windows 10": a device for people. `key` is EnrichedSignIn::deviceKey(), which is told as it
// stands where neither browser nor system is known; "" when nothing is.
[[nodiscard]] std::string deviceText(const Names &names, std::uint64_t key, std::uint32_t browser,
                                     std::uint32_t system);

struct FeatureScore
{
    FeatureKeys keys;
    std::array<double, levels> bits{};
    std::array<SignalCounts, levels> counts{}; // what they were made of
    std::array<bool, levels> isNew{};          // never seen there with this user
    std::array<bool, levels> filledIn{};       // not as the sign-in tells it: from the memory of its network
    struct Chance                              // of something new at a level
    {
        bool counts = false; // the user has been seen there, so that something can be new
        std::uint16_t cell = 0;
        double formula = 0;
        bool isNew = false;
    };
    std::array<Chance, levels> chances{};
    double addressOdds = 0; // 0..1, failure odds of the address
    // Evidence of attack, each capped by its setting.
    double addressBits = 0, anonymizerBits = 0, hostingBits = 0, automatedBits = 0, deviceIdBits = 0,
           hourBits = 0;
    double hourConcentration = 0;
    Familiarity familiarity;
    double total = 0;
    // Something coarse is new: the country or the network's operator; the kind of device, its system, its
    // browser beyond an update, or its id.
    bool newPlace = false, newDevice = false;
    // Browsers are updated every unfamiliarFeatures.updateDays or so: the chance, 0..1, that an update came
    // since the release that the user was last seen with, and that release (Dictionary::AgentBrowser). 0: no
    // update.
    double updateChance = 0;
    std::uint32_t updatedFrom = 0;
    // The release is one that the user left for a newer one, so many minutes ago; 0: it is not.
    Minute leftBehind = 0;
};

class FeatureModel
{
public:
    FeatureModel(const Tuning &tuning, TenantCounts &tenant, Novelty &novelty, Profiles &profiles);

    void retuned(); // the tuning says something else now
    // A sign-in that comes soon; see prefetch.h.
    void expect(const EnrichedSignIn &signIn);
    // The score of the sign-in that is being examined; valid until the next call. `addressOdds`: the odds
    // that a failure from the address is hostile, 0..1.
    const FeatureScore &assess(const EnrichedSignIn &signIn, double addressOdds);
    [[nodiscard]] const FeatureScore &current() const { return m_score; }
    // Counts what was new in the sign-in assessed last, unless it teaches nothing and brings the same as the
    // last of this user that did: whom nobody vouches for is met once.
    void countNovelty(const EnrichedSignIn &signIn, bool teaches);
    // Learns the sign-in assessed last.
    void learn(const EnrichedSignIn &signIn);

    // "PT (39), ES (2)": the user's values of a level, most used first.
    [[nodiscard]] std::string usual(const EnrichedSignIn &signIn, Level level, const Names &names) const;
    [[nodiscard]] std::string seen(const EnrichedSignIn &signIn, Level level, const Names &names) const;
    // A row of the Why table for the sign-in last assessed.
    [[nodiscard]] Signal signal(const EnrichedSignIn &signIn, Level level, const Names &names) const;
    // The hour the user usually signs in at, UTC, and how sure that is (0..1).
    [[nodiscard]] Signal hourSignal(const EnrichedSignIn &signIn) const;

private:
    [[nodiscard]] FeatureKeys keysOf(const EnrichedSignIn &signIn) const;
    void fillIn(const UserProfile &profile, Minute now);
    void match(const UserProfile &profile, Minute now);
    void scoreChains(const UserProfile &profile, Minute now);
    [[nodiscard]] double usedBelowAnyParent(const UserProfile &profile, std::size_t level, Minute now) const;
    [[nodiscard]] double hostingBits(const UserProfile &profile) const;
    void scoreAttack(const EnrichedSignIn &signIn, const UserProfile &profile);
    void upsert(UserProfile &profile, std::size_t level, Minute now);

    const Tuning &m_tuning;
    TenantCounts &m_tenant;
    Novelty &m_novelty;
    Profiles &m_profiles;
    FeatureScore m_score;
    // Keys of sign-ins to come, at a place given by their event key; what clashes is made again.
    struct Expected
    {
        EventKey eventKey{};
        std::int64_t at = INT64_MIN;
        FeatureKeys keys;
    };
    static constexpr std::size_t mostExpected = 32;
    std::array<Expected, mostExpected> m_expected;
    std::array<int, levels> m_row{};      // index of the user's row of the value, or -1
    std::array<int, levels> m_children{}; // rows beside it, itself included
    bool m_expired = false;               // some row is older than is kept
    float m_halfLife = 0;                 // minutes
    Minute m_keep = 0;
};

} // namespace riskdesk::detect
