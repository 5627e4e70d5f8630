// Permissions: one table of roles and what each may do. Every journey asks it first, so that every way in gives
// the same answer.
//
// Roles guard against mistakes and name the actor; they cannot stop somebody who can write the file.
#pragma once

#include "core/base/desk.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace riskdesk {

enum class Role : std::uint8_t { Reader = 0, Operator = 1, Administrator = 2 };
[[nodiscard]] std::string_view toText(Role);      // "administrator"
[[nodiscard]] std::string_view displayName(Role); // "Administrator"
[[nodiscard]] std::optional<Role> roleFromText(std::string_view);

enum class Permission : std::uint8_t {
    Read,
    Decide,
    Access,
    Import,
    Intelligence,
    Settings,
    Purge,
    Operators,
    Connections
};

struct PermissionEntry
{
    Permission permission;
    Role least;
    std::string_view gerund; // "Dismissing and confirming", begins the sentence of a refusal
};
[[nodiscard]] std::span<const PermissionEntry> permissionTable();

// Who acts. The desktop account is administrator of a directory until operators are named
// (core/action/operators.h).
struct Operator
{
    std::string name = desktopAccount();
    Role role = Role::Administrator;
    std::string via = "command line"; // or "console"
    std::string host = hostName();
};

[[nodiscard]] bool may(Role role, Permission permission);
// Code::NotAllowed with the sentence in `detail`: "Blocking and resetting passwords needs the Administrator
// role. You are Reader."
[[nodiscard]] Status allowed(Role role, Permission permission);

} // namespace riskdesk
