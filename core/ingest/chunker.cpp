#include "core/ingest/chunker.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace riskdesk::ingest {
namespace {

constexpr std::size_t keptOfLong = 4096;

// The end of the string that starts at `at`, behind its quote; a line end closes it as well. npos: not there
// yet.
std::size_t stringEnd(std::string_view text, std::size_t at)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"' || text[at] == '\n')
            return at + 1;
    }
    return std::string_view::npos;
}

// Behind the next line end of any kind; npos when there is none. One of two bytes ends with its first: the
// other is then a line without anything on it.
std::size_t lineEnd(std::string_view text, std::size_t from = 0)
{
    while (from < text.size() && text[from] != '\n' && text[from] != '\r')
        ++from;
    return from < text.size() ? from + 1 : std::string_view::npos;
}

// The names under which a page holds the address of the next one: Graph, its older form, and Azure's.
constexpr auto links =
    std::to_array<std::string_view>({"\"@odata.nextLink\"", "\"odata.nextLink\"", "\"nextLink\""});

bool isLink(std::string_view name)
{
    return std::find(links.begin(), links.end(), name) != links.end();
}

// An envelope up to its list: does it link to a next page?
bool linksOn(std::string_view envelope)
{
    const auto next = [&](std::size_t at) { return envelope.find_first_not_of(" \t\r\n", at); };
    for (const auto name : links) {
        const auto found = envelope.find(name);
        if (found == std::string_view::npos)
            continue;
        const auto colon = next(found + name.size());
        const auto value = colon == std::string_view::npos ? colon : next(colon + 1);
        if (value != std::string_view::npos && envelope[colon] == ':' && envelope[value] == '"' &&
            envelope.substr(value, 2) != "\"\"")
            return true;
    }
    return false;
}

} // namespace

std::size_t rowsOf(std::string_view text)
{
    const std::size_t npos = std::string_view::npos;
    for (const std::string_view name : {"\"rows\"", "\"Rows\""})
        if (auto at = text.find(name); at != npos) {
            at = text.find_first_not_of(" \t\r\n", at + name.size());
            if (at != npos && text[at] == ':')
                at = text.find_first_not_of(" \t\r\n", at + 1);
            return at != npos && text[at] == '[' ? at + 1 : npos;
        }
    return npos;
}

std::size_t csvRecordEnd(std::string_view text, char delimiter, bool atEnd)
{
    const std::size_t n = text.size(), npos = std::string_view::npos;
    const std::size_t none = atEnd ? n : npos;
    const auto pad = [&](std::size_t i) {
        while (i < n && (text[i] == ' ' || text[i] == '\t') && text[i] != delimiter)
            ++i;
        return i;
    };
    std::size_t i = 0;
    for (;;) { // at the start of a field
        i = pad(i);
        if (i < n && text[i] == '"') {
            for (++i;;) {
                i = text.find('"', i);
                if (i == npos)
                    return npos; // also at the end: the quote was never closed
                ++i;
                if (i < n && text[i] == '"') {
                    ++i;
                    continue;
                }
                const std::size_t behind = pad(i);
                if (behind >= n)
                    return none;
                if (text[behind] == delimiter || text[behind] == '\n' || text[behind] == '\r') {
                    i = behind;
                    break;
                }
                i = text[behind] == '"' ? behind + 1 : behind; // a quote that means itself
            }
        }
        while (i < n && text[i] != delimiter && text[i] != '\n' && text[i] != '\r')
            ++i;
        if (i >= n)
            return none;
        if (text[i] == '\n')
            return i + 1;
        if (text[i] == '\r') {
            if (i + 1 >= n)
                return none;
            return text[i + 1] == '\n' ? i + 2 : i + 1;
        }
        ++i;
    }
}

std::unique_ptr<char[]> BufferPool::take()
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_free.empty()) {
            auto buffer = std::move(m_free.back());
            m_free.pop_back();
            return buffer;
        }
    }
    return std::make_unique_for_overwrite<char[]>(m_size + Arena::padding);
}

void BufferPool::giveBack(std::unique_ptr<char[]> buffer)
{
    const std::lock_guard lock(m_mutex);
    if (m_free.size() < mostKept)
        m_free.push_back(std::move(buffer));
}

