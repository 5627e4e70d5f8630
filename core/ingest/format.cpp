#include "core/base/text.h"
#include "core/ingest/reader.h"

#include <array>

namespace riskdesk::ingest {
namespace {

struct Named
{
    Format format;
    std::string_view key, name;
};

constexpr auto formats = std::to_array<Named>({
    {Format::GraphSignIns, "graphSignIns", "Graph sign-ins"},
    {Format::GraphUsers, "graphUsers", "Graph users"},
    {Format::GraphRiskDetections, "graphRiskDetections", "Graph risk detections"},
    {Format::GraphRiskyUsers, "graphRiskyUsers", "Graph risky users"},
    {Format::AzureDiagnostics, "azureDiagnostics", "Azure Monitor diagnostic records"},
    {Format::LogAnalyticsJson, "logAnalyticsJson", "Log Analytics JSON"},
    {Format::LogAnalyticsCsv, "logAnalyticsCsv", "Log Analytics CSV"},
    {Format::EntraPortalCsv, "entraPortalCsv", "Entra portal CSV"},
    {Format::UnifiedAuditCsv, "unifiedAuditCsv", "Unified audit log CSV"},
    {Format::UnifiedAuditJson, "unifiedAuditJson", "Unified audit log JSON"},
    {Format::GraphDirectoryAudits, "graphDirectoryAudits", "Graph directory audits"},
    {Format::PortalCompanion, "portalCompanion", "Companion of a portal export"},
});

} // namespace

std::string_view toText(Format format)
{
    for (const auto &entry : formats)
        if (entry.format == format)
            return entry.key;
    return {};
}

std::string_view displayName(Format format)
{
    for (const auto &entry : formats)
        if (entry.format == format)
            return entry.name;
    return {};
}

std::optional<Format> formatFromText(std::string_view text)
{
    for (const auto &entry : formats)
        if (equalsIgnoringCase(entry.key, text))
            return entry.format;
    return std::nullopt;
}

} // namespace riskdesk::ingest
