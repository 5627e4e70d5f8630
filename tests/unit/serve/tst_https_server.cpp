// The server over real TLS on loopback: clients that behave, and those that do not.
#include "core/base/clock.h"
#include "core/serve/certificate.h"
#include "core/serve/https_server.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

using namespace riskdesk;
using namespace riskdesk::serve;
using namespace std::chrono_literals;

namespace {

struct Reply
{
    int status = 0; // 0: the connection ended before there was one
    std::string head, body;

    [[nodiscard]] std::string header(const std::string &name) const
    {
        const auto begin = head.find("\r\n" + name + ": ");
        if (begin == std::string::npos)
            return {};
        const auto value = begin + name.size() + 4;
        return head.substr(value, head.find("\r\n", value) - value);
    }
};

struct ClientWish
{
    std::string address = "127.0.0.1";
    int newest = 0;         // TLS version; 0: any
    std::string protocol{}; // of ALPN, as on the wire
    int receiveBuffer = 0;
};

// One connection, blocking. It trusts the server's certificate and nothing else.
class Client
{
public:
    enum class As { Tls, Tcp };

    Client(std::uint16_t port, const std::string &trusted, const ClientWish &wish = {}, As as = As::Tls)
        : m_socket(::socket(AF_INET, SOCK_STREAM, 0))
    {
        if (wish.receiveBuffer > 0)
            ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &wish.receiveBuffer, sizeof wish.receiveBuffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        ::inet_pton(AF_INET, wish.address.c_str(), &to.sin_addr);
        m_connected = ::connect(m_socket, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
        if (!m_connected || as == As::Tcp)
            return;
        m_context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_load_verify_locations(m_context, trusted.c_str(), nullptr);
        SSL_CTX_set_verify(m_context, SSL_VERIFY_PEER, nullptr);
        if (wish.newest != 0) {
            SSL_CTX_set_security_level(m_context, 0);
            SSL_CTX_set_min_proto_version(m_context, TLS1_VERSION);
            SSL_CTX_set_max_proto_version(m_context, wish.newest);
            SSL_CTX_set_cipher_list(m_context, "ALL:@SECLEVEL=0");
        }
        m_ssl = SSL_new(m_context);
        SSL_set1_host(m_ssl, "localhost");
        if (!wish.protocol.empty())
            SSL_set_alpn_protos(m_ssl, reinterpret_cast<const unsigned char *>(wish.protocol.data()),
                                static_cast<unsigned>(wish.protocol.size()));
        SSL_set_fd(m_ssl, m_socket);
        m_secure = SSL_connect(m_ssl) == 1;
    }
    ~Client()
    {
        if (m_secure)
            SSL_shutdown(m_ssl);
        hangUp();
        SSL_free(m_ssl);
        SSL_CTX_free(m_context);
        ERR_clear_error();
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    [[nodiscard]] bool connected() const { return m_connected; }
    [[nodiscard]] bool secure() const { return m_secure; }
    [[nodiscard]] SSL *ssl() const { return m_ssl; }

    bool send(std::string_view text)
    {
        ERR_clear_error();
        return m_secure && SSL_write(m_ssl, text.data(), static_cast<int>(text.size())) > 0;
    }
    Reply get(const std::string &target)
    {
        send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return reply();
    }
    // `bodiless`: to a HEAD.
    Reply reply(bool bodiless = false)
    {
        Reply reply;
        std::size_t end = 0;
        while ((end = m_in.find("\r\n\r\n")) == std::string::npos)
            if (!more())
                return reply;
        reply.head = m_in.substr(0, end + 2);
        m_in.erase(0, end + 4);
        reply.status = std::stoi(reply.head.substr(9, 3));
        const auto length = reply.header("Content-Length");
        const auto size = bodiless || length.empty() ? 0 : std::stoul(length);
        while (m_in.size() < size)
            if (!more())
                return {};
        reply.body = m_in.substr(0, size);
        m_in.erase(0, size);
        return reply;
    }
    // Has anything come, an end too?
    [[nodiscard]] bool canRead() const
    {
        pollfd one{m_socket, POLLIN, 0};
        return !m_in.empty() || (m_ssl != nullptr && SSL_pending(m_ssl) > 0) || ::poll(&one, 1, 0) > 0;
    }
    // Blocks until the server has closed; nothing came before.
    [[nodiscard]] bool ended() { return m_in.empty() && !more(); }
    // The server said that it closes, so nothing was cut off.
    [[nodiscard]] bool endedWell() { return ended() && SSL_get_shutdown(m_ssl) == SSL_RECEIVED_SHUTDOWN; }
    // Without a word.
    void hangUp()
    {
        if (m_socket >= 0)
            ::close(m_socket);
        m_socket = -1;
        m_secure = false;
    }

private:
    bool more()
    {
        std::array<char, 16384> piece{};
        ERR_clear_error();
        const auto got = m_ssl != nullptr ? SSL_read(m_ssl, piece.data(), static_cast<int>(piece.size()))
                                          : static_cast<int>(::recv(m_socket, piece.data(), piece.size(), 0));
        if (got > 0)
            m_in.append(piece.data(), static_cast<std::size_t>(got));
        return got > 0;
    }

    int m_socket;
    bool m_connected = false, m_secure = false;
    SSL_CTX *m_context = nullptr;
    SSL *m_ssl = nullptr;
    std::string m_in;
};

// What the handler was given, as the body.
HttpResponse echo(const HttpRequest &request, const std::stop_token &)
{
    return {
        200, {{"Content-Type", "text/plain"}}, request.method + " " + request.target + " " + request.body};
}

// A handler that waits inside until it is let go, or is asked to stop.
class Gate
{
public:
    HttpResponse wait(const std::stop_token &stop)
    {
        std::unique_lock lock(m_guard);
        ++m_inside;
        m_changed.notify_all();
        m_changed.wait(lock, stop, [&] { return m_open; });
        m_asked = m_asked || stop.stop_requested();
        m_left = true;
        m_changed.notify_all();
        return {200, {}, "at last"};
    }
    void awaitInside(int number = 1)
    {
        std::unique_lock lock(m_guard);
        m_changed.wait(lock, [&] { return m_inside >= number; });
    }
    void open()
    {
        const std::lock_guard lock(m_guard);
        m_open = true;
        m_changed.notify_all();
    }
    // Blocks until one has left.
    bool wasAsked()
    {
        std::unique_lock lock(m_guard);
        m_changed.wait(lock, [&] { return m_left; });
        return m_asked;
    }

private:
    std::mutex m_guard;
    std::condition_variable_any m_changed;
    int m_inside = 0;
    bool m_open = false, m_asked = false, m_left = false;
};

QJsonObject errorOf(const Reply &reply)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(reply.body)).object()["error"].toObject();
}

} // namespace

class TestHttpsServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answers();
    void keepsAConnection();
    void answersInTheOrderOfThePipeline();
    void closesWhenAsked_data();
    void closesWhenAsked();
    void leavesTheBodyOutOfHead();
    void takesABody();
    void takesABodyInChunks();
    void saysToContinue();
    void refusesOtherExpectations();
    void refusesWhatIsTooLarge_data();
    void refusesWhatIsTooLarge();
    void letsARefusedBodyComeToItsEnd();
    void refusesWhatCannotBeRead_data();
    void refusesWhatCannotBeRead();
    void answersToItsNamesOnly_data();
    void answersToItsNamesOnly();
    void answersToTheAddressThatWasReached();
    void itsErrorsLookLikeGraphs();
    void outlivesItsHandler_data();
    void outlivesItsHandler();
    void dropsSlowRequestsAndServesOthers();
    void dropsWhoDoesNotShakeHands();
    void dropsWhoSaysNothing();
    void dropsWhoDoesNotRead();
    void speaksNewTlsOnly();
    void doesNotRenegotiate();
    void speaksHttp1Only();
    void asksTheHandlerToStopWhenTheClientHasGone();
    void aSlowAnswerHoldsNoOtherUp();
    void refusesMoreThanCanWait();
    void refusesMoreConnections();
    void answersManyAtOnce();
    void stopLetsAnswersFinish();
    void stopEndsWhatTakesTooLong();
    void stopClosesIdleConnections();
    void saysWhyItDoesNotStart_data();
    void saysWhyItDoesNotStart();
    void saysThatThePortIsTaken();

private:
    [[nodiscard]] ServerSettings settings() const
    {
        ServerSettings settings;
        settings.port = 0;
        settings.certificate = m_files.certificate;
        settings.key = m_files.key;
        return settings;
    }
    static std::unique_ptr<HttpsServer> started(const ServerSettings &settings, Handler handler)
    {
        auto server = HttpsServer::start(settings, std::move(handler));
        if (!server)
            qCritical("%s", sentence(server.error()).c_str());
        return server ? std::move(*server) : nullptr;
    }
    [[nodiscard]] std::unique_ptr<HttpsServer> started(Handler handler = echo) const
    {
        return started(settings(), std::move(handler));
    }
    [[nodiscard]] Client client(const HttpsServer &server, const ClientWish &wish = {},
                                Client::As as = Client::As::Tls) const
    {
        return {server.port(), m_files.certificate.string(), wish, as};
    }
    [[nodiscard]] std::filesystem::path file(const char *name) const
    {
        return m_folder.filePath(name).toStdString();
    }

    QTemporaryDir m_folder;
    CertificateFiles m_files;
};

