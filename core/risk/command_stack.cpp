#include "core/risk/command_stack.h"

namespace riskdesk::risk {

void CommandStack::note(std::int64_t command, std::int64_t undoOf)
{
    if (undoOf != 0) {
        if (!knows(undoOf))
            return;
        m_known.insert(command);
        if (!m_done.empty() && m_done.back() == undoOf) {
            m_done.pop_back();
            m_undone.push_back(command);
        } else if (!m_undone.empty() && m_undone.back() == undoOf) {
            m_undone.pop_back();
            m_done.push_back(command);
        } else {
            m_done.push_back(0);
            m_undone.push_back(command);
        }
        return;
    }
    m_undone.clear();
    if (m_done.empty() || m_done.back() != command)
        m_done.push_back(command);
    if (command != 0)
        m_known.insert(command);
}

bool CommandStack::isLast(std::int64_t command) const
{
    return (!m_done.empty() && m_done.back() == command) || (!m_undone.empty() && m_undone.back() == command);
}

bool concernsRisk(LedgerKind kind)
{
    return kind != LedgerKind::Blocked && kind != LedgerKind::Unblocked &&
           kind != LedgerKind::SessionsRevoked && kind != LedgerKind::UserDeleted;
}

} // namespace riskdesk::risk
