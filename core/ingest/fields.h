// Fields: one record of any recognised format as a row of texts, before any of them is interpreted.
//
// JSON records, JSON inside JSON and CSV cells all end up here, so that core/ingest/record_builder.h has one
// set of rules. Texts are views into the chunk or its arena. Names: Graph's; field mapping per format below.
#pragma once

#include "core/base/limits.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace riskdesk::ingest {

enum class Field : std::uint8_t {
    None,
    // Sign-ins
    Id,
    CreatedDateTime,
    TimeGenerated,
    EnvelopeTime,
    UserId,
    UserPrincipalName,
    UserDisplayName,
    IdentityName,
    AlternateSignInName,
    SignInIdentifier,
    SignInIdentifierType,
    FederatedTokenIssuer,
    ErrorCode,
    StatusText,
    FailureReason,
    ResultType,
    ResultDescription,
    IpAddress,
    CallerIpAddress,
    UserAgent,
    Browser,
    OperatingSystem,
    DeviceId,
    ClientApp,
    AppDisplayName,
    AppId,
    ResourceDisplayName,
    ResourceId,
    City,
    State,
    Country,
    LocationText,
    Latitude,
    Longitude,
    Asn,
    IsInteractive,
    SignInEventType,
    AuthenticationRequirement,
    MfaMethod,
    AuthenticationMethod,
    MfaEvidence, // "fresh" or "earlier", of the authentication steps
    StatusDetails,
    CorrelationId,
    SessionId,
    RiskLevelDuringSignIn,
    RiskState,
    Category,
    TypeName,
    // Unified audit log
    Operation,
    CreationTime,
    ErrorNumber,
    LogonError,
    ClientIp,
    ActorIpAddress,
    UserKey,
    ActorId,
    ApplicationId,
    ObjectId,
    InterSystemsId,
    RequestType,
    UserAuthenticationMethod,
    ResultStatus,
    // Directory audits
    ActivityName,
    AuditResult,
    ResultReason,
    InitiatorId,
    InitiatorName, // user principal name, else the name of an application
    TargetId,
    TargetName,
    // Risk records
    RiskEventType,
    RiskLevel,
    RiskDetail,
    Source,
    DetectionTimingType,
    Activity,
    AdditionalInfo,
    RequestId,
    ActivityDateTime,
    DetectedDateTime,
    LastUpdatedDateTime,
    RiskLastUpdatedDateTime,
    IsDeleted,
    IsProcessing,
    // Users
    DisplayName,
    Mail,
    MobilePhone,
    BusinessPhone,
    AccountEnabled,
    DeletedDateTime,
    LastPasswordChange,
    FederatedIssuer,
    LocalSignInType,
    // Service principals
    ServicePrincipalId,
    Count,
    // Not texts: values that hold further fields
    Properties,
    Status,
    DeviceDetail,
    Location,
    GeoCoordinates,
    MfaDetail,
    AuthenticationDetails,
    Identities,
    SignInEventTypes,
    ExtendedProperties,
    DeviceProperties,
    Actor,
    InitiatedBy,
    TargetResources,
    BusinessPhones,
    AuditData
};

[[nodiscard]] constexpr bool holdsFields(Field f)
{
    return f > Field::Count;
}

class Fields
{
public:
    [[nodiscard]] std::string_view operator[](Field f) const { return m_texts[static_cast<std::size_t>(f)]; }
    [[nodiscard]] bool has(Field f) const { return !(*this)[f].empty(); }
    // The first of them that is not empty.
    template <typename... More>
    [[nodiscard]] std::string_view any(Field first, More... more) const
    {
        if constexpr (sizeof...(More) == 0)
            return (*this)[first];
        else
            return has(first) ? (*this)[first] : any(more...);
    }
    // An empty text never replaces one that is there. One of absurd length is as good as unreadable.
    void set(Field f, std::string_view text)
    {
        if (text.size() > limits::fieldBytes)
            ++unreadable;
        else if (!text.empty())
            m_texts[static_cast<std::size_t>(f)] = text;
    }
    void clear() { *this = Fields(); }

    std::uint32_t unreadable = 0; // nested values that could not be read, and texts that are too long

private:
    std::array<std::string_view, static_cast<std::size_t>(Field::Count)> m_texts{};
};

// Which names are known depends on where they stand.
enum class Scope : std::uint8_t {
    Record, // a Graph, Azure Monitor, Log Analytics or unified audit record; the case does not matter
    Status,
    DeviceDetail,
    Location,
    GeoCoordinates,
    MfaDetail,
    NameValue,   // names of ExtendedProperties and DeviceProperties
    PortalColumn // headers of the portal's own CSV, with single blanks
};
[[nodiscard]] Field fieldNamed(Scope scope, std::string_view name);

} // namespace riskdesk::ingest
