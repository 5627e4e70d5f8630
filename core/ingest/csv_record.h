// CsvRecord: one CSV record becomes Fields, by way of libcsv. Cells that hold JSON are read into the same
// fields. One object per worker thread.
#pragma once

#include "core/ingest/fields.h"
#include "core/ingest/json_record.h"

#include <csv.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

// How PowerShell's Export-Csv begins a file, unless it is told not to.
inline constexpr std::string_view typeLine = "#TYPE ";

// The separator of the first line: the one of ',', ';' and tab that it has most of outside quotes.
[[nodiscard]] char sniffDelimiter(std::string_view firstLine);
// The cells of one record, trimmed, runs of blanks as one.
[[nodiscard]] std::vector<std::string> headerCells(std::string_view record, char delimiter);

class CsvRecord
{
public:
    CsvRecord(const Columns &columns, char delimiter, JsonRecord &json);
    ~CsvRecord();
    CsvRecord(const CsvRecord &) = delete;
    CsvRecord &operator=(const CsvRecord &) = delete;

    struct Row
    {
        std::size_t cells = 0;
        bool isHeader = false; // the header once more, as in files put one behind the other
        JsonVerdict json;      // of the cell that holds the whole record, where there is one
    };
    // Calls `each` once per row of the record; there is one, unless its quotes are damaged. False: no memory.
    [[nodiscard]] bool read(std::string_view record, Arena &arena, Fields &fields,
                            const std::function<void(const Row &)> &each);

private:
    void cell(std::string_view text);
    void row();

    const Columns &m_columns;
    JsonRecord &m_json;
    csv_parser m_parser;
    Arena *m_arena = nullptr;
    Fields *m_fields = nullptr;
    const std::function<void(const Row &)> *m_each = nullptr;
    Row m_row;
    std::size_t m_asHeader = 0;
    bool m_filled = false;
};

} // namespace riskdesk::ingest
