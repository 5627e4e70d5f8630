// OData filter: Graph's $filter as our Filter, for the reports whose rows are Graph's objects.
//
//     riskLevel eq 'high' and not startswith(userPrincipalName,'svc-') and location/countryOrRegion in
//     ('VN','BR')
//
// eq ne gt ge lt le, in, and or not, parentheses; startswith, endswith and contains; null, true and false,
// words of enumerations with or without quotes (also microsoft.graph.riskLevel'high'), numbers, times
// (2026-03-18T14:26:00.1234567Z, or with an offset; a date is its midnight), texts with '' for a quote. What
// follows `not` is one comparison or a pair of parentheses. Letter case matters in the names of properties
// only.
//
// As everywhere in the product, texts are compared without letter case and accents, an empty text and null
// are one, and what is null passes no comparison but `eq null` and `ne`. A time is compared exactly. Beyond
// Graph, an address is also equal to a range it lies in: ipAddress eq '192.0.2.0/24'.
//
// Bounds: 64 KiB, 64 levels, 500 values in all. Any thread; nothing but the returned error fails.
#pragma once

#include "core/query/filter/filter.h"
#include "core/query/odata/odata_error.h"

#include <cstddef>
#include <string_view>

namespace riskdesk::query {

inline constexpr std::size_t longestODataFilter = 64 * 1024;
// More would be deeper than what SQLite takes for one expression.
inline constexpr std::size_t mostODataValues = 500;

[[nodiscard]] ODataResult<Filter> parseODataFilter(Report report, std::string_view text);

} // namespace riskdesk::query
