#include "core/risk/explain.h"

#include <algorithm>
#include <tuple>

namespace riskdesk::risk {
namespace {

Contribution contribution(const Reducer &user, const TrackedDetection &d)
{
    Contribution c;
    c.detection = d.facts.id;
    c.type = d.facts.type;
    c.level = d.now.level;
    c.weightLevel = d.now.weightLevel;
    c.state = d.now.state;
    c.weight = weight(c.weightLevel);
    c.count = d.now.count;
    c.at = d.facts.at;
    if (c.weightLevel != c.level)
        if (const auto *partner = user.partner(d); partner != nullptr)
            c.pairedWith = partner->facts.id;
    return c;
}

Arithmetic total(std::vector<Contribution> contributions)
{
    std::sort(contributions.begin(), contributions.end(), [](const auto &a, const auto &b) {
        return std::tie(b.weight, b.at, a.detection) < std::tie(a.weight, a.at, b.detection);
    });
    Tally tally;
    for (const auto &c : contributions) {
        ++tally.open[static_cast<std::size_t>(c.weightLevel) & 3];
        tally.confirmed += c.state == RiskState::ConfirmedCompromised ? 1u : 0u;
    }
    return {std::move(contributions), sum(tally)};
}

} // namespace

Arithmetic explain(const Reducer &user)
{
    std::vector<Contribution> all;
    for (const auto &d : user.detections())
        if (d.now.open())
            all.push_back(contribution(user, d));
    return total(std::move(all));
}

Arithmetic explain(const Reducer &user, const std::string &signIn)
{
    std::vector<Contribution> all;
    for (const auto &[index, repeat] : user.occurrencesOn(signIn)) {
        const auto &d = user.detections()[index];
        if (!d.now.open())
            continue;
        auto c = contribution(user, d);
        if (repeat != RiskLevel::None) { // folded into a detection that began on another sign-in
            c.level = c.weightLevel = repeat;
            c.weight = weight(repeat);
            c.pairedWith.clear();
        }
        all.push_back(std::move(c));
    }
    return total(std::move(all));
}

} // namespace riskdesk::risk
