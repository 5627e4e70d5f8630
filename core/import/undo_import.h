// Undo of an import: the newest one that stored sign-ins is taken out again.
//
// Its sign-ins go, with the rejects it left and with users of whom nothing else tells. Then what is left is settled
// (core/replay/settle.h), so that findings, campaigns, risk and the detectors' memory are those of a directory that
// never had it; the ledger tells what was withdrawn. What is found again is an offline detection, and what had closed by
// age stays closed. Texts stay, and so does what the files said besides sign-ins: users,
// passwords, the provider's own word. The import's row stays as "undone", and its files may be imported again; a
// connection goes on from where it was and does not bring again what it had brought.
//
// Refused while somebody has decided on a finding of its sign-ins: that decision is undone first.
//
// Takes out in one transaction, then settles in another. Killed in between, the next import or `settle` finishes, users and all. On
// the directory's thread.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/directory/directory.h"
#include "core/replay/settle.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

struct ImportToUndo
{
    std::int64_t run = 0; // import_run.id
    Timestamp startedAt;
    std::vector<std::string> files;
    std::uint64_t signIns = 0;
};
// Which one it would be, whether or not it may be. Code::NotFound when no import stored sign-ins.
[[nodiscard]] Result<ImportToUndo> importToUndo(store::Connection &connection);

struct UndoneImport
{
    ImportToUndo import;
    SettleSummary settled;
};
// `run`: the one that was shown. Code::Conflict where it is not the newest any more, where somebody decided on what it
// found, and where so much older was deleted that nobody could tell what is left without it; NotAllowed, NotFound,
// StoreBusy while an import runs. Code::Cancelled before anything is taken out, or between that and the settling.
[[nodiscard]] Result<UndoneImport> undoImport(Directory &directory, std::int64_t run,
                                              const action::Operator &who, const Clock &clock,
                                              std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
