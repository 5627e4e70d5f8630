#include "core/replay/settle.h"

#include "core/detect/event_time.h"
#include "core/examine/detector_memory.h"
#include "core/examine/memory_writer.h"
#include "core/examine/raise.h"
#include "core/examine/raise_in_order.h"
#include "core/examine/settle_findings.h"
#include "core/examine/user_book.h"
#include "core/examine/user_counters.h"
#include "core/ledger/ageing.h"
#include "core/ledger/audit.h"
#include "core/ledger/former_findings.h"
#include "core/ledger/suppression.h"
#include "core/ledger/withheld_rows.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/replay/replay.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace riskdesk::run {
namespace {

enum class Why { Unsettled, ListsChanged, SettingsApply };
std::string auditWord(Why why)
{
    return why == Why::Unsettled ? "settle" : why == Why::ListsChanged ? "intelReread" : "settingsApply";
}

// What a run needs besides the rows, as it stands now.
struct Today
{
    std::vector<Error> unusable; // files of lists that are gone or broken
    std::unique_ptr<ReplayGround> ground;
    std::optional<DetectorMemory> memory;
    std::optional<Tunings> tunings;
    bool byToday = false;               // they are today's for all that is stored
    std::vector<SetAsideIndicator> own; // what the lists are told to be own traffic
    std::int64_t learntBy = beginningOfTime;
    std::int64_t rereadFrom = endOfTime; // findings of lists are settled from there on
};

// What a run looks at: with what the memory knows, or knew at a rewind point, or at the kept beginning, or with an empty
// one.
struct Beginning
{
    std::optional<Position> position; // none: before everything
    std::optional<RewindPoint> rewindTo;
    [[nodiscard]] bool isFirst() const { return !position || (rewindTo && rewindTo->isKept()); }
    std::int64_t after = beginningOfTime; // findings up to there stay as they are, new ones are left out
};

// What is stored of each campaign.
Result<std::map<std::string, std::string>> campaignRows(store::Connection &connection)
{
    std::map<std::string, std::string> rows;
    store::Statement row(
        connection,
        "SELECT c.id, json_array(scope, scope_text, opened, detected, last, attempts, failures, users, "
        "addresses, hits, bad_to_good, surprise_bits, evidence, (SELECT json_group_array(json_array("
        "user, attempts, successes, first, last)) FROM (SELECT * FROM campaign_target t WHERE "
        "t.campaign = c.id ORDER BY user))) FROM campaign c");
    while (row.step())
        rows.emplace(row.string(0), row.string(1));
    if (!row.ok())
        return tl::unexpected(row.error());
    return rows;
}

class SettleRun
{
public:
    SettleRun(Directory &directory, const Clock &clock, Today today, const Beginning &beginning)
        : m_connection(directory.connection())
        , m_clock(clock)
        , m_ground(std::move(today.ground))
        , m_memory(std::move(*today.memory))
        , m_writer(m_connection)
        , m_begin(beginning.position)
        , m_rewindTo(beginning.rewindTo)
        , m_isFirst(beginning.isFirst())
        , m_after(beginning.after)
        , m_learntBy(today.learntBy)
        , m_seenUpTo(m_memory.watermark())
        , m_tunings(std::move(*today.tunings))
        , m_reckonedOwn(std::move(today.own))
    {
        m_summary.warningsAboutLists = std::move(today.unusable);
    }

    Status examine(std::stop_token stop, const ProgressSink &progress, store::ImportLease &lease);
    // How many indicators were reckoned with as own traffic and are none by these sign-ins, or the other way round.
    [[nodiscard]] std::uint64_t wronglyReckoned() const;
    [[nodiscard]] std::vector<SetAsideIndicator> takeOwn() { return std::move(m_own); }
    Status write(Why why, const Operator *who);
    Status compare(); // as write() would, and nothing is kept
    [[nodiscard]] SettleSummary &summary() { return m_summary; }

private:
    void take(const detect::EnrichedSignIn &signIn, const detect::Examination &examination, bool taught);
    void noteUser(std::uint32_t user);
    Status noteForgetful();
    Status writeFindings();
    Status writeWithheldAnew();
    Status writeLearning();
    Status writeOwnTraffic();
    Status writeMemory();

