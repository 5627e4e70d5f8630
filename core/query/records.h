// Campaigns, rejects and the audit log: the smaller reports.
#pragma once

#include "core/base/result.h"
#include "core/domain/campaign.h"
#include "core/domain/reject.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

// Campaigns of the question, in its order, without their targets; `atMost` 0: all.
[[nodiscard]] Result<std::vector<Campaign>> readCampaigns(store::Connection &connection,
                                                          const Question &question, std::size_t atMost = 0,
                                                          std::stop_token stop = {});
struct CampaignTargetRow
{
    CampaignTarget target;
    std::string userKey, userName, userPrincipalName;
};
// Those it let in first, then by attempts.
[[nodiscard]] Result<std::vector<CampaignTargetRow>>
readCampaignTargets(store::Connection &connection, std::string_view campaign, bool succeededOnly = false);

struct RejectRow
{
    std::int64_t id = 0;
    std::int64_t run = 0;
    Reject reject;
    std::int64_t records = 1; // that this row stands for; more than one where only so many are kept
};
[[nodiscard]] std::span<const std::string_view> rejectCsvHeader();
[[nodiscard]] std::vector<std::string> rejectCsv(const RejectRow &row);
[[nodiscard]] Result<std::vector<RejectRow>>
readRejects(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

struct AuditRow
{
    std::int64_t id = 0;
    Timestamp at;
    std::string actor, role, action, target, before, after, reason, note, via, host;
    std::int64_t undoOf = 0; // audit.id it takes back
};
[[nodiscard]] Result<std::vector<AuditRow>>
readAudit(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});

struct ImportRow
{
    std::int64_t id = 0;
    Timestamp startedAt;
    std::optional<Timestamp> finishedAt;
    std::string outcome;
    std::vector<std::string> files;
    std::int64_t read = 0, stored = 0, duplicates = 0, notSignIns = 0, rejected = 0, warnings = 0,
                 detections = 0, usersAtRisk = 0;
    double seconds = 0;
};
// Newest first.
[[nodiscard]] Result<std::vector<ImportRow>> readImports(store::Connection &connection,
                                                         std::size_t atMost = 100);

} // namespace riskdesk::query
