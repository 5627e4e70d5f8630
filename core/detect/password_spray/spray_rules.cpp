#include "core/detect/password_spray/spray_rules.h"

#include "core/detect/event_time.h"
#include "core/detect/usual/address_profile.h"

#include <algorithm>

namespace riskdesk::detect {
namespace {

struct Rule
{
    SprayRule name;
    std::int64_t length;
    Tune leastUsers;
    bool sprayedOnly; // count only users with few failures
    bool (*holds)(const SprayWindow &, const Tuning &);
};

bool oneSource(const SprayWindow &w, const Tuning &)
{
    return w.sprayedUsers > w.succeedingUsers;
}

bool manySources(const SprayWindow &w, const Tuning &t)
{
    return w.addresses >= t[Tune::SprayWideAddresses] && w.failures >= t[Tune::SprayWideAttempts] &&
           w.failures <= t[Tune::SprayWidePerUser] * w.failingUsers &&
           w.agentShare * 100 >= t[Tune::SprayWideTraitPercent];
}

bool lowAndSlow(const SprayWindow &w, const Tuning &t)
{
    return w.failures <= t[Tune::SpraySlowPerUser] * w.failingUsers;
}

} // namespace

bool looksAttacked(const SprayScope &scope, std::int64_t now, std::int64_t length, const Tuning &tuning,
                   double usualShare)
{
    return badToGoodRatio(scope.roughFailureShare(now, length), usualShare) >= tuning[Tune::SprayBadToGood];
}

std::optional<SprayShown> showsSpray(const SprayScope &scope, ScopeKind kind, std::int64_t now,
                                     const Tuning &tuning, double usualShare)
{
    const auto test = [&](const Rule &rule) -> std::optional<SprayShown> {
        if (!looksAttacked(scope, now, rule.length, tuning, usualShare))
            return std::nullopt;
        SprayShown shown;
        shown.rule = rule.name;
        shown.length = rule.length;
        shown.window =
            scope.window(now, rule.length, tuning[Tune::SpraySourcePerUser], tuning[rule.leastUsers]);
        shown.users = rule.sprayedOnly ? shown.window.sprayedUsers : shown.window.failingUsers;
        shown.ratio = badToGoodRatio(shown.window.failureShare(), usualShare);
        if (shown.users < tuning[rule.leastUsers] || !rule.holds(shown.window, tuning) ||
            !(shown.ratio >= tuning[Tune::SprayBadToGood]))
            return std::nullopt;
        if (scope.knownFor(now) < span(tuning[Tune::SprayHistoryDays], dayUs))
            return shown;
        shown.expected =
            std::max(0.5, scope.usualFailingUsers(now, rule.length, tuning[Tune::SprayRateAlpha]));
        shown.surprise = poissonSurpriseBits(shown.expected, shown.users);
        return shown.surprise >= tuning[Tune::SpraySurpriseBits] ? std::optional(shown) : std::nullopt;
    };
    std::optional<SprayShown> shown;
    if (kind == ScopeKind::Address || kind == ScopeKind::Network) {
        shown = test({SprayRule::SingleSource, span(tuning[Tune::SpraySourceMinutes], minuteUs),
                      Tune::SpraySourceUsers, true, oneSource});
        if (!shown)
            shown = test({SprayRule::SingleSourceDay, dayUs, Tune::SpraySourceDayUsers, true, oneSource});
    }
    if (!shown && kind != ScopeKind::Address)
        shown = test({SprayRule::ManySources, hourUs, Tune::SprayWideUsers, false, manySources});
    if (!shown && (kind == ScopeKind::AsnAgent || kind == ScopeKind::Agent))
        shown = test({SprayRule::LowAndSlow, dayUs, Tune::SpraySlowUsers, false, lowAndSlow});
    return shown;
}

} // namespace riskdesk::detect
