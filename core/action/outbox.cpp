#include "core/action/outbox.h"

#include "core/action/audit.h"
#include "core/action/risk_writer.h"
#include "core/base/uuid.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::action {
namespace {

constexpr std::string_view rowColumns =
    "o.id, o.key, o.connector, c.name, o.operation, o.user, u.display_name, u.upn, u.provider_id, o.command, "
    "o.actor, o.role, o.via, o.host, o.reason, o.note, o.state, o.created_at, o.due_at, o.attempts, "
    "o.sent_at, "
    "o.finished_at, o.mark, o.code, o.sentence, o.payload, u.key "
    "FROM outbox o JOIN connector c ON c.id = o.connector JOIN user u ON u.id = o.user";

OutboxRow rowOf(store::Statement &s)
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
    r.mark = s.string(22);
    r.code = s.string(23);
    r.sentence = s.string(24);
    r.payload = s.string(25);
    return r;
}

Result<std::vector<OutboxRow>> readAll(store::Statement &s)
{
    std::vector<OutboxRow> rows;
    while (s.step())
        rows.push_back(rowOf(s));
    if (!s.ok())
        return tl::unexpected(s.error());
    return rows;
}

bool changesAccount(ProviderOperation operation)
{
    using O = ProviderOperation;
    return operation == O::ResetPassword || operation == O::Block || operation == O::Unblock ||
           operation == O::RevokeSessions;
}

std::optional<Action> actionFor(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::ResetPassword: return Action::ResetPassword;
    case ProviderOperation::Block: return Action::Block;
    case ProviderOperation::Unblock: return Action::Unblock;
    default: return std::nullopt;
    }
}

std::string pausedList(const std::vector<std::int64_t> &paused)
{
    return fmt::format("({})", fmt::join(paused, ","));
}

// Whether anything of this user's account is still on its way.
Status setProcessing(store::Connection &connection, std::uint32_t user)
{
    return store::Statement(
               connection,
               "UPDATE user_risk SET is_processing = EXISTS (SELECT 1 FROM outbox WHERE user = ?1 "
               "AND state <= 2 AND operation <= 4) WHERE user = ?1")
        .bind(user)
        .run();
}

Status finish(store::Connection &connection, Timestamp now, std::int64_t id, OutboxState state,
              const std::string &code, const std::string &sentence)
{
    return store::Statement(connection,
                            "UPDATE outbox SET state = ?2, finished_at = ?3, code = ?4, sentence = ?5 "
                            "WHERE id = ?1")
        .bind(id, state, now, code, sentence)
        .run();
}

Status auditRow(store::Connection &connection, const Clock &clock, const Operator &who, const OutboxRow &row,
                const std::string &after, std::int64_t undoOf = 0)
{
    return appendAudit(connection, clock,
                       {who.name, std::string(toText(who.role)), std::string(toText(row.operation)),
                        row.userPrincipalName, std::string(toText(row.state)), after, row.reason, row.note,
                        who.via, who.host, undoOf});
}

} // namespace

