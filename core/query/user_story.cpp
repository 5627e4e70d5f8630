#include "core/query/user_story.h"

#include "core/base/text.h"
#include "core/domain/stored_sign_in.h"
#include "core/query/reading.h"
#include "core/store/statement.h"

#include <algorithm>
#include <cstddef>
#include <map>

namespace riskdesk::query {
namespace {

Result<std::vector<std::int64_t>> readIds(store::Statement &rows)
{
    std::vector<std::int64_t> ids;
    while (rows.step())
        ids.push_back(rows.int64(0));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return ids;
}

static_assert(offsetof(SignInRow, ip) == 52); // read by the SQL below

void tellTakenBack(std::vector<HistoryRow> &history)
{
    std::map<std::int64_t, const LedgerEvent *> firstOf; // by command
    for (const auto &row : history)
        if (row.event.command != 0)
            if (auto &first = firstOf[row.event.command]; first == nullptr || row.event.id < first->id)
                first = &row.event;
    for (auto &row : history) {
        if (row.event.kind != LedgerKind::Undone)
            continue;
        bool again = true;
        // A command takes back an older one only, so that this ends.
        for (const auto *event = &row.event; event->kind == LedgerKind::Undone;) {
            const auto target = firstOf.find(event->undoOf);
            if (target == firstOf.end() || target->second->id >= event->id)
                break;
            event = target->second;
            again = !again;
            if (event->kind != LedgerKind::Undone)
                row.takenBack = {event->kind, event->actor, event->at, again};
        }
    }
}

// A repeat that left the user's standing as it was goes into the row of the detection's first time.
void foldRepeats(std::vector<HistoryRow> &history)
{
    std::map<std::string, HistoryRow *, std::less<>> raised;
    for (auto &row : history)
        if (row.event.kind == LedgerKind::DetectionRaised)
            raised[row.event.detection] = &row;
    const auto target = [&](const HistoryRow &row) {
        const auto found =
            row.event.kind == LedgerKind::DetectionFolded ? raised.find(row.event.detection) : raised.end();
        return found == raised.end() ? nullptr : found->second;
    };
    for (const auto &row : history)
        if (auto *into = target(row)) {
            ++into->times;
            into->lastAt = std::max(into->lastAt, row.event.at);
        }
    std::vector<HistoryRow> kept;
    for (auto &row : history)
        if (target(row) == nullptr || row.event.from != row.event.to)
            kept.push_back(row);
    history = std::move(kept);
}

} // namespace

Result<UserOverview> userOverview(store::Connection &connection, std::int64_t user, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const std::int64_t ids[] = {user};
    auto rows = readRiskyUsers(connection, ids);
    if (!rows)
        return tl::unexpected(rows.error());
    UserOverview out;
    out.user = std::move(rows->front());
    if (!out.user.found)
        return fail(Code::NotFound, std::to_string(user), "no such user");
    out.passwordElsewhere = out.user.identity == Identity::Social;
    store::Statement top(connection,
                         "SELECT rowid FROM detection WHERE user = ?1 AND state IN (4, 5) AND source = ?2"
                         " ORDER BY weight_level DESC, level DESC, at DESC, rowid LIMIT 3");
    top.bind(user, ourSource);
    const auto strongest = readIds(top);
    if (!strongest)
        return tl::unexpected(strongest.error());
    auto contributing = readDetections(connection, *strongest);
    if (!contributing)
        return tl::unexpected(contributing.error());
    out.contributing = std::move(*contributing);
    store::Statement sums(connection,
                          "SELECT count(*), sum(state IN (4, 5) AND source = ?2),"
                          " max(CASE WHEN state IN (4, 5) THEN last_at END) FROM detection WHERE user = ?1");
    if (!sums.bind(user, ourSource).step())
        return tl::unexpected(sums.error());
    out.detections = sums.int64(0);
    out.openDetections = sums.int64(1);
    if (!sums.isNull(2))
        out.evidenceFrom = sums.time(2);
    store::Statement steps(connection,
                           "SELECT at, to_level, to_state, to_detail, to_score, kind, detection FROM ledger"
                           " WHERE user = ?1 ORDER BY id");
    for (steps.bind(user); steps.step();) {
        const auto score = static_cast<std::uint8_t>(std::clamp<std::int64_t>(steps.int64(4), 0, 100));
        // A late event, or one that closes by age, is recorded after newer ones. What it says of the score
        // holds from then on: drawn at its own time the line would end with what the newer ones said before
        // it.
        const auto at = steps.time(0);
        const ScorePoint point{
            at,
            out.scores.empty() ? at : std::max(at, out.scores.back().since),
            {steps.as<RiskLevel>(1), steps.as<RiskState>(2), steps.as<RiskDetail>(3), score},
            steps.as<LedgerKind>(5),
            steps.string(6)};
        out.scores.push_back(point);
    }
    if (!steps.ok())
        return tl::unexpected(steps.error());
    return out;
}

Result<std::vector<std::int64_t>> userDetections(store::Connection &connection, std::int64_t user)
{
    store::Statement rows(connection, "SELECT rowid FROM detection WHERE user = ?1 ORDER BY at DESC, rowid");
    rows.bind(user);
    return readIds(rows);
}

Result<std::vector<HistoryRow>> userHistory(store::Connection &connection, std::int64_t user)
{
    store::Statement rows(
        connection,
        "SELECT l.id, l.at, l.recorded_at, l.kind, l.detection, l.sign_in, l.from_level, l.from_state,"
        " l.from_detail, l.from_score, l.to_level, l.to_state, l.to_detail, l.to_score, l.actor, l.reason,"
        " l.note, l.command, l.undo_of, coalesce(d.type_text, w.type_text), c.undone_by, c.users"
        " FROM ledger l LEFT JOIN detection d ON l.detection <> '' AND d.id = l.detection"
        " LEFT JOIN withdrawn_detection w ON l.detection <> '' AND w.id = l.detection"
        " LEFT JOIN command c ON c.id = l.command"
        " WHERE l.user = ?1 ORDER BY l.at DESC, l.id DESC");
    rows.bind(user);
    std::vector<HistoryRow> history;
    while (rows.step()) {
        auto &row = history.emplace_back();
        auto &event = row.event;
        event.id = rows.int64(0);
        event.at = rows.time(1);
        event.recordedAt = rows.time(2);
        event.user = static_cast<std::uint32_t>(user);
        event.kind = rows.as<LedgerKind>(3);
        event.detection = rows.string(4);
        event.signIn = rows.string(5);
        const auto standing = [&rows](int column) {
            return RiskStanding{
                rows.as<RiskLevel>(column), rows.as<RiskState>(column + 1), rows.as<RiskDetail>(column + 2),
                static_cast<std::uint8_t>(std::clamp<std::int64_t>(rows.int64(column + 3), 0, 100))};
        };
        event.from = standing(6);
        event.to = standing(10);
        event.actor = rows.string(14);
        event.reason = rows.string(15);
        event.note = rows.string(16);
        event.command = rows.int64(17);
        event.undoOf = rows.int64(18);
        row.detectionType = rows.string(19);
        row.lastAt = event.at;
        row.usersOfCommand = rows.isNull(21) ? 0 : rows.int64(21);
        row.reversible = event.command != 0 && !rows.isNull(20) && rows.int64(20) == 0 && event.undoOf == 0;
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    tellTakenBack(history);
    foldRepeats(history);
    return history;
}

Result<std::vector<RiskySignIn>> userRiskySignIns(store::Connection &connection, std::int64_t user,
                                                  std::size_t atMost)
{
    auto reading = Reading::begin(connection);
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement rows(connection,
                          "SELECT s.request_id, s.at, s.level_during, s.level_aggregated, s.state, s.detail,"
                          " s.score, s.row, s.event_key, f.place FROM sign_in_risk s"
                          " LEFT JOIN address_fact f ON f.address = rd_signin(s.row, 'ip')"
                          " WHERE s.user = ?1 ORDER BY s.at DESC, s.event_key LIMIT ?2");
    store::Statement types(connection,
                           "SELECT DISTINCT type_text FROM detection WHERE event_key = ?1 ORDER BY 1");
    const auto &texts = reading->texts();
    std::vector<RiskySignIn> signIns;
    for (rows.bind(user, static_cast<std::int64_t>(atMost)); rows.step();) {
        auto &out = signIns.emplace_back();
        out.requestId = rows.string(0);
        out.at = rows.time(1);
        out.risk = {rows.as<RiskLevel>(2), rows.as<RiskLevel>(3), rows.as<RiskState>(4),
                    rows.as<RiskDetail>(5),
                    static_cast<std::uint8_t>(std::clamp<std::int64_t>(rows.int64(6), 0, 100))};
        out.row = decodeSignIn(rows.blob(7)).value_or(SignInRow());
        out.place =
            Place::decode(texts.text(Dictionary::Place, out.row.place != 0 ? out.row.place : rows.uint32(9)));
        out.ip = texts.address(out.row.ip);
        out.application = texts.text(Dictionary::Application, out.row.application);
        out.device = texts.text(Dictionary::Device, out.row.device);
        out.browser = texts.text(Dictionary::Browser, out.row.browser);
        out.operatingSystem = texts.text(Dictionary::OperatingSystem, out.row.operatingSystem);
        for (types.bind(rows.blob(8)); types.step();)
            out.types.push_back(types.string(0));
    }
    for (const auto *statement : {&rows, &types})
        if (!statement->ok())
            return tl::unexpected(statement->error());
    return signIns;
}

} // namespace riskdesk::query
