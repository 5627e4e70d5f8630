#include "core/examine/settle_findings.h"

#include "core/examine/raise_in_order.h"
#include "core/ledger/risk_rows.h"
#include "core/risk/transitions.h"
#include "core/store/statement.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace riskdesk::run {
namespace {

constexpr std::string_view settledAgain = "settledAgain"; // the ledger's reason

// One finding on one sign-in, as the ledger tells it.
struct StoredOccurrence
{
    DetectionType type{};
    std::string signIn;
    RiskLevel level{};
    std::int64_t at = 0;
    bool inStretch = false;
};
struct StoredDetection
{
    std::uint32_t user = 0;
    std::string foldKey;
    bool decided = false;
    bool mayOpen = false;                      // at risk, or closed by itself
    std::vector<StoredOccurrence> occurrences; // the first is its own
};
using StoredDetections = std::map<std::string, StoredDetection, std::less<>>; // by id

Result<StoredDetections> readStored(store::Connection &connection, const Stretch &stretch)
{
    StoredDetections all;
    // A spray that is seen only later finds sign-ins from before: what was seen in the stretch belongs to it.
    store::Statement row(
        connection,
        "SELECT l.kind, l.detection, l.sign_in, l.level, l.at, d.user, d.type, d.fold_key, "
        "d.state, d.detail, coalesce(c.detected, l.at), d.closed_by_itself FROM ledger l JOIN detection d ON "
        "d.id = l.detection AND d.source = ?1 LEFT JOIN campaign c ON d.campaign <> '' AND "
        "c.id = d.campaign WHERE l.kind IN (?2, ?3, ?4) AND l.user = d.user ORDER BY l.id");
    for (row.bind(ourSource, LedgerKind::DetectionRaised, LedgerKind::DetectionFolded, LedgerKind::Withdrawn);
         row.step();) {
        const auto kind = row.as<LedgerKind>(0);
        const auto signIn = row.string(2);
        auto &d = all[row.string(1)];
        if (kind == LedgerKind::Withdrawn) {
            std::erase_if(d.occurrences, [&](const auto &o) { return signIn.empty() || o.signIn == signIn; });
            continue;
        }
        d.user = row.uint32(5);
        d.foldKey = row.string(7);
        d.decided = risk::isDecided(row.as<RiskState>(8), row.as<RiskDetail>(9));
        d.mayOpen = row.as<RiskState>(8) == RiskState::AtRisk || row.int64(11) != 0;
        d.occurrences.push_back({row.as<DetectionType>(6), signIn, row.as<RiskLevel>(3), row.int64(4),
                                 std::max(row.int64(4), row.int64(10)) > stretch.after});
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

// What may fold into each other.
using Group = std::tuple<DetectionType, std::string>;
Group groupOf(DetectionType type, const std::string &foldKey, const std::string &signIn)
{
    return {type, foldKey.empty() ? '\x1f' + signIn : foldKey};
}

class Settling
{
public:
    Settling(store::Connection &connection, const Clock &clock, const Stretch &stretch,
             StoredDetections stored)
        : m_connection(connection)
        , m_clock(clock)
        , m_stretch(stretch)
        , m_stored(std::move(stored))
        , m_rows(connection)
        , m_evidence(connection, "SELECT evidence, campaign, place, asn FROM detection WHERE id = ?1")
        , m_detectedAt(connection, "SELECT detected_at FROM detection WHERE id = ?1")
        , m_passwords(connection, "SELECT at, what, actor FROM password_event WHERE user = ?1 AND at > ?2 "
                                  "ORDER BY at")
        , m_between(connection,
                    "SELECT 1 FROM password_event WHERE user = ?1 AND at >= ?2 AND at < ?3 LIMIT 1")
    {}

    Result<SettleCounts> run(std::vector<ledger::RaisedDetection> &&found);

private:
    using Found = std::vector<ledger::RaisedDetection *>;
    using Key = std::pair<DetectionType, std::string>; // and the sign-in

    Result<bool> isSplit(std::uint32_t user, const StoredDetection &d);
    Status settle(std::uint32_t user, const std::vector<std::string> &stored, Found &found);
    Status withdraw(std::uint32_t user, const std::set<Group> &groups);
    Status refresh(const ledger::RaisedDetection &found);
    Status mark(const std::string &id, bool gone);

    store::Connection &m_connection;
    const Clock &m_clock;
    Stretch m_stretch;
    StoredDetections m_stored;
    ledger::RiskRows m_rows;
    store::Statement m_evidence, m_detectedAt, m_passwords, m_between;
    std::map<std::string, std::pair<DetectionTiming, Timestamp>, std::less<>> m_withdrawn; // by id
    std::vector<ledger::RaisedDetection> m_raised;
    std::vector<PasswordEvent> m_again; // of users whose findings are raised again
    SettleCounts m_counts;
};

Result<SettleCounts> Settling::run(std::vector<ledger::RaisedDetection> &&found)
{
    std::map<std::uint32_t, std::pair<std::vector<std::string>, Found>> users;
    for (const auto &[id, d] : m_stored)
        if (std::ranges::any_of(d.occurrences, &StoredOccurrence::inStretch))
            users[d.user].first.push_back(id);
    std::set<std::string> met; // a sign-in may be found twice: by itself, and by a spray seen later
    for (auto &one : found)
        if (met.insert(one.detection.id).second)
            users[one.detection.user].second.push_back(&one);
    for (auto &[user, of] : users)
        if (auto ok = settle(user, of.first, of.second); !ok)
            return tl::unexpected(ok.error());
    std::ranges::stable_sort(m_raised, {}, [](const auto &r) { return r.detection.at; });
    std::ranges::stable_sort(m_again, {}, &PasswordEvent::at);
    auto raised = raiseInOrder(m_connection, m_clock, std::move(m_raised), m_again);
    if (!raised)
        return tl::unexpected(raised.error());
    m_counts.detections = raised->detections;
    for (const auto &[id, was] : m_withdrawn) {
        const auto again = m_rows.isStored(id);
        if (!again)
            return tl::unexpected(again.error());
        if (*again)
            --m_counts.detections; // no new one
        else
            ++m_counts.withdrawn;
    }
    return m_counts;
}

// A password came between what was folded into one, and was read only afterwards: a closed one takes in nothing. What
// closed later by itself is no other case.
Result<bool> Settling::isSplit(std::uint32_t user, const StoredDetection &d)
{
    if (!d.mayOpen || d.occurrences.size() < 2)
        return false;
    const auto [first, last] = std::ranges::minmax(d.occurrences, {}, &StoredOccurrence::at);
    m_between.bind(user, first.at, last.at);
    const bool any = m_between.step();
    m_between.reset();
    return m_between.ok() ? Result<bool>(any) : tl::unexpected(m_between.error());
}

Status Settling::settle(std::uint32_t user, const std::vector<std::string> &stored, Found &found)
{
    using Side = std::pair<RiskLevel, Group>;
    std::map<Key, Side> before, now;
    for (const auto &id : stored) {
        const auto &d = m_stored.at(id);
        for (const auto &o : d.occurrences)
            if (o.inStretch)
                before.emplace(Key{o.type, o.signIn}, Side{o.level, groupOf(o.type, d.foldKey, o.signIn)});
    }
    for (const auto *one : found) {
        const auto &d = one->detection;
        now.emplace(Key{d.type, d.requestId}, Side{d.level, groupOf(d.type, d.foldKey, d.requestId)});
    }
    std::set<Group> groups; // in which something differs
    for (const auto &id : stored) {
        const auto &d = m_stored.at(id);
        const auto split = isSplit(user, d);
        if (!split)
            return tl::unexpected(split.error());
        if (*split)
            groups.insert(groupOf(d.occurrences.front().type, d.foldKey, d.occurrences.front().signIn));
    }
    for (const auto &[key, side] : before)
        if (const auto other = now.find(key); other == now.end() || other->second != side)
            groups.insert(side.second);
    for (const auto &[key, side] : now)
        if (const auto other = before.find(key); other == before.end() || other->second != side)
            groups.insert(side.second);

    for (const auto &id : stored) {
        const auto &d = m_stored.at(id);
        const auto &own = d.occurrences.front();
        if (!d.decided || !own.inStretch)
            continue;
        const bool gone = !now.contains({own.type, own.signIn});
        m_counts.kept += gone ? 1 : 0;
        if (auto ok = mark(id, gone); !ok)
            return ok;
    }
    if (!groups.empty())
        if (auto ok = withdraw(user, groups); !ok)
            return ok;
    for (const auto *one : found)
        if (const auto there = m_stored.find(one->detection.id);
            there != m_stored.end() && !there->second.decided && !m_withdrawn.contains(one->detection.id))
            if (auto ok = refresh(*one); !ok)
                return ok;
    if (groups.empty())
        return {};
    for (auto *one : found) {
        auto &d = one->detection;
        if (const auto was = m_withdrawn.find(d.id); was != m_withdrawn.end())
            std::tie(d.timing, d.detectedAt) = was->second;
        else if (d.at.us <= m_stretch.seenUpTo)
            d.timing = DetectionTiming::Offline;
        m_raised.push_back(std::move(*one));
    }
    for (m_passwords.bind(user, m_stretch.after); m_passwords.step();) {
        auto &p = m_again.emplace_back();
        p.user = user;
        p.at = m_passwords.time(0);
        p.what = m_passwords.as<PasswordChange>(1);
        p.by = m_passwords.string(2);
    }
    return m_passwords.ok() ? Status() : tl::unexpected(m_passwords.error());
}

// Of these groups, everything of the stretch that nobody decided on.
Status Settling::withdraw(std::uint32_t user, const std::set<Group> &groups)
{
    auto rows = m_rows.load(user);
    if (!rows)
        return tl::unexpected(rows.error());
    auto &reducer = rows->reducer;
    std::vector<LedgerEvent> events;
    for (const auto &d : reducer.detections()) {
        const auto stored = m_stored.find(d.facts.id);
        if (d.now.gone || stored == m_stored.end() || stored->second.decided ||
            !groups.contains(groupOf(d.facts.type, d.facts.foldKey, d.facts.signIn)))
            continue;
        LedgerEvent event;
        event.kind = LedgerKind::Withdrawn;
        event.at = event.recordedAt = m_clock.now(); // now, and not when it was found
        event.user = user;
        event.detection = d.facts.id;
        event.level = d.now.level;
        event.reason = std::string(settledAgain);
        const auto &occurrences = stored->second.occurrences;
        if (occurrences.front().inStretch) {
            m_detectedAt.bind(d.facts.id);
            const auto detected = m_detectedAt.step() ? m_detectedAt.time(0) : event.recordedAt;
            m_detectedAt.reset();
            m_withdrawn.emplace(d.facts.id, std::pair{d.facts.timing, detected});
            events.push_back(event);
            continue;
        }
        bool again = d.now.byItself; // and later, or rather earlier, it will close again
        for (std::size_t i = 1; i < occurrences.size(); ++i)
            if (occurrences[i].inStretch) {
                if (std::exchange(again, false)) {
                    auto open = event;
                    open.kind = LedgerKind::Reopened;
                    events.push_back(std::move(open));
                }
                event.signIn = occurrences[i].signIn;
                events.push_back(event);
            }
    }
    if (events.empty())
        return {};
    for (auto &event : events) {
        if (!reducer.apply(event))
            return fail(Code::Bug, event.detection, "what is withdrawn is not there");
        if (auto ok = m_rows.append(event); !ok)
            return ok;
    }
    return m_rows.writeChanges(*rows);
}

// The same finding, by what is known now.
Status Settling::refresh(const ledger::RaisedDetection &found)
{
    const auto &d = found.detection;
    m_evidence.bind(d.id);
    if (!m_evidence.step())
        return m_evidence.ok() ? Status() : tl::unexpected(m_evidence.error());
    const auto json = m_evidence.string(0), campaign = m_evidence.string(1);
    const bool same = m_evidence.uint32(2) == d.place && m_evidence.uint32(3) == d.asn;
    m_evidence.reset();
    auto told = d;
    if (const auto was = Evidence::fromJson(d.type, json))
        told.evidence.decidedAt = was->decidedAt;
    if (same && campaign == d.campaign && told.evidence.toJson() == json)
        return {};
    return m_rows.updateEvidence(told, found.ipText, found.city, found.country);
}

// Somebody decided on it: it stays, and says whether it would still be found.
Status Settling::mark(const std::string &id, bool gone)
{
    m_evidence.bind(id);
    if (!m_evidence.step())
        return m_evidence.ok() ? Status() : tl::unexpected(m_evidence.error());
    const auto json = m_evidence.string(0);
    m_evidence.reset();
    auto evidence = Evidence::fromJson(m_stored.at(id).occurrences.front().type, json);
    if (!evidence || evidence->notFoundSince.has_value() == gone)
        return {};
    evidence->notFoundSince = gone ? std::optional(m_clock.now()) : std::nullopt;
    return m_rows.tellEvidence(id, *evidence);
}

} // namespace

Result<SettleCounts> settleFindings(store::Connection &connection, const Clock &clock,
                                    std::vector<ledger::RaisedDetection> &&found, const Stretch &stretch)
{
    auto stored = readStored(connection, stretch);
    if (!stored)
        return tl::unexpected(stored.error());
    std::erase_if(*stored, [](const auto &entry) { return entry.second.occurrences.empty(); });
    return Settling(connection, clock, stretch, std::move(*stored)).run(std::move(found));
}

} // namespace riskdesk::run
