// JoinUsers: two stored users turned out to be one; the sign-ins of the one that was known by name alone become the
// other's.
//
// What is stored is to be settled again from the oldest of them on (core/replay/settle.h): what was found of the one is
// withdrawn, and raised of the other, as if both had been one from the start; then the user goes (removeUntoldUsers()).
// Passwords, the provider's words and rules move too. Nobody had decided anything on it (UserBook).
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/examine/user_book.h"

#include <functional>
#include <optional>
#include <span>

namespace riskdesk::run {

// The oldest sign-in that moved; nothing: none did. Inside the caller's transaction, after writeUsers(); `tick` after
// every segment.
[[nodiscard]] Result<std::optional<Timestamp>> moveSignIns(store::Connection &connection,
                                                           std::span<const UserChanges::Joined> joined,
                                                           const std::function<Status()> &tick);

} // namespace riskdesk::run
