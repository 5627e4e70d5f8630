// KeepBeginning: before sign-ins are deleted as old, what the detectors knew behind the newest of them is kept.
//
// The sign-ins up to there are played again, from the beginning that was kept before, else into an empty memory, under
// today's lists and settings. What is examined again later begins there (core/examine/detector_memory.h): nothing that
// was deleted is missing to it.
//
// Where sign-ins had been deleted before beginnings were kept, the first is made of what is left; findings then stay as
// they are up to the time that it takes to learn as well (learntBy()). Costs what the stretch costs, and the size of the
// detectors' memory on disk. One thread, under the import lease.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <cstdint>
#include <stop_token>

namespace riskdesk::store {
class ImportLease;
}

namespace riskdesk::run {

// Of all sign-ins up to `upTo`, which are stored and settled. Examines in memory, writes in one transaction; does nothing
// in a trial directory, where nothing is judged, and where that is in the beginning already. Cancelled.
[[nodiscard]] Status keepBeginning(store::Connection &connection, store::ImportLease &lease,
                                   std::int64_t upTo, std::stop_token stop = {},
                                   const ProgressSink &progress = {});

} // namespace riskdesk::run
