// ImportRun: files become stored sign-ins, detections and risk.
//
//   read    every file is parsed in chunks by several workers; the batches come back in file order,
//           names become users, texts become dictionary ids, records seen twice are left out, rows
//           are staged;
//   detect  the staged rows are merged in (event time, event key) order, looked up against what is
//           stored, and examined; every block of some segments and what was found in it is one
//           transaction, and the detectors' memory is in the one an hour before the end and in the last;
//   settle  where some of them lie before what had been examined already, they are only stored, and then
//           examined with all that follows them (core/replay/settle.h).
//
// So threads, file order, the order of the runs and the way a log was cut change nothing. A cancelled or killed
// run leaves whole blocks; run again, it adds the rest. One import at a time per directory (lease).
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/directory/directory.h"
#include "core/domain/permissions.h"
#include "core/ingest/growing_log.h"
#include "core/ingest/reader.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

struct ImportOptions
{
    unsigned threads = 2;
    std::optional<ingest::Format> format;
    int zoneMinutes = 0;
    ingest::DateOrder dates = ingest::DateOrder::Open;
    Operator who;
    std::size_t rowsPerBlock = 16 * 16384; // a transaction: large commits make durability free
};

struct ImportSummary
{
    std::int64_t run = 0;      // import_run.id
    std::uint64_t read = 0;    // = stored + duplicates + notSignIns + rejected
    std::uint64_t stored = 0;  // users and risk records count as stored
    std::uint64_t signIns = 0; // of these
    std::uint64_t duplicates = 0;
    std::uint64_t notSignIns = 0;
    std::uint64_t rejected = 0;
    std::uint64_t warnings = 0;
    std::uint64_t undecidedDates = 0; // rejected, since nothing tells whether day or month stands first
    std::uint64_t detections = 0;     // new ones
    std::uint64_t withdrawn = 0;      // detections that do not hold by what came now
    std::uint64_t silenced = 0;       // findings that a suppression rule kept from being one
    std::uint64_t usersAtRisk = 0;    // of the directory
    double seconds = 0;
    bool cancelled = false;
    std::vector<Error> notRead;            // files that were refused; the others were imported
    std::vector<Error> warningsAboutLists; // place files that are gone or broken
    std::vector<std::string> notices;      // whole sentences: stale lists, …

    [[nodiscard]] double eventsPerSecond() const
    {
        return seconds > 0 ? static_cast<double>(read) / seconds : 0;
    }
    [[nodiscard]] std::string toJson() const; // the object of `import --json`
};

// What one run reads: stretches of logs that grow, and then whole files.
struct ImportInput
{
    std::vector<std::filesystem::path> files;
    std::vector<ingest::LogPart> parts; // their descriptors are open until the run is over
};

// A folder stands for the files below it. Needs Permission::Import by the role as it is now (action::allowedNow()), as
// somebody may follow a log for days. Code::NotAllowed, StoreBusy when another import runs, DiskFull, Io,
// StoreCorrupt. A refused file is no error of the run.
[[nodiscard]] Result<ImportSummary> importFiles(Directory &directory,
                                                const std::vector<std::filesystem::path> &files,
                                                const ImportOptions &options, const Clock &clock,
                                                std::stop_token stop = {}, const ProgressSink &progress = {});
[[nodiscard]] Result<ImportSummary> importLogs(Directory &directory, const ImportInput &input,
                                               const ImportOptions &options, const Clock &clock,
                                               std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
