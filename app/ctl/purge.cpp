// purge: users who are removed for good.

#include "core/retain/purge.h"

#include "core/base/shown_text.h"
#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/query/tables/risky_users.h"
#include "core/replay/settle.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace riskdesk::ctl {
namespace {

struct PurgeCommand
{
    std::vector<std::string> users;
    bool notDeleted = false, yes = false, clean = false;
};

// Each name is typed, so that nobody removes whom he did not mean.
Status confirmed(const std::vector<std::string> &names)
{
    if (!isTerminal(STDIN_FILENO))
        return fail(Code::WrongUsage, "purge",
                    "Who is removed for good is confirmed on a terminal, and there is none. Give --yes.");
    for (const auto &name : names) {
        fmt::print(stderr,
                   "All that is stored of {} is removed for good. Type the name to go on: ", shownText(name));
        std::fflush(stderr);
        std::string typed;
        std::getline(std::cin, typed);
        if (typed != name)
            return fail(Code::WrongUsage, "purge", "That is not the name. Nothing was removed.");
    }
    return {};
}

int clean(store::Connection &connection)
{
    const auto cleaned = run::cleanFile(connection);
    if (cleaned)
        return 0;
    report(cleaned.error());
    fmt::print(stderr,
               "riskdeskctl: unused parts of the file may still hold what was removed; \"purge --clean\" "
               "writes it anew.\n");
    return 1;
}

Result<run::Purged> remove(run::Directory &directory, const Common &common, const run::PurgeRequest &request,
                           const StopOnInterrupt &interrupt)
{
    auto &connection = directory.connection();
    auto lease = store::ImportLease::take(connection, "purge");
    if (!lease)
        return tl::unexpected(lease.error());
    {
        auto transaction = store::Transaction::begin(connection);
        if (!transaction)
            return tl::unexpected(transaction.error());
        Status ok = run::unsettleAll(connection);
        if (ok)
            ok = transaction->commit();
        if (!ok)
            return tl::unexpected(ok.error());
    }
    auto purged = run::removeUsers(connection, *lease, common.clock, common.who, request, interrupt.token(),
                                   progressLine());
    if (!purged)
        return purged;
    const auto settled = run::settle(directory, *lease, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (!settled && settled.error().code != Code::Cancelled)
        return tl::unexpected(settled.error());
    if (!settled)
        fmt::print(stderr, "riskdeskctl: the others' sign-ins are examined again by the next import or by "
                           "\"settle\".\n");
    return purged;
}

void print(const run::Purged &purged, bool cleaned, Format format)
{
    const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("users", number(purged.users))
                               .whole("signIns", number(purged.signIns))
                               .whole("detections", number(purged.detections))
                               .whole("ledgerEvents", number(purged.events))
                               .whole("rows", number(purged.rows))
                               .flag("cleaned", cleaned)
                               .flag("cancelled", purged.cancelled)
                               .done());
    else
        fmt::print("Removed {} for good, with {}, {} and {} of the ledger. The audit log stays as it is.\n",
                   counted(purged.users, "user"), counted(purged.signIns, "sign-in"),
                   counted(purged.detections, "detection"), counted(purged.events, "event"));
}

int purge(const Common &common, const PurgeCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    if (options.users.empty() != options.clean)
        return report({Code::WrongUsage, "purge", "Name the users, or give --clean alone."});
    run::PurgeRequest request;
    request.notDeleted = options.notDeleted;
    for (const auto &name : options.users) {
        const auto user = query::findUser(connection, name);
        if (!user)
            return report(user.error());
        if (std::ranges::find(request.users, *user) == request.users.end())
            request.users.push_back(*user);
    }
    const auto names = run::mayPurge(connection, common.who, request);
    if (!names)
        return report(names.error());
    run::Purged purged;
    if (!options.clean) {
        if (!options.yes)
            if (const auto ok = confirmed(*names); !ok)
                return report(ok.error());
        const StopOnInterrupt interrupt;
        const auto removed = remove(*directory, common, request, interrupt);
        clearProgress();
        if (!removed)
            return report(removed.error());
        purged = *removed;
    }
    const int code = purged.cancelled ? 1 : clean(connection);
    if (options.clean && format != Format::Json) {
        if (code == 0)
            fmt::print("The file was written anew.\n");
        return code;
    }
    print(purged, code == 0, format);
    if (purged.cancelled)
        fmt::print(stderr,
                   "riskdeskctl: cancelled. Some sign-ins are gone, the users are still there; run the same "
                   "command to go on.\n");
    return code;
}

} // namespace

void addPurge(CommandLine &line)
{
    const auto given = std::make_shared<PurgeCommand>();
    auto *command =
        line.add("purge", "remove users for good: names, sign-ins, detections, history",
                 [given](const Common &common, Format format) { return purge(common, *given, format); });
    command->footer(
        "The audit log stays as it is, with the names in it. Addresses, devices and agents stay, without\n"
        "the user. Not searched: excerpts of rejected records, notes of decisions about several users,\n"
        "intelligence lists, who acted in the history of others, backups. Importing the same logs again\n"
        "brings the users back.\n"
        "What is left is examined again from the beginning, and the file is written anew: that takes as\n"
        "long as two copies of it, and up to twice its size of free disk for a while.");
    command->add_option("users", given->users, "user ids, user principal names or mail addresses");
    command->add_flag("--not-deleted", given->notDeleted, "also users who are not marked as deleted");
    command->add_flag("--yes", given->yes, "do not ask for the name on the terminal");
    command->add_flag("--clean", given->clean, "remove nobody, only write the file anew");
    line.needs(command, action::Permission::Purge);
    line.addJson(command);
}

} // namespace riskdesk::ctl
