#include "core/import/row_feed.h"

#include "core/examine/user_book.h"

#include <utility>

namespace riskdesk::run {
namespace {

// A file imported again gives nothing but duplicates; an answer is due all the same, to show that we live.
constexpr std::size_t rowsAtOnce = 16'384;

} // namespace

RowFeed::RowFeed(Staging &staging, StoredKeys stored, const UserBook &users, Enrichment &enrichment,
                 std::size_t rowsPerBlock, std::int64_t newest)
    : m_staging(staging)
    , m_stored(std::move(stored))
    , m_users(users)
    , m_enrichment(enrichment)
    , m_rowsPerBlock(rowsPerBlock)
    , m_savesAt(DetectorMemory::writtenAt(newest))
{}

Result<bool> RowFeed::seek()
{
    if (auto ok = advance(); !ok)
        return tl::unexpected(ok.error());
    return m_hasFresh || !m_moreStaged;
}

Status RowFeed::advance()
{
    m_hasFresh = false;
    for (std::size_t looked = 0; looked < rowsAtOnce; ++looked) {
        const auto more = m_staging.next(m_fresh);
        if (!more)
            return tl::unexpected(more.error());
        m_moreStaged = *more;
        if (!m_moreStaged)
            return {};
        m_fresh.user = m_users.resolve(m_fresh.user);
        const auto known = m_stored.contains(m_fresh);
        if (!known)
            return tl::unexpected(known.error());
        m_hasFresh = !*known;
        if (m_hasFresh)
            return {};
        ++m_duplicates;
    }
    return {};
}

bool RowFeed::fill(RowBatch &batch)
{
    batch.rows.clear();
    batch.newAddresses.clear();
    batch.newTexts = {};
    batch.endsBlock = batch.savesMemory = batch.isLast = false;
    batch.status = {};
    if (m_ended)
        return false;
    while (batch.rows.size() < rowsPerBatch && m_inBlock < m_rowsPerBlock) {
        if (!m_hasFresh && m_moreStaged) {
            batch.status = advance();
            if (!batch.status || (!m_hasFresh && m_moreStaged))
                break;
        }
        if (!m_hasFresh)
            break;
        while (m_passed < m_savesAt.size() && m_fresh.at > m_savesAt[m_passed])
            ++m_passed, batch.savesMemory |= m_sinceSave > 0;
        if (batch.savesMemory)
            break;
        ++m_sinceSave;
        batch.rows.push_back(m_enrichment.make(m_fresh));
        ++m_inBlock;
        m_hasFresh = false;
    }
    batch.duplicates = std::exchange(m_duplicates, 0);
    m_ended = !batch.status || (!m_hasFresh && !m_moreStaged);
    if (m_ended || batch.savesMemory || m_inBlock >= m_rowsPerBlock) {
        batch.endsBlock = true;
        batch.isLast = m_ended;
        batch.savesMemory |= m_ended;
        if (batch.savesMemory)
            m_sinceSave = 0;
        batch.newAddresses = m_enrichment.takeNewAddresses();
        batch.newTexts = m_enrichment.takeNewTexts();
        m_inBlock = 0;
    }
    return true;
}

} // namespace riskdesk::run
