// When a scope shows a password spray: the rules with their windows and thresholds (Tune::Spray*).
//
//   one source    5 users in 20 minutes, or 10 in a day, more than got in      address, network
//   many sources  8 users, 5 addresses, 25 attempts in an hour, one client     network, client in an AS,
//   client low and slow  20 users in a day, at most 3 attempts each                   client in an AS, client
//
// and always a bad-to-good ratio far above what is usual and, with two weeks of history, surprise.
#pragma once

#include "core/detect/password_spray/spray_campaign.h"
#include "core/detect/password_spray/spray_scope.h"
#include "core/detect/tuning.h"

#include <cstdint>
#include <optional>

namespace riskdesk::detect {

struct SprayShown
{
    SprayRule rule = SprayRule::SingleSource;
    std::int64_t length = 0; // of the rule's window, microseconds
    SprayWindow window;
    std::uint32_t users = 0;           // failing ones, as the rule counts them
    double ratio = 0;                  // bad to good; may be infinite
    double surprise = 0, expected = 0; // bits, users; 0 without history
};

// The ratio over a window, by whole buckets, is that of an attack. `usualShare` is f0.
[[nodiscard]] bool looksAttacked(const SprayScope &scope, std::int64_t now, std::int64_t length,
                                 const Tuning &tuning, double usualShare);
[[nodiscard]] std::optional<SprayShown> showsSpray(const SprayScope &scope, ScopeKind kind, std::int64_t now,
                                                   const Tuning &tuning, double usualShare);

} // namespace riskdesk::detect
