// Why a server's certificate was not accepted, in words.
//
// The library that speaks TLS for libldap judges the certificate and tells only that it did not accept it. So a second
// connection is judged by OpenSSL against the same authorities, and given up when that is known: nothing is sent over
// it, and what comes out is a sentence, never a permission. Any thread; blocks until
// the server answers or the connection ends.
#pragma once

#include "core/connect/connector.h"

#include <string>

namespace riskdesk::connect {

// The file of authorities of this machine: SSL_CERT_FILE, or OpenSSL's own places; empty when there is none.
[[nodiscard]] std::string machineAuthorities();

// `fd`: a connection where TLS may begin. Refused ("certificate"), or RetryAfter ("notConnected") where the
// two do not come to TLS 1.2 at all, or the certificate is good and it was something else.
[[nodiscard]] Response certificateFault(int fd, const std::string &host, const std::string &authorities);

} // namespace riskdesk::connect
