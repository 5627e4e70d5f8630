#include "core/ledger/former_findings.h"

#include "core/domain/sign_in.h"
#include "core/store/statement.h"

namespace riskdesk::ledger {

Result<std::int64_t> formerFindingsUntil(store::Connection &connection)
{
    store::Statement row(connection, "SELECT former_until FROM checkpoint WHERE former_until >= (SELECT "
                                     "min(t0) FROM segment)");
    const std::int64_t until = row.step() ? row.int64(0) : beginningOfTime;
    if (!row.ok())
        return tl::unexpected(row.error());
    return until;
}

Status keepFormerFindings(store::Connection &connection, std::int64_t until)
{
    return store::Statement(connection, "UPDATE checkpoint SET former_until = ?1").bind(until).run();
}

Status settledBehind(store::Connection &connection, std::int64_t after)
{
    return store::Statement(connection, "UPDATE checkpoint SET former_until = ?1 WHERE former_until > ?1")
        .bind(after)
        .run();
}

} // namespace riskdesk::ledger
