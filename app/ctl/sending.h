// What waits in the outbox is sent by this process, and what comes of it is printed: a line or an object for each
// request, and a temporary password this once.
#pragma once

#include "core/connections/courier.h"
#include "core/query/json_object.h"

#include "app/ctl/command_line.h"
#include "app/ctl/secrets.h"

#include <cstdint>
#include <memory>
#include <stop_token>

namespace riskdesk::run {
class Directory;
}

namespace riskdesk::ctl {

[[nodiscard]] query::JsonObject outboxJson(const action::OutboxRow &row);
// `alone`: a password has a line of its own, for whoever asked for one.
void printSettled(const dispatch::Settled &settled, Format format, bool alone = false);

// run::carry() with secrets that are open already, until there is no more to send or the stop.
[[nodiscard]] Status carryHere(const Common &common, std::unique_ptr<connect::SecretStore> secrets,
                               run::CourierOptions how, std::stop_token stop);

// Sends what a command put into the outbox, or waits for the process that carries it, and says what waits still. 0
// where all of it is done. A password of a single user is the last line.
[[nodiscard]] int sendCommand(const Common &common, run::Directory &directory, std::int64_t command,
                              const SecretsOptions &where, Format format, std::stop_token stop);

} // namespace riskdesk::ctl
