// Detector: one kind of finding, one file. A newcomer copies a neighbour.
//
// For each sign-in, in (event time, event key) order, the engine asks every detector to judge() it and then
// tells every detector to learn() it. judge() changes nothing that a later judgement could see; so the same
// function answers "why not?" long after. Only correct credentials raise: the engine asks judge() for
// successes alone (judgesStopped(): for right passwords that were stopped too), and learn() for every
// sign-in.
#pragma once

#include "core/detect/enriched_sign_in.h"
#include "core/detect/prefetch.h"
#include "core/detect/state.h"
#include "core/detect/tuning.h"
#include "core/domain/campaign.h"
#include "core/domain/risk.h"
#include "core/domain/verdict.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::detect {

using riskdesk::Reason;
using riskdesk::Verdict;

// How like the user a sign-in is, by the unfamiliar-features model; computed once and given to every
// detector.
struct Familiarity
{
    double placeBits = 0; // + unlike the user, - like the user
    double deviceBits = 0;
    bool learning = true;      // the model has not seen enough of this user
    bool countryKnown = false; // seen before, undecayed
    bool networkKnown = false;
    bool addressKnown = false;
    bool deviceKnown = false;
};

// A finding on a sign-in that was examined earlier (a spray that is seen only later).
struct LateFinding
{
    EnrichedSignIn signIn; // its pointers are not to be followed; row, ip, country, asn, placeId are valid
    Verdict verdict;
};

class AddressProfiles;
class FeatureModel;
class Profiles;
class TenantCounts;

// What the engine lends a detector; it lives longer.
struct Shared
{
    const Tuning &tuning; // Detector::retuned() tells when it changes
    StateSource &source;  // what was saved
    const Names &names;
    FeatureModel &model; // has assessed a sign-in before it is judged or learnt
    Profiles &profiles;  // of users
    TenantCounts &tenant;
    std::shared_ptr<AddressProfiles> addresses;
};

class Detector
{
public:
    virtual ~Detector() = default;
    [[nodiscard]] virtual DetectionType type() const = 0;
    // A right password tells something even where a second factor, a policy or its age stopped it.
    [[nodiscard]] virtual bool judgesStopped() const { return false; }
    // With `explain`, evidence is filled whatever the verdict.
    [[nodiscard]] virtual Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity,
                                        bool explain) = 0;
    // `teaches`: a success that may shape what is usual (no finding of medium or more, no anonymizer, …).
    virtual void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches) = 0;
    // A sign-in that comes soon; see prefetch.h.
    virtual void expect(const EnrichedSignIn &, Prefetch) {}
    // Writes every part changed since the last call.
    virtual void save(StateSink &) {}
    // Moves out what came up since the last call.
    virtual void takeLate(std::vector<LateFinding> &) {}
    // `all`: and those that did not change.
    virtual void takeCampaigns(std::vector<Campaign> &, [[maybe_unused]] bool all) {}
    virtual void takeSetAside(std::vector<SetAsideIndicator> &) {}
    virtual void judgeOwnTrafficFrom(std::int64_t) {} // Engine says what for
    // Shared::tuning says something else now.
    virtual void retuned() {}
};

} // namespace riskdesk::detect
