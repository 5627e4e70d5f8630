// UserBook: who is meant by the names in a log.
//
// A user is the provider's non-zero id, else the case-folded user principal name; a record with both joins
// them. Loaded from user and user_alias, extended in memory while a run reads, written by flush() inside the
// run's transaction. Two users met apart in one run and joined by a later record become one: ask resolve()
// after reading.
//
// One thread.
#pragma once

#include "core/base/hash.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/sign_in.h"
#include "core/examine/name_index.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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
};

class UserBook
{
public:
    [[nodiscard]] static Result<UserBook> load(store::Connection &connection);

    // The users of sign-ins, in their order; made when new. 0 only when both names are empty.
    void meet(std::span<const SignInNames> names, std::span<std::uint32_t> users);
    std::uint32_t meet(const SignInNames &names);
    std::uint32_t meet(HashedText providerId, HashedText upn);
    std::uint32_t meet(std::string_view providerId, std::string_view upn)
    {
        return meet(hashed(providerId), hashed(upn));
    }
    // A user record of the directory: overwrites what it says, keeps what it does not mention. False when it
    // said nothing new.
    bool apply(const UserRecord &record);

    [[nodiscard]] std::uint32_t resolve(std::uint32_t user) const;
    [[nodiscard]] const Account &account(std::uint32_t user) const { return m_users[resolve(user)].account; }
    // One sign-in of the user, in event-time order, as it is stored.
    void count(std::uint32_t user, const SignInRow &row, std::uint32_t place, std::string_view country);
    void setLearning(std::uint32_t user, std::uint32_t done, std::uint32_t needed);

    // Users touched since the last flush.
    [[nodiscard]] const std::vector<std::uint32_t> &touched() const { return m_touched; }
    // Inserts new users, updates changed ones. The caller commits; after a rollback the book must be loaded
    // anew.
    [[nodiscard]] Status flush(store::Connection &connection);

private:
    struct Entry
    {
        Account account;
        std::uint32_t lastPlace = 0;
        std::string lastCountry;
        std::uint64_t signIns = 0;
        std::uint32_t learningDone = 0, learningNeeded = 0;
        bool isNew = false;
        bool touched = false;
        bool enabledChanged = false;
    };
    // What nearly every sign-in asks of its user, close together: the accounts do not fit in a cache.
    struct Met
    {
        std::uint64_t lastUpnHash = 0; // of the name as written last, so that folding is done once
        std::uint64_t lastNameHash = 0;
        std::uint32_t joined = 0; // another user this one turned out to be; 0: itself
        bool identityKnown = false;
    };

    std::uint32_t make(std::string_view providerId, std::string_view foldedUpn);
    void touch(std::uint32_t user);
    void addAlias(NameIndex &index, HashedText name, std::uint32_t user);

    std::vector<Entry> m_users; // by id; [0] is nobody
    std::vector<Met> m_met;     // by id
    NameIndex m_byId, m_byUpn;
    std::vector<std::pair<std::string, std::uint32_t>> m_newAliases;
    std::vector<std::uint32_t> m_touched;
};

} // namespace riskdesk::run
