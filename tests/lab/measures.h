// Measures: figures of trials, each with the interval in which 95 of 100 resamplings of the users fall.
#pragma once

#include "tests/lab/figure.h"
#include "tests/lab/trial.h"

#include <string>
#include <utility>
#include <vector>

namespace riskdesk::lab {

// Numbers of DetectionType that may have been found; 0 is none of them.
inline constexpr auto measuredTypes = static_cast<std::size_t>(newestDetectionType) + 1;

// Per kind of attack: users compromised, and those on whom something of at least `least` was found on one of
// the attack's own sign-ins.
struct Recall
{
    std::string kind;
    bool learning = false; // all of the attack fell into the time of learning
    Figure any, medium;
    Figure byType[measuredTypes]; // by DetectionType
    double delaySignIns = 0;      // median, of attacks found
    double delayMinutesMedian = 0, delayMinutes95 = 0;
};
[[nodiscard]] std::vector<Recall> recalls(const std::vector<Trial> &trials, RiskLevel least);

// Per type of detection: raised users who were attacked among all raised, and false alarms.
struct Precision
{
    DetectionType type = DetectionType::Other;
    RiskLevel least = RiskLevel::Low;
    Figure users;                                              // attacked users among those raised
    Figure falsePer1000UsersDay;                               // detections
    Figure perThousandSignIns;                                 // all detections over all successes
    std::vector<std::pair<std::string, std::uint64_t>> causes; // of the false ones, most frequent first
};
[[nodiscard]] std::vector<Precision> precisions(const std::vector<Trial> &trials, RiskLevel least);

// All of it in one line: attacks found past learning, the share of all that these attackers did that was found, and
// false alarms a day and 1000 users of every detection.
struct Overall
{
    Figure found, signIns, falsePer1000UsersDay;
};
[[nodiscard]] Overall overall(const std::vector<Trial> &trials, RiskLevel least);

// Share of attackers at or above the cut that lets `falseRate` of the owners' own sign-ins through as alarms.
[[nodiscard]] Figure truePositives(const std::vector<Trial> &trials, const std::string &kind,
                                   double falseRate, bool reference);
// How much larger ours is than that of the reference formula; both on the same attacks.
[[nodiscard]] Figure advantage(const std::vector<Trial> &trials, const std::string &kind, double falseRate);
// Kinds of takeover that are in the trials, by name; none that fell on people unknown yet by design.
[[nodiscard]] std::vector<std::string> takeovers(const std::vector<Trial> &trials);
// Median number of the first `histories[history]` sign-ins at or above the cut that stops `stopped` of
// attackers.
struct Reauthentication
{
    Figure median, mean; // at that cut: the attackers are not resampled
    double cut = 0;
    std::uint64_t users = 0;
};
[[nodiscard]] Reauthentication reauthentication(const std::vector<Trial> &trials, std::size_t history,
                                                Attacker attacker, double stopped, bool reference);

// A rule beside ours: of the users compromised by attacks whose kind begins with `kind`, those found; of the
// users raised, those attacked in whatever way.
struct Comparison
{
    std::string rule;
    double alertsPer1000UsersDay = 0;
    Figure recall, precision;
};
// Ours first: the detection of that type.
[[nodiscard]] std::vector<Comparison> comparisons(const std::vector<Trial> &trials, const std::string &kind,
                                                  DetectionType type, const std::vector<std::string> &rules);

} // namespace riskdesk::lab
