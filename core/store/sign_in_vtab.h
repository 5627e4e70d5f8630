// The table `signin`: stored sign-ins as SQL rows, readable on every connection of ours.
//
//     SELECT userPrincipalName, count(*) FROM signin
//     WHERE createdDateTime >= '2026-03-01' AND outcome = 'failure' GROUP BY 1 ORDER BY 2 DESC
//
// A virtual table over the column segments; its columns are signInFields(). A range of createdDateTime skips
// the segments outside it, an equality of userId or userPrincipalName looks at one column of each. Times
// compare as moments, whatever their spelling ('2026', '2026-03-01', '2026-03-01T12:00:00+01:00'), through
// the collation RISKDESK_TIME. Read-only, and not for use in views and triggers, so that a file somebody else
// made cannot call it.
#pragma once

struct sqlite3;

namespace riskdesk::store {

// An SQLite result code. Nothing is read before somebody asks.
[[nodiscard]] int registerSignInTable(sqlite3 *handle);

} // namespace riskdesk::store