void Chunker::grow(Chunk &chunk, std::size_t target)
{
    if (target <= chunk.capacity)
        return;
    const bool usual = target <= m_pool->size();
    const std::size_t capacity = usual ? m_pool->size() : target;
    auto bigger = usual ? m_pool->take() : std::make_unique_for_overwrite<char[]>(target + Arena::padding);
    if (chunk.size > 0)
        std::memcpy(bigger.get(), chunk.bytes.get(), chunk.size);
    chunk.bytes = std::move(bigger);
    chunk.capacity = capacity;
}

Status Chunker::fill(Chunk &chunk, std::size_t target)
{
    grow(chunk, target);
    while (chunk.size < target && !m_atEnd) {
        if (m_options.stop.stop_requested())
            return fail(Code::Cancelled, {});
        const auto got = m_source->read(chunk.bytes.get() + chunk.size, target - chunk.size);
        if (!got && got.error().code == Code::Malformed) {
            m_damage = got.error().detail;
            m_atEnd = true;
        } else if (!got) {
            return tl::unexpected(got.error());
        } else {
            m_atEnd = *got == 0;
            chunk.size += *got;
        }
    }
    std::memset(chunk.bytes.get() + chunk.size, 0, Arena::padding);
    return {};
}

Result<std::shared_ptr<Chunk>> Chunker::next()
{
    if (m_finished)
        return std::shared_ptr<Chunk>();
    auto chunk = std::make_shared<Chunk>();
    chunk->offset = m_options.firstOffset + m_offset;
    std::size_t target = std::max<std::size_t>(m_options.chunkBytes, 1) + m_carry.size();
    chunk->pool = m_pool;
    grow(*chunk, target);
    std::memcpy(chunk->bytes.get(), m_carry.data(), m_carry.size());
    chunk->size = m_carry.size();
    for (;;) {
        if (auto filled = fill(*chunk, target); !filled)
            return tl::unexpected(filled.error());
        const std::size_t used = cut(*chunk);
        if (used > 0 || m_atEnd) {
            if (chunk->size - used < m_carry.capacity() / 8)
                m_carry = {};
            m_carry.assign(chunk->bytes.get() + used, chunk->size - used);
            chunk->size = used;
            break;
        }
        // One byte over the limit is enough to know that a record is too long.
        target =
            std::max(target + 1, std::min(target * 2, m_options.maxRecordBytes + m_options.chunkBytes + 1));
    }
    m_offset += chunk->size;
    m_finished = m_atEnd;
    chunk->last = m_finished;
    chunk->bytesDone = m_source->consumed();
    if (m_finished)
        chunk->damage = std::exchange(m_damage, std::nullopt);
    return chunk;
}

std::size_t Chunker::cut(Chunk &chunk)
{
    switch (m_options.layout) {
    case Layout::Lines: return cutLines(chunk);
    case Layout::Values: return cutValues(chunk);
    case Layout::Rows: return cutRows(chunk);
    case Layout::Csv: return cutCsv(chunk);
    }
    return chunk.size;
}

std::size_t Chunker::cutLines(Chunk &chunk)
{
    const std::string_view text(chunk.bytes.get(), chunk.size);
    std::size_t from = 0;
    if (m_skipping) {
        const auto end = text.find('\n');
        m_skipping = end == std::string_view::npos;
        from = m_skipping ? text.size() : end + 1;
    }
    chunk.linesFrom = chunk.linesTo = from;
    const auto last = text.rfind('\n');
    if (m_atEnd) {
        chunk.linesTo = text.size();
    } else if (last != std::string_view::npos && last >= from) {
        chunk.linesTo = last + 1;
    } else if (text.size() - from > m_options.maxRecordBytes) {
        chunk.spans.push_back({from, std::min(keptOfLong, text.size() - from), Span::Kind::TooLong});
        m_skipping = true;
        return text.size();
    }
    return chunk.linesTo;
}