void TestHttpsServer::initTestCase()
{
    std::signal(SIGPIPE, SIG_IGN); // of the clients, that write to what has gone
    const auto files = ownCertificate(file("server.riskdesk"), {}, SystemClock());
    QVERIFY(files.has_value());
    m_files = *files;
}

void TestHttpsServer::answers()
{
    auto server = started([](const HttpRequest &request, const std::stop_token &) {
        HttpResponse response{201, {{"Content-Type", "text/plain"}, {"Location", "/v1.0/x"}}, ""};
        response.headers.insert(
            response.headers.end(),
            {{"Server", "Riskdesk/1"}, {"Content-Length", "99"}, {"Access-Control-Allow-Origin", "*"}});
        response.body = request.method + " " + request.target + " " + std::string(request.header("x-mine"));
        return response;
    });
    QVERIFY(server != nullptr);
    QCOMPARE(server->address(), std::string("127.0.0.1"));
    auto c = client(*server);
    QVERIFY(c.secure());
    c.send("GET /v1.0/users?$top=5&q=%20a HTTP/1.1\r\nHost: localhost\r\nX-Mine: yes\r\nOrigin: "
           "https://a.example\r\n\r\n");
    const auto reply = c.reply();
    QCOMPARE(reply.status, 201);
    QCOMPARE(reply.body, std::string("GET /v1.0/users?$top=5&q=%20a yes"));
    QVERIFY(reply.head.starts_with("HTTP/1.1 201 Created\r\n"));
    QCOMPARE(reply.header("Location"), std::string("/v1.0/x"));
    QCOMPARE(reply.header("Connection"), std::string("keep-alive"));
    QCOMPARE(reply.header("X-Content-Type-Options"), std::string("nosniff"));
    QCOMPARE(reply.header("Cache-Control"), std::string("no-store"));
    QCOMPARE(reply.header("Content-Length"), std::to_string(reply.body.size()));
    QCOMPARE(reply.header("Server"), std::string());
    QVERIFY(reply.head.find("Access-Control") == std::string::npos);
    const auto date = QLocale::c().toDateTime(QString::fromStdString(reply.header("Date")),
                                              "ddd, dd MMM yyyy hh:mm:ss 'GMT'");
    QVERIFY2(date.isValid(), reply.head.c_str());
}

void TestHttpsServer::keepsAConnection()
{
    auto server = started([](const HttpRequest &request, const std::stop_token &) {
        if (request.target == "/none")
            return HttpResponse{204, {{"Cache-Control", "private"}}, "never sent"};
        return HttpResponse{200, {}, request.target};
    });
    auto c = client(*server);
    QCOMPARE(c.get("/one").body, std::string("/one"));
    const auto none = c.get("/none");
    QCOMPARE(none.status, 204);
    QCOMPARE(none.header("Content-Length"), std::string());
    QCOMPARE(none.header("Cache-Control"), std::string("private"));
    QCOMPARE(c.get("/two").body, std::string("/two"));
}

void TestHttpsServer::answersInTheOrderOfThePipeline()
{
    auto server = started();
    auto c = client(*server);
    std::string all;
    for (int i = 0; i < 20; ++i)
        all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab";
    c.send(all);
    for (int i = 0; i < 20; ++i)
        QCOMPARE(c.reply().body, "POST /" + std::to_string(i) + " ab");
}

