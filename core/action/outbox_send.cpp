// Outbox, the dispatcher's side: what is due, and what became of it.
#include "core/action/outbox_rows.h"
#include "core/ledger/audit.h"
#include "core/store/lease.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace riskdesk::action {

OutboxRow outboxRow(store::Statement &s)
{
    OutboxRow r;
    r.id = s.int64(0);
    r.key = s.string(1);
    r.connector = s.int64(2);
    r.connectorName = s.string(3);
    r.operation = s.as<ProviderOperation>(4);
    r.user = s.uint32(5);
    r.userPrincipalName = s.text(7).empty() ? s.string(26) : s.string(7);
    r.userName = s.text(6).empty() ? r.userPrincipalName : s.string(6);
    r.providerId = s.string(8);
    r.command = s.int64(9);
    r.who = {s.string(10), roleFromText(s.text(11)).value_or(Role::Reader), s.string(12), s.string(13)};
    r.reason = s.string(14);
    r.note = s.string(15);
    r.state = s.as<OutboxState>(16);
    r.createdAt = s.time(17);
    r.dueAt = s.time(18);
    r.attempts = s.uint32(19);
    if (!s.isNull(20))
        r.sentAt = s.time(20);
    if (!s.isNull(21))
        r.finishedAt = s.time(21);
    r.precondition = s.string(22);
    r.code = s.string(23);
    r.sentence = s.string(24);
    r.payload = s.string(25);
    return r;
}

namespace {

// Operations of which the later overrules the earlier.
std::string sameMatter(ProviderOperation operation)
{
    using O = ProviderOperation;
    std::vector<O> all{operation};
    if (const auto opposite = oppositeOf(operation))
        all.push_back(*opposite);
    if (operation == O::DismissRisk || operation == O::ConfirmCompromised || operation == O::ConfirmSafe)
        all = {O::DismissRisk, O::ConfirmCompromised, O::ConfirmSafe};
    if (operation == O::Notify) // what is told later makes nothing untold
        all.clear();
    std::vector<int> numbers;
    for (const auto one : all)
        numbers.push_back(static_cast<int>(one));
    return fmt::format("({})", fmt::join(numbers, ","));
}

} // namespace

Result<std::optional<OutboxRow>> laterAbout(store::Connection &connection, const OutboxRow &row)
{
    store::Statement s(connection,
                       fmt::format("SELECT {} WHERE o.id > ?1 AND o.user = ?2 AND o.connector = ?3 AND "
                                   "o.operation IN {} AND o.state NOT IN (?4, ?5) ORDER BY o.id DESC LIMIT 1",
                                   outboxColumns, sameMatter(row.operation)));
    s.bind(row.id, row.user, row.connector, OutboxState::TakenBack, OutboxState::Discarded);
    std::optional<OutboxRow> later;
    if (s.step())
        later = outboxRow(s);
    if (!s.ok())
        return tl::unexpected(s.error());
    return later;
}

Status finishRow(store::Connection &connection, Timestamp now, std::int64_t id, OutboxState state,
                 const std::string &code, const std::string &sentence)
{
    return store::Statement(connection,
                            "UPDATE outbox SET state = ?2, finished_at = ?3, code = ?4, sentence = ?5 "
                            "WHERE id = ?1")
        .bind(id, state, now, code, sentence)
        .run();
}

Status auditRow(store::Connection &connection, const Clock &clock, const Operator &who, const OutboxRow &row,
                std::string_view after, std::int64_t undoOf)
{
    return ledger::appendAudit(connection, clock,
                               {who.name, std::string(toText(who.role)), std::string(toText(row.operation)),
                                row.userPrincipalName, std::string(toText(row.state)), std::string(after),
                                row.reason, row.note, who.via, who.host, undoOf});
}

namespace {

std::string pausedList(const std::vector<std::int64_t> &paused)
{
    return fmt::format("({})", fmt::join(paused, ","));
}

// Asked first: where all are paused, fifty thousand rows need not be looked at to find none.
Result<bool> isAnyOpen(store::Connection &connection, const std::string &paused)
{
    store::Statement s(
        connection, fmt::format("SELECT 1 FROM connector WHERE active = 1 AND id NOT IN {} LIMIT 1", paused));
    const bool is = s.step();
    if (!s.ok())
        return tl::unexpected(s.error());
    return is;
}

} // namespace

