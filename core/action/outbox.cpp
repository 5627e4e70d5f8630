#include "core/action/outbox.h"

#include "core/action/outbox_rows.h"
#include "core/base/uuid.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::action {
namespace {

Result<std::vector<OutboxRow>> readAll(store::Statement &s)
{
    std::vector<OutboxRow> rows;
    while (s.step())
        rows.push_back(outboxRow(s));
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

} // namespace

Result<std::vector<ConnectorRow>> connectors(store::Connection &connection)
{
    store::Statement s(connection,
                       "SELECT id, kind, name, settings, capabilities, active, pulled_at, failed_at, "
                       "sentence, sign_in_cursor, risk_cursor, revision FROM connector WHERE removed_at IS "
                       "NULL ORDER BY id");
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
        c.revision = s.int64(11);
        all.push_back(std::move(c));
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return all;
}

Result<std::vector<OutboxRow>> outbox(store::Connection &connection, bool onItsWayOnly, std::uint64_t most)
{
    store::Statement s(connection, fmt::format("SELECT {}{} ORDER BY o.id DESC LIMIT ?1", outboxColumns,
                                               onItsWayOnly ? " WHERE o.state <= 2" : ""));
    s.bind(std::min<std::uint64_t>(most, 10'000'000));
    return readAll(s);
}

Result<std::vector<OutboxRow>> outboxOf(store::Connection &connection, std::int64_t command)
{
    store::Statement s(connection,
                       fmt::format("SELECT {} WHERE o.command = ?1 ORDER BY o.id", outboxColumns));
    s.bind(command);
    return readAll(s);
}

std::optional<ProviderOperation> operationFor(Action action)
{
    switch (action) {
    case Action::ResetPassword: return ProviderOperation::ResetPassword;
    case Action::Block: return ProviderOperation::Block;
    case Action::Unblock: return ProviderOperation::Unblock;
    case Action::RevokeSessions: return ProviderOperation::RevokeSessions;
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
    auto hold = ledger::storedSetting(m_connection, "outbox.holdSeconds", 5);
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
    return connector == nullptr ? Status() : insert(*connector, operation, user, command, reason, note);
}

Status Outbox::insert(const ConnectorRow &connector, ProviderOperation operation, std::uint32_t user,
                      std::int64_t command, const std::string &reason, const std::string &note)
{
    const auto now = m_clock.now();
    if (auto ok = store::Statement(
                      m_connection,
                      "INSERT INTO outbox (key, connector, operation, user, command, actor, role, via, "
                      "host, reason, note, created_at, due_at) VALUES "
                      "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")
                      .bind(makeUuid(), connector.id, operation, user, command, m_who.name,
                            toText(m_who.role), m_who.via, m_who.host, reason, note, now, now + m_hold)
                      .run();
        !ok)
        return ok;
    return changesAccount(operation) ? ledger::setProcessing(m_connection, user) : Status();
}

Result<std::uint64_t> Outbox::enqueue(Executor &executor, const Request &request, const Target &target,
                                      std::int64_t &command, std::vector<Skipped> &skipped)
{
    const auto operation = operationFor(request.action);
    if (!operation)
        return fail(Code::Bug, std::string(toText(request.action)), "it has no counterpart at a provider");
    auto would = executor.decider().look(request, target, skipped);
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
    const auto user = executor.decider().user(target.user);
    if (!user)
        return tl::unexpected(user.error());
    if (auto ok =
            ledger::appendAudit(m_connection, m_clock,
                                {m_who.name, std::string(toText(m_who.role)), std::string(toText(*operation)),
                                 (*user)->userPrincipalName, "", "waits for the provider", request.reason,
                                 request.note, m_who.via, m_who.host, 0});
        !ok)
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
    std::optional<O> operation;
    switch (request.action) {
    case Action::Dismiss: operation = O::DismissRisk; break;
    case Action::ConfirmCompromised: operation = O::ConfirmCompromised; break;
    case Action::ConfirmSafe: operation = O::ConfirmSafe; break;
    default: return {};
    }
    // Everybody who wants to know: the provider, and whoever listens.
    for (const auto &c : *m_connectors)
        if (c.active && has(c.capabilities, *operation))
            if (auto ok = insert(c, *operation, user, command, request.reason, request.note); !ok)
                return ok;
    return {};
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

Status Outbox::takeBack(Executor &executor, std::int64_t command, const OutboxRow &row, bool stays,
                        Outcome &outcome)
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
        auto found = executor.decider().user(row.user);
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
        if (!stays)
            if (auto ok = executor.commands().setUndoneBy(command, outcome.command); !ok)
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
        if (auto ok = finishRow(m_connection, m_clock.now(), row.id, OutboxState::TakenBack, "takenBack",
                                fmt::format("Taken back by {} before it was sent.", m_who.name));
            !ok)
            return ok;
        if (auto ok = ledger::setProcessing(m_connection, row.user); !ok)
            return ok;
        if (auto ok = auditRow(m_connection, m_clock, m_who, row, "takenBack", command); !ok)
            return ok;
    }
    ++outcome.users;
    ++outcome.targets;
    return {};
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

} // namespace riskdesk::action
