// Filter to SQL: a WHERE clause with a '?' for each value, and the values. What a person typed is only ever
// bound. Code::WrongUsage for a field the report does not have, a test its kind does not know, a tree deeper
// than 64 or more than 10,000 values.
#pragma once

#include "core/base/result.h"
#include "core/query/filter/filter.h"
#include "core/query/report.h"
#include "core/store/statement.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace riskdesk::query {

using SqlValue = std::variant<std::int64_t, double, std::string, std::vector<std::uint8_t>>;

struct SqlText
{
    std::string text;
    std::vector<SqlValue> values;

    SqlText &operator+=(std::string_view more)
    {
        text += more;
        return *this;
    }
    SqlText &operator+=(const SqlText &more);
    void add(SqlValue value) { values.push_back(std::move(value)); } // for a '?' just written
    // Binds from ?1 on.
    void bindTo(store::Statement &statement) const;
};

[[nodiscard]] Result<SqlText> filterSql(Report report, const Filter &filter, Timestamp now);
// "FROM … WHERE …": filter, period and the report's standing condition.
[[nodiscard]] Result<SqlText> fromWhere(const Question &question);
// What a list is sorted by, in SQL.
struct SortTerm
{
    std::string sql;
    bool descending = false;
};
// Ending in the id. Code::WrongUsage for a column that cannot sort.
[[nodiscard]] Result<std::vector<SortTerm>> sortTerms(Report report, const std::vector<SortKey> &order);
// "ORDER BY …", ending in the id. Code::WrongUsage for a column that cannot sort.
[[nodiscard]] Result<std::string> orderBy(Report report, const std::vector<SortKey> &order);

} // namespace riskdesk::query
