// The command purge: nothing that tells of the user is left, in no answer and in no byte but those of the audit log.
#include "tests/support/ctl.h"

#include <QTest>

#include <pty.h>
#include <unistd.h>

using riskdesk::test::Ctl;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;

namespace {

// The command with one line typed at its prompt: its exit code, and what stood on the terminal.
std::pair<int, QString> typedAt(const Ctl &ctl, const QStringList &arguments, const QByteArray &line)
{
    int terminal = -1, ours = -1;
    if (openpty(&terminal, &ours, nullptr, nullptr, nullptr) != 0)
        qFatal("no terminal");
    QProcess process;
    process.setChildProcessModifier([ours] {
        dup2(ours, STDIN_FILENO);
        dup2(ours, STDERR_FILENO);
    });
    process.start(QString::fromStdString(riskdeskctl()),
                  QStringList{"--directory", ctl.directory()} + arguments);
    if (!process.waitForStarted())
        qFatal("riskdeskctl does not start");
    close(ours);
    QByteArray shown;
    bool answered = false;
    char buffer[256];
    for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) {
        shown.append(buffer, static_cast<qsizetype>(n));
        if (!answered && shown.endsWith(": ")) {
            answered = true;
            if (write(terminal, line.constData(), static_cast<size_t>(line.size())) != line.size())
                qFatal("cannot type");
        }
    }
    close(terminal);
    process.waitForFinished();
    return {process.exitCode(), QString::fromUtf8(shown)};
}

} // namespace

class PurgeCommandTest : public QObject
{
    Q_OBJECT

    struct Person
    {
        QString id, upn, name;
    };

