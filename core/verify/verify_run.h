// VerifyRun: is the file as it was written, and does every state follow from the ledger?
#pragma once

#include "core/base/progress.h"
#include "core/directory/directory.h"

#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

// One sentence per finding; empty when all is well. Reads everything, in one picture of the file: SQLite's
// own integrity check, the checksum of every column and dictionary page, foreign keys, the seals of all
// tables, numbers and settings that mean nothing, the detectors' memory, and the fold of the ledger against
// the stored standings. Code::Cancelled.
[[nodiscard]] Result<std::vector<std::string>>
verifyDirectory(Directory &directory, std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
