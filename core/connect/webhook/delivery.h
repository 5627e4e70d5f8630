// Delivery: posts signed messages to one receiver and does not give up on one before it was taken, refused, or
// somebody asks to stop. For whoever has a feed to hand on; the connector leaves trying again to the dispatcher.
//
//     Delivery delivery(std::move(to), clock, {.wait = …, .uniform = …});
//     const auto outcome = delivery.post(id, body, stop);
//
// Tried again: no connection, one that broke before the answer was whole, 408, 425, 429 and 5xx. After an answer that
// names a time (Retry-After, seconds) it waits that long, else a second, doubled each time up to five minutes, of which
// a random half is left out (equal jitter, as core/dispatch/dispatcher.h). Who says "at once" again and again is not
// believed for ever: from the fourth attempt on the wait is the longer of the two. Everything else but 2xx refuses the
// message: redirects are not followed, and a certificate that is not trusted gets no better by waiting.
//
// At least once: a message whose answer was lost goes out again, under the same id. One thread; blocks.
#pragma once

#include "core/base/clock.h"
#include "core/connect/https_client.h"
#include "core/connect/secret.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace riskdesk::connect {

class Delivery
{
public:
    struct To
    {
        HttpsAddress address;
        std::string caFile; // PEM to trust instead of the machine's certificates; may be empty
        Secret secret;      // not empty; as signingKey() takes it
    };
    struct Options
    {
        // Sleeps, or returns earlier when asked to stop; `why` is a sentence about the attempt that failed.
        std::function<void(Microseconds time, const std::string &why, const std::stop_token &stop)> wait;
        std::function<double()> uniform; // [0, 1); a test gives a seeded one
    };
    static constexpr Microseconds firstWait = std::chrono::seconds(1);
    static constexpr Microseconds longestWait = std::chrono::minutes(5);
    static constexpr unsigned obeyed = 3; // attempts after which a shorter time asked for is waited

    struct Outcome
    {
        enum class Kind : std::uint8_t { Taken, Refused, Stopped }; // Stopped: it may have been taken
        Kind kind = Kind::Stopped;
        int status = 0;       // of the last answer; 0: there was none
        std::string sentence; // Refused: why
    };

    Delivery(To &&to, const Clock &clock, Options options);

    [[nodiscard]] Outcome post(const std::string &id, const std::string &body, const std::stop_token &stop);

private:
    [[nodiscard]] Microseconds waitAfter(unsigned attempts) const;

    const Clock &m_clock;
    Options m_options;
    std::string m_path;
    Secret m_key;
    HttpsClient m_client;
};

} // namespace riskdesk::connect
