// How the LDAP connector begins TLS with a real OpenLDAP server, and which certificates it takes.
#include "tests/support/slapd.h"
#include "tests/support/tcp_relay.h"

#include <QTest>

#include <map>

using namespace riskdesk;
using namespace riskdesk::connect;
using namespace riskdesk::test;
using Answer = Response::Kind;
using O = ProviderOperation;

class TestLdapTls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void beginsTlsBeforeAnythingIsSent();
    void sendsNothingWithoutTls();
    void trustsNoOtherCertificate_data();
    void trustsNoOtherCertificate();

private:
    std::map<QString, std::unique_ptr<Slapd>> m_servers; // by what is wrong with the certificate
};

void TestLdapTls::initTestCase()
{
    if (const auto missing = Slapd::missing(); !missing.isEmpty())
        QSKIP(qPrintable(missing));
    // Read by libldap when it is first called: it must not switch anything off.
    qputenv("LDAPTLS_REQCERT", "never");
    qputenv("LDAPREFERRALS", "on");
}

void TestLdapTls::beginsTlsBeforeAnythingIsSent()
{
    Slapd server(shop());
    RUNNING(server);
    TcpRelay relay(server.port());
    const auto connector =
        opened({{"url", "ldap://127.0.0.1:" + std::to_string(relay.port())}, {"caFile", server.authority()}});
    const Secret password(newPassword);
    const auto response = connector->perform(requestFor(O::ResetPassword, "anna", &password));
    QVERIFY2(response.done(), said(response));
    QVERIFY(signIn(server, newPassword).done());
    const auto sent = relay.sent();
    QVERIFY(sent.find("1.3.6.1.4.1.1466.20037") != std::string::npos); // StartTLS
    for (const std::string_view secret :
         {std::string_view("word of the tool"), newPassword, std::string_view("cn=")})
        QVERIFY2(sent.find(secret) == std::string::npos, secret.data());
}

void TestLdapTls::sendsNothingWithoutTls()
{
    auto options = shop();
    options.tls = false;
    Slapd server(options);
    RUNNING(server);
    TcpRelay relay(server.port());
    const auto connector =
        opened({{"url", "ldap://127.0.0.1:" + std::to_string(relay.port())}, {"caFile", server.authority()}});
    const Secret password(newPassword);
    const auto response = connector->perform(requestFor(O::ResetPassword, "anna", &password));
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY2(says(response, "StartTLS"), said(response));
    const auto sent = relay.sent();
    QVERIFY(!sent.empty() && sent.find("word of the tool") == std::string::npos &&
            sent.find(newPassword) == std::string::npos);
}

void TestLdapTls::trustsNoOtherCertificate_data()
{
    QTest::addColumn<bool>("startTls");
    QTest::addColumn<QString>("wrong");
    QTest::addColumn<QString>("words");
    for (const bool startTls : {false, true}) {
        const char *how = startTls ? "StartTLS" : "TLS";
        QTest::addRow("%s, authority", how) << startTls << "authority"
                                            << "is not trusted";
        QTest::addRow("%s, machine's authorities", how) << startTls << "machine"
                                                        << "is not trusted";
        QTest::addRow("%s, name", how) << startTls << "name"
                                       << "made for another name";
        QTest::addRow("%s, expired", how) << startTls << "expired"
                                          << "has expired";
    }
    QTest::addRow("no certificate") << false << "file"
                                    << "cannot be read";
}

void TestLdapTls::trustsNoOtherCertificate()
{
    QFETCH(bool, startTls);
    QFETCH(QString, wrong);
    QFETCH(QString, words);
    // Rows that differ in what the client trusts share a server.
    const auto serverFor = wrong == "name" || wrong == "expired" ? wrong : QString();
    auto &server = m_servers[serverFor];
    if (!server) {
        auto options = shop();
        if (wrong == "name")
            options.name = "DNS:elsewhere.example";
        if (wrong == "expired")
            options.until = "20010101000000Z";
        server = std::make_unique<Slapd>(options);
    }
    RUNNING(*server);
    std::optional<Slapd> other;
    if (wrong == "authority")
        other.emplace(shop());
    QTemporaryDir folder;
    QFile nonsense(folder.filePath("nonsense.pem"));
    QVERIFY(nonsense.open(QIODevice::WriteOnly) && nonsense.write("nonsense") > 0);
    nonsense.close();
    const auto authority = wrong == "authority" ? other->authority()
                           : wrong == "machine" ? std::string()
                           : wrong == "file"    ? nonsense.fileName().toStdString()
                                                : server->authority();
    const auto connector =
        opened({{"url", startTls ? server->startTlsUrl() : server->url()}, {"caFile", authority}});
    const Secret password(newPassword);
    for (const auto &response :
         {connector->test(), connector->perform(requestFor(O::ResetPassword, "anna", &password))}) {
        QCOMPARE(response.kind, Answer::Refused);
        QCOMPARE(response.code, std::string("certificate"));
        QVERIFY2(says(response, words.toStdString()), said(response));
    }
    if (wrong != "name" && wrong != "expired")
        QVERIFY(signIn(*server, oldPassword).done());
}

QTEST_GUILESS_MAIN(TestLdapTls)
#include "tst_ldap_tls.moc"