Result<std::optional<OutboxRow>> nextDue(store::Connection &connection, Timestamp now,
                                         const std::vector<std::int64_t> &paused)
{
    // Two questions, each with an index that gives the first row without sorting fifty thousand. What was
    // left in Sending by a process that died comes first; then what is due and has nothing of its user before
    // it.
    const auto list = pausedList(paused);
    if (const auto open = isAnyOpen(connection, list); !open || !*open)
        return open ? Result<std::optional<OutboxRow>>(std::nullopt) : tl::unexpected(open.error());
    const auto first = [&](const std::string &condition,
                           std::optional<Timestamp> until) -> Result<std::optional<OutboxRow>> {
        store::Statement s(
            connection, fmt::format("SELECT {} WHERE c.active = 1 AND o.connector NOT IN {} AND {} LIMIT 1",
                                    outboxColumns, list, condition));
        if (until)
            s.bind(*until);
        std::optional<OutboxRow> row;
        if (s.step())
            row = outboxRow(s);
        if (!s.ok())
            return tl::unexpected(s.error());
        return row;
    };
    if (auto left = first("o.state = 2 ORDER BY o.id", {}); !left || *left)
        return left;
    // `state <= 2` beside the narrower condition: without it SQLite would not use the partial index
    // outbox_due.
    return first("o.state <= 1 AND o.state <= 2 AND o.due_at <= ?1 AND NOT EXISTS (SELECT 1 FROM outbox e "
                 "WHERE e.user = o.user AND e.connector = o.connector AND e.id < o.id AND e.state <= 2) "
                 "ORDER BY o.due_at, o.id",
                 now);
}

Result<std::optional<Timestamp>> nextDueAt(store::Connection &connection,
                                           const std::vector<std::int64_t> &paused)
{
    const auto list = pausedList(paused);
    if (const auto open = isAnyOpen(connection, list); !open || !*open)
        return open ? Result<std::optional<Timestamp>>(std::nullopt) : tl::unexpected(open.error());
    // By connector, each along the index up to its first row, not over all that waits.
    store::Statement s(
        connection,
        fmt::format("SELECT min(at) FROM (SELECT (SELECT o.due_at FROM outbox o WHERE o.state <= 2 AND "
                    "o.connector = c.id AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.user = o.user AND "
                    "e.connector = o.connector AND e.id < o.id AND e.state <= 2) ORDER BY o.due_at LIMIT 1) "
                    "AS at FROM connector c WHERE c.active = 1 AND c.id NOT IN {})",
                    list));
    std::optional<Timestamp> at;
    if (s.step() && !s.isNull(0))
        at = s.time(0);
    if (!s.ok())
        return tl::unexpected(s.error());
    return at;
}

Result<bool> beginSending(store::Connection &connection, const Clock &clock, OutboxRow &row,
                          const std::string &precondition)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto now = clock.now();
    store::Statement s(
        connection, "UPDATE outbox SET state = 2, attempts = attempts + 1, sent_at = ?2, precondition = ?3 "
                    "WHERE id = ?1 AND state <= 1 RETURNING attempts");
    s.bind(row.id, now, precondition);
    const bool ours = s.step();
    const auto attempts = ours ? s.uint32(0) : row.attempts;
    if (auto ok = s.ok() ? s.run() : Status(tl::unexpected(s.error())); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    if (ours) {
        row.state = OutboxState::Sending;
        row.attempts = attempts;
        row.sentAt = now;
        row.precondition = precondition;
    }
    return ours;
}

