#include "core/lists/own_traffic_census.h"

#include "core/detect/event_time.h"
#include "core/detect/own_traffic.h"
#include "core/detect/threat_intelligence/threat_intelligence.h"
#include "core/examine/stored_sign_ins.h"

#include <map>
#include <set>
#include <tuple>

namespace riskdesk::run {
namespace {

struct Tally
{
    const ListMatch *match = nullptr;
    std::uint64_t matched = 0;
    std::set<std::uint32_t> users; // two are enough
};

} // namespace

Result<std::vector<SetAsideIndicator>> ownTraffic(store::Connection &connection, Enrichment &enrichment,
                                                  const detect::Tuning &tuning, const Position &newest,
                                                  const std::stop_token &stop)
{
    std::map<std::tuple<ListKind, std::string, std::string>, Tally> tallies; // text and user agent
    std::uint64_t all = 0;
    std::set<const Tally *> counted;
    const auto note = [&](ListKind kind, std::uint32_t user, const ListMatch &match) {
        auto &tally = tallies[{kind, match.entry->indicator, match.entry->userAgent}];
        if (!counted.insert(&tally).second)
            return;
        tally.match = &match;
        ++tally.matched;
        if (tally.users.size() < 2)
            tally.users.insert(user);
    };
    const auto days = detect::span(tuning[detect::Tune::ThreatQuarantineDays], detect::dayUs);
    SignInStream stream(connection, Position{detect::plus(newest.at, -days), EventKey{}});
    for (SignInRow row;;) {
        auto more = stream.next(row);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        if ((all & 0xfff) == 0 && stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        if (!row.succeeded())
            continue;
        const auto signIn = enrichment.make(row);
        ++all;
        counted.clear();
        for (const auto &match : signIn.facts->malware)
            note(ListKind::Malware, row.user, match);
        detect::forEachThreat(signIn, enrichment,
                              [&](const ListMatch &match) { note(ListKind::Threat, row.user, match); });
    }
    std::vector<SetAsideIndicator> found;
    for (const auto &[key, tally] : tallies)
        if (tally.match->entry->standing == Standing::Open &&
            detect::isOwnTraffic(tuning, tally.matched, all, tally.users.size()))
            found.push_back({std::get<0>(key), std::get<1>(key),
                             tally.match->list == nullptr ? std::string() : tally.match->list->name,
                             tally.matched, all, beginningOfTime});
    return found;
}

} // namespace riskdesk::run
