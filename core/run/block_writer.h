// BlockWriter: examines rows in order and commits them block by block.
//
// One transaction holds the rows of a block as segments, the users, texts and address facts they brought, the
// detections they raised with what follows for risk, and the detectors' memory. So after any crash the store
// is as if the run had ended after a whole block.
//
// One thread; made for one run.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/domain/account.h"
#include "core/domain/reject.h"
#include "core/enrich/enricher.h"
#include "core/run/detector_memory.h"
#include "core/run/directory.h"
#include "core/run/sightings.h"
#include "core/run/stored_sign_ins.h"
#include "core/run/user_book.h"
#include "core/store/dictionary.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::action {
struct RaisedDetection;
}

namespace riskdesk::store {
class ImportLease;
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
    void setRun(std::int64_t run) { m_run = run; }
    // Every block is written only while the lease is ours: who slept through a take-over must not write on.
    void setLease(store::ImportLease *lease) { m_lease = lease; }

    // Kept for the next commit.
    void keep(const ProviderDetection &detection);
    void keep(const ProviderRiskyUser &user);
    void keep(Reject &&reject) { m_rejects.push_back(std::move(reject)); }

    [[nodiscard]] std::optional<Position> watermark() const { return m_memory.watermark(); }
    // Puts the detectors' memory back to the rewind point; the rows that have to be played again, in order.
    [[nodiscard]] Result<std::vector<StoredRow>> rewind();
    // Makes the engine and teaches it what was judged harmless since the last run. Before the first
    // examine().
    [[nodiscard]] Status start();
    // `fresh`: to be stored; else it is stored already and only played again.
    void examine(const SignInRow &row, bool late, bool fresh);
    [[nodiscard]] std::size_t rowsWaiting() const { return m_rows.size() + m_lateRows.size() + m_played; }
    [[nodiscard]] Status commit(ImportSummary &summary);

    [[nodiscard]] Result<std::uint64_t> usersAtRisk();

private:
    BlockWriter(Directory &directory, enrich::Enricher enricher, const Clock &clock, UserBook users,
                DetectorMemory memory);
    Status teachWhatWasJudged();
    Status writeRows();
    Status writeRisk(ImportSummary &summary);
    Status writeProviderRecords(ImportSummary &summary);
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
    std::optional<Position> m_blockFrom, m_blockTo;
    std::vector<SignInRow> m_rows, m_lateRows;
    std::size_t m_played = 0;
    std::vector<action::RaisedDetection> m_raised;
    std::vector<SignInRow> m_withheld;
    std::vector<Reject> m_rejects;
    std::vector<action::RaisedDetection> m_providerDetections;
    struct KeptRiskyUser
    {
        std::uint32_t user;
        std::string level, state, detail;
        std::optional<Timestamp> updated;
    };
    std::vector<KeptRiskyUser> m_providerRiskyUsers;
};

} // namespace riskdesk::run
