// The HTTPS client against a real server over TLS: methods, connections that are kept, what is sent once and what
// twice, pauses asked for, long bodies.
#include "core/connect/https_client.h"

#include "tests/support/tls_server.h"

#include <QTest>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

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

// Reads what it is sent and closes as TLS wants it, with an alert in place of an answer. That is when a library
// might send it all again.
struct Closing
{
    TlsServer keys{[](const auto &, auto &) {}}; // for its certificate
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int listening = ::socket(AF_INET, SOCK_STREAM, 0);
    int port = 0;
    std::atomic<int> seen = 0;
    std::thread thread;
    Closing()
    {
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
                 fd = ::accept(listening, nullptr, nullptr))
                answer(fd);
        });
    }
    ~Closing()
    {
        ::shutdown(listening, SHUT_RDWR);
        thread.join();
        ::close(listening);
        SSL_CTX_free(context);
    }
    Closing(const Closing &) = delete;
    Closing &operator=(const Closing &) = delete;
    void answer(int fd)
    {
        SSL *tls = SSL_new(context);
        SSL_set_fd(tls, fd);
        std::string got;
        char part[4096];
        if (SSL_accept(tls) == 1)
            for (int n = 1; n > 0 && !got.ends_with("{}");) {
                n = SSL_read(tls, part, sizeof part);
                got.append(part, static_cast<std::size_t>(std::max(n, 0)));
            }
        if (got.ends_with("{}"))
            ++seen;
        SSL_shutdown(tls);
        SSL_free(tls);
        ::close(fd);
    }
};

} // namespace

void TestHttpsClient::sendsAWriteOnce()
{
    Closing closing;
    HttpsClient client(HttpsAddress{"127.0.0.1", closing.port, "/"}, closing.keys.certificate());
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

QTEST_GUILESS_MAIN(TestHttpsClient)
#include "tst_https_client.moc"
