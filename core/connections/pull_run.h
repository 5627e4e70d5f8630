// PullRun: what a connected provider has to tell, imported like a log: its users, then sign-ins and the risk that it
// saw itself, from where the last pull ended.
//
// The pages are written to a file without a name beside the directory (mode 0600, gone with the process) and are
// imported a batch at a time; only then the cursors move behind them, to the page that follows. What was pulled twice
// is recognised. A page that is not to be had now (throttled, a connection that broke) is waited for and asked for
// again; where that does not help, or the pull is cancelled, what was brought is kept and the next pull goes on at
// that page. A process that is killed loses the batch in hand, which the next pull brings again. What came of it
// stands with the connection (pulled). One thread; blocks until the provider has answered.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/connector.h"
#include "core/connections/connections.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace riskdesk::run {

struct PullSummary
{
    std::uint64_t users = 0, records = 0; // that the provider told
    std::string refused; // sentences: what it does not tell, or not to the end, and why; the rest was told
    bool goesOn = false; // not all was told: the next pull goes on where this one had to end
    std::optional<ImportSummary> imported; // none when it told nothing
};

struct PullOptions
{
    std::uint32_t tries = 5;                     // of one page
    Microseconds base = std::chrono::seconds(1); // the first wait, doubled, where the provider names none
    Microseconds longestWait = std::chrono::minutes(5); // more than that is left to the next pull
    std::uint64_t batchBytes = std::uint64_t{64} << 20; // of records that are imported at once
    std::function<void(Microseconds)> sleep;            // ends early at a stop; none: the machine's own time
};

// `connector` was opened with `row`. What it is not capable of is left out. Where the pull was cancelled or broke off
// with some records brought, that is a summary that says so. ImportOptions::who needs what importLogs() needs, before the
// provider is asked. Errors: NotAllowed; Code::Provider with the provider's sentence as detail; Cancelled,
// StoreBusy and what importLogs() says.
[[nodiscard]] Result<PullSummary> pull(Directory &directory, const action::ConnectorRow &row,
                                       connect::Connector &connector, const ImportOptions &options,
                                       const Clock &clock, std::stop_token stop = {},
                                       const ProgressSink &progress = {}, const PullOptions &how = {});

} // namespace riskdesk::run
