// Client assertion: a signed statement by which a program proves to a token endpoint that it holds a certificate's
// key, in place of a secret (private_key_jwt: RFC 7523 section 2.2, OpenID Connect Core section 9).
//
// A JWT with the claims iss, sub, aud, jti, iat, nbf and exp, valid for ten minutes, and the certificate's thumbprint
// in the header (x5t#S256, RFC 7515 section 4.1.8). Any thread.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/connect/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk::connect {

enum class SigningAlgorithm : std::uint8_t { Rs256, Ps256 }; // RFC 7518 sections 3.3 and 3.5

// `file`: PEM with the certificate and its RSA key of at least 2048 bits, in any order, the key without a password.
// Code::Io or Code::Malformed with the file as subject.
[[nodiscard]] Result<Secret> clientAssertion(const std::string &file, SigningAlgorithm algorithm,
                                             std::string_view clientId, std::string_view audience,
                                             Timestamp now);

} // namespace riskdesk::connect
