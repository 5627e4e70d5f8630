// Examiner: looks at the rows of an import in their order and says what is to be written of them.
//
// On the thread that imports; what it gives out are values. Three things it holds are used by others too:
//   users         grow while the files are read, on the same thread; from start() on nobody changes them and
//                 all may read;
//   dictionaries  grow while the files are read; from start() on they are reached through the enrichment
//   only; enrichment     are made by the thread that feeds (core/import/row_feed.h); their names may be asked
//   for
//                 here.
//
// It reads the store and writes nothing. Errors are those of the store; StoreCorrupt where the detectors'
// memory is damaged.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/directory/tunings.h"
#include "core/enrich/enricher.h"
#include "core/examine/detector_memory.h"
#include "core/examine/enrichment.h"
#include "core/examine/stored_sign_ins.h"
#include "core/examine/user_book.h"
#include "core/import/address_crowd.h"
#include "core/import/block.h"
#include "core/import/row_feed.h"
#include "core/store/dictionary.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace riskdesk::run {

class Examiner
{
public:
    using SegmentSink = std::function<void(SegmentRows &&)>;

    [[nodiscard]] static Result<std::unique_ptr<Examiner>>
    open(store::Connection &connection, enrich::Enricher enricher, const Clock &clock);

    [[nodiscard]] UserBook &users() { return m_users; }
    [[nodiscard]] store::Dictionaries &dictionaries() { return m_dictionaries; }
    [[nodiscard]] Enrichment &enrichment() { return m_enrichment; }
    [[nodiscard]] std::optional<Position> watermark() const { return m_memory.watermark(); }

    struct How
    {
        bool judges = true;     // else the rows are only stored, to be settled later
        bool hasWriter = false; // another thread writes
        SegmentSink sink;       // gets the rows that are to be stored, segment by segment
    };
    // Makes the engine and teaches it what was judged harmless since the last run. After the reading, before
    // the first examine().
    [[nodiscard]] Status start(store::Connection &connection, How how);
    void examine(std::span<const detect::EnrichedSignIn> rows);
    // What was examined since the last block. The block before has to be committed(). A block with the memory is
    // committed before anything else is examined.
    struct Ends
    {
        bool savesMemory = false, countsUsers = false;
        std::int64_t newest = 0;
    };
    [[nodiscard]] Result<Block> takeBlock(const Ends &ends);
    // The memory takes so much room that it should go into the file.
    [[nodiscard]] bool holdsMuch() const { return m_engine != nullptr && m_engine->holdsMuch(); }
    void committed(); // the block that was taken last

    // Rows of the time whose sign-ins were deleted as old: they are stored and never judged.
    [[nodiscard]] std::uint64_t unjudged() const { return m_unjudged; }
    [[nodiscard]] std::int64_t judgesBehind() const { return m_judgesBehind; }
    [[nodiscard]] const AddressCrowd &crowd() const { return m_crowd; } // of the whole run

private:
    Examiner(enrich::Enricher enricher, const Clock &clock, UserBook users, DetectorMemory memory,
             Tunings tunings);
    Status teachWhatWasJudged(store::Connection &connection);
    void examine(const detect::EnrichedSignIn &signIn);
    void touch(std::uint32_t user);
    void handOverRows();

    const Clock &m_clock;
    enrich::Enricher m_enricher;
    store::Dictionaries m_dictionaries;
    UserBook m_users;
    Enrichment m_enrichment;
    DetectorMemory m_memory;
    Tunings m_tunings;
    std::optional<TuningWalk> m_walk;
    std::unique_ptr<detect::Engine> m_engine; // none where nothing is judged
    SegmentSink m_sink;
    AddressCrowd m_crowd;
    std::uint64_t m_unjudged = 0;
    std::int64_t m_judgesBehind = beginningOfTime;

    enum class Given { Nothing, Block, BlockWithMemory };
    Given m_given = Given::Nothing; // that may not be written yet
    bool m_usersWritten = false;
    std::vector<ledger::WithheldRows::ToTeach> m_taught; // by start(), until the memory is written
    Position m_taughtBehind{};

    SegmentRows m_rows;                     // not yet handed over
    Block m_block;                          // that is being examined
    std::vector<std::uint32_t> m_touched;   // users with a row since they were counted
    std::vector<std::uint32_t> m_touchedIn; // by user: the number of a count
    std::uint32_t m_countNumber = 1;
};

} // namespace riskdesk::run
