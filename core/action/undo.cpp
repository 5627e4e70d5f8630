// Undo and redo: a command is taken back user by user through compensating ledger events; nothing is erased.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"
#include "core/action/standing.h"
#include "core/ledger/user_image.h"
#include "core/ledger/withheld_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::action {
namespace {

struct CommandRow
{
    std::int64_t id = 0;
    std::string action;
    std::int64_t undoneBy = 0;
};

Result<CommandRow> commandRow(store::Connection &connection, std::string_view condition, std::int64_t id)
{
    store::Statement row(connection, "SELECT id, action, undone_by FROM command WHERE " +
                                         std::string(condition) + " ORDER BY id DESC LIMIT 1");
    row.bind(id);
    if (row.step())
        return CommandRow{row.int64(0), row.string(1), row.int64(2)};
    if (!row.ok())
        return tl::unexpected(row.error());
    return fail(Code::NotFound, id > 0 ? std::to_string(id) : "undo", "there is no such action to take back");
}

// All it asked a provider for ended in one of these states, and nothing came of it.
std::string cameToNothing(std::string_view command, std::string_view states)
{
    return fmt::format(
        "(EXISTS (SELECT 1 FROM outbox o WHERE o.command = {0} AND o.operation <= 4) AND NOT EXISTS (SELECT "
        "1 FROM outbox o WHERE o.command = {0} AND o.operation <= 4 AND o.state NOT IN ({1})) AND NOT EXISTS "
        "(SELECT 1 FROM ledger l WHERE l.command = {0}) AND NOT EXISTS (SELECT 1 FROM command_change h WHERE "
        "h.command = {0} AND h.kind = 'outbox'))",
        command, states);
}

// What could be taken back: decisions and redos, or undos.
std::string standing(bool undos)
{
    return fmt::format("users > ?1 AND action {} 'undo' AND (undone_by = 0 OR {}) AND NOT {}",
                       undos ? "=" : "<>", cameToNothing("undone_by", "4, 6"),
                       cameToNothing("command.id", "4, 5, 6"));
}

// Who may take a command back is who may do what it did.
Permission permissionOf(store::Connection &connection, std::int64_t command)
{
    store::Statement kinds(connection,
                           "SELECT 1 FROM ledger WHERE command = ?1 AND kind IN (?2, ?3, ?4, ?5) UNION ALL "
                           "SELECT 1 FROM outbox WHERE command = ?1 AND operation <= 4 LIMIT 1");
    store::Statement origin(connection, "SELECT undo_of FROM command WHERE id = ?1");
    for (auto id = command; id != 0;) {
        kinds.bind(id, LedgerKind::Blocked, LedgerKind::Unblocked, LedgerKind::PasswordResetByAdmin,
                   LedgerKind::SessionsRevoked);
        if (kinds.step())
            return Permission::Access;
        origin.bind(id);
        id = origin.step() && origin.int64(0) < id ? origin.int64(0) : 0;
    }
    return Permission::Decide;
}

// What an undo took back; 0: `undo` is 0.
Result<std::int64_t> takenBackCommand(store::Connection &connection, std::int64_t undo)
{
    store::Statement s(connection, "SELECT undo_of FROM command WHERE id = ?1");
    s.bind(undo);
    const auto of = s.step() ? s.int64(0) : 0;
    if (!s.ok())
        return tl::unexpected(s.error());
    return of;
}

std::optional<Action> accountAction(LedgerKind kind)
{
    switch (kind) {
    case LedgerKind::Blocked: return Action::Block;
    case LedgerKind::Unblocked: return Action::Unblock;
    case LedgerKind::PasswordResetByAdmin: return Action::ResetPassword;
    case LedgerKind::SessionsRevoked: return Action::RevokeSessions;
    default: return std::nullopt;
    }
}

// What was recorded here while accounts lived nowhere else is not recorded again once they do: a new action is sent.
Status mayRecordAgain(store::Connection &connection, Outbox &outbox, std::int64_t undo)
{
    std::vector<Action> actions;
    {
        store::Statement kinds(connection,
                               "WITH RECURSIVE origin (id) AS (SELECT ?1 UNION SELECT c.undo_of FROM command "
                               "c JOIN origin ON c.id = origin.id WHERE c.undo_of <> 0) SELECT DISTINCT "
                               "l.kind FROM origin CROSS JOIN ledger l ON l.command = origin.id");
        for (kinds.bind(undo); kinds.step();)
            if (const auto action = accountAction(kinds.as<LedgerKind>(0)))
                actions.push_back(*action);
        if (!kinds.ok())
            return tl::unexpected(kinds.error());
    }
    for (const auto action : actions) {
        Request request;
        request.action = action;
        const auto elsewhere = outbox.isDoneElsewhere(request);
        if (!elsewhere)
            return tl::unexpected(elsewhere.error());
        if (*elsewhere)
            return fail(Code::Conflict, std::to_string(undo),
                        "it was only recorded here, and accounts live at a connection by now; do it as a new "
                        "action");
    }
    return {};
}

} // namespace

