// Record: the texts of one of Entra's records, asked for by the fields of its kind.
//
// What a record is shows only when it has been read: files of Azure Monitor mix kinds, and members come in
// any order. So each kind has an enum of its own fields, beside the few that several kinds share, and all of
// them together are the slots of one Fields. Which names lead there stands with each kind.
#pragma once

#include "core/ingest/build_rules.h"
#include "core/ingest/name_table.h"
#include "core/ingest/providers/entra/directory_audit.h"
#include "core/ingest/providers/entra/risk.h"
#include "core/ingest/providers/entra/sign_in.h"
#include "core/ingest/providers/entra/unified_audit.h"
#include "core/ingest/providers/entra/user.h"

#include <span>
#include <string_view>

namespace riskdesk::ingest::entra {

// What more than one kind has, or what tells the kind.
enum class Common : Slot {
    Id,
    CreatedDateTime,
    TimeGenerated,
    ActivityDateTime,
    UserId,
    UserPrincipalName,
    UserDisplayName,
    FederatedIssuer, // of the identities
    LocalSignInType,
    IpAddress,
    CallerIpAddress,
    UserAgent,
    Browser,
    OperatingSystem,
    DeviceId,
    City,
    State,
    Country,
    LocationText,
    Latitude,
    Longitude,
    CorrelationId,
    SessionId,
    RiskState,
    IsDeleted,
    Category,
    TypeName,
    Count
};

template <typename Field>
constexpr Slot countOf = static_cast<Slot>(Field::Count);

// Slot 0 is nowhere; then kind after kind.
template <typename Field>
inline constexpr Slot firstOf = nowhere;
template <>
inline constexpr Slot firstOf<Common> = 1;
template <>
inline constexpr Slot firstOf<SignInField> = firstOf<Common> + countOf<Common>;
template <>
inline constexpr Slot firstOf<UnifiedAuditField> = firstOf<SignInField> + countOf<SignInField>;
template <>
inline constexpr Slot firstOf<DirectoryAuditField> = firstOf<UnifiedAuditField> + countOf<UnifiedAuditField>;
template <>
inline constexpr Slot firstOf<RiskField> = firstOf<DirectoryAuditField> + countOf<DirectoryAuditField>;
template <>
inline constexpr Slot firstOf<UserField> = firstOf<RiskField> + countOf<RiskField>;
static_assert(firstOf<UserField> + countOf<UserField> <= Fields::slots);

template <typename Field>
[[nodiscard]] constexpr Slot slotOf(Field field)
{
    return static_cast<Slot>(firstOf<Field> + static_cast<Slot>(field));
}

class Record
{
public:
    explicit Record(const Fields &fields)
        : m_fields(fields)
    {}
    template <typename Field>
    [[nodiscard]] std::string_view operator[](Field f) const
    {
        return m_fields[slotOf(f)];
    }
    template <typename Field>
    [[nodiscard]] bool has(Field f) const
    {
        return m_fields.has(slotOf(f));
    }
    // The first of them that is not empty.
    template <typename Field, typename... More>
    [[nodiscard]] std::string_view any(Field first, More... more) const
    {
        if constexpr (sizeof...(More) == 0)
            return (*this)[first];
        else
            return has(first) ? (*this)[first] : any(more...);
    }
    [[nodiscard]] std::uint32_t unreadable() const { return m_fields.unreadable; }

private:
    const Fields &m_fields;
};

// Where names stand.
enum class Where : Place {
    Record, // a Graph, Azure Monitor, Log Analytics or unified audit record
    Status,
    DeviceDetail,
    Location,
    GeoCoordinates,
    MfaDetail,
    NameValue, // the names in ExtendedProperties and DeviceProperties
    Initiator,
    InitiatingUser,
    InitiatingApp,
    PortalColumn // headers of the portal's own CSV, with single blanks
};

template <typename Field>
[[nodiscard]] constexpr Name text(Where where, std::string_view name, Field field)
{
    return {static_cast<Place>(where), name, {.kind = Meaning::Kind::Text, .slot = slotOf(field)}};
}
// `plain` as in Meaning.
[[nodiscard]] constexpr Name object(Where where, std::string_view name, Where inner, Slot plain = nowhere)
{
    return {static_cast<Place>(where),
            name,
            {.kind = Meaning::Kind::Object, .plain = plain, .place = static_cast<Place>(inner)}};
}
template <typename Field>
[[nodiscard]] constexpr Name texts(Where where, std::string_view name, Field field)
{
    return {static_cast<Place>(where), name, {.kind = Meaning::Kind::Texts, .slot = slotOf(field)}};
}
[[nodiscard]] constexpr Name objects(Where where, std::string_view name, const Gathering &gathering,
                                     Slot plain = nowhere)
{
    return {static_cast<Place>(where),
            name,
            {.kind = Meaning::Kind::Objects, .plain = plain, .gathering = &gathering}};
}

// The names of Common.
[[nodiscard]] std::span<const Name> commonNames();
// All of them.
[[nodiscard]] const NameTable &names();

// The place of a sign-in, or of a detection.
struct RecordedPlace
{
    std::string_view city, state, country;
    double latitude = noCoordinate, longitude = noCoordinate;
};
[[nodiscard]] RecordedPlace placeOf(const Record &record, Arena &arena, Warnings &warnings);

} // namespace riskdesk::ingest::entra
