#include "core/connect/webhook/delivery.h"

#include "core/connect/webhook/signature.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

bool mayGoBetterLater(int status)
{
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
}

} // namespace

Delivery::Delivery(To &&to, const Clock &clock, Options options)
    : m_clock(clock)
    , m_options(std::move(options))
    , m_path(to.address.path)
    , m_key(signingKey(to.secret))
    , m_client(to.address, to.caFile)
{}

Microseconds Delivery::waitAfter(unsigned attempts) const
{
    auto wait = firstWait;
    for (unsigned i = 1; i < attempts && wait < longestWait; ++i)
        wait *= 2;
    const auto half = std::min(wait, longestWait) / 2;
    const double draw = std::clamp(m_options.uniform(), 0.0, 1.0);
    return half + Microseconds(static_cast<std::int64_t>(static_cast<double>(half.count()) * draw));
}

Delivery::Outcome Delivery::post(const std::string &id, const std::string &body, const std::stop_token &stop)
{
    for (unsigned attempt = 1;; ++attempt) {
        // Signed anew each time: a receiver leaves messages out whose time is long ago.
        const auto reply = m_client.post(m_path, signedHeaders(m_key, id, m_clock.now(), body), body,
                                         "application/json", stop);
        const bool answered = reply.transport.done();
        if (answered && reply.status >= 200 && reply.status < 300)
            return {Outcome::Kind::Taken, reply.status, {}};
        if (stop.stop_requested())
            return {};
        if (!answered && reply.transport.kind == Response::Kind::Refused)
            return {Outcome::Kind::Refused, 0, reply.transport.sentence};
        if (answered && !mayGoBetterLater(reply.status))
            return {Outcome::Kind::Refused, reply.status,
                    reply.status >= 300 && reply.status < 400
                        ? fmt::format("The receiver points elsewhere (status {}), which is not followed.",
                                      reply.status)
                        : fmt::format("The receiver refused it with status {}.", reply.status)};
        const auto ours = waitAfter(attempt);
        const auto asked = reply.retryAfter.value_or(ours);
        m_options.wait(attempt <= obeyed ? asked : std::max(asked, ours),
                       answered ? fmt::format("The receiver answered with status {}.", reply.status)
                                : reply.transport.sentence,
                       stop);
        if (stop.stop_requested())
            return {};
    }
}

} // namespace riskdesk::connect
