#include "core/ingest/field_rules.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace riskdesk::ingest {
namespace {

bool isDigits(std::string_view text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<IpAddress> readBare(std::string_view text)
{
    if (const auto zone = text.find('%'); zone != std::string_view::npos)
        text = text.substr(0, zone);
    auto ip = IpAddress::parse(text);
    if (ip && (!ip->isKnown() || (ip->isV4() && ip->v4() == 0)))
        return std::nullopt;
    return ip;
}

} // namespace

std::optional<IpAddress> readAddress(std::string_view text)
{
    text = trim(text);
    if (text.empty())
        return std::nullopt;
    if (text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && (rest.front() != ':' || !isDigits(rest.substr(1))))
            return std::nullopt;
        return readBare(text.substr(1, close - 1));
    }
    // One colon is a port behind a v4 address; two or more are v6.
    const auto colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
        return isDigits(text.substr(colon + 1)) ? readBare(text.substr(0, colon)) : std::nullopt;
    return readBare(text);
}

bool isAbsent(std::string_view identifier)
{
    identifier = trim(identifier);
    if (identifier.empty())
        return true;
    switch (identifier.front()) {
    case '0': return identifier.find_first_not_of("0-") == std::string_view::npos;
    case 'N':
    case 'n':
        return equalsIgnoringCase(identifier, "not available") || equalsIgnoringCase(identifier, "null") ||
               equalsIgnoringCase(identifier, "n/a");
    case '<': return equalsIgnoringCase(identifier, "<null>");
    case '-': return identifier == "-";
    default: return false;
    }
}

bool isCountryCode(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return text.size() == 2 && letter(text[0]) && letter(text[1]);
}

Coordinates readCoordinates(std::string_view latitude, std::string_view longitude)
{
    Coordinates place;
    latitude = trim(latitude);
    longitude = trim(longitude);
    if (latitude.empty() && longitude.empty())
        return place;
    const auto lat = toDouble(latitude), lon = toDouble(longitude);
    place.readable = lat && lon && *lat >= -90 && *lat <= 90 && *lon >= -180 && *lon <= 180 &&
                     (std::abs(*lat) > 0 || std::abs(*lon) > 0);
    if (place.readable) {
        place.latitude = *lat;
        place.longitude = *lon;
    }
    return place;
}

std::optional<bool> readBool(std::string_view text)
{
    for (const auto yes : {"true", "1", "yes"})
        if (equalsIgnoringCase(text, yes))
            return true;
    for (const auto no : {"false", "0", "no"})
        if (equalsIgnoringCase(text, no))
            return false;
    return std::nullopt;
}

std::string_view issuerHost(std::string_view issuer)
{
    issuer = trim(issuer);
    if (const auto scheme = issuer.find("://"); scheme != std::string_view::npos)
        issuer.remove_prefix(scheme + 3);
    issuer = issuer.substr(0, issuer.find_first_of("/?#:"));
    for (const std::string_view prefix : {"accounts.", "www.", "appleid."})
        if (issuer.substr(0, prefix.size()) == prefix)
            issuer.remove_prefix(prefix.size());
    return issuer;
}

bool isSocialIssuer(std::string_view host)
{
    static constexpr auto consumers = std::to_array<std::string_view>(
        {"google.com", "facebook.com", "apple.com", "live.com", "amazon.com", "linkedin.com", "github.com",
         "twitter.com", "x.com", "yahoo.com", "weibo.com", "qq.com", "wechat.com", "MicrosoftAccount"});
    return std::any_of(consumers.begin(), consumers.end(),
                       [&](std::string_view name) { return equalsIgnoringCase(host, name); });
}

std::string excerptOf(std::string_view record, std::size_t most)
{
    // Windows-1252 can grow to three bytes a character, so the cut comes after the conversion.
    std::string text = toUtf8(record.substr(0, most));
    if (text.size() < most && record.size() <= most)
        return text;
    // The first cut may have split a character, which would then read as Windows-1252.
    std::size_t cut = std::min(most, record.size());
    while (cut > 0 && cut > most - std::min<std::size_t>(most, 4) && cut < record.size() &&
           (static_cast<unsigned char>(record[cut]) & 0xc0) == 0x80)
        --cut;
    text = toUtf8(record.substr(0, cut));
    while (text.size() > most || (!text.empty() && !isValidUtf8(text)))
        text.pop_back();
    return text;
}

} // namespace riskdesk::ingest
