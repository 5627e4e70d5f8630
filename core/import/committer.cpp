#include "core/import/committer.h"

#include "core/detect/event_time.h"
#include "core/directory/directory.h"
#include "core/examine/join_users.h"
#include "core/examine/raise.h"
#include "core/examine/raise_in_order.h"
#include "core/examine/taught.h"
#include "core/ledger/risk_writer.h"
#include "core/ledger/suppression.h"
#include "core/lists/set_aside.h"
#include "core/query/words/why.h"
#include "core/store/lease.h"

#include <algorithm>
#include <iterator>

namespace riskdesk::run {

Committer::Committer(store::Connection &connection, store::ImportLease &lease, const Clock &clock,
                     Terms terms)
    : m_connection(connection)
    , m_lease(lease)
    , m_clock(clock)
    , m_terms(std::move(terms))
    , m_memory(connection)
{}

Result<store::Transaction> Committer::begin()
{
    auto transaction = store::Transaction::begin(m_connection);
    if (transaction)
        if (auto ours = m_lease.heartbeat(true); !ours)
            return tl::unexpected(ours.error());
    return transaction;
}

Status Committer::beat()
{
    return m_lease.heartbeat();
}

void Committer::take(const SegmentRows &given)
{
    for (std::size_t i = 0; i < given.rows.size(); ++i)
        m_counters.count(given.rows[i], given.where[i].placeId, given.where[i].country);
    m_segments.push_back(store::encodeSegment(given.rows));
}

Status Committer::commit(const UserChanges &users, const store::NewTexts &texts, ProviderRecords &provider)
{
    auto transaction = begin();
    if (!transaction)
        return tl::unexpected(transaction.error());
    Status ok = write(users);
    if (ok)
        ok = store::writeTexts(m_connection, texts);
    if (ok)
        ok = writeProvider(provider);
    return ok ? transaction->commit() : ok;
}

Status Committer::commit(Block &&block)
{
    auto transaction = begin();
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto ok = write(block);
    return ok ? transaction->commit() : ok;
}

Status Committer::write(const UserChanges &users)
{
    if (auto ok = writeUsers(m_connection, m_clock, users); !ok)
        return ok;
    store::Statement first(m_connection, "SELECT first_sign_in FROM user WHERE id = ?1");
    std::optional<Timestamp> from;
    for (const auto user : users.reidentified) {
        if (first.bind(user).step() && !first.isNull(0))
            from = std::min(from.value_or(first.time(0)), first.time(0));
        if (!first.ok())
            return tl::unexpected(first.error());
        first.reset();
    }
    if (!users.joined.empty()) {
        const auto moved = moveSignIns(m_connection, users.joined, [this] { return m_lease.heartbeat(); });
        if (!moved)
            return tl::unexpected(moved.error());
        if (*moved)
            from = std::min(from.value_or(**moved), **moved);
    }
    if (!from)
        return {};
    m_unsettledFrom = std::min(m_unsettledFrom.value_or(from->us), from->us);
    return m_memory.leaveUnsettled(from->us);
}

Status Committer::write(Block &block)
{
    Status ok = write(block.users);
    for (const auto &[user, learning] : block.learning)
        m_counters.setLearning(user, learning.done, learning.needed);
    if (ok)
        ok = writeAddressFacts(m_connection, block.newAddresses, m_terms.factsVersion);
    if (ok)
        ok = store::writeTexts(m_connection, block.texts);
    if (ok)
        ok = writeRows(block.countsUsers);
    if (ok)
        ok = writePasswords(block.passwords);
    if (ok && m_terms.judges && block.to) {
        ok = writeRisk(block);
        if (ok)
            ok = writeCampaigns(m_connection, block.campaigns);
    }
    if (ok)
        ok = writeProvider(block.provider);
    if (ok)
        ok = writeRejects(m_connection, m_terms.run, block.rejects);
    if (ok && block.memory != nullptr)
        ok = writeMemory(block);
    else if (ok && block.unsettledFrom)
        ok = m_memory.leaveUnsettled(*block.unsettledFrom);
    return ok;
}

Status Committer::writeRows(bool countsUsers)
{
    for (const auto &segment : std::exchange(m_segments, {})) {
        const auto id = store::writeSegment(m_connection, m_terms.run, segment);
        if (!id)
            return tl::unexpected(id.error());
        if (!countsUsers)
            if (auto ok = leaveUncounted(m_connection, *id); !ok)
                return ok;
    }
    return countsUsers ? addCounts() : Status();
}

Status Committer::addCounts()
{
    const auto ok = m_counters.flush(m_connection);
    return ok ? leaveCounted(m_connection) : ok;
}

Status Committer::countUsers()
{
    auto transaction = begin();
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto ok = addCounts();
    return ok ? transaction->commit() : ok;
}

Status Committer::writePasswords(std::span<const PasswordEvent> passwords)
{
    const auto kept = keepPasswords(m_connection, passwords);
    if (!kept)
        return tl::unexpected(kept.error());
    m_counts.stored += kept->fresh;
    m_counts.duplicates += passwords.size() - kept->fresh;
    if (kept->splitFrom && m_terms.judges)
        m_unsettledFrom = std::min(m_unsettledFrom.value_or(*kept->splitFrom), *kept->splitFrom);
    return {};
}

Status Committer::writeRisk(Block &block)
{
    std::stable_sort(block.raised.begin(), block.raised.end(),
                     [](const auto &a, const auto &b) { return a.detection.at < b.detection.at; });
    const auto silenced = silence(m_connection, m_clock, block.raised);
    if (!silenced)
        return tl::unexpected(silenced.error());
    m_counts.silenced += *silenced;
    auto counts = raiseInOrder(m_connection, m_clock, std::move(block.raised), block.passwords);
    if (!counts)
        return tl::unexpected(counts.error());
    m_counts.detections += counts->detections;
    if (auto ok = writeWithheld(m_connection, block.withheld); !ok)
        return ok;
    auto said = setOwnTrafficAside(m_connection, m_clock, block.aside);
    if (!said)
        return tl::unexpected(said.error());
    if (said->empty())
        return {};
    std::ranges::move(*said, std::back_inserter(m_counts.notices));
    // What they had raised before; nothing that was stored says where that begins.
    store::Statement oldest(m_connection, "SELECT min(t0) FROM segment");
    if (oldest.step() && !oldest.isNull(0))
        m_unsettledFrom = std::min(m_unsettledFrom.value_or(oldest.int64(0)), oldest.int64(0));
    return oldest.ok() ? Status() : tl::unexpected(oldest.error());
}

Status Committer::writeProvider(ProviderRecords &provider)
{
    const auto count = writeProviderRecords(m_connection, m_clock, provider);
    if (!count)
        return tl::unexpected(count.error());
    m_counts.stored += count->stored;
    m_counts.duplicates += count->duplicates;
    return {};
}

Status Committer::writeMemory(const Block &block)
{
    auto ok = m_memory.beginBlock(block.from, block.keepsRewind);
    if (ok)
        block.memory->save(m_memory);
    if (ok)
        ok = m_memory.endBlock(*block.to);
    if (ok)
        ok = block.tunings->holdUntil(m_connection, *block.to);
    if (ok)
        ok = keepTaught(m_connection, block.taught, block.taughtBehind);
    if (ok)
        ok = dropTaught(m_connection);
    if (!ok)
        return ok;
    return m_unsettledFrom ? m_memory.leaveUnsettled(*m_unsettledFrom) : m_memory.settled();
}

Status Committer::finish(std::span<const PasswordEvent> passwords, const AddressCrowd &crowd)
{
    auto transaction = store::Transaction::begin(m_connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = writePasswords(passwords); !ok)
        return ok;
    if (m_terms.judges) {
        if (auto counts = raiseInOrder(m_connection, m_clock, {}, passwords); !counts)
            return tl::unexpected(counts.error());
        if (auto ok = settlePasswords(m_connection, m_clock); !ok)
            return ok;
        if (m_unsettledFrom)
            if (auto ok = m_memory.leaveUnsettled(*m_unsettledFrom); !ok)
                return ok;
    }
    const auto said = writeCrowd(m_connection, m_clock, crowd);
    if (!said)
        return tl::unexpected(said.error());
    if (*said)
        m_counts.notices.push_back(query::doubt(**said));
    return transaction->commit();
}

} // namespace riskdesk::run
