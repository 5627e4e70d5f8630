// What an audited activity did to a password; the same activities stand in directory audits and in the
// unified audit log. Any thread; takes hostile text.
#pragma once

#include "core/domain/account.h"

#include <optional>
#include <string_view>

namespace riskdesk::ingest::entra {

// Nothing when it is another activity. `own`: who did it and whose password it is are the same.
[[nodiscard]] std::optional<PasswordChange> passwordChange(std::string_view activity, std::string_view reason,
                                                           std::string_view by, bool own);

} // namespace riskdesk::ingest::entra
