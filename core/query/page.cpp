#include "core/query/page.h"

#include "core/query/filter/fields.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <utility>

namespace riskdesk::query {
namespace {

SqlText withValue(std::string sql, const Position::Value &value)
{
    SqlText text{std::move(sql), {}};
    std::visit(
        [&text]<typename T>(const T &v) {
            if constexpr (!std::is_same_v<T, std::monostate>)
                text.add(v);
        },
        value);
    return text;
}

// Rows whose term stands behind the value. NULL comes before everything, and last when descending.
SqlText behind(const SortTerm &term, const Position::Value &value)
{
    if (std::holds_alternative<std::monostate>(value))
        return {term.descending ? "0" : fmt::format("{} IS NOT NULL", term.sql), {}};
    return withValue(term.descending ? fmt::format("({0} < ? OR {0} IS NULL)", term.sql)
                                     : fmt::format("{} > ?", term.sql),
                     value);
}

// "t1 > ? OR (t1 IS ? AND (t2 > ? OR …))", ending in the id.
SqlText behind(const std::vector<SortTerm> &terms, const Position &position)
{
    auto sql = behind(terms.back(), position.id);
    for (auto i = position.values.size(); i-- > 0;) {
        const auto &value = position.values[i];
        auto longer = behind(terms[i], value);
        const bool isNull = std::holds_alternative<std::monostate>(value);
        auto same = withValue(fmt::format("{} IS {}", terms[i].sql, isNull ? "NULL" : "?"), value);
        longer += " OR (";
        longer += same;
        longer += " AND (";
        longer += sql;
        longer += "))";
        sql = std::move(longer);
    }
    return sql;
}

Position::Value valueAt(const store::Statement &row, int column)
{
    const auto type = row.text(column);
    if (type == "integer")
        return row.int64(column + 1);
    if (type == "real")
        return row.real(column + 1);
    if (type == "text")
        return row.string(column + 1);
    if (type == "blob") {
        const auto bytes = row.blob(column + 1);
        return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
    }
    return std::monostate{};
}

} // namespace

Result<Page> readPage(store::Connection &connection, const Question &question,
                      const std::optional<Position> &after, std::size_t atMost, std::stop_token stop)
{
    if (question.report == Report::SignIns)
        return ReadSession::of(connection)
            ->signIns()
            ->page(connection, question, after, atMost, std::move(stop));
    if (question.report == Report::Campaigns)
        return fail(Code::WrongUsage, "report", "campaigns are read whole");
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto where = fromWhere(question);
    if (!where)
        return tl::unexpected(where.error());
    const auto terms = sortTerms(question.report, question.order);
    if (!terms)
        return tl::unexpected(terms.error());
    const auto order = orderBy(question.report, question.order);
    if (!order)
        return tl::unexpected(order.error());

    SqlText sql{fmt::format("SELECT {}", terms->back().sql), {}};
    for (std::size_t i = 0; i + 1 < terms->size(); ++i)
        sql += fmt::format(", typeof({0}), {0}", (*terms)[i].sql);
    sql += " ";
    sql += *where;
    if (after) {
        if (after->values.size() + 1 != terms->size())
            return fail(Code::WrongUsage, "page", "it ended in another order");
        sql += " AND (";
        sql += behind(*terms, *after);
        sql += ")";
    }
    // One more than asked for tells whether there is another page.
    sql += fmt::format(" {} LIMIT {}", *order, atMost + 1);
    store::Statement rows(connection, sql.text);
    sql.bindTo(rows);
    Page page;
    Position last;
    while (rows.step()) {
        if (page.ids.size() == atMost) {
            if (atMost > 0)
                page.next = std::move(last);
            break;
        }
        page.ids.push_back(rows.int64(0));
        if (page.ids.size() < atMost)
            continue;
        last.id = page.ids.back();
        for (std::size_t i = 0; i + 1 < terms->size(); ++i)
            last.values.push_back(valueAt(rows, 1 + 2 * static_cast<int>(i)));
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return page;
}

} // namespace riskdesk::query
