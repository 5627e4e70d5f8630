#include "core/replay/convert.h"

#include "core/ledger/audit.h"
#include "core/store/lease.h"

namespace riskdesk::run {

Result<SettleSummary> convert(Directory &directory, const Operator &who, const Clock &clock,
                              std::stop_token stop, const ProgressSink &progress)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return tl::unexpected(ok.error());
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
    auto record = ledger::recordBy(who);
    record.action = "convert";
    record.target = directory.info().name;
    record.before = "trial";
    record.after = "production";
    if (ok)
        ok = ledger::appendAudit(connection, clock, record);
    if (ok)
        ok = transaction->commit();
    if (ok)
        ok = directory.readInfo();
    if (!ok)
        return tl::unexpected(ok.error());
    return settle(directory, *lease, clock, std::move(stop), progress);
}

} // namespace riskdesk::run
