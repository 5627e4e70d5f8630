// What is read: risky users and their history, risk detections, sign-ins, users.

#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/tables/users.h"
#include "core/serve/collection.h"
#include "core/serve/handlers.h"

namespace riskdesk::serve {
namespace {

using query::Report;

tl::unexpected<GraphError> noSuch(std::string_view what, std::string_view id)
{
    return refuse(404, "ResourceNotFound", fmt::format("There is no {} with the id '{}'.", what, id));
}

// Readers of a page, as listRows() takes them.
template <typename Row, Result<std::vector<Row>> (*Read)(store::Connection &, std::span<const std::int64_t>,
                                                         std::stop_token)>
Result<std::vector<Row>> byIds(store::Connection &connection, const query::Page &page, std::stop_token stop)
{
    return Read(connection, page.ids, std::move(stop));
}

Result<std::vector<query::SignInItem>> signInsOf(store::Connection &connection, const query::Page &page,
                                                 std::stop_token stop)
{
    const std::vector<std::uint32_t> rows(page.ids.begin(), page.ids.end());
    return query::ReadSession::of(connection)
        ->signIns()
        ->read(connection, page.generation, rows, std::move(stop));
}

// By id, or by a name where `byName`; one that is not in the report is not there.
tl::expected<query::RiskyUserRow, GraphError> findRow(const Call &call, std::string_view what)
{
    const auto &id = call.ids.front();
    const auto user = query::findUser(call.connection, id);
    if (!user && user.error().code == Code::NotFound)
        return noSuch(what, id);
    if (!user)
        return tl::unexpected(toGraphError(user.error()));
    const std::int64_t ids[] = {*user};
    auto rows = query::readRiskyUsers(call.connection, ids, call.stop);
    if (!rows)
        return tl::unexpected(toGraphError(rows.error()));
    if (!rows->front().found)
        return noSuch(what, id);
    return std::move(rows->front());
}

bool isRisky(const query::RiskyUserRow &user)
{
    return user.totalDetections > 0 || user.standing.state != RiskState::None ||
           (!user.providerState.empty() && user.providerState != "none");
}

tl::expected<query::RiskyUserRow, GraphError> findRiskyUser(const Call &call)
{
    auto user = findRow(call, "risky user");
    if (user && !isRisky(*user))
        return noSuch("risky user", call.ids.front());
    return user;
}

template <typename Row>
Answer oneRow(const Call &call, Report report, query::Columns<Row> told, std::string_view context,
              const Row &row)
{
    const auto selection = selectionOf(call, report);
    if (!selection)
        return tl::unexpected(selection.error());
    return jsonResponse(call, rowJson(call, told, row, *selection, std::string(context) + "/$entity"));
}

std::string historyContext(const Call &call)
{
    return "identityProtection/riskyUsers('" + percentEncoded(call.ids.front()) + "')/history";
}

} // namespace

Answer listRiskyUsers(const Call &call)
{
    return listRows(call, Report::RiskyUsers, query::riskyUserColumns(), "riskyUsers", 100,
                    byIds<query::RiskyUserRow, query::readRiskyUsers>);
}

Answer getRiskyUser(const Call &call)
{
    const auto user = findRiskyUser(call);
    if (!user)
        return tl::unexpected(user.error());
    return oneRow(call, Report::RiskyUsers, query::riskyUserColumns(), "riskyUsers", *user);
}

// Newest first, unless another order is asked for.
Answer listHistory(const Call &call)
{
    const auto user = findRiskyUser(call);
    if (!user)
        return tl::unexpected(user.error());
    auto ordered = call;
    if (std::ranges::none_of(call.options, [](const auto &option) { return option.first == "$orderby"; }))
        ordered.options.emplace_back("$orderby", "riskLastUpdatedDateTime desc");
    return listRows(ordered, Report::History, query::historyColumns(), historyContext(call), 100,
                    byIds<query::HistoryItem, query::readHistory>,
                    query::Filter::match("user", query::Test::Is, {static_cast<std::int64_t>(user->id)}));
}

Answer getHistoryItem(const Call &call)
{
    const auto user = findRiskyUser(call);
    if (!user)
        return tl::unexpected(user.error());
    const auto ofUser = query::Filter::match("user", query::Test::Is, {static_cast<std::int64_t>(user->id)});
    query::Question question;
    question.report = Report::History;
    question.filter =
        query::Filter::all({ofUser, query::Filter::match("id", query::Test::Is, {call.ids[1]})});
    auto ids = query::readSpine(call.connection, question, call.stop);
    // Graph calls the newest item by the user's own id.
    if (ids && ids->empty() && call.ids[1] == user->key) {
        question.filter = ofUser;
        question.order = {{"riskLastUpdatedDateTime", true}};
        ids = query::readSpine(call.connection, question, call.stop);
    }
    if (!ids)
        return tl::unexpected(toGraphError(ids.error()));
    if (ids->empty())
        return noSuch("history item", call.ids[1]);
    const auto items = query::readHistory(call.connection, std::span(*ids).first(1), call.stop);
    if (!items)
        return tl::unexpected(toGraphError(items.error()));
    return oneRow(call, Report::History, query::historyColumns(), historyContext(call), items->front());
}

Answer listRiskDetections(const Call &call)
{
    return listRows(call, Report::Detections, query::riskDetectionColumns(), "riskDetections", 20,
                    byIds<query::DetectionRow, query::readDetections>);
}

Answer getRiskDetection(const Call &call)
{
    const auto &id = call.ids.front();
    const auto found = query::findDetection(call.connection, id);
    if (!found)
        return found.error().code == Code::NotFound ? noSuch("risk detection", id)
                                                    : tl::unexpected(toGraphError(found.error()));
    const std::int64_t ids[] = {*found};
    const auto rows = query::readDetections(call.connection, ids, call.stop);
    if (!rows)
        return tl::unexpected(toGraphError(rows.error()));
    return oneRow(call, Report::Detections, query::riskDetectionColumns(), "riskDetections", rows->front());
}

Answer listSignIns(const Call &call)
{
    return listRows(call, Report::SignIns, query::signInColumns(), "auditLogs/signIns", 100, signInsOf);
}

Answer getSignIn(const Call &call)
{
    const auto &id = call.ids.front();
    const auto signIns = query::ReadSession::of(call.connection)->signIns();
    const auto found = signIns->find(call.connection, id, call.stop);
    if (!found)
        return found.error().code == Code::NotFound ? noSuch("sign-in", id)
                                                    : tl::unexpected(toGraphError(found.error()));
    const auto rows = signIns->read(call.connection, found->generation, found->rows, call.stop);
    if (!rows)
        return tl::unexpected(toGraphError(rows.error()));
    if (rows->empty())
        return noSuch("sign-in", id);
    return oneRow(call, Report::SignIns, query::signInColumns(), "auditLogs/signIns", rows->front());
}

Answer listUsers(const Call &call)
{
    return listRows(call, Report::Users, query::userColumns(), "users", 100,
                    byIds<query::RiskyUserRow, query::readRiskyUsers>);
}

Answer getUser(const Call &call)
{
    const auto user = findRow(call, "user");
    if (!user)
        return tl::unexpected(user.error());
    return oneRow(call, Report::Users, query::userColumns(), "users", *user);
}

} // namespace riskdesk::serve
