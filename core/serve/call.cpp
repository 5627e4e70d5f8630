#include "core/serve/call.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace riskdesk::serve {

Preferences Preferences::parse(std::string_view header)
{
    Preferences preferences;
    for (const auto part : split(header, ',')) {
        const auto preference = trim(part.substr(0, part.find(';')));
        if (equalsIgnoringCase(preference, "include-unknown-enum-members"))
            preferences.allEnumMembers = true;
        else if (equalsIgnoringCase(preference, "return=representation"))
            preferences.representation = true;
        for (const std::string_view name : {"odata.maxpagesize=", "maxpagesize="})
            if (preference.size() > name.size() &&
                equalsIgnoringCase(preference.substr(0, name.size()), name))
                if (const auto size = toInteger(preference.substr(name.size())); size && *size > 0)
                    preferences.page = static_cast<std::size_t>(*size);
    }
    return preferences;
}

std::string Preferences::applied() const
{
    std::string out;
    const auto add = [&out](std::string_view text) { (out += out.empty() ? "" : ", ") += text; };
    if (allEnumMembers)
        add("include-unknown-enum-members");
    if (representation)
        add("return=representation");
    if (page)
        add(fmt::format("odata.maxpagesize={}", *page));
    return out;
}

std::vector<query::ODataOption> Call::odata() const
{
    std::vector<query::ODataOption> out;
    for (const auto &[name, value] : options)
        if (name.starts_with('$'))
            out.emplace_back(name, value);
    return out;
}

HttpResponse jsonResponse(const Call &call, std::string body, int status)
{
    HttpResponse response{status, {}, std::move(body)};
    response.headers.emplace_back(
        "Content-Type", "application/json;odata.metadata=minimal;odata.streaming=false;charset=utf-8");
    response.headers.emplace_back("OData-Version", "4.0");
    if (auto applied = call.prefer.applied(); !applied.empty())
        response.headers.emplace_back("Preference-Applied", std::move(applied));
    return response;
}

tl::unexpected<GraphError> wrongOption(const query::ODataError &error)
{
    return refuse(400, error.code(), error.message());
}

} // namespace riskdesk::serve
