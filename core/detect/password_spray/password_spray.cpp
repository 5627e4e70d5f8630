#include "core/detect/password_spray/password_spray.h"

#include "core/detect/event_time.h"
#include "core/detect/password_spray/spray_campaign.h"
#include "core/detect/password_spray/spray_rules.h"
#include "core/detect/password_spray/spray_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace riskdesk::detect {
namespace {

// An address with so many users of the directory is their school's or office's: one of them is the user judged.
constexpr std::uint32_t ownPeople = 3;
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
        , m_scopes(source)
    {
        static_cast<void>(readPart(source.load(StatePart::Global, 3), m_campaigns));
        retune();
    }

    DetectionType type() const override { return DetectionType::PasswordSpray; }
    bool judgesStopped() const override { return true; }
    Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain) override;
    void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches) override;
    void expect(const EnrichedSignIn &signIn, Prefetch stage) override;
    void save(StateSink &sink) override;
    void takeLate(std::vector<LateFinding> &out) override
    {
        std::move(m_late.begin(), m_late.end(), std::back_inserter(out));
        m_late.clear();
    }
    void takeCampaigns(std::vector<Campaign> &out, bool all) override { m_campaigns.take(out, all); }
    void retuned() override { retune(); }

private:
    // A network, an address or a device of the user's own ends every doubt.
    static bool isKnown(const EnrichedSignIn &s, const Familiarity &f)
    {
        return f.networkKnown || f.addressKnown || (f.deviceKnown && s.row.device != 0);
    }
    static SprayFamiliarity likeness(const EnrichedSignIn &s, const Familiarity &f)
    {
        return {f.learning, f.deviceKnown && s.row.device == 0, f.placeBits, f.deviceBits};
    }
    void retune()
    {
        m_reach = span(m_tuning[Tune::SprayReachHours], hourUs);
        m_scopes.setRemember(dayUs + m_reach);
        m_campaigns.setReach(m_reach);
    }
    double set(Tune id) const { return m_tuning[id]; }
    std::string agentName(const EnrichedSignIn &s) const;
    Attempt attempt(const EnrichedSignIn &s);
    bool attacked(const SprayScope &scope, std::int64_t now, std::int64_t length) const
    {
        return looksAttacked(scope, now, length, m_tuning, m_profiles->usualFailureShare());
    }
    bool alreadyCovered(const SprayScope &scope, const SprayShown &shown, const ScopeKey &key,
                        std::int64_t now) const;
    void open(const SprayScope &scope, const ScopeKey &key, const SprayShown &shown, const EnrichedSignIn &s,
              std::int64_t now);
    bool foundLate(SprayCampaign &c, const RememberedSuccess &r, const SprayScope &scope, std::int64_t now,
                   std::uint32_t ownGood);
    void lookBack(SprayCampaign &campaign, const SprayScope &scope, const Attempt &failed, std::int64_t now);
    std::string scopeText(const ScopeKey &key, const EnrichedSignIn &s) const;
    static bool isSource(const ScopeKey &key)
    {
        return key.kind == ScopeKind::Address || key.kind == ScopeKind::Network;
    }
    static bool accuses(const SprayCampaign &campaign, const SprayOdds &odds,
                        const SprayFamiliarity &familiarity)
    {
        return odds.odds >= 1 && odds.plausible &&
               (isSource(campaign.key) || odds.joined ||
                (!familiarity.learning && familiarity.placeBits > 0 && familiarity.deviceBits > 0));
    }
    // Attackers use common browsers, so that the user's own tells something only where the attack uses
    // another.
    static bool isOwnBrowser(const SprayFamiliarity &familiarity, const SprayScope &scope,
                             const Attempt &attempt)
    {
        return familiarity.browserKnown && !scope.failsWith(attempt.agent, minus(attempt.at, dayUs));
    }
    // At the time `now`; `ownGood`: of the successes counted so far, those of this user.
    SprayOdds oddsOf(const SprayCampaign &campaign, const Attempt &a, const SprayFamiliarity &familiarity,
                     std::int64_t now, std::uint32_t ownGood = 0)
    {
        std::optional<SprayCounts> source;
        const auto address = a.key(ScopeKind::Address);
        const SprayScope *scope =
            address && campaign.key.kind != ScopeKind::Address ? m_scopes.find(*address, now) : nullptr;
        if (scope != nullptr) {
            const auto [failures, successes] = scope->tally(a.agent, a.user, now);
            if (failures > 0)
                source = {failures, successes - std::min(successes, ownGood)};
        }
        if (!source && !isSource(campaign.key) && m_profiles->sharedBy(a.ip, {a.at}) >= ownPeople)
            source = SprayCounts(); // nothing of the attack came from there
        return campaign.odds(a.user, familiarity, m_profiles->usualFailureShare(), source);
    }
    void countSuccess(const Attempt &a, std::int64_t now, bool regular, bool isHit);
    Verdict hit(const SprayCampaign &campaign, const Attempt &attempt, bool counted, FailureKind stopped,
                const SprayOdds &odds, const SprayFamiliarity &familiarity) const;

    const Tuning &m_tuning;
    const Names &m_names;
    std::shared_ptr<AddressProfiles> m_profiles;
    std::int64_t m_reach = 0;
    SprayScopes m_scopes;
    SprayCampaigns m_campaigns;
    std::vector<LateFinding> m_late;
    std::unordered_map<std::uint64_t, Digest128> m_agents; // by dictionary ids; a cache
};

