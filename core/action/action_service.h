// ActionService: the one way to act on risk, for the console and the command line alike.
//
//     ActionService service(connection, clock, {.name = "ana", .role = Role::Operator});
//     auto plan = service.plan({.action = Action::Dismiss, .users = {4, 7}, .reason = "expectedActivity"});
//     auto outcome = service.carryOut(plan->request);
//     service.undo();
//
// A plan only looks. carryOut() asks everything again, writes in transactions of at most 2,000 users, and is
// one command: one undo takes all of it back. Each change is in the ledger and in the audit log, in the same
// transaction. One thread, one writing connection.
//
// Errors: NotAllowed (with the sentence), WrongUsage (reason, note), NotFound and Conflict (undo), and the
// store's.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/domain/ledger_event.h"
#include "core/risk/explain.h"
#include "core/risk/transitions.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::action {

using risk::Action;
using risk::Refusal;
using risk::TargetKind;

inline constexpr std::size_t maxNoteBytes = 16'000; // 4,000 characters of any script
inline constexpr std::size_t maxReasonBytes = 200;

// The reasons of a dismissal; an empty one means "other".
inline constexpr std::array<std::string_view, 3> dismissReasons = {"expectedActivity", "riskAccepted",
                                                                   "other"};

struct Request
{
    Action action = Action::Dismiss;
    // Exactly one kind of target.
    std::vector<std::uint32_t> users;
    std::vector<std::string> detections; // ids
    std::vector<std::string> signIns;    // request ids
    std::string reason;                  // a code for Dismiss; free otherwise
    std::string note;                    // required for Resolve

    [[nodiscard]] TargetKind target() const
    {
        return !detections.empty() ? TargetKind::Detection
               : !signIns.empty()  ? TargetKind::SignIn
                                   : TargetKind::User;
    }
    [[nodiscard]] std::size_t size() const { return users.size() + detections.size() + signIns.size(); }
};

struct PlannedChange
{
    std::uint32_t user = 0;
    std::string name; // display name, else user principal name
    RiskStanding before, after;
    bool enabledBefore = true, enabledAfter = true;
    std::uint32_t detections = 0; // that are closed or confirmed with it
};

struct Skipped
{
    std::uint32_t user = 0; // 0: not known
    std::string target;     // detection id or request id, where the target is one; else empty
    std::string name;
    Refusal reason = Refusal::None;

    [[nodiscard]] std::string_view code() const { return risk::toText(reason); }
    [[nodiscard]] std::string_view sentence() const { return risk::sentence(reason); }
};

struct Plan
{
    Request request;
    std::vector<PlannedChange> changes; // one for each user
    std::vector<Skipped> skipped;
    std::array<std::uint64_t, 4> byLevel{}; // users that change, by their level before
    std::uint64_t detections = 0;
};

inline constexpr std::string_view toldSentence =
    "The identity provider, or who else was told of the decision, keeps what it was told.";

struct Outcome
{
    std::int64_t command = 0;  // 0: nothing was done
    std::uint64_t users = 0;   // changed
    std::uint64_t targets = 0; // changed: users, detections or sign-ins
    std::vector<Skipped> skipped;
    bool cancelled = false;
    bool waits = false;             // in the outbox: a connected provider has to do it first
    std::uint64_t toldBefore = 0;   // undo: users whose provider was told, and keeps it: toldSentence
    std::optional<Error> stoppedBy; // what was done before it stays done
};

class ActionService
{
public:
    ActionService(store::Connection &connection, const Clock &clock, Operator who = {});

    [[nodiscard]] Result<Plan> plan(Request request);
    // Progress: phase "act", targets done. Stops between transactions.
    [[nodiscard]] Result<Outcome> carryOut(const Request &request, const ProgressSink &progress = {},
                                           std::stop_token stop = {});
    // Takes a command back: the given one, or the newest that stands; one whose requests all failed or were given
    // up does not. Users of whom the same was changed since are skipped; Code::Conflict when none is left,
    // or when it was taken back before. NotFound: there is none.
    // `only`: of the users of the command; empty: all. For the others it stands, and may be taken back later.
    [[nodiscard]] Result<Outcome> undo(std::optional<std::int64_t> command = {},
                                       const ProgressSink &progress = {}, std::stop_token stop = {},
                                       std::span<const std::uint32_t> only = {});
    // The newest undo, or the given one, taken back. A request that had been taken back waits anew; what somebody is
    // told of is told again. Users whose risk, or of whom the same fact, changed since are skipped.
    [[nodiscard]] Result<Outcome> redo(std::optional<std::int64_t> command = {},
                                       const ProgressSink &progress = {}, std::stop_token stop = {},
                                       std::span<const std::uint32_t> only = {});

private:
    [[nodiscard]] Status check(const Request &request) const;
    [[nodiscard]] Result<Outcome> takeBack(std::int64_t command, bool redo, const ProgressSink &progress,
                                           std::stop_token stop, std::span<const std::uint32_t> only);
    // Of a command that went to the outbox.
    [[nodiscard]] Result<Outcome> takeBackSent(std::int64_t command, std::string_view word,
                                               const ProgressSink &progress, std::stop_token stop,
                                               std::span<const std::uint32_t> only);

    store::Connection &m_connection;
    const Clock &m_clock;
    Operator m_who;
};

// A recorded command, told before it is taken back.
struct CommandSummary
{
    std::int64_t id = 0;
    Timestamp at;
    std::string action; // toText(Action)
    std::string actor;
    std::uint64_t users = 0; // changed
    std::string name;        // of the only one: display name, else user principal name
};
// The newest that stands: what undo() without a command would take back. Code::NotFound.
[[nodiscard]] Result<CommandSummary> newestStanding(store::Connection &connection);

// A user's ledger, oldest first.
[[nodiscard]] Result<std::vector<LedgerEvent>> history(store::Connection &connection, std::uint32_t user);

// The detections that make up the level, with weights, caps, sum and score. Empty for who has none.
[[nodiscard]] Result<risk::Arithmetic> explainUser(store::Connection &connection, std::uint32_t user);
// By request id. Code::NotFound for a sign-in without a detection.
[[nodiscard]] Result<risk::Arithmetic> explainSignIn(store::Connection &connection,
                                                     const std::string &requestId);

} // namespace riskdesk::action
