// riskdeskctl digest: the numbers it prints are those that the commands beside them count.
#include "tests/support/ctl.h"

#include <QDir>
#include <QTest>

using riskdesk::test::Ctl;

class DigestCommandTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;

private Q_SLOTS:
    void initTestCase()
    {
        const auto made = m_ctl.run({"sample", "--users", "200", "--days", "30", "--end", "2026-03-18"});
        QVERIFY2(made.code == 0, qPrintable(made.err));
    }
    void numbersAreThoseOfTheLists()
    {
        const auto told = m_ctl.run({"digest", "--from", "2026-02-20", "--days", "26", "--format", "json"});
        QVERIFY2(told.code == 0, qPrintable(told.err));
        const auto figures = told.object()["figures"].toArray();
        QVERIFY(figures.size() > 6);
        for (const auto &value : figures) {
            const auto figure = value.toObject();
            const auto rows = m_ctl.run({"list", figure["report"].toString(), "--filter",
                                         figure["filter"].toString(), "--all", "--format", "ndjson"});
            QVERIFY2(rows.code == 0, qPrintable(rows.err));
            QCOMPARE(rows.out.count('\n'), figure["count"].toInt());
        }
    }
    void weeksAndFormats()
    {
        const auto text = m_ctl.run({"digest", "--week", "2026-W11"});
        QVERIFY2(text.out.startsWith("Week 2026-W11: 2026-03-09 00:00 to 2026-03-16 00:00 UTC"),
                 qPrintable(text.out));
        QVERIFY(m_ctl.run({"digest", "--week", "2026-W11", "--format", "html"})
                    .out.startsWith("<!DOCTYPE html>"));
        const auto wrong = m_ctl.run({"digest", "--week", "2026-W60"});
        QCOMPARE(wrong.code, 2);
        QVERIFY2(wrong.err.contains("2026-W11"), qPrintable(wrong.err));
        QCOMPARE(m_ctl.run({"digest", "--from", "yesterday"}).code, 2);
        QCOMPARE(m_ctl.run({"digest", "--days", "3"}).code, 2); // from when?
    }
    void aFinishedWeekIsPutInItsFolderOnce()
    {
        QCOMPARE(m_ctl.run({"digest", "--due"}).out, ""); // nowhere
        QCOMPARE(m_ctl.run({"digest", "--folder", "here"}).code, 2);
        const auto folder = m_ctl.path("digests");
        QVERIFY(QDir().mkpath(folder));
        QCOMPARE(m_ctl.run({"digest", "--folder", folder}).code, 0);
        QCOMPARE(m_ctl.run({"digest", "--folder", folder}).code, 0); // as it is: nothing to tell
        const auto records = [this] {
            return m_ctl.run({"list", "audit", "--all", "--json"}).out.count("digest.folder");
        };
        QCOMPARE(records(), 1);
        const auto first = m_ctl.run({"digest", "--due"});
        QVERIFY2(first.code == 0 && first.out.startsWith(folder + "/test-20"),
                 qPrintable(first.out + first.err));
        QFile page(first.out.trimmed());
        QVERIFY(page.open(QIODevice::ReadWrite));
        const auto text = page.readAll();
        QVERIFY(text.startsWith("<!DOCTYPE html>") && text.trimmed().endsWith("</html>"));
        // It is not written again, and nothing else is left there.
        QVERIFY(page.resize(0));
        QCOMPARE(m_ctl.run({"digest", "--due"}).out, "");
        QCOMPARE(page.size(), 0);
        QCOMPARE(QDir(folder).entryList(QDir::Files | QDir::Hidden).size(), 1);
        QVERIFY(QDir(folder).removeRecursively());
        QCOMPARE(m_ctl.run({"digest", "--due"}).code, 1);
        QCOMPARE(m_ctl.run({"digest", "--folder", ""}).code, 0);
        QCOMPARE(records(), 2);
        QCOMPARE(m_ctl.run({"digest", "--due"}).code, 0);
    }
};

QTEST_GUILESS_MAIN(DigestCommandTest)
#include "tst_digest.moc"
