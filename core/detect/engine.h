// Engine: all detectors together, with the rules that hold for every one of them (hygiene, order, learning).
//
// Single-threaded; fed in (event time, event key) order. Deterministic: the same sign-ins give the same
// examinations whatever files and threads they came from.
//
//     Engine engine(tuning, source, names);
//     for (const EnrichedSignIn &s : inOrder)
//         for (auto &finding : engine.examine(s).findings)
//             record(finding);
//     engine.save(sink);
#pragma once

#include "core/detect/detector.h"
#include "core/detect/usual/features.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::detect {

class Profiles; // the users' memory, core/detect/usual/profile.h

struct Finding
{
    DetectionType type = DetectionType::Other;
    EnrichedSignIn signIn; // see LateFinding for what may be read
    Verdict verdict;
    bool late = false; // on a sign-in examined earlier
};

struct Examination
{
    std::vector<Finding> findings;
    bool withheld = false; // a success that was kept from the baseline because of what was found
    // The unfamiliarity of a success, in bits; NaN where it is not judged (still learning, or trusted). High
    // needs a new place and a new device too.
    double unfamiliarBits = std::numeric_limits<double>::quiet_NaN();
    bool newPlaceAndDevice = false;
};

struct LearningStatus
{
    std::uint32_t done = 0;
    std::uint32_t needed = 0; // 0: over. Of the detector that takes longest
};

struct Explanation
{
    DetectionType type;
    Verdict verdict;
};

class Engine
{
public:
    Engine(const Tuning &tuning, StateSource &source, const Names &names);
    ~Engine();
    Engine(Engine &&) noexcept;

    // A sign-in that will be examined so many steps from now; see prefetch.h.
    void expect(const EnrichedSignIn &signIn, Prefetch stage);
    // Judges, then learns. The result is valid until the next call.
    const Examination &examine(const EnrichedSignIn &signIn);
    // Teaches one sign-in that was withheld and has been judged harmless.
    void teach(const EnrichedSignIn &signIn);
    // Confirm safe: the learning counters begin again, the profile stays.
    void restartLearning(std::uint32_t user);
    // How unlike its user a sign-in is, now; changes nothing. Valid until the next call.
    [[nodiscard]] const FeatureScore &assess(const EnrichedSignIn &signIn);
    // What each detector would say of this sign-in now, with evidence; changes nothing.
    [[nodiscard]] std::vector<Explanation> explain(const EnrichedSignIn &signIn);
    // As of the user's newest sign-in that taught.
    [[nodiscard]] LearningStatus learning(std::uint32_t user);
    void save(StateSink &sink);
    // Of so many users that it should be saved and forgotten.
    [[nodiscard]] bool holdsMuch() const;
    // Users who did not change since they were saved; the source must give back what was saved.
    void forget();
    // Campaigns opened or grown since the last call; all: every one that is remembered.
    [[nodiscard]] std::vector<Campaign> takeCampaigns(bool all = false);
    // Indicators set aside since the last call.
    [[nodiscard]] std::vector<SetAsideIndicator> takeSetAside();
    // Before that time no indicator is own traffic: too few of the sign-ins before are left to count.
    void judgeOwnTrafficFrom(std::int64_t at);
    // What is examined from now on is judged by other settings; what was learnt stays.
    void retune(const Tuning &tuning);

private:
    struct Parts;
    std::unique_ptr<Parts> m;
};

} // namespace riskdesk::detect
