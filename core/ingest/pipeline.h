// Pipeline: chunks are read side by side, batches go to the sink one at a time and in the order of the file.
//
// There is no thread of its own for either end: a worker that finds the next batch finished hands it over,
// else takes the next chunk from the chunker, else waits. At most `threads` + 2 chunks are under way, so
// memory is bounded by the slower side.
#pragma once

#include "core/ingest/chunk_reader.h"
#include "core/ingest/chunker.h"
#include "core/ingest/reader.h"

namespace riskdesk::ingest {

[[nodiscard]] Status runPipeline(Chunker &chunker, const ReadPlan &plan, unsigned threads,
                                 const BatchSink &sink);

} // namespace riskdesk::ingest
