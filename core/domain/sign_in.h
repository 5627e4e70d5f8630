// A sign-in: one normalised authentication event. Never edited after it is stored, only explained.
//
// It has two shapes. `SignIn` is what a parser emits: text as views into the chunk it parsed. `SignInRow` is
// what the store keeps: fixed size, every text replaced by the id of its dictionary.
#pragma once

#include "core/base/ip_address.h"
#include "core/base/timestamp.h"

#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>
#include <string_view>

namespace riskdesk {

// Interrupted: neither a good nor a bad password (keep-me-signed-in prompt, consent, MFA pending).
enum class Outcome : std::uint8_t { Success = 0, Failure = 1, Interrupted = 2 };
enum class Identity : std::uint8_t { Unknown = 0, Local = 1, Social = 2 };
// Passed: with a factor given at this sign-in. Satisfied: asked for and met, by an earlier sign-in's factor
// or by one that the record does not tell.
enum class Mfa : std::uint8_t { Unknown = 0, SingleFactor = 1, Required = 2, Passed = 3, Satisfied = 4 };

// What a failure says about the password, whatever the provider's code was.
enum class FailureKind : std::uint8_t {
    None = 0,    // not a failure, and nothing more is known
    BadPassword, // 50126 and kin: counts for spray
    UnknownUser, // 50034
    Locked,      // 50053: smart lock-out or malicious address; counts for spray
    Expired,     // 50055: the password was right but expired
    Disabled,    // 50057
    Other,       // configuration, consent: says nothing about the password
    Stopped      // the password was right; a second factor or a policy stopped it (also when interrupted)
};

inline constexpr double noCoordinate = std::numeric_limits<double>::quiet_NaN();

struct SignIn
{
    std::string_view eventId; // the provider's; empty when it gives none
    Timestamp at;             // the event's own time, never the envelope's
    std::string_view userId;  // the provider's non-zero user id; may be empty
    std::string_view userPrincipalName;
    std::string_view userDisplayName;
    Identity identity = Identity::Unknown;
    std::string_view issuer; // "google.com" for a social identity
    Outcome outcome = Outcome::Success;
    FailureKind failure = FailureKind::None;
    std::int32_t errorCode = 0;
    std::string_view failureReason;
    IpAddress ip; // unknown when the record has none or writes nonsense
    std::string_view userAgent;
    std::string_view browser;
    std::string_view operatingSystem;
    std::string_view deviceId;
    std::string_view clientApp;
    std::string_view application; // display name, else its id
    std::string_view resource;
    std::string_view city, state, country; // country: ISO 3166-1 alpha-2, upper case
    double latitude = noCoordinate;        // degrees, -90..90
    double longitude = noCoordinate;       // degrees, -180..180
    std::uint32_t asn = 0;
    bool interactive = true;
    Mfa mfa = Mfa::Unknown;
    std::string_view authenticationMethod;
    std::string_view correlationId;
    std::string_view sessionId;
    std::string_view
        providerRiskLevel; // riskLevelDuringSignIn as the provider wrote it; stored, never counted
    std::string_view providerRiskState;
    std::uint64_t offset = 0;  // of the record in its file, bytes
    std::uint32_t line = 0;    // first line of the record, from 1
    std::uint32_t length = 0;  // of the record, bytes
    std::uint8_t warnings = 0; // fields left empty because they could not be read

    [[nodiscard]] bool hasCoordinates() const { return std::isfinite(latitude) && std::isfinite(longitude); }
};

// The kinds of text that a row refers to by id. Id 0 is the empty text in each. Values are stored.
enum class Dictionary : std::uint8_t {
    UserAgent = 0,
    Browser = 1,
    OperatingSystem = 2,
    Device = 3,
    ClientApp = 4,
    Application = 5,
    Resource = 6,
    FailureReason = 7,
    EventId = 8, // ids that are not GUIDs
    Session = 9,
    Place = 10,   // encoded by core/domain/place.h
    Address = 11, // the sixteen bytes of an IpAddress
    Source = 12,  // file names
    AuthenticationMethod = 13,
    AgentSystem = 14,  // "Windows 10": major versions, made by enrich
    AgentBrowser = 15, // "Chrome 122"
    ProviderRisk = 16, // "level/state" as the provider wrote it
    Count = 17
};

enum class EventIdKind : std::uint8_t {
    Guid = 0, // eventKey holds its sixteen bytes
    Text = 1, // eventKey is BLAKE2b-128 of the text; the text is in Dictionary::EventId
    Made = 2  // the record brought none: eventKey is BLAKE2b-128 of the normalised record
};

using EventKey = std::array<std::uint8_t, 16>;

struct SignInRow
{
    std::int64_t at = 0; // Timestamp::us
    EventKey eventKey{};
    EventKey correlation{}; // GUID bytes, or zero
    std::uint64_t offset = 0;
    std::uint32_t user = 0; // user.id
    std::uint32_t ip = 0;   // Dictionary::Address
    std::uint32_t userAgent = 0;
    std::uint32_t browser = 0;
    std::uint32_t operatingSystem = 0;
    std::uint32_t device = 0;
    std::uint32_t clientApp = 0;
    std::uint32_t application = 0;
    std::uint32_t resource = 0;
    std::uint32_t failureReason = 0;
    std::uint32_t eventIdText = 0;
    std::uint32_t session = 0;
    std::uint32_t place = 0; // the event's own; 0 when it brought none (then see address facts)
    std::uint32_t asn = 0;   // the event's own; 0 when it brought none
    std::uint32_t source = 0;
    std::uint32_t authenticationMethod = 0;
    std::uint32_t providerRisk = 0;
    std::uint32_t length = 0;
    std::int32_t errorCode = 0;
    Outcome outcome = Outcome::Success;
    FailureKind failure = FailureKind::None;
    EventIdKind eventIdKind = EventIdKind::Guid;
    Mfa mfa = Mfa::Unknown;
    Identity identity = Identity::Unknown;
    std::uint8_t interactive = 1;
    std::uint8_t reserved[6]{}; // no padding: a row is compared and stored as bytes

    [[nodiscard]] Timestamp time() const { return {at}; }
    [[nodiscard]] bool succeeded() const { return outcome == Outcome::Success; }
};

static_assert(sizeof(SignInRow) == 136);

// The total order of sign-ins: event time, then event key.
[[nodiscard]] inline bool before(const SignInRow &a, const SignInRow &b)
{
    return a.at != b.at ? a.at < b.at : a.eventKey < b.eventKey;
}

// A place in that order: everything up to and including it is done.
struct Position
{
    std::int64_t at;
    EventKey key;

    [[nodiscard]] bool covers(const SignInRow &row) const
    {
        return row.at != at ? row.at < at : row.eventKey <= key;
    }
    friend auto operator<=>(const Position &, const Position &) = default;
};

} // namespace riskdesk
