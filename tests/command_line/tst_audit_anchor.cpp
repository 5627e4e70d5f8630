// What commands and the API write to the audit log, and somebody changes who can write the file and knows how the digests
// are made, but cannot open the secrets: verify finds it, without a `verify` or a console in between.
#include "core/connect/sealed_file.h"
#include "core/connections/audit_anchor.h"
#include "core/store/schema.h"

#include "tests/support/served.h"

#include <QTest>

#include <httplib.h>

#include <csignal>
#include <map>

using namespace riskdesk;
using riskdesk::test::Ctl;
using riskdesk::test::Ran;
using riskdesk::test::Served;

namespace {

// A directory with findings of two users, its secrets in a sealed file, and the key of them in the environment.
struct World
{
    World()
    {
        qunsetenv("RISKDESK_SECRETS_KEY");
        qunsetenv("RISKDESK_SECRETS_PASSPHRASE_FILE");
        test::prepareFindings(ctl, 2);
        key = ctl.path("secrets.key");
        ok({"connect", "key", key});
        const auto read = connect::readKeyFile(key.toStdString());
        if (!read || !connect::SealedFile::make(connect::SealedFile::beside(file()), *read))
            qFatal("no secrets");
        qputenv("RISKDESK_SECRETS_KEY", key.toUtf8());
    }
    ~World() { qunsetenv("RISKDESK_SECRETS_KEY"); }
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    std::filesystem::path file() const { return ctl.directory().toStdString(); }
    Ran ok(const QStringList &arguments) const
    {
        const auto ran = ctl.run(arguments);
        if (ran.code != 0)
            qFatal("%s: %s%s", qPrintable(arguments.join(' ')), qPrintable(ran.out), qPrintable(ran.err));
        return ran;
    }
    store::Connection open() const
    {
        auto connection = store::openForWriting(file());
        if (!connection)
            qFatal("%s", connection.error().detail.c_str());
        return std::move(*connection);
    }
    // 0: there is none.
    std::int64_t anchor() const
    {
        const auto read = connect::readKeyFile(key.toStdString());
        auto secrets = connect::SealedFile::open(connect::SealedFile::beside(file()), *read);
        const auto kept = run::auditAnchor(*secrets);
        return *kept ? (*kept)->id : 0;
    }
    std::int64_t newest() const
    {
        auto connection = open();
        return ledger::auditHead(connection)->id;
    }
    // The newest record of that action was somebody else's doing, and all digests are made anew.
    void forge(const std::string &action) const
    {
        auto connection = open();
        if (!store::Statement(connection, "UPDATE audit SET actor = 'Eve' WHERE id = (SELECT max(id) FROM "
                                          "audit WHERE action = ?1)")
                 .bind(action)
                 .run())
            qFatal("not forged");
        std::map<std::int64_t, Digest256> all;
        {
            store::Statement rows(connection, "SELECT " + std::string(ledger::auditChainColumns) +
                                                  " FROM audit ORDER BY id");
            Digest256 before{};
            while (rows.step())
                all[rows.int64(0)] = before = ledger::chained(before, ledger::chainedRecord(rows));
        }
        store::Statement write(connection, "UPDATE audit SET chain = ?2 WHERE id = ?1");
        for (const auto &[id, chain] : all)
            if (!write.bind(id, std::span<const std::uint8_t>(chain)).run())
                qFatal("not written");
    }
    Ctl ctl;
    QString key;
};

} // namespace

class AuditAnchorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void findsWhatACommandWroteAndSomebodyChanged_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("action");
        QTest::newRow("a decision") << QStringList{"dismiss", "user1@shop.example"} << "dismiss";
        QTest::newRow("of an account") << QStringList{"block", "user1@shop.example"} << "block";
        QTest::newRow("a setting") << QStringList{"settings", "outbox.holdSeconds=3"} << "setting";
        QTest::newRow("a token") << QStringList{"token", "create", "siem", "--scopes", "AuditLog.Read.All"}
                                 << "tokenCreate";
        QTest::newRow("a list") << QStringList{"intel", "remove", "1"} << "intelRemove";
    }
    void findsWhatACommandWroteAndSomebodyChanged()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, action);
        const World w;
        w.ok(command);
        QCOMPARE(w.anchor(), w.newest());
        QCOMPARE(w.ctl.run({"verify"}).code, 0);
        w.ok({"settings", "outbox.holdSeconds=4"}); // and something after it
        w.forge(action.toStdString());
        const auto found = w.ctl.run({"verify"});
        QVERIFY2(found.code == 1 && found.out.contains("The audit log was written anew"),
                 qPrintable(found.out + found.err));
        // The next command says it too, does what it was asked to, and makes nothing good.
        const auto next = w.ctl.run({"settings", "outbox.holdSeconds=2"});
        QVERIFY2(next.code == 0 && next.err.contains("The audit log was written anew"), qPrintable(next.err));
        QCOMPARE(w.ctl.run({"verify"}).code, 1);
    }
    void keepsWhatACommandThatFollowsWrote()
    {
        const World w;
        w.ok({"settings", "outbox.holdSeconds=4"});
        const auto before = w.newest();
        const auto log = w.ctl.write(
            "more.ndjson", R"({"id":"more","createdDateTime":"2026-03-18T10:00:00Z","userPrincipalName":)"
                           R"("user1@shop.example","ipAddress":"192.0.2.1","status":{"errorCode":0}})"
                           "\n");
        QProcess following;
        following.start(QString::fromStdString(test::riskdeskctl()),
                        {"--directory", w.ctl.directory(), "import", log, "--follow"});
        QVERIFY(following.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(w.newest() > before, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(w.anchor(), w.newest(), 60'000);
        // Somebody decides meanwhile who cannot open the secrets.
        qunsetenv("RISKDESK_SECRETS_KEY");
        w.ok({"dismiss", "user1@shop.example"});
        QTRY_COMPARE_WITH_TIMEOUT(w.anchor(), w.newest(), 60'000);
        QCOMPARE(following.state(), QProcess::Running);
        following.terminate();
        QVERIFY(following.waitForFinished(60'000));
    }
    void costsNothingWhereNothingWasWritten()
    {
        const World w;
        w.ok({"dismiss", "user1@shop.example"});
        const auto secrets = [&] {
            QFile sealed(w.ctl.directory() + ".secrets");
            return sealed.open(QIODevice::ReadOnly) ? sealed.readAll() : QByteArray();
        };
        const auto before = secrets();
        qputenv("RISKDESK_SECRETS_KEY", "/nowhere"); // would be told if it were opened
        for (const auto &command : {QStringList{"list", "users"}, QStringList{"intel", "list"},
                                    QStringList{"history", "user1@shop.example"}})
            QVERIFY(!w.ok(command).err.contains("nowhere"));
        QVERIFY(secrets() == before);
    }
    void failsNoCommandWithoutSecrets()
    {
        const World w;
        w.ok({"dismiss", "user1@shop.example"});
        const auto kept = w.anchor();
        qputenv("RISKDESK_SECRETS_KEY", "/nowhere");
        const auto lost = w.ok({"settings", "outbox.holdSeconds=3"});
        QVERIFY2(lost.err.contains("/nowhere"), qPrintable(lost.err));
        qunsetenv("RISKDESK_SECRETS_KEY"); // nobody is asked for a passphrase
        QCOMPARE(w.ok({"settings", "outbox.holdSeconds=4"}).err, QString());
        QCOMPARE(w.anchor(), kept);
        qputenv("RISKDESK_SECRETS_KEY", w.key.toUtf8());
        w.ok({"settings", "outbox.holdSeconds=5"}); // catches up
        QCOMPARE(w.anchor(), w.newest());
        QVERIFY(QFile::remove(w.ctl.directory() + ".secrets"));
        QCOMPARE(w.ok({"settings", "outbox.holdSeconds=6"}).err, QString()); // there are none
    }
    void movesWhileTheApiIsServed()
    {
        const World w;
        Served served(w.ctl);
        QVERIFY2(!served.url().isEmpty(), qPrintable(served.err()));
        const auto before = w.newest();
        QTRY_COMPARE_WITH_TIMEOUT(w.anchor(), before, 10000); // what others wrote
        const auto token = test::makeToken(w.ctl, "siem");
        qunsetenv("RISKDESK_SECRETS_KEY"); // the server alone has it
        httplib::SSLClient script("127.0.0.1", served.port());
        script.set_ca_cert_path(served.certificate().toStdString());
        script.enable_server_certificate_verification(true);
        script.set_bearer_token_auth(token.toStdString());
        const auto users = script.Get("/v1.0/identityProtection/riskyUsers");
        QVERIFY(users && users->status == 200);
        const auto id =
            QJsonDocument::fromJson(QByteArray::fromStdString(users->body))["value"][0]["id"].toString();
        const auto dismissed =
            script.Post("/v1.0/identityProtection/riskyUsers/dismiss",
                        QString(R"({"userIds":["%1"]})").arg(id).toStdString(), "application/json");
        QVERIFY(dismissed && dismissed->status == 204);
        const auto wrote = w.newest();
        QVERIFY(wrote > before);
        QTRY_COMPARE_WITH_TIMEOUT(w.anchor(), wrote, 10000);
        w.forge("dismiss");
        const auto found = w.ctl.run({"verify", "--secrets-key", w.key});
        QVERIFY2(found.code == 1 && found.out.contains("written anew"), qPrintable(found.out + found.err));
    }
};

QTEST_GUILESS_MAIN(AuditAnchorTest)
#include "tst_audit_anchor.moc"
