#include "core/detect/own_traffic.h"

#include "core/base/stable_hash.h"
#include "core/detect/event_time.h"

#include <algorithm>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostIndicators = 1024;
constexpr std::size_t mostDays = 128;
constexpr std::uint64_t leastSuccesses = 50;
constexpr std::size_t leastUsers = 2;
constexpr std::size_t leastDays = 5;

std::int32_t dayOf(std::int64_t at)
{
    return static_cast<std::int32_t>(floorDivide(at, dayUs));
}

} // namespace

std::uint64_t indicatorKey(const ListEntry &entry)
{
    return mixBits(stableHash(entry.indicator) + stableHash(entry.userAgent) + 3 * stableHash(entry.account));
}

void OwnTraffic::DayCounts::add(std::int32_t day, std::int32_t keep)
{
    if (days.empty() || days.back().day < day) {
        std::erase_if(days, [&](const Day &d) { return d.day < day - keep; });
        days.push_back({day, 0});
    }
    ++days.back().count;
}

std::uint64_t OwnTraffic::DayCounts::since(std::int32_t first) const
{
    std::uint64_t sum = 0;
    for (const Day &d : days)
        if (d.day >= first)
            sum += d.count;
    return sum;
}

std::size_t OwnTraffic::DayCounts::daysSince(std::int32_t first) const
{
    return static_cast<std::size_t>(
        std::count_if(days.begin(), days.end(), [first](const Day &d) { return d.day >= first; }));
}

void OwnTraffic::Counts::write(StateWriter &out) const
{
    out.put(newest);
    out.put(newestKey);
    out.putRows(successes.days);
    std::vector<std::uint64_t> order;
    for (const auto &[key, indicator] : indicators)
        order.push_back(key);
    std::sort(order.begin(), order.end());
    out.put(static_cast<std::uint32_t>(order.size()));
    for (const auto key : order) {
        const auto &indicator = indicators.at(key);
        out.put(key);
        out.putRows(indicator.matched.days);
        out.putRows(indicator.users);
        out.put(indicator.aside);
    }
}

bool OwnTraffic::Counts::read(StateReader &in)
{
    std::uint32_t count = 0;
    if (!in.get(newest) || !in.get(newestKey) || !in.getRows(successes.days, mostDays) || !in.get(count) ||
        count > mostIndicators)
        return false;
    for (; count > 0; --count) {
        std::uint64_t key = 0;
        if (!in.get(key))
            return false;
        auto &indicator = indicators[key];
        if (!in.getRows(indicator.matched.days, mostDays) || !in.getRows(indicator.users, leastUsers) ||
            !in.get(indicator.aside))
            return false;
    }
    return true;
}

OwnTraffic::OwnTraffic(const Tuning &tuning, ListKind kind, std::uint64_t part, StateSource &source)
    : m_tuning(tuning)
    , m_kind(kind)
    , m_part(part)
{
    static_cast<void>(readPart(source.load(StatePart::Global, m_part), m_counts));
}

std::int32_t OwnTraffic::keptDays() const
{
    return static_cast<std::int32_t>(m_tuning[Tune::ThreatQuarantineDays]) + 1;
}

bool OwnTraffic::isOwn(const OwnTrafficShare &share, const Indicator &indicator, std::int64_t at) const
{
    return at >= m_from && share.all >= leastSuccesses && indicator.users.size() >= leastUsers &&
           share.days >= leastDays && share.percent() > m_tuning[Tune::ThreatQuarantinePercent];
}

OwnTrafficShare OwnTraffic::counted(const ListEntry &entry, std::int64_t at) const
{
    OwnTrafficShare share;
    const auto first = dayOf(plus(at, -span(m_tuning[Tune::ThreatQuarantineDays], dayUs)));
    share.all = m_counts.successes.since(first);
    if (const auto known = m_counts.indicators.find(indicatorKey(entry));
        known != m_counts.indicators.end()) {
        share.matched = known->second.matched.since(first);
        share.days = known->second.matched.daysSince(first);
    }
    return share;
}

