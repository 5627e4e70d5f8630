// Operators: who may act in a directory, and how each is known.
//
// An operator is bound to an account of the desktop, which the system vouches for, or to a passphrase, of
// which the directory keeps Argon2id (RFC 9106). As long as none is named, the desktop account is
// administrator. Once there are some, at least one of them is administrator.
//
// Roles guard against mistakes and name the actor; they cannot stop somebody who can write the file.
//
// The one writer of the table `operator`. A change is one transaction with its audit record and needs
// Permission::Operators. On the connection's thread, never inside a transaction. A passphrase is only looked
// at: who calls holds it and wipes it. It stands in no record and no error. Errors that are not named are the
// store's.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/desk.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::action {

inline constexpr std::size_t longestOperatorName = 64; // characters
inline constexpr std::size_t shortestPassphrase = 8;   // bytes
inline constexpr std::size_t longestPassphrase = 1024;
// After a wrong passphrase; twice as long after each one more, up to the longest.
inline constexpr std::chrono::seconds firstWait(1), longestWait(300);

struct NamedOperator
{
    std::int64_t id = 0;
    std::string name;
    Role role = Role::Reader;
    std::optional<std::string> account; // nothing: a passphrase
    Timestamp addedAt;
    std::string addedBy;
    std::uint64_t passphrase = 0; // which one it is: another number after each change; 0 of an account
};

// Who sits at the machine, as the system says. Tests bring their own.
struct Desk
{
    std::string account = desktopAccount();
    std::string host = hostName();
};

// What one look at a passphrase costs, in libsodium's units: passes, and bytes of memory.
struct PassphraseCost
{
    unsigned long long passes;
    std::size_t memory;
    [[nodiscard]] static PassphraseCost standard(); // its MODERATE limits: 256 MiB, most of a second
};

// By what a new one is known. Exactly one of the two.
struct Binding
{
    std::optional<std::string> account;         // "ana", or "ana@host" on that machine alone
    std::optional<std::string_view> passphrase; // shortestPassphrase to longestPassphrase bytes
};

struct Added
{
    NamedOperator added;
    // Of the first one: the desktop account, named administrator with it so that somebody is.
    std::optional<NamedOperator> withIt;
};
// The name is trimmed. NotAllowed. WrongUsage for a name or an account that is empty, too long or has control
// characters, for a passphrase that is too short or too long, and for a first one that would bind the desktop
// account to less than administrator. Conflict when name or account is taken.
[[nodiscard]] Result<Added> addOperator(store::Connection &connection, const Clock &clock,
                                        const Operator &who, std::string_view name, Role role,
                                        const Binding &binding,
                                        PassphraseCost cost = PassphraseCost::standard(),
                                        const Desk &desk = {});
// NotAllowed, NotFound; Conflict for the last administrator.
[[nodiscard]] Result<NamedOperator> removeOperator(store::Connection &connection, const Clock &clock,
                                                   const Operator &who, std::string_view name);
// As removeOperator(). A role that it has already is nothing to write.
[[nodiscard]] Result<NamedOperator> changeRole(store::Connection &connection, const Clock &clock,
                                               const Operator &who, std::string_view name, Role role);
// Everybody may change their own. Forgets what was wrong before. NotAllowed, NotFound; WrongUsage for a
// passphrase that is too short or too long, and for who is bound to an account. Whoever is signed in with the one
// before compares NamedOperator::passphrase and has to sign in again.
[[nodiscard]] Result<NamedOperator> changePassphrase(store::Connection &connection, const Clock &clock,
                                                     const Operator &who, std::string_view name,
                                                     std::string_view passphrase,
                                                     PassphraseCost cost = PassphraseCost::standard());

// By the role as it is now, for work that goes on by itself for days while roles change: whoever is no longer
// named is reader. NotAllowed.
[[nodiscard]] Status allowedNow(store::Connection &connection, const Operator &who, Permission permission);

// By name.
[[nodiscard]] Result<std::vector<NamedOperator>> operators(store::Connection &connection);

// Does whoIsIt() need a passphrase of that name? No for a name that is not there.
[[nodiscard]] Result<bool> needsPassphrase(store::Connection &connection, std::string_view name);

struct Asking
{
    std::optional<std::string> name;            // who somebody says they are; nothing: the desktop account
    std::optional<std::string_view> passphrase; // only of an operator that has one
    std::string via = "command line";           // or "console"
    Desk desk{};
};
// Who acts. NotAllowed with a sentence that says how to go on: nobody of that name or account, an operator of
// another account, a passphrase that is missing, wrong, or given too early after a wrong one. Too early counts
// as nothing; a right one forgets the wrong ones; each wrong one that counts is audited. Only that writes: on
// a connection that reads a right passphrase is good, a wrong one gives Code::ReadOnly or NotAllowed.
//
// While no operator is named, a name is who stands in the records, as an administrator.
[[nodiscard]] Result<Operator> whoIsIt(store::Connection &connection, const Clock &clock,
                                       const Asking &asking = {});

} // namespace riskdesk::action
