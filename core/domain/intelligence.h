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
    Asn = 6
};
[[nodiscard]] std::string_view toText(ListKind);
[[nodiscard]] std::optional<ListKind> listKindFromText(std::string_view);

inline constexpr std::int64_t beginningOfTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t endOfTime = std::numeric_limits<std::int64_t>::max();

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
    int confidence = -1;   // 0..100; -1 not given
    std::int64_t from = beginningOfTime; // microseconds UTC, inclusive
    std::int64_t until = endOfTime;      // inclusive, without the grace a detector adds
    bool trusted = true;
    std::string tlp;    // threat: "amber", else empty
    std::string labels; // threat: as given, "; " between them
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
