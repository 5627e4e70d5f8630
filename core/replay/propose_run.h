// ProposeRun: thresholds of unfamiliarFeatures that fit this directory, from the scores of its own sign-ins.
//
// Every stored sign-in is played again under the present settings, and the score of each judged success goes
// into a histogram of 1/20 bit. A proposal is the quantile that leaves the wished share of them at or above
// the threshold; for high, of those with a new place and a new device. Thresholds also decide what teaches,
// so a proposal is a first step: `whatif` tells what it would really find. Reads only, applies nothing.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

namespace riskdesk::run {

class ScoreHistogram
{
public:
    static constexpr double least = -64, greatest = 192,
                            width = 0.05; // bits; beyond them the last bin counts
    void add(double bits);
    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] std::uint64_t atOrAbove(double bits) const;
    // The lowest lower end of a bin that leaves at most so many at or above it.
    [[nodiscard]] double leaving(std::uint64_t most) const;
    [[nodiscard]] const std::vector<std::uint64_t> &bins() const { return m_bins; }

private:
    static constexpr auto binCount = static_cast<std::size_t>((greatest - least) / width);
    std::vector<std::uint64_t> m_bins = std::vector<std::uint64_t>(binCount);
    std::uint64_t m_count = 0;
};

struct ProposedThreshold
{
    std::string_view key;                       // the setting
    double budget = 0;                          // wished share, %
    double present = 0, proposed = 0;           // bits
    double presentShare = 0, proposedShare = 0; // of the judged sign-ins at or above, %
    double presentADay = 0, proposedADay = 0;   // sign-ins of exactly this level, before folding
};

struct Proposal
{
    std::uint64_t signIns = 0;                   // played
    std::uint64_t judged = 0;                    // successes with a score
    double days = 0;                             // from the first judged to the last, at least one
    std::array<ProposedThreshold, 3> thresholds; // low, medium, high
    ScoreHistogram all, newInBoth;
};

// `budget`: shares in % for low, medium and high, falling. Code::WrongUsage; NotFound when no sign-in is
// judged yet; Unsupported in a trial directory; Cancelled.
[[nodiscard]] Result<Proposal> proposeThresholds(store::Connection &connection,
                                                 const std::array<double, 3> &budget,
                                                 std::stop_token stop = {},
                                                 const ProgressSink &progress = {});

} // namespace riskdesk::run
