// The HTTPS client against a real server over TLS: methods, connections that are kept, what is sent once and what
// twice, pauses asked for, long bodies.
#include "core/connect/https_client.h"

#include "tests/support/tls_server.h"

#include <QTest>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::TlsServer;

namespace {

HttpsClient clientOf(const TlsServer &server)
{
    return {*HttpsAddress::parse(server.url()), server.certificate()};
}

HttpReply sent(HttpsClient &client, const std::string &method, const std::string &path = "/x")
{
    const bool body = method != "GET";
    return client.send(method, path, {}, body ? "{}" : "", body ? "application/json" : "", {});
}

} // namespace

class TestHttpsClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sendsEveryMethodAsItIs();
    void keepsItsConnection();
    void opensAnotherWhenTheServerClosed();
    void sendsAWriteOnce();
    void sendsAWriteOnceOnAKeptConnection();
    void readsOnceMoreOnAKeptConnection();
    void obeysThePauseAskedFor_data();
    void obeysThePauseAskedFor();
    void keepsNoMoreOfABodyThanAllowed();
    void waitsNoLongerThanItMay_data();
    void waitsNoLongerThanItMay();
    void waitsNoLongerForAHandshake();
    void stopsInAHandshake();
    void outlivesAServerThatReadsNothing();
    void readsNoMoreOfAHeadThanIsSensible_data();
    void readsNoMoreOfAHeadThanIsSensible();
    void goesThroughAProxy_data();
    void goesThroughAProxy();
};

void TestHttpsClient::sendsEveryMethodAsItIs()
{
    TlsServer server([](const auto &request, auto &response) { response.body = request.method; });
    auto client = clientOf(server);
    for (const char *method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        const std::string body = method == std::string_view("GET") ? "" : "{}";
        const auto reply =
            client.send(method, "/a%20b/c@d?$x=1+2,'3'", {{"X-Own", "yes"}}, body, "application/json", {});
        QVERIFY2(reply.transport.done(), reply.transport.sentence.c_str());
        QCOMPARE(reply.body, std::string(method));
        const auto r = server.requests().back();
        QCOMPARE(r.target, std::string("/a%20b/c@d?$x=1+2,'3'"));
        QCOMPARE(r.body, body);
        QCOMPARE(r.get_header_value("Content-Type"), std::string("application/json"));
        QCOMPARE(r.get_header_value("X-Own"), std::string("yes"));
    }
    QVERIFY(client.send("GET", "/", {}, "left out", "", {}).transport.done());
    QVERIFY(!server.requests().back().has_header("Content-Type"));
    QVERIFY(server.requests().back().body.empty());
}

void TestHttpsClient::keepsItsConnection()
{
    TlsServer server([](const auto &, auto &response) { response.set_content("{}", "application/json"); });
    auto client = clientOf(server);
    for (int i = 0; i < 60; ++i)
        QCOMPARE(sent(client, i % 2 == 0 ? "GET" : "PATCH").status, 200);
    const auto requests = server.requests();
    QCOMPARE(requests.size(), std::size_t{60});
    for (const auto &request : requests)
        QCOMPARE(request.remote_port, requests.front().remote_port);
}

// It says so first, so nothing is lost and nothing is in doubt.
void TestHttpsClient::opensAnotherWhenTheServerClosed()
{
    TlsServer server([](const auto &, auto &response) { response.set_header("Connection", "close"); });
    auto client = clientOf(server);
    for (const char *method : {"POST", "POST", "GET", "PATCH"}) {
        const auto reply = sent(client, method);
        QVERIFY2(reply.transport.done(), reply.transport.sentence.c_str());
    }
    QCOMPARE(server.requests().size(), std::size_t{4});
}

namespace {

// The server's end of the connection: closed in the middle of the handling, so that no answer comes.
struct Cutting
{
    std::atomic<bool> on = false;
    std::atomic<int> seen = 0;
    TlsServer server{[this](const auto &request, auto &) {
        ++seen;
        if (on)
            cut(request.remote_port);
    }};
    // By the file numbers of this process: the server's library keeps its sockets to itself.
    static void cut(int clientPort)
    {
        for (int fd = 3; fd < 1024; ++fd) {
            sockaddr_in peer{};
            socklen_t size = sizeof peer;
            if (::getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) == 0 &&
                peer.sin_family == AF_INET && ntohs(peer.sin_port) == clientPort)
                ::shutdown(fd, SHUT_WR);
        }
    }
};

} // namespace

