// Undo and redo of commands that went to the outbox: what waits is taken back for real, what was sent gets its
// opposite where there is one, and what had been taken back waits again.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"
#include "core/action/standing.h"

#include <algorithm>
#include <set>

namespace riskdesk::action {
namespace {

struct Sent
{
    OutboxRow row;
    bool again = false; // the command had taken it back
};

Result<std::vector<Sent>> sentBy(store::Connection &connection, std::int64_t command)
{
    std::vector<Sent> all;
    auto own = outboxOf(connection, command), others = takenBackBy(connection, command);
    if (!own || !others)
        return tl::unexpected(!own ? own.error() : others.error());
    for (auto &row : *own)
        if (actionFor(row.operation))
            all.push_back({std::move(row), false});
    for (auto &row : *others)
        all.push_back({std::move(row), true});
    return all;
}

// The users for whom `command` was taken back already, and that came to something, or may.
Result<std::set<std::uint32_t>> reversedFor(store::Connection &connection, std::int64_t command)
{
    std::set<std::uint32_t> users;
    store::Statement s(
        connection,
        "SELECT o.user FROM command c CROSS JOIN outbox o ON o.command = c.id WHERE c.undo_of = ?1 AND "
        "o.operation <= 4 AND o.state NOT IN (4, 6)");
    for (s.bind(command); s.step();)
        users.insert(s.uint32(0));
    if (!s.ok())
        return tl::unexpected(s.error());
    return users;
}

} // namespace

Result<Outcome> ActionService::takeBackSent(std::int64_t command, std::string_view word,
                                            const ProgressSink &progress, std::stop_token stop,
                                            std::span<const std::uint32_t> only)
{
    auto sent = sentBy(m_connection, command);
    if (!sent)
        return tl::unexpected(sent.error());
    const auto reversed = reversedFor(m_connection, command);
    if (!reversed)
        return tl::unexpected(reversed.error());
    bool stays = false; // for others
    if (!only.empty()) {
        const auto mine = std::stable_partition(sent->begin(), sent->end(), [&](const Sent &one) {
            return std::ranges::find(only, one.row.user) != only.end();
        });
        if (mine == sent->begin() && mine != sent->end())
            return fail(Code::NotFound, std::to_string(command), "that action did not concern these users");
        stays = std::any_of(mine, sent->end(), [&](const Sent &one) {
            return (one.again || one.row.state <= OutboxState::Done) && !reversed->contains(one.row.user);
        });
        sent->erase(mine, sent->end());
    }
    Executor executor(m_connection, m_clock, m_who);
    Outbox outbox(m_connection, m_clock, m_who);
    Standing standing(m_connection);
    const Outbox::Reversal reversal{command, word, stays};
    Outcome outcome;
    if (auto ok = decideInBlocks(
            m_connection, sent->size(), outcome, progress, stop,
            [&](std::size_t i, Outcome &block) {
                const auto &[row, again] = (*sent)[i];
                if (reversed->contains(row.user)) {
                    block.skipped.push_back({row.user, {}, row.userName, Refusal::TouchedLater});
                    return Status();
                }
                return again ? outbox.askAgain(executor, reversal, row, block)
                             : outbox.takeBack(executor, reversal, row, standing, block);
            },
            [](const Outcome &) { return Status(); });
        !ok)
        return tl::unexpected(ok.error());
    if (outcome.users == 0 && !outcome.cancelled) {
        const auto why = outcome.skipped.empty() ? Refusal::TouchedLater : outcome.skipped.front().reason;
        return fail(Code::Conflict, std::to_string(command), std::string(risk::sentence(why)));
    }
    return outcome;
}

} // namespace riskdesk::action
