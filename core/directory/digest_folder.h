// The one setting that is a text: where the page of each finished week is put (core/query/digest.h reads it).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/permissions.h"
#include "core/store/connection.h"

#include <string_view>

namespace riskdesk::run {

// Empty: nowhere. With its record in the audit log, in one transaction; nothing where it is that folder already.
// Needs Permission::Settings. Code::NotAllowed, WrongUsage for a folder that does not begin at the root.
[[nodiscard]] Status setDigestFolder(store::Connection &connection, const Clock &clock, const Operator &who,
                                     std::string_view folder);

} // namespace riskdesk::run
