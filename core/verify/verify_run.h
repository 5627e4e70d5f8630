// VerifyRun: is the file as it was written, and does every state follow from the ledger?
#pragma once

#include "core/base/progress.h"
#include "core/directory/directory.h"
#include "core/ledger/audit_chain.h"

#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

// One sentence per finding; empty when all is well. Reads everything, in one picture of the file: SQLite's
// own integrity check, the checksum of every column and dictionary page, foreign keys, the seals of all
// tables, numbers and settings that mean nothing, the detectors' memory, the chain of the audit log, and the fold of
// the ledger against the stored standings. `anchor`: a record that the audit log once had, as it was kept outside of
// the file; without one a log whose end was cut off, or that was written anew with all its digests, is not found.
// Code::Cancelled.
[[nodiscard]] Result<std::vector<std::string>>
verifyDirectory(Directory &directory, std::stop_token stop = {}, const ProgressSink &progress = {},
                const std::optional<ledger::AuditHead> &anchor = {});

} // namespace riskdesk::run