    static QJsonArray rows(const Ctl &ctl, const QStringList &list)
    {
        return ctl.run(QStringList{"list"} + list + QStringList{"--all", "--format", "json"}).array();
    }
    static QString one(const Ctl &ctl, const QString &sql)
    {
        const auto ran = ctl.run({"sql", sql, "--format", "csv"});
        return ran.code == 0 ? ran.out.section('\n', 1, 1).trimmed() : ran.err;
    }
    // How often the text stands in the file and its log, in any case.
    static qsizetype bytes(const Ctl &ctl, const QString &text)
    {
        qsizetype found = 0;
        for (const char *suffix : {"", "-wal"}) {
            QFile file(ctl.directory() + suffix);
            if (file.open(QIODevice::ReadOnly))
                found += file.readAll().toLower().count(text.toLower().toUtf8());
        }
        return found;
    }
    // In what the audit log says, which is what stays.
    static qsizetype audited(const Ctl &ctl, const QString &text)
    {
        const auto ran =
            ctl.run({"sql",
                     "SELECT actor, role, action, target, before, after, reason, note, via, host FROM "
                     "audit",
                     "--all", "--format", "csv"});
        return ran.out.toLower().count(text.toLower());
    }
    static QString markDeleted(const Ctl &ctl, const Person &who)
    {
        const QJsonObject user{{"id", who.id},
                               {"userPrincipalName", who.upn},
                               {"displayName", who.name},
                               {"mail", "private." + who.upn},
                               {"accountEnabled", false},
                               {"isDeleted", true}};
        return ctl.write("deleted.json", QJsonDocument(QJsonObject{{"value", QJsonArray{user}}}).toJson());
    }

private Q_SLOTS:
    void nothingOfThemIsLeft()
    {
        Ctl ctl;
        const auto made =
            ctl.run({"sample", "--users", "60", "--days", "40", "--seed", "3", "--end", "2026-03-18"});
        QVERIFY2(made.code == 0, qPrintable(made.err));
        QList<Person> people;
        for (const auto &row : rows(ctl, {"users"})) {
            const auto user = row.toObject();
            people.append({user["id"].toString(), user["userPrincipalName"].toString(),
                           user["userDisplayName"].toString()});
        }
        QVERIFY(people.size() >= 2);
        const auto &gone = people[0];
        const auto &other = people[1];
        const auto early = ctl.run({"purge", gone.upn, "--yes"});
        QCOMPARE(early.code, 1);
        QVERIFY2(early.err.contains("not marked as deleted"), qPrintable(early.err));

        QCOMPARE(ctl.run({"import", markDeleted(ctl, gone)}).code, 0);
        QCOMPARE(ctl.run({"dismiss", gone.upn, "--note", "Quokka one"}).code, 0);
        QCOMPARE(
            ctl.run({"suppress", "add", "--user", gone.id, "--reason", "Quokka two", "--until", "2099-01-01"})
                .code,
            0);
        const auto unsure = ctl.run({"purge", gone.upn});
        QCOMPARE(unsure.code, 2);
        QVERIFY2(unsure.err.contains("--yes"), qPrintable(unsure.err));
        const auto signIns = one(ctl, "SELECT count(*) FROM signin WHERE userId = '" + gone.id + "'").toInt();
        const auto others = one(ctl, "SELECT count(*) FROM signin WHERE userId <> '" + gone.id + "'").toInt();
        const auto detections = rows(ctl, {"detections", "--filter", "user:" + gone.id}).size();
        QVERIFY(signIns > 0 && detections > 0);
        QVERIFY(bytes(ctl, gone.id) > 0 && bytes(ctl, "private." + gone.upn) > 0);

        const auto ran = ctl.run({"purge", gone.id, "--yes", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        const auto told = ran.object();
        QCOMPARE(told["users"].toInt(), 1);
        QCOMPARE(told["signIns"].toInt(), signIns);
        QCOMPARE(told["detections"].toInt(), static_cast<int>(detections));
        QVERIFY(told["ledgerEvents"].toInt() > 1);
        QCOMPARE(told["cleaned"].toBool(), true);
        QCOMPARE(told["cancelled"].toBool(true), false);

        for (const auto &name : {gone.id, gone.upn}) {
            for (const char *question : {"user", "history"}) {
                const auto asked = question == QString("user") ? ctl.run({"show", "user", name})
                                                               : ctl.run({"history", name});
                QCOMPARE(asked.code, 1);
                QVERIFY2(asked.err.contains("was not found"), qPrintable(asked.err));
            }
        }
        for (const char *list : {"users", "detections", "signins"}) {
            const auto text = ctl.run({"list", list, "--all", "--format", "json"}).out;
            QVERIFY(!text.contains(gone.id) && !text.contains(gone.upn));
        }
        QCOMPARE(one(ctl, "SELECT count(*) FROM signin WHERE userId = '" + gone.id + "'"), QString("0"));
        QCOMPARE(one(ctl, "SELECT count(*) FROM signin WHERE userId IS NULL"), QString("0"));
        QCOMPARE(one(ctl, "SELECT count(*) FROM signin"), QString::number(others));
        const auto sound = ctl.run({"verify", "--findings"});
        QVERIFY2(sound.code == 0, qPrintable(sound.out));

        // The bytes: only what the audit log says.
        QVERIFY(audited(ctl, gone.upn) + audited(ctl, gone.id) + audited(ctl, gone.name) > 0);
        for (const auto &text : {gone.id, gone.upn, QString("private." + gone.upn), QString("Quokka one")})
            QCOMPARE(bytes(ctl, text), audited(ctl, text));
        QCOMPARE(bytes(ctl, "private."), 0);
        QCOMPARE(one(ctl, "SELECT count(*) FROM audit WHERE action = 'purge' AND target LIKE 'user %'"),
                 QString("1"));
        QVERIFY(bytes(ctl, other.upn) > 0);

        // Again by the log, with nothing of what was.
        const auto signIn = QJsonObject{{"id", "00000000-0000-4000-8000-00000000abcd"},
                                        {"createdDateTime", "2026-03-18T10:00:00Z"},
                                        {"userPrincipalName", gone.upn},
                                        {"userId", gone.id},
                                        {"appDisplayName", "Storefront"},
                                        {"ipAddress", "91.10.20.30"},
                                        {"status", QJsonObject{{"errorCode", 0}}}};
        QCOMPARE(
            ctl.run({"import", ctl.write("again.json", QJsonDocument(signIn).toJson(QJsonDocument::Compact))})
                .code,
            0);
        const auto back = ctl.run({"show", "user", gone.upn, "--json"});
        QCOMPARE(back.code, 0);
        QVERIFY(!back.out.contains("private."));
        QCOMPARE(rows(ctl, {"detections", "--filter", "user:" + gone.id}).size(), 0);
        QCOMPARE(ctl.run({"verify"}).code, 0);
    }

    void theNameIsTypedOnATerminal()
    {
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", ctl.write("a.json", signInLine(1) + signInLine(2, "ben"))}).code, 0);
        const auto other =
            typedAt(ctl, {"purge", "anna@shop.example", "--not-deleted"}, "ben@shop.example\n");
        QCOMPARE(other.first, 2);
        QVERIFY2(other.second.contains("Nothing was removed"), qPrintable(other.second));
        QCOMPARE(ctl.run({"show", "user", "anna@shop.example"}).code, 0);
        const auto own = typedAt(ctl, {"purge", "anna@shop.example", "--not-deleted"}, "anna@shop.example\n");
        QVERIFY2(own.first == 0, qPrintable(own.second));
        QCOMPARE(ctl.run({"show", "user", "anna@shop.example"}).code, 1);
        QCOMPARE(ctl.run({"show", "user", "ben@shop.example"}).code, 0);
        QCOMPARE(one(ctl, "SELECT count(*) FROM signin"), QString("1"));
        QCOMPARE(ctl.run({"verify", "--findings"}).code, 0);
    }

    void severalAtOnceAndInATrial()
    {
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test", "--trial"}).code, 0);
        QCOMPARE(ctl.run({"import",
                          ctl.write("a.json", signInLine(1) + signInLine(2, "ben") + signInLine(3, "cleo"))})
                     .code,
                 0);
        const auto ran = ctl.run({"purge", "cleo@shop.example", "anna@shop.example", "anna@shop.example",
                                  "--not-deleted", "--yes"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.out,
                 QString("Removed 2 users for good, with 2 sign-ins, 0 detections and 0 events of the "
                         "ledger. The audit log stays as it is.\n"));
        // Who comes next has the number of who was last, and nothing else of hers.
        QCOMPARE(ctl.run({"import", ctl.write("b.json", signInLine(4, "dora"))}).code, 0);
        QCOMPARE(one(ctl, "SELECT group_concat(userPrincipalName, ' ') FROM signin"),
                 QString("ben@shop.example dora@shop.example"));
        QCOMPARE(ctl.run({"convert"}).code, 0);
        QCOMPARE(ctl.run({"verify", "--findings"}).code, 0);
    }

    void onlyTheFile()
    {
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", ctl.write("a.json", signInLine(1))}).code, 0);
        for (const auto &wrong : {QStringList{"purge"}, QStringList{"purge", "anna@shop.example", "--clean"}})
            QCOMPARE(ctl.run(wrong).code, 2);
        const auto ran = ctl.run({"purge", "--clean"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ctl.run({"show", "user", "anna@shop.example"}).code, 0);
        QCOMPARE(ctl.run({"verify"}).code, 0);
    }
};

QTEST_GUILESS_MAIN(PurgeCommandTest)
#include "tst_purge.moc"
