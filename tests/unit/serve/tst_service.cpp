// From a directory and an address to a running server: what is told of it, what is refused, and that a start
// that fails changes nothing which clients of a running server trust.
#include "core/serve/access_tokens.h"
#include "core/serve/service.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/tls_server.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <csignal>

using namespace riskdesk;
using namespace riskdesk::serve;
using test::noon;

namespace {

const action::Operator admin{"ana", action::Role::Administrator, "command line", "desk-7"};

QByteArray bytesOf(const std::filesystem::path &file)
{
    QFile in(QString::fromStdString(file.string()));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

std::uint16_t portOf(const Service &service)
{
    return static_cast<std::uint16_t>(std::stoi(service.url().substr(service.url().rfind(':') + 1)));
}

// As a client that trusts the certificate and nothing else, on the day of the fixture.
int askUsers(const Service &service, const std::string &token)
{
    httplib::SSLClient client("127.0.0.1", portOf(service));
    client.set_ca_cert_path(service.certificate().string());
    client.enable_server_certificate_verification(true);
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(client.ssl_context()),
                               static_cast<std::time_t>(noon.us / 1'000'000));
    client.set_bearer_token_auth(token);
    const auto answer = client.Get("/v1.0/identityProtection/riskyUsers");
    return answer ? answer->status : 0;
}

struct ServedWorld : test::Fixture
{
    ServedWorld()
        : Fixture(2)
    {
        raise(test::finding(1, 1, DetectionType::AnonymizedIPAddress, RiskLevel::Medium, noon));
        const auto made =
            createToken(connection(), clock, admin, "siem", Scopes{Scope::IdentityRiskyUserReadAll});
        check(made);
        secret = std::string(made->secret.reveal());
    }
    [[nodiscard]] Result<std::unique_ptr<Service>> start(const std::string &listen,
                                                         std::vector<std::string> hosts = {})
    {
        return Service::start({.directory = connection().file(), .listen = listen, .hosts = std::move(hosts)},
                              clock);
    }
    std::string secret;
};

} // namespace

class ServiceTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void readsAddresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("address");
        QTest::addColumn<int>("port");
        QTest::addColumn<bool>("loopback");
        QTest::newRow("IPv4") << "127.0.0.1:8443"
                              << "127.0.0.1" << 8443 << true;
        QTest::newRow("IPv6") << "[::1]:8443"
                              << "::1" << 8443 << true;
        QTest::newRow("by name") << "LocalHost:0"
                                 << "127.0.0.1" << 0 << true;
        QTest::newRow("another loopback") << "127.8.0.1:1"
                                          << "127.8.0.1" << 1 << true;
        QTest::newRow("with blanks") << " 127.0.0.1:65535 "
                                     << "127.0.0.1" << 65535 << true;
        QTest::newRow("every") << "0.0.0.0:8443"
                               << "0.0.0.0" << 8443 << false;
        QTest::newRow("every, IPv6") << "[::]:8443"
                                     << "::" << 8443 << false;
        QTest::newRow("of the network") << "192.0.2.7:443"
                                        << "192.0.2.7" << 443 << false;
    }
    void readsAddresses()
    {
        QFETCH(QString, text);
        const auto read = listenAddress(text.toStdString());
        QVERIFY(read);
        QTEST(QString::fromStdString(read->address), "address");
        QTEST(int{read->port}, "port");
        QTEST(read->isLoopback(), "loopback");
    }

    void refusesAddresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("nothing") << " "
                                 << "An address is missing";
        QTest::newRow("a word") << "nonsense"
                                << "\"nonsense\" names no port";
        QTest::newRow("no port") << "127.0.0.1"
                                 << "\"127.0.0.1\" names no port";
        QTest::newRow("no port, IPv6") << "[::1]"
                                       << "\"[::1]\" names no port";
        QTest::newRow("no address") << ":8443"
                                    << "\"\" is no address in numbers";
        QTest::newRow("an empty port") << "127.0.0.1:"
                                       << "\"\" is no port";
        QTest::newRow("no number") << "127.0.0.1:x"
                                   << "\"x\" is no port";
        QTest::newRow("too great") << "127.0.0.1:65536"
                                   << "\"65536\" is no port";
        QTest::newRow("below zero") << "127.0.0.1:-1"
                                    << "\"-1\" is no port";
        QTest::newRow("without brackets") << "::1:8443"
                                          << "in brackets, like [::1]:8443";
        QTest::newRow("half a bracket") << "[127.0.0.1:8443"
                                        << "is no address in numbers";
        QTest::newRow("a name") << "example.com:8443"
                                << "\"example.com\" is no address in numbers";
        QTest::newRow("three numbers") << "1.2.3:8443"
                                       << "\"1.2.3\" is no address in numbers";
    }
    void refusesAddresses()
    {
        QFETCH(QString, text);
        QFETCH(QString, sentence);
        const auto read = listenAddress(text.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().code, Code::WrongUsage);
        const auto said = QString::fromStdString(read.error().detail);
        QVERIFY2(said.contains(sentence), qPrintable(said));
        QVERIFY2(said.endsWith('.') && !said.contains(". "), qPrintable(said)); // one sentence

        ServedWorld world;
        const auto started = world.start(text.toStdString());
        QVERIFY(!started);
        QCOMPARE(started.error().detail, read.error().detail);
        QVERIFY(!std::filesystem::exists(world.connection().file().string() + ".crt"));
    }

    void answersAndTells()
    {
        ServedWorld world;
        const auto service = world.start("127.0.0.1:0");
        QVERIFY2(service, service ? "" : service.error().detail.c_str());
        const auto &running = **service;
        QVERIFY2(running.url().starts_with("https://127.0.0.1:"), running.url().c_str());
        QVERIFY(portOf(running) != 0);
        QCOMPARE(running.certificate().string(), world.connection().file().string() + ".crt");
        QVERIFY(QRegularExpression("^([0-9A-F]{2}:){31}[0-9A-F]{2}$")
                    .match(QString::fromStdString(running.fingerprint()))
                    .hasMatch());
        QVERIFY(!running.reachesOthers());
        QCOMPARE(askUsers(running, world.secret), 200);
        QCOMPARE(askUsers(running, "rd_wrong"), 401);
        (*service)->stop();
        QCOMPARE(askUsers(running, world.secret), 0);
        (*service)->stop();
        // The port is free again, and the certificate the same.
        const auto print = running.fingerprint();
        const auto again = world.start("127.0.0.1:" + std::to_string(portOf(running)));
        QVERIFY2(again, again ? "" : again.error().detail.c_str());
        QCOMPARE((*again)->fingerprint(), print);
        QCOMPARE(askUsers(**again, world.secret), 200);
    }

    void saysWhoReachesIt()
    {
        ServedWorld world;
        const auto everywhere = world.start("0.0.0.0:0");
        QVERIFY(everywhere);
        QVERIFY((*everywhere)->reachesOthers());
        QVERIFY((*everywhere)->url().starts_with("https://localhost:"));
        const auto named = world.start("0.0.0.0:0", {"risk.example"});
        QVERIFY(named);
        QVERIFY((*named)->url().starts_with("https://risk.example:"));
    }

    void aTakenPortLeavesTheCertificate()
    {
        ServedWorld world;
        const auto first = world.start("127.0.0.1:0");
        QVERIFY(first);
        const auto file = (*first)->certificate();
        auto key = file;
        key.replace_extension(".key");
        const auto certificateBefore = bytesOf(file), keyBefore = bytesOf(key);
        QVERIFY(!certificateBefore.isEmpty() && !keyBefore.isEmpty());
        // A name that the certificate is not made for would have it made anew.
        const auto taken = "127.0.0.1:" + std::to_string(portOf(**first));
        const auto second = world.start(taken, {"risk.example"});
        QVERIFY(!second);
        QCOMPARE(second.error().code, Code::WrongUsage);
        QVERIFY2(second.error().detail.find("taken by another program") != std::string::npos,
                 second.error().detail.c_str());
        QCOMPARE(bytesOf(file), certificateBefore);
        QCOMPARE(bytesOf(key), keyBefore);
        QCOMPARE(askUsers(**first, world.secret), 200);
        // On a port that is free it is.
        const auto third = world.start("127.0.0.1:0", {"risk.example"});
        QVERIFY(third);
        QVERIFY(bytesOf(file) != certificateBefore);
        QVERIFY((*third)->fingerprint() != (*first)->fingerprint());
    }

    void aCertificateNeedsItsKey()
    {
        ServedWorld world;
        const auto file = world.connection().file();
        const auto half =
            Service::start({.directory = file, .listen = "127.0.0.1:0", .certificate = "a.crt"}, world.clock);
        QVERIFY(!half);
        QCOMPARE(half.error().code, Code::WrongUsage);
        const auto missing = Service::start(
            {.directory = file, .listen = "127.0.0.1:0", .certificate = "a.crt", .key = "a.key"},
            world.clock);
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, Code::NotFound);
    }

    void noDirectoryNoCertificate()
    {
        ServedWorld world;
        const auto file = world.connection().file().parent_path() / "none.riskdesk";
        const auto none = Service::start({.directory = file, .listen = "127.0.0.1:0"}, world.clock);
        QVERIFY(!none);
        QVERIFY(!std::filesystem::exists(file.string() + ".crt"));
    }
};

QTEST_GUILESS_MAIN(ServiceTest)
#include "tst_service.moc"
