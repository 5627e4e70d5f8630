#include "core/import/block_writer.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/examine/encoder.h"
#include "core/examine/raise.h"
#include "core/import/import_run.h"
#include "core/ingest/reader.h"
#include "core/ledger/risk_writer.h"
#include "core/ledger/suppression.h"
#include "core/ledger/withheld_rows.h"
#include "core/lists/set_aside.h"
#include "core/store/lease.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace riskdesk::run {
Result<std::unique_ptr<BlockWriter>> BlockWriter::open(Directory &directory, enrich::Enricher enricher,
                                                       const Clock &clock)
{
    auto users = UserBook::load(directory.connection());
    if (!users)
        return tl::unexpected(users.error());
    auto memory = DetectorMemory::open(directory.connection());
    if (!memory)
        return tl::unexpected(memory.error());
    auto tuned = tuning(directory.connection());
    if (!tuned)
        return tl::unexpected(tuned.error());
    std::unique_ptr<BlockWriter> writer(
        new BlockWriter(directory, std::move(enricher), clock, std::move(*users), std::move(*memory)));
    writer->m_tuning = *tuned;
    if (auto ok = writer->m_dictionaries.load(directory.connection()); !ok)
        return tl::unexpected(ok.error());
    return writer;
}

BlockWriter::BlockWriter(Directory &directory, enrich::Enricher enricher, const Clock &clock, UserBook users,
                         DetectorMemory memory)
    : m_directory(directory)
    , m_connection(directory.connection())
    , m_clock(clock)
    , m_enricher(std::move(enricher))
    , m_users(std::move(users))
    , m_sightings(m_dictionaries, m_users, m_enricher)
    , m_memory(std::move(memory))
{}

BlockWriter::~BlockWriter() = default;

void BlockWriter::keep(const ProviderDetection &p)
{
    ledger::RaisedDetection kept;
    auto &d = kept.detection;
    d.id = p.id.empty() ? toHex(blake2b256(std::string(p.requestId) + '\x1f' + std::string(p.riskEventType)))
                        : std::string(p.id);
    d.type = detectionTypeFromText(p.riskEventType).value_or(DetectionType::Other);
    d.typeText = p.riskEventType;
    d.level = riskLevelFromText(p.riskLevel).value_or(RiskLevel::None);
    d.state = riskStateFromText(p.riskState).value_or(RiskState::None);
    d.detail = riskDetailFromText(p.riskDetail).value_or(RiskDetail::None);
    for (const auto timing :
         {DetectionTiming::Realtime, DetectionTiming::NearRealtime, DetectionTiming::Offline})
        if (equalsIgnoringCase(toText(timing), p.timing))
            d.timing = timing;
    d.activity = equalsIgnoringCase(p.activity, "user") ? Activity::User : Activity::SignIn;
    d.source = p.source.empty() ? "provider" : std::string(p.source);
    if (d.source == ourSource) // our own export read back: still somebody else's word
        d.source = "imported " + d.source;
    d.user = m_users.meet(p.userId, p.userPrincipalName);
    d.requestId = p.requestId;
    d.correlationId = p.correlationId;
    d.at = p.at;
    d.detectedAt = p.detectedAt;
    d.lastUpdated = p.lastUpdated;
    d.lastAt = p.at;
    d.ip = p.ip;
    Place place;
    place.city = p.city;
    place.state = p.state;
    place.country = p.country;
    place.latitude = p.latitude;
    place.longitude = p.longitude;
    d.place = place.isKnown() ? m_dictionaries.intern(Dictionary::Place, place.encode()) : 0;
    if (!p.additionalInfo.empty())
        d.evidence.additionalInfo = p.additionalInfo;
    kept.city = p.city;
    kept.country = p.country;
    kept.ipText = p.ip.toString();
    m_providerDetections.push_back(std::move(kept));
}