namespace {

// Whether nobody went on with it since `row` was read or sent.
Result<bool> isStillOurs(store::Connection &connection, const OutboxRow &row)
{
    store::Statement s(connection, "SELECT state, attempts, sent_at FROM outbox WHERE id = ?1");
    s.bind(row.id);
    const bool is = s.step() && s.as<OutboxState>(0) == row.state && isOnItsWay(row.state) &&
                    s.uint32(1) == row.attempts && s.isNull(2) == !row.sentAt &&
                    (!row.sentAt || s.time(2) == *row.sentAt);
    if (!s.ok())
        return tl::unexpected(s.error());
    return is;
}

// Whether it takes back a block, or an unblock, that was sent though it was recorded here before: then the record is
// another decision's, and stays.
Result<bool> leavesRecord(store::Connection &connection, const OutboxRow &row)
{
    if (!oppositeOf(row.operation))
        return false;
    Standing standing(connection);
    if (auto ok = standing.read(row.user); !ok)
        return tl::unexpected(ok.error());
    if (standing.saysBlocked() == 0)
        return false;
    // Or what that did again, and so on.
    store::Statement undo(connection,
                          "WITH RECURSIVE origin (id) AS (SELECT undo_of FROM command WHERE id = ?1 AND "
                          "action = 'undo' UNION SELECT c.undo_of FROM command c JOIN origin ON c.id = "
                          "origin.id WHERE c.undo_of <> 0) SELECT id FROM origin");
    bool isUndo = false, recorded = false;
    for (undo.bind(row.command); undo.step(); isUndo = true)
        recorded = recorded || standing.recordedSignIn(undo.int64(0));
    if (!undo.ok())
        return tl::unexpected(undo.error());
    return isUndo && !recorded;
}

Status writeOutcome(store::Connection &connection, const Clock &clock, const OutboxRow &row,
                    OutboxState state, const std::string &code, const std::string &sentence,
                    std::optional<Timestamp> dueAt, std::uint32_t attempts)
{
    if (state == OutboxState::Waiting)
        return store::Statement(
                   connection,
                   "UPDATE outbox SET state = 1, due_at = ?2, code = ?3, attempts = max(attempts, ?5), "
                   "sentence = ?4 WHERE id = ?1")
            .bind(row.id, dueAt.value_or(clock.now()), code, sentence, attempts)
            .run();
    if (auto ok = finishRow(connection, clock.now(), row.id, state, code, sentence); !ok)
        return ok;
    const auto action = actionFor(row.operation);
    std::uint64_t recorded = 0;
    const auto staysHere = state == OutboxState::Done ? leavesRecord(connection, row) : Result<bool>(false);
    if (!staysHere)
        return tl::unexpected(staysHere.error());
    if (state == OutboxState::Done && action) {
        Executor executor(connection, clock, row.who);
        Request request;
        request.action = *action;
        request.users = {row.user};
        request.reason = row.reason;
        request.note = row.note;
        auto command = row.command;
        std::vector<Skipped> skipped; // it is so already: nothing is left to change
        auto changed =
            *staysHere ? Result<std::uint64_t>(0) : executor.act(request, {row.user, {}}, command, skipped);
        if (!changed)
            return tl::unexpected(changed.error());
        recorded = *changed;
        if (auto ok = Outbox(connection, clock, row.who).tell(request, {row.user, {}}, command); !ok)
            return ok;
    }
    if (recorded == 0)
        if (auto ok = auditRow(connection, clock, row.who, row,
                               state == OutboxState::Done ? std::string("done")
                                                          : fmt::format("{}: {}", toText(state), sentence));
            !ok)
            return ok;
    return ledger::setProcessing(connection, row.user);
}

} // namespace

Result<bool> settle(store::Connection &connection, const Clock &clock, const OutboxRow &row,
                    OutboxState state, const std::string &code, const std::string &sentence,
                    std::optional<Timestamp> dueAt, std::uint32_t attempts)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ours = isStillOurs(connection, row); !ours || !*ours)
        return ours;
    if (auto ok = writeOutcome(connection, clock, row, state, code, sentence, dueAt, attempts); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return true;
}

Status passwordShown(store::Connection &connection, const OutboxRow &row, const std::string &code,
                     const std::string &sentence)
{
    return store::Statement(connection,
                            "UPDATE outbox SET code = ?3, sentence = ?4 WHERE id = ?1 AND state = ?2")
        .bind(row.id, OutboxState::Done, code, sentence)
        .run();
}