    store::Connection &m_connection;
    const Clock &m_clock;
    std::unique_ptr<ReplayGround> m_ground;
    DetectorMemory m_memory;
    MemoryWriter m_writer;
    std::optional<Position> m_begin;
    std::optional<RewindPoint> m_rewindTo;
    bool m_isFirst; // there is nothing before that could be looked at
    std::int64_t m_after, m_learntBy;
    std::optional<Position> m_seenUpTo; // what had been examined before
    const Tunings m_tunings;
    std::optional<detect::Engine> m_engine;

    struct Saved
    {
        Position to;
        SavedParts parts;
    };
    std::optional<Position> m_last;
    std::vector<std::unique_ptr<Saved>> m_saved; // at the times that the memory is written at, but the end
    std::vector<ledger::RaisedDetection> m_raised;
    std::vector<SignInRow> m_withheld;
    std::vector<bool> m_users;                           // whose learning may be another, by id
    std::vector<SetAsideIndicator> m_reckonedOwn, m_own; // own traffic
    SettleSummary m_summary;
};

Status SettleRun::compare()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto before = campaignRows(m_connection);
    if (!before)
        return tl::unexpected(before.error());
    if (auto ok = writeFindings(); !ok)
        return ok;
    if (auto ok = replaceCampaigns(m_connection, m_engine->takeCampaigns(m_rewindTo.has_value()), m_after);
        !ok)
        return ok;
    const auto after = campaignRows(m_connection);
    if (!after)
        return tl::unexpected(after.error());
    for (const auto &[id, row] : *after)
        m_summary.campaigns += !before->contains(id) || before->at(id) != row ? 1u : 0u;
    for (const auto &[id, row] : *before)
        m_summary.campaigns += after->contains(id) ? 0u : 1u;
    return {}; // rolled back
}

std::uint64_t SettleRun::wronglyReckoned() const
{
    std::set<std::pair<ListKind, std::string>> reckoned, found, wrong;
    for (const auto &one : m_reckonedOwn)
        reckoned.emplace(one.kind, one.indicator);
    for (const auto &one : m_own)
        found.emplace(one.kind, one.indicator);
    std::ranges::set_symmetric_difference(reckoned, found, std::inserter(wrong, wrong.end()));
    return wrong.size();
}

void SettleRun::take(const detect::EnrichedSignIn &signIn, const detect::Examination &examination,
                     bool taught)
{
    for (const auto &finding : examination.findings)
        if (finding.signIn.row.at > m_after || (finding.late && signIn.row.at > m_after))
            m_raised.push_back(
                raisedDetection(finding, m_ground->enrichment(), m_ground->users(), m_clock.now()));
    if (examination.withheld && !taught)
        m_withheld.push_back(signIn.row);
    noteUser(signIn.row.user);
}

Status SettleRun::examine(std::stop_token stop, const ProgressSink &progress, store::ImportLease &lease)
{
    store::Statement newest(m_connection, "SELECT max(t1) FROM segment");
    if (!newest.step())
        return tl::unexpected(newest.error());
    // With none left, what was found on those that were there is withdrawn all the same.
    const auto savesAt = DetectorMemory::writtenAt(newest.isNull(0) ? beginningOfTime : newest.int64(0));
    newest.reset();
    if (m_begin) {
        if (m_rewindTo) {
            m_memory.rewind(*m_rewindTo);
            if (auto ok = noteForgetful(); !ok)
                return ok;
        }
        if (auto ok = m_memory.openReader(); !ok)
            return ok;
        m_engine.emplace(m_tunings.behind(m_begin), m_memory, m_ground->enrichment());
    } else {
        m_engine.emplace(m_ground->engine(m_tunings.behind({})));
    }
    // What lies before can no longer be seen, or not all that is counted.
    const auto ownFrom = m_isFirst && m_learntBy > beginningOfTime ? m_learntBy + 1 : beginningOfTime;
    m_engine->judgeOwnTrafficFrom(ownFrom);
    std::size_t passed = 0, sinceSave = 0;
    const auto before = [&](const detect::EnrichedSignIn &signIn) {
        bool saves = false;
        for (; passed < savesAt.size() && signIn.row.at > savesAt[passed]; ++passed)
            saves |= sinceSave > 0;
        if (saves) {
            m_saved.push_back(std::make_unique<Saved>(Saved{*m_last, {}}));
            m_engine->save(m_saved.back()->parts);
            sinceSave = 0;
        }
        ++sinceSave;
        m_last = Position{signIn.row.at, signIn.row.eventKey};
        return true;
    };
    const ReplaySeat seat{*m_ground, *m_engine, before,
                          [this](const auto &signIn, const auto &examination, bool taught) {
                              take(signIn, examination, taught);
                          },
                          &m_tunings};
    auto played = replay(m_connection, {&seat, 1},
                         {std::move(stop), progress, [&lease] { return lease.heartbeat(); }, m_begin,
                          m_begin && !m_rewindTo, m_begin && m_isFirst});
    if (!played)
        return tl::unexpected(played.error());
    m_summary.signIns = *played;
    // What the memory knew at the beginning, or can no longer be seen, it does not tell again.
    const auto from = m_isFirst ? ownFrom : m_begin->at;
    m_own = m_engine->takeSetAside();
    for (const auto &one : m_reckonedOwn)
        if (one.shownAt < from)
            m_own.push_back(one);
    return m_memory.loaded();
}

