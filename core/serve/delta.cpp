// What changed since a client last asked: delta queries of risky users and risk detections.

#include "core/query/changes.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/serve/collection.h"
#include "core/serve/handlers.h"

#include <algorithm>

namespace riskdesk::serve {
namespace {

using query::ChangeToken;
using query::Feed;

// Where the client is; nothing: at the beginning.
tl::expected<std::optional<ChangeToken>, GraphError> placeOf(const Call &call, Feed feed)
{
    for (const auto &[name, value] : call.options) {
        if (name != "$deltatoken" && name != "$skiptoken")
            continue;
        if (name == "$deltatoken" && value == "latest") {
            const auto newest = query::newestChange(call.connection, feed);
            return newest ? tl::expected<std::optional<ChangeToken>, GraphError>(*newest)
                          : tl::unexpected(toGraphError(newest.error()));
        }
        const auto token = ChangeToken::fromText(value, feed);
        if (!token)
            return badRequest(
                fmt::format("Invalid {}: it is none of this list; begin again without it.", name));
        return *token;
    }
    return std::nullopt;
}

// The client keeps what it has of a row that is gone, or passes its filter no more, until it is told so.
std::string removedJson(std::string_view id, std::string_view reason)
{
    return query::JsonObject()
        .text("id", id)
        .raw("@removed", query::JsonObject().text("reason", reason).done())
        .done();
}

template <typename Row, Result<std::vector<Row>> (*Read)(store::Connection &, std::span<const std::int64_t>,
                                                         std::stop_token)>
Answer listChanges(const Call &call, Feed feed, query::Report report, query::Columns<Row> told,
                   std::string_view context)
{
    std::vector<query::ODataOption> options;
    for (const auto &option : call.odata())
        if (option.first == "$orderby" || option.first == "$count")
            return refuse(
                400, "Request_UnsupportedQuery",
                fmt::format("'{}' is not supported here: changes come in their order.", option.first));
        else if (option.first != "$deltatoken" && option.first != "$skiptoken")
            options.push_back(option);
    auto asked = query::parseODataQuery(report, options, boundsOf(call, 200));
    if (!asked)
        return wrongOption(asked.error());
    asked->question.now = call.clock.now();
    auto reading = query::Reading::begin(call.connection, call.stop);
    if (!reading)
        return tl::unexpected(toGraphError(reading.error()));
    const auto since = placeOf(call, feed);
    if (!since)
        return tl::unexpected(since.error());
    const auto changes = query::readChanges(call.connection, feed, *since, asked->top, call.stop);
    if (!changes && changes.error().code == Code::Conflict)
        return refuse(410, "resyncRequired",
                      "The directory was put back to an earlier state; begin again without a token.");
    if (!changes)
        return tl::unexpected(toGraphError(changes.error()));
    std::vector<std::int64_t> there;
    for (const auto &change : changes->rows)
        if (!change.removed)
            there.push_back(change.row);
    const auto matching = query::matchingRows(call.connection, asked->question, there, call.stop);
    if (!matching)
        return tl::unexpected(toGraphError(matching.error()));
    const auto rows = Read(call.connection, *matching, call.stop);
    if (!rows)
        return tl::unexpected(toGraphError(rows.error()));
    std::string value;
    for (const auto &change : changes->rows) {
        const auto at = std::ranges::find(*matching, change.row);
        value += value.empty() ? "" : ",";
        if (change.removed || at == matching->end())
            value += removedJson(change.id, change.removed ? "deleted" : "changed");
        else
            value += rowJson(call, told, (*rows)[static_cast<std::size_t>(at - matching->begin())],
                             asked->selection);
    }
    return jsonResponse(call,
                        fmt::format("{{\"@odata.context\":{},\"value\":[{}],\"{}\":{}}}",
                                    jsonString(call.context(std::string(context) + "/$delta")), value,
                                    changes->more ? "@odata.nextLink" : "@odata.deltaLink",
                                    jsonString(linkWith(call, changes->more ? "$skiptoken" : "$deltatoken",
                                                        changes->next.toText()))));
}

} // namespace

Answer changedRiskyUsers(const Call &call)
{
    return listChanges<query::RiskyUserRow, query::readRiskyUsers>(
        call, Feed::Users, query::Report::RiskyUsers, query::riskyUserColumns(), "riskyUsers");
}

Answer changedRiskDetections(const Call &call)
{
    return listChanges<query::DetectionRow, query::readDetections>(
        call, Feed::Detections, query::Report::Detections, query::riskDetectionColumns(), "riskDetections");
}

} // namespace riskdesk::serve
