#include "core/query/graph_json.h"

#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/query/why.h"

#include <array>

namespace riskdesk::query {
namespace {

std::string coordinatesJson(const Place &place)
{
    if (!place.hasCoordinates())
        return "null";
    return JsonObject().real("latitude", place.latitude).real("longitude", place.longitude).done();
}

std::string locationJson(const Place &place)
{
    if (!place.isKnown())
        return "null";
    return JsonObject()
        .textOrNull("city", place.city)
        .textOrNull("state", place.state)
        .textOrNull("countryOrRegion", place.country)
        .raw("geoCoordinates", coordinatesJson(place))
        .done();
}

std::string_view typeText(const Detection &d)
{
    return d.type == DetectionType::Other && !d.typeText.empty() ? std::string_view(d.typeText)
                                                                 : toText(d.type);
}

// The provider behind Graph's identity issuer: for local accounts the directory itself.
std::string_view signInType(Identity identity)
{
    return identity == Identity::Social ? "federated" : "emailAddress";
}

std::string number(double value)
{
    return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}
std::string iso(const std::optional<Timestamp> &t)
{
    return t ? t->toIso() : std::string();
}

} // namespace

std::string riskyUserJson(const RiskyUserRow &row)
{
    return JsonObject()
        .text("id", row.key)
        .flag("isDeleted", row.isDeleted)
        .flag("isProcessing", row.isProcessing)
        .text("riskLevel", toText(row.standing.level))
        .text("riskState", toText(row.standing.state))
        .text("riskDetail", toText(row.standing.detail))
        .time("riskLastUpdatedDateTime", row.updatedAt)
        .textOrNull("userDisplayName", row.displayName)
        .textOrNull("userPrincipalName", row.userPrincipalName)
        .done();
}

std::string additionalInfo(const DetectionRow &row)
{
    const auto &d = row.detection;
    std::string out = "[";
    const auto add = [&out](std::string_view key, std::string_view json) {
        if (out.size() > 1)
            out += ',';
        out += JsonObject().text("Key", key).raw("Value", json).done();
    };
    const auto addText = [&add](std::string_view key, std::string_view value) {
        if (!value.empty())
            add(key, jsonString(value));
    };
    addText("userAgent", row.userAgent);
    addText("mitreTechniques", info(d.type).mitre);
    addText("riskReasons", row.reason);
    if (const auto *malware = d.evidence.as<MalwareInfectedIpEvidence>())
        addText("malwareName", malware->malware);
    if (d.ip.isKnown())
        addText("clientIp", d.ip.toString());
    if (row.place.isKnown())
        add("clientLocation", locationJson(row.place));
    if (d.count > 1)
        addText("lastActivityTimeInUtc", d.lastAt.toIso());
    if (const auto *travel = d.evidence.as<UnlikelyTravelEvidence>()) {
        const auto &from = travel->from;
        addText("relatedEventTimeInUtc", from.at.toIso());
        if (!from.name().empty())
            add("relatedLocation", JsonObject()
                                       .textOrNull("city", from.city)
                                       .textOrNull("countryCode", from.country)
                                       .real("latitude", from.latitude)
                                       .real("longitude", from.longitude)
                                       .done());
    }
    return out + ']';
}

std::string riskDetectionJson(const DetectionRow &row)
{
    const auto &d = row.detection;
    return JsonObject()
        .text("id", d.id)
        .textOrNull("requestId", d.requestId)
        .textOrNull("correlationId", d.correlationId)
        .text("riskType", typeText(d))
        .text("riskEventType", typeText(d))
        .text("riskState", toText(d.state))
        .text("riskLevel", toText(d.level))
        .text("riskDetail", toText(d.detail))
        .text("source", d.source)
        .text("detectionTimingType", toText(d.timing))
        .text("activity", toText(d.activity))
        .text("tokenIssuerType", "AzureAD")
        .textOrNull("ipAddress", d.ip.isKnown() ? d.ip.toString() : std::string())
        .time("activityDateTime", d.at)
        .time("detectedDateTime", d.detectedAt)
        .time("lastUpdatedDateTime", d.lastUpdated)
        .text("userId", row.userKey)
        .textOrNull("userDisplayName", row.userName)
        .textOrNull("userPrincipalName", row.userPrincipalName)
        .text("additionalInfo", additionalInfo(row))
        .raw("location", locationJson(row.place))
        .done();
}

std::string userJson(const RiskyUserRow &row)
{
    const auto issuer = row.issuer.empty() ? std::string_view("local") : std::string_view(row.issuer);
    const auto &name = row.mail.empty() ? row.userPrincipalName : row.mail;
    return JsonObject()
        .text("id", row.key)
        .textOrNull("displayName", row.displayName)
        .textOrNull("userPrincipalName", row.userPrincipalName)
        .textOrNull("mail", row.mail)
        .textOrNull("mobilePhone", row.phone)
        .flag("accountEnabled", row.accountEnabled)
        .time("createdDateTime", row.createdAt)
        .time("lastPasswordChangeDateTime", row.passwordChangedAt)
        .raw("identities", '[' +
                               JsonObject()
                                   .text("signInType", signInType(row.identity))
                                   .text("issuer", issuer)
                                   .text("issuerAssignedId", name)
                                   .done() +
                               ']')
        .raw("passwordProfile",
             JsonObject().flag("forceChangePasswordNextSignIn", row.forcePasswordChange).done())
        .raw("signInActivity", JsonObject().time("lastSignInDateTime", row.lastSignIn).done())
        .done();
}

std::string csvCell(std::string_view text)
{
    std::string cell;
    const bool runs = !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
    if (runs && !toDouble(text))
        cell += '\'';
    cell += text;
    if (cell.find_first_of(",\"\r\n") == std::string::npos)
        return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csvLine(std::span<const std::string> cells)
{
    std::string line;
    for (const auto &cell : cells) {
        if (&cell != cells.data())
            line += ',';
        line += csvCell(cell);
    }
    return line + "\r\n";
}

std::span<const std::string_view> riskyUserCsvHeader()
{
    static constexpr std::array<std::string_view, 9> header = {"id",
                                                               "isDeleted",
                                                               "isProcessing",
                                                               "riskLevel",
                                                               "riskState",
                                                               "riskDetail",
                                                               "riskLastUpdatedDateTime",
                                                               "userDisplayName",
                                                               "userPrincipalName"};
    return header;
}

std::vector<std::string> riskyUserCsv(const RiskyUserRow &row)
{
    return {row.key,
            row.isDeleted ? "true" : "false",
            row.isProcessing ? "true" : "false",
            std::string(toText(row.standing.level)),
            std::string(toText(row.standing.state)),
            std::string(toText(row.standing.detail)),
            iso(row.updatedAt),
            row.displayName,
            row.userPrincipalName};
}

std::span<const std::string_view> riskDetectionCsvHeader()
{
    static constexpr std::array<std::string_view, 24> header = {"id",
                                                                "requestId",
                                                                "correlationId",
                                                                "riskEventType",
                                                                "riskState",
                                                                "riskLevel",
                                                                "riskDetail",
                                                                "source",
                                                                "detectionTimingType",
                                                                "activity",
                                                                "tokenIssuerType",
                                                                "ipAddress",
                                                                "activityDateTime",
                                                                "detectedDateTime",
                                                                "lastUpdatedDateTime",
                                                                "userId",
                                                                "userDisplayName",
                                                                "userPrincipalName",
                                                                "additionalInfo",
                                                                "location.city",
                                                                "location.state",
                                                                "location.countryOrRegion",
                                                                "location.geoCoordinates.latitude",
                                                                "location.geoCoordinates.longitude"};
    return header;
}

std::vector<std::string> riskDetectionCsv(const DetectionRow &row)
{
    const auto &d = row.detection;
    return {d.id,
            d.requestId,
            d.correlationId,
            std::string(typeText(d)),
            std::string(toText(d.state)),
            std::string(toText(d.level)),
            std::string(toText(d.detail)),
            d.source,
            std::string(toText(d.timing)),
            std::string(toText(d.activity)),
            "AzureAD",
            d.ip.isKnown() ? d.ip.toString() : std::string(),
            iso(d.at),
            iso(d.detectedAt),
            iso(d.lastUpdated),
            row.userKey,
            row.userName,
            row.userPrincipalName,
            additionalInfo(row),
            row.place.city,
            row.place.state,
            row.place.country,
            number(row.place.latitude),
            number(row.place.longitude)};
}

} // namespace riskdesk::query
