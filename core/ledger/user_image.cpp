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
                            "after ->> '$.account.enabled' = account_enabled AND "
                            "after ->> '$.account.forceChange' = force_password_change AND "
                            "after ->> '$.account.sessionsValidFrom' IS sessions_valid_from, "
                            "before ->> '$.account.sessionsValidFrom' "
                            "FROM command_change, user WHERE command = ?1 AND kind = 'user' AND "
                            "command_change.key = ?2 AND id = ?2 "
                            "AND before -> '$.account' IS NOT NULL")
    , m_detections(connection,
                   "SELECT j.value ->> 'id', coalesce(j.value ->> 'gone', 0), j.value ->> 'level', "
                   "j.value ->> 'weight', j.value ->> 'state', j.value ->> 'detail', j.value ->> 'count', "
                   "j.value ->> 'updated', j.value ->> 'lastAt', j.value ->> 'at', j.value ->> 'detectedAt', "
                   "j.value ->> 'evidence', j.value ->> 'closedAt', j.value ->> 'byItself' FROM "
                   "command_change, json_each(before, '$.detections') j "
                   "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2")
    , m_signIns(connection, "SELECT j.value ->> 'key', j.value ->> 'during', j.value ->> 'aggregated', "
                            "j.value ->> 'state', j.value ->> 'detail', j.value ->> 'score' "
                            "FROM command_change, json_each(before, '$.signIns') j "
                            "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2")
    , m_withheld(connection,
                 "SELECT j.value ->> 'key', coalesce(j.value ->> 'gone', 0), j.value ->> 'verdict', "
                 "j.value ->> 'restart' FROM command_change, json_each(before, '$.withheld') j "
                 "WHERE command = ?1 AND kind = 'user' AND command_change.key = ?2")
    , m_risk(connection,
             "SELECT json_type(before, '$.risk'), before ->> '$.risk.level', before ->> '$.risk.state', "
             "before ->> '$.risk.detail', before ->> '$.risk.score', before ->> '$.risk.updated', "
             "before ->> '$.risk.trend' FROM command_change WHERE command = ?1 AND kind = 'user' AND "
             "key = ?2")
    , m_accounts(connection)
    , m_withheldRows(connection)
{}

Status ImageRestorer::restoreAccount(std::int64_t command, std::uint32_t user)
{
    m_account.bind(command, user);
    if (!m_account.step())
        return m_account.ok() ? Status() : tl::unexpected(m_account.error());
    const bool enabled = m_account.int64(0) != 0, force = m_account.int64(1) != 0,
               same = m_account.int64(2) != 0;
    std::optional<Timestamp> sessions;
    if (!m_account.isNull(3))
        sessions = m_account.time(3);
    m_account.reset();
    if (!same)
        return fail(Code::Conflict, std::to_string(user), "the account was changed since");
    return m_accounts.set(user, {enabled, force, sessions});
}

Status ImageRestorer::restoreDetections(std::int64_t command, std::uint32_t user, RiskRows &rows)
{
    auto &s = m_detections;
    s.bind(command, user);
    while (s.step()) {
        const auto id = s.string(0);
        if (s.int64(1) != 0) {
            if (auto ok = rows.removeDetection(id, user); !ok)
                return ok;
            continue;
        }
        risk::DetectionStanding now;
        now.level = s.as<RiskLevel>(2);
        now.weightLevel = s.as<RiskLevel>(3);
        now.state = s.as<RiskState>(4);
        now.detail = s.as<RiskDetail>(5);
        now.count = s.uint32(6);
        now.lastUpdated = s.time(7);
        now.lastAt = s.time(8);
        now.closedAt = s.time(12);
        now.byItself = s.int64(13) != 0;
        const auto there = rows.holds(user, id);
        if (!there)
            return tl::unexpected(there.error());
        if (*there) {
            if (auto ok = rows.updateDetection(id, now); !ok)
                return ok;
            continue;
        }
        if (s.isNull(9))
            return fail(Code::Conflict, id, "the detection is no longer stored");
        Detection d;
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
        if (auto ok = rows.insertDetection(d, now, {}, {}, {}); !ok)
            return ok;
    }
    return s.ok() ? Status() : tl::unexpected(s.error());
}

Status ImageRestorer::restoreWithheld(std::int64_t command, std::uint32_t user)
{
    auto &s = m_withheld;
    s.bind(command, user);
    while (s.step()) {
        WithheldImage image;
        fromHex(s.text(0), image.key);
        image.gone = s.int64(1) != 0;
        image.verdict = static_cast<int>(s.int64(2));
        image.restart = static_cast<int>(s.int64(3));
        if (auto ok = m_withheldRows.restore(user, image); !ok)
            return ok;
    }
    return s.ok() ? Status() : tl::unexpected(s.error());
}

Status ImageRestorer::restore(std::int64_t command, RiskRows &rows, LedgerEvent &event)
{
    const auto user = event.user;
    if (auto ok = restoreAccount(command, user); !ok)
        return ok;
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
    if (auto ok = restoreWithheld(command, user); !ok)
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

} // namespace riskdesk::ledger
