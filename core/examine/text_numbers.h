// TextNumbers: the few hundred texts that sign-ins repeat (applications, browsers, places) get small numbers,
// so that only numbers travel from the thread that parsed a record to the one that gives out dictionary ids.
//
// Numbers count from 1 in order of first appearance. Texts are kept as copies. Full after `most` texts. One
// thread.
#pragma once

#include "core/base/hash.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

class TextNumbers
{
public:
    explicit TextNumbers(std::size_t most)
        : m_most(most)
    {}
    [[nodiscard]] bool isFull() const { return m_texts.size() >= m_most; }
    // 0 when it is not known.
    [[nodiscard]] std::uint32_t find(HashedText text) const
    {
        const auto mask = m_slots.size() - 1;
        const auto tag = static_cast<std::uint32_t>(text.hash >> 32);
        for (std::size_t i = text.hash & mask; m_slots[i].number != 0; i = (i + 1) & mask)
            if (m_slots[i].tag == tag && m_texts[m_slots[i].number - 1] == text.text)
                return m_slots[i].number;
        return 0;
    }
    // A text that find() does not know, while there is room.
    std::uint32_t add(HashedText text)
    {
        m_texts.emplace_back(text.text);
        m_hashes.push_back(text.hash);
        if (m_texts.size() * 2 > m_slots.size()) {
            m_slots.assign(m_slots.size() * 2, {});
            for (std::uint32_t number = 1; number <= m_texts.size(); ++number)
                place(number);
        } else {
            place(static_cast<std::uint32_t>(m_texts.size()));
        }
        return static_cast<std::uint32_t>(m_texts.size());
    }
    // Stays where it is as long as this object.
    [[nodiscard]] std::string_view text(std::uint32_t number) const { return m_texts[number - 1]; }

private:
    struct Slot
    {
        std::uint32_t number = 0; // 0: free
        std::uint32_t tag = 0;
    };
    void place(std::uint32_t number)
    {
        const auto hash = m_hashes[number - 1];
        const auto mask = m_slots.size() - 1;
        std::size_t i = hash & mask;
        while (m_slots[i].number != 0)
            i = (i + 1) & mask;
        m_slots[i] = {number, static_cast<std::uint32_t>(hash >> 32)};
    }

    std::size_t m_most;
    std::vector<Slot> m_slots = std::vector<Slot>(64); // open addressing; a power of two
    std::deque<std::string> m_texts;
    std::vector<std::uint64_t> m_hashes;
};

} // namespace riskdesk::run
