#include "core/serve/https_server.h"

#include "core/base/clock.h"
#include "core/base/ip_address.h"
#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/base/uuid.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

namespace riskdesk::serve {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t readAtOnce = std::size_t{16} << 10; // a TLS record holds no more
constexpr std::size_t readAhead = std::size_t{64} << 10;  // of the next requests, while one is answered
constexpr std::size_t surplusConnections = 16;            // that are told that there are too many
// What is taken from a client that goes on sending what was refused: closed at once, the answer would be lost.
constexpr Milliseconds lingerTime{2'000};
constexpr std::size_t lingerBytes = std::size_t{16} << 20;
constexpr Milliseconds acceptPause{100}; // when the process has no descriptor left

std::string_view view(boost::beast::string_view text)
{
    return {text.data(), text.size()};
}

// RFC 9110 section 5.6.7: "Wed, 18 Mar 2026 12:00:00 GMT".
std::string httpDate()
{
    const auto now = std::chrono::system_clock::now();
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

std::string_view graphCode(int status)
{
    switch (status) {
    case 400: return "BadRequest";
    case 408: return "RequestTimeout";
    case 413: return "RequestEntityTooLarge";
    case 417: return "ExpectationFailed";
    case 421: return "MisdirectedRequest";
    case 431: return "RequestHeaderFieldsTooLarge";
    case 501: return "NotImplemented";
    case 503: return "ServiceUnavailable";
    case 505: return "HttpVersionNotSupported";
    default: return "InternalServerError";
    }
}

HttpResponse graphError(int status, std::string_view message)
{
    const auto id = makeUuid();
    const auto now = SystemClock().now();
    HttpResponse response{status, {{"Content-Type", "application/json"}, {"request-id", id}}};
    response.body =
        fmt::format(R"({{"error":{{"code":{},"message":{},"innerError":{{"date":{},"request-id":{}}}}}}})",
                    jsonString(graphCode(status)), jsonString(message),
                    jsonString(Timestamp{now.us - now.us % 1'000'000}.toIso()), jsonString(id));
    if (status == 503)
        response.headers.emplace_back("Retry-After", "1");
    return response;
}

HttpResponse faultOfTheHandler()
{
    return graphError(500, "The server made a mistake; the request was not answered.");
}

bool isFieldName(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
}

// What a handler may send: a line end in a value would begin a header of its own.
bool isWellFormed(const HttpResponse &response)
{
    return response.status >= 200 && response.status <= 599 &&
           std::ranges::all_of(response.headers, [](const auto &header) {
               return isFieldName(header.first) && std::ranges::none_of(header.second, [](char c) {
                          return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
                      });
           });
}

// The fields that are the server's, or that nobody should see.
bool isWithheld(std::string_view name)
{
    constexpr std::array own{"Content-Length", "Date",   "Connection", "Transfer-Encoding",
                             "Keep-Alive",     "Server", "Upgrade",    "Trailer"};
    constexpr std::string_view cors = "Access-Control-";
    return equalsIgnoringCase(name.substr(0, cors.size()), cors) ||
           std::ranges::any_of(own, [&](const char *one) { return equalsIgnoringCase(name, one); });
}

std::string onTheWire(const HttpResponse &response, bool withBody, bool keepAlive)
{
    const auto reason =
        view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
    auto text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\n", response.status, reason,
                            httpDate(), keepAlive ? "keep-alive" : "close");
    bool hasSniff = false, hasCache = false;
    for (const auto &[name, value] : response.headers) {
        if (isWithheld(name))
            continue;
        hasSniff = hasSniff || equalsIgnoringCase(name, "X-Content-Type-Options");
        hasCache = hasCache || equalsIgnoringCase(name, "Cache-Control");
        text += fmt::format("{}: {}\r\n", name, value);
    }
    if (!hasSniff)
        text += "X-Content-Type-Options: nosniff\r\n";
    if (!hasCache)
        text += "Cache-Control: no-store\r\n";
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless)
        text += fmt::format("Content-Length: {}\r\n", response.body.size());
    text += "\r\n";
    if (withBody && !bodiless)
        text += response.body;
    return text;
}

// The host of "host[:port]" or "[v6][:port]", without brackets.
std::optional<std::string_view> hostOf(std::string_view authority)
{
    std::string_view host = authority, port;
    const bool inBrackets = authority.starts_with('[');
    if (inBrackets) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos)
            return std::nullopt;
        host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
        host = authority.substr(0, colon);
        port = authority.substr(colon);
    }
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (!port.empty() && (port.front() != ':' || !std::ranges::all_of(port.substr(1), isDigit)))
        return std::nullopt;
    const bool known = std::ranges::all_of(host, [&](char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
               c == '_' || (inBrackets && c == ':');
    });
    if (host.empty() || !known)
        return std::nullopt;
    return host;
}