std::string PasswordSpray::agentName(const EnrichedSignIn &s) const
{
    if (s.row.userAgent != 0)
        return m_names.text(Dictionary::UserAgent, s.row.userAgent);
    std::string name = m_names.text(Dictionary::AgentBrowser, s.agentBrowser);
    const std::string system = m_names.text(Dictionary::AgentSystem, s.agentSystem);
    return name.empty() || system.empty() ? name + system : name + " / " + system;
}

Attempt PasswordSpray::attempt(const EnrichedSignIn &s)
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

std::string PasswordSpray::scopeText(const ScopeKey &key, const EnrichedSignIn &s) const
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

void PasswordSpray::open(const SprayScope &scope, const ScopeKey &key, const SprayShown &shown,
                         const EnrichedSignIn &s, std::int64_t now)
{
    SprayCampaign c;
    c.key = key;
    c.rule = shown.rule;
    c.windowUs = shown.length;
    c.failingUsers = shown.users;
    c.succeedingUsers = shown.window.succeedingUsers;
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
            if (row.redeemed != 0)
                c.addSlips(row.user, row.count);
        }

    std::vector<RememberedSuccess> earlier = m_scopes.remembered(key, plus(shown.window.first, -m_reach));
    std::erase_if(earlier, [&](const RememberedSuccess &r) { // judged by a campaign that was there before
        return r.row.at > now || m_campaigns.covering(r.attempt()) != nullptr;
    });
    // Each is judged against everybody else's: what is not found to be the attack's is somebody's own.
    c.good = shown.window.successes;
    std::unordered_map<std::uint32_t, std::uint32_t> undecided; // successes, by user
    for (const RememberedSuccess &r : earlier)
        if (r.row.succeeded()) {
            ++undecided[r.row.user];
            c.good += r.row.at < plus(now, -shown.length) ? 1u : 0u; // not among those of the window
        }
    for (const RememberedSuccess &r : earlier) {
        auto &own = undecided[r.row.user];
        if (foundLate(c, r, scope, now, own) && r.row.succeeded())
            --own;
    }
    m_campaigns.add(std::move(c));
}

// Judges an earlier success by what is known now. `ownGood`: how many of the good attempts counted so far are
// this user's. True: it was the attack's, and becomes a late finding.
bool PasswordSpray::foundLate(SprayCampaign &c, const RememberedSuccess &r, const SprayScope &scope,
                              std::int64_t now, std::uint32_t ownGood)
{
    const SprayFamiliarity familiarity{r.learning, r.browserKnown, static_cast<double>(r.placeBits),
                                       static_cast<double>(r.deviceBits)};
    if (isOwnBrowser(familiarity, scope, r.attempt()))
        return false;
    const auto all = c.good;
    c.good -= std::min(c.good, ownGood);
    const SprayOdds odds = oddsOf(c, r.attempt(), familiarity, now, ownGood);
    c.good = all;
    if (!accuses(c, odds, familiarity))
        return false;
    if (r.row.succeeded())
        c.good -= std::min(c.good, 1u);
    c.addHit(r.attempt());
    LateFinding late;
    late.signIn.row = r.row;
    late.signIn.ip = r.ip;
    late.signIn.asn = r.asn;
    late.signIn.placeId = r.placeId;
    late.signIn.country = r.country;
    late.verdict = hit(c, r.attempt(), true, r.row.failure, odds, familiarity);
    m_late.push_back(std::move(late));
    return true;
}

