// LdapConnector: resets passwords and blocks accounts in a directory server (LDAP version 3), as OpenLDAP or as
// Active Directory wants it.
//
//                OpenLDAP                                      Active Directory
//   reset        Password Modify (RFC 3062), pwdReset TRUE     unicodePwd, and pwdLastSet 0: to be changed at once
//   block        pwdAccountLockedTime 000001010000Z            ACCOUNTDISABLE of userAccountControl
//                (slapo-ppolicy(5); the policy in force has to say pwdLockout TRUE)
//   read back    pwdChangedTime                                pwdLastSet
//   called       entryUUID                                     objectGUID
//
// An account is found by that identifier or its DN when the request has one, and by nothing else then: an account made
// anew under the same name is somebody else's. Without one it is found by its login attribute or mail address. It has
// to be the only one, and is read over the same connection before it is changed (session.h).
#pragma once

#include "core/connect/kind.h"
#include "core/connect/ldap/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

// Of an address and of the name of an attribute, for what is checked before a connector is made.
[[nodiscard]] bool isLdapAddress(const std::string &text);
[[nodiscard]] bool isLoginAttribute(const std::string &text);

struct LdapFlavour;

class LdapConnector final : public Connector
{
public:
    enum class Server : std::uint8_t { OpenLdap, ActiveDirectory };
    static constexpr ProviderCapabilities able =
        bit(ProviderOperation::ResetPassword) | bit(ProviderOperation::Block) |
        bit(ProviderOperation::Unblock) | bit(ProviderOperation::ListUsers);
    static constexpr std::string_view addressExpected =
        "it has to be an address like ldaps://ldap.example.com or ldap://ldap.example.com:389";
    static constexpr SettingSpec settings[] = {
        {"url", SettingSpec::Form::Text, true, "Address",
         "Of the server: ldaps://, or ldap://, which begins TLS before anything is sent.", &isLdapAddress,
         addressExpected},
        {"baseDn", SettingSpec::Form::Text, true, "Base DN", "The entry below which the accounts are."},
        {"bindDn", SettingSpec::Form::Text, true, "Bind DN", "The account that Riskdesk does its work with."},
        {"password", SettingSpec::Form::Secret, true, "Bind password", "Of that account."},
        {"loginAttribute", SettingSpec::Form::Text, false, "Login attribute",
         "Holds the name people sign in with; uid for OpenLDAP, userPrincipalName or sAMAccountName for "
         "Active Directory if left empty.",
         &isLoginAttribute, "it has to be the name of an attribute"},
        {"caFile", SettingSpec::Form::File, false, "Certificate file",
         "A PEM file to trust instead of this machine's certificates."},
        userBy,
    };
    static constexpr int pageSize = 500; // users; Active Directory gives at most 1000

    LdapConnector(SetUp &&setUp, Server server, LdapTimes times = {}); // checked
    [[nodiscard]] Response test() override;
    [[nodiscard]] Response precondition(const Request &request, std::string &precondition) override;
    [[nodiscard]] Response perform(const Request &request) override;
    [[nodiscard]] Response reconcile(const Request &request, const std::string &precondition,
                                     Reconciled &outcome) override;
    // `next` is the server's place in the list and often good for this connection only: "listLost" (RetryAfter) asks
    // to begin anew.
    [[nodiscard]] Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                     std::string &following) override;

private:
    [[nodiscard]] Response find(const Request &request, LdapEntry &entry);
    [[nodiscard]] Response findBy(const std::string &filter, std::vector<LdapEntry> &entries);
    [[nodiscard]] Response resetPassword(const LdapEntry &entry, const Secret *password);
    [[nodiscard]] Response makeTemporary(const LdapEntry &entry);
    [[nodiscard]] Response setLocked(const LdapEntry &entry, bool locked);
    [[nodiscard]] Response setDisabled(LdapEntry entry, bool disabled);
    [[nodiscard]] Response testAbilities(const LdapEntry &root);
    [[nodiscard]] Response testPolicy(const LdapEntry &root);
    [[nodiscard]] std::string byIdentifier(const std::string &id) const; // a filter; empty: it is none
    [[nodiscard]] std::string byName(const std::string &name) const;
    [[nodiscard]] std::vector<std::string> wantedAttributes() const;
    [[nodiscard]] ProviderUser userOf(const LdapEntry &entry) const;

    const LdapFlavour &m_flavour;
    std::string m_base;
    std::vector<std::string> m_login; // attributes, the one to show first
    LdapSession m_session;
};

} // namespace riskdesk::connect
