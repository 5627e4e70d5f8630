// Random: numbers that are the same on every machine for the same seed (xoshiro256**, Blackman and Vigna,
// seeded by SplitMix64). The standard library's distributions differ between implementations, so the few
// needed are here.
#pragma once

#include "core/demo/portable_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

namespace riskdesk::demo {

class Random
{
public:
    explicit Random(std::uint64_t seed)
    {
        for (auto &word : m_state) {
            seed += 0x9e3779b97f4a7c15ULL;
            std::uint64_t x = seed;
            x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
            x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
            word = x ^ (x >> 31);
        }
    }
    std::uint64_t next()
    {
        const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
        const std::uint64_t t = m_state[1] << 17;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= t;
        m_state[3] = std::rotl(m_state[3], 45);
        return result;
    }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; } // [0, 1)
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((next() >> 32) * n >> 32); }
    bool chance(double p) { return uniform() < p; }
    double normal() // Box and Muller
    {
        const double length = uniform(), turn = uniform(); // one after the other, whatever the compiler
        return std::sqrt(-2 * portableLog(1 - length)) * portableCosine(turn);
    }
    std::uint32_t poisson(double mean) // Knuth; means here are small
    {
        const double limit = portableExp(-mean);
        std::uint32_t k = 0;
        for (double p = uniform(); p > limit && k < 60; p *= uniform())
            ++k;
        return k;
    }
    template <typename T>
    const T &pick(std::span<const T> list)
    {
        return list[below(static_cast<std::uint32_t>(list.size()))];
    }
    std::string guid();

private:
    std::uint64_t m_state[4];
};

} // namespace riskdesk::demo
