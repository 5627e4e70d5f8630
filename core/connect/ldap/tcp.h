// A TCP connection to a directory server, opened within a time and given up when asked to stop. libldap would
// wait in connect() where no stop token reaches it, and says of every failure only that the server is down.
// Any thread.
#pragma once

#include "core/connect/connector.h"

#include <chrono>
#include <stop_token>
#include <string>

namespace riskdesk::connect {

// The descriptor, whose owner the caller is; -1: `failure` says why (RetryAfter: "notConnected", "cancelled").
[[nodiscard]] int openTcp(const std::string &host, int port, std::chrono::milliseconds within,
                          const std::stop_token &stop, Response &failure);

} // namespace riskdesk::connect
