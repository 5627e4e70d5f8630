// HttpsClient: one request at a time to one server over TLS 1.2 or later, whose certificate and name are
// checked always; there is no way to switch that off. A certificate of one's own is trusted by naming its
// file.
//
// The proxy is that of HTTPS_PROXY ("http://host:port"), unless NO_PROXY names the host or a domain it lies
// in. Redirects are not followed: a secret could go where nobody sent it. Blocks until the reply, a timeout
// (ten seconds to connect, thirty for the next byte, `longestExchange` for all of it on the steady clock) or the stop
// token. Only looking the name up and connecting to it, which the system does, can go on for longer. One thread.
//
// A server is not trusted to answer sensibly: a line of the answer's head has at most `longestLine` bytes and the head
// `longestHead`, with all that comes before it (100 Continue); what is longer is never parsed, and is a connection
// that broke. Behind the head, eight times what is kept of the body and another `longestHead` are read.
//
// The connection is kept for the next request and closed after fifteen idle seconds, an error, or when the server
// closed it, which is looked at before anything is sent. Nothing that changes something is sent twice: what meets a
// connection that closes under it is Unknown.
#pragma once

#include "core/connect/connector.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace riskdesk::connect {

struct HttpsAddress
{
    std::string host; // without the brackets of an IPv6 address
    int port = 443;
    std::string path = "/";

    [[nodiscard]] static std::optional<HttpsAddress> parse(std::string_view text);
    [[nodiscard]] std::string origin() const; // "https://host", with the port unless it is 443
};

// Every byte but letters, digits and "-._~" as %XX (RFC 3986 section 2.1): for a part of a path, a query or a form.
[[nodiscard]] std::string percentEncoded(std::string_view text);

struct HttpReply
{
    // Of transport: Done, or RetryAfter (nothing was sent), Refused (the certificate), Unknown (the
    // connection broke after the request had gone). The rest is only there when it is Done.
    Response transport;
    int status = 0;
    std::string body;
    bool whole = true; // false: the body was longer than allowed, and is cut off
    // Seconds, or an HTTP date against the server's own (RFC 9110 section 10.2.3); at most a day.
    std::optional<Microseconds> retryAfter;
};

class HttpsClient
{
public:
    // `trusted`: a PEM file of certificates to trust instead of the machine's; may be empty.
    HttpsClient(const HttpsAddress &address, const std::string &trusted);
    ~HttpsClient();
    HttpsClient(HttpsClient &&) noexcept;

    using Headers = std::map<std::string, std::string>;
    static constexpr std::size_t mebibyte = std::size_t{1} << 20;
    static constexpr std::size_t longestLine = std::size_t{8} << 10;
    static constexpr std::size_t longestHead = std::size_t{64} << 10;
    static constexpr std::chrono::milliseconds longestExchange = std::chrono::minutes(2);
    void setLongestExchange(std::chrono::milliseconds longest);
    // `path` goes out as it is, so it is percent-encoded already. Without a `contentType` there is no body.
    // `mostBody`: bytes that are kept of the reply.
    [[nodiscard]] HttpReply send(const std::string &method, const std::string &path, const Headers &headers,
                                 const std::string &body, const std::string &contentType,
                                 const std::stop_token &stop, std::size_t mostBody = mebibyte);
    [[nodiscard]] HttpReply post(const std::string &path, const Headers &headers, const std::string &body,
                                 const std::string &contentType, const std::stop_token &stop)
    {
        return send("POST", path, headers, body, contentType, stop);
    }

private:
    struct Own;
    std::unique_ptr<Own> m;
};

} // namespace riskdesk::connect
