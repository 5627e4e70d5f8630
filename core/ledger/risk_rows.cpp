#include "core/ledger/risk_rows.h"

#include "core/domain/stored_sign_in.h"

#include <sqlite3.h>

#include <algorithm>

namespace riskdesk::ledger {

RiskRows::RiskRows(store::Connection &connection)
    : m_connection(connection)
    , m_user(connection,
             "SELECT level, state, detail, score, updated_at, trend FROM user_risk WHERE user = ?1")
    // An imported detection takes part when the ledger raised it.
    , m_detections(
          connection,
          "SELECT id, type, timing, fold_key, CASE WHEN event_key IS NULL THEN '' ELSE request_id END, at, "
          "place, city, country, level, weight_level, state, detail, count, last_updated, last_at, "
          "closed_at, closed_by_itself FROM detection d WHERE user = ?1 AND (source = ?2 OR EXISTS (SELECT 1 "
          "FROM ledger l WHERE "
          "l.user = ?1 AND l.detection = d.id AND l.kind = ?3)) ORDER BY rowid")
    , m_occurrences(connection, "SELECT kind, detection, sign_in, at, level FROM ledger WHERE user = ?1 AND "
                                "kind IN (?2, ?3, ?4) ORDER BY id")
    , m_signIns(connection,
                "SELECT request_id, event_key, level_during, level_aggregated, state, detail, score "
                "FROM sign_in_risk WHERE user = ?1")
    , m_append(connection,
               "INSERT INTO ledger (at, recorded_at, user, kind, detection, sign_in, level, "
               "from_level, from_state, "
               "from_detail, from_score, to_level, to_state, to_detail, to_score, actor, reason, "
               "note, command, undo_of)",
               20)
    , m_insertDetection(connection, "INSERT INTO detection (id, type, type_text, level, state, detail, "
                                    "timing, activity, source, user, event_key, "
                                    "request_id, correlation_id, at, detected_at, last_updated, last_at, "
                                    "count, fold_key, weight_level, ip, ip_text, "
                                    "place, city, country, asn, campaign, evidence, closed_at, "
                                    "closed_by_itself) VALUES "
                                    "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
                                    "?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30)")
    , m_insertSignIn(
          connection,
          "INSERT INTO sign_in_risk (event_key, request_id, user, at, level_during, level_aggregated, state, "
          "detail, score, row) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT (event_key) DO UPDATE SET "
          "user=excluded.user, level_during=excluded.level_during, "
          "level_aggregated=excluded.level_aggregated, state=excluded.state, detail=excluded.detail, "
          "score=excluded.score")
    , m_updateDetection(connection,
                        "UPDATE detection SET level=?2, weight_level=?3, state=?4, detail=?5, count=?6, "
                        "last_updated=?7, last_at=?8, closed_at=?9, closed_by_itself=?10 WHERE id = ?1")
    , m_closeDetection(connection, "UPDATE detection SET state=?2, detail=?3, last_updated=?4, closed_at=?5, "
                                   "closed_by_itself=?6 WHERE id = ?1")
    , m_updateSignIn(connection,
                     "UPDATE sign_in_risk SET level_during=?2, level_aggregated=?3, state=?4, detail=?5, "
                     "score=?6 WHERE event_key = ?1")
    , m_removeSignIn(connection, "DELETE FROM sign_in_risk WHERE event_key = ?1")
    , m_tellEvidence(connection, "UPDATE detection SET evidence=?2 WHERE id = ?1")
    , m_updateEvidence(connection, "UPDATE detection SET evidence=?2, campaign=?3, ip_text=?4, place=?5, "
                                   "city=?6, country=?7, asn=?8 WHERE id = ?1")
    , m_writeUser(
          connection,
          "INSERT INTO user_risk (user, level, state, detail, score, updated_at, open_detections, "
          "total_detections, risky_sign_ins, top_type, other_types, last_country, last_place, last_city, "
          "countries, types, trend) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17) "
          "ON CONFLICT (user) DO UPDATE SET level=excluded.level, state=excluded.state, "
          "detail=excluded.detail, "
          "score=excluded.score, updated_at=excluded.updated_at, open_detections=excluded.open_detections, "
          "total_detections=excluded.total_detections, risky_sign_ins=excluded.risky_sign_ins, "
          "top_type=excluded.top_type, other_types=excluded.other_types, last_country=excluded.last_country, "
          "last_place=excluded.last_place, last_city=excluded.last_city, countries=excluded.countries, "
          "types=excluded.types, trend=excluded.trend")
    , m_dropUser(connection, "DELETE FROM user_risk WHERE user = ?1")
    , m_stored(connection, "SELECT 1 FROM detection WHERE id = ?1")
    , m_holds(connection, "SELECT 1 FROM detection WHERE id = ?1 AND user = ?2")
    , m_removeDetection(connection, "DELETE FROM detection WHERE id = ?1 AND user = ?2")
    , m_keepWithdrawn(connection,
                      "INSERT OR REPLACE INTO withdrawn_detection (id, user, type, type_text, "
                      "sign_in, at) SELECT id, user, type, type_text, CASE WHEN event_key IS NULL "
                      "THEN '' ELSE request_id END, at FROM detection WHERE id = ?1 AND user = ?2")
    , m_changes(connection)
{}

Result<UserRows> RiskRows::load(std::uint32_t user)
{
    UserRows rows;
    rows.user = user;
    struct Repeat
    {
        std::string detection, signIn;
        Timestamp at;
        RiskLevel level;
    };
    std::vector<Repeat> repeats;
    std::unordered_map<std::string, RiskLevel> found; // by detection
    for (m_occurrences.bind(user, LedgerKind::DetectionRaised, LedgerKind::DetectionFolded,
                            LedgerKind::Withdrawn);
         m_occurrences.step();) {
        const auto kind = m_occurrences.as<LedgerKind>(0);
        Repeat one{m_occurrences.string(1), m_occurrences.string(2), m_occurrences.time(3),
                   m_occurrences.as<RiskLevel>(4)};
        if (kind == LedgerKind::DetectionRaised)
            found[one.detection] = one.level;
        else if (kind == LedgerKind::DetectionFolded)
            repeats.push_back(std::move(one));
        else
            std::erase_if(repeats, [&](const Repeat &r) {
                return r.detection == one.detection && (one.signIn.empty() || r.signIn == one.signIn);
            });
    }
    m_detections.bind(user, ourSource, LedgerKind::DetectionRaised);
    while (m_detections.step()) {
        auto &s = m_detections;
        risk::TrackedDetection d;
        d.facts.id = s.string(0);
        d.facts.type = s.as<DetectionType>(1);
        d.facts.timing = s.as<DetectionTiming>(2);
        d.facts.foldKey = s.string(3);
        d.facts.signIn = s.string(4);
        d.facts.at = s.time(5);
        d.facts.place = s.uint32(6);
        d.facts.city = s.string(7);
        d.facts.country = s.string(8);
        d.now.level = s.as<RiskLevel>(9);
        d.now.weightLevel = s.as<RiskLevel>(10);
        d.now.state = s.as<RiskState>(11);
        d.now.detail = s.as<RiskDetail>(12);
        d.now.count = s.uint32(13);
        d.now.lastUpdated = s.time(14);
        d.now.lastAt = s.time(15);
        d.now.closedAt = s.time(16);
        d.now.byItself = s.int64(17) != 0;
        const auto own = found.find(d.facts.id);
        d.facts.found = own == found.end() ? d.now.level : own->second;
        rows.reducer.restore(std::move(d));
    }
    for (auto &repeat : repeats)
        rows.reducer.restoreRepeat(repeat.detection, std::move(repeat.signIn), repeat.at, repeat.level);
    m_signIns.bind(user);
    while (m_signIns.step()) {
        auto &s = m_signIns;
        auto id = s.string(0);
        rows.reducer.restoreSignIn(id, {s.as<RiskLevel>(2), s.as<RiskLevel>(3), s.as<RiskState>(4),
                                        s.as<RiskDetail>(5), static_cast<std::uint8_t>(s.int64(6))});
        EventKey key{};
        const auto blob = s.blob(1);
        std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
        rows.keys.emplace(std::move(id), key);
    }
    m_user.bind(user);
    if (m_user.step()) {
        risk::UserStanding standing;
        standing.standing = {m_user.as<RiskLevel>(0), m_user.as<RiskState>(1), m_user.as<RiskDetail>(2),
                             static_cast<std::uint8_t>(m_user.int64(3))};
        standing.updated = m_user.time(4);
        const auto trend = m_user.blob(5);
        std::copy_n(trend.begin(), std::min(trend.size(), standing.trend.size()), standing.trend.begin());
        rows.reducer.restore(standing);
    }
    m_user.reset();
    for (const auto *s : {&m_user, &m_detections, &m_occurrences, &m_signIns})
        if (!s->ok())
            return tl::unexpected(s->error());
    return rows;
}

Status RiskRows::append(std::span<const LedgerEvent> events)
{
    auto ok = m_append.insert(events, [](const LedgerEvent &e, const auto &bind) {
        bind(e.at, e.recordedAt, e.user, e.kind, e.detection, e.signIn, e.level, e.from.level, e.from.state,
             e.from.detail, int{e.from.score}, e.to.level, e.to.state, e.to.detail, int{e.to.score}, e.actor,
             e.reason, e.note, e.command, e.undoOf);
    });
    for (const auto &e : events)
        if (ok)
            ok = m_changes.user(e.user);
    return ok;
}

Status RiskRows::insertDetection(const Detection &d, const risk::DetectionStanding &now,
                                 std::string_view ipText, std::string_view city, std::string_view country)
{
    using Blob = std::span<const std::uint8_t>;
    const auto ok =
        m_insertDetection
            .bind(d.id, d.type, d.typeText.empty() ? toText(d.type) : std::string_view(d.typeText), d.level,
                  d.state, d.detail, d.timing, d.activity, d.source, d.user,
                  d.hasSignIn ? std::optional<Blob>(d.eventKey) : std::nullopt, d.requestId, d.correlationId,
                  d.at, d.detectedAt, d.lastUpdated, d.lastAt, d.count, d.foldKey, now.weightLevel,
                  d.ip.isKnown() ? std::optional<Blob>(d.ip.bytes) : std::nullopt, ipText, d.place, city,
                  country, d.asn, d.campaign, d.evidence.toJson(), now.closedAt, now.byItself)
            .run();
    return ok ? m_changes.detection(d.id) : ok;
}

Status RiskRows::insertSignIn(std::uint32_t user, const std::string &requestId, const SignInRow &row,
                              const risk::SignInStanding &s)
{
    const auto image = encode(row);
    return m_insertSignIn
        .bind(std::span<const std::uint8_t>(row.eventKey), requestId, user, row.at, s.during, s.aggregated,
              s.state, s.detail, int{s.score}, std::span<const std::uint8_t>(image))
        .run();
}

Status RiskRows::updateDetection(const std::string &id, const risk::DetectionStanding &s)
{
    const auto ok = m_updateDetection
                        .bind(id, s.level, s.weightLevel, s.state, s.detail, s.count, s.lastUpdated, s.lastAt,
                              s.closedAt, s.byItself)
                        .run();
    return ok ? m_changes.detection(id) : ok;
}

Status RiskRows::moveDetection(const std::string &id, const risk::DetectionStanding &was,
                               const risk::DetectionStanding &now)
{
    if (now.level != was.level || now.weightLevel != was.weightLevel || now.count != was.count ||
        now.lastAt != was.lastAt)
        return updateDetection(id, now);
    const auto ok =
        m_closeDetection.bind(id, now.state, now.detail, now.lastUpdated, now.closedAt, now.byItself).run();
    return ok ? m_changes.detection(id) : ok;
}

Status RiskRows::updateSignIn(const EventKey &key, const risk::SignInStanding &s)
{
    return m_updateSignIn
        .bind(std::span<const std::uint8_t>(key), s.during, s.aggregated, s.state, s.detail, int{s.score})
        .run();
}

Status RiskRows::removeSignIn(const EventKey &key)
{
    return m_removeSignIn.bind(std::span<const std::uint8_t>(key)).run();
}

Status RiskRows::tellEvidence(const std::string &id, const Evidence &evidence)
{
    const auto ok = m_tellEvidence.bind(id, evidence.toJson()).run();
    return ok ? m_changes.detection(id) : ok;
}

Status RiskRows::updateEvidence(const Detection &d, std::string_view ipText, std::string_view city,
                                std::string_view country)
{
    const auto ok =
        m_updateEvidence.bind(d.id, d.evidence.toJson(), d.campaign, ipText, d.place, city, country, d.asn)
            .run();
    return ok ? m_changes.detection(d.id) : ok;
}

RiskRow riskRow(const UserRows &rows)
{
    return {rows.user, rows.reducer.known(), rows.reducer.user(), rows.reducer.summary()};
}

Status RiskRows::writeUser(const RiskRow &row)
{
    if (!row.known) {
        const auto ok = m_dropUser.bind(row.user).run();
        return ok ? m_changes.user(row.user) : ok;
    }
    const auto &[standing, updated, trend] = row.standing;
    const auto &s = row.summary;
    const auto ok =
        m_writeUser
            .bind(row.user, standing.level, standing.state, standing.detail, int{standing.score}, updated,
                  s.open, s.total, s.riskySignIns, s.top, s.others, s.lastCountry, s.lastPlace, s.lastCity,
                  s.countries, s.types, std::span<const std::uint8_t>(trend))
            .run();
    return ok ? m_changes.riskyUser(row.user) : ok;
}

Status RiskRows::writeChanges(UserRows &rows)
{
    const auto changes = rows.reducer.takeChanges();
    for (const auto &[index, was] : changes.detections) {
        const auto &d = rows.reducer.detections()[index];
        if (auto ok =
                d.now.gone ? withdrawDetection(d.facts.id, rows.user) : moveDetection(d.facts.id, was, d.now);
            !ok)
            return ok;
    }
    for (const auto &[id, was] : changes.signIns) {
        const auto standing = rows.reducer.signIn(id);
        if (auto ok = standing ? updateSignIn(rows.keys[id], *standing) : removeSignIn(rows.keys[id]); !ok)
            return ok;
    }
    return writeUser(rows);
}

Status RiskRows::renameDetections(std::uint32_t user, std::string_view formerKey, std::string_view key)
{
    std::vector<std::pair<std::string, std::string>> names; // from, to
    store::Statement own(m_connection, "SELECT id, type, request_id FROM detection WHERE user = ?1");
    for (own.bind(user); own.step();) {
        const auto type = own.as<DetectionType>(1);
        // What an administrator said, and what a provider told, is named otherwise.
        if (own.text(0) == detectionId(type, formerKey, own.text(2)))
            names.emplace_back(own.string(0), detectionId(type, key, own.text(2)));
    }
    if (!own.ok())
        return tl::unexpected(own.error());
    store::Statement rename(m_connection, "UPDATE detection SET id = ?2 WHERE id = ?1");
    store::Statement told(m_connection,
                          "UPDATE ledger SET detection = ?2 WHERE user = ?3 AND detection = ?1");
    store::Statement images(m_connection,
                            "UPDATE command_change SET before = replace(before, ?1, ?2), after = "
                            "replace(after, ?1, ?2) WHERE kind = 'user' AND key = ?3");
    for (const auto &[from, to] : names) {
        auto ok = m_keepWithdrawn.bind(from, user).run();
        if (ok)
            ok = rename.bind(from, to).run();
        if (ok)
            ok = told.bind(from, to, user).run();
        if (ok)
            ok = images.bind(from, to, user).run();
        if (ok)
            ok = m_changes.detection(from);
        if (ok)
            ok = m_changes.detection(to);
        if (!ok)
            return ok;
    }
    if (names.empty())
        return {};
    // Of two that weigh alike the id says which stands first.
    const auto rows = load(user);
    return rows ? writeUser(*rows) : tl::unexpected(rows.error());
}

Result<bool> RiskRows::isStored(std::string_view detectionId)
{
    m_stored.bind(detectionId);
    const bool there = m_stored.step();
    m_stored.reset();
    if (!m_stored.ok())
        return tl::unexpected(m_stored.error());
    return there;
}

Result<bool> RiskRows::holds(std::uint32_t user, std::string_view detectionId)
{
    m_holds.bind(detectionId, user);
    const bool there = m_holds.step();
    m_holds.reset();
    if (!m_holds.ok())
        return tl::unexpected(m_holds.error());
    return there;
}

Status RiskRows::removeDetection(std::string_view id, std::uint32_t user)
{
    const auto ok = m_removeDetection.bind(id, user).run();
    return ok ? m_changes.detection(id) : ok;
}

Status RiskRows::withdrawDetection(std::string_view id, std::uint32_t user)
{
    const auto ok = m_keepWithdrawn.bind(id, user).run();
    return ok ? removeDetection(id, user) : ok;
}

Status setProcessing(store::Connection &connection, std::uint32_t user)
{
    // Outbox rows of accounts (operations up to RevokeSessions) that are held, waiting or being sent.
    store::Statement write(
        connection,
        "UPDATE user_risk SET is_processing = NOT is_processing WHERE user = ?1 AND is_processing <> "
        "EXISTS (SELECT 1 FROM outbox WHERE user = ?1 AND state <= 2 AND operation <= 4) "
        "RETURNING user");
    const bool changed = write.bind(user).step();
    if (const auto ok = write.ok() ? Status() : Status(tl::unexpected(write.error())); !ok || !changed)
        return ok;
    if (auto ok = write.run(); !ok)
        return ok;
    return ChangeRows(connection).riskyUser(user);
}

} // namespace riskdesk::ledger
