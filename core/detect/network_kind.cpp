#include "core/detect/network_kind.h"

#include <cstdint>

namespace riskdesk::detect {

namespace {

bool holds(const ListEntry &e, std::int64_t at, const Tuning &tuning)
{
    if (e.kind == NetworkClass::Hosting || at < e.from)
        return false;
    const double graceHours = e.kind == NetworkClass::Tor ? tuning[Tune::AnonymizerTorGraceHours]
                                                          : tuning[Tune::AnonymizerGraceDays] * 24;
    std::int64_t end = 0;
    return __builtin_add_overflow(e.until, static_cast<std::int64_t>(graceHours * 3.6e9), &end) || at <= end;
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
        if (holds(e, sighting.row.at, tuning) && !(e.kind == NetworkClass::Vpn && e.name.empty()))
            return e.kind;
    }
    return NetworkClass::Unknown;
}

} // namespace riskdesk::detect
