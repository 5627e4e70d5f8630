// NameTable: which name means what, for a provider that knows a few hundred of them.
//
// Made once, of the tables of the provider's record kinds; then read by any thread. The names outlive it.
#pragma once

#include "core/ingest/fields.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

struct Name
{
    Place place = 0;
    std::string_view text; // 1 to 255 bytes; found whatever its case
    Meaning meaning;
};

class NameTable
{
public:
    // A name that stands twice in one place is a mistake of the tables and stops a debug build.
    NameTable(std::initializer_list<std::span<const Name>> kinds);
    // Kind::Ignored for a name that nobody asks for.
    [[nodiscard]] Meaning find(Place place, std::string_view name) const;

private:
    // Small, as a record asks for all its names.
    struct Entry
    {
        const char *text = nullptr; // null: not taken
        std::uint16_t key = 0;      // place and length
        Meaning meaning;
    };
    [[nodiscard]] const Entry &entryOf(Place place, std::string_view name) const;
    std::vector<Entry> m_entries; // a power of two of them, at most a quarter of them taken
    std::size_t m_mask = 0;
};

} // namespace riskdesk::ingest
