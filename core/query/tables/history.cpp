#include "core/query/tables/history.h"

#include "core/query/filter/fields.h"
#include "core/query/reading.h"
#include "core/query/tables/enumerations.h"
#include "core/store/row_reader.h"

#include <fmt/format.h>

namespace riskdesk::query {
namespace {

using H = const HistoryItem &;
using Item = Column<HistoryItem>;
using store::into;

// .NET ticks, 100 ns since 0001-01-01, as Graph has them. We keep microseconds: of changes in the same one
// the last digit tells the order, else two items would have one id.
constexpr std::string_view itemId =
    "(u.key || (l.at * 10 + 621355968000000000 + (SELECT count(*) FROM ledger b WHERE b.user = l.user"
    " AND b.id < l.id AND b.at = l.at)))";

// clang-format off
const store::RowReader<HistoryItem> &historyReader()
{
    static const store::RowReader<HistoryItem> parts{
        {itemId, into<&HistoryItem::id>},
        {"l.id", into<&HistoryItem::event, &LedgerEvent::id>},
        {"l.at", into<&HistoryItem::event, &LedgerEvent::at>},
        {"l.recorded_at", into<&HistoryItem::event, &LedgerEvent::recordedAt>},
        {"l.user", into<&HistoryItem::event, &LedgerEvent::user>},
        {"l.kind", into<&HistoryItem::event, &LedgerEvent::kind>},
        {"l.detection", into<&HistoryItem::event, &LedgerEvent::detection>},
        {"l.sign_in", into<&HistoryItem::event, &LedgerEvent::signIn>},
        {"l.to_level", into<&HistoryItem::event, &LedgerEvent::to, &RiskStanding::level>},
        {"l.to_state", into<&HistoryItem::event, &LedgerEvent::to, &RiskStanding::state>},
        {"l.to_detail", into<&HistoryItem::event, &LedgerEvent::to, &RiskStanding::detail>},
        {"l.actor", into<&HistoryItem::event, &LedgerEvent::actor>},
        {"l.reason", into<&HistoryItem::event, &LedgerEvent::reason>},
        {"l.note", into<&HistoryItem::event, &LedgerEvent::note>},
        {"coalesce(d.type_text, w.type_text, '')", into<&HistoryItem::detectionType>},
        {"u.key", into<&HistoryItem::userKey>},
        {"u.display_name", into<&HistoryItem::displayName>},
        {"u.upn", into<&HistoryItem::userPrincipalName>},
        {"u.is_deleted", into<&HistoryItem::isDeleted>},
        {"coalesce((SELECT r.is_processing FROM user_risk r WHERE r.user = l.user), 0)", into<&HistoryItem::isProcessing>},
    };
    return parts;
}

} // namespace

Columns<HistoryItem> historyColumns()
{
    static const std::vector<Item> table{
        Item("id").exact(itemId).means("The id of this item.").told([](H h) -> Property { return h.id; }),
        Item("isDeleted").also("deleted").oneOf(deleted(), "u.is_deleted").means("Whether the user was deleted.").told([](H h) -> Property { return h.isDeleted; }),
        Item("isProcessing").means("Whether an action is on its way to the identity provider.").told([](H h) -> Property { return h.isProcessing; }),
        Item("riskLevel").also("level").ranked(levels(), "l.to_level").sorts().means("The user's risk level after the change.").told([](H h) -> Property { return toText(h.event.to.level); }),
        Item("riskState").also("state").oneOf(states(), "l.to_state").sorts().means("The user's risk state after the change.").told([](H h) -> Property { return toText(h.event.to.state); }),
        Item("riskDetail").also("detail").oneOf(details(), "l.to_detail").sorts().means("What led to the state.").told([](H h) -> Property { return toText(h.event.to.detail); }),
        Item("riskLastUpdatedDateTime").also("updated|time").time("l.at").sorts().means("When it happened.").told([](H h) -> Property { return h.event.at; }),
        Item("userDisplayName").also("name").text("u.display_name").sorts("rd_fold(u.display_name)", Empty::Last).means("The user's name.").told([](H h) -> Property { return Property::orNull(h.displayName); }),
        Item("userPrincipalName").also("upn").text("u.upn").sorts("rd_fold(u.upn)", Empty::Last).means("The name used to sign in.").told([](H h) -> Property { return Property::orNull(h.userPrincipalName); }),
        Item("user").number("l.user").means("The number of the user in this directory."),
        Item("userId").text("u.key").sorts().means("The provider's id of the user.").told([](H h) -> Property { return h.userKey; }),
        Item("initiatedBy").also("by|actor").text("l.actor").sorts("rd_fold(l.actor)", Empty::Last).means("Who did it; nobody where Riskdesk did.").told([](H h) -> Property { return Property::orNull(h.event.actor); }),
        Item("riskEventTypes").means("The detection that led to the change.").told("activity.riskEventTypes", [](H h) -> Property { return h.detectionType.empty() ? std::vector<std::string>() : std::vector<std::string>{h.detectionType}; }),
        Item("activityDetail").means("What led to the state.").told("activity.detail", [](H h) -> Property { return toText(h.event.to.detail); }),
    };
    return table;
}
// clang-format on

Result<std::vector<HistoryItem>> readHistory(store::Connection &connection, std::span<const std::int64_t> ids,
                                             std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection, fmt::format("SELECT {} FROM {} WHERE l.id = ?1",
                                                 historyReader().columns(), source(Report::History).from));
    std::vector<HistoryItem> items;
    items.reserve(ids.size());
    for (const auto id : ids) {
        auto &item = items.emplace_back();
        if (row.bind(id).step())
            historyReader().read(row, item);
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return items;
}

} // namespace riskdesk::query
