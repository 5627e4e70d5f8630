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

const ListMatch *anonymizerAt(const Sighting &sighting, const Tuning &tuning)
{
    for (const ListMatch &match : sighting.facts->anonymizers)
        if (holds(*match.entry, sighting.row.at, tuning))
            return &match;
    return nullptr;
}

NetworkClass hidesPlace(const Sighting &sighting, const Tuning &tuning)
{
    const NetworkClass own = sighting.facts->networkClass;
    if (own == NetworkClass::Satellite || own == NetworkClass::Relay)
        return own;
    for (const ListMatch &match : sighting.facts->anonymizers) {
        const ListEntry &e = *match.entry;
        if (!holds(e, sighting.row.at, tuning))
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
