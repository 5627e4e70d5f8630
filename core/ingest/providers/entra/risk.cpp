#include "core/ingest/providers/entra/risk.h"

#include "core/ingest/providers/entra/record.h"

#include <array>

namespace riskdesk::ingest::entra {
namespace {

constexpr auto riskRows = std::to_array<Name>({
    text(Where::Record, "riskEventType", RiskField::RiskEventType),
    text(Where::Record, "riskLevel", RiskField::RiskLevel),
    text(Where::Record, "riskDetail", RiskField::RiskDetail),
    text(Where::Record, "source", RiskField::Source),
    text(Where::Record, "detectionTimingType", RiskField::DetectionTimingType),
    text(Where::Record, "activity", RiskField::Activity),
    text(Where::Record, "additionalInfo", RiskField::AdditionalInfo),
    text(Where::Record, "requestId", RiskField::RequestId),
    text(Where::Record, "detectedDateTime", RiskField::DetectedDateTime),
    text(Where::Record, "lastUpdatedDateTime", RiskField::LastUpdatedDateTime),
    text(Where::Record, "riskLastUpdatedDateTime", RiskField::RiskLastUpdatedDateTime),
    text(Where::Record, "isProcessing", RiskField::IsProcessing),
});

} // namespace

std::span<const Name> riskNames()
{
    return riskRows;
}

std::optional<Refusal> riskDetection(const Record &f, const Building &with)
{
    const auto timeText = f.any(Common::ActivityDateTime, RiskField::DetectedDateTime);
    const auto time = readTime(timeText, with.times, &with.batch.dates);
    if (!time)
        return noTime(timeText, "activityDateTime", time.error());
    ProviderDetection d;
    d.userId = known(f[Common::UserId]);
    d.userPrincipalName = known(f[Common::UserPrincipalName]);
    if (d.userId.empty() && d.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable());
    d.at = *time;
    d.detectedAt = optionalTime(f[RiskField::DetectedDateTime], with.times, warnings).value_or(d.at);
    d.lastUpdated =
        optionalTime(f[RiskField::LastUpdatedDateTime], with.times, warnings).value_or(d.detectedAt);
    d.id = f[Common::Id];
    d.requestId = known(f[RiskField::RequestId]);
    d.correlationId = known(f[Common::CorrelationId]);
    d.riskEventType = f[RiskField::RiskEventType];
    d.riskLevel = f[RiskField::RiskLevel];
    d.riskState = f[Common::RiskState];
    d.riskDetail = f[RiskField::RiskDetail];
    d.source = f[RiskField::Source];
    d.timing = f[RiskField::DetectionTimingType];
    d.activity = f[RiskField::Activity];
    d.additionalInfo = f[RiskField::AdditionalInfo];
    d.userDisplayName = f[Common::UserDisplayName];
    d.ip = addressIn(f[Common::IpAddress], f[Common::CallerIpAddress], warnings);
    const auto place = placeOf(f, with.arena, warnings);
    d.city = place.city;
    d.state = place.state;
    d.country = place.country;
    d.latitude = place.latitude;
    d.longitude = place.longitude;
    with.batch.warnings += warnings.count();
    with.batch.providerDetections.push_back(d);
    return std::nullopt;
}

std::optional<Refusal> riskyUser(const Record &f, const Building &with)
{
    ProviderRiskyUser u;
    u.id = known(f[Common::Id]);
    u.userPrincipalName = known(f[Common::UserPrincipalName]);
    if (u.id.empty() && u.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable());
    u.userDisplayName = f[Common::UserDisplayName];
    u.riskLevel = f[RiskField::RiskLevel];
    u.riskState = f[Common::RiskState];
    u.riskDetail = f[RiskField::RiskDetail];
    u.isDeleted = flagIn(f[Common::IsDeleted]);
    u.isProcessing = flagIn(f[RiskField::IsProcessing]);
    u.riskLastUpdated = optionalTime(f[RiskField::RiskLastUpdatedDateTime], with.times, warnings);
    with.batch.warnings += warnings.count();
    with.batch.providerRiskyUsers.push_back(u);
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra
