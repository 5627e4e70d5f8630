// What a list says about the network of a sign-in at the time of that sign-in.
#pragma once

#include "core/detect/enriched_sign_in.h"
#include "core/detect/tuning.h"

namespace riskdesk::detect {

// The entry, longest prefix first, that makes the address an anonymizer at that time; null when none does.
// A Tor exit counts anonymizedIPAddress.torGraceHours after it was last listed, others graceDays. Hosting is
// not an anonymizer; a relay is one here, since it too hides where the user is.
[[nodiscard]] const ListMatch *anonymizerAt(const EnrichedSignIn &signIn, const Tuning &tuning);

// The sign-in says nothing about where the user is: relay, named VPN, Tor, proxy, in-flight network. A VPN
// nobody has named is evaluated: co-working networks are often listed so. Unknown: it does say where.
[[nodiscard]] NetworkClass hidesPlace(const EnrichedSignIn &signIn, const Tuning &tuning);

} // namespace riskdesk::detect
