// LdapAddress: where a directory server listens, and how TLS begins there.
//
// "ldaps://host[:636]" speaks TLS from the first byte; "ldap://host[:389]" asks for it with StartTLS (RFC 4511
// section 4.14) before anything else is sent. There is no third way. Any thread.
#pragma once

#include <optional>
#include <string>

namespace riskdesk::connect {

struct LdapAddress
{
    std::string host; // without the brackets of an IPv6 address
    int port = 636;
    bool startTls = false;

    // Scheme, host and port; a base, a filter or anything else behind them: none.
    [[nodiscard]] static std::optional<LdapAddress> parse(const std::string &text);
    [[nodiscard]] std::string uri() const; // as libldap reads it
};

} // namespace riskdesk::connect
