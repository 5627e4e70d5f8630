// Outbox: the rows of what is to be done at the identity provider. ActionService puts them in, the dispatcher
// (core/dispatch) carries them there, and settle() writes the outcome back.
//
// A held row can be taken back. The state of user and risk changes only in settle(), when the provider said
// that it was done; until then the user is processing. A connector of the directory that is active takes the
// operations it is capable of. Where accounts live at a connector that is off or not capable, nobody is changed: a record
// here would say that it was done. Without such a connector it is recorded here at once; what was recorded so is sent
// all the same when it is asked for again, and taking that back leaves the record. All inside the caller's open
// transaction unless said otherwise. One thread.
#pragma once

#include "core/action/action_service.h"
#include "core/action/executor.h"
#include "core/action/standing.h"
#include "core/domain/provider.h"
#include "core/query/json_object.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace riskdesk::action {

struct OutboxRow
{
    std::int64_t id = 0;
    std::string key;
    std::int64_t connector = 0;
    std::string connectorName;
    ProviderOperation operation = ProviderOperation::Notify;
    std::uint32_t user = 0;
    std::string userName, userPrincipalName, providerId;
    std::int64_t command = 0;
    Operator who;
    std::string reason, note;
    OutboxState state = OutboxState::Held;
    Timestamp createdAt, dueAt;
    std::uint32_t attempts = 0;
    std::optional<Timestamp> sentAt, finishedAt;
    std::string precondition, code, sentence, payload;
};

struct ConnectorRow
{
    std::int64_t id = 0;
    std::string kind, name, settings;
    ProviderCapabilities capabilities = 0;
    bool active = true;
    std::optional<Timestamp> pulledAt, failedAt;
    std::string sentence, signInCursor, riskCursor;
    std::int64_t revision = 0; // another one when its settings or secrets were changed
};
[[nodiscard]] Result<std::vector<ConnectorRow>> connectors(store::Connection &connection);

// Newest first; all states, or those on their way only.
[[nodiscard]] Result<std::vector<OutboxRow>> outbox(store::Connection &connection, bool onItsWayOnly = false,
                                                    std::uint64_t most = 1000);
[[nodiscard]] Result<std::vector<OutboxRow>> outboxOf(store::Connection &connection, std::int64_t command);
// Those of other commands that this one took back before they were sent.
[[nodiscard]] Result<std::vector<OutboxRow>> takenBackBy(store::Connection &connection, std::int64_t command);

[[nodiscard]] std::optional<ProviderOperation> operationFor(Action action);
[[nodiscard]] std::optional<Action> actionFor(ProviderOperation operation);
[[nodiscard]] std::optional<ProviderOperation> oppositeOf(ProviderOperation operation);

// The lease of who sends.
inline constexpr std::string_view dispatchLease = "dispatch";
// The code of a row of which nobody can tell whether it was done.
inline constexpr std::string_view notKnown = "notKnown";

// Who is capable of one of these is where accounts live, on or off.
inline constexpr ProviderCapabilities accountChanges =
    bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) | bit(ProviderOperation::Unblock) |
    bit(ProviderOperation::RevokeSessions);

class Outbox
{
public:
    Outbox(store::Connection &connection, const Clock &clock, const Operator &who);

    // Whether this is done where accounts live, if at all, and not recorded here. Reads the connectors when first asked.
    [[nodiscard]] Result<bool> isDoneElsewhere(const Request &request);
    // What would be put in; nothing where it is refused, nobody takes it, or the same or the opposite is on its way.
    [[nodiscard]] Result<std::optional<PlannedChange>>
    look(Executor &executor, const Request &request, const Target &target, std::vector<Skipped> &skipped);
    // Instead of Executor::act(): one row for the user, whose state stays as it is. How many were put in.
    [[nodiscard]] Result<std::uint64_t> enqueue(Executor &executor, const Request &request,
                                                const Target &target, std::int64_t &command,
                                                std::vector<Skipped> &skipped);
    // After an action was recorded here: tells the provider of a decision about a user, and the webhooks of everything.
    // `target`: what was changed; no ids: the user.
    [[nodiscard]] Status tell(const Request &request, const Target &target, std::int64_t command);
    [[nodiscard]] Result<bool> isOnItsWay(std::uint32_t user, ProviderOperation operation);
    // The newest block or unblock of the user that was carried out where accounts live now. Reads them all when first
    // asked: there may be as many as users.
    struct CarriedOut
    {
        std::int64_t command = 0;
        bool blocked = false;
    };
    [[nodiscard]] Result<std::optional<CarriedOut>> carriedOut(std::uint32_t user);

