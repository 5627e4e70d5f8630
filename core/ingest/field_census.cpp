#include "core/ingest/field_census.h"

#include "core/base/text.h"
#include "core/ingest/field_map.h"
#include "core/ingest/field_rules.h"

#include <simdjson.h>

#include <algorithm>

namespace riskdesk::ingest {
namespace {

constexpr std::size_t mostSeenFields = 400;
constexpr std::size_t seenValueBytes = 200; // of a value: enough to see what it is

} // namespace

// One JSON record, from the top.
class CensusWalk
{
public:
    explicit CensusWalk(FieldCensus &census)
        : m_census(census)
    {}

    void object(simdjson::dom::object object, const std::string &before, std::size_t depth)
    {
        for (const auto &[key, value] : object) {
            const std::string name = before + std::string(key);
            simdjson::dom::object inner;
            if (value.get_object().get(inner) == simdjson::SUCCESS) {
                // What lies deeper has no name that a map could use.
                if (depth < FieldMap::mostSteps)
                    this->object(inner, name + '.', depth + 1);
                continue;
            }
            auto *field = m_census.fieldOf(name);
            if (field == nullptr)
                continue;
            ++field->records;
            if (value.is_array())
                ++field->lists;
            else if (!value.is_null())
                add(*field, value);
        }
    }

private:
    static void add(SeenField &field, const simdjson::dom::element &value)
    {
        std::string_view text;
        const std::string other =
            value.get_string().get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
        if (const auto shown = trim(other); !shown.empty())
            field.values.emplace_back(excerptOf(shown, seenValueBytes));
    }
    FieldCensus &m_census;
};

void FieldCensus::addJson(std::string_view record)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    // The text is copied behind its padding, and the parser keeps what it needs of it.
    const simdjson::padded_string padded(toUtf8(record));
    if (parser.parse(padded).get_object().get(object) != simdjson::SUCCESS)
        return;
    ++m_records;
    CensusWalk(*this).object(object, {}, 1);
}

void FieldCensus::addCells(std::span<const std::string> names, std::span<const std::string> cells)
{
    ++m_records;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto *field = names[i].empty() ? nullptr : fieldOf(names[i]);
        if (field == nullptr)
            continue;
        ++field->records;
        if (i < cells.size() && !cells[i].empty())
            field->values.emplace_back(excerptOf(cells[i], seenValueBytes));
    }
}

const SeenField *FieldCensus::find(std::string_view name) const
{
    const auto at = std::ranges::find_if(
        m_fields, [&](const SeenField &field) { return equalsIgnoringCase(field.name, name); });
    return at == m_fields.end() ? nullptr : &*at;
}

const SeenField *FieldCensus::listOn(std::string_view name) const
{
    for (auto end = name.find('.');; end = name.find('.', end + 1)) {
        const auto *field = find(name.substr(0, end));
        if (field != nullptr && field->lists > 0 && field->lists == field->records)
            return field;
        if (end == std::string_view::npos)
            return nullptr;
    }
}

SeenField *FieldCensus::fieldOf(std::string_view name)
{
    const auto at =
        std::ranges::find_if(m_fields, [&](const SeenField &field) { return field.name == name; });
    if (at != m_fields.end())
        return &*at;
    if (m_fields.size() == mostSeenFields)
        return nullptr;
    m_fields.push_back({std::string(name), 0, 0, {}});
    return &m_fields.back();
}

std::string namesOf(std::span<const std::string> names, std::size_t most)
{
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        out += (i > 0 ? ", " : "") + excerptOf(names[i], 60);
    return names.size() > most ? out + ", …" : out;
}

} // namespace riskdesk::ingest
