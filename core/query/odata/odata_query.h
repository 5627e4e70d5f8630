// OData query: the query options of Microsoft Graph as values. $filter and $orderby become a Question,
// $select a list of properties, $top the length of a page, $skiptoken its place, $count whether the number of
// all rows is told. The server and the command line call it; options are decoded texts without '%' or '+'.
//
//     auto asked = parseODataQuery(Report::RiskyUsers, {{"$filter", "riskLevel eq 'high'"}, {"$top", "50"}},
//     bounds); auto page = readPage(connection, asked->question, asked->after, asked->top); if (page->next)
//         link = asked->skipToken(*page->next, bounds.secret);
//
// The first thing that is wrong is the error. An option that begins with '$' and is not one of these is one,
// and so is an option that is given twice; others are none of our business. Any thread.
#pragma once

#include "core/query/odata/odata_error.h"
#include "core/query/page.h"
#include "core/query/report.h"
#include "core/query/tables/column.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::query {

// What is told of a row.
struct Selection
{
    std::vector<std::string> properties; // dotted, an object stands for its members; empty: all

    [[nodiscard]] bool has(std::string_view property) const;
};

// The row as one JSON object with the selected properties, in the table's order.
template <typename Row>
[[nodiscard]] std::string json(Columns<Row> columns, const Row &row, const Selection &selection)
{
    std::vector<NamedProperty> properties;
    for (const auto &column : columns)
        if (column.value != nullptr && selection.has(column.property))
            properties.push_back({column.property, column.value(row)});
    return jsonObject(properties);
}

struct ODataBounds
{
    std::size_t usualTop = 100, mostTop = 500;
    std::string secret{}; // of skip tokens (skip_token.h)
};

struct ODataQuery
{
    Question question; // its period is the caller's
    Selection selection;
    std::size_t top = 0;
    bool count = false;            // how many rows there are, whatever the page
    std::optional<Position> after; // the end of the page before
    std::string asked;             // what a skip token holds for: report, filter and order

    [[nodiscard]] std::string skipToken(const Position &next, std::string_view secret) const;
};

inline constexpr std::size_t mostSortKeys = 16;

using ODataOption = std::pair<std::string_view, std::string_view>;
[[nodiscard]] ODataResult<ODataQuery> parseODataQuery(Report report, std::span<const ODataOption> options,
                                                      const ODataBounds &bounds);

// $orderby and $select alone.
[[nodiscard]] ODataResult<std::vector<SortKey>> parseOrderBy(Report report, std::string_view text);
[[nodiscard]] ODataResult<Selection> parseSelect(Report report, std::string_view text);

} // namespace riskdesk::query