    // Undo and redo. False: `command` neither put in nor took back rows that change accounts, and is to be taken back
    // by its records.
    [[nodiscard]] Result<bool> ownsCommand(std::int64_t command);
    struct Reversal
    {
        std::int64_t of = 0;   // the command that is taken back
        std::string_view word; // undo or redo
        bool stays = false;    // for other users the command stands
    };
    // A row of the command: what waits is taken back, a block that was sent gets its opposite.
    [[nodiscard]] Status takeBack(Executor &executor, const Reversal &reversal, const OutboxRow &row,
                                  Standing &standing, Outcome &outcome);
    // A row that the command had taken back: it waits again, as a new one.
    [[nodiscard]] Status askAgain(Executor &executor, const Reversal &reversal, const OutboxRow &row,
                                  Outcome &outcome);
    // What was to be told of the command `of` is not told, as far as it waits. Who heard of it, and hears of
    // everything, is told of `command`, the undo.
    [[nodiscard]] Status tellUndo(std::int64_t of, std::uint32_t user, std::int64_t command);
    // `command`, the redo, takes back `undo` of the command `of`: what was told, or was to be told, of that is told
    // again, unless nobody heard of the undo. Who hears of everything, and listens only since, is told as well.
    [[nodiscard]] Status tellRedo(std::int64_t of, std::int64_t undo, std::uint32_t user,
                                  std::int64_t command);
    // The users of whose decision somebody was told, or is being told, who is not told of an undo: by this command, or
    // by what it makes again.
    [[nodiscard]] Result<std::set<std::uint32_t>> told(std::int64_t command);

private:
    [[nodiscard]] Status load();
    // Blocked or not is as asked, and only by what was recorded here: where accounts live nobody did it.
    [[nodiscard]] Result<bool> isOnlyRecordedHere(std::uint32_t user, bool blocked);
    [[nodiscard]] Status takeBackHeld(Executor &executor, const Reversal &reversal, const OutboxRow &row,
                                      Outcome &outcome);
    // Makes it when it is first asked for.
    [[nodiscard]] static Result<std::int64_t> commandOf(Executor &executor, const Reversal &reversal,
                                                        const Outcome &outcome);
    [[nodiscard]] const ConnectorRow *whoTakes(ProviderOperation operation) const;
    // None where somebody takes it, or accounts live nowhere else.
    [[nodiscard]] Refusal whyNobodyTakes(ProviderOperation operation) const;
    [[nodiscard]] Status insert(ProviderOperation operation, std::uint32_t user, std::int64_t command,
                                const std::string &reason, const std::string &note);
    [[nodiscard]] Status insert(const ConnectorRow &connector, ProviderOperation operation,
                                std::uint32_t user, std::int64_t command, const std::string &reason,
                                const std::string &note, const std::string &message = {});
    // What a webhook is posted, begun: of what type, about whom, by whom, when.
    [[nodiscard]] Result<query::JsonObject> message(std::string_view type, std::uint32_t user,
                                                    std::int64_t command);
    // Of an action that is recorded here.
    [[nodiscard]] Result<query::JsonObject> messageOf(const Request &request, const Target &target,
                                                      std::int64_t command);
    // The connections for which it waited.
    [[nodiscard]] Result<std::set<std::int64_t>> takeBackTold(std::int64_t command, std::uint32_t user);

    store::Connection &m_connection;
    const Clock &m_clock;
    const Operator &m_who;
    std::optional<std::vector<ConnectorRow>> m_connectors;
    std::optional<store::Statement> m_insert, m_onItsWay; // prepared when they are first needed
    std::optional<Standing> m_standing;                   // likewise
    std::optional<std::unordered_map<std::uint32_t, CarriedOut>> m_carriedOut;
    Microseconds m_hold{};
};

// The dispatcher's side, each a transaction of its own ------------------------------------------------------

// The next row that may be sent: due, none of the same user before it on its way, its connector not among
// `paused`. Rows left in Sending come first; the caller holds the lease, so they are nobody's.
[[nodiscard]] Result<std::optional<OutboxRow>> nextDue(store::Connection &connection, Timestamp now,
                                                       const std::vector<std::int64_t> &paused);
// When the next row is due, of connectors not among `paused`.
[[nodiscard]] Result<std::optional<Timestamp>> nextDueAt(store::Connection &connection,
                                                         const std::vector<std::int64_t> &paused);
// Held or Waiting becomes Sending, in `row` as well; false when it was taken back meanwhile.
[[nodiscard]] Result<bool> beginSending(store::Connection &connection, const Clock &clock, OutboxRow &row,
                                        const std::string &precondition);
// Done writes the change to ledger, risk and audit log; Failed audits; Waiting sets the next time, after so many
// `attempts`. False, and nothing is written, when the row is no longer as `row` says (state, attempts, when it was
// sent): it was given up or taken back, or another dispatcher, who took the lease over meanwhile, went on with it.
[[nodiscard]] Result<bool> settle(store::Connection &connection, const Clock &clock, const OutboxRow &row,
                                  OutboxState state, const std::string &code, const std::string &sentence,
                                  std::optional<Timestamp> dueAt = {}, std::uint32_t attempts = 0);
// Of a reset that was settled as done with its password not yet shown: now it was.
[[nodiscard]] Status passwordShown(store::Connection &connection, const OutboxRow &row,
                                   const std::string &code, const std::string &sentence);
// By an operator: a failed or waiting row is sent at once; a row not sent is given up, and so is one that a process
// which died left on its way. A failed row is not sent over a later request about the same.
// Code::NotAllowed, NotFound, Conflict.
[[nodiscard]] Status retryRow(store::Connection &connection, const Clock &clock, const Operator &who,
                              std::int64_t id);
[[nodiscard]] Status discardRow(store::Connection &connection, const Clock &clock, const Operator &who,
                                std::int64_t id);

} // namespace riskdesk::action
