#include "core/connect/https_client.h"

#include "core/base/text.h"
#include "core/connect/no_broken_pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <httplib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <mutex>
#include <thread>

namespace riskdesk::connect {
namespace {

constexpr std::chrono::milliseconds longestSilence = std::chrono::seconds(30);
constexpr auto longestIdle = std::chrono::seconds(15); // servers wait longer before they close
constexpr std::size_t longestAddress = 8192;           // a link to the next page carries its state
constexpr std::int64_t longestWaitAsked = 86400;       // seconds

std::string environment(const char *upper, const char *lower)
{
    for (const char *name : {lower, upper})
        if (const char *value = std::getenv(name); value != nullptr && *value != 0)
            return value;
    return {};
}

// As curl reads NO_PROXY: hosts and domains with commas between, "*" for all.
bool goesDirectly(std::string_view host)
{
    const auto list = environment("NO_PROXY", "no_proxy");
    for (auto part : split(list, ',')) {
        part = trim(part);
        if (part == "*")
            return true;
        if (part.starts_with('.'))
            part.remove_prefix(1);
        if (part.empty() || host.size() < part.size() ||
            !equalsIgnoringCase(host.substr(host.size() - part.size()), part))
            continue;
        if (host.size() == part.size() || host[host.size() - part.size() - 1] == '.')
            return true;
    }
    return false;
}

// "host[:port]" or "[v6][:port]".
std::optional<std::pair<std::string, int>> hostAndPort(std::string_view text, int standard)
{
    std::string_view host = text, port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos)
            return std::nullopt;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    const bool known = std::ranges::all_of(host, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '.' || c == '_' || c == ':';
    });
    if (host.empty() || host.size() > 253 || !known)
        return std::nullopt;
    if (port.empty())
        return std::pair(std::string(host), standard);
    const auto number = port.starts_with(':') ? toInteger(port.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 65535)
        return std::nullopt;
    return std::pair(std::string(host), static_cast<int>(*number));
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that is still sent (RFC 9110 section 5.6.7).
std::optional<std::int64_t> secondsOfHttpDate(const std::string &text)
{
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day = 0, year = 0, hour = 0, minute = 0, second = 0, end = 0;
    char name[4] = {};
    if (std::sscanf(text.c_str(), "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, name, &year,
                    &hour, &minute, &second, &end) != 6 ||
        static_cast<std::size_t>(end) != text.size())
        return std::nullopt;
    const auto month = months.find(name);
    if (month == std::string_view::npos || month % 3 != 0 || day < 1 || day > 31)
        return std::nullopt;
    return Timestamp::fromCivil(year, static_cast<unsigned>(month / 3 + 1), static_cast<unsigned>(day), hour,
                                minute, second)
               .us /
           1'000'000;
}

std::optional<Microseconds> waitAskedFor(const httplib::Response &response)
{
    const auto text = response.get_header_value("Retry-After");
    auto seconds = toInteger(trim(text));
    if (!seconds) {
        // Against the server's own date, so that a clock that is wrong here does not matter.
        const auto until = secondsOfHttpDate(text);
        const auto now = secondsOfHttpDate(response.get_header_value("Date"));
        if (until)
            seconds = std::max<std::int64_t>(*until - now.value_or(std::time(nullptr)), 0);
    }
    if (!seconds || *seconds < 0)
        return std::nullopt;
    return std::chrono::seconds(std::min(*seconds, longestWaitAsked));
}

bool isReady(socket_t socket, short what)
{
    pollfd of{socket, what, 0};
    int ready = 0;
    do
        ready = ::poll(&of, 1, static_cast<int>(longestSilence.count()));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

// Asks a proxy for the way to "host:port". Its answer is read byte by byte: what follows belongs to the server.
bool askProxy(socket_t socket, const std::string &target)
{
    const auto request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", target);
    for (std::size_t sent = 0; sent < request.size();) {
        const auto done = isReady(socket, POLLOUT)
                              ? ::send(socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL)
                              : 0;
        if (done <= 0)
            return false;
        sent += static_cast<std::size_t>(done);
    }
    std::string head;
    for (char c = 0; !head.ends_with("\r\n\r\n"); head += c)
        if (head.size() == HttpsClient::longestHead || !isReady(socket, POLLIN) ||
            ::recv(socket, &c, 1, 0) != 1)
            return false;
    return head.starts_with("HTTP/1.") && head.substr(8, 2) == " 2";
}

// What the library reads of one answer, from an open connection over TLS: the bytes as they are, but no more of them
// than a sensible server sends. The library itself takes lines of any length, and what it makes of a long first one
// with std::regex ends the process.
class AnswerStream final : public httplib::Stream
{
public:
    AnswerStream(SSL *tls, socket_t socket, std::size_t mostBehindHead)
        : m_tls(tls)
        , m_socket(socket)
        , m_left(HttpsClient::longestHead)
        , m_mostBehindHead(mostBehindHead)
    {}
    void headEnds()
    {
        m_inHead = false;
        m_left = m_mostBehindHead;
    }
    [[nodiscard]] bool is_readable() const override
    {
        return SSL_pending(m_tls) > 0 || isReady(m_socket, POLLIN);
    }
    [[nodiscard]] bool is_writable() const override { return isReady(m_socket, POLLOUT); }
    ssize_t read(char *to, std::size_t size) override
    {
        if (m_left == 0 || !is_readable())
            return -1;
        const auto most = std::min({size, m_left, mostAtOnce});
        const auto got = SSL_read(m_tls, to, static_cast<int>(most));
        if (got <= 0) {
            ERR_clear_error(); // the next handshake on this thread would take it for its own
            return got;
        }
        m_left -= static_cast<std::size_t>(got);
        for (const char c : std::string_view(to, m_inHead ? static_cast<std::size_t>(got) : 0))
            if (c == '\n')
                m_line = 0;
            else if (++m_line > HttpsClient::longestLine)
                return -1;
        return got;
    }
    ssize_t write(const char *from, std::size_t size) override
    {
        return is_writable() ? SSL_write(m_tls, from, static_cast<int>(std::min(size, mostAtOnce))) : -1;
    }
    void get_remote_ip_and_port(std::string &, int &) const override {}
    void get_local_ip_and_port(std::string &, int &) const override {}
    [[nodiscard]] socket_t socket() const override { return m_socket; }

private:
    static constexpr std::size_t mostAtOnce = std::size_t{1} << 20;
    SSL *m_tls;
    socket_t m_socket;
    std::size_t m_left, m_line = 0, m_mostBehindHead;
    bool m_inHead = true;
};

// Later versions of the library than 0.11.4 may send a request a second time when the server closes the connection
// with a TLS alert in place of an answer, even if it had done what was asked. The second connection that this takes
// is only opened for what reads.
//
// The library holds its lock while it connects and shakes hands, and its stop() waits for that; so a number of our own
// for the same socket is what is shut down when time is up or the stop is asked for.
class OnceClient final : public httplib::SSLClient
{
public:
    OnceClient(const std::string &host, int port)
        : SSLClient(host, port)
    {
        set_socket_options([this](socket_t socket) { keep(socket); });
    }
    ~OnceClient() override { keep(-1); }
    OnceClient(const OnceClient &) = delete;
    OnceClient &operator=(const OnceClient &) = delete;

    void goThrough(const std::string &host, int port) { m_proxy = {host, port}; }
    void begin(int connections, std::size_t mostBehindHead)
    {
        m_allowed = connections;
        m_mostBehindHead = mostBehindHead;
        const std::lock_guard lock(m_mutex);
        m_isCut = false;
    }
    // Whatever is under way breaks off. Any thread.
    void cut()
    {
        const std::lock_guard lock(m_mutex);
        m_isCut = true;
        if (m_kept >= 0)
            ::shutdown(m_kept, SHUT_RDWR);
    }
    void headEnds() const
    {
        if (m_answer != nullptr)
            m_answer->headEnds();
    }
    // Whatever can be read from an idle connection is its end.
    [[nodiscard]] bool isStale() const
    {
        pollfd idle{socket(), POLLIN, 0};
        return is_socket_open() != 0 && ::poll(&idle, 1, 0) != 0;
    }

private:
    void keep(socket_t socket)
    {
        const std::lock_guard lock(m_mutex);
        if (m_kept >= 0)
            ::close(m_kept);
        m_kept = socket >= 0 ? ::fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1;
    }
    bool create_and_connect_socket(Socket &socket, httplib::Error &error) override
    {
        if (m_allowed <= 0) {
            error = httplib::Error::Read;
            return false;
        }
        --m_allowed;
        // The library reads what a proxy answers without bounds: it is told of the proxy for connecting only.
        if (!m_proxy.first.empty())
            set_proxy(m_proxy.first, m_proxy.second);
        const bool connected = is_valid() && ClientImpl::create_and_connect_socket(socket, error);
        set_proxy({}, -1);
        if (!connected)
            return false;
        {
            const std::lock_guard lock(m_mutex);
            if (m_isCut) // while it did not yet lead anywhere
                ::shutdown(socket.sock, SHUT_RDWR);
        }
        if (m_proxy.first.empty() || askProxy(socket.sock, host_and_port_))
            return true;
        error = httplib::Error::Connection;
        shutdown_socket(socket);
        close_socket(socket);
        return false;
    }
    bool process_socket(const Socket &socket, std::function<bool(httplib::Stream &)> callback) override
    {
        AnswerStream stream(socket.ssl, socket.sock, m_mostBehindHead);
        m_answer = &stream;
        const bool done = callback(stream);
        m_answer = nullptr;
        return done;
    }
    std::pair<std::string, int> m_proxy; // host and port; empty: none
    int m_allowed = 1;
    std::size_t m_mostBehindHead = 0;
    AnswerStream *m_answer = nullptr;
    std::mutex m_mutex;
    socket_t m_kept = -1;
    bool m_isCut = false;
};

// Cuts the client's connection when the time is over.
class Deadline
{
public:
    Deadline(OnceClient &client, std::chrono::milliseconds longest)
        : m_thread([this, &client,
                    until = std::chrono::steady_clock::now() + longest](const std::stop_token &stop) {
            std::unique_lock lock(m_mutex);
            m_ended.wait_until(lock, stop, until, [] { return false; });
            if (stop.stop_requested())
                return;
            m_isOver = true;
            client.cut();
        })
    {}
    [[nodiscard]] bool isOver() const { return m_isOver; }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_ended;
    std::atomic<bool> m_isOver = false;
    std::jthread m_thread; // last: uses the others
};

Response transportOf(httplib::Error error, long verified, const std::string &host)
{
    using E = httplib::Error;
    switch (error) {
    case E::Success: return Response::ok();
    case E::SSLServerVerification:
        return Response::refusedAll(
            "certificate",
            verified != X509_V_OK
                ? fmt::format("The certificate of {} is not trusted: {}.", host,
                              X509_verify_cert_error_string(verified))
                : fmt::format("The certificate that {} shows was made for another name.", host));
    case E::SSLLoadingCerts:
        return Response::refusedAll("certificate", "The certificate file cannot be read.");
    case E::SSLConnection:
        return Response::later("notConnected", fmt::format("{} does not speak TLS 1.2 or later.", host));
    case E::Read:
    case E::Write:
    case E::Compression:
    case E::Unknown:
        return Response::unknown("noReply",
                                 fmt::format("The connection to {} broke before it answered.", host));
    case E::Canceled: return Response::unknown("cancelled", "It was stopped while on its way.");
    default: return Response::later("notConnected", fmt::format("{} cannot be reached.", host));
    }
}

// After the whole time that an exchange may take.
Response tooSlow(httplib::Error error, const std::string &host)
{
    using E = httplib::Error;
    if (error == E::Connection || error == E::ConnectionTimeout || error == E::SSLConnection ||
        error == E::SSLServerVerification)
        return Response::later("notConnected", fmt::format("{} cannot be reached in time.", host));
    return Response::unknown("noReply", fmt::format("{} did not answer in time.", host));
}

} // namespace

std::optional<HttpsAddress> HttpsAddress::parse(std::string_view text)
{
    constexpr std::string_view scheme = "https://";
    text = trim(text);
    if (text.size() > longestAddress || !equalsIgnoringCase(text.substr(0, scheme.size()), scheme))
        return std::nullopt;
    text.remove_prefix(scheme.size());
    const auto slash = std::min(text.find('/'), text.size());
    const auto path = text.substr(slash);
    const bool plain = std::ranges::all_of(path, [](char c) {
        return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '<' && c != '>' && c != '\\';
    });
    const auto host = hostAndPort(text.substr(0, slash), 443);
    if (!plain || !host)
        return std::nullopt;
    return HttpsAddress{host->first, host->second, path.empty() ? "/" : std::string(path)};
}

std::string HttpsAddress::origin() const
{
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("https://{}{}{}{}", v6 ? "[" : "", host, v6 ? "]" : "",
                       port == 443 ? std::string() : fmt::format(":{}", port));
}

std::string percentEncoded(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
            c == '.' || c == '_' || c == '~')
            out += c;
        else
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    return out;
}

