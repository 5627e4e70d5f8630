// HttpsServer: HTTP/1.1 over TLS 1.2 or later, on one address of this machine. It moves bytes and nothing
// else; what is answered is the handler's.
//
//     auto server = HttpsServer::start(settings, [&](const HttpRequest &request, const std::stop_token &stop) {
//         return api.answer(request, stop);
//     });
//
// One thread of its own does the network, `workers` others run the handler, several at a time; so a handler may
// block, and a slow answer holds no other up. The stop token is asked when the client has gone or when stop()
// has waited long enough; callbacks on it run on the network's thread and must not block. An exception of the
// handler becomes a 500.
//
// The handler sees whole requests only: `target` begins with "/", bodies sent in chunks are put together,
// fields behind the last chunk are dropped, and HEAD arrives as "GET", as the server leaves the body out. A
// request that cannot be read, is too large or takes too long is answered by the server, in the form of Graph's
// errors, and so is one whose Host names none of ours: a web page whose name was made to lead here
// (DNS rebinding) gets nothing. There are no CORS headers: pages of other origins cannot read an answer.
//
// A client that closes its side, even only for writing, has gone. Members may be called on any thread but a
// handler's.
#pragma once

#include "core/base/result.h"
#include "core/serve/certificate.h"
#include "core/serve/http_message.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::serve {

struct ServerSettings
{
    std::string address = "127.0.0.1"; // IPv4 or IPv6 in numbers; "0.0.0.0" and "::": every one
    std::uint16_t port = 8443;         // 0: any that is free
    std::filesystem::path certificate; // PEM, with the chain behind it if there is one
    std::filesystem::path key;         // PEM, without a passphrase
    // What a Host header may name, without a port, besides localhost, 127.0.0.1, [::1], `address` and the
    // address that the client reached.
    std::vector<std::string> hostNames{};

    std::size_t mostHeader = std::size_t{16} << 10; // bytes; more: 431
    std::size_t mostBody = std::size_t{1} << 20;    // bytes; more: 413
    std::size_t mostConnections = 64; // more: 503 for the next sixteen, closed at once beyond these
    std::size_t mostWaiting = 256;    // requests that no worker has begun; more: 503
    std::size_t workers = 4;

    // Each is for the whole and not begun again by a byte that drips in; who is late is dropped.
    std::chrono::milliseconds handshakeTime{10'000};
    std::chrono::milliseconds requestTime{30'000}; // from its first byte to its last; then 408
    std::chrono::milliseconds idleTime{60'000};    // between two requests of a connection
    std::chrono::milliseconds writeTime{60'000};   // of one answer
    std::chrono::milliseconds grace{10'000};       // for answers under way when the server stops
};

using Handler = std::function<HttpResponse(const HttpRequest &, const std::stop_token &)>;
// Says which files to take instead of those in the settings, and may make them.
using CertificateSource = std::function<Result<CertificateFiles>()>;

class HttpsServer
{
public:
    // Listens when it returns. Code::NotFound or Code::Io: a file that cannot be read; Code::WrongUsage with a
    // sentence: an address that is none, a port that is taken, a certificate and a key that are none or do not
    // belong together; or what `certificate` gave. That is asked once the port is ours, so that a start that
    // fails for its port changes no file which the clients of a running server trust.
    [[nodiscard]] static Result<std::unique_ptr<HttpsServer>>
    start(const ServerSettings &settings, Handler handler, const CertificateSource &certificate = {});
    ~HttpsServer(); // stops
    HttpsServer(const HttpsServer &) = delete;
    HttpsServer &operator=(const HttpsServer &) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string address() const; // as it is bound, without brackets

    // Takes no more connections, lets answers under way finish within the grace, closes the rest, and returns
    // when no handler runs any more: one that does not heed its stop token holds it up. A second call does
    // nothing.
    void stop();

private:
    struct Own;
    explicit HttpsServer(std::unique_ptr<Own> own);
    std::unique_ptr<Own> m;
};

} // namespace riskdesk::serve
