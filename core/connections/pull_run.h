// PullRun: what a connected provider has to tell, imported like a log: its users, then sign-ins and the risk that it
// saw itself, from where the last pull ended.
//
// The pages are written to a file without a name beside the directory (mode 0600, gone with the process) and are
// imported in one run when all are there; only then the cursors move. What was pulled twice is recognised. A pull
// that fails, is cancelled or killed leaves the directory as it was, and the next begins at the same place. What came
// of it stands with the connection (pulled). One thread; blocks until the provider has answered.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/connector.h"
#include "core/connections/connections.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace riskdesk::run {

struct PullSummary
{
    std::uint64_t users = 0, records = 0; // that the provider told
    std::string refused; // sentences: which feeds it does not tell, and why; the others were told
    std::optional<ImportSummary> imported; // none when it told nothing
};

// `connector` was opened with `row`. What it is not capable of is left out. Errors: Code::Provider with the
// provider's sentence as detail; Cancelled, StoreBusy and what importLogs() says.
[[nodiscard]] Result<PullSummary> pull(Directory &directory, const action::ConnectorRow &row,
                                       connect::Connector &connector, const ImportOptions &options,
                                       const Clock &clock, std::stop_token stop = {},
                                       const ProgressSink &progress = {});

} // namespace riskdesk::run
