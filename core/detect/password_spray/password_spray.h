// Password spray: few passwords tried on many accounts. A campaign is recognised in the narrowest scope that
// shows it (one address, its network, one client in one AS, one client anywhere).
//
// Rules, windows and thresholds: Tune::Spray*. A scope must also have a bad-to-good ratio far above what is
// usual (address_profile.h) and, where it has two weeks of history, be surprising for that hour of the week.
// Only EnrichedSignIn::badPassword() counts as a failure, and not that of a user who then got in from the
// same address. Users with some earlier unflagged successes from the address (an office, a school) are left
// out altogether. A user with more than `sourcePerUser` failures in the window is not counted as sprayed, but
// does not hide the others either.
//
// A campaign accuses nobody. A right password used within its reach is judged by itself (SprayOdds): it is
// raised when it is more likely the attacker's than the user's own, also where a second factor, a policy or
// its age stopped it.
//
// learn() may recognise a campaign around successes of the past day; they come out of takeLate().
#pragma once

#include "core/detect/detector.h"
#include "core/detect/usual/address_profile.h"

#include <memory>

namespace riskdesk::detect {

[[nodiscard]] std::unique_ptr<Detector> makePasswordSpray(const Shared &shared);

} // namespace riskdesk::detect
