#include "core/query/odata/odata_query.h"

#include "core/base/text.h"
#include "core/query/odata/odata_filter.h"
#include "core/query/odata/property_path.h"
#include "core/query/odata/skip_token.h"

#include <algorithm>
#include <array>
#include <set>

namespace riskdesk::query {
namespace {

// Far above every name there is.
constexpr std::size_t longestList = 16 * 1024;

tl::unexpected<ODataError> badOption(std::string_view option, std::string sentence, std::size_t position = 0,
                                     std::size_t length = 0, ODataError::Kind kind = ODataError::Kind::Bad)
{
    return tl::unexpected(ODataError{kind, std::string(option), std::move(sentence), position, length});
}

// What a sentence shows of a text that may be anything.
std::string inSentence(std::string_view text)
{
    if (!isValidUtf8(text))
        return "that";
    constexpr std::size_t most = 80;
    if (text.size() <= most)
        return fmt::format("'{}'", text);
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return fmt::format("'{}…'", text.substr(0, end));
}

struct ListItem
{
    std::string_view text; // trimmed
    std::size_t position;
};

ODataResult<std::vector<ListItem>> listItems(std::string_view option, std::string_view text)
{
    if (text.size() > longestList)
        return badOption(option, "It is longer than 16 KiB.");
    if (!isValidUtf8(text))
        return badOption(option, "It is not UTF-8.");
    std::vector<ListItem> items;
    for (const auto part : split(text, ',')) {
        const auto item = trim(part);
        const auto at = static_cast<std::size_t>((item.empty() ? part : item).data() - text.data());
        if (item.empty())
            return badOption(option, "The name of a property is missing.", at, 1);
        items.push_back({item, at});
    }
    return items;
}

ODataResult<std::size_t> readTop(std::string_view text, std::size_t most)
{
    const auto number = toInteger(text);
    if (!number || *number < 1)
        return badOption("$top", fmt::format("{} is no positive number.", inSentence(text)));
    if (static_cast<std::uint64_t>(*number) > most)
        return badOption("$top",
                         fmt::format("{} is more than {}, the most there is on a page.", *number, most));
    return static_cast<std::size_t>(*number);
}

ODataResult<bool> readCount(std::string_view text)
{
    if (equalsIgnoringCase(text, "true"))
        return true;
    if (equalsIgnoringCase(text, "false"))
        return false;
    return badOption("$count", fmt::format("{} is neither true nor false.", inSentence(text)));
}

constexpr std::array knownOptions = {std::string_view("$filter"),    std::string_view("$orderby"),
                                     std::string_view("$select"),    std::string_view("$top"),
                                     std::string_view("$skiptoken"), std::string_view("$count")};
// OData has them and this does not.
constexpr std::array otherOptions = {std::string_view("$expand"),     std::string_view("$search"),
                                     std::string_view("$skip"),       std::string_view("$apply"),
                                     std::string_view("$compute"),    std::string_view("$format"),
                                     std::string_view("$deltatoken"), std::string_view("$levels")};

std::optional<ODataError> wrongName(std::span<const ODataOption> options)
{
    std::set<std::string_view> seen;
    for (const auto &[name, value] : options) {
        if (!name.starts_with('$'))
            continue;
        const auto isName = [name = name](std::string_view known) { return known == name; };
        if (std::any_of(otherOptions.begin(), otherOptions.end(), isName))
            return ODataError{ODataError::Kind::Unsupported, std::string(name),
                              fmt::format("The query option '{}' is not supported.", name), 0, 0};
        if (std::none_of(knownOptions.begin(), knownOptions.end(), isName))
            return ODataError{ODataError::Kind::Bad, "query option",
                              fmt::format("There is no query option {}.", inSentence(name)), 0, 0};
        if (!seen.insert(name).second)
            return ODataError{ODataError::Kind::Bad, std::string(name), "It is given twice.", 0, 0};
    }
    return std::nullopt;
}

} // namespace

bool Selection::has(std::string_view property) const
{
    return properties.empty() ||
           std::any_of(properties.begin(), properties.end(), [&](const std::string &selected) {
               return property == selected ||
                      (property.size() > selected.size() && property.starts_with(selected) &&
                       property[selected.size()] == '.');
           });
}

std::string ODataQuery::skipToken(const Position &next, std::string_view secret) const
{
    return encodeSkipToken(next, asked, secret);
}

ODataResult<std::vector<SortKey>> parseOrderBy(Report report, std::string_view text)
{
    const auto items = listItems("$orderby", text);
    if (!items)
        return tl::unexpected(items.error());
    if (items->size() > mostSortKeys)
        return badOption("$orderby", fmt::format("It has more than {} properties.", mostSortKeys));
    std::vector<SortKey> order;
    for (const auto &item : *items) {
        const auto blank = item.text.find_first_of(" \t");
        const auto path = item.text.substr(0, blank);
        const auto direction = blank == std::string_view::npos ? "" : trim(item.text.substr(blank));
        const bool descending = equalsIgnoringCase(direction, "desc");
        if (!direction.empty() && !descending && !equalsIgnoringCase(direction, "asc"))
            return badOption(
                "$orderby",
                fmt::format("'asc', 'desc' or a ',' is expected instead of {}.", inSentence(direction)),
                item.position + static_cast<std::size_t>(direction.data() - item.text.data()),
                direction.size());
        const auto column = columnToSort(report, path, item.position);
        if (!column)
            return tl::unexpected(column.error());
        order.push_back({std::string((*column)->name), descending});
    }
    return order;
}

ODataResult<Selection> parseSelect(Report report, std::string_view text)
{
    const auto items = listItems("$select", text);
    if (!items)
        return tl::unexpected(items.error());
    Selection selection;
    bool all = false;
    for (const auto &[path, position] : *items) {
        if (path == "*") {
            all = true;
            continue;
        }
        const auto property = dotted(path);
        const auto known = columns(report);
        const bool exists =
            path.find('.') == std::string_view::npos &&
            (isObject(report, path) ||
             std::any_of(known.begin(), known.end(), [&](const Field &f) { return f.property == property; }));
        if (!exists)
            return tl::unexpected(noSuchProperty(report, "$select", path, position));
        selection.properties.push_back(property);
    }
    if (all)
        selection.properties.clear();
    return selection;
}

ODataResult<ODataQuery> parseODataQuery(Report report, std::span<const ODataOption> options,
                                        const ODataBounds &bounds)
{
    if (auto wrong = wrongName(options))
        return tl::unexpected(std::move(*wrong));
    const auto valueOf = [&](std::string_view name) -> std::optional<std::string_view> {
        for (const auto &[known, value] : options)
            if (known == name)
                return value;
        return std::nullopt;
    };
    ODataQuery query;
    query.question.report = report;
    query.top = bounds.usualTop;
    query.asked = typeName(report);
    for (const auto *name : {"$filter", "$orderby"}) // behind their lengths: no two askings read the same
        query.asked += fmt::format(" {} {}", valueOf(name).value_or("").size(), valueOf(name).value_or(""));
    if (const auto text = valueOf("$filter")) {
        auto filter = parseODataFilter(report, *text);
        if (!filter)
            return tl::unexpected(std::move(filter.error()));
        query.question.filter = std::move(*filter);
    }
    if (const auto text = valueOf("$orderby")) {
        auto order = parseOrderBy(report, *text);
        if (!order)
            return tl::unexpected(std::move(order.error()));
        query.question.order = std::move(*order);
    }
    if (const auto text = valueOf("$select")) {
        auto selection = parseSelect(report, *text);
        if (!selection)
            return tl::unexpected(std::move(selection.error()));
        query.selection = std::move(*selection);
    }
    if (const auto text = valueOf("$top")) {
        const auto top = readTop(*text, bounds.mostTop);
        if (!top)
            return tl::unexpected(top.error());
        query.top = *top;
    }
    if (const auto text = valueOf("$count")) {
        const auto count = readCount(*text);
        if (!count)
            return tl::unexpected(count.error());
        query.count = *count;
    }
    if (const auto text = valueOf("$skiptoken")) {
        query.after = decodeSkipToken(*text, query.asked, bounds.secret);
        if (!query.after)
            return badOption(
                "$skiptoken",
                "It was altered, or it continues a list with another filter or order; begin again.");
    }
    return query;
}

} // namespace riskdesk::query
