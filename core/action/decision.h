// Decision: what a request does to one user, computed from the rows as they stand and not yet written. The Decider reads
// and computes; the Executor writes. One thread and one connection for each Decider; what it returns are values.
#pragma once

#include "core/action/action_service.h"
#include "core/domain/detection.h"
#include "core/ledger/account_rows.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_rows.h"
#include "core/ledger/user_image.h"
#include "core/ledger/withheld_rows.h"
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

struct Decision
{
    struct Moved
    {
        std::string detection;
        risk::DetectionStanding was, now;
    };
    std::uint32_t user = 0;
    std::vector<LedgerEvent> events;
    std::vector<Moved> detections;
    std::optional<Detection> made;   // that the decision itself makes
    risk::DetectionStanding madeNow; // of what was made
    std::vector<std::pair<EventKey, risk::SignInStanding>> signIns;
    std::optional<ledger::RiskRow> risk;
    std::optional<ledger::AccountImage> account;
    std::vector<ledger::WithheldImage> withheld;
    std::string before, after; // images for undo (core/ledger/user_image.h)
    ledger::AuditRecord audit;
};

// The record of what happened to one user, with both standings and, where it changed, both accounts.
[[nodiscard]] ledger::AuditRecord auditRecord(const Operator &who, const UserInfo &user,
                                              std::string_view action, const Target &target,
                                              const LedgerEvent &event, const ledger::AccountImage &after,
                                              std::int64_t undoOf);

class Decider
{
public:
    Decider(store::Connection &connection, const Clock &clock, const Operator &who);

    // Nothing when there is no such user.
    [[nodiscard]] Result<std::optional<UserInfo>> user(std::uint32_t id);
    // Targets in the order of the request; unknown ones go to `skipped`.
    [[nodiscard]] Result<std::vector<Target>> targets(const Request &request, std::vector<Skipped> &skipped);
    // What would happen to one target's user; nothing when all of it is refused. `enabled`: the account, where it
    // lives, if that is not what is recorded here.
    [[nodiscard]] Result<std::optional<PlannedChange>> look(const Request &request, const Target &target,
                                                            std::vector<Skipped> &skipped,
                                                            std::optional<bool> enabled = {});
    // The same in full, as part of a command.
    [[nodiscard]] Result<std::optional<Decision>> decide(const Request &request, const Target &target,
                                                         std::int64_t command, std::vector<Skipped> &skipped);

private:
    // The events of a request applied to the user's reducer.
    struct Step
    {
        UserInfo info;
        ledger::UserRows rows;
        std::vector<LedgerEvent> events;
        std::vector<std::string> changedIds;
    };
    [[nodiscard]] Result<std::optional<Step>> step(const Request &request, const Target &target,
                                                   std::vector<Skipped> &skipped, std::int64_t command);
    [[nodiscard]] Status withhold(const Request &request, const Step &step,
                                  const risk::Reducer::Changes &changes, ledger::UserImage &before,
                                  ledger::UserImage &after);

    const Clock &m_clock;
    const Operator &m_who;
    ledger::RiskRows m_rows;
    store::Statement m_user, m_detection, m_signIn;
    ledger::WithheldRows m_withheld;
};

} // namespace riskdesk::action