void TestHttpsServer::closesWhenAsked_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("by a field") << QByteArray(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    QTest::newRow("by an old version") << QByteArray("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
}

void TestHttpsServer::closesWhenAsked()
{
    QFETCH(QByteArray, head);
    auto server = started();
    auto c = client(*server);
    c.send(head.toStdString());
    const auto reply = c.reply();
    QCOMPARE(reply.status, 200);
    QCOMPARE(reply.header("Connection"), std::string("close"));
    QVERIFY(c.endedWell());
}

void TestHttpsServer::leavesTheBodyOutOfHead()
{
    auto server = started();
    auto c = client(*server);
    c.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto reply = c.reply(true);
    QCOMPARE(reply.status, 200);
    QCOMPARE(reply.header("Content-Length"), std::to_string(std::string("GET /x ").size()));
    QCOMPARE(c.get("/next").body, std::string("GET /next "));
}

void TestHttpsServer::takesABody()
{
    auto server = started();
    auto c = client(*server);
    const std::string body(300'000, 'x');
    c.send("POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n");
    c.send(body);
    QCOMPARE(c.reply().body, "POST /p " + body);
}

void TestHttpsServer::takesABodyInChunks()
{
    auto server = started([](const HttpRequest &request, const std::stop_token &) {
        return HttpResponse{200, {}, request.body + std::string(request.header("authorization"))};
    });
    auto c = client(*server);
    c.send("PATCH /p HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhel");
    // Fields behind the body would come past every check of the head.
    c.send("lo\r\n6\r\n world\r\n0\r\nAuthorization: forged\r\n\r\n");
    QCOMPARE(c.reply().body, std::string("hello world"));
    QCOMPARE(c.get("/").status, 200);
}

void TestHttpsServer::saysToContinue()
{
    auto server = started();
    auto c = client(*server);
    c.send("POST /p HTTP/1.1\r\nHost: localhost\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
    QCOMPARE(c.reply().status, 100);
    c.send("body");
    QCOMPARE(c.reply().body, std::string("POST /p body"));
    // Who did not wait needs no word.
    c.send("POST /p HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
    QCOMPARE(c.reply().body, std::string("POST /p body"));
}

void TestHttpsServer::refusesOtherExpectations()
{
    auto server = started();
    auto c = client(*server);
    c.send("POST /p HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\nContent-Length: 4\r\n\r\n");
    QCOMPARE(c.reply().status, 417);
}

void TestHttpsServer::refusesWhatIsTooLarge_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const QByteArray host = "Host: localhost\r\n";
    QTest::newRow("a field") << "GET / HTTP/1.1\r\n" + host + "X: " + QByteArray(600, 'x') + "\r\n\r\n"
                             << 431;
    QTest::newRow("a field without end") << "GET / HTTP/1.1\r\n" + host + "X: " + QByteArray(600, 'x') << 431;
    QTest::newRow("the target") << "GET /" + QByteArray(600, 'x') << 431;
    QTest::newRow("the largest body")
        << "POST / HTTP/1.1\r\n" + host + "Content-Length: 100\r\n\r\n" + QByteArray(100, 'x') << 200;
    QTest::newRow("a body") << "POST / HTTP/1.1\r\n" + host + "Content-Length: 101\r\n\r\n" << 413;
    QTest::newRow("a body beyond numbers")
        << "POST / HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551615\r\n\r\n"
        << 413;
    const QByteArray chunked = "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n";
    QTest::newRow("chunks") << chunked + "64\r\n" + QByteArray(100, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n" << 413;
    QTest::newRow("the largest chunks")
        << chunked + "63\r\n" + QByteArray(99, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n"
        << 200;
    QTest::newRow("fields behind chunks") << chunked + "0\r\nX: " + QByteArray(700, 'x') << 431;
    QTest::newRow("what is said of a chunk") << chunked + "1;" + QByteArray(700, 'x') << 431;
}

void TestHttpsServer::refusesWhatIsTooLarge()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    auto small = settings();
    small.mostHeader = 500;
    small.mostBody = 100;
    auto server = started(small, echo);
    auto c = client(*server);
    c.send(request.toStdString());
    const auto reply = c.reply();
    QCOMPARE(reply.status, status);
    if (status != 200) {
        QCOMPARE(reply.header("Connection"), std::string("close"));
        QVERIFY(!errorOf(reply).isEmpty());
    }
}

// Were it closed at once, the client's system would throw the answer away.
void TestHttpsServer::letsARefusedBodyComeToItsEnd()
{
    auto server = started();
    auto c = client(*server);
    c.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n");
    for (int i = 0; i < 40; ++i)
        QVERIFY(c.send(std::string(100'000, 'x')));
    QCOMPARE(c.reply().status, 413);
}

void TestHttpsServer::refusesWhatCannotBeRead_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const auto with = [](const char *field) {
        return QByteArray("POST / HTTP/1.1\r\nHost: localhost\r\n") + field + "\r\n\r\n";
    };
    QTest::newRow("noise") << QByteArray("\x01\x02\x03\x04 nonsense\r\n\r\n") << 400;
    QTest::newRow("no version") << QByteArray("GET /\r\n\r\n") << 400;
    QTest::newRow("HTTP/2") << QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") << 505;
    QTest::newRow("not our path") << QByteArray("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n") << 400;
    QTest::newRow("a field without a colon") << with("nonsense") << 400;
    QTest::newRow("no number") << with("Content-Length: many") << 400;
    QTest::newRow("two lengths") << with("Content-Length: 1\r\nContent-Length: 2") << 400;
    QTest::newRow("length and chunks") << with("Content-Length: 1\r\nTransfer-Encoding: chunked") << 400;
    QTest::newRow("chunks and length") << with("Transfer-Encoding: chunked\r\nContent-Length: 1") << 400;
    QTest::newRow("another coding") << with("Transfer-Encoding: gzip") << 501;
    QTest::newRow("another coding in chunks") << with("Transfer-Encoding: gzip, chunked") << 501;
    QTest::newRow("no chunk") << with("Transfer-Encoding: chunked") + "zz\r\n" << 400;
    QTest::newRow("chunks before their time")
        << QByteArray("POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n") << 400;
}

void TestHttpsServer::refusesWhatCannotBeRead()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    auto server = started();
    auto c = client(*server);
    c.send(request.toStdString());
    const auto reply = c.reply();
    QCOMPARE(reply.status, status);
    QCOMPARE(reply.header("Connection"), std::string("close"));
    QCOMPARE(client(*server).get("/").status, 200);
}

void TestHttpsServer::answersToItsNamesOnly_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<int>("status");
    const auto host = [](const char *name) { return QByteArray("GET / HTTP/1.1\r\nHost: ") + name; };
    QTest::newRow("localhost") << host("localhost") << 200;
    QTest::newRow("in capitals") << host("LOCALHOST:8443") << 200;
    QTest::newRow("with any port") << host("localhost:1") << 200;
    QTest::newRow("by address") << host("127.0.0.1:8443") << 200;
    QTest::newRow("by new address") << host("[::1]") << 200;
    QTest::newRow("by new address and port") << host("[0:0::1]:8443") << 200;
    QTest::newRow("by a name of ours") << host("risk.example:8443") << 200;
    QTest::newRow("by an address of ours") << host("[2001:db8::7]") << 200;
    QTest::newRow("in the target") << QByteArray("GET https://risk.example?q HTTP/1.1\r\nHost: localhost")
                                   << 200;
    QTest::newRow("another name") << host("evil.example") << 421;
    QTest::newRow("our name in another") << host("localhost.evil.example") << 421;
    QTest::newRow("another name and our port") << host("evil.example:8443") << 421;
    QTest::newRow("another address") << host("192.0.2.1") << 421;
    QTest::newRow("another in the target")
        << QByteArray("GET https://evil.example/ HTTP/1.1\r\nHost: localhost") << 421;
    QTest::newRow("none") << QByteArray("GET / HTTP/1.1\r\nX: y") << 400;
    QTest::newRow("none, in an old version") << QByteArray("GET / HTTP/1.0\r\nX: y") << 400;
    QTest::newRow("an empty one") << host("") << 400;
    QTest::newRow("two") << host("localhost\r\nHost: localhost") << 400;
    QTest::newRow("no port") << host("localhost:https") << 400;
    QTest::newRow("half an address") << host("[::1") << 400;
    QTest::newRow("with a user") << host("a@localhost") << 400;
}

void TestHttpsServer::answersToItsNamesOnly()
{
    QFETCH(QByteArray, head);
    QFETCH(int, status);
    auto named = settings();
    named.hostNames = {"Risk.example", "2001:db8::7"};
    auto server = started(named, echo);
    auto c = client(*server);
    c.send(head.toStdString() + "\r\n\r\n");
    const auto reply = c.reply();
    QCOMPARE(reply.status, status);
    if (QTest::currentDataTag() == std::string_view("in the target"))
        QCOMPARE(reply.body, std::string("GET /?q "));
}

void TestHttpsServer::answersToTheAddressThatWasReached()
{
    auto everywhere = settings();
    everywhere.address = "0.0.0.0";
    auto server = started(everywhere, echo);
    auto c = client(*server, {"127.0.0.5"});
    c.send("GET / HTTP/1.1\r\nHost: 127.0.0.5\r\n\r\nGET / HTTP/1.1\r\nHost: 127.0.0.6\r\n\r\n");
    QCOMPARE(c.reply().status, 200);
    QCOMPARE(c.reply().status, 421);
}

void TestHttpsServer::itsErrorsLookLikeGraphs()
{
    auto server = started();
    auto c = client(*server);
    c.send("GET / HTTP/1.1\r\n\r\n");
    const auto reply = c.reply();
    QCOMPARE(reply.status, 400);
    QCOMPARE(reply.header("Content-Type"), std::string("application/json"));
    QCOMPARE(reply.header("Cache-Control"), std::string("no-store"));
    const auto error = errorOf(reply);
    QCOMPARE(error["code"].toString(), "BadRequest");
    QVERIFY(error["message"].toString().endsWith('.'));
    const auto inner = error["innerError"].toObject();
    QVERIFY(Timestamp::fromIso(inner["date"].toString().toStdString()).has_value());
    QCOMPARE(inner["request-id"].toString().size(), 36);
    QCOMPARE(inner["request-id"].toString().toStdString(), reply.header("request-id"));
}

void TestHttpsServer::outlivesItsHandler_data()
{
    QTest::addColumn<QString>("target");
    QTest::newRow("an exception") << "/throw";
    QTest::newRow("no exception of ours") << "/throw7";
    QTest::newRow("a header in a header") << "/split";
    QTest::newRow("no header") << "/name";
    QTest::newRow("no status") << "/status";
}

void TestHttpsServer::outlivesItsHandler()
{
    QFETCH(QString, target);
    auto server = started([](const HttpRequest &request, const std::stop_token &) -> HttpResponse {
        if (request.target == "/throw")
            throw std::runtime_error("secret of the store");
        if (request.target == "/throw7")
            throw 7;
        if (request.target == "/split")
            return {200, {{"X", "a\r\nSet-Cookie: b"}}, ""};
        if (request.target == "/name")
            return {200, {{"X Y", "a"}}, ""};
        if (request.target == "/status")
            return {0, {}, ""};
        return {200, {}, "well"};
    });
    auto c = client(*server);
    const auto reply = c.get(target.toStdString());
    QCOMPARE(reply.status, 500);
    QCOMPARE(errorOf(reply)["code"].toString(), "InternalServerError");
    QVERIFY(reply.body.find("secret") == std::string::npos);
    QCOMPARE(c.get("/").body, std::string("well"));
}

void TestHttpsServer::dropsSlowRequestsAndServesOthers()
{
    auto hasty = settings();
    hasty.requestTime = 200ms;
    auto server = started(hasty, echo);
    auto slow = client(*server), slowBody = client(*server);
    slow.send("GET /");
    slowBody.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
    for (auto *one : {&slow, &slowBody}) {
        while (!one->canRead()) {
            one->send("x"); // does not make its time longer
            QCOMPARE(client(*server).get("/").status, 200);
        }
        QCOMPARE(one->reply().status, 408);
        QVERIFY(one->ended());
    }
}

void TestHttpsServer::dropsWhoDoesNotShakeHands()
{
    auto hasty = settings();
    hasty.handshakeTime = 200ms;
    auto server = started(hasty, echo);
    auto silent = client(*server, {}, Client::As::Tcp);
    QVERIFY(silent.connected());
    QCOMPARE(client(*server).get("/").status, 200);
    QVERIFY(silent.ended());
}

void TestHttpsServer::dropsWhoSaysNothing()
{
    auto hasty = settings();
    hasty.idleTime = 200ms;
    auto server = started(hasty, echo);
    auto fresh = client(*server);
    QVERIFY(fresh.secure());
    QVERIFY(fresh.endedWell());
    auto used = client(*server);
    QCOMPARE(used.get("/").status, 200);
    QVERIFY(used.endedWell());
}

void TestHttpsServer::dropsWhoDoesNotRead()
{
    auto hasty = settings();
    hasty.writeTime = 200ms;
    hasty.mostConnections = 1;
    auto server = started(hasty, [](const HttpRequest &request, const std::stop_token &) {
        return HttpResponse{200, {}, std::string(request.target == "/big" ? std::size_t{64} << 20 : 1, 'x')};
    });
    auto deaf = client(*server, {"127.0.0.1", 0, "", 4096});
    deaf.send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // Its place is taken until it is dropped.
    int status = 503;
    while (status == 503)
        status = client(*server).get("/").status;
    QCOMPARE(status, 200);
    QCOMPARE(deaf.reply().status, 0); // was cut off
}

void TestHttpsServer::speaksNewTlsOnly()
{
    auto server = started();
    QVERIFY(!client(*server, {"127.0.0.1", TLS1_1_VERSION}).secure());
    auto older = client(*server, {"127.0.0.1", TLS1_2_VERSION});
    QVERIFY(older.secure());
    QCOMPARE(std::string(SSL_get_version(older.ssl())), std::string("TLSv1.2"));
    QCOMPARE(older.get("/").status, 200);
    auto newest = client(*server);
    QCOMPARE(std::string(SSL_get_version(newest.ssl())), std::string("TLSv1.3"));
    QCOMPARE(newest.get("/").status, 200);
    // Without TLS nothing is said at all.
    auto plain = client(*server, {}, Client::As::Tcp);
    QVERIFY(plain.connected());
    QCOMPARE(client(*server).get("/").status, 200);
}

void TestHttpsServer::doesNotRenegotiate()
{
    auto server = started();
    auto c = client(*server, {"127.0.0.1", TLS1_2_VERSION});
    QCOMPARE(c.get("/").status, 200);
    QCOMPARE(SSL_renegotiate(c.ssl()), 1);
    QVERIFY(SSL_do_handshake(c.ssl()) != 1);
    ERR_clear_error();
}

void TestHttpsServer::speaksHttp1Only()
{
    auto server = started();
    QVERIFY(!client(*server, {"127.0.0.1", 0, "\x02h2"}).secure());
    auto both = client(*server, {"127.0.0.1", 0, "\x02h2\x08http/1.1"});
    QVERIFY(both.secure());
    const unsigned char *chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(both.ssl(), &chosen, &size);
    QCOMPARE(std::string(reinterpret_cast<const char *>(chosen), size), std::string("http/1.1"));
}

void TestHttpsServer::asksTheHandlerToStopWhenTheClientHasGone()
{
    Gate gate;
    auto server = started([&](const HttpRequest &, const std::stop_token &stop) { return gate.wait(stop); });
    auto c = client(*server);
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    gate.awaitInside();
    c.hangUp();
    QVERIFY(gate.wasAsked());
}

void TestHttpsServer::aSlowAnswerHoldsNoOtherUp()
{
    Gate gate;
    auto two = settings();
    two.workers = 2;
    auto server = started(two, [&](const HttpRequest &request, const std::stop_token &stop) {
        return request.target == "/slow" ? gate.wait(stop) : echo(request, stop);
    });
    auto slow = client(*server);
    slow.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    gate.awaitInside();
    for (int i = 0; i < 5; ++i)
        QCOMPARE(client(*server).get("/").status, 200);
    QVERIFY(!slow.canRead());
    gate.open();
    QCOMPARE(slow.reply().body, std::string("at last"));
    QVERIFY(!gate.wasAsked());
}

void TestHttpsServer::refusesMoreThanCanWait()
{
    Gate gate;
    auto few = settings();
    few.workers = 1;
    few.mostWaiting = 1;
    auto server =
        started(few, [&](const HttpRequest &, const std::stop_token &stop) { return gate.wait(stop); });
    auto first = client(*server), second = client(*server), third = client(*server);
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    first.send(request);
    gate.awaitInside();
    second.send(request);
    third.send(request);
    while (!second.canRead() && !third.canRead())
        std::this_thread::yield();
    auto &refused = second.canRead() ? second : third;
    auto &waits = &refused == &second ? third : second;
    const auto reply = refused.reply();
    QCOMPARE(reply.status, 503);
    QCOMPARE(reply.header("Retry-After"), std::string("1"));
    gate.open();
    QCOMPARE(waits.reply().status, 200);
    QCOMPARE(first.reply().status, 200);
}

void TestHttpsServer::refusesMoreConnections()
{
    auto few = settings();
    few.mostConnections = 2;
    auto server = started(few, echo);
    std::optional<Client> one(std::in_place, server->port(), m_files.certificate.string());
    auto two = client(*server);
    QCOMPARE(one->get("/").status, 200);
    QCOMPARE(two.get("/").status, 200);
    auto three = client(*server);
    const auto reply = three.get("/");
    QCOMPARE(reply.status, 503);
    QCOMPARE(reply.header("Retry-After"), std::string("1"));
    QCOMPARE(errorOf(reply)["code"].toString(), "ServiceUnavailable");
    QVERIFY(three.endedWell());
    three.hangUp();
    // Far too many are not even told.
    std::vector<std::unique_ptr<Client>> many;
    for (int i = 0; i < 40; ++i)
        many.push_back(
            std::make_unique<Client>(server->port(), std::string(), ClientWish{}, Client::As::Tcp));
    QVERIFY(many.back()->ended());
    many.clear();
    QCOMPARE(two.get("/").status, 200);
    one.reset();
    int status = 0;
    while (status != 200)
        status = client(*server).get("/").status;
}

void TestHttpsServer::answersManyAtOnce()
{
    auto server = started();
    std::vector<std::future<int>> clients;
    for (int number = 0; number < 8; ++number)
        clients.push_back(std::async(std::launch::async, [&, number] {
            int right = 0;
            for (int round = 0; round < 5; ++round) {
                auto c = client(*server);
                for (int i = 0; i < 20; ++i) {
                    const auto target = "/" + std::to_string(number) + "/" + std::to_string(round * 20 + i);
                    const std::string body(static_cast<std::size_t>(i * 997),
                                           static_cast<char>('a' + number));
                    c.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
                    right += c.reply().body == "POST " + target + " " + body ? 1 : 0;
                }
            }
            return right;
        }));
    for (auto &one : clients)
        QCOMPARE(one.get(), 100);
}

void TestHttpsServer::stopLetsAnswersFinish()
{
    Gate gate;
    auto server = started([&](const HttpRequest &, const std::stop_token &stop) { return gate.wait(stop); });
    auto c = client(*server);
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    gate.awaitInside();
    std::thread stopping([&] { server->stop(); });
    while (client(*server, {}, Client::As::Tcp).connected())
        std::this_thread::yield();
    gate.open();
    const auto reply = c.reply();
    QCOMPARE(reply.body, std::string("at last"));
    QCOMPARE(reply.header("Connection"), std::string("close"));
    QVERIFY(c.endedWell());
    c.hangUp();
    stopping.join();
    QVERIFY(!gate.wasAsked());
    server->stop();
}

void TestHttpsServer::stopEndsWhatTakesTooLong()
{
    Gate gate;
    auto hasty = settings();
    hasty.grace = 200ms;
    hasty.workers = 1;
    auto server =
        started(hasty, [&](const HttpRequest &, const std::stop_token &stop) { return gate.wait(stop); });
    auto c = client(*server), waits = client(*server);
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    waits.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    gate.awaitInside();
    server->stop();
    QVERIFY(gate.wasAsked());
    QCOMPARE(c.reply().status, 0);
    QCOMPARE(waits.reply().status, 0);
}

void TestHttpsServer::stopClosesIdleConnections()
{
    auto server = started();
    auto c = client(*server), half = client(*server);
    QCOMPARE(c.get("/").status, 200);
    half.send("GET / HT");
    std::thread stopping([&] { server->stop(); });
    QVERIFY(c.endedWell());
    c.hangUp();
    QVERIFY(half.ended());
    half.hangUp();
    stopping.join();
}

void TestHttpsServer::saysWhyItDoesNotStart_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const auto usage = static_cast<int>(Code::WrongUsage), none = static_cast<int>(Code::NotFound);
    QTest::newRow("no address") << "address=localhost" << usage << "\"localhost\" is no address";
    QTest::newRow("somebody else's address")
        << "address=192.0.2.1" << usage << "not an address of this machine";
    QTest::newRow("no certificate file") << "certificate=none.pem" << none << "none.pem";
    QTest::newRow("no key file") << "key=none.pem" << none << "none.pem";
    QTest::newRow("no certificate") << "certificate=noise.pem" << usage << "is no certificate";
    QTest::newRow("no key") << "key=noise.pem" << usage << "is no key";
    QTest::newRow("a key with a passphrase") << "key=locked.pem" << usage << "without a passphrase";
    QTest::newRow("another's key") << "key=other.riskdesk.key" << usage << "does not belong to";
    QTest::newRow("a directory as certificate")
        << "certificate=shop.riskdesk" << usage << "a Riskdesk directory";
    QTest::newRow("a directory as key") << "key=shop.riskdesk" << usage << "a Riskdesk directory";
}

void TestHttpsServer::saysWhyItDoesNotStart()
{
    QFETCH(QString, what);
    QFETCH(int, code);
    QFETCH(QString, says);
    const auto write = [&](const char *name, const QByteArray &text) {
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    };
    write("noise.pem", "noise");
    QByteArray head("SQLite format 3\0", 16);
    head.resize(72, '\0');
    write("shop.riskdesk", head.replace(68, 4, "RDsk"));
    // openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:x
    write("locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                        "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgb2aFuwc/QTQICCAAw\n"
                        "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIMs8ew/3SrdzVbs38TXM1gEgZA/\n"
                        "3I9uUXY5dBZO2lNuLI7m7pGr8fRxRt3qM6xU86nDcpHqllaD8ut9vlZyDCnYC8AL\n"
                        "lys09aVnrG3o0ow9kDdCLwloEDAzJkiUZEW6BCNFqsCV50Posk6bwTHI4UbZiPFc\n"
                        "u08bBCOh6Azg7j+jNe4uxFkyQjuIpVr9RKOrvGULTwtpLnObCGp0m6gIDQX5ZuU=\n"
                        "-----END ENCRYPTED PRIVATE KEY-----\n");
    QVERIFY(ownCertificate(file("other.riskdesk"), {}, SystemClock()).has_value());

    auto wrong = settings();
    const auto value = what.section('=', 1).toStdString();
    if (what.startsWith("address"))
        wrong.address = value;
    else if (what.startsWith("certificate"))
        wrong.certificate = file(value.c_str());
    else
        wrong.key = file(value.c_str());
    const auto server = HttpsServer::start(wrong, echo);
    QVERIFY(!server.has_value());
    QCOMPARE(static_cast<int>(server.error().code), code);
    const auto said = sentence(server.error());
    QVERIFY2(QString::fromStdString(said).contains(says), said.c_str());
    QVERIFY2(said.ends_with('.') || said.ends_with(')'), said.c_str());
}

void TestHttpsServer::saysThatThePortIsTaken()
{
    auto hasty = settings();
    hasty.grace = 0ms;
    auto server = started(hasty, echo);
    hasty.port = server->port();
    const auto second = HttpsServer::start(hasty, echo);
    QVERIFY(!second.has_value());
    QCOMPARE(second.error().code, Code::WrongUsage);
    QVERIFY(sentence(second.error()).find("taken by another program") != std::string::npos);
    auto c = client(*server);
    QCOMPARE(c.get("/").status, 200);
    // Free again at once, although the system remembers the connection that the server closed first.
    server.reset();
    server = started(hasty, echo);
    QVERIFY(server != nullptr);
    QCOMPARE(client(*server).get("/").status, 200);
}

QTEST_GUILESS_MAIN(TestHttpsServer)
#include "tst_https_server.moc"