namespace {

// Speaks TLS, or what it likes, and no more HTTP than the test does.
struct RawServer
{
    using Talk = std::function<void(int socket)>;
    TlsServer keys{[](const auto &, auto &) {}}; // for its certificate
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int listening = ::socket(AF_INET, SOCK_STREAM, 0);
    int port = 0;
    std::atomic<int> seen = 0; // requests
    Talk talk;
    std::thread thread;
    explicit RawServer(Talk what)
        : talk(std::move(what))
    {
        start();
    }
    // After the handshake, once for each connection.
    explicit RawServer(std::function<void(RawServer &, SSL *)> what)
        : talk([this, what](int socket) {
            SSL *tls = SSL_new(context);
            SSL_set_fd(tls, socket);
            if (SSL_accept(tls) == 1)
                what(*this, tls);
            SSL_free(tls);
        })
    {
        start();
    }
    void start()
    {
        std::signal(SIGPIPE, SIG_IGN);
        SSL_CTX_use_certificate_file(context, keys.certificate().c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context, keys.keyFile().c_str(), SSL_FILETYPE_PEM);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        ::bind(listening, reinterpret_cast<sockaddr *>(&at), size);
        ::getsockname(listening, reinterpret_cast<sockaddr *>(&at), &size);
        ::listen(listening, 8);
        port = ntohs(at.sin_port);
        thread = std::thread([this] {
            for (int fd = ::accept(listening, nullptr, nullptr); fd >= 0;
                 fd = ::accept(listening, nullptr, nullptr)) {
                talk(fd);
                ::close(fd);
            }
        });
    }
    ~RawServer()
    {
        ::shutdown(listening, SHUT_RDWR);
        thread.join();
        ::close(listening);
        SSL_CTX_free(context);
    }
    RawServer(const RawServer &) = delete;
    RawServer &operator=(const RawServer &) = delete;
    [[nodiscard]] HttpsClient client() const
    {
        return {HttpsAddress{"127.0.0.1", port, "/"}, keys.certificate()};
    }
    // One request with the body "{}".
    bool read(SSL *tls)
    {
        std::string got;
        char part[4096];
        for (int n = 1; n > 0 && !got.ends_with("{}");) {
            n = SSL_read(tls, part, sizeof part);
            got.append(part, static_cast<std::size_t>(std::max(n, 0)));
        }
        seen += got.ends_with("{}") ? 1 : 0;
        return got.ends_with("{}");
    }
    static bool write(SSL *tls, const std::string &text)
    {
        return SSL_write(tls, text.data(), static_cast<int>(text.size())) > 0;
    }
};

} // namespace

// Reads what it is sent and closes as TLS wants it, with an alert in place of an answer. That is when a library
// might send it all again.
void TestHttpsClient::sendsAWriteOnce()
{
    RawServer closing([](RawServer &server, SSL *tls) {
        server.read(tls);
        SSL_shutdown(tls);
    });
    auto client = closing.client();
    const auto reply = sent(client, "POST");
    QCOMPARE(reply.transport.kind, Response::Kind::Unknown);
    QCOMPARE(closing.seen.load(), 1);
}

void TestHttpsClient::sendsAWriteOnceOnAKeptConnection()
{
    Cutting cutting;
    auto client = clientOf(cutting.server);
    QVERIFY(sent(client, "PATCH").transport.done());
    cutting.on = true;
    QCOMPARE(sent(client, "PATCH").transport.kind, Response::Kind::Unknown);
    QCOMPARE(cutting.seen.load(), 2);
    cutting.on = false;
    QVERIFY(sent(client, "PATCH").transport.done());
}

void TestHttpsClient::readsOnceMoreOnAKeptConnection()
{
    TlsServer *at = nullptr;
    std::atomic<int> seen = 0;
    TlsServer server([&](const auto &, auto &) { ++seen; });
    at = &server;
    auto client = clientOf(*at);
    QVERIFY(sent(client, "GET").transport.done());
    Cutting::cut(server.requests().back().remote_port); // while idle
    const auto reply = sent(client, "GET");
    QVERIFY2(reply.transport.done(), reply.transport.sentence.c_str());
    Cutting::cut(server.requests().back().remote_port);
    QVERIFY(sent(client, "PATCH").transport.done()); // nothing had been sent yet
    QCOMPARE(seen.load(), 3);
}

