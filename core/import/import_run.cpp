#include "core/import/import_run.h"

#include "core/action/operators.h"
#include "core/base/prefetcher.h"
#include "core/base/serial_executor.h"
#include "core/base/text.h"
#include "core/examine/user_book.h"
#include "core/examine/user_counters.h"
#include "core/import/committer.h"
#include "core/import/examiner.h"
#include "core/import/kept_records.h"
#include "core/import/log_reading.h"
#include "core/import/progress_reporter.h"
#include "core/import/row_feed.h"
#include "core/import/staging.h"
#include "core/ledger/ageing.h"
#include "core/ledger/audit.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/replay/settle.h"
#include "core/retain/retention.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace riskdesk::run {
namespace {

// A million rows: what a reader may miss of the users' counts while a run goes on, or after it was killed.
constexpr std::size_t blocksPerCount = 4;

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

    Result<ImportSummary> run(const ImportInput &input);

private:
    Status read(const ImportInput &input);
    Status commitKept();
    void addCounts();
    Status detect();
    Status start(bool hasWriter, bool judges);
    Status examineAll(RowFeed &feed);
    Status endBlock(RowBatch &batch);
    Status drain();
    Status finishKilled();
    Status settleAgain();
    Status removeOld(store::ImportLease &lease);

    Directory &m_directory;
    store::Connection &m_connection;
    const ImportOptions &m_options;
    const Clock &m_clock;
    std::stop_token m_stop;
    ProgressReporter m_reporter;
    Staging m_staging;
    store::ImportLease *m_lease = nullptr;
    std::unique_ptr<Examiner> m_examiner;
    std::unique_ptr<Committer> m_committer;
    std::optional<KeptRecords> m_kept;
    ImportSummary m_summary;
    std::size_t m_uncountedBlocks = 0;
    std::int64_t m_first = endOfTime, m_last = beginningOfTime; // of the staged rows
    std::unique_ptr<SerialExecutor> m_writing; // last: its thread ends before what its tasks use
};

Result<std::uint64_t> usersAtRisk(store::Connection &connection)
{
    store::Statement count(connection, "SELECT count(*) FROM user_risk WHERE state IN (?1, ?2)");
    count.bind(RiskState::AtRisk, RiskState::ConfirmedCompromised);
    if (!count.step())
        return tl::unexpected(count.error());
    return static_cast<std::uint64_t>(count.int64(0));
}

Status ImportRun::read(const ImportInput &input)
{
    LogReading reading(m_options, m_stop, m_reporter,
                       {m_examiner->users(), m_examiner->dictionaries(), *m_kept, m_staging}, m_summary,
                       [this] {
                           if (m_kept->isMuch())
                               if (auto ok = commitKept(); !ok)
                                   return ok;
                           return m_lease->heartbeat();
                       });
    auto ok = reading.read(input);
    m_first = reading.first();
    m_last = reading.last();
    return ok;
}

// While files are read nothing else writes, so it needs no thread of its own.
Status ImportRun::commitKept()
{
    auto provider = m_kept->takeProviderRecords();
    auto ok = m_committer->commit(m_examiner->users().takeChanges(), m_examiner->dictionaries().takeNew(),
                                  provider);
    m_kept->giveBack(std::move(provider));
    if (ok)
        addCounts();
    return ok;
}

void ImportRun::addCounts()
{
    auto counts = m_committer->takeCounts();
    m_summary.stored += counts.stored;
    m_summary.duplicates += counts.duplicates;
    m_summary.detections += counts.detections;
    m_summary.silenced += counts.silenced;
    std::ranges::move(counts.notices, std::back_inserter(m_summary.notices));
}

