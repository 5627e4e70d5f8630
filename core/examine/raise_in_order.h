// Raise in order: findings and what closes risk by itself, in the order of their times.
//
// A new password that the log tells of, and a second factor given at the very sign-in that is at risk (a
// setting), are ledger events of the engine between those of the findings; what folds into what depends on
// that order. Passwords are kept, so that one read before its sign-ins counts as if it had been read after
// them. In the caller's transaction; one thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/ledger/risk_writer.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::run {

struct PasswordEvent
{
    EventKey key{};
    std::uint32_t user = 0;
    Timestamp at;
    PasswordChange what = PasswordChange::ChangedByUser;
    std::string by;
};
// The user is filled in by the caller.
[[nodiscard]] PasswordEvent passwordEvent(const PasswordRecord &record);

struct KeptPasswords
{
    std::uint64_t fresh = 0; // were not known
    // The oldest sign-in of an open finding that others were folded into on both sides of a fresh one: they are two.
    std::optional<std::int64_t> splitFrom;
};
[[nodiscard]] Result<KeptPasswords> keepPasswords(store::Connection &connection,
                                                  std::span<const PasswordEvent> passwords);
// Both in time order. Passwords that were kept earlier take their places among them.
[[nodiscard]] Result<ledger::RaiseCounts> raiseInOrder(store::Connection &connection, const Clock &clock,
                                                       std::vector<ledger::RaisedDetection> &&raised,
                                                       std::span<const PasswordEvent> passwords);
// Closes what is open although a kept password came after it: what was found late.
[[nodiscard]] Status settlePasswords(store::Connection &connection, const Clock &clock);

} // namespace riskdesk::run
