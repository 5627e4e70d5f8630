#include "core/ingest/field_map.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::ingest {
namespace {

constexpr std::array<MapPartInfo, mapPartCount> partRows{{
    {"time", "time", "when: ISO 8601, seconds or milliseconds since 1970, or dates as --dates reads them"},
    {"user", "user", "who: the name or address that somebody signs in with"},
    {"user-id", "user id", "who: the number or id of the account"},
    {"outcome", "outcome", "what came of it; see --success"},
    {"ip", "address", "the address it came from"},
    {"application", "application", "what was signed in to"},
    {"user-agent", "user agent", "the browser or program, as it names itself"},
    {"id", "id", "of the sign-in; without one, equal records are one sign-in"},
    {"country", "country", "two letters"},
    {"city", "city", "its name"},
    {"display-name", "display name", "the user's name for people"},
    {"reason", "reason", "why it failed"},
}};

constexpr auto partNumbers = [] {
    std::array<MapPart, mapPartCount> all{};
    for (std::size_t i = 0; i < mapPartCount; ++i)
        all[i] = static_cast<MapPart>(i);
    return all;
}();

constexpr auto usualWords =
    std::to_array<std::string_view>({"success", "succeeded", "ok", "true", "0", "200"});

bool hasControl(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

// "events[0]", "events[*]", "events[]". A column may well be called "Time [UTC]".
bool namesElement(std::string_view field)
{
    for (auto open = field.find('['); open != std::string_view::npos; open = field.find('[', open + 1)) {
        const auto close = field.find(']', open);
        if (close == std::string_view::npos)
            return false;
        const auto within = field.substr(open + 1, close - open - 1);
        if (within == "*" || within.find_first_not_of("0123456789") == std::string_view::npos)
            return true;
    }
    return false;
}

Status checkField(std::string_view field)
{
    const auto wrong = [&](std::string_view why) {
        return fail(Code::WrongUsage, "", fmt::format("The field \"{}\" {}.", field, why));
    };
    if (field.size() > FieldMap::longestField)
        return fail(Code::WrongUsage, "",
                    fmt::format("The name of a field has at most {} bytes.", FieldMap::longestField));
    if (!isValidUtf8(field) || hasControl(field))
        return fail(Code::WrongUsage, "", "The name of a field must be text on one line.");
    if (namesElement(field))
        return wrong("stands within a list; a map cannot look into lists");
    if (stepsOf(field).size() > FieldMap::mostSteps)
        return wrong(fmt::format("lies more than {} objects deep", FieldMap::mostSteps - 1));
    return {};
}

Status tidy(std::vector<std::string> &values)
{
    for (auto &value : values) {
        value = std::string(trim(value));
        if (value.empty())
            return fail(Code::WrongUsage, "", "An outcome cannot be an empty text.");
        if (value.size() > FieldMap::longestField || !isValidUtf8(value) || hasControl(value))
            return fail(Code::WrongUsage, "", "An outcome is a short text on one line.");
    }
    if (values.size() > FieldMap::mostValues)
        return fail(Code::WrongUsage, "",
                    fmt::format("A map names at most {} outcomes of a kind.", FieldMap::mostValues));
    return {};
}

bool holds(std::span<const std::string> values, std::string_view wanted)
{
    return std::ranges::any_of(values, [&](const auto &value) { return equalsIgnoringCase(value, wanted); });
}

std::string shellWord(std::string_view text)
{
    const bool plain = !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-' || c == '/' || c == ':' || c == '@';
    });
    if (plain)
        return std::string(text);
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + '\'';
}

// "--option=value" where the value could be taken for an option.
std::string argument(std::string_view option, std::string_view value)
{
    return fmt::format(" --{}{}{}", option, value.starts_with('-') ? '=' : ' ', shellWord(value));
}

} // namespace

const MapPartInfo &infoOf(MapPart part)
{
    return partRows[static_cast<std::size_t>(part)];
}

std::span<const MapPart> mapParts()
{
    return partNumbers;
}

std::optional<MapPart> mapPartFromText(std::string_view key)
{
    const auto at = std::ranges::find(partRows, key, &MapPartInfo::key);
    return at == partRows.end() ? std::nullopt : std::optional(static_cast<MapPart>(at - partRows.begin()));
}

std::span<const std::string_view> usualSuccess()
{
    return usualWords;
}

Result<FieldMap> checkedMap(FieldMap map)
{
    map.name = std::string(trim(map.name));
    if (map.name.empty())
        return fail(Code::WrongUsage, "", "A map needs a name.");
    if (map.name.size() > FieldMap::longestName)
        return fail(Code::WrongUsage, "",
                    fmt::format("The name of a map has at most {} bytes.", FieldMap::longestName));
    if (!isValidUtf8(map.name) || hasControl(map.name))
        return fail(Code::WrongUsage, "", "The name of a map must be text on one line.");
    for (auto &field : map.fields) {
        field = std::string(trim(field));
        if (auto ok = checkField(field); !ok)
            return tl::unexpected(ok.error());
    }
    if (map[MapPart::Time].empty())
        return fail(Code::WrongUsage, "", "A map needs the field of the time: --time FIELD.");
    if (map[MapPart::User].empty() && map[MapPart::UserId].empty())
        return fail(Code::WrongUsage, "",
                    "A map needs the field of the user: --user FIELD, --user-id FIELD, or both.");
    if (map[MapPart::Outcome].empty())
        return fail(Code::WrongUsage, "", "A map needs the field of the outcome: --outcome FIELD.");
    for (auto *values : {&map.success, &map.failure})
        if (auto ok = tidy(*values); !ok)
            return tl::unexpected(ok.error());
    for (const auto &value : map.success)
        if (holds(map.failure, value))
            return fail(Code::WrongUsage, "",
                        fmt::format("The outcome \"{}\" cannot be both success and failure.", value));
    if (map.success.empty())
        for (const auto word : usualWords)
            if (holds(map.failure, word))
                return fail(
                    Code::WrongUsage, "",
                    fmt::format("The outcome \"{}\" is a success unless --success names others.", word));
    return map;
}

std::vector<std::string_view> stepsOf(std::string_view field)
{
    auto steps = split(field, '.');
    if (std::ranges::any_of(steps, [](std::string_view step) { return step.empty(); }))
        return {field};
    return steps;
}

std::string argumentsOf(const FieldMap &map)
{
    std::string out = shellWord(map.name);
    for (const auto part : mapParts())
        if (!map[part].empty())
            out += argument(infoOf(part).key, map[part]);
    for (const auto &value : map.success)
        out += argument("success", value);
    for (const auto &value : map.failure)
        out += argument("failure", value);
    return out;
}

} // namespace riskdesk::ingest
