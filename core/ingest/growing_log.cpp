#include "core/ingest/growing_log.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/ingest/arena.h"
#include "core/ingest/byte_source.h"
#include "core/ingest/chunker.h"
#include "core/ingest/csv_record.h"
#include "core/ingest/json_scanner.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace riskdesk::ingest {
namespace {

constexpr std::string_view utf8Mark = "\xef\xbb\xbf";
constexpr std::size_t scanBytes = std::size_t{256} << 10;

std::uint64_t lineEnds(std::string_view text)
{
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

bool isWholeObject(std::string_view text)
{
    text = trim(text);
    if (text.empty() || text.front() != '{' || text.size() > limits::recordBytes)
        return false;
    std::string padded(text);
    padded.append(Arena::padding, '\0');
    const auto value = scanValue({padded.data(), text.size()}, true, true);
    return value.complete && !value.opensList && value.length == text.size();
}

// "[…", or {"value":[…
bool beginsList(std::string_view text)
{
    if (text.front() != '{')
        return text.front() == '[';
    std::string padded(text);
    padded.append(Arena::padding, '\0');
    return scanValue({padded.data(), text.size()}, true, false).opensList;
}

// Behind the header, the line of PowerShell that names the type included; npos when it is not all there.
std::size_t headerEnd(std::string_view text, const Shape &shape)
{
    std::size_t at = 0;
    for (std::size_t seen = 0; seen < shape.headers;) {
        const auto length = csvRecordEnd(text.substr(at), shape.delimiter, false);
        if (length == std::string_view::npos)
            return length;
        if (text.substr(at, length).find_first_not_of("\r\n") != std::string_view::npos)
            ++seen;
        at += length;
    }
    return at;
}

// Cuts what it is given, block by block, into records.
class RecordScan
{
public:
    RecordScan(const GrowingLog &log, std::uint64_t offset)
        : m_log(log)
        , m_found{offset, 0}
    {}
    void take(std::string_view block)
    {
        m_rest += block;
        std::size_t end = m_log.shape.layout == Layout::Csv ? csvEnd() : m_rest.rfind('\n') + 1;
        if (end == 0 && m_rest.size() > limits::recordBytes) {
            const auto line = m_rest.rfind('\n');
            end = line == std::string::npos ? m_rest.size() : line + 1;
        }
        advance(end);
    }
    WholeRecords atEnd()
    {
        if (m_log.shape.layout == Layout::Lines && isWholeObject(m_rest))
            advance(m_rest.size());
        return m_found;
    }

private:
    void advance(std::size_t end)
    {
        m_found.end += end;
        m_found.lines += lineEnds(std::string_view(m_rest).substr(0, end));
        m_rest.erase(0, end);
    }
    [[nodiscard]] std::size_t csvEnd() const
    {
        const std::string_view text = m_rest;
        for (std::size_t at = 0;;) {
            const auto length = csvRecordEnd(text.substr(at), m_log.shape.delimiter, false);
            if (length == std::string_view::npos)
                return at;
            at += length;
        }
    }

    const GrowingLog &m_log;
    WholeRecords m_found;
    std::string m_rest; // behind what was found
};

} // namespace

Result<Growth> growingLog(std::string_view head, bool whole, std::optional<Format> wanted)
{
    const bool packed = head.starts_with(std::string_view("\x1f\x8b", 2)) || looksLikeZip(head) ||
                        head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
    if (packed)
        return Growth{Growth::Kind::Whole, {}};
    const std::size_t mark = head.starts_with(utf8Mark) ? utf8Mark.size() : 0;
    const auto text = head.substr(mark);
    const auto first = trim(text);
    if (first.empty())
        return Growth();
    // Half a line tells nothing, but that a list has begun.
    if (whole && text.find('\n') == std::string_view::npos && !isWholeObject(first) && !beginsList(first))
        return Growth();
    auto shape = examine(text, whole, wanted);
    if (!shape)
        return tl::unexpected(shape.error());
    if (shape->layout != Layout::Lines && shape->layout != Layout::Csv)
        return Growth{Growth::Kind::Whole, {}};
    auto log = std::make_shared<GrowingLog>();
    log->begin = mark;
    if (shape->layout == Layout::Csv) {
        const auto end = headerEnd(text, *shape);
        if (end == std::string_view::npos)
            return Growth();
        log->header = text.substr(0, end);
        log->begin += end;
        log->lines = lineEnds(log->header);
    }
    log->shape = std::move(*shape);
    return Growth{Growth::Kind::Pieces, std::move(log)};
}

Result<WholeRecords> wholeRecords(int descriptor, const GrowingLog &log, std::uint64_t offset,
                                  std::uint64_t size)
{
    RecordScan scan(log, offset);
    std::string block(std::min<std::uint64_t>(scanBytes, size > offset ? size - offset : 0), '\0');
    for (auto at = offset; at < size;) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size - at));
        const auto got = ::pread(descriptor, block.data(), most, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(Code::Io, {}, std::strerror(errno));
        if (got == 0) // shorter than it was a moment ago; the next look will see why
            break;
        scan.take({block.data(), static_cast<std::size_t>(got)});
        at += static_cast<std::uint64_t>(got);
    }
    return scan.atEnd();
}

} // namespace riskdesk::ingest
