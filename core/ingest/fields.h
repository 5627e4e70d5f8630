// Fields: one record of any log as a row of texts, before any of them is interpreted; and what its names
// mean.
//
// JSON records, JSON inside JSON and CSV cells all end up here, so that building a value from a record does
// not depend on how the record was written. Texts are views into the chunk or its arena. A provider
// (core/ingest/provider.h) says which name is kept in which slot; nothing here knows any of them.
#pragma once

#include "core/base/limits.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

// Where a text is kept: a number of the provider's own.
using Slot = std::uint8_t;
inline constexpr Slot nowhere = 0;
// A text that stands where an object belongs, and that nobody misses.
inline constexpr Slot passedOver = 255;

// Where a name stands in a record, again by the provider's own numbers. 0 is the record itself.
using Place = std::uint8_t;

class Fields
{
public:
    static constexpr std::size_t slots = 96; // clearing them costs every record; a provider may use 1..95

    [[nodiscard]] std::string_view operator[](Slot slot) const { return m_texts[slot]; }
    [[nodiscard]] bool has(Slot slot) const { return !m_texts[slot].empty(); }
    // An empty text never replaces one that is there. One of absurd length is as good as unreadable.
    void set(Slot slot, std::string_view text)
    {
        if (text.size() > limits::fieldBytes)
            ++unreadable;
        else if (!text.empty())
            m_texts[slot] = text;
    }
    void clear() { *this = Fields(); }

    std::uint32_t unreadable = 0; // nested values that could not be read, and texts that are too long

private:
    std::array<std::string_view, slots> m_texts{};
};

// What is taken of each object in a list: the texts of these members (whatever their case; those an object
// lacks are empty), handed over together.
struct Gathering
{
    static constexpr std::size_t most = 4;
    using Texts = std::array<std::string_view, most>;
    Texts members;
    void (*take)(const Texts &texts, Fields &fields) = nullptr;
};

// What a name means where it stands.
struct Meaning
{
    enum class Kind : std::uint8_t {
        Ignored,
        Text,
        // Values that hold further fields
        Object,     // its names stand in `place`
        Texts,      // a list, of which the first text is kept
        Objects,    // a list, of which `gathering` says what is taken
        Record,     // the record proper, within an envelope; what it says wins
        WholeRecord // the same; as a cell of a CSV file it is all that counts
    };
    Kind kind = Kind::Ignored;
    Slot slot = nowhere;  // of Kind::Text and Kind::Texts
    Slot plain = nowhere; // of a text that stands where the object or list belongs; nowhere: it is unreadable
    Place place = 0;
    const Gathering *gathering = nullptr;

    [[nodiscard]] bool holdsFields() const { return kind > Kind::Text; }
};

// What the columns of a CSV file or a table hold, by number.
struct Columns
{
    std::vector<Meaning> meanings;
    std::vector<std::string> names;
    bool timeIsUtc = true; // false: the header names no zone and the format does not define one
};

} // namespace riskdesk::ingest