Result<Outcome> ActionService::undo(std::optional<std::int64_t> command, const ProgressSink &progress,
                                    std::stop_token stop, std::span<const std::uint32_t> only)
{
    auto row = command ? commandRow(m_connection, "id = ?1", *command)
                       : commandRow(m_connection, standing(false), 0);
    if (!row)
        return tl::unexpected(row.error());
    // An undo that was stopped half way left users behind, as one of some users did; asked again, it goes on with them.
    return takeBack(row->id, row->action == "undo", progress, std::move(stop), only);
}

Result<CommandSummary> newestStanding(store::Connection &connection)
{
    const auto newest = commandRow(connection, standing(false), 0);
    if (!newest)
        return tl::unexpected(newest.error());
    CommandSummary summary{newest->id, {}, newest->action, {}, 0, {}};
    store::Statement row(
        connection, "SELECT c.at, c.actor, c.users, (SELECT CASE u.display_name WHEN '' THEN u.upn ELSE "
                    "u.display_name END FROM ledger l JOIN user u ON u.id = l.user WHERE l.command = c.id "
                    "LIMIT 1) FROM command c WHERE c.id = ?1");
    row.bind(newest->id);
    if (!row.step())
        return tl::unexpected(row.error());
    summary.at = row.time(0);
    summary.actor = row.string(1);
    summary.users = static_cast<std::uint64_t>(row.int64(2));
    if (summary.users == 1)
        summary.name = row.string(3);
    return summary;
}

Result<Outcome> ActionService::redo(std::optional<std::int64_t> command, const ProgressSink &progress,
                                    std::stop_token stop, std::span<const std::uint32_t> only)
{
    auto row =
        command ? commandRow(m_connection, "id = ?1", *command) : commandRow(m_connection, standing(true), 0);
    if (!row && !command && row.error().code == Code::NotFound)
        return fail(Code::NotFound, "redo", "nothing was taken back that could be done again");
    if (!row)
        return tl::unexpected(row.error());
    // "Redo 7" may name what was taken back as well as the taking back.
    if (row->action != "undo" && row->undoneBy != 0)
        if (row = commandRow(m_connection, "id = ?1", row->undoneBy); !row)
            return tl::unexpected(row.error());
    if (row->action != "undo")
        return fail(Code::Conflict, std::to_string(row->id), "it was not taken back");
    return takeBack(row->id, true, progress, std::move(stop), only);
}

