// BlockWriter: examines rows in order and commits them block by block.
//
// One transaction holds the rows of a block as segments, the users, texts and address facts they brought, the
// detections they raised with what follows for risk, and the detectors' memory. So after any crash the store
// is as if the run had ended after a whole block.
//
// Made for one run and used by one thread. With a second thread a block is encoded and written while the next
// one is examined: from start() to settle() that thread alone writes to the connection and to the users, and
// everything it writes has been handed over as values. The store is the same either way.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/serial_executor.h"
#include "core/detect/engine.h"
#include "core/directory/directory.h"
#include "core/domain/account.h"
#include "core/domain/reject.h"
#include "core/enrich/enricher.h"
#include "core/examine/detector_memory.h"
#include "core/examine/raise_in_order.h"
#include "core/examine/sightings.h"
#include "core/examine/stored_sign_ins.h"
#include "core/examine/user_book.h"
#include "core/import/address_crowd.h"
#include "core/import/row_feed.h"
#include "core/store/dictionary.h"
#include "core/store/segment.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::ledger {
struct RaisedDetection;
}

namespace riskdesk::store {
class ImportLease;
}

namespace riskdesk::ingest {
struct MoreRejects;
}

namespace riskdesk::run {

struct ImportSummary;

class BlockWriter
{
public:
    [[nodiscard]] static Result<std::unique_ptr<BlockWriter>>
    open(Directory &directory, enrich::Enricher enricher, const Clock &clock);
    ~BlockWriter();

    [[nodiscard]] UserBook &users() { return m_users; }
    [[nodiscard]] store::Dictionaries &dictionaries() { return m_dictionaries; }
    [[nodiscard]] Sightings &sightings() { return m_sightings; }
    void setRun(std::int64_t run) { m_run = run; }
    // Every block is written only while the lease is ours: who slept through a take-over must not write on.
    void setLease(store::ImportLease *lease) { m_lease = lease; }

    // Kept for the next commit, or for writeKept().
    void keep(const ProviderDetection &detection);
    void keep(const ProviderRiskyUser &user);
    void keep(const PasswordRecord &password);
    // `argument`: the file as it was named to the import, under which those of an archive's members are
    // counted once there are too many members.
    void keep(Reject &&reject, const std::string &argument);
    void count(const ingest::MoreRejects &more, const std::string &argument);

    // Commits what a provider says of users and detections once there is much of it; before start(). A
    // download of nothing else would otherwise be held in memory whole.
    [[nodiscard]] Status writeKept(ImportSummary &summary);

    [[nodiscard]] std::optional<Position> watermark() const { return m_memory.watermark(); }
    // Puts the detectors' memory back to the rewind point; the rows that have to be played again, in order.
    [[nodiscard]] Result<std::vector<StoredRow>> rewind();
    // Makes the engine and teaches it what was judged harmless since the last run. Before the first
    // examine(). `beside`: write on a second thread.
    [[nodiscard]] Status start(bool beside);
    void examine(std::span<const FedRow> rows);
    // Hands over what was examined since the last block, to be written in one transaction, after waiting for
    // the block before. A failure to write may show only here or in settle().
    [[nodiscard]] Status endBlock(std::vector<AddressFactRow> newAddresses, ImportSummary &summary);
    // Waits until all that was handed over is written.
    [[nodiscard]] Status settle(ImportSummary &summary);
    // After the last block: what came behind it, and what only now can be told.
    [[nodiscard]] Status finish(ImportSummary &summary);
    // Shows that the run lives, in between the blocks.
    void beat();

    [[nodiscard]] Result<std::uint64_t> usersAtRisk();

private:
    BlockWriter(Directory &directory, enrich::Enricher enricher, const Clock &clock, UserBook users,
                DetectorMemory memory);
    Status teachWhatWasJudged();
    void examine(const FedRow &fed);
    void touch(std::uint32_t user);
    void handOverRows();

    // What a block holds besides its rows.
    struct Block
    {
        std::vector<AddressFactRow> newAddresses;
        std::vector<std::pair<std::uint32_t, detect::LearningStatus>> learning;
        std::vector<ledger::RaisedDetection> raised;
        std::vector<SignInRow> withheld;
        std::vector<Campaign> campaigns;
        std::vector<SetAsideIndicator> aside;
        std::shared_ptr<const SavedParts> memory;
        std::optional<Position> from, to;
    };
    // Fails where the lease is no longer ours.
    Result<store::Transaction> beginWriting();
    // On the writing thread.
    Status write(Block &block);
    Status writeRows();
    Status writeRisk(Block &block, std::span<const PasswordEvent> passwords);
    Result<std::span<const PasswordEvent>> writePasswords(std::optional<Timestamp> until);
    Status writeProviderRecords();
    void addCounts(ImportSummary &summary);
    Status writeRejects();

    Directory &m_directory;
    store::Connection &m_connection;
    const Clock &m_clock;
    enrich::Enricher m_enricher;
    store::Dictionaries m_dictionaries;
    UserBook m_users;
    Sightings m_sightings;
    DetectorMemory m_memory;
    detect::Tuning m_tuning;
    std::unique_ptr<detect::Engine> m_engine; // none in a trial directory

    std::int64_t m_run = 0;
    store::ImportLease *m_lease = nullptr;
    // Of the block that is being examined.
    struct Counted // what the users' counters need of a row besides the row
    {
        const Place *place;
        std::uint32_t placeId;
    };
    std::optional<Position> m_blockFrom, m_blockTo;
    std::vector<SignInRow> m_rows; // of one segment, not yet handed over
    std::vector<Counted> m_counted;
    bool m_rowsAreLate = false;
    std::vector<std::uint32_t> m_touched; // users with a row in the block
    std::vector<std::uint32_t> m_touchedIn;
    std::uint32_t m_block = 1;
    AddressCrowd m_crowd; // of the whole run
    std::vector<ledger::RaisedDetection> m_raised;
    std::vector<SignInRow> m_withheld;

    // Of the writing thread.
    std::vector<store::EncodedSegment> m_segments;
    struct Counts
    {
        std::uint64_t stored = 0, duplicates = 0, detections = 0, silenced = 0;
        std::vector<std::string> notices;
    } m_counts; // of what was written since settle()
    std::vector<Reject> m_rejects;
    std::size_t m_rejectsKept = 0; // of the run
    struct Rejected
    {
        std::uint64_t line = 0, offset = 0, count = 0;
    };
    std::map<std::pair<std::string, std::string>, Rejected> m_moreRejects; // by file and reason
    std::vector<ledger::RaisedDetection> m_providerDetections;
    struct KeptRiskyUser
    {
        std::uint32_t user;
        std::string level, state, detail;
        std::optional<Timestamp> updated;
    };
    std::vector<KeptRiskyUser> m_providerRiskyUsers;
    std::vector<PasswordEvent> m_passwords; // in time order from the first block on
    std::size_t m_passwordsWritten = 0;
    bool m_passwordsInOrder = false;
    std::unique_ptr<SerialExecutor> m_writing; // last: its thread ends before the rest goes
};

} // namespace riskdesk::run
