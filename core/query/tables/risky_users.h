// Risky users: one row of the report, with everything its list and the head of its pane show.
#pragma once

#include "core/base/result.h"
#include "core/domain/ledger_event.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"
#include "core/query/tables/column.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

struct RiskyUserRow
{
    std::uint32_t id = 0;
    bool found = false; // false: the user is no longer there, only `id` means something
    std::string key;    // Graph's id
    std::string displayName, userPrincipalName, mail, phone;
    Identity identity = Identity::Unknown;
    std::string issuer;
    bool accountEnabled = true;
    bool forcePasswordChange = false;
    std::optional<Timestamp> sessionsValidFrom;
    bool isDeleted = false;
    bool isProcessing = false;
    std::optional<Timestamp> createdAt, passwordChangedAt, lastSignIn;
    std::int64_t signIns = 0;
    std::int64_t learningDone = 0, learningNeeded = 0; // needed 0: learning is over
    RiskStanding standing;
    std::optional<Timestamp> updatedAt; // none: nothing of ours ever happened
    std::int64_t openDetections = 0, totalDetections = 0, riskySignIns = 0;
    DetectionType topType = DetectionType::Other; // when totalDetections > 0
    std::int64_t otherTypes = 0;                  // "+n" behind it
    std::string lastCity, lastCountry;
    std::string countries;   // joined by ' '
    std::uint32_t types = 0; // 1 << DetectionType
    std::array<std::uint8_t, 30>
        trend{}; // score at the end of each of the 30 days before updatedAt, oldest first
    std::optional<LedgerKind> lastAction; // by an operator
    std::string lastActionBy;
    std::optional<Timestamp> lastActionAt;
    std::string note;                         // the newest
    std::string providerLevel, providerState; // the provider's own word, as Graph spells it; never counted
    std::optional<Timestamp> providerUpdatedAt;

    // No risk of ours: the row is here because the provider holds the user at risk, or did.
    [[nodiscard]] bool isProvidersOnly() const { return !updatedAt; }

    [[nodiscard]] const std::string &name() const
    {
        return displayName.empty() ? userPrincipalName : displayName;
    }
};

// "at risk, medium"; "" where the provider says nothing. English.
[[nodiscard]] std::string providersWord(const RiskyUserRow &user);

// What the list filters and sorts by and what scripts are told: Graph's riskyUser.
[[nodiscard]] Columns<RiskyUserRow> riskyUserColumns();

// In the order of the ids.
[[nodiscard]] Result<std::vector<RiskyUserRow>>
readRiskyUsers(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});
// By provider id, user principal name, mail or number; any letter case. Code::NotFound; Code::Conflict when
// two users share the name.
[[nodiscard]] Result<std::uint32_t> findUser(store::Connection &connection, std::string_view name);

} // namespace riskdesk::query