std::string because()
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason != nullptr ? reason : "unknown";
}

// In the order of OpenSSL's list; all have forward secrecy and authenticate what they encrypt. Those of
// TLS 1.3 are all such.
constexpr const char *ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

void keepToOneProtocol(SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, ciphers);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    // No session is taken up again: a handshake costs little here, and a ticket's key would open old ones.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // Who names protocols and not this one means another server.
    const auto choose = [](SSL *, const unsigned char **out, unsigned char *size,
                           const unsigned char *offered, unsigned offeredSize, void *) {
        constexpr std::string_view ours = "\x08http/1.1";
        unsigned char *chosen = nullptr;
        if (SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char *>(ours.data()),
                                  static_cast<unsigned>(ours.size()), offered,
                                  offeredSize) != OPENSSL_NPN_NEGOTIATED)
            return SSL_TLSEXT_ERR_ALERT_FATAL;
        *out = chosen;
        return SSL_TLSEXT_ERR_OK;
    };
    SSL_CTX_set_alpn_select_cb(context, choose, nullptr);
}

Status canBeRead(const std::filesystem::path &file, std::string_view wanted)
{
    if (auto ok = mayRead(file, wanted); !ok)
        return ok;
    if (::access(file.c_str(), R_OK) == 0)
        return {};
    const int number = errno;
    return fail(number == ENOENT || number == ENOTDIR ? Code::NotFound : Code::Io, file.string(),
                std::strerror(number));
}

Status load(SSL_CTX *context, const ServerSettings &settings)
{
    if (auto ok = canBeRead(settings.certificate, "a certificate in PEM"); !ok)
        return ok;
    if (auto ok = canBeRead(settings.key, "a key in PEM"); !ok)
        return ok;
    ERR_clear_error();
    // Without this, OpenSSL would ask the terminal for a passphrase.
    SSL_CTX_set_default_passwd_cb(context, [](char *, int, int, void *) { return -1; });
    const auto certificate = settings.certificate.string(), key = settings.key.string();
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return fail(Code::WrongUsage, certificate,
                    fmt::format("\"{}\" is no certificate in PEM ({}).", certificate, because()));
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        const auto error = ERR_peek_last_error();
        const auto text = because();
        if (ERR_GET_LIB(error) == ERR_LIB_X509)
            return fail(
                Code::WrongUsage, key,
                fmt::format("The key \"{}\" does not belong to the certificate \"{}\".", key, certificate));
        return fail(Code::WrongUsage, key,
                    fmt::format("\"{}\" is no key in PEM without a passphrase ({}).", key, text));
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        ERR_clear_error();
        return fail(
            Code::WrongUsage, key,
            fmt::format("The key \"{}\" does not belong to the certificate \"{}\".", key, certificate));
    }
    return {};
}

// A program that is started by somebody else in this process does not get our sockets.
void keepFromChildren(int descriptor)
{
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

class Session;

// Everything but `handler`, `settings` and `waiting` belongs to the network's thread once that runs.
struct Network
{
    Network(ServerSettings theSettings, Handler theHandler)
        : settings(std::move(theSettings))
        , handler(std::move(theHandler))
        , secure(asio::ssl::context::tls_server)
        , work(asio::make_work_guard(io))
        , acceptor(io)
        , pause(io)
        , graceTimer(io)
    {}

    Status listen();
    void accept();
    void takeIn(tcp::socket &&socket);
    void remove(const std::shared_ptr<Session> &session);
    void beginToStop();
    void leaveWhenEmpty();
    [[nodiscard]] HttpResponse run(const HttpRequest &request, const std::stop_token &stop) const;
    [[nodiscard]] bool isOurs(std::string_view host, const tcp::endpoint &reached) const;

    ServerSettings settings;
    Handler handler;
    asio::ssl::context secure;
    std::uint16_t port = 0;
    std::string address;
    std::atomic<std::size_t> waiting = 0; // whole requests that no worker has begun

    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work;
    tcp::acceptor acceptor;
    asio::steady_timer pause, graceTimer;
    std::set<std::shared_ptr<Session>> sessions;
    bool stopping = false;

    std::mutex stopGuard;
    bool stopped = false; // under stopGuard
    std::optional<asio::thread_pool> pool;
    std::thread thread;
};

// One connection. It reads whatever else it is doing, as only so it sees the client go; it stops at `readAhead`
// of a client that sends much without waiting for answers. Lives as long as an operation of it is under way;
// network's thread.
class Session : public std::enable_shared_from_this<Session>
{
public:
    Session(Network &server, tcp::socket &&socket, bool surplus)
        : m_server(server)
        , m_stream(std::move(socket), server.secure)
        , m_timer(server.io)
        , m_surplus(surplus)
    {}

    void start();
    void serverStops();
    void close();

private:
    enum class Phase {
        Handshake,
        Idle,      // no byte of the next request has come
        Reading,   // a request
        Answering, // the handler has it
        Writing,   // the answer
        Closing,   // what comes is thrown away until the client has closed too
        Closed
    };

    void arm(Milliseconds time);
    void disarm();
    void late();
    void read();
    void hasRead(const error_code &error, std::size_t size);
    void lost(const error_code &error);
    void awaitRequest();
    void beginRequest();
    void parse();
    void unreadable(const error_code &error);
    bool headIsFine();
    void sayContinue();
    void answer();
    void refuse(int status, std::string_view message);
    void write(const HttpResponse &response);
    void hasWritten(const error_code &error);
    void closeGracefully();

    Network &m_server;
    asio::ssl::stream<tcp::socket> m_stream;
    asio::steady_timer m_timer;
    std::uint64_t m_turn = 0; // of the timer: what an earlier one says no longer counts
    bool m_surplus;
    Phase m_phase = Phase::Handshake;

    std::array<char, readAtOnce> m_piece{};
    bool m_reads = false;
    std::string m_in; // has come and was not parsed
    std::optional<http::request_parser<http::string_body>> m_parser;
    HttpRequest m_request;
    bool m_headRead = false, m_isHead = false, m_saysContinue = false, m_wasRead = false, m_keepAlive = false;
    std::string m_out;
    std::stop_source m_stop{std::nostopstate};
    std::size_t m_thrownAway = 0;
};

void Session::start()
{
    arm(m_server.settings.handshakeTime);
    m_stream.async_handshake(asio::ssl::stream_base::server,
                             [self = shared_from_this()](const error_code &error) {
                                 if (self->m_phase != Phase::Handshake)
                                     return;
                                 if (error)
                                     self->close();
                                 else
                                     self->awaitRequest();
                             });
}

void Session::arm(Milliseconds time)
{
    m_timer.expires_after(time);
    m_timer.async_wait([self = shared_from_this(), turn = ++m_turn](const error_code &error) {
        if (!error && turn == self->m_turn)
            self->late();
    });
}

void Session::disarm()
{
    ++m_turn;
    m_timer.cancel();
}

void Session::late()
{
    switch (m_phase) {
    case Phase::Idle: return closeGracefully();
    case Phase::Reading:
        if (m_saysContinue) // does not even read that
            return close();
        return refuse(408, "The request did not arrive in time.");
    case Phase::Writing: {
        // With a reset, or the system would keep what nobody reads.
        error_code ignored;
        m_stream.next_layer().set_option(tcp::socket::linger(true, 0), ignored);
        return close();
    }
    default: return close();
    }
}

void Session::read()
{
    const bool busy = m_phase == Phase::Answering || m_phase == Phase::Writing || m_saysContinue;
    if (m_reads || m_phase == Phase::Closed || (busy && m_in.size() >= readAhead))
        return;
    m_reads = true;
    m_stream.async_read_some(asio::buffer(m_piece),
                             [self = shared_from_this()](const error_code &error, std::size_t size) {
                                 self->m_reads = false;
                                 self->hasRead(error, size);
                             });
}

void Session::hasRead(const error_code &error, std::size_t size)
{
    if (m_phase == Phase::Closed)
        return;
    if (error)
        return lost(error);
    if (m_phase == Phase::Closing) {
        m_thrownAway += size;
        return m_thrownAway > lingerBytes ? close() : read();
    }
    m_in.append(m_piece.data(), size);
    if (m_phase == Phase::Idle)
        beginRequest();
    if (m_phase == Phase::Reading && !m_saysContinue)
        parse();
    else
        read();
}

void Session::lost(const error_code &error)
{
    const bool whole = error == asio::error::eof; // the client said that it closes
    if (m_phase == Phase::Idle && whole)
        return closeGracefully();
    if (m_phase == Phase::Writing && whole) { // it may still read
        m_keepAlive = false;
        return;
    }
    close();
}

void Session::awaitRequest()
{
    m_request = {};
    m_parser.reset();
    m_phase = Phase::Idle;
    if (m_in.empty()) {
        arm(m_server.settings.idleTime);
        return read();
    }
    beginRequest();
    parse();
}

void Session::beginRequest()
{
    m_phase = Phase::Reading;
    arm(m_server.settings.requestTime);
    m_headRead = m_isHead = m_wasRead = m_keepAlive = false;
    m_parser.emplace();
    const auto most = std::min<std::size_t>(m_server.settings.mostHeader, 1U << 30);
    m_parser->header_limit(static_cast<std::uint32_t>(most));
    m_parser->body_limit(m_server.settings.mostBody);
    m_parser->eager(false); // to look at the head before the body is taken
}

void Session::parse()
{
    while (!m_in.empty()) {
        error_code error;
        const auto used = m_parser->put(asio::const_buffer(m_in.data(), m_in.size()), error);
        m_in.erase(0, used);
        if (error == http::error::need_more) {
            // Beast bounds the head only; the fields behind the last chunk are ours to bound.
            if (m_in.size() > m_server.settings.mostHeader)
                return refuse(431, "The header fields are too long.");
            break;
        }
        if (error)
            return unreadable(error);
        if (m_parser->is_header_done() && !m_headRead) {
            m_headRead = true;
            if (!headIsFine())
                return;
            m_parser->eager(true);
            if (m_saysContinue)
                return;
        }
        if (m_parser->is_done())
            return answer();
    }
    read();
}

void Session::unreadable(const error_code &error)
{
    if (error == http::error::header_limit)
        return refuse(431, "The header fields are too long.");
    if (error == http::error::body_limit)
        return refuse(413, fmt::format("The body is larger than {} bytes.", m_server.settings.mostBody));
    if (error == http::error::bad_version)
        return refuse(505, "Only HTTP/1.1 is spoken here.");
    refuse(400, "The request is not HTTP/1.1.");
}

// False: it was answered. Fields are taken now, as Beast adds those behind the last chunk to them.
bool Session::headIsFine()
{
    const auto &message = m_parser->get();
    m_isHead = message.method() == http::verb::head;
    m_keepAlive = m_parser->keep_alive();
    m_request.method = m_isHead ? "GET" : std::string(view(message.method_string()));
    m_request.target = std::string(view(message.target()));
    std::string host;
    std::size_t hosts = 0, codings = 0;
    std::string_view expects;
    bool chunkedOnly = true;
    for (const auto &field : message) {
        const auto value = view(field.value());
        if (field.name() == http::field::host) {
            host = value;
            ++hosts;
        } else if (field.name() == http::field::transfer_encoding) {
            chunkedOnly = chunkedOnly && equalsIgnoringCase(value, "chunked");
            ++codings;
        } else if (field.name() == http::field::expect) {
            expects = value;
        }
        m_request.headers.emplace_back(view(field.name_string()), value);
    }
    const auto no = [&](int status, std::string_view why) {
        refuse(status, why);
        return false;
    };
    if (m_surplus)
        return no(503, "There are too many connections; try again later.");
    // Where two readers could disagree on where a request ends, there is none.
    if (codings > 1 || !chunkedOnly)
        return no(501, "A body can only be sent as it is or in chunks.");
    if (codings == 1 && message.version() < 11)
        return no(400, "HTTP/1.0 knows no chunks.");
    if (hosts != 1)
        return no(400, "A request has one Host header.");
    // The other form a client may use, as if we were a proxy; its name counts then (RFC 9112 section 3.2.2).
    for (const std::string_view scheme : {"https://", "http://"})
        if (equalsIgnoringCase(std::string_view(m_request.target).substr(0, scheme.size()), scheme)) {
            const auto rest = m_request.target.substr(scheme.size());
            const auto end = std::min(rest.find_first_of("/?"), rest.size());
            host = rest.substr(0, end);
            m_request.target = (end < rest.size() && rest[end] == '/' ? "" : "/") + rest.substr(end);
            break;
        }
    if (!m_request.target.starts_with('/'))
        return no(400, "The target has to begin with \"/\".");
    const auto name = hostOf(host);
    if (!name)
        return no(400, "The Host header cannot be read.");
    error_code ignored;
    if (!m_server.isOurs(*name, m_stream.next_layer().local_endpoint(ignored)))
        return no(421, "This server does not answer to the name in the Host header.");
    if (!expects.empty() && message.version() >= 11) {
        if (!equalsIgnoringCase(expects, "100-continue"))
            return no(417, "What is expected is not known here.");
        if (!m_parser->is_done() && m_in.empty())
            sayContinue();
    }
    return true;
}

void Session::sayContinue()
{
    m_saysContinue = true;
    m_out = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(m_stream, asio::buffer(m_out),
                      [self = shared_from_this()](const error_code &error, std::size_t) {
                          self->m_saysContinue = false;
                          if (self->m_phase != Phase::Reading)
                              return;
                          if (error)
                              return self->close();
                          self->parse();
                      });
    read();
}

void Session::answer()
{
    disarm();
    m_phase = Phase::Answering;
    m_wasRead = true;
    m_request.body = std::move(m_parser->get().body());
    if (m_server.waiting.load() >= m_server.settings.mostWaiting)
        return refuse(503, "There are too many requests; try again later.");
    ++m_server.waiting;
    m_stop = std::stop_source();
    asio::post(*m_server.pool, [self = shared_from_this(), &server = m_server, stop = m_stop.get_token(),
                                request = std::move(m_request)] {
        --server.waiting;
        // Whoever waits no longer needs no answer.
        auto response = stop.stop_requested() ? HttpResponse{} : server.run(request, stop);
        asio::post(server.io, [self, response = std::move(response)] {
            if (self->m_phase == Phase::Answering)
                self->write(response);
        });
    });
    read();
}

void Session::refuse(int status, std::string_view message)
{
    m_keepAlive = false;
    m_wasRead = m_wasRead || (m_headRead && m_parser->is_done());
    write(graphError(status, message));
    read();
}

void Session::write(const HttpResponse &response)
{
    m_phase = Phase::Writing;
    m_stop = std::stop_source(std::nostopstate);
    if (m_server.stopping)
        m_keepAlive = false;
    m_out = onTheWire(response, !m_isHead, m_keepAlive);
    arm(m_server.settings.writeTime);
    asio::async_write(
        m_stream, asio::buffer(m_out),
        [self = shared_from_this()](const error_code &error, std::size_t) { self->hasWritten(error); });
}

void Session::hasWritten(const error_code &error)
{
    if (m_phase != Phase::Writing)
        return;
    if (error)
        return close();
    m_out = {};
    if (m_keepAlive && !m_server.stopping)
        return awaitRequest();
    closeGracefully();
}

void Session::closeGracefully()
{
    const bool clientHasSaidAll = m_phase == Phase::Idle || m_wasRead;
    m_phase = Phase::Closing;
    m_in = {};
    arm(lingerTime);
    // A client in the middle of a body is let finish, as it may look for the answer only then.
    if (clientHasSaidAll)
        m_stream.async_shutdown([self = shared_from_this()](const error_code &) { self->close(); });
    read();
}

void Session::close()
{
    if (m_phase == Phase::Closed)
        return;
    m_phase = Phase::Closed;
    disarm();
    m_stop.request_stop();
    error_code ignored;
    m_stream.next_layer().close(ignored);
    m_server.remove(shared_from_this());
}

void Session::serverStops()
{
    if (m_phase == Phase::Idle)
        closeGracefully();
    else if (m_phase == Phase::Handshake || m_phase == Phase::Reading)
        close();
}

Status Network::listen()
{
    error_code error;
    const auto ip = asio::ip::make_address(settings.address, error);
    if (error)
        return fail(Code::WrongUsage, settings.address,
                    fmt::format("\"{}\" is no address in numbers, like 127.0.0.1 or ::1.", settings.address));
    const auto wrong = [&](std::string_view what) {
        return fail(
            Code::WrongUsage, fmt::format("{}:{}", settings.address, settings.port),
            fmt::format("Port {} of {} cannot be listened on: {}.", settings.port, settings.address, what));
    };
    const tcp::endpoint endpoint(ip, settings.port);
    if (acceptor.open(endpoint.protocol(), error); error)
        return wrong(error.message());
    keepFromChildren(acceptor.native_handle());
    // Else the port of a server that has just ended would be taken for a minute.
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (acceptor.bind(endpoint, error); !error)
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use)
        return wrong("it is taken by another program; choose another port");
    if (error == asio::error::access_denied)
        return wrong("the system does not allow it; choose a port from 1024 on");
    if (error == boost::system::errc::address_not_available)
        return wrong("it is not an address of this machine");
    if (error)
        return wrong(error.message());
    const auto bound = acceptor.local_endpoint(error);
    if (error)
        return wrong(error.message());
    port = bound.port();
    address = bound.address().to_string();
    return {};
}

