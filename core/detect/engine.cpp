#include "core/detect/engine.h"

#include "core/detect/detectors.h"
#include "core/detect/network_kind.h"
#include "core/detect/usual/address_profile.h"
#include "core/detect/usual/features.h"

#include <algorithm>

namespace riskdesk::detect {

struct Engine::Parts
{
    Parts(const Tuning &t, StateSource &source, const Names &names)
        : tuning(t)
        , profiles(source)
        , tenant(source)
        , novelty(source)
        , model(tuning, tenant, novelty, profiles)
        , addresses(makeAddressProfiles(tuning, source))
    {
        const Shared shared{tuning, source, names, model, profiles, tenant, addresses};
        for (const auto &spec : riskdesk::detect::detectors())
            detectors.push_back(spec.make(shared));
    }

    const FeatureScore &assess(const EnrichedSignIn &signIn)
    {
        return model.assess(signIn, addresses->failureOdds(signIn.ip, signIn.at()));
    }

    // Where the place is hidden only the model learns, and no place: who comes through a VPN every day is
    // known by the VPN and by the device.
    void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches)
    {
        const bool inTheOpen =
            teaches && (!tuning.has(Part::Hygiene) || (anonymizerAt(signIn, tuning) == nullptr &&
                                                       hidesPlace(signIn, tuning) == NetworkClass::Unknown));
        for (auto &detector : detectors)
            detector->learn(signIn, familiarity,
                            detector->type() == DetectionType::UnfamiliarFeatures ? teaches : inTheOpen);
        addresses->learn(signIn, inTheOpen);
    }

    // A thief who stays signs in again and again. What follows a finding from its network is no less doubtful
    // than the sign-in it was made on, even where no threshold is reached any more.
    [[nodiscard]] bool isDoubted(const EnrichedSignIn &signIn)
    {
        const auto &doubt = profiles.of(signIn.row.user).doubt;
        return doubt.network != 0 && !signIn.trusted() && doubt.network == networkOf(signIn) &&
               since(doubt.at, minuteOf(signIn.at())) < tuning[Tune::UnfamiliarDoubtHours] * 60;
    }

    void doubt(const EnrichedSignIn &signIn)
    {
        auto &profile = profiles.of(signIn.row.user);
        profile.doubt = {networkOf(signIn), minuteOf(signIn.at())};
        profile.changed = true;
    }

    static std::uint64_t networkOf(const EnrichedSignIn &signIn) { return stableHash(signIn.ip.network()); }

    // Tor and proxies: whoever comes through them may be anybody.
    [[nodiscard]] bool hidesEveryone(const EnrichedSignIn &signIn) const
    {
        const NetworkClass hidden = hidesPlace(signIn, tuning);
        if (hidden != NetworkClass::Unknown)
            return hidden != NetworkClass::Vpn && hidden != NetworkClass::Relay &&
                   hidden != NetworkClass::Satellite;
        return anonymizerAt(signIn, tuning) != nullptr;
    }

    // A new place is vouched for by a known device, a new device by a known place. Where both are new nothing
    // says that it was the user: who comes once a week, gently, would be usual the second time.
    [[nodiscard]] bool isVouchedFor(const FeatureScore &score) const
    {
        return score.total < tuning[Tune::UnfamiliarMediumBits] && !(score.newPlace && score.newDevice);
    }

    // What is usual is learnt only from sign-ins that nobody has reason to doubt.
    [[nodiscard]] bool teaches(const EnrichedSignIn &signIn, const FeatureScore &score) const
    {
        return !hidesEveryone(signIn) &&
               (score.familiarity.learning || signIn.trusted() || isVouchedFor(score));
    }

    Tuning tuning; // everybody's
    Profiles profiles;
    TenantCounts tenant;
    Novelty novelty;
    FeatureModel model;
    std::shared_ptr<AddressProfiles> addresses;
    std::vector<std::unique_ptr<Detector>> detectors;
    std::vector<LateFinding> lateFindings;
    Examination examination;
};

Engine::Engine(const Tuning &tuning, StateSource &source, const Names &names)
    : m(std::make_unique<Parts>(tuning, source, names))
{}
Engine::~Engine() = default;
Engine::Engine(Engine &&) noexcept = default;

void Engine::expect(const EnrichedSignIn &signIn, Prefetch stage)
{
    if (stage == Prefetch::Records)
        prefetch(signIn.facts, sizeof *signIn.facts);
    if (stage == Prefetch::Rows && signIn.succeeded())
        m->model.expect(signIn);
    if (stage <= Prefetch::Rows) {
        m->profiles.expect(signIn.row.user, stage);
        m->addresses->expect(signIn.ip, stage);
    }
    if (stage >= Prefetch::Slots && stage <= Prefetch::Rows)
        return;
    for (auto &detector : m->detectors)
        detector->expect(signIn, stage);
}

