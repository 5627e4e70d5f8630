#include "core/connect/ldap/result_code.h"

#include "core/connect/ldap/values.h"

#include <fmt/format.h>
#include <ldap.h>

namespace riskdesk::connect {
namespace {

std::string inItsWords(std::string_view beginning, std::string_view diagnostic)
{
    const auto words = quotable(diagnostic);
    return words.empty() ? fmt::format("{}.", beginning) : fmt::format("{}: {}.", beginning, words);
}

Response ofStartTls(std::string code, std::string_view diagnostic)
{
    return Response::refused(
        std::move(code),
        inItsWords("The server does not offer StartTLS, and nothing is sent to it without TLS", diagnostic));
}

// Active Directory names the Windows error in front: 52D is ERROR_PASSWORD_RESTRICTION ([MS-ERREF] 2.2).
bool isPasswordRestriction(std::string_view diagnostic)
{
    return diagnostic.starts_with("0000052D");
}

} // namespace

Response ldapResponse(int resultCode, LdapStep step, std::string_view diagnostic, std::string_view right)
{
    if (resultCode == LDAP_SUCCESS)
        return Response::ok();
    auto code = fmt::format("ldap{}", resultCode);
    switch (resultCode) {
    case LDAP_BUSY: return Response::later(code, "The server is busy.");
    case LDAP_UNAVAILABLE: return Response::later(code, "The server is not available at the moment.");
    case LDAP_TIMELIMIT_EXCEEDED:
        if (step == LdapStep::Read)
            return Response::later(code, "The server did not find it in the time it allows.", {}, false);
        break;
    case LDAP_INVALID_CREDENTIALS: {
        return Response::refusedAll(
            code, "The server does not accept the bind DN and its password; enter the right ones.");
    }
    case LDAP_INSUFFICIENT_ACCESS:
        return Response::refused(
            code, fmt::format("The account that Riskdesk binds with may not do this; give it {}.", right));
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_CONSTRAINT_VIOLATION:
        return Response::refused(code,
                                 isPasswordRestriction(diagnostic)
                                     ? std::string("The password does not meet the server's password policy.")
                                     : inItsWords("The server is not willing to do this", diagnostic));
    case LDAP_REFERRAL:
        return Response::refused(code,
                                 "The server points to another one, which is not followed; enter the address "
                                 "it points to.");
    case LDAP_INVALID_DN_SYNTAX: return Response::refused(code, "The server cannot read this as a DN.");
    case LDAP_SIZELIMIT_EXCEEDED:
        return Response::refused(
            code, "The server gives this account fewer entries than there are; raise its limit.");
    case LDAP_CONFIDENTIALITY_REQUIRED:
        return Response::refused(code, "The server wants a stronger encryption than this connection has.");
    case LDAP_FILTER_ERROR: return Response::refused(code, "The server cannot be asked for this name.");
    default: break;
    }
    if (step == LdapStep::StartTls)
        return ofStartTls(std::move(code), diagnostic);
    return Response::refused(
        std::move(code),
        inItsWords(fmt::format("The server refused it ({})", ldap_err2string(resultCode)), diagnostic));
}

} // namespace riskdesk::connect