namespace {

Result<OutboxRow> rowOf(store::Connection &connection, std::int64_t id)
{
    store::Statement s(connection, fmt::format("SELECT {} WHERE o.id = ?1", outboxColumns));
    s.bind(id);
    if (s.step())
        return outboxRow(s);
    if (!s.ok())
        return tl::unexpected(s.error());
    return fail(Code::NotFound, std::to_string(id), "the outbox holds no such row");
}

Status conflict(const OutboxRow &row, std::string detail)
{
    return fail(Code::Conflict, std::to_string(row.id), std::move(detail));
}

Status retry(store::Connection &connection, const Clock &clock, const Operator &who, const OutboxRow &row)
{
    if (row.state != OutboxState::Failed && row.state != OutboxState::Waiting &&
        row.state != OutboxState::Held)
        return conflict(row, fmt::format("it is {}", toText(row.state)));
    if (!actionFor(row.operation)) {
        store::Statement undone(connection, "SELECT 1 FROM ledger WHERE user = ?1 AND undo_of = ?2 LIMIT 1");
        undone.bind(row.user, row.command);
        if (undone.step())
            return conflict(row, "the decision that it tells of was taken back");
        if (!undone.ok())
            return tl::unexpected(undone.error());
    }
    const auto later = laterAbout(connection, row);
    if (!later)
        return tl::unexpected(later.error());
    if (row.state == OutboxState::Failed && *later)
        return conflict(row, fmt::format("request {} came later ({}, {}), and this one would overrule it",
                                         (*later)->id, toText((*later)->operation), toText((*later)->state)));
    if (auto ok = store::Statement(connection, "UPDATE outbox SET state = 1, due_at = ?2, attempts = 0, "
                                               "finished_at = NULL WHERE id = ?1")
                      .bind(row.id, clock.now())
                      .run();
        !ok)
        return ok;
    return auditRow(connection, clock, who, row, "waiting");
}

Status discard(store::Connection &connection, const Clock &clock, const Operator &who, const OutboxRow &row)
{
    const bool onItsWay = row.state == OutboxState::Sending;
    if (!onItsWay && row.state != OutboxState::Held && row.state != OutboxState::Waiting &&
        row.state != OutboxState::Failed)
        return conflict(row, fmt::format("it is {}", toText(row.state)));
    if (onItsWay) {
        // Who sends it may still hear; what a process that died was sending, nobody may ever hear of.
        const auto held = store::ImportLease::isHeld(connection, dispatchLease);
        if (!held)
            return tl::unexpected(held.error());
        if (*held)
            return conflict(row, "it is being sent, or read back, right now");
    }
    if (auto ok = finishRow(connection, clock.now(), row.id, OutboxState::Discarded,
                            onItsWay || row.code == notKnown ? std::string(notKnown) : "discarded",
                            onItsWay ? fmt::format("Given up by {} while it was on its way. Whether it was "
                                                   "done is not known.",
                                                   who.name)
                                     : fmt::format("Given up by {}.", who.name));
        !ok)
        return ok;
    return auditRow(connection, clock, who, row,
                    onItsWay ? "discarded; whether it was done is not known" : "discarded");
}

template <typename Change>
Status byOperator(store::Connection &connection, const Operator &who, std::int64_t id, Change change)
{
    if (auto ok = allowed(who.role, Permission::Access); !ok)
        return ok;
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto row = rowOf(connection, id);
    if (!row)
        return tl::unexpected(row.error());
    if (auto ok = change(*row); !ok)
        return ok;
    if (auto ok = ledger::setProcessing(connection, row->user); !ok)
        return ok;
    return transaction->commit();
}

} // namespace

Status retryRow(store::Connection &connection, const Clock &clock, const Operator &who, std::int64_t id)
{
    return byOperator(connection, who, id,
                      [&](const OutboxRow &row) { return retry(connection, clock, who, row); });
}

Status discardRow(store::Connection &connection, const Clock &clock, const Operator &who, std::int64_t id)
{
    return byOperator(connection, who, id,
                      [&](const OutboxRow &row) { return discard(connection, clock, who, row); });
}

} // namespace riskdesk::action
