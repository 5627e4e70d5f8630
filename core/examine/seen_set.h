// SeenSet: which event keys a run has met. Sixteen bytes a key at most; 64 of the key's 128 bits are
// compared, so among ten million events the chance of taking one for another is about three in a million.
#pragma once

#include "core/domain/sign_in.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace riskdesk::run {

class SeenSet
{
public:
    // True when the key was not there.
    bool insert(const EventKey &key) { return insert(fingerprint(key)); }
    bool insert(std::uint64_t value)
    {
        if ((m_count + 1) * 2 > m_slots.size())
            grow();
        for (std::size_t i = value & (m_slots.size() - 1);; i = (i + 1) & (m_slots.size() - 1)) {
            if (m_slots[i] == value)
                return false;
            if (m_slots[i] == 0) {
                m_slots[i] = value;
                ++m_count;
                return true;
            }
        }
    }
    // Fetches the memory that a later insert() of this fingerprint will look at.
    void expect(std::uint64_t value) const { __builtin_prefetch(&m_slots[value & (m_slots.size() - 1)]); }
    [[nodiscard]] static std::uint64_t fingerprint(const EventKey &key)
    {
        std::uint64_t high, low;
        std::memcpy(&high, key.data(), 8);
        std::memcpy(&low, key.data() + 8, 8);
        // GUIDs keep some bits fixed and invented ones repeat a digit, so the halves are mixed one after the
        // other (the finalizer of SplitMix64); joined by XOR alone, every repeated digit would look the same.
        const auto mixed = [](std::uint64_t x) {
            x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
            x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
            return x ^ (x >> 31);
        };
        const std::uint64_t x = mixed(mixed(high + 0x9e3779b97f4a7c15ULL) + low);
        return x == 0 ? 1 : x;
    }

private:
    void grow()
    {
        std::vector<std::uint64_t> old(m_slots.size() * 2);
        old.swap(m_slots);
        for (const auto value : old) {
            if (value == 0)
                continue;
            std::size_t i = value & (m_slots.size() - 1);
            while (m_slots[i] != 0)
                i = (i + 1) & (m_slots.size() - 1);
            m_slots[i] = value;
        }
    }
    std::vector<std::uint64_t> m_slots = std::vector<std::uint64_t>(1024); // a power of two; 0 is free
    std::size_t m_count = 0;
};

} // namespace riskdesk::run
