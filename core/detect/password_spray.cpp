#include "core/detect/password_spray.h"

#include "core/detect/spray_campaign.h"
#include "core/detect/spray_rules.h"
#include "core/detect/spray_scope.h"
#include "core/detect/stable_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace riskdesk::detect {
namespace {

constexpr double endless = 1e9;           // an infinite ratio, as it is stored
constexpr std::size_t mostAgents = 65536; // in the cache of their fingerprints

class PasswordSpray final : public Detector
{
public:
    PasswordSpray(const Tuning &tuning, StateSource &source, const Names &names,
                  std::shared_ptr<AddressProfiles> profiles)
        : m_tuning(tuning)
        , m_names(names)
        , m_profiles(std::move(profiles))
        , m_reach(span(tuning[Tune::SprayReachHours], hourUs))
        , m_alpha(tuning[Tune::SprayRateAlpha])
        , m_scopes(source, dayUs + m_reach)
        , m_campaigns(m_reach)
    {
        if (!readPart(source.load(StatePart::Global, 3), m_campaigns))
            m_campaigns = SprayCampaigns(m_reach);
    }

    DetectionType type() const override { return DetectionType::PasswordSpray; }
    Verdict judge(const Sighting &sighting, const Familiarity &familiarity, bool explain) override;
    void learn(const Sighting &sighting, const Familiarity &familiarity, bool teaches) override;
    void expect(const Sighting &sighting, Ahead ahead) override;
    void save(StateSink &sink) override;
    void takeLate(std::vector<LateFinding> &out) override
    {
        std::move(m_late.begin(), m_late.end(), std::back_inserter(out));
        m_late.clear();
    }
    void takeCampaigns(std::vector<Campaign> &out) override { m_campaigns.takeChanged(out); }

private:
    static bool unlike(double placeBits, double deviceBits, bool learning)
    {
        return learning || placeBits > 0 || deviceBits > 0;
    }
    double set(Tune id) const { return m_tuning[id]; }
    std::string agentName(const Sighting &s) const;
    Attempt attempt(const Sighting &s);
    bool attacked(const SprayScope &scope, std::int64_t now, std::int64_t length) const
    {
        return looksAttacked(scope, now, length, m_tuning, m_profiles->usualFailureShare());
    }
    bool alreadyCovered(const SprayScope &scope, const SprayShown &shown, const ScopeKey &key,
                        std::int64_t now) const;
    void open(const SprayScope &scope, const ScopeKey &key, const SprayShown &shown, const Sighting &s,
              std::int64_t now);
    bool drowns(const SprayCampaign &campaign, std::int64_t now);
    std::string scopeText(const ScopeKey &key, const Sighting &s) const;
    Verdict hit(const SprayCampaign &campaign, std::uint32_t user, double placeBits, double deviceBits,
                bool learning) const;

