// Backup: a whole directory file copied while others go on writing to it.
//
// The copy shows one moment, that in which it began. It is made beside its place under another name, looked
// through, synced, and only then gets its name, so a file of that name is always a whole one. Nothing that is
// there is replaced. Mode 0600, as the directory itself: it holds the same.
//
//     auto made = copyDirectory(reader, "shop-2026-03.riskdesk", {}, stop, progress);
//
// The log beside the source is not cut while the copy runs, so it grows by what is written meanwhile. Who
// opens the copy goes on where the source was: what waits in the outbox then waits in both.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

namespace riskdesk::store {

// `reader` is of openForReading() and has no transaction open. `beforeNamed` is asked when the copy is whole:
// what it cannot do ends the backup, and nothing is left. Returns the bytes of the copy. Progress: phase
// "copy", pages. Code::Conflict when the target or a log beside it exists; StoreCorrupt when the copy is not
// sound, as then the source is not; Cancelled, DiskFull, ReadOnly, Io.
[[nodiscard]] Result<std::uint64_t> copyDirectory(Connection &reader, const std::filesystem::path &target,
                                                  const std::function<Status()> &beforeNamed = {},
                                                  std::stop_token stop = {},
                                                  const ProgressSink &progress = {});

} // namespace riskdesk::store
