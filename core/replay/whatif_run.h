// WhatIfRun: what other settings would have found in the stored sign-ins, against what the present ones find.
//
// Suppression rules count on both sides.
//
// Both are played in one pass, each by an engine that begins empty, or at the kept beginning, so the difference is that of the settings
// and nothing else. Detections are folded as the ledger folds them; levels of users are those that their
// detections make together, before anybody's decision and before anything ages. Reads only, of one moment of
// the store; two threads for the engines beside the caller's.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/domain/detection.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::run {

struct WhatIfRequest
{
    std::vector<std::pair<std::string, double>> set; // settings of the detectors
    // Trusted besides those that are: a network, "AS64500", or a country of two letters.
    std::vector<std::string> trust;
    // Rules besides those in force, as ledger::suppressionTerms() reads them.
    std::vector<std::string> suppress;
    Timestamp now;                  // at which rules are in force
    std::optional<Timestamp> since; // what happened before teaches and is not counted
};

using LevelCounts = std::array<std::uint64_t, 4>; // by RiskLevel

// What is stored of a detection and what became of it.
enum class Recorded : std::uint8_t {
    NotStored,
    AtRisk,
    Aged,
    Dismissed,
    ConfirmedSafe,
    ConfirmedCompromised,
    Remediated
};
[[nodiscard]] std::string_view toText(Recorded);      // "confirmedSafe"
[[nodiscard]] std::string_view displayName(Recorded); // "Confirmed safe"

struct WhatIfChange
{
    DetectionType type = DetectionType::Other;
    std::uint32_t user = 0;
    std::string userKey, userName, userPrincipalName;
    Timestamp at;
    std::string requestId;
    RiskLevel before = RiskLevel::None, after = RiskLevel::None; // None: not there
    Recorded recorded = Recorded::NotStored;
};

struct WhatIfReport
{
    std::uint64_t signIns = 0; // played
    double seconds = 0;
    struct Type
    {
        LevelCounts before{}, after{};
    };
    std::map<DetectionType, Type> types; // those with a detection in either
    LevelCounts usersBefore{}, usersAfter{};
    std::uint64_t usersChanged = 0; // whose level differs
    std::uint64_t appear = 0, disappear = 0, rise = 0, fall = 0;
    std::map<Recorded, std::uint64_t> disappearRecorded;
    std::vector<WhatIfChange> changes; // by time
};

// Code::NotFound for an unknown setting (the detail names near ones) or network, WrongUsage for a value out
// of bounds or a setting that no detector reads, Unsupported in a trial directory, Cancelled.
[[nodiscard]] Result<WhatIfReport> whatIf(store::Connection &connection, const WhatIfRequest &request,
                                          std::stop_token stop = {}, const ProgressSink &progress = {});

// Keys of settings that somebody may have meant, at most three, the nearest first.
[[nodiscard]] std::vector<std::string> nearSettings(std::string_view key);

} // namespace riskdesk::run
