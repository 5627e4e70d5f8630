// RiskRows: the rows of one user's risk, read into a Reducer and written back from it.
//
// Statements are prepared once and used for many users. What is written is marked as changed for those who
// read on (change_rows.h). One thread, inside the caller's transaction.
#pragma once

#include "core/domain/detection.h"
#include "core/ledger/change_rows.h"
#include "core/risk/reducer.h"
#include "core/store/connection.h"
#include "core/store/many_rows.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace riskdesk::ledger {

struct UserRows
{
    std::uint32_t user = 0;
    risk::Reducer reducer;
    std::unordered_map<std::string, EventKey> keys; // of its sign-ins, by request id
};

// What the table user_risk says of a user.
struct RiskRow
{
    std::uint32_t user = 0;
    bool known = false; // else there is no row
    risk::UserStanding standing;
    risk::Summary summary;
};
[[nodiscard]] RiskRow riskRow(const UserRows &rows);

class RiskRows
{
public:
    explicit RiskRows(store::Connection &connection);

    [[nodiscard]] Result<UserRows> load(std::uint32_t user);
    [[nodiscard]] Status append(const LedgerEvent &event) { return append(std::span(&event, 1)); }
    [[nodiscard]] Status append(std::span<const LedgerEvent> events);
    // What is written from here on is marked by its write().
    [[nodiscard]] ChangeRows::Together marksTogether() { return ChangeRows::Together(m_changes); }
    // Of `now` what the detection does not say: what it weighs, and what closed it.
    [[nodiscard]] Status insertDetection(const Detection &detection, const risk::DetectionStanding &now,
                                         std::string_view ipText, std::string_view city,
                                         std::string_view country);
    [[nodiscard]] Status insertSignIn(std::uint32_t user, const std::string &requestId, const SignInRow &row,
                                      const risk::SignInStanding &standing);
    [[nodiscard]] Status updateDetection(const std::string &id, const risk::DetectionStanding &standing);
    // The same where it is known how it stands in its row: of a mere closing fewer indexes are written.
    [[nodiscard]] Status moveDetection(const std::string &id, const risk::DetectionStanding &was,
                                       const risk::DetectionStanding &now);
    [[nodiscard]] Status updateSignIn(const EventKey &key, const risk::SignInStanding &standing);
    [[nodiscard]] Status removeSignIn(const EventKey &key); // nothing was found on it after all
    // What supports the finding, told anew.
    [[nodiscard]] Status tellEvidence(const std::string &id, const Evidence &evidence);
    // The same with where it was; `d` is stored.
    [[nodiscard]] Status updateEvidence(const Detection &d, std::string_view ipText, std::string_view city,
                                        std::string_view country);
    // What events changed of detections and sign-ins that are stored, and the user.
    [[nodiscard]] Status writeChanges(UserRows &rows);
    // The fold beside the ledger; a user who never had a detection has no row.
    [[nodiscard]] Status writeUser(const RiskRow &row);
    [[nodiscard]] Status writeUser(const UserRows &rows) { return writeUser(riskRow(rows)); }
    // A user's id became known, and the ids of detections are made of it. Under the former ones they are withdrawn.
    [[nodiscard]] Status renameDetections(std::uint32_t user, std::string_view formerKey,
                                          std::string_view key);
    // Where the detection is stored whatever user it belongs to; imported ones included.
    [[nodiscard]] Result<bool> isStored(std::string_view detectionId);
    // Of this user; one that a command made and undo takes away goes altogether.
    [[nodiscard]] Result<bool> holds(std::uint32_t user, std::string_view detectionId);
    [[nodiscard]] Status removeDetection(std::string_view id, std::uint32_t user);
    // Goes too, and what it was stays known to its events in the ledger.
    [[nodiscard]] Status withdrawDetection(std::string_view id, std::uint32_t user);

private:
    store::Connection &m_connection;
    store::Statement m_user, m_detections, m_occurrences, m_signIns;
    store::ManyRows m_append;
    store::Statement m_insertDetection, m_insertSignIn, m_updateDetection, m_closeDetection, m_updateSignIn,
        m_removeSignIn, m_tellEvidence, m_updateEvidence, m_writeUser, m_dropUser, m_stored, m_holds,
        m_removeDetection, m_keepWithdrawn;
    ChangeRows m_changes;
};

// Whether anything of this user's account is still on its way to the provider.
[[nodiscard]] Status setProcessing(store::Connection &connection, std::uint32_t user);

} // namespace riskdesk::ledger
