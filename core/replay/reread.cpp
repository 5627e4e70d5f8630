#include "core/replay/reread.h"

#include "core/detect/event_time.h"
#include "core/examine/detector_memory.h"
#include "core/examine/memory_writer.h"
#include "core/examine/raise.h"
#include "core/examine/raise_in_order.h"
#include "core/ledger/audit.h"
#include "core/ledger/suppression.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/lists/own_traffic_census.h"
#include "core/lists/set_aside.h"
#include "core/replay/replay.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

class Reread
{
public:
    Reread(Directory &directory, const Clock &clock, std::unique_ptr<ReplayGround> ground,
           std::optional<Position> newest, const detect::Tuning &tuning, std::vector<SetAsideIndicator> aside)
        : m_connection(directory.connection())
        , m_clock(clock)
        , m_ground(std::move(ground))
        , m_memory(m_connection)
        , m_engine(m_ground->engine(tuning))
        , m_last(newest)
        , m_aside(std::move(aside))
    {}

    Status examine(double days, std::stop_token stop, const ProgressSink &progress,
                   store::ImportLease &lease);
    Status write();
    [[nodiscard]] const RereadSummary &summary() const { return m_summary; }

private:
    void take(const detect::EnrichedSignIn &signIn, const detect::Examination &examination, bool taught,
              std::int64_t since);

    store::Connection &m_connection;
    const Clock &m_clock;
    std::unique_ptr<ReplayGround> m_ground;
    MemoryWriter m_memory;
    detect::Engine m_engine;

    std::optional<Position> m_last, m_anHourBack;
    SavedParts m_stateAnHourBack;
    std::vector<ledger::RaisedDetection> m_raised;
    std::vector<SignInRow> m_withheld;
    std::vector<SetAsideIndicator> m_aside;
    RereadSummary m_summary;
};

void Reread::take(const detect::EnrichedSignIn &signIn, const detect::Examination &examination, bool taught,
                  std::int64_t since)
{
    for (const auto &finding : examination.findings) {
        if (finding.signIn.row.at < since)
            continue;
        m_raised.push_back(
            raisedDetection(finding, m_ground->enrichment(), m_ground->users(), m_clock.now()));
        m_raised.back().detection.timing = DetectionTiming::Offline;
    }
    if (examination.withheld && !taught)
        m_withheld.push_back(signIn.row);
}

Status Reread::examine(double days, std::stop_token stop, const ProgressSink &progress,
                       store::ImportLease &lease)
{
    if (!m_last)
        return {};
    const auto since = m_last->at - static_cast<std::int64_t>(days * static_cast<double>(detect::dayUs));
    const auto hourBack = m_last->at - DetectorMemory::reachBackUs;
    std::optional<Position> before;
    // The rewind point of the next import: what the memory was an hour before the newest sign-in.
    const auto keepAnHourBack = [&](const detect::EnrichedSignIn &signIn) {
        if (!m_anHourBack && before && signIn.row.at > hourBack) {
            m_anHourBack = before;
            m_engine.save(m_stateAnHourBack);
        }
        before = Position{signIn.row.at, signIn.row.eventKey};
        return true;
    };
    const ReplaySeat seat{*m_ground, m_engine, keepAnHourBack,
                          [&](const auto &signIn, const auto &examination, bool taught) {
                              take(signIn, examination, taught, since);
                          }};
    auto played =
        replay(m_connection, {&seat, 1}, {std::move(stop), progress, [&lease] { return lease.heartbeat(); }});
    if (!played)
        return tl::unexpected(played.error());
    m_summary.signIns = *played;
    return {};
}