    Tuning m_tuning;
    const Names &m_names;
    std::shared_ptr<AddressProfiles> m_profiles;
    std::int64_t m_reach;
    double m_alpha;
    SprayScopes m_scopes;
    SprayCampaigns m_campaigns;
    std::vector<LateFinding> m_late;
    std::unordered_map<std::uint64_t, Digest128> m_agents; // by dictionary ids; a cache
};

std::string PasswordSpray::agentName(const Sighting &s) const
{
    if (s.row.userAgent != 0)
        return m_names.text(Dictionary::UserAgent, s.row.userAgent);
    std::string name = m_names.text(Dictionary::AgentBrowser, s.agentBrowser);
    const std::string system = m_names.text(Dictionary::AgentSystem, s.agentSystem);
    return name.empty() || system.empty() ? name + system : name + " / " + system;
}

Attempt PasswordSpray::attempt(const Sighting &s)
{
    Attempt a{s.row.at, s.row.user, s.asn, s.ip, {}, s.row.failure == FailureKind::UnknownUser};
    const std::uint64_t id = s.row.userAgent != 0
                                 ? std::uint64_t{1} << 63 | s.row.userAgent
                                 : std::uint64_t{s.agentBrowser & 0x7fffffffu} << 32 | s.agentSystem;
    if (id == 0)
        return a;
    const auto known = m_agents.find(id);
    if (known != m_agents.end()) {
        a.agent = known->second;
        return a;
    }
    if (m_agents.size() >= mostAgents)
        m_agents.clear();
    if (const auto name = agentName(s); !name.empty())
        a.agent = blake2b128(name);
    m_agents.emplace(id, a.agent);
    return a;
}

std::string PasswordSpray::scopeText(const ScopeKey &key, const Sighting &s) const
{
    switch (key.kind) {
    case ScopeKind::Address: return s.ip.toString();
    case ScopeKind::Network: return s.ip.network().toString() + (s.ip.isV4() ? "/24" : "/48");
    case ScopeKind::AsnAgent: return fmt::format("AS{} {}", s.asn, agentName(s));
    case ScopeKind::Agent: return agentName(s);
    }
    return {};
}

// One attack shows in several scopes. It is another one only if most of its users were tried in a way that no
// campaign accounts for yet.
bool PasswordSpray::alreadyCovered(const SprayScope &scope, const SprayShown &shown, const ScopeKey &key,
                                   std::int64_t now) const
{
    std::vector<std::uint32_t> users, uncovered;
    for (const FailureRow &row : scope.failures()) {
        if (row.at < plus(now, -shown.length))
            continue;
        users.push_back(row.user);
        const auto *campaign = m_campaigns.covering(row.attempt());
        if (campaign == nullptr || campaign->key == key) // an earlier campaign of this very scope has ended
            uncovered.push_back(row.user);
    }
    const auto distinct = [](std::vector<std::uint32_t> &list) {
        std::sort(list.begin(), list.end());
        return std::unique(list.begin(), list.end()) - list.begin();
    };
    return distinct(uncovered) * 2 <= distinct(users);
}

// Where more users got in within a day than ever failed, the source is shared and its failures are other
// people's: the exits of a VPN on the day everybody's password was reset. Being there says nothing then.
bool PasswordSpray::drowns(const SprayCampaign &campaign, std::int64_t now)
{
    if (campaign.key.kind != ScopeKind::Address && campaign.key.kind != ScopeKind::Network)
        return false;
    const SprayScope *scope = m_scopes.find(campaign.key, now);
    if (scope == nullptr)
        return false;
    const SprayWindow day = scope->window(now, dayUs, set(Tune::SpraySourcePerUser));
    return day.winners > std::max(day.failingUsers, campaign.failingUsers);
}

void PasswordSpray::open(const SprayScope &scope, const ScopeKey &key, const SprayShown &shown,
                         const Sighting &s, std::int64_t now)
{
    SprayCampaign c;
    c.key = key;
    c.rule = shown.rule;
    c.windowUs = shown.length;
    c.failingUsers = shown.users;
    c.succeedingUsers = shown.window.winners;
    c.usualShare = m_profiles->usualFailureShare();
    c.expectedUsers = shown.expected;
    c.campaign.scope = key.kind;
    c.campaign.scopeText = scopeText(key, s);
    c.campaign.opened = {shown.window.first};
    c.campaign.detected = c.campaign.last = {now};
    c.campaign.badToGood = std::isinf(shown.ratio) ? endless : shown.ratio;
    c.campaign.surpriseBits = shown.surprise;
    c.campaign.id = toHex(blake2b256(fmt::format("{}\x1f{}\x1f{}", riskdesk::toText(key.kind),
                                                 c.campaign.scopeText, c.campaign.opened.toIso())));
    c.timeline.start = shown.window.first;
    for (const FailureRow &row : scope.failures())
        if (row.at >= plus(now, -shown.length)) {
            Attempt a = row.attempt();
            a.unknownUser = false;
            c.addFailure(a, row.count, row.first);
            c.unknownUserFailures += row.unknownUsers;
        }

    std::vector<RememberedSuccess> earlier = m_scopes.remembered(key, plus(shown.window.first, -m_reach));
    if (drowns(c, now))
        earlier.clear();
    std::erase_if(earlier, [&](const RememberedSuccess &r) { // raised by a campaign that was there before
        return r.row.at > now || m_campaigns.covering(r.attempt()) != nullptr;
    });
    for (const RememberedSuccess &r : earlier)
        c.addHit(r.attempt());
    const SprayCampaign &added = m_campaigns.add(std::move(c));
    for (const RememberedSuccess &r : earlier) {
        LateFinding late;
        late.sighting.row = r.row;
        late.sighting.ip = r.ip;
        late.sighting.asn = r.asn;
        late.sighting.placeId = r.placeId;
        late.sighting.country = r.country;
        late.verdict = hit(added, r.row.user, static_cast<double>(r.placeBits),
                           static_cast<double>(r.deviceBits), r.learning);
        m_late.push_back(std::move(late));
    }
}

Verdict PasswordSpray::hit(const SprayCampaign &campaign, std::uint32_t user, double placeBits,
                           double deviceBits, bool learning) const
{
    Verdict v;
    v.reason = Reason::Raised;
    v.level = RiskLevel::High;
    v.value = campaign.campaign.users;
    v.limit = campaign.failingUsers;
    v.unit = "users";
    v.foldKey = v.campaign = campaign.campaign.id;
    v.evidence = campaign.evidence();
    const auto *target = campaign.target(user);
    const auto others =
        std::count_if(campaign.campaign.targets.begin(), campaign.campaign.targets.end(),
                      [&](const CampaignTarget &t) { return t.user != user && t.successes > 0; });
    v.evidence.add("attemptsOnUser", static_cast<std::int64_t>(target == nullptr ? 0 : target->attempts));
    v.evidence.add("otherVictims", static_cast<std::int64_t>(others));
    v.evidence.add("placeBits", placeBits);
    v.evidence.add("deviceBits", deviceBits);
    v.evidence.add("learning", learning);
    const auto result = [&](double bits) {
        return learning ? SignalResult::Unknown : bits > 0 ? SignalResult::New : SignalResult::AsUsual;
    };
    v.evidence.signals.push_back({"campaign", "", campaign.campaign.scopeText, SignalResult::OnList, 0});
    v.evidence.signals.push_back({"place", "", "", result(placeBits), placeBits});
    v.evidence.signals.push_back({"device", "", "", result(deviceBits), deviceBits});
    return v;
}

Verdict PasswordSpray::judge(const Sighting &sighting, const Familiarity &familiarity, bool explain)
{
    Verdict v;
    if (!sighting.succeeded() || !m_tuning.on(Tune::SprayEnabled) || sighting.social) {
        v.reason = !sighting.succeeded() ? Reason::NotASuccess
                   : sighting.social     ? Reason::SocialIdentity
                                         : Reason::SwitchedOff;
        return v;
    }
    v.reason = Reason::BelowThreshold;
    v.unit = "users";
    v.limit = set(Tune::SpraySourceUsers);
    if (m_campaigns.anyAt(sighting.row.at)) {
        const Attempt a = attempt(sighting);
        if (const auto *campaign = m_campaigns.covering(a)) {
            const bool different =
                unlike(familiarity.placeBits, familiarity.deviceBits, familiarity.learning);
            const bool shared = drowns(*campaign, a.at);
            v = hit(*campaign, a.user, familiarity.placeBits, familiarity.deviceBits, familiarity.learning);
            if (different && !shared)
                return v;
            v.reason = different ? Reason::SharedByMany : Reason::Familiar;
            v.level = RiskLevel::None;
            v.foldKey.clear();
            v.campaign.clear();
            if (!explain)
                v.evidence = {};
            return v;
        }
    }
    if (!explain)
        return v;
    // The scope that comes nearest to a campaign, narrowest first when equal.
    const Attempt a = attempt(sighting);
    const auto length = span(set(Tune::SpraySourceMinutes), minuteUs);
    SprayWindow nearest;
    std::string_view nearestKind = riskdesk::toText(ScopeKind::Address);
    for (const ScopeKind kind : allScopes) {
        const auto key = a.key(kind);
        const SprayScope *scope = key ? m_scopes.find(*key, a.at) : nullptr;
        if (scope == nullptr)
            continue;
        const SprayWindow w = scope->window(a.at, length, set(Tune::SpraySourcePerUser));
        if (w.failingUsers > nearest.failingUsers) {
            nearest = w;
            nearestKind = riskdesk::toText(kind);
        }
    }
    v.value = nearest.failingUsers;
    const double f0 = m_profiles->usualFailureShare();
    const double ratio = badToGoodRatio(nearest.failureShare(), f0);
    v.evidence.add("scope", std::string(nearestKind));
    v.evidence.add("failingUsers", static_cast<std::int64_t>(nearest.failingUsers));
    v.evidence.add("succeedingUsers", static_cast<std::int64_t>(nearest.winners));
    v.evidence.add("failures", static_cast<std::int64_t>(nearest.failures));
    v.evidence.add("badToGood", std::isinf(ratio) ? endless : ratio);
    v.evidence.add("usualFailureShare", f0);
    v.evidence.add("windowMinutes", static_cast<std::int64_t>(length / minuteUs));
    v.evidence.add("regularHere", m_profiles->isRegular(sighting));
    return v;
}

void PasswordSpray::learn(const Sighting &sighting, const Familiarity &familiarity, bool)
{
    const bool failed = sighting.badPassword();
    if (!m_tuning.on(Tune::SprayEnabled) || sighting.late || sighting.social || sighting.row.user == 0 ||
        !(failed || sighting.succeeded()))
        return;
    // A withheld sign-in that is taught afterwards has been counted when it came.
    if (!m_profiles->isNew(sighting))
        return;
    const std::int64_t now = sighting.row.at;

    const bool different = unlike(familiarity.placeBits, familiarity.deviceBits, familiarity.learning);
    const bool regular = m_profiles->isRegular(sighting);
    if (regular && (failed || !different))
        return;
    const Attempt a = attempt(sighting);
    if (sighting.succeeded()) {
        SprayCampaign *campaign = nullptr; // as judge() saw it: before this success counts
        if (different && m_campaigns.anyAt(now))
            if (const auto *covering = m_campaigns.covering(a);
                covering != nullptr && !drowns(*covering, now))
                campaign = m_campaigns.open(covering->key, now);
        if (!regular)
            for (const ScopeKind kind : allScopes)
                if (const auto key = a.key(kind))
                    m_scopes.change(*key, now).addSuccess(a, kind == ScopeKind::Address ||
                                                                 kind == ScopeKind::Network);
        if (!different)
            return;
        m_scopes.remember({sighting.row, sighting.ip, a.agent, sighting.asn, sighting.placeId,
                           sighting.country, familiarity.learning, static_cast<float>(familiarity.placeBits),
                           static_cast<float>(familiarity.deviceBits)});
        if (campaign != nullptr) {
            campaign->addHit(a);
            m_campaigns.grown(*campaign);
        }
        return;
    }
    for (const ScopeKind kind : allScopes) {
        const auto key = a.key(kind);
        if (!key)
            continue;
        SprayScope &scope = m_scopes.change(*key, now);
        SprayCampaign *campaign = m_campaigns.open(*key, now);
        scope.addFailure(a, m_alpha, campaign != nullptr);
        if (campaign != nullptr) {
            // A popular client goes on failing now and then; only what still looks like the attack prolongs
            // it.
            if (attacked(scope, now, campaign->windowUs) &&
                attacked(scope, now, std::min(campaign->windowUs, hourUs))) {
                campaign->addFailure(a, 1, now);
                m_campaigns.grown(*campaign);
            }
            continue;
        }
        // An attempt that a campaign accounts for cannot tip the scale towards another one.
        if (!scope.isDue() || (m_campaigns.anyAt(now) && m_campaigns.covering(a) != nullptr))
            continue;
        const auto shown = showsSpray(scope, kind, now, m_tuning, m_profiles->usualFailureShare());
        if (shown && !alreadyCovered(scope, *shown, *key, now))
            open(scope, *key, *shown, sighting, now);
    }
}

// The scopes of clients are few and always at hand.
void PasswordSpray::expect(const Sighting &sighting, Ahead ahead)
{
    if (ahead < Ahead::ScopeSlots || !sighting.ip.isKnown() ||
        !(sighting.succeeded() || sighting.badPassword()) || m_profiles->isRegular(sighting))
        return;
    m_scopes.expect({ScopeKind::Address, sighting.ip.bytes}, ahead);
    m_scopes.expect({ScopeKind::Network, sighting.ip.network().bytes}, ahead);
}

void PasswordSpray::save(StateSink &sink)
{
    m_scopes.save(sink);
    if (m_campaigns.hasMoved())
        sink.save(StatePart::Global, 3, writePart(m_campaigns));
    m_campaigns.setMoved(false);
}

} // namespace

std::unique_ptr<Detector> makePasswordSpray(const Tuning &tuning, StateSource &source, const Names &names,
                                            std::shared_ptr<AddressProfiles> profiles)
{
    return std::make_unique<PasswordSpray>(tuning, source, names, std::move(profiles));
}

} // namespace riskdesk::detect
