#include "core/connect/ldap/flavour.h"

#include "core/connect/ldap/values.h"

#include <array>

namespace riskdesk::connect {
namespace {

constexpr std::array<std::string_view, 1> openLdapLogin = {"uid"};
constexpr std::array<std::string_view, 2> activeDirectoryLogin = {"userPrincipalName", "sAMAccountName"};

// Who may write the attribute may read it (slapd.access(5): a level includes the lower ones), so that none is
// an account without a lock. A time is a lock after wrong passwords, which ends by itself.
std::optional<bool> isLockedForGood(const LdapEntry &entry)
{
    return entry.first(openLdapFlavour.state) == lockedForGood;
}

std::optional<bool> isDisabled(const LdapEntry &entry)
{
    const auto flags = userAccountControl(entry.first(activeDirectoryFlavour.state));
    return flags ? std::optional((*flags & accountDisabled) != 0) : std::nullopt;
}

} // namespace

const LdapFlavour openLdapFlavour = {"entryUUID",
                                     "entryDN",
                                     "pwdAccountLockedTime",
                                     "pwdChangedTime",
                                     openLdapLogin,
                                     "(objectClass=*)",
                                     "write access to userPassword",
                                     "write access to pwdAccountLockedTime",
                                     &isLockedForGood};

const LdapFlavour activeDirectoryFlavour = {"objectGUID",
                                            "distinguishedName",
                                            "userAccountControl",
                                            "pwdLastSet",
                                            activeDirectoryLogin,
                                            "(&(objectClass=user)(!(objectClass=computer)))",
                                            "the right \"Reset password\" and the one to write pwdLastSet",
                                            "the right to write userAccountControl",
                                            &isDisabled};

} // namespace riskdesk::connect
