// The providers whose logs are read, and their formats. Any thread.
#pragma once

#include "core/ingest/provider.h"

#include <span>

namespace riskdesk::ingest {

// Those that are the same for everybody, in the order in which they are asked whose log it is.
[[nodiscard]] std::span<const Provider *const> providers();

[[nodiscard]] const Provider &providerOf(const Format &format);
[[nodiscard]] const FormatInfo &infoOf(const Format &format);

} // namespace riskdesk::ingest
