#include "core/query/tables/users.h"

#include "core/query/tables/enumerations.h"

namespace riskdesk::query {
namespace {

using U = const RiskyUserRow &;
using User = Column<RiskyUserRow>;

// How the user signs in; the directory itself is the issuer of a local account.
Property identitiesOf(U user)
{
    const NamedProperty members[] = {
        {"signInType", user.identity == Identity::Social ? "federated" : "emailAddress"},
        {"issuer", user.issuer.empty() ? "local" : user.issuer},
        {"issuerAssignedId", user.mail.empty() ? user.userPrincipalName : user.mail}};
    return Property::objects({jsonObject(members)});
}

} // namespace

// clang-format off
Columns<RiskyUserRow> userColumns()
{
    static const std::vector<User> table{
        User("id").also("userId|key").text("u.key").sorts().means("The provider's id of this user.").told([](U u) -> Property { return u.key; }),
        User("displayName").also("name").text("u.display_name").sorts("rd_fold(u.display_name)", Empty::Last).means("The user's name.").told([](U u) -> Property { return Property::orNull(u.displayName); }),
        User("userPrincipalName").also("upn").text("u.upn").sorts("rd_fold(u.upn)", Empty::Last).means("The name used to sign in.").told([](U u) -> Property { return Property::orNull(u.userPrincipalName); }),
        User("mail").text("u.mail").sorts("rd_fold(u.mail)", Empty::Last).means("The user's mail address.").told([](U u) -> Property { return Property::orNull(u.mail); }),
        User("mobilePhone").also("phone").text("u.phone").sorts(Empty::Last).means("The phone number the directory knows.").told([](U u) -> Property { return Property::orNull(u.phone); }),
        User("accountEnabled").also("enabled|account").oneOf(enabled(), "u.account_enabled").sorts().means("Whether the user may sign in.").told([](U u) -> Property { return u.accountEnabled; }),
        User("createdDateTime").also("created").time("u.created_at").sorts(Empty::Last).means("When the account was made.").told([](U u) -> Property { return u.createdAt; }),
        User("lastPasswordChangeDateTime").also("passwordChanged").time("u.password_changed_at").sorts(Empty::Last).means("When the password was last changed.").told([](U u) -> Property { return u.passwordChangedAt; }),
        User("identities").means("How the user signs in.").told(identitiesOf),
        User("forceChangePasswordNextSignIn").oneOf(yesNo(), "u.force_password_change").sorts().means("Whether the user has to choose a new password.").told("passwordProfile.forceChangePasswordNextSignIn", [](U u) -> Property { return u.forcePasswordChange; }),
        User("signInSessionsValidFromDateTime").also("sessionsValidFrom").time("u.sessions_valid_from").sorts(Empty::Last).means("Sessions begun before were revoked: their user has to sign in again.").told([](U u) -> Property { return u.sessionsValidFrom; }),
        User("lastSignInDateTime").also("lastSignIn").time("u.last_sign_in").sorts(Empty::Last).means("The newest sign-in, successful or not.").told("signInActivity.lastSignInDateTime", [](U u) -> Property { return u.lastSignIn; }),
    };
    return table;
}
// clang-format on

} // namespace riskdesk::query
