// NameIndex: names of users and whom they mean. Grows, forgets nothing; names are kept as copies.
//
// Open addressing on hashes made beforehand (core/base/hash.h); expect() and expectSoon() fetch memory ahead
// of a look-up that will follow. One thread.
#pragma once

#include "core/base/hash.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

class NameIndex
{
public:
    // The user, or 0.
    [[nodiscard]] std::uint32_t find(HashedText name) const
    {
        const auto at = lookUp(name);
        return at == 0 ? 0 : m_entries[at].user;
    }
    void assign(HashedText name, std::uint32_t user)
    {
        if (const auto at = lookUp(name); at != 0) {
            m_entries[at].user = user;
            return;
        }
        if (m_entries.size() * 2 >= m_slots.size())
            grow();
        m_entries.push_back({m_texts.emplace_back(name.text), name.hash, user});
        place(static_cast<std::uint32_t>(m_entries.size() - 1));
    }
    // First, some names ahead.
    void expect(HashedText name) const { __builtin_prefetch(&m_slots[name.hash & (m_slots.size() - 1)]); }
    // Then, fewer names ahead. Who it probably is, for fetching more; 0 when nobody.
    [[nodiscard]] std::uint32_t expectSoon(HashedText name) const
    {
        const auto &entry = m_entries[m_slots[name.hash & (m_slots.size() - 1)]];
        __builtin_prefetch(entry.name.data());
        return entry.user;
    }

private:
    struct Entry
    {
        std::string_view name;
        std::uint64_t hash = 0;
        std::uint32_t user = 0;
    };
    [[nodiscard]] std::uint32_t lookUp(HashedText name) const
    {
        const auto mask = m_slots.size() - 1;
        for (std::size_t i = name.hash & mask; m_slots[i] != 0; i = (i + 1) & mask)
            if (const auto &entry = m_entries[m_slots[i]]; entry.hash == name.hash && entry.name == name.text)
                return m_slots[i];
        return 0;
    }
    void place(std::uint32_t entry)
    {
        const auto mask = m_slots.size() - 1;
        std::size_t i = m_entries[entry].hash & mask;
        while (m_slots[i] != 0)
            i = (i + 1) & mask;
        m_slots[i] = entry;
    }
    void grow()
    {
        m_slots.assign(m_slots.size() * 2, 0);
        for (std::uint32_t i = 1; i < m_entries.size(); ++i)
            place(i);
    }

    std::vector<std::uint32_t> m_slots = std::vector<std::uint32_t>(1024); // of m_entries; 0: free
    std::vector<Entry> m_entries = std::vector<Entry>(1);                  // [0] is nobody
    std::deque<std::string> m_texts;
};

} // namespace riskdesk::run
