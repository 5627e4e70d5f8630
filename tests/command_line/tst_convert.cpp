// The command convert: from trial to production, and what a trial directory says of it.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;
using riskdesk::test::signInLine;

namespace {

void fill(const Ctl &ctl, bool trial)
{
    QStringList init{"init", "--name", "Test"};
    if (trial)
        init << "--trial";
    QCOMPARE(ctl.run(init).code, 0);
    QCOMPARE(
        ctl.run({"intel", "add", "anonymizer", ctl.write("tor.txt", "192.0.2.7\n"), "--kind", "tor"}).code,
        0);
    QByteArray log;
    for (int i = 0; i < 30; ++i)
        log += signInLine(i, i % 2 == 0 ? "anna" : "ben");
    log += signInLine(100, "anna", "2026-03-02T10:00:00Z", "192.0.2.7");
    const auto ran = ctl.run({"import", ctl.write("log.json", log), "--json"});
    QVERIFY2(ran.code == 0, qPrintable(ran.err));
    QCOMPARE(ran.object()["detections"].toInt(-1), trial ? 0 : 1);
}

QJsonArray found(const Ctl &ctl, const char *list)
{
    auto rows = ctl.run({"list", list, "--all", "--format", "json"}).array();
    for (auto row : rows) { // when it was found is today
        auto object = row.toObject();
        for (const char *now : {"detectedDateTime", "lastUpdatedDateTime", "riskLastUpdatedDateTime"})
            object.remove(now);
        row = object;
    }
    return rows;
}

} // namespace

class ConvertCommandTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void judgesWhatIsStored()
    {
        Ctl direct, ctl;
        fill(direct, false);
        fill(ctl, true);
        const auto asked = ctl.run({"whatif"});
        QVERIFY2(asked.code == 1 && asked.err.contains("\"convert\""), qPrintable(asked.err));
        const auto ran = ctl.run({"convert", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.object()["detections"].toInt(), 1);
        QCOMPARE(ran.object()["signIns"].toInt(), 31);
        const auto atRisk =
            direct.run({"list", "users", "--filter", "state:atRisk", "--json"}).array().size();
        QCOMPARE(ran.object()["usersAtRisk"].toInt(-1), static_cast<int>(atRisk));
        QCOMPARE(found(direct, "detections").size(), 1);
        QCOMPARE(found(ctl, "detections"), found(direct, "detections"));
        QCOMPARE(found(ctl, "users"), found(direct, "users"));
        QCOMPARE(ctl.run({"verify", "--findings"}).code, 0);
        QCOMPARE(ctl.run({"whatif"}).code, 0);
        const auto again = ctl.run({"convert"});
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains("for production already"), qPrintable(again.err));
    }

    void saysItInASentence()
    {
        Ctl ctl;
        fill(ctl, true);
        const auto ran = ctl.run({"convert"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(
            ran.out.startsWith("The directory is for production now. Judged 31 sign-ins: 1 new detection; "),
            qPrintable(ran.out));
        const auto audited =
            ctl.run({"sql", "SELECT before, after FROM audit WHERE action = 'convert'", "--format", "csv"});
        QVERIFY2(audited.out.contains("trial,production"), qPrintable(audited.out));
    }

    void anEmptyOneToo()
    {
        Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test", "--trial"}).code, 0);
        QCOMPARE(ctl.run({"convert", "--json"}).object()["detections"].toInt(-1), 0);
        QCOMPARE(ctl.run({"verify"}).code, 0);
        QCOMPARE(ctl.run({"convert"}).code, 1);
    }
};

QTEST_GUILESS_MAIN(ConvertCommandTest)
#include "tst_convert.moc"
