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

std::uint16_t keyOf(Place place, std::string_view name)
{
    return static_cast<std::uint16_t>(std::size_t{place} << 8U | (name.size() & 0xffU));
}

} // namespace

NameTable::NameTable(std::initializer_list<std::span<const Name>> kinds)
{
    std::size_t count = 0;
    for (const auto &names : kinds)
        count += names.size();
    m_entries.resize(std::bit_ceil(count * 4 + 1));
    m_mask = m_entries.size() - 1;
    for (const auto &names : kinds)
        for (const auto &name : names) {
            std::size_t at = hashOf(name.place, name.text) & m_mask;
            while (m_entries[at].text != nullptr)
                at = (at + 1) & m_mask;
            assert(entryOf(name.place, name.text).text == nullptr);
            m_entries[at] = {name.text.data(), keyOf(name.place, name.text), name.meaning};
        }
}

// Of the name, else one that is not taken.
inline const NameTable::Entry &NameTable::entryOf(Place place, std::string_view name) const
{
    const auto key = keyOf(place, name);
    const auto *const entries = m_entries.data();
    std::size_t at = hashOf(place, name) & m_mask;
    for (; entries[at].text != nullptr; at = (at + 1) & m_mask) {
        const auto &entry = entries[at];
        if (entry.key != key)
            continue;
        // As the provider writes it, or with another first letter; anything else is compared slowly.
        if (std::memcmp(entry.text + 1, name.data() + 1, name.size() - 1) == 0
                ? lowerCase(entry.text[0]) == lowerCase(name.front())
                : equalsIgnoringCase({entry.text, name.size()}, name))
            break;
    }
    return entries[at];
}

Meaning NameTable::find(Place place, std::string_view name) const
{
    return name.empty() || name.size() > 255 ? Meaning() : entryOf(place, name).meaning;
}

} // namespace riskdesk::ingest
