// Measures the engine on generated directories and prints the report as Markdown:
//   riskdesk_lab_report [--population service|shop|campus] [--users 20000] [--days 120] [--seed 1] [--seeds 3]
//   [--tree TEXT]
//                       [--no-ablations] [--daily] [--keep FOLDER]
// --keep leaves the directory of each seed as FOLDER/SEED.riskdesk, to look into with riskdeskctl, and what
// was hidden in it as FOLDER/SEED.labels.csv.
#include "core/base/error.h"

#include "tests/lab/report.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

using namespace riskdesk;

namespace {

// A folder for one trial, gone afterwards.
struct Workshop
{
    explicit Workshop(unsigned number)
        : folder(std::filesystem::temp_directory_path() /
                 ("riskdesk-lab-" + std::to_string(::getpid()) + "-" + std::to_string(number)))
    {
        std::filesystem::create_directories(folder);
    }
    ~Workshop()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    Workshop(const Workshop &) = delete;
    Workshop &operator=(const Workshop &) = delete;
    std::filesystem::path folder;
};

using detect::Tune;
struct Variant
{
    const char *name;
    std::vector<std::pair<Tune, double>> settings; // some beyond the bounds that settings have
    std::vector<detect::Part> without = {};
};
const Variant variants[] = {
    {"as shipped", {}},
    {"no decay", {{Tune::UnfamiliarHalfLifeDays, 36'500}, {Tune::TravelFamiliarDays, 36'500}}},
    {"no radius",
     {{Tune::TravelCityRadiusKm, 0},
      {Tune::TravelRegionRadiusKm, 0},
      {Tune::TravelCountryRadiusKm, 0},
      {Tune::TravelMobileRadiusKm, 0}}},
    {"without back-off", {}, {detect::Part::BackOff}},
    {"without hygiene", {}, {detect::Part::Hygiene}},
    {"novelty by the formula", {{Tune::UnfamiliarLearnNovelty, 0}}},
    {"rented servers are not doubted", {{Tune::UnfamiliarHostingBits, 0}}},
    {"findings doubt no network", {{Tune::UnfamiliarDoubtHours, 0}}},
    {"without atypical travel", {{Tune::TravelEnabled, 0}}},
    {"without anonymous addresses", {{Tune::AnonymizerEnabled, 0}}},
    {"without malware addresses", {{Tune::MalwareEnabled, 0}}},
    {"without unfamiliar properties", {{Tune::UnfamiliarEnabled, 0}}},
    {"without password spray", {{Tune::SprayEnabled, 0}}},
    {"without threat intelligence", {{Tune::ThreatEnabled, 0}}},
};

} // namespace

int main(int argc, char **argv)
{
    CLI::App app("The laboratory");
    std::string name = "service", tree = "unnamed", keep;
    unsigned users = 20'000, days = 120, seeds = 3;
    std::uint64_t seed = 1;
    std::vector<std::pair<std::string, double>> settings;
    bool noAblations = false, daily = false;
    app.add_option("--population", name)->check(CLI::IsMember({"service", "shop", "campus"}));
    const auto *given = app.add_option("--users", users, "20000, and 8000 of a campus");
    app.add_option("--days", days);
    app.add_option("--seed", seed);
    app.add_option("--seeds", seeds);
    app.add_option("--tree", tree, "what was measured");
    app.add_flag("--no-ablations", noAblations);
    app.add_flag("--daily", daily, "import day by day");
    app.add_option("--set", settings, "KEY VALUE: a setting of the directory");
    app.add_option("--keep", keep)->check(CLI::ExistingDirectory);
    CLI11_PARSE(app, argc, argv);
    if (name == "campus" && given->empty())
        users = 8000;

    std::vector<lab::Trial> trials;
    std::vector<lab::Ablation> ablations;
    if (!noAblations)
        for (const Variant &v : variants)
            ablations.push_back({v.name, {}});
    for (unsigned i = 0; i < seeds; ++i) {
        const Workshop workshop(i);
        auto population = lab::population(name, users, days, seed + i);
        population.daily = daily;
        population.settings = settings;
        auto trial = lab::run(population, workshop.folder);
        if (!trial) {
            std::fprintf(stderr, "%s\n", sentence(trial.error()).c_str());
            return 1;
        }
        for (std::size_t v = 0; v < ablations.size(); ++v) {
            detect::Tuning tuning;
            for (const auto &[id, value] : variants[v].settings)
                tuning.set(id, value);
            for (const auto part : variants[v].without)
                tuning.leaveOut(part);
            auto found = lab::again(*trial, tuning);
            if (!found) {
                std::fprintf(stderr, "%s\n", sentence(found.error()).c_str());
                return 1;
            }
            lab::Trial other = *trial;
            other.found = std::move(*found);
            ablations[v].trials.push_back(std::move(other));
        }
        if (!keep.empty()) {
            const auto as = std::filesystem::path(keep) / std::to_string(seed + i);
            const auto over = std::filesystem::copy_options::overwrite_existing;
            std::filesystem::copy_file(trial->directory, as.string() + ".riskdesk", over);
            std::filesystem::copy_file(workshop.folder / "labels.csv", as.string() + ".labels.csv", over);
        }
        trials.push_back(std::move(*trial));
        std::fprintf(stderr, "seed %llu done\n", static_cast<unsigned long long>(seed + i));
    }
    std::fputs(lab::report(lab::population(name, users, days, seed), trials, ablations, tree).c_str(),
               stdout);
    return 0;
}
