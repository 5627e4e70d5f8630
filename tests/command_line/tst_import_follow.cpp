// import --follow as a process: what is appended while it runs is stored, and Ctrl+C, a kill or another import in
// between lose and double nothing.
#include "core/directory/directory.h"
#include "core/store/lease.h"

#include "tests/support/ctl.h"

#include <QElapsedTimer>
#include <QTest>

#include <csignal>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

namespace {

constexpr int patience = 60000; // milliseconds

QByteArray signIns(int first, int count)
{
    QByteArray log;
    for (int n = first; n < first + count; ++n)
        log += signInLine(n, QString("user%1").arg(n));
    return log;
}

void append(const QString &name, const QByteArray &content)
{
    QFile file(name);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append) || file.write(content) != content.size())
        qFatal("cannot append to %s", qPrintable(name));
}

class FollowingImport
{
public:
    FollowingImport(const Ctl &ctl, const QStringList &more)
    {
        m_process.start(QString::fromStdString(riskdesk::test::riskdeskctl()),
                        QStringList{"--directory", ctl.directory(), "import", "--follow", "--json"} + more);
    }
    ~FollowingImport()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    FollowingImport(const FollowingImport &) = delete;
    FollowingImport &operator=(const FollowingImport &) = delete;

    // Until its pieces have read so many records in all.
    bool waitForRead(int records)
    {
        m_process.setReadChannel(QProcess::StandardOutput);
        QElapsedTimer timer;
        timer.start();
        while (sum("read") < records) {
            if (!m_process.waitForReadyRead(patience) || timer.elapsed() > patience)
                return false;
            m_out += m_process.readAllStandardOutput();
        }
        return true;
    }
    bool waitForError(const QString &words)
    {
        m_process.setReadChannel(QProcess::StandardError);
        QElapsedTimer timer;
        timer.start();
        while (!m_err.contains(words)) {
            if (!m_process.waitForReadyRead(patience) || timer.elapsed() > patience)
                return false;
            m_err += QString::fromUtf8(m_process.readAllStandardError());
        }
        return true;
    }
    [[nodiscard]] QByteArray environment() const
    {
        QFile file(QStringLiteral("/proc/%1/environ").arg(m_process.processId()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    int end(int signal)
    {
        ::kill(static_cast<pid_t>(m_process.processId()), signal);
        if (!m_process.waitForFinished(patience))
            return -3;
        m_out += m_process.readAllStandardOutput();
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }
    [[nodiscard]] int sum(const char *what) const
    {
        int total = 0;
        const auto lines = m_out.first(m_out.lastIndexOf('\n') + 1).split('\n');
        for (const auto &line : lines)
            total += QJsonDocument::fromJson(line).object()[what].toInt();
        return total;
    }

private:
    QProcess m_process;
    QByteArray m_out;
    QString m_err;
};

qsizetype stored(const Ctl &ctl)
{
    return ctl.run({"list", "signins", "--all", "--format", "json"}).array().size();
}

} // namespace

class ImportFollowTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void importsWhatIsAppendedUntilInterrupted()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto log = ctl.write("log.json", signIns(1, 3));
        {
            FollowingImport following(ctl, {log});
            QVERIFY(following.waitForRead(3));
            append(log, signIns(4, 2));
            QVERIFY(following.waitForRead(5));
            QVERIFY(QFile::rename(log, log + ".1"));
            append(log + ".1", signIns(6, 1));
            ctl.write("log.json", signIns(7, 1));
            QVERIFY(following.waitForRead(7));
            QCOMPARE(following.end(SIGINT), 0);
            QCOMPARE(following.sum("read"), 7); // no record twice
            QCOMPARE(following.sum("stored"), 7);
        }
        QCOMPARE(stored(ctl), 7);
        QCOMPARE(ctl.run({"verify"}).code, 0);
    }

    // The one way to tell glibc; the process that was started is the one that imports.
    void asksForHugePages()
    {
#if defined(__SANITIZE_ADDRESS__)
        QSKIP("a sanitizer has its own allocator");
#elif !defined(__GLIBC__)
        QSKIP("another C library");
#endif
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        FollowingImport following(ctl, {ctl.write("log.json", signIns(1, 3))});
        QVERIFY(following.waitForRead(3));
        const auto given = following.environment().split('\0');
        QVERIFY(given.contains("GLIBC_TUNABLES=glibc.malloc.hugetlb=1"));
        QCOMPARE(following.end(SIGINT), 0);
    }

    void killedAndBegunAnewItDoublesNothing()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto log = ctl.write("log.json", signIns(1, 3));
        {
            FollowingImport following(ctl, {log});
            QVERIFY(following.waitForRead(3));
            QCOMPARE(following.end(SIGKILL), -2);
        }
        append(log, signIns(4, 2) + "{\"broken\n");
        FollowingImport following(ctl, {log});
        QVERIFY(following.waitForRead(6));
        QCOMPARE(following.end(SIGTERM), 3); // something was rejected
        QCOMPARE(following.sum("stored"), 2);
        QCOMPARE(stored(ctl), 5);
    }

    void waitsForAnotherImportAndSaysSo()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto log = ctl.write("log.json", signIns(1, 2));
        auto directory = riskdesk::run::Directory::open(ctl.directory().toStdString());
        QVERIFY(directory.has_value());
        std::optional<FollowingImport> following;
        {
            const auto lease = riskdesk::store::ImportLease::take(directory->connection(), "another");
            QVERIFY(lease.has_value());
            following.emplace(ctl, QStringList{log});
            QVERIFY(following->waitForError("another import is running"));
            QCOMPARE(following->sum("read"), 0);
        }
        QVERIFY(following->waitForRead(2));
        QCOMPARE(following->end(SIGINT), 0);
    }

    void refusesTheDirectoryAsALog()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", "--follow", ctl.directory()}).code, 2);
    }
};

QTEST_GUILESS_MAIN(ImportFollowTest)
#include "tst_import_follow.moc"
