// Questions in SQL: by `riskdeskctl sql`, and by the sqlite3 program with our table loaded into it.
#include "tests/support/ctl.h"

#include <QStandardPaths>
#include <QTest>

#include <csignal>

using riskdesk::test::Ctl;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;
using riskdesk::test::sqliteModule;

namespace {

const QString endless =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0";

void prepare(const Ctl &ctl)
{
    QByteArray log;
    for (int i = 1; i <= 40; ++i)
        log += signInLine(i, i % 4 == 0 ? "anna" : "bert", {}, i == 7 ? "2001:db8::7" : "91.10.20.30",
                          i % 10 == 0 ? 50126 : 0);
    QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
    QCOMPARE(ctl.run({"import", ctl.write("day.json", log)}).code, 0);
}

} // namespace

class SqlTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answersInEveryFormat()
    {
        Ctl ctl;
        prepare(ctl);
        const QString question = "SELECT userPrincipalName AS who, count(*) AS n, sum(errorCode <> 0) AS "
                                 "failed, NULL AS missing, 1.5 AS "
                                 "half FROM signin GROUP BY 1 ORDER BY 2 DESC";
        const auto json = ctl.run({"sql", question, "--format", "json"});
        QCOMPARE(json.code, 0);
        QCOMPARE(json.array().size(), 2);
        const auto first = json.array()[0].toObject();
        QCOMPARE(first["who"].toString(), "bert@shop.example");
        QCOMPARE(first["n"].toInt(), 30);
        QCOMPARE(first["failed"].toInt(), 2);
        QVERIFY(first["missing"].isNull());
        QCOMPARE(first["half"].toDouble(), 1.5);
        QCOMPARE(ctl.run({"sql", question, "--format", "ndjson"}).out.count('\n'), 2);
        QCOMPARE(
            ctl.run({"sql", question, "--format", "csv"}).out,
            "who,n,failed,missing,half\r\nbert@shop.example,30,2,,1.5\r\nanna@shop.example,10,2,,1.5\r\n");
        const auto table = ctl.run({"sql", question}).out.split('\n');
        QVERIFY(table[0].startsWith("who") && table[2].startsWith("bert@shop.example  30"));
        // A question without an answer is no failure.
        const auto none =
            ctl.run({"sql", "SELECT id FROM signin WHERE userId = 'nobody'", "--format", "json"});
        QCOMPARE(none.code, 0);
        QVERIFY(none.array().isEmpty());
    }

    void theOtherTablesAreThereToo()
    {
        Ctl ctl;
        prepare(ctl);
        const auto joined =
            ctl.run({"sql",
                     "SELECT u.display_name, count(*) AS n FROM user u JOIN signin s ON s.userId = u.key "
                     "WHERE s.createdDateTime >= '2026-03-01T00:30' GROUP BY 1 ORDER BY 1",
                     "--format", "csv"});
        QCOMPARE(joined.out, "display_name,n\r\nanna,3\r\nbert,8\r\n");
    }

    void changesNothing_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("word");
        QTest::newRow("rows removed") << "DELETE FROM user"
                                      << "reading";
        QTest::newRow("rows added to sign-ins") << "INSERT INTO signin (id) VALUES ('x')"
                                                << "";
        QTest::newRow("a table dropped") << "DROP TABLE ledger"
                                         << "reading";
        QTest::newRow("a temporary table") << "CREATE TEMP TABLE t (a)"
                                           << "reading";
        QTest::newRow("another file") << "ATTACH 'other.db' AS other"
                                      << "reading";
        QTest::newRow("a copy written") << "VACUUM INTO 'copy.db'"
                                        << "reading";
        QTest::newRow("another journal") << "PRAGMA journal_mode = DELETE"
                                         << "reading";
        QTest::newRow("writing switched on") << "PRAGMA query_only = OFF"
                                             << "reading";
        QTest::newRow("a transaction") << "BEGIN IMMEDIATE"
                                       << "reading";
        QTest::newRow("a library loaded") << "SELECT load_extension('x')"
                                          << "";
        QTest::newRow("a second statement") << "SELECT 1; DELETE FROM user"
                                            << "";
        QTest::newRow("no statement") << " -- nothing"
                                      << "no question";
        QTest::newRow("no SQL") << "show me everything"
                                << "syntax error";
        QTest::newRow("a table that is not there") << "SELECT * FROM passwords"
                                                   << "no such table";
        QTest::newRow("a failure while it runs") << "SELECT abs(-9223372036854775807 - 1)"
                                                 << "overflow";
    }
    void changesNothing()
    {
        QFETCH(QString, question);
        QFETCH(QString, word);
        static const Ctl ctl;
        if (!QFile::exists(ctl.directory()))
            prepare(ctl);
        const auto count = [&] {
            return ctl
                .run({"sql", "SELECT (SELECT count(*) FROM user) || ' ' || (SELECT count(*) FROM signin)"})
                .out;
        };
        const auto before = count();
        const auto ran = ctl.run({"sql", question});
        QCOMPARE(ran.code, 2);
        QVERIFY2(ran.err.contains(word), qPrintable(ran.err));
        QVERIFY(ran.out.isEmpty() || question.startsWith("SELECT abs"));
        QCOMPARE(count(), before);
    }

    void showsTheFirstRowsUnlessAskedForAll()
    {
        Ctl ctl;
        prepare(ctl);
        const auto numbers = [](int count) {
            return QString("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < %1) "
                           "SELECT x FROM n")
                .arg(count);
        };
        for (const auto *format : {"csv", "ndjson", "json", "table"}) {
            const auto some = ctl.run({"sql", numbers(10'001), "--format", format});
            QCOMPARE(some.code, 0);
            QVERIFY2(some.err.contains("first 10000 rows") && some.err.contains("--all"),
                     qPrintable(some.err));
            QVERIFY(some.out.contains("10000") && !some.out.contains("10001"));
        }
        QCOMPARE(ctl.run({"sql", numbers(10'001), "--format", "json"}).array().size(), 10'000);
        const auto all = ctl.run({"sql", numbers(10'001), "--all", "--format", "ndjson"});
        QCOMPARE(all.code, 0);
        QCOMPARE(all.out.count('\n'), 10'001);
        QVERIFY2(all.err.isEmpty(), qPrintable(all.err));
        // Exactly as many as are shown: there are no more.
        const auto exact = ctl.run({"sql", numbers(10'000), "--format", "ndjson"});
        QCOMPARE(exact.out.count('\n'), 10'000);
        QVERIFY2(exact.err.isEmpty(), qPrintable(exact.err));
    }

    void givesUpInTime()
    {
        Ctl ctl;
        prepare(ctl);
        const auto ran = ctl.run({"sql", endless, "--timeout", "0.1"}, {}, 20'000);
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("more than 0.1 seconds") && ran.err.contains("--timeout"),
                 qPrintable(ran.err));
        QCOMPARE(ctl.run({"sql", "SELECT 1", "--timeout", "0"}).code, 2);
        QCOMPARE(ctl.run({"sql", "SELECT 1", "--timeout", "soon"}).code, 2);
        // A value that would not fit into memory is a mistake of the question.
        QVERIFY(ctl.run({"sql", "SELECT length(zeroblob(1000000000))"}).code != 0);
    }

    void canBeInterrupted()
    {
        Ctl ctl;
        prepare(ctl);
        for (const int signal : {SIGINT, SIGTERM}) {
            QProcess process;
            process.start(QString::fromStdString(riskdeskctl()),
                          {"--directory", ctl.directory(), "sql", endless, "--format", "csv"});
            QVERIFY(process.waitForReadyRead(20'000)); // the header: it is at work
            QCOMPARE(::kill(static_cast<pid_t>(process.processId()), signal), 0);
            QVERIFY(process.waitForFinished(20'000));
            QCOMPARE(process.exitStatus(), QProcess::NormalExit);
            QCOMPARE(process.exitCode(), 1);
            const auto said = QString::fromUtf8(process.readAllStandardError());
            QVERIFY2(said.contains("interrupted"), qPrintable(said));
        }
    }

    void aDirectoryThatIsNotThere()
    {
        Ctl ctl;
        QCOMPARE(ctl.run({"sql", "SELECT 1"}).code, 1);
        QVERIFY(!QFile::exists(ctl.directory()));
    }

    void theShellLoadsTheTable()
    {
        const auto module = QString::fromStdString(riskdesk::test::sqliteModule());
        if (module.isEmpty())
            QSKIP("no extension in this build");
        const auto shell = QStandardPaths::findExecutable("sqlite3");
        if (shell.isEmpty())
            QSKIP("the program sqlite3 is not installed");
        Ctl ctl;
        prepare(ctl);
        const auto ask = [&](const QString &question) {
            QProcess process;
            process.start(shell, {"-batch", "-init", "/dev/null", "-readonly", "-csv", "-cmd",
                                  ".load " + module, ctl.directory(), question});
            process.waitForFinished(30000);
            return QString::fromUtf8(process.readAllStandardOutput() + process.readAllStandardError())
                .trimmed();
        };
        QCOMPARE(ask("SELECT count(*), count(DISTINCT ipAddress) FROM signin"), "40,2");
        QCOMPARE(ask("SELECT id, userDisplayName FROM signin WHERE createdDateTime = '2026-03-01T00:07:00Z'"),
                 "00000000-0000-4000-8000-000000000007,bert");
        QCOMPARE(ask("SELECT count(*) FROM signin WHERE userPrincipalName = 'anna@shop.example'"), "10");
        QVERIFY(ask("DELETE FROM signin").contains("may not be modified"));
    }
};

QTEST_GUILESS_MAIN(SqlTest)
#include "tst_sql.moc"