Result<std::vector<ConnectorRow>> connectors(store::Connection &connection)
{
    store::Statement s(connection,
                       "SELECT id, kind, name, settings, capabilities, active, pulled_at, failed_at, "
                       "sentence, sign_in_cursor, risk_cursor FROM connector ORDER BY id");
    std::vector<ConnectorRow> all;
    while (s.step()) {
        ConnectorRow c;
        c.id = s.int64(0);
        c.kind = s.string(1);
        c.name = s.string(2);
        c.settings = s.string(3);
        c.capabilities = s.uint32(4);
        c.active = s.int64(5) != 0;
        if (!s.isNull(6))
            c.pulledAt = s.time(6);
        if (!s.isNull(7))
            c.failedAt = s.time(7);
        c.sentence = s.string(8);
        c.signInCursor = s.string(9);
        c.riskCursor = s.string(10);
        all.push_back(std::move(c));
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return all;
}

Result<std::vector<OutboxRow>> outbox(store::Connection &connection, bool onItsWayOnly, std::uint64_t most)
{
    store::Statement s(connection, fmt::format("SELECT {}{} ORDER BY o.id DESC LIMIT ?1", rowColumns,
                                               onItsWayOnly ? " WHERE o.state <= 2" : ""));
    s.bind(std::min<std::uint64_t>(most, 10'000'000));
    return readAll(s);
}

Result<std::vector<OutboxRow>> outboxOf(store::Connection &connection, std::int64_t command)
{
    store::Statement s(connection, fmt::format("SELECT {} WHERE o.command = ?1 ORDER BY o.id", rowColumns));
    s.bind(command);
    return readAll(s);
}

std::optional<ProviderOperation> operationFor(Action action)
{
    switch (action) {
    case Action::ResetPassword: return ProviderOperation::ResetPassword;
    case Action::Block: return ProviderOperation::Block;
    case Action::Unblock: return ProviderOperation::Unblock;
    default: return std::nullopt;
    }
}

Outbox::Outbox(store::Connection &connection, const Clock &clock, const Operator &who)
    : m_connection(connection)
    , m_clock(clock)
    , m_who(who)
{}

Status Outbox::load()
{
    if (m_connectors)
        return {};
    auto all = connectors(m_connection);
    if (!all)
        return tl::unexpected(all.error());
    auto hold = storedSetting(m_connection, "outbox.holdSeconds", 5);
    if (!hold)
        return tl::unexpected(hold.error());
    m_hold = std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(*hold, 0.0, 86'400.0) * 1000));
    m_connectors = std::move(*all);
    return {};
}

const ConnectorRow *Outbox::whoTakes(ProviderOperation operation) const
{
    for (const auto &c : *m_connectors)
        if (c.active && has(c.capabilities, operation))
            return &c;
    return nullptr;
}

Result<bool> Outbox::takes(const Request &request)
{
    const auto operation = operationFor(request.action);
    if (!operation)
        return false;
    if (auto ok = load(); !ok)
        return tl::unexpected(ok.error());
    return whoTakes(*operation) != nullptr;
}

Result<bool> Outbox::isOnItsWay(std::uint32_t user, ProviderOperation operation)
{
    store::Statement s(m_connection,
                       "SELECT 1 FROM outbox WHERE user = ?1 AND operation = ?2 AND state <= 2 LIMIT 1");
    s.bind(user, operation);
    const bool there = s.step();
    if (!s.ok())
        return tl::unexpected(s.error());
    return there;
}

Status Outbox::insert(ProviderOperation operation, std::uint32_t user, std::int64_t command,
                      const std::string &reason, const std::string &note)
{
    const auto *connector = whoTakes(operation);
    if (connector == nullptr)
        return {};
    const auto now = m_clock.now();
    if (auto ok = store::Statement(
                      m_connection,
                      "INSERT INTO outbox (key, connector, operation, user, command, actor, role, via, "
                      "host, reason, note, created_at, due_at) VALUES "
                      "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")
                      .bind(makeUuid(), connector->id, operation, user, command, m_who.name,
                            toText(m_who.role), m_who.via, m_who.host, reason, note, now, now + m_hold)
                      .run();
        !ok)
        return ok;
    return changesAccount(operation) ? setProcessing(m_connection, user) : Status();
}

Result<std::uint64_t> Outbox::enqueue(Executor &executor, const Request &request, const Target &target,
                                      std::int64_t &command, std::vector<Skipped> &skipped)
{
    const auto operation = operationFor(request.action);
    if (!operation)
        return fail(Code::Bug, std::string(toText(request.action)), "it has no counterpart at a provider");
    auto would = executor.look(request, target, skipped);
    if (!would)
        return tl::unexpected(would.error());
    if (!*would)
        return 0;
    auto waits = isOnItsWay(target.user, *operation);
    if (!waits)
        return tl::unexpected(waits.error());
    if (*waits) {
        skipped.push_back({target.user, {}, (*would)->name, Refusal::OnItsWay});
        return 0;
    }
    if (command == 0) {
        auto made = executor.makeCommand(toText(request.action), request.reason, request.note, 0);
        if (!made)
            return tl::unexpected(made.error());
        command = *made;
    }
    if (auto ok = insert(*operation, target.user, command, request.reason, request.note); !ok)
        return tl::unexpected(ok.error());
    OutboxRow row;
    row.operation = *operation;
    row.userPrincipalName = (*would)->name;
    row.reason = request.reason;
    row.note = request.note;
    if (auto ok = appendAudit(m_connection, m_clock,
                              {m_who.name, std::string(toText(m_who.role)), std::string(toText(*operation)),
                               (*would)->name, "", "waits for the provider", request.reason, request.note,
                               m_who.via, m_who.host, 0});
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = executor.countUser(command); !ok)
        return tl::unexpected(ok.error());
    return 1;
}

Status Outbox::tell(const Request &request, std::uint32_t user, std::int64_t command)
{
    using O = ProviderOperation;
    if (request.target() != TargetKind::User)
        return {};
    if (auto ok = load(); !ok)
        return ok;
    switch (request.action) {
    case Action::Dismiss: return insert(O::DismissRisk, user, command, request.reason, request.note);
    case Action::ConfirmCompromised:
        return insert(O::ConfirmCompromised, user, command, request.reason, request.note);
    case Action::ConfirmSafe: return insert(O::ConfirmSafe, user, command, request.reason, request.note);
    default: return {};
    }
}

Result<bool> Outbox::ownsCommand(std::int64_t command)
{
    store::Statement s(m_connection, "SELECT 1 FROM outbox WHERE command = ?1 AND operation <= 4 LIMIT 1");
    s.bind(command);
    const bool there = s.step();
    if (!s.ok())
        return tl::unexpected(s.error());
    return there;
}

Status Outbox::takeBack(Executor &executor, std::int64_t command, const OutboxRow &row, Outcome &outcome)
{
    const auto skip = [&](Refusal why) {
        outcome.skipped.push_back({row.user, {}, row.userName, why});
        return Status();
    };
    if (!changesAccount(row.operation))
        return {};
    if (auto ok = load(); !ok)
        return ok;
    // Read again inside the transaction: the dispatcher may have been quicker.
    store::Statement now(m_connection, "SELECT state FROM outbox WHERE id = ?1");
    now.bind(row.id);
    const auto state = now.step() ? now.as<OutboxState>(0) : OutboxState::Discarded;
    now.reset();
    std::optional<ProviderOperation> opposite;
    switch (state) {
    case OutboxState::Held:
    case OutboxState::Waiting: break;
    case OutboxState::Sending: return skip(Refusal::OnItsWay);
    case OutboxState::Done:
        if (row.operation == ProviderOperation::Block)
            opposite = ProviderOperation::Unblock;
        else if (row.operation == ProviderOperation::Unblock)
            opposite = ProviderOperation::Block;
        else
            return skip(Refusal::SentAlready);
        break;
    default: return skip(Refusal::TouchedLater);
    }
    if (opposite) {
        auto found = executor.user(row.user);
        if (!found)
            return tl::unexpected(found.error());
        const bool blocked = *found && !(*found)->account.enabled;
        auto waits = isOnItsWay(row.user, *opposite);
        if (!waits)
            return tl::unexpected(waits.error());
        if (!*found || *waits || blocked != (*opposite == ProviderOperation::Unblock) ||
            whoTakes(*opposite) == nullptr)
            return skip(*waits ? Refusal::OnItsWay : Refusal::TouchedLater);
    }
    if (outcome.command == 0) {
        auto made = executor.makeCommand("undo", {}, {}, command);
        if (!made)
            return tl::unexpected(made.error());
        outcome.command = *made;
        if (auto ok = store::Statement(m_connection, "UPDATE command SET undone_by = ?2 WHERE id = ?1")
                          .bind(command, outcome.command)
                          .run();
            !ok)
            return ok;
    }
    if (opposite) {
        if (auto ok = insert(*opposite, row.user, outcome.command,
                             fmt::format("takes command {} back", command), {});
            !ok)
            return ok;
        if (auto ok = auditRow(m_connection, m_clock, m_who, row,
                               fmt::format("{} waits for the provider", toText(*opposite)), command);
            !ok)
            return ok;
    } else {
        if (auto ok = finish(m_connection, m_clock.now(), row.id, OutboxState::TakenBack, "takenBack",
                             fmt::format("Taken back by {} before it was sent.", m_who.name));
            !ok)
            return ok;
        if (auto ok = setProcessing(m_connection, row.user); !ok)
            return ok;
        if (auto ok = auditRow(m_connection, m_clock, m_who, row, "takenBack", command); !ok)
            return ok;
    }
    ++outcome.users;
    ++outcome.targets;
    return executor.countUser(outcome.command);
}

Status Outbox::takeBackTold(std::int64_t command, std::uint32_t user)
{
    return store::Statement(
               m_connection,
               "UPDATE outbox SET state = ?3, finished_at = ?4, code = 'takenBack', sentence = "
               "'The decision was taken back before it was sent.' WHERE command = ?1 AND user = ?2 "
               "AND operation > 4 AND state <= 1")
        .bind(command, user, OutboxState::TakenBack, m_clock.now())
        .run();
}

// The dispatcher's side
// --------------------------------------------------------------------------------------

Result<std::optional<OutboxRow>> nextDue(store::Connection &connection, Timestamp now,
                                         const std::vector<std::int64_t> &paused)
{
    // Two questions, each with an index that gives the first row without sorting fifty thousand.
    const auto list = pausedList(paused);
    std::optional<OutboxRow> row;
    for (const auto &condition :
         {fmt::format("o.state = 2 AND c.active = 1 AND o.connector NOT IN {} AND ?1 ORDER BY o.id", list),
          fmt::format(
              "o.state <= 1 AND o.state <= 2 AND o.due_at <= ?1 AND c.active = 1 AND o.connector NOT IN {} "
              "AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.user = o.user AND e.connector = o.connector "
              "AND e.id < o.id AND e.state <= 2) ORDER BY o.due_at, o.id",
              list)}) {
        store::Statement s(connection, fmt::format("SELECT {} WHERE {} LIMIT 1", rowColumns, condition));
        s.bind(now);
        if (s.step())
            row = rowOf(s);
        if (!s.ok())
            return tl::unexpected(s.error());
        if (row)
            break;
    }
    return row;
}

Result<std::optional<Timestamp>> nextDueAt(store::Connection &connection,
                                           const std::vector<std::int64_t> &paused)
{
    store::Statement s(
        connection,
        fmt::format("SELECT min(o.due_at) FROM outbox o JOIN connector c ON c.id = o.connector WHERE "
                    "o.state <= 2 AND c.active = 1 AND o.connector NOT IN {} AND NOT EXISTS (SELECT 1 "
                    "FROM outbox e WHERE e.user = o.user AND e.connector = o.connector AND "
                    "e.id < o.id AND e.state <= 2)",
                    pausedList(paused)));
    std::optional<Timestamp> at;
    if (s.step() && !s.isNull(0))
        at = s.time(0);
    if (!s.ok())
        return tl::unexpected(s.error());
    return at;
}

Result<bool> beginSending(store::Connection &connection, const Clock &clock, const OutboxRow &row,
                          const std::string &mark)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement s(connection,
                       "UPDATE outbox SET state = 2, attempts = attempts + 1, sent_at = ?2, mark = ?3 "
                       "WHERE id = ?1 AND state <= 1 RETURNING 1");
    s.bind(row.id, clock.now(), mark);
    const bool ours = s.step();
    if (auto ok = s.ok() ? s.run() : Status(tl::unexpected(s.error())); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return ours;
}

Status settle(store::Connection &connection, const Clock &clock, const OutboxRow &row, OutboxState state,
              const std::string &code, const std::string &sentence, std::optional<Timestamp> dueAt)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement look(connection, "SELECT state FROM outbox WHERE id = ?1");
    look.bind(row.id);
    // Given up, taken back or settled by somebody else: that word stands.
    if (!look.step() || !isOnItsWay(look.as<OutboxState>(0)))
        return look.ok() ? Status() : tl::unexpected(look.error());
    look.reset();
    if (state == OutboxState::Waiting) {
        if (auto ok =
                store::Statement(
                    connection,
                    "UPDATE outbox SET state = 1, due_at = ?2, code = ?3, attempts = max(attempts, ?5), "
                    "sentence = ?4 WHERE id = ?1")
                    .bind(row.id, dueAt.value_or(clock.now()), code, sentence, row.attempts)
                    .run();
            !ok)
            return ok;
        return transaction->commit();
    }
    if (auto ok = finish(connection, clock.now(), row.id, state, code, sentence); !ok)
        return ok;
    const auto action = actionFor(row.operation);
    if (state == OutboxState::Done && action) {
        Executor executor(connection, clock, row.who);
        Request request;
        request.action = *action;
        request.users = {row.user};
        request.reason = row.reason;
        request.note = row.note;
        auto command = row.command;
        std::vector<Skipped> skipped; // it is so already: nothing is left to record
        auto changed = executor.act(request, {row.user, {}}, command, skipped);
        if (!changed)
            return tl::unexpected(changed.error());
        if (*changed > 0) // act() counted the user once more; enqueue() had done so
            if (auto ok = store::Statement(connection, "UPDATE command SET users = users - 1 WHERE id = ?1")
                              .bind(row.command)
                              .run();
                !ok)
                return ok;
    } else if (auto ok =
                   auditRow(connection, clock, row.who, row,
                            state == OutboxState::Done ? std::string("done")
                                                       : fmt::format("{}: {}", toText(state), sentence));
               !ok) {
        return ok;
    }
    if (auto ok = setProcessing(connection, row.user); !ok)
        return ok;
    return transaction->commit();
}

namespace {

Status byOperator(store::Connection &connection, const Clock &clock, const Operator &who, std::int64_t id,
                  bool retry)
{
    if (auto ok = allowed(who.role, Permission::Access); !ok)
        return ok;
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    store::Statement s(connection, fmt::format("SELECT {} WHERE o.id = ?1", rowColumns));
    s.bind(id);
    if (!s.step())
        return s.ok() ? fail(Code::NotFound, std::to_string(id), "the outbox holds no such row")
                      : Status(tl::unexpected(s.error()));
    const auto row = rowOf(s);
    s.reset();
    const bool fits = retry ? row.state == OutboxState::Failed || row.state == OutboxState::Waiting ||
                                  row.state == OutboxState::Held
                            : row.state == OutboxState::Held || row.state == OutboxState::Waiting ||
                                  row.state == OutboxState::Failed;
    if (!fits)
        return fail(Code::Conflict, std::to_string(id), fmt::format("it is {}", toText(row.state)));
    const auto ok =
        retry ? store::Statement(connection, "UPDATE outbox SET state = 1, due_at = ?2, attempts = 0, "
                                             "finished_at = NULL WHERE id = ?1")
                    .bind(id, clock.now())
                    .run()
              : finish(connection, clock.now(), id, OutboxState::Discarded, "discarded",
                       fmt::format("Given up by {}.", who.name));
    if (!ok)
        return ok;
    if (auto done = setProcessing(connection, row.user); !done)
        return done;
    if (auto done = auditRow(connection, clock, who, row, retry ? "waiting" : "discarded"); !done)
        return done;
    return transaction->commit();
}

} // namespace

Status retryRow(store::Connection &connection, const Clock &clock, const Operator &who, std::int64_t id)
{
    return byOperator(connection, clock, who, id, true);
}

Status discardRow(store::Connection &connection, const Clock &clock, const Operator &who, std::int64_t id)
{
    return byOperator(connection, clock, who, id, false);
}

} // namespace riskdesk::action