void TestHttpsClient::obeysThePauseAskedFor_data()
{
    QTest::addColumn<QString>("date");
    QTest::addColumn<QString>("retryAfter");
    QTest::addColumn<int>("seconds"); // -1: none
    const QString noon = "Wed, 18 Mar 2026 12:00:00 GMT";
    QTest::newRow("none") << noon << "" << -1;
    QTest::newRow("seconds") << noon << "7" << 7;
    QTest::newRow("date") << noon << "Wed, 18 Mar 2026 12:02:05 GMT" << 125;
    QTest::newRow("date that is over") << noon << "Wed, 18 Mar 2026 11:00:00 GMT" << 0;
    QTest::newRow("far away") << noon << "Thu, 18 Mar 2027 12:00:00 GMT" << 86400;
    QTest::newRow("no date") << noon << "Wed, 18 Foo 2026 12:02:05 GMT" << -1;
    QTest::newRow("another zone") << noon << "Wed, 18 Mar 2026 12:02:05 CET" << -1;
    QTest::newRow("more behind it") << noon << "Wed, 18 Mar 2026 12:02:05 GMT x" << -1;
    QTest::newRow("long ago by our clock") << ""
                                           << "Thu, 01 Jan 1970 00:00:10 GMT" << 0;
}

void TestHttpsClient::obeysThePauseAskedFor()
{
    QFETCH(QString, date);
    QFETCH(QString, retryAfter);
    QFETCH(int, seconds);
    TlsServer server([&](const auto &, auto &response) {
        response.status = 429;
        if (!date.isEmpty())
            response.set_header("Date", date.toStdString());
        if (!retryAfter.isEmpty())
            response.set_header("Retry-After", retryAfter.toStdString());
    });
    auto client = clientOf(server);
    const auto reply = sent(client, "GET");
    QCOMPARE(reply.status, 429);
    QCOMPARE(reply.retryAfter ? static_cast<int>(reply.retryAfter->count() / 1'000'000) : -1, seconds);
}

void TestHttpsClient::keepsNoMoreOfABodyThanAllowed()
{
    TlsServer server([](const auto &, auto &response) { response.body = std::string(3 << 20, 'x'); });
    auto client = clientOf(server);
    const auto cut = sent(client, "GET");
    QVERIFY(cut.transport.done() && !cut.whole);
    QCOMPARE(cut.body.size(), HttpsClient::mebibyte);
    const auto exact = client.send("GET", "/", {}, {}, {}, {}, std::size_t{3} << 20);
    QVERIFY(exact.transport.done() && exact.whole);
    QCOMPARE(exact.body.size(), std::size_t{3} << 20);
}

// A server that never ends, and never is silent for long either. It gives up only if nobody else does.
namespace {

constexpr int mostDrops = 400;
constexpr unsigned long between = 50; // ms

} // namespace

void TestHttpsClient::waitsNoLongerThanItMay_data()
{
    QTest::addColumn<QByteArray>("begin");
    QTest::addColumn<QByteArray>("drop");
    QTest::newRow("status") << QByteArray("HTTP/1.1 200 ") << QByteArray("x");
    QTest::newRow("continue") << QByteArray() << QByteArray("HTTP/1.1 100 Continue\r\n\r\n");
    QTest::newRow("header") << QByteArray("HTTP/1.1 200 OK\r\nX: ") << QByteArray("x");
    QTest::newRow("body") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                          << QByteArray("x");
    QTest::newRow("body to the end") << QByteArray("HTTP/1.1 200 OK\r\n\r\n") << QByteArray("x");
    QTest::newRow("chunks") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                            << QByteArray("1\r\nx\r\n");
}

