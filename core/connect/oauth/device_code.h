// DeviceCode: a person signs in elsewhere, in a browser, so that a program without one may speak for them (the device
// authorization grant, RFC 8628).
//
//     DeviceCode sign(…);
//     DeviceCode::Shown shown;
//     if (sign.start(stop, shown).done())      // show shown.verificationUri and shown.userCode
//         … at sign.nextPoll(): poll(stop) until it is no longer Pending …
//
// A poll before its time is not sent, so nobody is asked more often than he allows. What is granted is the caller's to
// keep: the refresh token, as a Secret, for TokenSource. One thread; blocks for a request, never for the interval.
#pragma once

#include "core/base/clock.h"
#include "core/connect/oauth/form_post.h"

#include <cstdint>
#include <stop_token>
#include <string>

namespace riskdesk::connect {

class DeviceCode
{
public:
    struct SetUp
    {
        HttpsAddress deviceAddress, tokenAddress; // of one server
        std::string caFile, clientId, scope;      // scope: with "offline_access" for a refresh token
        Secret clientSecret;                      // empty for a public client
    };
    struct Shown
    {
        std::string verificationUri, userCode;
        std::string verificationUriComplete; // with the code in it, for a QR code; may be empty
        Timestamp until;
    };
    enum class State : std::uint8_t { Pending, Granted, Ended };
    struct Poll
    {
        State state = State::Pending;
        Response response; // Ended: why ("expired_token", "access_denied", …)
        Tokens tokens;     // Granted
    };

    DeviceCode(SetUp &&setUp, const Clock &clock); // the clock outlives it

    [[nodiscard]] Response start(const std::stop_token &stop, Shown &shown);
    [[nodiscard]] Poll poll(const std::stop_token &stop);
    [[nodiscard]] Timestamp nextPoll() const { return m_nextPoll; }

private:
    const Clock &m_clock;
    SetUp m_setUp;
    HttpsClient m_client;
    Secret m_deviceCode; // empty: not started, or ended
    Microseconds m_interval{};
    Timestamp m_nextPoll, m_until;
};

} // namespace riskdesk::connect
