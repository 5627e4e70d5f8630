#include "core/serve/scope.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace riskdesk::serve {
namespace {

using action::Role;

constexpr std::array table = {
    ScopeEntry{Scope::IdentityRiskyUserReadAll, "IdentityRiskyUser.Read.All",
               "Reads risky users and their history.", Role::Reader, Scope::IdentityRiskyUserReadAll},
    ScopeEntry{Scope::IdentityRiskyUserReadWriteAll, "IdentityRiskyUser.ReadWrite.All",
               "Reads risky users, dismisses their risk and confirms them compromised or safe.",
               Role::Operator, Scope::IdentityRiskyUserReadAll},
    ScopeEntry{Scope::IdentityRiskEventReadAll, "IdentityRiskEvent.Read.All", "Reads risk detections.",
               Role::Reader, Scope::IdentityRiskEventReadAll},
    ScopeEntry{Scope::IdentityRiskEventReadWriteAll, "IdentityRiskEvent.ReadWrite.All",
               "Reads risk detections and changes their state.", Role::Operator,
               Scope::IdentityRiskEventReadAll},
    ScopeEntry{Scope::AuditLogReadAll, "AuditLog.Read.All", "Reads sign-ins and the audit log.", Role::Reader,
               Scope::AuditLogReadAll},
    ScopeEntry{Scope::UserReadAll, "User.Read.All", "Reads users.", Role::Reader, Scope::UserReadAll},
    ScopeEntry{Scope::UserReadWriteAll, "User.ReadWrite.All",
               "Reads users, blocks their sign-in and resets their passwords.", Role::Administrator,
               Scope::UserReadAll},
};

constexpr bool inOrder()
{
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].scope) != i)
            return false;
    return true;
}
static_assert(inOrder(), "info() takes the row by its number");

} // namespace

std::span<const ScopeEntry> scopeTable()
{
    return table;
}

const ScopeEntry &info(Scope scope)
{
    return table[static_cast<std::size_t>(scope)];
}

std::string_view toText(Scope scope)
{
    return info(scope).text;
}

Scopes::Scopes(std::initializer_list<Scope> scopes)
{
    for (const auto scope : scopes)
        add(scope);
}

Result<Scopes> Scopes::parse(std::string_view text)
{
    constexpr std::string_view between = ", \t\r\n";
    Scopes scopes;
    for (auto at = text.find_first_not_of(between); at != std::string_view::npos;
         at = text.find_first_not_of(between, at)) {
        const auto end = std::min(text.find_first_of(between, at), text.size());
        const auto word = text.substr(at, end - at);
        const auto found =
            std::ranges::find_if(table, [&](const auto &one) { return equalsIgnoringCase(one.text, word); });
        if (found == table.end()) {
            std::array<std::string_view, table.size()> known;
            std::ranges::transform(table, known.begin(), &ScopeEntry::text);
            return fail(Code::WrongUsage, std::string(word),
                        fmt::format("there is no such scope; known are {}", fmt::join(known, ", ")));
        }
        scopes.add(found->scope);
        at = end;
    }
    return scopes;
}

bool Scopes::has(Scope scope) const
{
    return std::ranges::any_of(table, [&](const auto &one) {
        return wasGiven(one.scope) && (one.scope == scope || one.includes == scope);
    });
}

action::Role Scopes::role() const
{
    auto role = Role::Reader;
    for (const auto &one : table)
        if (wasGiven(one.scope))
            role = std::max(role, one.role);
    return role;
}

std::string Scopes::toText() const
{
    std::string text;
    for (const auto &one : table)
        if (wasGiven(one.scope))
            text.append(text.empty() ? "" : " ").append(one.text);
    return text;
}

} // namespace riskdesk::serve
