// Whatever is handed to it, riskdeskctl answers with a clear sentence and the right exit code, and loses
// nothing.
#include "tests/support/ctl.h"

#include <QDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using riskdesk::test::Ctl;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;

class BadInputTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_ctl = std::make_unique<Ctl>();
        QCOMPARE(m_ctl->run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(m_ctl->run({"import", m_ctl->write("good.json", signInLine(1) + signInLine(2))}).code, 0);
    }
    void cleanup()
    {
        // Nothing lost, whatever happened.
        const auto verified = m_ctl->run({"verify", "--format", "json"});
        QVERIFY2(verified.object()["ok"].toBool(), qPrintable(verified.out + verified.err));
        QVERIFY(m_ctl->run({"list", "signins", "--format", "json"}).array().size() >= 2);
    }

    void refusesFiles_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty file") << QByteArray() << "empty";
        QTest::newRow("binary file") << QByteArray::fromHex("7f454c460201010000000000fffe800001") << "";
        QTest::newRow("plain text") << QByteArray("Dear all,\nplease find attached the sign-ins.\n") << "";
        QTest::newRow("Okta system log")
            << QByteArray(
                   R"({"uuid":"a","published":"2024-01-01T00:00:00Z","eventType":"user.session.start","actor":{"id":"1"},"outcome":{"result":"SUCCESS"}})"
                   "\n")
            << "Okta";
        QTest::newRow("other JSON") << QByteArray("{\"colour\":\"blue\",\"size\":3}\n") << "";
    }
    void refusesFiles()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, says);
        const auto ran = m_ctl->run({"import", m_ctl->write("bad", content)});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("bad") && ran.err.contains(says), qPrintable(ran.err));
    }
    void refusesWhatIsNoFile()
    {
        auto ran = m_ctl->run({"import", m_ctl->path("missing.json")});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("missing.json"), qPrintable(ran.err));
        QVERIFY(QDir(m_ctl->path(".")).mkdir("nothing"));
        ran = m_ctl->run({"import", m_ctl->path("nothing")});
        QCOMPARE(ran.code, 1);
        QVERIFY2(!ran.err.isEmpty(), qPrintable(ran.err));
    }
    void importsTheOthersWhenOneIsRefused()
    {
        const auto ran = m_ctl->run(
            {"import", "--json", m_ctl->write("bad", "hello\n"), m_ctl->write("more.json", signInLine(3))});
        QCOMPARE(ran.code, 1);
        QCOMPARE(ran.object()["stored"].toInt(), 1);
    }
    void keepsWhatCameBeforeATruncation()
    {
        const auto file = m_ctl->write("cut.json", signInLine(3) + signInLine(4) + signInLine(5).left(120));
        const auto ran = m_ctl->run({"import", "--json", file});
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), 1);
        const auto rejects = m_ctl->run({"list", "rejects", "--format", "json"}).array();
        QCOMPARE(rejects.size(), 1);
        QCOMPARE(rejects[0].toObject()["line"].toInt(), 3);
    }
    void keepsTheNeighboursOfABadRecord()
    {
        auto noTime = signInLine(4);
        noTime.replace("2026-03-01T", "yesterday ");
        const auto ran =
            m_ctl->run({"import", "--json",
                        m_ctl->write("mixed.json", signInLine(3) + noTime + "{broken\n" + signInLine(5))});
        QCOMPARE(ran.code, 3);
        const auto summary = ran.object();
        QCOMPARE(summary["stored"].toInt(), 2);
        QCOMPARE(summary["rejected"].toInt(), 2);
        QCOMPARE(summary["read"].toInt(), summary["stored"].toInt() + summary["duplicates"].toInt() +
                                              summary["notSignIns"].toInt() + summary["rejected"].toInt());
    }
    void survivesAVeryLongLine()
    {
        QFile file(m_ctl->path("long.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(signInLine(3));
        file.write("{\"id\":\"");
        const QByteArray block(1 << 20, 'x');
        for (int i = 0; i < 200; ++i)
            file.write(block);
        file.write("\"}\n");
        file.write(signInLine(4));
        file.close();
        const auto ran = m_ctl->run({"import", "--json", file.fileName()});
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), 1);
    }
    void readsOtherEncodings()
    {
        // UTF-16 with a byte order mark, as Windows tools write it.
        const auto text = QString::fromUtf8(signInLine(3, "zoë"));
        QByteArray utf16("\xff\xfe", 2);
        utf16.append(reinterpret_cast<const char *>(text.utf16()), text.size() * 2);
        const auto ran = m_ctl->run({"import", "--json", m_ctl->write("wide.json", utf16)});
        QCOMPARE(ran.object()["stored"].toInt(), 1);
    }
    void refusesAStoreOfALaterVersion()
    {
        Ctl other;
        QCOMPARE(other.run({"init", "--name", "Later"}).code, 0);
        QProcess::execute("sqlite3", {other.directory(), "PRAGMA user_version = 999"});
        const auto ran = other.run({"list", "users"});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("newer version"), qPrintable(ran.err));
    }
    void refusesWhatIsNoStore()
    {
        Ctl other;
        other.write("test.riskdesk", "this is a letter\n");
        auto ran = other.run({"list", "users"});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("not a Riskdesk directory"), qPrintable(ran.err));
        other.write("test.riskdesk", "");
        ran = other.run({"import", other.write("good.json", signInLine(1))});
        QCOMPARE(ran.code, 1);
        ran = Ctl::runOn(other.path("none.riskdesk"), {"list", "users"});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("not found"), qPrintable(ran.err));
    }
    void refusesAReadOnlyPlace()
    {
        if (geteuid() == 0)
            QSKIP("root may write everywhere");
        QFile::setPermissions(m_ctl->directory(), QFile::ReadOwner);
        const auto ran = m_ctl->run({"import", m_ctl->write("more.json", signInLine(3))});
        QFile::setPermissions(m_ctl->directory(), QFile::ReadOwner | QFile::WriteOwner);
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("cannot be written"), qPrintable(ran.err));
    }
    void survivesAFullDisk()
    {
        // A limit on the size of files stands for the disk: the store's write fails as on a full one.
        QByteArray many;
        for (int i = 10; i < 20000; ++i)
            many += signInLine(i, QString("user%1").arg(i % 997));
        const auto file = m_ctl->write("many.json", many);
        QProcess process;
        process.start("bash",
                      {"-c", QString("ulimit -f 400; trap '' XFSZ; exec '%1' --directory '%2' import '%3'")
                                 .arg(QString::fromStdString(riskdeskctl()), m_ctl->directory(), file)});
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 1);
        const auto said = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(said.contains("full") || said.contains("could not be"), qPrintable(said));
        // With room again, the same command finishes the work.
        const auto ran = m_ctl->run({"import", "--json", file});
        QCOMPARE(ran.code, 0);
        QCOMPARE(m_ctl->run({"list", "signins", "--all", "--format", "json"}).array().size(), 2 + 19990);
    }
    void saysWrongUsage()
    {
        QCOMPARE(m_ctl->run({"frobnicate"}).code, 2);
        QCOMPARE(m_ctl->run({"list", "users", "--filter", "contry:vn"}).code, 2);
        QCOMPARE(m_ctl->run({"settings", "unlikelyTravel.speedLimitKmh=1"}).code, 2);
        QCOMPARE(m_ctl->run({"dismiss", "nobody@nowhere"}).code, 1);
    }
    void anImportThatIsKilledLeavesWholeBlocksAndCanBeRunAgain()
    {
        QByteArray many;
        for (int i = 10; i < 20000; ++i)
            many += signInLine(i, QString("user%1").arg(i % 997));
        const auto file = m_ctl->write("many.json", many);
        for (int round = 0; round < riskdesk::test::rounds(4); ++round) {
            QProcess process;
            process.start(QString::fromStdString(riskdeskctl()),
                          {"--directory", m_ctl->directory(), "import", file});
            QVERIFY(process.waitForStarted());
            process.waitForFinished(40 + 90 * round % 700); // killed in the middle, or done
            process.kill();
            process.waitForFinished();
            const auto verified = m_ctl->run({"verify", "--format", "json"});
            QVERIFY2(verified.object()["ok"].toBool(), qPrintable(verified.out + verified.err));
        }
        const auto ran = m_ctl->run({"import", "--json", file});
        QCOMPARE(ran.code, 0);
        QCOMPARE(m_ctl->run({"list", "signins", "--all", "--format", "ndjson"}).out.count('\n'), 2 + 19990);
    }

private:
    std::unique_ptr<Ctl> m_ctl;
};

QTEST_GUILESS_MAIN(BadInputTest)
#include "tst_bad_input.moc"
