#include "core/action/action_service.h"

#include "core/action/blocks.h"
#include "core/action/executor.h"
#include "core/action/outbox.h"
#include "core/action/read_ahead.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace riskdesk::action {

ActionService::ActionService(store::Connection &connection, const Clock &clock, Operator who)
    : m_connection(connection)
    , m_clock(clock)
    , m_who(std::move(who))
{}

Status ActionService::check(const Request &request) const
{
    if (auto ok = allowed(m_who.role, permissionFor(request.action)); !ok)
        return ok;
    const auto subject = std::string(toText(request.action));
    const int kinds =
        int{!request.users.empty()} + int{!request.detections.empty()} + int{!request.signIns.empty()};
    if (kinds == 0)
        return fail(Code::WrongUsage, subject, "select at least one user");
    if (kinds > 1)
        return fail(Code::WrongUsage, subject,
                    "users, detections and sign-ins are acted on one kind at a time");
    if (request.target() != TargetKind::User && request.action != Action::Dismiss &&
        request.action != Action::ConfirmSafe && request.action != Action::ConfirmCompromised)
        return fail(Code::WrongUsage, subject, "this action is for users only");
    if (request.reason.size() > maxReasonBytes || !isValidUtf8(request.reason))
        return fail(Code::WrongUsage, "reason", fmt::format("at most {} bytes of text", maxReasonBytes));
    if (request.note.size() > maxNoteBytes || !isValidUtf8(request.note))
        return fail(Code::WrongUsage, "note", "at most 4,000 characters of text");
    if (request.action == Action::Dismiss && !request.reason.empty() &&
        std::find(dismissReasons.begin(), dismissReasons.end(), request.reason) == dismissReasons.end())
        return fail(Code::WrongUsage, request.reason,
                    fmt::format("the reason of a dismissal is one of {}", fmt::join(dismissReasons, ", ")));
    if (request.action == Action::Resolve && trim(request.note).empty())
        return fail(Code::WrongUsage, "note", "say where and how it was remediated");
    return {};
}

Result<Plan> ActionService::plan(Request request)
{
    if (auto ok = check(request); !ok)
        return tl::unexpected(ok.error());
    Executor executor(m_connection, m_clock, m_who);
    Plan plan;
    plan.request = std::move(request);
    auto targets = executor.decider().targets(plan.request, plan.skipped);
    if (!targets)
        return tl::unexpected(targets.error());
    Outbox outbox(m_connection, m_clock, m_who);
    auto sent = outbox.isDoneElsewhere(plan.request);
    if (!sent)
        return tl::unexpected(sent.error());
    for (const auto &target : *targets) {
        auto change = *sent ? outbox.look(executor, plan.request, target, plan.skipped)
                            : executor.decider().look(plan.request, target, plan.skipped);
        if (!change)
            return tl::unexpected(change.error());
        if (!*change)
            continue;
        ++plan.byLevel[static_cast<std::size_t>((*change)->before.level) & 3];
        plan.detections += (*change)->detections;
        plan.changes.push_back(std::move(**change));
    }
    return plan;
}

