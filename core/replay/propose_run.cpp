#include "core/replay/propose_run.h"

#include "core/directory/directory.h"
#include "core/lists/intelligence.h"
#include "core/replay/replay.h"
#include "core/store/schema.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace riskdesk::run {
namespace {

constexpr detect::Tune levels[] = {detect::Tune::UnfamiliarLowBits, detect::Tune::UnfamiliarMediumBits,
                                   detect::Tune::UnfamiliarHighBits};

const detect::TuningEntry &entry(detect::Tune id)
{
    return detect::tuningTable()[static_cast<std::size_t>(id)];
}

std::uint64_t atHigh(const Proposal &p, double bits)
{
    return p.newInBoth.atOrAbove(bits);
}

// How many sign-ins get exactly each level.
std::array<std::uint64_t, 3> found(const Proposal &p, const std::array<double, 3> &bits)
{
    const auto high = atHigh(p, bits[2]);
    // High takes from medium, and from low where its threshold is the lower one.
    const auto medium = std::max(p.all.atOrAbove(bits[1]), high) - high;
    const auto low = std::max(p.all.atOrAbove(bits[0]), high + medium) - high - medium;
    return {low, medium, high};
}

void propose(Proposal &p, const std::array<double, 3> &budget, const detect::Tuning &present)
{
    std::array<double, 3> now{}, then{};
    for (std::size_t i = 0; i < std::size(levels); ++i) {
        const auto most =
            static_cast<std::uint64_t>(std::floor(budget[i] / 100 * static_cast<double>(p.judged)));
        const auto &bounds = entry(levels[i]);
        now[i] = present[levels[i]];
        then[i] = std::clamp((i == 2 ? p.newInBoth : p.all).leaving(most), bounds.least, bounds.greatest);
        if (i > 0) // a higher level is never easier to reach
            then[i] = std::min(std::max(then[i], then[i - 1]), bounds.greatest);
    }
    const auto before = found(p, now), after = found(p, then);
    const auto share = [&](std::size_t i, double bits) {
        return 100 * static_cast<double>(i == 2 ? atHigh(p, bits) : p.all.atOrAbove(bits)) /
               static_cast<double>(p.judged);
    };
    for (std::size_t i = 0; i < std::size(levels); ++i)
        p.thresholds[i] = {entry(levels[i]).key,
                           budget[i],
                           now[i],
                           then[i],
                           share(i, now[i]),
                           share(i, then[i]),
                           static_cast<double>(before[i]) / p.days,
                           static_cast<double>(after[i]) / p.days};
}

} // namespace

void ScoreHistogram::add(double bits)
{
    const auto bin = (std::clamp(bits, least, greatest) - least) / width;
    ++m_bins[std::min(static_cast<std::size_t>(bin), binCount - 1)];
    ++m_count;
}

std::uint64_t ScoreHistogram::atOrAbove(double bits) const
{
    const auto bin = std::ceil((std::clamp(bits, least, greatest) - least) / width - 1e-9);
    const auto from = std::min(static_cast<std::size_t>(bin), binCount);
    return std::accumulate(m_bins.begin() + static_cast<std::ptrdiff_t>(from), m_bins.end(),
                           std::uint64_t{0});
}

double ScoreHistogram::leaving(std::uint64_t most) const
{
    std::uint64_t above = 0;
    std::size_t bin = binCount;
    while (bin > 0 && above + m_bins[bin - 1] <= most)
        above += m_bins[--bin];
    // A setting is written with two digits.
    return std::round((least + static_cast<double>(bin) * width) * 100) / 100;
}

Result<Proposal> proposeThresholds(store::Connection &connection, const std::array<double, 3> &budget,
                                   std::stop_token stop, const ProgressSink &progress)
{
    for (std::size_t i = 0; i < budget.size(); ++i)
        if (!(budget[i] >= 0 && budget[i] <= 100) || (i > 0 && budget[i] > budget[i - 1]))
            return fail(Code::WrongUsage, "budget", "expected three falling shares in %, such as 2,0.35,0.1");
    const auto directory = store::directoryInfo(connection);
    if (!directory)
        return tl::unexpected(directory.error());
    if (directory->trial)
        return fail(Code::Unsupported, directory->name,
                    "detections do not run in a trial directory; \"convert\" makes it one for production");
    std::vector<Error> unusable;
    auto enricher = loadEnricher(connection, unusable);
    const auto tunings = Tunings::load(connection);
    if (!enricher || !tunings)
        return tl::unexpected(!enricher ? enricher.error() : tunings.error());
    auto ground = ReplayGround::load(connection, std::move(*enricher));
    if (!ground)
        return tl::unexpected(ground.error());
    const auto beginning = BeginningOfAll::open(connection);
    if (!beginning)
        return tl::unexpected(beginning.error());
    auto engine = (*ground)->engine(tunings->behind((*beginning)->position()), **beginning);
    Proposal proposal;
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = 0;
    const ReplaySeat seat{**ground,
                          engine,
                          {},
                          [&](const auto &signIn, const auto &examination, bool) {
                              if (std::isnan(examination.unfamiliarBits))
                                  return;
                              proposal.all.add(examination.unfamiliarBits);
                              if (examination.newPlaceAndDevice)
                                  proposal.newInBoth.add(examination.unfamiliarBits);
                              first = std::min(first, signIn.row.at);
                              last = std::max(last, signIn.row.at);
                          },
                          &*tunings};
    const auto played = replay(connection, {&seat, 1},
                               {std::move(stop), progress, {}, (*beginning)->position(), false, true});
    if (!played)
        return tl::unexpected(played.error());
    if (auto ok = (*beginning)->loaded(); !ok)
        return tl::unexpected(ok.error());
    proposal.signIns = *played;
    proposal.judged = proposal.all.count();
    if (proposal.judged == 0)
        return fail(Code::NotFound, "unfamiliarFeatures",
                    "no sign-in was judged yet; every user is still being learnt");
    proposal.days = std::max(1.0, static_cast<double>(last - first) / 86'400e6);
    propose(proposal, budget, tunings->present());
    return proposal;
}

} // namespace riskdesk::run
