// Collection: a report as Graph lists it: a page of objects, how many there are when asked, and the address
// of the next page while rows remain. All of one answer is one look at the store.
#pragma once

#include "core/query/json_object.h"
#include "core/query/page.h"
#include "core/query/reading.h"
#include "core/query/spine.h"
#include "core/serve/call.h"

#include <string>
#include <string_view>

namespace riskdesk::serve {

// Graph's limits: most rows of a page, and how many there are when nobody says.
inline constexpr std::size_t mostTop = 500;

// The word of a member that came after an enumeration was closed, unless the client knows those.
[[nodiscard]] bool isLaterMember(std::string_view property, std::string_view json);

// The object's members with what goes before them: "{" and whatever `before` writes.
template <typename Row>
[[nodiscard]] std::string rowJson(const Call &call, query::Columns<Row> told, const Row &row,
                                  const query::Selection &selection, std::string_view context = {})
{
    std::vector<query::NamedProperty> properties;
    for (const auto &column : told) {
        if (column.value == nullptr || !selection.has(column.property))
            continue;
        auto value = column.value(row);
        if (!call.prefer.allEnumMembers && isLaterMember(column.property, value.json()))
            value = query::Property("unknownFutureValue");
        properties.push_back({column.property, std::move(value)});
    }
    auto json = query::jsonObject(properties);
    if (context.empty())
        return json;
    auto head = "{\"@odata.context\":" + jsonString(call.context(context));
    return head + (properties.empty() ? "" : ",") + json.substr(1);
}

// This address with other paging: the given option instead of those that say where a page begins.
[[nodiscard]] std::string linkWith(const Call &call, std::string_view option, std::string_view value);

[[nodiscard]] inline query::ODataBounds boundsOf(const Call &call, std::size_t usualTop)
{
    // A place in one list is none in another: the path is part of what binds it.
    return {std::min(call.prefer.page.value_or(usualTop), mostTop), mostTop, call.secret + call.path};
}

// Rows of `report` that pass `always` too. `read` gives them for a page of ids.
template <typename Row, typename Read>
[[nodiscard]] Answer listRows(const Call &call, query::Report report, query::Columns<Row> told,
                              std::string_view context, std::size_t usualTop, Read read,
                              query::Filter always = {})
{
    const auto bounds = boundsOf(call, usualTop);
    auto asked = query::parseODataQuery(report, call.odata(), bounds);
    if (!asked)
        return wrongOption(asked.error());
    asked->question.now = call.clock.now();
    asked->question.filter = query::Filter::all({std::move(always), std::move(asked->question.filter)});
    auto reading = query::Reading::begin(call.connection, call.stop);
    if (!reading)
        return tl::unexpected(toGraphError(reading.error()));
    if (call.counts) {
        const auto count = query::countRows(call.connection, asked->question, call.stop);
        if (!count)
            return tl::unexpected(toGraphError(count.error()));
        return HttpResponse{200, {{"Content-Type", "text/plain"}}, std::to_string(*count)};
    }
    const auto page = query::readPage(call.connection, asked->question, asked->after, asked->top, call.stop);
    if (!page)
        return tl::unexpected(toGraphError(page.error()));
    const auto rows = read(call.connection, *page, call.stop);
    if (!rows)
        return tl::unexpected(toGraphError(rows.error()));
    std::string body = "{\"@odata.context\":" + jsonString(call.context(context));
    if (asked->count) {
        const auto count = query::countRows(call.connection, asked->question, call.stop);
        if (!count)
            return tl::unexpected(toGraphError(count.error()));
        body += ",\"@odata.count\":" + std::to_string(*count);
    }
    body += ",\"value\":[";
    for (const auto &row : *rows) {
        if (&row != rows->data())
            body += ',';
        body += rowJson(call, told, row, asked->selection);
    }
    body += ']';
    if (page->next)
        body += ",\"@odata.nextLink\":" +
                jsonString(linkWith(call, "$skiptoken", asked->skipToken(*page->next, bounds.secret)));
    return jsonResponse(call, body + '}');
}

// A single object takes $select and nothing else.
[[nodiscard]] tl::expected<query::Selection, GraphError> selectionOf(const Call &call, query::Report report);

} // namespace riskdesk::serve
