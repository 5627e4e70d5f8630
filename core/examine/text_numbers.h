// TextNumbers: the few hundred texts that sign-ins repeat (applications, browsers, places) get small numbers,
// so that only numbers travel from the thread that parsed a record to the one that gives out dictionary ids.
//
// Numbers count from 1 in order of first appearance. Texts are kept as copies. Full after `most` texts. One
// thread.
#pragma once

#include "core/base/text_index.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace riskdesk::run {

class TextNumbers
{
public:
    explicit TextNumbers(std::size_t most)
        : m_most(most)
    {}
    [[nodiscard]] bool isFull() const { return m_texts.size() > m_most; }
    [[nodiscard]] std::uint32_t find(HashedText text) const { return m_texts.find(text); }
    // A text that find() does not know, while there is room.
    std::uint32_t add(HashedText text) { return m_texts.add(text); }
    // Stays where it is as long as this object.
    [[nodiscard]] std::string_view text(std::uint32_t number) const { return m_texts.text(number); }

private:
    std::size_t m_most;
    TextIndex m_texts;
};

} // namespace riskdesk::run
