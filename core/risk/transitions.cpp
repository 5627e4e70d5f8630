#include "core/risk/transitions.h"

#include "core/base/text.h"

#include <array>
#include <string>

namespace riskdesk::risk {
namespace {

struct ActionWord
{
    Action value;
    std::string_view key, display;
};
constexpr std::array actions = {
    ActionWord{Action::Dismiss, "dismiss", "Dismiss risk"},
    ActionWord{Action::ConfirmCompromised, "confirmCompromised", "Confirm compromised"},
    ActionWord{Action::ConfirmSafe, "confirmSafe", "Confirm safe"},
    ActionWord{Action::Resolve, "resolve", "Resolve as remediated elsewhere"},
    ActionWord{Action::ResetPassword, "resetPassword", "Reset password"},
    ActionWord{Action::Block, "block", "Block sign-in"},
    ActionWord{Action::Unblock, "unblock", "Unblock sign-in"},
    ActionWord{Action::RevokeSessions, "revokeSignInSessions", "Revoke sign-in sessions"},
};

struct RefusalWord
{
    std::string_view key, sentence;
};
constexpr std::array<RefusalWord, 23> refusals = {{
    {"", ""},
    {"notFound", "It is not in this directory."},
    {"deleted", "The user is deleted."},
    {"notAtRisk", "It is not at risk."},
    {"alreadyDismissed", "Its risk is dismissed already."},
    {"alreadyConfirmedSafe", "It is confirmed safe already."},
    {"alreadyConfirmedCompromised", "It is confirmed compromised already."},
    {"alreadyRemediated", "It is remediated already."},
    {"socialIdentity", "The identity provider of this user keeps the password; it is reset there."},
    {"alreadyBlocked", "Sign-in is blocked already."},
    {"notBlocked", "Sign-in is not blocked."},
    {"notForThisTarget", "This action is for users only."},
    {"imported", "The provider raised this detection; it is shown, and does not count here."},
    {"touchedLater", "Something happened to the user since; reverse it as a new action."},
    {"onItsWay", "The same is on its way to the identity provider."},
    {"sentAlready", "The password was reset at the identity provider; it cannot be taken back."},
    {"atProviderOnly",
     "Only the identity provider holds it at risk, which does not count here; it is closed there."},
    {"oppositeOnItsWay",
     "The opposite is on its way to the identity provider; take that back first, or wait until it is done."},
    {"neverDone", "It was never done: the request failed, or was given up."},
    {"doneNotKnown", "The request failed, or was given up, and whether it was done is not known; look at the "
                     "identity provider, and reverse it there or as a new action."},
    {"connectionOff", "The connection where its account lives is switched off; switch it on, or do it at the "
                      "identity provider."},
    {"connectionCannot",
     "The connection where its account lives cannot do this; do it at the identity provider."},
    {"sessionsEnded", "The sessions were ended at the identity provider; they cannot be brought back."},
}};

Refusal alreadyOr(RiskState state, Action action)
{
    switch (state) {
    case RiskState::Dismissed:
        return action == Action::Dismiss ? Refusal::AlreadyDismissed : Refusal::NotAtRisk;
    case RiskState::ConfirmedSafe:
        return action == Action::ConfirmSafe ? Refusal::AlreadyConfirmedSafe : Refusal::NotAtRisk;
    case RiskState::Remediated:
        return action == Action::Resolve ? Refusal::AlreadyRemediated : Refusal::NotAtRisk;
    default: return Refusal::NotAtRisk;
    }
}

} // namespace

std::string_view toText(Action action)
{
    for (const auto &w : actions)
        if (w.value == action)
            return w.key;
    return "";
}

std::string_view displayName(Action action)
{
    for (const auto &w : actions)
        if (w.value == action)
            return w.display;
    return "";
}

std::optional<Action> actionFromText(std::string_view text)
{
    std::string joined;
    for (const char c : text)
        if (c != '-')
            joined += c;
    for (const auto &w : actions)
        if (equalsIgnoringCase(w.key, joined))
            return w.value;
    return std::nullopt;
}

std::string_view toText(Refusal refusal)
{
    return refusals[static_cast<std::size_t>(refusal)].key;
}
std::string_view sentence(Refusal refusal)
{
    return refusals[static_cast<std::size_t>(refusal)].sentence;
}

Refusal refusal(Action action, const Subject &user)
{
    if (user.isDeleted && action != Action::Dismiss && action != Action::Resolve)
        return Refusal::Deleted;
    switch (action) {
    case Action::Dismiss:
    case Action::ConfirmSafe:
    case Action::Resolve:
        if (user.standing.state == RiskState::None && user.isAtRiskAtProvider)
            return Refusal::AtProviderOnly;
        return isOpen(user.standing.state) ? Refusal::None : alreadyOr(user.standing.state, action);
    case Action::ConfirmCompromised:
        // A user whose sign-in was confirmed may still be confirmed as a whole.
        return user.standing.state == RiskState::ConfirmedCompromised &&
                       user.standing.detail == RiskDetail::AdminConfirmedUserCompromised
                   ? Refusal::AlreadyConfirmedCompromised
                   : Refusal::None;
    case Action::ResetPassword:
        return user.identity == Identity::Social ? Refusal::SocialIdentity : Refusal::None;
    case Action::Block: return user.accountEnabled ? Refusal::None : Refusal::AlreadyBlocked;
    case Action::Unblock: return user.accountEnabled ? Refusal::NotBlocked : Refusal::None;
    case Action::RevokeSessions: return Refusal::None; // there may always be newer ones
    }
    return Refusal::NotForThisTarget;
}

Refusal refusal(Action action, RiskState state, const Subject &user)
{
    if (action != Action::Dismiss && action != Action::ConfirmSafe && action != Action::ConfirmCompromised)
        return Refusal::NotForThisTarget;
    if (user.isDeleted && action != Action::Dismiss)
        return Refusal::Deleted;
    if (action == Action::ConfirmCompromised)
        return state == RiskState::ConfirmedCompromised ? Refusal::AlreadyConfirmedCompromised
                                                        : Refusal::None;
    return isOpen(state) ? Refusal::None : alreadyOr(state, action);
}

bool isDecided(RiskState state, RiskDetail detail)
{
    switch (state) {
    case RiskState::None:
    case RiskState::AtRisk: return false;
    case RiskState::Dismissed: return detail != RiskDetail::None;
    case RiskState::Remediated:
        return detail != RiskDetail::UserPerformedSecuredPasswordChange &&
               detail != RiskDetail::UserPerformedSecuredPasswordReset &&
               detail != RiskDetail::UserPassedMFADrivenByRiskBasedPolicy;
    default: return true;
    }
}

LedgerKind ledgerKind(Action action, TargetKind target)
{
    const auto pick = [target](LedgerKind user, LedgerKind detection, LedgerKind signIn) {
        return target == TargetKind::User ? user : target == TargetKind::Detection ? detection : signIn;
    };
    switch (action) {
    case Action::Dismiss:
        return pick(LedgerKind::UserDismissed, LedgerKind::DetectionDismissed, LedgerKind::SignInDismissed);
    case Action::ConfirmCompromised:
        return pick(LedgerKind::UserConfirmedCompromised, LedgerKind::DetectionConfirmedCompromised,
                    LedgerKind::SignInConfirmedCompromised);
    case Action::ConfirmSafe:
        return pick(LedgerKind::UserConfirmedSafe, LedgerKind::DetectionConfirmedSafe,
                    LedgerKind::SignInConfirmedSafe);
    case Action::Resolve: return LedgerKind::ResolvedElsewhere;
    case Action::ResetPassword: return LedgerKind::PasswordResetByAdmin;
    case Action::Block: return LedgerKind::Blocked;
    case Action::Unblock: return LedgerKind::Unblocked;
    case Action::RevokeSessions: return LedgerKind::SessionsRevoked;
    }
    return LedgerKind::UserDismissed;
}

RiskStanding after(Action action, const RiskStanding &before)
{
    switch (action) {
    case Action::ConfirmCompromised:
        return {RiskLevel::High, RiskState::ConfirmedCompromised, RiskDetail::AdminConfirmedUserCompromised,
                100};
    case Action::Block:
    case Action::Unblock:
    case Action::RevokeSessions: return before;
    default: break;
    }
    if (!isOpen(before.state)) // nothing to close: a reset password alone changes no risk
        return before;
    switch (action) {
    case Action::Dismiss:
        return {RiskLevel::None, RiskState::Dismissed, RiskDetail::AdminDismissedAllRiskForUser, 0};
    case Action::ConfirmSafe:
        return {RiskLevel::None, RiskState::ConfirmedSafe, RiskDetail::AdminConfirmedAccountSafe, 0};
    case Action::ResetPassword:
        return {RiskLevel::None, RiskState::Remediated, RiskDetail::AdminGeneratedTemporaryPassword, 0};
    default: return {RiskLevel::None, RiskState::Remediated, RiskDetail::None, 0};
    }
}

} // namespace riskdesk::risk
