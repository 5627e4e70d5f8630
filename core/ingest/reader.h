// Reader: a log file becomes batches of normalised records.
//
// Recognised by content, never by name. The file is cut into chunks at record borders; `threads` workers
// parse chunks side by side and the sink receives the batches one at a time, in file order, from whichever
// worker is free. Memory is bounded by a few chunks whatever the file's size. `.gz` and `.zip` are unpacked
// on the fly.
#pragma once

#include "core/base/limits.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/reject.h"
#include "core/domain/sign_in.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

class Provider;

// A format of one of the providers (core/ingest/providers), as recognise() or formatFromText() gave it, or one
// made for a single log (core/ingest/field_map.h).
struct Format
{
    std::uint8_t provider = 0, row = 0;       // by number
    std::shared_ptr<const Provider> own = {}; // instead of a number
    friend bool operator==(const Format &, const Format &) = default;
};
[[nodiscard]] std::string_view toText(const Format &); // for --format: "graphSignIns", "unifiedAuditCsv", …
[[nodiscard]] std::string_view displayName(const Format &);
[[nodiscard]] std::optional<Format> formatFromText(std::string_view);

// Which way round a file writes dates with slashes.
enum class DateOrder : std::uint8_t { Open, MonthFirst, DayFirst };

// What such dates told of their order.
struct SlashDates
{
    std::uint64_t dayFirst = 0, monthFirst = 0;
    std::uint64_t unclear = 0; // they can be read both ways
};

// Records that could not be read and are only counted: there were too many like them.
struct MoreRejects
{
    std::string file, reason;
    std::uint64_t line = 0, offset = 0; // of the first of them
    std::uint64_t count = 0;
};

// The views of its records point into memory that `owner` keeps alive.
struct ParsedBatch
{
    std::shared_ptr<const void> owner;
    std::shared_ptr<void> prepared; // what the BatchPreparer left, if there is one
    std::vector<SignIn> signIns;
    std::vector<UserRecord> users;
    std::vector<ProviderDetection> providerDetections;
    std::vector<ProviderRiskyUser> providerRiskyUsers;
    std::vector<PasswordRecord> passwords;
    std::vector<Reject> rejects;          // of each file the first limits::rejectsOfAKind for each reason …
    std::vector<MoreRejects> moreRejects; // … and how many more
    std::uint64_t read = 0;               // records of any kind, rejects included
    std::uint64_t notSignIns = 0;     // records that are something else: service principals, other operations
    std::uint64_t warnings = 0;       // fields left empty because they could not be read
    std::uint64_t bytesDone = 0;      // of the file on disk, after this batch
    SlashDates dates;                 // of the sign-ins' own times
    std::uint64_t undecidedDates = 0; // of the whole file: left unread, as nothing tells their order
    std::optional<bool> morePages;    // the last page that ended here: does it name a next one?
    std::vector<std::string> notices; // whole sentences about the file

    [[nodiscard]] std::uint64_t rejected() const;
    void countReject(std::string_view file, std::string_view reason, std::uint64_t line,
                     std::uint64_t offset);
};

// Work on a batch that needs no order: done by the thread that parsed it, beside the others, before the batch
// is handed over. It may take lists out of the batch and leave what became of them in `prepared`.
class BatchPreparer
{
public:
    virtual ~BatchPreparer() = default;
    virtual void prepare(ParsedBatch &batch) = 0;
};

struct ReadOptions
{
    unsigned threads = 2;
    std::optional<Format> format; // empty: recognise
    // For times without a zone in formats that do not define one, minutes east of UTC.
    int zoneMinutes = 0;
    // Of files whose dates do not tell it themselves. First counts what the dates that can be read in one way
    // only agree on; a file is read twice for that, a pipe is taken by what its first 64 KiB say. Open: what
    // stays unclear is rejected, and a notice says how to go on.
    DateOrder dates = DateOrder::Open;
    std::stop_token stop;
    std::function<std::unique_ptr<BatchPreparer>()> preparer; // called by each thread; may be empty
    // Bytes read at a time, and the longest record that is read at all (longer ones are rejected as
    // "tooLong"). The result does not depend on chunkBytes; tests make both small.
    std::size_t chunkBytes = std::size_t{1} << 20;
    std::size_t maxRecordBytes = limits::recordBytes;
};

// Returning an error ends the reading with that error.
using BatchSink = std::function<Status(ParsedBatch &&)>;

// What the first 64 KiB look like. Code::Unrecognised with the guess in detail ("it looks like an Okta system
// log, which this version does not read"); NotFound, Io, Malformed (empty file, binary file, directory).
[[nodiscard]] Result<Format> recognise(const std::filesystem::path &file);
[[nodiscard]] Result<Format> recognise(std::string_view head);

struct Head
{
    std::string text;
    bool whole = false; // it is all there is
};
// The first 64 KiB, unpacked and in UTF-8; of an archive those of its first file. Errors as readFile() says.
[[nodiscard]] Result<Head> headOf(const std::filesystem::path &file);

// The files below a folder that may be logs, by name: hidden ones and the shadows that other systems leave
// are not. Io when a folder cannot be read.
[[nodiscard]] Result<std::vector<std::filesystem::path>> filesIn(const std::filesystem::path &folder);
// An error of readFile() that says nothing about the files beside this one in its folder or archive.
[[nodiscard]] bool concernsFileOnly(Code code);
// What such a file is told as: a reject, so that nothing is lost in silence; one that is no log at all as a
// notice, for there is nothing in it to be mended.
void passOver(const Error &error, ParsedBatch &batch);

// Reads the whole file. A file inside a zip is named "archive.zip:member" in rejects.
[[nodiscard]] Status readFile(const std::filesystem::path &file, const ReadOptions &options,
                              const BatchSink &sink);

} // namespace riskdesk::ingest
