// The command token: what a script and a person read when they make, list and revoke one.
#include "tests/support/ctl.h"

#include <QRegularExpression>
#include <QTest>

using riskdesk::test::Ctl;

class TokenTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

private Q_SLOTS:
    void initTestCase() { QCOMPARE(m_ctl.run({"init", "--name", "Test"}).code, 0); }

    void isMadeOnceListedAndRevoked()
    {
        const auto made = m_ctl.run({"--as", "ana", "token", "create", "siem", "--scopes",
                                     "User.ReadWrite.All,AuditLog.Read.All", "--days", "30"});
        QVERIFY2(made.code == 0, qPrintable(made.err));
        // Nothing but the token, so that it can be piped.
        QVERIFY2(QRegularExpression("\\Ard_[A-Za-z0-9_-]{43}\\n\\z").match(made.out).hasMatch(),
                 qPrintable(made.out));
        const auto secret = made.out.trimmed();
        for (const char *words : {"\"siem\"", "User.ReadWrite.All: ", "User.Read.All: ",
                                  "AuditLog.Read.All: ", "expires at 20", "not shown again"})
            QVERIFY2(made.err.contains(words), qPrintable(made.err));
        QVERIFY(!made.err.contains(secret));
        QVERIFY(!made.err.contains("IdentityRisky"));

        const auto again = m_ctl.run({"token", "create", " siem", "--scopes", "User.Read.All"});
        QCOMPARE(again.code, 1);
        QCOMPARE(again.out, "");
        QVERIFY2(again.err.contains("there is a token of that name"), qPrintable(again.err));

        auto list = m_ctl.run({"token", "list", "--format", "json"}).array();
        QCOMPARE(list.size(), 1);
        auto token = list[0].toObject();
        QCOMPARE(token["name"].toString(), "siem");
        QCOMPARE(token["standing"].toString(), "good");
        QCOMPARE(token["createdBy"].toString(), "ana");
        QCOMPARE(token["scopes"].toArray(), (QJsonArray{"AuditLog.Read.All", "User.ReadWrite.All"}));
        QVERIFY(token["expirationDateTime"].isString());
        QVERIFY(token["revokedDateTime"].isNull() && token["lastUsedDateTime"].isNull());

        QCOMPARE(m_ctl.run({"token", "revoke", "siem"}).code, 0);
        QCOMPARE(m_ctl.run({"token", "revoke", "siem"}).code, 1);
        QCOMPARE(m_ctl.run({"token", "create", "siem", "--scopes", "User.Read.All"}).code, 0);
        list = m_ctl.run({"token", "list", "--format", "json"}).array();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list[0].toObject()["standing"].toString(), "revoked");
        QVERIFY(list[1].toObject()["expirationDateTime"].isNull());

        QCOMPARE(m_ctl.run({"token", "list", "--format", "ndjson"}).out.count('\n'), 2);
        const auto csv = m_ctl.run({"token", "list", "--format", "csv"}).out;
        QVERIFY2(csv.startsWith("Token,Standing,Scopes,") && csv.contains("siem,revoked,"), qPrintable(csv));
        const auto table = m_ctl.run({"token", "list"}).out;
        QVERIFY2(table.contains("revoked") && table.contains("never"), qPrintable(table));
        for (const auto &shown : {csv, table})
            QVERIFY(!shown.contains("rd_"));

        const auto audited =
            m_ctl
                .run({"sql", "SELECT action, target, actor, after FROM audit ORDER BY id", "--format", "csv"})
                .out;
        QVERIFY2(audited.contains("tokenCreate,siem,ana,AuditLog.Read.All User.ReadWrite.All until "),
                 qPrintable(audited));
        QVERIFY2(audited.contains("tokenRevoke,siem,"), qPrintable(audited));
        QVERIFY(!audited.contains(secret));
        QCOMPARE(m_ctl.run({"verify"}).code, 0);
    }
    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("words");
        const QStringList scopes{"--scopes", "User.Read.All"};
        QTest::newRow("no name") << QStringList{"create"} + scopes << 2 << "name";
        QTest::newRow("an empty name") << QStringList{"create", " "} + scopes << 2 << "is missing";
        QTest::newRow("no scopes") << QStringList{"create", "a"} << 2 << "--scopes";
        QTest::newRow("empty scopes") << QStringList{"create", "a", "--scopes", ","} << 2 << "without scopes";
        QTest::newRow("an unknown scope") << QStringList{"create", "a", "--scopes", "User.Read.All,Mail.Read"}
                                          << 2 << "IdentityRiskyUser.ReadWrite.All";
        QTest::newRow("no days") << QStringList{"create", "a", "--days", "0"} + scopes << 2
                                 << "between 1 and 3650";
        QTest::newRow("too many days")
            << QStringList{"create", "a", "--days", "3651"} + scopes << 2 << "between 1 and 3650";
        QTest::newRow("days that are no number")
            << QStringList{"create", "a", "--days", "ten"} + scopes << 2 << "--days";
        QTest::newRow("nothing to revoke") << QStringList{"revoke", "nobody"} << 1 << "token list";
        QTest::newRow("nothing to do") << QStringList() << 2 << "subcommand";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, words);
        const auto ran = m_ctl.run(QStringList{"token"} + arguments);
        QVERIFY2(ran.err.contains(words), qPrintable(ran.err));
        QCOMPARE(ran.code, code);
        QCOMPARE(ran.out, "");
    }
    void saysWhenTheTokenCouldNotBeWritten()
    {
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(
            QString::fromStdString(riskdesk::test::riskdeskctl()),
            {"--directory", m_ctl.directory(), "token", "create", "lost", "--scopes", "User.Read.All"});
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(process.readAllStandardError().contains("revoke \"lost\""));
    }
};

QTEST_GUILESS_MAIN(TokenTest)
#include "tst_token.moc"
