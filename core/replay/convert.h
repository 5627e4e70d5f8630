// Convert: a trial directory becomes one for production, and what it stores is judged from the first sign-in on.
//
// Afterwards findings, levels and campaigns are those of the same logs imported into a directory for production.
// Only low findings that are old by now are not closed yet: ledger::ageLowDetections() does that, as after an import.
//
// Imports of a trial leave all they store unsettled. The kind changes first, in a transaction with its audit record; what follows is a settle (settle.h). Stopped, the
// directory is one for production whose sign-ins wait, and the next import, settle or opening of the console judges
// them. A process that opened the directory before goes on storing without judging, and leaves that to the next settle.
//
// One thread. Needs Permission::Settings.
#pragma once

#include "core/domain/permissions.h"
#include "core/replay/settle.h"

namespace riskdesk::run {

// Code::NotAllowed, Conflict when it is for production already, StoreBusy while an import runs, Cancelled, and the errors of settle().
[[nodiscard]] Result<SettleSummary> convert(Directory &directory, const Operator &who, const Clock &clock,
                                            std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
