#include "core/action/executor.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace riskdesk::action {

Executor::Executor(store::Connection &connection, const Clock &clock, const Operator &who)
    : m_clock(clock)
    , m_who(who)
    , m_decider(connection, clock, who)
    , m_rows(connection)
    , m_accounts(connection)
    , m_withheld(connection)
    , m_commands(connection)
    , m_audit(connection, clock)
{}

Result<std::uint64_t> Executor::act(const Request &request, const Target &target, std::int64_t &command,
                                    std::vector<Skipped> &skipped)
{
    auto decision = decide(request, target, command, skipped);
    if (!decision)
        return tl::unexpected(decision.error());
    if (!*decision)
        return 0;
    const auto changed = (*decision)->events.size();
    if (auto ok = write(std::span(&**decision, 1), command); !ok)
        return tl::unexpected(ok.error());
    return changed;
}

Result<std::optional<Decision>> Executor::decide(const Request &request, const Target &target,
                                                 std::int64_t &command, std::vector<Skipped> &skipped)
{
    // Refusals need no command; a command without a change would be an empty step to undo.
    if (command == 0) {
        std::vector<Skipped> ignored;
        auto would = m_decider.look(request, target, ignored);
        if (!would)
            return tl::unexpected(would.error());
        if (!*would) {
            skipped.insert(skipped.end(), ignored.begin(), ignored.end());
            return std::nullopt;
        }
        auto made = makeCommand(toText(request.action), request.reason, request.note, 0);
        if (!made)
            return tl::unexpected(made.error());
        command = *made;
    }
    return m_decider.decide(request, target, command, skipped);
}

Status Executor::write(std::span<Decision> decisions, std::int64_t command)
{
    auto marks = m_rows.marksTogether();
    std::vector<LedgerEvent> events;
    std::vector<CommandRows::Change> changes;
    std::vector<ledger::AuditRecord> records;
    for (auto &decision : decisions) {
        if (auto ok = writeRows(decision); !ok)
            return ok;
        std::ranges::move(decision.events, std::back_inserter(events));
        changes.push_back({decision.user, std::move(decision.before), std::move(decision.after)});
        records.push_back(std::move(decision.audit));
    }
    if (auto ok = m_rows.append(events); !ok)
        return ok;
    if (auto ok = m_commands.keep(command, changes); !ok)
        return ok;
    if (auto ok = m_audit.append(records); !ok)
        return ok;
    return marks.write();
}

// How the user and what was found of him stands now.
Status Executor::writeRows(const Decision &decision)
{
    const auto user = decision.user;
    for (const auto &[id, was, now] : decision.detections)
        if (auto ok = m_rows.moveDetection(id, was, now); !ok)
            return ok;
    if (decision.made)
        if (auto ok = m_rows.insertDetection(*decision.made, decision.madeNow, {}, {}, {}); !ok)
            return ok;
    for (const auto &[key, now] : decision.signIns)
        if (auto ok = m_rows.updateSignIn(key, now); !ok)
            return ok;
    if (decision.risk)
        if (auto ok = m_rows.writeUser(*decision.risk); !ok)
            return ok;
    if (decision.account)
        if (auto ok = m_accounts.set(user, *decision.account); !ok)
            return ok;
    for (const auto &image : decision.withheld)
        if (auto ok = m_withheld.judge(user, image); !ok)
            return ok;
    return {};
}

Result<std::int64_t> Executor::makeCommand(std::string_view action, const std::string &reason,
                                           const std::string &note, std::int64_t undoOf)
{
    return m_commands.make(m_clock.now(), action, m_who, reason, note, undoOf);
}

} // namespace riskdesk::action
