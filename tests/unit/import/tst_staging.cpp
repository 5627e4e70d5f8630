// Staged rows come back in event order whatever the order they went in, spilled or not; equal ones as they
// came.
#ifndef Q_MOC_RUN // moc 6.4 stumbles over <compare>
#include "core/import/staging.h"
#endif

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>

using namespace riskdesk;

class StagingTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void comesBackInOrder_data()
    {
        QTest::addColumn<int>("rowsPerChunk");
        QTest::addColumn<int>("rowsInMemory");
        QTest::newRow("one chunk in memory") << 100000 << 100000;
        QTest::newRow("one chunk, spilled") << 100000 << 0;
        QTest::newRow("many chunks in memory") << 700 << 100000;
        QTest::newRow("many chunks, some spilled") << 700 << 2100;
        QTest::newRow("many chunks, all spilled") << 700 << 0;
        QTest::newRow("chunks of one, some spilled") << 1 << 100;
    }
    void comesBackInOrder()
    {
        QFETCH(int, rowsPerChunk);
        QFETCH(int, rowsInMemory);
        QTemporaryDir folder;
        run::Staging staging(folder.filePath("a.riskdesk").toStdString(),
                             static_cast<std::size_t>(rowsPerChunk),
                             static_cast<std::size_t>(rowsInMemory) * sizeof(SignInRow));
        std::mt19937 random(11);
        const int count = rowsPerChunk == 1 ? 300 : 5000;
        std::vector<SignInRow> rows(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].at = static_cast<std::int64_t>(random() % 500);
            rows[i].eventKey[0] = static_cast<std::uint8_t>(random() % 4);
            rows[i].offset = i;
            QVERIFY(staging.add(rows[i]));
        }
        std::stable_sort(rows.begin(), rows.end(), before);
        QVERIFY(staging.begin());
        SignInRow row;
        for (const auto &expected : rows) {
            QVERIFY(staging.next(row).value_or(false));
            QCOMPARE(row.at, expected.at);
            QCOMPARE(row.offset, expected.offset);
        }
        QVERIFY(!staging.next(row).value_or(true));
        // Nothing is left beside the directory.
        QVERIFY(QDir(folder.path()).isEmpty());
    }
};

QTEST_APPLESS_MAIN(StagingTest)
#include "tst_staging.moc"
