// What the settings of a connection say of signing in with a code (device_code.h) at the Microsoft identity platform.
//
// A kind whose connections are signed in to has the secret "refreshToken" among its settings, under which the refresh
// token is kept for TokenSource, and the settings of an app registration: tenant, clientId, loginUrl, graphUrl, caFile
// and, for one that is no public client, the secret clientSecret. Any thread.
#pragma once

#include "core/connect/kind.h"
#include "core/connect/oauth/device_code.h"

namespace riskdesk::connect {

inline constexpr std::string_view refreshTokenKey = "refreshToken";

[[nodiscard]] bool signsIn(const Kind &kind);
// The settings have been checked for such a kind. What is asked for: all that the app registration may do for the
// person, a refresh token, and who it was.
[[nodiscard]] DeviceCode::SetUp deviceSetUp(const Settings &settings, const Secrets &secrets);

} // namespace riskdesk::connect
