// Reached: who came to a level of risk since one event of the ledger, whoever or whatever raised it. What a webhook
// (notices.h) and the desktop are told is made of it.
//
// One for each user, the newest time. On the connection's thread, only reads. Errors: the store's.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/domain/risk.h"
#include "core/store/connection.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

struct Reached
{
    std::int64_t ledger = 0; // the newest event that did
    std::uint32_t user = 0;
    RiskLevel level = RiskLevel::None;
    RiskState state = RiskState::None; // with that event; either is open
    Timestamp at, recordedAt;          // when it happened, and when it was found
    std::string providerId, key, userPrincipalName, displayName;
    [[nodiscard]] const std::string &name() const; // the display name, else the principal name, else the key
};

struct ReachedQuestion
{
    std::int64_t after = 0; // ledger.id
    RiskLevel level = RiskLevel::High;
    std::int64_t until = INT64_MAX; // the last one looked at
    std::int64_t atMost = -1;       // events looked at; below 0: all
    // Of the present: only who is there still, and was not brought there by this operator in a console, who knows.
    bool stillThere = false;
    std::string_view knownTo = {}; // operator's name
};
// In the order of the events.
[[nodiscard]] Result<std::vector<Reached>> reached(store::Connection &connection,
                                                   const ReachedQuestion &question);

// The newest event there is; 0: none.
[[nodiscard]] Result<std::int64_t> newestLedgerEvent(store::Connection &connection);

} // namespace riskdesk::run
