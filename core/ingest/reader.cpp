#include "core/ingest/reader.h"

#include "core/ingest/chunk_reader.h"
#include "core/ingest/chunker.h"
#include "core/ingest/pipeline.h"
#include "core/ingest/recognise.h"

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

Status readOpened(Opened opened, const std::string &name, const ReadOptions &options, const BatchSink &sink)
{
    auto shape = examine(opened.source->head(), opened.source->isWhole(), options.format);
    if (!shape)
        return about(name, shape.error());
    const ReadPlan plan{std::move(*shape),      name,         options.zoneMinutes,
                        options.maxRecordBytes, options.stop, options.preparer};
    Chunker chunker(std::move(opened.source), {.layout = plan.shape.layout,
                                               .delimiter = plan.shape.delimiter,
                                               .chunkBytes = options.chunkBytes,
                                               .maxRecordBytes = options.maxRecordBytes,
                                               .firstOffset = opened.markBytes,
                                               .stop = options.stop});
    auto status = runPipeline(chunker, plan, options.threads, sink);
    if (!status && status.error().subject.empty())
        return about(name, status.error());
    return status;
}

// Is it this member that is at fault, so that the others can still be read?
bool concernsMemberOnly(Code code)
{
    return code == Code::Unrecognised || code == Code::Malformed || code == Code::Unsupported;
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
        auto status =
            (*zip)
                ->open(member, before)
                .and_then([](std::unique_ptr<ByteSource> source) { return openText(std::move(source)); })
                .and_then(
                    [&](Opened opened) { return readOpened(std::move(opened), name, options, counting); });
        before += member.packedSize;
        anyRead = anyRead || status || begun;
        if (status)
            continue;
        if (begun || !concernsMemberOnly(status.error().code))
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
    // What could not be read of an otherwise good archive is told as rejects, so that nothing is lost in
    // silence.
    ParsedBatch rest;
    rest.bytesDone = before;
    rest.read = passedOver.size();
    for (const auto &error : passedOver)
        rest.rejects.push_back({error.subject, 0, 0, 0, "notRecognised", error.detail, {}});
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

Result<Format> recognise(const std::filesystem::path &file)
{
    return guarded(file, [&]() -> Result<Format> {
        if (file == "-")
            return fail(Code::Unsupported, "-", "standard input is recognised while it is read");
        const auto shapeOf = [](Opened opened) -> Result<Format> {
            auto shape = examine(opened.source->head(), opened.source->isWhole(), std::nullopt);
            return shape ? Result<Format>(shape->format) : tl::unexpected(shape.error());
        };
        auto source = openFile(file);
        if (!source)
            return tl::unexpected(source.error());
        Result<Format> format = fail(Code::Malformed, {}, "the archive is empty");
        if (isZip(file)) {
            auto zip = ZipArchive::open(file);
            if (!zip)
                return tl::unexpected(zip.error());
            for (const auto &member : (*zip)->members()) {
                auto found = (*zip)->open(member, 0).and_then(openText).and_then(shapeOf);
                if (found)
                    return found;
                if (format.error().code != Code::Unrecognised)
                    format = found;
            }
        } else {
            format = openText(std::move(*source)).and_then(shapeOf);
        }
        return format ? format : Result<Format>(about(file.string(), format.error()));
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
        if (looksLikeZip(opened->source->head()))
            return fail(Code::Unsupported, file.string(),
                        "a zip cannot be read from a pipe; unpack it or name the file");
        return readOpened(std::move(*opened), file.string(), options, sink);
    });
}

} // namespace riskdesk::ingest
