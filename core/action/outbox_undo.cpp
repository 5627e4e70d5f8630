// Outbox, undo and redo: what waits is taken back, what was sent gets its opposite, and what was taken back is
// asked for again.
#include "core/action/outbox_rows.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_writer.h"

#include <fmt/format.h>

#include <utility>

namespace riskdesk::action {
namespace {

using Asked = std::pair<Request, Target>;

std::optional<std::pair<Action, TargetKind>> decisionOf(LedgerKind kind)
{
    for (const auto target : {TargetKind::User, TargetKind::Detection, TargetKind::SignIn})
        for (const auto action :
             {Action::Dismiss, Action::ConfirmCompromised, Action::ConfirmSafe, Action::Resolve,
              Action::ResetPassword, Action::Block, Action::Unblock, Action::RevokeSessions})
            if (risk::ledgerKind(action, target) == kind)
                return std::pair{action, target};
    return std::nullopt;
}

// What a command did to the user, or the first one that it does again: as the ledger has it.
Result<std::optional<Asked>> recorded(store::Connection &connection, std::int64_t command, std::uint32_t user)
{
    std::optional<Asked> found;
    store::Statement s(connection,
                       "WITH RECURSIVE origin (id) AS (SELECT ?1 UNION SELECT c.undo_of FROM command c JOIN "
                       "origin ON c.id = origin.id WHERE c.undo_of <> 0) SELECT kind, detection, sign_in, "
                       "reason, note FROM ledger WHERE user = ?2 AND command = (SELECT min(id) FROM origin) "
                       "ORDER BY id");
    for (s.bind(command, user); s.step();) {
        const auto decision = decisionOf(s.as<LedgerKind>(0));
        if (!decision)
            continue;
        const auto [action, target] = *decision;
        if (!found)
            found.emplace(Request{action, {}, {}, {}, s.string(3), s.string(4)}, Target{user, {}});
        auto &[request, about] = *found;
        if (target == TargetKind::User) {
            request.users = {user};
            continue;
        }
        about.ids.push_back(s.string(target == TargetKind::Detection ? 1 : 2));
        (target == TargetKind::Detection ? request.detections : request.signIns) = about.ids;
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return found;
}

} // namespace

std::optional<ProviderOperation> oppositeOf(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::Block: return ProviderOperation::Unblock;
    case ProviderOperation::Unblock: return ProviderOperation::Block;
    default: return std::nullopt;
    }
}

Result<bool> Outbox::ownsCommand(std::int64_t command)
{
    store::Statement s(m_connection, "SELECT 1 FROM outbox WHERE command = ?1 AND operation <= 4 UNION ALL "
                                     "SELECT 1 FROM command_change WHERE command = ?1 AND kind = 'outbox' "
                                     "LIMIT 1");
    s.bind(command);
    const bool there = s.step();
    if (!s.ok())
        return tl::unexpected(s.error());
    return there;
}

Result<std::int64_t> Outbox::commandOf(Executor &executor, const Reversal &reversal, const Outcome &outcome)
{
    if (outcome.command != 0)
        return outcome.command;
    auto made = executor.makeCommand(reversal.word, {}, {}, reversal.of);
    if (made && !reversal.stays)
        if (auto ok = executor.commands().setUndoneBy(reversal.of, *made); !ok)
            return tl::unexpected(ok.error());
    return made;
}

Status Outbox::takeBack(Executor &executor, const Reversal &reversal, const OutboxRow &row,
                        Standing &standing, Outcome &outcome)
{
    const auto skip = [&](Refusal why) {
        outcome.skipped.push_back({row.user, {}, row.userName, why});
        return Status();
    };
    if (auto ok = load(); !ok)
        return ok;
    // Read again inside the transaction: the dispatcher may have been quicker.
    store::Statement now(m_connection, "SELECT state, code FROM outbox WHERE id = ?1");
    now.bind(row.id);
    const auto state = now.step() ? now.as<OutboxState>(0) : OutboxState::Discarded;
    const bool isKnown =
        state != OutboxState::Failed && state != OutboxState::Discarded ? true : now.text(1) != notKnown;
    now.reset();
    switch (state) {
    case OutboxState::Held:
    case OutboxState::Waiting: return takeBackHeld(executor, reversal, row, outcome);
    case OutboxState::Done: break;
    case OutboxState::Sending: return skip(Refusal::OnItsWay);
    case OutboxState::Failed:
    case OutboxState::Discarded: return skip(isKnown ? Refusal::NeverDone : Refusal::DoneNotKnown);
    case OutboxState::TakenBack: return skip(Refusal::TouchedLater);
    }
    const auto opposite = oppositeOf(row.operation);
    if (!opposite)
        return skip(row.operation == ProviderOperation::RevokeSessions ? Refusal::SessionsEnded
                                                                       : Refusal::SentAlready);
    auto found = executor.decider().user(row.user);
    if (!found)
        return tl::unexpected(found.error());
    auto waits = isOnItsWay(row.user, *opposite);
    if (!waits)
        return tl::unexpected(waits.error());
    if (auto ok = standing.read(row.user); !ok)
        return ok;
    if (*waits)
        return skip(Refusal::OnItsWay);
    if (!*found || standing.isAccountOvertaken(reversal.of))
        return skip(Refusal::TouchedLater);
    const bool unblocks = *opposite == ProviderOperation::Unblock;
    if ((*found)->account.enabled == unblocks || !standing.recordedSignIn(reversal.of)) {
        // It is not by this command that the record says what it does: what was done where accounts live counts.
        const auto there = carriedOut(row.user);
        if (!there)
            return tl::unexpected(there.error());
        if (!*there || (*there)->command != reversal.of || (*there)->blocked != unblocks)
            return skip(Refusal::TouchedLater);
    }
    if (whoTakes(*opposite) == nullptr) {
        const auto why = whyNobodyTakes(*opposite);
        return skip(why == Refusal::None ? Refusal::TouchedLater : why);
    }
    const auto command = commandOf(executor, reversal, outcome);
    if (!command)
        return tl::unexpected(command.error());
    outcome.command = *command;
    outcome.waits = true;
    ++outcome.users;
    ++outcome.targets;
    if (auto ok =
            insert(*opposite, row.user, *command, fmt::format("takes command {} back", reversal.of), {});
        !ok)
        return ok;
    return auditRow(m_connection, m_clock, m_who, row,
                    fmt::format("{} waits for the provider", toText(*opposite)), reversal.of);
}

Status Outbox::takeBackHeld(Executor &executor, const Reversal &reversal, const OutboxRow &row,
                            Outcome &outcome)
{
    const auto command = commandOf(executor, reversal, outcome);
    if (!command)
        return tl::unexpected(command.error());
    outcome.command = *command;
    ++outcome.users;
    ++outcome.targets;
    if (auto ok = finishRow(m_connection, m_clock.now(), row.id, OutboxState::TakenBack, "takenBack",
                            fmt::format("Taken back by {} before it was sent.", m_who.name));
        !ok)
        return ok;
    if (auto ok = executor.commands().keepTakenBack(*command, row.id); !ok)
        return ok;
    if (auto ok = ledger::setProcessing(m_connection, row.user); !ok)
        return ok;
    return auditRow(m_connection, m_clock, m_who, row, toText(OutboxState::TakenBack), reversal.of);
}

Status Outbox::askAgain(Executor &executor, const Reversal &reversal, const OutboxRow &row, Outcome &outcome)
{
    const auto action = actionFor(row.operation);
    if (auto ok = load(); !ok)
        return ok;
    const auto later = laterAbout(m_connection, row);
    if (!later)
        return tl::unexpected(later.error());
    const bool isTaken = whoTakes(row.operation) != nullptr;
    if (!action || *later || !isTaken) {
        const auto why = action && !*later ? whyNobodyTakes(row.operation) : Refusal::None;
        outcome.skipped.push_back(
            {row.user, {}, row.userName, why == Refusal::None ? Refusal::TouchedLater : why});
        return {};
    }
    Request request;
    request.action = *action;
    request.users = {row.user};
    auto would = look(executor, request, {row.user, {}}, outcome.skipped);
    if (!would)
        return tl::unexpected(would.error());
    if (!*would)
        return {};
    const auto command = commandOf(executor, reversal, outcome);
    if (!command)
        return tl::unexpected(command.error());
    outcome.command = *command;
    outcome.waits = true;
    ++outcome.users;
    ++outcome.targets;
    if (auto ok = insert(row.operation, row.user, *command, row.reason, row.note); !ok)
        return ok;
    return auditRow(m_connection, m_clock, m_who, row, "waits for the provider", reversal.of);
}

Status Outbox::tellUndo(std::int64_t of, std::uint32_t user, std::int64_t command)
{
    if (auto ok = load(); !ok)
        return ok;
    const auto waited = takeBackTold(of, user);
    if (!waited)
        return tl::unexpected(waited.error());
    std::string said;
    for (const auto &c : *m_connectors) {
        if (!c.active || !has(c.capabilities, ProviderOperation::Notify) || waited->contains(c.id))
            continue;
        if (said.empty()) {
            store::Statement action(m_connection, "SELECT action FROM command WHERE id = ?1");
            action.bind(of);
            const auto word = action.step() ? action.string(0) : std::string();
            if (!action.ok())
                return tl::unexpected(action.error());
            auto json = message("command.undo", user, command);
            if (!json)
                return tl::unexpected(json.error());
            said = json->text("action", "undo")
                       .text("target", "user")
                       .whole("undoOf", of)
                       .text("undoneAction", word)
                       .done();
        }
        if (auto ok = insert(c, ProviderOperation::Notify, user, command, {}, {}, said); !ok)
            return ok;
    }
    return {};
}

Status Outbox::tellRedo(std::int64_t of, std::int64_t undo, std::uint32_t user, std::int64_t command)
{
    if (auto ok = load(); !ok)
        return ok;
    const auto unheard = takeBackTold(undo, user);
    if (!unheard)
        return tl::unexpected(unheard.error());
    struct Told
    {
        std::int64_t connector;
        ProviderOperation operation;
        bool isOnItsWay;
        std::string reason, note, message;
    };
    std::vector<Told> told;
    std::set<std::int64_t> knows;
    store::Statement s(
        m_connection, "SELECT connector, operation, state = 2, reason, note, iif(payload = '', '', "
                      "json_set(payload, '$.command', ?3, '$.activityDateTime', ?4, '$.actor', ?5, '$.role', "
                      "?6, '$.via', ?7, '$.redoOf', ?1)) FROM outbox WHERE command = ?1 AND user = ?2 AND "
                      "operation > 4 ORDER BY id");
    for (s.bind(of, user, command, m_clock.now().toIso(), m_who.name, toText(m_who.role), m_who.via);
         s.step();) {
        told.push_back(
            {s.int64(0), s.as<ProviderOperation>(1), s.int64(2) != 0, s.string(3), s.string(4), s.string(5)});
        knows.insert(told.back().connector);
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    for (const auto &one : told)
        for (const auto &c : *m_connectors)
            if (c.id == one.connector && c.active && has(c.capabilities, one.operation) && !one.isOnItsWay &&
                !unheard->contains(c.id))
                if (auto ok = insert(c, one.operation, user, command, one.reason, one.note, one.message); !ok)
                    return ok;
    // Who was not there when it was done, or was off, has heard of the undo: there is nothing to be told once more.
    std::optional<Asked> asked;
    std::string said;
    for (const auto &c : *m_connectors) {
        if (!c.active || !has(c.capabilities, ProviderOperation::Notify) || knows.contains(c.id) ||
            unheard->contains(c.id))
            continue;
        if (!asked) {
            auto found = recorded(m_connection, of, user);
            if (!found)
                return tl::unexpected(found.error());
            if (!*found)
                return {};
            asked = std::move(**found);
            auto json = messageOf(asked->first, asked->second, command);
            if (!json)
                return tl::unexpected(json.error());
            said = json->whole("redoOf", of).done();
        }
        if (auto ok = insert(c, ProviderOperation::Notify, user, command, asked->first.reason,
                             asked->first.note, said);
            !ok)
            return ok;
    }
    return {};
}

Result<std::set<std::uint32_t>> Outbox::told(std::int64_t command)
{
    std::set<std::uint32_t> users;
    store::Statement s(m_connection,
                       "WITH RECURSIVE origin (id) AS (SELECT ?1 UNION SELECT c.undo_of FROM command c JOIN "
                       "origin ON c.id = origin.id WHERE c.undo_of <> 0) SELECT DISTINCT o.user FROM origin "
                       "CROSS JOIN outbox o ON o.command = origin.id WHERE o.operation BETWEEN 5 AND 7 AND "
                       "o.state IN (2, 3)");
    for (s.bind(command); s.step();)
        users.insert(s.uint32(0));
    if (!s.ok())
        return tl::unexpected(s.error());
    return users;
}

} // namespace riskdesk::action
