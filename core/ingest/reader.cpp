#include "core/ingest/reader.h"

#include "core/ingest/chunk_reader.h"
#include "core/ingest/chunker.h"
#include "core/ingest/growing_log.h"
#include "core/ingest/pipeline.h"
#include "core/ingest/providers/providers.h"
#include "core/ingest/recognise.h"
#include "core/ingest/time_reader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <system_error>

namespace riskdesk::ingest {
namespace {

tl::unexpected<Error> about(const std::string &subject, Error error)
{
    error.subject = subject;
    return tl::unexpected(std::move(error));
}

struct Opened
{
    std::unique_ptr<HeadedSource> source;
    std::uint64_t markBytes = 0;
};

Result<Opened> openText(std::unique_ptr<ByteSource> packed)
{
    auto plain = unpacked(std::move(packed));
    if (!plain)
        return tl::unexpected(plain.error());
    auto headed = HeadedSource::open(std::move(plain->source), headBytes);
    if (!headed)
        return tl::unexpected(headed.error());
    return Opened{std::move(*headed), plain->markBytes};
}

// Opens the text once more, from its beginning; empty when that cannot be done.
using OpenAgain = std::function<Result<Opened>()>;

Status readThrough(std::unique_ptr<ByteSource> source, std::uint64_t markBytes, const ReadPlan &plan,
                   const ReadOptions &options, const BatchSink &sink)
{
    Chunker chunker(std::move(source), {.layout = plan.shape.layout,
                                        .delimiter = plan.shape.delimiter,
                                        .headers = plan.shape.headers,
                                        .chunkBytes = options.chunkBytes,
                                        .maxRecordBytes = options.maxRecordBytes,
                                        .firstOffset = markBytes,
                                        .stop = options.stop});
    return runPipeline(chunker, plan, options.threads, sink);
}

// What the dates of a text tell of their order.
Result<SlashDates> datesShown(std::unique_ptr<ByteSource> source, std::uint64_t markBytes,
                              const ReadPlan &plan, const ReadOptions &options)
{
    ReadPlan looking = plan;
    looking.preparer = nullptr; // nothing of this reading is kept
    SlashDates shown;
    const auto status =
        readThrough(std::move(source), markBytes, looking, options, [&](ParsedBatch &&batch) -> Status {
            shown.dayFirst += batch.dates.dayFirst;
            shown.monthFirst += batch.dates.monthFirst;
            shown.unclear += batch.dates.unclear;
            return {};
        });
    if (!status)
        return tl::unexpected(status.error());
    return shown;
}

// What is left unread of a file whose dates settle nothing is said once, beside the rejects.
std::string unclearDates(const std::string &name, const SlashDates &shown)
{
    const auto why = shown.dayFirst > 0 ? "some of its dates have the day first and others the month"
                                        : "none of its dates tells whether the day or the month stands first";
    return fmt::format("\"{}\": {}, so {} of them could not be read; --dates dmy or --dates mdy says it.",
                       std::filesystem::path(name).filename().string(), why, shown.unclear);
}

// What is read, and once more for the order of its dates.
struct Text
{
    std::unique_ptr<ByteSource> source;
    std::uint64_t markBytes = 0; // in the file, before the text
    std::function<Result<std::unique_ptr<ByteSource>>()> forDates;
};

Status readShaped(Text text, ReadPlan plan, const ReadOptions &options, const BatchSink &sink)
{
    const auto &name = plan.file;
    const bool zoned = (plan.shape.layout == Layout::Csv && !plan.shape.columns.timeIsUtc) ||
                       infoOf(plan.shape.format).openZone;
    plan.times = {zoned ? options.zoneMinutes : 0, options.dates};
    std::string notice;
    std::uint64_t undecided = 0;
    if (plan.shape.slashDates) {
        const auto shown = text.forDates().and_then([&](std::unique_ptr<ByteSource> source) {
            return datesShown(std::move(source), text.markBytes, plan, options);
        });
        if (!shown)
            return shown.error().subject.empty() ? about(name, shown.error())
                                                 : Status(tl::unexpected(shown.error()));
        if (shown->dayFirst > 0 && shown->monthFirst == 0)
            plan.times.order = DateOrder::DayFirst;
        else if (shown->monthFirst > 0 && shown->dayFirst == 0)
            plan.times.order = DateOrder::MonthFirst;
        else if (options.dates == DateOrder::Open && (undecided = shown->unclear) > 0)
            notice = unclearDates(name, *shown);
    }
    const BatchSink telling = [&](ParsedBatch &&batch) {
        if (!notice.empty())
            batch.notices.push_back(std::exchange(notice, {}));
        batch.undecidedDates = std::exchange(undecided, 0);
        return sink(std::move(batch));
    };
    auto status = readThrough(std::move(text.source), text.markBytes, plan, options, telling);
    if (!status && status.error().subject.empty())
        return about(name, status.error());
    return status;
}

ReadPlan planOf(Shape shape, const std::string &name, const ReadOptions &options)
{
    return {std::move(shape), name, {}, options.maxRecordBytes, options.stop, options.preparer};
}

Status readOpened(Opened opened, const std::string &name, const ReadOptions &options, const BatchSink &sink,
                  const OpenAgain &again)
{
    auto shape = examine(opened.source->head(), opened.source->isWhole(), options.format);
    if (!shape)
        return about(name, shape.error());
    // What cannot be read twice is taken by what its head says.
    const std::string head(again || !shape->slashDates ? std::string_view() : opened.source->head());
    return readShaped({std::move(opened.source), opened.markBytes,
                       [&]() -> Result<std::unique_ptr<ByteSource>> {
                           if (!again)
                               return std::make_unique<TextSource>(head);
                           auto anew = again();
                           if (!anew)
                               return tl::unexpected(anew.error());
                           return std::move(anew->source);
                       }},
                      planOf(std::move(*shape), name, options), options, sink);
}

Status readZip(const std::filesystem::path &file, const ReadOptions &options, const BatchSink &sink)
{
    auto zip = ZipArchive::open(file);
    if (!zip)
        return tl::unexpected(zip.error());
    std::vector<Error> passedOver;
    std::uint64_t before = 0;
    bool anyRead = false;
    for (const auto &member : (*zip)->members()) {
        const std::string name = file.string() + ":" + member.name;
        bool begun = false;
        const BatchSink counting = [&](ParsedBatch &&batch) {
            begun = true;
            return sink(std::move(batch));
        };
        const OpenAgain open = [&] { return (*zip)->open(member, before).and_then(openText); };
        auto status = open().and_then(
            [&](Opened opened) { return readOpened(std::move(opened), name, options, counting, open); });
        before += member.packedSize;
        anyRead = anyRead || status || begun;
        if (status)
            continue;
        if (begun || !concernsFileOnly(status.error().code))
            return about(name, status.error());
        passedOver.push_back(status.error());
        passedOver.back().subject = name;
    }
    if (!anyRead && !passedOver.empty())
        return tl::unexpected(passedOver.front());
    if (!anyRead)
        return fail(Code::Malformed, file.string(), "the archive is empty");
    if (passedOver.empty())
        return {};
    ParsedBatch rest;
    rest.bytesDone = before;
    for (const auto &error : passedOver)
        passOver(error, rest);
    return sink(std::move(rest));
}

bool isZip(const std::filesystem::path &file)
{
    auto source = openFile(file);
    if (!source)
        return false;
    auto headed = HeadedSource::open(std::move(*source), 4);
    return headed && looksLikeZip((*headed)->head());
}

template <typename Work>
auto guarded(const std::filesystem::path &file, Work &&work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return fail(Code::TooLarge, file.string(), "out of memory");
    } catch (const std::system_error &e) { // no more threads
        return fail(Code::Io, file.string(), e.what());
    }
}

// What `tell` says of a file, or of the first in an archive of which it says anything.
template <typename Told, typename Tell>
Result<Told> ofFirst(const std::filesystem::path &file, Tell &&tell)
{
    if (file == "-")
        return fail(Code::Unsupported, "-", "standard input is recognised while it is read");
    auto source = openFile(file);
    if (!source)
        return tl::unexpected(source.error());
    Result<Told> told = fail(Code::Malformed, {}, "the archive is empty");
    if (isZip(file)) {
        auto zip = ZipArchive::open(file);
        if (!zip)
            return tl::unexpected(zip.error());
        for (const auto &member : (*zip)->members()) {
            auto found = (*zip)->open(member, 0).and_then(openText).and_then(tell);
            if (found)
                return found;
            if (told.error().code != Code::Unrecognised)
                told = found;
        }
    } else {
        told = openText(std::move(*source)).and_then(tell);
    }
    return told ? told : Result<Told>(about(file.string(), told.error()));
}

} // namespace