std::size_t Chunker::cutValues(Chunk &chunk)
{
    const std::string_view text(chunk.bytes.get(), chunk.size);
    const std::size_t most = m_options.maxRecordBytes, npos = std::string_view::npos;
    std::size_t at = 0;
    const auto skip = [&] {
        const auto end = m_skipper.feed(text.substr(at));
        m_skipping = end == npos;
        at = m_skipping ? text.size() : at + end;
    };
    if (m_skipping)
        skip();
    for (;;) {
        while (at < text.size() && (isBlank(text[at]) || text[at] == ','))
            ++at;
        if (at >= text.size()) {
            if (m_atEnd && m_where == Where::List && !m_skipping &&
                (chunk.spans.empty() || chunk.spans.back().kind != Span::Kind::Truncated))
                chunk.spans.push_back({text.size(), 0, Span::Kind::Truncated});
            return text.size();
        }
        const char c = text[at];
        if (c == ']') {
            m_where = m_where == Where::List && m_inEnvelope ? Where::BehindList : Where::Outside;
            m_afterColon = m_listNamed = m_linkNamed = false;
            ++at;
        } else if (c == '}') {
            m_where = Where::Outside;
            m_inEnvelope = false;
            ++at;
        } else if (m_where == Where::BehindList && (c != '{' || m_afterColon)) {
            const auto behind = behindList(chunk, text, at);
            if (behind == npos)
                return m_atEnd ? text.size() : at;
            at = behind;
        } else if (c == '[') {
            m_where = Where::List;
            ++at;
        } else if (c == '{') {
            const bool more = text.size() - at > most;
            const auto value =
                scanValue(text.substr(at, most + 1), m_where == Where::Outside, m_atEnd && !more);
            if (value.complete && value.opensList) {
                m_where = Where::List;
                m_inEnvelope = true;
                chunk.morePages = linksOn(text.substr(at, value.length));
                at += value.length;
            } else if (value.complete && value.length <= most) {
                chunk.spans.push_back({at, value.length, Span::Kind::Record});
                at += value.length;
            } else if (more) {
                chunk.spans.push_back({at, std::min(keptOfLong, text.size() - at), Span::Kind::TooLong});
                m_skipper = {};
                skip();
            } else if (m_atEnd) {
                chunk.spans.push_back({at, text.size() - at, Span::Kind::Truncated});
                at = text.size();
            } else {
                return at;
            }
        } else { // neither a record nor anything that may stand between records
            auto end = text.find_first_of("\n{]", at);
            if (end == npos && text.size() - at < keptOfLong && !m_atEnd)
                return at;
            end = std::min({end, text.size(), at + keptOfLong});
            chunk.spans.push_back({at, end - at, Span::Kind::Record});
            at = end;
        }
    }
}

// The members of an envelope behind its list, one token at a time; npos when the token is not all there.
std::size_t Chunker::behindList(Chunk &chunk, std::string_view text, std::size_t at)
{
    const char c = text[at];
    const std::size_t npos = std::string_view::npos;
    if (c == '"') {
        const auto end = stringEnd(text, at);
        if (end == npos)
            return npos;
        const auto name = text.substr(at, end - at);
        if (m_afterColon && m_linkNamed && name != "\"\"")
            chunk.morePages = true;
        m_linkNamed = !m_afterColon && isLink(name);
        m_listNamed =
            !m_afterColon && (name == "\"value\"" || name == "\"records\"" || name == "\"Records\"");
        m_afterColon = false;
        return end;
    }
    if (c == '[' && m_afterColon && m_listNamed) {
        m_where = Where::List;
        return at + 1;
    }
    if (c == '{' || c == '[') {
        const bool more = text.size() - at > m_options.maxRecordBytes;
        const auto value = scanValue(text.substr(at, m_options.maxRecordBytes + 1), false, m_atEnd && !more);
        m_afterColon = false;
        return value.complete ? at + value.length : more ? at + 1 : npos;
    }
    m_afterColon = c == ':';
    return at + 1;
}

