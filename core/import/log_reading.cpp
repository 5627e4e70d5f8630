#include "core/import/log_reading.h"

#include "core/base/open_files.h"
#include "core/examine/row_preparer.h"
#include "core/examine/user_book.h"
#include "core/import/import_run.h"
#include "core/import/kept_records.h"
#include "core/import/progress_reporter.h"
#include "core/import/staging.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

std::uint64_t sizeOf(const std::filesystem::path &file)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) ? std::filesystem::file_size(file, ignored) : 0;
}

} // namespace

LogReading::LogReading(const ImportOptions &options, std::stop_token stop, ProgressReporter &reporter,
                       const Into &into, ImportSummary &summary, AfterBatch afterBatch)
    : m_options(options)
    , m_stop(std::move(stop))
    , m_reporter(reporter)
    , m_users(into.users)
    , m_kept(into.kept)
    , m_staging(into.staging)
    , m_summary(summary)
    , m_afterBatch(std::move(afterBatch))
    , m_encoder(into.dictionaries, into.users)
{}

Status LogReading::take(PreparedRows &prepared)
{
    m_encoder.encode(prepared);
    for (std::size_t i = 0; i < prepared.rows.size(); ++i) {
        constexpr std::size_t ahead = 8;
        if (i + ahead < prepared.rows.size())
            m_seen.expect(prepared.fingerprints[i + ahead]);
        if (!m_seen.insert(prepared.fingerprints[i])) {
            ++m_summary.duplicates;
            continue;
        }
        const auto &row = prepared.rows[i];
        m_first = std::min(m_first, row.at);
        m_last = std::max(m_last, row.at);
        if (auto ok = m_staging.add(row); !ok)
            return ok;
    }
    return {};
}

Status LogReading::take(ingest::ParsedBatch &&batch, const std::string &file)
{
    m_summary.read += batch.read;
    m_summary.notSignIns += batch.notSignIns;
    m_summary.warnings += batch.warnings;
    m_summary.rejected += batch.rejected();
    if (batch.prepared)
        if (auto ok = take(*static_cast<PreparedRows *>(batch.prepared.get())); !ok)
            return ok;
    for (const auto &user : batch.users)
        ++(m_users.apply(user) ? m_summary.stored : m_summary.duplicates);
    for (const auto &detection : batch.providerDetections)
        m_kept.keep(detection);
    for (const auto &user : batch.providerRiskyUsers)
        m_kept.keep(user);
    for (const auto &password : batch.passwords)
        m_kept.keep(password);
    for (auto &reject : batch.rejects) {
        if (reject.file.empty())
            reject.file = file;
        m_kept.keep(std::move(reject), file);
    }
    for (const auto &more : batch.moreRejects)
        m_kept.count(more, file);
    m_summary.undecidedDates += batch.undecidedDates;
    m_summary.notices.insert(m_summary.notices.end(), batch.notices.begin(), batch.notices.end());
    if (batch.morePages)
        m_unfinished = *batch.morePages ? file : std::string();
    m_reporter.tell("read", m_bytesBefore + batch.bytesDone, m_bytesTotal);
    if (auto ok = m_users.loaded(); !ok)
        return ok;
    return m_afterBatch();
}

Result<Status> LogReading::readFile(const std::filesystem::path &file, const std::string &name)
{
    return readNamed(
        name,
        [&](const ingest::ReadOptions &options, const ingest::BatchSink &sink) {
            return ingest::readFile(file, options, sink);
        },
        sizeOf(file));
}

// The outer error is ours and ends the run, the inner one the file's.
Result<Status> LogReading::readNamed(const std::string &name, const Reader &reader, std::uint64_t bytes)
{
    m_encoder.setSource(name);
    ingest::ReadOptions options;
    options.threads = m_options.threads;
    options.format = m_options.format;
    options.zoneMinutes = m_options.zoneMinutes;
    options.dates = m_options.dates;
    options.stop = m_stop;
    options.preparer = [] { return std::make_unique<RowPreparer>(); };
    Status taken;
    auto ok = reader(options, [&](ingest::ParsedBatch &&batch) {
        taken = take(std::move(batch), name);
        return taken;
    });
    m_bytesBefore += bytes;
    if (!taken)
        return tl::unexpected(taken.error());
    if (!ok && ok.error().code == Code::Cancelled)
        return tl::unexpected(ok.error());
    return ok;
}

// Like an archive: a file that is no log keeps nobody from reading the others.
Status LogReading::readFolder(const std::filesystem::path &folder)
{
    const auto files = ingest::filesIn(folder);
    if (!files) {
        m_summary.notRead.push_back(files.error());
        return {};
    }
    for (const auto &file : *files)
        m_bytesTotal += sizeOf(file);
    std::vector<Error> passedOver;
    bool anyRead = false;
    for (const auto &file : *files) {
        if (!mayRead(file, "a sign-in log")) // the open directory may well lie among its logs
            continue;
        const auto ok = readFile(file, file.lexically_relative(folder.parent_path()).string());
        if (!ok)
            return tl::unexpected(ok.error());
        anyRead = anyRead || *ok;
        if (!*ok && ingest::concernsFileOnly(ok->error().code))
            passedOver.push_back(ok->error());
        else if (!*ok)
            m_summary.notRead.push_back(ok->error());
    }
    if (!anyRead) {
        auto error = passedOver.empty()
                         ? Error{Code::Unrecognised, folder.string(), "there is no log in this folder"}
                         : std::move(passedOver.front());
        m_summary.notRead.push_back(std::move(error));
        return {};
    }
    ingest::ParsedBatch rest;
    for (const auto &error : passedOver)
        ingest::passOver(error, rest);
    return take(std::move(rest), folder.filename().string());
}

Status LogReading::read(const ImportInput &input)
{
    for (const auto &part : input.parts)
        m_bytesTotal += part.end - part.begin;
    for (const auto &path : input.files)
        m_bytesTotal += sizeOf(path);
    for (const auto &part : input.parts) {
        const auto ok = readNamed(
            part.name,
            [&](const ingest::ReadOptions &options, const ingest::BatchSink &sink) {
                return ingest::readPart(part, options, sink);
            },
            part.end - part.begin);
        if (!ok)
            return tl::unexpected(ok.error());
        if (!*ok)
            m_summary.notRead.push_back(ok->error());
    }
    for (const auto &path : input.files) {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) {
            if (auto ok = readFolder(std::filesystem::absolute(path / "", ignored).parent_path()); !ok)
                return ok;
            continue;
        }
        const auto ok = readFile(path, path.filename().string());
        if (!ok)
            return tl::unexpected(ok.error());
        if (!*ok)
            m_summary.notRead.push_back(ok->error());
    }
    if (!m_unfinished.empty())
        m_summary.notices.push_back(
            fmt::format("The last page in \"{}\" says that more follow; they are not among what was read.",
                        m_unfinished));
    m_reporter.tell("read", m_bytesTotal, m_bytesTotal, true);
    return {};
}

} // namespace riskdesk::run
