// Error text: the sentence a person reads when something went wrong: what happened, why, what to do. The code
// and the library's own words belong under "Details" (errorDetails).
#pragma once

#include "core/base/error.h"

#include <QString>

namespace riskdesk::models {

[[nodiscard]] QString errorText(const Error &error);
[[nodiscard]] QString errorDetails(const Error &error);

} // namespace riskdesk::models
