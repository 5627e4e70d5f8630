#include "core/serve/collection.h"

#include "core/domain/risk.h"

namespace riskdesk::serve {

bool isLaterMember(std::string_view property, std::string_view json)
{
    if (property != "riskDetail" && property != "activity.detail")
        return false;
    for (const auto later : {RiskDetail::AdminDismissedRiskForSignIn, RiskDetail::AdminConfirmedAccountSafe})
        if (json.size() > 2 && json.substr(1, json.size() - 2) == toText(later))
            return true;
    return false;
}

std::string linkWith(const Call &call, std::string_view option, std::string_view value)
{
    std::string link = call.root + call.path;
    char separator = '?';
    const auto add = [&](std::string_view name, std::string_view text) {
        link += separator;
        link += name.starts_with('$') ? '$' + percentEncoded(name.substr(1)) : percentEncoded(name);
        (link += '=') += percentEncoded(text);
        separator = '&';
    };
    for (const auto &[name, text] : call.options)
        if (name != "$skiptoken" && name != "$deltatoken")
            add(name, text);
    add(option, value);
    return link;
}

tl::expected<query::Selection, GraphError> selectionOf(const Call &call, query::Report report)
{
    for (const auto &[name, value] : call.odata())
        if (name != "$select")
            return refuse(400, "Request_UnsupportedQuery",
                          fmt::format("'{}' means nothing for a single object; '$select' does.", name));
    auto asked = query::parseODataQuery(report, call.odata(), {});
    if (!asked)
        return wrongOption(asked.error());
    return std::move(asked->selection);
}

} // namespace riskdesk::serve