void BlockWriter::keep(const ProviderRiskyUser &p)
{
    UserRecord record;
    record.id = p.id;
    record.userPrincipalName = p.userPrincipalName;
    record.displayName = p.userDisplayName;
    record.isDeleted = p.isDeleted;
    m_users.apply(record);
    m_providerRiskyUsers.push_back({m_users.meet(p.id, p.userPrincipalName), std::string(p.riskLevel),
                                    std::string(p.riskState), std::string(p.riskDetail), p.riskLastUpdated});
}

void BlockWriter::keep(const PasswordRecord &p)
{
    auto event = passwordEvent(p);
    event.user = m_users.meet(p.userId, p.userPrincipalName);
    m_passwords.push_back(std::move(event));
}

void BlockWriter::keep(Reject &&reject, const std::string &argument)
{
    if (m_rejectsKept >= limits::rejectsOfARun)
        return count({std::move(reject.file), std::move(reject.reason), reject.line, reject.offset, 1},
                     argument);
    ++m_rejectsKept;
    m_rejects.push_back(std::move(reject));
}

void BlockWriter::count(const ingest::MoreRejects &more, const std::string &argument)
{
    std::pair key(more.file, more.reason);
    if (m_moreRejects.size() >= limits::rejectKinds && !m_moreRejects.contains(key))
        key.first = argument;
    const auto [found, isNew] =
        m_moreRejects.try_emplace(std::move(key), Rejected{more.line, more.offset, 0});
    auto &rejected = found->second;
    if (more.offset < rejected.offset) {
        rejected.line = more.line;
        rejected.offset = more.offset;
    }
    rejected.count += more.count;
}

Result<std::vector<StoredRow>> BlockWriter::rewind()
{
    SignInStream stream(m_connection, m_memory.rewindPoint());
    std::vector<StoredRow> rows;
    for (StoredRow row;;) {
        auto more = stream.next(row);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        rows.push_back(row);
    }
    m_memory.rewind();
    return rows;
}

Status BlockWriter::start(bool beside)
{
    m_blockFrom = m_blockTo = m_memory.watermark();
    m_writing = std::make_unique<SerialExecutor>(beside);
    for (const auto user : m_users.touched()) // while the files were read
        touch(user);
    if (m_directory.info().trial)
        return {};
    if (beside)
        if (auto ok = m_memory.readBeside(); !ok)
            return ok;
    m_engine = std::make_unique<detect::Engine>(m_tuning, m_memory, m_sightings);
    return teachWhatWasJudged();
}

Status BlockWriter::teachWhatWasJudged()
{
    const auto judged = ledger::WithheldRows::toTeach(m_connection);
    if (!judged)
        return tl::unexpected(judged.error());
    std::vector<SignInRow> rows;
    for (const auto &one : *judged) {
        if (one.restart)
            m_engine->restartLearning(one.user);
        if (one.row)
            rows.push_back(*one.row);
    }
    std::sort(rows.begin(), rows.end(), before);
    for (const auto &row : rows)
        m_engine->teach(m_sightings.make(row));
    return {};
}

void BlockWriter::examine(std::span<const FedRow> rows)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (m_engine != nullptr)
            for (const auto &[what, by] : detect::aheadBy)
                if (i + by < rows.size())
                    m_engine->expect(rows[i + by].sighting, what);
        examine(rows[i]);
    }
}

void BlockWriter::examine(const FedRow &fed)
{
    const auto &sighting = fed.sighting;
    const auto &row = sighting.row;
    if (fed.fresh) {
        if (m_rows.size() == store::rowsPerSegment || m_rowsAreLate != sighting.late)
            handOverRows();
        m_rowsAreLate = sighting.late;
        m_rows.push_back(row);
        m_counted.push_back({sighting.place, sighting.placeId});
        touch(row.user);
        if (row.succeeded())
            m_crowd.note(row.user, row.ip, sighting.ip);
    }
    if (!m_blockTo || !m_blockTo->covers(row))
        m_blockTo = Position{row.at, row.eventKey};
    if (m_engine == nullptr)
        return;
    const auto &examination = m_engine->examine(sighting);
    for (const auto &finding : examination.findings)
        m_raised.push_back(raisedDetection(finding, m_sightings, m_users, m_clock.now()));
    if (examination.withheld)
        m_withheld.push_back(row);
}

