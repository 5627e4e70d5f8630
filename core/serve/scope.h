// Scope: what a bearer token of the API may be used for, in Graph's words.
//
// One table says each scope's text, its meaning and the role in which it acts; a scope that writes includes
// the one that reads the same things. Values, any thread.
#pragma once

#include "core/action/permissions.h"
#include "core/base/result.h"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace riskdesk::serve {

enum class Scope : std::uint8_t {
    IdentityRiskyUserReadAll,
    IdentityRiskyUserReadWriteAll,
    IdentityRiskEventReadAll,
    IdentityRiskEventReadWriteAll,
    AuditLogReadAll,
    UserReadAll,
    UserReadWriteAll
};

struct ScopeEntry
{
    Scope scope;
    std::string_view text;    // "IdentityRiskyUser.Read.All"
    std::string_view meaning; // "Reads risky users and their history."
    action::Role role;        // of whom it acts as
    Scope includes;           // itself, or the one that reads what it writes
};
[[nodiscard]] std::span<const ScopeEntry> scopeTable(); // in the order of Scope
[[nodiscard]] const ScopeEntry &info(Scope scope);
[[nodiscard]] std::string_view toText(Scope scope);

// A set of scopes.
class Scopes
{
public:
    Scopes() = default;
    Scopes(std::initializer_list<Scope> scopes);
    // Texts with commas or blanks between them, in any case and order; the same one twice counts once. An
    // empty text is the empty set. Code::WrongUsage names the first that is unknown and lists the known ones.
    [[nodiscard]] static Result<Scopes> parse(std::string_view text);

    void add(Scope scope) { m_bits |= bit(scope); }
    [[nodiscard]] bool wasGiven(Scope scope) const { return (m_bits & bit(scope)) != 0; }
    // Was it given, or one that includes it?
    [[nodiscard]] bool has(Scope scope) const;
    [[nodiscard]] bool empty() const { return m_bits == 0; }
    // The greatest among the scopes; of an empty set the Reader's.
    [[nodiscard]] action::Role role() const;
    // What was given, in the order of the table, with blanks between; parse() reads it back.
    [[nodiscard]] std::string toText() const;
    friend bool operator==(Scopes, Scopes) = default;

private:
    static constexpr std::uint32_t bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
    std::uint32_t m_bits = 0;
};

} // namespace riskdesk::serve
