// Imports: what each run read, newest first.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::query {

struct ImportRow
{
    std::int64_t id = 0;
    Timestamp startedAt;
    std::optional<Timestamp> finishedAt;
    std::string outcome;
    std::vector<std::string> files;
    std::int64_t read = 0, stored = 0, duplicates = 0, notSignIns = 0, rejected = 0, warnings = 0,
                 detections = 0, usersAtRisk = 0;
    double seconds = 0;
};
// Newest first.
[[nodiscard]] Result<std::vector<ImportRow>> readImports(store::Connection &connection,
                                                         std::size_t atMost = 100);

} // namespace riskdesk::query
