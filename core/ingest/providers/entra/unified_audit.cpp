#include "core/ingest/providers/entra/unified_audit.h"

#include "core/base/text.h"
#include "core/ingest/providers/entra/outcome_codes.h"
#include "core/ingest/providers/entra/password_change.h"
#include "core/ingest/providers/entra/record.h"

#include <array>

namespace riskdesk::ingest::entra {
namespace {

// Type 0 is the directory's own id of the user; 5 is the principal name, 3 a passport id.
void takeActor(const Gathering::Texts &texts, Fields &fields)
{
    const auto id = texts[0], type = texts[1];
    if (type == "0" && !fields.has(slotOf(UnifiedAuditField::ActorId)))
        fields.set(slotOf(UnifiedAuditField::ActorId), id);
}
constexpr Gathering actors{{"ID", "Type"}, takeActor};

// [{"Name": "UserAgent", "Value": "curl"}]
void takeNamed(const Gathering::Texts &texts, Fields &fields)
{
    const auto name = texts[0], value = texts[1];
    const auto meaning = names().find(static_cast<Place>(Where::NameValue), name);
    if (meaning.kind != Meaning::Kind::Ignored)
        fields.set(meaning.slot, value);
}
constexpr Gathering nameValues{{"Name", "Value"}, takeNamed};

constexpr auto unifiedAuditRows = std::to_array<Name>({
    {0, "auditData", {.kind = Meaning::Kind::WholeRecord}},
    text(Where::Record, "operation", UnifiedAuditField::Operation),
    text(Where::Record, "creationTime", UnifiedAuditField::CreationTime),
    text(Where::Record, "errorNumber", UnifiedAuditField::ErrorNumber),
    text(Where::Record, "logonError", UnifiedAuditField::LogonError),
    text(Where::Record, "clientIP", UnifiedAuditField::ClientIp),
    text(Where::Record, "actorIpAddress", UnifiedAuditField::ActorIpAddress),
    text(Where::Record, "userKey", UnifiedAuditField::UserKey),
    text(Where::Record, "applicationId", UnifiedAuditField::ApplicationId),
    text(Where::Record, "objectId", UnifiedAuditField::ObjectId),
    text(Where::Record, "interSystemsId", UnifiedAuditField::InterSystemsId),
    text(Where::Record, "resultStatus", UnifiedAuditField::ResultStatus),
    objects(Where::Record, "actor", actors),
    objects(Where::Record, "extendedProperties", nameValues),
    objects(Where::Record, "deviceProperties", nameValues),
    text(Where::NameValue, "UserAgent", Common::UserAgent),
    text(Where::NameValue, "RequestType", UnifiedAuditField::RequestType),
    text(Where::NameValue, "UserAuthenticationMethod", UnifiedAuditField::UserAuthenticationMethod),
    text(Where::NameValue, "OS", Common::OperatingSystem),
    text(Where::NameValue, "BrowserType", Common::Browser),
    text(Where::NameValue, "SessionId", Common::SessionId),
    text(Where::NameValue, "Id", Common::DeviceId),
});

// Did the code keep the user out? One that only asks something on the way in did not.
bool stops(const SignIn &s)
{
    return s.outcome == Outcome::Failure ||
           (s.outcome == Outcome::Interrupted && s.failure != FailureKind::None);
}

// "Change user password." and "Reset user password.": whose it is stands in ObjectId, who did it in UserId.
std::optional<Refusal> unifiedPassword(const Record &f, const Building &with)
{
    PasswordRecord p;
    p.userPrincipalName = known(f[UnifiedAuditField::ObjectId]);
    p.by = known(f[Common::UserId]);
    const bool own = equalsIgnoringCase(p.userPrincipalName, p.by);
    const auto what = passwordChange(f[UnifiedAuditField::Operation], {}, p.by, own);
    if (!what || !equalsIgnoringCase(f[UnifiedAuditField::ResultStatus], "success")) {
        ++with.batch.notSignIns;
        return std::nullopt;
    }
    const auto time = readTime(f[UnifiedAuditField::CreationTime], with.times, &with.batch.dates);
    if (!time)
        return noTime(f[UnifiedAuditField::CreationTime], "CreationTime", time.error());
    if (p.userPrincipalName.empty())
        return noUser();
    if (own)
        p.userId = known(f[UnifiedAuditField::ActorId]);
    p.eventId = known(f[Common::Id]);
    p.at = *time;
    p.what = *what;
    with.batch.passwords.push_back(p);
    return std::nullopt;
}

} // namespace

std::span<const Name> unifiedAuditNames()
{
    return unifiedAuditRows;
}

// ResultStatus is never looked at: a third of the failed sign-ins in real audit logs carry "Success" there.
std::optional<Refusal> unifiedAudit(const Record &f, const Building &with)
{
    const bool loggedIn = f[UnifiedAuditField::Operation] == "UserLoggedIn";
    if (!loggedIn && f[UnifiedAuditField::Operation] != "UserLoginFailed") {
        if (!f.has(UnifiedAuditField::Operation))
            return Refusal{"noOutcome", "no Operation"};
        return unifiedPassword(f, with);
    }
    const auto time = readTime(f[UnifiedAuditField::CreationTime], with.times, &with.batch.dates);
    if (!time)
        return noTime(f[UnifiedAuditField::CreationTime], "CreationTime", time.error());
    SignIn s;
    s.at = *time;
    s.userId = known(f[UnifiedAuditField::ActorId]);
    if (s.userId.empty())
        s.userId = known(f[UnifiedAuditField::UserKey]);
    s.userPrincipalName = known(f[Common::UserId]);
    if (s.userId.empty() && s.userPrincipalName.empty())
        return noUser();

    Warnings warnings(f.unreadable());
    const auto code = errorCodeIn(f[UnifiedAuditField::ErrorNumber]);
    if (!code && f.has(UnifiedAuditField::ErrorNumber))
        warnings.add();
    if (code && *code != 0)
        apply(s, *code);
    if (const auto word = f[UnifiedAuditField::LogonError]; loggedIn && word.empty() && !stops(s)) {
        // Signed in, whatever was asked next: a code here (50140, "keep me signed in") interrupts nothing.
        s.outcome = Outcome::Success;
    } else if (s.outcome == Outcome::Success) {
        const auto meaning = meaningOf(word);
        s.outcome = meaning.outcome;
        s.failure = meaning.failure;
    }
    forgetFailure(s);
    if (s.outcome != Outcome::Success)
        s.failureReason = f[UnifiedAuditField::LogonError];
    s.eventId = known(f[Common::Id]);
    s.ip = addressIn(f[UnifiedAuditField::ClientIp], f[UnifiedAuditField::ActorIpAddress], warnings);
    s.userAgent = f[Common::UserAgent];
    s.browser = f[Common::Browser];
    s.operatingSystem = f[Common::OperatingSystem];
    s.deviceId = known(f[Common::DeviceId]);
    s.clientApp = f[UnifiedAuditField::RequestType];
    s.application = known(f[UnifiedAuditField::ApplicationId]);
    s.resource = known(f[UnifiedAuditField::ObjectId]);
    s.authenticationMethod = f[UnifiedAuditField::UserAuthenticationMethod];
    if (s.errorCode == 50074 || s.errorCode == 50076)
        s.mfa = Mfa::Required;
    s.correlationId = known(f[UnifiedAuditField::InterSystemsId]);
    s.sessionId = known(f[Common::SessionId]);
    keep(s, warnings, with);
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra
