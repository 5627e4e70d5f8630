#include "core/ingest/record_builder.h"

#include "core/base/text.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/outcome_codes.h"

#include <algorithm>
#include <limits>

namespace riskdesk::ingest {
namespace {

// Counts the fields that had a text and could not be read.
class Warnings
{
public:
    explicit Warnings(std::uint32_t soFar)
        : m_count(soFar)
    {}
    void add() { ++m_count; }
    [[nodiscard]] std::uint32_t count() const { return m_count; }
    [[nodiscard]] std::uint8_t small() const { return static_cast<std::uint8_t>(std::min(m_count, 255U)); }

private:
    std::uint32_t m_count;
};

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::string_view known(std::string_view text)
{
    return isAbsent(text) ? std::string_view() : text;
}

// "Unknown" is how some exports write an empty place.
std::string_view placeName(std::string_view text)
{
    return equalsIgnoringCase(text, "unknown") ? std::string_view() : text;
}

std::string_view country(std::string_view text, Arena &arena, Warnings &warnings)
{
    text = trim(text);
    if (text.empty())
        return {};
    if (!isCountryCode(text)) {
        warnings.add();
        return {};
    }
    if (text[0] <= 'Z' && text[1] <= 'Z')
        return text;
    char *upper = arena.allocate(2);
    for (std::size_t i = 0; i < 2; ++i)
        upper[i] = static_cast<char>(text[i] & ~0x20);
    return {upper, 2};
}

IpAddress address(std::string_view text, std::string_view otherwise, Warnings &warnings)
{
    if (const auto ip = readAddress(text))
        return *ip;
    if (const auto ip = readAddress(otherwise))
        return *ip;
    if (!trim(text).empty() || !trim(otherwise).empty())
        warnings.add();
    return {};
}

std::optional<std::int32_t> errorCode(std::string_view text)
{
    const auto value = toInteger(trim(text));
    if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
        *value > std::numeric_limits<std::int32_t>::max())
        return std::nullopt;
    return static_cast<std::int32_t>(*value);
}

void apply(SignIn &s, std::int32_t code)
{
    const auto meaning = meaningOf(code);
    s.errorCode = code;
    s.outcome = meaning.outcome;
    s.failure = meaning.failure;
}

// What is no failure says nothing about one, except that an interrupted sign-in may have shown a right
// password.
void forgetFailure(SignIn &s)
{
    const bool validated = s.failure == FailureKind::Stopped || s.failure == FailureKind::Expired;
    if (s.outcome == Outcome::Success || (s.outcome == Outcome::Interrupted && !validated))
        s.failure = FailureKind::None;
}

// Did the code keep the user out? One that only asks something on the way in did not.
bool stops(const SignIn &s)
{
    return s.outcome == Outcome::Failure ||
           (s.outcome == Outcome::Interrupted && s.failure != FailureKind::None);
}

// A code says more than a word; the word decides when there is no code, or when it names an interrupt.
bool readOutcome(const Fields &f, SignIn &s)
{
    auto code = errorCode(f[Field::ErrorCode]);
    if (!code)
        code = errorCode(f[Field::ResultType]);
    const auto word = trim(f.has(Field::StatusText) ? f[Field::StatusText] : f[Field::ResultType]);
    if (code)
        apply(s, *code);
    if (code && (*code != 0 || !f.has(Field::StatusText))) {
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

// "City, State, CC", split from the right because a city may hold a comma; or a country alone.
void splitLocation(std::string_view text, SignIn &s, Arena &arena, Warnings &warnings)
{
    text = trim(text);
    const auto last = text.rfind(',');
    if (last == std::string_view::npos) {
        s.country = country(text, arena, warnings);
        return;
    }
    s.country = country(text.substr(last + 1), arena, warnings);
    const auto before = text.substr(0, last);
    const auto middle = before.rfind(',');
    s.city = placeName(trim(before.substr(0, middle)));
    if (middle != std::string_view::npos)
        s.state = placeName(trim(before.substr(middle + 1)));
}

void readPlace(const Fields &f, SignIn &s, Arena &arena, Warnings &warnings)
{
    s.city = placeName(f[Field::City]);
    s.state = placeName(f[Field::State]);
    s.country = country(placeName(f[Field::Country]), arena, warnings);
    if (!f.has(Field::City) && !f.has(Field::State) && !f.has(Field::Country)) {
        // Azure Monitor's envelope holds a country, or the name of a region, which is no place of the user.
        const auto text = trim(f[Field::LocationText]);
        if (text.find(',') != std::string_view::npos)
            splitLocation(text, s, arena, warnings);
        else if (isCountryCode(text))
            s.country = country(text, arena, warnings);
    }
    const auto place = readCoordinates(f[Field::Latitude], f[Field::Longitude]);
    s.latitude = place.latitude;
    s.longitude = place.longitude;
    if (!place.readable)
        warnings.add();
}

void readIdentity(const Fields &f, SignIn &s)
{
    const auto type = f[Field::SignInIdentifierType];
    const auto issuer = known(f.any(Field::FederatedIssuer, Field::FederatedTokenIssuer));
    if (!issuer.empty()) {
        s.issuer = issuerHost(issuer);
        if (f.has(Field::FederatedIssuer) || isSocialIssuer(s.issuer))
            s.identity = Identity::Social;
    } else if (equalsIgnoringCase(type, "federated")) {
        s.identity = Identity::Social;
    } else if (!type.empty() || f.has(Field::LocalSignInType)) {
        s.identity = Identity::Local;
    }
}

void readMfa(const Fields &f, SignIn &s)
{
    const bool passed = s.outcome == Outcome::Success;
    const auto requirement = f[Field::AuthenticationRequirement];
    const auto evidence = f[Field::MfaEvidence], details = f[Field::StatusDetails];
    s.authenticationMethod = f.any(Field::MfaMethod, Field::AuthenticationMethod);
    if (passed && (evidence == "fresh" || contains(details, "MFA completed")))
        s.mfa = Mfa::Passed;
    else if (passed && (evidence == "earlier" || contains(details, "satisfied by claim")))
        s.mfa = Mfa::Satisfied;
    else if (f.has(Field::MfaMethod) && passed)
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

std::optional<bool> flag(std::string_view text)
{
    return readBool(trim(text));
}

std::optional<Timestamp> optionalTime(std::string_view text, TimeRules rules, Warnings &warnings)
{
    if (trim(text).empty() || text.substr(0, 5) == "0001-")
        return std::nullopt;
    const auto time = readTime(text, rules);
    if (time)
        return *time;
    warnings.add();
    return std::nullopt;
}

Refusal noTime(std::string_view text, std::string_view expected, const Error &error)
{
    if (trim(text).empty())
        return {"noTime", "no " + std::string(expected)};
    auto detail = std::string(expected) + " is \"" + excerptOf(text, 100) + "\"";
    if (error.detail == unclearDate)
        detail += ": " + error.detail;
    return {"noTime", std::move(detail)};
}

Refusal noUser()
{
    return {"noUser", "neither a user id nor a user principal name"};
}

void placeInFile(SignIn &s, const RecordPlace &place)
{
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    s.offset = place.offset;
    s.line = static_cast<std::uint32_t>(std::min(place.line, most));
    s.length = static_cast<std::uint32_t>(std::min(place.length, most));
}

// What an audited activity did to a password, if anything. The names are those of Microsoft's reference of
// audit activities; the unified audit log ends them with a full stop. Of the steps of a self-service reset
// only the last one sets a password. The service account below carries out what users asked for themselves.
std::optional<PasswordChange> passwordChange(std::string_view activity, std::string_view reason,
                                             std::string_view by, bool own)
{
    if (activity.ends_with('.'))
        activity.remove_suffix(1);
    const auto is = [&](std::string_view name) { return equalsIgnoringCase(activity, name); };
    if (is("Reset password (self-service)") ||
        (is("Self-service password reset flow activity progress") && contains(reason, "successfully reset")))
        return PasswordChange::ResetByUser;
    if (is("Change password (self-service)"))
        return PasswordChange::ChangedByUser;
    if (is("Reset password (by admin)"))
        return PasswordChange::ResetByAdmin;
    const bool change = is("Change user password");
    if (!change && !is("Reset user password"))
        return std::nullopt;
    if (!own && !equalsIgnoringCase(by, "fim_password_service@support.onmicrosoft.com"))
        return PasswordChange::ResetByAdmin;
    return change ? PasswordChange::ChangedByUser : PasswordChange::ResetByUser;
}

} // namespace

RecordBuilder::Kind RecordBuilder::kindOfCategory(std::string_view category) const
{
    if (contains(category, "ServicePrincipal") || contains(category, "ManagedIdentity") ||
        contains(category, "servicePrincipal") || contains(category, "managedIdentity"))
        return Kind::Other;
    for (const auto name : {"SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs"})
        if (equalsIgnoringCase(category, name))
            return Kind::SignIn;
    if (equalsIgnoringCase(category, "UserRiskEvents"))
        return Kind::RiskDetection;
    if (equalsIgnoringCase(category, "RiskyUsers"))
        return Kind::RiskyUser;
    if (equalsIgnoringCase(category, "AuditLogs"))
        return Kind::DirectoryAudit;
    return Kind::Other;
}

RecordBuilder::Kind RecordBuilder::kindOf(const Fields &f) const
{
    if (m_format == Format::UnifiedAuditCsv || m_format == Format::UnifiedAuditJson)
        return Kind::Audit;
    if (m_format == Format::GraphDirectoryAudits ||
        (f.has(Field::ActivityName) && (f.has(Field::TargetId) || f.has(Field::TargetName))))
        return Kind::DirectoryAudit; // Azure Monitor's own category of them is another than the audit's
    if (m_format == Format::AzureDiagnostics)
        return kindOfCategory(f[Field::Category]);
    if (m_format == Format::PortalCompanion)
        return Kind::Other;
    if (m_format == Format::EntraPortalCsv)
        return f.has(Field::ServicePrincipalId) && !f.has(Field::UserPrincipalName) ? Kind::Other
                                                                                    : Kind::SignIn;
    // Graph and Log Analytics name no category that could be trusted; the fields tell.
    for (const auto name : {Field::Category, Field::TypeName, Field::SignInEventType})
        if (f.has(name) && (contains(f[name], "ervicePrincipal") || contains(f[name], "anagedIdentity")))
            return Kind::Other;
    if (f.has(Field::RiskEventType) && (f.has(Field::ActivityDateTime) || f.has(Field::DetectedDateTime)))
        return Kind::RiskDetection;
    if (f.has(Field::RiskLastUpdatedDateTime))
        return Kind::RiskyUser;
    const bool signIn = f.has(Field::ErrorCode) || f.has(Field::ResultType) || f.has(Field::StatusText) ||
                        f.has(Field::IpAddress) || f.has(Field::AppDisplayName) || f.has(Field::AppId) ||
                        f.has(Field::ClientApp);
    if (signIn)
        return Kind::SignIn;
    switch (m_format) {
    case Format::GraphUsers: return Kind::User;
    case Format::GraphRiskDetections: return Kind::RiskDetection;
    case Format::GraphRiskyUsers: return Kind::RiskyUser;
    case Format::GraphSignIns:
        return f.has(Field::DisplayName) || f.has(Field::AccountEnabled) ? Kind::User : Kind::SignIn;
    default: return Kind::SignIn;
    }
}

std::optional<Refusal> RecordBuilder::build(const Fields &fields, const RecordPlace &place, Arena &arena,
                                            ParsedBatch &batch) const
{
    switch (kindOf(fields)) {
    case Kind::SignIn: return signIn(fields, place, arena, batch);
    case Kind::Audit: return audit(fields, place, arena, batch);
    case Kind::DirectoryAudit: return directoryAudit(fields, batch);
    case Kind::RiskDetection: return riskDetection(fields, arena, batch);
    case Kind::RiskyUser: return riskyUser(fields, batch);
    case Kind::User: return user(fields, batch);
    case Kind::Other: break;
    }
    ++batch.notSignIns;
    return std::nullopt;
}

std::optional<Refusal> RecordBuilder::signIn(const Fields &f, const RecordPlace &place, Arena &arena,
                                             ParsedBatch &batch) const
{
    // Azure Monitor's own `time` is when the record was delivered, minutes later: never the event's.
    const bool hasCreated = f.has(Field::CreatedDateTime);
    const auto timeText = hasCreated ? f[Field::CreatedDateTime] : f[Field::TimeGenerated];
    auto time = readTime(timeText, m_times, &batch.dates);
    if (!time && hasCreated && f.has(Field::TimeGenerated))
        time = readTime(f[Field::TimeGenerated], m_times);
    if (!time)
        return noTime(timeText, "createdDateTime", time.error());

    SignIn s;
    s.at = *time;
    s.userId = known(f[Field::UserId]);
    for (const auto field : {Field::UserPrincipalName, Field::SignInIdentifier, Field::AlternateSignInName})
        if (s.userPrincipalName.empty())
            s.userPrincipalName = known(f[field]);
    if (s.userId.empty() && s.userPrincipalName.empty())
        return noUser();
    if (!readOutcome(f, s))
        return Refusal{
            "noOutcome",
            f.has(Field::ResultType) || f.has(Field::StatusText) || f.has(Field::ErrorCode)
                ? "result \"" +
                      excerptOf(f.any(Field::ErrorCode, Field::ResultType, Field::StatusText), 100) + "\""
                : std::string("neither status.errorCode nor resultType")};

    Warnings warnings(f.unreadable);
    s.eventId = known(f[Field::Id]);
    s.userDisplayName = f.any(Field::UserDisplayName, Field::IdentityName);
    s.failureReason = s.outcome == Outcome::Success ? std::string_view()
                                                    : f.any(Field::FailureReason, Field::ResultDescription);
    s.ip = address(f[Field::IpAddress], f[Field::CallerIpAddress], warnings);
    s.userAgent = f[Field::UserAgent];
    s.browser = f[Field::Browser];
    s.operatingSystem = f[Field::OperatingSystem];
    s.deviceId = known(f[Field::DeviceId]);
    s.clientApp = f[Field::ClientApp];
    s.application = f.any(Field::AppDisplayName, Field::AppId);
    s.resource = f.any(Field::ResourceDisplayName, Field::ResourceId);
    readPlace(f, s, arena, warnings);
    if (const auto asn = trim(f[Field::Asn]); !asn.empty()) {
        const auto number = toInteger(asn);
        if (number && *number >= 0 && *number <= std::numeric_limits<std::uint32_t>::max())
            s.asn = static_cast<std::uint32_t>(*number);
        else
            warnings.add();
    }
    if (f.has(Field::IsInteractive)) {
        if (const auto interactive = flag(f[Field::IsInteractive]))
            s.interactive = *interactive;
        else
            warnings.add();
    } else if (equalsIgnoringCase(f[Field::SignInEventType], "nonInteractiveUser")) {
        s.interactive = false;
    }
    if (contains(f[Field::Category], "NonInteractive"))
        s.interactive = false;
    readIdentity(f, s);
    readMfa(f, s);
    s.correlationId = known(f[Field::CorrelationId]);
    s.sessionId = known(f[Field::SessionId]);
    s.providerRiskLevel = f[Field::RiskLevelDuringSignIn];
    s.providerRiskState = f[Field::RiskState];
    placeInFile(s, place);
    s.warnings = warnings.small();
    batch.warnings += warnings.count();
    batch.signIns.push_back(s);
    return std::nullopt;
}

// ResultStatus is never looked at: a third of the failed sign-ins in real audit logs carry "Success" there.
std::optional<Refusal> RecordBuilder::audit(const Fields &f, const RecordPlace &place, Arena &,
                                            ParsedBatch &batch) const
{
    const bool loggedIn = f[Field::Operation] == "UserLoggedIn";
    if (!loggedIn && f[Field::Operation] != "UserLoginFailed") {
        if (!f.has(Field::Operation))
            return Refusal{"noOutcome", "no Operation"};
        return unifiedPassword(f, batch);
    }
    const auto time = readTime(f[Field::CreationTime], m_times, &batch.dates);
    if (!time)
        return noTime(f[Field::CreationTime], "CreationTime", time.error());
    SignIn s;
    s.at = *time;
    s.userId = known(f[Field::ActorId]);
    if (s.userId.empty())
        s.userId = known(f[Field::UserKey]);
    s.userPrincipalName = known(f[Field::UserId]);
    if (s.userId.empty() && s.userPrincipalName.empty())
        return noUser();

    Warnings warnings(f.unreadable);
    const auto code = errorCode(f[Field::ErrorNumber]);
    if (!code && f.has(Field::ErrorNumber))
        warnings.add();
    if (code && *code != 0)
        apply(s, *code);
    if (const auto word = f[Field::LogonError]; loggedIn && word.empty() && !stops(s)) {
        // Signed in, whatever was asked next: a code here (50140, "keep me signed in") interrupts nothing.
        s.outcome = Outcome::Success;
    } else if (s.outcome == Outcome::Success) {
        const auto meaning = meaningOf(word);
        s.outcome = meaning.outcome;
        s.failure = meaning.failure;
    }
    forgetFailure(s);
    if (s.outcome != Outcome::Success)
        s.failureReason = f[Field::LogonError];
    s.eventId = known(f[Field::Id]);
    s.ip = address(f[Field::ClientIp], f[Field::ActorIpAddress], warnings);
    s.userAgent = f[Field::UserAgent];
    s.browser = f[Field::Browser];
    s.operatingSystem = f[Field::OperatingSystem];
    s.deviceId = known(f[Field::DeviceId]);
    s.clientApp = f[Field::RequestType];
    s.application = known(f[Field::ApplicationId]);
    s.resource = known(f[Field::ObjectId]);
    s.authenticationMethod = f[Field::UserAuthenticationMethod];
    if (s.errorCode == 50074 || s.errorCode == 50076)
        s.mfa = Mfa::Required;
    s.correlationId = known(f[Field::InterSystemsId]);
    s.sessionId = known(f[Field::SessionId]);
    placeInFile(s, place);
    s.warnings = warnings.small();
    batch.warnings += warnings.count();
    batch.signIns.push_back(s);
    return std::nullopt;
}

// "Change user password." and "Reset user password.": whose it is stands in ObjectId, who did it in UserId.
std::optional<Refusal> RecordBuilder::unifiedPassword(const Fields &f, ParsedBatch &batch) const
{
    PasswordRecord p;
    p.userPrincipalName = known(f[Field::ObjectId]);
    p.by = known(f[Field::UserId]);
    const bool own = equalsIgnoringCase(p.userPrincipalName, p.by);
    const auto what = passwordChange(f[Field::Operation], {}, p.by, own);
    if (!what || !equalsIgnoringCase(f[Field::ResultStatus], "success")) {
        ++batch.notSignIns;
        return std::nullopt;
    }
    const auto time = readTime(f[Field::CreationTime], m_times, &batch.dates);
    if (!time)
        return noTime(f[Field::CreationTime], "CreationTime", time.error());
    if (p.userPrincipalName.empty())
        return noUser();
    if (own)
        p.userId = known(f[Field::ActorId]);
    p.eventId = known(f[Field::Id]);
    p.at = *time;
    p.what = *what;
    batch.passwords.push_back(p);
    return std::nullopt;
}

std::optional<Refusal> RecordBuilder::directoryAudit(const Fields &f, ParsedBatch &batch) const
{
    PasswordRecord p;
    p.userId = known(f[Field::TargetId]);
    p.userPrincipalName = known(f[Field::TargetName]);
    p.by = known(f[Field::InitiatorName]);
    const auto byId = known(f[Field::InitiatorId]);
    const bool own = (!byId.empty() && equalsIgnoringCase(byId, p.userId)) ||
                     (!p.by.empty() && equalsIgnoringCase(p.by, p.userPrincipalName));
    const auto what = passwordChange(f[Field::ActivityName], f[Field::ResultReason], p.by, own);
    if (!what || !equalsIgnoringCase(f[Field::AuditResult], "success")) {
        ++batch.notSignIns;
        return std::nullopt;
    }
    const auto timeText = f.any(Field::ActivityDateTime, Field::TimeGenerated, Field::EnvelopeTime);
    const auto time = readTime(timeText, m_times, &batch.dates);
    if (!time)
        return noTime(timeText, "activityDateTime", time.error());
    if (p.userId.empty() && p.userPrincipalName.empty())
        return noUser();
    p.eventId = known(f[Field::Id]);
    p.at = *time;
    p.what = *what;
    batch.passwords.push_back(p);
    return std::nullopt;
}

std::optional<Refusal> RecordBuilder::riskDetection(const Fields &f, Arena &arena, ParsedBatch &batch) const
{
    const auto timeText = f.any(Field::ActivityDateTime, Field::DetectedDateTime);
    const auto time = readTime(timeText, m_times, &batch.dates);
    if (!time)
        return noTime(timeText, "activityDateTime", time.error());
    ProviderDetection d;
    d.userId = known(f[Field::UserId]);
    d.userPrincipalName = known(f[Field::UserPrincipalName]);
    if (d.userId.empty() && d.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable);
    d.at = *time;
    d.detectedAt = optionalTime(f[Field::DetectedDateTime], m_times, warnings).value_or(d.at);
    d.lastUpdated = optionalTime(f[Field::LastUpdatedDateTime], m_times, warnings).value_or(d.detectedAt);
    d.id = f[Field::Id];
    d.requestId = known(f[Field::RequestId]);
    d.correlationId = known(f[Field::CorrelationId]);
    d.riskEventType = f[Field::RiskEventType];
    d.riskLevel = f[Field::RiskLevel];
    d.riskState = f[Field::RiskState];
    d.riskDetail = f[Field::RiskDetail];
    d.source = f[Field::Source];
    d.timing = f[Field::DetectionTimingType];
    d.activity = f[Field::Activity];
    d.additionalInfo = f[Field::AdditionalInfo];
    d.userDisplayName = f[Field::UserDisplayName];
    d.ip = address(f[Field::IpAddress], f[Field::CallerIpAddress], warnings);
    SignIn s;
    readPlace(f, s, arena, warnings);
    d.city = s.city;
    d.state = s.state;
    d.country = s.country;
    d.latitude = s.latitude;
    d.longitude = s.longitude;
    batch.warnings += warnings.count();
    batch.providerDetections.push_back(d);
    return std::nullopt;
}

std::optional<Refusal> RecordBuilder::riskyUser(const Fields &f, ParsedBatch &batch) const
{
    ProviderRiskyUser u;
    u.id = known(f[Field::Id]);
    u.userPrincipalName = known(f[Field::UserPrincipalName]);
    if (u.id.empty() && u.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable);
    u.userDisplayName = f[Field::UserDisplayName];
    u.riskLevel = f[Field::RiskLevel];
    u.riskState = f[Field::RiskState];
    u.riskDetail = f[Field::RiskDetail];
    u.isDeleted = flag(f[Field::IsDeleted]);
    u.isProcessing = flag(f[Field::IsProcessing]);
    u.riskLastUpdated = optionalTime(f[Field::RiskLastUpdatedDateTime], m_times, warnings);
    batch.warnings += warnings.count();
    batch.providerRiskyUsers.push_back(u);
    return std::nullopt;
}

std::optional<Refusal> RecordBuilder::user(const Fields &f, ParsedBatch &batch) const
{
    UserRecord u;
    u.id = known(f[Field::Id]);
    u.userPrincipalName = known(f[Field::UserPrincipalName]);
    if (u.id.empty() && u.userPrincipalName.empty())
        return noUser();
    Warnings warnings(f.unreadable);
    u.displayName = f.any(Field::DisplayName, Field::UserDisplayName);
    u.mail = f[Field::Mail];
    u.phone = f.any(Field::MobilePhone, Field::BusinessPhone);
    if (f.has(Field::FederatedIssuer)) {
        u.identity = Identity::Social;
        u.issuer = issuerHost(f[Field::FederatedIssuer]);
    } else if (f.has(Field::LocalSignInType)) {
        u.identity = Identity::Local;
    }
    u.accountEnabled = flag(f[Field::AccountEnabled]);
    u.isDeleted = flag(f[Field::IsDeleted]);
    if (f.has(Field::DeletedDateTime))
        u.isDeleted = true;
    u.createdAt = optionalTime(f[Field::CreatedDateTime], m_times, warnings);
    u.passwordChangedAt = optionalTime(f[Field::LastPasswordChange], m_times, warnings);
    batch.warnings += warnings.count();
    batch.users.push_back(u);
    return std::nullopt;
}

} // namespace riskdesk::ingest
