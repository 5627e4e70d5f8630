// Former findings: up to which time findings are those of former lists and suppression rules.
//
// A list holds for every sign-in, but when lists change only the newest sign-ins are asked again
// (`intelligence.rereadDays`): what was found further back stays as it was. Once something settles that stretch too, since
// a log came late, its findings are those of today's lists as well.
// Inside the caller's transaction.
#pragma once

#include "core/base/result.h"
#include "core/store/connection.h"

#include <cstdint>

namespace riskdesk::ledger {

// Microseconds. Findings on later sign-ins are those of today's lists and rules; beginningOfTime: all that are stored.
[[nodiscard]] Result<std::int64_t> formerFindingsUntil(store::Connection &connection);

// Lists or rules changed, and only later sign-ins than this were asked again.
[[nodiscard]] Status keepFormerFindings(store::Connection &connection, std::int64_t until);
// Findings on sign-ins later than this were settled by today's.
[[nodiscard]] Status settledBehind(store::Connection &connection, std::int64_t after);

} // namespace riskdesk::ledger
