// Threat intelligence: a success that an indicator names at its time, by address, network, AS, user agent,
// user, or several of them together. Level by confidence (an indicator without one counts as 50), one higher
// when it names the actor behind it.
//
// An indicator that is the directory's own traffic raises nothing (own_traffic.h); the evidence says so.
#pragma once

#include "core/detect/detector.h"

#include <algorithm>
#include <memory>

namespace riskdesk::detect {

[[nodiscard]] std::unique_ptr<Detector> makeThreatIntelligence(const Shared &shared);

// An indicator of several fields names a sign-in only when all of them do.
[[nodiscard]] bool isNamedBy(const ListEntry &entry, const EnrichedSignIn &signIn, const Names &names);
// Calls `f(const ListMatch &)` for each indicator that names the sign-in, whatever its dates.
template <typename Function>
void forEachThreat(const EnrichedSignIn &signIn, const Names &names, Function f)
{
    for (const ListMatch &match : signIn.facts->threats)
        if (isNamedBy(*match.entry, signIn, names))
            f(match);
    for (const auto *match : {signIn.threatAgent, signIn.threatAccount})
        if (match != nullptr && isNamedBy(*match->entry, signIn, names) &&
            std::ranges::none_of(signIn.facts->threats,
                                 [&](const ListMatch &m) { return m.entry == match->entry; }))
            f(*match);
}

} // namespace riskdesk::detect
