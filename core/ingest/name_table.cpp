#include "core/ingest/name_table.h"

#include "core/base/text.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace riskdesk::ingest {
namespace {

constexpr char lowerCase(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// It looks at four characters, the comparison at all.
std::size_t hashOf(Place place, std::string_view name)
{
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(lowerCase(name[i])); };
    const std::size_t n = name.size();
    return n * 131 + at(0) * 31 + at(n - 1) * 7 + at(n / 2) * 17 + at(n / 4) * 3 + place * std::size_t{61};
}

} // namespace

NameTable::NameTable(std::initializer_list<std::span<const Name>> kinds)
{
    std::size_t count = 0;
    for (const auto &names : kinds)
        count += names.size();
    m_slots.resize(std::bit_ceil(count * 2 + 1));
    for (const auto &names : kinds)
        for (const auto &name : names) {
            auto &slot = m_slots[slotOf(name.place, name.text)];
            assert(slot.text.empty());
            slot = name;
        }
}

// Where the name stands, else where it would.
std::size_t NameTable::slotOf(Place place, std::string_view name) const
{
    const auto mask = m_slots.size() - 1;
    std::size_t slot = hashOf(place, name) & mask;
    for (; !m_slots[slot].text.empty(); slot = (slot + 1) & mask) {
        const auto &known = m_slots[slot];
        if (known.place != place || known.text.size() != name.size())
            continue;
        // As the provider writes it, or with another first letter; anything else is compared slowly.
        if (std::memcmp(known.text.data() + 1, name.data() + 1, name.size() - 1) == 0
                ? lowerCase(known.text.front()) == lowerCase(name.front())
                : equalsIgnoringCase(known.text, name))
            break;
    }
    return slot;
}

Meaning NameTable::find(Place place, std::string_view name) const
{
    return name.empty() ? Meaning() : m_slots[slotOf(place, name)].meaning;
}

} // namespace riskdesk::ingest
