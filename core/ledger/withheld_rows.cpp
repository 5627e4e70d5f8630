#include "core/ledger/withheld_rows.h"

#include "core/domain/stored_sign_in.h"
#include "core/store/connection.h"
#include "core/store/lease.h"

#include <algorithm>
#include <limits>
#include <span>

namespace riskdesk::ledger {
namespace {

using Blob = std::span<const std::uint8_t>;

EventKey keyOf(Blob blob)
{
    EventKey key{};
    std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
    return key;
}

EventKey fromHex(std::string_view text)
{
    EventKey key{};
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }; // as this program wrote it
    for (std::size_t i = 0; i < key.size() && 2 * i + 1 < text.size(); ++i)
        key[i] = static_cast<std::uint8_t>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return key;
}

} // namespace

WithheldRows::WithheldRows(store::Connection &connection)
    : m_connection(connection)
    , m_unjudged(connection,
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
    , m_keepTaught(connection,
                   "INSERT OR REPLACE INTO taught (user, event_key, at, key, restart, row) SELECT "
                   "user, event_key, ?3, ?4, restart, row FROM withheld WHERE user = ?1 AND "
                   "event_key = ?2 AND verdict = 1")
    , m_dropTaught(connection, "DELETE FROM taught WHERE restart = 0 AND (at, key) < (?1, ?2) AND "
                               "(is_kept = 1 OR (at, key) < (?3, ?4))")
    , m_markKept(connection, "UPDATE taught SET is_kept = 1 WHERE user = ?1 AND event_key = ?2")
    , m_lessons(connection,
                "SELECT was.value ->> 'key', coalesce(was.value ->> 'gone', 0), was.value ->> 'verdict', "
                "was.value ->> 'restart' FROM command_change, json_each(before, '$.withheld') was, "
                "json_each(after, '$.withheld') is_ WHERE command = ?1 AND kind = 'user' AND "
                "command_change.key = ?2 AND is_.value ->> 'key' = was.value ->> 'key' AND "
                "is_.value ->> 'verdict' = 1 AND coalesce(was.value ->> 'verdict', 0) <> 1 AND NOT EXISTS "
                "(SELECT 1 FROM withheld WHERE user = ?2 AND lower(hex(event_key)) = is_.value ->> 'key')")
    , m_lesson(connection,
               "SELECT at, row FROM taught WHERE user = ?1 AND event_key = ?2 ORDER BY at DESC, key DESC "
               "LIMIT 1")
    , m_signIn(connection,
               "SELECT at, row, state IN (?2, ?3) AND detail <> ?4 FROM sign_in_risk WHERE event_key = ?1")
    // The newest: what an earlier confirmation began anew stays so.
    , m_forget(connection,
               "DELETE FROM taught WHERE (user, event_key, at, key) = (SELECT user, event_key, at, "
               "key FROM taught WHERE user = ?1 AND event_key = ?2 ORDER BY at DESC, key DESC "
               "LIMIT 1)")
    // Not before the first that is stored: what was examined before is not examined again.
    , m_unsettle(connection,
                 "UPDATE checkpoint SET unsettled_from = min(coalesce(unsettled_from, t), t) FROM "
                 "(SELECT max(min(t0), ?1) AS t FROM segment) WHERE t IS NOT NULL")
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
        image.key = keyOf(m_of.blob(0));
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

Result<std::vector<WithheldImage>> WithheldRows::lessonsOf(std::int64_t command, std::uint32_t user)
{
    std::vector<WithheldImage> all;
    for (m_lessons.bind(command, user); m_lessons.step();) {
        auto &image = all.emplace_back();
        image.key = fromHex(m_lessons.text(0));
        image.gone = m_lessons.int64(1) != 0;
        image.verdict = static_cast<int>(m_lessons.int64(2));
        image.restart = static_cast<int>(m_lessons.int64(3));
    }
    if (!m_lessons.ok())
        return tl::unexpected(m_lessons.error());
    return all;
}

Result<std::optional<WithheldRows::Lesson>> WithheldRows::lesson(std::uint32_t user, const EventKey &key)
{
    // Of one whose time nobody knows any more, all is examined anew.
    Lesson found{std::numeric_limits<std::int64_t>::min(), {}, false};
    const bool isTaught = m_lesson.bind(user, Blob(key)).step();
    if (isTaught) {
        found.at = m_lesson.int64(0);
        found.row = decodeSignIn(m_lesson.blob(1));
    }
    m_lesson.reset();
    if (!m_lesson.ok())
        return tl::unexpected(m_lesson.error());
    if (key == EventKey{})
        return isTaught ? std::optional(found) : std::nullopt;
    if (m_signIn.bind(Blob(key), RiskState::Dismissed, RiskState::ConfirmedSafe, RiskDetail::None).step()) {
        found.at = m_signIn.int64(0);
        found.isHarmless = m_signIn.int64(2) != 0;
        if (!found.row)
            found.row = decodeSignIn(m_signIn.blob(1));
    }
    m_signIn.reset();
    if (!m_signIn.ok())
        return tl::unexpected(m_signIn.error());
    if (found.row) // a replay since may have taught it at its own place
        found.at = found.row->at;
    return found;
}

Result<std::vector<WithheldImage>> WithheldRows::unteach(std::uint32_t user,
                                                         const std::vector<WithheldImage> &lessons)
{
    std::vector<WithheldImage> untaught;
    for (const auto &image : lessons) {
        const auto done = unteach(user, image);
        if (!done)
            return tl::unexpected(done.error());
        if (*done)
            untaught.push_back(image);
    }
    return untaught;
}

Result<bool> WithheldRows::unteach(std::uint32_t user, const WithheldImage &image)
{
    const auto known = lesson(user, image.key);
    if (!known)
        return tl::unexpected(known.error());
    if (!*known || (*known)->isHarmless)
        return false;
    const auto &taught = **known;
    const auto isImporting = store::ImportLease::isHeld(m_connection);
    if (!isImporting)
        return tl::unexpected(isImporting.error());
    if (*isImporting)
        return fail(Code::StoreBusy, m_connection.file().string(),
                    "an import is running that has learnt of the decision; take it back when it has ended");
    Status ok = m_forget.bind(user, Blob(image.key)).run();
    if (ok && taught.row)
        ok = keep(*taught.row);
    if (ok && !image.gone)
        ok = m_restore.bind(user, Blob(image.key), image.verdict, image.restart).run();
    if (ok)
        ok = m_unsettle.bind(taught.at).run();
    return ok ? Result<bool>(true) : tl::unexpected(ok.error());
}

Result<std::vector<WithheldRows::ToTeach>> WithheldRows::toTeach(store::Connection &connection)
{
    std::vector<ToTeach> all;
    store::Statement row(connection, "SELECT user, event_key, restart, row FROM withheld WHERE verdict = 1");
    while (row.step()) {
        auto &one = all.emplace_back();
        one.user = row.uint32(0);
        one.key = keyOf(row.blob(1));
        one.restart = row.int64(2) != 0;
        one.row = decodeSignIn(row.blob(3));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Status WithheldRows::taught(const ToTeach &one, std::int64_t at, const EventKey &behind)
{
    if (auto ok = m_keepTaught.bind(one.user, Blob(one.key), at, Blob(behind)).run(); !ok)
        return ok;
    return m_taught.bind(one.user, Blob(one.key)).run();
}

Status WithheldRows::dropTaught(const Place &place, const Place &kept)
{
    return m_dropTaught.bind(place.at, Blob(place.key), kept.at, Blob(kept.key)).run();
}

Status WithheldRows::markKept(std::uint32_t user, const EventKey &key)
{
    return m_markKept.bind(user, Blob(key)).run();
}

} // namespace riskdesk::ledger