Result<Outcome> ActionService::carryOut(const Request &asked, const ProgressSink &progress,
                                        std::stop_token stop)
{
    if (auto ok = check(asked); !ok)
        return tl::unexpected(ok.error());
    auto request = asked;
    if (request.action == Action::Dismiss && request.reason.empty())
        request.reason = dismissReasons.back();
    if (request.action == Action::ConfirmSafe && request.reason.empty())
        request.reason = "falsePositive";

    Executor executor(m_connection, m_clock, m_who);
    Outcome outcome;
    auto targets = executor.decider().targets(request, outcome.skipped);
    if (!targets)
        return tl::unexpected(targets.error());
    Outbox outbox(m_connection, m_clock, m_who);
    auto sent = outbox.isDoneElsewhere(request);
    if (!sent)
        return tl::unexpected(sent.error());
    ReadAhead ahead(m_connection, m_clock, m_who, request, *sent ? std::span<const Target>() : *targets);
    std::vector<Decision> decisions; // of a block, about different users; written at its end, table by table
    const auto decide = [&](std::size_t i, Outcome &block) -> Result<std::uint64_t> {
        auto ready = ahead.of(i, block.command);
        if (!ready)
            return tl::unexpected(ready.error());
        Result<std::optional<Decision>> decision;
        if (*ready != nullptr) {
            block.skipped.insert(block.skipped.end(), (*ready)->skipped.begin(), (*ready)->skipped.end());
            decision = std::move((*ready)->decision);
        } else {
            decision = executor.decide(request, (*targets)[i], block.command, block.skipped);
        }
        if (!decision)
            return tl::unexpected(decision.error());
        if (!*decision)
            return 0;
        decisions.push_back(std::move(**decision));
        return decisions.back().events.size();
    };
    auto ok = decideInBlocks(
        m_connection, targets->size(), outcome, progress, stop,
        [&](std::size_t i, Outcome &block) -> Status {
            const auto &target = (*targets)[i];
            const auto skippedBefore = block.skipped.size();
            auto changed = *sent ? outbox.enqueue(executor, request, target, block.command, block.skipped)
                                 : decide(i, block);
            if (!changed)
                return tl::unexpected(changed.error());
            block.targets += *changed;
            block.users += *changed > 0 ? 1u : 0u;
            if (*changed == 0 || *sent)
                return {};
            auto done = target;
            for (const auto &one : std::span(block.skipped).subspan(skippedBefore))
                std::erase(done.ids, one.target);
            return outbox.tell(request, done, block.command);
        },
        [&](const Outcome &block) {
            auto written = executor.write(decisions, block.command);
            decisions.clear();
            return written;
        });
    if (!ok)
        return tl::unexpected(ok.error());
    outcome.waits = *sent && outcome.command != 0;
    return outcome;
}

Result<std::vector<LedgerEvent>> history(store::Connection &connection, std::uint32_t user)
{
    store::Statement row(
        connection,
        "SELECT id, at, recorded_at, kind, detection, sign_in, level, from_level, from_state, from_detail, "
        "from_score, to_level, to_state, to_detail, to_score, actor, reason, note, command, undo_of "
        "FROM ledger WHERE user = ?1 ORDER BY id");
    row.bind(user);
    std::vector<LedgerEvent> events;
    while (row.step()) {
        LedgerEvent e;
        e.id = row.int64(0);
        e.at = row.time(1);
        e.recordedAt = row.time(2);
        e.user = user;
        e.kind = row.as<LedgerKind>(3);
        e.detection = row.string(4);
        e.signIn = row.string(5);
        e.level = row.as<RiskLevel>(6);
        e.from = {row.as<RiskLevel>(7), row.as<RiskState>(8), row.as<RiskDetail>(9),
                  static_cast<std::uint8_t>(row.int64(10))};
        e.to = {row.as<RiskLevel>(11), row.as<RiskState>(12), row.as<RiskDetail>(13),
                static_cast<std::uint8_t>(row.int64(14))};
        e.actor = row.string(15);
        e.reason = row.string(16);
        e.note = row.string(17);
        e.command = row.int64(18);
        e.undoOf = row.int64(19);
        events.push_back(std::move(e));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return events;
}

Result<risk::Arithmetic> explainUser(store::Connection &connection, std::uint32_t user)
{
    auto rows = ledger::RiskRows(connection).load(user);
    if (!rows)
        return tl::unexpected(rows.error());
    return risk::explain(rows->reducer);
}

Result<risk::Arithmetic> explainSignIn(store::Connection &connection, const std::string &requestId)
{
    store::Statement row(connection, "SELECT user FROM sign_in_risk WHERE request_id = ?1");
    row.bind(requestId);
    if (!row.step())
        return row.ok() ? Result<risk::Arithmetic>(fail(Code::NotFound, requestId, "it has no detection"))
                        : tl::unexpected(row.error());
    auto rows = ledger::RiskRows(connection).load(row.uint32(0));
    if (!rows)
        return tl::unexpected(rows.error());
    return risk::explain(rows->reducer, requestId);
}

} // namespace riskdesk::action
