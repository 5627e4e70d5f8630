// Commands that decide: dismiss, confirm, resolve, reset, block, undo.

#include "core/action/action_service.h"
#include "core/base/shown_text.h"
#include "core/directory/directory.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"

#include "app/ctl_commands.h"

#include <fmt/format.h>

namespace riskdesk::ctl {
namespace {

constexpr std::pair<std::string_view, risk::Action> actions[] = {
    {"dismiss", risk::Action::Dismiss},
    {"confirm-compromised", risk::Action::ConfirmCompromised},
    {"confirm-safe", risk::Action::ConfirmSafe},
    {"resolve", risk::Action::Resolve},
    {"reset-password", risk::Action::ResetPassword},
    {"block", risk::Action::Block},
    {"unblock", risk::Action::Unblock},
};

int printOutcome(const action::Outcome &outcome, std::string_view done)
{
    clearProgress();
    for (const auto &skipped : outcome.skipped)
        fmt::print(stderr, "{} skipped: {}\n",
                   shownText(skipped.name.empty() ? skipped.target : skipped.name), skipped.sentence());
    if (outcome.stoppedBy)
        return report(*outcome.stoppedBy);
    if (outcome.command == 0) {
        fmt::print(stderr, "riskdeskctl: nothing was changed.\n");
        return 1;
    }
    fmt::print("{} {} user{}. Command {}; \"undo {}\" takes it back.\n", done, outcome.users,
               outcome.users == 1 ? "" : "s", outcome.command, outcome.command);
    return 0;
}

} // namespace

int act(const Common &common, const ActCommand &options)
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
    action::Operator who;
    who.name = common.actor;
    action::ActionService service(connection, common.clock, who);
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
        "Recorded here, your application is not connected: sign-in unblocked for"};
    std::size_t word = 0;
    for (std::size_t i = 0; i < std::size(actions); ++i)
        if (actions[i].second == request.action)
            word = i;
    return printOutcome(*outcome, words[word]);
}

int undo(const Common &common, std::int64_t command)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    action::Operator who;
    who.name = common.actor;
    action::ActionService service(directory->connection(), common.clock, who);
    auto outcome = service.undo(command > 0 ? std::optional(command) : std::nullopt);
    if (!outcome)
        return report(outcome.error());
    return printOutcome(*outcome, "Taken back for");
}

} // namespace riskdesk::ctl