std::uint64_t ParsedBatch::rejected() const
{
    std::uint64_t count = rejects.size();
    for (const auto &more : moreRejects)
        count += more.count;
    return count;
}

void ParsedBatch::countReject(std::string_view file, std::string_view reason, std::uint64_t line,
                              std::uint64_t offset)
{
    const auto known = std::find_if(moreRejects.begin(), moreRejects.end(), [&](const MoreRejects &more) {
        return more.reason == reason && more.file == file;
    });
    auto &more = known != moreRejects.end()
                     ? *known
                     : moreRejects.emplace_back(std::string(file), std::string(reason), line, offset, 0);
    if (offset < more.offset) {
        more.line = line;
        more.offset = offset;
    }
    ++more.count;
}

bool concernsFileOnly(Code code)
{
    return code == Code::Unrecognised || code == Code::Malformed || code == Code::Unsupported;
}

void passOver(const Error &error, ParsedBatch &batch)
{
    if (error.code == Code::Unrecognised) {
        batch.notices.push_back(fmt::format("\"{}\" was passed over: {}.", error.subject, error.detail));
        return;
    }
    ++batch.read;
    batch.rejects.push_back({error.subject, 0, 0, 0, "notRecognised", error.detail, {}});
}

Result<std::vector<std::filesystem::path>> filesIn(const std::filesystem::path &folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code problem, dangling;
    std::filesystem::recursive_directory_iterator at(folder, problem), end;
    for (; !problem && at != end; at.increment(problem)) {
        if (isShadow(at->path().filename().string()))
            at.disable_recursion_pending();
        else if (at->is_regular_file(dangling))
            files.push_back(at->path());
    }
    if (problem)
        return fail(Code::Io, folder.string(), problem.message());
    std::sort(files.begin(), files.end());
    return files;
}

