// ReferenceFormula: the published risk score that ours is measured against, learning as it goes.
//
// Freeman, Jain, Dürmuth, Biggio, Giacinto: "Who Are You? A Statistical Approach to Measuring User
// Authenticity", NDSS 2016, in the form that the das-group published as rba-algorithm (commit 28fec467) for
// the studies of Wiefling et al.: two features of weighted levels, the global share of the finest level
// smoothed, the user's own shares not, and nothing forgotten. The score is a ratio; more is riskier, and a
// feature that is wholly new to the user counts at most 4.
//
// Plain values, one thread. Every call costs the same however much was learnt; memory grows with the number
// of different values and of different (user, value) pairs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace riskdesk::lab {

// Ids that are equal where the values are. 0 is missing, which counts as one value like any other: where a
// log never has it, it then says nothing.
struct ReferenceLogin
{
    std::uint32_t user;
    std::uint64_t address, asn, country;          // where
    std::uint64_t agent, browser, system, device; // with what
};

class ReferenceFormula
{
public:
    // Of a sign-in before it is learnt. A user without any past is taken for one with a single sign-in in
    // which nothing was the same, because the formula would divide by nothing; 1 before anything was learnt.
    [[nodiscard]] double score(const ReferenceLogin &login) const;
    // One feature alone, as the published comparisons have it.
    [[nodiscard]] double scoreOfPlace(const ReferenceLogin &login) const;
    [[nodiscard]] double scoreOfAgent(const ReferenceLogin &login) const;

    // Successes only.
    void learn(const ReferenceLogin &login);

    [[nodiscard]] std::size_t logins() const { return static_cast<std::size_t>(m_logins); }
    [[nodiscard]] std::size_t users() const { return m_users.size(); }

private:
    static constexpr std::size_t levels = 7; // address, asn, country, agent, browser, system, device
    struct Feature
    {
        std::size_t first, count; // levels, finest first
    };
    static constexpr Feature place{0, 3}, agent{3, 4};

    struct Key
    {
        std::uint64_t owner, value;
        std::uint32_t level;
        bool operator==(const Key &) const = default;
    };
    struct KeyHash
    {
        std::size_t operator()(const Key &key) const;
    };
    struct Finest
    {
        double count = 0;
        double coarser = 0; // different values of the coarser levels seen with it
    };

    static std::array<std::uint64_t, levels> valuesOf(const ReferenceLogin &login);
    [[nodiscard]] double ratio(const Feature &feature, const ReferenceLogin &login) const;
    [[nodiscard]] double prior(std::uint32_t user) const;
    [[nodiscard]] double ofUser(std::uint32_t user) const;

    double m_logins = 0;
    std::unordered_map<std::uint32_t, double> m_users;
    std::array<std::unordered_map<std::uint64_t, Finest>, levels> m_values;
    std::unordered_map<Key, double, KeyHash> m_ofUser; // owner: the user
    std::unordered_set<Key, KeyHash> m_together;       // owner: the finest value, value: a coarser one
};

} // namespace riskdesk::lab
