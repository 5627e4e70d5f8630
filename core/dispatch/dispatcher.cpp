#include "core/dispatch/dispatcher.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace riskdesk::dispatch {

using action::OutboxRow;
using connect::Reconciled;
using connect::Request;
using connect::Response;
using connect::Secret;
using Kind = connect::Response::Kind;

namespace {

Request requestOf(const OutboxRow &row, const Secret *password)
{
    Request request;
    request.operation = row.operation;
    request.key = row.key;
    request.userId = row.providerId;
    request.userPrincipalName = row.userPrincipalName;
    request.password = password;
    request.payload = row.payload;
    return request;
}

Response passwordLost()
{
    return {Kind::Done,
            "passwordLost",
            "The password was reset, but the program ended before it could show the temporary one. "
            "Reset it again.",
            {},
            false};
}

} // namespace

template <typename Call>
Response Dispatcher::whileBeating(const Call &call)
{
    // Joined before the connection is used here again.
    const std::jthread beating([this](const std::stop_token &stop) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        auto last = std::chrono::steady_clock::now();
        while (m_beaten) {
            ended.wait_for(lock, stop, m_options.beat, [] { return false; });
            const auto now = std::chrono::steady_clock::now();
            if (stop.stop_requested() && now - last < m_options.beat)
                return;
            last = now;
            auto beaten = m_lease.heartbeat(true);
            // Who writes for so long does not take it over; the next beat gets through.
            if (!beaten && beaten.error().code != Code::StoreBusy)
                m_beaten = std::move(beaten);
            if (stop.stop_requested())
                return;
        }
    });
    return call();
}

Dispatcher::Dispatcher(store::Connection &connection, const Clock &clock, store::ImportLease lease,
                       ConnectorSource open, DispatcherOptions options)
    : m_connection(connection)
    , m_clock(clock)
    , m_lease(std::move(lease))
    , m_open(std::move(open))
    , m_options(std::move(options))
{}

Result<Dispatcher::Channel *> Dispatcher::channel(std::int64_t connector)
{
    auto &channel = m_channels[connector];
    for (const auto &row : m_connectors)
        if (row.id == connector) {
            if (channel.connector != nullptr)
                return &channel;
            channel.revision = row.revision;
            auto made = m_open(row);
            if (!made)
                return tl::unexpected(made.error());
            channel.connector = std::move(*made);
            return &channel;
        }
    return fail(Code::NotFound, std::to_string(connector), "the connector is no longer there");
}

Status Dispatcher::noteChanges()
{
    auto all = action::connectors(m_connection);
    if (!all)
        return tl::unexpected(all.error());
    m_connectors = std::move(*all);
    for (const auto &row : m_connectors)
        if (const auto of = m_channels.find(row.id);
            of != m_channels.end() && of->second.revision != row.revision)
            of->second = Channel(); // what kept it from working may be mended
    return {};
}

void Dispatcher::rest(Channel &channel, Microseconds wait) const
{
    channel.notBefore = std::max(channel.notBefore, m_clock.now() + wait);
    channel.connector.reset();
}

Microseconds Dispatcher::waitAfter(std::uint32_t attempts, const std::optional<Microseconds> &asked)
{
    auto wait = m_options.base;
    for (std::uint32_t i = 1; i < attempts && wait < m_options.longestWait; ++i)
        wait *= 2;
    wait = std::min(wait, m_options.longestWait);
    const double draw = m_options.uniform ? std::clamp(m_options.uniform(), 0.0, 1.0) : 0.5;
    const auto half = wait / 2;
    wait = half + Microseconds(static_cast<std::int64_t>(static_cast<double>(half.count()) * draw));
    // A provider that asks for a day is not obeyed for a year.
    return asked ? std::max(wait, std::min<Microseconds>(*asked, std::chrono::days(1))) : wait;
}

void Dispatcher::spend(Channel &channel) const
{
    const auto apart =
        Microseconds(static_cast<std::int64_t>(1e6 / std::clamp(m_options.requestsPerSecond, 0.01, 1000.0)));
    channel.notBefore = std::max(channel.notBefore, m_clock.now() + apart);
}

Status Dispatcher::write(const OutboxRow &row, OutboxState state, const Response &response,
                         std::optional<Timestamp> dueAt, const Secret *password, std::uint32_t attempts)
{
    // A password is nowhere but here: who dies before it was shown leaves a row that says so.
    const bool toBeShown = state == OutboxState::Done && password != nullptr;
    const auto stored = toBeShown ? passwordLost() : response;
    const auto written = action::settle(m_connection, m_clock, row, state, stored.code, stored.sentence,
                                        dueAt, std::max(attempts, row.attempts));
    if (!written)
        return tl::unexpected(written.error());
    if (!*written || !m_options.settled)
        return {};
    m_options.settled({row, state, response.code, response.sentence, password,
                       response.kind == Kind::Refused && state == OutboxState::Waiting});
    return toBeShown ? action::passwordShown(m_connection, row, response.code, response.sentence) : Status();
}

Status Dispatcher::conclude(const OutboxRow &row, Channel &channel, const Response &response,
                            std::uint32_t attempts, const Secret *password)
{
    switch (response.kind) {
    case Kind::Done: return write(row, OutboxState::Done, response, {}, password);
    case Kind::Refused:
        if (!response.wholeConnector)
            return write(row, OutboxState::Failed, response);
        // It would be said of every row. They wait until the connection is changed, or works again.
        rest(channel, m_options.longestWait);
        return write(row, OutboxState::Waiting, response, m_clock.now());
    case Kind::Unknown: // was read back
    case Kind::RetryAfter: break;
    }
    if (attempts >= m_options.mostAttempts && !response.wholeConnector)
        return giveUp(row, response);
    const auto wait = waitAfter(attempts, response.wait);
    if (response.wholeConnector)
        rest(channel, wait);
    return write(row, OutboxState::Waiting, response, m_clock.now() + wait, nullptr, attempts);
}

