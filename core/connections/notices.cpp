#include "core/connections/notices.h"

#include "core/connections/connections.h"
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

// One for each user, in the order of the ledger.
Result<std::vector<Notices::Due>> Notices::due(std::int64_t told, double level, Timestamp ripe)
{
    store::Statement row(
        m_connection, "SELECT l.id, l.user, l.to_level, l.to_state, l.recorded_at, u.provider_id, u.upn, "
                      "u.display_name, u.key FROM ledger l JOIN user u ON u.id = l.user WHERE l.id > ?1 AND "
                      "l.to_level >= ?2 AND l.from_level < ?2 AND l.to_state >= 4 AND l.recorded_at <= ?3 "
                      "ORDER BY l.id LIMIT ?4");
    row.bind(told, static_cast<std::int64_t>(level), ripe, mostAtOnce);
    std::vector<Due> all;
    std::map<std::int64_t, std::size_t> ofUser;
    while (row.step()) {
        const auto [at, isNew] = ofUser.try_emplace(row.int64(1), all.size());
        if (isNew)
            all.push_back({});
        auto &one = all[at->second];
        one.ledger = row.int64(0);
        one.userId = row.string(5);
        one.userPrincipalName = row.text(6).empty() ? row.string(8) : row.string(6);
        one.payload = query::JsonObject()
                          .text("event", "riskyUser.levelReached")
                          .text("id", one.userId.empty() ? row.text(8) : std::string_view(one.userId))
                          .text("userPrincipalName", one.userPrincipalName)
                          .textOrNull("userDisplayName", row.text(7))
                          .text("riskLevel", toText(row.as<RiskLevel>(2)))
                          .text("riskState", toText(row.as<RiskState>(3)))
                          .time("riskLastUpdatedDateTime", row.time(4))
                          .done();
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

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
            store::Statement newest(m_connection, "SELECT coalesce(max(id), 0) FROM ledger");
            if (!newest.step())
                return tl::unexpected(newest.error());
            const auto id = newest.int64(0);
            newest.reset();
            if (auto ok = toldOf(m_connection, row.id, id, {}, m_clock.now()); !ok)
                return tl::unexpected(ok.error());
            continue;
        }
        const auto level = ledger::storedSetting(m_connection, "connections.noticeLevel", 3);
        if (!level)
            return tl::unexpected(level.error());
        const auto from = std::max(**told, channel.looked);
        // One time for both: what ripens between two looks at the clock would be passed over.
        const Timestamp ripe = m_clock.now() - fold;
        auto all = due(from, *level, ripe);
        if (!all)
            return tl::unexpected(all.error());
        if (all->empty()) {
            const auto until = lookedUntil(from, ripe);
            if (!until)
                return tl::unexpected(until.error());
            channel.looked = *until;
            continue;
        }
        // In the order of what is newest of each, so that the number told never goes back over one that was not.
        std::ranges::sort(*all, {}, &Due::ledger);
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
