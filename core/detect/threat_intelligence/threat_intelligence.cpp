#include "core/detect/threat_intelligence/threat_intelligence.h"

#include "core/detect/list_evidence.h"
#include "core/detect/own_traffic.h"

#include <algorithm>

namespace riskdesk::detect {
namespace {

class ThreatIntelligence final : public Detector
{
public:
    ThreatIntelligence(const Tuning &tuning, StateSource &source, const Names &names)
        : m_tuning(tuning)
        , m_names(names)
        , m_ownTraffic(tuning, ListKind::Threat, 2, source)
    {}

    DetectionType type() const override { return DetectionType::InvestigationsThreatIntelligence; }
    Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain) override;
    void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches) override;
    void save(StateSink &sink) override { m_ownTraffic.save(sink); }
    void takeSetAside(std::vector<SetAsideIndicator> &out) override { m_ownTraffic.takeSetAside(out); }
    void judgeOwnTrafficFrom(std::int64_t at) override { m_ownTraffic.judgeFrom(at); }

private:
    // By confidence; whoever is known by name is one level more worth a look.
    [[nodiscard]] RiskLevel levelOf(const ListEntry &entry) const
    {
        const int confidence = confidenceOf(entry);
        const bool known = !entry.actor.empty();
        if (confidence >= m_tuning[Tune::ThreatHighConfidence])
            return RiskLevel::High;
        if (confidence >= m_tuning[Tune::ThreatMediumConfidence])
            return known ? RiskLevel::High : RiskLevel::Medium;
        return known ? RiskLevel::Medium : RiskLevel::Low;
    }
    // What of the sign-in it names: "ipAddress", "network", "asn", "userAgent", "user", or several of them,
    // "networkAndUserAgent".
    static std::string field(const ListEntry &entry)
    {
        const std::string_view single = entry.first == entry.last ? "ipAddress" : "network";
        std::string all;
        int parts = 0;
        const auto add = [&](bool there, std::string_view small, std::string_view large) {
            if (there)
                all += parts++ == 0 ? std::string(small) : "And" + std::string(large);
        };
        add(entry.first.isKnown(), "network", "Network");
        add(entry.asn != 0, "asn", "Asn");
        add(!entry.userAgent.empty(), "userAgent", "UserAgent");
        add(!entry.account.empty(), "user", "User");
        return parts == 0 ? "other" : parts == 1 && entry.first.isKnown() ? std::string(single) : all;
    }

    const Tuning &m_tuning;
    const Names &m_names;
    OwnTraffic m_ownTraffic;
};

Verdict ThreatIntelligence::judge(const EnrichedSignIn &signIn, const Familiarity &, bool explain)
{
    Verdict v;
    if (!signIn.succeeded()) {
        v.reason = Reason::NotASuccess;
        return v;
    }
    if (!m_tuning.on(Tune::ThreatEnabled)) {
        v.reason = Reason::SwitchedOff;
        return v;
    }
    if (signIn.facts->threats.empty() && signIn.threatAgent == nullptr && signIn.threatAccount == nullptr)
        return v; // not listed
    ListMatch best, aside, other;
    OwnTrafficShare bestShare, asideShare;
    const auto better = [](const ListMatch &a, const ListMatch &b) {
        if (b.entry == nullptr)
            return true;
        const int gain = confidenceOf(*a.entry) - confidenceOf(*b.entry);
        return gain > 0 ||
               (gain == 0 && (sameRange(*a.entry, *b.entry) || !a.entry->first.isKnown()) && preferred(a, b));
    };
    forEachThreat(signIn, m_names, [&](const ListMatch &match) {
        if (!holdsAt(*match.entry, signIn.row.at, 0)) {
            if (better(match, other))
                other = match;
            return;
        }
        const auto s = m_ownTraffic.share(*match.entry, signIn.row.at);
        if (s.tooMuch ? better(match, aside) : better(match, best)) {
            (s.tooMuch ? aside : best) = match;
            (s.tooMuch ? asideShare : bestShare) = s;
        }
    });
    const ListMatch &match = best.entry != nullptr ? best : aside.entry != nullptr ? aside : other;
    if (match.entry == nullptr)
        return v;
    const OwnTrafficShare &shown = best.entry != nullptr ? bestShare : asideShare;
    v.value = shown.percent();
    v.limit = m_tuning[Tune::ThreatQuarantinePercent];
    v.unit = "%";
    if (best.entry != nullptr) {
        v.reason = Reason::Raised;
        v.level = levelOf(*match.entry);
        v.foldKey = match.entry->indicator;
    } else if (aside.entry != nullptr) {
        v.reason = Reason::SetAside;
    } else {
        v.reason = Reason::ListedAtAnotherTime;
        v.value = static_cast<double>(missedBy(*match.entry, signIn.row.at, 0)) / static_cast<double>(dayUs);
        v.limit = 0;
        v.unit = "days";
    }
    if (v.reason != Reason::Raised && !explain)
        return v;

    ThreatIntelligenceEvidence e;
    e.list = listFacts(match, signIn.row.at);
    e.field = field(*match.entry);
    e.confidence = givenConfidence(*match.entry);
    e.label = match.entry->name;
    e.threatActor = match.entry->actor;
    e.trusted = signIn.trusted();
    if (aside.entry != nullptr)
        tellSetAside(e.setAside, *aside.entry);
    tellShare(e.setAside, shown);
    v.evidence.facts = std::move(e);
    v.evidence.signals.push_back({"list", "", match.entry->indicator,
                                  v.reason == Reason::Raised ? SignalResult::OnList : SignalResult::Unknown,
                                  0});
    return v;
}

void ThreatIntelligence::learn(const EnrichedSignIn &signIn, const Familiarity &, bool)
{
    if (m_ownTraffic.count(signIn) &&
        (!signIn.facts->threats.empty() || signIn.threatAgent != nullptr || signIn.threatAccount != nullptr))
        forEachThreat(signIn, m_names, [&](const ListMatch &match) { m_ownTraffic.count(signIn, match); });
}

} // namespace

bool isNamedBy(const ListEntry &entry, const EnrichedSignIn &signIn, const Names &names)
{
    if (entry.first.isKnown() && !(entry.first <= signIn.ip && signIn.ip <= entry.last))
        return false;
    if (entry.asn != 0 && entry.asn != signIn.asn && entry.asn != signIn.facts->asn)
        return false;
    if (!entry.account.empty() && !names.isCalled(signIn.row.user, entry.account))
        return false;
    return entry.userAgent.empty() ||
           (signIn.threatAgent != nullptr && signIn.threatAgent->entry == &entry) ||
           names.text(Dictionary::UserAgent, signIn.row.userAgent) == entry.userAgent;
}

std::unique_ptr<Detector> makeThreatIntelligence(const Shared &shared)
{
    return std::make_unique<ThreatIntelligence>(shared.tuning, shared.source, shared.names);
}

} // namespace riskdesk::detect
