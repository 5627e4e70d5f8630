// LogReading: the first half of an import. Files, and those below folders, become staged rows, users, texts
// and kept records, in the order in which the files are named and the records stand in them.
//
// On the thread that imports; workers parse the chunks beside it. A file that cannot be read is named in the
// summary and keeps nobody from reading the others. Errors are ours and end the run: Cancelled, Io, DiskFull
// and whatever `afterBatch` returns.
#pragma once

#include "core/base/result.h"
#include "core/domain/intelligence.h"
#include "core/examine/encoder.h"
#include "core/examine/seen_set.h"
#include "core/ingest/reader.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::store {
class Dictionaries;
}

namespace riskdesk::run {

class KeptRecords;
class ProgressReporter;
class Staging;
class UserBook;
struct ImportInput;
struct ImportOptions;
struct ImportSummary;
struct PreparedRows;

class LogReading
{
public:
    struct Into
    {
        UserBook &users;
        store::Dictionaries &dictionaries;
        KeptRecords &kept;
        Staging &staging;
    };
    using AfterBatch = std::function<Status()>; // some thousand records

    LogReading(const ImportOptions &options, std::stop_token stop, ProgressReporter &reporter,
               const Into &into, ImportSummary &summary, AfterBatch afterBatch);

    [[nodiscard]] Status read(const ImportInput &input);
    // The times of the staged rows; without any the first is later than the last.
    [[nodiscard]] std::int64_t first() const { return m_first; }
    [[nodiscard]] std::int64_t last() const { return m_last; }

private:
    Status readFolder(const std::filesystem::path &folder);
    Result<Status> readFile(const std::filesystem::path &file, const std::string &name);
    using Reader = std::function<Status(const ingest::ReadOptions &, const ingest::BatchSink &)>;
    Result<Status> readNamed(const std::string &name, const Reader &reader, std::uint64_t bytes);
    Status take(ingest::ParsedBatch &&batch, const std::string &file);
    Status take(PreparedRows &prepared);

    const ImportOptions &m_options;
    std::stop_token m_stop;
    ProgressReporter &m_reporter;
    UserBook &m_users;
    KeptRecords &m_kept;
    Staging &m_staging;
    ImportSummary &m_summary;
    AfterBatch m_afterBatch;
    Encoder m_encoder;
    SeenSet m_seen;
    std::uint64_t m_bytesBefore = 0, m_bytesTotal = 0;
    std::string m_unfinished; // the file of the last page read, when that names a next one
    std::int64_t m_first = endOfTime, m_last = beginningOfTime;
};

} // namespace riskdesk::run
