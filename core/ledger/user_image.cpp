#include "core/ledger/user_image.h"

#include "core/base/digest.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::ledger {
namespace {

int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// As many bytes as fit; zeros where the text is not hex.
void fromHex(std::string_view text, std::span<std::uint8_t> bytes)
{
    for (std::size_t i = 0; i < bytes.size() && 2 * i + 1 < text.size(); ++i) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        bytes[i] = high < 0 || low < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(high << 4 | low);
    }
}

// `side`: before or after.
std::string detectionsOf(std::string_view side)
{
    return fmt::format(
        "SELECT j.value ->> 'id', coalesce(j.value ->> 'gone', 0), j.value ->> 'level', "
        "j.value ->> 'weight', j.value ->> 'state', j.value ->> 'detail', j.value ->> 'count', "
        "j.value ->> 'updated', j.value ->> 'lastAt', j.value ->> 'at', j.value ->> 'detectedAt', "
        "j.value ->> 'evidence', j.value ->> 'closedAt', j.value ->> 'byItself' "
        "FROM command_change, json_each({}, '$.detections') j "
        "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2",
        side);
}

std::string withheldOf(std::string_view side)
{
    return fmt::format("SELECT j.value ->> 'key', coalesce(j.value ->> 'gone', 0), j.value ->> 'verdict', "
                       "j.value ->> 'restart' FROM command_change, json_each({}, '$.withheld') j "
                       "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2",
                       side);
}

// A fact that the command changed becomes what it was; one that it left alone stays. False: it was changed since.
template <typename T>
bool putBack(T &now, const T &was, const T &left)
{
    if (was == left)
        return true;
    if (now != left)
        return false;
    now = was;
    return true;
}

template <typename E>
int number(E value)
{
    return static_cast<int>(value);
}

} // namespace

std::string UserImage::toJson() const
{
    std::string out = "{";
    const auto begin = [&out](std::string_view key) {
        if (out.size() > 1)
            out += ',';
        out += fmt::format("\"{}\":", key);
    };
    if (riskChanged) {
        begin("risk");
        if (risk)
            out += fmt::format(
                R"({{"level":{},"state":{},"detail":{},"score":{},"updated":{},"trend":"{}"}})",
                number(risk->standing.level), number(risk->standing.state), number(risk->standing.detail),
                risk->standing.score, risk->updated.us, toHex(risk->trend));
        else
            out += "null";
    }
    if (!detections.empty()) {
        begin("detections");
        out += '[';
        for (const auto &[id, d] : detections) {
            if (out.back() != '[')
                out += ',';
            if (d.gone) {
                out += fmt::format(R"({{"id":{},"gone":1}})", jsonString(id));
                continue;
            }
            out += fmt::format(
                R"({{"id":{},"level":{},"weight":{},"state":{},"detail":{},"count":{},"updated":{},"lastAt":{},"closedAt":{},"byItself":{})",
                jsonString(id), number(d.level), number(d.weightLevel), number(d.state), number(d.detail),
                d.count, d.lastUpdated.us, d.lastAt.us, d.closedAt.us, int{d.byItself});
            if (made != nullptr && made->id == id)
                out += fmt::format(R"(,"at":{},"detectedAt":{},"evidence":{})", made->at.us,
                                   made->detectedAt.us, jsonString(made->evidence.toJson()));
            out += '}';
        }
        out += ']';
    }
    if (!signIns.empty()) {
        begin("signIns");
        out += '[';
        for (const auto &[key, s] : signIns)
            out += fmt::format(
                R"({}{{"key":"{}","during":{},"aggregated":{},"state":{},"detail":{},"score":{}}})",
                out.back() == '[' ? "" : ",", toHex(key), number(s.during), number(s.aggregated),
                number(s.state), number(s.detail), s.score);
        out += ']';
    }
    if (account) {
        begin("account");
        out +=
            fmt::format(R"({{"enabled":{},"forceChange":{},"sessionsValidFrom":{}}})", int{account->enabled},
                        int{account->forceChange},
                        account->sessionsValidFrom ? std::to_string(account->sessionsValidFrom->us) : "null");
    }
    if (!withheld.empty()) {
        begin("withheld");
        out += '[';
        for (const auto &w : withheld) {
            if (out.back() != '[')
                out += ',';
            out += w.gone ? fmt::format(R"({{"key":"{}","gone":1}})", toHex(w.key))
                          : fmt::format(R"({{"key":"{}","verdict":{},"restart":{}}})", toHex(w.key),
                                        w.verdict, w.restart);
        }
        out += ']';
    }
    return out + '}';
}

ImageRestorer::ImageRestorer(store::Connection &connection)
    : m_account(connection, "SELECT before ->> '$.account.enabled', before ->> '$.account.forceChange', "
                            "before ->> '$.account.sessionsValidFrom', after ->> '$.account.enabled', "
                            "after ->> '$.account.forceChange', after ->> '$.account.sessionsValidFrom' "
                            "FROM command_change WHERE command = ?1 AND kind = 'user' AND key = ?2 "
                            "AND before -> '$.account' IS NOT NULL")
    , m_detections(connection, detectionsOf("before"))
    , m_detectionsLeft(connection, detectionsOf("after"))
    , m_signIns(connection, "SELECT j.value ->> 'key', j.value ->> 'during', j.value ->> 'aggregated', "
                            "j.value ->> 'state', j.value ->> 'detail', j.value ->> 'score' "
                            "FROM command_change, json_each(before, '$.signIns') j "
                            "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2")
    , m_withheld(connection, withheldOf("before"))
    , m_withheldLeft(connection, withheldOf("after"))
    , m_risk(connection,
             "SELECT json_type(before, '$.risk'), before ->> '$.risk.level', before ->> '$.risk.state', "
             "before ->> '$.risk.detail', before ->> '$.risk.score', before ->> '$.risk.updated', "
             "before ->> '$.risk.trend' FROM command_change WHERE command = ?1 AND kind = 'user' AND "
             "key = ?2")
    , m_accounts(connection)
    , m_withheldRows(connection)
{}

Status ImageRestorer::restoreAccount(std::int64_t command, std::uint32_t user, UserImage &before,
                                     UserImage &after)
{
    auto &s = m_account;
    s.bind(command, user);
    if (!s.step())
        return s.ok() ? Status() : tl::unexpected(s.error());
    const auto image = [&s](int at) {
        AccountImage of{s.int64(at) != 0, s.int64(at + 1) != 0, {}};
        if (!s.isNull(at + 2))
            of.sessionsValidFrom = s.time(at + 2);
        return of;
    };
    const auto was = image(0), left = image(3);
    s.reset();
    auto now = m_accounts.of(user);
    if (!now)
        return tl::unexpected(now.error());
    before.account = *now;
    if (!putBack(now->enabled, was.enabled, left.enabled) ||
        !putBack(now->forceChange, was.forceChange, left.forceChange) ||
        !putBack(now->sessionsValidFrom, was.sessionsValidFrom, left.sessionsValidFrom))
        return fail(Code::Conflict, std::to_string(user), "the account was changed since");
    after.account = *now;
    return m_accounts.set(user, *now);
}