void Network::accept()
{
    acceptor.async_accept([this](const error_code &error, tcp::socket socket) {
        if (stopping)
            return;
        if (!error) {
            takeIn(std::move(socket));
            return accept();
        }
        // Whatever it is, it may pass; and it must not keep the processor busy.
        pause.expires_after(acceptPause);
        pause.async_wait([this](const error_code &) {
            if (!stopping)
                accept();
        });
    });
}

void Network::takeIn(tcp::socket &&socket)
{
    if (sessions.size() >= settings.mostConnections + surplusConnections)
        return; // closed with the socket
    keepFromChildren(socket.native_handle());
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const bool surplus = sessions.size() >= settings.mostConnections;
    const auto session = std::make_shared<Session>(*this, std::move(socket), surplus);
    sessions.insert(session);
    session->start();
}

void Network::remove(const std::shared_ptr<Session> &session)
{
    sessions.erase(session);
    leaveWhenEmpty();
}

void Network::beginToStop()
{
    stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    graceTimer.expires_after(settings.grace);
    graceTimer.async_wait([this](const error_code &error) {
        if (!error)
            for (const auto &session : std::set(sessions))
                session->close();
    });
    for (const auto &session : std::set(sessions)) // they remove themselves
        session->serverStops();
    leaveWhenEmpty();
}

