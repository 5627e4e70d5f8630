#include "core/ingest/recognise.h"

#include "core/base/text.h"
#include "core/ingest/csv_record.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/members.h"
#include "core/ingest/not_read.h"
#include "core/ingest/providers/providers.h"
#include "core/ingest/time_reader.h"

#include <algorithm>
#include <array>

namespace riskdesk::ingest {
namespace {

// What the first provider that knows the log calls it. `ask` is given each of them.
template <typename Ask>
std::optional<Format> formatBy(Ask &&ask)
{
    for (std::uint8_t i = 0; i < providers().size(); ++i)
        if (const std::optional<FormatRow> row = ask(*providers()[i]))
            return Format{i, *row};
    return std::nullopt;
}

std::optional<Format> formatOf(const Provider::Header &header, Layout layout)
{
    return formatBy([&](const Provider &p) { return p.ofHeader(header, layout); });
}

tl::unexpected<Error> notRead(std::string_view guess)
{
    return fail(Code::Unrecognised, {},
                "it looks like " + std::string(guess) + ", which this version does not read");
}

Status fitting(std::string why)
{
    return why.empty() ? Status() : fail(Code::Unrecognised, {}, std::move(why));
}

// Text has line ends and tabs, and no other control characters to speak of.
std::string_view binaryKind(std::string_view head)
{
    if (head.substr(0, 16) == std::string_view("SQLite format 3\0", 16))
        return "an SQLite database";
    if (head.substr(0, 5) == "%PDF-")
        return "a PDF document";
    if (head.substr(0, 4) == "\x89PNG")
        return "a PNG picture";
    if (head.substr(0, 8) == std::string_view("ElfFile\0", 8))
        return "a Windows event log";
    if (head.substr(0, 4) == "\xd0\xcf\x11\xe0")
        return "an old Office document";
    if (head.substr(0, 4) == "\x28\xb5\x2f\xfd" ||
        head.substr(0, 6) == std::string_view("\xfd"
                                              "7zXZ\0",
                                              6) ||
        head.substr(0, 3) == "BZh" || head.substr(0, 6) == "7z\xbc\xaf\x27\x1c" ||
        head.substr(0, 4) == "Rar!")
        return "packed in a way this version does not unpack; gzip and zip are";
    if (head.substr(0, 4) == "PAR1")
        return "a Parquet file";
    const auto odd = std::count_if(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f';
    });
    if (head.find('\0') != std::string_view::npos || static_cast<std::size_t>(odd) * 20 > head.size())
        return "binary data";
    return {};
}

// The names of the columns of the first table in {"tables":[{"name":…,"columns":[{"name":…}],"rows":[[…]]}]},
// the answer of the query services behind Log Analytics; none when it is something else.
std::vector<std::string> tableColumns(std::string_view head)
{
    std::vector<std::string> names;
    const auto rows = rowsOf(head);
    const auto columns = std::min(head.find("\"columns\""), head.find("\"Columns\""));
    if (head.front() != '{' || rows == std::string_view::npos || columns >= rows)
        return names;
    auto part = head.substr(columns, rows - columns);
    for (auto at = part.find('{'); at != std::string_view::npos; at = part.find('{', at + 1)) {
        const Members column(part.substr(at));
        names.emplace_back(column.has("columnName") ? column.text("columnName") : column.text("name"));
    }
    return names;
}

Result<Shape> examineJson(std::string_view head, bool whole, std::optional<Format> wanted)
{
    Shape shape;
    if (const auto names = tableColumns(head); !names.empty()) {
        shape.layout = Layout::Rows;
        const auto format = wanted ? wanted : formatOf(names, Layout::Rows);
        if (!format) {
            std::string columns;
            for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 12); ++i)
                columns += (i > 0 ? ", " : "") + excerptOf(names[i], 40);
            return fail(Code::Unrecognised, {}, "a table with columns " + columns);
        }
        if (auto ok = fitting(providerOf(*format).notOfHeader(names)); !ok)
            return tl::unexpected(ok.error());
        shape.format = *format;
        shape.columns = providerOf(*format).columnsOf(format->row, names, Layout::Rows);
        return shape;
    }
    shape.layout = Layout::Values;
    std::string padded(head);
    padded.append(Arena::padding, '\0');
    if (head.front() == '{') {
        const auto first = scanValue({padded.data(), head.size()}, true, whole);
        if (first.complete && !first.opensList) {
            const auto rest = head.substr(first.length);
            const auto line = rest.substr(0, rest.find('\n'));
            const bool oneLine = head.substr(0, first.length).find('\n') == std::string_view::npos;
            if (oneLine && trim(line).empty() && (whole || line.size() < rest.size()))
                shape.layout = Layout::Lines;
        }
    }
    Chunker chunker(
        std::make_unique<TextSource>(head),
        {.layout = Layout::Values, .chunkBytes = head.size() + 1, .maxRecordBytes = head.size() + 1});
    std::string guess;
    bool any = false;
    std::vector<std::string> records; // of a format that was named
    for (auto chunk = chunker.next(); chunk && *chunk; chunk = chunker.next()) {
        std::size_t looked = 0;
        for (const auto &span : (*chunk)->spans) {
            if (wanted) {
                if (span.kind == Span::Kind::Record)
                    records.emplace_back((*chunk)->text(span));
                continue;
            }
            const Members members((*chunk)->text(span));
            if (members.empty() || ++looked > 64)
                continue;
            any = true;
            if (const auto format = formatBy([&](const Provider &p) { return p.ofRecord(members); })) {
                shape.format = *format;
                return shape;
            }
            if (const auto name = notReadRecord(members); !name.empty())
                return notRead(name);
            if (guess.empty())
                guess = "JSON with keys " + members.names(12);
        }
    }
    if (wanted) {
        if (auto ok = fitting(providerOf(*wanted).notOfRecords(records)); !ok)
            return tl::unexpected(ok.error());
        shape.format = *wanted;
        return shape;
    }
    if (!any)
        if (const auto format = formatBy([&](const Provider &p) { return p.ofEmptyPage(head); })) {
            shape.format = *format;
            return shape;
        }
    if (guess.empty())
        return fail(Code::Unrecognised, {}, any ? "JSON without a record in it" : "an empty list");
    return fail(Code::Unrecognised, {}, guess);
}