// An attack that is joined by its client fails for one user from an address where another has just got in
// with that client: the order of the two says nothing.
void PasswordSpray::lookBack(SprayCampaign &campaign, const SprayScope &scope, const Attempt &failed,
                             std::int64_t now)
{
    const auto address = failed.key(ScopeKind::Address);
    if (!address || campaign.key.kind == ScopeKind::Address)
        return;
    for (const RememberedSuccess &r : m_scopes.remembered(*address, minus(now, dayUs))) {
        const CampaignTarget *target = campaign.target(r.row.user);
        if (r.row.user != failed.user && r.row.at <= now && r.agent == failed.agent &&
            (target == nullptr || target->successes == 0) && m_campaigns.covering(r.attempt()) == &campaign)
            foundLate(campaign, r, scope, now, r.row.succeeded() ? 1 : 0);
    }
}

// `counted`: the campaign has taken the attempt in already.
Verdict PasswordSpray::hit(const SprayCampaign &campaign, const Attempt &attempt, bool counted,
                           FailureKind stopped, const SprayOdds &odds,
                           const SprayFamiliarity &familiarity) const
{
    Verdict v;
    v.reason = Reason::Raised;
    v.level = RiskLevel::High;
    v.value = campaign.campaign.users;
    v.limit = campaign.failingUsers;
    v.unit = "users";
    v.foldKey = v.campaign = campaign.campaign.id;
    const auto *target = campaign.target(attempt.user);
    SprayCampaign with; // as it stands with this attempt in it
    if (!counted) {
        with = campaign;
        with.addHit(attempt);
    }
    PasswordSprayEvidence e;
    e.campaign = (counted ? campaign : with).facts();
    e.attemptsOnUser = target == nullptr ? 0 : target->attempts;
    e.otherVictims = static_cast<std::uint32_t>(
        std::count_if(campaign.campaign.targets.begin(), campaign.campaign.targets.end(),
                      [&](const CampaignTarget &t) { return t.user != attempt.user && t.successes > 0; }));
    e.gotIn = stopped == FailureKind::None;
    if (!e.gotIn)
        e.stoppedBy =
            stopped == FailureKind::Expired ? StoppedBy::ExpiredPassword : StoppedBy::SecondFactorOrPolicy;
    e.oddsFailures = odds.failures;
    e.oddsGood = odds.good;
    e.hitRate = odds.hitRate;
    e.unlikeness = odds.unlikeness;
    if (std::isfinite(odds.odds)) // else nobody's own sign-in ever came from there
        e.odds = odds.odds;
    e.placeBits = familiarity.placeBits;
    e.deviceBits = familiarity.deviceBits;
    e.learning = familiarity.learning;
    v.evidence.facts = std::move(e);
    const auto result = [&](double bits) {
        return familiarity.learning ? SignalResult::Unknown
               : bits > 0           ? SignalResult::New
                                    : SignalResult::AsUsual;
    };
    v.evidence.signals.push_back({"campaign", "", campaign.campaign.scopeText, SignalResult::OnList, 0});
    v.evidence.signals.push_back({"place", "", "", result(familiarity.placeBits), familiarity.placeBits});
    v.evidence.signals.push_back({"device", "", "", result(familiarity.deviceBits), familiarity.deviceBits});
    return v;
}

