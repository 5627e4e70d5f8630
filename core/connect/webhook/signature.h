// How a message to a webhook is signed, as Standard Webhooks do (github.com/standard-webhooks/standard-webhooks,
// version 1.0.0): the headers webhook-id, webhook-timestamp (seconds) and webhook-signature, "v1," with the base64
// of HMAC-SHA256 over "id.timestamp.body". A receiver that has seen an id leaves the message out.
//
// For all that post messages: the connector and the continuous export. Any thread.
#pragma once

#include "core/base/timestamp.h"
#include "core/connect/https_client.h"
#include "core/connect/secret.h"

#include <string>
#include <string_view>

namespace riskdesk::connect {

// The key is the secret's base64 behind "whsec_", else the secret's own bytes.
[[nodiscard]] Secret signingKey(const Secret &secret);

// {"type","timestamp","data"}; `data` is JSON already.
[[nodiscard]] std::string messageBody(std::string_view type, Timestamp at, std::string_view data);

// The three headers of one attempt, made at `now`. The id stays the same for every attempt.
[[nodiscard]] HttpsClient::Headers signedHeaders(const Secret &key, const std::string &id, Timestamp now,
                                                 std::string_view body);

} // namespace riskdesk::connect
