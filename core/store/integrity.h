// Integrity: is a directory file whole? SQLite's own check, foreign keys, the checksum of every column and
// dictionary page, the sizes of segments.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::store {

class Connection;

// One sentence per finding; empty when all is well. Code::Cancelled when stopped.
[[nodiscard]] Result<std::vector<std::string>> verifyStore(Connection &connection, std::stop_token stop = {},
                                                           const ProgressSink &progress = {});

} // namespace riskdesk::store
