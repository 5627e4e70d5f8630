// With audit.logReading on, who looked at whose details stands in the audit log before they are shown.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

class ReadLogTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

    QStringList read() // who and what, oldest first
    {
        QStringList all;
        const auto rows =
            m_ctl.run({"sql", "--json",
                       "SELECT actor || ': ' || target AS said FROM audit WHERE action = 'read' "
                       "AND target NOT LIKE 'sql%' ORDER BY id"});
        for (const auto &row : rows.array())
            all << row.toObject()["said"].toString();
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(m_ctl.run({"init", "--name", "Test"}).code, 0);
        QByteArray log;
        for (int i = 0; i < 5; ++i)
            log += signInLine(i, "anna", QString("2026-01-05T0%1:00:00Z").arg(i)) + '\n';
        QCOMPARE(m_ctl.run({"import", m_ctl.write("a.json", log)}).code, 0);
    }

    void offByDefault()
    {
        QCOMPARE(m_ctl.run({"show", "user", "anna@shop.example"}).code, 0);
        QCOMPARE(m_ctl.run({"list", "users"}).code, 0);
        QCOMPARE(read(), QStringList());
    }

    void saysWhoLookedAtWhat()
    {
        QCOMPARE(m_ctl.run({"settings", "audit.logReading=1"}).code, 0);
        QCOMPARE(m_ctl.run({"--as", "ana", "show", "user", "anna@shop.example"}).code, 0);
        QCOMPARE(m_ctl.run({"--as", "ana", "show", "user", "anna@shop.example"}).code, 0); // within the hour
        QCOMPARE(m_ctl.run({"--as", "ben", "list", "signins", "--filter", "user:anna", "--json"}).code, 0);
        QCOMPARE(m_ctl.run({"--as", "ben", "history", "anna@shop.example"}).code, 0);
        QCOMPARE(m_ctl.run({"settings"}).code, 0); // shows nobody
        QCOMPARE(read(),
                 QStringList({"ana: show user anna@shop.example", "ben: list signins --filter user:anna",
                              "ben: history anna@shop.example"}));
        QVERIFY(m_ctl.run({"verify"}).out.contains("sound"));
    }
};

QTEST_GUILESS_MAIN(ReadLogTest)
#include "tst_read_log.moc"
