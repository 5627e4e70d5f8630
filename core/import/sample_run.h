// SampleRun: a believable directory with attacks in it, made by our generator and judged by our engine.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/import/import_run.h"

#include <filesystem>
#include <stop_token>

namespace riskdesk::run {

struct SampleRequest
{
    unsigned users = 4000;
    unsigned days = 90;
    std::uint64_t seed = 1;
    Timestamp end; // exclusive; its day's beginning is not rounded
};

// Makes the directory file (Code::Conflict when it exists), adds the sample's lists, imports its users and
// sign-ins. When stopped, the file is removed.
[[nodiscard]] Result<ImportSummary> makeSample(const std::filesystem::path &file,
                                               const SampleRequest &request, const Clock &clock,
                                               std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
