// What every kind of connector has to say of itself, and what is refused before one is made.
#include "core/connect/by_name.h"
#include "core/connect/https_client.h"
#include "core/connect/kind.h"
#include "core/store/schema.h"

#include "tests/support/file_locks.h"

#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace riskdesk;
using namespace riskdesk::connect;

class TestKinds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindSaysWhatItIs();
    void whatIsWrongIsNamed_data();
    void whatIsWrongIsNamed();
    void theOpenDirectoryIsNoCertificate();
    void addresses_data();
    void addresses();
    void usersMayBeFoundByNameAlone();
};

void TestKinds::everyKindSaysWhatItIs()
{
    std::set<std::string_view> keys;
    for (const auto &kind : kinds()) {
        QVERIFY2(keys.insert(kind.key).second, kind.key.data());
        QCOMPARE(findKind(kind.key), &kind);
        QVERIFY2(!kind.displayName.empty() && !kind.proof.empty(), kind.key.data());
        QVERIFY2(kind.capabilities != 0, kind.key.data());
        std::set<std::string_view> settings;
        for (const auto &setting : kind.settings) {
            QVERIFY2(settings.insert(setting.key).second, setting.key.data());
            QVERIFY2(!setting.title.empty() && setting.meaning.ends_with('.'), setting.key.data());
        }
    }
    QCOMPARE(findKind("Webhook"), nullptr);
    QCOMPARE(findKind(""), nullptr);
}

void TestKinds::whatIsWrongIsNamed_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("secret");
    QTest::addColumn<QString>("wrong"); // the setting; none: it is made
    QTest::newRow("all is there") << "url=https://siem.example/hook"
                                  << "s"
                                  << "";
    QTest::newRow("blanks are nothing") << "url= https://siem.example |caFile=  "
                                        << "s"
                                        << "";
    QTest::newRow("no address") << ""
                                << "s"
                                << "url";
    QTest::newRow("no secret") << "url=https://siem.example"
                               << ""
                               << "secret";
    QTest::newRow("not over TLS") << "url=http://siem.example"
                                  << "s"
                                  << "url";
    QTest::newRow("no such setting") << "url=https://siem.example|colour=red"
                                     << "s"
                                     << "colour";
    QTest::newRow("a secret among the settings") << "url=https://siem.example|secret=s"
                                                 << "s"
                                                 << "secret";
    QTest::newRow("no such file") << "url=https://siem.example|caFile=/nowhere/x.pem"
                                  << "s"
                                  << "caFile";
}

void TestKinds::whatIsWrongIsNamed()
{
    QFETCH(QString, settings);
    QFETCH(QString, secret);
    QFETCH(QString, wrong);
    const SystemClock clock;
    SetUp setUp{{}, {}, clock};
    for (const auto &part : settings.split('|', Qt::SkipEmptyParts))
        setUp.settings[part.section('=', 0, 0).toStdString()] = part.section('=', 1).toStdString();
    if (!secret.isEmpty())
        setUp.secrets.emplace("secret", Secret(secret.toStdString()));
    const auto made = open(*findKind("webhook"), std::move(setUp));
    QCOMPARE(made.has_value(), wrong.isEmpty());
    if (!made) {
        QCOMPARE(made.error().code, Code::WrongUsage);
        QCOMPARE(QString::fromStdString(made.error().subject), wrong);
    }
}

// Opening and closing its file would drop SQLite's locks.
void TestKinds::theOpenDirectoryIsNoCertificate()
{
    QTemporaryDir folder;
    const auto file = folder.filePath("shop.riskdesk").toStdString();
    QVERIFY(store::createDirectory(file, {}));
    auto connection = store::openForWriting(file);
    QVERIFY(connection);
    auto transaction = store::Transaction::begin(*connection);
    QVERIFY(transaction);
    const auto before = test::locksInProc(QString::fromStdString(file));
    QVERIFY(before != 0); // -1: this system does not show them
    const SystemClock clock;
    SetUp setUp{{{"url", "https://siem.example"}, {"caFile", file}}, {}, clock};
    setUp.secrets.emplace("secret", Secret("s"));
    const auto made = open(*findKind("webhook"), std::move(setUp));
    QVERIFY(!made && made.error().code == Code::WrongUsage);
    QCOMPARE(made.error().subject, std::string("caFile"));
    QCOMPARE(test::locksInProc(QString::fromStdString(file)), before);
}

