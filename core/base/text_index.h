// TextIndex: texts and small numbers for them, counting from 1 in the order in which they were added. 0 is no
// text. Texts are kept as copies and stay where they are as long as the index; nothing is forgotten. One
// thread.
//
// Open addressing on hashes made beforehand (hash.h); half of the hash stands in the slot and tells nearly
// all other texts apart without looking at them. A slot leads to a text's place, and that to the text: in a
// large index fetching these is what a look-up costs, so each can be asked for some texts ahead, in this
// order.
#pragma once

#include "core/base/hash.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk {

class TextIndex
{
public:
    // 0 when it is not known. All are indexed.
    [[nodiscard]] std::uint32_t find(HashedText text) const
    {
        const auto mask = m_slots.size() - 1;
        const auto tag = tagOf(text.hash);
        for (std::size_t i = text.hash & mask; m_slots[i].number != 0; i = (i + 1) & mask)
            if (m_slots[i].tag == tag && m_texts[m_slots[i].number] == text.text)
                return m_slots[i].number;
        return 0;
    }
    // A text that find() does not know. All are indexed.
    std::uint32_t add(HashedText text)
    {
        const auto number = static_cast<std::uint32_t>(m_texts.size());
        reserve(1);
        m_texts.push_back(copy(text.text));
        m_hashes.push_back(text.hash);
        place(number);
        return number;
    }
    // A new text that find() is told of by index() only: whoever reads by numbers needs no slots.
    void append(std::string_view text) { m_texts.push_back(copy(text)); }
    // The same for one that lies in what keep() gave.
    void appendKept(std::string_view text) { m_texts.push_back(text); }
    [[nodiscard]] bool isIndexed() const { return m_hashes.size() == m_texts.size(); }
    void index()
    {
        const auto first = static_cast<std::uint32_t>(m_hashes.size());
        for (auto number = first; number < m_texts.size(); ++number)
            m_hashes.push_back(hashOf(m_texts[number]));
        if (reserve(0))
            return;
        for (auto number = first; number < m_texts.size(); ++number)
            place(number);
    }
    // A copy of many texts together, for as long as the index.
    [[nodiscard]] std::string_view keep(std::string_view texts) { return m_kept.emplace_back(texts); }
    // Empty for a number that was not given.
    [[nodiscard]] std::string_view text(std::uint32_t number) const
    {
        return number < m_texts.size() ? m_texts[number] : std::string_view();
    }
    // One more than the greatest number.
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(m_texts.size()); }

    void prefetchSlot(std::uint64_t hash) const { __builtin_prefetch(&m_slots[hash & (m_slots.size() - 1)]); }
    void prefetchPlace(std::uint64_t hash) const { __builtin_prefetch(&m_texts[probably(hash)]); }
    void prefetchText(std::uint64_t hash) const { __builtin_prefetch(m_texts[probably(hash)].data()); }
    // The number that find() will most likely say; 0 when nothing is there.
    [[nodiscard]] std::uint32_t probably(std::uint64_t hash) const
    {
        return m_slots[hash & (m_slots.size() - 1)].number;
    }

private:
    struct Slot
    {
        std::uint32_t number = 0; // 0: free
        std::uint32_t tag = 0;
    };
    [[nodiscard]] static std::uint32_t tagOf(std::uint64_t hash)
    {
        return static_cast<std::uint32_t>(hash >> 32);
    }
    // Room for so many more. True: every text was placed again.
    bool reserve(std::size_t more)
    {
        auto wanted = m_slots.size();
        while ((m_texts.size() + more) * 2 > wanted)
            wanted *= 2;
        if (wanted == m_slots.size())
            return false;
        m_texts.reserve(wanted / 2);
        m_hashes.reserve(wanted / 2);
        m_slots = std::vector<Slot>(wanted);
        for (std::uint32_t known = 1; known < m_texts.size(); ++known)
            place(known);
        return true;
    }
    void place(std::uint32_t number)
    {
        const auto mask = m_slots.size() - 1;
        std::size_t i = m_hashes[number] & mask;
        while (m_slots[i].number != 0)
            i = (i + 1) & mask;
        m_slots[i] = {number, tagOf(m_hashes[number])};
    }
    [[nodiscard]] std::string_view copy(std::string_view text)
    {
        constexpr std::size_t bytesPerBlock = 64 * 1024;
        if (m_blocks.empty() || m_blocks.back().capacity() - m_blocks.back().size() < text.size()) {
            m_blocks.emplace_back();
            m_blocks.back().reserve(std::max(std::min(bytesPerBlock, 256 * m_texts.size()), text.size()));
        }
        auto &block = m_blocks.back();
        const char *start = block.data() + block.size();
        block += text; // never past the capacity, so nothing moves
        return {start, text.size()};
    }

    std::vector<std::string_view> m_texts{""}; // by number
    std::vector<std::uint64_t> m_hashes{0};
    std::vector<Slot> m_slots = std::vector<Slot>(64); // a power of two
    std::deque<std::string> m_blocks;
    std::deque<std::string> m_kept;
};

} // namespace riskdesk
