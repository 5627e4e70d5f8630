#include "core/connect/ldap/address.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <ldap.h>

#include <algorithm>
#include <memory>

namespace riskdesk::connect {
namespace {

bool isHostCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == ':';
}

} // namespace

std::optional<LdapAddress> LdapAddress::parse(const std::string &text)
{
    LDAPURLDesc *read = nullptr;
    // A list of addresses is one to libldap; a blank would begin the second.
    if (text.size() > 2048 || text.find_first_of(" ,\t\r\n%") != std::string::npos ||
        ldap_url_parse(text.c_str(), &read) != LDAP_URL_SUCCESS)
        return std::nullopt;
    const std::unique_ptr<LDAPURLDesc, decltype(&ldap_free_urldesc)> url(read, &ldap_free_urldesc);
    const std::string_view scheme = url->lud_scheme == nullptr ? "" : url->lud_scheme;
    std::string_view host = url->lud_host == nullptr ? "" : url->lud_host;
    const bool tls = equalsIgnoringCase(scheme, "ldaps");
    if (!tls && !equalsIgnoringCase(scheme, "ldap"))
        return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    const bool more = (url->lud_dn != nullptr && *url->lud_dn != 0) || url->lud_attrs != nullptr ||
                      url->lud_filter != nullptr || url->lud_exts != nullptr ||
                      text.find('?') != std::string::npos;
    // libldap reads a port that is not there as 0 or as the standard one, and takes "0" for the same.
    const bool zero = text.ends_with(":0") || text.ends_with(":0/");
    if (more || zero || host.empty() || host.size() > 253 || !std::ranges::all_of(host, isHostCharacter) ||
        url->lud_port < 0 || url->lud_port > 65535)
        return std::nullopt;
    const int port = url->lud_port != 0 ? url->lud_port : tls ? LDAPS_PORT : LDAP_PORT;
    return LdapAddress{std::string(host), port, !tls};
}

std::string LdapAddress::uri() const
{
    const bool brackets = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", startTls ? "ldap" : "ldaps", brackets ? "[" : "", host,
                       brackets ? "]" : "", port);
}

} // namespace riskdesk::connect