Status Dispatcher::giveUp(const OutboxRow &row, Response response)
{
    response.sentence += " It was tried often enough; retry it when the cause is gone.";
    return write(row, OutboxState::Failed, response);
}

Status Dispatcher::recover(const OutboxRow &row, Channel &channel, const Secret *password)
{
    auto outcome = Reconciled::CannotTell;
    auto response = whileBeating(
        [&] { return channel.connector->reconcile(requestOf(row, password), row.precondition, outcome); });
    spend(channel);
    if (!response.done()) {
        if (response.kind == Kind::Refused && !response.wholeConnector) {
            response.sentence += " Whether it was done before is not known.";
            return write(row, OutboxState::Failed, response);
        }
        // It cannot be asked now; the row stays as it is.
        rest(channel,
             response.kind == Kind::Refused ? m_options.longestWait : waitAfter(row.attempts, response.wait));
        return {};
    }
    switch (outcome) {
    case Reconciled::TookEffect:
        if (row.operation == ProviderOperation::ResetPassword && password == nullptr)
            response = passwordLost();
        return write(row, OutboxState::Done, response, {}, password);
    case Reconciled::DidNot:
    case Reconciled::Repeatable:
        response = Response::later("resend",
                                   outcome == Reconciled::DidNot ? "It did not arrive."
                                                                 : "Whether it arrived is not known.",
                                   {}, false);
        if (row.attempts >= m_options.mostAttempts)
            return giveUp(row, response);
        return write(row, OutboxState::Waiting, response,
                     m_clock.now() + (row.attempts > 1 ? waitAfter(row.attempts, {}) : Microseconds(0)));
    case Reconciled::CannotTell: break;
    }
    return write(row, OutboxState::Failed,
                 Response::refused("notKnown",
                                   "The answer was lost, and the provider cannot tell whether it was done. "
                                   "Look there, and retry it if it was not."));
}

Status Dispatcher::send(const OutboxRow &row, Channel &channel)
{
    Secret password;
    if (row.operation == ProviderOperation::ResetPassword)
        password = connect::makeTemporaryPassword();
    const auto request =
        requestOf(row, row.operation == ProviderOperation::ResetPassword ? &password : nullptr);
    std::string precondition;
    const auto before = whileBeating([&] { return channel.connector->precondition(request, precondition); });
    if (!before.done()) {
        spend(channel);
        // Nothing was asked for yet, so nothing can have been done.
        auto safe = before;
        if (safe.kind == Kind::Unknown)
            safe.kind = Kind::RetryAfter;
        return conclude(row, channel, safe, row.attempts + 1, nullptr);
    }
    if (!m_beaten)
        return m_beaten;
    if (auto ok = m_lease.heartbeat(); !ok)
        return ok;
    auto sent = row;
    auto ours = action::beginSending(m_connection, m_clock, sent, precondition);
    if (!ours)
        return tl::unexpected(ours.error());
    if (!*ours)
        return {}; // taken back in the last moment
    const auto response = whileBeating([&] { return channel.connector->perform(request); });
    spend(channel);
    if (response.kind != Kind::Unknown)
        return conclude(sent, channel, response, sent.attempts, request.password);
    return recover(sent, channel, request.password);
}

Result<Step> Dispatcher::step(std::stop_token stop)
{
    if (!m_beaten)
        return tl::unexpected(m_beaten.error());
    if (auto ok = m_lease.heartbeat(); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = noteChanges(); !ok)
        return tl::unexpected(ok.error());
    const auto now = m_clock.now();
    std::vector<std::int64_t> paused;
    std::optional<Timestamp> soonest;
    for (const auto &[id, channel] : m_channels)
        if (channel.notBefore > now) {
            paused.push_back(id);
            soonest = std::min(soonest.value_or(channel.notBefore), channel.notBefore);
        }
    auto row = action::nextDue(m_connection, now, paused);
    if (!row)
        return tl::unexpected(row.error());
    Step step;
    if (*row) {
        step.worked = true;
        auto way = channel((*row)->connector);
        if (!way) {
            const auto &error = way.error();
            const bool mayHaveArrived = (*row)->state == OutboxState::Sending;
            auto &closed = m_channels[(*row)->connector];
            closed.notBefore = now + m_options.longestWait;
            // A row on its way stays so until it can be read back; the others say what is wrong.
            if (!mayHaveArrived)
                if (auto ok = write(**row, OutboxState::Waiting,
                                    Response::later("connector", sentence(error)), closed.notBefore);
                    !ok)
                    return tl::unexpected(ok.error());
        } else {
            (*way)->connector->setStop(stop);
            const auto ok =
                (*row)->state == OutboxState::Sending ? recover(**row, **way, nullptr) : send(**row, **way);
            if (!ok)
                return tl::unexpected(ok.error());
            if (!m_beaten)
                return tl::unexpected(m_beaten.error());
        }
        step.next = m_clock.now();
        return step;
    }
    auto due = action::nextDueAt(m_connection, paused);
    if (!due)
        return tl::unexpected(due.error());
    step.next = *due;
    if (soonest && !paused.empty()) {
        // Only if something waits behind the pause.
        auto behind = action::nextDueAt(m_connection, {});
        if (!behind)
            return tl::unexpected(behind.error());
        if (*behind)
            step.next =
                step.next ? std::min(*step.next, std::max(*soonest, **behind)) : std::max(*soonest, **behind);
    }
    return step;
}

} // namespace riskdesk::dispatch