void TestHttpsClient::waitsNoLongerThanItMay()
{
    QFETCH(QByteArray, begin);
    QFETCH(QByteArray, drop);
    std::atomic<bool> gaveUp = false;
    RawServer dripping([&](RawServer &server, SSL *tls) {
        server.read(tls);
        RawServer::write(tls, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        server.read(tls);
        bool open = begin.isEmpty() || RawServer::write(tls, begin.toStdString());
        for (int i = 0; open && i < mostDrops; ++i) {
            QTest::qSleep(between);
            open = RawServer::write(tls, drop.toStdString());
        }
        gaveUp = open;
        SSL_shutdown(tls);
    });
    auto client = dripping.client();
    QVERIFY(sent(client, "POST").transport.done());
    client.setLongestExchange(std::chrono::milliseconds(300));
    const auto reply = sent(client, "POST");
    QCOMPARE(reply.transport.kind, Response::Kind::Unknown);
    QCOMPARE(reply.transport.sentence, std::string("127.0.0.1 did not answer in time."));
    QVERIFY(!gaveUp);
    QCOMPARE(dripping.seen.load(), 2);
}

namespace {

// The beginning of a long record of a handshake, and then a byte now and then.
RawServer::Talk slowHandshake(std::atomic<bool> &gaveUp, std::function<void()> onFirst = {})
{
    return [&gaveUp, onFirst](int socket) {
        const char head[] = {0x16, 0x03, 0x03, 0x3f, 0x00, 0x02, 0x00, 0x3e, 0x00, 0x03, 0x03};
        bool open = ::send(socket, head, sizeof head, 0) > 0;
        const auto first = onFirst ? std::jthread(onFirst) : std::jthread(); // for whom nothing waits
        for (int i = 0; open && i < mostDrops; ++i) {
            QTest::qSleep(between);
            open = ::send(socket, head, 1, 0) > 0;
        }
        gaveUp = open;
    };
}

} // namespace

void TestHttpsClient::waitsNoLongerForAHandshake()
{
    std::atomic<bool> gaveUp = false;
    RawServer dripping(slowHandshake(gaveUp));
    auto client = dripping.client();
    client.setLongestExchange(std::chrono::milliseconds(300));
    const auto reply = sent(client, "POST");
    QCOMPARE(reply.transport.kind, Response::Kind::RetryAfter);
    QCOMPARE(reply.transport.sentence, std::string("127.0.0.1 cannot be reached in time."));
    QVERIFY(!gaveUp);
}

void TestHttpsClient::stopsInAHandshake()
{
    std::atomic<bool> gaveUp = false;
    std::stop_source stop;
    RawServer dripping(slowHandshake(gaveUp, [&] { stop.request_stop(); }));
    auto client = dripping.client();
    const auto reply = client.send("POST", "/x", {}, "{}", "application/json", stop.get_token());
    QVERIFY(!reply.transport.done());
    QVERIFY(!gaveUp);
}

// What is written behind the end of our patience would end a program that does not ignore SIGPIPE.
void TestHttpsClient::outlivesAServerThatReadsNothing()
{
    std::atomic<bool> isOver = false;
    {
        RawServer deaf([&](RawServer &, SSL *) {
            while (!isOver)
                QTest::qSleep(5);
        });
        auto client = deaf.client();
        client.setLongestExchange(std::chrono::milliseconds(500));
        const auto before = std::signal(SIGPIPE, SIG_DFL);
        const auto reply = client.send("POST", "/x", {}, std::string(64 << 20, 'x'), "text/plain", {});
        std::signal(SIGPIPE, before);
        isOver = true;
        QVERIFY(!reply.transport.done());
    }
}

void TestHttpsClient::readsNoMoreOfAHeadThanIsSensible_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("fits");
    const QByteArray ok = "HTTP/1.1 200 OK\r\n", end = "Content-Length: 0\r\n\r\n";
    const auto x = [](int size) { return QByteArray(size, 'x'); };
    const QByteArray line = "X-Long: " + x(1000) + "\r\n";
    const QByteArray chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    QTest::newRow("status of 1 MiB") << "HTTP/1.1 200 " + x(1 << 20) + "\r\n" + end << false;
    QTest::newRow("status of 9 KiB") << "HTTP/1.1 200 " + x(9 << 10) + "\r\n" + end << false;
    QTest::newRow("status of 8 KiB") << "HTTP/1.1 200 " + x((8 << 10) - 14) + "\r\n" + end << true;
    QTest::newRow("status without an end") << "HTTP/1.1 200 " + x(1 << 20) << false;
    QTest::newRow("status of another kind") << x(1 << 20) + "\r\n" + end << false;
    QTest::newRow("header of 1 MiB") << ok + "X-Long: " + x(1 << 20) + "\r\n" + end << false;
    QTest::newRow("header of 7 KiB") << ok + "X-Long: " + x(7 << 10) + "\r\n" + end << true;
    QTest::newRow("60 headers of 1 KiB") << ok + line.repeated(60) + end << true;
    QTest::newRow("1,000 headers of 1 KiB") << ok + line.repeated(1000) + end << false;
    QTest::newRow("three times 100") << QByteArray("HTTP/1.1 100 Continue\r\n\r\n").repeated(3) + ok + end
                                     << true;
    QTest::newRow("10,000 times 100")
        << QByteArray("HTTP/1.1 100 Continue\r\n\r\n").repeated(10'000) + ok + end << false;
    QTest::newRow("chunk") << chunked + "2\r\n{}\r\n0\r\n\r\n" << true;
    QTest::newRow("size of a chunk of 10 MiB") << chunked + "2;" + x(10 << 20) + "\r\n{}\r\n0\r\n\r\n"
                                               << false;
}

void TestHttpsClient::readsNoMoreOfAHeadThanIsSensible()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, fits);
    RawServer talkative([&](RawServer &server, SSL *tls) {
        server.read(tls);
        RawServer::write(tls, answer.toStdString());
        char rest = 0;
        SSL_read(tls, &rest, 1); // until the client closes
    });
    {
        auto client = talkative.client();
        const auto reply = sent(client, "POST");
        QCOMPARE(reply.transport.kind, fits ? Response::Kind::Done : Response::Kind::Unknown);
    }
    QCOMPARE(talkative.seen.load(), 1);
}

