// What people read for an operating system: its maker's spelling, "iOS 17" where a log says "Ios 17",
// "Windows 10" for "Windows10". Only for the eye: stored values, filters and Graph's JSON keep the log's
// words. Unknown names come back as they are.
#pragma once

#include <string>
#include <string_view>

namespace riskdesk::query {

[[nodiscard]] std::string systemName(std::string_view logged);

} // namespace riskdesk::query
