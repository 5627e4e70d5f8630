// Many users, some thousand at a time: each block is a transaction of its own, what it did is told only once
// it is committed, and between two of them one may stop. One thread.
#pragma once

#include "core/base/progress.h"
#include "core/store/connection.h"

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <utility>

namespace riskdesk::ledger {

// Users of a block lie all over the file: the larger a block, the fewer pages are written twice; the smaller, the
// sooner one can stop and others can write. 2,000 dismissals take about 0.15 s.
inline constexpr std::size_t usersPerTransaction = 2000;

// `one`: (std::size_t index, Done &block) -> Status, for each of `total`; `endBlock`: (const Done &before, const Done &block)
// -> Status, at the end of each block, inside its transaction. `done` grows by whole blocks. True: to the end; false:
// stopped in between.
template <typename Done, typename One, typename End>
[[nodiscard]] Result<bool> inBlocks(store::Connection &connection, std::size_t total, Done &done,
                                    const ProgressSink &progress, const std::stop_token &stop, One one,
                                    End endBlock)
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
        if (auto ok = endBlock(done, block); !ok)
            return tl::unexpected(ok.error());
        if (auto ok = transaction->commit(); !ok)
            return tl::unexpected(ok.error());
        done = std::move(block);
        if (progress)
            progress({"act", at, total});
    }
    return true;
}

} // namespace riskdesk::ledger
