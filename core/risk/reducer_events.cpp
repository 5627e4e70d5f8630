// The table of triggers: what each kind of event does to detections.
#include "core/risk/reducer.h"

#include <algorithm>
#include <utility>

namespace riskdesk::risk {
namespace {

// Puts back what a command changed: the newest change first, so that the oldest "before" stays.
void merge(Reducer::Changes &into, Reducer::Changes changes)
{
    for (auto &[index, before] : changes.detections)
        into.detections.emplace(index, before);
    for (auto &[id, before] : changes.signIns)
        into.signIns.emplace(id, before);
    if (!into.user)
        into.user = changes.user;
}

} // namespace

bool Reducer::takeBack(const LedgerEvent &event)
{
    const auto found = m_journal.find(event.undoOf);
    if (found == m_journal.end())
        return false;
    const auto before = found->second; // a copy: the journal grows below
    if (!m_commands.isLast(event.undoOf)) {
        reopen(event, {before.detections.begin(), before.detections.end()});
        return true;
    }
    for (const auto &[index, standing] : before.detections)
        move(index, standing);
    m_touched.clear(); // sign-ins are put back, not computed
    for (const auto &[id, standing] : before.signIns)
        setSignIn(id, standing);
    if (before.user)
        setUser(*before.user);
    return true;
}

void Reducer::reopen(const LedgerEvent &event,
                     const std::vector<std::pair<std::uint32_t, DetectionStanding>> &before)
{
    if (before.empty())
        return;
    for (const auto &[index, standing] : before)
        move(index, standing);
    for (const auto &[index, standing] : before)
        repair(index);
    settle(event, newestClosing(everyOne()));
}

void Reducer::putBack(LedgerEvent &event,
                      const std::vector<std::pair<std::string, DetectionStanding>> &before)
{
    event.from = m_user.standing;
    std::vector<std::pair<std::uint32_t, DetectionStanding>> which;
    for (const auto &[id, standing] : before)
        if (const auto found = m_byId.find(id); found != m_byId.end())
            which.emplace_back(found->second, standing);
    std::sort(which.begin(), which.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    reopen(event, which);
    event.to = m_user.standing;
}

bool Reducer::apply(LedgerEvent &event, const DetectionFacts *facts)
{
    event.from = m_user.standing;
    // The changes of this event alone, for the journal; then joined to what was not yet taken.
    auto earlier = std::exchange(m_changes, {});
    const bool earlierBegun = std::exchange(m_changesBegun, false);

    bool understood = true;
    bool moved = true;
    std::optional<Closing> closing;
    const auto closeAll = [&](RiskState state, RiskDetail detail) {
        closing = Closing{state, detail};
        moved = close(event, openOnes(), *closing);
    };
    // A password that the log tells of is no answer to what happened after it, and a decision answers
    // everything. What was folded in later keeps its detection open.
    const auto closeAllBefore = [&](RiskDetail detail) {
        if (event.command != 0)
            return closeAll(RiskState::Remediated, detail);
        auto which = openOnes();
        std::erase_if(which, [&](auto i) { return m_detections[i].now.lastAt > event.at; });
        closing = Closing{RiskState::Remediated, detail};
        moved = close(event, which, *closing);
    };
    const auto closeThese = [&](const std::vector<std::uint32_t> &which, RiskState state, RiskDetail detail) {
        understood = !which.empty();
        closing = Closing{state, detail};
        moved = close(event, which, *closing);
    };
    const auto confirmThese = [&](const std::vector<std::uint32_t> &which, RiskDetail detail) {
        understood = !which.empty();
        moved = confirm(event, which, detail);
    };
    // An action on a detection that lies on no sign-in speaks of the user.
    const auto onUser = [&](const std::vector<std::uint32_t> &which) {
        return !which.empty() && m_detections[which.front()].facts.signIn.empty();
    };

    switch (event.kind) {
    case LedgerKind::DetectionRaised:
        if (facts == nullptr || find(facts->id) != nullptr) {
            understood = moved = false;
            break;
        }
        {
            DetectionStanding standing;
            standing.gone = true; // until move() makes it appear, so that the change is on record
            standing.level = standing.weightLevel = event.level;
            standing.lastAt = facts->at;
            auto found = *facts;
            found.found = event.level;
            const auto index = add(std::move(found), standing);
            standing.gone = false;
            standing.state = RiskState::AtRisk;
            standing.lastUpdated = event.recordedAt;
            move(index, standing);
            pairAt(index, facts->at);
        }
        break;
    case LedgerKind::DetectionFolded: {
        const auto which = one(event.detection);
        understood = moved = !which.empty() && !event.signIn.empty();
        if (!understood)
            break;
        const auto index = which.front();
        restoreRepeat(event.detection, event.signIn, event.at, event.level);
        auto to = m_detections[index].now;
        to.level = std::max(to.level, event.level);
        to.weightLevel = std::max(to.weightLevel, to.level);
        ++to.count;
        to.lastAt = std::max(to.lastAt, event.at);
        to.lastUpdated = event.recordedAt;
        move(index, to);
        m_touched.push_back(event.signIn);
        pairAt(index, event.at);
        break;
    }
    case LedgerKind::UserDismissed:
        closeAll(RiskState::Dismissed, RiskDetail::AdminDismissedAllRiskForUser);
        break;
    case LedgerKind::UserConfirmedSafe:
        closeAll(RiskState::ConfirmedSafe, RiskDetail::AdminConfirmedAccountSafe);
        break;
    case LedgerKind::ResolvedElsewhere: closeAll(RiskState::Remediated, RiskDetail::None); break;
    case LedgerKind::PasswordResetByAdmin: closeAllBefore(RiskDetail::AdminGeneratedTemporaryPassword); break;
    case LedgerKind::PasswordResetByUser:
        closeAllBefore(RiskDetail::UserPerformedSecuredPasswordReset);
        break;
    case LedgerKind::PasswordChangedByUser:
        closeAllBefore(RiskDetail::UserPerformedSecuredPasswordChange);
        break;
    case LedgerKind::UserConfirmedCompromised: {
        if (event.detection.empty() || m_byId.contains(event.detection)) {
            understood = moved = false;
            break;
        }
        DetectionFacts word;
        word.id = event.detection;
        word.type = DetectionType::AdminConfirmedUserCompromised;
        word.timing = DetectionTiming::Offline;
        word.at = event.at;
        DetectionStanding standing;
        standing.gone = true;
        standing.level = standing.weightLevel = RiskLevel::High;
        standing.lastAt = event.at;
        const auto index = add(std::move(word), standing);
        standing.gone = false;
        standing.state = RiskState::ConfirmedCompromised;
        standing.detail = RiskDetail::AdminConfirmedUserCompromised;
        standing.lastUpdated = event.recordedAt;
        move(index, standing);
        break;
    }
    case LedgerKind::SignInConfirmedCompromised:
        confirmThese(detectionsOf(event.signIn), RiskDetail::AdminConfirmedSigninCompromised);
        break;
    case LedgerKind::SignInConfirmedSafe:
        closeThese(detectionsOf(event.signIn), RiskState::ConfirmedSafe,
                   RiskDetail::AdminConfirmedSigninSafe);
        break;
    case LedgerKind::SignInDismissed:
        closeThese(detectionsOf(event.signIn), RiskState::Dismissed, RiskDetail::AdminDismissedRiskForSignIn);
        break;
    case LedgerKind::DetectionDismissed: {
        const auto which = one(event.detection);
        closeThese(which, RiskState::Dismissed,
                   onUser(which) ? RiskDetail::AdminDismissedAllRiskForUser
                                 : RiskDetail::AdminDismissedRiskForSignIn);
        break;
    }
    case LedgerKind::DetectionConfirmedSafe: {
        const auto which = one(event.detection);
        closeThese(which, RiskState::ConfirmedSafe,
                   onUser(which) ? RiskDetail::AdminConfirmedAccountSafe
                                 : RiskDetail::AdminConfirmedSigninSafe);
        break;
    }
    case LedgerKind::DetectionConfirmedCompromised: {
        const auto which = one(event.detection);
        confirmThese(which, onUser(which) ? RiskDetail::AdminConfirmedUserCompromised
                                          : RiskDetail::AdminConfirmedSigninCompromised);
        break;
    }
    case LedgerKind::MfaPassed: {
        // Nobody's word, so it leaves alone what somebody confirmed; and what began at another sign-in.
        auto which = detectionsOf(event.signIn);
        understood = !which.empty();
        std::erase_if(which, [&](auto i) {
            return m_detections[i].now.state != RiskState::AtRisk ||
                   m_detections[i].facts.signIn != event.signIn;
        });
        closing = Closing{RiskState::Remediated, RiskDetail::UserPassedMFADrivenByRiskBasedPolicy};
        moved = close(event, which, *closing);
        break;
    }
    case LedgerKind::Aged: {
        auto which = one(event.detection);
        understood = !which.empty();
        std::erase_if(which, [&](auto i) { return m_detections[i].now.state != RiskState::AtRisk; });
        closing = Closing{RiskState::Dismissed, RiskDetail::None};
        moved = close(event, which, *closing);
        break;
    }
    case LedgerKind::Reopened: {
        const auto which = one(event.detection);
        understood = moved = !which.empty() && m_detections[which.front()].now.byItself;
        if (!understood)
            break;
        auto to = m_detections[which.front()].now;
        to.state = RiskState::AtRisk;
        to.detail = RiskDetail::None;
        to.closedAt = {};
        to.byItself = false;
        to.lastUpdated = event.recordedAt;
        move(which.front(), to);
        repair(which.front());
        break;
    }
    case LedgerKind::Withdrawn:
        understood = moved = withdraw(event);
        closing = Closing{RiskState::None, RiskDetail::None}; // what the others say is looked up
        break;
    case LedgerKind::Blocked:
    case LedgerKind::Unblocked:
    case LedgerKind::SessionsRevoked:
    case LedgerKind::UserDeleted: moved = false; break;
    case LedgerKind::Undone:
        understood = takeBack(event);
        moved = false;
        break;
    default: understood = moved = false; break;
    }
    if (m_keepJournal && concernsRisk(event.kind))
        m_commands.note(event.command, event.undoOf);
    if (moved)
        settle(event, closing);
    event.to = m_user.standing;

    auto own = takeChanges();
    if (m_keepJournal && event.command != 0)
        merge(m_journal[event.command], own);
    const bool known = earlierBegun ? earlier.wasKnown : own.wasKnown;
    merge(earlier, std::move(own));
    m_changes = std::move(earlier);
    m_changes.wasKnown = known;
    m_changesBegun =
        earlierBegun || !m_changes.detections.empty() || !m_changes.signIns.empty() || m_changes.user;
    return understood;
}

} // namespace riskdesk::risk
