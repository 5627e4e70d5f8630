// outbox: what waits to be done where the accounts live, what failed and what was done.

#include "core/action/outbox.h"

#include "core/base/shown_text.h"
#include "core/directory/directory.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/sending.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct OutboxCommand
{
    bool all = false, follow = false;
    std::int64_t id = 0;
    SecretsOptions where;
};

int outboxList(const Common &common, const OutboxCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto rows = action::outbox(directory->connection(), !options.all);
    if (!rows)
        return report(rows.error());
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &row : *rows)
            writer.add(outboxJson(row).done());
        return 0;
    }
    if (rows->empty() && format == Format::Table) {
        fmt::print(stderr, "{}\n", options.all ? "Nothing was ever sent." : "Nothing waits to be sent.");
        return 0;
    }
    Table table{{"Number", "Request", "User", "Connection", "State", "Due", "Tried", "What came of it"}, {}};
    for (const auto &row : *rows)
        table.rows.push_back({std::to_string(row.id), std::string(toText(row.operation)),
                              shownText(row.userPrincipalName), row.connectorName,
                              std::string(toText(row.state)), row.dueAt.toIso(), std::to_string(row.attempts),
                              shownText(row.sentence)});
    printTable(table, format);
    return 0;
}

int outboxSend(const Common &common, const OutboxCommand &options, Format format)
{
    auto opened = openSecrets(common.directory, options.where); // asked for now, not in an hour
    if (!opened)
        return report(opened.error());
    run::CourierOptions how;
    how.untilEmpty = !options.follow;
    bool failed = false;
    how.settled = [&failed, format](const dispatch::Settled &settled) {
        failed |= settled.state == OutboxState::Failed || settled.held;
        printSettled(settled, format);
    };
    how.trouble = [](const Error &error) { report(error); };
    const StopOnInterrupt interrupt;
    const auto done = carryHere(common, std::move(*opened), how, interrupt.token());
    if (!done && done.error().code != Code::Cancelled)
        return report(done.error());
    return failed ? 1 : 0;
}

int outboxRow(const Common &common, const OutboxCommand &options, bool retry, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto done = retry
                          ? action::retryRow(directory->connection(), common.clock, common.who, options.id)
                          : action::discardRow(directory->connection(), common.clock, common.who, options.id);
    if (!done)
        return report(done.error());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("id", options.id)
                               .text("state", retry ? "waiting" : "discarded")
                               .done());
    else
        fmt::print("Request {} is {}.\n", options.id, retry ? "due now" : "given up");
    return 0;
}

} // namespace

void addOutbox(CommandLine &line)
{
    using action::Permission;
    auto *family = line.add("outbox", "what waits to be done where the accounts live", {});
    family->require_subcommand(1);
    const auto listed = std::make_shared<OutboxCommand>();
    auto *command = line.add(
        "list", "what waits, newest first",
        [listed](const Common &common, Format format) { return outboxList(common, *listed, format); },
        family);
    command->add_flag("--all", listed->all, "what was done, failed or was given up too");
    line.needs(command, Permission::Read);
    line.addFormat(command);

    const auto sent = std::make_shared<OutboxCommand>();
    command = line.add(
        "send", "send what waits; temporary passwords are printed, this once",
        [sent](const Common &common, Format format) { return outboxSend(common, *sent, format); }, family);
    command->add_flag("--follow", sent->follow, "go on with what comes, until Ctrl+C");
    sent->where.addTo(command);
    line.needs(command, Permission::Access);
    line.addJson(command, "print one object for each request");

    for (const bool retry : {true, false}) {
        const auto row = std::make_shared<OutboxCommand>();
        command = line.add(
            retry ? "retry" : "discard",
            retry ? "a request that failed or waits is sent at once"
                  : "a request that was not sent is given up",
            [row, retry](const Common &common, Format format) {
                return outboxRow(common, *row, retry, format);
            },
            family);
        command->add_option("number", row->id, "as \"outbox list\" shows it")->required();
        line.needs(command, Permission::Access);
        line.addJson(command);
    }
}

} // namespace riskdesk::ctl
