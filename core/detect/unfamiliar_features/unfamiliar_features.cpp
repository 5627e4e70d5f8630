#include "core/detect/unfamiliar_features/unfamiliar_features.h"

#include "core/detect/network_kind.h"

#include <fmt/format.h>

namespace riskdesk::detect {
namespace {

class UnfamiliarFeatures final : public Detector
{
public:
    UnfamiliarFeatures(const Tuning &tuning, const Names &names, FeatureModel &model, Profiles &profiles)
        : m_tuning(tuning)
        , m_names(names)
        , m_model(model)
        , m_profiles(profiles)
    {}

    [[nodiscard]] DetectionType type() const override { return DetectionType::UnfamiliarFeatures; }

    [[nodiscard]] Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity,
                                bool explain) override
    {
        Verdict verdict = decide(signIn, familiarity);
        if (explain || verdict.reason == Reason::Raised)
            verdict.evidence = evidence(signIn);
        return verdict;
    }

    void learn(const EnrichedSignIn &signIn, const Familiarity &, bool teaches) override
    {
        if (teaches)
            m_model.learn(signIn);
    }

private:
    [[nodiscard]] RiskLevel level(const FeatureScore &score) const
    {
        if (score.total >= m_tuning[Tune::UnfamiliarHighBits] && score.newPlace && score.newDevice)
            return RiskLevel::High;
        if (score.total >= m_tuning[Tune::UnfamiliarMediumBits])
            return RiskLevel::Medium;
        return score.total >= m_tuning[Tune::UnfamiliarLowBits] ? RiskLevel::Low : RiskLevel::None;
    }

    [[nodiscard]] double bar(RiskLevel level) const
    {
        return m_tuning[level == RiskLevel::High     ? Tune::UnfamiliarHighBits
                        : level == RiskLevel::Medium ? Tune::UnfamiliarMediumBits
                                                     : Tune::UnfamiliarLowBits];
    }

    [[nodiscard]] Verdict decide(const EnrichedSignIn &signIn, const Familiarity &familiarity) const
    {
        Verdict v;
        if (!m_tuning.on(Tune::UnfamiliarEnabled)) {
            v.reason = Reason::SwitchedOff;
            return v;
        }
        if (familiarity.learning) {
            const auto left =
                featureLearning(m_profiles.of(signIn.row.user), m_tuning, minuteOf(signIn.at()));
            v.reason = Reason::Learning;
            v.value = left.done;
            v.limit = left.needed;
            v.unit = "sign-ins";
            return v;
        }
        if (signIn.trusted()) {
            v.reason = Reason::Trusted;
            return v;
        }
        const FeatureScore &score = m_model.current();
        v.level = level(score);
        v.reason = v.level == RiskLevel::None ? Reason::BelowThreshold : Reason::Raised;
        v.value = score.total;
        v.limit = bar(v.level);
        v.unit = "bits";
        if (v.level != RiskLevel::None)
            v.foldKey = fmt::format("{}/AS{}/{}", unpackCountry(signIn.country), signIn.asn,
                                    m_names.text(Dictionary::AgentSystem, signIn.agentSystem));
        return v;
    }

    [[nodiscard]] Evidence evidence(const EnrichedSignIn &signIn) const
    {
        const FeatureScore &score = m_model.current();
        const UserProfile &profile = m_profiles.of(signIn.row.user);
        UnfamiliarFeaturesEvidence facts;
        facts.scoreBits = score.total;
        facts.placeBits = score.familiarity.placeBits;
        facts.deviceBits = score.familiarity.deviceBits;
        facts.lowBits = m_tuning[Tune::UnfamiliarLowBits];
        facts.mediumBits = m_tuning[Tune::UnfamiliarMediumBits];
        facts.highBits = m_tuning[Tune::UnfamiliarHighBits];
        facts.kappa = m_tuning[Tune::UnfamiliarKappa];
        facts.newInPlace = score.newPlace;
        facts.newInDevice = score.newDevice;
        facts.learntSignIns = profile.featureLearning.successes;
        if (profile.featureLearning.successes > 0)
            facts.learntSince = timeOf(profile.featureLearning.first);
        if (profile.lastSuccess != 0)
            facts.lastUsualSignIn = timeOf(profile.lastSuccess);
        if (score.updateChance > 0) {
            facts.updateChance = score.updateChance;
            if (score.updatedFrom != 0)
                facts.updatedFrom = m_names.text(Dictionary::AgentBrowser, score.updatedFrom);
        }
        if (score.leftBehind > 0)
            facts.releaseLeftDays = static_cast<double>(score.leftBehind) / minutesPerDay;
        Evidence e;
        e.facts = std::move(facts);
        for (std::size_t level = 0; level < levels; ++level)
            if (score.keys.has(level))
                e.signals.push_back(m_model.signal(signIn, static_cast<Level>(level), m_names));
        addAttack(e, signIn, score);
        if (Signal hour = m_model.hourSignal(signIn); !hour.usual.empty())
            e.signals.push_back(std::move(hour));
        return e;
    }

    void addAttack(Evidence &e, const EnrichedSignIn &signIn, const FeatureScore &score) const
    {
        if (score.deviceIdBits != 0)
            e.signals.push_back({"deviceId",
                                 {},
                                 score.familiarity.deviceKnown ? "known" : "new",
                                 score.familiarity.deviceKnown ? SignalResult::AsUsual : SignalResult::New,
                                 score.deviceIdBits});
        if (score.addressBits > 0)
            e.signals.push_back({"addressFailureOdds",
                                 {},
                                 fmt::format("{:.0f} %", score.addressOdds * 100),
                                 score.addressBits >= 1 ? SignalResult::NotPlausible : SignalResult::Rare,
                                 score.addressBits});
        if (score.anonymizerBits != 0)
            if (const ListMatch *match = anonymizerAt(signIn, m_tuning))
                e.signals.push_back({"anonymizer",
                                     {},
                                     match->entry->name.empty() ? std::string(toText(match->entry->kind))
                                                                : match->entry->name,
                                     SignalResult::OnList,
                                     score.anonymizerBits});
        if (score.hostingBits != 0)
            e.signals.push_back({"hosting",
                                 {},
                                 std::string(toText(NetworkClass::Hosting)),
                                 SignalResult::New,
                                 score.hostingBits});
        if (score.automatedBits != 0)
            e.signals.push_back({"automated",
                                 {},
                                 m_names.text(Dictionary::UserAgent, signIn.row.userAgent),
                                 SignalResult::NotPlausible,
                                 score.automatedBits});
    }

    const Tuning &m_tuning;
    const Names &m_names;
    FeatureModel &m_model;
    Profiles &m_profiles;
};

} // namespace

std::unique_ptr<Detector> makeUnfamiliarFeatures(const Shared &shared)
{
    return std::make_unique<UnfamiliarFeatures>(shared.tuning, shared.names, shared.model, shared.profiles);
}

} // namespace riskdesk::detect
