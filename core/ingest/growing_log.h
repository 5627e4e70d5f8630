// A log that is appended to, read piece by piece: JSON with one object a line, or CSV. What can be read only as a
// whole is neither: gzip, zip, UTF-16, JSON in a list or over several lines.
//
//     const auto log = growingLog(head, isWhole, wanted);        // of its first bytes
//     const auto piece = wholeRecords(descriptor, *log, offset, size);
//     readPart({descriptor, name, log, offset, piece->end, lines}, options, sink);
//
// The cost is that of the piece, wherever in the file it lies. Any thread; nothing is kept between calls.
#pragma once

#include "core/base/result.h"
#include "core/ingest/reader.h"
#include "core/ingest/recognise.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::ingest {

struct GrowingLog
{
    Shape shape;
    std::string header;      // the CSV header with its line end, read again before each piece
    std::uint64_t begin = 0; // bytes before the first record: a byte order mark, the header
    std::uint64_t lines = 0; // line ends in them
};

struct Growth
{
    enum class Kind : std::uint8_t {
        Pieces, // `log` says how
        Whole,  // it can only be read as a whole
        Early   // so little is there that nobody can tell
    };
    Kind kind = Kind::Early;
    std::shared_ptr<const GrowingLog> log;
};

// `head` are the first headBytes, or all of it (`whole`). Errors as recognise() says.
[[nodiscard]] Result<Growth> growingLog(std::string_view head, bool whole, std::optional<Format> wanted);

struct WholeRecords
{
    std::uint64_t end = 0;   // behind the last whole record
    std::uint64_t lines = 0; // line ends before it
};

// Which records behind `offset`, where one begins, are all there in a file of `size` bytes. A last line without its
// end is one if it is a whole JSON object. What is longer than limits::recordBytes is not waited for: a record that
// long is none, and a CSV quote that is never closed must not hold up the rest. Io.
[[nodiscard]] Result<WholeRecords> wholeRecords(int descriptor, const GrowingLog &log, std::uint64_t offset,
                                                std::uint64_t size);

// A stretch of whole records in an open file, whose position is not moved.
struct LogPart
{
    int descriptor = -1; // open as long as the part is read
    std::string name;    // as rejects name the file
    std::shared_ptr<const GrowingLog> log;
    std::uint64_t begin = 0, end = 0; // in the file
    std::uint64_t linesBefore = 0;    // line ends before `begin`
};

// Lines and offsets of rejects are those in the file. What its first 64 KiB tell of the order of its dates holds for
// the part too. Errors as readFile() says.
[[nodiscard]] Status readPart(const LogPart &part, const ReadOptions &options, const BatchSink &sink);

} // namespace riskdesk::ingest
