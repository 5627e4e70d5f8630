// Signing in to a connection with a code (core/connect/oauth/device_code.h): what to ask the provider for, and where what
// it grants is kept. Between the two a person signs in in a browser. On the connection's thread.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/oauth/device_set_up.h"
#include "core/connect/secret_store.h"
#include "core/store/connection.h"

#include <string_view>

namespace riskdesk::run {

// NotAllowed, before somebody signs in for nothing; NotFound; Unsupported for a kind that is not signed in to.
[[nodiscard]] Result<connect::DeviceCode::SetUp> signInSetUp(store::Connection &connection,
                                                             const action::Operator &who,
                                                             std::string_view name,
                                                             connect::SecretStore &secrets);
// The refresh token goes to the secrets, and a record of the change, without it, to the audit log. The same errors.
[[nodiscard]] Status keepSignIn(store::Connection &connection, const Clock &clock,
                                const action::Operator &who, std::string_view name,
                                connect::SecretStore &secrets, const connect::Secret &refreshToken);

} // namespace riskdesk::run
