// Countries: the codes that sign-ins carry and the English names that people know them by. Filter text and
// the country pill read it.
//
// Codes are ISO 3166-1 alpha-2 and XK, as networks and logs use it for Kosovo; names follow the tz database
// (iso3166.tab, public domain), written out where it abbreviates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

struct Country
{
    std::string_view code;       // "VN"
    std::string_view name;       // "Vietnam"
    std::string_view otherNames; // joined by '|'
};

[[nodiscard]] const Country *findCountry(std::string_view code); // any letter case; null: not known
// Codes meant by a code, a name or the beginning of a word in it; letter case, accents, blanks and signs are
// ignored. A whole name means that country alone: "niger" is not Nigeria. Empty: none.
[[nodiscard]] std::vector<std::string> countriesNamed(std::string_view words);

} // namespace riskdesk::query
