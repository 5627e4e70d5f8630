#include "ui/pages/acting.h"

#include "core/action/read_log.h"
#include "core/ledger/risk_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace riskdesk::pages {
Result<action::Operator> whoActs(store::Connection &connection, const Clock &clock, const SignedIn &signedIn)
{
    action::Asking asking;
    asking.via = "console";
    if (!signedIn)
        return action::whoIsIt(connection, clock, asking);
    const auto all = action::operators(connection);
    if (!all)
        return tl::unexpected(all.error());
    const auto found = std::ranges::find(*all, signedIn->id, &action::NamedOperator::id); // ids are for ever
    if (found == all->end())
        return fail(Code::NotAllowed, signedIn->name,
                    "\"" + signedIn->name + "\" is no operator of this directory any more.");
    if (found->passphrase != signedIn->passphrase)
        return fail(Code::NotAllowed, found->name,
                    "\"" + found->name + "\" has a new passphrase since. Sign in with it.");
    return action::Operator{found->name, found->role, asking.via, asking.desk.host};
}

Status Onlooker::sees(store::Connection &reader, std::string_view target) const
{
    const auto logs = action::logsReading(reader);
    if (!logs)
        return tl::unexpected(logs.error());
    if (!*logs)
        return {};
    auto who = whoActs(reader, clock, signedIn);
    if (!who && who.error().code != Code::NotAllowed)
        return tl::unexpected(who.error());
    if (!who) // an account that is no operator looks all the same
        who = action::Operator{.role = action::Role::Reader, .via = "console"};
    return action::noteReading(reader, file, clock, *who, target);
}

Result<Acting> readActing(store::Connection &connection, const Clock &clock, const SignedIn &signedIn)
{
    Acting acting;
    auto all = action::operators(connection);
    if (!all)
        return tl::unexpected(all.error());
    acting.named = std::move(*all);
    auto who = whoActs(connection, clock, signedIn);
    if (who)
        acting.who = std::move(*who);
    else if (who.error().code != Code::NotAllowed)
        return tl::unexpected(who.error());
    const auto minutes =
        ledger::storedSetting(connection, "console.lockAfterMinutes", double(acting.lockAfter.count()));
    if (!minutes)
        return tl::unexpected(minutes.error());
    // Half a minute is not never.
    acting.lockAfter = std::chrono::minutes(*minutes > 0 ? std::max<long>(1, std::lround(*minutes)) : 0);
    return acting;
}

} // namespace riskdesk::pages
