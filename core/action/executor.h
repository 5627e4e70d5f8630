// Executor: carries one decision out on one user, inside the caller's transaction. Part of ActionService.
#pragma once

#include "core/action/action_service.h"
#include "core/action/command_rows.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_rows.h"
#include "core/ledger/user_image.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::action {

struct UserInfo
{
    std::uint32_t id = 0;
    std::string key, userPrincipalName, displayName;
    risk::Subject subject;
    ledger::AccountImage account;
    std::uint32_t openDetections = 0;

    [[nodiscard]] const std::string &name() const
    {
        return displayName.empty() ? userPrincipalName : displayName;
    }
};

// The targets of a request that belong to one user; for users the list of ids is empty.
struct Target
{
    std::uint32_t user = 0;
    std::vector<std::string> ids;
};

class Executor
{
public:
    Executor(store::Connection &connection, const Clock &clock, const Operator &who);

    // Nothing when there is no such user.
    [[nodiscard]] Result<std::optional<UserInfo>> user(std::uint32_t id);
    // Targets in the order of the request; unknown ones go to `skipped`.
    [[nodiscard]] Result<std::vector<Target>> targets(const Request &request, std::vector<Skipped> &skipped);
    // What would happen to one target's user; nothing when all of it is refused.
    [[nodiscard]] Result<std::optional<PlannedChange>> look(const Request &request, const Target &target,
                                                            std::vector<Skipped> &skipped);
    // Does it. `command` is made when it is 0. Returns how many targets changed.
    [[nodiscard]] Result<std::uint64_t> act(const Request &request, const Target &target,
                                            std::int64_t &command, std::vector<Skipped> &skipped);

    [[nodiscard]] Result<std::int64_t> makeCommand(std::string_view action, const std::string &reason,
                                                   const std::string &note, std::int64_t undoOf);
    [[nodiscard]] Status audit(const UserInfo &user, std::string_view action, const Target &target,
                               const LedgerEvent &event, const ledger::AccountImage &after,
                               std::int64_t undoOf);
    [[nodiscard]] ledger::RiskRows &rows() { return m_rows; }
    [[nodiscard]] CommandRows &commands() { return m_commands; }

private:
    // The events of a decision applied to the user's reducer, not yet written.
    struct Step
    {
        UserInfo info;
        ledger::UserRows rows;
        std::vector<LedgerEvent> events;
        std::vector<std::string> changedIds;
    };
    [[nodiscard]] Result<std::optional<Step>> prepare(const Request &request, const Target &target,
                                                      std::vector<Skipped> &skipped, std::int64_t command);
    [[nodiscard]] Status withhold(const Request &request, const Step &step,
                                  const risk::Reducer::Changes &changes, ledger::UserImage &before,
                                  ledger::UserImage &after);

    store::Connection &m_connection;
    const Clock &m_clock;
    const Operator &m_who;
    ledger::RiskRows m_rows;
    store::Statement m_user, m_detection, m_signIn;
    ledger::AccountRows m_accounts;
    ledger::WithheldRows m_withheld;
    CommandRows m_commands;
    ledger::AuditLog m_audit;
};

} // namespace riskdesk::action
