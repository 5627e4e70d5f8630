#include "core/ingest/csv_record.h"

#include "core/base/text.h"

#include <algorithm>

namespace riskdesk::ingest {
namespace {

std::string collapsed(std::string_view text)
{
    std::string out;
    for (const char c : trim(text)) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!blank)
            out += c;
        else if (out.empty() || out.back() != ' ')
            out += ' ';
    }
    return out;
}

} // namespace

char sniffDelimiter(std::string_view line)
{
    std::size_t comma = 0, semicolon = 0, tab = 0;
    bool quoted = false;
    for (const char c : line) {
        quoted = quoted != (c == '"');
        if (quoted)
            continue;
        if (c == '\n')
            break;
        comma += c == ',' ? 1 : 0;
        semicolon += c == ';' ? 1 : 0;
        tab += c == '\t' ? 1 : 0;
    }
    return tab > comma && tab > semicolon ? '\t' : semicolon > comma ? ';' : ',';
}

std::vector<std::string> headerCells(std::string_view record, char delimiter)
{
    std::vector<std::string> cells;
    csv_parser parser;
    if (csv_init(&parser, 0) != 0)
        return cells;
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    const auto add = [](void *text, std::size_t size, void *to) {
        static_cast<std::vector<std::string> *>(to)->push_back(
            collapsed({static_cast<const char *>(text), size}));
    };
    csv_parse(&parser, record.data(), record.size(), add, nullptr, &cells);
    csv_fini(&parser, add, nullptr, &cells);
    csv_free(&parser);
    return cells;
}

CsvRecord::CsvRecord(const Columns &columns, char delimiter, JsonRecord &json)
    : m_columns(columns)
    , m_json(json)
{
    csv_init(&m_parser, 0);
    csv_set_delim(&m_parser, static_cast<unsigned char>(delimiter));
    csv_set_blk_size(&m_parser, 4096);
}

CsvRecord::~CsvRecord()
{
    csv_free(&m_parser);
}

bool CsvRecord::read(std::string_view record, Arena &arena, Fields &fields,
                     const std::function<void(const Row &)> &each)
{
    m_arena = &arena;
    m_fields = &fields;
    m_each = &each;
    m_row = {};
    m_asHeader = 0;
    m_filled = false;
    fields.clear();
    const auto onCell = [](void *text, std::size_t size, void *self) {
        static_cast<CsvRecord *>(self)->cell({static_cast<const char *>(text), size});
    };
    const auto onRow = [](int, void *self) { static_cast<CsvRecord *>(self)->row(); };
    const bool parsed =
        csv_parse(&m_parser, record.data(), record.size(), onCell, onRow, this) == record.size();
    return csv_fini(&m_parser, onCell, onRow, this) == 0 && parsed;
}

void CsvRecord::cell(std::string_view text)
{
    const std::size_t column = m_row.cells++;
    m_filled = m_filled || !text.empty();
    if (column >= m_columns.meanings.size() || text.empty())
        return;
    const Meaning &meaning = m_columns.meanings[column];
    if (meaning.kind == Meaning::Kind::Ignored)
        return;
    if (text == m_columns.names[column])
        ++m_asHeader;
    if (meaning.kind == Meaning::Kind::WholeRecord) {
        const auto kept = m_arena->keep(trim(text));
        m_row.json = m_json.read(kept, *m_arena, *m_fields);
    } else if (meaning.holdsFields()) {
        m_json.readInner(meaning, m_arena->keep(text), *m_arena, *m_fields);
    } else {
        m_fields->set(meaning.slot, m_arena->keep(text));
    }
}

void CsvRecord::row()
{
    // Counted only where it may matter: nearly no row has a cell that is its column's name.
    m_row.isHeader =
        m_asHeader >= 1 &&
        m_asHeader * 2 >= static_cast<std::size_t>(std::count_if(
                              m_columns.meanings.begin(), m_columns.meanings.end(),
                              [](const Meaning &m) { return m.kind != Meaning::Kind::Ignored; }));
    if (m_filled)
        (*m_each)(m_row);
    m_row = {};
    m_asHeader = 0;
    m_filled = false;
    m_fields->clear();
}

} // namespace riskdesk::ingest
