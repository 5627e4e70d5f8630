// sync: what a connected provider has to tell, once or again and again.

#include "core/connections/audit_anchor.h"
#include "core/connections/open_connector.h"
#include "core/connections/pull_run.h"
#include "core/directory/directory.h"
#include "core/query/json_object.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/secrets.h"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace riskdesk::ctl {
namespace {

struct SyncCommand
{
    std::string name;
    bool follow = false;
    unsigned every = 300;
    SecretsOptions where;
};

std::string pulledText(const run::PullSummary &pulled)
{
    if (!pulled.imported)
        return "It has nothing new to tell.";
    return fmt::format("{} and {} told; {} new, {}.", counted(pulled.users, "user"),
                       counted(pulled.records, "record"), pulled.imported->stored,
                       counted(pulled.imported->detections, "new detection"));
}

void printPulled(const run::PullSummary &pulled, Format format)
{
    clearProgress();
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("users", static_cast<std::int64_t>(pulled.users))
                               .whole("records", static_cast<std::int64_t>(pulled.records))
                               .textOrNull("refused", pulled.refused)
                               .flag("goesOn", pulled.goesOn)
                               .raw("import", pulled.imported ? pulled.imported->toJson() : "null")
                               .done());
    else
        fmt::print("{}\n", pulledText(pulled));
    if (format != Format::Json && !pulled.refused.empty())
        fmt::print(stderr, "riskdeskctl: not all is told. {}\n", pulled.refused);
    std::fflush(stdout);
}

int sync(const Common &common, const SyncCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto row = run::connectionNamed(directory->connection(), options.name);
    if (!row)
        return report(row.error());
    const auto store = openSecrets(common.directory, options.where);
    if (!store)
        return report(store.error());
    run::ImportOptions how;
    how.who = common.who;
    const StopOnInterrupt interrupt;
    const auto stop = interrupt.token();
    std::mutex mutex;
    std::condition_variable_any never;
    for (;;) {
        auto connector = run::openConnector(*row, store->get(), common.clock);
        if (!connector)
            return report(connector.error());
        const auto pulled = run::pull(*directory, *row, **connector, how, common.clock, stop, progressLine());
        // A pull that failed may have brought something too.
        if (*store != nullptr)
            if (auto ok = run::moveAuditAnchor(directory->connection(), **store); !ok)
                report(ok.error());
        if (pulled) {
            printPulled(*pulled, format);
        } else {
            clearProgress();
            if (!options.follow)
                return report(pulled.error());
            if (stop.stop_requested())
                return 0;
            report(pulled.error());
        }
        if (!options.follow)
            return pulled->refused.empty() && !pulled->goesOn ? 0 : 1;
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, std::chrono::seconds(options.every), [] { return false; });
        if (stop.stop_requested())
            return 0;
        row = run::connectionNamed(directory->connection(), options.name); // the cursors moved
        if (!row)
            return report(row.error());
    }
}

} // namespace

void addSync(CommandLine &line)
{
    const auto synced = std::make_shared<SyncCommand>();
    auto *command =
        line.add("sync", "read users, sign-ins and risk from a connection, from where the last time ended",
                 [synced](const Common &common, Format format) { return sync(common, *synced, format); });
    command->add_option("name", synced->name, "as \"connect list\" shows it")->required();
    auto *follow = command->add_flag("--follow", synced->follow, "again and again, until Ctrl+C");
    command->add_option("--every", synced->every, "seconds between two times; 300")
        ->check(CLI::Range(10u, 86400u))
        ->needs(follow);
    synced->where.addTo(command);
    line.needs(command, action::Permission::Import);
    line.addJson(command, "print the summary as one object");
}

} // namespace riskdesk::ctl
