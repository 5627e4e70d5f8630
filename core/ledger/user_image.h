// UserImage: what a command changed about one user, as JSON in command_change.before and .after, and the way
// back.
//
// {"risk":{"level","state","detail","score","updated","trend"} | null    left out: unchanged; null: no row
//  "detections":[{"id","level","weight","state","detail","count","updated","lastAt"} or {"id","gone":1}],
//  "signIns":[{"key","during","aggregated","state","detail","score"}],
//  "account":{"enabled","forceChange","sessionsValidFrom"}, "withheld":[{"key","verdict","restart"} or {"key","gone":1}]}
// A detection that the command made carries "at", "detectedAt" and "evidence" too. Keys are hex, enumerations
// the numbers of core/domain. SQLite reads it back.
#pragma once

#include "core/domain/detection.h"
#include "core/ledger/account_rows.h"
#include "core/ledger/risk_rows.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::ledger {

struct UserImage
{
    bool riskChanged = false;
    std::optional<risk::UserStanding> risk;
    std::vector<std::pair<std::string, risk::DetectionStanding>> detections;
    const Detection *made = nullptr; // the detection among them that the command made
    std::vector<std::pair<EventKey, risk::SignInStanding>> signIns;
    std::optional<AccountImage> account;
    std::vector<WithheldImage> withheld;

    [[nodiscard]] std::string toJson() const;
};

// Puts users back to the images of a command.
class ImageRestorer
{
public:
    explicit ImageRestorer(store::Connection &connection);

    // The image `before` of one command and user becomes the stored state; fills the event's `from` and `to`.
    // Code::Conflict when the account or a detection is no longer as the command left it; the caller rolls
    // back.
    [[nodiscard]] Status restore(std::int64_t command, RiskRows &rows, LedgerEvent &event);

private:
    [[nodiscard]] Status restoreAccount(std::int64_t command, std::uint32_t user);
    [[nodiscard]] Status restoreDetections(std::int64_t command, std::uint32_t user, RiskRows &rows);
    [[nodiscard]] Status restoreWithheld(std::int64_t command, std::uint32_t user);

    store::Statement m_account, m_detections, m_signIns, m_withheld, m_risk;
    AccountRows m_accounts;
    WithheldRows m_withheldRows;
};

} // namespace riskdesk::ledger
