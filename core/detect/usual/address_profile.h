// AddressProfiles: who signs in from an address, and how often that fails; and what share of sign-ins fails
// anyway. Shared by passwordSpray (the NAT guard, f0) and malwareInfectedIPAddress (sharing, own experience).
//
// One object for all detectors. For each sign-in the engine lets every detector judge() and learn(), and then
// calls learn() here, once; so "earlier" never includes the sign-in itself. A sign-in that is taught
// afterwards (Engine::teach) goes through learn() again, with `teaches`: it only adds the success that was
// withheld. Single-threaded. Bounded: 65,536 x 8 addresses and networks, 4096 users an address.
#pragma once

#include "core/base/ip_address.h"
#include "core/detect/enriched_sign_in.h"
#include "core/detect/prefetch.h"
#include "core/detect/state.h"
#include "core/detect/tuning.h"

#include <cstdint>
#include <memory>

namespace riskdesk::detect {

// Failures beyond the usual share f0, per good attempt: (f - f0) / (1 - f); infinite at f = 1. Attacks fail
// almost always, good users fail with f0 (after Herley and Schechter, NDSS 2019).
[[nodiscard]] double badToGoodRatio(double failureShare, double usualShare);
// With that ratio, the odds that a failure is hostile: r / (f0 + r).
[[nodiscard]] double hostileOdds(double failureShare, double usualShare);

struct AddressReputation
{
    bool bad = false; // the address earned a bad reputation that still lasts
    double odds = 0;  // that a failure of the past days was hostile, 0..1
    std::uint32_t attempts = 0, failures = 0, failingUsers = 0; // of the past `ownDays`
    Timestamp until;                                            // end of the reputation; meaningful when bad
};

class AddressProfiles
{
public:
    AddressProfiles(const Tuning &tuning, StateSource &source);
    ~AddressProfiles();
    AddressProfiles(const AddressProfiles &) = delete;
    AddressProfiles &operator=(const AddressProfiles &) = delete;

    void expect(const IpAddress &ip, Prefetch stage);
    // Newer than everything learnt so far; false for a sign-in that is only taught afterwards.
    [[nodiscard]] bool isNew(const EnrichedSignIn &signIn) const;
    // Unflagged successes of this user from this address so far.
    [[nodiscard]] std::uint32_t successes(const IpAddress &ip, std::uint32_t user, Timestamp at);
    // The user has signed in from here often enough (passwordSpray.natSuccesses) to be an ordinary guest.
    [[nodiscard]] bool isRegular(const EnrichedSignIn &signIn);
    // Distinct users with unflagged successes from the address in the `sharingDays` before.
    [[nodiscard]] std::uint32_t sharedBy(const IpAddress &ip, Timestamp at);
    [[nodiscard]] bool hasBadReputation(const IpAddress &ip, Timestamp at); // quick
    [[nodiscard]] AddressReputation reputation(const IpAddress &ip, Timestamp at);
    // hostileOdds() of the address over the past `ownDays`, drawn towards the share of its network (/24, /48) by
    // ten attempts' weight, and that towards the usual share, so that one mistyped password says little and an
    // address that nobody has seen is what its neighbours are. For the features model.
    [[nodiscard]] double failureOdds(const IpAddress &ip, Timestamp at);
    // f0: the failure share of the median network by volume with at least 100 attempts, bounded by the
    // settings.
    [[nodiscard]] double usualFailureShare() const;

    void learn(const EnrichedSignIn &signIn, bool teaches);
    void save(StateSink &sink);

private:
    struct Parts;
    std::unique_ptr<Parts> m;
};

[[nodiscard]] std::shared_ptr<AddressProfiles> makeAddressProfiles(const Tuning &tuning, StateSource &source);

} // namespace riskdesk::detect