Result<std::vector<ImageRestorer::StoredDetection>>
ImageRestorer::detections(store::Statement &s, std::int64_t command, std::uint32_t user)
{
    std::vector<StoredDetection> all;
    s.bind(command, user);
    while (s.step()) {
        auto &[id, now, made] = all.emplace_back();
        id = s.string(0);
        now.gone = s.int64(1) != 0;
        if (now.gone)
            continue;
        now.level = s.as<RiskLevel>(2);
        now.weightLevel = s.as<RiskLevel>(3);
        now.state = s.as<RiskState>(4);
        now.detail = s.as<RiskDetail>(5);
        now.count = s.uint32(6);
        now.lastUpdated = s.time(7);
        now.lastAt = s.time(8);
        now.closedAt = s.time(12);
        now.byItself = s.int64(13) != 0;
        if (s.isNull(9))
            continue;
        auto &d = made.emplace();
        d.id = id;
        d.type = DetectionType::AdminConfirmedUserCompromised;
        d.level = now.level;
        d.state = now.state;
        d.detail = now.detail;
        d.timing = info(d.type).timing;
        d.activity = Activity::User;
        d.user = user;
        d.at = s.time(9);
        d.detectedAt = s.time(10);
        d.lastUpdated = now.lastUpdated;
        d.lastAt = now.lastAt;
        d.count = now.count;
        if (auto evidence = Evidence::fromJson(d.type, s.text(11)))
            d.evidence = std::move(*evidence);
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return all;
}

Result<std::vector<WithheldImage>> ImageRestorer::withheld(store::Statement &s, std::int64_t command,
                                                           std::uint32_t user)
{
    std::vector<WithheldImage> all;
    s.bind(command, user);
    while (s.step()) {
        auto &image = all.emplace_back();
        fromHex(s.text(0), image.key);
        image.gone = s.int64(1) != 0;
        image.verdict = static_cast<int>(s.int64(2));
        image.restart = static_cast<int>(s.int64(3));
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return all;
}

Status ImageRestorer::restoreDetections(std::int64_t command, std::uint32_t user, RiskRows &rows)
{
    const auto before = detections(m_detections, command, user);
    if (!before)
        return tl::unexpected(before.error());
    for (const auto &[id, standing, made] : *before) {
        if (standing.gone) {
            if (auto ok = rows.removeDetection(id, user); !ok)
                return ok;
            continue;
        }
        const auto there = rows.holds(user, id);
        if (!there)
            return tl::unexpected(there.error());
        if (!*there && !made)
            return fail(Code::Conflict, id, "the detection is no longer stored");
        if (auto ok = *there ? rows.updateDetection(id, standing)
                             : rows.insertDetection(*made, standing, {}, {}, {});
            !ok)
            return ok;
    }
    return {};
}

Status ImageRestorer::restoreWhole(std::int64_t command, RiskRows &rows, LedgerEvent &event)
{
    const auto user = event.user;
    if (auto ok = restoreDetections(command, user, rows); !ok)
        return ok;
    m_signIns.bind(command, user);
    while (m_signIns.step()) {
        EventKey key{};
        fromHex(m_signIns.text(0), key);
        if (auto ok = rows.updateSignIn(key, {m_signIns.as<RiskLevel>(1), m_signIns.as<RiskLevel>(2),
                                              m_signIns.as<RiskState>(3), m_signIns.as<RiskDetail>(4),
                                              static_cast<std::uint8_t>(m_signIns.int64(5))});
            !ok)
            return ok;
    }
    if (!m_signIns.ok())
        return tl::unexpected(m_signIns.error());
    const auto verdicts = withheld(m_withheld, command, user);
    if (!verdicts)
        return tl::unexpected(verdicts.error());
    for (const auto &image : *verdicts)
        if (auto ok = m_withheldRows.restore(user, image); !ok)
            return ok;

    auto loaded = rows.load(event.user);
    if (!loaded)
        return tl::unexpected(loaded.error());
    event.from = event.to = loaded->reducer.user().standing;
    m_risk.bind(command, user);
    if (!m_risk.step())
        return m_risk.ok() ? fail(Code::Conflict, std::to_string(user), "the command did not touch this user")
                           : Status(tl::unexpected(m_risk.error()));
    if (!m_risk.isNull(0)) { // SQL NULL: unchanged; the text "null": there was no row
        risk::UserStanding before;
        if (m_risk.text(0) != "null") {
            before.standing = {m_risk.as<RiskLevel>(1), m_risk.as<RiskState>(2), m_risk.as<RiskDetail>(3),
                               static_cast<std::uint8_t>(m_risk.int64(4))};
            before.updated = m_risk.time(5);
            fromHex(m_risk.text(6), before.trend);
        }
        m_risk.reset();
        event.to = before.standing;
        loaded->reducer.restore(before);
        return rows.writeUser(*loaded);
    }
    m_risk.reset();
    return {};
}

Status ImageRestorer::joinDetections(std::int64_t command, RiskRows &rows, LedgerEvent &event,
                                     UserImage &before, UserImage &after, std::optional<Detection> &made)
{
    auto loaded = rows.load(event.user);
    if (!loaded)
        return tl::unexpected(loaded.error());
    auto &reducer = loaded->reducer;
    const auto left = detections(m_detectionsLeft, command, event.user);
    if (!left)
        return tl::unexpected(left.error());
    for (const auto &one : *left) {
        const auto *now = reducer.find(one.id);
        if (one.standing.gone ? now != nullptr : now == nullptr || now->now != one.standing)
            return fail(Code::Conflict, one.id, "the detection was changed since");
        if (one.made)
            made = one.made;
    }
    const auto were = detections(m_detections, command, event.user);
    if (!were)
        return tl::unexpected(were.error());
    std::vector<std::pair<std::string, risk::DetectionStanding>> standings;
    for (const auto &one : *were)
        standings.emplace_back(one.id, one.standing);
    reducer.putBack(event, standings);
    const auto changes = reducer.takeChanges();
    for (const auto &[index, was] : changes.detections) {
        const auto &[facts, now] = reducer.detections()[index];
        before.detections.emplace_back(facts.id, was);
        after.detections.emplace_back(facts.id, now);
        if (auto ok =
                now.gone ? rows.removeDetection(facts.id, event.user) : rows.updateDetection(facts.id, now);
            !ok)
            return ok;
    }
    for (const auto &[id, was] : changes.signIns) {
        const auto key = loaded->keys.find(id);
        const auto now = reducer.signIn(id);
        if (key == loaded->keys.end() || !was || !now)
            return fail(Code::StoreCorrupt, id, "the sign-in of a detection has no risk row");
        before.signIns.emplace_back(key->second, *was);
        after.signIns.emplace_back(key->second, *now);
        if (auto ok = rows.updateSignIn(key->second, *now); !ok)
            return ok;
    }
    if (!changes.user)
        return {};
    before.riskChanged = after.riskChanged = true;
    if (changes.wasKnown)
        before.risk = *changes.user;
    if (reducer.known())
        after.risk = reducer.user();
    return rows.writeUser(*loaded);
}

// A verdict that was given anew, or is taught by now, stays.
Status ImageRestorer::joinWithheld(std::int64_t command, std::uint32_t user, UserImage &before,
                                   UserImage &after)
{
    const auto were = withheld(m_withheld, command, user), left = withheld(m_withheldLeft, command, user);
    const auto rows = m_withheldRows.of(user);
    if (!were || !left || !rows)
        return tl::unexpected(!were ? were.error() : !left ? left.error() : rows.error());
    const auto of = [](const std::vector<WithheldImage> &all, const EventKey &key) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&key](const auto &one) { return one.key == key; });
        WithheldImage none;
        none.key = key;
        none.gone = true;
        return found == all.end() ? none : *found;
    };
    for (const auto &was : *were) {
        const auto now = of(*rows, was.key), then = of(*left, was.key);
        if (now.gone != then.gone ||
            (!now.gone && (now.verdict != then.verdict || now.restart != then.restart)))
            continue;
        before.withheld.push_back(now);
        after.withheld.push_back(was);
        if (auto ok = m_withheldRows.restore(user, was); !ok)
            return ok;
    }
    return {};
}

Result<std::optional<ImageRestorer::Images>> ImageRestorer::restore(std::int64_t command, RiskRows &rows,
                                                                    LedgerEvent &event, bool isLast)
{
    UserImage before, after;
    if (auto ok = restoreAccount(command, event.user, before, after); !ok)
        return tl::unexpected(ok.error());
    if (isLast) {
        if (auto ok = restoreWhole(command, rows, event); !ok)
            return tl::unexpected(ok.error());
        return std::nullopt;
    }
    std::optional<Detection> made;
    if (auto ok = joinDetections(command, rows, event, before, after, made); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = joinWithheld(command, event.user, before, after); !ok)
        return tl::unexpected(ok.error());
    before.made = after.made = made ? &*made : nullptr;
    return Images{before.toJson(), after.toJson()};
}

} // namespace riskdesk::ledger
