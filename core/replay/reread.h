// Reread: late facts. When a list or a file of places arrives, what is stored is looked at again with it.
//
// Every stored sign-in is examined anew, in order, by an engine that begins empty and knows today's lists. So
// afterwards the detectors' memory is what it would be had the list been there from the start, the next
// import goes on from there, and explain tells the same. New findings on sign-ins of the last
// `intelligence.rereadDays` days (counted back from the newest sign-in) become offline detections; nothing
// that was found is ever taken away. An indicator that matches too much of what is stored is set aside first.
//
// Examines in memory, writes in one transaction at the end: cancelled or killed, nothing has changed. Cost
// grows with what is stored, a few microseconds a sign-in. One thread, under the import lease.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/directory/directory.h"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace riskdesk::run {

struct RereadSummary
{
    std::uint64_t signIns = 0;    // looked at again
    std::uint64_t detections = 0; // new
    std::uint64_t silenced = 0;   // new findings that a suppression rule kept from being one
    std::uint64_t usersAtRisk = 0;
    std::vector<std::string> notices;      // whole sentences: indicators that were set aside
    std::vector<Error> warningsAboutLists; // files that are gone or broken; the rest was used
};

// Does nothing in a trial directory and when `intelligence.rereadDays` is 0. Code::StoreBusy while an import
// runs, Cancelled.
[[nodiscard]] Result<RereadSummary> reread(Directory &directory, const Clock &clock,
                                           std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
