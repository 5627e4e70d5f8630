// LdapConnector::test(): what has to be there before anything is asked of a server.
#include "core/base/text.h"
#include "core/connect/ldap/flavour.h"
#include "core/connect/ldap/ldap_connector.h"
#include "core/connect/ldap/values.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

constexpr std::string_view passwordModify = "1.3.6.1.4.1.4203.1.11.1";    // RFC 3062
constexpr std::string_view pagedResults = "1.2.840.113556.1.4.319";       // RFC 2696
constexpr std::string_view activeDirectoryOid = "1.2.840.113556.1.4.800"; // [MS-ADTS] 3.1.1.3.4.3.1

Response missing(std::string sentence)
{
    return Response::refused("missing", std::move(sentence));
}

// The part of the directory that the base lies in, where its policies are.
std::string contextOf(const std::string &base, const LdapEntry &root)
{
    const auto contexts = root.attributes.find("namingContexts");
    if (contexts != root.attributes.end())
        for (const auto &context : contexts->second)
            if (!context.empty() && base.size() >= context.size() &&
                equalsIgnoringCase(std::string_view(base).substr(base.size() - context.size()), context))
                return context;
    return base;
}

} // namespace

Response LdapConnector::test()
{
    std::vector<LdapEntry> entries;
    auto response = m_session.search({"",
                                      LdapSearch::Scope::Base,
                                      "(objectClass=*)",
                                      {"supportedExtension", "supportedControl", "supportedCapabilities",
                                       "subschemaSubentry", "namingContexts"}},
                                     entries, m_stop);
    if (!response.done())
        return response;
    if (entries.empty())
        return missing("The server does not say what it can do; let this account read the root DSE.");
    const auto root = std::move(entries.front());
    response =
        m_session.search({m_base, LdapSearch::Scope::Base, "(objectClass=*)", {"1.1"}}, entries, m_stop);
    if (response.code == "ldap34")
        return Response::refused("ldap34", fmt::format("The base DN {} is no DN.", quotable(m_base)));
    if (response.code == "ldap32" || (response.done() && entries.empty()))
        return Response::refused("ldap32",
                                 fmt::format("The base DN {} does not exist, or the account that Riskdesk "
                                             "binds with may not read it.",
                                             quotable(m_base)));
    if (!response.done())
        return response;
    return testAbilities(root);
}

Response LdapConnector::testAbilities(const LdapEntry &root)
{
    const bool isActiveDirectory = root.holds("supportedCapabilities", activeDirectoryOid);
    const bool wanted = &m_flavour == &activeDirectoryFlavour;
    if (isActiveDirectory != wanted)
        return missing(wanted ? "This server is no Active Directory; set it up as an OpenLDAP server."
                              : "This server is an Active Directory; set it up as one.");
    if (!root.holds("supportedControl", pagedResults))
        return missing("The server cannot list its users in pages (RFC 2696).");
    if (!wanted) {
        if (!root.holds("supportedExtension", passwordModify))
            return missing("The server cannot reset passwords: it lacks Password Modify (RFC 3062).");
        if (auto response = testPolicy(root); !response.done())
            return response;
    }
    std::string any;
    for (const auto &attribute : m_login)
        any += fmt::format("({}=*)", attribute);
    std::vector<LdapEntry> entries;
    auto response = m_session.search(
        {m_base, LdapSearch::Scope::Subtree, fmt::format("(&{}(|{}))", m_flavour.people, any), {"1.1"}, 1},
        entries, m_stop);
    if (!response.done() && response.code != "ldap4")
        return response;
    return entries.empty()
               ? missing(fmt::format("No entry below {} has the attribute {}, or the account that Riskdesk "
                                     "binds with may not read it.",
                                     quotable(m_base), m_login.front()))
               : Response::ok("The server answers and can do what is asked of it.");
}

// The overlay brings its attributes along; its control is not listed in the root DSE.
Response LdapConnector::testPolicy(const LdapEntry &root)
{
    std::vector<LdapEntry> entries;
    auto response = m_session.search({root.first("subschemaSubentry"),
                                      LdapSearch::Scope::Base,
                                      "(objectClass=subschema)",
                                      {"attributeTypes"}},
                                     entries, m_stop);
    if (response.kind == Response::Kind::RetryAfter)
        return response;
    const auto types =
        entries.empty() ? std::vector<std::string>() : entries.front().attributes["attributeTypes"];
    const auto quoted = fmt::format("'{}'", m_flavour.state);
    if (!types.empty() && std::ranges::none_of(types, [&](const std::string &type) {
            return type.find(quoted) != std::string::npos;
        }))
        return missing("The server cannot block accounts: it lacks the overlay ppolicy.");
    // A lock is obeyed only where the policy says so. Policies elsewhere, or not to be read, are not judged.
    response = m_session.search(
        {contextOf(m_base, root), LdapSearch::Scope::Subtree, "(objectClass=pwdPolicy)", {"pwdLockout"}},
        entries, m_stop);
    if (response.kind == Response::Kind::RetryAfter)
        return response;
    if (!entries.empty() && std::ranges::none_of(entries, [](const LdapEntry &policy) {
            return policy.holds("pwdLockout", "TRUE");
        }))
        return missing("The server does not obey a block: no password policy says pwdLockout TRUE.");
    return Response::ok();
}

} // namespace riskdesk::connect