const Examination &Engine::examine(const EnrichedSignIn &signIn)
{
    Examination &e = m->examination;
    e.findings.clear();
    e.withheld = false;
    e.unfamiliarBits = std::numeric_limits<double>::quiet_NaN();
    e.newPlaceAndDevice = false;
    Familiarity familiarity;
    bool teaches = false;
    if (signIn.validated()) {
        const FeatureScore &score = m->assess(signIn);
        familiarity = score.familiarity;
        const bool entered = signIn.succeeded();
        if (entered && !familiarity.learning && !signIn.trusted() &&
            !(signIn.social && info(DetectionType::UnfamiliarFeatures).needsPassword)) {
            e.unfamiliarBits = score.total;
            e.newPlaceAndDevice = score.newPlace && score.newDevice;
        }
        for (auto &detector : m->detectors) {
            if (signIn.social && info(detector->type()).needsPassword)
                continue;
            if (!entered && !detector->judgesStopped())
                continue;
            Verdict verdict = detector->judge(signIn, familiarity, false);
            if (verdict.level != RiskLevel::None)
                e.findings.push_back({detector->type(), signIn, std::move(verdict), false});
        }
        const bool found = std::any_of(e.findings.begin(), e.findings.end(),
                                       [](const Finding &f) { return f.verdict.level >= RiskLevel::Medium; });
        const bool doubted = found || m->isDoubted(signIn);
        teaches = entered && (!m->tuning.has(Part::Hygiene) || (!doubted && m->teaches(signIn, score)));
        e.withheld = entered && !teaches && (doubted || !e.findings.empty() || !m->isVouchedFor(score));
        // What something else than the model holds against a sign-in is no news of its user.
        const bool ofSomebodyElse = std::any_of(e.findings.begin(), e.findings.end(), [](const Finding &f) {
            return f.verdict.level >= RiskLevel::Medium && f.type != DetectionType::UnfamiliarFeatures;
        });
        if (entered && !ofSomebodyElse)
            m->model.countNovelty(signIn, teaches);
        if (found)
            m->doubt(signIn);
    }
    m->learn(signIn, familiarity, teaches);
    if (teaches) {
        UserProfile &profile = m->profiles.of(signIn.row.user);
        if (profile.lastSuccess == 0)
            m->tenant.countUser();
        countSuccess(profile, signIn, m->tuning);
    }
    m->lateFindings.clear();
    for (auto &detector : m->detectors) {
        const std::size_t before = m->lateFindings.size();
        detector->takeLate(m->lateFindings);
        for (std::size_t i = before; i < m->lateFindings.size(); ++i)
            e.findings.push_back(
                {detector->type(), m->lateFindings[i].signIn, std::move(m->lateFindings[i].verdict), true});
    }
    return e;
}

void Engine::teach(const EnrichedSignIn &signIn)
{
    if (!signIn.succeeded())
        return;
    auto &profile = m->profiles.of(signIn.row.user);
    if (profile.doubt.network == Parts::networkOf(signIn)) {
        profile.doubt = {};
        profile.changed = true;
    }
    const Familiarity familiarity = m->assess(signIn).familiarity;
    m->learn(signIn, familiarity, true);
}

void Engine::restartLearning(std::uint32_t user)
{
    UserProfile &profile = m->profiles.of(user);
    profile.travelLearning = profile.featureLearning = {};
    profile.counted = {};
    profile.changed = true;
}

const FeatureScore &Engine::assess(const EnrichedSignIn &signIn)
{
    return m->assess(signIn);
}

std::vector<Explanation> Engine::explain(const EnrichedSignIn &signIn)
{
    std::vector<Explanation> explanations;
    const Familiarity familiarity = m->assess(signIn).familiarity;
    for (auto &detector : m->detectors) {
        Explanation e{detector->type(), {}};
        if (!signIn.succeeded() && !(signIn.validated() && detector->judgesStopped()))
            e.verdict.reason = Reason::NotASuccess;
        else if (signIn.social && info(detector->type()).needsPassword)
            e.verdict.reason = Reason::SocialIdentity;
        else
            e.verdict = detector->judge(signIn, familiarity, true);
        explanations.push_back(std::move(e));
    }
    return explanations;
}

LearningStatus Engine::learning(std::uint32_t user)
{
    const UserProfile &profile = m->profiles.of(user);
    const Minute now = profile.lastSuccess;
    const LearningLeft travel = travelLearning(profile, m->tuning, now);
    const LearningLeft features = featureLearning(profile, m->tuning, now);
    const auto missing = [](const LearningLeft &l) { return l.needed - l.done; };
    const LearningLeft &longest = travel.needed == 0                    ? features
                                  : features.needed == 0                ? travel
                                  : missing(features) > missing(travel) ? features
                                                                        : travel;
    return {longest.done, longest.needed};
}

void Engine::save(StateSink &sink)
{
    for (auto &detector : m->detectors)
        detector->save(sink);
    m->addresses->save(sink);
    m->tenant.save(sink);
    m->novelty.save(sink);
    m->profiles.save(sink);
}

bool Engine::holdsMuch() const
{
    return m->profiles.size() > Profiles::mostUsers;
}

void Engine::forget()
{
    m->profiles.forget();
}

std::vector<Campaign> Engine::takeCampaigns(bool all)
{
    std::vector<Campaign> campaigns;
    for (auto &detector : m->detectors)
        detector->takeCampaigns(campaigns, all);
    return campaigns;
}

std::vector<SetAsideIndicator> Engine::takeSetAside()
{
    std::vector<SetAsideIndicator> all;
    for (auto &detector : m->detectors)
        detector->takeSetAside(all);
    return all;
}

void Engine::retune(const Tuning &tuning)
{
    m->tuning = tuning;
    m->model.retuned();
    for (auto &detector : m->detectors)
        detector->retuned();
}

void Engine::judgeOwnTrafficFrom(std::int64_t at)
{
    for (auto &detector : m->detectors)
        detector->judgeOwnTrafficFrom(at);
}

} // namespace riskdesk::detect
