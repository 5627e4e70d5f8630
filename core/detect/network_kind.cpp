#include "core/detect/network_kind.h"

#include "core/detect/event_time.h"
#include "core/detect/list_evidence.h"

namespace riskdesk::detect {

namespace {

bool holds(const ListEntry &e, std::int64_t at, const Tuning &tuning)
{
    if (e.kind == NetworkClass::Hosting)
        return false;
    return holdsAt(e, at,
                   e.kind == NetworkClass::Tor ? span(tuning[Tune::AnonymizerTorGraceHours], hourUs)
                                               : span(tuning[Tune::AnonymizerGraceDays], dayUs));
}

} // namespace

const ListMatch *anonymizerAt(const EnrichedSignIn &signIn, const Tuning &tuning)
{
    for (const ListMatch &match : signIn.facts->anonymizers)
        if (holds(*match.entry, signIn.row.at, tuning))
            return &match;
    return nullptr;
}

NetworkClass hidesPlace(const EnrichedSignIn &signIn, const Tuning &tuning)
{
    const NetworkClass own = signIn.facts->networkClass;
    if (own == NetworkClass::Satellite || own == NetworkClass::Relay)
        return own;
    for (const ListMatch &match : signIn.facts->anonymizers) {
        const ListEntry &e = *match.entry;
        if (!holds(e, signIn.row.at, tuning))
            continue;
        // An anonymizer of a kind the list does not name is taken for a VPN, as anonymizedIPAddress does.
        const bool vpn = e.kind == NetworkClass::Vpn || e.kind == NetworkClass::Unknown;
        if (!vpn)
            return e.kind;
        if (!e.name.empty())
            return NetworkClass::Vpn;
    }
    return NetworkClass::Unknown;
}

} // namespace riskdesk::detect
