// LedgerEvent: one line of the risk ledger, the append-only list of what happened to risk. A user's state is
// a fold over its lines (core/risk) and can be rebuilt from them.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/risk.h"

#include <cstdint>
#include <string>

namespace riskdesk {

enum class LedgerKind : std::uint8_t {
    DetectionRaised = 1,
    DetectionFolded = 2, // another occurrence: count, last time, level may grow
    UserDismissed = 3,
    UserConfirmedCompromised = 4,
    UserConfirmedSafe = 5,
    SignInConfirmedCompromised = 6,
    SignInConfirmedSafe = 7,
    SignInDismissed = 8,
    DetectionDismissed = 9,
    DetectionConfirmedSafe = 10,
    DetectionConfirmedCompromised = 11,
    PasswordResetByAdmin = 12,
    PasswordResetByUser = 13,
    PasswordChangedByUser = 14,
    MfaPassed = 15,
    ResolvedElsewhere = 16,
    Blocked = 17,
    Unblocked = 18,
    Aged = 19,
    UserDeleted = 20,
    Undone = 21, // takes back the events of one command: commandId of the taken back one in `undoOf`
    SessionsRevoked = 22,
    Withdrawn = 23, // what was found does not hold any more, by sign-ins or lists that came later
    Reopened = 24   // it had closed by itself, and something from before that came later; it may close again
};
[[nodiscard]] std::string_view toText(LedgerKind);      // stable key: "detectionRaised"
[[nodiscard]] std::string_view displayName(LedgerKind); // "Detection raised"

struct RiskStanding
{
    RiskLevel level = RiskLevel::None;
    RiskState state = RiskState::None;
    RiskDetail detail = RiskDetail::None;
    std::uint8_t score = 0; // 0..100

    friend bool operator==(const RiskStanding &, const RiskStanding &) = default;
};

struct LedgerEvent
{
    std::int64_t id = 0; // order of happening within the directory
    Timestamp at;        // event time for detections, wall clock for decisions
    Timestamp recordedAt;
    std::uint32_t user = 0;
    LedgerKind kind = LedgerKind::DetectionRaised;
    std::string detection; // id, for events about one detection
    std::string signIn;    // request id, for events about one sign-in
    RiskStanding from, to; // of the user
    std::string actor;     // operator's name; empty: the engine
    std::string reason, note;
    std::int64_t command = 0;          // command.id the event belongs to; 0: none
    std::int64_t undoOf = 0;           // command.id taken back by an Undone event
    RiskLevel level = RiskLevel::None; // of the occurrence, for DetectionRaised and DetectionFolded
};

} // namespace riskdesk