void BlockWriter::touch(std::uint32_t user)
{
    if (user >= m_touchedIn.size())
        m_touchedIn.resize(std::max<std::size_t>(user + 1, m_touchedIn.size() * 2));
    if (m_touchedIn[user] == m_block)
        return;
    m_touchedIn[user] = m_block;
    m_touched.push_back(user);
}

// A segment is encoded as soon as it is full: it takes half the memory then.
void BlockWriter::handOverRows()
{
    if (m_rows.empty())
        return;
    m_writing->run([this, rows = std::move(m_rows), counted = std::move(m_counted), late = m_rowsAreLate] {
        for (std::size_t i = 0; i < rows.size(); ++i)
            m_users.count(rows[i].user, rows[i], counted[i].placeId, counted[i].place->country);
        m_segments.push_back(store::encodeSegment(rows, late));
        return Status();
    });
    m_rows = {};
    m_counted = {};
    m_rows.reserve(store::rowsPerSegment);
    m_counted.reserve(store::rowsPerSegment);
}

void BlockWriter::beat()
{
    if (m_lease != nullptr)
        m_writing->run([this] { return m_lease->heartbeat(); });
}

Status BlockWriter::settle(ImportSummary &summary)
{
    if (m_writing == nullptr)
        return {};
    auto ok = m_writing->drain();
    addCounts(summary);
    m_memory.committed();
    return ok;
}

void BlockWriter::addCounts(ImportSummary &summary)
{
    summary.stored += m_counts.stored;
    summary.duplicates += m_counts.duplicates;
    summary.detections += m_counts.detections;
    summary.silenced += m_counts.silenced;
    std::ranges::move(m_counts.notices, std::back_inserter(summary.notices));
    m_counts = {};
}

Result<store::Transaction> BlockWriter::beginWriting()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (transaction && m_lease != nullptr)
        if (auto ours = m_lease->heartbeat(true); !ours)
            return tl::unexpected(ours.error());
    return transaction;
}

Status BlockWriter::writeKept(ImportSummary &summary)
{
    constexpr std::size_t much = 16384;
    if (m_providerDetections.size() + m_providerRiskyUsers.size() < much)
        return {};
    auto transaction = beginWriting();
    if (!transaction)
        return tl::unexpected(transaction.error());
    Status ok = m_users.flush(m_connection);
    if (ok)
        ok = m_sightings.flushDictionaries(m_connection);
    if (ok)
        ok = writeProviderRecords();
    if (ok)
        ok = transaction->commit();
    if (ok)
        addCounts(summary);
    return ok;
}

Status BlockWriter::endBlock(std::vector<AddressFactRow> newAddresses, ImportSummary &summary)
{
    handOverRows();
    // The block before goes out of memory first: what the engine saves is large.
    if (auto ok = settle(summary); !ok)
        return ok;
    if (auto ok = m_memory.loaded(); !ok)
        return ok;
    auto block = std::make_shared<Block>();
    block->newAddresses = std::move(newAddresses);
    block->raised = std::move(m_raised);
    block->withheld = std::move(m_withheld);
    block->from = m_blockFrom;
    block->to = m_blockTo;
    if (m_engine != nullptr) {
        for (const auto user : m_touched)
            block->learning.emplace_back(user, m_engine->learning(user));
        block->campaigns = m_engine->takeCampaigns();
        block->aside = m_engine->takeSetAside();
        if (m_blockTo) {
            auto parts = std::make_shared<SavedParts>();
            m_engine->save(*parts);
            block->memory = std::move(parts);
        }
    }
    m_memory.writing(block->memory);
    m_writing->run([this, block] { return write(*block); });
    m_raised = {};
    m_withheld = {};
    m_touched.clear();
    ++m_block;
    m_blockFrom = m_blockTo;
    return {};
}

