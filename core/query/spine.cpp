#include "core/query/spine.h"

#include "core/query/filter/fields.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::query {
namespace {

constexpr std::int64_t day = std::int64_t{24} * 3600 * 1'000'000;

} // namespace

Result<std::vector<std::int64_t>> readSpine(store::Connection &connection, const Question &question,
                                            std::stop_token stop)
{
    if (question.report == Report::SignIns || question.report == Report::Campaigns)
        return fail(Code::WrongUsage, "report", "sign-ins and campaigns have no spine of numbers");
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto sql = fromWhere(question);
    if (!sql)
        return tl::unexpected(sql.error());
    const auto order = orderBy(question.report, question.order);
    if (!order)
        return tl::unexpected(order.error());
    store::Statement rows(connection,
                          fmt::format("SELECT {} {} {}", source(question.report).id, sql->text, *order));
    sql->bindTo(rows);
    std::vector<std::int64_t> ids;
    while (rows.step())
        ids.push_back(rows.int64(0));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return ids;
}

Result<std::int64_t> countRows(store::Connection &connection, const Question &question, std::stop_token stop,
                               std::int64_t atMost)
{
    if (question.report == Report::SignIns) {
        const auto all = ReadSession::of(connection)->signIns();
        auto unordered = question;
        unordered.order.clear();
        const auto spine = all->first(connection, unordered, 0, std::move(stop));
        if (!spine)
            return tl::unexpected(spine.error());
        return static_cast<std::int64_t>(spine->matching);
    }
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto sql = fromWhere(question);
    if (!sql)
        return tl::unexpected(sql.error());
    // SQLite leaves out the tables that a row is only joined to and that the filter does not ask, but not where it
    // counts; the limit keeps the rows from becoming part of the counting.
    store::Statement rows(connection, fmt::format("SELECT count(*) FROM (SELECT 1 {} LIMIT {})", sql->text,
                                                  atMost > 0 ? atMost : -1));
    sql->bindTo(rows);
    if (!rows.step())
        return tl::unexpected(rows.error());
    return rows.int64(0);
}

Result<ReferenceNow> referenceNow(store::Connection &connection, Timestamp clock)
{
    store::Statement newest(connection, "SELECT max((SELECT coalesce(max(t1), -1) FROM segment), "
                                        "(SELECT coalesce(max(last_sign_in), -1) FROM user))");
    if (!newest.step())
        return tl::unexpected(newest.error());
    const Timestamp last = newest.time(0);
    if (last.us > 0 && clock.us - last.us > 7 * day)
        return ReferenceNow{last, true};
    return ReferenceNow{clock, false};
}

Period lastDays(Timestamp now, int days)
{
    if (days <= 0)
        return {};
    return {Timestamp{now.us - days * day}, std::nullopt};
}

} // namespace riskdesk::query
