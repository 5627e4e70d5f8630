#include "core/detect/password_spray/spray_campaign.h"

#include "core/base/stable_hash.h"
#include "core/detect/event_time.h"
#include "core/detect/usual/address_profile.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostCampaigns = 128;
constexpr std::size_t mostTargets = 8192;
constexpr std::size_t mostAddresses = 8192;
constexpr std::size_t mostBins = 96;
constexpr double mostBits = 5; // what one chain may say: its terms are not independent of the other's

} // namespace

void SprayTimeline::add(std::int64_t at, std::uint32_t count)
{
    if (width == 0)
        width = 5 * minuteUs;
    const auto offset = std::max<std::int64_t>(0, minus(at, start));
    while (offset / width >= static_cast<std::int64_t>(mostBins)) {
        for (std::size_t i = 0; i < bins.size(); ++i)
            if (i % 2 == 0)
                bins[i / 2] = bins[i];
            else
                bins[i / 2] += bins[i];
        bins.resize((bins.size() + 1) / 2);
        width *= 2;
    }
    const auto bin = static_cast<std::size_t>(offset / width);
    if (bins.size() <= bin)
        bins.resize(bin + 1);
    bins[bin] += count;
}

std::string SprayTimeline::text() const
{
    std::string out;
    for (const auto bin : bins)
        out += (out.empty() ? "" : " ") + std::to_string(bin);
    return out;
}

CampaignTarget *SprayCampaign::reachTarget(std::uint32_t user, std::int64_t at)
{
    const auto [it, fresh] = m_index.try_emplace(user, campaign.targets.size());
    if (fresh) {
        if (campaign.targets.size() >= mostTargets) {
            m_index.erase(it);
            return nullptr;
        }
        campaign.targets.push_back({user, 0, 0, {at}, {at}});
    }
    CampaignTarget &target = campaign.targets[it->second];
    target.first = std::min(target.first, Timestamp{at});
    target.last = std::max(target.last, Timestamp{at});
    return &target;
}

void SprayCampaign::addFailure(const Attempt &attempt, std::uint32_t count, std::int64_t first)
{
    changed = true;
    campaign.attempts += count;
    campaign.failures += count;
    campaign.last = std::max(campaign.last, Timestamp{attempt.at});
    unknownUserFailures += attempt.unknownUser ? count : 0;
    timeline.add(attempt.at, count);
    if (m_addresses.size() < mostAddresses)
        m_addresses.insert(stableHash(attempt.ip));
    campaign.addresses = static_cast<std::uint32_t>(m_addresses.size());
    if (auto *target = reachTarget(attempt.user, first)) {
        target->attempts += count;
        target->last = std::max(target->last, Timestamp{attempt.at});
    }
    campaign.users = static_cast<std::uint32_t>(campaign.targets.size());
}

// A hit is an attempt too, but does not keep a campaign open: its user may go on working from there.
void SprayCampaign::addHit(const Attempt &attempt)
{
    changed = true;
    ++campaign.attempts;
    timeline.add(attempt.at, 1);
    if (auto *target = reachTarget(attempt.user, attempt.at))
        hitUsers += target->successes++ == 0 ? 1u : 0u;
    campaign.users = static_cast<std::uint32_t>(campaign.targets.size());
}

void SprayCampaign::addSlips(std::uint32_t user, std::uint32_t count)
{
    const auto *known = target(user);
    if (known == nullptr)
        return;
    auto &slips = m_slips[user];
    const auto more = std::min(count, known->attempts - slips);
    slips += more;
    m_slipCount += more;
}

