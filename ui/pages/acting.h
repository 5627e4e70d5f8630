// Acting: who acts in a window, asked of the store each time anew, since an administrator may have changed it
// meanwhile. Not on the GUI thread.
#pragma once

#include "core/action/operators.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <chrono>
#include <optional>
#include <vector>

namespace riskdesk::pages {

// The operator whose passphrase was right in this window; nothing: the desktop account speaks for itself.
using SignedIn = std::optional<action::NamedOperator>;

// The role is the one of now. NotAllowed where the account is no operator, and where who signed in is none any
// more; other errors are the store's.
[[nodiscard]] Result<action::Operator> whoActs(store::Connection &connection, const Clock &clock,
                                               const SignedIn &signedIn);

struct Acting
{
    std::optional<action::Operator> who; // nobody: as whoActs() refuses
    std::vector<action::NamedOperator> named;
    std::chrono::minutes lockAfter{15}; // console.lockAfterMinutes; 0: never
};
// Errors are the store's.
[[nodiscard]] Result<Acting> readActing(store::Connection &connection, const Clock &clock,
                                        const SignedIn &signedIn);

} // namespace riskdesk::pages
