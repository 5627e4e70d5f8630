#include "core/import/import_run.h"

#include "core/action/ageing.h"
#include "core/base/open_files.h"
#include "core/base/prefetcher.h"
#include "core/base/text.h"
#include "core/examine/encoder.h"
#include "core/examine/row_preparer.h"
#include "core/examine/seen_set.h"
#include "core/examine/stored_sign_ins.h"
#include "core/import/block_writer.h"
#include "core/import/row_feed.h"
#include "core/import/staging.h"
#include "core/ledger/audit.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace riskdesk::run {
namespace {

constexpr auto betweenReports = std::chrono::milliseconds(100);

class Reporter
{
public:
    explicit Reporter(const ProgressSink &sink)
        : m_sink(sink)
    {}
    void tell(std::string_view phase, std::uint64_t done, std::uint64_t total, bool now = false)
    {
        const auto time = std::chrono::steady_clock::now();
        if (!m_sink || (!now && time - m_last < betweenReports))
            return;
        m_last = time;
        m_sink({phase, done, total});
    }

private:
    const ProgressSink &m_sink;
    std::chrono::steady_clock::time_point m_last{};
};

class ImportRun
{
public:
    ImportRun(Directory &directory, const ImportOptions &options, const Clock &clock, std::stop_token stop,
              const ProgressSink &progress)
        : m_directory(directory)
        , m_connection(directory.connection())
        , m_options(options)
        , m_clock(clock)
        , m_stop(std::move(stop))
        , m_reporter(progress)
        , m_staging(directory.file())
    {}

    Result<ImportSummary> run(const std::vector<std::filesystem::path> &files);

private:
    Status read(const std::vector<std::filesystem::path> &named);
    Status readFolder(const std::filesystem::path &folder);
    Result<Status> readFile(const std::filesystem::path &file, const std::string &name);
    Status take(ingest::ParsedBatch &&batch, const std::string &file);
    Status take(PreparedRows &prepared);
    Status detect();
    Status examineAll(RowFeed &feed);

    Directory &m_directory;
    store::Connection &m_connection;
    const ImportOptions &m_options;
    const Clock &m_clock;
    std::stop_token m_stop;
    Reporter m_reporter;
    Staging m_staging;
    store::ImportLease *m_lease = nullptr;
    std::unique_ptr<BlockWriter> m_writer;
    std::unique_ptr<Encoder> m_encoder;
    SeenSet m_seen;
    ImportSummary m_summary;
    std::uint64_t m_bytesBefore = 0, m_bytesTotal = 0;
    std::string m_unfinished; // the file of the last page read, when that names a next one
    std::int64_t m_first = endOfTime, m_last = beginningOfTime;
};

Status ImportRun::take(PreparedRows &prepared)
{
    m_encoder->encode(prepared);
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

Status ImportRun::take(ingest::ParsedBatch &&batch, const std::string &file)
{
    m_summary.read += batch.read;
    m_summary.notSignIns += batch.notSignIns;
    m_summary.warnings += batch.warnings;
    m_summary.rejected += batch.rejected();
    if (batch.prepared)
        if (auto ok = take(*static_cast<PreparedRows *>(batch.prepared.get())); !ok)
            return ok;
    for (const auto &user : batch.users)
        ++(m_writer->users().apply(user) ? m_summary.stored : m_summary.duplicates);
    for (const auto &detection : batch.providerDetections)
        m_writer->keep(detection);
    for (const auto &user : batch.providerRiskyUsers)
        m_writer->keep(user);
    for (const auto &password : batch.passwords)
        m_writer->keep(password);
    for (auto &reject : batch.rejects) {
        if (reject.file.empty())
            reject.file = file;
        m_writer->keep(std::move(reject), file);
    }
    for (const auto &more : batch.moreRejects)
        m_writer->count(more, file);
    m_summary.undecidedDates += batch.undecidedDates;
    m_summary.notices.insert(m_summary.notices.end(), batch.notices.begin(), batch.notices.end());
    if (batch.morePages)
        m_unfinished = *batch.morePages ? file : std::string();
    m_reporter.tell("read", m_bytesBefore + batch.bytesDone, m_bytesTotal);
    if (auto ok = m_writer->writeKept(m_summary); !ok)
        return ok;
    return m_lease->heartbeat();
}

std::uint64_t sizeOf(const std::filesystem::path &file)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) ? std::filesystem::file_size(file, ignored) : 0;
}

