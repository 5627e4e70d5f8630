// settings propose: thresholds from the scores of the directory's own sign-ins. Never applies them.
//
// With --format json one object: signIns, judged, days, thresholds [{key, budgetPercent, present, proposed,
// presentPercent, proposedPercent, presentPerDay, proposedPerDay}], histogram [{bits, signIns, newInBoth}] of
// whole bits, lower ends, the empty ones left out.

#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/replay/propose_run.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

namespace riskdesk::ctl {
namespace {

std::string histogramJson(const run::Proposal &found)
{
    constexpr auto perBit = static_cast<std::size_t>(1 / run::ScoreHistogram::width + 0.5);
    std::string out;
    for (std::size_t from = 0; from < found.all.bins().size(); from += perBit) {
        std::uint64_t all = 0, both = 0;
        for (std::size_t i = from; i < std::min(from + perBit, found.all.bins().size()); ++i) {
            all += found.all.bins()[i];
            both += found.newInBoth.bins()[i];
        }
        if (all > 0)
            out += (out.empty() ? "" : ",") +
                   query::JsonObject()
                       .real("bits", run::ScoreHistogram::least + static_cast<double>(from / perBit))
                       .whole("signIns", static_cast<std::int64_t>(all))
                       .whole("newInBoth", static_cast<std::int64_t>(both))
                       .done();
    }
    return "[" + out + "]";
}

int propose(const Common &common, const std::string &budgetText, Format format)
{
    std::array<double, 3> budget{};
    const auto parts = split(budgetText, ',');
    for (std::size_t i = 0; i < budget.size(); ++i) {
        const auto value = i < parts.size() ? toDouble(trim(parts[i])) : std::nullopt;
        if (!value || parts.size() != budget.size())
            return report({Code::WrongUsage, budgetText, "expected three shares in %, such as 2,0.35,0.1"});
        budget[i] = *value;
    }
    auto connection = store::openForReading(common.directory);
    if (!connection)
        return report(connection.error());
    const StopOnInterrupt interrupt;
    const auto found = run::proposeThresholds(*connection, budget, interrupt.token(), progressLine());
    if (!found)
        return report(found.error());
    clearProgress();
    if (format == Format::Json || format == Format::Ndjson) {
        std::string thresholds;
        for (const auto &t : found->thresholds)
            thresholds += (thresholds.empty() ? "" : ",") + query::JsonObject()
                                                                .text("key", t.key)
                                                                .real("budgetPercent", t.budget)
                                                                .real("present", t.present)
                                                                .real("proposed", t.proposed)
                                                                .real("presentPercent", t.presentShare)
                                                                .real("proposedPercent", t.proposedShare)
                                                                .real("presentPerDay", t.presentADay)
                                                                .real("proposedPerDay", t.proposedADay)
                                                                .done();
        fmt::print("{}\n", query::JsonObject()
                               .whole("signIns", static_cast<std::int64_t>(found->signIns))
                               .whole("judged", static_cast<std::int64_t>(found->judged))
                               .real("days", found->days)
                               .raw("thresholds", "[" + thresholds + "]")
                               .raw("histogram", histogramJson(*found))
                               .done());
        return 0;
    }
    Table table{{"Setting", "Budget", "Now", "Share", "A day", "Proposed", "Share", "A day"}, {}};
    std::string command = "riskdeskctl whatif";
    for (const auto &t : found->thresholds) {
        table.rows.push_back({std::string(t.key), fmt::format("{} %", t.budget),
                              fmt::format("{} bits", t.present), fmt::format("{:.3f} %", t.presentShare),
                              fmt::format("{:.2f}", t.presentADay), fmt::format("{} bits", t.proposed),
                              fmt::format("{:.3f} %", t.proposedShare),
                              fmt::format("{:.2f}", t.proposedADay)});
        command += fmt::format(" --set {}={}", t.key, t.proposed);
    }
    printTable(table);
    fmt::print(
        "\nOf {} judged in {:.0f} days, before repeats are folded. Nothing was changed; what they would "
        "really find, as they also decide what is learnt, says\n  {}\n",
        counted(found->judged, "sign-in"), found->days, command);
    return 0;
}

} // namespace

void addPropose(CommandLine &line, CLI::App *settings)
{
    const auto budget = std::make_shared<std::string>("2,0.35,0.1");
    auto *command = line.add(
        "propose", "thresholds of unfamiliarFeatures from this directory's own scores; applies nothing",
        [budget](const Common &common, Format format) { return propose(common, *budget, format); }, settings);
    line.needs(command, action::Permission::Read);
    command->add_option("--budget", *budget, "low,medium,high in % of the sign-ins that are judged");
    line.addFormat(command, false);
}

} // namespace riskdesk::ctl
