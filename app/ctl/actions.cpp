// Commands that decide: dismiss, confirm, resolve, reset, block, undo, redo.

#include "core/action/action_service.h"
#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/directory/directory.h"
#include "core/import/undo_import.h"
#include "core/query/json_object.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/sending.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

namespace riskdesk::ctl {
namespace {

struct ActCommand
{
    std::string action; // dismiss, confirm-compromised, …
    std::vector<std::string> targets;
    bool signIns = false, detections = false, dryRun = false, noWait = false;
    std::string reason, note;
    SecretsOptions where;
};

struct Verb
{
    std::string_view key;
    risk::Action action;
    std::string_view done;   // and whose
    bool isRecorded = false; // what happened is elsewhere, unless a connection takes it there
};
constexpr auto verbs = std::to_array<Verb>({
    {"dismiss", risk::Action::Dismiss, "Dismissed the risk of"},
    {"confirm-compromised", risk::Action::ConfirmCompromised, "Confirmed compromised:"},
    {"confirm-safe", risk::Action::ConfirmSafe, "Confirmed safe:"},
    {"resolve", risk::Action::Resolve, "Resolved as remediated:"},
    {"reset-password", risk::Action::ResetPassword, "password reset of", true},
    {"block", risk::Action::Block, "sign-in blocked for", true},
    {"unblock", risk::Action::Unblock, "sign-in unblocked for", true},
    {"end-sessions", risk::Action::RevokeSessions, "sessions ended of", true},
});

std::string skippedJson(const std::vector<action::Skipped> &skipped)
{
    std::string all;
    for (const auto &one : skipped)
        all += (all.empty() ? "" : ",") + query::JsonObject()
                                              .textOrNull("target", one.target)
                                              .textOrNull("userDisplayName", one.name)
                                              .text("code", one.code())
                                              .text("message", one.sentence())
                                              .done();
    return '[' + all + ']';
}

// command is null where nothing was changed, error null where nothing stopped it.
std::string outcomeJson(const action::Outcome &outcome)
{
    const auto &error = outcome.stoppedBy;
    return query::JsonObject()
        .raw("command", outcome.command == 0 ? "null" : std::to_string(outcome.command))
        .whole("users", static_cast<std::int64_t>(outcome.users))
        .whole("targets", static_cast<std::int64_t>(outcome.targets))
        .flag("waits", outcome.waits)
        .flag("cancelled", outcome.cancelled)
        .raw("skipped", skippedJson(outcome.skipped))
        .raw("error", error ? query::JsonObject()
                                  .text("code", toText(error->code))
                                  .text("message", sentence(*error))
                                  .done()
                            : "null")
        .done();
}

void printSkipped(const std::vector<action::Skipped> &all)
{
    for (const auto &skipped : all)
        fmt::print(stderr, "{} skipped: {}\n",
                   shownText(skipped.name.empty() ? skipped.target : skipped.name), skipped.sentence());
}

std::string standing(const RiskStanding &risk, bool enabled)
{
    return fmt::format("{} {}{}", toText(risk.level), toText(risk.state), enabled ? "" : ", blocked");
}

// What would be done. 1 where it is nothing.
int printPlan(const action::Plan &plan, Format format)
{
    if (format == Format::Json) {
        std::string changes;
        for (const auto &change : plan.changes)
            changes += (changes.empty() ? "" : ",") +
                       query::JsonObject()
                           .text("userDisplayName", change.name)
                           .text("riskLevel", toText(change.before.level))
                           .text("riskState", toText(change.before.state))
                           .flag("accountEnabled", change.enabledBefore)
                           .text("newRiskLevel", toText(change.after.level))
                           .text("newRiskState", toText(change.after.state))
                           .flag("newAccountEnabled", change.enabledAfter)
                           .whole("detections", static_cast<std::int64_t>(change.detections))
                           .done();
        fmt::print("{}\n", query::JsonObject()
                               .raw("changes", '[' + changes + ']')
                               .raw("skipped", skippedJson(plan.skipped))
                               .done());
    } else if (!plan.changes.empty()) {
        Table table{{"User", "Is", "Becomes", "Detections"}, {}};
        for (const auto &change : plan.changes)
            table.rows.push_back({shownText(change.name), standing(change.before, change.enabledBefore),
                                  standing(change.after, change.enabledAfter),
                                  std::to_string(change.detections)});
        printTable(table);
    }
    printSkipped(plan.skipped);
    fmt::print(stderr, "riskdeskctl: {} would change, {} would be skipped; nothing was changed.\n",
               counted(plan.changes.size(), "user"), plan.skipped.size());
    return plan.changes.empty() ? 1 : 0;
}

// How many were done when it was stopped; `others`: a sentence about those that were not.
int printStopped(const action::Outcome &outcome, std::string_view others)
{
    if (outcome.command == 0)
        fmt::print(stderr, "riskdeskctl: cancelled. Nothing was changed.\n");
    else
        fmt::print(stderr, "riskdeskctl: cancelled. It was done for {}, and \"undo {}\" takes it back. {}\n",
                   counted(outcome.users, "user"), outcome.command, others);
    return 1;
}

int printOutcome(const action::Outcome &outcome, std::string_view done, std::string_view others,
                 Format format)
{
    clearProgress();
    if (format == Format::Json)
        fmt::print("{}\n", outcomeJson(outcome));
    printSkipped(outcome.skipped);
    if (outcome.stoppedBy)
        return report(*outcome.stoppedBy);
    if (outcome.cancelled)
        return printStopped(outcome, others);
    if (outcome.command == 0) {
        fmt::print(stderr, "riskdeskctl: nothing was changed.\n");
        return 1;
    }
    if (outcome.toldBefore > 0)
        fmt::print(stderr, "{}\n", action::toldSentence);
    if (format == Format::Json)
        return 0;
    if (outcome.waits)
        fmt::print("{} to be sent for {}. Command {}; \"undo {}\" takes it back until then, and \"outbox "
                   "send\" or the console sends it.\n",
                   outcome.users == 1 ? "A request waits" : "Requests wait", counted(outcome.users, "user"),
                   outcome.command, outcome.command);
    else
        fmt::print("{} {}. Command {}; \"undo {}\" takes it back.\n", done, counted(outcome.users, "user"),
                   outcome.command, outcome.command);
    return 0;
}

// A line each, where "-" stands for standard input.
Result<std::vector<std::string>> readTargets(const std::vector<std::string> &given)
{
    std::vector<std::string> targets;
    for (const auto &target : given) {
        if (target != "-") {
            targets.push_back(target);
            continue;
        }
        const auto before = targets.size();
        for (std::string line; std::getline(std::cin, line);)
            if (const auto text = trim(line); !text.empty())
                targets.emplace_back(text);
        if (targets.size() == before)
            return fail(Code::WrongUsage, "-", "standard input names nobody; it has a user or an id a line");
    }
    return targets;
}

Result<action::Request> requestOf(store::Connection &connection, const ActCommand &options)
{
    action::Request request;
    request.action = std::ranges::find(verbs, options.action, &Verb::key)->action;
    request.reason = options.reason;
    request.note = options.note;
    auto targets = readTargets(options.targets);
    if (!targets)
        return tl::unexpected(targets.error());
    if (options.signIns) {
        request.signIns = std::move(*targets);
    } else if (options.detections) {
        request.detections = std::move(*targets);
    } else {
        for (const auto &target : *targets) {
            auto user = query::findUser(connection, target);
            if (!user)
                return tl::unexpected(user.error());
            request.users.push_back(*user);
        }
    }
    return request;
}

int act(const Common &common, const ActCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    const auto request = requestOf(connection, options);
    if (!request)
        return report(request.error());
    action::ActionService service(connection, common.clock, common.who);
    if (options.dryRun) {
        const auto plan = service.plan(*request);
        return plan ? printPlan(*plan, format) : report(plan.error());
    }
    const StopOnInterrupt interrupt;
    const auto outcome = service.carryOut(*request, progressLine(), interrupt.token());
    if (!outcome)
        return report(outcome.error());
    const auto &verb = *std::ranges::find(verbs, options.action, &Verb::key);
    const auto done = verb.isRecorded && !outcome->waits
                          ? fmt::format("Recorded here, your application is not connected: {}", verb.done)
                          : std::string(verb.done);
    const auto code = printOutcome(*outcome, done, "The same command goes on with the others.", format);
    if (code != 0 || !outcome->waits || options.noWait)
        return code;
    std::fflush(stdout);
    return sendCommand(common, *directory, outcome->command, options.where, format, interrupt.token());
}

// With `again` what was taken back is done again.
struct UndoCommand
{
    std::int64_t number = 0, import = 0;
    std::vector<std::string> users;
};

int undoImport(run::Directory &directory, const Common &common, std::int64_t run, Format format)
{
    const StopOnInterrupt interrupt;
    const auto undone =
        run::undoImport(directory, run, common.who, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (!undone)
        return report(undone.error());
    printLeftOut(undone->settled.warningsAboutLists);
    if (format == Format::Json) {
        fmt::print("{}\n", query::JsonObject()
                               .whole("import", undone->import.run)
                               .whole("signIns", static_cast<std::int64_t>(undone->import.signIns))
                               .whole("users", static_cast<std::int64_t>(undone->settled.usersGone))
                               .whole("detections", static_cast<std::int64_t>(undone->settled.detections))
                               .whole("withdrawn", static_cast<std::int64_t>(undone->settled.withdrawn))
                               .whole("usersAtRisk", static_cast<std::int64_t>(undone->settled.usersAtRisk))
                               .done());
        return 0;
    }
    fmt::print("Took import {} of {} out again: {} and {}.\n", run, undone->import.startedAt.toIso(),
               counted(undone->import.signIns, "sign-in"), counted(undone->settled.usersGone, "user"));
    fmt::print("{} withdrawn, {}; {}\n", counted(undone->settled.withdrawn, "detection"),
               counted(undone->settled.detections, "new detection"),
               usersAtRisk(undone->settled.usersAtRisk));
    return 0;
}

int undo(const Common &common, const UndoCommand &options, bool again, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    if (options.import > 0)
        return undoImport(*directory, common, options.import, format);
    action::ActionService service(directory->connection(), common.clock, common.who);
    auto command = options.number > 0 ? std::optional(options.number) : std::nullopt;
    if (!command && !again) { // named, so that one that is cancelled can go on
        const auto newest = action::newestStanding(directory->connection());
        if (!newest)
            return report(newest.error());
        command = newest->id;
    }
    std::vector<std::uint32_t> only;
    for (const auto &user : options.users) {
        const auto found = query::findUser(directory->connection(), user);
        if (!found)
            return report(found.error());
        only.push_back(*found);
    }
    const StopOnInterrupt interrupt;
    const auto outcome = again ? service.redo(command, progressLine(), interrupt.token(), only)
                               : service.undo(command, progressLine(), interrupt.token(), only);
    if (!outcome)
        return report(outcome.error());
    if (again)
        return printOutcome(*outcome, "Done again for", "The others are as they were.", format);
    return printOutcome(*outcome, "Taken back for",
                        fmt::format("\"undo {}\" goes on with the others.", *command), format);
}

} // namespace

void addActions(CommandLine &line)
{
    const auto add = [&line](const char *name, const char *help, bool wider) {
        const auto acted = std::make_shared<ActCommand>();
        acted->action = name;
        auto *command = line.add(
            name, help, [acted](const Common &common, Format format) { return act(common, *acted, format); });
        const auto &verb = *std::ranges::find(verbs, acted->action, &Verb::key);
        line.needs(command, action::permissionFor(verb.action));
        command
            ->add_option("targets", acted->targets,
                         "user ids, user principal names or mail addresses; \"-\" reads them from standard "
                         "input, one a line")
            ->required();
        if (wider) {
            command->add_flag("--signin", acted->signIns, "the targets are sign-in ids");
            command->add_flag("--detection", acted->detections, "the targets are detection ids");
        }
        command->add_option("--reason", acted->reason,
                            wider ? "of a dismissal: expectedActivity, riskAccepted or other" : "why");
        command->add_option("--note", acted->note, "for who looks at it later");
        command->add_flag("--dry-run", acted->dryRun,
                          "only show who would change, and who would be skipped and why");
        if (verb.isRecorded) {
            command->add_flag(
                "--no-wait", acted->noWait,
                "leave it to the console or \"outbox send\" to send it, instead of sending it and "
                "waiting for what comes of it");
            acted->where.addTo(command);
            line.addJson(command, "print one object, and one for each request that was sent");
        } else {
            line.addJson(command);
        }
    };
    add("dismiss", "dismiss risk", true);
    add("confirm-compromised", "confirm compromised: risk becomes high", true);
    add("confirm-safe", "confirm safe: a false positive", true);
    add("resolve", "remediated elsewhere; needs a note", false);
    add("reset-password",
        "reset the password (recorded here, or sent where the accounts live: the temporary password is the "
        "last "
        "line)",
        false);
    add("block", "block sign-in (recorded here, or sent where the accounts live)", false);
    add("unblock", "unblock sign-in (recorded here, or sent where the accounts live)", false);
    add("end-sessions",
        "whoever is signed in has to sign in again (recorded here, or sent where the accounts live)", false);
    for (const bool again : {false, true}) {
        const auto asked = std::make_shared<UndoCommand>();
        auto *command = line.add(again ? "redo" : "undo",
                                 again ? "do again what was taken back; the newest by default"
                                       : "take back a command; the newest by default",
                                 [asked, again](const Common &common, Format format) {
                                     return undo(common, *asked, again, format);
                                 });
        line.needs(command, action::Permission::Decide); // core asks for what the command itself took
        auto *id = command->add_option("id", asked->number,
                                       again ? "the number of the undo, or of the command that it took back"
                                             : "the command's number, as it was told when it was done");
        auto *user = command->add_option("--user", asked->users,
                                         "for this one of its users alone; may be given several times");
        if (!again)
            command
                ->add_option("--import", asked->import,
                             "the sign-ins of this import, the newest one, and what was found in them")
                ->check(CLI::PositiveNumber)
                ->excludes(id)
                ->excludes(user);
        line.addJson(command);
    }
}

} // namespace riskdesk::ctl
