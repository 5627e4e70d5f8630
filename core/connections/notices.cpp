#include "core/connections/notices.h"

#include "core/connections/connections.h"
#include "core/connections/reached.h"
#include "core/domain/risk.h"
#include "core/ledger/risk_writer.h"
#include "core/query/json_object.h"
#include "core/store/statement.h"

#include <algorithm>
#include <utility>

namespace riskdesk::run {
namespace {

using namespace std::chrono_literals;
using Kind = connect::Response::Kind;

constexpr int mostAtOnce = 50;
constexpr Microseconds afterFailure = 1min, afterRefusal = 10min;

} // namespace

Notices::Notices(store::Connection &connection, const Clock &clock, dispatch::ConnectorSource open)
    : m_connection(connection)
    , m_clock(clock)
    , m_open(std::move(open))
{}

// One for each user, in the order of the ledger, so that the number told never goes over one that was not.
Result<std::vector<Notices::Due>> Notices::due(std::int64_t told, std::int64_t until, double level)
{
    const auto users = reached(m_connection, {.after = told,
                                              .level = static_cast<RiskLevel>(static_cast<int>(level)),
                                              .until = until,
                                              .atMost = mostAtOnce});
    if (!users)
        return tl::unexpected(users.error());
    std::vector<Due> all;
    for (const auto &user : *users) {
        auto &one = all.emplace_back();
        one.ledger = user.ledger;
        one.userId = user.providerId;
        one.userPrincipalName = user.userPrincipalName.empty() ? user.key : user.userPrincipalName;
        one.payload = query::JsonObject()
                          .text("event", "riskyUser.levelReached")
                          .text("id", one.userId.empty() ? user.key : one.userId)
                          .text("userPrincipalName", one.userPrincipalName)
                          .textOrNull("userDisplayName", user.displayName)
                          .text("riskLevel", toText(user.level))
                          .text("riskState", toText(user.state))
                          .time("riskLastUpdatedDateTime", user.recordedAt)
                          .done();
    }
    return all;
}

// The last event before the first that is not ripe: times need not rise with the numbers of events.
Result<std::int64_t> Notices::lookedUntil(std::int64_t from, Timestamp ripe)
{
    store::Statement row(m_connection,
                         "SELECT coalesce((SELECT min(id) FROM ledger WHERE id > ?1 AND recorded_at > ?2) "
                         "- 1, (SELECT max(id) FROM ledger), ?1)");
    if (!row.bind(from, ripe).step())
        return tl::unexpected(row.error());
    return row.int64(0);
}

Status Notices::tell(const action::ConnectorRow &row, Channel &channel, const Due &due, bool &went)
{
    went = false;
    if (channel.connector == nullptr || channel.settings != row.settings) {
        auto made = m_open(row);
        if (!made) {
            channel.notBefore = m_clock.now() + afterRefusal;
            return toldOf(m_connection, row.id, {}, sentence(made.error()), m_clock.now());
        }
        channel.connector = std::move(*made);
        channel.settings = row.settings;
    }
    connect::Request request;
    request.operation = ProviderOperation::Notify;
    request.key = "notice-" + std::to_string(due.ledger); // the same when it comes twice
    request.userId = due.userId;
    request.userPrincipalName = due.userPrincipalName;
    request.payload = due.payload;
    const auto response = channel.connector->perform(request);
    if (response.done()) {
        went = true;
        return toldOf(m_connection, row.id, due.ledger, {}, m_clock.now());
    }
    channel.connector.reset();
    channel.notBefore =
        m_clock.now() +
        std::max(response.wait.value_or(0us), response.kind == Kind::Refused ? afterRefusal : afterFailure);
    return toldOf(m_connection, row.id, {}, response.sentence, m_clock.now());
}

Result<bool> Notices::step(std::stop_token stop)
{
    auto connections = action::connectors(m_connection);
    if (!connections)
        return tl::unexpected(connections.error());
    bool any = false;
    for (const auto &row : *connections) {
        auto &channel = m_channels[row.id];
        if (!row.active || !has(row.capabilities, ProviderOperation::Notify) ||
            m_clock.now() < channel.notBefore)
            continue;
        const auto told = toldUntil(m_connection, row.id);
        if (!told)
            return tl::unexpected(told.error());
        if (!*told) { // its first moment
            const auto newest = newestLedgerEvent(m_connection);
            if (!newest)
                return tl::unexpected(newest.error());
            if (auto ok = toldOf(m_connection, row.id, *newest, {}, m_clock.now()); !ok)
                return tl::unexpected(ok.error());
            continue;
        }
        const auto level = ledger::storedSetting(m_connection, "connections.noticeLevel", 3);
        if (!level)
            return tl::unexpected(level.error());
        const auto from = std::max(**told, channel.looked);
        const auto until = lookedUntil(from, m_clock.now() - fold);
        if (!until)
            return tl::unexpected(until.error());
        auto all = due(from, *until, *level);
        if (!all)
            return tl::unexpected(all.error());
        if (all->empty()) {
            channel.looked = *until;
            continue;
        }
        for (const auto &one : *all) {
            if (stop.stop_requested())
                return any;
            channel.notBefore = {};
            bool went = false;
            if (auto ok = tell(row, channel, one, went); !ok)
                return tl::unexpected(ok.error());
            if (!went)
                break;
            any = true;
        }
    }
    return any;
}

} // namespace riskdesk::run