void TestHttpsClient::goesThroughAProxy_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<bool>("leadsOn");
    QTest::newRow("yes") << QByteArray("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n") << true;
    QTest::newRow("no") << QByteArray("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") << false;
    QTest::newRow("status of 1 MiB") << "HTTP/1.1 200 " + QByteArray(1 << 20, 'x') + "\r\n\r\n" << false;
    QTest::newRow("headers without an end")
        << "HTTP/1.1 200 OK\r\n" + QByteArray("X: y\r\n").repeated(20'000) << false;
    QTest::newRow("nothing") << QByteArray() << false;
}

void TestHttpsClient::goesThroughAProxy()
{
    QFETCH(QByteArray, answer);
    QFETCH(bool, leadsOn);
    std::string asked;
    RawServer *self = nullptr;
    RawServer proxy(RawServer::Talk([&](int socket) {
        asked.clear();
        for (char c = 0; !asked.ends_with("\r\n\r\n") && ::recv(socket, &c, 1, 0) == 1;)
            asked += c;
        (void)::send(socket, answer.data(), static_cast<std::size_t>(answer.size()), MSG_NOSIGNAL);
        if (!leadsOn)
            return;
        SSL *tls = SSL_new(self->context); // and here is the server
        SSL_set_fd(tls, socket);
        if (SSL_accept(tls) == 1 && self->read(tls))
            RawServer::write(tls, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        SSL_free(tls);
    }));
    self = &proxy;
    const QByteArray before = qgetenv("HTTPS_PROXY");
    qputenv("HTTPS_PROXY", "http://127.0.0.1:" + QByteArray::number(proxy.port));
    {
        HttpsClient client({"127.0.0.1", 4443, "/"}, proxy.keys.certificate());
        qputenv("HTTPS_PROXY", before);
        const auto reply = sent(client, "POST");
        QCOMPARE(reply.transport.kind, leadsOn ? Response::Kind::Done : Response::Kind::RetryAfter);
        QCOMPARE(proxy.seen.load(), leadsOn ? 1 : 0);
    }
    QVERIFY2(asked.starts_with("CONNECT 127.0.0.1:4443 HTTP/1.1\r\nHost: 127.0.0.1:4443\r\n"), asked.c_str());
}

QTEST_GUILESS_MAIN(TestHttpsClient)
#include "tst_https_client.moc"