void TestKinds::addresses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("parts"); // host, port and path; empty: none
    QTest::newRow("host") << "https://siem.example"
                          << "siem.example 443 /";
    QTest::newRow("port and path") << "HTTPS://siem.example:8443/a/b?c=d"
                                   << "siem.example 8443 /a/b?c=d";
    QTest::newRow("IPv6") << "https://[2001:db8::1]:8443/x"
                          << "2001:db8::1 8443 /x";
    QTest::newRow("without TLS") << "http://siem.example"
                                 << "";
    QTest::newRow("user") << "https://me:word@siem.example"
                          << "";
    QTest::newRow("no host") << "https:///x"
                             << "";
    QTest::newRow("port 0") << "https://siem.example:0"
                            << "";
    QTest::newRow("port too large") << "https://siem.example:65536"
                                    << "";
    QTest::newRow("a second line") << "https://siem.example/x\r\nHost: other"
                                   << "";
    QTest::newRow("fragment") << "https://siem.example/x#y"
                              << "";
    QTest::newRow("open bracket") << "https://[2001:db8::1"
                                  << "";
    QTest::newRow("nothing") << ""
                             << "";
}

void TestKinds::addresses()
{
    QFETCH(QString, text);
    QFETCH(QString, parts);
    const auto address = HttpsAddress::parse(text.toStdString());
    const auto told = address ? QString("%1 %2 %3")
                                    .arg(QString::fromStdString(address->host))
                                    .arg(address->port)
                                    .arg(QString::fromStdString(address->path))
                              : QString();
    QCOMPARE(told, parts);
}

// Where the identifiers are another system's.
void TestKinds::usersMayBeFoundByNameAlone()
{
    struct Asked final : Connector
    {
        explicit Asked(std::vector<Request> &requests)
            : seen(requests)
        {}
        Response test() override { return Response::ok(); }
        Response perform(const Request &request) override
        {
            seen.push_back(request);
            return Response::ok();
        }
        Response reconcile(const Request &request, const std::string &, Reconciled &outcome) override
        {
            seen.push_back(request);
            outcome = Reconciled::TookEffect;
            return Response::ok();
        }
        Response listUsers(const std::string &, std::vector<ProviderUser> &users, std::string &) override
        {
            users.push_back({"id-1", "anna@shop.example", "Anna", "", true});
            return Response::ok();
        }
        std::vector<Request> &seen;
    };
    std::vector<Request> seen;
    ByName byName(std::make_unique<Asked>(seen));
    Request request;
    request.operation = ProviderOperation::Block;
    request.userId = "another system's";
    request.userPrincipalName = "anna@shop.example";
    Reconciled outcome{};
    QVERIFY(byName.perform(request).done() && byName.reconcile(request, {}, outcome).done());
    QCOMPARE(seen.size(), std::size_t{2});
    for (const auto &one : seen)
        QVERIFY(one.userId.empty() && one.userPrincipalName == "anna@shop.example");
    std::vector<ProviderUser> users;
    std::string following;
    QVERIFY(byName.listUsers({}, users, following).done());
    QVERIFY(users.size() == 1 && users[0].id.empty() && users[0].userPrincipalName == "anna@shop.example");
    // Every kind that finds accounts elsewhere than where the log is written has the setting.
    for (const auto *key : {"ldap", "activeDirectory", "keycloak", "scim"}) {
        const auto &settings = findKind(key)->settings;
        QVERIFY2(std::ranges::find(settings, userByKey, &SettingSpec::key) != settings.end(), key);
    }
    Settings settings{
        {"url", "ldaps://ds.example"}, {"baseDn", "dc=shop"}, {"bindDn", "cn=riskdesk"}, {"userBy", "phone"}};
    Secrets secrets;
    secrets.emplace("password", Secret("x"));
    const auto checked = check(*findKind("ldap"), settings, secrets);
    QVERIFY(!checked && checked.error().subject == "userBy");
}

QTEST_GUILESS_MAIN(TestKinds)
#include "tst_kinds.moc"
