#include "tests/lab/targets.h"

#include "tests/lab/history.h"
#include "tests/lab/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace riskdesk::lab {
namespace {

const char *verdictText(Verdict v)
{
    switch (v) {
    case Verdict::Met: return "met";
    case Verdict::Missed: return "missed";
    case Verdict::WithinInterval: return "within the interval";
    case Verdict::NotMeasured: break;
    }
    return "not measured";
}

void reauthentications(const std::vector<Trial> &trials, std::vector<Target> &all)
{
    const auto at = std::find(histories.begin(), histories.end(), 12U) - histories.begin();
    const std::pair<Attacker, const char *> most[] = {
        {Attacker::Naive, "naive"}, {Attacker::Vpn, "VPN"}, {Attacker::Targeted, "targeted"}};
    for (double bound = 2; const auto &[attacker, name] : most) {
        const auto r = reauthentication(trials, static_cast<std::size_t>(at), attacker, 0.99, false);
        all.push_back({fmt::format("Re-authentications at 12 sign-ins while 99 % of {} attackers are "
                                   "stopped, median",
                                   name),
                       r.median, bound++, false, false, 0});
    }
}

// Of the four cuts the one at which ours is the least ahead.
void aboveReference(const std::vector<Trial> &trials, std::vector<Target> &all)
{
    for (const std::string &kind : takeovers(trials)) {
        Target target{"Above the reference formula at 1, 2, 5 and 10 % false alarms, points at the worst of "
                      "them: " +
                          kind,
                      {},
                      0,
                      true,
                      true,
                      1};
        for (bool first = true; const double rate : {0.01, 0.02, 0.05, 0.1}) {
            const Figure ahead = advantage(trials, kind, rate);
            if (first || ahead.value < target.reached.value)
                target.reached = ahead;
            first = false;
        }
        all.push_back(std::move(target));
    }
}

// Of the users whom attacks of these kinds compromised, those on whom `found` says something was.
template <typename Kinds, typename FoundShare>
Figure recallOf(const std::vector<Recall> &recalls, const Kinds &kinds, const FoundShare &found)
{
    std::vector<std::pair<double, double>> perUser;
    for (const Recall &r : recalls) {
        if (!kinds(r))
            continue;
        const Figure &f = found(r);
        const auto hits = static_cast<std::size_t>(f.value * static_cast<double>(f.of) + 0.5);
        for (std::size_t i = 0; i < f.of; ++i)
            perUser.emplace_back(i < hits, 1);
    }
    return share(perUser);
}

} // namespace

Verdict verdict(const Target &t)
{
    if (t.reached.of == 0)
        return Verdict::NotMeasured;
    const double worst = t.atLeast ? t.reached.least : t.reached.greatest;
    const double best = t.atLeast ? t.reached.greatest : t.reached.least;
    const auto reaches = [&](double value) { return t.atLeast ? value >= t.bound : value <= t.bound; };
    return reaches(worst) ? Verdict::Met : reaches(best) ? Verdict::WithinInterval : Verdict::Missed;
}

std::vector<Target> targets(const std::vector<Trial> &trials)
{
    std::vector<Target> all;
    const auto medium = byHistory(trials, RiskLevel::Medium), low = byHistory(trials, RiskLevel::Low);
    all.push_back({"Takeovers of people with 5 to 20 earlier sign-ins, all but cookie and targeted, found at "
                   "medium or more",
                   medium.visibleRecall, 0.8});
    all.push_back({"Owners' sign-ins with 5 to 20 earlier ones, flagged at low or more", low.ownersFlagged,
                   0.01, false});
    all.push_back({"Owners' sign-ins with 5 to 20 earlier ones, flagged at medium or more",
                   medium.ownersFlagged, 0.01, false});
    reauthentications(trials, all);
    aboveReference(trials, all);
    const auto recall = recalls(trials, RiskLevel::Low);
    const auto precision = precisions(trials, RiskLevel::Low);
    const auto of = [&](DetectionType type) -> const Precision & {
        return *std::find_if(precision.begin(), precision.end(),
                             [type](const Precision &p) { return p.type == type; });
    };
    const auto travel = static_cast<std::size_t>(DetectionType::UnlikelyTravel);
    all.push_back({"Atypical travel, attackers who alternate with their victims, found by travel",
                   recallOf(
                       recall, [](const Recall &r) { return r.kind == "travel.attacker" && !r.learning; },
                       [travel](const Recall &r) -> const Figure & { return r.byType[travel]; }),
                   0.95});
    all.push_back({"Atypical travel, false alarms a day and 1000 users",
                   of(DetectionType::UnlikelyTravel).falsePer1000UsersDay, 0.2, false, false});
    all.push_back(
        {"Password spray, attacked among the users raised", of(DetectionType::PasswordSpray).users, 0.95});
    all.push_back(
        {"Password spray but with rotating clients, compromised users found by anything",
         recallOf(
             recall,
             [](const Recall &r) { return r.kind.starts_with("spray.") && r.kind != "spray.rotating"; },
             [](const Recall &r) -> const Figure & { return r.any; }),
         0.85});
    return all;
}

std::string targetTable(const std::vector<Target> &all)
{
    std::string out = "## Targets\n\nMet or missed: the whole interval lies on one side of the bound.\n\n"
                      "| target | bound | reached | |\n|---|---|---|---|\n";
    for (const Target &t : all)
        fmt::format_to(
            std::back_inserter(out), "| {} | {} {} | {} | {} |\n", t.name, t.atLeast ? "at least" : "at most",
            t.percent ? fmt::format("{:g} %", t.bound * 100) : fmt::format("{:g}", t.bound),
            t.percent ? percentText(t.reached) : numberText(t.reached, t.decimals), verdictText(verdict(t)));
    return out + "\n";
}

} // namespace riskdesk::lab
