#include "core/ledger/risk_writer.h"

#include "core/base/text.h"
#include "core/ledger/by_itself.h"
#include "core/ledger/risk_rows.h"
#include "core/risk/transitions.h"

#include <map>
#include <unordered_map>

namespace riskdesk::ledger {
namespace {

// The findings of one call; what is new is written at the end, with the state it has come to by then.
class Raising
{
public:
    Raising(store::Connection &connection, Timestamp now, Microseconds lowAges, bool countImported)
        : m_rows(connection)
        , m_byItself(m_rows, lowAges, now)
        , m_now(now)
        , m_countImported(countImported)
    {}

    Status take(RaisedDetection &raised);
    Status finish();
    [[nodiscard]] const RaiseCounts &counts() const { return m_counts; }

private:
    struct Touched
    {
        UserRows rows;
        std::map<std::string, RaisedDetection *> detections; // to be inserted, by id
        std::map<std::string, const SignInRow *> signIns;    // likewise, by request id
    };
    Result<Touched *> user(std::uint32_t id);
    Status record(Touched &touched, LedgerEvent event, const risk::DetectionFacts *facts = nullptr);
    Status write(Touched &touched);

    RiskRows m_rows;
    ByItself m_byItself;
    Timestamp m_now;
    bool m_countImported;
    std::map<std::uint32_t, Touched> m_users; // ordered, so that rows are written in one order
    RaiseCounts m_counts;
};

Result<Raising::Touched *> Raising::user(std::uint32_t id)
{
    const auto found = m_users.find(id);
    if (found != m_users.end())
        return &found->second;
    auto rows = m_rows.load(id);
    if (!rows)
        return tl::unexpected(rows.error());
    return &m_users.emplace(id, Touched{std::move(*rows), {}, {}}).first->second;
}

Status Raising::record(Touched &touched, LedgerEvent event, const risk::DetectionFacts *facts)
{
    if (!touched.rows.reducer.apply(event, facts))
        return fail(Code::Bug, event.detection, "the ledger event does not fit the user");
    return m_rows.append(event);
}

Status Raising::take(RaisedDetection &raised)
{
    auto &d = raised.detection;
    const bool ours = d.source == ourSource;
    if (auto stored = m_rows.isStored(d.id); !stored)
        return tl::unexpected(stored.error());
    else if (*stored) {
        ++m_counts.duplicates;
        return {};
    }
    if (!ours && (!m_countImported || !isOpen(d.state))) {
        ++m_counts.detections;
        risk::DetectionStanding told; // which moves nothing
        told.weightLevel = d.level;
        return m_rows.insertDetection(d, told, raised.ipText, raised.city, raised.country);
    }
    auto found = user(d.user);
    if (!found)
        return tl::unexpected(found.error());
    auto &touched = **found;
    auto &reducer = touched.rows.reducer;

    risk::DetectionFacts facts;
    facts.id = d.id;
    facts.type = d.type;
    facts.timing = d.timing;
    facts.foldKey = d.foldKey;
    facts.signIn = d.hasSignIn ? d.requestId : std::string();
    facts.at = d.at;
    facts.place = d.place;
    facts.city = raised.city;
    facts.country = raised.country;
    // The second question finds what was folded away earlier: a sign-in played again must not count twice.
    if (reducer.find(d.id) != nullptr || (ours && d.hasSignIn && reducer.knows(d.type, d.requestId))) {
        ++m_counts.duplicates;
        return {};
    }

    LedgerEvent event;
    event.at = d.at;
    event.recordedAt = m_now;
    event.user = d.user;
    event.signIn = facts.signIn;
    event.level = d.level;
    if (d.hasSignIn && !touched.rows.keys.contains(d.requestId)) {
        touched.rows.keys.emplace(d.requestId, d.eventKey);
        touched.signIns.emplace(d.requestId, &raised.row);
    }
    if (auto ok = m_byItself.standAt(touched.rows, facts); !ok)
        return ok;
    if (const auto *target = reducer.foldTarget(facts)) {
        ++m_counts.folded;
        event.kind = LedgerKind::DetectionFolded;
        event.detection = target->facts.id;
        return record(touched, std::move(event));
    }
    ++m_counts.detections;
    touched.detections.emplace(d.id, &raised);
    event.kind = LedgerKind::DetectionRaised;
    // A sign-in from before the decision that closed the user's risk, and that nobody had seen then, is a new
    // fact. It counts, and says so.
    const auto &user = reducer.user();
    if (ours && !isOpen(user.standing.state) && risk::isDecided(user.standing.state, user.standing.detail) &&
        d.at <= user.updated) {
        event.reason = std::string(beforeDecision);
        d.evidence.decidedAt = user.updated;
    }
    event.detection = d.id;
    if (auto ok = record(touched, event, &facts); !ok)
        return ok;
    if (d.state != RiskState::ConfirmedCompromised)
        return {};
    event.kind = LedgerKind::DetectionConfirmedCompromised; // the provider's administrator said so
    event.actor = d.source;
    return record(touched, std::move(event));
}

Status Raising::write(Touched &touched)
{
    auto &reducer = touched.rows.reducer;
    const auto changes = reducer.takeChanges();
    for (const auto &[index, before] : changes.detections) {
        const auto &[facts, now] = reducer.detections()[index];
        const auto fresh = touched.detections.find(facts.id);
        if (fresh == touched.detections.end()) {
            if (auto ok = m_rows.updateDetection(facts.id, now); !ok)
                return ok;
            continue;
        }
        auto &raised = *fresh->second;
        auto &d = raised.detection;
        d.level = now.level;
        d.state = now.state;
        d.detail = now.detail;
        d.count = now.count;
        d.lastAt = now.lastAt;
        d.lastUpdated = now.lastUpdated;
        if (auto ok = m_rows.insertDetection(d, now, raised.ipText, raised.city, raised.country); !ok)
            return ok;
    }
    for (const auto &[id, before] : changes.signIns) {
        const auto standing = reducer.signIn(id);
        const auto fresh = touched.signIns.find(id);
        const auto ok = !standing ? m_rows.removeSignIn(touched.rows.keys[id])
                        : fresh != touched.signIns.end()
                            ? m_rows.insertSignIn(touched.rows.user, id, *fresh->second, *standing)
                            : m_rows.updateSignIn(touched.rows.keys[id], *standing);
        if (!ok)
            return ok;
    }
    return m_rows.writeUser(touched.rows);
}

Status Raising::finish()
{
    for (auto &[id, touched] : m_users)
        if (auto ok = write(touched); !ok)
            return ok;
    m_counts.users = m_users.size();
    return {};
}

// An event that is nobody's decision, about a user who is stored already. One that closes nothing is not told.
Status happen(store::Connection &connection, LedgerEvent event)
{
    RiskRows rows(connection);
    auto user = rows.load(event.user);
    if (!user)
        return tl::unexpected(user.error());
    if (event.kind != LedgerKind::MfaPassed) {
        const auto ages = lowAges(connection);
        if (!ages)
            return tl::unexpected(ages.error());
        if (auto ok = ByItself(rows, *ages, event.recordedAt).standAt(*user, event.at); !ok)
            return ok;
    }
    const auto open = user->reducer.tally().total();
    if (!user->reducer.apply(event))
        return fail(Code::NotFound, event.signIn, "no detection of this user lies on it");
    if (user->reducer.tally().total() != open)
        if (auto ok = rows.append(event); !ok)
            return ok;
    return rows.writeChanges(*user);
}

} // namespace

Result<double> storedSetting(store::Connection &connection, std::string_view key, double standard)
{
    store::Statement row(connection, "SELECT value FROM setting WHERE key = ?1");
    row.bind(key);
    if (row.step())
        return toDouble(row.text(0)).value_or(standard);
    if (!row.ok())
        return tl::unexpected(row.error());
    return standard;
}

Result<RaiseCounts> RiskWriter::raise(std::vector<RaisedDetection> &&inTimeOrder)
{
    const auto countImported = storedSetting(m_connection, "risk.countImported", 0);
    if (!countImported)
        return tl::unexpected(countImported.error());
    const auto ages = lowAges(m_connection);
    if (!ages)
        return tl::unexpected(ages.error());
    Raising raising(m_connection, m_clock.now(), *ages, *countImported != 0);
    for (auto &raised : inTimeOrder)
        if (auto ok = raising.take(raised); !ok)
            return tl::unexpected(ok.error());
    if (auto ok = raising.finish(); !ok)
        return tl::unexpected(ok.error());
    return raising.counts();
}

Status RiskWriter::passwordChanged(std::uint32_t user, PasswordChange what, Timestamp at,
                                   const std::string &note)
{
    LedgerEvent event;
    event.at = at;
    event.recordedAt = m_clock.now();
    event.user = user;
    event.note = note;
    switch (what) {
    case PasswordChange::ChangedByUser: event.kind = LedgerKind::PasswordChangedByUser; break;
    case PasswordChange::ResetByUser: event.kind = LedgerKind::PasswordResetByUser; break;
    case PasswordChange::ResetByAdmin: event.kind = LedgerKind::PasswordResetByAdmin; break;
    }
    return happen(m_connection, std::move(event));
}

Status RiskWriter::passedMfa(std::uint32_t user, const std::string &requestId, Timestamp at)
{
    const auto on = storedSetting(m_connection, "risk.mfaRemediates", 0);
    if (!on)
        return tl::unexpected(on.error());
    if (*on == 0)
        return {};
    LedgerEvent event;
    event.at = at;
    event.recordedAt = m_clock.now();
    event.user = user;
    event.kind = LedgerKind::MfaPassed;
    event.signIn = requestId;
    return happen(m_connection, std::move(event));
}

} // namespace riskdesk::ledger
