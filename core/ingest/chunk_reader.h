// ChunkReader: the records of one chunk become a batch. One per worker thread; many may share a plan.
#pragma once

#include "core/ingest/chunker.h"
#include "core/ingest/csv_record.h"
#include "core/ingest/json_record.h"
#include "core/ingest/plain_json.h"
#include "core/ingest/provider.h"
#include "core/ingest/recognise.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::ingest {

struct ReadPlan
{
    Shape shape;
    std::string file; // as rejects name it
    TimeRules times;
    std::size_t maxRecordBytes = 0;
    std::stop_token stop;
    std::function<std::unique_ptr<BatchPreparer>()> preparer = {};
    std::uint64_t linesBefore = 0; // of the file, before what is read
};

// A batch whose line numbers count from its own chunk, and how many line ends the chunk had.
struct ChunkBatch
{
    ParsedBatch batch;
    std::uint64_t lines = 0;
};

class ChunkReader
{
public:
    explicit ChunkReader(const ReadPlan &plan);
    // Code::Cancelled when asked to stop in the middle.
    [[nodiscard]] Result<ChunkBatch> read(std::shared_ptr<Chunk> chunk);

private:
    void lines();
    void span(const Span &span);
    void json(std::string_view text, bool truncated);
    void csv(std::string_view text);
    void row(std::string_view text);
    void built(const Fields &fields, std::string_view text);
    void reject(std::string_view reason, std::string detail, std::string_view text, std::size_t column = 0);
    void moveTo(const char *at);
    [[nodiscard]] bool stopped();

    const ReadPlan &m_plan;
    const Provider &m_provider;
    JsonRecord m_json;
    PlainJson m_plain;
    CsvRecord m_csv;
    std::unique_ptr<BatchPreparer> m_preparer; // may be none
    Fields m_fields;
    Chunk *m_chunk = nullptr;
    ChunkBatch m_out;
    std::vector<std::pair<std::string_view, std::uint64_t>> m_rejected; // of the chunk, by reason
    RecordPlace m_place;
    const char *m_counted = nullptr; // line ends are counted up to here
    unsigned m_sinceStop = 0;
};

} // namespace riskdesk::ingest
