// Progress of long work. The sink may be called from any worker thread, at most ten times a second and once
// more at the end; it must not block. Cancelling is a std::stop_token beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace riskdesk {

struct Progress
{
    std::string_view phase;  // stable key: "read", "detect", "settle", "store", "verify"
    std::uint64_t done = 0;  // bytes, rows or users, as the phase says
    std::uint64_t total = 0; // 0: not known
};

using ProgressSink = std::function<void(const Progress &)>;

} // namespace riskdesk
