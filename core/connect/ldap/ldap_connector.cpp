#include "core/connect/ldap/ldap_connector.h"

#include "core/connect/ldap/flavour.h"
#include "core/connect/ldap/values.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

LdapServer ldapServerOf(SetUp &setUp)
{
    return {LdapAddress::parse(setUp.settings["url"]).value_or(LdapAddress()), setUp.settings["caFile"],
            setUp.settings["bindDn"], std::move(setUp.secrets["password"])};
}

std::vector<std::string> loginAttributes(const SetUp &setUp, const LdapFlavour &flavour)
{
    if (const auto named = setUp.settings.find("loginAttribute");
        named != setUp.settings.end() && !named->second.empty())
        return {named->second};
    return {flavour.login.begin(), flavour.login.end()};
}

// What precondition() keeps: the attribute, '=' and its value, which may be none.
std::string keptTime(const LdapFlavour &flavour, const LdapEntry &entry)
{
    return fmt::format("{}={}", flavour.changedAt, entry.first(flavour.changedAt));
}

bool isActiveDirectory(const LdapFlavour &flavour)
{
    return &flavour == &activeDirectoryFlavour;
}

} // namespace

bool isLdapAddress(const std::string &text)
{
    return LdapAddress::parse(text).has_value();
}

bool isLoginAttribute(const std::string &text)
{
    return isAttributeName(text);
}

LdapConnector::LdapConnector(SetUp &&setUp, Server server, LdapTimes times)
    : m_flavour(server == Server::ActiveDirectory ? activeDirectoryFlavour : openLdapFlavour)
    , m_base(setUp.settings["baseDn"])
    , m_login(loginAttributes(setUp, m_flavour))
    , m_session(ldapServerOf(setUp), times)
{}

std::string LdapConnector::byIdentifier(const std::string &id) const
{
    if (isUuid(id))
        return fmt::format("({}={})", m_flavour.id,
                           isActiveDirectory(m_flavour) ? guidFilterValue(id)
                                                        : id.substr(id.starts_with('{') ? 1 : 0, 36));
    return isDistinguishedName(id) ? fmt::format("({}={})", m_flavour.dn, filterValue(id)) : std::string();
}

std::string LdapConnector::byName(const std::string &name) const
{
    const auto value = filterValue(name);
    if (value.empty())
        return {};
    std::string any;
    for (const auto &attribute : m_login)
        any += fmt::format("({}={})", attribute, value);
    return fmt::format("(&{}(|{}(mail={})))", m_flavour.people, any, value);
}

std::vector<std::string> LdapConnector::wantedAttributes() const
{
    std::vector<std::string> wanted = m_login;
    for (const auto name : {m_flavour.id, m_flavour.state, m_flavour.changedAt, std::string_view("mail"),
                            std::string_view("displayName"), std::string_view("cn")})
        wanted.emplace_back(name);
    return wanted;
}

Response LdapConnector::findBy(const std::string &filter, std::vector<LdapEntry> &entries)
{
    auto response = m_session.search({m_base, LdapSearch::Scope::Subtree, filter, wantedAttributes(), 2},
                                     entries, m_stop);
    if (response.code == "ldap32")
        return Response::refused("ldap32",
                                 fmt::format("The base DN {} does not exist, or the account that Riskdesk "
                                             "binds with may not read it.",
                                             quotable(m_base)));
    // Two of more than two.
    return response.code == "ldap4" && entries.size() > 1 ? Response::ok() : response;
}

Response LdapConnector::find(const Request &request, LdapEntry &entry)
{
    // An account that was made anew under the same name is somebody else's: who has an identifier is not looked for by
    // name.
    const bool hasId = !request.userId.empty();
    const auto filter = hasId ? byIdentifier(request.userId) : byName(request.userPrincipalName);
    std::vector<LdapEntry> entries;
    if (!filter.empty())
        if (auto response = findBy(filter, entries); !response.done())
            return response;
    if (entries.size() > 1)
        return Response::refused(
            "notUnique",
            fmt::format("Two entries carry this name, {} and {}; it is not known which is meant.",
                        quotable(entries[0].dn), quotable(entries[1].dn)));
    if (entries.empty())
        return Response::refused(
            "ldap32",
            hasId
                ? fmt::format("No entry below {} has the identifier {}; one of the same name may be somebody "
                              "else's and is left alone.",
                              quotable(m_base), quotable(request.userId))
                : fmt::format("No entry below {} carries this name.", quotable(m_base)));
    entry = std::move(entries.front());
    return Response::ok();
}

