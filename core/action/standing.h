// Standing: what a user's ledger says of commands: which of them stand, and what came after them about the same.
// One thread, inside the caller's transaction.
#pragma once

#include "core/risk/command_stack.h"
#include "core/store/statement.h"

#include <array>
#include <cstdint>
#include <set>

namespace riskdesk::action {

class Standing
{
public:
    explicit Standing(store::Connection &connection);

    [[nodiscard]] Status read(std::uint32_t user);

    // Of the user read last -----------------------------------------------------------------------------------

    [[nodiscard]] bool stands(std::int64_t command) const
    {
        return m_there.contains(command) && !m_takenBack.contains(command);
    }
    // It concerns the risk, and something else did since.
    [[nodiscard]] bool isRiskOvertaken(std::int64_t command) const;
    // A fact of the account that it changed was changed by another one since.
    [[nodiscard]] bool isAccountOvertaken(std::int64_t command) const;
    // The command whose record says whether the user is blocked; 0: the directory does.
    [[nodiscard]] std::int64_t saysBlocked() const { return m_account[0].last(); }
    // It recorded who is blocked or not.
    [[nodiscard]] bool recordedSignIn(std::int64_t command) const { return m_account[0].knows(command); }

private:
    store::Statement m_events;
    risk::CommandStack m_risk;
    std::array<risk::CommandStack, 3> m_account; // blocked or not, the password, the sessions
    std::set<std::int64_t> m_there, m_takenBack;
};

} // namespace riskdesk::action