SprayOdds SprayCampaign::odds(std::uint32_t user, const SprayFamiliarity &familiarity,
                              double usualFailureShare, const std::optional<SprayCounts> &source) const
{
    // Were it the user's own, the user's failures would have been slips too.
    std::uint32_t own = 0;
    bool fresh = true; // no hit of the campaign yet
    const auto *known = target(user);
    if (known != nullptr) {
        const auto slips = m_slips.find(user);
        own = known->attempts - (slips == m_slips.end() ? 0 : slips->second);
        fresh = known->successes == 0;
    }
    SprayOdds o;
    o.plausible = hitUsers + (fresh ? 1u : 0u) <= 2 + campaign.targets.size() / 10;
    o.joined = source.has_value();
    o.failures = source ? source->failures : campaign.failures - m_slipCount - own;
    o.good = source ? source->good : good;
    const double all = static_cast<double>(o.failures) + o.good;
    o.ratio = o.failures == 0 ? 0 : badToGoodRatio(o.failures / all, usualFailureShare);
    const auto others = static_cast<double>(campaign.targets.size()) - (known == nullptr ? 0 : 1);
    o.hitRate = (1.0 + hitUsers - (fresh ? 0 : 1)) / (2.0 + others);
    if (!familiarity.learning)
        o.unlikeness = std::exp2(std::clamp(familiarity.placeBits, 0.0, mostBits) +
                                 std::clamp(familiarity.deviceBits, 0.0, mostBits));
    o.odds = o.hitRate * o.ratio * o.unlikeness;
    return o;
}

const CampaignTarget *SprayCampaign::target(std::uint32_t user) const
{
    const auto it = m_index.find(user);
    return it == m_index.end() ? nullptr : &campaign.targets[it->second];
}

CampaignFacts SprayCampaign::facts() const
{
    CampaignFacts f = campaign;
    f.rule = rule;
    f.windowMinutes = windowUs / minuteUs;
    f.failingUsers = failingUsers;
    f.succeedingUsers = succeedingUsers;
    f.unknownUserFailures = unknownUserFailures;
    f.usualFailureShare = usualShare;
    f.expectedUsers = expectedUsers;
    f.timeline = timeline.text();
    f.timelineMinutes = timeline.width / minuteUs;
    return f;
}

Campaign SprayCampaign::finished() const
{
    return {facts(), campaign.targets};
}

void SprayCampaign::write(StateWriter &out) const
{
    putText(out, campaign.id);
    putText(out, campaign.scopeText);
    out.put(static_cast<std::uint8_t>(key.kind));
    out.put(key.id);
    out.put(static_cast<std::uint8_t>(rule));
    for (const auto time : {campaign.opened.us, campaign.detected.us, campaign.last.us, windowUs,
                            timeline.start, timeline.width})
        out.put(time);
    for (const auto number : {campaign.attempts, campaign.failures, campaign.users, campaign.addresses,
                              failingUsers, succeedingUsers, unknownUserFailures, good})
        out.put(number);
    for (const auto number : {campaign.badToGood, campaign.surpriseBits, usualShare, expectedUsers})
        out.put(number);
    out.putRows(timeline.bins);
    out.put(static_cast<std::uint32_t>(campaign.targets.size()));
    for (const CampaignTarget &t : campaign.targets) {
        out.put(t.user);
        out.put(t.attempts);
        out.put(t.successes);
        out.put(t.first.us);
        out.put(t.last.us);
        const auto slips = m_slips.find(t.user);
        out.put(slips == m_slips.end() ? std::uint32_t{0} : slips->second);
    }
    std::vector<std::uint64_t> addresses(m_addresses.begin(), m_addresses.end());
    std::sort(addresses.begin(), addresses.end());
    out.putRows(addresses);
    out.put(static_cast<std::uint8_t>(changed));
}

bool SprayCampaign::read(StateReader &in)
{
    std::uint8_t kind = 0, number = 0, moved = 0;
    if (!getText(in, campaign.id) || !getText(in, campaign.scopeText) || !in.get(kind) || kind < 1 ||
        kind > 4 || !in.get(key.id) || !in.get(number) || number < 1 || number > 4)
        return false;
    key.kind = campaign.scope = static_cast<ScopeKind>(kind);
    rule = static_cast<SprayRule>(number);
    for (auto *time : {&campaign.opened.us, &campaign.detected.us, &campaign.last.us, &windowUs,
                       &timeline.start, &timeline.width})
        if (!in.get(*time))
            return false;
    for (auto *count : {&campaign.attempts, &campaign.failures, &campaign.users, &campaign.addresses,
                        &failingUsers, &succeedingUsers, &unknownUserFailures, &good})
        if (!in.get(*count))
            return false;
    for (auto *measure : {&campaign.badToGood, &campaign.surpriseBits, &usualShare, &expectedUsers})
        if (!in.get(*measure) || !std::isfinite(*measure))
            return false;
    std::uint32_t targets = 0;
    if (timeline.width <= 0 || windowUs < 0 || !in.getRows(timeline.bins, mostBins) || !in.get(targets) ||
        targets > mostTargets)
        return false;
    for (; targets > 0; --targets) {
        CampaignTarget t;
        std::uint32_t slips = 0;
        if (!in.get(t.user) || !in.get(t.attempts) || !in.get(t.successes) || !in.get(t.first.us) ||
            !in.get(t.last.us) || !in.get(slips) || slips > t.attempts)
            return false;
        if (slips != 0)
            m_slips[t.user] = slips;
        m_slipCount += slips;
        hitUsers += t.successes > 0 ? 1u : 0u;
        m_index[t.user] = campaign.targets.size();
        campaign.targets.push_back(t);
    }
    std::vector<std::uint64_t> addresses;
    if (!in.getRows(addresses, mostAddresses) || !in.get(moved))
        return false;
    m_addresses.insert(addresses.begin(), addresses.end());
    changed = moved != 0;
    return true;
}

