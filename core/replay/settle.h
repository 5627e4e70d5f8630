// Settle: what is stored is examined again, in its order, after something came that belongs before what had
// been examined already: sign-ins behind the newest one, a list, a file of places.
//
// Findings are a function of the sign-ins, the lists and the settings (each from where it holds on,
// core/directory/tunings.h), and not of the order in which they came.
// So afterwards findings, campaigns and the detectors' memory are what they would be had everything been there
// from the start, the next import goes on from there, and explain tells the same. What is found anew is an
// offline detection; what is not found any more is withdrawn, unless somebody decided on it
// (core/examine/settle_findings.h).
//
// What is own traffic (core/detect/own_traffic.h) is found on the way; where that is not what is written down, all is
// settled again with what was found, so that an indicator raises nothing on earlier sign-ins either.
//
// Begins with what the memory knows, or knew at the newest rewind point that all that came lies behind; else at the kept
// beginning, or with an empty memory where none was kept. Examines in memory, writes in one transaction at the end: cancelled or killed, nothing has changed, and the next run does it
// again. Then users of an import that was undone go, of whom nothing tells any more.
// Costs what the stretch costs, a few microseconds a sign-in. One thread, under the import lease.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/directory/directory.h"
#include "core/domain/intelligence.h"
#include "core/domain/permissions.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::store {
class ImportLease;
}

namespace riskdesk::run {

struct SettleSummary
{
    std::uint64_t signIns = 0;    // looked at again
    std::uint64_t detections = 0; // new
    std::uint64_t withdrawn = 0;  // that went
    std::uint64_t kept = 0;       // that are not found any more and stay, as somebody decided on them
    std::uint64_t silenced = 0;   // new findings that a suppression rule kept from being one
    std::uint64_t usersAtRisk = 0;
    std::uint64_t campaigns = 0; // compareFindings(): that are stored otherwise, or not, or should not be
    std::uint64_t setAside = 0;  // and indicators: own traffic that is not set aside, or the other way round
    std::uint64_t usersGone = 0; // who had come with an import that was undone
    std::int64_t formerUntil =
        beginningOfTime; // compareFindings(): earlier ones were not (core/ledger/former_findings.h)
    std::vector<std::string> notices;      // whole sentences: indicators that were set aside
    std::vector<Error> warningsAboutLists; // files that are gone or broken; the rest was used
};

// The oldest stored sign-in that was never examined in its order; nothing: all is settled.
[[nodiscard]] Result<std::optional<Timestamp>> unsettledFrom(store::Connection &connection);

// Findings on sign-ins up to there stay as they are when everything is examined again, since what was there was deleted as
// old (core/retain/retention.h).
[[nodiscard]] Result<std::int64_t> learntBy(store::Connection &connection);

// Empties the detectors' memory and leaves everything that is stored unsettled, as if it had come in one import that
// was stopped before anything was examined. Inside the caller's transaction, under the import lease.
[[nodiscard]] Status unsettleAll(store::Connection &connection);

// From the oldest unsettled sign-in on. Examines nothing where there is none, and in a trial directory.
// Code::Cancelled; StoreCorrupt where the detectors' memory is damaged.
[[nodiscard]] Result<SettleSummary> settle(Directory &directory, store::ImportLease &lease,
                                           const Clock &clock, std::stop_token stop = {},
                                           const ProgressSink &progress = {});
// The same with the lease taken for it; Code::StoreBusy while an import runs.
[[nodiscard]] Result<SettleSummary> settle(Directory &directory, const Clock &clock,
                                           std::stop_token stop = {}, const ProgressSink &progress = {});

// Everything, because lists changed. Only findings on sign-ins of the last `intelligence.rereadDays` days
// (counted back from the newest sign-in) are raised or withdrawn. Does nothing in a trial directory and when `intelligence.rereadDays` is 0.
// Needs Permission::Intelligence. Code::NotAllowed, StoreBusy while an import runs, Cancelled.
[[nodiscard]] Result<SettleSummary> reread(Directory &directory, const Operator &who, const Clock &clock,
                                           std::stop_token stop = {}, const ProgressSink &progress = {});

// A changed setting holds for what is examined from then on. This makes today's hold for all that is stored.
// Needs Permission::Settings. Code::NotAllowed, Unsupported in a trial directory, StoreBusy while an import runs, Cancelled:
// then nothing has changed.
[[nodiscard]] Result<SettleSummary> settleByToday(Directory &directory, const Operator &who,
                                                  const Clock &clock, std::stop_token stop = {},
                                                  const ProgressSink &progress = {});

// What settling everything would find and withdraw, by all that is stored and today's lists; changes nothing. By the
// settings as they held, all counts nothing proves that the stored findings are those of the sign-ins, behind those of
// former lists; by the settings of today it is what settleByToday() would do.
// Unsupported in a trial directory; Code::StoreBusy while an import runs, Cancelled.
enum class Settings { AsTheyHeld, OfToday };
[[nodiscard]] Result<SettleSummary> compareFindings(Directory &directory, const Clock &clock,
                                                    Settings settings = Settings::AsTheyHeld,
                                                    std::stop_token stop = {},
                                                    const ProgressSink &progress = {});

} // namespace riskdesk::run