Result<Shape> examineText(std::string_view head, bool whole, std::optional<Format> wanted)
{
    Shape shape;
    shape.layout = Layout::Csv;
    // PowerShell names the type of what it exports above the header.
    if (head.starts_with(typeLine)) {
        const auto end = head.find('\n');
        head.remove_prefix(end == std::string_view::npos ? 0 : end + 1);
        shape.headers = 2;
    }
    const auto firstLine = head.substr(0, head.find('\n'));
    if (const auto name = notReadText(head); !name.empty() && !(wanted && wanted->own))
        return notRead(name);
    shape.delimiter = sniffDelimiter(firstLine);
    const auto end = csvRecordEnd(head, shape.delimiter, whole);
    const auto header = end == std::string_view::npos
                            ? std::vector<std::string>()
                            : headerCells(toUtf8(head.substr(0, end)), shape.delimiter);
    if (const auto format = wanted ? wanted : formatOf(header, Layout::Csv); format && !header.empty()) {
        if (auto ok = fitting(providerOf(*format).notOfHeader(header)); !ok)
            return tl::unexpected(ok.error());
        shape.format = *format;
        shape.columns = providerOf(*format).columnsOf(format->row, header, Layout::Csv);
        return shape;
    }
    if (const auto name = notReadTable(header); !name.empty())
        return notRead(name);
    if (std::count_if(header.begin(), header.end(), [](const std::string &cell) { return !cell.empty(); }) <
        2)
        return fail(Code::Unrecognised, {},
                    "text that begins with \"" + excerptOf(trim(firstLine), 60) + "\"");
    std::string columns;
    for (std::size_t i = 0; i < std::min<std::size_t>(header.size(), 12); ++i)
        columns += (i > 0 ? ", " : "") + excerptOf(header[i], 40);
    return fail(Code::Unrecognised, {}, "CSV with columns " + columns + (header.size() > 12 ? ", …" : ""));
}

} // namespace

Result<Shape> examine(std::string_view head, bool whole, std::optional<Format> wanted)
{
    if (head.substr(0, 3) == "\xef\xbb\xbf")
        head.remove_prefix(3);
    if (head.empty())
        return fail(Code::Malformed, {}, "the file is empty");
    if (const auto kind = binaryKind(head); !kind.empty())
        return fail(Code::Malformed, {},
                    kind == "binary data" ? "it holds binary data, not text" : "it is " + std::string(kind));
    const auto first = std::find_if_not(head.begin(), head.end(), isBlank);
    head.remove_prefix(static_cast<std::size_t>(first - head.begin()));
    if (head.empty())
        return fail(Code::Malformed, {}, "the file holds nothing but blanks");
    auto shape = head.front() == '{' || head.front() == '[' ? examineJson(head, whole, wanted)
                                                            : examineText(head, whole, wanted);
    if (shape && !infoOf(shape->format).isoDates)
        shape->slashDates = holdsSlashDate(head);
    return shape;
}

Result<Format> recognise(std::string_view head)
{
    std::string decoded;
    const bool big = head.substr(0, 2) == "\xfe\xff";
    if (big || head.substr(0, 2) == "\xff\xfe") {
        decoded = utf8FromUtf16(head.substr(2), big);
        head = decoded;
    }
    return examine(head, false, std::nullopt).map([](const Shape &shape) { return shape.format; });
}

} // namespace riskdesk::ingest