// Whose habits go back with the memory, though their sign-ins since then may be gone.
Status SettleRun::noteForgetful()
{
    store::Statement row(
        m_connection,
        m_rewindTo->isKept()
            ? "SELECT s.id FROM detector_state s JOIN user u ON u.id = s.id LEFT JOIN kept_state k ON k.kind "
              "= "
              "s.kind AND k.id = s.id WHERE s.kind = ?1 AND ?2 = 0 AND s.checksum IS NOT k.checksum"
            : "SELECT DISTINCT r.id FROM detector_rewind r JOIN user u ON u.id = r.id WHERE r.kind = "
              "?1 AND r.point >= ?2");
    for (row.bind(detect::StatePart::User, m_rewindTo->id); row.step();)
        noteUser(row.uint32(0));
    return row.ok() ? Status() : tl::unexpected(row.error());
}

void SettleRun::noteUser(std::uint32_t user)
{
    if (user >= m_users.size())
        m_users.resize(std::max<std::size_t>(user + 1, m_users.size() * 2));
    m_users[user] = true;
}

Status SettleRun::writeFindings()
{
    std::stable_sort(m_raised.begin(), m_raised.end(),
                     [](const auto &a, const auto &b) { return a.detection.at < b.detection.at; });
    const auto silenced = silence(m_connection, m_clock, m_raised);
    if (!silenced)
        return tl::unexpected(silenced.error());
    m_summary.silenced = *silenced;
    auto counts = settleFindings(m_connection, m_clock, std::move(m_raised),
                                 {m_after, m_seenUpTo ? m_seenUpTo->at : beginningOfTime});
    if (!counts)
        return tl::unexpected(counts.error());
    m_summary.detections = counts->detections;
    m_summary.withdrawn = counts->withdrawn;
    m_summary.kept = counts->kept;
    return settlePasswords(m_connection, m_clock);
}

Status SettleRun::writeWithheldAnew()
{
    std::set<EventKey> now;
    for (const auto &row : m_withheld)
        now.insert(row.eventKey);
    if (auto ok = ledger::WithheldRows(m_connection).dropOthers(m_begin ? m_begin->at : beginningOfTime, now);
        !ok)
        return ok;
    return writeWithheld(m_connection, m_withheld);
}

Status SettleRun::writeLearning()
{
    UserCounters counters;
    for (std::uint32_t user = 0; user < m_users.size(); ++user)
        if (m_users[user]) {
            const auto learning = m_engine->learning(user);
            counters.setLearning(user, learning.done, learning.needed);
        }
    return counters.flush(m_connection);
}

Status SettleRun::writeOwnTraffic()
{
    auto said = replaceOwnTraffic(m_connection, m_clock, m_own);
    if (!said)
        return tl::unexpected(said.error());
    m_summary.notices = std::move(*said);
    return {};
}

Status SettleRun::writeMemory()
{
    auto ok = !m_begin ? m_writer.forget() : m_rewindTo ? m_writer.rewind(*m_rewindTo) : Status();
    auto from = m_begin;
    const auto write = [&](const Position &to, const auto &save) {
        if (ok)
            ok = m_writer.beginBlock(from, DetectorMemory::keepsRewind(to, m_last->at));
        save();
        if (ok)
            ok = m_writer.endBlock(to);
        from = to;
    };
    for (const auto &saved : m_saved)
        write(saved->to, [&] { saved->parts.writeTo(m_writer); });
    if (m_last) {
        write(*m_last, [&] { m_engine->save(m_writer); });
        if (ok)
            ok = m_tunings.holdUntil(m_connection, *m_last);
    }
    if (ok)
        ok = dropTaught(m_connection);
    return ok ? m_writer.settled() : ok;
}

Status SettleRun::write(Why why, const Operator *who)
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto &enrichment = m_ground->enrichment();
    Status ok = writeAddressFacts(m_connection, enrichment.takeNewAddresses(), enrichment.factsVersion());
    if (ok)
        ok = store::writeTexts(m_connection, enrichment.takeNewTexts());
    if (ok)
        ok = writeFindings();
    if (ok)
        // At a rewind point those that had grown since are as they were then.
        ok = replaceCampaigns(m_connection, m_engine->takeCampaigns(m_rewindTo.has_value()), m_after);
    if (ok)
        ok = writeWithheldAnew();
    if (ok)
        ok = writeLearning();
    if (ok)
        ok = writeOwnTraffic();
    if (ok)
        ok = writeMemory();
    if (ok && m_isFirst)
        ok = setReread(m_connection, m_clock.now()); // the lists of today were asked of everything
    if (ok)
        ok = why == Why::ListsChanged && m_last
                 ? ledger::keepFormerFindings(m_connection, std::min(m_after, m_last->at))
                 : ledger::settledBehind(m_connection, m_after);
    if (ok) {
        auto record = who != nullptr ? ledger::recordBy(*who) : ledger::AuditRecord();
        record.action = auditWord(why);
        record.after = fmt::format("{} sign-ins, {} detections, {} withdrawn", m_summary.signIns,
                                   m_summary.detections, m_summary.withdrawn);
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

// Where sign-ins were deleted as old and no beginning was kept, who begins empty has to learn first. What was found by
// more than is left stays as it is.
constexpr std::int64_t learningTime = 30 * detect::dayUs;

} // namespace

