// The completion and the manual page tell everything that the program takes, as --help does.
#include "tests/support/ctl.h"

#include <QRegularExpression>
#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::riskdeskctl;

namespace {

struct Said
{
    int code = -1;
    QString out, err;
};

Said run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.remove("RISKDESK_DIRECTORY");
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(60000))
        qFatal("%s did not end", qPrintable(program));
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

Said ctl(const QStringList &arguments)
{
    return run(QString::fromStdString(riskdeskctl()), arguments);
}

struct Told
{
    QStringList commands, options;
};

// What --help of a command says, read as a person would.
Told helpOf(const QStringList &command)
{
    Told told;
    bool commands = false;
    for (const auto &line : ctl(command + QStringList{"--help"}).out.split('\n')) {
        if (!line.startsWith(' '))
            commands = line == "Subcommands:";
        static const QRegularExpression option("^  (?:-[a-z],)?(--[a-z-]+)"), under("^  ([a-z-]+)(?: |$)");
        if (const auto found = option.match(line); found.hasMatch())
            told.options << found.captured(1);
        else if (const auto name = under.match(line); commands && name.hasMatch())
            told.commands << name.captured(1);
    }
    return told;
}

} // namespace

class DocumentsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const auto script = ctl({"completion", "bash"});
        QCOMPARE(script.code, 0);
        m_script = m_ctl.write("completion.bash", script.out.toUtf8());
        const auto page = ctl({"man"});
        QCOMPARE(page.code, 0);
        m_page = page.out;
    }

    void everythingIsTold()
    {
        int commands = 0, options = 0;
        const auto look = [&](const auto &self, const QStringList &command) -> void {
            const auto told = helpOf(command);
            QVERIFY2(told.options.contains("--help"), qPrintable(command.join(' ')));
            ++commands;
            options += static_cast<int>(told.options.size());
            const auto completed = complete(command, "-");
            for (const auto &option : told.options)
                QVERIFY2(completed.contains(option), qPrintable(command.join(' ') + ' ' + option));
            const auto section = ofManual(command);
            QVERIFY2(!section.isEmpty(), qPrintable(command.join(' ')));
            for (const auto &option : told.options)
                QVERIFY2(option == "--help" || section.contains("\\fB" + roff(option) + "\\fR"),
                         qPrintable(command.join(' ') + ' ' + option));
            const auto within = complete(command, "");
            for (const auto &under : told.commands) {
                QVERIFY2(within.contains(under), qPrintable(under));
                self(self, command + QStringList{under});
            }
        };
        look(look, {});
        QVERIFY2(commands > 35 && options > 130, qPrintable(QString("%1 %2").arg(commands).arg(options)));
    }

    void bashTakesTheScript()
    {
        const auto checked = run("bash", {"-n", m_script});
        QVERIFY2(checked.code == 0 && checked.err.isEmpty(), qPrintable(checked.err));
        QVERIFY(run("bash", {"-c", "set -u; source \"$1\"; complete -p riskdeskctl", "-", m_script})
                    .out.contains("_riskdeskctl"));
    }

    void completes_data()
    {
        QTest::addColumn<QStringList>("words"); // the last one is being typed
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("command") << QStringList{"conf"} << QStringList{"confirm-compromised", "confirm-safe"};
        QTest::newRow("behind options") << QStringList{"--directory", "list", "und"} << QStringList{"undo"};
        QTest::newRow("place") << QStringList{"list", "s"} << QStringList{"signins"};
        QTest::newRow("second place is free")
            << QStringList{"intel", "add", "threat", "--kind", "t"} << QStringList{};
        QTest::newRow("nested") << QStringList{"intel", "ro"} << QStringList{"rollback"};
        QTest::newRow("nested place") << QStringList{"intel", "add", "th"} << QStringList{"threat"};
        QTest::newRow("value") << QStringList{"list", "users", "--format", "n"} << QStringList{"ndjson"};
        QTest::newRow("value behind =")
            << QStringList{"list", "users", "--format", "=", "n"} << QStringList{"ndjson"};
        QTest::newRow("nothing behind =")
            << QStringList{"import", "x", "--dates", "="} << QStringList{"dmy", "mdy"};
        QTest::newRow("a flag takes nothing") << QStringList{"list", "--all", "au"} << QStringList{"audit"};
        QTest::newRow("an option of the program")
            << QStringList{"intel", "list", "--dir"} << QStringList{"--directory"};
        QTest::newRow("an empty word is no command") << QStringList{"", "list"} << QStringList{};
        QTest::newRow("shell") << QStringList{"completion", ""} << QStringList{"bash"};
    }
    void completes()
    {
        QFETCH(QStringList, words);
        QFETCH(QStringList, expected);
        const auto typed = words.takeLast();
        QCOMPARE(complete(words, typed), expected);
    }
    void completesFiles()
    {
        const auto file = m_ctl.write("a log.json", "x");
        for (const QStringList &words : {QStringList{"import"},
                                         {"import", "x"},
                                         {"--directory"},
                                         {"backup"},
                                         {"intel", "add", "threat"},
                                         {"export", "users", "--state"}})
            QCOMPARE(complete(words, m_ctl.path("a lo")), QStringList{file});
    }

    void theManualCanBeRead()
    {
        if (run("sh", {"-c", "command -v groff"}).code != 0)
            QSKIP("there is no groff");
        const auto file = m_ctl.write("riskdeskctl.1", m_page.toUtf8());
        const auto read = run("groff", {"-man", "-Tutf8", "-ww", "-P-cbou", file});
        QVERIFY2(read.code == 0 && read.err.isEmpty(), qPrintable(read.err));
        const auto text = read.out.simplified();
        for (const char *said : {"NAME", "EXIT STATUS", "RISKDESK_DIRECTORY", "riskdeskctl intel add",
                                 "users|detections|signins|campaigns|rejects|audit", "--odata TEXT",
                                 "3 done, but something of what was read was rejected"})
            QVERIFY2(text.contains(said), qPrintable(QString(said) + '\n' + read.out));
    }

private:
    // What is offered for `typed` behind `words`, sorted.
    [[nodiscard]] QStringList complete(const QStringList &words, const QString &typed) const
    {
        const auto ran = run("bash", QStringList{"--norc", "-c",
                                                 "set -u; source \"$1\"; shift\n"
                                                 "COMP_WORDS=(riskdeskctl \"$@\") COMP_CWORD=$#\n"
                                                 "_riskdeskctl; printf '%s\\n' \"${COMPREPLY[@]}\"",
                                                 "-", m_script} +
                                         words + QStringList{typed});
        if (ran.code != 0 || !ran.err.isEmpty())
            qFatal("%s", qPrintable(ran.err));
        auto found = ran.out.split('\n', Qt::SkipEmptyParts);
        found.sort();
        return found;
    }
    static QString roff(QString text) { return text.replace("-", "\\-"); }
    // From the command's own heading to the next one.
    [[nodiscard]] QString ofManual(const QStringList &command) const
    {
        const auto heading =
            command.isEmpty() ? QString(".SH OPTIONS\n") : ".SS \"" + roff(command.join(' ')) + "\"\n";
        const auto from = m_page.indexOf(heading);
        return from < 0 ? QString() : m_page.mid(from + heading.size()).section("\n.S", 0, 0);
    }

    Ctl m_ctl;
    QString m_script, m_page;
};

QTEST_GUILESS_MAIN(DocumentsTest)
#include "tst_documents.moc"
