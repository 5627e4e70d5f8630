// What scripts may rely on: lists asked as Graph is asked, --json of every command, backups.
#include "tests/support/ctl.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

#include <pty.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

using riskdesk::test::Ctl;
using riskdesk::test::Ran;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;

namespace {

// Standard error as a terminal shows it.
QString onATerminal(const Ctl &ctl, const QStringList &arguments)
{
    int terminal = -1, ours = -1;
    if (openpty(&terminal, &ours, nullptr, nullptr, nullptr) != 0)
        qFatal("no terminal");
    QProcess process;
    process.setChildProcessModifier([ours] { dup2(ours, STDERR_FILENO); });
    process.start(QString::fromStdString(riskdeskctl()),
                  QStringList{"--directory", ctl.directory()} + arguments);
    process.waitForFinished();
    close(ours);
    QByteArray shown;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;)
        shown.append(buffer, static_cast<qsizetype>(n));
    close(terminal);
    return QString::fromUtf8(shown).remove('\r');
}

QStringList names(const QJsonObject &object)
{
    return object.keys();
}

} // namespace

class ScriptsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const auto made = m_ctl.run(
            {"sample", "--users", "300", "--days", "20", "--seed", "3", "--end", "2026-03-18", "--json"});
        QVERIFY2(made.code == 0, qPrintable(made.err));
        QVERIFY(made.object()["stored"].toInt() > 1000);
    }

    // ---- --odata

    void oDataFindsWhatTheFilterFinds()
    {
        for (const auto &[report, filter, odata] :
             {std::tuple{"users", "level:high", "riskLevel eq 'high'"},
              {"detections", "type:spray", "riskEventType eq 'passwordSpray'"},
              {"signins", "country:ro", "location/countryOrRegion eq 'RO'"},
              {"audit", "action:intelligenceAdd", "action eq 'intelligenceAdd'"},
              {"campaigns", "users>3", "users gt 3"},
              {"rejects", "line>3", "line gt 3"}}) {
            const auto expected = m_ctl.run({"list", report, "--filter", filter, "--all", "--json"});
            const auto found = m_ctl.run({"list", report, "--odata", odata, "--all", "--json"});
            QVERIFY2(found.code == 0, qPrintable(found.err));
            QCOMPARE(found.out, expected.out);
            if (QString(report) == "users" || QString(report) == "signins")
                QVERIFY(!found.array().isEmpty());
        }
    }
    void aQueryStringSelectsSortsAndCuts()
    {
        const auto ran = m_ctl.run({"list", "users", "--odata",
                                    "$filter=riskLevel eq 'high'&$orderby=userPrincipalName desc"
                                    "&$select=userPrincipalName,riskLevel&$top=3&$count=true",
                                    "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const auto users = ran.array();
        QCOMPARE(users.size(), 3);
        QStringList order;
        for (const auto &user : users) {
            QCOMPARE(names(user.toObject()), (QStringList{"riskLevel", "userPrincipalName"}));
            QCOMPARE(user.toObject()["riskLevel"].toString(), "high");
            order << user.toObject()["userPrincipalName"].toString();
        }
        QVERIFY(std::is_sorted(order.rbegin(), order.rend()));
        QVERIFY2(QRegularExpression("^\\d+ rows in all\\.\n$").match(ran.err).hasMatch(),
                 qPrintable(ran.err));
        const auto csv = m_ctl.run(
            {"list", "users", "--odata", "$select=userPrincipalName,riskLevel&$top=1", "--format", "csv"});
        QCOMPARE(csv.out.section('\n', 0, 0).trimmed(), "riskLevel,userPrincipalName");
        const auto table = m_ctl.run({"list", "users", "--odata", "$select=riskLevel&$top=1"});
        QCOMPARE(table.out.section('\n', 0, 0).trimmed(), "riskLevel");
        // As it stands in an address, and with what a literal may hold.
        const auto escaped =
            m_ctl.run({"list", "users", "--odata",
                       "$filter=riskLevel%20eq%20%27high%27&$orderby=userPrincipalName%20desc"
                       "&$select=userPrincipalName,riskLevel&$top=3",
                       "--json"});
        QCOMPARE(escaped.out, ran.out);
        const auto literal =
            m_ctl.run({"list", "users", "--odata", "$filter=userPrincipalName eq 'a&$top=0'", "--json"});
        QCOMPARE(literal.code, 0);
        QCOMPARE(literal.out, "[]\n");
    }
    void mistakesAreToldWithTheirPlace()
    {
        const QStringList wrong{"list", "users", "--odata", "riskLevel eq 'high' and riskState eq 'bad'"};
        const auto ran = m_ctl.run(wrong);
        QCOMPARE(ran.code, 2);
        QCOMPARE(ran.out, "");
        QCOMPARE(ran.err, "riskdeskctl: Invalid $filter: 'bad' is no value of 'riskState'. "
                          "(at character 38)\n");
        const auto shown = onATerminal(m_ctl, wrong);
        QVERIFY2(shown.endsWith("  riskLevel eq 'high' and riskState eq 'bad'\n"
                                "                                       ^^^^^\n"),
                 qPrintable(shown));
        // Far behind in a long one, after letters of several bytes, at the very end.
        auto far =
            onATerminal(m_ctl, {"list", "users", "--odata",
                                QString("userDisplayName eq '%1' and x eq 1").arg(QString(200, u'é'))});
        QVERIFY2(QRegularExpression("\n  …é+' and x eq 1\n {41,45}\\^\n").match(far).hasMatch(),
                 qPrintable(far));
        far = onATerminal(m_ctl, {"list", "users", "--odata", "riskLevel eq"});
        QVERIFY2(far.endsWith("  riskLevel eq \n              ^\n"), qPrintable(far));
        far = onATerminal(m_ctl, {"list", "users", "--filter", "level:high stat:bad"});
        QVERIFY2(far.endsWith("  level:high stat:bad\n             ^^^^\n"), qPrintable(far));
        for (const QStringList &arguments : {QStringList{"--odata", "x eq 1", "--filter", "level:high"},
                                             {"--odata", "$top=3", "--all"},
                                             {"--odata", "$top=3", "--top", "4"},
                                             {"--odata", "$orderby=riskLevel", "--order", "riskLevel"},
                                             {"--odata", "$skiptoken=x"},
                                             {"--odata", "$top=3&more=1"},
                                             {"--odata", "$expand=x"},
                                             {"--odata", "$top=3&$top=3"},
                                             {"--odata", "$top=none"},
                                             {"--odata", ""}}) {
            const auto refused = m_ctl.run(QStringList{"list", "users"} + arguments);
            QVERIFY2(refused.code == 2, qPrintable(arguments.join(' ') + refused.err));
            QCOMPARE(refused.out, "");
            QVERIFY(!refused.err.isEmpty());
        }
    }

    // ---- --json

    void everyCommandHasJson_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QStringList>("members");
        const auto row = [](const char *name, QStringList command, QStringList members) {
            QTest::newRow(name) << command << members;
        };
        const auto list = m_ctl.write("tor.txt", "203.0.113.0/24\n");
        const QStringList outcome{"cancelled", "command", "error", "skipped", "targets", "users", "waits"};
        row("intel add", {"intel", "add", "anonymizer", list, "--kind", "tor", "--name", "T"},
            {"date", "entries", "id", "kind", "name", "rejected", "repeated", "replaced", "reread",
             "setAside", "unsupported", "version", "warned"});
        row("intel reread", {"intel", "reread"}, {"reread"});
        row("intel remove", {"intel", "remove", "T"}, {"entries", "id", "kind", "name", "reread", "version"});
        row("suppress add", {"suppress", "add", "--network", "198.51.100.0/24", "--reason", "x"},
            {"before", "id", "reason", "silences", "until"});
        row("suppress remove", {"suppress", "remove", "1"}, {"id", "reread", "silenced"});
        row("dismiss", {"dismiss", highest()}, outcome);
        row("undo", {"undo"}, outcome);
        row("settings", {"settings", "risk.lowAgesDays=20"},
            {"default", "greatest", "key", "least", "meaning", "unit", "value"});
        row("token create", {"token", "create", "siem", "--scopes", "User.Read.All"},
            {"createdDateTime", "expirationDateTime", "id", "name", "scopes", "token"});
        row("token revoke", {"token", "revoke", "siem"}, {"id", "name", "revokedDateTime"});
        row("verify", {"verify"}, {"findings", "ok"});
        row("whatif", {"whatif", "--set", "unlikelyTravel.speedLimitKmh=1200"}, {});
        row("show", {"show", "user", highest()}, {});
        row("settings propose", {"settings", "propose"}, {});
        row("backup", {"backup", m_ctl.path("json.riskdesk")}, {"bytes", "file", "name"});
    }
    void everyCommandHasJson()
    {
        QFETCH(QStringList, command);
        QFETCH(QStringList, members);
        const auto ran = m_ctl.run(command + QStringList{"--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(!ran.object().isEmpty() && ran.out.count('\n') == 1, qPrintable(ran.out));
        if (!members.isEmpty())
            QCOMPARE(names(ran.object()), members);
    }
    void listsHaveJson()
    {
        for (const QStringList &command : {QStringList{"intel"},
                                           {"intel", "list"},
                                           {"intel", "set-aside"},
                                           {"suppress", "list"},
                                           {"token", "list"},
                                           {"settings"},
                                           {"history", highest()},
                                           {"list", "users"},
                                           {"sql", "SELECT 1 AS a"}}) {
            const auto ran = m_ctl.run(command + QStringList{"--json"});
            QVERIFY2(ran.code == 0 && QJsonDocument::fromJson(ran.out.toUtf8()).isArray(),
                     qPrintable(command.join(' ') + ran.out + ran.err));
        }
        const Ctl fresh;
        QCOMPARE(names(fresh.run({"init", "--name", "Test", "--json"}).object()),
                 (QStringList{"createdDateTime", "file", "name", "trial"}));
        QVERIFY(fresh.run({"import", fresh.write("log.json", signInLine(1)), "--json"}).object()["stored"] ==
                1);
        QCOMPARE(m_ctl.run({"list", "users", "--json", "--format", "csv"}).code, 2);
    }
    void whatWasNotDoneIsToldToo()
    {
        const auto user = highest();
        QCOMPARE(m_ctl.run({"dismiss", user}).code, 0);
        const auto again = m_ctl.run({"dismiss", user, "--json"});
        QVERIFY(m_ctl.run({"undo"}).code == 0);
        QCOMPARE(again.code, 1);
        QVERIFY(again.object()["command"].isNull());
        const auto skipped = again.object()["skipped"].toArray();
        QCOMPARE(skipped.size(), 1);
        QCOMPARE(skipped[0].toObject()["code"].toString(), "alreadyDismissed");
        QVERIFY(!skipped[0].toObject()["message"].toString().isEmpty());
    }

    // ---- backup

    void aBackupIsWholeWhileOthersWrite()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QByteArray log;
        for (int i = 1; i <= 20000; ++i)
            log += signInLine(i, QString("user%1").arg(i % 50));
        QCOMPARE(ctl.run({"import", ctl.write("first.json", log)}).code, 0);
        QByteArray more;
        for (int i = 20001; i <= 80000; ++i)
            more += signInLine(i, QString("user%1").arg(i % 50));
        const auto second = ctl.write("second.json", more);
        Ran imported;
        std::thread writer([&] { imported = ctl.run({"import", second}); });
        QList<Ran> backups;
        for (int i = 0; i < 4; ++i)
            backups << ctl.run({"backup", ctl.path(QString("copy%1.riskdesk").arg(i))});
        writer.join();
        QVERIFY2(imported.code == 0, qPrintable(imported.err));
        for (int i = 0; i < 4; ++i) {
            QVERIFY2(backups[i].code == 0, qPrintable(backups[i].err));
            const auto copy = ctl.path(QString("copy%1.riskdesk").arg(i));
            const auto verified = Ctl::runOn(copy, {"verify", "--json"});
            QVERIFY2(verified.object()["ok"].toBool(), qPrintable(verified.out + verified.err));
            struct stat status
            {};
            QCOMPARE(stat(qPrintable(copy), &status), 0);
            QCOMPARE(status.st_mode & 0777, 0600u);
            const auto signIns =
                Ctl::runOn(copy, {"sql", "SELECT count(*) AS n FROM signin", "--json"}).array();
            QVERIFY(signIns[0]["n"].toInt() >= 20000);
        }
        QVERIFY(ctl.run({"verify", "--json"}).object()["ok"].toBool());
        // Nothing but whole copies lies there.
        QCOMPARE(QDir(ctl.path(".")).entryList({"*.part*"}).size(), 0);
        const auto audited =
            ctl.run({"list", "audit", "--odata", "action eq 'backup'", "--all", "--json"}).array();
        QCOMPARE(audited.size(), 4);
        QVERIFY(audited[0]["target"].toString().endsWith(".riskdesk"));
    }
    void aBackupReplacesNothing()
    {
        const auto there = m_ctl.write("there.riskdesk", "mine");
        m_ctl.write("log.riskdesk-wal", "left over");
        const auto before = m_ctl.run({"list", "audit", "--odata", "action eq 'backup'", "--json"}).out;
        for (const auto &target : {there, m_ctl.directory(), m_ctl.path("log.riskdesk"), m_ctl.path(".")}) {
            const auto ran = m_ctl.run({"backup", target});
            QVERIFY2(ran.code == 1 && ran.err.contains("exists already"), qPrintable(ran.err));
        }
        QCOMPARE(m_ctl.run({"backup", m_ctl.path("no/such/folder.riskdesk")}).code, 1);
        QFile file(there);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), "mine");
        QVERIFY(!QFile::exists(m_ctl.path("log.riskdesk")));
        QCOMPARE(m_ctl.run({"list", "audit", "--odata", "action eq 'backup'", "--json"}).out, before);
        QCOMPARE(QDir(m_ctl.path(".")).entryList({"*.part*"}).size(), 0);
    }

    // ---- terminals

    void progressStandsOnTerminalsOnly()
    {
        const auto copy = m_ctl.path("shown.riskdesk");
        QVERIFY(onATerminal(m_ctl, {"backup", copy}).contains("\x1b[K"));
        const auto ran = m_ctl.run({"backup", m_ctl.path("quiet.riskdesk")});
        QCOMPARE(ran.err, "");
        QVERIFY(!ran.out.contains('\x1b'));
    }
    void helpTellsExitCodes()
    {
        const auto help = m_ctl.run({"--help"}).out;
        for (const char *line :
             {"  0  done\n", "  1  failed", "  2  wrong usage", "  3  done, but", "  4  not allowed"})
            QVERIFY2(help.contains(line), line);
        QVERIFY(!m_ctl.run({"list", "--help"}).out.contains("Exit codes"));
    }

private:
    [[nodiscard]] QString highest() const
    {
        return m_ctl
            .run({"list", "users", "--odata", "$filter=riskLevel eq 'high'&$select=userPrincipalName&$top=1",
                  "--json"})
            .array()[0]
            .toObject()["userPrincipalName"]
            .toString();
    }
    Ctl m_ctl;
};

QTEST_GUILESS_MAIN(ScriptsTest)
#include "tst_scripts.moc"
