#include "core/connect/ldap/libldap.h"

namespace riskdesk::connect {

timeval timevalOf(std::chrono::milliseconds time)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return {seconds.count(), std::chrono::microseconds(time - seconds).count()};
}

berval borrowed(std::string_view text)
{
    return {text.size(), const_cast<char *>(text.data())};
}

std::string textOf(const berval &value)
{
    return {value.bv_val, value.bv_len};
}

int descriptorOf(LDAP *handle)
{
    int fd = -1;
    ldap_get_option(handle, LDAP_OPT_DESC, &fd);
    return fd;
}

LdapEntry entryOf(LDAP *handle, LDAPMessage *message)
{
    LdapEntry entry;
    if (char *dn = ldap_get_dn(handle, message); dn != nullptr) {
        entry.dn = dn;
        ldap_memfree(dn);
    }
    BerElement *place = nullptr;
    for (char *name = ldap_first_attribute(handle, message, &place); name != nullptr;
         name = ldap_next_attribute(handle, message, place)) {
        auto &values = entry.attributes[name];
        if (berval **all = ldap_get_values_len(handle, message, name); all != nullptr) {
            for (berval **value = all; *value != nullptr; ++value)
                values.push_back(textOf(**value));
            ldap_value_free_len(all);
        }
        ldap_memfree(name);
    }
    ber_free(place, 0);
    return entry;
}

} // namespace riskdesk::connect