Status BlockWriter::writeRows()
{
    for (const auto &segment : m_segments)
        if (auto id = store::writeSegment(m_connection, m_run, segment); !id)
            return tl::unexpected(id.error());
    m_segments.clear();
    return {};
}

// Those up to a time, all of them without one. They were kept now, and count from now on.
Result<std::span<const PasswordEvent>> BlockWriter::writePasswords(std::optional<Timestamp> until)
{
    if (!m_passwordsInOrder) {
        for (auto &p : m_passwords)
            p.user = m_users.resolve(p.user);
        std::ranges::sort(m_passwords, [](const auto &a, const auto &b) {
            return std::tie(a.at, a.user, a.key) < std::tie(b.at, b.user, b.key);
        });
        m_passwordsInOrder = true;
    }
    const auto first = m_passwordsWritten;
    while (m_passwordsWritten < m_passwords.size() &&
           (!until || m_passwords[m_passwordsWritten].at <= *until))
        ++m_passwordsWritten;
    const std::span<const PasswordEvent> now(m_passwords.data() + first, m_passwordsWritten - first);
    const auto fresh = keepPasswords(m_connection, now);
    if (!fresh)
        return tl::unexpected(fresh.error());
    m_counts.stored += *fresh;
    m_counts.duplicates += now.size() - *fresh;
    return now;
}

Status BlockWriter::finish(ImportSummary &summary)
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = m_users.flush(m_connection); !ok)
        return ok;
    const auto passwords = writePasswords({});
    if (!passwords)
        return tl::unexpected(passwords.error());
    if (m_engine != nullptr) {
        if (auto counts = raiseInOrder(m_connection, m_clock, {}, *passwords); !counts)
            return tl::unexpected(counts.error());
        if (auto ok = settlePasswords(m_connection, m_clock); !ok)
            return ok;
    }
    const auto crowd = writeCrowd(m_connection, m_clock, m_crowd);
    if (!crowd)
        return tl::unexpected(crowd.error());
    if (*crowd)
        m_counts.notices.push_back(**crowd);
    if (auto ok = transaction->commit(); !ok)
        return ok;
    return settle(summary);
}

Status BlockWriter::writeRisk(Block &block, std::span<const PasswordEvent> passwords)
{
    std::stable_sort(block.raised.begin(), block.raised.end(),
                     [](const auto &a, const auto &b) { return a.detection.at < b.detection.at; });
    const auto silenced = silence(m_connection, m_clock, m_sightings, block.raised);
    if (!silenced)
        return tl::unexpected(silenced.error());
    m_counts.silenced += *silenced;
    auto counts = raiseInOrder(m_connection, m_clock, std::move(block.raised), passwords);
    if (!counts)
        return tl::unexpected(counts.error());
    m_counts.detections += counts->detections;
    if (auto ok = writeWithheld(m_connection, block.withheld); !ok)
        return ok;
    auto said = setOwnTrafficAside(m_connection, m_clock, block.aside);
    if (!said)
        return tl::unexpected(said.error());
    std::ranges::move(*said, std::back_inserter(m_counts.notices));
    return ledger::WithheldRows::taught(m_connection);
}

