// Intelligence: what dated lists say about an address at a moment, each answer naming its list and entry.
#pragma once

#include "core/base/ip_address.h"
#include "core/base/timestamp.h"
#include "core/domain/place.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace riskdesk {

enum class ListKind : std::uint8_t {
    Anonymizer = 1,
    Malware = 2,
    Threat = 3,
    Trusted = 4,
    Places = 5,
    Asn = 6,
    Mobile = 7, // networks of mobile carriers
    Warning = 8 // what no threat list should name: public resolvers, content networks
};
[[nodiscard]] std::string_view toText(ListKind);
[[nodiscard]] std::optional<ListKind> listKindFromText(std::string_view);

inline constexpr std::int64_t beginningOfTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t endOfTime = std::numeric_limits<std::int64_t>::max();

// What is held of an entry by its own-traffic guard (core/detect/own_traffic.h).
enum class Standing : std::uint8_t {
    Open = 0,
    SetAside = 1, // it matches too much of the directory's own sign-ins
    Released = 2, // somebody let it match all the same
    Warned = 3    // it stands on a warning list
};

// One line of a list. Which fields mean something depends on the list's kind.
struct ListEntry
{
    std::uint32_t list = 0;                    // intel_list.id
    IpAddress first, last;                     // inclusive; both unknown for an entry that names no network
    std::uint32_t asn = 0;                     // trusted "AS64500", ASN ranges
    std::string country;                       // trusted country
    NetworkClass kind = NetworkClass::Unknown; // anonymizers
    std::string name;      // provider, malware family, indicator label, trusted location's name, organisation
    std::string indicator; // the text as written in the list: "192.0.2.0/24"
    std::string userAgent; // threat: exact user agent, else empty
    std::string account;   // threat: user name or e-mail address, case-folded, or its hash in lower-case hex
    std::string actor;     // threat: who is behind it, when the source says
    int confidence = -1;   // 0..100; -1 not given
    std::int64_t from = beginningOfTime; // microseconds UTC, inclusive
    std::int64_t until = endOfTime;      // inclusive, without the grace a detector adds
    bool trusted = true;
    std::string tlp;    // threat: "amber", else empty
    std::string labels; // threat: as given, "; " between them
    Standing standing = Standing::Open;
    std::uint64_t asideMatched = 0, asideAll = 0; // by which it was set aside (SetAsideIndicator)
};

// An indicator that the guard sets aside, and by what measure.
struct SetAsideIndicator
{
    ListKind kind = ListKind::Threat;
    std::string indicator, list;        // as written; the name of the list
    std::uint64_t matched = 0, all = 0; // successes of the days before
    std::int64_t shownAt = beginningOfTime; // the sign-in that was silenced first, microseconds UTC
};

struct IntelligenceList
{
    std::uint32_t id = 0;
    ListKind kind = ListKind::Anonymizer;
    std::string name;
    std::string path;    // where it was read from
    std::string licence; // when the file says
    Timestamp addedAt;
    Timestamp date; // of the data itself; addedAt when the file does not say
    std::uint64_t entries = 0;
    std::uint32_t version = 1; // counts up with every replacement
    std::string source;        // who publishes it, when the file says; else the path
};

} // namespace riskdesk