Response LdapConnector::precondition(const Request &request, std::string &precondition)
{
    precondition.clear();
    if (request.operation != ProviderOperation::ResetPassword)
        return Response::ok();
    LdapEntry entry;
    auto response = find(request, entry);
    if (response.done())
        precondition = keptTime(m_flavour, entry);
    return response;
}

Response LdapConnector::perform(const Request &request)
{
    const bool changes = request.operation != ProviderOperation::ListUsers;
    if (!changes || !has(able, request.operation))
        return Response::refused("unsupported", "A directory server cannot do this.");
    LdapEntry entry;
    if (auto response = find(request, entry); !response.done())
        return response;
    if (request.operation == ProviderOperation::ResetPassword)
        return resetPassword(entry, request.password);
    const bool block = request.operation == ProviderOperation::Block;
    return isActiveDirectory(m_flavour) ? setDisabled(std::move(entry), block) : setLocked(entry, block);
}

Response LdapConnector::resetPassword(const LdapEntry &entry, const Secret *password)
{
    if (password == nullptr || password->empty())
        return Response::refused("noPassword", "There is no password to set.");
    Response response;
    if (isActiveDirectory(m_flavour)) {
        const auto wide = unicodePassword(*password);
        if (!wide)
            return Response::refused("noPassword", "The password is not text.");
        using Change = LdapChange::Kind;
        response = m_session.modify(
            entry.dn, {{Change::Replace, "unicodePwd", wide->reveal()}, {Change::Replace, "pwdLastSet", "0"}},
            m_flavour.resetRight, m_stop);
    } else {
        response = m_session.setPassword(entry.dn, *password, m_flavour.resetRight, m_stop);
        if (response.done())
            response = makeTemporary(entry);
    }
    // The sentence is stored, and a server might repeat what it was given.
    if (response.sentence.find(password->reveal()) != std::string::npos)
        response.sentence = "The server refused the password.";
    return response;
}

// Done in any case: the password is set already.
Response LdapConnector::makeTemporary(const LdapEntry &entry)
{
    const auto marked =
        m_session.modify(entry.dn, {{LdapChange::Kind::Replace, "pwdReset", "TRUE"}}, "", m_stop);
    return Response::ok(marked.done()
                            ? "It has to be changed at the next sign-in where the password policy says "
                              "pwdMustChange."
                            : "The password is not temporary: the server has no password policy "
                              "(the overlay ppolicy), or Riskdesk may not write pwdReset.");
}

Response LdapConnector::setLocked(const LdapEntry &entry, bool locked)
{
    using Change = LdapChange::Kind;
    const LdapChange change = locked
                                  ? LdapChange{Change::Replace, std::string(m_flavour.state), lockedForGood}
                                  : LdapChange{Change::Delete, std::string(m_flavour.state), {}};
    auto response = m_session.modify(entry.dn, {change}, m_flavour.blockRight, m_stop);
    if (response.code == "ldap17") // undefinedAttributeType
        return Response::refused("ldap17",
                                 "The server has no password policy (the overlay ppolicy), without which "
                                 "it cannot block an account.");
    // noSuchAttribute: it was not locked.
    return !locked && response.code == "ldap16" ? Response::ok() : response;
}

