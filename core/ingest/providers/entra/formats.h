// The formats of Entra's logs, in the order of their rows in provider.cpp.
#pragma once

#include <cstdint>

namespace riskdesk::ingest::entra {

enum class Log : std::uint8_t {
    GraphSignIns,
    GraphUsers,
    GraphRiskDetections,
    GraphRiskyUsers,
    AzureDiagnostics, // Azure Monitor records: sign-ins, UserRiskEvents, RiskyUsers by category
    LogAnalyticsJson,
    LogAnalyticsCsv,
    EntraPortalCsv,
    UnifiedAuditCsv,
    UnifiedAuditJson,
    GraphDirectoryAudits, // also Log Analytics AuditLogs
    PortalCompanion       // what the portal's downloads hold beside the sign-ins; its records are counted
};

} // namespace riskdesk::ingest::entra
