// undo --import as a command: says what it took out, and refuses what it cannot undo with a sentence.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

namespace {

QByteArray signIns(int first, int count)
{
    QByteArray log;
    for (int n = first; n < first + count; ++n)
        log += signInLine(n, QString("user%1").arg(n));
    return log;
}

qsizetype stored(const Ctl &ctl)
{
    return ctl.run({"list", "signins", "--all", "--format", "json"}).array().size();
}

} // namespace

class UndoImportCommandTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theNewestImportIsTakenOut()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QCOMPARE(ctl.run({"import", ctl.write("first.json", signIns(1, 3))}).code, 0);
        const auto second = ctl.run({"import", ctl.write("second.json", signIns(2, 5))});
        QCOMPARE(second.code, 0);
        QVERIFY2(second.out.contains("\"undo --import 2\" takes its sign-ins out again"),
                 qPrintable(second.out));
        QCOMPARE(stored(ctl), 6);

        const auto first = ctl.run({"undo", "--import", "1"});
        QCOMPARE(first.code, 1);
        QVERIFY2(first.err.contains("Only the newest import can be undone, and that is 2."),
                 qPrintable(first.err));
        QCOMPARE(stored(ctl), 6);

        const auto undone = ctl.run({"undo", "--import", "2"});
        QCOMPARE(undone.code, 0);
        QVERIFY2(undone.out.contains("3 sign-ins and 3 users"), qPrintable(undone.out));
        QCOMPARE(stored(ctl), 3);
        QCOMPARE(ctl.run({"verify", "--findings"}).code, 0);

        const auto json = ctl.run({"undo", "--import", "1", "--json"});
        QCOMPARE(json.code, 0);
        QCOMPARE(json.object()["signIns"].toInt(), 3);
        QCOMPARE(stored(ctl), 0);
        const auto none = ctl.run({"undo", "--import", "1"});
        QCOMPARE(none.code, 1);
        QVERIFY2(none.err.contains("No import that is stored here brought sign-ins."), qPrintable(none.err));
    }

    void whatBroughtNoSignInsOffersNothing()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        const auto log = ctl.write("log.json", signIns(1, 3));
        QCOMPARE(ctl.run({"import", log}).code, 0);
        const auto again = ctl.run({"import", log});
        QCOMPARE(again.code, 0);
        QVERIFY2(!again.out.contains("undo"), qPrintable(again.out));
        QVERIFY(ctl.run({"undo", "--import", "1", "--user", "user1"}).code != 0); // one thing at a time
        QCOMPARE(stored(ctl), 3);
    }
};

QTEST_GUILESS_MAIN(UndoImportCommandTest)
#include "tst_undo_import.moc"
