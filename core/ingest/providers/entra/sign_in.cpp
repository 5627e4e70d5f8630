#include "core/ingest/providers/entra/sign_in.h"

#include "core/base/text.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/providers/entra/outcome_codes.h"
#include "core/ingest/providers/entra/record.h"

#include <array>
#include <limits>

namespace riskdesk::ingest::entra {
namespace {

// What one step says of the second factor: "fresh", "earlier", or nothing. The words are those that Entra
// writes into authenticationDetails.
std::string_view mfaEvidence(std::string_view method, std::string_view succeeded, std::string_view detail,
                             std::string_view requirement)
{
    if (!equalsIgnoringCase(succeeded, "true"))
        return {};
    if (contains(detail, "satisfied by claim") || equalsIgnoringCase(method, "Previously satisfied") ||
        equalsIgnoringCase(method, "Satisfied by token"))
        return "earlier";
    if (contains(detail, "MFA completed") || contains(detail, "MFA successfully completed") ||
        contains(detail, "satisfied by strong authentication"))
        return "fresh";
    const bool second = contains(requirement, "ultifactor") || contains(requirement, "ultiFactor");
    return second && !method.empty() && !equalsIgnoringCase(method, "Password") ? "fresh"
                                                                                : std::string_view();
}

// The first method that is named counts, and a factor given now more than one of an earlier sign-in.
void takeStep(const Gathering::Texts &texts, Fields &fields)
{
    const auto &[method, succeeded, detail, requirement] = texts;
    if (!fields.has(slotOf(SignInField::AuthenticationMethod)))
        fields.set(slotOf(SignInField::AuthenticationMethod), method);
    if (fields[slotOf(SignInField::MfaEvidence)] != "fresh")
        fields.set(slotOf(SignInField::MfaEvidence), mfaEvidence(method, succeeded, detail, requirement));
}
constexpr Gathering steps{
    {"authenticationMethod", "succeeded", "authenticationStepResultDetail", "authenticationStepRequirement"},
    takeStep};

constexpr auto signInRows = std::to_array<Name>({
    text(Where::Record, "identity", SignInField::IdentityName),
    text(Where::Record, "alternateSignInName", SignInField::AlternateSignInName),
    text(Where::Record, "signInIdentifier", SignInField::SignInIdentifier),
    text(Where::Record, "signInIdentifierType", SignInField::SignInIdentifierType),
    text(Where::Record, "federatedTokenIssuer", SignInField::FederatedTokenIssuer),
    text(Where::Record, "resultType", SignInField::ResultType),
    text(Where::Record, "resultDescription", SignInField::ResultDescription),
    text(Where::Record, "clientAppUsed", SignInField::ClientApp),
    text(Where::Record, "appDisplayName", SignInField::AppDisplayName),
    text(Where::Record, "appId", SignInField::AppId),
    text(Where::Record, "resourceDisplayName", SignInField::ResourceDisplayName),
    text(Where::Record, "autonomousSystemNumber", SignInField::Asn),
    text(Where::Record, "isInteractive", SignInField::IsInteractive),
    text(Where::Record, "authenticationRequirement", SignInField::AuthenticationRequirement),
    text(Where::Record, "riskLevelDuringSignIn", SignInField::RiskLevelDuringSignIn),
    text(Where::Record, "servicePrincipalId", SignInField::ServicePrincipalId),
    texts(Where::Record, "signInEventTypes", SignInField::SignInEventType),
    objects(Where::Record, "authenticationDetails", steps, passedOver),
    object(Where::Record, "status", Where::Status, slotOf(SignInField::StatusText)),
    text(Where::Status, "errorCode", SignInField::ErrorCode),
    text(Where::Status, "failureReason", SignInField::FailureReason),
    text(Where::Status, "additionalDetails", SignInField::StatusDetails),
    object(Where::Record, "deviceDetail", Where::DeviceDetail),
    text(Where::DeviceDetail, "browser", Common::Browser),
    text(Where::DeviceDetail, "operatingSystem", Common::OperatingSystem),
    text(Where::DeviceDetail, "deviceId", Common::DeviceId),
    object(Where::Record, "mfaDetail", Where::MfaDetail, passedOver),
    text(Where::MfaDetail, "authMethod", SignInField::MfaMethod),
    // The older flattened portal export spells these out at the top.
    text(Where::Record, "errorCode", SignInField::ErrorCode),
    text(Where::Record, "failureReason", SignInField::FailureReason),
    text(Where::Record, "city", Common::City),
    text(Where::Record, "country", Common::Country),
    text(Where::Record, "browser", Common::Browser),
    text(Where::Record, "os", Common::OperatingSystem),
    text(Where::PortalColumn, "Date (UTC)", Common::CreatedDateTime),
    text(Where::PortalColumn, "Date", Common::CreatedDateTime),
    text(Where::PortalColumn, "Date (local)", Common::CreatedDateTime),
    text(Where::PortalColumn, "Request ID", Common::Id),
    text(Where::PortalColumn, "User ID", Common::UserId),
    text(Where::PortalColumn, "Username", Common::UserPrincipalName),
    text(Where::PortalColumn, "User principal name", Common::UserPrincipalName),
    text(Where::PortalColumn, "User", Common::UserDisplayName),
    text(Where::PortalColumn, "Sign-in identifier", SignInField::SignInIdentifier),
    text(Where::PortalColumn, "Federated Token Issuer", SignInField::FederatedTokenIssuer),
    text(Where::PortalColumn, "Status", SignInField::StatusText),
    text(Where::PortalColumn, "Sign-in error code", SignInField::ErrorCode),
    text(Where::PortalColumn, "Error code", SignInField::ErrorCode),
    text(Where::PortalColumn, "Failure reason", SignInField::FailureReason),
    text(Where::PortalColumn, "IP address", Common::IpAddress),
    text(Where::PortalColumn, "User agent", Common::UserAgent),
    text(Where::PortalColumn, "Browser", Common::Browser),
    text(Where::PortalColumn, "Operating System", Common::OperatingSystem),
    text(Where::PortalColumn, "OS", Common::OperatingSystem),
    text(Where::PortalColumn, "Device ID", Common::DeviceId),
    text(Where::PortalColumn, "Client app", SignInField::ClientApp),
    text(Where::PortalColumn, "Application", SignInField::AppDisplayName),
    text(Where::PortalColumn, "Application ID", SignInField::AppId),
    text(Where::PortalColumn, "Resource", SignInField::ResourceDisplayName),
    text(Where::PortalColumn, "Resource ID", SignInField::ResourceId),
    text(Where::PortalColumn, "Location", Common::LocationText),
    text(Where::PortalColumn, "Autonomous system number", SignInField::Asn),
    text(Where::PortalColumn, "Multifactor authentication auth method", SignInField::MfaMethod),
    text(Where::PortalColumn, "Authentication requirement", SignInField::AuthenticationRequirement),
    text(Where::PortalColumn, "Correlation ID", Common::CorrelationId),
    text(Where::PortalColumn, "Session ID", Common::SessionId),
    text(Where::PortalColumn, "Service principal ID", SignInField::ServicePrincipalId),
    text(Where::PortalColumn, "Is interactive", SignInField::IsInteractive),
});

// A code says more than a word; the word decides when there is no code, or when it names an interrupt.
bool readOutcome(const Record &f, SignIn &s)
{
    auto code = errorCodeIn(f[SignInField::ErrorCode]);
    if (!code)
        code = errorCodeIn(f[SignInField::ResultType]);
    const auto word =
        trim(f.has(SignInField::StatusText) ? f[SignInField::StatusText] : f[SignInField::ResultType]);
    if (code)
        apply(s, *code);
    if (code && (*code != 0 || !f.has(SignInField::StatusText))) {
        if (equalsIgnoringCase(word, "interrupted"))
            s.outcome = Outcome::Interrupted;
    } else if (equalsIgnoringCase(word, "success") || equalsIgnoringCase(word, "succeeded")) {
        s.outcome = Outcome::Success;
    } else if (equalsIgnoringCase(word, "failure") || equalsIgnoringCase(word, "failed")) {
        s.outcome = Outcome::Failure;
        s.failure = FailureKind::Other;
    } else if (equalsIgnoringCase(word, "interrupted")) {
        s.outcome = Outcome::Interrupted;
    } else if (!code) {
        return false;
    }
    forgetFailure(s);
    return true;
}

void readIdentity(const Record &f, SignIn &s)
{
    const auto type = f[SignInField::SignInIdentifierType];
    const auto issuer = known(f.any(Common::FederatedIssuer, SignInField::FederatedTokenIssuer));
    if (!issuer.empty()) {
        s.issuer = issuerHost(issuer);
        if (f.has(Common::FederatedIssuer) || isSocialIssuer(s.issuer))
            s.identity = Identity::Social;
    } else if (equalsIgnoringCase(type, "federated")) {
        s.identity = Identity::Social;
    } else if (!type.empty() || f.has(Common::LocalSignInType)) {
        s.identity = Identity::Local;
    }
}

void readMfa(const Record &f, SignIn &s)
{
    const bool passed = s.outcome == Outcome::Success;
    const auto requirement = f[SignInField::AuthenticationRequirement];
    const auto evidence = f[SignInField::MfaEvidence], details = f[SignInField::StatusDetails];
    s.authenticationMethod = f.any(SignInField::MfaMethod, SignInField::AuthenticationMethod);
    if (passed && (evidence == "fresh" || contains(details, "MFA completed")))
        s.mfa = Mfa::Passed;
    else if (passed && (evidence == "earlier" || contains(details, "satisfied by claim")))
        s.mfa = Mfa::Satisfied;
    else if (f.has(SignInField::MfaMethod) && passed)
        s.mfa = Mfa::Passed;
    else if (equalsIgnoringCase(requirement, "multiFactorAuthentication") ||
             equalsIgnoringCase(requirement, "Multifactor authentication"))
        s.mfa = passed ? Mfa::Satisfied : Mfa::Required;
    else if (s.errorCode == 50074 || s.errorCode == 50076)
        s.mfa = Mfa::Required;
    else if (equalsIgnoringCase(requirement, "singleFactorAuthentication") ||
             equalsIgnoringCase(requirement, "Single-factor authentication"))
        s.mfa = Mfa::SingleFactor;
}

} // namespace

std::span<const Name> signInNames()
{
    return signInRows;
}

std::optional<Refusal> signIn(const Record &f, const Building &with)
{
    // Azure Monitor's own `time` is when the record was delivered, minutes later: never the event's.
    const bool hasCreated = f.has(Common::CreatedDateTime);
    const auto timeText = hasCreated ? f[Common::CreatedDateTime] : f[Common::TimeGenerated];
    auto time = readTime(timeText, with.times, &with.batch.dates);
    if (!time && hasCreated && f.has(Common::TimeGenerated))
        time = readTime(f[Common::TimeGenerated], with.times);
    if (!time)
        return noTime(timeText, "createdDateTime", time.error());

    SignIn s;
    s.at = *time;
    s.userId = known(f[Common::UserId]);
    for (const auto name : {f[Common::UserPrincipalName], f[SignInField::SignInIdentifier],
                            f[SignInField::AlternateSignInName]})
        if (s.userPrincipalName.empty())
            s.userPrincipalName = known(name);
    if (s.userId.empty() && s.userPrincipalName.empty())
        return noUser();
    if (!readOutcome(f, s))
        return Refusal{"noOutcome", f.has(SignInField::ResultType) || f.has(SignInField::StatusText) ||
                                            f.has(SignInField::ErrorCode)
                                        ? "result \"" +
                                              excerptOf(f.any(SignInField::ErrorCode, SignInField::ResultType,
                                                              SignInField::StatusText),
                                                        100) +
                                              "\""
                                        : std::string("neither status.errorCode nor resultType")};

    Warnings warnings(f.unreadable());
    s.eventId = known(f[Common::Id]);
    s.userDisplayName = f.any(Common::UserDisplayName, SignInField::IdentityName);
    s.failureReason = s.outcome == Outcome::Success
                          ? std::string_view()
                          : f.any(SignInField::FailureReason, SignInField::ResultDescription);
    s.ip = addressIn(f[Common::IpAddress], f[Common::CallerIpAddress], warnings);
    s.userAgent = f[Common::UserAgent];
    s.browser = f[Common::Browser];
    s.operatingSystem = f[Common::OperatingSystem];
    s.deviceId = known(f[Common::DeviceId]);
    s.clientApp = f[SignInField::ClientApp];
    s.application = f.any(SignInField::AppDisplayName, SignInField::AppId);
    s.resource = f.any(SignInField::ResourceDisplayName, SignInField::ResourceId);
    const auto place = placeOf(f, with.arena, warnings);
    s.city = place.city;
    s.state = place.state;
    s.country = place.country;
    s.latitude = place.latitude;
    s.longitude = place.longitude;
    if (const auto asn = trim(f[SignInField::Asn]); !asn.empty()) {
        const auto number = toInteger(asn);
        if (number && *number >= 0 && *number <= std::numeric_limits<std::uint32_t>::max())
            s.asn = static_cast<std::uint32_t>(*number);
        else
            warnings.add();
    }
    if (f.has(SignInField::IsInteractive)) {
        if (const auto interactive = flagIn(f[SignInField::IsInteractive]))
            s.interactive = *interactive;
        else
            warnings.add();
    } else if (equalsIgnoringCase(f[SignInField::SignInEventType], "nonInteractiveUser")) {
        s.interactive = false;
    }
    if (contains(f[Common::Category], "NonInteractive"))
        s.interactive = false;
    readIdentity(f, s);
    readMfa(f, s);
    s.correlationId = known(f[Common::CorrelationId]);
    s.sessionId = known(f[Common::SessionId]);
    s.providerRiskLevel = f[SignInField::RiskLevelDuringSignIn];
    s.providerRiskState = f[Common::RiskState];
    keep(s, warnings, with);
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra
