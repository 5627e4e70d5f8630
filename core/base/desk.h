// Desk: who sits at this machine, as the system says.
#pragma once

#include <string>

namespace riskdesk {

// The name of the account that runs this process, "uid 1000" when it has none.
[[nodiscard]] const std::string &desktopAccount();
[[nodiscard]] const std::string &hostName();

} // namespace riskdesk
