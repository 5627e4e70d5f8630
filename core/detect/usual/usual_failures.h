// UsualFailures: f0, the share of sign-ins that fails anyway, and the newest sign-in it has counted.
//
// An attacked directory cannot take its overall share for usual, so it is that of the median network by
// volume among those with at least 100 attempts (after Herley and Schechter, NDSS 2019: the least attacked
// tell what is legitimate). Volumes fade with a half-life of 30 days; weighed once an hour. Bounded: 4096
// networks.
#pragma once

#include "core/detect/state.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <unordered_map>

namespace riskdesk::detect {

class UsualFailures
{
public:
    static constexpr std::uint8_t version = 1;

    [[nodiscard]] bool isNew(const SignInRow &row) const
    {
        return row.at > m_newest || (row.at == m_newest && row.eventKey > m_newestKey);
    }
    // `row` isNew(); ASN 0 belongs to no network.
    void count(const SignInRow &row, std::uint32_t asn, bool failed);
    [[nodiscard]] double share() const { return m_share; } // negative while nothing is known

    void write(StateWriter &out) const;
    [[nodiscard]] bool read(StateReader &in);

private:
    struct Volume
    {
        double attempts = 0, failures = 0;
    };
    void weigh();
    void makeRoom();

    std::int64_t m_newest = INT64_MIN;
    EventKey m_newestKey{};
    std::int64_t m_day = INT64_MIN, m_hour = INT64_MIN;
    double m_share = -1;
    std::unordered_map<std::uint32_t, Volume> m_volumes; // by ASN
};

} // namespace riskdesk::detect