struct HttpsClient::Own
{
    Own(const HttpsAddress &address, const std::string &trusted)
        : host(address.host)
        , client(address.host, address.port)
    {
        client.enable_server_certificate_verification(true);
        if (!trusted.empty())
            client.set_ca_cert_path(trusted);
        SSL_CTX_set_min_proto_version(client.ssl_context(), TLS1_2_VERSION);
        client.set_connection_timeout(std::chrono::seconds(10));
        client.set_read_timeout(longestSilence);
        client.set_write_timeout(longestSilence);
        client.set_follow_location(false);
        client.set_keep_alive(true);
        client.set_tcp_nodelay(true); // head and body go out in two writes
        client.set_url_encode(false);
        const auto proxy = environment("HTTPS_PROXY", "https_proxy");
        const auto begin = proxy.find("://");
        auto where = std::string_view(proxy).substr(begin == std::string::npos ? 0 : begin + 3);
        where = where.substr(0, where.find('/'));
        if (const auto by = hostAndPort(where, 8080); !where.empty() && by && !goesDirectly(host))
            client.goThrough(by->first, by->second);
    }
    std::string host;
    OnceClient client;
    std::chrono::steady_clock::time_point lastUsed;
    std::chrono::milliseconds longest = longestExchange;
};

HttpsClient::HttpsClient(const HttpsAddress &address, const std::string &trusted)
    : m(std::make_unique<Own>(address, trusted))
{}
HttpsClient::~HttpsClient()
{
    const NoBrokenPipe guard; // TLS says that it closes
    m.reset();
}
HttpsClient::HttpsClient(HttpsClient &&) noexcept = default;

