// Systems are written as their makers write them, and nothing else is touched.
#include "core/query/words/system_name.h"
#include "core/query/words/why.h"

#include <QTest>

using namespace riskdesk;

class SystemNameTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isTheMakers_data()
    {
        QTest::addColumn<QByteArray>("logged");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char *logged, const char *shown) {
            QTest::newRow(logged) << QByteArray(logged) << QByteArray(shown);
        };
        row("Ios 17", "iOS 17");
        row("Ios17.2", "iOS 17.2");
        row("MacOs", "macOS");
        row("MacOs 14", "macOS 14");
        row("Mac OS X 10.15", "macOS 10.15");
        row("Windows10", "Windows 10");
        row("windows 11", "Windows 11");
        row("WindowsPhone8", "Windows Phone 8");
        row("ANDROID 14", "Android 14");
        row("Linux", "Linux");
        row("Linuxoid", "Linuxoid");
        row("Iostream", "Iostream");
        row("", "");
        row("Haiku", "Haiku");
    }
    void isTheMakers()
    {
        QFETCH(QByteArray, logged);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(query::systemName(logged.toStdString())), shown);
    }

    void alsoInWhatWasUsual()
    {
        QCOMPARE(query::signalText("system", "Windows10 (39), Ios 17 (2)"), "Windows 10 (39), iOS 17 (2)");
        QCOMPARE(query::signalText("browser", "Ios 17"), "Ios 17");
        QCOMPARE(query::signalText("system", ""), "");
    }
};

QTEST_MAIN(SystemNameTest)
#include "tst_system_name.moc"
