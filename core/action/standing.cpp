#include "core/action/standing.h"

#include <algorithm>
#include <optional>

namespace riskdesk::action {
namespace {

std::optional<std::size_t> accountFact(LedgerKind kind)
{
    switch (kind) {
    case LedgerKind::Blocked:
    case LedgerKind::Unblocked: return 0;
    case LedgerKind::PasswordResetByAdmin: return 1;
    case LedgerKind::SessionsRevoked: return 2;
    default: return std::nullopt;
    }
}

bool isOvertaken(const risk::CommandStack &stack, std::int64_t command)
{
    return stack.knows(command) && !stack.isLast(command);
}

} // namespace

Standing::Standing(store::Connection &connection)
    // What a provider was asked for to take a command back is no Undone event, and takes it back all the same.
    : m_events(connection, "SELECT l.command, l.kind, iif(l.undo_of <> 0, l.undo_of, coalesce(c.undo_of, 0)) "
                           "FROM ledger l LEFT JOIN command c ON c.id = l.command "
                           "WHERE l.user = ?1 ORDER BY l.id")
{}

Status Standing::read(std::uint32_t user)
{
    m_risk = {};
    m_account = {};
    m_there.clear();
    m_takenBack.clear();
    for (m_events.bind(user); m_events.step();) {
        const auto command = m_events.int64(0), undoOf = m_events.int64(2);
        const auto kind = m_events.as<LedgerKind>(1);
        m_there.insert(command);
        if (kind == LedgerKind::Undone) {
            m_takenBack.insert(undoOf);
            m_risk.note(command, undoOf);
            for (auto &stack : m_account)
                stack.note(command, undoOf);
            continue;
        }
        if (risk::concernsRisk(kind))
            m_risk.note(command, 0);
        if (const auto fact = accountFact(kind)) {
            auto &stack = m_account[*fact];
            stack.note(command, stack.knows(undoOf) ? undoOf : 0);
        }
    }
    return m_events.ok() ? Status() : tl::unexpected(m_events.error());
}

bool Standing::isRiskOvertaken(std::int64_t command) const
{
    return isOvertaken(m_risk, command);
}

bool Standing::isAccountOvertaken(std::int64_t command) const
{
    return std::any_of(m_account.begin(), m_account.end(),
                       [command](const auto &stack) { return isOvertaken(stack, command); });
}

} // namespace riskdesk::action