Result<Outcome> ActionService::takeBack(std::int64_t command, bool redo, const ProgressSink &progress,
                                        std::stop_token stop, std::span<const std::uint32_t> only)
{
    if (auto ok = allowed(m_who.role, permissionOf(m_connection, command)); !ok)
        return tl::unexpected(ok.error());
    const std::string_view word = redo ? "redo" : "undo";
    Executor executor(m_connection, m_clock, m_who);
    Outbox outbox(m_connection, m_clock, m_who);
    auto owned = outbox.ownsCommand(command);
    if (!owned)
        return tl::unexpected(owned.error());
    if (*owned)
        return takeBackSent(command, word, progress, std::move(stop), only);
    if (redo)
        if (auto ok = mayRecordAgain(m_connection, outbox, command); !ok)
            return tl::unexpected(ok.error());
    std::vector<std::uint32_t> users;
    Standing standing(m_connection);
    bool stays = false; // for others
    {
        store::Statement row(m_connection,
                             "SELECT DISTINCT user FROM ledger WHERE command = ?1 ORDER BY user");
        row.bind(command);
        while (row.step()) {
            const auto user = row.uint32(0);
            if (only.empty() || std::ranges::find(only, user) != only.end()) {
                users.push_back(user);
            } else if (!stays) {
                if (auto ok = standing.read(user); !ok)
                    return tl::unexpected(ok.error());
                stays = standing.stands(command);
            }
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    if (users.empty() && !only.empty())
        return fail(Code::NotFound, std::to_string(command), "that action did not concern these users");
    const auto told = outbox.told(command);
    const auto again = takenBackCommand(m_connection, redo ? command : 0);
    if (!told || !again)
        return tl::unexpected(!told ? told.error() : again.error());
    ledger::ImageRestorer restorer(m_connection);
    ledger::AccountRows accounts(m_connection);
    ledger::WithheldRows withheld(m_connection);

    const auto one = [&](std::uint32_t id, Outcome &outcome) -> Status {
        auto info = executor.decider().user(id);
        if (!info)
            return tl::unexpected(info.error());
        if (auto ok = standing.read(id); !ok)
            return ok;
        const bool joins = standing.isRiskOvertaken(command);
        // A decision is not made again over what was found or decided since.
        if (!*info || !standing.stands(command) || standing.isAccountOvertaken(command) || (redo && joins)) {
            outcome.skipped.push_back({id,
                                       {},
                                       *info ? (*info)->name() : std::string(),
                                       *info ? Refusal::TouchedLater : Refusal::NotFound});
            return {};
        }
        if (standing.recordedSignIn(command)) { // and asked for again since, where accounts live by now
            const auto there = outbox.carriedOut(id);
            if (!there)
                return tl::unexpected(there.error());
            if (*there && (*there)->command > command && (*there)->blocked != (*info)->account.enabled) {
                outcome.skipped.push_back({id, {}, (*info)->name(), Refusal::TouchedLater});
                return {};
            }
        }
        LedgerEvent event;
        event.at = event.recordedAt = m_clock.now();
        event.user = id;
        event.kind = LedgerKind::Undone;
        event.actor = m_who.name;
        event.undoOf = command;
        const auto lessons = withheld.lessonsOf(command, id);
        if (!lessons)
            return tl::unexpected(lessons.error());
        if (auto ok = m_connection.execute("SAVEPOINT one_user"); !ok)
            return ok;
        const auto restored = restorer.restore(command, executor.rows(), event, !joins);
        if (auto ok = m_connection.execute(restored ? "RELEASE one_user"
                                                    : "ROLLBACK TO one_user; RELEASE one_user");
            !ok)
            return ok;
        if (!restored) {
            if (restored.error().code != Code::Conflict)
                return tl::unexpected(restored.error());
            outcome.skipped.push_back({id, {}, (*info)->name(), Refusal::TouchedLater});
            return {};
        }
        const auto untaught = withheld.unteach(id, *lessons);
        if (!untaught)
            return tl::unexpected(untaught.error());
        if (outcome.command == 0) {
            auto made = executor.makeCommand(word, {}, {}, command);
            if (!made)
                return tl::unexpected(made.error());
            outcome.command = *made;
            if (!stays)
                if (auto ok = executor.commands().setUndoneBy(command, outcome.command); !ok)
                    return ok;
        }
        event.command = outcome.command;
        if (auto ok = executor.rows().append(event); !ok)
            return ok;
        const auto &images = *restored;
        if (auto ok = images ? executor.commands().keep(
                                   outcome.command, CommandRows::Change{id, images->before, images->after})
                             : executor.commands().keepOpposite(outcome.command, command, id);
            !ok)
            return ok;
        if (images) // the opposite of the command has them
            if (auto ok = executor.commands().keepUntaught(outcome.command, id, *untaught); !ok)
                return ok;
        if (auto ok = redo ? outbox.tellRedo(*again, command, id, outcome.command)
                           : outbox.tellUndo(command, id, outcome.command);
            !ok)
            return ok;
        outcome.toldBefore += !redo && told->contains(id) ? 1u : 0u;
        const auto after = accounts.of(id);
        if (!after)
            return tl::unexpected(after.error());
        if (auto ok = executor.auditLog().append(
                auditRecord(m_who, **info, word, {id, {}}, event, *after, command));
            !ok)
            return ok;
        ++outcome.users;
        ++outcome.targets;
        return {};
    };

    Outcome outcome;
    if (auto ok = decideInBlocks(
            m_connection, users.size(), outcome, progress, stop,
            [&](std::size_t i, Outcome &block) { return one(users[i], block); },
            [](const Outcome &) { return Status(); });
        !ok)
        return tl::unexpected(ok.error());
    if (outcome.users == 0 && !outcome.cancelled)
        return fail(Code::Conflict, std::to_string(command),
                    "it was taken back already, or something happened to these users since; reverse it as a "
                    "new action");
    return outcome;
}

} // namespace riskdesk::action
