// Seal: a digest of every table, kept in the file, by which `verify` finds what something other than this
// program changed.
//
// A row's digest is BLAKE2b-256 over its typed values; a table's seal is how many rows it has and the sum of
// their digests, four 64-bit words modulo 2^64. A sum does not depend on the order of writes, and a change
// costs what the changed rows cost. SQLite's preupdate hook tells every change; the sums of a transaction are
// added to the table `seal` right before its COMMIT, so they hold or fall with it, whichever process writes.
//
// No key is part of it: who can write the file and computes the sums anew is not found (SECURITY.md).
//
// Sealed is every table of the file but `lease` and `seal` itself. On the connection's thread.
// Source of the sum: Bellare and Micciancio, "A new paradigm for collision-free hashing" (AdHash), 1997.
#pragma once

#include "core/base/result.h"
#include "core/store/connection.h"

#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::store {

// From now on what this connection writes is sealed. Once, right after it was opened.
void keepSeals(Connection &connection);

// Computes every seal from the rows that are there: after a migration. Inside a transaction. Tables named in
// `broken` are left without a seal, so that a migration does not cover up what was changed before it.
[[nodiscard]] Status sealAll(Connection &connection, const std::vector<std::string> &broken = {});

struct BrokenSeal
{
    std::string table;
    std::string sentence; // what is wrong and what it means
};
// Tables whose rows are not those that were sealed, in the order of their names. Reads every row. Empty as
// well when the file has no seals yet. Code::Cancelled.
[[nodiscard]] Result<std::vector<BrokenSeal>> brokenSeals(Connection &connection, std::stop_token stop = {});

} // namespace riskdesk::store
