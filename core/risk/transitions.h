// Transitions: which decision may be taken about whom, and why not. Codes here, one English sentence for
// each; the console has its own, translated.
//
// Closing the risk of a deleted user is allowed, so that the lists can be cleared; nothing else is.
#pragma once

#include "core/domain/ledger_event.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace riskdesk::risk {

enum class Action : std::uint8_t {
    Dismiss = 1,
    ConfirmCompromised = 2,
    ConfirmSafe = 3,
    Resolve = 4, // remediated elsewhere
    ResetPassword = 5,
    Block = 6,
    Unblock = 7,
    RevokeSessions = 8 // whoever is signed in has to sign in again
};
[[nodiscard]] std::string_view toText(Action);      // "confirmCompromised"
[[nodiscard]] std::string_view displayName(Action); // "Confirm compromised"
// "confirmCompromised" and "confirm-compromised".
[[nodiscard]] std::optional<Action> actionFromText(std::string_view);

// What an action is taken on.
enum class TargetKind : std::uint8_t { User = 0, Detection = 1, SignIn = 2 };

enum class Refusal : std::uint8_t {
    None = 0, // it may
    NotFound,
    Deleted,
    NotAtRisk,
    AlreadyDismissed,
    AlreadyConfirmedSafe,
    AlreadyConfirmedCompromised,
    AlreadyRemediated,
    SocialIdentity, // another party keeps the password
    AlreadyBlocked,
    NotBlocked,
    NotForThisTarget, // only users can be blocked, reset or resolved
    Imported,         // the provider's own detection: its word, not ours to change
    TouchedLater,     // undo: something happened to the user since
    OnItsWay,         // the same waits in the outbox, or is being sent right now
    SentAlready,      // undo: a password that was reset cannot be brought back
    AtProviderOnly,   // nothing here is open; the provider holds the user at risk
    OppositeOnItsWay, // what undoes it waits in the outbox, or is being sent right now
    NeverDone,        // undo: its request failed or was given up
    DoneNotKnown,     // undo: the same, and nobody can tell whether it was done
    ConnectionOff,    // accounts live at a connection that would do it, and is switched off
    ConnectionCannot, // accounts live at a connection that cannot do it
    SessionsEnded     // undo: nor can sessions
};
[[nodiscard]] std::string_view toText(Refusal);   // "alreadyDismissed"
[[nodiscard]] std::string_view sentence(Refusal); // "Its risk is dismissed already."

struct Subject
{
    RiskStanding standing;
    Identity identity = Identity::Unknown;
    bool isDeleted = false;
    bool accountEnabled = true;
    bool isAtRiskAtProvider = false; // by the imported word of the provider, which counts nothing here
};
[[nodiscard]] Refusal refusal(Action action, const Subject &user);
// On one detection, or on a sign-in by the state of the whole of it.
[[nodiscard]] Refusal refusal(Action action, RiskState state, const Subject &user);

// Somebody's word: not so what closed by age, by the user's new password or by a second factor.
[[nodiscard]] bool isDecided(RiskState state, RiskDetail detail);
[[nodiscard]] LedgerKind ledgerKind(Action action, TargetKind target);
// What a user's standing will be; the same as the fold gives, without reading the detections.
[[nodiscard]] RiskStanding after(Action action, const RiskStanding &before);

} // namespace riskdesk::risk