// The outer error is ours and ends the run, the inner one the file's.
Result<Status> ImportRun::readFile(const std::filesystem::path &file, const std::string &name)
{
    m_encoder->setSource(name);
    ingest::ReadOptions options;
    options.threads = m_options.threads;
    options.format = m_options.format;
    options.zoneMinutes = m_options.zoneMinutes;
    options.dates = m_options.dates;
    options.stop = m_stop;
    options.preparer = [] { return std::make_unique<RowPreparer>(); };
    Status taken;
    auto ok = ingest::readFile(file, options, [&](ingest::ParsedBatch &&batch) {
        taken = take(std::move(batch), name);
        return taken;
    });
    m_bytesBefore += sizeOf(file);
    if (!taken)
        return tl::unexpected(taken.error());
    if (!ok && ok.error().code == Code::Cancelled)
        return tl::unexpected(ok.error());
    return ok;
}

// Like an archive: a file that is no log keeps nobody from reading the others.
Status ImportRun::readFolder(const std::filesystem::path &folder)
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

Status ImportRun::read(const std::vector<std::filesystem::path> &named)
{
    for (const auto &path : named)
        m_bytesTotal += sizeOf(path);
    for (const auto &path : named) {
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

Status ImportRun::detect()
{
    if (auto ok = m_staging.begin(); !ok)
        return ok;
    // The feed looks into the store while a block is being written.
    const bool beside = m_options.threads > 1;
    std::optional<store::Connection> reader;
    if (beside) {
        auto opened = store::Connection::open(m_connection.file(), store::Connection::Mode::Read);
        if (!opened)
            return tl::unexpected(opened.error());
        reader = std::move(*opened);
    }
    RowFeed feed(m_staging, StoredKeys(reader ? *reader : m_connection, m_first, m_last), m_writer->users(),
                 m_writer->sightings(), m_options.rowsPerBlock);
    for (bool found = false; !found;) {
        const auto sought = feed.seek();
        if (!sought)
            return tl::unexpected(sought.error());
        found = *sought;
        if (auto ours = m_lease->heartbeat(); !ours)
            return ours;
    }

    // A run that reaches back at most an hour goes back to the rewind point and plays again what followed it.
    const auto *fresh = feed.first();
    const auto watermark = m_writer->watermark();
    const std::int64_t lateBefore = watermark ? watermark->at - DetectorMemory::reachBackUs : beginningOfTime;
    if (fresh != nullptr && watermark && m_last >= lateBefore && fresh->at <= watermark->at) {
        auto rows = m_writer->rewind();
        if (!rows)
            return tl::unexpected(rows.error());
        feed.setReplay(std::move(*rows));
    }
    feed.setLateBefore(lateBefore);
    if (auto ok = m_writer->start(beside); !ok)
        return ok;
    const auto examined = examineAll(feed);
    const auto settled = m_writer->settle(m_summary); // nobody but us uses the store from here
    if (!examined || !settled)
        return examined ? settled : examined;
    if (auto finished = m_writer->finish(m_summary); !finished)
        return finished;
    m_reporter.tell("detect", m_staging.rows(), m_staging.rows(), true);
    return {};
}

Status ImportRun::examineAll(RowFeed &feed)
{
    constexpr std::size_t batchesAhead = 4;
    Prefetcher<RowBatch> batches(m_options.threads > 1, batchesAhead,
                                 [&feed](RowBatch &batch) { return feed.fill(batch); });
    std::uint64_t done = 0;
    bool wholeBlocks = false; // a cancelled run leaves nothing else
    for (RowBatch batch; batches.next(batch);) {
        if (!batch.status)
            return batch.status;
        if (wholeBlocks && m_stop.stop_requested())
            return fail(Code::Cancelled, m_directory.file().string());
        m_summary.duplicates += batch.duplicates;
        if (batch.duplicates > 0)
            m_writer->beat();
        m_writer->examine(batch.rows);
        const auto fresh = static_cast<std::uint64_t>(
            std::count_if(batch.rows.begin(), batch.rows.end(), [](const FedRow &row) { return row.fresh; }));
        m_summary.stored += fresh;
        done += fresh;
        m_reporter.tell("detect", done, m_staging.rows());
        wholeBlocks = batch.endsBlock;
        if (batch.endsBlock)
            if (auto ok = m_writer->endBlock(std::move(batch.newAddresses), m_summary); !ok)
                return ok;
    }
    return {};
}

Result<ImportSummary> ImportRun::run(const std::vector<std::filesystem::path> &files)
{
    const auto begun = std::chrono::steady_clock::now();
    auto lease = store::ImportLease::take(m_connection, "import");
    if (!lease)
        return tl::unexpected(lease.error());
    auto enricher = loadEnricher(m_connection, m_summary.warningsAboutLists);
    if (!enricher)
        return tl::unexpected(enricher.error());
    auto writer = BlockWriter::open(m_directory, std::move(*enricher), m_clock);
    if (!writer)
        return tl::unexpected(writer.error());
    m_writer = std::move(*writer);
    m_encoder = std::make_unique<Encoder>(m_writer->dictionaries(), m_writer->users());

    std::string names;
    for (const auto &file : files)
        names += (names.empty() ? "" : "\x1f") + file.filename().string();
    store::Statement begin(m_connection,
                           "INSERT INTO import_run (started_at, files) VALUES (?1, ?2) RETURNING id");
    begin.bind(m_clock.now(), names);
    if (!begin.step())
        return tl::unexpected(begin.error());
    m_summary.run = begin.int64(0);
    if (auto committed = begin.run(); !committed)
        return tl::unexpected(committed.error());
    if (auto others = interruptRuns(m_connection, m_summary.run); !others)
        return tl::unexpected(others.error());
    m_writer->setRun(m_summary.run);
    m_writer->setLease(&*lease);
    m_lease = &*lease;

    auto ok = read(files);
    if (ok)
        ok = detect();
    if (ok)
        if (auto aged = action::ageLowDetections(m_connection, m_clock, m_stop); !aged)
            ok = tl::unexpected(aged.error());
    if (auto stale = staleLists(m_connection, m_clock))
        m_summary.notices.insert(m_summary.notices.end(), stale->begin(), stale->end());
    else if (ok)
        ok = tl::unexpected(stale.error());
    m_summary.cancelled = !ok && ok.error().code == Code::Cancelled;
    m_summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (auto counted = m_writer->usersAtRisk())
        m_summary.usersAtRisk = *counted;
    const std::string_view outcome = ok ? "done" : m_summary.cancelled ? "cancelled" : "failed";
    auto transaction = store::Transaction::begin(m_connection);
    if (transaction) {
        const auto &s = m_summary;
        ledger::AuditRecord record;
        record.actor = m_options.actor;
        record.via = m_options.via;
        record.action = "import";
        record.target = names;
        std::replace(record.target.begin(), record.target.end(), '\x1f', ' ');
        record.after =
            fmt::format("{}: {} read, {} stored, {} detections", outcome, s.read, s.stored, s.detections);
        const auto written =
            store::Statement(
                m_connection,
                "UPDATE import_run SET finished_at=?2, outcome=?3, read=?4, stored=?5, duplicates=?6, "
                "not_sign_ins=?7, rejected=?8, warnings=?9, detections=?10, users_at_risk=?11, seconds=?12 "
                "WHERE id=?1")
                .bind(s.run, m_clock.now(), outcome, s.read, s.stored, s.duplicates, s.notSignIns, s.rejected,
                      s.warnings, s.detections, s.usersAtRisk, s.seconds)
                .run();
        if (written && ledger::appendAudit(m_connection, m_clock, record))
            (void)transaction->commit(); // the run's own outcome is what counts
    }
    if (!ok && !m_summary.cancelled)
        return tl::unexpected(ok.error());
    return m_summary;
}

} // namespace

std::string ImportSummary::toJson() const
{
    std::string said;
    for (const auto &notice : notices)
        said += (said.empty() ? "" : ",") + jsonString(notice);
    return fmt::format(
        "{{\"read\":{},\"stored\":{},\"duplicates\":{},\"notSignIns\":{},\"rejected\":{},\"detections\":{},"
        "\"usersAtRisk\":{},\"seconds\":{:.3f},\"eventsPerSecond\":{:.0f},\"notices\":[{}]}}",
        read, stored, duplicates, notSignIns, rejected, detections, usersAtRisk, seconds, eventsPerSecond(),
        said);
}

Result<ImportSummary> importFiles(Directory &directory, const std::vector<std::filesystem::path> &files,
                                  const ImportOptions &options, const Clock &clock, std::stop_token stop,
                                  const ProgressSink &progress)
{
    return ImportRun(directory, options, clock, std::move(stop), progress).run(files);
}

} // namespace riskdesk::run
