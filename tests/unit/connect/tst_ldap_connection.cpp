// The LDAP connector and its connection to a real OpenLDAP server that is not there, hangs, restarts or loses an answer,
// and what a test of it says.
#include "core/connect/ldap/ldap_connector.h"

#include "tests/support/slapd.h"
#include "tests/support/tcp_relay.h"

#include <QElapsedTimer>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using namespace riskdesk::test;
using Answer = Response::Kind;
using O = ProviderOperation;

class TestLdapConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void testSaysWhatIsWrong_data();
    void testSaysWhatIsWrong();
    void comesBackAfterARestart();
    void tellsWhenItMayHaveBeenDone_data();
    void tellsWhenItMayHaveBeenDone();
    void givesUpOnAServerThatHangs();
    void stopsWhileTlsBegins();
    void doesNotSendWhatWasStopped();
};

void TestLdapConnection::initTestCase()
{
    if (const auto missing = Slapd::missing(); !missing.isEmpty())
        QSKIP(qPrintable(missing));
    // Read by libldap when it is first called: it must not switch anything off.
    qputenv("LDAPTLS_REQCERT", "never");
    qputenv("LDAPREFERRALS", "on");
}

void TestLdapConnection::testSaysWhatIsWrong_data()
{
    QTest::addColumn<QString>("change"); // what differs from what is right
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("words"); // empty: nothing is wrong
    QTest::newRow("nothing") << ""
                             << "ok"
                             << "";
    QTest::newRow("StartTLS") << "starttls"
                              << "ok"
                              << "";
    QTest::newRow("bind password") << "password"
                                   << "ldap49"
                                   << "bind DN and its password";
    QTest::newRow("bind DN") << "bindDn=cn=nobody,dc=shop,dc=example"
                             << "ldap49"
                             << "bind DN and its password";
    QTest::newRow("base") << "baseDn=ou=gone,dc=shop,dc=example"
                          << "ldap32"
                          << "The base DN ou=gone,dc=shop,dc=example does not exist";
    QTest::newRow("no base") << "baseDn=nonsense"
                             << "ldap34"
                             << "nonsense is no DN";
    QTest::newRow("nobody listens") << "url=ldaps://127.0.0.1:1"
                                    << "notConnected"
                                    << "127.0.0.1:1 cannot be reached";
    QTest::newRow("name") << "url=ldaps://nowhere.invalid"
                          << "notConnected"
                          << "nowhere.invalid is not known";
    QTest::newRow("login attribute") << "loginAttribute=employeeNumber"
                                     << "missing"
                                     << "employeeNumber";
    QTest::newRow("no overlay") << "overlay"
                                << "missing"
                                << "lacks the overlay ppolicy";
    QTest::newRow("no lockout") << "lockout"
                                << "missing"
                                << "pwdLockout";
    QTest::newRow("no TLS") << "tls"
                            << "ldap2"
                            << "does not offer StartTLS";
    QTest::newRow("other kind") << "kind"
                                << "missing"
                                << "no Active Directory";
}

void TestLdapConnection::testSaysWhatIsWrong()
{
    QFETCH(QString, change);
    QFETCH(QString, code);
    QFETCH(QString, words);
    auto options = shop();
    options.passwordPolicy = change != "overlay";
    options.tls = change != "tls";
    if (change == "overlay" || change == "lockout")
        options.entries = directory(anna(), change != "overlay", "FALSE");
    Slapd server(options);
    RUNNING(server);
    const bool startTls = change == "starttls" || change == "tls";
    Settings settings{{"url", startTls ? server.startTlsUrl() : server.url()},
                      {"caFile", server.authority()}};
    if (const auto at = change.indexOf('='); at > 0)
        settings[change.left(at).toStdString()] = change.mid(at + 1).toStdString();
    const auto connector = opened(settings, change == "password" ? "another word" : "word of the tool",
                                  change == "kind" ? "activeDirectory" : "ldap");
    QVERIFY(connector != nullptr);
    const auto response = connector->test();
    QVERIFY2(response.code == code.toStdString(), (response.code + ' ' + response.sentence).c_str());
    QVERIFY2(says(response, words.toStdString()), said(response));
    QVERIFY2(response.sentence.ends_with('.') && !says(response, "word of the tool"), said(response));
    QCOMPARE(response.done(), words.isEmpty());
}

void TestLdapConnection::comesBackAfterARestart()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    const auto block = requestFor(O::Block, "anna"), unblock = requestFor(O::Unblock, "anna");
    QVERIFY(connector->perform(block).done());
    server.kill();
    server.start();
    RUNNING(server);
    const auto again = connector->perform(unblock);
    QVERIFY2(again.done(), said(again));
    server.kill();
    const auto gone = connector->perform(block);
    QCOMPARE(gone.kind, Answer::RetryAfter);
    QCOMPARE(gone.code, std::string("notConnected"));
    QVERIFY(gone.wholeConnector);
    std::string kept;
    const Secret password(newPassword);
    QCOMPARE(connector->precondition(requestFor(O::ResetPassword, "anna", &password), kept).kind,
             Answer::RetryAfter);
    server.start();
    RUNNING(server);
    QVERIFY(signIn(server, oldPassword).done()); // nothing had been done
    QVERIFY(connector->perform(block).done());
}

void TestLdapConnection::tellsWhenItMayHaveBeenDone_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("code");
    QTest::newRow("the connection breaks") << "break"
                                           << "noReply";
    QTest::newRow("no answer comes") << "silence"
                                     << "noReply";
    QTest::newRow("stopped meanwhile") << "stop"
                                       << "cancelled";
}

