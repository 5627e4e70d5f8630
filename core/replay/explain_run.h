// ExplainRun: what every detector says of one stored sign-in, and why.
//
// The stored sign-ins before it are played again, so the answer is what was known at that moment, by the settings that
// held then and today's lists: from the newest point before it that the detectors' memory can be put back to, which costs what
// the stretch costs, else into an empty memory, which takes as long as examining that many sign-ins; may be stopped.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/detect/engine.h"
#include "core/directory/directory.h"
#include "core/domain/suppression.h"

#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

struct SignInExplanation
{
    std::string requestId;
    Timestamp at;
    std::uint32_t user = 0;
    std::string userName, ip, city, country, application;
    Outcome outcome = Outcome::Success;
    std::int32_t errorCode = 0;
    std::vector<detect::Explanation> detectors;
    // By detection: the suppression rule that silenced it, or would silence what is raised now.
    std::map<DetectionType, SuppressionRule> silencedBy;
    // Lists or rules changed since, and what is stored of that time was found by the former ones
    // (core/ledger/former_findings.h).
    bool listsChangedSince = false;
};

// `requestId`: a sign-in's id, as a GUID, a text or 32 hex digits. Code::NotFound when no such sign-in is
// stored.
[[nodiscard]] Result<SignInExplanation> explainSignIn(Directory &directory, std::string_view requestId,
                                                      std::stop_token stop = {},
                                                      const ProgressSink &progress = {},
                                                      const Clock &clock = SystemClock());

} // namespace riskdesk::run
