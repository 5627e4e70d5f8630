// JsonRecord: reads one JSON object into Fields with simdjson's On-Demand interface.
//
// One object per worker thread; it keeps its parsers from record to record. Views point into the record where
// the text stands unescaped there, else into the arena. Nothing is thrown.
#pragma once

#include "core/ingest/arena.h"
#include "core/ingest/fields.h"
#include "core/ingest/provider.h"

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

struct JsonVerdict
{
    bool ok = true;
    bool incomplete = false; // the text ends before the value does
    bool wrongEncoding = false;
    std::size_t position = 0; // of the error, from 0; npos when it is not known
    std::size_t used = 0;     // bytes of the text that the object took; less than all when more follows
    std::string_view detail;
};

class JsonRecord
{
public:
    explicit JsonRecord(const Provider &provider);
    // The memory behind `text` must be readable for 64 more bytes. On failure `fields` holds what was read.
    [[nodiscard]] JsonVerdict read(std::string_view text, Arena &arena, Fields &fields);
    // A row of a table: a list of values, one for each of the columns.
    [[nodiscard]] JsonVerdict readRow(std::string_view text, const std::vector<Meaning> &columns,
                                      Arena &arena, Fields &fields);
    // A JSON text found inside a field, such as a CSV cell; a text that is not JSON counts as unreadable.
    void readInner(const Meaning &meaning, std::string_view text, Arena &arena, Fields &fields);
    // A value cut out of a record, read as it would be within. False when it is not what `meaning` says.
    [[nodiscard]] bool readPart(const Meaning &meaning, std::string_view text, Arena &arena, Fields &fields);

private:
    using Object = simdjson::ondemand::object;
    using Value = simdjson::ondemand::value;
    enum class Level { Envelope, Properties };

    template <typename Root, typename Read>
    JsonVerdict readWhole(std::string_view text, Arena &arena, Fields &fields, Read read);
    simdjson::error_code readRecord(Object &object, Level level);
    simdjson::error_code readCells(simdjson::ondemand::array &row, const std::vector<Meaning> &columns);
    simdjson::error_code readMember(const Meaning &meaning, Value &value, Level level);
    simdjson::error_code readHolder(const Meaning &meaning, Value &value, Level level);
    simdjson::error_code readObject(Value &value, Place place);
    simdjson::error_code readTexts(Value &value, Slot slot);
    simdjson::error_code gather(Value &value, const Gathering &gathering);
    simdjson::error_code gatherFrom(Object &object, const Gathering &gathering);
    // The value as text: unescaped string, digits, "true"; empty for null, arrays and objects.
    simdjson::error_code textOf(Value &value, std::string_view &text);
    std::string_view keyOf(simdjson::ondemand::field &field) const;

    const Provider &m_provider;
    simdjson::ondemand::parser m_outer, m_inner;
    simdjson::ondemand::parser *m_parser = &m_outer;
    const char *m_end = nullptr; // of the text being read
    Arena *m_arena = nullptr;
    Fields *m_fields = nullptr;
    bool m_propertiesRead = false; // of the record being read
};

} // namespace riskdesk::ingest
