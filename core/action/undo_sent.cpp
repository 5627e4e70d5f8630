// Undo of commands that went to the outbox: what waits is taken back for real, what was sent gets its
// opposite where there is one.
#include "core/action/action_service.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"

#include <algorithm>

namespace riskdesk::action {

Result<Outcome> ActionService::takeBackSent(std::int64_t command, const ProgressSink &progress,
                                            std::stop_token stop)
{
    auto rows = outboxOf(m_connection, command);
    if (!rows)
        return tl::unexpected(rows.error());
    Executor executor(m_connection, m_clock, m_who);
    Outbox outbox(m_connection, m_clock, m_who);
    Outcome outcome;
    for (std::size_t at = 0; at < rows->size(); at += usersPerTransaction) {
        if (stop.stop_requested()) {
            outcome.cancelled = true;
            break;
        }
        const auto end = std::min(at + usersPerTransaction, rows->size());
        auto block = outcome;
        const auto write = [&]() -> Status {
            auto transaction = store::Transaction::begin(m_connection);
            if (!transaction)
                return tl::unexpected(transaction.error());
            for (auto i = at; i < end; ++i)
                if (auto ok = outbox.takeBack(executor, command, (*rows)[i], block); !ok)
                    return ok;
            return transaction->commit();
        };
        if (auto ok = write(); !ok) {
            if (outcome.users == 0)
                return tl::unexpected(ok.error());
            outcome.stoppedBy = ok.error();
            break;
        }
        outcome = std::move(block);
        if (progress)
            progress({"act", end, rows->size()});
    }
    if (outcome.users == 0 && !outcome.cancelled) {
        const auto why = outcome.skipped.empty() ? Refusal::TouchedLater : outcome.skipped.front().reason;
        return fail(Code::Conflict, std::to_string(command), std::string(risk::sentence(why)));
    }
    return outcome;
}

} // namespace riskdesk::action
