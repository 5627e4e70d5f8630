#include "core/examine/raise_in_order.h"

#include "core/base/digest.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace riskdesk::run {
namespace {

std::string noteOf(const std::string &by)
{
    return by.empty() ? std::string("Seen in the log.") : fmt::format("Seen in the log: by {}.", by);
}

void add(ledger::RaiseCounts &to, const ledger::RaiseCounts &more)
{
    to.detections += more.detections;
    to.folded += more.folded;
    to.duplicates += more.duplicates;
    to.users += more.users;
}

// What happens to one user, in time order; at one time the findings come first.
class OneByOne
{
public:
    OneByOne(store::Connection &connection, const Clock &clock, bool mfaRemediates)
        : m_writer(connection, clock)
        , m_mfaRemediates(mfaRemediates)
    {}

    Status play(std::vector<ledger::RaisedDetection> &&raised, std::span<const PasswordEvent> passwords)
    {
        std::size_t next = 0;
        for (std::size_t i = 0; i < raised.size(); ++i) {
            for (; next < passwords.size() && passwords[next].at < raised[i].detection.at; ++next)
                if (auto ok = take(passwords[next]); !ok)
                    return ok;
            const auto &d = raised[i].detection;
            const bool last = i + 1 == raised.size() || raised[i + 1].detection.requestId != d.requestId;
            const bool passed = m_mfaRemediates && d.hasSignIn && raised[i].row.mfa == Mfa::Passed;
            const auto at = d.at;
            auto signIn = d.requestId;
            m_waiting.push_back(std::move(raised[i]));
            if (!passed || !last)
                continue;
            if (auto ok = flush(); !ok)
                return ok;
            if (auto ok = m_writer.passedMfa(m_user, signIn, at); !ok)
                return ok;
        }
        for (; next < passwords.size(); ++next)
            if (auto ok = take(passwords[next]); !ok)
                return ok;
        return flush();
    }
    void of(std::uint32_t user) { m_user = user; }
    [[nodiscard]] const ledger::RaiseCounts &counts() const { return m_counts; }

private:
    Status take(const PasswordEvent &password)
    {
        if (auto ok = flush(); !ok)
            return ok;
        return m_writer.passwordChanged(m_user, password.what, password.at, noteOf(password.by));
    }
    Status flush()
    {
        if (m_waiting.empty())
            return {};
        auto counts = m_writer.raise(std::exchange(m_waiting, {}));
        if (!counts)
            return tl::unexpected(counts.error());
        add(m_counts, *counts);
        return {};
    }

    ledger::RiskWriter m_writer;
    bool m_mfaRemediates;
    std::uint32_t m_user = 0;
    std::vector<ledger::RaisedDetection> m_waiting;
    ledger::RaiseCounts m_counts;
};

// Passwords of earlier runs that lie between what is open of a user, or is raised, and what is raised.
class KeptEarlier
{
public:
    explicit KeptEarlier(store::Connection &connection)
        : m_any(connection, "SELECT 1 FROM password_event WHERE user = ?1 LIMIT 1")
        , m_between(connection,
                    "SELECT key, at, what, actor FROM password_event WHERE user = ?1 AND at < ?3 AND at >= "
                    "min(?2, coalesce((SELECT min(last_at) FROM detection WHERE user = ?1 AND source = ?4 "
                    "AND state IN (?5, ?6)), ?2)) ORDER BY at")
    {}
    Status note(const Detection &d)
    {
        if (const auto known = m_spans.find(d.user); known != m_spans.end()) {
            known->second.first = std::min(known->second.first, d.at);
            known->second.second = std::max(known->second.second, d.at);
            return {};
        }
        if (m_any.bind(d.user).step())
            m_spans.emplace(d.user, std::pair{d.at, d.at});
        m_any.reset();
        return m_any.ok() ? Status() : tl::unexpected(m_any.error());
    }
    [[nodiscard]] std::vector<std::uint32_t> users() const
    {
        std::vector<std::uint32_t> all;
        for (const auto &[user, span] : m_spans)
            all.push_back(user);
        return all;
    }
    // Together with those that came with this run, in time order.
    Result<std::vector<PasswordEvent>> of(std::uint32_t user, std::vector<PasswordEvent> all)
    {
        const auto [from, until] = m_spans.at(user);
        m_between.bind(user, from, until, ourSource, RiskState::AtRisk, RiskState::ConfirmedCompromised);
        while (m_between.step()) {
            PasswordEvent p;
            const auto key = m_between.blob(0);
            std::copy_n(key.begin(), std::min(key.size(), p.key.size()), p.key.begin());
            if (std::ranges::find(all, p.key, &PasswordEvent::key) != all.end())
                continue;
            p.user = user;
            p.at = m_between.time(1);
            p.what = m_between.as<PasswordChange>(2);
            p.by = m_between.string(3);
            all.push_back(std::move(p));
        }
        if (!m_between.ok())
            return tl::unexpected(m_between.error());
        std::ranges::stable_sort(all, {}, &PasswordEvent::at);
        return all;
    }

private:
    store::Statement m_any, m_between;
    std::map<std::uint32_t, std::pair<Timestamp, Timestamp>> m_spans; // by user who had a new password
};

} // namespace