void Network::leaveWhenEmpty()
{
    if (!stopping || !sessions.empty())
        return;
    graceTimer.cancel();
    work.reset();
}

HttpResponse Network::run(const HttpRequest &request, const std::stop_token &stop) const
{
    try {
        auto response = handler(request, stop);
        return isWellFormed(response) ? response : faultOfTheHandler();
    } catch (...) {
        return faultOfTheHandler();
    }
}

bool Network::isOurs(std::string_view host, const tcp::endpoint &reached) const
{
    const auto isName = [&](std::string_view name) { return equalsIgnoringCase(host, name); };
    if (isName("localhost") || std::ranges::any_of(settings.hostNames, isName))
        return true;
    const auto ip = IpAddress::parse(host);
    if (!ip)
        return false;
    const auto isAddress = [&](std::string_view text) { return IpAddress::parse(text) == ip; };
    return isAddress("127.0.0.1") || isAddress("::1") || isAddress(settings.address) ||
           isAddress(reached.address().to_string()) || std::ranges::any_of(settings.hostNames, isAddress);
}

} // namespace

struct HttpsServer::Own : Network
{
    using Network::Network;
};

Result<std::unique_ptr<HttpsServer>> HttpsServer::start(const ServerSettings &settings, Handler handler,
                                                        const CertificateSource &certificate)
{
    if (!handler)
        return fail(Code::Bug, "HttpsServer", "there is no handler");
    try {
        auto own = std::make_unique<Own>(settings, std::move(handler));
        auto *context = own->secure.native_handle();
        keepToOneProtocol(context);
        // Listening, and not binding alone, makes the port ours: with SO_REUSEADDR two may be bound to it.
        // Whoever connects before accept() waits.
        if (auto ok = own->listen(); !ok)
            return tl::unexpected(ok.error());
        if (certificate) {
            auto files = certificate();
            if (!files)
                return tl::unexpected(files.error());
            own->settings.certificate = std::move(files->certificate);
            own->settings.key = std::move(files->key);
        }
        if (auto ok = load(context, own->settings); !ok)
            return tl::unexpected(ok.error());
        own->pool.emplace(std::max<std::size_t>(settings.workers, 1));
        own->accept();
        own->thread = std::thread([o = own.get()] {
            // Only want of memory throws here; what it hit is dropped by its timer.
            while (!o->io.stopped())
                try {
                    o->io.run();
                } catch (...) { // NOLINT(bugprone-empty-catch)
                }
        });
        return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(own)));
    } catch (const std::exception &fault) { // no thread, no memory
        return fail(Code::Io, "HttpsServer", fault.what());
    }
}

HttpsServer::HttpsServer(std::unique_ptr<Own> own)
    : m(std::move(own))
{}

HttpsServer::~HttpsServer()
{
    stop();
}

std::uint16_t HttpsServer::port() const
{
    return m->port;
}

std::string HttpsServer::address() const
{
    return m->address;
}

void HttpsServer::stop()
{
    const std::lock_guard lock(m->stopGuard);
    if (std::exchange(m->stopped, true))
        return;
    asio::post(m->io, [o = m.get()] { o->beginToStop(); });
    m->thread.join();
    m->pool->join(); // handlers that were given up end here
    m->io.restart();
    m->io.poll(); // what they gave is let go
}

} // namespace riskdesk::serve
