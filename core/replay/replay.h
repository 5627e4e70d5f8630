// Replay: every stored sign-in played again, in order, through engines that begin empty, or at the kept beginning
// (core/examine/detector_memory.h) where old ones were deleted, under any settings and lists. What was judged harmless teaches at its place, as it does where all is settled again (settle.h), and whose
// learning began again begins again there.
//
// One pass over the store feeds any number of seats. Each engine examines on a thread of its own, and its
// seat's functions are called there, in order; play() returns when all have ended. Changes nothing in the
// store. The result is what an import found.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/directory/tunings.h"
#include "core/enrich/enricher.h"
#include "core/examine/detector_memory.h"
#include "core/examine/enrichment.h"
#include "core/examine/taught.h"
#include "core/examine/user_book.h"
#include "core/store/connection.h"
#include "core/store/dictionary.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>

namespace riskdesk::run {

// The ground that sign-ins are played on: who and what their numbers stand for, and what the lists say.
class ReplayGround
{
public:
    [[nodiscard]] static Result<std::unique_ptr<ReplayGround>> load(store::Connection &connection,
                                                                    enrich::Enricher enricher);
    ReplayGround(const ReplayGround &) = delete;
    ReplayGround &operator=(const ReplayGround &) = delete;

    [[nodiscard]] const UserBook &users() const { return m_users; }
    [[nodiscard]] Enrichment &enrichment() { return m_enrichment; }
    [[nodiscard]] detect::Engine engine(const detect::Tuning &tuning) { return engine(tuning, m_nothing); }
    [[nodiscard]] detect::Engine engine(const detect::Tuning &tuning, detect::StateSource &source)
    {
        return detect::Engine(tuning, source, m_enrichment);
    }
    // Judged so by somebody, and taught already.
    [[nodiscard]] bool isHarmless(const EventKey &key) const { return m_harmless.contains(key); }
    [[nodiscard]] const std::vector<Taught> &taught() const { return m_taught; }

private:
    ReplayGround(UserBook users, enrich::Enricher enricher);
    Status loadTexts(store::Connection &connection);

    enrich::Enricher m_enricher;
    UserBook m_users;
    store::Dictionaries m_dictionaries;
    Enrichment m_enrichment;
    detect::NoState m_nothing;
    std::set<EventKey> m_harmless;
    std::vector<Taught> m_taught;
};

struct ReplaySeat
{
    ReplayGround &ground; // seats may share one
    detect::Engine &engine;
    // Before each is examined; false: the replay ends here. May be empty.
    std::function<bool(const detect::EnrichedSignIn &)> before;
    // `taught`: it had been withheld and was judged harmless. May be empty.
    std::function<void(const detect::EnrichedSignIn &, const detect::Examination &, bool taught)> after;
    // What the engine is set to on the way; it was made with what holds behind its beginning. None: it stays as it is.
    const Tunings *tunings = nullptr;
};

struct ReplayOptions
{
    std::stop_token stop;
    ProgressSink progress;         // phase "detect"
    std::function<Status()> tick;  // now and then, on the caller's thread; a failure ends the replay
    std::optional<Position> after; // the engines know everything up to there; nothing: they begin empty
    // They know as well what was taught since (core/examine/taught.h): the memory is the one in the file.
    bool knowsTaught = false;
    bool fromKept = false; // they begin at the kept beginning
};

// Where engines begin that are to be told everything. One moment of the store; may be asked by several threads.
class BeginningOfAll final : public detect::StateSource
{
public:
    [[nodiscard]] static Result<std::unique_ptr<BeginningOfAll>> open(store::Connection &connection);
    [[nodiscard]] std::optional<Position> position() const; // nothing: they begin empty
    std::optional<std::string> load(detect::StatePart part, std::uint64_t id) override;
    [[nodiscard]] Status loaded() const { return m_memory ? m_memory->loaded() : Status(); }

private:
    BeginningOfAll() = default;
    std::mutex m_mutex;
    std::optional<DetectorMemory> m_memory; // none where nothing was kept
};

// How many sign-ins were read. Code::Cancelled, StoreCorrupt, Io.
[[nodiscard]] Result<std::uint64_t> replay(store::Connection &connection, std::span<const ReplaySeat> seats,
                                           const ReplayOptions &options = {});

} // namespace riskdesk::run
