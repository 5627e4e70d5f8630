#include "tests/lab/measures.h"

#include "core/demo/random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace riskdesk::lab {
namespace {

float of(const Score &s, bool reference)
{
    return reference ? s.reference : s.ours;
}

// The sign-ins of one attack on one user.
struct Attack
{
    std::string kind;
    bool learning = true; // all of it
    std::vector<int> successes;
    std::array<RiskLevel, measuredTypes> level{}; // the highest found, by type
    RiskLevel highest = RiskLevel::None;
    int firstFound = -1; // index into `successes`
};

using AttackKey = std::tuple<std::uint16_t, std::uint32_t, unsigned>; // label, user, campaign

std::map<AttackKey, Attack> attacksOf(const Trial &trial)
{
    std::map<AttackKey, Attack> attacks;
    std::map<int, std::pair<AttackKey, int>> where;
    for (std::size_t i = 0; i < trial.successes.size(); ++i) {
        const Success &s = trial.successes[i];
        if (!s.compromise)
            continue;
        const AttackKey key{s.label, s.user, s.campaign};
        Attack &a = attacks[key];
        a.kind = trial.labels[s.label];
        a.learning = a.learning && s.learning;
        where[static_cast<int>(i)] = {key, static_cast<int>(a.successes.size())};
        a.successes.push_back(static_cast<int>(i));
    }
    for (const Found &f : trial.found) {
        const auto at = where.find(f.success);
        if (at == where.end() || static_cast<std::size_t>(f.type) >= measuredTypes)
            continue;
        Attack &a = attacks[at->second.first];
        auto &level = a.level[static_cast<std::size_t>(f.type)];
        level = std::max(level, f.level);
        a.highest = std::max(a.highest, f.level);
        if (a.firstFound < 0 || at->second.second < a.firstFound)
            a.firstFound = at->second.second;
    }
    return attacks;
}

} // namespace

std::vector<Recall> recalls(const std::vector<Trial> &trials, RiskLevel least)
{
    struct Sum
    {
        std::vector<std::pair<double, double>> any, medium;
        std::array<std::vector<std::pair<double, double>>, measuredTypes> byType;
        std::vector<double> signIns, minutes;
    };
    std::map<std::pair<std::string, bool>, Sum> sums;
    for (const Trial &trial : trials)
        for (const auto &[key, a] : attacksOf(trial)) {
            Sum &sum = sums[{a.kind, a.learning}];
            sum.any.emplace_back(a.highest >= least, 1);
            sum.medium.emplace_back(a.highest >= RiskLevel::Medium, 1);
            for (std::size_t type = 0; type < measuredTypes; ++type)
                sum.byType[type].emplace_back(a.level[type] >= least, 1);
            if (a.firstFound >= 0) {
                const auto at = [&](int i) {
                    return trial.successes[static_cast<std::size_t>(a.successes[static_cast<std::size_t>(i)])]
                        .at;
                };
                sum.signIns.push_back(a.firstFound);
                sum.minutes.push_back(static_cast<double>(at(a.firstFound) - at(0)) / 60e6);
            }
        }
    std::vector<Recall> all;
    for (const auto &[key, sum] : sums) {
        Recall r;
        std::tie(r.kind, r.learning) = key;
        r.any = share(sum.any);
        r.medium = share(sum.medium);
        for (std::size_t type = 0; type < measuredTypes; ++type)
            r.byType[type] = share(sum.byType[type]);
        r.delaySignIns = quantile(sum.signIns, 0.5);
        r.delayMinutesMedian = quantile(sum.minutes, 0.5);
        r.delayMinutes95 = quantile(sum.minutes, 0.95);
        all.push_back(std::move(r));
    }
    return all;
}

namespace {

// Detections of one kind, by user.
struct Tallied
{
    std::map<std::uint32_t, bool> raised; // user -> attacked
    std::map<std::uint32_t, double> falseOnes, every;
};

// Appends one entry a user of the trial.
void spread(const std::map<std::uint32_t, double> &times, const Trial &trial,
            std::vector<std::pair<double, double>> &perUser)
{
    const auto before = perUser.size();
    for (const auto &[user, n] : times)
        perUser.emplace_back(n, trial.days / 1000.0);
    if (perUser.size() - before < trial.users)
        perUser.resize(before + trial.users, {0.0, trial.days / 1000.0});
}

Figure aDayOf(const std::vector<std::pair<double, double>> &perUser)
{
    Figure figure = share(perUser);
    figure.of = perUser.size(); // users, and not a thousandth of their days
    return figure;
}

const Success *signInOf(const Trial &trial, const Found &f)
{
    return f.success < 0 ? nullptr : &trial.successes[static_cast<std::size_t>(f.success)];
}

} // namespace

