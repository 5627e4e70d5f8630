// Undo of commands that went to the outbox: what waits is taken back for real, what was sent gets its
// opposite where there is one.
#include "core/action/action_service.h"
#include "core/action/blocks.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"

#include <algorithm>

namespace riskdesk::action {

Result<Outcome> ActionService::takeBackSent(std::int64_t command, const ProgressSink &progress,
                                            std::stop_token stop, std::span<const std::uint32_t> only)
{
    auto rows = outboxOf(m_connection, command);
    if (!rows)
        return tl::unexpected(rows.error());
    const auto all = rows->size();
    if (!only.empty())
        std::erase_if(*rows,
                      [&](const OutboxRow &row) { return std::ranges::find(only, row.user) == only.end(); });
    if (rows->empty() && all > 0)
        return fail(Code::NotFound, std::to_string(command), "that action did not concern these users");
    const bool stays = rows->size() < all; // for others
    Executor executor(m_connection, m_clock, m_who);
    Outbox outbox(m_connection, m_clock, m_who);
    Outcome outcome;
    if (auto ok = decideInBlocks(m_connection, rows->size(), outcome, progress, stop,
                                 [&](std::size_t i, Outcome &block) {
                                     return outbox.takeBack(executor, command, (*rows)[i], stays, block);
                                 });
        !ok)
        return tl::unexpected(ok.error());
    if (outcome.users == 0 && !outcome.cancelled) {
        const auto why = outcome.skipped.empty() ? Refusal::TouchedLater : outcome.skipped.front().reason;
        return fail(Code::Conflict, std::to_string(command), std::string(risk::sentence(why)));
    }
    return outcome;
}

} // namespace riskdesk::action
