// LdapSession: one bound connection to a directory server over TLS 1.2 or later, whose certificate and name are checked
// always; there is no way to switch that off, not by libldap's files and environment either. Referrals are not
// followed: a password could go where nobody sent it.
//
// The connection is kept between calls and opened when there is none. A search that finds it broken opens it
// once more; a change never does, as it may have been done. So whoever changes something reads first, over the same
// connection. Blocks until the answer, a timeout or the stop token. One thread.
#pragma once

#include "core/connect/connector.h"
#include "core/connect/ldap/address.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

struct LdapServer
{
    LdapAddress address;
    std::string caFile; // PEM to trust instead of the machine's certificates; may be empty
    std::string bindDn;
    Secret password; // not empty: a bind without one would be an anonymous one
};

struct LdapTimes
{
    std::chrono::milliseconds connect{10'000}, answer{30'000};
};

struct AttributeNameLess // ASCII, whatever the case
{
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
};

struct LdapEntry
{
    std::string dn;
    std::map<std::string, std::vector<std::string>, AttributeNameLess> attributes;
    [[nodiscard]] std::string first(std::string_view attribute) const; // empty: it has none
    [[nodiscard]] bool holds(std::string_view attribute, std::string_view value) const;
};

struct LdapSearch
{
    enum class Scope : std::uint8_t { Base, Subtree };
    std::string base;
    Scope scope = Scope::Subtree;
    std::string filter = "(objectClass=*)";
    std::vector<std::string> attributes;
    int most = 0; // entries; more answer with "ldap4"; 0: no limit of ours
};

// One page of a search (RFC 2696). The cookie is the server's, and often good for one connection only.
struct LdapPage
{
    int size = 500;
    std::string cookie; // in: empty for the first page; out: empty after the last one
};

struct LdapChange
{
    enum class Kind : std::uint8_t { Add, Delete, Replace };
    Kind kind = Kind::Replace;
    std::string attribute;
    std::optional<std::string_view> value; // may be a secret's; none: the attribute as a whole
};

class LdapSession
{
public:
    explicit LdapSession(LdapServer &&server, LdapTimes times = {});
    ~LdapSession();
    LdapSession(LdapSession &&) noexcept;

    // Connects, begins TLS and binds, unless that was done. RetryAfter "notConnected" or "cancelled", Refused
    // "certificate", or as ldapResponse() says.
    [[nodiscard]] Response open(const std::stop_token &stop);
    void close();
    void setTimes(LdapTimes times); // from the next call on

    // `entries` has what came, also where the response is "ldap4" (there are more).
    [[nodiscard]] Response search(const LdapSearch &what, std::vector<LdapEntry> &entries,
                                  const std::stop_token &stop, LdapPage *page = nullptr);
    // All changes or none. Unknown when the connection broke or no answer came. `right`: see ldapResponse().
    [[nodiscard]] Response modify(const std::string &dn, const std::vector<LdapChange> &changes,
                                  std::string_view right, const std::stop_token &stop);
    // The extended operation of RFC 3062. The same answers.
    [[nodiscard]] Response setPassword(const std::string &dn, const Secret &password, std::string_view right,
                                       const std::stop_token &stop);

private:
    struct Own;
    std::unique_ptr<Own> m;
};

} // namespace riskdesk::connect
