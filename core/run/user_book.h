// UserBook: who is meant by the names in a log.
//
// A user is the provider's non-zero id, else the case-folded user principal name; a record with both joins
// them. Loaded from user and user_alias, extended in memory while a run reads, written by flush() inside the
// run's transaction. Two users met apart in one run and joined by a later record become one: ask resolve()
// after reading.
//
// One thread.
#pragma once

#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace riskdesk::store {
class Connection;
}

namespace riskdesk::run {

class UserBook
{
public:
    [[nodiscard]] static Result<UserBook> load(store::Connection &connection);

    // The user of a sign-in; made when new. 0 only when both names are empty.
    std::uint32_t meet(const SignIn &signIn);
    std::uint32_t meet(std::string_view providerId, std::string_view upn);
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
        std::uint32_t joined = 0; // another user this one turned out to be; 0: itself
        std::uint32_t lastPlace = 0;
        std::string lastCountry;
        std::uint64_t signIns = 0;
        std::uint32_t learningDone = 0, learningNeeded = 0;
        std::size_t lastUpnHash = 0; // of the name as written last, so that folding is done once
        std::size_t lastNameHash = 0;
        bool isNew = false;
        bool touched = false;
        bool enabledChanged = false;
    };
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    using Index = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

    std::uint32_t make(std::string_view providerId, std::string_view foldedUpn);
    void touch(std::uint32_t user);
    void addAlias(Index &index, std::string_view name, std::uint32_t user);

    std::vector<Entry> m_users; // by id; [0] is nobody
    Index m_byId, m_byUpn;
    std::vector<std::pair<std::string, std::uint32_t>> m_newAliases;
    std::vector<std::uint32_t> m_touched;
};

} // namespace riskdesk::run
