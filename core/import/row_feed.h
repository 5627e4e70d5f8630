// RowFeed: the rows of a run in the order in which they are examined, with the facts of their address.
//
// Takes the staged rows, without those that are stored already, and cuts them into batches and blocks. May run on a thread of its own, a few batches ahead of the engine:
// it has the staging, the stored keys and the making of enrichment to itself, and reads the users.
#pragma once

#include "core/base/result.h"
#include "core/examine/detector_memory.h"
#include "core/examine/enrichment.h"
#include "core/examine/stored_sign_ins.h"
#include "core/import/staging.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace riskdesk::run {

class UserBook;

struct RowBatch
{
    std::vector<detect::EnrichedSignIn> rows;
    std::uint64_t duplicates = 0; // rows left out on the way: they are stored already
    bool endsBlock = false;
    bool savesMemory = false; // with the block; see RowFeed
    bool isLast = false;
    std::vector<AddressFactRow> newAddresses; // met in the block that ends here
    store::NewTexts newTexts;                 // that it may refer to
    Status status;                            // after a failure nothing follows
};

class RowFeed
{
public:
    static constexpr std::size_t rowsPerBatch = 1024;

    // `stored`: what the directory holds in the time of the staged rows. `newest`: the time of the last of them. The
    // detectors' memory is saved where DetectorMemory::writtenAt() says and at the end, so that the next run can go
    // back to there; in between it is worth nothing, as whoever finds it older than the rows examines those again.
    RowFeed(Staging &staging, StoredKeys stored, const UserBook &users, Enrichment &enrichment,
            std::size_t rowsPerBlock, std::int64_t newest);

    // Looks for the first row that is not stored yet; false: not far enough, look again. Before fill().
    [[nodiscard]] Result<bool> seek();
    // What seek() found, or null.
    [[nodiscard]] const SignInRow *first() const { return m_hasFresh ? &m_fresh : nullptr; }

    // False when all has been given. The last batch ends a block.
    [[nodiscard]] bool fill(RowBatch &batch);

private:
    [[nodiscard]] Status advance(); // towards the next staged row that is not stored yet

    Staging &m_staging;
    StoredKeys m_stored;
    const UserBook &m_users;
    Enrichment &m_enrichment;
    std::size_t m_rowsPerBlock;
    decltype(DetectorMemory::writtenAt(0)) m_savesAt; // ascending
    std::size_t m_passed = 0;                         // of them: a row behind it is next or was given
    std::size_t m_sinceSave = 0;                      // rows
    SignInRow m_fresh{};
    bool m_hasFresh = false, m_moreStaged = true;
    std::uint64_t m_duplicates = 0; // since the last batch
    std::size_t m_inBlock = 0;
    bool m_ended = false;
};

} // namespace riskdesk::run