// A table begins with its columns; its rows are the lists of the list "rows". What stands around them is
// passed over; rows of a further table are only named, for their columns are others.
std::size_t Chunker::cutRows(Chunk &chunk)
{
    const std::string_view text(chunk.bytes.get(), chunk.size);
    const std::size_t most = m_options.maxRecordBytes, npos = std::string_view::npos;
    std::size_t at = 0;
    if (m_where == Where::Outside) {
        const auto rows = rowsOf(text);
        if (rows == npos)
            return m_atEnd ? text.size() : 0;
        m_where = Where::List;
        at = rows;
    }
    if (m_skipping) {
        const auto end = m_skipper.feed(text);
        m_skipping = end == npos;
        at = m_skipping ? text.size() : end;
    }
    while (m_where == Where::List) {
        while (at < text.size() && (isBlank(text[at]) || text[at] == ','))
            ++at;
        if (at >= text.size()) {
            if (m_atEnd && (chunk.spans.empty() || chunk.spans.back().kind != Span::Kind::Truncated))
                chunk.spans.push_back({text.size(), 0, Span::Kind::Truncated});
            return text.size();
        }
        if (text[at] == ']') {
            m_where = Where::BehindList;
            break;
        }
        const bool more = text.size() - at > most;
        if (text[at] != '[' && text[at] != '{') { // no row
            const auto end = std::min(text.find_first_of("[]{", at + 1), text.size());
            chunk.spans.push_back({at, std::min(end - at, keptOfLong), Span::Kind::Record});
            at = end;
            continue;
        }
        const auto value = scanValue(text.substr(at, most + 1), false, m_atEnd && !more);
        if (value.complete && value.length <= most) {
            chunk.spans.push_back({at, value.length, Span::Kind::Record});
            at += value.length;
        } else if (more) {
            chunk.spans.push_back({at, std::min(keptOfLong, text.size() - at), Span::Kind::TooLong});
            m_skipper = {};
            const auto end = m_skipper.feed(text.substr(at));
            m_skipping = end == npos;
            at = m_skipping ? text.size() : at + end;
            if (m_skipping)
                return at;
        } else if (m_atEnd) {
            chunk.spans.push_back({at, text.size() - at, Span::Kind::Truncated});
            return text.size();
        } else {
            return at;
        }
    }
    if (const auto further = rowsOf(text.substr(at)); further != npos) {
        const auto row = text.find_first_not_of(" \t\r\n", at + further);
        if (row != npos && text[row] == '[')
            chunk.spans.push_back({row, 1, Span::Kind::OtherTable});
    }
    return text.size();
}

std::size_t Chunker::cutCsv(Chunk &chunk)
{
    const std::string_view text(chunk.bytes.get(), chunk.size);
    const std::size_t most = m_options.maxRecordBytes, npos = std::string_view::npos;
    std::size_t at = 0;
    const auto skipLine = [&] {
        const auto end = lineEnd(text, at);
        m_skipping = end == npos;
        at = m_skipping ? text.size() : end;
    };
    if (m_skipping)
        skipLine();
    while (at < text.size()) {
        const bool plain = m_offset + at < m_plainUntil;
        const bool more = text.size() - at > most;
        const auto view = text.substr(at, most + 1);
        std::size_t length = npos;
        if (!plain)
            length = csvRecordEnd(view, m_options.delimiter, m_atEnd && !more);
        else if (length = lineEnd(view); length == npos && m_atEnd && !more)
            length = view.size();
        if (length != npos && length <= most) {
            auto kind = Span::Kind::Record;
            if (m_headersSeen < m_options.headers &&
                view.substr(0, length).find_first_not_of("\r\n") != npos) {
                ++m_headersSeen;
                kind = Span::Kind::Header;
            }
            chunk.spans.push_back({at, length, kind});
            at += length;
        } else if (more || m_atEnd) {
            // A quote that is never closed would swallow the rest of the file: its line is given up, and what
            // follows is read line by line, for as long as it was looked at already. So every byte is looked
            // at twice at most, whatever the quotes are.
            chunk.spans.push_back({at, std::min(keptOfLong, std::min(lineEnd(view), view.size())),
                                   more ? Span::Kind::TooLong : Span::Kind::Truncated});
            m_plainUntil = m_offset + at + std::min(most, text.size() - at);
            skipLine();
        } else {
            return at;
        }
    }
    return at;
}

} // namespace riskdesk::ingest
