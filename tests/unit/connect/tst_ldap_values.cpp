// What the LDAP connector writes and reads without a server: addresses, values and what result codes mean.
#include "core/connect/kind.h"
#include "core/connect/ldap/address.h"
#include "core/connect/ldap/result_code.h"
#include "core/connect/ldap/values.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using Answer = Response::Kind;

class TestLdapValues : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAddresses_data();
    void readsAddresses();
    void writesValuesAsServersWant();
    void tellsWhatAResultMeans_data();
    void tellsWhatAResultMeans();
};

void TestLdapValues::readsAddresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("uri"); // empty: none
    QTest::newRow("TLS") << "ldaps://ldap.shop.example"
                         << "ldaps://ldap.shop.example:636";
    QTest::newRow("StartTLS") << "ldap://ldap.shop.example"
                              << "ldap://ldap.shop.example:389";
    QTest::newRow("port") << "LDAPS://127.0.0.1:3636/"
                          << "ldaps://127.0.0.1:3636";
    QTest::newRow("IPv6") << "ldaps://[2001:db8::1]:3636"
                          << "ldaps://[2001:db8::1]:3636";
    QTest::newRow("web") << "https://ldap.shop.example"
                         << "";
    QTest::newRow("local socket") << "ldapi:///"
                                  << "";
    QTest::newRow("without connection") << "cldap://ldap.shop.example"
                                        << "";
    QTest::newRow("no host") << "ldaps://"
                             << "";
    QTest::newRow("base") << "ldaps://ldap.shop.example/dc=shop"
                          << "";
    QTest::newRow("filter") << "ldaps://ldap.shop.example/??sub?(uid=a)"
                            << "";
    QTest::newRow("port 0") << "ldaps://ldap.shop.example:0"
                            << "";
    QTest::newRow("port too large") << "ldaps://ldap.shop.example:65536"
                                    << "";
    QTest::newRow("two") << "ldaps://a.example ldap://b.example"
                         << "";
    QTest::newRow("only a name") << "ldap.shop.example"
                                 << "";
    QTest::newRow("nothing") << ""
                             << "";
}

void TestLdapValues::readsAddresses()
{
    QFETCH(QString, text);
    QFETCH(QString, uri);
    const auto address = LdapAddress::parse(text.toStdString());
    QCOMPARE(address ? QString::fromStdString(address->uri()) : QString(), uri);
    Settings settings{{"url", text.toStdString()}, {"baseDn", "dc=shop"}, {"bindDn", "cn=a"}};
    Secrets secrets;
    secrets.emplace("password", Secret("s"));
    QCOMPARE(check(*findKind("ldap"), settings, secrets).has_value(), !uri.isEmpty());
}

void TestLdapValues::writesValuesAsServersWant()
{
    QCOMPARE(filterValue("anna"), std::string("anna"));
    QCOMPARE(QString::fromStdString(filterValue("a*(b)\\c")).toLower(), QString("a\\2a\\28b\\29\\5cc"));
    QVERIFY(filterValue(std::string_view("a\0b", 3)).find('\0') == std::string::npos);
    QVERIFY(isAttributeName("sAMAccountName") && isAttributeName("2.5.4.3") && !isAttributeName("uid=*)(x") &&
            !isAttributeName("") && !isAttributeName("1..2"));
    QVERIFY(isDistinguishedName("cn=Anna A,dc=shop") && !isDistinguishedName("anna") &&
            !isDistinguishedName("=x"));

    std::string guid;
    for (char byte = 1; byte <= 16; ++byte)
        guid += byte;
    QCOMPARE(guidText(guid), std::string("04030201-0605-0807-090a-0b0c0d0e0f10"));
    QCOMPARE(guidFilterValue("{04030201-0605-0807-090A-0B0C0D0E0F10}"),
             std::string("\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0A\\0B\\0C\\0D\\0E\\0F\\10"));
    QVERIFY(guidText("short").empty() && !isUuid("04030201-0605-0807-090a-0b0c0d0e0f1") &&
            isUuid("04030201-0605-0807-090a-0b0c0d0e0f10"));

    const auto password = unicodePassword(Secret("aZ\u00e9\U0001f600"));
    QVERIFY(password);
    QCOMPARE(QByteArray(password->reveal().data(), static_cast<qsizetype>(password->size())),
             QByteArray::fromHex("220061005a00e9003dd800de2200"));
    QVERIFY(!unicodePassword(Secret("a\xff")));

    QCOMPARE(userAccountControl("512"), std::optional<std::uint32_t>(512));
    QCOMPARE(userAccountControl(userAccountControl("-2147483136").value()), std::string("-2147483136"));
    QVERIFY(!userAccountControl("") && !userAccountControl("4294967296") && !userAccountControl("x"));
    QCOMPARE(toBase64Url(std::string_view("\xff\xfe\0", 3)), std::string("__4A"));
    QCOMPARE(fromBase64Url("__4A"), std::optional(std::string("\xff\xfe\0", 3)));
    QVERIFY(fromBase64Url("").has_value() && !fromBase64Url("a b"));
    QCOMPARE(quotable(" it\nfailed. "), std::string("it failed"));
    QVERIFY(isUuid("04030201-0605-0807-090a-0b0c0d0e0f10") && quotable(std::string(900, 'x')).size() == 200);
}

void TestLdapValues::tellsWhatAResultMeans_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("diagnostic");
    QTest::addColumn<int>("meaning");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, int code, const char *diagnostic, Answer meaning,
                        const char *words = "") {
        QTest::newRow(name) << code << QString(diagnostic) << static_cast<int>(meaning) << QString(words);
    };
    row("success", 0, "", Answer::Done);
    row("busy", 51, "", Answer::RetryAfter, "busy");
    row("unavailable", 52, "", Answer::RetryAfter, "not available");
    row("credentials", 49, "", Answer::Refused, "bind DN and its password");
    row("rights", 50, "", Answer::Refused, "the right to try");
    row("unwilling", 53, "not today", Answer::Refused, "not today");
    row("constraint", 19, "Password is too short.", Answer::Refused, "Password is too short.");
    row("restriction", 53, "0000052D: SvcErr: DSID-031A12D2, problem 5003", Answer::Refused,
        "password policy");
    row("referral", 10, "", Answer::Refused, "not followed");
    row("other", 80, "it broke", Answer::Refused, "it broke");
    row("unheard of", 4711, "", Answer::Refused, "refused");
}

void TestLdapValues::tellsWhatAResultMeans()
{
    QFETCH(int, code);
    QFETCH(QString, diagnostic);
    QFETCH(int, meaning);
    QFETCH(QString, words);
    const auto response = ldapResponse(code, LdapStep::Write, diagnostic.toStdString(), "the right to try");
    QCOMPARE(static_cast<int>(response.kind), meaning);
    QCOMPARE(response.code, code == 0 ? std::string("ok") : "ldap" + std::to_string(code));
    const auto sentence = QString::fromStdString(response.sentence);
    QVERIFY2(sentence.contains(words), qPrintable(sentence));
    if (code != 0)
        QVERIFY2(sentence.endsWith('.') && !sentence.endsWith(".."), qPrintable(sentence));
    QCOMPARE(response.wholeConnector, code == 49 || code == 51 || code == 52);
}

QTEST_GUILESS_MAIN(TestLdapValues)
#include "tst_ldap_values.moc"
