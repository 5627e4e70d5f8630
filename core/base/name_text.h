// What somebody may call a thing: an operator, a token, a connection. Any thread.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace riskdesk {

// The text without the blanks around it. `what` begins the sentence of a refusal: "The name of the token".
// Code::WrongUsage for what is empty, is not UTF-8, has control characters (C0, DEL, C1) or more than `longest`
// characters.
[[nodiscard]] Result<std::string> nameText(std::string_view text, std::string_view what, std::size_t longest);

} // namespace riskdesk
