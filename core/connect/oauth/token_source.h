// TokenSource: the access token with which a program speaks for itself, asked for once and kept until a minute before
// it ends; for every connector whose provider speaks OAuth 2.0.
//
//     TokenSource tokens(std::move(credentials), clock);
//     const auto reply = tokens.send(client, "GET", path, {}, {}, {}, stop);
//
// How the program proves who it is: a secret in the form (client_secret_post, RFC 6749 section 2.3.1), a certificate
// (client_assertion.h), or the refresh token that somebody got by signing in (device_code.h), with either or neither.
// Access tokens lie in memory only. A refresh token is often good for one use, or lives from its last one: it is read
// again before it is used, since another process may have got its successor; its own successor is kept where it lay,
// unless somebody has kept another there meanwhile or forgotten it, which a sealed file does at once and a keyring
// does not. Two processes may use the same one at the same moment. Entra lets both have a successor, of which either
// holds. Elsewhere the later one is refused: it looks for the other's successor for `longestCrossing` before it says
// so. Where that ends the whole sign-in (RFC 9700 section 4.14.2) a person has to sign in again.
// One thread; blocks as HttpsClient does.
#pragma once

#include "core/base/clock.h"
#include "core/connect/https_client.h"
#include "core/connect/oauth/client_assertion.h"
#include "core/connect/oauth/form_post.h"
#include "core/connect/secret_store.h"

#include <optional>
#include <stop_token>
#include <string>

namespace riskdesk::connect {

struct Credentials
{
    HttpsAddress tokenAddress;
    std::string audience; // of an assertion: the token endpoint's address in full
    std::string caFile, clientId, scope;
    Secret clientSecret;         // one of these two, or neither
    std::string certificateFile; // PEM with the key
    SigningAlgorithm algorithm = SigningAlgorithm::Ps256;
    Secret refreshToken; // then it is the grant, else client_credentials
    SecretPlace refreshTokenKept;
};

class TokenSource
{
public:
    static constexpr Microseconds before = std::chrono::seconds(60);
    static constexpr std::chrono::milliseconds longestCrossing = std::chrono::seconds(2);

    TokenSource(Credentials &&credentials, const Clock &clock); // the clock outlives it

    // Done: `token` is there until the next call. Else RetryAfter, or Refused for the whole connector with the
    // endpoint's error as code ("invalid_client") or "certificateFile"; a refresh token that holds no longer is
    // "invalid_grant", and the sentence asks for another sign-in.
    [[nodiscard]] Response token(const std::stop_token &stop, const Secret *&token);
    // The token does not do any more: the next call asks for another.
    void forget() { m_until.reset(); }

    // A request with the token in its head. Answered 401 it was not done, so it goes out once more with a new
    // token. Where there is none, the reply's transport says why.
    [[nodiscard]] HttpReply send(HttpsClient &client, const std::string &method, const std::string &path,
                                 HttpsClient::Headers headers, const std::string &body,
                                 const std::string &contentType, const std::stop_token &stop,
                                 std::size_t mostBody = HttpsClient::mebibyte);

private:
    [[nodiscard]] Response ask(const std::stop_token &stop);
    // True: there is another one than we had.
    bool readKept(); // the newest one that lies there
    bool awaitKept(const std::stop_token &stop);
    void keep(Secret &&successor);

    const Clock &m_clock;
    Credentials m_credentials;
    HttpsClient m_client;
    Secret m_kept; // the refresh token as we know it to lie there
    Secret m_token;
    std::optional<Timestamp> m_until; // empty: there is none
};

} // namespace riskdesk::connect
