#include "core/domain/permissions.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <array>

namespace riskdesk {
namespace {

constexpr std::array permissions = {
    PermissionEntry{Permission::Read, Role::Reader, "Reading"},
    PermissionEntry{Permission::Decide, Role::Operator, "Dismissing and confirming risk"},
    PermissionEntry{Permission::Access, Role::Administrator, "Blocking sign-in and resetting passwords"},
    PermissionEntry{Permission::Import, Role::Administrator, "Importing"},
    PermissionEntry{Permission::Intelligence, Role::Administrator, "Changing intelligence lists"},
    PermissionEntry{Permission::Settings, Role::Administrator, "Changing settings"},
    PermissionEntry{Permission::Purge, Role::Administrator, "Removing users"},
    PermissionEntry{Permission::Operators, Role::Administrator, "Changing who may act here"},
    PermissionEntry{Permission::Connections, Role::Administrator, "Changing where accounts live"},
};

struct RoleWord
{
    std::string_view key, display;
};
constexpr std::array<RoleWord, 3> roleWords = {
    {{"reader", "Reader"}, {"operator", "Operator"}, {"administrator", "Administrator"}}};

} // namespace

std::string_view toText(Role role)
{
    return roleWords[static_cast<std::size_t>(role)].key;
}
std::string_view displayName(Role role)
{
    return roleWords[static_cast<std::size_t>(role)].display;
}

std::optional<Role> roleFromText(std::string_view text)
{
    for (std::size_t i = 0; i < roleWords.size(); ++i)
        if (equalsIgnoringCase(roleWords[i].key, text))
            return static_cast<Role>(i);
    return std::nullopt;
}

std::span<const PermissionEntry> permissionTable()
{
    return permissions;
}

bool may(Role role, Permission permission)
{
    return allowed(role, permission).has_value();
}

Status allowed(Role role, Permission permission)
{
    for (const auto &entry : permissions)
        if (entry.permission == permission) {
            if (role >= entry.least)
                return {};
            return fail(Code::NotAllowed, std::string(entry.gerund),
                        fmt::format("{} needs the {} role. You are {}.", entry.gerund,
                                    displayName(entry.least), displayName(role)));
        }
    return fail(Code::NotAllowed, "permission");
}

} // namespace riskdesk
