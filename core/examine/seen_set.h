// SeenSet: which event keys a run has met. 11 to 16 bytes a key; 64 of the key's 128 bits are compared, so among
// ten million events the chance of taking one for another is about three in a million.
//
// Open addressing in many small tables, as one large one would stand twice in memory while it grows; they are filled
// to three quarters and grow by half.
#pragma once

#include "core/base/stable_hash.h"
#include "core/domain/sign_in.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace riskdesk::run {

class SeenSet
{
public:
    // True when the key was not there.
    bool insert(const EventKey &key) { return insert(fingerprint(key)); }
    bool insert(std::uint64_t value) { return m_tables[value >> (64 - tableBits)].insert(value); }
    // Fetches the memory that a later insert() of this fingerprint will look at.
    void expect(std::uint64_t value) const { m_tables[value >> (64 - tableBits)].expect(value); }
    // GUIDs keep some bits fixed and invented ones repeat a digit, so the halves are mixed one after the
    // other; joined by XOR alone, every repeated digit would look the same. Never 0.
    [[nodiscard]] static std::uint64_t fingerprint(const EventKey &key)
    {
        std::uint64_t high, low;
        std::memcpy(&high, key.data(), 8);
        std::memcpy(&low, key.data() + 8, 8);
        const std::uint64_t x = mixBits(mixBits(high + 0x9e3779b97f4a7c15ULL) + low);
        return x == 0 ? 1 : x;
    }

private:
    class Table
    {
    public:
        bool insert(std::uint64_t value)
        {
            if ((m_size + 1) * 4 > m_slots.size() * 3)
                grow();
            auto &slot = m_slots[placeOf(value)];
            if (slot == value)
                return false;
            slot = value;
            ++m_size;
            return true;
        }
        void expect(std::uint64_t value) const
        {
            if (!m_slots.empty())
                __builtin_prefetch(&m_slots[firstPlaceOf(value)]);
        }

    private:
        // By the low half, whose order is that of the places: growing goes through old and new in one direction.
        [[nodiscard]] std::size_t firstPlaceOf(std::uint64_t value) const
        {
            return static_cast<std::size_t>((value & 0xffff'ffffU) * m_slots.size() >> 32);
        }
        [[nodiscard]] std::size_t placeOf(std::uint64_t value) const
        {
            auto place = firstPlaceOf(value);
            while (m_slots[place] != value && m_slots[place] != 0)
                place = place + 1 == m_slots.size() ? 0 : place + 1;
            return place;
        }
        void grow()
        {
            std::vector<std::uint64_t> old(m_slots.size() + m_slots.size() / 2 + 16);
            old.swap(m_slots);
            for (const auto value : old)
                if (value != 0)
                    m_slots[placeOf(value)] = value;
        }

        std::vector<std::uint64_t> m_slots; // 0: empty
        std::size_t m_size = 0;
    };
    static constexpr unsigned tableBits = 6; // by the highest bits, which a table does not look at

    std::array<Table, std::size_t{1} << tableBits> m_tables;
};

} // namespace riskdesk::run