Result<Format> recognise(const std::filesystem::path &file)
{
    return guarded(file, [&] {
        return ofFirst<Format>(file, [](const Opened &opened) -> Result<Format> {
            auto shape = examine(opened.source->head(), opened.source->isWhole(), std::nullopt);
            return shape ? Result<Format>(shape->format) : tl::unexpected(shape.error());
        });
    });
}

Result<Head> headOf(const std::filesystem::path &file)
{
    return guarded(file, [&] {
        return ofFirst<Head>(file, [](const Opened &opened) -> Result<Head> {
            return Head{std::string(opened.source->head()), opened.source->isWhole()};
        });
    });
}

Status readPart(const LogPart &part, const ReadOptions &options, const BatchSink &sink)
{
    return guarded(part.name, [&]() -> Status {
        const auto &log = *part.log;
        const auto source = [&](std::string before) -> std::unique_ptr<ByteSource> {
            return std::make_unique<PartSource>(std::move(before), part.descriptor, part.begin, part.end);
        };
        auto headed = HeadedSource::open(source(log.header), headBytes);
        if (!headed)
            return about(part.name, headed.error());
        auto plan = planOf(log.shape, part.name, options);
        // The first lines may have had no date, or only a header.
        if (!infoOf(log.shape.format).isoDates)
            plan.shape.slashDates = plan.shape.slashDates || holdsSlashDate((*headed)->head());
        plan.linesBefore = part.linesBefore - log.lines;
        const auto withHead = [&]() -> Result<std::unique_ptr<ByteSource>> {
            const auto mark = log.begin - log.header.size();
            std::string head(std::min<std::uint64_t>(headBytes, part.begin - mark), '\0');
            const auto got = ::pread(part.descriptor, head.data(), head.size(), static_cast<off_t>(mark));
            head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
            head.resize(std::max(head.rfind('\n') + 1, std::min(log.header.size(), head.size())));
            return source(std::move(head));
        };
        return readShaped({std::move(*headed), part.begin - log.header.size(), withHead}, std::move(plan),
                          options, sink);
    });
}

Status readFile(const std::filesystem::path &file, const ReadOptions &options, const BatchSink &sink)
{
    return guarded(file, [&]() -> Status {
        if (file != "-" && isZip(file))
            return readZip(file, options, sink);
        auto source = openFile(file);
        if (!source)
            return tl::unexpected(source.error());
        auto opened = openText(std::move(*source));
        if (!opened)
            return about(file.string(), opened.error());
        std::error_code ignored;
        OpenAgain again;
        if (std::filesystem::is_regular_file(file, ignored))
            again = [&] { return openFile(file).and_then(openText); };
        if (looksLikeZip(opened->source->head()))
            return fail(Code::Unsupported, file.string(),
                        "a zip cannot be read from a pipe; unpack it or name the file");
        return readOpened(std::move(*opened), file.string(), options, sink, again);
    });
}

} // namespace riskdesk::ingest
