// A stored connection, its secrets and its kind make a connector. Any thread; the secrets' store is asked on it.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/connector.h"
#include "core/connect/secret_store.h"
#include "core/connections/connections.h"

#include <memory>

namespace riskdesk::run {

// The secrets that the settings of a kind name, of those that are there. `store` may be null where there is none.
[[nodiscard]] Result<connect::Secrets> secretsOf(const action::ConnectorRow &row, const connect::Kind &kind,
                                                 connect::SecretStore *store);
// Unsupported for a kind that this program does not know; WrongUsage for what is missing, with its key as subject;
// the errors of the secrets' store. The clock and the store outlive the connector.
[[nodiscard]] Result<std::unique_ptr<connect::Connector>>
openConnector(const action::ConnectorRow &row, connect::SecretStore *store, const Clock &clock);

} // namespace riskdesk::run
