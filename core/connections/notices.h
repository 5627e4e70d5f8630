// Notices: tells every connection that wants to know (a webhook) when the risk of a user reaches a level, whoever or
// whatever raised it. Driven by the courier.
//
// What was told is a number of the ledger kept with the connection, and moves when the receiver has taken it: a notice
// may come twice after a crash, with the same id, and none is lost while nobody carries. A connection is told from its
// first moment on. What happens to one user within a few seconds is one notice. On the connection's thread.
#pragma once

#include "core/action/outbox.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/dispatch/dispatcher.h"
#include "core/store/connection.h"

#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace riskdesk::run {

class Notices
{
public:
    static constexpr Microseconds fold = std::chrono::seconds(5); // what is younger is left for the next step

    Notices(store::Connection &connection, const Clock &clock, dispatch::ConnectorSource open);
    // Tells what is due, some at a time. Returns whether something was told. What a receiver refuses or does not answer
    // stands with the connection, and is told again after a pause. Errors: the store's.
    [[nodiscard]] Result<bool> step(std::stop_token stop = {});

private:
    struct Channel
    {
        std::unique_ptr<connect::Connector> connector;
        std::string settings; // it was opened with
        Timestamp notBefore;
        std::int64_t looked = 0; // the ledger until here holds nothing to tell; it is not read again
    };
    struct Due
    {
        std::int64_t ledger = 0; // the newest of its user
        std::string payload, userId, userPrincipalName;
    };
    [[nodiscard]] Result<std::vector<Due>> due(std::int64_t told, std::int64_t until, double level);
    // The last event before the first that is younger than `ripe`.
    [[nodiscard]] Result<std::int64_t> lookedUntil(std::int64_t from, Timestamp ripe);
    [[nodiscard]] Status tell(const action::ConnectorRow &row, Channel &channel, const Due &due, bool &went);

    store::Connection &m_connection;
    const Clock &m_clock;
    dispatch::ConnectorSource m_open;
    std::map<std::int64_t, Channel> m_channels;
};

} // namespace riskdesk::run
