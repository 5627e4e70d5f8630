#include "core/ingest/chunk_reader.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/providers/providers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace riskdesk::ingest {
namespace {

// A sign-in takes about two kilobytes in most formats; a guess that is off costs one or two moves.
constexpr std::size_t usualRecord = 1500;
// Nothing shorter holds a time, a user and an outcome; room is made for no more records than that.
constexpr std::size_t shortestRecord = 64;

std::string_view withoutCommas(std::string_view text)
{
    for (text = trim(text); !text.empty() && text.back() == ','; text = trim(text))
        text.remove_suffix(1);
    return text;
}

} // namespace

ChunkReader::ChunkReader(const ReadPlan &plan)
    : m_plan(plan)
    , m_provider(providerOf(plan.shape.format))
    , m_json(m_provider)
    , m_plain(m_provider, m_json)
    , m_csv(plan.shape.columns, plan.shape.delimiter, m_json)
    , m_preparer(plan.preparer ? plan.preparer() : nullptr)
{}

Result<ChunkBatch> ChunkReader::read(std::shared_ptr<Chunk> chunk)
{
    m_chunk = chunk.get();
    m_out = {};
    m_rejected.clear();
    m_counted = chunk->bytes.get();
    m_place = {};
    const auto records =
        std::min(std::max(chunk->spans.size(), (chunk->linesTo - chunk->linesFrom) / usualRecord + 1),
                 chunk->size / shortestRecord + 1);
    switch (infoOf(m_plan.shape.format).holds) {
    case FormatInfo::Holds::SignIns: m_out.batch.signIns.reserve(records); break;
    case FormatInfo::Holds::Users: m_out.batch.users.reserve(records); break;
    case FormatInfo::Holds::Others: break;
    }
    lines();
    for (const auto &s : chunk->spans) {
        if (stopped())
            break;
        span(s);
    }
    if (m_plan.stop.stop_requested())
        return fail(Code::Cancelled, m_plan.file);
    if (chunk->damage) {
        ++m_out.batch.read;
        m_place.offset = chunk->offset + chunk->size;
        moveTo(chunk->bytes.get() + chunk->size);
        reject("damagedArchive", *chunk->damage, {});
    }
    moveTo(chunk->bytes.get() + chunk->size);
    m_out.lines = m_place.line - 1;
    m_out.batch.bytesDone = chunk->bytesDone;
    m_out.batch.morePages = chunk->morePages;
    m_out.batch.owner = std::move(chunk);
    if (m_preparer)
        m_preparer->prepare(m_out.batch);
    return std::move(m_out);
}

bool ChunkReader::stopped()
{
    constexpr unsigned every = 64;
    return ++m_sinceStop % every == 0 && m_plan.stop.stop_requested();
}

void ChunkReader::moveTo(const char *at)
{
    if (m_place.line == 0)
        m_place.line = 1;
    m_place.line += static_cast<std::uint64_t>(std::count(m_counted, at, '\n'));
    m_counted = at;
}

void ChunkReader::lines()
{
    const char *at = m_chunk->bytes.get() + m_chunk->linesFrom;
    const char *const end = m_chunk->bytes.get() + m_chunk->linesTo;
    if (at == end)
        return;
    moveTo(at);
    for (; at < end && !stopped();) {
        const auto *newline =
            static_cast<const char *>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        const char *const stop = newline != nullptr ? newline : end;
        const std::string_view line(at, static_cast<std::size_t>(stop - at));
        const auto text = withoutCommas(line);
        if (!text.empty()) {
            const auto inFile =
                m_chunk->offset + static_cast<std::uint64_t>(text.data() - m_chunk->bytes.get());
            m_place.offset = inFile;
            m_place.length = text.size();
            if (line.size() > m_plan.maxRecordBytes) {
                ++m_out.batch.read;
                reject("tooLong", fmt::format("the record is longer than {} bytes", m_plan.maxRecordBytes),
                       text);
            } else {
                json(text, newline == nullptr && m_chunk->last);
            }
        }
        if (newline != nullptr) {
            ++m_place.line;
            m_counted = newline + 1;
        }
        at = newline != nullptr ? newline + 1 : end;
    }
}

void ChunkReader::span(const Span &span)
{
    auto text = m_chunk->text(span);
    m_place.offset = m_chunk->offset + span.start;
    m_place.length = span.length;
    moveTo(text.data());
    switch (span.kind) {
    case Span::Kind::Header: return;
    case Span::Kind::TooLong:
        ++m_out.batch.read;
        reject("tooLong",
               fmt::format("the record is longer than {} bytes{}", m_plan.maxRecordBytes,
                           m_plan.shape.layout == Layout::Csv ? "; perhaps a quote is never closed" : ""),
               text);
        return;
    case Span::Kind::Truncated:
        if (m_plan.shape.layout == Layout::Csv || text.empty()) {
            ++m_out.batch.read;
            reject("truncated",
                   text.empty() ? "the file ends before its list is closed" : "a quote is never closed",
                   text);
            return;
        }
        json(text, true);
        return;
    case Span::Kind::OtherTable:
        ++m_out.batch.read;
        reject("notRecognised", "a further table; only the first of an answer is read", text);
        return;
    case Span::Kind::Record: break;
    }
    if (m_plan.shape.layout == Layout::Csv)
        csv(text);
    else
        json(text, false);
}

