// VerifyRun: is the file sound, and does every state follow from the ledger?
#pragma once

#include "core/base/progress.h"
#include "core/run/directory.h"

#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

// One sentence per finding; empty when all is well. Reads everything: SQLite's own integrity check, the
// checksum of every column and dictionary page, foreign keys, and the fold of the ledger against the stored
// standings.
[[nodiscard]] Result<std::vector<std::string>>
verifyDirectory(Directory &directory, std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
