#include "core/connect/https_client.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <httplib.h>
#include <openssl/x509.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>

namespace riskdesk::connect {
namespace {

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

// Later versions of the library than 0.11.4 may send a request a second time when the server closes the connection
// with a TLS alert in place of an answer, even if it had done what was asked. The second connection that this takes
// is only opened for what reads.
class OnceClient final : public httplib::SSLClient
{
public:
    using SSLClient::SSLClient;
    void allow(int connections) { m_allowed = connections; }
    // Whatever can be read from an idle connection is its end.
    [[nodiscard]] bool isStale() const
    {
        pollfd idle{socket(), POLLIN, 0};
        return is_socket_open() != 0 && ::poll(&idle, 1, 0) != 0;
    }

private:
    bool create_and_connect_socket(Socket &socket, httplib::Error &error) override
    {
        if (m_allowed <= 0) {
            error = httplib::Error::Read;
            return false;
        }
        --m_allowed;
        return is_valid() && ClientImpl::create_and_connect_socket(socket, error);
    }
    int m_allowed = 1;
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
        client.set_read_timeout(std::chrono::seconds(30));
        client.set_write_timeout(std::chrono::seconds(30));
        client.set_follow_location(false);
        client.set_keep_alive(true);
        client.set_tcp_nodelay(true); // head and body go out in two writes
        client.set_url_encode(false);
        const auto proxy = environment("HTTPS_PROXY", "https_proxy");
        const auto begin = proxy.find("://");
        auto where = std::string_view(proxy).substr(begin == std::string::npos ? 0 : begin + 3);
        where = where.substr(0, where.find('/'));
        if (const auto by = hostAndPort(where, 8080); !where.empty() && by && !goesDirectly(host))
            client.set_proxy(by->first, by->second);
    }
    std::string host;
    OnceClient client;
    std::chrono::steady_clock::time_point lastUsed;
};

HttpsClient::HttpsClient(const HttpsAddress &address, const std::string &trusted)
    : m(std::make_unique<Own>(address, trusted))
{}
HttpsClient::~HttpsClient() = default;
HttpsClient::HttpsClient(HttpsClient &&) noexcept = default;

HttpReply HttpsClient::send(const std::string &method, const std::string &path, const Headers &headers,
                            const std::string &body, const std::string &contentType,
                            const std::stop_token &stop, std::size_t mostBody)
{
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
    const std::stop_callback stopping(stop, [&] { m->client.stop(); });
    if (stop.stop_requested()) {
        reply.transport = Response::later("cancelled", "It was stopped before it was sent.");
        return reply;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - m->lastUsed > longestIdle || m->client.isStale())
        m->client.stop();
    const bool kept = m->client.is_socket_open() != 0;
    m->client.allow(method == "GET" || !kept ? 1 : 0);
    httplib::Response response;
    auto error = httplib::Error::Success;
    const bool sent = m->client.send(request, response, error);
    m->lastUsed = std::chrono::steady_clock::now();
    wipe(request.body); // a password may be in it
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