OwnTrafficShare OwnTraffic::share(const ListEntry &entry, std::int64_t at) const
{
    auto share = counted(entry, at);
    if (entry.standing == Standing::Warned) {
        share.tooMuch = true;
        return share;
    }
    // At 100 % the guard is off, whatever it did before.
    if (entry.standing == Standing::Released || m_tuning[Tune::ThreatQuarantinePercent] >= 100)
        return share;
    const auto known = m_counts.indicators.find(indicatorKey(entry));
    const bool counts = known != m_counts.indicators.end();
    if (counts && isOwn(share, known->second, at)) {
        share.tooMuch = true;
    } else if (entry.standing == Standing::SetAside) { // by what was too much
        share.matched = entry.asideMatched;
        share.all = entry.asideAll;
        share.tooMuch = true;
    } else if (counts && known->second.told.tooMuch) {
        share = known->second.told;
    }
    return share;
}

bool OwnTraffic::count(const EnrichedSignIn &signIn)
{
    if (!signIn.succeeded())
        return false;
    const std::int64_t at = signIn.row.at;
    if (at < m_counts.newest || (at == m_counts.newest && signIn.row.eventKey <= m_counts.newestKey))
        return false; // taught afterwards; it was counted when it came
    m_changed = true;
    m_counts.newest = at;
    m_counts.newestKey = signIn.row.eventKey;
    m_counts.successes.add(dayOf(at), keptDays());
    m_countedSize = 0;
    return true;
}

void OwnTraffic::count(const EnrichedSignIn &signIn, const ListMatch &match)
{
    const auto key = indicatorKey(*match.entry);
    const auto end = m_counted + m_countedSize;
    if (m_countedSize == std::size(m_counted) || std::find(m_counted, end, key) != end)
        return;
    m_counted[m_countedSize++] = key;
    const auto day = dayOf(signIn.row.at);
    // What the judgement of this very sign-in knew: the successes before it.
    auto before = counted(*match.entry, signIn.row.at);
    before.all -= std::min<std::uint64_t>(before.all, 1);
    auto &all = m_counts.indicators;
    if (all.size() >= mostIndicators && !all.contains(key))
        makeRoom(day - keptDays());
    Indicator &indicator = all[key];
    const auto standing = match.entry->standing;
    if ((standing == Standing::Open || standing == Standing::SetAside) &&
        m_tuning[Tune::ThreatQuarantinePercent] < 100 && isOwn(before, indicator, signIn.row.at)) {
        const bool known = standing == Standing::SetAside;
        if (known ? indicator.aside == endOfTime : !indicator.told.tooMuch)
            m_setAside.push_back({m_kind, match.entry->indicator,
                                  match.list == nullptr ? std::string() : match.list->name, before.matched,
                                  before.all, signIn.row.at});
        if (!indicator.told.tooMuch)
            indicator.told = before;
        indicator.told.tooMuch = true;
        indicator.aside = std::min(indicator.aside, signIn.row.at);
    }
    indicator.matched.add(day, keptDays());
    if (indicator.users.size() < leastUsers &&
        std::find(indicator.users.begin(), indicator.users.end(), signIn.row.user) == indicator.users.end())
        indicator.users.push_back(signIn.row.user);
}

void OwnTraffic::makeRoom(std::int32_t firstDay)
{
    auto &all = m_counts.indicators;
    std::erase_if(all, [&](const auto &entry) {
        return entry.second.aside == endOfTime && entry.second.matched.since(firstDay) == 0;
    });
    if (all.size() < mostIndicators)
        return;
    // The one that matched least says least.
    all.erase(std::min_element(all.begin(), all.end(), [&](const auto &a, const auto &b) {
        const bool leftAside = a.second.aside != endOfTime, rightAside = b.second.aside != endOfTime;
        if (leftAside != rightAside)
            return rightAside;
        const auto left = a.second.matched.since(firstDay), right = b.second.matched.since(firstDay);
        return left != right ? left < right : a.first < b.first;
    }));
}

void OwnTraffic::save(StateSink &sink)
{
    if (m_changed)
        sink.save(StatePart::Global, m_part, writePart(m_counts));
    m_changed = false;
}

void OwnTraffic::takeSetAside(std::vector<SetAsideIndicator> &out)
{
    for (auto &one : m_setAside)
        out.push_back(std::move(one));
    m_setAside.clear();
}

} // namespace riskdesk::detect
