// Today's settings for what is stored already, which a changed setting leaves as it was judged.

#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/replay/settle.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

std::string json(const run::SettleSummary &summary, bool applied)
{
    return query::JsonObject()
        .whole("signIns", static_cast<std::int64_t>(summary.signIns))
        .whole("detections", static_cast<std::int64_t>(summary.detections))
        .whole("withdrawn", static_cast<std::int64_t>(summary.withdrawn))
        .whole("kept", static_cast<std::int64_t>(summary.kept))
        .raw("applied", applied ? "true" : "false")
        .done();
}

int apply(const Common &common, bool onlyShows, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const StopOnInterrupt interrupt;
    const auto summary = onlyShows ? run::compareFindings(*directory, common.clock, run::Settings::OfToday,
                                                          interrupt.token(), progressLine())
                                   : run::settleByToday(*directory, common.who, common.clock,
                                                        interrupt.token(), progressLine());
    clearProgress();
    if (!summary)
        return report(summary.error());
    printLeftOut(summary->warningsAboutLists);
    if (format == Format::Json) {
        fmt::print("{}\n", json(*summary, !onlyShows));
        return 0;
    }
    const auto kept =
        summary->kept == 0
            ? std::string()
            : fmt::format("; {} that somebody decided on {} though not found any more",
                          counted(summary->kept, "detection"), onlyShows ? "would stay" : "stayed");
    if (onlyShows)
        fmt::print("By today's settings {} would give {} and {} would go{}. Nothing was changed.\n",
                   counted(summary->signIns, "sign-in"), counted(summary->detections, "new detection"),
                   summary->withdrawn, kept);
    else
        fmt::print("Judged {} by today's settings: {}, {} withdrawn{}; {}.\n",
                   counted(summary->signIns, "sign-in"), counted(summary->detections, "new detection"),
                   summary->withdrawn, kept, usersAtRisk(summary->usersAtRisk));
    for (const auto &notice : summary->notices)
        fmt::print(stderr, "riskdeskctl: {}\n", notice);
    return 0;
}

} // namespace

void addApplySettings(CommandLine &line, CLI::App *settings)
{
    const auto onlyShows = std::make_shared<bool>(false);
    auto *command = line.add(
        "apply", "judge what is stored by today's settings; a changed one holds from then on only",
        [onlyShows](const Common &common, Format format) { return apply(common, *onlyShows, format); },
        settings);
    line.needs(command, action::Permission::Settings);
    command->add_flag("--dry-run", *onlyShows, "tell what would appear and go, and change nothing");
    line.addFormat(command, false);
}

} // namespace riskdesk::ctl
