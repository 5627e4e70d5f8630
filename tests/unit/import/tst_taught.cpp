// What a decision is to teach waits until a memory is written that knows it, whatever happens in between.
#include "core/directory/directory.h"
#include "core/examine/taught.h"
#include "core/import/import_run.h"
#include "core/store/schema.h"

#include "tests/support/ctl.h"
#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace riskdesk;
using test::number;
using test::signInLine;

namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 22));

} // namespace

class TaughtTest : public QObject
{
    Q_OBJECT

    // Sign-ins of an hour, one a minute from `first` on, some to a transaction.
    Result<run::ImportSummary> bring(int first, int count, const ProgressSink &progress = {})
    {
        const auto path = m_folder.filePath("log.json").toStdString();
        std::ofstream log(path);
        for (int i = first; i < first + count; ++i)
            log << signInLine(i, QString("user%1").arg(i % 7)).toStdString();
        log.close();
        run::ImportOptions options;
        options.threads = 1;
        options.rowsPerBlock = 8;
        return run::importFiles(*m_directory, {path}, options, now, {}, progress);
    }
    store::Connection &db() { return m_directory->connection(); }

private Q_SLOTS:
    void init()
    {
        m_directory.reset();
        const auto file =
            m_folder.filePath(QString("%1.riskdesk").arg(QTest::currentTestFunction())).toStdString();
        QVERIFY(store::createDirectory(file, {"T", false, false, now.now()}));
        m_directory = std::make_unique<run::Directory>(std::move(*run::Directory::open(file)));
        QVERIFY(bring(1, 20));
        QVERIFY(db().execute("INSERT INTO withheld (user, event_key, verdict, restart) VALUES "
                             "(1, zeroblob(16), 1, 1), (2, x'02020202020202020202020202020202', 1, 0)"));
    }
    void movesWithTheMemory()
    {
        const auto behind = number(db(), "SELECT watermark FROM checkpoint");
        QVERIFY(bring(21, 20));
        QCOMPARE(number(db(), "SELECT count(*) FROM withheld"), 0);
        const auto all = run::taught(db());
        QVERIFY(all.has_value());
        QCOMPARE(all->size(), std::size_t{2});
        for (const auto &one : *all)
            QCOMPARE(one.behind.at, behind);
        // Two days on nobody can put the memory back to before it; who begins empty has to know of the first.
        QVERIFY(bring(2 * 1440, 20));
        QVERIFY(bring(4 * 1440, 20));
        QCOMPARE(number(db(), "SELECT count(*) FROM taught WHERE restart = 1"), 1);
    }
    void staysWhereTheRunIsBrokenOff()
    {
        // A block of it is stored, with the next one the disk is full.
        const auto full = number(db(), "SELECT count(*) + 1 FROM segment");
        QVERIFY(
            db().execute("CREATE TRIGGER full BEFORE INSERT ON segment WHEN (SELECT count(*) FROM segment) "
                         ">= " +
                         std::to_string(full) + " BEGIN SELECT RAISE(ABORT, 'full'); END"));
        QVERIFY(!bring(21, 30));
        QVERIFY(db().execute("DROP TRIGGER full"));
        QVERIFY(number(db(), "SELECT count(*) FROM signin") > 20);
        QVERIFY(number(db(), "SELECT unsettled_from IS NOT NULL FROM checkpoint") == 1);
        QCOMPARE(number(db(), "SELECT count(*) FROM withheld"), 2);
        QCOMPARE(number(db(), "SELECT count(*) FROM taught"), 0);
        QVERIFY(bring(21, 30));
        QVERIFY(bring(60, 5));
        QCOMPARE(number(db(), "SELECT count(*) FROM withheld"), 0);
        QCOMPARE(number(db(), "SELECT count(*) FROM taught"), 2);
    }
    void whatIsDecidedMeanwhileWaits()
    {
        bool decided = false;
        QVERIFY(bring(21, 30, [&](const Progress &p) {
            if (p.phase != "detect" || std::exchange(decided, true))
                return;
            auto other = store::openForWriting(m_directory->file());
            QVERIFY(other && other->execute("INSERT INTO withheld (user, event_key, verdict, restart) VALUES "
                                            "(3, zeroblob(16), 1, 1)"));
        }));
        QVERIFY(decided);
        QCOMPARE(number(db(), "SELECT user FROM withheld"), 3);
        QCOMPARE(number(db(), "SELECT count(*) FROM taught"), 2);
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<run::Directory> m_directory;
};

QTEST_APPLESS_MAIN(TaughtTest)
#include "tst_taught.moc"
