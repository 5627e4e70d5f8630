#include "core/ledger/withheld_rows.h"

#include "core/domain/stored_sign_in.h"
#include "core/store/connection.h"

#include <algorithm>
#include <span>

namespace riskdesk::ledger {
namespace {

using Blob = std::span<const std::uint8_t>;

}

WithheldRows::WithheldRows(store::Connection &connection)
    : m_unjudged(connection,
                 "SELECT user, event_key, row FROM withheld WHERE verdict = 0 AND restart = 0 AND "
                 "row IS NOT NULL")
    , m_keep(connection, "INSERT OR IGNORE INTO withheld (user, event_key, row) VALUES (?1, ?2, ?3)")
    , m_of(connection, "SELECT event_key, verdict, restart FROM withheld WHERE user = ?1")
    , m_judge(connection, "INSERT INTO withheld (user, event_key, verdict, restart) VALUES (?1, ?2, ?3, ?4) "
                          "ON CONFLICT DO UPDATE SET verdict = excluded.verdict, restart = excluded.restart")
    , m_restore(connection,
                "INSERT INTO withheld (user, event_key, verdict, restart) SELECT ?1, ?2, ?3, ?4 WHERE "
                "?2 = zeroblob(16) OR EXISTS (SELECT 1 FROM withheld WHERE user = ?1 AND event_key = ?2) "
                "ON CONFLICT DO UPDATE SET verdict = excluded.verdict, restart = excluded.restart")
    , m_drop(connection, "DELETE FROM withheld WHERE user = ?1 AND event_key = ?2")
    , m_taught(connection, "DELETE FROM withheld WHERE user = ?1 AND event_key = ?2 AND verdict = 1")
{}

Status WithheldRows::keep(const SignInRow &row)
{
    return m_keep.bind(row.user, Blob(row.eventKey), Blob(encode(row))).run();
}

Status WithheldRows::dropOthers(std::int64_t after, const std::set<EventKey> &kept)
{
    std::vector<std::pair<std::uint32_t, EventKey>> others;
    while (m_unjudged.step())
        if (const auto row = decodeSignIn(m_unjudged.blob(2));
            row && row->at > after && !kept.contains(row->eventKey))
            others.emplace_back(m_unjudged.uint32(0), row->eventKey);
    if (!m_unjudged.ok())
        return tl::unexpected(m_unjudged.error());
    m_unjudged.reset();
    for (const auto &[user, key] : others)
        if (auto ok = m_drop.bind(user, Blob(key)).run(); !ok)
            return ok;
    return {};
}

Result<std::vector<WithheldImage>> WithheldRows::of(std::uint32_t user)
{
    std::vector<WithheldImage> all;
    for (m_of.bind(user); m_of.step();) {
        auto &image = all.emplace_back();
        const auto key = m_of.blob(0);
        std::copy_n(key.begin(), std::min(key.size(), image.key.size()), image.key.begin());
        image.verdict = static_cast<int>(m_of.int64(1));
        image.restart = static_cast<int>(m_of.int64(2));
    }
    if (!m_of.ok())
        return tl::unexpected(m_of.error());
    return all;
}

Status WithheldRows::judge(std::uint32_t user, const WithheldImage &image)
{
    return m_judge.bind(user, Blob(image.key), image.verdict, image.restart).run();
}

Status WithheldRows::restore(std::uint32_t user, const WithheldImage &image)
{
    if (image.gone)
        return m_drop.bind(user, Blob(image.key)).run();
    return m_restore.bind(user, Blob(image.key), image.verdict, image.restart).run();
}

Result<std::vector<WithheldRows::ToTeach>> WithheldRows::toTeach(store::Connection &connection)
{
    std::vector<ToTeach> all;
    store::Statement row(connection, "SELECT user, event_key, restart, row FROM withheld WHERE verdict = 1");
    while (row.step()) {
        auto &one = all.emplace_back();
        one.user = row.uint32(0);
        const auto key = row.blob(1);
        std::copy_n(key.begin(), std::min(key.size(), one.key.size()), one.key.begin());
        one.restart = row.int64(2) != 0;
        one.row = decodeSignIn(row.blob(3));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Status WithheldRows::taught(const ToTeach &one)
{
    return m_taught.bind(one.user, Blob(one.key)).run();
}

} // namespace riskdesk::ledger
