// Dispatcher: carries what is due in the outbox to the provider, one row at a time, and writes back what came
// of it.
//
//     auto lease = store::ImportLease::take(connection, "riskdeskctl", Dispatcher::leaseName);
//     Dispatcher dispatcher(connection, clock, std::move(*lease), open, {.uniform = draw});
//     while (!stop.stop_requested()) {
//         auto step = dispatcher.step(stop);   // sends at most one row
//         … sleep until step->next …
//     }
//
// The order of writes is what survives a kill -9 at any point: the row becomes Sending, in a transaction of
// its own, before the first byte goes out; only then the provider is asked; only its response moves the row
// on. A row found in Sending belongs to a process that died. It is not sent again before the provider was
// read back: what took effect is settled as done, what did not is sent again, and what nobody can tell fails
// with that sentence. A reset says "passwordLost" from the moment it is done until its password was shown.
// Holding the lease is a precondition; it is beaten before every call and, by a thread that has the connection
// meanwhile, while the provider is waited for. Who loses it all the same (a machine that slept) finds its row gone on
// with: then it writes nothing and shows no password, as the row and another password may be another process's.
//
// What a whole connector refuses (a secret that has expired, a certificate that is not trusted) is said of no single row:
// all of them wait until somebody changes the connection (ConnectorRow::revision), or for `longestWait`.
//
// Times between attempts: base · 2^(attempt-1), at most `longestWait`, of which a random half is waited
// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015: equal jitter); never less than what
// the provider asked for. One thread, one writing connection.
#pragma once

#include "core/action/outbox.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/connector.h"
#include "core/store/lease.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::dispatch {

// What became of one row, as it is written. `password` is there when a reset was done, this once.
struct Settled
{
    action::OutboxRow row;
    OutboxState state = OutboxState::Done;
    std::string code, sentence;
    const connect::Secret *password = nullptr;
    bool held = false; // waits because the whole connection is refused, and all others with it
};

using ConnectorSource =
    std::function<Result<std::unique_ptr<connect::Connector>>(const action::ConnectorRow &)>;

struct DispatcherOptions
{
    std::function<double()> uniform; // [0, 1); a test gives a seeded one
    std::function<void(const Settled &)> settled;
    double requestsPerSecond = 4;
    std::uint32_t mostAttempts = 10;
    Microseconds base = std::chrono::seconds(2);
    Microseconds longestWait = std::chrono::minutes(10);
    std::chrono::milliseconds beat =
        std::chrono::seconds(10); // of the lease, while the provider is waited for
};

struct Step
{
    bool worked = false;           // a row was looked at
    std::optional<Timestamp> next; // when there is something to do again; empty: nothing waits
};

class Dispatcher
{
public:
    static constexpr std::string_view leaseName = action::dispatchLease;

    Dispatcher(store::Connection &connection, const Clock &clock, store::ImportLease lease,
               ConnectorSource open, DispatcherOptions options);

    // Errors: the store's, and Code::Conflict when the lease was lost; what was sent stays written.
    [[nodiscard]] Result<Step> step(std::stop_token stop = {});

private:
    struct Channel // to one connector
    {
        std::unique_ptr<connect::Connector> connector; // none: to be opened, again after it all failed
        std::int64_t revision = 0;                     // of the connection, when it was opened
        Timestamp notBefore;                           // rate, or what the provider asked for
    };
    [[nodiscard]] Result<Channel *> channel(std::int64_t connector);
    [[nodiscard]] Status send(const action::OutboxRow &row, Channel &channel);
    [[nodiscard]] Status recover(const action::OutboxRow &row, Channel &channel,
                                 const connect::Secret *password);
    [[nodiscard]] Status conclude(const action::OutboxRow &row, Channel &channel,
                                  const connect::Response &response, std::uint32_t attempts,
                                  const connect::Secret *password);
    [[nodiscard]] Status write(const action::OutboxRow &row, OutboxState state,
                               const connect::Response &response, std::optional<Timestamp> dueAt = {},
                               const connect::Secret *password = nullptr, std::uint32_t attempts = 0);
    // Calls the connector with the lease being beaten. It alone may be used meanwhile.
    template <typename Call>
    [[nodiscard]] connect::Response whileBeating(const Call &call);
    [[nodiscard]] Microseconds waitAfter(std::uint32_t attempts, const std::optional<Microseconds> &asked);
    void spend(Channel &channel) const;
    void rest(Channel &channel, Microseconds wait) const; // nothing gets through; opened anew afterwards
    [[nodiscard]] Status noteChanges();                   // of connections
    [[nodiscard]] Status giveUp(const action::OutboxRow &row, connect::Response response);

    store::Connection &m_connection;
    const Clock &m_clock;
    store::ImportLease m_lease;
    Status m_beaten; // what became of the lease while the provider was waited for
    ConnectorSource m_open;
    DispatcherOptions m_options;
    std::map<std::int64_t, Channel> m_channels;
    std::vector<action::ConnectorRow> m_connectors; // as of this step
};

} // namespace riskdesk::dispatch
