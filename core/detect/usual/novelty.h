// Novelty: how often something new is in fact met, learnt from the directory.
//
// The chance that a sign-in brings a value its user was never seen with is, by Witten and Bell, κT / (n + κT):
// one formula for a new country and for a new address. What happens differs from level to level and from
// directory to directory, so it is counted: by level, by how often the user was seen below the parent (n) and
// with how many values (T). With N of such sign-ins, of which M were new, and what the formula expected of
// them, E, all of them at the level together M' and E',
//
//     chance = (M + w · p) / (N + w)      p = min(1, formula · (M' + w) / (E' + w))       w = 200
//
// so that a directory without sign-ins has the formula, a young one the formula to its own measure, and an
// old one what it has seen. With chances that are right at most 2^-b of the owners' sign-ins reach b bits,
// whatever the level: E[g/u] is at most 1 under u (Markov).
//
// Every success counts once, also one that teaches nothing: what was only seen where it raised no doubt would
// look rarer than it is. Below a parent that is new itself (T is 0 there) new means never seen with the user
// below any parent.
//
// StatePart::Global, part 7. Counts are halved at `most`, so that old times fade. Single-threaded; a few
// kilobytes.
#pragma once

#include "core/detect/state.h"
#include "core/detect/usual/profile.h"

#include <array>
#include <cstdint>

namespace riskdesk::detect {

class Novelty
{
public:
    static constexpr double weight = 200;
    static constexpr std::uint32_t most = 1U << 16;

    explicit Novelty(StateSource &source);

    // Which sign-ins are alike: `seen`: n, decayed; `values`: T, 0 below a new parent.
    [[nodiscard]] static std::uint16_t cellOf(std::size_t level, double seen, double values);
    // 0..1. `expected`: the formula's.
    [[nodiscard]] double chance(std::uint16_t cell, double expected) const;
    void count(std::uint16_t cell, double expected, bool isNew);
    void save(StateSink &sink);

private:
    static constexpr std::size_t seenSteps = 8, valueSteps = 6;
    struct Count
    {
        double all = 0, fresh = 0, expected = 0; // of cells, `expected` is not used
        void halve();
    };
    struct Counts
    {
        static constexpr std::uint8_t version = 2;
        std::array<Count, levels * seenSteps * valueSteps> cells;
        std::array<Count, 2 * levels> whole; // by level; then by level below a new parent

        void write(StateWriter &out) const;
        [[nodiscard]] bool read(StateReader &in);
    };
    [[nodiscard]] static std::size_t wholeOf(std::uint16_t cell);
    Counts m;
    bool m_changed = false;
};

} // namespace riskdesk::detect
