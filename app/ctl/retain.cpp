// retain: how far back sign-ins are kept, and the deleting of older ones.

#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/retain/retention.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

int whatIsKept(store::Connection &connection, Format format)
{
    const auto kept = run::keptSignIns(connection);
    if (!kept)
        return report(kept.error());
    if (format == Format::Json) {
        fmt::print("{}\n", query::JsonObject()
                               .whole("signIns", static_cast<std::int64_t>(kept->signIns))
                               .whole("bytes", static_cast<std::int64_t>(kept->bytes))
                               .time("oldestDateTime", kept->oldest)
                               .time("newestDateTime", kept->newest)
                               .whole("retainDays", kept->retainDays)
                               .done());
        return 0;
    }
    if (kept->oldest)
        fmt::print("{} since {}, in {:.1f} MB.\n", counted(kept->signIns, "sign-in"), kept->oldest->toIso(),
                   static_cast<double>(kept->bytes) / 1e6);
    else
        fmt::print("There are no sign-ins.\n");
    if (kept->retainDays > 0)
        fmt::print("At the end of each import those older than {} day{} before the newest are deleted.\n",
                   kept->retainDays, kept->retainDays == 1 ? "" : "s");
    else
        fmt::print("Retention is off: nothing is deleted by itself; store.retainDays turns it on.\n");
    return 0;
}

int retain(const Common &common, const std::optional<int> &days, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    if (!days)
        return whatIsKept(connection, format);
    auto lease = store::ImportLease::take(connection, "retain");
    if (!lease)
        return report(lease.error());
    const StopOnInterrupt interrupt;
    const auto removal = run::removeOldSignIns(connection, *lease, common.clock, common.who, *days,
                                               interrupt.token(), progressLine());
    if (!removal)
        return report(removal.error());
    clearProgress();
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("deleted", static_cast<std::int64_t>(removal->signIns))
                               .whole("bytes", static_cast<std::int64_t>(removal->bytes))
                               .time("beforeDateTime", removal->before)
                               .flag("cancelled", removal->cancelled)
                               .done());
    else
        fmt::print("Deleted {}, {:.1f} MB. Findings, risk and the audit log stay.\n",
                   counted(removal->signIns, "sign-in"), static_cast<double>(removal->bytes) / 1e6);
    if (removal->cancelled)
        fmt::print(stderr, "riskdeskctl: cancelled. What was deleted before is gone.\n");
    return removal->cancelled ? 1 : 0;
}

} // namespace

void addRetain(CommandLine &line)
{
    const auto days = std::make_shared<std::optional<int>>();
    auto *command =
        line.add("retain", "what is kept of sign-ins and since when; with --days delete older ones",
                 [days](const Common &common, Format format) { return retain(common, *days, format); });
    command->add_option("--days", *days,
                        "delete what is older than so many days before the newest sign-in, in whole "
                        "segments; findings stay");
    line.needs(command, action::Permission::Read); // with --days core asks for more
    line.addJson(command);
}

} // namespace riskdesk::ctl
