// A file without a name: what a run keeps for itself and nobody else is to find; gone with the process. Any thread.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string_view>

namespace riskdesk::run {

// Of mode 0600, in the folder, so that it has the room that the directory has. A descriptor to be closed. ReadOnly,
// DiskFull, Io.
[[nodiscard]] Result<int> namelessFile(const std::filesystem::path &folder);
// Behind what was written before. DiskFull, Io with the folder as subject.
[[nodiscard]] Status append(int descriptor, std::string_view text, const std::filesystem::path &folder);

} // namespace riskdesk::run
