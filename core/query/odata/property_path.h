// Property paths: the names Graph gives to what a report's rows tell, "riskLevel" or
// "location/countryOrRegion". They are the columns' own (tables/column.h); letter case matters, as in Graph.
// Any thread.
#pragma once

#include "core/query/filter/fields.h"
#include "core/query/odata/odata_error.h"

#include <string>
#include <string_view>

namespace riskdesk::query {

// "microsoft.graph.riskyUser"; reports that Graph does not have are called after us.
[[nodiscard]] std::string_view typeName(Report report);

// "location/city" to "location.city" and back.
[[nodiscard]] std::string dotted(std::string_view path);
[[nodiscard]] std::string slashed(std::string_view property);

// Whether it is an object with members of its own.
[[nodiscard]] bool isObject(Report report, std::string_view path);
// "Could not find a property named 'riskLevl' on type 'microsoft.graph.riskyUser'. Did you mean riskLevel?"
[[nodiscard]] ODataError noSuchProperty(Report report, std::string_view option, std::string_view path,
                                        std::size_t position);
// The column of that property, whether it filters or sorts or is only told; "riskType" is Graph's older name
// of riskEventType, which filters and sorts in its place. An object is no column.
[[nodiscard]] ODataResult<const Field *> columnToFilter(Report report, std::string_view path,
                                                        std::size_t position);
[[nodiscard]] ODataResult<const Field *> columnToSort(Report report, std::string_view path,
                                                      std::size_t position);

} // namespace riskdesk::query