std::vector<Precision> precisions(const std::vector<Trial> &trials, RiskLevel least)
{
    std::vector<std::map<std::uint32_t, double>> successes(trials.size());
    for (std::size_t t = 0; t < trials.size(); ++t)
        for (const Success &s : trials[t].successes)
            ++successes[t][s.user];
    std::vector<Precision> all;
    for (std::size_t type = 1; type <= 6; ++type) {
        Precision p;
        p.type = static_cast<DetectionType>(type);
        p.least = least;
        std::vector<std::pair<double, double>> users, falseOnes, every;
        std::map<std::string, std::uint64_t> causes;
        for (std::size_t t = 0; t < trials.size(); ++t) {
            const Trial &trial = trials[t];
            Tallied tallied;
            for (const Found &f : trial.found) {
                if (f.type != p.type || f.level < least)
                    continue;
                const Success *s = signInOf(trial, f);
                const bool attack = s != nullptr && s->compromise;
                tallied.raised[f.user] = tallied.raised[f.user] || attack;
                ++tallied.every[f.user];
                if (attack)
                    continue;
                ++tallied.falseOnes[f.user];
                const std::string cause = s == nullptr ? "" : trial.labels[s->label];
                ++causes[cause.empty() ? "nothing special" : cause];
            }
            for (const auto &[user, attacked] : tallied.raised)
                users.emplace_back(attacked, 1);
            spread(tallied.falseOnes, trial, falseOnes);
            std::map<std::uint32_t, std::pair<double, double>> rates;
            for (const auto &[user, n] : successes[t])
                rates[user].second = n / 1000;
            for (const auto &[user, n] : tallied.every) // of some nothing but failures is known
                rates[user].first = n;
            for (const auto &[user, rate] : rates)
                every.push_back(rate);
        }
        p.users = share(users);
        p.falsePer1000UsersDay = aDayOf(falseOnes);
        p.perThousandSignIns = aDayOf(every);
        p.causes.assign(causes.begin(), causes.end());
        std::stable_sort(p.causes.begin(), p.causes.end(),
                         [](const auto &a, const auto &b) { return a.second > b.second; });
        all.push_back(std::move(p));
    }
    return all;
}

Overall overall(const std::vector<Trial> &trials, RiskLevel least)
{
    std::vector<std::pair<double, double>> found, signIns, falseOnes;
    for (const Trial &trial : trials) {
        std::set<int> raised;
        for (const Found &f : trial.found)
            if (f.level >= least)
                raised.insert(f.success);
        for (const auto &[key, a] : attacksOf(trial)) {
            if (a.learning)
                continue;
            found.emplace_back(a.highest >= least, 1);
            signIns.emplace_back(
                std::ranges::count_if(a.successes, [&](int i) { return raised.contains(i); }),
                a.successes.size());
        }
        std::map<std::uint32_t, double> times;
        for (const Found &f : trial.found)
            if (const Success *s = signInOf(trial, f); f.level >= least &&
                                                       static_cast<std::size_t>(f.type) < measuredTypes &&
                                                       (s == nullptr || !s->compromise))
                ++times[f.user];
        spread(times, trial, falseOnes);
    }
    return {share(found), share(signIns), aDayOf(falseOnes)};
}

