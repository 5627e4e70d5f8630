// Executor: carries a decision out on one user or on many, inside the caller's transaction. Part of ActionService.
#pragma once

#include "core/action/action_service.h"
#include "core/action/command_rows.h"
#include "core/action/decision.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_rows.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::action {

class Executor
{
public:
    Executor(store::Connection &connection, const Clock &clock, const Operator &who);

    // Decides and writes. `command` is made when it is 0. Returns how many targets changed.
    [[nodiscard]] Result<std::uint64_t> act(const Request &request, const Target &target,
                                            std::int64_t &command, std::vector<Skipped> &skipped);
    // The first half of it.
    [[nodiscard]] Result<std::optional<Decision>> decide(const Request &request, const Target &target,
                                                         std::int64_t &command,
                                                         std::vector<Skipped> &skipped);
    // The second, for many: what was decided on different users, as part of a command. Takes out what it writes.
    [[nodiscard]] Status write(std::span<Decision> decisions, std::int64_t command);

    [[nodiscard]] Result<std::int64_t> makeCommand(std::string_view action, const std::string &reason,
                                                   const std::string &note, std::int64_t undoOf);
    [[nodiscard]] Decider &decider() { return m_decider; }
    [[nodiscard]] ledger::RiskRows &rows() { return m_rows; }
    [[nodiscard]] ledger::AuditLog &auditLog() { return m_audit; }
    [[nodiscard]] CommandRows &commands() { return m_commands; }

private:
    [[nodiscard]] Status writeRows(const Decision &decision);

    const Clock &m_clock;
    const Operator &m_who;
    Decider m_decider;
    ledger::RiskRows m_rows;
    ledger::AccountRows m_accounts;
    ledger::WithheldRows m_withheld;
    CommandRows m_commands;
    ledger::AuditLog m_audit;
};

} // namespace riskdesk::action
