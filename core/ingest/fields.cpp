#include "core/ingest/fields.h"

#include "core/base/text.h"

#include <cstring>
#include <utility>

namespace riskdesk::ingest {
namespace {

using Name = std::pair<std::string_view, Field>;

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// A small hash table filled by the compiler. The hash looks at four characters, the comparison at all.
template <std::size_t Size>
class NameTable
{
public:
    template <std::size_t N>
    explicit constexpr NameTable(const Name (&names)[N])
    {
        static_assert(N * 2 <= Size && (Size & (Size - 1)) == 0);
        for (const auto &name : names) {
            std::size_t slot = hash(name.first);
            while (!m_slots[slot].first.empty())
                slot = (slot + 1) & (Size - 1);
            m_slots[slot] = name;
        }
    }
    [[nodiscard]] Field find(std::string_view name) const
    {
        if (name.empty())
            return Field::None;
        for (std::size_t slot = hash(name); !m_slots[slot].first.empty(); slot = (slot + 1) & (Size - 1)) {
            const auto &known = m_slots[slot].first;
            if (known.size() != name.size())
                continue;
            // As Graph writes it, or with a capital as Log Analytics does; anything else is compared slowly.
            if (std::memcmp(known.data() + 1, name.data() + 1, name.size() - 1) == 0
                    ? lower(known.front()) == lower(name.front())
                    : equalsIgnoringCase(known, name))
                return m_slots[slot].second;
        }
        return Field::None;
    }

private:
    static constexpr std::size_t hash(std::string_view name)
    {
        const auto at = [&](std::size_t i) { return static_cast<std::size_t>(lower(name[i])); };
        const std::size_t n = name.size();
        return (n * 131 + at(0) * 31 + at(n - 1) * 7 + at(n / 2) * 17 + at(n / 4) * 3) & (Size - 1);
    }
    std::array<Name, Size> m_slots{};
};

constexpr NameTable<512> record({
    {"id", Field::Id},
    {"createdDateTime", Field::CreatedDateTime},
    {"timeGenerated", Field::TimeGenerated},
    {"time", Field::EnvelopeTime},
    {"userId", Field::UserId},
    {"userPrincipalName", Field::UserPrincipalName},
    {"userDisplayName", Field::UserDisplayName},
    {"identity", Field::IdentityName},
    {"alternateSignInName", Field::AlternateSignInName},
    {"signInIdentifier", Field::SignInIdentifier},
    {"signInIdentifierType", Field::SignInIdentifierType},
    {"federatedTokenIssuer", Field::FederatedTokenIssuer},
    {"status", Field::Status},
    {"resultType", Field::ResultType},
    {"resultDescription", Field::ResultDescription},
    {"ipAddress", Field::IpAddress},
    {"callerIpAddress", Field::CallerIpAddress},
    {"userAgent", Field::UserAgent},
    {"deviceDetail", Field::DeviceDetail},
    {"clientAppUsed", Field::ClientApp},
    {"appDisplayName", Field::AppDisplayName},
    {"appId", Field::AppId},
    {"resourceDisplayName", Field::ResourceDisplayName},
    {"location", Field::Location},
    {"locationDetails", Field::Location},
    {"autonomousSystemNumber", Field::Asn},
    {"isInteractive", Field::IsInteractive},
    {"signInEventTypes", Field::SignInEventTypes},
    {"authenticationRequirement", Field::AuthenticationRequirement},
    {"mfaDetail", Field::MfaDetail},
    {"authenticationDetails", Field::AuthenticationDetails},
    {"correlationId", Field::CorrelationId},
    {"sessionId", Field::SessionId},
    {"riskLevelDuringSignIn", Field::RiskLevelDuringSignIn},
    {"riskState", Field::RiskState},
    {"category", Field::Category},
    {"type", Field::TypeName},
    {"properties", Field::Properties},
    {"servicePrincipalId", Field::ServicePrincipalId},
    // The older flattened portal export spells these out at the top.
    {"errorCode", Field::ErrorCode},
    {"failureReason", Field::FailureReason},
    {"city", Field::City},
    {"country", Field::Country},
    {"browser", Field::Browser},
    {"os", Field::OperatingSystem},
    // Unified audit log
    {"operation", Field::Operation},
    {"creationTime", Field::CreationTime},
    {"errorNumber", Field::ErrorNumber},
    {"logonError", Field::LogonError},
    {"clientIP", Field::ClientIp},
    {"actorIpAddress", Field::ActorIpAddress},
    {"userKey", Field::UserKey},
    {"actor", Field::Actor},
    {"applicationId", Field::ApplicationId},
    {"objectId", Field::ObjectId},
    {"interSystemsId", Field::InterSystemsId},
    {"extendedProperties", Field::ExtendedProperties},
    {"deviceProperties", Field::DeviceProperties},
    {"auditData", Field::AuditData},
    {"resultStatus", Field::ResultStatus},
    // Directory audits
    {"activityDisplayName", Field::ActivityName},
    {"operationName", Field::ActivityName},
    {"result", Field::AuditResult},
    {"resultReason", Field::ResultReason},
    {"initiatedBy", Field::InitiatedBy},
    {"targetResources", Field::TargetResources},
    // Risk
    {"riskEventType", Field::RiskEventType},
    {"riskLevel", Field::RiskLevel},
    {"riskDetail", Field::RiskDetail},
    {"source", Field::Source},
    {"detectionTimingType", Field::DetectionTimingType},
    {"activity", Field::Activity},
    {"additionalInfo", Field::AdditionalInfo},
    {"requestId", Field::RequestId},
    {"activityDateTime", Field::ActivityDateTime},
    {"detectedDateTime", Field::DetectedDateTime},
    {"lastUpdatedDateTime", Field::LastUpdatedDateTime},
    {"riskLastUpdatedDateTime", Field::RiskLastUpdatedDateTime},
    {"isDeleted", Field::IsDeleted},
    {"isProcessing", Field::IsProcessing},
    // Users
    {"displayName", Field::DisplayName},
    {"mail", Field::Mail},
    {"mobilePhone", Field::MobilePhone},
    {"businessPhones", Field::BusinessPhones},
    {"accountEnabled", Field::AccountEnabled},
    {"deletedDateTime", Field::DeletedDateTime},
    {"lastPasswordChangeDateTime", Field::LastPasswordChange},
    {"identities", Field::Identities},
});

constexpr NameTable<8> status({{"errorCode", Field::ErrorCode},
                               {"failureReason", Field::FailureReason},
                               {"additionalDetails", Field::StatusDetails}});
constexpr NameTable<8> device({{"browser", Field::Browser},
                               {"operatingSystem", Field::OperatingSystem},
                               {"deviceId", Field::DeviceId}});
constexpr NameTable<8> location({{"city", Field::City},
                                 {"state", Field::State},
                                 {"countryOrRegion", Field::Country},
                                 {"geoCoordinates", Field::GeoCoordinates}});
constexpr NameTable<4> coordinates({{"latitude", Field::Latitude}, {"longitude", Field::Longitude}});
constexpr NameTable<2> mfa({{"authMethod", Field::MfaMethod}});
constexpr NameTable<32> nameValue({{"UserAgent", Field::UserAgent},
                                   {"RequestType", Field::RequestType},
                                   {"UserAuthenticationMethod", Field::UserAuthenticationMethod},
                                   {"OS", Field::OperatingSystem},
                                   {"BrowserType", Field::Browser},
                                   {"SessionId", Field::SessionId},
                                   {"Id", Field::DeviceId}});
constexpr NameTable<128> portal({{"Date (UTC)", Field::CreatedDateTime},
                                 {"Date", Field::CreatedDateTime},
                                 {"Date (local)", Field::CreatedDateTime},
                                 {"Request ID", Field::Id},
                                 {"User ID", Field::UserId},
                                 {"Username", Field::UserPrincipalName},
                                 {"User principal name", Field::UserPrincipalName},
                                 {"User", Field::UserDisplayName},
                                 {"Sign-in identifier", Field::SignInIdentifier},
                                 {"Federated Token Issuer", Field::FederatedTokenIssuer},
                                 {"Status", Field::StatusText},
                                 {"Sign-in error code", Field::ErrorCode},
                                 {"Error code", Field::ErrorCode},
                                 {"Failure reason", Field::FailureReason},
                                 {"IP address", Field::IpAddress},
                                 {"User agent", Field::UserAgent},
                                 {"Browser", Field::Browser},
                                 {"Operating System", Field::OperatingSystem},
                                 {"OS", Field::OperatingSystem},
                                 {"Device ID", Field::DeviceId},
                                 {"Client app", Field::ClientApp},
                                 {"Application", Field::AppDisplayName},
                                 {"Application ID", Field::AppId},
                                 {"Resource", Field::ResourceDisplayName},
                                 {"Resource ID", Field::ResourceId},
                                 {"Location", Field::LocationText},
                                 {"Autonomous system number", Field::Asn},
                                 {"Multifactor authentication auth method", Field::MfaMethod},
                                 {"Authentication requirement", Field::AuthenticationRequirement},
                                 {"Correlation ID", Field::CorrelationId},
                                 {"Session ID", Field::SessionId},
                                 {"Service principal ID", Field::ServicePrincipalId},
                                 {"Is interactive", Field::IsInteractive}});

} // namespace

Field fieldNamed(Scope scope, std::string_view name)
{
    switch (scope) {
    case Scope::Record: return record.find(name);
    case Scope::Status: return status.find(name);
    case Scope::DeviceDetail: return device.find(name);
    case Scope::Location: return location.find(name);
    case Scope::GeoCoordinates: return coordinates.find(name);
    case Scope::MfaDetail: return mfa.find(name);
    case Scope::NameValue: return nameValue.find(name);
    case Scope::PortalColumn: return portal.find(name);
    }
    return Field::None;
}

} // namespace riskdesk::ingest
