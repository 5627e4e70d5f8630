// Committer: writes the blocks of an import, each as one transaction.
//
// One transaction holds the rows of a block as segments, the users, texts and address facts they brought, the
// detections they raised with what follows for risk, and the detectors' memory. So after any crash the store
// is as if the run had ended after a whole block. It is written only while the lease is ours: who slept
// through a take-over must not write on.
//
// One thread at a time, which has the connection to itself; what is written is handed over as values. Errors
// are those of the store, Conflict where the lease is lost; after one the Committer is of no more use.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/examine/memory_writer.h"
#include "core/examine/user_counters.h"
#include "core/import/address_crowd.h"
#include "core/import/block.h"
#include "core/store/connection.h"
#include "core/store/segment.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::store {
class ImportLease;
}

namespace riskdesk::run {

class Committer
{
public:
    struct Terms
    {
        std::int64_t run = 0;
        bool judges = true;       // not in a trial directory
        std::string factsVersion; // of Enrichment
    };
    struct Counts
    {
        std::uint64_t stored = 0, duplicates = 0, detections = 0, silenced = 0;
        std::vector<std::string> notices;
    };

    Committer(store::Connection &connection, store::ImportLease &lease, const Clock &clock, Terms terms);

    // What was read besides sign-ins, while the reading goes on. Empties what the provider says.
    [[nodiscard]] Status commit(const UserChanges &users, const store::NewTexts &texts,
                                ProviderRecords &provider);
    // Rows of the block that comes next.
    void take(const SegmentRows &rows);
    [[nodiscard]] Status commit(Block &&block);
    // How often users signed in, where the last block did not say it. In between two blocks.
    [[nodiscard]] Status countUsers();
    // After the last block: what came behind it, and what only now can be told.
    [[nodiscard]] Status finish(std::span<const PasswordEvent> passwords, const AddressCrowd &crowd);
    // Shows that the run lives, in between the blocks.
    [[nodiscard]] Status beat();

    // Of what was written since the last call.
    [[nodiscard]] Counts takeCounts() { return std::exchange(m_counts, {}); }

private:
    Result<store::Transaction> begin();
    Status write(const UserChanges &users);
    Status write(Block &block);
    Status writeRows(bool countsUsers);
    Status addCounts();
    Status writePasswords(std::span<const PasswordEvent> passwords);
    Status writeRisk(Block &block);
    Status writeProvider(ProviderRecords &provider);
    Status writeMemory(const Block &block);

    store::Connection &m_connection;
    store::ImportLease &m_lease;
    const Clock &m_clock;
    Terms m_terms;
    UserCounters m_counters;
    MemoryWriter m_memory;
    std::vector<store::EncodedSegment> m_segments;
    Counts m_counts;
    std::optional<std::int64_t> m_unsettledFrom; // by passwords (KeptPasswords), own traffic, joined users
};

} // namespace riskdesk::run
