#include "core/replay/replay.h"

#include "core/base/serial_executor.h"
#include "core/examine/stored_sign_ins.h"
#include "core/store/statement.h"

#include <algorithm>
#include <atomic>
#include <tuple>
#include <vector>

namespace riskdesk::run {
namespace {

constexpr std::size_t rowsPerBatch = 1024;

// Rows with the facts of one ground.
struct Batch
{
    std::vector<detect::EnrichedSignIn> signIns;
};

// What was taught behind a place where the replay is not yet, or that it began at.
class Lessons
{
public:
    Lessons(const ReplaySeat &seat, const ReplayOptions &options)
        : m_seat(seat)
    {
        if (options.knowsTaught)
            return;
        for (const auto &one : seat.ground.taught()) {
            if (options.after && !isBehind(one.behind, *options.after))
                continue; // known
            if (one.restart)
                m_restarts.push_back(&one);
            else if (options.after && !(options.fromKept && one.isKept) && one.row &&
                     options.after->covers(*one.row) && seat.ground.isHarmless(one.key))
                m_rows.push_back(*one.row);
        }
        std::ranges::sort(m_rows, riskdesk::before);
    }
    // Before the first; sign-ins that are played teach at their places.
    void begin()
    {
        for (const auto &row : m_rows)
            m_seat.engine.teach(m_seat.ground.enrichment().make(row));
    }
    void before(const SignInRow &row)
    {
        while (m_next < m_restarts.size() && !m_restarts[m_next]->behind.covers(row))
            restart();
    }
    void end()
    {
        while (m_next < m_restarts.size())
            restart();
    }

private:
    [[nodiscard]] static bool isBehind(const Position &one, const Position &other)
    {
        return std::tie(one.at, one.key) >= std::tie(other.at, other.key);
    }
    void restart() { m_seat.engine.restartLearning(m_restarts[m_next++]->user); }

