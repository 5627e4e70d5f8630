// Who may run which command, as a person sees it: exit codes, sentences, and a file that stays as it was.
#include "tests/support/ctl.h"

#include <QRegularExpression>
#include <QTest>

#include <pty.h>
#include <unistd.h>

using riskdesk::test::Ctl;
using riskdesk::test::Ran;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;

namespace {

constexpr const char *roleWords[] = {"reader", "operator", "administrator"};
constexpr const char *secret = "correct horse battery";

// Types at a terminal what a person would, a line at a time, each when a prompt stands there.
struct Typed
{
    int code = -1;
    QString shown;
};
Typed typed(const Ctl &ctl, const QStringList &arguments, const QList<QByteArray> &lines)
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
    Typed result;
    QByteArray shown;
    qsizetype answered = 0;
    char buffer[256];
    for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) {
        shown.append(buffer, static_cast<qsizetype>(n));
        if (answered < lines.size() && shown.endsWith(": ")) {
            const auto &line = lines[answered++];
            if (write(terminal, line.constData(), static_cast<size_t>(line.size())) != line.size())
                qFatal("cannot type");
        }
    }
    close(terminal);
    process.waitForFinished();
    result.code = process.exitCode();
    result.shown = QString::fromUtf8(shown).remove('\r');
    return result;
}

} // namespace

class OperatorsTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;
    QString m_right;

    // A digest of every table: what `verify` compares.
    static QString everything(const Ctl &ctl)
    {
        const auto ran = ctl.run({"sql", "SELECT name, rows, hex(sum) FROM seal", "--format", "csv"});
        return ran.code == 0 ? ran.out : ran.err;
    }
    [[nodiscard]] QString everything() const { return everything(m_ctl); }
    // The desktop account in another role: an administrator with a passphrase gives it.
    void become(const QString &role) const
    {
        const auto ran =
            m_ctl.run({"--as", "chief", "--passphrase-file", m_right, "operators", "role", "me", role});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
    }

    // Commands, and the least role for which they do not end with 4.
    static QList<std::pair<int, QStringList>> matrix()
    {
        QList<std::pair<int, QStringList>> all;
        const auto row = [&all](int least, const QStringList &command) { all.append({least, command}); };
        for (const auto &command :
             std::initializer_list<QStringList>{{"list", "users"},
                                                {"list", "audit"},
                                                {"show", "user", "anna@shop.example"},
                                                {"history", "anna@shop.example"},
                                                {"explain", "00000000-0000-4000-8000-000000000001"},
                                                {"sql", "SELECT 1"},
                                                {"settings"},
                                                {"settings", "propose"},
                                                {"settings", "no.such"},
                                                {"intel"},
                                                {"intel", "list"},
                                                {"intel", "set-aside"},
                                                {"suppress", "list"},
                                                {"token", "list"},
                                                {"operators", "list"},
                                                {"verify"},
                                                {"export", "users"},
                                                {"whatif"}})
            row(0, command);
        for (const auto &command :
             std::initializer_list<QStringList>{{"dismiss", "anna@shop.example"},
                                                {"confirm-compromised", "anna@shop.example"},
                                                {"confirm-safe", "anna@shop.example"},
                                                {"resolve", "anna@shop.example", "--note", "n"},
                                                {"undo"},
                                                {"redo"}})
            row(1, command);
        for (const auto &command : std::initializer_list<QStringList>{
                 {"reset-password", "anna@shop.example"},
                 {"block", "anna@shop.example"},
                 {"unblock", "anna@shop.example"},
                 {"end-sessions", "anna@shop.example"},
                 {"import", "/nowhere/a.ndjson"},
                 {"settings", "lowDetections.closeAfterDays=10"},
                 {"intel", "add", "anonymizer", "/nowhere/list"},
                 {"intel", "remove", "x"},
                 {"intel", "accept", "x"},
                 {"intel", "rollback", "x"},
                 {"intel", "reread"},
                 {"intel", "release", "x", "--reason", "y"},
                 {"suppress", "add", "--network", "192.0.2.0/24", "--reason", "scanner"},
                 {"suppress", "remove", "1"},
                 {"token", "create", "siem", "--scopes", "User.Read.All"},
                 {"token", "revoke", "siem"},
                 {"serve", "--listen", "nowhere"},
                 {"convert"},
                 {"purge", "nobody@shop.example", "--yes"},
                 {"operators", "add", "dora", "--role", "reader", "--account", "dora"},
                 {"operators", "role", "dora", "operator"},
                 {"operators", "remove", "dora"}})
            row(2, command);
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_right = m_ctl.write("right", QByteArray(secret) + "\r\nand more\n");
        QCOMPARE(m_ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(m_ctl.run({"import", m_ctl.write("a.ndjson", signInLine(1) + signInLine(2, "bert"))}).code,
                 0);
        QVERIFY(m_ctl.run({"operators", "list"}).err.contains("No operator is named"));
        const auto me = m_ctl.run(
            {"operators", "add", "chief", "--role", "administrator", "--passphrase-file", m_right, "--json"});
        QVERIFY2(me.code == 0, qPrintable(me.err));
        QVERIFY(!me.out.contains("horse"));
        QCOMPARE(me.object()["name"].toString(), "chief");
        QCOMPARE(me.object()["passphrase"].toBool(), true);
        const auto mine = me.object()["addedWithIt"].toObject();
        QCOMPARE(mine["role"].toString(), "administrator");
        // Under a name of its own, so that the matrix can speak of it.
        const auto account = mine["account"].toString();
        QCOMPARE(m_ctl
                     .run({"--as", "chief", "--passphrase-file", m_right, "operators", "remove",
                           mine["name"].toString()})
                     .code,
                 0);
        QCOMPARE(m_ctl.run({"list", "users"}).code, 4); // no operator any more
        QCOMPARE(m_ctl
                     .run({"--as", "chief", "--passphrase-file", m_right, "operators", "add", "me", "--role",
                           "administrator", "--account", account})
                     .code,
                 0);
    }

    void roles_data()
    {
        QTest::addColumn<int>("role");
        for (int role = 0; role < 3; ++role)
            QTest::newRow(roleWords[role]) << role;
    }
    void roles()
    {
        QFETCH(int, role);
        become(roleWords[role]);
        auto before = everything();
        for (const auto &[least, command] : matrix()) {
            const auto ran = m_ctl.run(command);
            const auto what = command.join(' ') + ": " + ran.out + ran.err;
            if (role >= least) {
                QVERIFY2(ran.code != 4, qPrintable(what));
                before = everything();
                continue;
            }
            QVERIFY2(ran.code == 4 && ran.out.isEmpty(), qPrintable(what));
            static const QRegularExpression why(" needs the (Operator|Administrator) role. You are ");
            QVERIFY2(ran.err.contains(why), qPrintable(what));
            QVERIFY2(everything() == before, qPrintable(what));
        }
    }
    void aBackupSaysWhoMadeIt()
    {
        become("reader");
        QCOMPARE(m_ctl.run({"backup", m_ctl.path("copy.riskdesk")}).code, 0);
        const auto audit =
            m_ctl.run({"sql", "SELECT actor, role FROM audit WHERE action = 'backup'", "--format", "csv"})
                .out;
        QVERIFY2(audit.contains("me,reader"), qPrintable(audit));
        // Operators go with the file.
        QCOMPARE(Ctl::runOn(m_ctl.path("copy.riskdesk"), {"settings", "unlikelyTravel.enabled=0"}).code, 4);
        become("administrator");
    }
    void theLastAdministratorStays()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"operators", "add", "dora", "--role", "reader", "--account", "dora@far"}).code, 0);
        const auto list = ctl.run({"operators", "list", "--format", "json"}).array();
        QCOMPARE(list.size(), 2);
        const auto me =
            list[0].toObject()["name"].toString() == "dora" ? list[1].toObject() : list[0].toObject();
        const auto before = everything(ctl);
        for (const auto &command : {QStringList{"operators", "remove", me["name"].toString()},
                                    QStringList{"operators", "role", me["name"].toString(), "operator"}}) {
            const auto ran = ctl.run(command);
            QCOMPARE(ran.code, 1);
            QVERIFY2(ran.err.contains("is the last administrator"), qPrintable(ran.err));
        }
        QCOMPARE(everything(ctl), before);
        const auto dora = ctl.run({"--as", "dora", "list", "users"});
        QCOMPARE(dora.code, 4);
        QVERIFY2(dora.err.contains("known by the account dora@far"), qPrintable(dora.err));
        QVERIFY(ctl.run({"operators", "list", "--format", "csv"}).out.startsWith("Operator,Role,Account,"));
        QCOMPARE(ctl.run({"operators", "list", "--format", "ndjson"}).out.count('\n'), 2);
        QCOMPARE(ctl.run({"verify"}).code, 0);
    }
    void aNewPassphraseIsTypedTwice()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const QStringList add{"operators", "add", "bob", "--role", "reader"};
        const auto nobody = ctl.run(add);
        QCOMPARE(nobody.code, 4);
        QVERIFY2(nobody.err.contains("no terminal"), qPrintable(nobody.err));
        const auto differ = typed(ctl, add, {"correct horse\n", "correct house\n"});
        QCOMPARE(differ.code, 2);
        QVERIFY2(differ.shown.contains("The two passphrases differ"), qPrintable(differ.shown));
        QVERIFY(!differ.shown.contains("horse"));
        QCOMPARE(typed(ctl, add, {"\x03"}).code, 1);
        QCOMPARE(ctl.run({"operators", "list"}).out, "");
        // Mended while it is typed.
        const auto made = typed(ctl, add,
                                {"no\x15"
                                 "correct hors\xc3\xa9\x7f"
                                 "e\n",
                                 "correct horse\n"});
        QVERIFY2(made.code == 0, qPrintable(made.shown));
        QVERIFY(!made.shown.contains("horse"));
        const auto reads = typed(ctl, {"--as", "bob", "list", "users"}, {"correct horse\n"});
        QVERIFY2(reads.code == 0, qPrintable(reads.shown));
        QVERIFY(reads.shown.contains("Passphrase of \"bob\": ") && !reads.shown.contains("horse"));
    }
    void passphrases()
    {
        const QStringList bob{"--as", "Bob", "--passphrase-file"};
        QCOMPARE(
            m_ctl.run({"operators", "add", "bob", "--role", "operator", "--passphrase-file", m_right}).code,
            0);
        const auto audited = [&] {
            return m_ctl.run({"sql", "SELECT COUNT(*) FROM audit", "--format", "csv"}).out;
        };
        const auto nowhere = m_ctl.run({"--as", "bob", "list", "users"});
        QCOMPARE(nowhere.code, 4);
        QVERIFY2(nowhere.err.contains("no terminal"), qPrintable(nowhere.err));
        QCOMPARE(m_ctl.run(bob + QStringList{m_ctl.path("none"), "list", "users"}).code, 1);
        const auto itself = m_ctl.run(bob + QStringList{m_ctl.directory(), "list", "users"});
        QVERIFY2(itself.code == 2, qPrintable(itself.err));
        QCOMPARE(m_ctl.run(bob + QStringList{m_ctl.write("empty", "\n"), "list", "users"}).code, 2);
        QCOMPARE(
            m_ctl.run(bob + QStringList{m_ctl.write("long", QByteArray(5000, 'x')), "list", "users"}).code,
            2);
        const auto before = audited();
        QCOMPARE(m_ctl.run(bob + QStringList{m_right, "dismiss", "nobody"}).code, 1);
        QCOMPARE(m_ctl.run(bob + QStringList{m_right, "block", "anna@shop.example"}).code, 4);
        QCOMPARE(audited(), before);
        // Their own, and nobody else's.
        const auto next = m_ctl.write("next", "staple of batteries");
        QCOMPARE(m_ctl
                     .run(bob +
                          QStringList{m_right, "operators", "passphrase", "chief", "--passphrase-file", next})
                     .code,
                 4);
        QCOMPARE(
            m_ctl.run(bob + QStringList{m_right, "operators", "passphrase", "bob", "--passphrase-file", next})
                .code,
            0);
        const auto wrong = m_ctl.run(bob + QStringList{m_right, "list", "users"});
        QCOMPARE(wrong.code, 4);
        QVERIFY2(wrong.err.contains("is wrong. The next one is looked at in 1 s."), qPrintable(wrong.err));
        QVERIFY(!wrong.err.contains("horse"));
        const auto audit = m_ctl.run({"list", "audit", "--format", "csv", "--all"}).out;
        QVERIFY(audit.contains("operatorWrongPassphrase"));
        for (const char *kept : {"horse", "staple", "argon2"})
            QVERIFY2(!audit.contains(kept), kept);
        QCOMPARE(m_ctl.run({"operators", "remove", "BOB"}).code, 0);
        const auto gone = m_ctl.run(bob + QStringList{next, "list", "users"});
        QCOMPARE(gone.code, 4);
        QVERIFY2(gone.err.contains("There is no operator \"Bob\""), qPrintable(gone.err));
        QCOMPARE(m_ctl.run({"verify"}).code, 0);
    }
};

QTEST_GUILESS_MAIN(OperatorsTest)
#include "tst_operators.moc"
