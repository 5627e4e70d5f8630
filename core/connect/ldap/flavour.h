// LdapFlavour: what OpenLDAP and Active Directory call the same things. Any thread.
#pragma once

#include "core/connect/ldap/session.h"

#include <optional>
#include <span>
#include <string_view>

namespace riskdesk::connect {

// pwdAccountLockedTime of an account that only an administrator unlocks (slapo-ppolicy(5)).
inline constexpr std::string_view lockedForGood = "000001010000Z";

struct LdapFlavour
{
    std::string_view id, dn;                 // attributes: what never changes, and the entry's own name
    std::string_view state, changedAt;       // of the account, and of its password
    std::span<const std::string_view> login; // names people sign in with, the one to show first
    std::string_view people;                 // a filter of accounts
    std::string_view resetRight, blockRight; // what the account that binds needs
    // None where it cannot be read.
    std::optional<bool> (*isBlocked)(const LdapEntry &);
};

extern const LdapFlavour openLdapFlavour, activeDirectoryFlavour;

} // namespace riskdesk::connect