    const ReplaySeat &m_seat;
    std::vector<SignInRow> m_rows;
    std::vector<const Taught *> m_restarts;
    std::size_t m_next = 0;
};

// What goes with one seat along the sign-ins.
struct Course
{
    Course(const ReplaySeat &seat, const ReplayOptions &options)
        : lessons(seat, options)
    {
        if (seat.tunings != nullptr)
            tunings.emplace(*seat.tunings, options.after);
    }
    Lessons lessons;
    std::optional<TuningWalk> tunings;
};

void play(const ReplaySeat &seat, Course &course, const Batch &batch, std::atomic<bool> &ended)
{
    const auto &signIns = batch.signIns;
    for (std::size_t i = 0; i < signIns.size(); ++i) {
        if (ended)
            return;
        for (const auto &[what, by] : detect::prefetchDistances)
            if (i + by < signIns.size())
                seat.engine.expect(signIns[i + by], what);
        const auto &signIn = signIns[i];
        if (course.tunings)
            if (const auto *changed = course.tunings->before(signIn.row))
                seat.engine.retune(*changed);
        course.lessons.before(signIn.row);
        if (seat.before && !seat.before(signIn)) {
            ended = true;
            return;
        }
        const auto &examination = seat.engine.examine(signIn);
        const bool harmless = examination.withheld && seat.ground.isHarmless(signIn.row.eventKey);
        if (seat.after)
            seat.after(signIn, examination, harmless);
        if (harmless)
            seat.engine.teach(signIn);
    }
}

} // namespace

ReplayGround::ReplayGround(UserBook users, enrich::Enricher enricher)
    : m_enricher(std::move(enricher))
    , m_users(std::move(users))
    , m_enrichment(m_dictionaries, m_users, m_enricher)
{}

Result<std::unique_ptr<ReplayGround>> ReplayGround::load(store::Connection &connection,
                                                         enrich::Enricher enricher)
{
    auto users = UserBook::open(connection);
    if (!users)
        return tl::unexpected(users.error());
    std::unique_ptr<ReplayGround> ground(new ReplayGround(std::move(*users), std::move(enricher)));
    if (auto ok = ground->loadTexts(connection); !ok)
        return tl::unexpected(ok.error());
    return ground;
}

Status ReplayGround::loadTexts(store::Connection &connection)
{
    if (auto ok = m_dictionaries.load(connection); !ok)
        return ok;
    // What still waits in `withheld` teaches with the next import. What closed by age was judged by nobody:
    // it has no detail.
    store::Statement judged(connection,
                            "SELECT event_key FROM sign_in_risk WHERE state IN (?1, ?2) AND detail <> ?3 AND "
                            "event_key NOT IN (SELECT event_key FROM withheld)");
    judged.bind(RiskState::Dismissed, RiskState::ConfirmedSafe, RiskDetail::None);
    while (judged.step()) {
        EventKey key{};
        const auto blob = judged.blob(0);
        std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
        m_harmless.insert(key);
    }
    if (!judged.ok())
        return tl::unexpected(judged.error());
    auto known = run::taught(connection);
    if (!known)
        return tl::unexpected(known.error());
    m_taught = std::move(*known);
    return {};
}

Result<std::unique_ptr<BeginningOfAll>> BeginningOfAll::open(store::Connection &connection)
{
    std::unique_ptr<BeginningOfAll> all(new BeginningOfAll);
    auto memory = DetectorMemory::open(connection);
    if (!memory)
        return tl::unexpected(memory.error());
    if (!memory->beginning())
        return all;
    memory->rewind(memory->beginning()->point);
    if (auto ok = memory->openReader(DetectorMemory::Sees::OneMoment); !ok)
        return tl::unexpected(ok.error());
    all->m_memory.emplace(std::move(*memory));
    return all;
}

std::optional<Position> BeginningOfAll::position() const
{
    return m_memory ? m_memory->watermark() : std::nullopt;
}

std::optional<std::string> BeginningOfAll::load(detect::StatePart part, std::uint64_t id)
{
    if (!m_memory)
        return std::nullopt;
    const std::lock_guard guard(m_mutex);
    return m_memory->load(part, id);
}

Result<std::uint64_t> replay(store::Connection &connection, std::span<const ReplaySeat> seats,
                             const ReplayOptions &options)
{
    // Enrichment are made once for each ground, here, as they belong to one thread.
    std::vector<ReplayGround *> grounds;
    for (const auto &seat : seats)
        if (std::find(grounds.begin(), grounds.end(), &seat.ground) == grounds.end())
            grounds.push_back(&seat.ground);
    std::atomic<bool> ended = false;
    std::vector<Course> courses;
    for (const auto &seat : seats)
        courses.emplace_back(seat, options).lessons.begin();
    std::vector<std::unique_ptr<SerialExecutor>> executors; // end before what their tasks point to
    for (std::size_t i = 0; i < seats.size(); ++i)
        executors.push_back(std::make_unique<SerialExecutor>(true));

    SignInStream stream(connection, options.after);
    std::uint64_t played = 0;
    for (bool more = true; more && !ended;) {
        if (options.stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        std::vector<std::shared_ptr<Batch>> batches;
        for (std::size_t i = 0; i < grounds.size(); ++i) {
            batches.push_back(std::make_shared<Batch>());
            batches.back()->signIns.reserve(rowsPerBatch);
        }
        std::size_t rows = 0;
        for (SignInRow row; rows < rowsPerBatch; ++rows) {
            auto next = stream.next(row);
            if (!next)
                return tl::unexpected(next.error());
            more = *next;
            if (!more)
                break;
            for (std::size_t i = 0; i < grounds.size(); ++i)
                batches[i]->signIns.push_back(grounds[i]->enrichment().make(row));
        }
        for (std::size_t i = 0; i < seats.size(); ++i) {
            const auto ground = std::find(grounds.begin(), grounds.end(), &seats[i].ground);
            executors[i]->run([&seat = seats[i], &course = courses[i],
                               batch = batches[static_cast<std::size_t>(ground - grounds.begin())], &ended] {
                play(seat, course, *batch, ended);
                return Status();
            });
        }
        played += rows;
        if (options.progress)
            options.progress({"detect", played, stream.total()});
        if (options.tick)
            if (auto ok = options.tick(); !ok)
                return tl::unexpected(ok.error());
    }
    for (auto &executor : executors)
        if (auto ok = executor->drain(); !ok)
            return tl::unexpected(ok.error());
    if (!ended)
        for (auto &course : courses)
            course.lessons.end();
    for (const auto *ground : grounds)
        if (auto ok = ground->users().loaded(); !ok)
            return tl::unexpected(ok.error());
    return played;
}

} // namespace riskdesk::run
