// The command retain, and imports that delete by themselves.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

class RetainTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

    int import(int from, const QString &user, const QString &day)
    {
        QByteArray log;
        for (int i = 0; i < 5; ++i)
            log += signInLine(from + i, user, QString("%1T0%2:00:00Z").arg(day).arg(i)) + '\n';
        const auto ran = m_ctl.run({"import", m_ctl.write(QString("%1.json").arg(from), log), "--json"});
        m_notices = ran.object()["notices"].toArray();
        return ran.code == 0 ? ran.object()["stored"].toInt() : -1;
    }
    int stored() { return m_ctl.run({"retain", "--json"}).object()["signIns"].toInt(); }
    QJsonArray m_notices;

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(m_ctl.run({"init", "--name", "Test"}).code, 0);
        QVERIFY(m_ctl.run({"retain"}).out.startsWith("There are no sign-ins.\nRetention is off"));
        QCOMPARE(import(0, "anna", "2026-01-05"), 5);
        QCOMPARE(import(10, "ben", "2026-02-20"), 5);
        QCOMPARE(import(20, "anna", "2026-03-10"), 5);
    }

    void saysWhatIsKept()
    {
        const auto kept = m_ctl.run({"retain", "--json"}).object();
        QCOMPARE(kept["signIns"].toInt(), 15);
        QVERIFY(kept["bytes"].toInt() > 0);
        QCOMPARE(kept["oldestDateTime"].toString(), "2026-01-05T00:00:00Z");
        QCOMPARE(kept["retainDays"].toInt(-1), 0);
        const auto text = m_ctl.run({"retain"});
        QVERIFY2(text.out.startsWith("15 sign-ins since 2026-01-05T00:00:00Z"), qPrintable(text.out));
        const auto none = m_ctl.run({"retain", "--days", "0"});
        QVERIFY2(none.code != 0 && none.err.contains("1 to 36500 days"), qPrintable(none.err));
        QCOMPARE(stored(), 15);
    }

    void deletesAndTheRestIsSound()
    {
        const auto id = [](int number) {
            return QString("00000000-0000-4000-8000-%1").arg(number, 12, 16, QChar('0'));
        };
        QCOMPARE(m_ctl.run({"explain", id(1)}).code, 0);
        const auto ran = m_ctl.run({"--as", "ana", "retain", "--days", "30", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.object()["deleted"].toInt(), 5);
        QCOMPARE(stored(), 10);
        const auto verified = m_ctl.run({"verify"});
        QVERIFY2(verified.code == 0, qPrintable(verified.out));
        QCOMPARE(m_ctl.run({"list", "signins", "--all", "--format", "json"}).array().size(), 10);
        QCOMPARE(
            m_ctl.run({"sql", "SELECT count(*) FROM signin", "--format", "csv"}).out.split("\n")[1].trimmed(),
            "10");
        for (const char *user : {"anna@shop.example", "ben@shop.example"}) {
            QCOMPARE(m_ctl.run({"show", "user", user}).code, 0);
            QCOMPARE(m_ctl.run({"history", user}).code, 0);
        }
        const auto gone = m_ctl.run({"explain", id(1)});
        QCOMPARE(gone.code, 1);
        QVERIFY2(gone.err.contains("no stored sign-in has this id") && gone.err.count('\n') == 1,
                 qPrintable(gone.err));
        QCOMPARE(m_ctl.run({"explain", id(21)}).code, 0);
        const auto audited = m_ctl.run(
            {"sql", "SELECT actor, target, after FROM audit WHERE action = 'retain'", "--format", "csv"});
        QVERIFY2(audited.out.contains("ana,") && audited.out.contains("5 deleted"), qPrintable(audited.out));
    }

    void anImportDeletesWhenItIsOn()
    {
        QCOMPARE(m_ctl.run({"settings", "store.retainDays=10"}).code, 0);
        QVERIFY(m_ctl.run({"retain"}).out.contains("older than 10 days"));
        QCOMPARE(import(30, "ben", "2026-03-12"), 5);
        QCOMPARE(m_notices.size(), 1);
        QVERIFY2(m_notices[0].toString().startsWith("5 sign-ins older than 2026-03-02"),
                 qPrintable(m_notices[0].toString()));
        QCOMPARE(stored(), 10);
        QCOMPARE(import(40, "anna", "2026-03-12"), 5);
        QCOMPARE(m_notices.size(), 0);
        QCOMPARE(m_ctl.run({"verify"}).code, 0);
    }
};

QTEST_GUILESS_MAIN(RetainTest)
#include "tst_retain.moc"