SprayCampaign *SprayCampaigns::open(const ScopeKey &key, std::int64_t at)
{
    for (auto &c : m_all)
        if (c.key == key && at <= plus(c.campaign.last.us, m_reach) && at >= c.campaign.opened.us)
            return &c;
    return nullptr;
}

SprayCampaign *SprayCampaigns::reaching(const ScopeKey &key, std::int64_t at)
{
    SprayCampaign *newest = nullptr;
    for (auto &c : m_all)
        if (c.key == key && at <= plus(c.campaign.last.us, m_reach) &&
            at >= plus(c.campaign.opened.us, -m_reach) &&
            (newest == nullptr || c.campaign.opened > newest->campaign.opened))
            newest = &c;
    return newest;
}

const SprayCampaign *SprayCampaigns::covering(const Attempt &attempt) const
{
    const SprayCampaign *best = nullptr;
    for (const auto &c : m_all)
        if (attempt.at >= plus(c.campaign.opened.us, -m_reach) &&
            attempt.at <= plus(c.campaign.last.us, m_reach) &&
            (best == nullptr || c.key.kind < best->key.kind ||
             (c.key.kind == best->key.kind && c.campaign.opened > best->campaign.opened)) &&
            attempt.key(c.key.kind) == c.key)
            best = &c;
    return best;
}

SprayCampaign &SprayCampaigns::add(SprayCampaign campaign)
{
    if (m_all.size() >= mostCampaigns) {
        const auto quietest = std::min_element(m_all.begin(), m_all.end(), [](const auto &a, const auto &b) {
            return std::tie(a.campaign.last, a.campaign.id) < std::tie(b.campaign.last, b.campaign.id);
        });
        if (quietest->changed)
            m_displaced.push_back(quietest->finished());
        m_all.erase(quietest);
    }
    m_all.push_back(std::move(campaign));
    grown(m_all.back());
    return m_all.back();
}

void SprayCampaigns::setReach(std::int64_t reachUs)
{
    m_reach = reachUs;
    m_latest = INT64_MIN;
    for (const auto &c : m_all)
        m_latest = std::max(m_latest, plus(c.campaign.last.us, m_reach));
}

void SprayCampaigns::grown(const SprayCampaign &campaign)
{
    m_latest = std::max(m_latest, plus(campaign.campaign.last.us, m_reach));
    m_moved = true;
}

void SprayCampaigns::take(std::vector<Campaign> &out, bool all)
{
    out.insert(out.end(), m_displaced.begin(), m_displaced.end());
    m_displaced.clear();
    for (auto &c : m_all)
        if (c.changed || all) {
            out.push_back(c.finished());
            if (std::exchange(c.changed, false))
                m_moved = true;
        }
}

void SprayCampaigns::write(StateWriter &out) const
{
    out.put(static_cast<std::uint32_t>(m_all.size()));
    for (const auto &c : m_all)
        c.write(out);
}

bool SprayCampaigns::read(StateReader &in)
{
    std::uint32_t count = 0;
    if (!in.get(count) || count > mostCampaigns)
        return false;
    for (; count > 0; --count) {
        SprayCampaign c;
        if (!c.read(in))
            return false;
        add(std::move(c));
    }
    m_moved = false;
    return true;
}

} // namespace riskdesk::detect