Status Reread::write()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto &enrichment = m_ground->enrichment();
    Status ok = writeAddressFacts(m_connection, enrichment.takeNewAddresses(), enrichment.factsVersion());
    if (ok)
        ok = store::writeTexts(m_connection, enrichment.takeNewTexts());
    if (ok) {
        std::stable_sort(m_raised.begin(), m_raised.end(),
                         [](const auto &a, const auto &b) { return a.detection.at < b.detection.at; });
        const auto silenced = silence(m_connection, m_clock, m_raised);
        if (!silenced)
            return tl::unexpected(silenced.error());
        m_summary.silenced = *silenced;
        auto counts = raiseInOrder(m_connection, m_clock, std::move(m_raised), {});
        if (!counts)
            return tl::unexpected(counts.error());
        m_summary.detections = counts->detections;
        ok = settlePasswords(m_connection, m_clock);
        if (ok)
            ok = writeWithheld(m_connection, m_withheld);
    }
    if (ok)
        ok = writeCampaigns(m_connection, m_engine.takeCampaigns());
    if (ok) {
        for (auto &one : m_engine.takeSetAside())
            m_aside.push_back(std::move(one));
        auto said = setOwnTrafficAside(m_connection, m_clock, m_aside);
        if (!said)
            return tl::unexpected(said.error());
        m_summary.notices = std::move(*said);
    }
    if (ok && m_last) {
        ok = m_memory.forget();
        if (ok && m_anHourBack) {
            ok = m_memory.beginBlock({}, *m_anHourBack);
            m_stateAnHourBack.writeTo(m_memory);
            if (ok)
                ok = m_memory.endBlock(*m_anHourBack);
        }
        if (ok)
            ok = m_memory.beginBlock(m_anHourBack, *m_last);
        m_engine.save(m_memory);
        if (ok)
            ok = m_memory.endBlock(*m_last);
    }
    if (ok)
        ok = setReread(m_connection, m_clock.now());
    if (ok) {
        ledger::AuditRecord record;
        record.action = "intelReread";
        record.after = fmt::format("{} sign-ins, {} detections", m_summary.signIns, m_summary.detections);
        ok = ledger::appendAudit(m_connection, m_clock, record);
    }
    if (ok)
        ok = transaction->commit();
    if (!ok)
        return ok;
    store::Statement count(m_connection, "SELECT count(*) FROM user_risk WHERE state IN (?1, ?2)");
    count.bind(RiskState::AtRisk, RiskState::ConfirmedCompromised);
    if (count.step())
        m_summary.usersAtRisk = static_cast<std::uint64_t>(count.int64(0));
    return count.ok() ? Status() : tl::unexpected(count.error());
}

} // namespace

Result<RereadSummary> reread(Directory &directory, const Clock &clock, std::stop_token stop,
                             const ProgressSink &progress)
{
    auto &connection = directory.connection();
    const auto days = setting(connection, "intelligence.rereadDays");
    if (!days)
        return tl::unexpected(days.error());
    RereadSummary nothing;
    if (*days == 0 || directory.info().trial)
        return nothing;
    auto lease = store::ImportLease::take(connection, "intelligence");
    if (!lease)
        return tl::unexpected(lease.error());
    std::vector<Error> unusable;
    auto enricher = loadEnricher(connection, unusable);
    auto memory = DetectorMemory::open(connection);
    auto tuned = tuning(connection);
    if (!enricher || !memory || !tuned)
        return tl::unexpected(!enricher ? enricher.error() : !memory ? memory.error() : tuned.error());
    auto ground = ReplayGround::load(connection, std::move(*enricher));
    if (!ground)
        return tl::unexpected(ground.error());
    std::vector<SetAsideIndicator> aside;
    const auto newest = memory->watermark();
    if (newest) {
        auto own = ownTraffic(connection, (*ground)->enrichment(), *tuned, *newest, stop);
        if (!own)
            return tl::unexpected(own.error());
        aside = std::move(*own);
    }
    if (!aside.empty()) { // begin again with lists that know it
        unusable.clear();
        auto guarded = loadEnricher(connection, unusable, aside);
        if (!guarded)
            return tl::unexpected(guarded.error());
        ground = ReplayGround::load(connection, std::move(*guarded));
        if (!ground)
            return tl::unexpected(ground.error());
    }
    Reread run(directory, clock, std::move(*ground), newest, *tuned, std::move(aside));
    Status ok = run.examine(*days, std::move(stop), progress, *lease);
    if (ok)
        ok = run.write();
    if (!ok)
        return tl::unexpected(ok.error());
    RereadSummary summary = run.summary();
    summary.warningsAboutLists = std::move(unusable);
    return summary;
}

} // namespace riskdesk::run
