// Undo and redo: a command is taken back user by user through compensating ledger events; nothing is erased.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"
#include "core/ledger/user_image.h"

#include <algorithm>

namespace riskdesk::action {
namespace {

// Whether what stands last in a user's ledger is this command: nothing came later, or all of that was taken
// back.
class LastStanding
{
public:
    explicit LastStanding(store::Connection &connection)
        : m_events(connection, "SELECT command, kind, undo_of FROM ledger WHERE user = ?1 ORDER BY id")
    {}

    [[nodiscard]] Result<bool> is(std::uint32_t user, std::int64_t command)
    {
        std::vector<std::int64_t> done, undone; // commands; 0 is an event that belongs to none
        m_events.bind(user);
        while (m_events.step()) {
            const auto own = m_events.int64(0);
            if (m_events.as<LedgerKind>(1) != LedgerKind::Undone) {
                undone.clear();
                if (done.empty() || own == 0 || done.back() != own)
                    done.push_back(own);
                continue;
            }
            const auto target = m_events.int64(2);
            if (!done.empty() && done.back() == target) {
                done.pop_back();
                undone.push_back(own);
            } else if (!undone.empty() && undone.back() == target) {
                undone.pop_back();
                done.push_back(own);
            }
        }
        if (!m_events.ok())
            return tl::unexpected(m_events.error());
        return (!done.empty() && done.back() == command) || (!undone.empty() && undone.back() == command);
    }

private:
    store::Statement m_events;
};

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

constexpr std::string_view standing = "undone_by = 0 AND action <> 'undo' AND users > ?1";

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

} // namespace

Result<Outcome> ActionService::undo(std::optional<std::int64_t> command, const ProgressSink &progress,
                                    std::stop_token stop, std::span<const std::uint32_t> only)
{
    auto row =
        command ? commandRow(m_connection, "id = ?1", *command) : commandRow(m_connection, standing, 0);
    if (!row)
        return tl::unexpected(row.error());
    // An undo that was stopped half way left users behind, as one of some users did; asked again, it goes on with them.
    return takeBack(row->id, row->action == "undo", progress, std::move(stop), only);
}

Result<CommandSummary> newestStanding(store::Connection &connection)
{
    const auto newest = commandRow(connection, standing, 0);
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
    auto row = command ? commandRow(m_connection, "id = ?1", *command)
                       : commandRow(m_connection, "undone_by = 0 AND action = 'undo' AND users > ?1", 0);
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
    Executor executor(m_connection, m_clock, m_who);
    Outbox outbox(m_connection, m_clock, m_who);
    auto owned = outbox.ownsCommand(command);
    if (!owned)
        return tl::unexpected(owned.error());
    if (*owned)
        return takeBackSent(command, progress, std::move(stop), only);
    std::vector<std::uint32_t> users;
    LastStanding last(m_connection);
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
                const auto stands = last.is(user, command);
                if (!stands)
                    return tl::unexpected(stands.error());
                stays = *stands;
            }
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    if (users.empty() && !only.empty())
        return fail(Code::NotFound, std::to_string(command), "that action did not concern these users");
    const std::string_view word = redo ? "redo" : "undo";
    ledger::ImageRestorer restorer(m_connection);
    ledger::AccountRows accounts(m_connection);

    const auto one = [&](std::uint32_t id, Outcome &outcome) -> Status {
        auto info = executor.decider().user(id);
        if (!info)
            return tl::unexpected(info.error());
        const auto stands = last.is(id, command);
        if (!stands)
            return tl::unexpected(stands.error());
        if (!*info || !*stands) {
            outcome.skipped.push_back({id,
                                       {},
                                       *info ? (*info)->name() : std::string(),
                                       *info ? Refusal::TouchedLater : Refusal::NotFound});
            return {};
        }
        LedgerEvent event;
        event.at = event.recordedAt = m_clock.now();
        event.user = id;
        event.kind = LedgerKind::Undone;
        event.actor = m_who.name;
        event.undoOf = command;
        if (auto ok = m_connection.execute("SAVEPOINT one_user"); !ok)
            return ok;
        const auto restored = restorer.restore(command, executor.rows(), event);
        if (auto ok = m_connection.execute(restored ? "RELEASE one_user"
                                                    : "ROLLBACK TO one_user; RELEASE one_user");
            !ok)
            return ok;
        if (!restored) {
            if (restored.error().code != Code::Conflict)
                return restored;
            outcome.skipped.push_back({id, {}, (*info)->name(), Refusal::TouchedLater});
            return {};
        }
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
        if (auto ok = executor.commands().keepOpposite(outcome.command, command, id); !ok)
            return ok;
        if (auto ok = outbox.takeBackTold(command, id); !ok)
            return ok;
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
    if (auto ok = decideInBlocks(m_connection, users.size(), outcome, progress, stop,
                                 [&](std::size_t i, Outcome &block) { return one(users[i], block); });
        !ok)
        return tl::unexpected(ok.error());
    if (outcome.users == 0 && !outcome.cancelled)
        return fail(Code::Conflict, std::to_string(command),
                    "it was taken back already, or something happened to these users since; reverse it as a "
                    "new action");
    return outcome;
}

} // namespace riskdesk::action
