// Commands that decide: dismiss, confirm, resolve, reset, block, undo, redo.

#include "core/action/action_service.h"
#include "core/base/shown_text.h"
#include "core/directory/directory.h"
#include "core/import/undo_import.h"
#include "core/query/json_object.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct ActCommand
{
    std::string action; // dismiss, confirm-compromised, …
    std::vector<std::string> targets;
    bool signIns = false, detections = false;
    std::string reason, note;
};

constexpr std::pair<std::string_view, risk::Action> actions[] = {
    {"dismiss", risk::Action::Dismiss},
    {"confirm-compromised", risk::Action::ConfirmCompromised},
    {"confirm-safe", risk::Action::ConfirmSafe},
    {"resolve", risk::Action::Resolve},
    {"reset-password", risk::Action::ResetPassword},
    {"block", risk::Action::Block},
    {"unblock", risk::Action::Unblock},
    {"end-sessions", risk::Action::RevokeSessions},
};

// command is null where nothing was changed, error null where nothing stopped it.
std::string outcomeJson(const action::Outcome &outcome)
{
    std::string skipped;
    for (const auto &one : outcome.skipped)
        skipped += (skipped.empty() ? "" : ",") + query::JsonObject()
                                                      .textOrNull("target", one.target)
                                                      .textOrNull("userDisplayName", one.name)
                                                      .text("code", one.code())
                                                      .text("message", one.sentence())
                                                      .done();
    const auto &error = outcome.stoppedBy;
    return query::JsonObject()
        .raw("command", outcome.command == 0 ? "null" : std::to_string(outcome.command))
        .whole("users", static_cast<std::int64_t>(outcome.users))
        .whole("targets", static_cast<std::int64_t>(outcome.targets))
        .flag("waits", outcome.waits)
        .raw("skipped", '[' + skipped + ']')
        .raw("error", error ? query::JsonObject()
                                  .text("code", toText(error->code))
                                  .text("message", sentence(*error))
                                  .done()
                            : "null")
        .done();
}

int printOutcome(const action::Outcome &outcome, std::string_view done, Format format)
{
    clearProgress();
    if (format == Format::Json)
        fmt::print("{}\n", outcomeJson(outcome));
    for (const auto &skipped : outcome.skipped)
        fmt::print(stderr, "{} skipped: {}\n",
                   shownText(skipped.name.empty() ? skipped.target : skipped.name), skipped.sentence());
    if (outcome.stoppedBy)
        return report(*outcome.stoppedBy);
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
                   "send\" or the "
                   "console sends it.\n",
                   outcome.users == 1 ? "A request waits" : "Requests wait", counted(outcome.users, "user"),
                   outcome.command, outcome.command);
    else
        fmt::print("{} {}. Command {}; \"undo {}\" takes it back.\n", done, counted(outcome.users, "user"),
                   outcome.command, outcome.command);
    return 0;
}

int act(const Common &common, const ActCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    action::Request request;
    for (const auto &[name, action] : actions)
        if (name == options.action)
            request.action = action;
    request.reason = options.reason;
    request.note = options.note;
    for (const auto &target : options.targets) {
        if (options.signIns) {
            request.signIns.push_back(target);
        } else if (options.detections) {
            request.detections.push_back(target);
        } else {
            auto user = query::findUser(connection, target);
            if (!user)
                return report(user.error());
            request.users.push_back(*user);
        }
    }
    action::ActionService service(connection, common.clock, common.who);
    auto outcome =
        service.carryOut(request, [](const Progress &p) { showProgress(p.phase, p.done, p.total); });
    if (!outcome)
        return report(outcome.error());
    static constexpr std::string_view words[] = {
        "Dismissed the risk of",
        "Confirmed compromised:",
        "Confirmed safe:",
        "Resolved as remediated:",
        "Recorded here, your application is not connected: password reset of",
        "Recorded here, your application is not connected: sign-in blocked for",
        "Recorded here, your application is not connected: sign-in unblocked for",
        "Recorded here, your application is not connected: sessions ended of"};
    std::size_t word = 0;
    for (std::size_t i = 0; i < std::size(actions); ++i)
        if (actions[i].second == request.action)
            word = i;
    return printOutcome(*outcome, words[word], format);
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
    const auto command = options.number > 0 ? std::optional(options.number) : std::nullopt;
    std::vector<std::uint32_t> only;
    for (const auto &user : options.users) {
        const auto found = query::findUser(directory->connection(), user);
        if (!found)
            return report(found.error());
        only.push_back(*found);
    }
    const auto progress = [](const Progress &p) { showProgress(p.phase, p.done, p.total); };
    const auto outcome =
        again ? service.redo(command, progress, {}, only) : service.undo(command, progress, {}, only);
    if (!outcome)
        return report(outcome.error());
    return printOutcome(*outcome, again ? "Done again for" : "Taken back for", format);
}

} // namespace

void addActions(CommandLine &line)
{
    const auto add = [&line](const char *name, const char *help, bool wider) {
        const auto acted = std::make_shared<ActCommand>();
        acted->action = name;
        auto *command = line.add(
            name, help, [acted](const Common &common, Format format) { return act(common, *acted, format); });
        for (const auto &[key, action] : actions)
            if (key == name)
                line.needs(command, action::permissionFor(action));
        command->add_option("targets", acted->targets, "user ids, user principal names or mail addresses")
            ->required();
        if (wider) {
            command->add_flag("--signin", acted->signIns, "the targets are sign-in ids");
            command->add_flag("--detection", acted->detections, "the targets are detection ids");
        }
        command->add_option("--reason", acted->reason,
                            wider ? "of a dismissal: expectedActivity, riskAccepted or other" : "why");
        command->add_option("--note", acted->note, "for who looks at it later");
        line.addJson(command);
    };
    add("dismiss", "dismiss risk", true);
    add("confirm-compromised", "confirm compromised: risk becomes high", true);
    add("confirm-safe", "confirm safe: a false positive", true);
    add("resolve", "remediated elsewhere; needs a note", false);
    add("reset-password", "reset the password (recorded here, or sent where the accounts live)", false);
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
