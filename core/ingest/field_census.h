// FieldCensus: which fields the first records of a log have, by the names a map would use for them, and a few of
// their values. For telling what a map asks for in vain, and for proposing one.
//
// A field of a JSON record is named by its way ("actor.email"); a list is a field of its own that is not looked
// into. One thread at a time; takes hostile text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

struct SeenField
{
    std::string name;
    std::size_t records = 0;         // that have it, be it empty
    std::size_t lists = 0;           // in so many it is a list
    std::vector<std::string> values; // that are not empty, one for each record
};

class FieldCensus
{
public:
    // What is no JSON object is passed over.
    void addJson(std::string_view record);
    void addCells(std::span<const std::string> names, std::span<const std::string> cells);

    [[nodiscard]] std::size_t records() const { return m_records; }
    [[nodiscard]] const std::vector<SeenField> &fields() const { return m_fields; } // as they were met
    [[nodiscard]] const SeenField *find(std::string_view name) const;               // whatever the case
    // The list that the way to this field leads through or ends at; null when there is none.
    [[nodiscard]] const SeenField *listOn(std::string_view name) const;

private:
    friend class CensusWalk;
    SeenField *fieldOf(std::string_view name); // null: there are too many
    std::vector<SeenField> m_fields;
    std::size_t m_records = 0;
};

// "time, actor.email, …" for the end of a sentence.
[[nodiscard]] std::string namesOf(std::span<const std::string> names, std::size_t most);

} // namespace riskdesk::ingest
