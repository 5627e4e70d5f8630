// JoinUsers: two stored users turned out to be one; the sign-ins of the one that was known by name alone become the
// other's.
//
// What is stored is to be settled again from the oldest of them on (core/replay/settle.h): what was found of the one is
// withdrawn, and raised of the other, as if both had been one from the start. Where somebody had decided on it, it stays
// with whom it was decided on, since a decision is about what could be seen then; else that user goes afterwards
// (removeUntoldUsers()). Passwords, provider's words and rules move too; what a decision taught the detectors of the one
// does not hold for the other.
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