void ChunkReader::json(std::string_view text, bool truncated)
{
    ++m_out.batch.read;
    if (text.front() != '{') {
        if (m_plan.shape.layout == Layout::Rows && text.front() == '[')
            return row(text);
        reject("notJson", "an object is expected", text);
        return;
    }
    m_fields.clear();
    if (m_plain.read(text, m_chunk->arena, m_fields)) {
        built(m_fields, text);
        return;
    }
    m_fields.clear();
    std::string_view read = text;
    auto verdict = m_json.read(read, m_chunk->arena, m_fields);
    if (verdict.wrongEncoding) {
        read = m_chunk->arena.keep(toUtf8(text));
        m_fields.clear();
        verdict = m_json.read(read, m_chunk->arena, m_fields);
    }
    if (!verdict.ok) {
        // A column means something only where the error stands on the record's first line.
        const bool known = verdict.position != std::string_view::npos && read.data() == text.data() &&
                           text.substr(0, verdict.position).find('\n') == std::string_view::npos;
        if (truncated)
            reject("truncated", "the file ends inside this record", text);
        else
            reject("notJson", std::string(verdict.detail), text, known ? verdict.position + 1 : 0);
        return;
    }
    if (verdict.used == read.size() || read.data() != text.data()) {
        built(m_fields, text);
        return;
    }
    // More than one object on the line.
    const auto whole = m_place;
    m_place.length = trim(text.substr(0, verdict.used)).size();
    built(m_fields, text);
    std::size_t at = verdict.used;
    while (at < text.size()) {
        const char c = text[at];
        if (c == ' ' || c == '\t' || c == ',' || c == '\r') {
            ++at;
            continue;
        }
        auto length = text.size() - at;
        if (c == '{')
            if (const auto value = scanValue(text.substr(at), false, true); value.complete)
                length = value.length;
        m_place.offset = whole.offset + at;
        m_place.length = length;
        const auto piece = text.substr(at, length);
        ++m_out.batch.read;
        m_fields.clear();
        const auto next = c == '{' ? m_json.read(piece, m_chunk->arena, m_fields)
                                   : JsonVerdict{.ok = false, .detail = "an object is expected"};
        if (next.ok)
            built(m_fields, piece);
        else
            reject(truncated && at + length == text.size() ? "truncated" : "notJson",
                   std::string(next.detail), piece);
        at += length;
    }
}

void ChunkReader::row(std::string_view text)
{
    m_fields.clear();
    const auto verdict = m_json.readRow(text, m_plan.shape.columns.meanings, m_chunk->arena, m_fields);
    if (verdict.ok)
        built(m_fields, text);
    else
        reject("notJson", std::string(verdict.detail), text);
}

void ChunkReader::csv(std::string_view text)
{
    std::string_view read = text;
    if (!isValidUtf8(text))
        read = m_chunk->arena.keep(toUtf8(text));
    const std::size_t columns = m_plan.shape.columns.meanings.size();
    const bool parsed = m_csv.read(read, m_chunk->arena, m_fields, [&](const CsvRecord::Row &row) {
        // Files put one behind the other bring their headers along.
        if (row.isHeader || (row.cells == 1 && trim(text).starts_with(typeLine)))
            return;
        ++m_out.batch.read;
        if (!row.json.ok)
            reject("notJson", "AuditData: " + std::string(row.json.detail), text);
        else if (row.cells > columns || row.cells * 2 < columns)
            reject("wrongColumns", fmt::format("{} cells where the header has {}", row.cells, columns), text);
        else
            built(m_fields, text);
    });
    if (!parsed)
        reject("tooLong", "no memory for this record", text);
}

void ChunkReader::built(const Fields &fields, std::string_view text)
{
    const Building with{m_place, m_plan.times, m_chunk->arena, m_out.batch};
    if (const auto refusal = m_provider.build(m_plan.shape.format.row, fields, with))
        reject(refusal->reason, refusal->detail, text);
}

void ChunkReader::reject(std::string_view reason, std::string detail, std::string_view text,
                         std::size_t column)
{
    auto &batch = m_out.batch;
    const auto known = std::find_if(m_rejected.begin(), m_rejected.end(),
                                    [&](const auto &kind) { return kind.first == reason; });
    auto &count = known != m_rejected.end() ? known->second : m_rejected.emplace_back(reason, 0).second;
    if (++count > limits::rejectsOfAKind)
        return batch.countReject(m_plan.file, reason, m_place.line, m_place.offset);
    batch.rejects.push_back({m_plan.file, m_place.line, column, m_place.offset, std::string(reason),
                             std::move(detail), excerptOf(trim(text))});
}

} // namespace riskdesk::ingest
