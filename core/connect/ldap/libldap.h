// What libldap wants around its calls: owners for its handles, and its values as ours. Only for the sources of this
// folder that call it. One thread for a handle.
#pragma once

#include "core/connect/ldap/session.h"

#include <ldap.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>

namespace riskdesk::connect {

// libldap writes to a connection that may be broken, which would end a program that does not ignore SIGPIPE. Kept
// from this thread, and taken away when it came meanwhile.
class NoBrokenPipe
{
public:
    NoBrokenPipe();
    ~NoBrokenPipe();
    NoBrokenPipe(const NoBrokenPipe &) = delete;
    NoBrokenPipe &operator=(const NoBrokenPipe &) = delete;

private:
    sigset_t m_pipe{}, m_before{};
    bool m_wasPending = false;
};

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
