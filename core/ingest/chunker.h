// Chunker: cuts a log into chunks of whole records, so that chunks can be read side by side.
//
// Used by one thread at a time. Where records begin and end does not depend on the size of the chunks. A
// record longer than the limit is passed over without being held; of it only the beginning is kept, for its
// reject.
#pragma once

#include "core/ingest/arena.h"
#include "core/ingest/byte_source.h"
#include "core/ingest/json_scanner.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

enum class Layout : std::uint8_t {
    Lines,  // one JSON object a line
    Values, // JSON objects in a list, in an envelope's list, or one after the other
    Rows,   // JSON lists in the list "rows" of a table
    Csv
};

struct Span
{
    enum class Kind : std::uint8_t { Record, Truncated, TooLong, Header, OtherTable };
    std::size_t start = 0; // in the chunk
    std::size_t length = 0;
    Kind kind = Kind::Record;
};

// Buffers of the usual size go round instead of back to the system, which would clear their pages each time.
// Any thread; lives as long as the last chunk.
class BufferPool
{
public:
    explicit BufferPool(std::size_t size)
        : m_size(size)
    {}
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] std::unique_ptr<char[]> take();
    void giveBack(std::unique_ptr<char[]> buffer);

private:
    static constexpr std::size_t mostKept = 16;
    const std::size_t m_size;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<char[]>> m_free;
};

struct Chunk
{
    Chunk() = default;
    ~Chunk()
    {
        if (pool && capacity == pool->size())
            pool->giveBack(std::move(bytes));
    }
    Chunk(const Chunk &) = delete;
    Chunk &operator=(const Chunk &) = delete;

    std::shared_ptr<BufferPool> pool;
    std::size_t capacity = 0;
    std::unique_ptr<char[]> bytes; // capacity, followed by Arena::padding more
    std::size_t size = 0;
    std::uint64_t offset = 0; // in the (unpacked) file
    std::vector<Span> spans;
    std::size_t linesFrom = 0, linesTo = 0; // Layout::Lines: the part that is whole lines, beside the spans
    std::uint64_t bytesDone = 0;
    std::optional<bool> morePages;     // as in ParsedBatch
    bool last = false;                 // nothing follows, and the last line may lack its end
    std::optional<std::string> damage; // the packing is broken behind this chunk
    Arena arena;

    [[nodiscard]] std::string_view text(const Span &span) const
    {
        return {bytes.get() + span.start, span.length};
    }
};

class Chunker
{
public:
    struct Options
    {
        Layout layout = Layout::Lines;
        char delimiter = ',';
        std::size_t headers = 1; // Layout::Csv: records before the first row
        std::size_t chunkBytes = 0;
        std::size_t maxRecordBytes = 0;
        std::uint64_t firstOffset = 0; // in the file: the length of a byte order mark
        std::stop_token stop = {};
    };
    Chunker(std::unique_ptr<ByteSource> source, Options options)
        : m_source(std::move(source))
        , m_options(std::move(options))
        , m_pool(std::make_shared<BufferPool>(m_options.chunkBytes + usualCarry))
    {}
    // Nothing at the end. Io when reading failed, Cancelled when asked to stop.
    [[nodiscard]] Result<std::shared_ptr<Chunk>> next();

private:
    static constexpr std::size_t usualCarry = std::size_t{16} << 10;

    // How much of the bytes has been dealt with, all of it at the end; 0 when more is needed to say anything.
    std::size_t cut(Chunk &chunk);
    std::size_t cutLines(Chunk &chunk);
    std::size_t cutValues(Chunk &chunk);
    std::size_t cutRows(Chunk &chunk);
    std::size_t cutCsv(Chunk &chunk);
    std::size_t behindList(Chunk &chunk, std::string_view text, std::size_t at);
    Status fill(Chunk &chunk, std::size_t target);
    void grow(Chunk &chunk, std::size_t target);

    enum class Where : std::uint8_t { Outside, List, BehindList };

    std::unique_ptr<ByteSource> m_source;
    Options m_options;
    std::shared_ptr<BufferPool> m_pool;
    std::string m_carry;
    std::uint64_t m_offset = 0; // of the carry
    Where m_where = Where::Outside;
    bool m_inEnvelope = false;
    bool m_afterColon = false; // behind the list: a member's value comes next
    bool m_listNamed = false;  // and its name is one that lists have
    bool m_linkNamed = false;  // or it is the link to the next page
    std::size_t m_headersSeen = 0;
    bool m_skipping = false; // in a record that is too long
    LongValueSkipper m_skipper;
    std::uint64_t m_plainUntil = 0; // CSV: up to here quotes are not trusted
    bool m_atEnd = false;
    bool m_finished = false;
    std::optional<std::string> m_damage;
};

// Behind the bracket that opens a table's rows; npos when it is not there yet.
[[nodiscard]] std::size_t rowsOf(std::string_view text);
// The end of the CSV record at the start of `text`, behind its line end; npos when it is not there yet.
// Quotes count as libcsv counts them in its lenient mode.
[[nodiscard]] std::size_t csvRecordEnd(std::string_view text, char delimiter, bool atEnd);

} // namespace riskdesk::ingest
