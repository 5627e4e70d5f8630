// NameTable: which name means what, for a provider that knows a few hundred of them.
//
// Made once, of the tables of the provider's record kinds; then read by any thread. The names outlive it.
#pragma once

#include "core/ingest/fields.h"

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

struct Name
{
    Place place = 0;
    std::string_view text; // never empty; found whatever its case
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
    [[nodiscard]] std::size_t slotOf(Place place, std::string_view name) const;
    std::vector<Name> m_slots; // a power of two of them, at most half of them taken
};

} // namespace riskdesk::ingest
