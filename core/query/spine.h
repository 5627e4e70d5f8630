// Spine: the ids of every row a question asks for, in order. Eight bytes a row; the rows themselves are read
// in pages by id (tables/). Ids are user.id, detection.rowid, reject.id,
// audit.id. Sign-ins have their own (sign_ins.h), campaigns are read whole (tables/campaigns.h).
#pragma once

#include "core/base/result.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace riskdesk::query {

// Code::WrongUsage for a filter or column the report does not know; Cancelled when stopped; store errors.
[[nodiscard]] Result<std::vector<std::int64_t>>
readSpine(store::Connection &connection, const Question &question, std::stop_token stop = {});
// How many rows; stops counting at `atMost` where that is not 0.
[[nodiscard]] Result<std::int64_t> countRows(store::Connection &connection, const Question &question,
                                             std::stop_token stop = {}, std::int64_t atMost = 0);

// What periods count back from: the clock, or the newest sign-in when that is over seven days old (product
// 10).
struct ReferenceNow
{
    Timestamp now;
    bool fromData = false; // the page then says so
};
[[nodiscard]] Result<ReferenceNow> referenceNow(store::Connection &connection, Timestamp clock);
// The last `days` days up to and including now; no limit for 0.
[[nodiscard]] Period lastDays(Timestamp now, int days);

} // namespace riskdesk::query
