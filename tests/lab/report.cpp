#include "tests/lab/report.h"

#include "core/detect/detectors.h"

#include "tests/lab/history.h"
#include "tests/lab/measures.h"
#include "tests/lab/targets.h"

#include <fmt/format.h>

#include <iterator>

namespace riskdesk::lab {
namespace {

std::string shortPercent(const Figure &f)
{
    return f.of == 0 ? "–" : fmt::format("{:.0f}", f.value * 100);
}

std::string rangePercent(const Figure &f)
{
    return f.of == 0 ? "–"
                     : fmt::format("{:.0f} ({:.0f}–{:.0f})", f.value * 100, f.least * 100, f.greatest * 100);
}

void historyTable(std::string &out, const std::vector<Trial> &trials)
{
    auto to = std::back_inserter(out);
    out += "\n## Takeovers by history\n\nOf people with so many earlier sign-ins of their own when the "
           "takeover began. Takeovers: every kind but cookie; visible: nor targeted. Raised: on a sign-in "
           "with such a past.\n\n"
           "| earlier | at least | takeovers found | visible ones found | taken over among raised users | "
           "owners' own sign-ins flagged |\n|---|---|---|---|---|---|\n";
    for (const Past past : {Past{5, 20}, Past{21, 100'000}})
        for (const RiskLevel least : {RiskLevel::Low, RiskLevel::Medium}) {
            const auto h = byHistory(trials, least, past);
            fmt::format_to(to, "| {} | {} | {} | {} | {} | {} |\n", past.most < 100'000 ? "5 to 20" : "more",
                           toText(least), percentText(h.recall), percentText(h.visibleRecall),
                           percentText(h.precision), percentText(h.ownersFlagged));
        }
}

void recallTable(std::string &out, const std::vector<Trial> &trials)
{
    auto to = std::back_inserter(out);
    fmt::format_to(
        to,
        "## Recall per compromised user\n\n"
        "Found: something of at least low was raised on one of the attack's own sign-ins. By detection, in "
        "%. *Learning*: the engine did not know the user yet.\n\n"
        "| attack | found | medium or more |");
    for (const auto &spec : detect::detectors())
        fmt::format_to(to, " {} |", info(spec.type).shortName);
    out += " delay, sign-ins | minutes, median / 95 % |\n|---|---|---|---|---|";
    for (std::size_t i = 0; i < detect::detectors().size(); ++i)
        out += "---|";
    out += '\n';
    for (const Recall &r : recalls(trials, RiskLevel::Low)) {
        fmt::format_to(to, "| {}{} | {} | {} |", r.kind, r.learning ? ", learning" : "", percentText(r.any),
                       percentText(r.medium));
        for (const auto &spec : detect::detectors())
            fmt::format_to(to, " {} |", shortPercent(r.byType[static_cast<std::size_t>(spec.type)]));
        fmt::format_to(to, " {:.0f} | {:.0f} / {:.0f} |\n", r.delaySignIns, r.delayMinutesMedian,
                       r.delayMinutes95);
    }
}

void precisionTable(std::string &out, const std::vector<Trial> &trials)
{
    auto to = std::back_inserter(out);
    for (const RiskLevel least : {RiskLevel::Low, RiskLevel::Medium, RiskLevel::High}) {
        fmt::format_to(to,
                       "\n## What is raised at {} or more\n\n| detection | attacked among raised users | "
                       "false alarms a day "
                       "and 1000 users | a 1000 sign-ins | of the false: |\n|---|---|---|---|---|\n",
                       toText(least));
        for (const Precision &p : precisions(trials, least)) {
            std::string causes;
            for (std::size_t i = 0; i < p.causes.size() && i < 6; ++i)
                causes += fmt::format("{}{} {}", i == 0 ? "" : ", ", p.causes[i].first, p.causes[i].second);
            fmt::format_to(to, "| {} | {} | {} | {} | {} |\n", toText(p.type), percentText(p.users),
                           numberText(p.falsePer1000UsersDay, 3), numberText(p.perThousandSignIns, 2),
                           causes);
        }
    }
}

// In the words that help and console have.
void blindness(std::string &out)
{
    out += "\n## What each cannot see\n\n";
    for (const auto &spec : detect::detectors())
        fmt::format_to(std::back_inserter(out), "- **{}**: {}\n", info(spec.type).displayName,
                       info(spec.type).cannotSee);
}

void curveTable(std::string &out, const std::vector<Trial> &trials)
{
    auto to = std::back_inserter(out);
    fmt::format_to(
        to, "\n## Unfamiliar sign-in properties against the reference formula\n\n"
            "Attacks above the cut that lets so many of the owners' sign-ins through as alarms; ours / "
            "reference, in %. Intervals are of the attacks, at that cut.\n\n| attack | 1 % | 2 % | 5 % | 10 "
            "% |\n|---|---|---|---|---|\n");
    for (const std::string &kind : takeovers(trials)) {
        fmt::format_to(to, "| {} |", kind);
        for (const double rate : {0.01, 0.02, 0.05, 0.1})
            fmt::format_to(to, " {} / {} |", rangePercent(truePositives(trials, kind, rate, false)),
                           rangePercent(truePositives(trials, kind, rate, true)));
        out += "\n";
    }
    fmt::format_to(
        to,
        "\n## Re-authentications while attackers are stopped\n\n"
        "Median; mean number of a user's own first sign-ins at or above the cut that stops so many "
        "attackers; ours, then the reference formula. Intervals are of the users, at that cut.\n\n"
        "| history | users | stopped | naive | VPN | targeted | naive, ref. | VPN, ref. | targeted, ref. |\n"
        "|---|---|---|---|---|---|---|---|---|\n");
    for (std::size_t h = 0; h < histories.size(); ++h)
        for (const double stopped : {0.98, 0.99, 0.995}) {
            const auto cell = [&](std::size_t a, bool reference) {
                const auto r = reauthentication(trials, h, static_cast<Attacker>(a), stopped, reference);
                return r.users == 0 ? std::string("–")
                                    : fmt::format("{}; {}", numberText(r.median, 0), numberText(r.mean, 2));
            };
            fmt::format_to(to, "| {} | {} | {:.1f} % | {} | {} | {} | {} | {} | {} |\n", histories[h],
                           reauthentication(trials, h, Attacker::Naive, stopped, false).users, stopped * 100,
                           cell(0, false), cell(1, false), cell(2, false), cell(0, true), cell(1, true),
                           cell(2, true));
        }
}

void peerTable(std::string &out, const std::vector<Trial> &trials)
{
    auto to = std::back_inserter(out);
    const auto table = [&](const char *title, const std::string &kind, DetectionType type,
                           const std::vector<std::string> &rules) {
        fmt::format_to(to,
                       "\n## {}\n\n| rule | compromised users found | attacked among users raised | alerts a "
                       "day and 1000 "
                       "users |\n|---|---|---|---|\n",
                       title);
        for (const Comparison &c : comparisons(trials, kind, type, rules))
            fmt::format_to(to, "| {} | {} | {} | {:.3f} |\n", c.rule, percentText(c.recall),
                           percentText(c.precision), c.alertsPer1000UsersDay);
    };
    table("Password spray, ours and the peers'", "spray.", DetectionType::PasswordSpray,
          {"sentinel_signin_password_spray", "elastic_okta_single_source", "elastic_okta_stuffing",
           "elastic_okta_distributed", "elastic_entra_spraying", "elastic_entra_stuffing",
           "splunk_per_address", "splunk_unusual_per_address", "splunk_distributed",
           "panther_users_per_address"});
    table(
        "Travel, ours and the peers'", "travel.", DetectionType::UnlikelyTravel,
        {"buffalogs_impossible_travel", "panther_impossible_travel", "elastic_travel_box", "okta_velocity"});
}

void ablationTable(std::string &out, const std::vector<Ablation> &ablations)
{
    auto to = std::back_inserter(out);
    const auto row = [&](const std::string &name, const std::vector<Trial> &of) {
        const auto all = overall(of, RiskLevel::Low);
        fmt::format_to(to, "| {} | {} | {} | {} |\n", name, percentText(all.found), percentText(all.signIns),
                       numberText(all.falsePer1000UsersDay, 3));
    };
    if (ablations.empty())
        return;
    out += "\n## Ablations\n\nRepeats are not folded here.\n\n| engine | attacks found, past learning | "
           "attackers' "
           "sign-ins found | false alarms a day and 1000 users "
           "|\n|---|---|---|---|\n";
    for (const Ablation &a : ablations)
        row(a.name, a.trials);
}

} // namespace

std::string report(const Population &population, const std::vector<Trial> &trials,
                   const std::vector<Ablation> &ablations, const std::string &tree)
{
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "# Laboratory, population \"{}\"\n\nTree {}. {} users, {} days, {} seeds.\n\n",
                   population.name, tree, population.options.users, population.options.days, trials.size());
    fmt::format_to(to,
                   "| seed | sign-ins | successes | detections | campaigns | import | state, bytes a user |\n"
                   "|---|---|---|---|---|---|---|\n");
    for (std::size_t i = 0; i < trials.size(); ++i)
        fmt::format_to(to, "| {} | {} | {} | {} | {} | {:.1f} s | {:.0f} |\n", population.options.seed + i,
                       trials[i].signIns, trials[i].successes.size(), trials[i].found.size(),
                       trials[i].campaigns, trials[i].importSeconds,
                       static_cast<double>(trials[i].stateBytes) / trials[i].users);
    out += "\n";
    out += targetTable(targets(trials));
    recallTable(out, trials);
    historyTable(out, trials);
    precisionTable(out, trials);
    blindness(out);
    curveTable(out, trials);
    peerTable(out, trials);
    ablationTable(out, ablations);
    return out;
}

} // namespace riskdesk::lab
