// Address crowd: whether one address carries more than half of all users of an import.
//
// That is what a reverse proxy looks like that does not pass on where people come from: everybody signs in
// from 127.0.0.1, from one address of the company, or from the private ones of a few machines (which are
// taken together). Then every judgement by place and network is worth nothing, and it has to be said.
//
// Counts successes, as an attacker tries the accounts of everybody from one address too. Of each user the
// first four addresses are kept, sixteen bytes; one thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/ip_address.h"
#include "core/base/result.h"
#include "core/domain/notice.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::run {

class AddressCrowd
{
public:
    // A success of a user (from 1) from an address of the dictionary.
    void note(std::uint32_t user, std::uint32_t address, const IpAddress &ip);

    [[nodiscard]] std::optional<CrowdedAddress> found() const;
    // Enough users to say that there is none.
    [[nodiscard]] bool canTell() const { return m_users >= leastUsers; }

private:
    // Ten people in one office are no proxy; five on private addresses have no other way in.
    static constexpr std::uint64_t leastUsers = 10, leastPrivateUsers = 5;
    static constexpr std::uint32_t privateOnes = 0xffffffff;
    struct Count
    {
        IpAddress ip;
        std::uint64_t users = 0;
    };
    std::vector<std::array<std::uint32_t, 4>> m_seen; // by user
    std::vector<Count> m_counts;                      // by address
    Count m_private, m_firstPrivate;
    bool m_severalPrivate = false;
    std::uint64_t m_users = 0;
};

// Keeps the notice, or takes it back; what was found.
[[nodiscard]] Result<std::optional<CrowdedAddress>> writeCrowd(store::Connection &connection,
                                                               const Clock &clock, const AddressCrowd &crowd);

// Takes the notice back that a run since then has left. Inside the caller's transaction.
[[nodiscard]] Status forgetCrowdSince(store::Connection &connection, Timestamp since);

} // namespace riskdesk::run
