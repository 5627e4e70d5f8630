#include "core/query/odata/property_path.h"

#include <algorithm>

namespace riskdesk::query {
namespace {

std::string replaced(std::string_view text, char from, char to)
{
    std::string out(text);
    std::replace(out.begin(), out.end(), from, to);
    return out;
}

// `can` says whether a column does what is wanted of it; `instead` finds one that does under another name.
template <typename Can, typename Instead>
ODataResult<const Field *> columnThat(Report report, std::string_view option, std::string_view path,
                                      std::size_t position, std::string_view verb, Can can, Instead instead)
{
    const auto property = dotted(path);
    const auto all = columns(report);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Field &f) { return f.property == property; });
    // A dotted path would be no property with a '.', and Graph's are written with '/'.
    if (path.find('.') != std::string_view::npos || (found == all.end() && !isObject(report, path)))
        return tl::unexpected(noSuchProperty(report, option, path, position));
    if (found == all.end())
        return tl::unexpected(ODataError{
            ODataError::Kind::Bad, std::string(option),
            fmt::format("'{}' is an object and cannot be {}; name one of its members.", path, verb), position,
            path.size()});
    if (can(*found))
        return &*found;
    if (const Field *other = instead(property); other != nullptr)
        return other;
    return tl::unexpected(ODataError{ODataError::Kind::Unsupported, std::string(option),
                                     fmt::format("The property '{}' cannot be {}.", path, verb), position,
                                     path.size()});
}

} // namespace

std::string_view typeName(Report report)
{
    switch (report) {
    case Report::RiskyUsers: return "microsoft.graph.riskyUser";
    case Report::Detections: return "microsoft.graph.riskDetection";
    case Report::SignIns: return "microsoft.graph.signIn";
    case Report::Campaigns: return "riskdesk.campaign";
    case Report::Rejects: return "riskdesk.reject";
    case Report::Audit: return "riskdesk.audit";
    case Report::Users: return "microsoft.graph.user";
    case Report::History: return "microsoft.graph.riskyUserHistoryItem";
    }
    return {};
}

std::string dotted(std::string_view path)
{
    return replaced(path, '/', '.');
}

std::string slashed(std::string_view property)
{
    return replaced(property, '.', '/');
}

bool isObject(Report report, std::string_view path)
{
    const auto within = dotted(path) + '.';
    const auto all = columns(report);
    return std::any_of(all.begin(), all.end(),
                       [&](const Field &f) { return f.property.starts_with(within); });
}

ODataError noSuchProperty(Report report, std::string_view option, std::string_view path, std::size_t position)
{
    const auto shown = path.size() > 80 ? std::string(path.substr(0, 80)) + "…" : std::string(path);
    const auto near = nearestProperty(report, dotted(path));
    return {ODataError::Kind::Bad, std::string(option),
            fmt::format("Could not find a property named '{}' on type '{}'.{}", shown, typeName(report),
                        near.empty() ? std::string() : fmt::format(" Did you mean {}?", slashed(near))),
            position, path.size()};
}

ODataResult<const Field *> columnToFilter(Report report, std::string_view path, std::size_t position)
{
    return columnThat(
        report, "$filter", path, position, "filtered by", [](const Field &f) { return !f.sql.empty(); },
        [&](std::string_view name) { return findField(report, name); });
}

ODataResult<const Field *> columnToSort(Report report, std::string_view path, std::size_t position)
{
    return columnThat(
        report, "$orderby", path, position, "sorted by", [](const Field &f) { return !f.sort.first.empty(); },
        [&](std::string_view name) { return findSortable(report, name); });
}

} // namespace riskdesk::query
