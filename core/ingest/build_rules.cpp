#include "core/ingest/build_rules.h"

#include "core/base/text.h"
#include "core/ingest/field_rules.h"

#include <limits>

namespace riskdesk::ingest {

std::string_view known(std::string_view identifier)
{
    return isAbsent(identifier) ? std::string_view() : identifier;
}

std::string_view placeName(std::string_view text)
{
    return equalsIgnoringCase(text, "unknown") ? std::string_view() : text;
}

std::string_view countryCode(std::string_view text, Arena &arena, Warnings &warnings)
{
    text = trim(text);
    if (text.empty())
        return {};
    if (!isCountryCode(text)) {
        warnings.add();
        return {};
    }
    if (text[0] <= 'Z' && text[1] <= 'Z')
        return text;
    char *upper = arena.allocate(2);
    for (std::size_t i = 0; i < 2; ++i)
        upper[i] = static_cast<char>(text[i] & ~0x20);
    return {upper, 2};
}

IpAddress addressIn(std::string_view text, std::string_view otherwise, Warnings &warnings)
{
    if (const auto ip = readAddress(text))
        return *ip;
    if (const auto ip = readAddress(otherwise))
        return *ip;
    if (!trim(text).empty() || !trim(otherwise).empty())
        warnings.add();
    return {};
}

std::optional<Timestamp> optionalTime(std::string_view text, TimeRules rules, Warnings &warnings)
{
    if (trim(text).empty() || text.substr(0, 5) == "0001-")
        return std::nullopt;
    const auto time = readTime(text, rules);
    if (time)
        return *time;
    warnings.add();
    return std::nullopt;
}

std::optional<bool> flagIn(std::string_view text)
{
    return readBool(trim(text));
}

Refusal noTime(std::string_view text, std::string_view expected, const Error &error)
{
    if (trim(text).empty())
        return {"noTime", "no " + std::string(expected)};
    auto detail = std::string(expected) + " is \"" + excerptOf(text, 100) + "\"";
    if (error.detail == unclearDate)
        detail += ": " + error.detail;
    return {"noTime", std::move(detail)};
}

Refusal noUser()
{
    return {"noUser", "neither a user id nor a user principal name"};
}

void keep(SignIn &signIn, const Warnings &warnings, const Building &with)
{
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    signIn.offset = with.place.offset;
    signIn.line = static_cast<std::uint32_t>(std::min(with.place.line, most));
    signIn.length = static_cast<std::uint32_t>(std::min(with.place.length, most));
    signIn.warnings = warnings.small();
    with.batch.warnings += warnings.count();
    with.batch.signIns.push_back(signIn);
}

} // namespace riskdesk::ingest
