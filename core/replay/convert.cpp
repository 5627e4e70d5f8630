#include "core/replay/convert.h"

#include "core/store/lease.h"

namespace riskdesk::run {

Result<SettleSummary> convert(Directory &directory, ledger::AuditRecord by, const Clock &clock,
                              std::stop_token stop, const ProgressSink &progress)
{
    auto &connection = directory.connection();
    auto lease = store::ImportLease::take(connection, "convert");
    if (!lease)
        return tl::unexpected(lease.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = directory.readInfo(); !ok) // another process may have been first
        return tl::unexpected(ok.error());
    if (!directory.info().trial)
        return fail(Code::Conflict, directory.file().string(),
                    "This is a directory for production already; there is nothing to convert.");
    Status ok = store::endTrial(connection);
    by.action = "convert";
    by.target = directory.info().name;
    by.before = "trial";
    by.after = "production";
    if (ok)
        ok = ledger::appendAudit(connection, clock, by);
    if (ok)
        ok = transaction->commit();
    if (ok)
        ok = directory.readInfo();
    if (!ok)
        return tl::unexpected(ok.error());
    return settle(directory, *lease, clock, std::move(stop), progress);
}

} // namespace riskdesk::run