void HttpsClient::setLongestExchange(std::chrono::milliseconds longest)
{
    m->longest = longest;
}

HttpReply HttpsClient::send(const std::string &method, const std::string &path, const Headers &headers,
                            const std::string &body, const std::string &contentType,
                            const std::stop_token &stop, std::size_t mostBody)
{
    const NoBrokenPipe guard;
    HttpReply reply;
    httplib::Request request;
    request.method = method;
    request.path = path;
    for (const auto &[name, value] : headers)
        request.headers.emplace(name, value);
    request.headers.emplace("User-Agent", "Riskdesk");
    if (!contentType.empty()) {
        request.headers.emplace("Content-Type", contentType);
        request.body = body;
    }
    // Read by ourselves, so that a server cannot fill the memory.
    request.content_receiver = [&](const char *data, std::size_t size, std::uint64_t, std::uint64_t) {
        const auto room = mostBody - reply.body.size();
        reply.body.append(data, std::min(size, room));
        reply.whole = size <= room;
        return reply.whole;
    };
    request.response_handler = [&](const httplib::Response &) {
        m->client.headEnds();
        return true;
    };
    if (stop.stop_requested()) {
        reply.transport = Response::later("cancelled", "It was stopped before it was sent.");
        return reply;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - m->lastUsed > longestIdle || m->client.isStale())
        m->client.stop();
    const bool kept = m->client.is_socket_open() != 0;
    m->client.begin(method == "GET" || !kept ? 1 : 0, 8 * mostBody + longestHead);
    const std::stop_callback stopping(stop, [&] { m->client.cut(); });
    const Deadline deadline(m->client, m->longest);
    httplib::Response response;
    auto error = httplib::Error::Success;
    const bool sent = m->client.send(request, response, error);
    m->lastUsed = std::chrono::steady_clock::now();
    wipe(request.body); // a password may be in it
    // What looks like the end of the reply may be the end of our patience.
    if (deadline.isOver() || stop.stop_requested())
        m->client.stop();
    if (deadline.isOver()) {
        reply.transport = tooSlow(error, m->host);
        return reply;
    }
    // A body cut off by us is no fault of the reply.
    if (!sent && !(error == httplib::Error::Canceled && response.status > 0 && !stop.stop_requested())) {
        reply.transport = transportOf(error == httplib::Error::Success ? httplib::Error::Unknown : error,
                                      m->client.get_openssl_verify_result(), m->host);
        return reply;
    }
    reply.status = response.status;
    reply.retryAfter = waitAskedFor(response);
    return reply;
}

} // namespace riskdesk::connect