Status ImportRun::detect()
{
    if (auto ok = m_staging.begin(); !ok)
        return ok;
    // The feed looks into the store while a block is being written.
    const bool hasWriter = m_options.threads > 1;
    std::optional<store::Connection> reader;
    if (hasWriter) {
        auto opened = store::Connection::open(m_connection.file(), store::Connection::Mode::Read);
        if (!opened)
            return tl::unexpected(opened.error());
        reader = std::move(*opened);
    }
    RowFeed feed(m_staging, StoredKeys(reader ? *reader : m_connection, m_first, m_last), m_examiner->users(),
                 m_examiner->enrichment(), m_options.rowsPerBlock, m_last);
    for (bool found = false; !found;) {
        const auto sought = feed.seek();
        if (!sought)
            return tl::unexpected(sought.error());
        found = *sought;
        if (auto ours = m_lease->heartbeat(); !ours)
            return ours;
    }

    // What comes behind all that was examined is judged as it is stored. Where something comes before it, all of
    // the run is stored first, and then settled with what follows it.
    const auto *fresh = feed.first();
    const auto watermark = m_examiner->watermark();
    const auto unsettled = unsettledFrom(m_connection);
    if (!unsettled)
        return tl::unexpected(unsettled.error());
    const bool judges = !m_directory.info().trial && !*unsettled && !m_examiner->users().changesThePast() &&
                        (fresh == nullptr || !watermark || !watermark->covers(*fresh));
    if (auto ok = start(hasWriter, judges); !ok)
        return ok;
    const auto examined = examineAll(feed);
    const auto written = drain(); // nobody but us uses the store from here
    if (!examined && examined.error().code == Code::Cancelled && written)
        if (auto counted = m_committer->countUsers(); !counted)
            return counted;
    if (!examined || !written)
        return examined ? written : examined;
    if (auto ok = m_committer->finish(m_kept->takePasswords({}), m_examiner->crowd()); !ok)
        return ok;
    addCounts();
    if (const auto unjudged = m_examiner->unjudged(); unjudged > 0)
        m_summary.notices.push_back(
            fmt::format("{} from {} or before, where older ones were deleted; {} stored and not judged.",
                        unjudged == 1 ? "A sign-in is" : fmt::format("{} sign-ins are", unjudged),
                        Timestamp{m_examiner->judgesBehind()}.toIso(), unjudged == 1 ? "it is" : "they are"));
    m_reporter.tell("detect", m_staging.rows(), m_staging.rows(), true);
    return {};
}

Status ImportRun::start(bool hasWriter, bool judges)
{
    m_writing = std::make_unique<SerialExecutor>(hasWriter);
    Examiner::How how;
    how.judges = judges;
    how.hasWriter = hasWriter;
    how.sink = [this](SegmentRows &&given) {
        m_writing->run([this, rows = std::make_shared<const SegmentRows>(std::move(given))] {
            m_committer->take(*rows);
            return Status();
        });
    };
    return m_examiner->start(m_connection, std::move(how));
}

// Waits until all that was handed over is written.
Status ImportRun::drain()
{
    auto ok = m_writing->drain();
    addCounts();
    m_examiner->committed();
    return ok;
}

// Hands over what was examined since the last block, to be written in one transaction. A failure to write may
// show only here, or when all is settled.
Status ImportRun::endBlock(RowBatch &batch)
{
    if (auto ok = drain(); !ok)
        return ok;
    Examiner::Ends ends;
    ends.savesMemory = batch.savesMemory || m_examiner->holdsMuch();
    ends.countsUsers = batch.isLast || ++m_uncountedBlocks == blocksPerCount;
    ends.newest = m_last;
    if (ends.countsUsers)
        m_uncountedBlocks = 0;
    auto taken = m_examiner->takeBlock(ends);
    if (!taken)
        return tl::unexpected(taken.error());
    auto block = std::make_shared<Block>(std::move(*taken));
    block->texts = std::move(batch.newTexts);
    block->newAddresses = std::move(batch.newAddresses);
    block->provider = m_kept->takeProviderRecords();
    block->rejects = m_kept->takeRejects();
    if (block->to)
        block->passwords = m_kept->takePasswords(Timestamp{block->to->at});
    // The memory is written piece by piece as it is, not as a copy: it is the largest thing there is.
    const bool rests = block->memory != nullptr;
    m_writing->run([this, block] { return m_committer->commit(std::move(*block)); });
    return rests ? drain() : Status();
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
            m_writing->run([this] { return m_committer->beat(); });
        m_examiner->examine(batch.rows);
        m_summary.stored += batch.rows.size();
        m_summary.signIns += batch.rows.size();
        done += batch.rows.size();
        m_reporter.tell("detect", done, m_staging.rows());
        wholeBlocks = batch.endsBlock;
        if (batch.endsBlock)
            if (auto ok = endBlock(batch); !ok)
                return ok;
    }
    return {};
}

// What came before something that had been examined; also what an earlier run left so.
Status ImportRun::settleAgain()
{
    const auto from = unsettledFrom(m_connection);
    if (!from)
        return tl::unexpected(from.error());
    if (!*from || m_directory.info().trial)
        return {};
    m_reporter.tell("settle", 0, 0, true);
    m_writing.reset(); // what they hold of the store is that of before
    m_committer.reset();
    m_kept.reset();
    m_examiner.reset();
    const auto settled = settle(m_directory, *m_lease, m_clock, m_stop,
                                [this](const Progress &p) { m_reporter.tell("settle", p.done, p.total); });
    if (!settled)
        return tl::unexpected(settled.error());
    m_summary.detections += settled->detections;
    m_summary.withdrawn += settled->withdrawn;
    m_summary.silenced += settled->silenced;
    std::ranges::copy(settled->notices, std::back_inserter(m_summary.notices));
    return {};
}

