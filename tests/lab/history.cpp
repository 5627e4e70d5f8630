#include "tests/lab/history.h"

#include <algorithm>
#include <map>
#include <set>

namespace riskdesk::lab {
namespace {

struct Strongest
{
    RiskLevel level = RiskLevel::None;
    std::uint64_t times = 0; // with repeats folded into it
};

// What was found on each success, by its number.
std::vector<Strongest> strongest(const Trial &trial, RiskLevel least)
{
    std::vector<Strongest> all(trial.successes.size());
    for (const Found &f : trial.found) {
        if (f.success < 0 || f.level < least)
            continue;
        Strongest &s = all[static_cast<std::size_t>(f.success)];
        s.level = std::max(s.level, f.level);
        s.times = std::max(s.times, f.count);
    }
    return all;
}

} // namespace

ByHistory byHistory(const std::vector<Trial> &trials, RiskLevel least, Past past)
{
    using Pairs = std::vector<std::pair<double, double>>;
    Pairs recall, visible, precision, owners;
    const auto isIn = [past](std::uint32_t earlier) { return earlier >= past.least && earlier <= past.most; };
    for (const Trial &trial : trials) {
        const auto found = strongest(trial, least);
        std::map<std::uint32_t, std::uint32_t> earlier;
        struct Taken
        {
            std::uint32_t past = 0;
            bool found = false;
        };
        std::map<std::pair<std::uint32_t, std::uint16_t>, Taken> taken; // by user and label
        std::map<std::uint32_t, std::pair<double, double>> own;         // by user: flagged of all
        std::map<std::uint32_t, bool> raised;                           // by user: taken over
        for (std::size_t i = 0; i < trial.successes.size(); ++i) {
            const Success &s = trial.successes[i];
            const bool flagged = found[i].level != RiskLevel::None;
            std::uint32_t &before = earlier[s.user];
            if (!s.compromise) {
                if (isIn(before)) {
                    auto &[part, whole] = own[s.user];
                    part += flagged ? static_cast<double>(found[i].times) : 0;
                    ++whole;
                    if (flagged)
                        raised.try_emplace(s.user, false);
                }
                ++before;
                continue;
            }
            const std::string &kind = trial.labels[s.label];
            if (!kind.starts_with("takeover.") || kind == "takeover.cookie")
                continue;
            const auto [at, first] = taken.try_emplace({s.user, s.label}, Taken{before, false});
            at->second.found = at->second.found || flagged;
            if (flagged && isIn(at->second.past))
                raised[s.user] = true;
        }
        for (const auto &[key, t] : taken) {
            if (!isIn(t.past))
                continue;
            recall.emplace_back(t.found, 1);
            if (trial.labels[key.second] != "takeover.targeted")
                visible.emplace_back(t.found, 1);
        }
        for (const auto &[user, attacked] : raised)
            precision.emplace_back(attacked, 1);
        for (const auto &[user, flagged] : own)
            owners.push_back(flagged);
    }
    return {share(recall), share(visible), share(precision), share(owners)};
}

} // namespace riskdesk::lab
