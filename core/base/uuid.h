// A random UUID (version 4, RFC 9562 section 5.4), in lower case. Any thread.
#pragma once

#include <string>

namespace riskdesk {

[[nodiscard]] std::string makeUuid();

} // namespace riskdesk