Status BlockWriter::writeProviderRecords()
{
    if (!m_providerDetections.empty()) {
        for (auto &kept : m_providerDetections)
            kept.detection.user = m_users.resolve(kept.detection.user);
        const auto given = m_providerDetections.size();
        ledger::RiskWriter writer(m_connection, m_clock);
        auto counts = writer.raise(std::move(m_providerDetections));
        m_providerDetections.clear();
        if (!counts)
            return tl::unexpected(counts.error());
        m_counts.stored += counts->detections;
        m_counts.duplicates += given - counts->detections;
    }
    store::Statement known(m_connection,
                           "SELECT 1 FROM provider_risk WHERE user = ?1 AND level = ?2 AND state = ?3 AND "
                           "detail = ?4 AND updated_at IS ?5");
    store::Statement write(m_connection,
                           "INSERT OR REPLACE INTO provider_risk (user, level, state, detail, updated_at) "
                           "VALUES (?1, ?2, ?3, ?4, ?5)");
    for (const auto &u : m_providerRiskyUsers) {
        const auto user = m_users.resolve(u.user);
        if (known.bind(user, u.level, u.state, u.detail, u.updated).step()) {
            ++m_counts.duplicates;
            continue;
        }
        if (auto ok = write.bind(user, u.level, u.state, u.detail, u.updated).run(); !ok)
            return ok;
        ++m_counts.stored;
    }
    m_providerRiskyUsers.clear();
    return known.ok() ? Status() : tl::unexpected(known.error());
}

Status BlockWriter::writeRejects()
{
    store::Statement write(m_connection,
                           "INSERT OR IGNORE INTO reject (run, file, line, column, offset, reason, detail, "
                           "excerpt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    for (const auto &r : m_rejects)
        if (auto ok =
                write.bind(m_run, r.file, r.line, r.column, r.offset, r.reason, r.detail, r.excerpt).run();
            !ok)
            return ok;
    m_rejects.clear();
    // At the place of the first that is only counted: read again, the file comes to the same row.
    store::Statement count(
        m_connection,
        "INSERT INTO reject (run, file, line, column, offset, reason, detail, excerpt, records) "
        "VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, '', ?7) ON CONFLICT (file, offset, reason) DO "
        "UPDATE SET detail = excluded.detail, excerpt = '', records = excluded.records WHERE "
        "excluded.records > records");
    for (const auto &[key, more] : m_moreRejects)
        if (auto ok = count
                          .bind(m_run, key.first, more.line, more.offset, key.second,
                                fmt::format("and {} more like these", more.count), more.count)
                          .run();
            !ok)
            return ok;
    m_moreRejects.clear();
    return {};
}

Status BlockWriter::write(Block &block)
{
    auto transaction = beginWriting();
    if (!transaction)
        return tl::unexpected(transaction.error());
    for (const auto &[user, learning] : block.learning)
        m_users.setLearning(user, learning.done, learning.needed);
    Status ok = m_users.flush(m_connection);
    if (ok)
        ok = m_sightings.write(m_connection, block.newAddresses);
    if (ok)
        ok = m_sightings.flushDictionaries(m_connection);
    if (ok)
        ok = writeRows();
    std::span<const PasswordEvent> passwords;
    if (ok && block.to) {
        auto until = writePasswords(Timestamp{block.to->at});
        if (!until)
            return tl::unexpected(until.error());
        passwords = *until;
    }
    if (ok && m_engine != nullptr) {
        ok = writeRisk(block, passwords);
        if (ok)
            ok = writeCampaigns(m_connection, block.campaigns);
    }
    if (ok)
        ok = writeProviderRecords();
    if (ok)
        ok = writeRejects();
    if (ok && block.to) {
        ok = m_memory.beginBlock(block.from, *block.to);
        if (ok && block.memory != nullptr)
            block.memory->writeTo(m_memory);
        if (ok)
            ok = m_memory.endBlock(*block.to);
    }
    return ok ? transaction->commit() : ok;
}

Result<std::uint64_t> BlockWriter::usersAtRisk()
{
    store::Statement count(m_connection, "SELECT count(*) FROM user_risk WHERE state IN (?1, ?2)");
    count.bind(RiskState::AtRisk, RiskState::ConfirmedCompromised);
    if (!count.step())
        return tl::unexpected(count.error());
    return static_cast<std::uint64_t>(count.int64(0));
}

} // namespace riskdesk::run
