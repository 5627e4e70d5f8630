#include "core/run/reread.h"

#include "core/action/audit.h"
#include "core/run/intelligence.h"
#include "core/run/raise.h"
#include "core/run/stored_sign_ins.h"
#include "core/store/dictionary.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace riskdesk::run {
namespace {

constexpr std::int64_t dayUs = std::int64_t{86'400} * 1'000'000;

class Reread
{
public:
    Reread(Directory &directory, const Clock &clock, enrich::Enricher enricher, UserBook users,
           DetectorMemory memory, const detect::Tuning &tuning)
        : m_connection(directory.connection())
        , m_clock(clock)
        , m_enricher(std::move(enricher))
        , m_users(std::move(users))
        , m_memory(std::move(memory))
        , m_sightings(m_dictionaries, m_users, m_enricher)
        , m_engine(tuning, m_nothing, m_sightings)
    {}

    Status load();
    Status examine(double days, std::stop_token stop, const ProgressSink &progress,
                   store::ImportLease &lease);
    Status write();
    [[nodiscard]] const RereadSummary &summary() const { return m_summary; }

private:
    void take(const StoredRow &stored, std::int64_t since);

    store::Connection &m_connection;
    const Clock &m_clock;
    enrich::Enricher m_enricher;
    UserBook m_users;
    DetectorMemory m_memory;
    store::Dictionaries m_dictionaries;
    Sightings m_sightings;
    detect::NoState m_nothing;
    detect::Engine m_engine;
    std::set<EventKey> m_harmless; // judged so, and taught already

    std::optional<Position> m_anHourBack, m_last;
    SavedParts m_stateAnHourBack;
    std::vector<action::RaisedDetection> m_raised;
    std::vector<SignInRow> m_withheld;
    RereadSummary m_summary;
};

Status Reread::load()
{
    if (auto ok = m_dictionaries.load(m_connection); !ok)
        return ok;
    // What still waits in `withheld` teaches with the next import, as it would have without us.
    store::Statement judged(m_connection, "SELECT event_key FROM sign_in_risk WHERE state IN (?1, ?2) AND "
                                          "event_key NOT IN (SELECT event_key FROM withheld)");
    judged.bind(RiskState::Dismissed, RiskState::ConfirmedSafe);
    while (judged.step()) {
        EventKey key{};
        const auto blob = judged.blob(0);
        std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
        m_harmless.insert(key);
    }
    return judged.ok() ? Status() : tl::unexpected(judged.error());
}

void Reread::take(const StoredRow &stored, std::int64_t since)
{
    auto sighting = m_sightings.make(stored.row);
    sighting.late = stored.late;
    const auto &examination = m_engine.examine(sighting);
    for (const auto &finding : examination.findings) {
        if (finding.sighting.row.at < since)
            continue;
        m_raised.push_back(raisedDetection(finding, m_sightings, m_users, m_clock.now()));
        m_raised.back().detection.timing = DetectionTiming::Offline;
    }
    if (!examination.withheld)
        return;
    if (m_harmless.contains(stored.row.eventKey))
        m_engine.teach(sighting);
    else
        m_withheld.push_back(stored.row);
}

Status Reread::examine(double days, std::stop_token stop, const ProgressSink &progress,
                       store::ImportLease &lease)
{
    m_last = m_memory.watermark();
    if (!m_last)
        return {};
    const auto since = m_last->at - static_cast<std::int64_t>(days * static_cast<double>(dayUs));
    const auto hourBack = m_last->at - DetectorMemory::reachBackUs;
    SignInStream stream(m_connection);
    std::optional<Position> before;
    for (StoredRow stored;;) {
        auto more = stream.next(stored);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        // The rewind point of the next import: what the memory was an hour before the newest sign-in.
        if (!m_anHourBack && before && stored.row.at > hourBack) {
            m_anHourBack = before;
            m_engine.save(m_stateAnHourBack);
        }
        take(stored, since);
        before = Position{stored.row.at, stored.row.eventKey};
        if ((++m_summary.signIns & 0xfff) != 0)
            continue;
        if (stop.stop_requested())
            return fail(Code::Cancelled, m_connection.file().string());
        if (progress)
            progress({"detect", m_summary.signIns, stream.total()});
        if (auto ok = lease.heartbeat(); !ok)
            return ok;
    }
    return {};
}

Status Reread::write()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    Status ok = m_sightings.write(m_connection, m_sightings.takeNewAddresses());
    if (ok)
        ok = m_sightings.flushDictionaries(m_connection);
    if (ok) {
        std::stable_sort(m_raised.begin(), m_raised.end(),
                         [](const auto &a, const auto &b) { return a.detection.at < b.detection.at; });
        auto counts = action::RiskWriter(m_connection, m_clock).raise(std::move(m_raised));
        if (!counts)
            return tl::unexpected(counts.error());
        m_summary.detections = counts->detections;
        ok = writeWithheld(m_connection, m_withheld);
    }
    if (ok)
        ok = writeCampaigns(m_connection, m_engine.takeCampaigns());
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
    if (ok) {
        action::AuditRecord record;
        record.action = "intelReread";
        record.after = fmt::format("{} sign-ins, {} detections", m_summary.signIns, m_summary.detections);
        ok = action::appendAudit(m_connection, m_clock, record);
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
    auto users = UserBook::load(connection);
    auto memory = DetectorMemory::open(connection);
    auto tuned = tuning(connection);
    if (!enricher || !users || !memory || !tuned)
        return tl::unexpected(!enricher ? enricher.error()
                              : !users  ? users.error()
                              : !memory ? memory.error()
                                        : tuned.error());
    Reread run(directory, clock, std::move(*enricher), std::move(*users), std::move(*memory), *tuned);
    Status ok = run.load();
    if (ok)
        ok = run.examine(*days, std::move(stop), progress, *lease);
    if (ok)
        ok = run.write();
    if (!ok)
        return tl::unexpected(ok.error());
    RereadSummary summary = run.summary();
    summary.warningsAboutLists = std::move(unusable);
    return summary;
}

} // namespace riskdesk::run
