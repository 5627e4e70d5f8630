// Password spray: few passwords tried on many accounts. A campaign is recognised in the narrowest scope that
// shows it (one address, its network, one client in one AS, one client anywhere); a user detection is raised
// only when a right password is then used from that scope by someone it does not look like.
//
// Rules, windows and thresholds: Tune::Spray*. A scope must also have a bad-to-good ratio far above what is
// usual (address_profile.h) and, where it has two weeks of history, be surprising for that hour of the week.
// Only Sighting::badPassword() counts as a failure. Users with some earlier unflagged successes from the
// address (an office, a school) are left out altogether, failures and successes alike. A user with more than
// `sourcePerUser` failures in the window is not counted as sprayed, but does not hide the others either.
//
// learn() may recognise a campaign around successes of the past day; they come out of takeLate().
#pragma once

#include "core/detect/address_profile.h"
#include "core/detect/detector.h"

#include <memory>

namespace riskdesk::detect {

[[nodiscard]] std::unique_ptr<Detector> makePasswordSpray(const Tuning &tuning, StateSource &source,
                                                          const Names &names,
                                                          std::shared_ptr<AddressProfiles> profiles);

} // namespace riskdesk::detect