Status ImportRun::removeOld(store::ImportLease &lease)
{
    const auto removal = removeBySetting(m_connection, lease, m_clock, m_options.who, m_stop);
    if (!removal)
        return tl::unexpected(removal.error());
    if (removal->signIns > 0)
        m_summary.notices.push_back(
            fmt::format("{} sign-ins older than {} were deleted, as store.retainDays says.", removal->signIns,
                        removal->before->toIso()));
    return removal->cancelled ? Status(fail(Code::Cancelled, m_directory.file().string())) : Status();
}

// What whoever was killed left to the next one.
Status ImportRun::finishKilled()
{
    if (auto counted = countUncounted(m_connection); !counted)
        return counted;
    const auto unsettled = unsettledFrom(m_connection);
    if (!unsettled)
        return tl::unexpected(unsettled.error());
    if (*unsettled && !m_directory.info().trial)
        return {}; // settling does it
    const auto gone = removeUntoldUsers(m_connection);
    return gone ? Status() : tl::unexpected(gone.error());
}

Result<ImportSummary> ImportRun::run(const ImportInput &input)
{
    const auto begun = std::chrono::steady_clock::now();
    auto lease = store::ImportLease::take(m_connection, "import");
    if (!lease)
        return tl::unexpected(lease.error());
    if (auto finished = finishKilled(); !finished)
        return tl::unexpected(finished.error());
    auto enricher = loadEnricher(m_connection, m_summary.warningsAboutLists);
    if (!enricher)
        return tl::unexpected(enricher.error());
    auto examiner = Examiner::open(m_connection, std::move(*enricher), m_clock);
    if (!examiner)
        return tl::unexpected(examiner.error());
    m_examiner = std::move(*examiner);
    m_kept.emplace(m_examiner->users(), m_examiner->dictionaries());

    std::string names;
    for (const auto &part : input.parts)
        names += (names.empty() ? "" : "\x1f") + part.name;
    for (const auto &file : input.files)
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
    m_lease = &*lease;
    m_committer = std::make_unique<Committer>(
        m_connection, *lease, m_clock,
        Committer::Terms{m_summary.run, !m_directory.info().trial, m_examiner->enrichment().factsVersion()});

    auto ok = read(input);
    if (ok)
        ok = detect();
    if (ok)
        ok = settleAgain();
    if (ok)
        if (auto aged = ledger::ageLowDetections(m_connection, m_clock, m_stop); !aged)
            ok = tl::unexpected(aged.error());
    if (ok)
        ok = removeOld(*lease);
    if (auto stale = staleLists(m_connection, m_clock))
        m_summary.notices.insert(m_summary.notices.end(), stale->begin(), stale->end());
    else if (ok)
        ok = tl::unexpected(stale.error());
    m_summary.cancelled = !ok && ok.error().code == Code::Cancelled;
    m_summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (auto counted = usersAtRisk(m_connection))
        m_summary.usersAtRisk = *counted;
    const std::string_view outcome = ok ? "done" : m_summary.cancelled ? "cancelled" : "failed";
    auto transaction = store::Transaction::begin(m_connection);
    if (transaction) {
        const auto &s = m_summary;
        auto record = ledger::recordBy(m_options.who);
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
        "{{\"import\":{},\"read\":{},\"stored\":{},\"duplicates\":{},\"notSignIns\":{},\"rejected\":{},"
        "\"detections\":{},"
        "\"withdrawn\":{},\"usersAtRisk\":{},\"seconds\":{:.3f},\"eventsPerSecond\":{:.0f},\"notices\":[{}]}"
        "}",
        run, read, stored, duplicates, notSignIns, rejected, detections, withdrawn, usersAtRisk, seconds,
        eventsPerSecond(), said);
}

Result<ImportSummary> importFiles(Directory &directory, const std::vector<std::filesystem::path> &files,
                                  const ImportOptions &options, const Clock &clock, std::stop_token stop,
                                  const ProgressSink &progress)
{
    return importLogs(directory, {files, {}}, options, clock, std::move(stop), progress);
}

Result<ImportSummary> importLogs(Directory &directory, const ImportInput &input, const ImportOptions &options,
                                 const Clock &clock, std::stop_token stop, const ProgressSink &progress)
{
    if (auto ok = action::allowedNow(directory.connection(), options.who, Permission::Import); !ok)
        return tl::unexpected(ok.error());
    return ImportRun(directory, options, clock, std::move(stop), progress).run(input);
}

} // namespace riskdesk::run
