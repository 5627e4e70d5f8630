// Unfamiliar sign-in properties: place and device are, taken together, unlike this user. The model is that of
// features.h; this file holds the bars and says why.
//
// Low, medium and high from Tune::UnfamiliarLowBits, MediumBits, HighBits; high also needs something never
// seen before in both the place and the device. Silent while the user is being learnt.
#pragma once

#include "core/detect/usual/features.h"

#include <memory>

namespace riskdesk::detect {

// The engine has the model assess() a sign-in before it is judged or learnt here.
[[nodiscard]] std::unique_ptr<Detector> makeUnfamiliarFeatures(const Shared &shared);

} // namespace riskdesk::detect
