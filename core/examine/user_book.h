// UserBook: who is meant by the names in a log.
//
// A user is the provider's non-zero id, else the case-folded user principal name; a record with both joins
// them, whichever was met first: who was known by name gets the id, and where both are stored already, the one known by
// name alone becomes the other (core/examine/join_users.h), unless somebody decided on what was found of it: that stays
// as it is. It is called what its directory calls it, else what its newest sign-in did; whichever is read last. Stored users are read from user and user_alias when they are first asked for, so that a run costs the users
// that it meets; those of a run are kept in memory until they are written. Two users made apart in one run and joined
// by a later record become one: ask resolve() after reading. How often a user signs in is counted elsewhere
// (UserCounters).
//
// One thread while it grows; after that any number may read. Who cannot be read is nobody, and loaded() says why.
#pragma once

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/intelligence.h"
#include "core/domain/sign_in.h"
#include "core/examine/name_index.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::store {
class Connection;
}

namespace riskdesk::run {

// What a sign-in says of its user.
struct SignInNames
{
    HashedText userId, userPrincipalName, displayName;
    std::string_view issuer;
    Identity identity = Identity::Unknown;
    Timestamp at;
};

// What was learnt of users, to be written.
struct UserChanges
{
    struct Changed
    {
        const Account *account = nullptr; // in the book, until it is told that it is written
        bool isNew = false;
        bool enabledChanged = false;
        std::string formerKey; // of a stored user whose id became known; empty: it stays
    };
    struct Joined // both stored
    {
        std::uint32_t user = 0, into = 0;
        std::string former; // the key of who becomes the other
    };
    std::vector<Changed> users;
    std::vector<std::pair<std::string, std::uint32_t>> aliases;
    std::vector<Joined> joined;
    std::vector<std::uint32_t> reidentified; // stored; were social, or are
};
// The actor of ledger events that a record of the directory told of.
inline constexpr std::string_view directoryRecord = "directory record";
// Inserts new users, updates changed ones (Code::Conflict where somebody decided on one that was to be joined); that a known account was blocked, unblocked or deleted where it lives goes
// into its history. Inside the caller's transaction.
[[nodiscard]] Status writeUsers(store::Connection &connection, const Clock &clock,
                                const UserChanges &changes);

// Those of them who have no sign-in any more are to go, once what was found of them is withdrawn. Of those who became
// somebody else what was found and withdrawn goes too. Inside the caller's transaction.
enum class Untold { Undone, Joined };
[[nodiscard]] Status leaveUntold(store::Connection &connection, std::span<const std::uint32_t> users,
                                 Untold why = Untold::Undone);
// Takes them out, unless something else tells of them: a record of the directory, a finding, a decision. How many; in a
// transaction of its own, while nobody imports.
[[nodiscard]] Result<std::uint64_t> removeUntoldUsers(store::Connection &connection);

class UserBook
{
public:
    // Reads beside the connection, over one of its own.
    [[nodiscard]] static Result<UserBook> open(store::Connection &connection);
    UserBook(UserBook &&) noexcept;
    ~UserBook();
    [[nodiscard]] Status loaded() const; // the first failure to read

    // The users of sign-ins, in their order; made when new. 0 only when both names are empty.
    void resolve(std::span<const SignInNames> names, std::span<std::uint32_t> users);
    std::uint32_t resolve(const SignInNames &names);
    // What tells no time gives a name to who has none.
    std::uint32_t resolve(std::string_view providerId, std::string_view upn)
    {
        return resolve(hashed(providerId), hashed(upn), beginningOfTime).user;
    }
    // A user record of the directory: overwrites what it says, keeps what it does not mention. False when it
    // said nothing new.
    bool apply(const UserRecord &record);

    // Who stands for the user now: a later record may have joined two.
    [[nodiscard]] std::uint32_t resolve(std::uint32_t user) const;
    [[nodiscard]] Account account(std::uint32_t user) const;
    [[nodiscard]] Identity identity(std::uint32_t user) const;

    // What was told since the last takeChanges() makes findings others that are stored.
    [[nodiscard]] bool changesThePast() const { return !m_joined.empty() || !m_reidentified.empty(); }
    // Since the last call; they count as written. After a rollback the book must be opened anew.
    [[nodiscard]] UserChanges takeChanges();
    // What was taken is in the store, and nobody is resolved by name any more: that goes out of memory.
    void written();

private:
    struct Entry
    {
        Account account;
        bool isNew = false;
        bool touched = false;
        bool enabledChanged = false;
        std::string formerKey;
    };
    // What nearly every sign-in asks of its user, close together: the accounts do not fit in a cache.
    struct Met
    {
        std::uint64_t lastUpnHash = 0; // of the name as written last, so that folding is done once
        std::uint64_t lastNameHash = 0;
        std::uint32_t joined = 0;               // another user this one turned out to be; 0: itself
        std::int64_t namedAt = beginningOfTime; // Account::namedAt
        Identity identity = Identity::Unknown;
        bool isMet = false; // the entry is, or was, in memory
    };
    struct Stored; // what the store says

    UserBook();
    std::uint32_t find(NameIndex &index, HashedText name);
    Entry &meet(std::uint32_t user, Account &&account);
    Account &held(std::uint32_t user) { return m_entries[user]->account; }
    std::uint32_t make(std::string_view providerId, std::string_view foldedUpn);
    void join(std::uint32_t user, std::uint32_t into);
    struct Resolved
    {
        std::uint32_t user = 0;
        std::int64_t namedBefore = beginningOfTime; // when its names had been told last
    };
    Resolved resolve(HashedText providerId, HashedText upn, std::int64_t at);
    void identify(std::uint32_t user, Identity identity, std::string_view issuer);
    void touch(std::uint32_t user);
    void addAlias(NameIndex &index, HashedText name, std::uint32_t user);

    std::unique_ptr<Stored> m_stored;
    bool m_anyStored = false;
    std::deque<Entry> m_users;      // of this run
    std::vector<Entry *> m_entries; // by id; [0] is nobody
    std::vector<Met> m_met;         // by id
    NameIndex m_byId, m_byUpn;
    std::vector<std::pair<std::string, std::uint32_t>> m_newAliases;
    std::vector<UserChanges::Joined> m_joined;
    std::vector<std::uint32_t> m_reidentified;
    std::vector<std::uint32_t> m_touched;
};

} // namespace riskdesk::run