PasswordEvent passwordEvent(const PasswordRecord &record)
{
    PasswordEvent event;
    event.at = record.at;
    event.what = record.what;
    event.by = record.by;
    event.key = blake2b128(record.eventId.empty()
                               ? fmt::format("password {} {} {} {}", record.at.us, record.userId,
                                             record.userPrincipalName, static_cast<int>(record.what))
                               : fmt::format("password {}", record.eventId));
    return event;
}

Result<KeptPasswords> keepPasswords(store::Connection &connection, std::span<const PasswordEvent> passwords)
{
    KeptPasswords kept;
    store::Statement split(connection,
                           "SELECT min(at) FROM detection WHERE user = ?1 AND at <= ?2 AND "
                           "last_at > ?2 AND source = ?3 AND (state = ?4 OR (closed_by_itself AND "
                           "closed_at > ?2))");
    store::Statement insert(connection, "INSERT INTO password_event (key, user, at, what, actor) VALUES "
                                        "(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING RETURNING 1");
    for (const auto &p : passwords) {
        insert.reset();
        insert.bind(std::span<const std::uint8_t>(p.key), p.user, p.at, p.what, p.by);
        const bool fresh = insert.step();
        if (!insert.ok())
            return tl::unexpected(insert.error());
        if (!fresh)
            continue;
        ++kept.fresh;
        split.bind(p.user, p.at, ourSource, RiskState::AtRisk);
        if (split.step() && !split.isNull(0))
            kept.splitFrom = std::min(kept.splitFrom.value_or(split.int64(0)), split.int64(0));
        if (!split.ok())
            return tl::unexpected(split.error());
        split.reset();
    }
    return kept;
}

Result<ledger::RaiseCounts> raiseInOrder(store::Connection &connection, const Clock &clock,
                                         std::vector<ledger::RaisedDetection> &&raised,
                                         std::span<const PasswordEvent> passwords)
{
    const auto mfa = ledger::storedSetting(connection, "risk.mfaRemediates", 0);
    if (!mfa)
        return tl::unexpected(mfa.error());
    struct Story
    {
        std::vector<ledger::RaisedDetection> raised;
        std::vector<PasswordEvent> passwords;
    };
    std::map<std::uint32_t, Story> stories; // of users to whom more happens than findings
    for (const auto &p : passwords)
        stories[p.user].passwords.push_back(p);
    KeptEarlier kept(connection);
    for (const auto &r : raised)
        if (auto ok = kept.note(r.detection); !ok)
            return tl::unexpected(ok.error());
    for (const auto user : kept.users()) {
        auto &story = stories[user];
        auto earlier = kept.of(user, story.passwords);
        if (!earlier)
            return tl::unexpected(earlier.error());
        story.passwords = std::move(*earlier);
    }
    if (*mfa != 0)
        for (const auto &r : raised)
            if (r.row.mfa == Mfa::Passed)
                stories[r.detection.user];
    std::vector<ledger::RaisedDetection> others;
    for (auto &r : raised) {
        const auto story = stories.find(r.detection.user);
        (story == stories.end() ? others : story->second.raised).push_back(std::move(r));
    }
    auto counts = ledger::RiskWriter(connection, clock).raise(std::move(others));
    if (!counts)
        return counts;
    OneByOne one(connection, clock, *mfa != 0);
    for (auto &[user, story] : stories) {
        one.of(user);
        if (auto ok = one.play(std::move(story.raised), story.passwords); !ok)
            return tl::unexpected(ok.error());
    }
    add(*counts, one.counts());
    return counts;
}

Status settlePasswords(store::Connection &connection, const Clock &clock)
{
    std::vector<PasswordEvent> late;
    // Users first: they are in an index, and few of them have a new password.
    store::Statement row(
        connection,
        "SELECT DISTINCT e.user, e.at, e.what, e.actor FROM user_risk r CROSS JOIN password_event e ON "
        "e.user = r.user CROSS JOIN detection d ON d.user = r.user AND d.last_at <= e.at WHERE "
        "r.state IN (?1, ?2) AND d.state IN (?1, ?2) AND d.source = ?3 ORDER BY e.user, e.at");
    row.bind(RiskState::AtRisk, RiskState::ConfirmedCompromised, ourSource);
    while (row.step()) {
        auto &p = late.emplace_back();
        p.user = row.uint32(0);
        p.at = row.time(1);
        p.what = row.as<PasswordChange>(2);
        p.by = row.string(3);
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    ledger::RiskWriter writer(connection, clock);
    for (const auto &p : late)
        if (auto ok = writer.passwordChanged(p.user, p.what, p.at, noteOf(p.by)); !ok)
            return ok;
    return {};
}

} // namespace riskdesk::run
