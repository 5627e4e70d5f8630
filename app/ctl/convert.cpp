// convert: a trial directory becomes one for production.

#include "core/replay/convert.h"

#include "core/ledger/ageing.h"
#include "core/query/json_object.h"
#include "core/store/statement.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

namespace riskdesk::ctl {
namespace {

Result<std::uint64_t> usersAtRiskNow(store::Connection &connection)
{
    store::Statement count(connection, "SELECT count(*) FROM user_risk WHERE state IN (?1, ?2)");
    count.bind(RiskState::AtRisk, RiskState::ConfirmedCompromised);
    if (!count.step())
        return tl::unexpected(count.error());
    return static_cast<std::uint64_t>(count.int64(0));
}

int convert(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    const StopOnInterrupt interrupt;
    const auto done = run::convert(*directory, common.who, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (!done) {
        const int code = report(done.error());
        if (!directory->info().trial && done.error().code != Code::Conflict)
            fmt::print(stderr,
                       "riskdeskctl: the directory is for production now. Its sign-ins are judged by the "
                       "next import, by \"settle\", or when the console opens it.\n");
        return code;
    }
    if (const auto aged = ledger::ageLowDetections(connection, common.clock, interrupt.token()); !aged)
        return report(aged.error());
    const auto atRisk = usersAtRiskNow(connection);
    if (!atRisk)
        return report(atRisk.error());
    printLeftOut(done->warningsAboutLists);
    for (const auto &notice : done->notices)
        fmt::print(stderr, "riskdeskctl: {}\n", notice);
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .flag("trial", false)
                               .whole("signIns", static_cast<std::int64_t>(done->signIns))
                               .whole("detections", static_cast<std::int64_t>(done->detections))
                               .whole("silenced", static_cast<std::int64_t>(done->silenced))
                               .whole("usersAtRisk", static_cast<std::int64_t>(*atRisk))
                               .done());
    else
        fmt::print("The directory is for production now. Judged {}: {}; {}.\n",
                   counted(done->signIns, "sign-in"), counted(done->detections, "new detection"),
                   usersAtRisk(*atRisk));
    return 0;
}

} // namespace

void addConvert(CommandLine &line)
{
    auto *command =
        line.add("convert", "make a trial directory one for production and judge what it stores", convert);
    line.needs(command, action::Permission::Settings);
    line.addJson(command);
}

} // namespace riskdesk::ctl
