#include "core/query/filter/countries.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace riskdesk::query {
namespace {

constexpr std::array table = {Country{"AD", "Andorra", ""},
                              Country{"AE", "United Arab Emirates", "UAE"},
                              Country{"AF", "Afghanistan", ""},
                              Country{"AG", "Antigua and Barbuda", ""},
                              Country{"AI", "Anguilla", ""},
                              Country{"AL", "Albania", ""},
                              Country{"AM", "Armenia", ""},
                              Country{"AO", "Angola", ""},
                              Country{"AQ", "Antarctica", ""},
                              Country{"AR", "Argentina", ""},
                              Country{"AS", "American Samoa", ""},
                              Country{"AT", "Austria", ""},
                              Country{"AU", "Australia", ""},
                              Country{"AW", "Aruba", ""},
                              Country{"AX", "Åland Islands", ""},
                              Country{"AZ", "Azerbaijan", ""},
                              Country{"BA", "Bosnia and Herzegovina", ""},
                              Country{"BB", "Barbados", ""},
                              Country{"BD", "Bangladesh", ""},
                              Country{"BE", "Belgium", ""},
                              Country{"BF", "Burkina Faso", ""},
                              Country{"BG", "Bulgaria", ""},
                              Country{"BH", "Bahrain", ""},
                              Country{"BI", "Burundi", ""},
                              Country{"BJ", "Benin", ""},
                              Country{"BL", "Saint Barthélemy", "St Barthelemy"},
                              Country{"BM", "Bermuda", ""},
                              Country{"BN", "Brunei", ""},
                              Country{"BO", "Bolivia", ""},
                              Country{"BQ", "Caribbean Netherlands", "Bonaire"},
                              Country{"BR", "Brazil", ""},
                              Country{"BS", "Bahamas", ""},
                              Country{"BT", "Bhutan", ""},
                              Country{"BV", "Bouvet Island", ""},
                              Country{"BW", "Botswana", ""},
                              Country{"BY", "Belarus", ""},
                              Country{"BZ", "Belize", ""},
                              Country{"CA", "Canada", ""},
                              Country{"CC", "Cocos Islands", "Keeling Islands"},
                              Country{"CD", "Democratic Republic of the Congo", "Congo Kinshasa|DRC"},
                              Country{"CF", "Central African Republic", ""},
                              Country{"CG", "Republic of the Congo", "Congo Brazzaville"},
                              Country{"CH", "Switzerland", "Schweiz|Suisse"},
                              Country{"CI", "Côte d'Ivoire", "Ivory Coast"},
                              Country{"CK", "Cook Islands", ""},
                              Country{"CL", "Chile", ""},
                              Country{"CM", "Cameroon", ""},
                              Country{"CN", "China", ""},
                              Country{"CO", "Colombia", ""},
                              Country{"CR", "Costa Rica", ""},
                              Country{"CU", "Cuba", ""},
                              Country{"CV", "Cape Verde", "Cabo Verde"},
                              Country{"CW", "Curaçao", ""},
                              Country{"CX", "Christmas Island", ""},
                              Country{"CY", "Cyprus", ""},
                              Country{"CZ", "Czechia", "Czech Republic"},
                              Country{"DE", "Germany", "Deutschland"},
                              Country{"DJ", "Djibouti", ""},
                              Country{"DK", "Denmark", ""},
                              Country{"DM", "Dominica", ""},
                              Country{"DO", "Dominican Republic", ""},
                              Country{"DZ", "Algeria", ""},
                              Country{"EC", "Ecuador", ""},
                              Country{"EE", "Estonia", ""},
                              Country{"EG", "Egypt", ""},
                              Country{"EH", "Western Sahara", ""},
                              Country{"ER", "Eritrea", ""},
                              Country{"ES", "Spain", "España"},
                              Country{"ET", "Ethiopia", ""},
                              Country{"FI", "Finland", ""},
                              Country{"FJ", "Fiji", ""},
                              Country{"FK", "Falkland Islands", "Malvinas"},
                              Country{"FM", "Micronesia", ""},
                              Country{"FO", "Faroe Islands", ""},
                              Country{"FR", "France", ""},
                              Country{"GA", "Gabon", ""},
                              Country{"GB", "United Kingdom", "UK|Great Britain|England|Scotland|Wales"},
                              Country{"GD", "Grenada", ""},
                              Country{"GE", "Georgia", ""},
                              Country{"GF", "French Guiana", ""},
                              Country{"GG", "Guernsey", ""},
                              Country{"GH", "Ghana", ""},
                              Country{"GI", "Gibraltar", ""},
                              Country{"GL", "Greenland", ""},
                              Country{"GM", "Gambia", ""},
                              Country{"GN", "Guinea", ""},
                              Country{"GP", "Guadeloupe", ""},
                              Country{"GQ", "Equatorial Guinea", ""},
                              Country{"GR", "Greece", ""},
                              Country{"GS", "South Georgia and the South Sandwich Islands", ""},
                              Country{"GT", "Guatemala", ""},
                              Country{"GU", "Guam", ""},
                              Country{"GW", "Guinea-Bissau", ""},
                              Country{"GY", "Guyana", ""},
                              Country{"HK", "Hong Kong", ""},
                              Country{"HM", "Heard Island and McDonald Islands", ""},
                              Country{"HN", "Honduras", ""},
                              Country{"HR", "Croatia", ""},
                              Country{"HT", "Haiti", ""},
                              Country{"HU", "Hungary", ""},
                              Country{"ID", "Indonesia", ""},
                              Country{"IE", "Ireland", ""},
                              Country{"IL", "Israel", ""},
                              Country{"IM", "Isle of Man", ""},
                              Country{"IN", "India", ""},
                              Country{"IO", "British Indian Ocean Territory", ""},
                              Country{"IQ", "Iraq", ""},
                              Country{"IR", "Iran", ""},
                              Country{"IS", "Iceland", ""},
                              Country{"IT", "Italy", ""},
                              Country{"JE", "Jersey", ""},
                              Country{"JM", "Jamaica", ""},
                              Country{"JO", "Jordan", ""},
                              Country{"JP", "Japan", ""},
                              Country{"KE", "Kenya", ""},
                              Country{"KG", "Kyrgyzstan", ""},
                              Country{"KH", "Cambodia", ""},
                              Country{"KI", "Kiribati", ""},
                              Country{"KM", "Comoros", ""},
                              Country{"KN", "Saint Kitts and Nevis", "St Kitts"},
                              Country{"KP", "North Korea", "DPRK"},
                              Country{"KR", "South Korea", "Republic of Korea"},
                              Country{"KW", "Kuwait", ""},
                              Country{"KY", "Cayman Islands", ""},
                              Country{"KZ", "Kazakhstan", ""},
                              Country{"LA", "Laos", "Lao"},
                              Country{"LB", "Lebanon", ""},
                              Country{"LC", "Saint Lucia", "St Lucia"},
                              Country{"LI", "Liechtenstein", ""},
                              Country{"LK", "Sri Lanka", ""},
                              Country{"LR", "Liberia", ""},
                              Country{"LS", "Lesotho", ""},
                              Country{"LT", "Lithuania", ""},
                              Country{"LU", "Luxembourg", ""},
                              Country{"LV", "Latvia", ""},
                              Country{"LY", "Libya", ""},
                              Country{"MA", "Morocco", ""},
                              Country{"MC", "Monaco", ""},
                              Country{"MD", "Moldova", ""},
                              Country{"ME", "Montenegro", ""},
                              Country{"MF", "Saint Martin", "St Martin"},
                              Country{"MG", "Madagascar", ""},
                              Country{"MH", "Marshall Islands", ""},
                              Country{"MK", "North Macedonia", ""},
                              Country{"ML", "Mali", ""},
                              Country{"MM", "Myanmar", "Burma"},
                              Country{"MN", "Mongolia", ""},
                              Country{"MO", "Macao", "Macau"},
                              Country{"MP", "Northern Mariana Islands", ""},
                              Country{"MQ", "Martinique", ""},
                              Country{"MR", "Mauritania", ""},
                              Country{"MS", "Montserrat", ""},
                              Country{"MT", "Malta", ""},
                              Country{"MU", "Mauritius", ""},
                              Country{"MV", "Maldives", ""},
                              Country{"MW", "Malawi", ""},
                              Country{"MX", "Mexico", ""},
                              Country{"MY", "Malaysia", ""},
                              Country{"MZ", "Mozambique", ""},
                              Country{"NA", "Namibia", ""},
                              Country{"NC", "New Caledonia", ""},
                              Country{"NE", "Niger", ""},
                              Country{"NF", "Norfolk Island", ""},
                              Country{"NG", "Nigeria", ""},
                              Country{"NI", "Nicaragua", ""},
                              Country{"NL", "Netherlands", "Holland"},
                              Country{"NO", "Norway", ""},
                              Country{"NP", "Nepal", ""},
                              Country{"NR", "Nauru", ""},
                              Country{"NU", "Niue", ""},
                              Country{"NZ", "New Zealand", ""},
                              Country{"OM", "Oman", ""},
                              Country{"PA", "Panama", ""},
                              Country{"PE", "Peru", ""},
                              Country{"PF", "French Polynesia", ""},
                              Country{"PG", "Papua New Guinea", ""},
                              Country{"PH", "Philippines", ""},
                              Country{"PK", "Pakistan", ""},
                              Country{"PL", "Poland", ""},
                              Country{"PM", "Saint Pierre and Miquelon", "St Pierre"},
                              Country{"PN", "Pitcairn Islands", ""},
                              Country{"PR", "Puerto Rico", ""},
                              Country{"PS", "Palestine", ""},
                              Country{"PT", "Portugal", ""},
                              Country{"PW", "Palau", ""},
                              Country{"PY", "Paraguay", ""},
                              Country{"QA", "Qatar", ""},
                              Country{"RE", "Réunion", ""},
                              Country{"RO", "Romania", ""},
                              Country{"RS", "Serbia", ""},
                              Country{"RU", "Russia", "Russian Federation"},
                              Country{"RW", "Rwanda", ""},
                              Country{"SA", "Saudi Arabia", ""},
                              Country{"SB", "Solomon Islands", ""},
                              Country{"SC", "Seychelles", ""},
                              Country{"SD", "Sudan", ""},
                              Country{"SE", "Sweden", ""},
                              Country{"SG", "Singapore", ""},
                              Country{"SH", "Saint Helena", "St Helena"},
                              Country{"SI", "Slovenia", ""},
                              Country{"SJ", "Svalbard and Jan Mayen", ""},
                              Country{"SK", "Slovakia", ""},
                              Country{"SL", "Sierra Leone", ""},
                              Country{"SM", "San Marino", ""},
                              Country{"SN", "Senegal", ""},
                              Country{"SO", "Somalia", ""},
                              Country{"SR", "Suriname", ""},
                              Country{"SS", "South Sudan", ""},
                              Country{"ST", "São Tomé and Príncipe", ""},
                              Country{"SV", "El Salvador", ""},
                              Country{"SX", "Sint Maarten", "St Maarten"},
                              Country{"SY", "Syria", ""},
                              Country{"SZ", "Eswatini", "Swaziland"},
                              Country{"TC", "Turks and Caicos Islands", ""},
                              Country{"TD", "Chad", ""},
                              Country{"TF", "French Southern Territories", ""},
                              Country{"TG", "Togo", ""},
                              Country{"TH", "Thailand", ""},
                              Country{"TJ", "Tajikistan", ""},
                              Country{"TK", "Tokelau", ""},
                              Country{"TL", "Timor-Leste", "East Timor"},
                              Country{"TM", "Turkmenistan", ""},
                              Country{"TN", "Tunisia", ""},
                              Country{"TO", "Tonga", ""},
                              Country{"TR", "Turkey", "Türkiye"},
                              Country{"TT", "Trinidad and Tobago", ""},
                              Country{"TV", "Tuvalu", ""},
                              Country{"TW", "Taiwan", ""},
                              Country{"TZ", "Tanzania", ""},
                              Country{"UA", "Ukraine", ""},
                              Country{"UG", "Uganda", ""},
                              Country{"UM", "US Minor Outlying Islands", ""},
                              Country{"US", "United States", "USA|America"},
                              Country{"UY", "Uruguay", ""},
                              Country{"UZ", "Uzbekistan", ""},
                              Country{"VA", "Vatican City", "Holy See"},
                              Country{"VC", "Saint Vincent and the Grenadines", "St Vincent"},
                              Country{"VE", "Venezuela", ""},
                              Country{"VG", "British Virgin Islands", ""},
                              Country{"VI", "US Virgin Islands", ""},
                              Country{"VN", "Vietnam", ""},
                              Country{"VU", "Vanuatu", ""},
                              Country{"WF", "Wallis and Futuna", ""},
                              Country{"WS", "Samoa", "Western Samoa"},
                              Country{"XK", "Kosovo", ""},
                              Country{"YE", "Yemen", ""},
                              Country{"YT", "Mayotte", ""},
                              Country{"ZA", "South Africa", ""},
                              Country{"ZM", "Zambia", ""},
                              Country{"ZW", "Zimbabwe", ""}};

// Letters and digits alone: "Viet Nam" is "vietnam", "Côte d'Ivoire" is "cotedivoire".
std::string bare(std::string_view words)
{
    auto folded = foldForSearch(words);
    std::erase_if(folded, [](unsigned char c) {
        return c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
    });
    return folded;
}

// Whether `wanted` stands at the beginning of a word: "islands" in "Faroe Islands".
bool beginsAWord(std::string_view name, std::string_view wanted)
{
    for (std::size_t at = 0; at != std::string_view::npos; at = name.find_first_of(" -'", at)) {
        if (at != 0)
            ++at;
        if (bare(name.substr(at)).starts_with(wanted))
            return true;
    }
    return false;
}

template <typename Passes>
bool anyName(const Country &country, Passes passes)
{
    if (passes(country.name))
        return true;
    const auto others = split(country.otherNames, '|');
    return std::any_of(others.begin(), others.end(),
                       [&](std::string_view name) { return !name.empty() && passes(name); });
}

} // namespace

const Country *findCountry(std::string_view code)
{
    const auto *found = std::find_if(table.begin(), table.end(),
                                     [&](const Country &c) { return equalsIgnoringCase(c.code, code); });
    return found == table.end() ? nullptr : found;
}

std::vector<std::string> countriesNamed(std::string_view words)
{
    if (const auto *coded = findCountry(trim(words)))
        return {std::string(coded->code)};
    const auto wanted = bare(words);
    if (wanted.empty())
        return {};
    std::vector<std::string> exact, begun;
    for (const auto &country : table) {
        if (anyName(country, [&](std::string_view name) { return bare(name) == wanted; }))
            exact.emplace_back(country.code);
        else if (anyName(country, [&](std::string_view name) { return beginsAWord(name, wanted); }))
            begun.emplace_back(country.code);
    }
    return exact.empty() ? begun : exact;
}

} // namespace riskdesk::query
