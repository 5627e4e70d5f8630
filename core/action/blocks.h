// Many users, some hundred at a time: each block is a transaction of its own, what it did is told only once
// it is committed, and between two of them one may stop. One thread.
#pragma once

#include "core/action/action_service.h"
#include "core/base/progress.h"
#include "core/store/connection.h"

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <utility>

namespace riskdesk::action {

inline constexpr std::size_t usersPerTransaction = 500;

// `one`: (std::size_t index, Done &block) -> Status, for each of `total`. `done` grows by whole blocks. True:
// to the end; false: stopped in between.
template <typename Done, typename One>
[[nodiscard]] Result<bool> inBlocks(store::Connection &connection, std::size_t total, Done &done,
                                    const ProgressSink &progress, const std::stop_token &stop, One one)
{
    for (std::size_t at = 0; at < total;) {
        if (stop.stop_requested())
            return false;
        auto transaction = store::Transaction::begin(connection);
        if (!transaction)
            return tl::unexpected(transaction.error());
        auto block = done;
        for (const auto end = std::min(at + usersPerTransaction, total); at < end; ++at)
            if (auto ok = one(at, block); !ok)
                return tl::unexpected(ok.error());
        if (auto ok = transaction->commit(); !ok)
            return tl::unexpected(ok.error());
        done = std::move(block);
        if (progress)
            progress({"act", at, total});
    }
    return true;
}

// The same for a decision: an error after the first block is part of the outcome.
template <typename One>
[[nodiscard]] Status decideInBlocks(store::Connection &connection, std::size_t total, Outcome &outcome,
                                    const ProgressSink &progress, const std::stop_token &stop, One one)
{
    const auto whole = inBlocks(connection, total, outcome, progress, stop, std::move(one));
    if (!whole && outcome.users == 0)
        return tl::unexpected(whole.error());
    if (!whole)
        outcome.stoppedBy = whole.error();
    outcome.cancelled = whole && !*whole;
    return {};
}

} // namespace riskdesk::action
