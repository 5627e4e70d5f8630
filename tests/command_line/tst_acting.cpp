// Decisions about very many: who they are comes from standard input, the plan is shown before, and Ctrl+C stops
// between two blocks.
#include "core/directory/directory.h"
#include "core/store/statement.h"

#include "tests/support/ctl.h"

#include <QTest>

#include <csignal>

using riskdesk::test::Ctl;
using riskdesk::test::Ran;
using riskdesk::test::signInLine;
namespace run = riskdesk::run;
namespace store = riskdesk::store;

namespace {

QByteArray userLines(int count)
{
    QByteArray lines;
    for (int i = 0; i < count; ++i)
        lines += QString(R"({"id":"22222222-0000-4000-8000-%1","userPrincipalName":"user%2@shop.example",)"
                         R"("displayName":"User %2","accountEnabled":true})")
                     .arg(i, 12, 16, QChar('0'))
                     .arg(i)
                     .toUtf8() +
                 '\n';
    return lines;
}

QByteArray names(int count)
{
    QByteArray lines;
    for (int i = 0; i < count; ++i)
        lines += "user" + QByteArray::number(i) + "@shop.example\n";
    return lines;
}

void fill(const Ctl &ctl, int users)
{
    for (const auto &ran : {ctl.run({"init", "--name", "Test"}),
                            ctl.run({"import", ctl.write("users.json", userLines(users))})})
        if (ran.code != 0)
            qFatal("%s", qPrintable(ran.err));
}

int blocked(const Ctl &ctl)
{
    return ctl.run({"sql", "SELECT count(*) AS n FROM user WHERE account_enabled = 0", "--json"})
        .array()[0]
        .toObject()["n"]
        .toInt();
}

} // namespace

class ActingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhoFromStandardInput()
    {
        Ctl ctl;
        fill(ctl, 5);
        const auto ran =
            ctl.run({"block", "user4@shop.example", "-"}, " user0@shop.example\r\n\nuser2@shop.example");
        QVERIFY2(ran.code == 0 && ran.out.contains("3 users"), qPrintable(ran.out + ran.err));
        QCOMPARE(blocked(ctl), 3);
        for (const auto &nobody : {QByteArray(), QByteArray("\n \r\n")}) {
            const auto none = ctl.run({"block", "-"}, nobody);
            QVERIFY2(none.code == 2 && none.err.contains("standard input names nobody"),
                     qPrintable(none.err));
        }
        const auto stranger = ctl.run({"block", "-"}, "user1@shop.example\nnobody@shop.example\n");
        QVERIFY2(stranger.code == 1 && stranger.err.contains("nobody@shop.example"),
                 qPrintable(stranger.err));
        QCOMPARE(blocked(ctl), 3);
    }

    void showsThePlanAndDoesNothing()
    {
        Ctl ctl;
        fill(ctl, 3);
        QCOMPARE(ctl.run({"block", "user0@shop.example"}).code, 0);
        const auto plan = ctl.run({"block", "--dry-run", "-"}, names(3));
        QVERIFY2(plan.code == 0, qPrintable(plan.err));
        QVERIFY2(plan.out.contains("User 1") && plan.out.contains("User 2") && !plan.out.contains("User 0"),
                 qPrintable(plan.out));
        QVERIFY2(plan.out.contains("none none, blocked"), qPrintable(plan.out));
        QVERIFY2(plan.err.contains("User 0 skipped: ") && plan.err.contains("2 users would change"),
                 qPrintable(plan.err));
        const auto json = ctl.run({"block", "--dry-run", "--json", "-"}, names(3)).object();
        QCOMPARE(json["changes"].toArray().size(), 2);
        QCOMPARE(json["changes"].toArray()[0].toObject()["newAccountEnabled"].toBool(true), false);
        QCOMPARE(json["skipped"].toArray()[0].toObject()["userDisplayName"].toString(), "User 0");
        QCOMPARE(ctl.run({"block", "--dry-run", "user0@shop.example"}).code, 1);
        QCOMPARE(blocked(ctl), 1);
    }

    void stopsBetweenBlocks()
    {
        constexpr int all = 40000;
        Ctl ctl;
        fill(ctl, all);
        auto directory = run::Directory::open(ctl.directory().toStdString());
        QVERIFY(directory.has_value());
        const auto written = [&] {
            store::Statement s(directory->connection(), "SELECT count(*) FROM ledger");
            return s.step() ? s.int64(0) : -1;
        };
        // Interrupted when the first block is there.
        const auto interrupted = [&](const QStringList &arguments, const QByteArray &input) {
            const auto before = written();
            QProcess process;
            process.start(QString::fromStdString(riskdesk::test::riskdeskctl()),
                          QStringList{"--directory", ctl.directory()} + arguments);
            process.write(input);
            process.closeWriteChannel();
            const bool begun = QTest::qWaitFor([&] { return written() > before; }, 60000);
            if (const auto id = static_cast<pid_t>(process.processId()); id > 0)
                kill(id, SIGINT);
            const bool ended = process.waitForFinished(60000);
            Ran ran;
            ran.code =
                begun && ended && process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
            ran.out = QString::fromUtf8(process.readAllStandardOutput());
            ran.err = QString::fromUtf8(process.readAllStandardError());
            return ran;
        };
        const auto ran = interrupted({"block", "-"}, names(all));
        const int done = blocked(ctl);
        QVERIFY2(ran.code == 1, qPrintable(QString::number(ran.code) + ran.out + ran.err));
        QVERIFY2(done > 0 && done < all && done % 2000 == 0, qPrintable(QString::number(done)));
        QVERIFY2(ran.err.contains(QString("cancelled. It was done for %1 users, and ").arg(done)),
                 qPrintable(ran.err));
        // So does taking back; the rest of it, and the rest of the command, may follow.
        const auto more = ctl.run({"block", "--json", "-"}, names(all));
        QVERIFY2(more.code == 0, qPrintable(more.err));
        QCOMPARE(blocked(ctl), all);
        const auto undone = interrupted({"undo"}, {});
        const int left = blocked(ctl);
        QVERIFY2(undone.code == 1, qPrintable(QString::number(undone.code) + undone.err));
        QVERIFY2(left > done && left < all, qPrintable(QString::number(left)));
        QVERIFY2(undone.err.contains(QString("cancelled. It was done for %1 users").arg(all - left)),
                 qPrintable(undone.err));
        const auto number = QString::number(more.object()["command"].toInt());
        QVERIFY2(undone.err.contains("\"undo " + number + "\" goes on with the others."),
                 qPrintable(undone.err));
        const auto rest = ctl.run({"undo", number});
        QVERIFY2(rest.code == 0, qPrintable(rest.err));
        QCOMPARE(blocked(ctl), done); // by the first command
    }
};

QTEST_GUILESS_MAIN(ActingTest)
#include "tst_acting.moc"
