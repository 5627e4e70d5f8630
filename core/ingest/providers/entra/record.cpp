#include "core/ingest/providers/entra/record.h"

#include "core/base/text.h"
#include "core/ingest/field_rules.h"

#include <array>

namespace riskdesk::ingest::entra {
namespace {

// Of a user's or a sign-in's identities. A federated one without an issuer is still federated.
void takeIdentity(const Gathering::Texts &texts, Fields &fields)
{
    const auto type = texts[0], issuer = texts[1];
    if (equalsIgnoringCase(type, "federated"))
        fields.set(slotOf(Common::FederatedIssuer), issuer.empty() ? type : issuer);
    else
        fields.set(slotOf(Common::LocalSignInType), type);
}
constexpr Gathering identities{{"signInType", "issuer"}, takeIdentity};

constexpr auto commonRows = std::to_array<Name>({
    text(Where::Record, "id", Common::Id),
    text(Where::Record, "createdDateTime", Common::CreatedDateTime),
    text(Where::Record, "timeGenerated", Common::TimeGenerated),
    text(Where::Record, "activityDateTime", Common::ActivityDateTime),
    text(Where::Record, "userId", Common::UserId),
    text(Where::Record, "userPrincipalName", Common::UserPrincipalName),
    text(Where::Record, "userDisplayName", Common::UserDisplayName),
    text(Where::Record, "ipAddress", Common::IpAddress),
    text(Where::Record, "callerIpAddress", Common::CallerIpAddress),
    text(Where::Record, "userAgent", Common::UserAgent),
    text(Where::Record, "correlationId", Common::CorrelationId),
    text(Where::Record, "sessionId", Common::SessionId),
    text(Where::Record, "riskState", Common::RiskState),
    text(Where::Record, "isDeleted", Common::IsDeleted),
    text(Where::Record, "category", Common::Category),
    text(Where::Record, "type", Common::TypeName),
    objects(Where::Record, "identities", identities),
    {0, "properties", {.kind = Meaning::Kind::Record}},
    object(Where::Record, "location", Where::Location, slotOf(Common::LocationText)),
    object(Where::Record, "locationDetails", Where::Location, slotOf(Common::LocationText)),
    text(Where::Location, "city", Common::City),
    text(Where::Location, "state", Common::State),
    text(Where::Location, "countryOrRegion", Common::Country),
    object(Where::Location, "geoCoordinates", Where::GeoCoordinates),
    text(Where::GeoCoordinates, "latitude", Common::Latitude),
    text(Where::GeoCoordinates, "longitude", Common::Longitude),
});

// "City, State, CC", split from the right because a city may hold a comma; or a country alone.
void splitLocation(std::string_view text, RecordedPlace &s, Arena &arena, Warnings &warnings)
{
    text = trim(text);
    const auto last = text.rfind(',');
    if (last == std::string_view::npos) {
        s.country = countryCode(text, arena, warnings);
        return;
    }
    s.country = countryCode(text.substr(last + 1), arena, warnings);
    const auto before = text.substr(0, last);
    const auto middle = before.rfind(',');
    s.city = placeName(trim(before.substr(0, middle)));
    if (middle != std::string_view::npos)
        s.state = placeName(trim(before.substr(middle + 1)));
}

} // namespace

RecordedPlace placeOf(const Record &f, Arena &arena, Warnings &warnings)
{
    RecordedPlace s;
    s.city = placeName(f[Common::City]);
    s.state = placeName(f[Common::State]);
    s.country = countryCode(placeName(f[Common::Country]), arena, warnings);
    if (!f.has(Common::City) && !f.has(Common::State) && !f.has(Common::Country)) {
        // Azure Monitor's envelope holds a country, or the name of a region, which is no place of the user.
        const auto text = trim(f[Common::LocationText]);
        if (text.find(',') != std::string_view::npos)
            splitLocation(text, s, arena, warnings);
        else if (isCountryCode(text))
            s.country = countryCode(text, arena, warnings);
    }
    const auto place = readCoordinates(f[Common::Latitude], f[Common::Longitude]);
    s.latitude = place.latitude;
    s.longitude = place.longitude;
    if (!place.readable)
        warnings.add();
    return s;
}

std::span<const Name> commonNames()
{
    return commonRows;
}

const NameTable &names()
{
    static const NameTable table{commonNames(),         signInNames(), unifiedAuditNames(),
                                 directoryAuditNames(), riskNames(),   userNames()};
    return table;
}

} // namespace riskdesk::ingest::entra