// The change arrives, and its answer does not.
void TestLdapConnection::tellsWhenItMayHaveBeenDone()
{
    QFETCH(QString, what);
    QFETCH(QString, code);
    Slapd server(shop());
    RUNNING(server);
    TcpRelay relay(server.tlsPort());
    auto session = sessionOf(server, tool, "word of the tool", {}, relay.port());
    std::stop_source stop;
    std::vector<LdapEntry> entries;
    const auto found = session.search({people, LdapSearch::Scope::Subtree, "(uid=anna)", {"cn"}, 2}, entries,
                                      stop.get_token());
    QVERIFY2(found.done() && entries.size() == 1, said(found));
    relay.whenSentNext([&] {
        if (what == "stop")
            stop.request_stop();
        return what == "break" ? TcpRelay::Then::Break : TcpRelay::Then::KeepAnswers;
    });
    constexpr std::chrono::milliseconds patience = std::chrono::minutes(2), soon{300};
    session.setTimes({patience, what == "silence" ? soon : patience});
    QElapsedTimer waited;
    waited.start();
    const auto response =
        session.setPassword(entries.front().dn, Secret(newPassword), "a right", stop.get_token());
    QCOMPARE(response.kind, Answer::Unknown);
    QCOMPARE(response.code, code.toStdString());
    QVERIFY(std::chrono::milliseconds(waited.elapsed()) < patience);
    // Stopped, nobody knows; else it had been done. Asked over another connection, which the server may serve first.
    if (what != "stop")
        QTRY_VERIFY_WITH_TIMEOUT(signIn(server, newPassword).done(), 60000);
    // And the session finds its way back.
    session.setTimes({});
    relay.whenSentNext({});
    QVERIFY(
        session.search({people, LdapSearch::Scope::Subtree, "(uid=anna)", {"cn"}, 2}, entries, {}).done());
}

void TestLdapConnection::givesUpOnAServerThatHangs()
{
    Slapd server(shop());
    RUNNING(server);
    const LdapTimes soon{std::chrono::milliseconds(300), std::chrono::milliseconds(300)};
    auto session = sessionOf(server, tool, "word of the tool", soon);
    server.hold(); // its connections are still taken up by the system
    const auto response = session.open({});
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(response.code, std::string("notConnected"));
    QVERIFY2(says(response, "does not answer"), said(response));
    LdapSession starting(
        {{"127.0.0.1", server.port(), true}, server.authority(), tool, Secret("word of the tool")}, soon);
    const auto late = starting.open({});
    QCOMPARE(late.kind, Answer::RetryAfter);
    QVERIFY2(says(late, "does not answer"), said(late));

    SetUp setUp{{{"url", server.url()}, {"caFile", server.authority()}, {"baseDn", people}, {"bindDn", tool}},
                {},
                noon};
    setUp.secrets.emplace("password", Secret("word of the tool"));
    LdapConnector connector(std::move(setUp), LdapConnector::Server::OpenLdap, soon);
    const auto block = connector.perform(requestFor(O::Block, "anna"));
    QCOMPARE(block.kind, Answer::RetryAfter);
    QVERIFY(block.wholeConnector);
    server.proceed();
    QVERIFY(signIn(server, oldPassword).done());

    // It hangs after it had answered.
    auto bound = sessionOf(server, tool, "word of the tool");
    std::vector<LdapEntry> entries;
    const LdapSearch self{tool, LdapSearch::Scope::Base, "(objectClass=*)", {"cn"}, 0};
    QVERIFY(bound.search(self, entries, {}).done());
    server.hold();
    bound.setTimes(soon);
    const auto silent = bound.search(self, entries, {});
    QCOMPARE(silent.kind, Answer::RetryAfter);
    QCOMPARE(silent.code, std::string("noReply"));
    server.proceed();
    bound.setTimes({});
    QVERIFY(bound.search(self, entries, {}).done());
}

// Nothing comes after the client began TLS, and the stop token ends the wait.
void TestLdapConnection::stopsWhileTlsBegins()
{
    constexpr std::chrono::milliseconds patience = std::chrono::minutes(2);
    Slapd server(shop());
    RUNNING(server);
    TcpRelay relay(server.tlsPort());
    auto session = sessionOf(server, tool, "word of the tool", {patience, patience}, relay.port());
    std::stop_source stop;
    QElapsedTimer waited;
    waited.start();
    relay.whenSentNext([&] {
        stop.request_stop();
        return TcpRelay::Then::KeepAnswers;
    });
    const auto response = session.open(stop.get_token());
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(response.code, std::string("cancelled"));
    QVERIFY(std::chrono::milliseconds(waited.elapsed()) < patience); // it was not the time that ended it
}

void TestLdapConnection::doesNotSendWhatWasStopped()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    std::stop_source stop;
    connector->setStop(stop.get_token());
    QVERIFY(connector->perform(requestFor(O::Unblock, "anna")).done());
    stop.request_stop();
    const auto response = connector->perform(requestFor(O::Block, "anna"));
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(response.code, std::string("cancelled"));
    QVERIFY(signIn(server, oldPassword).done());
    connector->setStop({});
    QVERIFY(connector->perform(requestFor(O::Block, "anna")).done());
}

QTEST_GUILESS_MAIN(TestLdapConnection)
#include "tst_ldap_connection.moc"
