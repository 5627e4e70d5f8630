#include "core/query/tables/sign_ins.h"

#include "core/query/tables/enumerations.h"

namespace riskdesk::query {
namespace {

using S = const SignInItem &;
using SignIn = Column<SignInItem>;

std::string_view requirement(Mfa mfa)
{
    switch (mfa) {
    case Mfa::SingleFactor: return "singleFactorAuthentication";
    case Mfa::Required:
    case Mfa::Passed:
    case Mfa::Satisfied: return "multiFactorAuthentication";
    case Mfa::Unknown: break;
    }
    return {};
}

// Graph says "Other." of a success.
Property failureReason(S s)
{
    return s.failureReason.empty() && s.row.succeeded() ? Property("Other.")
                                                        : Property::orNull(s.failureReason);
}

} // namespace

// clang-format off
Columns<SignInItem> signInColumns()
{
    static const std::vector<SignIn> table{
        SignIn("id").also("requestId|request").text("n.id").titled(Reports::tr("Request ID")).means(Reports::tr("The id of the sign-in.")).told([](S s) -> Property { return s.requestId; }),
        SignIn("createdDateTime").also("time|at").time("n.at").sorts().titled(Reports::tr("Time")).means(Reports::tr("The moment of the sign-in.")).told([](S s) -> Property { return s.row.time(); }),
        SignIn("userId").text("n.user_key").sorts("rd_fold(n.user_key)", Empty::Last).means("The user's id.").told([](S s) -> Property { return s.userKey; }),
        SignIn("userDisplayName").also("name").text("n.display_name").sorts("rd_fold(n.display_name)", Empty::Last).means("The user's name.").told([](S s) -> Property { return Property::orNull(s.userName); }),
        SignIn("userPrincipalName").also("upn").text("n.upn").sorts("rd_fold(n.upn)", Empty::Last).means("The user's sign-in name.").told([](S s) -> Property { return Property::orNull(s.userPrincipalName); }),
        SignIn("appDisplayName").also("app").text("n.app").sorts("rd_fold(n.app)", Empty::Last).titled(Reports::tr("App")).means(Reports::tr("The application signed in to.")).told([](S s) -> Property { return Property::orNull(s.application); }),
        SignIn("appId").told([](S) -> Property { return Property(); }).jsonOnly(),
        SignIn("ipAddress").also("ip|range").address("n.ip").spelt("n.ip_text").sorts(Empty::Last).titled(Reports::tr("IP address")).means(Reports::tr("The address.")).told([](S s) -> Property { return Property::orNull(s.ip); }),
        SignIn("clientAppUsed").also("client").text("n.client").sorts("rd_fold(n.client)", Empty::Last).titled(Reports::tr("Client")).means(Reports::tr("Browser, mobile app, or another client.")).told([](S s) -> Property { return Property::orNull(s.clientApp); }),
        SignIn("userAgent").also("agent").text("n.agent").means("The full user agent.").told([](S s) -> Property { return Property::orNull(s.userAgent); }).jsonOnly(),
        SignIn("correlationId").also("correlation").text("n.correlation").titled(Reports::tr("Correlation ID")).means(Reports::tr("The id that ties records of one attempt together.")).told([](S s) -> Property { return Property::orNull(s.correlationId); }),
        SignIn("conditionalAccessStatus").told([](S) -> Property { return "notApplied"; }).jsonOnly(),
        SignIn("isInteractive").also("interactive").oneOf(yesNo(), "n.interactive").sorts().titled(Reports::tr("Interactive")).means(Reports::tr("Whether a person signed in.")).told([](S s) -> Property { return s.row.interactive != 0; }),
        SignIn("authenticationRequirement").told([](S s) -> Property { return Property::orNull(requirement(s.row.mfa)); }).jsonOnly(),
        SignIn("asn").also("network").number("n.asn").orNone().sorts("nullif(n.asn, 0)", Empty::Last).titled(Reports::tr("Network")).means(Reports::tr("The network that the address belongs to, and who runs it.")).told("autonomousSystemNumber", [](S s) -> Property { return s.asn == 0 ? Property() : Property(s.asn); }).jsonOnly(),
        SignIn("riskDetail").also("detail").oneOf(details(), "n.detail").sorts().means("What changed the state.").told([](S s) -> Property { return toText(s.risk.detail); }),
        SignIn("riskLevelAggregated").also("level|riskLevel|risk").ranked(levels(), "n.level_aggregated").sorts().titled(Reports::tr("Risk, total")).means(Reports::tr("Risk with everything found later.")).told([](S s) -> Property { return toText(s.risk.aggregated); }),
        SignIn("riskLevelDuringSignIn").also("during|signInRisk").ranked(levels(), "n.level_during").sorts().titled(Reports::tr("Risk at sign-in")).means(Reports::tr("Risk known at the moment of the sign-in.")).told([](S s) -> Property { return toText(s.risk.during); }),
        SignIn("riskState").also("state").oneOf(states(), "n.state").sorts().titled(Reports::tr("Risk state")).means(Reports::tr("Whether the sign-in's risk is open, and if not, how it was closed.")).told([](S s) -> Property { return toText(s.risk.state); }),
        SignIn("riskEventTypes").told([](S s) -> Property { return s.types; }).jsonOnly(),
        SignIn("riskEventTypes_v2").told([](S s) -> Property { return s.types; }),
        SignIn("resourceDisplayName").also("resource").text("n.resource").sorts("rd_fold(n.resource)", Empty::Last).titled(Reports::tr("Resource")).means(Reports::tr("The resource asked for.")).told([](S s) -> Property { return Property::orNull(s.resource); }),
        SignIn("resourceId").told([](S) -> Property { return Property(); }).jsonOnly(),
        SignIn("errorCode").also("error").number("n.error_code").sorts().titled(Reports::tr("Error code")).means(Reports::tr("The provider's error number; 0 is none.")).told("status.errorCode", [](S s) -> Property { return s.row.errorCode; }),
        SignIn("failureReason").also("reason").text("n.failure_reason").sorts("rd_fold(n.failure_reason)", Empty::Last).titled(Reports::tr("Failure reason")).means(Reports::tr("The provider's words for the failure.")).told("status.failureReason", failureReason),
        SignIn("additionalDetails").told("status.additionalDetails", [](S) -> Property { return Property(); }).jsonOnly(),
        SignIn("deviceId").also("device").text("n.device").sorts("rd_fold(n.device)", Empty::Last).titled(Reports::tr("Device")).means(Reports::tr("System and browser, else the id of the device.")).told("deviceDetail.deviceId", [](S s) -> Property { return s.device; }),
        SignIn("deviceName").told("deviceDetail.displayName", [](S) -> Property { return Property(); }).jsonOnly(),
        SignIn("operatingSystem").also("os").text("n.os").sorts("rd_fold(n.os)", Empty::Last).titled(Reports::tr("OS")).means(Reports::tr("The system of the device.")).told("deviceDetail.operatingSystem", [](S s) -> Property { return Property::orNull(s.operatingSystem); }),
        SignIn("browser").text("n.browser").sorts("rd_fold(n.browser)", Empty::Last).titled(Reports::tr("Browser")).means(Reports::tr("The browser.")).told("deviceDetail.browser", [](S s) -> Property { return Property::orNull(s.browser); }),
        SignIn("city").also("place").text("n.city").sorts("rd_fold(n.city)", Empty::Last).means("City.").told("location.city", [](S s) -> Property { return Property::orNull(s.place.city); }),
        SignIn("state").told("location.state", [](S s) -> Property { return Property::orNull(s.place.state); }),
        SignIn("countryOrRegion").also("country").exact("n.country").sorts(Empty::Last).means("Country, two letters.").told("location.countryOrRegion", [](S s) -> Property { return Property::orNull(s.place.country); }),
        SignIn("altitude").told("location.geoCoordinates.altitude", [](S) -> Property { return Property(); }).jsonOnly(),
        SignIn("latitude").told("location.geoCoordinates.latitude", [](S s) -> Property { return Property::orNull(s.place.latitude); }),
        SignIn("longitude").told("location.geoCoordinates.longitude", [](S s) -> Property { return Property::orNull(s.place.longitude); }),
        SignIn("user").searched("n.user_search").sorts(Empty::Last).titled(Reports::tr("User")).means(Reports::tr("Who signed in.")),
        SignIn("result").also("outcome").oneOf(outcomes(), "n.outcome").sorts().titled(Reports::tr("Result")).means(Reports::tr("How the sign-in ended.")),
        SignIn("failureKind").also("failure").oneOf(failures(), "n.failure").means("What the failure says about the password."),
        SignIn("sessionId").also("session").text("n.session").sorts("rd_fold(n.session)", Empty::Last).titled(Reports::tr("Session ID")).means(Reports::tr("The id of the session.")),
        SignIn("mfa").oneOf(mfas(), "n.mfa").sorts().titled(Reports::tr("MFA")).means(Reports::tr("Multifactor authentication.")),
        SignIn("identity").oneOf(identities(), "n.identity").means("Local or social account."),
        SignIn("sourceFile").also("file").text("n.source").means("The log file it was read from."),
        SignIn("location").sorts("rd_fold(n.city)", "n.country", Empty::Last).titled(Reports::tr("Location")).means(Reports::tr("Where it came from: the event's own place, else the place file's.")),
    };
    return table;
}
// clang-format on

} // namespace riskdesk::query