Result<std::int64_t> learntBy(store::Connection &connection)
{
    const auto kept = keptBeginning(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    if (*kept)
        return (*kept)->learntBy;
    store::Statement row(connection, "SELECT deleted_until FROM retention");
    const bool deleted = row.step();
    if (!row.ok())
        return tl::unexpected(row.error());
    if (!deleted)
        return beginningOfTime;
    const auto tuned = tuning(connection);
    if (!tuned)
        return tl::unexpected(tuned.error());
    const auto counted = detect::span((*tuned)[detect::Tune::ThreatQuarantineDays] + 1, detect::dayUs);
    return detect::plus(row.int64(0), std::max(learningTime, counted));
}

namespace {

// Nothing: lists are not asked again, or nothing was examined yet.
Result<std::optional<std::int64_t>> rereadFrom(store::Connection &connection,
                                               const std::optional<Position> &newest)
{
    const auto days = setting(connection, "intelligence.rereadDays");
    if (!days)
        return tl::unexpected(days.error());
    if (*days == 0 || !newest)
        return std::nullopt;
    return detect::plus(newest->at, -detect::span(*days, detect::dayUs));
}

// Of all that can be looked at.
Beginning beginningOf(const Today &today, std::int64_t after = beginningOfTime)
{
    after = std::max(after, today.learntBy);
    if (const auto &kept = today.memory->beginning())
        return {kept->point.position, kept->point, after};
    return {{}, {}, after};
}

Status loadGround(store::Connection &connection, Today &today)
{
    today.unusable.clear();
    auto enricher = loadEnricher(connection, today.unusable, &today.own);
    if (!enricher)
        return tl::unexpected(enricher.error());
    auto ground = ReplayGround::load(connection, std::move(*enricher));
    if (!ground)
        return tl::unexpected(ground.error());
    today.ground = std::move(*ground);
    return {};
}

Result<Today> load(store::Connection &connection, std::vector<SetAsideIndicator> own, bool byToday)
{
    auto memory = DetectorMemory::open(connection);
    auto tunings = Tunings::load(connection);
    if (!memory || !tunings)
        return tl::unexpected(!memory ? memory.error() : tunings.error());
    const auto learnt = learntBy(connection);
    if (!learnt)
        return tl::unexpected(learnt.error());
    Today today;
    today.memory.emplace(std::move(*memory));
    today.tunings = byToday ? tunings->ofPresent() : std::move(*tunings);
    today.byToday = byToday;
    today.learntBy = *learnt;
    today.own = std::move(own);
    const auto from = rereadFrom(connection, today.memory->watermark());
    if (!from)
        return tl::unexpected(from.error());
    today.rereadFrom = from->value_or(endOfTime);
    if (auto ok = loadGround(connection, today); !ok)
        return tl::unexpected(ok.error());
    return today;
}

Result<Today> load(store::Connection &connection, bool byToday = false)
{
    auto own = ownTraffic(connection);
    return own ? load(connection, std::move(*own), byToday) : tl::unexpected(own.error());
}

// What is counted as own traffic does not depend on what is set aside: where something else was found than was reckoned
// with, all is settled once more with that, and twice more where the stretch began behind the beginning.
Result<SettleSummary> carryOut(Directory &directory, const Clock &clock, Today today, Beginning beginning,
                               const std::function<Status(SettleRun &)> &finish, const std::stop_token &stop,
                               const ProgressSink &progress, store::ImportLease &lease, int rounds = 3)
{
    const bool byToday = today.byToday;
    std::vector<SetAsideIndicator> own;
    {
        SettleRun run(directory, clock, std::move(today), beginning);
        if (auto ok = run.examine(stop, progress, lease); !ok)
            return tl::unexpected(ok.error());
        if (run.wronglyReckoned() == 0 || rounds == 1) {
            if (auto ok = finish(run); !ok)
                return tl::unexpected(ok.error());
            return std::move(run.summary());
        }
        own = run.takeOwn();
    }
    auto anew = load(directory.connection(), std::move(own), byToday);
    if (!anew)
        return tl::unexpected(anew.error());
    // It is for all sign-ins.
    beginning = beginningOf(*anew, beginning.isFirst() ? beginning.after : beginningOfTime);
    return carryOut(directory, clock, std::move(*anew), beginning, finish, stop, progress, lease, rounds - 1);
}

// Nobody's, where it follows from what somebody did before.
std::function<Status(SettleRun &)> writeAs(Why why, const Operator *who = nullptr)
{
    return [why, who](SettleRun &run) { return run.write(why, who); };
}

// What was raised late, or opened again, may be old by now.
Result<SettleSummary> aged(store::Connection &connection, const Clock &clock, const std::stop_token &stop,
                           SettleSummary summary)
{
    if (auto done = ledger::ageLowDetections(connection, clock, stop); !done)
        return tl::unexpected(done.error());
    return summary;
}

} // namespace

Result<std::optional<Timestamp>> unsettledFrom(store::Connection &connection)
{
    store::Statement row(connection, "SELECT unsettled_from FROM checkpoint");
    std::optional<Timestamp> from;
    if (row.step() && !row.isNull(0))
        from = row.time(0);
    if (!row.ok())
        return tl::unexpected(row.error());
    return from;
}

Status unsettleAll(store::Connection &connection)
{
    MemoryWriter writer(connection);
    if (auto ok = writer.forget(); !ok)
        return ok;
    store::Statement oldest(connection, "SELECT min(t0) FROM segment");
    const bool stored = oldest.step() && !oldest.isNull(0);
    if (!oldest.ok())
        return tl::unexpected(oldest.error());
    if (stored)
        return writer.leaveUnsettled(oldest.int64(0));
    const auto kept = keptBeginning(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    return *kept ? writer.leaveUnsettled((*kept)->point.position.at) : writer.settled();
}

namespace {

Result<SettleSummary> settleFindings(Directory &directory, store::ImportLease &lease, const Clock &clock,
                                     std::stop_token stop, const ProgressSink &progress)
{
    auto &connection = directory.connection();
    const auto from = unsettledFrom(connection);
    if (!from)
        return tl::unexpected(from.error());
    if (!*from || directory.info().trial)
        return SettleSummary();
    auto today = load(connection);
    if (!today)
        return tl::unexpected(today.error());
    const auto known = today->memory->watermark();
    const auto point = today->memory->rewindPointBefore((*from)->us);
    auto beginning = beginningOf(*today, (*from)->us - 1);
    if (known && known->at < (*from)->us) // a run was stopped: it had stored more than the memory knows
        beginning = {known, {}, known->at};
    else if (point && !point->isKept())
        beginning = {point->position, point, point->position.at};
    return carryOut(directory, clock, std::move(*today), beginning, writeAs(Why::Unsettled), stop, progress,
                    lease);
}

} // namespace

Result<SettleSummary> settle(Directory &directory, store::ImportLease &lease, const Clock &clock,
                             std::stop_token stop, const ProgressSink &progress)
{
    auto &connection = directory.connection();
    if (auto counted = countUncounted(connection); !counted)
        return tl::unexpected(counted.error());
    auto summary = settleFindings(directory, lease, clock, std::move(stop), progress);
    if (!summary)
        return summary;
    const auto gone = removeUntoldUsers(connection);
    if (!gone)
        return tl::unexpected(gone.error());
    summary->usersGone = *gone;
    return summary;
}

Result<SettleSummary> settle(Directory &directory, const Clock &clock, std::stop_token stop,
                             const ProgressSink &progress)
{
    auto lease = store::ImportLease::take(directory.connection(), "settle");
    if (!lease)
        return tl::unexpected(lease.error());
    auto summary = settle(directory, *lease, clock, stop, progress);
    return summary ? aged(directory.connection(), clock, stop, std::move(*summary)) : summary;
}

Result<SettleSummary> reread(Directory &directory, const Operator &who, const Clock &clock,
                             std::stop_token stop, const ProgressSink &progress)
{
    if (auto ok = allowed(who.role, Permission::Intelligence); !ok)
        return tl::unexpected(ok.error());
    auto &connection = directory.connection();
    const auto days = setting(connection, "intelligence.rereadDays");
    if (!days)
        return tl::unexpected(days.error());
    if (*days == 0 || directory.info().trial)
        return SettleSummary();
    auto lease = store::ImportLease::take(connection, "intelligence");
    if (!lease)
        return tl::unexpected(lease.error());
    auto today = load(connection);
    if (!today)
        return tl::unexpected(today.error());
    const auto unsettled = unsettledFrom(connection);
    if (!unsettled)
        return tl::unexpected(unsettled.error());
    auto after = today->rereadFrom;
    if (*unsettled) // that has to be looked at anyway
        after = std::min(after, (*unsettled)->us - 1);
    const auto beginning = beginningOf(*today, after);
    auto summary = carryOut(directory, clock, std::move(*today), beginning, writeAs(Why::ListsChanged, &who),
                            stop, progress, *lease);
    return summary ? aged(connection, clock, stop, std::move(*summary)) : summary;
}

namespace {

Status judges(const Directory &directory)
{
    return directory.info().trial
               ? fail(Code::Unsupported, directory.file().string(),
                      "nothing is judged in a trial directory; \"convert\" makes it one for production")
               : Status();
}

} // namespace

Result<SettleSummary> settleByToday(Directory &directory, const Operator &who, const Clock &clock,
                                    std::stop_token stop, const ProgressSink &progress)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto &connection = directory.connection();
    if (auto ok = judges(directory); !ok)
        return tl::unexpected(ok.error());
    auto lease = store::ImportLease::take(connection, "settings");
    if (!lease)
        return tl::unexpected(lease.error());
    auto today = load(connection, true);
    if (!today)
        return tl::unexpected(today.error());
    const auto beginning = beginningOf(*today);
    auto summary = carryOut(directory, clock, std::move(*today), beginning, writeAs(Why::SettingsApply, &who),
                            stop, progress, *lease);
    return summary ? aged(connection, clock, stop, std::move(*summary)) : summary;
}

Result<SettleSummary> compareFindings(Directory &directory, const Clock &clock, Settings settings,
                                      std::stop_token stop, const ProgressSink &progress)
{
    auto &connection = directory.connection();
    if (auto ok = judges(directory); !ok)
        return tl::unexpected(ok.error());
    auto lease = store::ImportLease::take(connection, "verify");
    if (!lease)
        return tl::unexpected(lease.error());
    auto today = load(connection, settings == Settings::OfToday);
    if (!today)
        return tl::unexpected(today.error());
    const auto former = ledger::formerFindingsUntil(connection);
    if (!former)
        return tl::unexpected(former.error());
    // settleByToday() is about everything.
    const auto until = settings == Settings::OfToday ? beginningOfTime : *former;
    const auto beginning = beginningOf(*today, until);
    // What was set aside by the settings as they held is told of, and not found anew.
    const int rounds = settings == Settings::OfToday ? 3 : 1;
    const auto compare = [until](SettleRun &run) {
        run.summary().setAside = run.wronglyReckoned();
        run.summary().formerUntil = until;
        return run.compare();
    };
    return carryOut(directory, clock, std::move(*today), beginning, compare, stop, progress, *lease, rounds);
}

} // namespace riskdesk::run
