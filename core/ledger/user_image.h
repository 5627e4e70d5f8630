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

    struct Images
    {
        std::string before, after; // as JSON
    };
    // What one command changed about one user becomes as it was before; fills the event's `from` and `to`. Where the
    // command stands last (risk::CommandStack) its image is put back whole, and the images of this are its own the
    // other way round: nothing is returned. Otherwise its detections are put back, what follows from them is computed
    // anew, and the images are returned. Code::Conflict when the account or a detection is no longer as the
    // command left it; the caller rolls back.
    [[nodiscard]] Result<std::optional<Images>> restore(std::int64_t command, RiskRows &rows,
                                                        LedgerEvent &event, bool isLast);

private:
    struct StoredDetection
    {
        std::string id;
        risk::DetectionStanding standing;
        std::optional<Detection> made; // one that a command makes, in full
    };
    [[nodiscard]] static Result<std::vector<StoredDetection>>
    detections(store::Statement &from, std::int64_t command, std::uint32_t user);
    [[nodiscard]] static Result<std::vector<WithheldImage>>
    withheld(store::Statement &from, std::int64_t command, std::uint32_t user);
    [[nodiscard]] Status restoreAccount(std::int64_t command, std::uint32_t user, UserImage &before,
                                        UserImage &after);
    [[nodiscard]] Status restoreWhole(std::int64_t command, RiskRows &rows, LedgerEvent &event);
    [[nodiscard]] Status restoreDetections(std::int64_t command, std::uint32_t user, RiskRows &rows);
    [[nodiscard]] Status joinDetections(std::int64_t command, RiskRows &rows, LedgerEvent &event,
                                        UserImage &before, UserImage &after, std::optional<Detection> &made);
    [[nodiscard]] Status joinWithheld(std::int64_t command, std::uint32_t user, UserImage &before,
                                      UserImage &after);

    store::Statement m_account, m_detections, m_detectionsLeft, m_signIns, m_withheld, m_withheldLeft, m_risk;
    AccountRows m_accounts;
    WithheldRows m_withheldRows;
};

} // namespace riskdesk::ledger
