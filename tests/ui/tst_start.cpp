// How the console begins where there is no display: help and version are words, everything else one sentence.
#include "tests/support/places.h"

#include <QFileInfo>
#include <QProcess>
#include <QTest>

using namespace riskdesk::test;

class StartTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void needsADisplayForItsWindowAlone_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("help") << QStringList{"--help"} << 0 << "--directory";
        QTest::newRow("version") << QStringList{"--version"} << 0 << "riskdesk ";
        QTest::newRow("window") << QStringList{} << 1 << "riskdeskctl";
    }
    void needsADisplayForItsWindowAlone()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        QProcess program;
        auto environment = QProcessEnvironment::systemEnvironment();
        for (const char *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            environment.remove(QString::fromLatin1(name));
        program.setProcessEnvironment(environment);
        program.setProcessChannelMode(QProcess::MergedChannels);
        const QFileInfo beside(QString::fromStdString(riskdeskctl()));
        program.start(beside.path() + QStringLiteral("/riskdesk"), arguments);
        QVERIFY(program.waitForFinished(-1));
        const auto words = QString::fromUtf8(program.readAll());
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QVERIFY2(program.exitCode() == code && words.contains(says), qPrintable(words));
    }
};

QTEST_GUILESS_MAIN(StartTest)
#include "tst_start.moc"
