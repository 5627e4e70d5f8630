// Block: what one transaction of an import writes, as a value. The only thing that goes from the thread that
// examines to the thread that writes.
//
// A part of it may point to what never changes as long as the run lives: new texts to the dictionaries'
// memory.
#pragma once

#include "core/detect/engine.h"
#include "core/directory/tunings.h"
#include "core/domain/sign_in.h"
#include "core/examine/detector_memory.h"
#include "core/examine/enrichment.h"
#include "core/examine/raise_in_order.h"
#include "core/examine/user_book.h"
#include "core/import/kept_records.h"
#include "core/ledger/risk_writer.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/dictionary.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::run {

// The rows of a segment that is full. They go ahead of their block, since they take half the memory once they
// are encoded.
struct SegmentRows
{
    struct Where // what the users' counters need of a row besides the row
    {
        std::uint32_t placeId = 0;
        std::string country;
    };
    std::vector<SignInRow> rows;
    std::vector<Where> where; // by row
};

struct Block
{
    // What was read.
    UserChanges users;
    store::NewTexts texts;
    ProviderRecords provider;
    std::vector<PasswordEvent> passwords; // up to the end of the block, in time order
    KeptRejects rejects;
    std::vector<AddressFactRow> newAddresses;

    // What the examiner made of it.
    std::vector<std::pair<std::uint32_t, detect::LearningStatus>>
        learning;             // of users with a row since the last count
    bool countsUsers = false; // all that was stored until its end
    std::vector<ledger::RaisedDetection> raised;
    std::vector<SignInRow> withheld;
    std::vector<Campaign> campaigns;
    std::vector<SetAsideIndicator> aside;
    std::vector<ledger::WithheldRows::ToTeach> taught; // to the memory, before the first row
    Position taughtBehind{};
    detect::Engine *memory = nullptr; // to be saved; the engine rests until the block is written
    const Tunings *tunings = nullptr; // by which all of it was examined
    bool keepsRewind = false; // what the memory was before it, so that the next run can go back to there
    std::optional<Position> from, to; // what the memory in the file knows, and what was examined by now
    std::optional<std::int64_t> unsettledFrom; // the oldest row that it does not know with this block
};

} // namespace riskdesk::run
