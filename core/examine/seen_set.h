// SeenSet: which event keys a run has met. About 24 bytes a key; 64 of the key's 128 bits are
// compared, so among ten million events the chance of taking one for another is about three in a million.
// In many small tables: one large one would stand twice in memory while it grows.
#pragma once

#include "core/base/flat_map.h"
#include "core/domain/sign_in.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace riskdesk::run {

class SeenSet
{
public:
    // True when the key was not there.
    bool insert(const EventKey &key) { return insert(fingerprint(key)); }
    bool insert(std::uint64_t value) { return m_seen[tableOf(value)].insert({value}).second; }
    // Fetches the memory that a later insert() of this fingerprint will look at.
    void expect(std::uint64_t value) const { m_seen[tableOf(value)].prefetch({value}); }
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
    struct Fingerprint // mixed already
    {
        std::uint64_t value = 0;
        friend bool operator==(const Fingerprint &, const Fingerprint &) = default;
        friend std::uint64_t slotHash(const Fingerprint &f) { return f.value; }
    };
    struct Entry
    {
        Fingerprint key;
    };
    static constexpr unsigned tableBits = 6;
    // Of the bits that a table does not look at.
    [[nodiscard]] static std::size_t tableOf(std::uint64_t value)
    {
        return static_cast<std::size_t>(value >> (64 - tableBits));
    }

    std::array<FlatMap<Entry>, std::size_t{1} << tableBits> m_seen;
};

} // namespace riskdesk::run
