// Rules for single fields of a record, the same whatever format it came in. All of them are pure, any thread,
// and take hostile text.
#pragma once

#include "core/base/ip_address.h"
#include "core/domain/sign_in.h"

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::ingest {

// An address as logs write it: bare, "1.2.3.4:8085", "[v6]", "[v6]:443", with a zone id. Nothing for host
// names, GUIDs, "redacted", impossible and unspecified addresses.
[[nodiscard]] std::optional<IpAddress> readAddress(std::string_view text);

// Providers write "no user" as an all-zero GUID, "Not Available" or "null".
[[nodiscard]] bool isAbsent(std::string_view identifier);

// Two ASCII letters.
[[nodiscard]] bool isCountryCode(std::string_view text);

struct Coordinates
{
    double latitude = noCoordinate;
    double longitude = noCoordinate;
    bool readable = true; // false: there was text, and it was no place on earth
};
// 0/0 lies in the Gulf of Guinea; logs write it for "not known".
[[nodiscard]] Coordinates readCoordinates(std::string_view latitude, std::string_view longitude);

// "true"/"false"/"1"/"0"/"yes"/"no", whatever the case.
[[nodiscard]] std::optional<bool> readBool(std::string_view text);

// The host of an issuer without scheme, path and "accounts."/"www.": "google.com". A view into the text.
[[nodiscard]] std::string_view issuerHost(std::string_view issuer);
// Consumer identity providers, whose passwords this directory does not keep. Others (ADFS, another tenant)
// are federated but not social.
[[nodiscard]] bool isSocialIssuer(std::string_view host);

// At most `most` bytes of a record, valid UTF-8, cut between characters.
[[nodiscard]] std::string excerptOf(std::string_view record, std::size_t most = 400);

} // namespace riskdesk::ingest
