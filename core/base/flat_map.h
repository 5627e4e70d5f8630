// FlatMap: an open-addressing table for hot paths, one cache line per look-up.
//
// Entry is a value with a `key`. Keys are unsigned numbers, or have a slotHash() of their own. The key that
// is all zero marks an empty slot and stands for what is not known: it may be asked for and even inserted,
// but nothing is ever found under it, since what is said of the unknown is said of nobody. Pointers are valid
// until the next insertion that grows the table (see reserve()) or erasure. Iteration order depends on keys:
// nothing that is decided may depend on it.
#pragma once

#include "core/base/stable_hash.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace riskdesk {

[[nodiscard]] constexpr std::uint64_t slotHash(std::uint64_t key)
{
    return mixBits(key);
}
[[nodiscard]] inline std::uint64_t slotHash(const IpAddress &key)
{
    return stableHash(key);
}

template <typename Entry>
class FlatMap
{
public:
    using Key = decltype(Entry::key);

    [[nodiscard]] Entry *find(const Key &key)
    {
        if (m_slots.empty())
            return nullptr;
        Entry &slot = m_slots[place(key)];
        return slot.key == key && key != Key{} ? &slot : nullptr;
    }
    // Starts to fetch the slot of a key that will be asked for soon.
    void prefetch(const Key &key) const
    {
        if (!m_slots.empty())
            __builtin_prefetch(&m_slots[static_cast<std::size_t>(slotHash(key)) & (m_slots.size() - 1)]);
    }
    // The entry of the key, made empty when it is new. For the key that is all zero: room to write to that is
    // emptied the next time.
    std::pair<Entry *, bool> insert(const Key &key)
    {
        if (key == Key{}) {
            m_unknown = Entry{};
            return {&m_unknown, true};
        }
        reserve(1);
        Entry &slot = m_slots[place(key)];
        if (slot.key == key)
            return {&slot, false};
        slot = Entry{};
        slot.key = key;
        ++m_size;
        return {&slot, true};
    }
    // After this, `more` insertions move nothing.
    void reserve(std::size_t more)
    {
        if ((m_size + more) * 2 > m_slots.size())
            rebuild((m_size + more) * 2, [](const Entry &) { return true; });
    }
    template <typename Keep>
    void retain(Keep keep)
    {
        rebuild(m_slots.size(), keep);
    }
    template <typename Function>
    void forEach(Function function)
    {
        for (Entry &slot : m_slots)
            if (slot.key != Key{})
                function(slot);
    }
    template <typename Function>
    void forEach(Function function) const
    {
        for (const Entry &slot : m_slots)
            if (slot.key != Key{})
                function(slot);
    }
    void clear()
    {
        m_slots.clear();
        m_size = 0;
    }
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    [[nodiscard]] std::size_t place(const Key &key) const
    {
        const std::size_t mask = m_slots.size() - 1;
        std::size_t i = static_cast<std::size_t>(slotHash(key)) & mask;
        while (m_slots[i].key != key && m_slots[i].key != Key{})
            i = (i + 1) & mask;
        return i;
    }
    template <typename Keep>
    void rebuild(std::size_t wanted, Keep keep)
    {
        std::size_t slots = 4; // there are many small ones
        while (slots < wanted)
            slots *= 2;
        std::vector<Entry> old(slots);
        old.swap(m_slots);
        m_size = 0;
        for (Entry &entry : old)
            if (entry.key != Key{} && keep(std::as_const(entry))) {
                m_slots[place(entry.key)] = std::move(entry);
                ++m_size;
            }
    }

    std::vector<Entry> m_slots;
    std::size_t m_size = 0;
    Entry m_unknown{};
};

} // namespace riskdesk