std::vector<Comparison> comparisons(const std::vector<Trial> &trials, const std::string &kind,
                                    DetectionType type, const std::vector<std::string> &rules)
{
    std::vector<Comparison> all;
    const auto compare = [&](const std::string &name, const auto &raisedIn) {
        Comparison c;
        c.rule = name;
        std::vector<std::pair<double, double>> recall, precision;
        double alerts = 0, days = 0;
        for (const Trial &trial : trials) {
            days += static_cast<double>(trial.users) * trial.days / 1000;
            std::set<int> raised;
            alerts += raisedIn(trial, raised);
            std::map<std::uint32_t, bool> attacked; // user raised -> attacked
            for (const int i : raised) {
                const Success &s = trial.successes[static_cast<std::size_t>(i)];
                attacked[s.user] = attacked[s.user] || s.compromise;
            }
            for (const auto &[user, really] : attacked)
                precision.emplace_back(really, 1);
            std::map<std::pair<std::uint32_t, unsigned>, bool> found; // user and campaign -> found
            for (std::size_t i = 0; i < trial.successes.size(); ++i) {
                const Success &s = trial.successes[i];
                if (s.compromise && trial.labels[s.label].starts_with(kind)) {
                    bool &is = found[{s.user, s.campaign}];
                    is = is || raised.contains(static_cast<int>(i));
                }
            }
            for (const auto &[user, is] : found)
                recall.emplace_back(is, 1);
        }
        c.recall = share(recall);
        c.precision = share(precision);
        c.alertsPer1000UsersDay = days > 0 ? alerts / days : 0;
        all.push_back(std::move(c));
    };
    compare("ours", [type](const Trial &trial, std::set<int> &raised) {
        double alerts = 0;
        for (const Found &f : trial.found)
            if (f.type == type) {
                ++alerts;
                if (f.success >= 0)
                    raised.insert(f.success);
            }
        return alerts;
    });
    for (const std::string &rule : rules)
        compare(rule, [&rule](const Trial &trial, std::set<int> &raised) {
            double alerts = 0;
            for (const PeerFindings &peer : trial.peers)
                if (peer.rule == rule) {
                    alerts += static_cast<double>(peer.alerts);
                    raised.insert(peer.successes.begin(), peer.successes.end());
                }
            return alerts;
        });
    return all;
}

namespace {

double cutFor(const std::vector<Trial> &trials, double falseRate, bool reference)
{
    std::vector<double> own;
    for (const Trial &trial : trials)
        for (const Success &s : trial.successes)
            if (!s.compromise && !s.learning)
                own.push_back(of(s.score, reference));
    return quantile(std::move(own), 1 - falseRate);
}

// The first sign-in of each attack of that kind on somebody known.
template <typename Use>
void eachFirst(const std::vector<Trial> &trials, const std::string &kind, const Use &use)
{
    for (const Trial &trial : trials) {
        std::set<std::uint32_t> met;
        for (const Success &s : trial.successes)
            if (s.compromise && !s.learning && trial.labels[s.label] == kind && met.insert(s.user).second)
                use(s);
    }
}

} // namespace

Figure truePositives(const std::vector<Trial> &trials, const std::string &kind, double falseRate,
                     bool reference)
{
    std::vector<std::pair<double, double>> perUser;
    const double cut = cutFor(trials, falseRate, reference);
    eachFirst(trials, kind, [&](const Success &s) { perUser.emplace_back(of(s.score, reference) > cut, 1); });
    return share(perUser);
}

Figure advantage(const std::vector<Trial> &trials, const std::string &kind, double falseRate)
{
    std::vector<std::pair<double, double>> perUser;
    const double ours = cutFor(trials, falseRate, false), reference = cutFor(trials, falseRate, true);
    eachFirst(trials, kind, [&](const Success &s) {
        perUser.emplace_back((of(s.score, false) > ours) - (of(s.score, true) > reference), 1);
    });
    return share(perUser);
}

std::vector<std::string> takeovers(const std::vector<Trial> &trials)
{
    std::set<std::string> kinds;
    for (const Trial &trial : trials)
        for (const std::string &label : trial.labels)
            if (label.starts_with("takeover.") && label != "takeover.learning")
                kinds.insert(label);
    return {kinds.begin(), kinds.end()};
}

Reauthentication reauthentication(const std::vector<Trial> &trials, std::size_t history, Attacker attacker,
                                  double stopped, bool reference)
{
    Reauthentication r;
    std::vector<double> attack;
    for (const Trial &trial : trials)
        for (const Probe &p : trial.probes)
            if (p.history == history)
                attack.push_back(of(p.attacker[static_cast<std::size_t>(attacker)], reference));
    r.cut = quantile(std::move(attack), 1 - stopped);
    std::vector<unsigned> counts;
    std::vector<std::pair<double, double>> perUser;
    for (const Trial &trial : trials)
        for (const Probe &p : trial.probes) {
            if (p.history != history)
                continue;
            const auto count = std::count_if(p.own.begin(), p.own.end(),
                                             [&](const Score &s) { return of(s, reference) >= r.cut; });
            counts.push_back(static_cast<unsigned>(count));
            perUser.emplace_back(static_cast<double>(count), 1);
        }
    r.users = counts.size();
    r.median = medianOf(counts);
    r.mean = share(perUser);
    return r;
}

} // namespace riskdesk::lab
