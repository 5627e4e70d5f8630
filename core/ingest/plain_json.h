// PlainJson: reads the objects that logs nearly always consist of, written without blanks or escapes,
// straight into Fields.
//
// It says the same as JsonRecord or nothing: what it does not expect (an escape, a line end, a value of
// another kind, any error) is left to JsonRecord, whose word then counts. Two things make it quick. It
// remembers which name came after which, so that a name is compared once instead of being searched and looked
// up; and it passes over what nobody asks for without looking inside. One object per worker thread. Nothing
// is thrown but std::bad_alloc.
#pragma once

#include "core/ingest/arena.h"
#include "core/ingest/fields.h"
#include "core/ingest/json_record.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace riskdesk::ingest {

class PlainJson
{
public:
    // `full` reads the nested lists that have rules of their own.
    PlainJson(const Provider &provider, JsonRecord &full);
    // The memory behind `text` must be readable for 64 more bytes. False: `fields` may hold a part, and
    // JsonRecord has to be asked.
    [[nodiscard]] bool read(std::string_view text, Arena &arena, Fields &fields);

private:
    // Where a name stands: its meaning depends on that, and so does what comes after it.
    enum class Level : std::uint8_t { Envelope, Properties };
    struct Member
    {
        static constexpr std::size_t most = 48; // of the text; longer names are rare enough
        std::array<char, most> text{};          // "name": with its quotes and the colon
        std::uint8_t length = 0;
        Meaning meaning;
        // By number: what came next the last times, and what came first inside. 0: not known.
        std::uint32_t next = 0, otherNext = 0;
        std::uint32_t first = 0, otherFirst = 0;
    };

    bool object(Place place, Level level, std::uint32_t &expected, std::uint32_t &otherwise);
    bool value(Member &member, Level level);
    bool nested(Member &member, Level level);
    bool skip();
    bool string(std::string_view &text);
    bool scalar(std::string_view &text);
    std::uint32_t findMember(Place place, Level level);
    [[nodiscard]] bool standsHere(const Member &member) const;
    [[nodiscard]] std::string_view rest() const;
    void skipBlank();

    const Provider &m_provider;
    JsonRecord &m_full;
    std::vector<Member> m_members; // by number; never more than reserved, so that they stay where they are
    std::unordered_map<std::string, std::uint32_t> m_known; // by place, level and name
    std::uint32_t m_first = 0, m_otherFirst = 0;
    const char *m_at = nullptr;
    const char *m_end = nullptr;
    Arena *m_arena = nullptr;
    Fields *m_fields = nullptr;
    bool m_propertiesRead = false;
    unsigned m_failures = 0; // one after the other
    unsigned m_pause = 0;    // records left that are not even tried
};

} // namespace riskdesk::ingest
