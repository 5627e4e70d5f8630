// Verdict: what a detector says of one sign-in, found or not, and why.
#pragma once

#include "core/domain/evidence.h"
#include "core/domain/risk.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk {

enum class Reason : std::uint8_t {
    Raised = 0,
    NotASuccess,    // wrong password, or neither right nor wrong: nothing is ever raised
    SwitchedOff,    // the detection is off in the settings, or the directory is a trial
    SocialIdentity, // another party keeps the password
    NotInteractive,
    Learning, // value of limit done
    NoEarlierSignIn,
    SameNetwork,
    NotEvaluable, // no coordinates, relay, named VPN, satellite; evidence says which
    Trusted,
    Familiar,       // impossible, yet both ends are usual; or address and device are known
    CommonHere,     // many users of the directory sign in from there
    BelowThreshold, // value against limit, in the unit of the detector
    NotListed,
    ListedAtAnotherTime,
    SharedByMany, // value users, limit
    ConfirmedBefore,
    LikelyTheUser, // odds `value` against `limit` that it was an attacker
    SetAside,      // the indicator matches too much of the directory's own traffic
    SameProvider   // own devices behind a provider's gateways in one country
};
[[nodiscard]] std::string_view toText(Reason); // "belowThreshold"

struct Verdict
{
    Reason reason = Reason::NotListed;
    RiskLevel level = RiskLevel::None; // not None exactly when reason is Raised
    double value = 0;                  // what was measured, against …
    double limit = 0;                  // … what it was compared with; unit as `unit` says
    std::string_view unit;             // "km/h", "bits", "sign-ins", "users"; static text
    std::string foldKey;               // see Detection::foldKey; only when raised
    std::string campaign;              // passwordSpray only
    Evidence evidence;                 // when raised, or when asked to explain
};

} // namespace riskdesk
