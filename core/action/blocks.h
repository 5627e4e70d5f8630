// A decision about many users, some thousand at a time (core/ledger/blocks.h). One thread.
#pragma once

#include "core/action/action_service.h"
#include "core/action/command_rows.h"
#include "core/ledger/blocks.h"

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <utility>

namespace riskdesk::action {

// Like ledger::inBlocks(), for a decision whose command counts its users: an error after the first block is part of the
// outcome. `endBlock`: (const Outcome &block) -> Status.
template <typename One, typename End>
[[nodiscard]] Status decideInBlocks(store::Connection &connection, std::size_t total, Outcome &outcome,
                                    const ProgressSink &progress, const std::stop_token &stop, One one,
                                    End endBlock)
{
    CommandRows commands(connection);
    const auto whole = ledger::inBlocks(
        connection, total, outcome, progress, stop, std::move(one),
        [&](const Outcome &before, const Outcome &block) {
            if (auto ok = endBlock(block); !ok)
                return ok;
            return block.users == before.users
                       ? Status()
                       : commands.count(block.command, static_cast<std::int64_t>(block.users - before.users));
        });
    if (!whole && outcome.users == 0)
        return tl::unexpected(whole.error());
    if (!whole)
        outcome.stoppedBy = whole.error();
    outcome.cancelled = whole && !*whole;
    return {};
}

} // namespace riskdesk::action
