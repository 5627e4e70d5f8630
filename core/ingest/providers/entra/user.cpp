#include "core/ingest/providers/entra/user.h"

#include "core/ingest/field_rules.h"
#include "core/ingest/providers/entra/record.h"

#include <array>

namespace riskdesk::ingest::entra {
namespace {

constexpr auto userRows = std::to_array<Name>({
    text(Where::Record, "displayName", UserField::DisplayName),
    text(Where::Record, "mail", UserField::Mail),
    text(Where::Record, "mobilePhone", UserField::MobilePhone),
    text(Where::Record, "accountEnabled", UserField::AccountEnabled),
    text(Where::Record, "deletedDateTime", UserField::DeletedDateTime),
    text(Where::Record, "lastPasswordChangeDateTime", UserField::LastPasswordChange),
    texts(Where::Record, "businessPhones", UserField::BusinessPhone),
});

} // namespace

std::span<const Name> userNames()
{
    return userRows;
}

std::optional<Refusal> user(const Record &f, const Building &with)
{
    UserRecord u;
    u.id = known(f[Common::Id]);
    u.userPrincipalName = known(f[Common::UserPrincipalName]);
    if (u.id.empty() && u.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable());
    u.displayName = f.any(UserField::DisplayName, Common::UserDisplayName);
    u.mail = f[UserField::Mail];
    u.phone = f.any(UserField::MobilePhone, UserField::BusinessPhone);
    if (f.has(Common::FederatedIssuer)) {
        u.identity = Identity::Social;
        u.issuer = issuerHost(f[Common::FederatedIssuer]);
    } else if (f.has(Common::LocalSignInType)) {
        u.identity = Identity::Local;
    }
    u.accountEnabled = flagIn(f[UserField::AccountEnabled]);
    u.isDeleted = flagIn(f[Common::IsDeleted]);
    if (f.has(UserField::DeletedDateTime))
        u.isDeleted = true;
    u.createdAt = optionalTime(f[Common::CreatedDateTime], with.times, warnings);
    u.passwordChangedAt = optionalTime(f[UserField::LastPasswordChange], with.times, warnings);
    with.batch.warnings += warnings.count();
    with.batch.users.push_back(u);
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra
