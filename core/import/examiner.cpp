#include "core/import/examiner.h"

#include "core/examine/raise.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/segment.h"

#include <algorithm>
#include <utility>

namespace riskdesk::run {

Result<std::unique_ptr<Examiner>> Examiner::open(store::Connection &connection, enrich::Enricher enricher,
                                                 const Clock &clock)
{
    auto users = UserBook::open(connection);
    if (!users)
        return tl::unexpected(users.error());
    auto memory = DetectorMemory::open(connection);
    if (!memory)
        return tl::unexpected(memory.error());
    auto tunings = Tunings::load(connection);
    if (!tunings)
        return tl::unexpected(tunings.error());
    std::unique_ptr<Examiner> examiner(
        new Examiner(std::move(enricher), clock, std::move(*users), std::move(*memory), std::move(*tunings)));
    if (auto ok = examiner->m_dictionaries.load(connection); !ok)
        return tl::unexpected(ok.error());
    return examiner;
}

Examiner::Examiner(enrich::Enricher enricher, const Clock &clock, UserBook users, DetectorMemory memory,
                   Tunings tunings)
    : m_clock(clock)
    , m_enricher(std::move(enricher))
    , m_users(std::move(users))
    , m_enrichment(m_dictionaries, m_users, m_enricher)
    , m_memory(std::move(memory))
    , m_tunings(std::move(tunings))
{
    if (const auto &kept = m_memory.beginning())
        m_judgesBehind = kept->point.position.at;
}

Status Examiner::start(store::Connection &connection, How how)
{
    m_sink = std::move(how.sink);
    if (how.judges)
        m_block.from = m_block.to = m_memory.watermark();
    m_block.users = m_users.takeChanges();
    for (const auto &changed : m_block.users.users)
        touch(changed.account->id);
    if (!how.judges)
        return {};
    if (how.hasWriter)
        if (auto ok = m_memory.openReader(); !ok)
            return ok;
    m_engine =
        std::make_unique<detect::Engine>(m_tunings.behind(m_memory.watermark()), m_memory, m_enrichment);
    m_walk.emplace(m_tunings, m_memory.watermark());
    return teachWhatWasJudged(connection);
}

Status Examiner::teachWhatWasJudged(store::Connection &connection)
{
    auto judged = ledger::WithheldRows::toTeach(connection);
    if (!judged)
        return tl::unexpected(judged.error());
    m_taught = std::move(*judged);
    m_taughtBehind = m_memory.watermark().value_or(Position{beginningOfTime, {}});
    std::vector<SignInRow> rows;
    for (const auto &one : m_taught) {
        if (one.restart)
            m_engine->restartLearning(one.user);
        if (one.row)
            rows.push_back(*one.row);
    }
    std::sort(rows.begin(), rows.end(), before);
    for (const auto &row : rows)
        m_engine->teach(m_enrichment.make(row));
    return {};
}

void Examiner::examine(std::span<const detect::EnrichedSignIn> rows)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (m_engine != nullptr)
            for (const auto &[what, by] : detect::prefetchDistances)
                if (i + by < rows.size())
                    m_engine->expect(rows[i + by], what);
        examine(rows[i]);
    }
}

void Examiner::examine(const detect::EnrichedSignIn &signIn)
{
    const auto &row = signIn.row;
    if (m_rows.rows.size() == store::rowsPerSegment)
        handOverRows();
    m_rows.rows.push_back(row);
    m_rows.where.push_back({signIn.placeId, signIn.place->country});
    touch(row.user);
    if (row.succeeded())
        m_crowd.note(row.user, row.ip, signIn.ip);
    if (row.at > m_judgesBehind)
        m_block.unsettledFrom = std::min(m_block.unsettledFrom.value_or(row.at), row.at);
    else
        ++m_unjudged;
    if (m_engine == nullptr)
        return;
    if (const auto *changed = m_walk->before(row))
        m_engine->retune(*changed);
    m_block.to = Position{row.at, row.eventKey};
    const auto &examination = m_engine->examine(signIn);
    for (const auto &finding : examination.findings)
        m_block.raised.push_back(raisedDetection(finding, m_enrichment, m_users, m_clock.now()));
    if (examination.withheld)
        m_block.withheld.push_back(row);
}

void Examiner::touch(std::uint32_t user)
{
    if (user >= m_touchedIn.size())
        m_touchedIn.resize(std::max<std::size_t>(user + 1, m_touchedIn.size() * 2));
    if (m_touchedIn[user] == m_countNumber)
        return;
    m_touchedIn[user] = m_countNumber;
    m_touched.push_back(user);
}

void Examiner::handOverRows()
{
    if (m_rows.rows.empty())
        return;
    m_sink(std::move(m_rows));
    m_rows = {};
    m_rows.rows.reserve(store::rowsPerSegment);
    m_rows.where.reserve(store::rowsPerSegment);
}

void Examiner::committed()
{
    const auto given = std::exchange(m_given, Given::Nothing);
    if (given == Given::Nothing)
        return; // no block has been written yet
    if (given == Given::BlockWithMemory) {
        m_memory.written();
        if (m_engine->holdsMuch())
            m_engine->forget();
    }
    if (!std::exchange(m_usersWritten, true))
        m_users.written();
}

Result<Block> Examiner::takeBlock(const Ends &ends)
{
    handOverRows();
    for (const auto &ok : {m_memory.loaded(), m_users.loaded()})
        if (!ok)
            return tl::unexpected(ok.error());
    if (m_engine != nullptr) {
        if (ends.countsUsers)
            for (const auto user : m_touched)
                m_block.learning.emplace_back(user, m_engine->learning(user));
        m_block.campaigns = m_engine->takeCampaigns();
        m_block.aside = m_engine->takeSetAside();
        if (m_block.to && ends.savesMemory) {
            m_block.memory = m_engine.get();
            m_block.tunings = &m_tunings;
            m_block.taught = std::exchange(m_taught, {});
            m_block.taughtBehind = m_taughtBehind;
            m_block.keepsRewind = DetectorMemory::keepsRewind(*m_block.to, ends.newest);
        }
    }
    m_given = m_block.memory != nullptr ? Given::BlockWithMemory : Given::Block;
    m_block.countsUsers = ends.countsUsers;
    if (ends.countsUsers) {
        m_touched.clear();
        ++m_countNumber;
    }
    Block next;
    next.to = m_block.to;
    next.from = m_block.memory != nullptr ? m_block.to : m_block.from;
    if (m_block.memory == nullptr)
        next.unsettledFrom = m_block.unsettledFrom;
    return std::exchange(m_block, std::move(next));
}

} // namespace riskdesk::run