Verdict PasswordSpray::judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain)
{
    Verdict v;
    if (!signIn.validated() || !m_tuning.on(Tune::SprayEnabled) || signIn.social) {
        v.reason = !signIn.validated() ? Reason::NotASuccess
                   : signIn.social     ? Reason::SocialIdentity
                                       : Reason::SwitchedOff;
        return v;
    }
    v.reason = Reason::BelowThreshold;
    v.unit = "users";
    v.limit = set(Tune::SpraySourceUsers);
    if (m_campaigns.anyAt(signIn.row.at)) {
        const Attempt a = attempt(signIn);
        if (const auto *campaign = m_campaigns.covering(a)) {
            const SprayFamiliarity like = likeness(signIn, familiarity);
            const SprayOdds odds = oddsOf(*campaign, a, like, a.at);
            const SprayScope *scope = m_scopes.find(campaign->key, a.at);
            const bool known =
                isKnown(signIn, familiarity) || (scope != nullptr && isOwnBrowser(like, *scope, a));
            const bool raises = !known && accuses(*campaign, odds, like);
            if (!raises && !explain) {
                v.reason = known ? Reason::Familiar : Reason::LikelyTheUser;
                return v;
            }
            v = hit(*campaign, a, false, signIn.row.failure, odds, like);
            if (raises)
                return v;
            v.reason = known ? Reason::Familiar : Reason::LikelyTheUser;
            v.value = known ? 0 : odds.odds;
            v.limit = known ? 0 : 1;
            v.unit = known ? "" : "odds";
            v.level = RiskLevel::None;
            v.foldKey.clear();
            v.campaign.clear();
            return v;
        }
    }
    if (!explain)
        return v;
    // The scope that comes nearest to a campaign, narrowest first when equal.
    const Attempt a = attempt(signIn);
    const auto length = span(set(Tune::SpraySourceMinutes), minuteUs);
    SprayWindow nearest;
    ScopeKind nearestKind = ScopeKind::Address;
    for (const ScopeKind kind : allScopes) {
        const auto key = a.key(kind);
        const SprayScope *scope = key ? m_scopes.find(*key, a.at) : nullptr;
        if (scope == nullptr)
            continue;
        const SprayWindow w = scope->window(a.at, length, set(Tune::SpraySourcePerUser));
        if (w.failingUsers > nearest.failingUsers) {
            nearest = w;
            nearestKind = kind;
        }
    }
    v.value = nearest.failingUsers;
    const double f0 = m_profiles->usualFailureShare();
    const double ratio = badToGoodRatio(nearest.failureShare(), f0);
    NoSprayEvidence e;
    e.scope = nearestKind;
    e.failingUsers = nearest.failingUsers;
    e.succeedingUsers = nearest.succeedingUsers;
    e.failures = nearest.failures;
    e.badToGood = std::isinf(ratio) ? endless : ratio;
    e.usualFailureShare = f0;
    e.windowMinutes = length / minuteUs;
    e.regularHere = m_profiles->isRegular(signIn);
    v.evidence.facts = e;
    return v;
}

