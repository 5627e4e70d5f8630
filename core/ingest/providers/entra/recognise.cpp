#include "core/ingest/providers/entra/recognise.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace riskdesk::ingest::entra {

std::optional<Log> logOfRecord(const Members &m)
{
    if (m.has("category") && m.has("properties") &&
        m.hasAny({"operationName", "resourceId", "tenantId", "time"}))
        return Log::AzureDiagnostics;
    if (m.has("operation") && m.has("creationTime") &&
        m.hasAny({"workload", "recordType", "organizationId", "userKey"}))
        return Log::UnifiedAuditJson;
    // As PowerShell writes what Search-UnifiedAuditLog found, and as Graph answers an audit log query.
    if (m.has("auditData") && m.hasAny({"operations", "operation", "recordType", "auditLogRecordType"}))
        return Log::UnifiedAuditJson;
    if (m.hasAny({"activityDisplayName", "operationName"}) && m.hasAny({"targetResources", "initiatedBy"}))
        return Log::GraphDirectoryAudits;
    const bool user = m.hasAny({"userPrincipalName", "userId"});
    if (m.has("riskEventType") && m.hasAny({"activityDateTime", "detectedDateTime"}))
        return m.has("timeGenerated") ? Log::LogAnalyticsJson : Log::GraphRiskDetections;
    if (m.has("riskLastUpdatedDateTime") && m.hasAny({"riskState", "riskLevel"}))
        return m.has("timeGenerated") ? Log::LogAnalyticsJson : Log::GraphRiskyUsers;
    if (m.hasAny({"timeGenerated", "createdDateTime"}) && m.hasAny({"resultType", "locationDetails"}) &&
        (user || m.hasAny({"servicePrincipalId", "servicePrincipalName"})))
        return Log::LogAnalyticsJson;
    if (m.has("createdDateTime") && m.hasAny({"status", "ipAddress", "appDisplayName", "clientAppUsed"}) &&
        (user || m.has("servicePrincipalId")))
        return Log::GraphSignIns;
    if (m.has("id") && (m.has("userPrincipalName") || m.has("identities")) &&
        m.hasAny({"identities", "accountEnabled", "mail", "displayName", "givenName", "surname"}) &&
        !m.has("ipAddress"))
        return Log::GraphUsers;
    return std::nullopt;
}

std::optional<Log> logOfHeader(const Provider::Header &header)
{
    const auto has = [&](std::string_view name) {
        return std::any_of(header.begin(), header.end(), [&](const std::string &cell) {
            return equalsIgnoringCase(cell, name) ||
                   (cell.size() > name.size() &&
                    equalsIgnoringCase(std::string_view(cell).substr(0, name.size()), name) &&
                    (cell.compare(name.size(), 2, " [") == 0 ||
                     cell.compare(name.size(), 8, "_dynamic") == 0 ||
                     cell.compare(name.size(), 7, "_string") == 0));
        });
    };
    if (has("AuditData"))
        return Log::UnifiedAuditCsv;
    const bool created = has("TimeGenerated") || has("CreatedDateTime");
    if (created && (has("UserPrincipalName") || has("UserId")) &&
        (has("ResultType") || has("LocationDetails")))
        return Log::LogAnalyticsCsv;
    const bool date = has("Date (UTC)") || has("Date") || has("Date (local)");
    if (date && has("Request ID") &&
        (has("Username") || has("User") || has("User ID") || has("Service principal ID")))
        return Log::EntraPortalCsv;
    if (has("CreatedDateTime") && has("UserPrincipalName") && has("Status"))
        return Log::EntraPortalCsv;
    // The steps of each sign-in, which the portal saves in a file of their own; changes in the directory.
    if ((has("Request ID") && has("Authentication method") && has("Succeeded")) ||
        (date && has("Activity") && has("Category") && has("Service") && has("Result")))
        return Log::PortalCompanion;
    return std::nullopt;
}

std::optional<Log> logOfEmptyPage(std::string_view head)
{
    constexpr auto contexts = std::to_array<std::pair<std::string_view, Log>>({
        {"auditLogs/signIns", Log::GraphSignIns},
        {"auditLogs/directoryAudits", Log::GraphDirectoryAudits},
        {"identityProtection/riskDetections", Log::GraphRiskDetections},
        {"identityProtection/riskyUsers", Log::GraphRiskyUsers},
        {"$metadata#users", Log::GraphUsers},
    });
    if (head.find("@odata.context") == std::string_view::npos)
        return std::nullopt;
    for (const auto &[part, log] : contexts)
        if (head.find(part) != std::string_view::npos)
            return log;
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra
