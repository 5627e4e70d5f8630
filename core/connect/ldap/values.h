// The values that a directory server wants in a form of its own. Pure functions; any thread.
#pragma once

#include "core/connect/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::connect {

// A value as it stands in a search filter (RFC 4515 section 3): what has a meaning there is written "\2a".
[[nodiscard]] std::string filterValue(std::string_view value);
// Letters, digits and '-', a letter first; or an OID (RFC 4512 section 1.4).
[[nodiscard]] bool isAttributeName(std::string_view text);
// A distinguished name (RFC 4514) of at least one part.
[[nodiscard]] bool isDistinguishedName(const std::string &text);

// "8-4-4-4-12" hexadecimal digits, in braces or not.
[[nodiscard]] bool isUuid(std::string_view text);
// Sixteen bytes as Active Directory keeps an objectGUID (its first three fields little-endian, [MS-DTYP]
// 2.3.4.2), as text in lower case; anything but sixteen bytes: empty.
[[nodiscard]] std::string guidText(std::string_view bytes);
// The same bytes as a filter's value: "\01\02…". `text` is a UUID.
[[nodiscard]] std::string guidFilterValue(std::string_view text);

// What unicodePwd takes ([MS-ADTS] 3.1.1.3.1.5): the password between quotes, in UTF-16LE. None when it is
// not valid UTF-8.
[[nodiscard]] std::optional<Secret> unicodePassword(const Secret &password);

// Of userAccountControl ([MS-ADTS] 2.2.16). The attribute is a signed 32-bit number written in decimals.
inline constexpr std::uint32_t accountDisabled = 0x2;
[[nodiscard]] std::optional<std::uint32_t> userAccountControl(std::string_view text);
[[nodiscard]] std::string userAccountControl(std::uint32_t flags);

// base64url without padding (RFC 4648 section 5), for a server's cookie on its way through a text.
[[nodiscard]] std::string toBase64Url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> fromBase64Url(std::string_view text);

// What a server said, fit for a sentence: one line of valid UTF-8, at most 200 bytes, without its last stop.
[[nodiscard]] std::string quotable(std::string_view diagnostic);

} // namespace riskdesk::connect
