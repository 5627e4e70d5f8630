#include "core/connect/oauth/token_source.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace riskdesk::connect {
namespace {

constexpr std::string_view jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr int unauthorized = 401;

} // namespace

TokenSource::TokenSource(Credentials &&credentials, const Clock &clock)
    : m_clock(clock)
    , m_credentials(std::move(credentials))
    , m_client(m_credentials.tokenAddress, m_credentials.caFile)
    , m_kept(m_credentials.refreshToken.copy())
{}

bool TokenSource::readKept()
{
    const auto &[store, name] = m_credentials.refreshTokenKept;
    if (store == nullptr)
        return false;
    auto kept = store->get(name);
    if (!kept || !*kept || **kept == m_kept || **kept == m_credentials.refreshToken)
        return false;
    m_kept = (*kept)->copy();
    m_credentials.refreshToken = std::move(**kept);
    return true;
}

void TokenSource::keep(Secret &&successor)
{
    const auto spent = std::exchange(m_credentials.refreshToken, std::move(successor));
    const auto &[store, name] = m_credentials.refreshTokenKept;
    if (store == nullptr)
        return;
    // Where it cannot be kept the next one may be; until then the one that lies there may still hold.
    const auto replaced = store->replace(
        name, [&](const Secret &lies) { return lies == m_kept || lies == spent; },
        m_credentials.refreshToken);
    if (replaced && *replaced)
        m_kept = m_credentials.refreshToken.copy();
}

// Who used the same one a moment before has its successor, but may still have to keep it.
bool TokenSource::awaitKept(const std::stop_token &stop)
{
    if (readKept())
        return true;
    constexpr int looks = 10;
    for (int i = 0; m_credentials.refreshTokenKept.store != nullptr && i < looks; ++i) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, stop, longestCrossing / looks, [] { return false; });
        if (stop.stop_requested())
            return false;
        if (readKept())
            return true;
    }
    return false;
}

Response TokenSource::ask(const std::stop_token &stop)
{
    if (!m_credentials.refreshToken.empty())
        readKept();
    const auto now = m_clock.now();
    Form form{{"client_id", m_credentials.clientId}};
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty())
            form.emplace_back(name, value);
    };
    add("scope", m_credentials.scope);
    add("grant_type", m_credentials.refreshToken.empty() ? "client_credentials" : "refresh_token");
    add("refresh_token", m_credentials.refreshToken.reveal());
    Secret assertion;
    if (!m_credentials.certificateFile.empty()) {
        auto made = clientAssertion(m_credentials.certificateFile, m_credentials.algorithm,
                                    m_credentials.clientId, m_credentials.audience, now);
        if (!made) {
            return Response::refusedAll(
                "certificateFile",
                made.error().code == Code::Malformed
                    ? fmt::format("The certificate file is of no use: {}.", made.error().detail)
                    : std::string("The certificate file cannot be read."));
        }
        assertion = std::move(*made);
        add("client_assertion_type", jwtBearer);
        add("client_assertion", assertion.reveal());
    } else {
        add("client_secret", m_credentials.clientSecret.reveal());
    }
    const auto secret = !m_credentials.certificateFile.empty() ? assertion.reveal()
                        : m_credentials.clientSecret.empty()   ? m_credentials.refreshToken.reveal()
                                                               : m_credentials.clientSecret.reveal();
    auto reply = postForm(m_client, m_credentials.tokenAddress, form, secret, stop);
    if (reply.response.code == "invalid_grant" && !m_credentials.refreshToken.empty()) {
        if (awaitKept(stop))
            return ask(stop);
        // It ended, or somebody ended it (RFC 6749 section 5.2): nothing gets through until a person signs in.
        return Response::refusedAll("invalid_grant",
                                    "The sign-in has expired or was revoked; sign in again.");
    }
    if (!reply.response.done())
        return std::move(reply.response);
    Tokens tokens;
    if (!readTokens(reply.body, tokens))
        return Response::later("tokenReply", fmt::format("{} answered something that is no token.",
                                                         m_credentials.tokenAddress.host));
    m_token = std::move(tokens.access);
    if (!tokens.refresh.empty() && !m_credentials.refreshToken.empty())
        keep(std::move(tokens.refresh));
    m_until = now + tokens.lifetime - before;
    return Response::ok();
}

Response TokenSource::token(const std::stop_token &stop, const Secret *&token)
{
    token = nullptr;
    if (!m_until || m_clock.now() >= *m_until)
        if (auto response = ask(stop); !response.done()) {
            m_until.reset();
            return response;
        }
    token = &m_token;
    return Response::ok();
}

HttpReply TokenSource::send(HttpsClient &client, const std::string &method, const std::string &path,
                            HttpsClient::Headers headers, const std::string &body,
                            const std::string &contentType, const std::stop_token &stop, std::size_t mostBody)
{
    for (bool again = false;; again = true) {
        const Secret *bearer = nullptr;
        HttpReply reply;
        reply.transport = token(stop, bearer);
        if (!reply.transport.done())
            return reply;
        auto &header = headers["Authorization"];
        header = fmt::format("Bearer {}", bearer->reveal());
        reply = client.send(method, path, headers, body, contentType, stop, mostBody);
        wipe(header);
        if (!reply.transport.done() || reply.status != unauthorized)
            return reply;
        forget();
        if (again)
            return reply;
    }
}

} // namespace riskdesk::connect
