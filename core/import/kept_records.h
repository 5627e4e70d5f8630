// KeptRecords: what files say besides sign-ins and users, kept until it can be written: what a provider says
// of risk, new passwords, records that could not be read.
//
// keep() and count() while the files are read, on the thread that reads; what is taken is a value for the
// thread that writes. Users are those of the end of the reading where it is over, else of the moment.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/reject.h"
#include "core/examine/raise_in_order.h"
#include "core/ledger/risk_writer.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::store {
class Dictionaries;
}

namespace riskdesk::ingest {
struct MoreRejects;
}

namespace riskdesk::run {

class UserBook;

// The provider's own word about risk.
struct ProviderRecords
{
    struct RiskyUser
    {
        std::uint32_t user;
        std::string level, state, detail;
        std::optional<Timestamp> updated;
    };
    std::vector<ledger::RaisedDetection> detections;
    std::vector<RiskyUser> riskyUsers;
};

struct KeptRejects
{
    struct More
    {
        std::uint64_t line = 0, offset = 0, count = 0; // the first two of the first of them
    };
    std::vector<Reject> rejects;
    std::map<std::pair<std::string, std::string>, More> more; // by file and reason
};

struct StoredCount
{
    std::uint64_t stored = 0, duplicates = 0;
};
// Inside the caller's transaction. Empties the records; their room stays.
[[nodiscard]] Result<StoredCount> writeProviderRecords(store::Connection &connection, const Clock &clock,
                                                       ProviderRecords &records);
[[nodiscard]] Status writeRejects(store::Connection &connection, std::int64_t run,
                                  const KeptRejects &rejects);

class KeptRecords
{
public:
    KeptRecords(UserBook &users, store::Dictionaries &dictionaries)
        : m_users(users)
        , m_dictionaries(dictionaries)
    {}

    void keep(const ProviderDetection &detection);
    void keep(const ProviderRiskyUser &user);
    void keep(const PasswordRecord &password);
    // `argument`: the file as it was named to the import, under which those of an archive's members are
    // counted once there are too many members.
    void keep(Reject &&reject, const std::string &argument);
    void count(const ingest::MoreRejects &more, const std::string &argument);

    // So much of a provider's word that it should not wait for the end of the reading: a download of nothing
    // else would otherwise be held in memory whole.
    [[nodiscard]] bool isMuch() const;
    [[nodiscard]] ProviderRecords takeProviderRecords();
    // Room of what was taken and written. Growing it anew would need half as much again beside it.
    void giveBack(ProviderRecords &&emptied) { m_provider = std::move(emptied); }
    [[nodiscard]] KeptRejects takeRejects() { return std::exchange(m_rejects, {}); }
    // Those not yet taken up to a time, all of them without one; in time order. After the reading.
    [[nodiscard]] std::vector<PasswordEvent> takePasswords(std::optional<Timestamp> until);

private:
    UserBook &m_users;
    store::Dictionaries &m_dictionaries;
    ProviderRecords m_provider;
    KeptRejects m_rejects;
    std::size_t m_rejectsKept = 0;          // of the run
    std::vector<PasswordEvent> m_passwords; // in time order once the first were taken
    std::size_t m_passwordsTaken = 0;
    bool m_passwordsInOrder = false;
};

} // namespace riskdesk::run
