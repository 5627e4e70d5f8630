// Anonymous IP address: a success through Tor, a proxy or a VPN, as the lists stood at the time of the
// sign-in (each entry with some grace after it was last listed). The longest prefix decides; at the same
// prefix the stronger class. Hosting is only evidence; a privacy relay and a trusted network raise nothing.
//
// Tor medium, proxies medium, VPN low; Tor and VPN one level more from a device new to the user. A provider
// the user is used to (habitSuccesses unflagged successes spread over habitDays) is low. One provider within
// a day folds into one detection.
//
// Habit: a success counts when it teaches, or when this detector finds it no worse than low, the device is
// known, and no malware or threat list names the address. What an administrator has judged harmless comes
// back through learn() with `teaches`, and so counts. Bounded: 8 providers a user, forgotten after 180 days.
#pragma once

#include "core/detect/detector.h"

#include <memory>

namespace riskdesk::detect {

[[nodiscard]] std::unique_ptr<Detector> makeAnonymizedIpAddress(const Shared &shared);

} // namespace riskdesk::detect
