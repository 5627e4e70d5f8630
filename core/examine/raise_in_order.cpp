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

Result<std::uint64_t> keepPasswords(store::Connection &connection, std::span<const PasswordEvent> passwords)
{
    std::uint64_t fresh = 0;
    store::Statement insert(connection, "INSERT INTO password_event (key, user, at, what, actor) VALUES "
                                        "(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING RETURNING 1");
    for (const auto &p : passwords) {
        insert.reset();
        insert.bind(std::span<const std::uint8_t>(p.key), p.user, p.at, p.what, p.by);
        fresh += insert.step() ? 1U : 0U;
        if (!insert.ok())
            return tl::unexpected(insert.error());
    }
    return fresh;
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