void PasswordSpray::learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool)
{
    const bool failed = signIn.badPassword();
    if (!m_tuning.on(Tune::SprayEnabled) || signIn.social || signIn.row.user == 0 ||
        !(failed || signIn.validated()))
        return;
    // A withheld sign-in that is taught afterwards has been counted when it came.
    if (!m_profiles->isNew(signIn))
        return;
    const std::int64_t now = signIn.row.at;

    const bool known = signIn.validated() && isKnown(signIn, familiarity);
    const bool regular = m_profiles->isRegular(signIn);
    if (regular && failed)
        return;
    const Attempt a = attempt(signIn);
    if (!failed) {
        const bool campaignsAbout = m_campaigns.anyAt(now);
        if (regular && !campaignsAbout)
            return;
        // As judge() saw it: before this one counts.
        SprayCampaign *hitCampaign = nullptr;
        if (campaignsAbout && !known)
            if (const auto *covering = m_campaigns.covering(a)) {
                const SprayFamiliarity like = likeness(signIn, familiarity);
                const SprayScope *scope = m_scopes.find(covering->key, now);
                if ((scope == nullptr || !isOwnBrowser(like, *scope, a)) &&
                    accuses(*covering, oddsOf(*covering, a, like, now), like))
                    hitCampaign = m_campaigns.reaching(covering->key, now);
            }
        if (hitCampaign != nullptr) {
            hitCampaign->addHit(a);
            m_campaigns.grown(*hitCampaign);
        }
        if (signIn.succeeded())
            countSuccess(a, now, regular, hitCampaign != nullptr);
        if (!known)
            m_scopes.remember({signIn.row, signIn.ip, a.agent, signIn.asn, signIn.placeId, signIn.country,
                               familiarity.learning, familiarity.deviceKnown && signIn.row.device == 0,
                               static_cast<float>(familiarity.placeBits),
                               static_cast<float>(familiarity.deviceBits)});
        return;
    }
    for (const ScopeKind kind : allScopes) {
        const auto key = a.key(kind);
        if (!key)
            continue;
        SprayScope &scope = m_scopes.change(*key, now);
        SprayCampaign *campaign = m_campaigns.open(*key, now);
        scope.addFailure(a, set(Tune::SprayRateAlpha), campaign != nullptr);
        if (campaign != nullptr) {
            // A popular client goes on failing now and then; only what still looks like the attack prolongs
            // it.
            if (attacked(scope, now, campaign->windowUs) &&
                attacked(scope, now, std::min(campaign->windowUs, hourUs))) {
                campaign->addFailure(a, 1, now);
                lookBack(*campaign, scope, a, now);
                m_campaigns.grown(*campaign);
            }
            continue;
        }
        // An attempt that a campaign accounts for cannot tip the scale towards another one.
        if (!scope.isDue(now) || (m_campaigns.anyAt(now) && m_campaigns.covering(a) != nullptr))
            continue;
        const auto shown = showsSpray(scope, kind, now, m_tuning, m_profiles->usualFailureShare());
        if (shown && !alreadyCovered(scope, *shown, *key, now))
            open(scope, *key, *shown, signIn, now);
    }
}

// Somebody got in. What failed before from the same address was a slip then, and every campaign about has one
// more good attempt, unless this one is its hit.
void PasswordSpray::countSuccess(const Attempt &a, std::int64_t now, bool regular, bool isHit)
{
    const std::int64_t dayAgo = minus(now, dayUs);
    const auto address = a.key(ScopeKind::Address);
    bool slipped = false;
    if (address) {
        const SprayScope *scope = m_scopes.find(*address, now);
        slipped = scope != nullptr && scope->hasFailed(a.user, dayAgo);
    }
    for (const ScopeKind kind : allScopes) {
        const auto key = a.key(kind);
        if (!key)
            continue;
        std::uint32_t slips = 0;
        if (!regular || slipped) {
            SprayScope &scope = m_scopes.change(*key, now);
            if (!regular && !isHit)
                scope.addSuccess(a, kind == ScopeKind::Address || kind == ScopeKind::Network);
            if (slipped)
                slips = scope.redeem(a.user, a.ip, dayAgo);
        }
        if (isHit || !m_campaigns.anyAt(now))
            continue;
        if (SprayCampaign *campaign = m_campaigns.reaching(*key, now)) {
            campaign->addGood();
            campaign->addSlips(a.user, slips);
            m_campaigns.grown(*campaign);
        }
    }
}

// The scopes of clients are few and always at hand.
void PasswordSpray::expect(const EnrichedSignIn &signIn, Prefetch stage)
{
    if (!signIn.ip.isKnown() || !(signIn.succeeded() || signIn.badPassword()) ||
        (stage >= Prefetch::ScopeSlots && m_profiles->isRegular(signIn)))
        return;
    m_scopes.expect({ScopeKind::Address, signIn.ip.bytes}, stage);
    m_scopes.expect({ScopeKind::Network, signIn.ip.network().bytes}, stage);
}

void PasswordSpray::save(StateSink &sink)
{
    m_scopes.save(sink);
    if (m_campaigns.hasMoved())
        sink.save(StatePart::Global, 3, writePart(m_campaigns));
    m_campaigns.setMoved(false);
}

} // namespace

std::unique_ptr<Detector> makePasswordSpray(const Shared &shared)
{
    return std::make_unique<PasswordSpray>(shared.tuning, shared.source, shared.names, shared.addresses);
}

} // namespace riskdesk::detect