// The old number has to be there still when the new one takes its place, so that no other change is lost.
Response LdapConnector::setDisabled(LdapEntry entry, bool disabled)
{
    using Change = LdapChange::Kind;
    constexpr int mostAttempts = 3;
    for (int attempt = 0; attempt < mostAttempts; ++attempt) {
        const auto before = entry.first(m_flavour.state);
        const auto flags = userAccountControl(before);
        if (!flags)
            return Response::refused("notAUser",
                                     fmt::format("{} has no userAccountControl, or the account that "
                                                 "Riskdesk binds with may not read it.",
                                                 quotable(entry.dn)));
        const auto wanted = disabled ? *flags | accountDisabled : *flags & ~accountDisabled;
        if (wanted == *flags)
            return Response::ok();
        const auto after = userAccountControl(wanted);
        const std::string attribute(m_flavour.state);
        auto response =
            m_session.modify(entry.dn, {{Change::Delete, attribute, before}, {Change::Add, attribute, after}},
                             m_flavour.blockRight, m_stop);
        if (response.code != "ldap16")
            return response;
        std::vector<LdapEntry> again;
        response = m_session.search(
            {entry.dn, LdapSearch::Scope::Base, "(objectClass=*)", wantedAttributes()}, again, m_stop);
        if (!response.done())
            return response;
        if (again.size() == 1)
            entry = std::move(again.front());
    }
    return Response::later("changedMeanwhile", "Somebody else changes this account at the same time.", {},
                           false);
}

Response LdapConnector::reconcile(const Request &request, const std::string &precondition,
                                  Reconciled &outcome)
{
    outcome = Reconciled::CannotTell;
    LdapEntry entry;
    if (auto response = find(request, entry); !response.done())
        return response;
    if (request.operation == ProviderOperation::ResetPassword) {
        const auto now = entry.first(m_flavour.changedAt);
        const auto after = keptTime(m_flavour, entry);
        // A zero is what a reset leaves in Active Directory, and an earlier one left too.
        const bool told = !now.empty() && !precondition.empty() && !(precondition == after && now == "0");
        if (told)
            outcome = precondition == after ? Reconciled::DidNot : Reconciled::TookEffect;
        return Response::ok();
    }
    const bool wanted = request.operation == ProviderOperation::Block;
    if (const auto blocked = m_flavour.isBlocked(entry))
        outcome = *blocked == wanted ? Reconciled::TookEffect : Reconciled::DidNot;
    return Response::ok();
}

ProviderUser LdapConnector::userOf(const LdapEntry &entry) const
{
    ProviderUser user;
    const auto id = entry.first(m_flavour.id);
    user.id = isActiveDirectory(m_flavour) ? guidText(id) : id;
    if (user.id.empty())
        user.id = entry.dn;
    for (const auto &attribute : m_login)
        if (user.userPrincipalName.empty())
            user.userPrincipalName = entry.first(attribute);
    user.displayName = entry.first("displayName");
    if (user.displayName.empty())
        user.displayName = entry.first("cn");
    user.mail = entry.first("mail");
    if (const auto blocked = m_flavour.isBlocked(entry))
        user.enabled = !*blocked;
    return user;
}

Response LdapConnector::listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                  std::string &following)
{
    // `next` and `following` may be the same text.
    const auto cookie = fromBase64Url(next);
    users.clear();
    following.clear();
    if (!cookie)
        return Response::refused("badCursor", "This is no place in a list of users.");
    std::string any;
    for (const auto &attribute : m_login)
        any += fmt::format("({}=*)", attribute);
    LdapPage page{pageSize, *cookie};
    std::vector<LdapEntry> entries;
    auto response = m_session.search({m_base, LdapSearch::Scope::Subtree,
                                      fmt::format("(&{}(|{}))", m_flavour.people, any), wantedAttributes()},
                                     entries, m_stop, &page);
    // The place was the broken connection's.
    if (!cookie->empty() && (response.code == "ldap53" || response.code == "ldap2"))
        return Response::later(
            "listLost", "The server no longer knows where the list stood; list the users anew.", {}, false);
    if (!response.done())
        return response;
    for (const auto &entry : entries)
        users.push_back(userOf(entry));
    following = toBase64Url(page.cookie);
    return response;
}

} // namespace riskdesk::connect
