// What libldap wants around its calls: owners for its handles, and its values as ours. Only for the sources of this
// folder that call it. One thread for a handle.
#pragma once

#include "core/connect/ldap/session.h"
#include "core/connect/no_broken_pipe.h"

#include <ldap.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace riskdesk::connect {

struct LdapUnbind
{
    void operator()(LDAP *handle) const { ldap_unbind_ext(handle, nullptr, nullptr); }
};
using LdapHandle = std::unique_ptr<LDAP, LdapUnbind>;

struct LdapFreeMessage
{
    void operator()(LDAPMessage *message) const { ldap_msgfree(message); }
};
using LdapMessage = std::unique_ptr<LDAPMessage, LdapFreeMessage>;

[[nodiscard]] timeval timevalOf(std::chrono::milliseconds time);
// libldap asks for values that it may write to, and copies them. The text has to outlive what it is lent to.
[[nodiscard]] berval borrowed(std::string_view text);
[[nodiscard]] std::string textOf(const berval &value);
[[nodiscard]] int descriptorOf(LDAP *handle); // -1: none
[[nodiscard]] LdapEntry entryOf(LDAP *handle, LDAPMessage *message);

} // namespace riskdesk::connect
