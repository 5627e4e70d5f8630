#include "core/connect/oauth/device_code.h"

#include "core/connect/oauth/provider_words.h"

#include <simdjson.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

constexpr std::string_view deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::int64_t standardInterval = 5, longestInterval = 300; // seconds; RFC 8628 section 3.2
constexpr Microseconds slower = std::chrono::seconds(5);            // section 3.5
constexpr std::int64_t longestValid = 86400;

} // namespace

DeviceCode::DeviceCode(SetUp &&setUp, const Clock &clock)
    : m_clock(clock)
    , m_setUp(std::move(setUp))
    , m_client(m_setUp.deviceAddress, m_setUp.caFile)
{}

Response DeviceCode::start(const std::stop_token &stop, Shown &shown)
{
    Form form{{"client_id", m_setUp.clientId}, {"scope", m_setUp.scope}};
    if (!m_setUp.clientSecret.empty())
        form.emplace_back("client_secret", m_setUp.clientSecret.reveal());
    const auto now = m_clock.now();
    auto reply = postForm(m_client, m_setUp.deviceAddress, form, m_setUp.clientSecret.reveal(), stop);
    if (!reply.response.done())
        return std::move(reply.response);
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    std::string_view code, userCode, uri, complete;
    std::int64_t seconds = 0, interval = standardInterval;
    const bool read = parser.parse(reply.body).get(answer) == simdjson::SUCCESS &&
                      answer["device_code"].get(code) == simdjson::SUCCESS && !code.empty() &&
                      answer["user_code"].get(userCode) == simdjson::SUCCESS &&
                      answer["verification_uri"].get(uri) == simdjson::SUCCESS &&
                      answer["expires_in"].get(seconds) == simdjson::SUCCESS && seconds > 0;
    wipe(reply.body);
    // A person is going to open it and to type a password there.
    if (!read || !HttpsAddress::parse(uri))
        return Response::later("deviceReply", m_setUp.deviceAddress.host +
                                                  " answered something that is no code to sign in with.");
    if (answer["verification_uri_complete"].get(complete) != simdjson::SUCCESS ||
        !HttpsAddress::parse(complete))
        complete = {};
    if (answer["interval"].get(interval) != simdjson::SUCCESS || interval < 1)
        interval = standardInterval;
    m_deviceCode = Secret(code);
    m_interval = std::chrono::seconds(std::min(interval, longestInterval));
    m_nextPoll = now + m_interval;
    m_until = now + std::chrono::seconds(std::min(seconds, longestValid));
    shown = {std::string(uri), providerWords(userCode), std::string(complete), m_until};
    return Response::ok();
}

DeviceCode::Poll DeviceCode::poll(const std::stop_token &stop)
{
    const auto ended = [&](Response response) {
        m_deviceCode = {};
        return Poll{State::Ended, std::move(response), {}};
    };
    const auto now = m_clock.now();
    if (m_deviceCode.empty())
        return ended(Response::refused("notStarted", "The sign-in was not begun, or is over."));
    if (now >= m_until)
        return ended(Response::refused("expired_token", "Nobody signed in in time; begin anew."));
    if (now < m_nextPoll)
        return {State::Pending, Response::ok(), {}};
    Form form{
        {"client_id", m_setUp.clientId}, {"grant_type", deviceGrant}, {"device_code", m_deviceCode.reveal()}};
    if (!m_setUp.clientSecret.empty())
        form.emplace_back("client_secret", m_setUp.clientSecret.reveal());
    auto reply = postForm(m_client, m_setUp.tokenAddress, form, m_deviceCode.reveal(), stop);
    auto &response = reply.response;
    if (response.kind == Response::Kind::RetryAfter) // no answer: less often, section 3.5
        m_interval = std::min<Microseconds>(m_interval * 2, std::chrono::seconds(longestInterval));
    else if (response.code == "slow_down")
        m_interval += slower;
    m_nextPoll = now + std::max(m_interval, response.wait.value_or(Microseconds(0)));
    if (response.kind == Response::Kind::RetryAfter || response.code == "authorization_pending" ||
        response.code == "slow_down")
        return {State::Pending, std::move(response), {}};
    if (response.code == "expired_token")
        return ended(Response::refused("expired_token", "Nobody signed in in time; begin anew."));
    if (response.code == "access_denied" ||
        response.code == "authorization_declined") // the second is Entra's
        return ended(Response::refused("access_denied", "The sign-in was refused there."));
    if (!response.done())
        return ended(std::move(response));
    Poll poll{State::Granted, Response::ok(), {}};
    if (!readTokens(reply.body, poll.tokens))
        return ended(Response::refused("tokenReply",
                                       m_setUp.tokenAddress.host + " answered something that is no token."));
    m_deviceCode = {};
    return poll;
}

} // namespace riskdesk::connect
