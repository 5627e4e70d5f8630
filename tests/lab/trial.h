// Trial: one generated directory, imported as a person would import it, with what was hidden in it beside
// what was found.
//
//     generate -> files (some records late, some twice) -> importFiles() -> detections of the directory file
//     every stored sign-in once more through an engine -> scores, and what an attacker would have scored
//
// One thread beside the import's own. Everything comes from the seed.
#pragma once

#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/detect/tuning.h"
#include "core/domain/risk.h"

#include "tests/lab/population.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace riskdesk::lab {

// Who an attacker is, from the least to the most informed.
enum class Attacker : std::uint8_t {
    Naive,   // any country, a popular device
    Vpn,     // the victim's country, another provider, a popular device
    Targeted // the victim's country and provider, the victim's system and browser
};
inline constexpr std::size_t attackers = 3;

// Histories at which attackers are tried.
inline constexpr std::array<unsigned, 5> histories = {4, 8, 12, 20, 39};

struct Score
{
    float ours = 0;      // bits
    float reference = 0; // log2 of the reference formula
};

// A success, in the order of the log.
struct Success
{
    std::uint32_t user = 0;
    std::uint32_t number = 0; // of this user, from 1; attacks are not counted
    std::int64_t at = 0;
    std::uint16_t label = 0; // index into Trial::labels
    bool compromise = false;
    bool learning = false; // the engine did not know the user yet
    unsigned campaign = 0;
    Score score;
};

struct Found
{
    DetectionType type = DetectionType::Other;
    RiskLevel level = RiskLevel::None;
    std::uint32_t user = 0;
    std::int64_t at = 0;
    std::uint64_t count = 1; // folded
    int success = -1;        // index into Trial::successes
};

// What attackers would have scored against one user after so many sign-ins, and the user's own until then.
struct Probe
{
    std::uint32_t user = 0;
    std::uint8_t history = 0; // index into `histories`
    std::array<Score, attackers> attacker;
    std::vector<Score> own;
};

// What one of the peers' rules raised: alerts, and the sign-ins among them.
struct PeerFindings
{
    std::string rule;
    std::uint64_t alerts = 0;
    std::vector<int> successes; // indexes into Trial::successes
};

struct Trial
{
    unsigned users = 0, days = 0;
    std::vector<std::string> labels; // [0] is ""
    std::vector<Success> successes;  // and right passwords in wrong hands that were stopped
    std::map<EventKey, int> index;   // of them
    std::vector<Found> found;
    std::vector<Probe> probes;
    std::vector<PeerFindings> peers;
    std::uint64_t signIns = 0;
    std::uint64_t campaigns = 0; // opened
    std::uint64_t stateBytes = 0;
    double importSeconds = 0;
    std::filesystem::path directory; // gone with the workshop
};

// Everything in `workshop`, a folder of its own.
[[nodiscard]] Result<Trial> run(const Population &population, const std::filesystem::path &workshop);

// What the engine finds in a stored directory under other settings: an ablation. Nothing is written.
[[nodiscard]] Result<std::vector<Found>> again(const Trial &trial, const detect::Tuning &tuning);

} // namespace riskdesk::lab
