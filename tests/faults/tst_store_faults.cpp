// A disk that fails and a machine that stops, at every place where the store writes: what was committed
// stays, what is there is whole, and the same import again ends where it would have ended undisturbed.
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/store/schema.h"
#include "core/store/segment.h"
#include "core/store/statement.h"
#include "core/verify/verify_risk.h"
#include "core/verify/verify_run.h"

#include "tests/support/ctl.h"
#include "tests/support/failing_vfs.h"
#include "tests/support/number.h"
#include "tests/support/rows_of.h"

#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <filesystem>

using namespace riskdesk;
using test::difference;
using test::FailingVfs;
using test::number;
using test::signInLine;
using Operation = FailingVfs::Operation;

namespace {

// The operation to fail after the nth: each `step`th. Under sanitizers, which make each run many times as
// long and look for misused memory and not for lost rows, all of the first ones and then every 31st: coprime
// to the operations of a block, so that another one fails in each.
int after(int nth, int step)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return nth < 16 ? nth + 1 : nth + std::max(step, 31);
#else
    return nth + step;
#endif
}

constexpr std::size_t rowsPerBlock = 16;
constexpr int users = 12;
const FixedClock theClock(Timestamp::fromCivil(2026, 3, 22));

QString at(int day, int hour, int minute)
{
    return QString("2026-03-%1T%2:%3:00Z")
        .arg(day, 2, 10, QChar('0'))
        .arg(hour, 2, 10, QChar('0'))
        .arg(minute, 2, 10, QChar('0'));
}

// The days of a small shop, one sign-in a user and day.
QByteArray days(int first, int last, int &number)
{
    QByteArray log;
    for (int day = first; day <= last; ++day)
        for (int user = 0; user < users; ++user)
            log += signInLine(number++, QString("user%1").arg(user), at(day, 8 + user / 2, user),
                              QString("91.10.%1.7").arg(user));
    return log;
}

// Habits, then a spray with one hit, an address on a list, and more days.
void writeLogs(const QDir &folder)
{
    int number = 1;
    const auto write = [&](const char *name, const QByteArray &text) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    };
    write("before.json", days(1, 14, number));
    QByteArray after = days(15, 17, number);
    for (int user = 0; user < 8; ++user)
        after +=
            signInLine(number++, QString("user%1").arg(user), at(18, 3, 10 + user), "198.51.100.13", 50126);
    after += signInLine(number++, "user3", at(18, 3, 30), "198.51.100.13");
    after += signInLine(number++, "user9", at(18, 9, 0), "203.0.113.20");
    after += signInLine(number++, "newcomer", at(18, 9, 1), "91.10.99.1");
    after += days(19, 20, number);
    write("after.json", after);
    write("tor.txt", "203.0.113.0/24\n");
}

Result<run::ImportSummary> import(run::Directory &directory, const QDir &folder, const char *name,
                                  unsigned threads = 1)
{
    run::ImportOptions options;
    options.threads = threads;
    options.rowsPerBlock = rowsPerBlock;
    options.who.name = "test";
    return run::importFiles(directory, {folder.filePath(name).toStdString()}, options, theClock);
}

struct Ended
{
    bool opened = false;
    std::optional<Error> error;
};

// Opens, imports, closes: all that a run of the program does to the file.
Ended disturbedRun(const std::filesystem::path &file, const QDir &folder, unsigned threads,
                   std::int64_t *acknowledged = nullptr)
{
    Ended ended;
    auto directory = run::Directory::open(file);
    if (!directory) {
        ended.error = directory.error();
        return ended;
    }
    ended.opened = true;
    // Often, so that it happens inside the run and not only when the file is closed.
    if (acknowledged == nullptr)
        (void)directory->connection().execute("PRAGMA wal_autocheckpoint = 60");
    else // SQLite calls it when a commit is on the disk, and it has to do what the pragma would.
        sqlite3_wal_hook(
            directory->connection().handle(),
            [](void *count, sqlite3 *db, const char *name, int pages) {
                auto borrowed = store::Connection::borrow(db);
                store::Statement rows(borrowed, "SELECT coalesce(sum(rows), 0) FROM segment");
                if (rows.step())
                    *static_cast<std::int64_t *>(count) = rows.int64(0);
                rows.reset();
                if (pages >= 60)
                    sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
                return SQLITE_OK;
            },
            acknowledged);
    const auto summary = import(*directory, folder, "after.json", threads);
    if (!summary)
        ended.error = summary.error();
    else if (!summary->notRead.empty())
        ended.error = summary->notRead.front();
    return ended;
}

// Everything an import decides, as text: each row of each table but for who imported when.
QStringList stateOf(store::Connection &db)
{
    QStringList lines;
    for (const char *table :
         {"user", "user_alias", "dictionary_page", "address_fact", "sign_in_risk", "reject", "detection",
          "ledger", "user_risk", "withheld", "campaign", "campaign_target", "detector_state", "checkpoint"})
        lines += test::rowsOf(db, table, {"run"});
    QStringList signIns;
    const auto segments = store::segments(db);
    for (const auto &segment : segments.value_or(std::vector<store::SegmentInfo>{})) {
        const auto rows = store::readSegment(db, segment.id);
        for (const auto &row : rows.value_or(std::vector<SignInRow>{}))
            signIns << QString("sign-in %1")
                           .arg(QString::fromLatin1(
                               QByteArray(reinterpret_cast<const char *>(&row), sizeof row).toHex()));
    }
    signIns.sort();
    return lines + signIns;
}

} // namespace

class StoreFaultsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_vfs = std::make_unique<FailingVfs>();
        writeLogs(QDir(m_folder.path()));
        const auto base = path("base.riskdesk");
        store::DirectoryInfo info;
        info.name = "Test";
        QVERIFY(store::createDirectory(base, info));
        {
            auto directory = run::Directory::open(base);
            QVERIFY(directory.has_value());
            enrich::ListDefaults tor;
            tor.kind = NetworkClass::Tor;
            QVERIFY(run::addList(directory->connection(), theClock, {}, ListKind::Anonymizer, path("tor.txt"),
                                 "tor", tor));
            const auto summary = import(*directory, QDir(m_folder.path()), "before.json");
            QVERIFY(summary && summary->stored > 100);
        }
        copyBase();
        auto directory = run::Directory::open(m_file);
        QVERIFY(directory.has_value());
        m_committedBefore = number(directory->connection(), "SELECT sum(rows) FROM segment");
        const auto summary = import(*directory, QDir(m_folder.path()), "after.json");
        QVERIFY(summary.has_value());
        QVERIFY2(summary->detections >= 3, qPrintable(QString::number(summary->detections)));
        m_total = m_committedBefore + static_cast<std::int64_t>(summary->stored);
        QVERIFY(summary->stored > 3 * rowsPerBlock);
        m_undisturbed = stateOf(directory->connection());
        // A block is one segment here.
        store::Statement block(directory->connection(), "SELECT rows FROM segment ORDER BY id");
        for (std::int64_t end = 0; block.step();) {
            QVERIFY(block.int64(0) <= static_cast<std::int64_t>(rowsPerBlock));
            m_blockEnds.insert(end += block.int64(0));
        }
    }

    void aFailureAnywhereLeavesWholeBlocks_data()
    {
        QTest::addColumn<int>("operation");
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("lasting");
        QTest::addColumn<int>("expected");
        QTest::addColumn<int>("step");
        QTest::addColumn<unsigned>("threads");
        // Every write fails once. What lasts ends the run as the first failure does, so a part of the places
        // stands for all of them; so it does with threads, where the place is chance.
        const auto row = [](const char *name, Operation operation, int code, bool lasting, Code expected,
                            int step = 1, unsigned threads = 1) {
            QTest::newRow(name) << static_cast<int>(operation) << code << lasting
                                << static_cast<int>(expected) << step << threads;
        };
        row("one write fails", Operation::Write, SQLITE_IOERR_WRITE, false, Code::Io);
        row("the disk is full from one write on", Operation::Write, SQLITE_FULL, true, Code::DiskFull, 5);
        row("the disk is full while three threads work", Operation::Write, SQLITE_FULL, true, Code::DiskFull,
            7, 3);
        row("one sync fails", Operation::Sync, SQLITE_IOERR_FSYNC, false, Code::Io);
        row("no sync succeeds any more", Operation::Sync, SQLITE_IOERR_FSYNC, true, Code::Io);
        row("one truncation fails", Operation::Truncate, SQLITE_IOERR_TRUNCATE, false, Code::Io);
        row("one file cannot be opened", Operation::Open, SQLITE_CANTOPEN, false, Code::Io);
        row("one piece of shared memory is refused", Operation::Map, SQLITE_IOERR_SHMMAP, false, Code::Io);
        row("no change reaches the disk any more", Operation::Change, SQLITE_IOERR_WRITE, true, Code::Io, 7);
    }
    void aFailureAnywhereLeavesWholeBlocks()
    {
        QFETCH(int, operation);
        QFETCH(int, code);
        QFETCH(bool, lasting);
        QFETCH(int, expected);
        QFETCH(int, step);
        QFETCH(unsigned, threads);
        int nth = 1, failures = 0;
        for (;; nth = after(nth, step)) {
            copyBase();
            m_vfs->failAt(static_cast<Operation>(operation), nth, code, lasting);
            const auto ended = disturbedRun(m_file, QDir(m_folder.path()), threads);
            const bool happened = m_vfs->happened();
            m_vfs->heal();
            const auto where = QString("operation %1").arg(nth);
            if (ended.error) {
                QVERIFY2(happened, qPrintable(where));
                QVERIFY2(static_cast<int>(ended.error->code) == expected,
                         qPrintable(where + ": " + QString::fromStdString(sentence(*ended.error))));
                ++failures;
            }
            QVERIFY2(isWhole(m_committedBefore, !ended.error), qPrintable(where + ": " + m_finding));
            if (!happened) {
                QVERIFY(!ended.error);
                break;
            }
        }
        qInfo("%d operations, each %dth failed, %d ended the run", nth - 1, step, failures);
    }

    void whatWasAcknowledgedSurvivesAPowerCut_data()
    {
        QTest::addColumn<int>("unsynced");
        QTest::addColumn<int>("step");
        QTest::newRow("nothing unsynced reached the disk")
            << static_cast<int>(FailingVfs::Unsynced::Lost) << 1;
        QTest::newRow("some of what was unsynced did") << static_cast<int>(FailingVfs::Unsynced::Random) << 4;
    }
    void whatWasAcknowledgedSurvivesAPowerCut()
    {
        QFETCH(int, unsynced);
        QFETCH(int, step);
        int nth = 1;
        for (;; nth = after(nth, step)) {
            copyBase();
            std::int64_t acknowledged = m_committedBefore;
            m_vfs->stopAt(nth);
            const auto ended = disturbedRun(m_file, QDir(m_folder.path()), 1, &acknowledged);
            const bool stopped = m_vfs->happened();
            m_vfs->heal();
            m_vfs->loseWhatWasNotSynced(static_cast<FailingVfs::Unsynced>(unsynced),
                                        static_cast<std::uint64_t>(nth));
            const auto where = QString("change %1").arg(nth);
            QVERIFY2(isWhole(acknowledged, !ended.error), qPrintable(where + ": " + m_finding));
            if (!stopped)
                break;
        }
        qInfo("%d changes", nth - 1);
    }

    void anImportWhoseLeaseWasTakenWritesNothingMore()
    {
        copyBase();
        auto directory = run::Directory::open(m_file);
        QVERIFY(directory.has_value());
        const auto before = stateOf(directory->connection());
        // Another process takes over while this one slept: after reading, before the first block.
        const ProgressSink takeOver = [&](const Progress &progress) {
            if (progress.phase != "read" || progress.done != progress.total)
                return;
            auto other = store::openForWriting(m_file);
            QVERIFY(other && other->execute("UPDATE lease SET pid = 1, host = 'elsewhere.example'"));
        };
        run::ImportOptions options;
        options.rowsPerBlock = rowsPerBlock;
        const auto summary =
            run::importFiles(*directory, {path("after.json")}, options, theClock, {}, takeOver);
        QVERIFY(!summary);
        QCOMPARE(summary.error().code, Code::Conflict);
        QCOMPARE(difference(stateOf(directory->connection()), before), QString());
        QCOMPARE(number(directory->connection(), "SELECT count(*) FROM lease"), 1);
    }

    void aDirectoryIsMadeWholeOrNotAtAll()
    {
        store::DirectoryInfo info;
        info.name = "Test";
        for (const auto &[operation, code] :
             {std::pair{Operation::Write, SQLITE_FULL}, std::pair{Operation::Sync, SQLITE_IOERR_FSYNC},
              std::pair{Operation::Open, SQLITE_CANTOPEN}}) {
            bool happened = true;
            for (int nth = 1; happened; nth = after(nth, 3)) {
                const auto file = path("new.riskdesk");
                m_vfs->failAt(operation, nth, code, false);
                const auto made = store::createDirectory(file, info);
                happened = m_vfs->happened();
                m_vfs->heal();
                if (made) {
                    auto db = store::openForWriting(file);
                    QVERIFY(db && store::directoryInfo(*db));
                    QCOMPARE(number(*db, "PRAGMA page_size"), 8192);
                } else {
                    QVERIFY(happened);
                    QVERIFY2(made.error().code == (code == SQLITE_FULL ? Code::DiskFull : Code::Io),
                             made.error().detail.c_str());
                    QVERIFY(!std::filesystem::exists(file));
                }
                removeAll(file);
            }
        }
    }

    void aDirectoryMadeSurvivesAPowerCut()
    {
        store::DirectoryInfo info;
        info.name = "Test";
        bool stopped = true;
        for (int nth = 1; stopped; nth = after(nth, 3)) {
            const auto file = path("new.riskdesk");
            m_vfs->stopAt(nth);
            const auto made = store::createDirectory(file, info);
            stopped = m_vfs->happened();
            m_vfs->heal();
            m_vfs->loseWhatWasNotSynced(FailingVfs::Unsynced::Lost);
            auto db = store::openForWriting(file);
            if (made) {
                QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
                QVERIFY(store::directoryInfo(*db).has_value());
            } else if (db) {
                QVERIFY(store::directoryInfo(*db).has_value());
            } else {
                QVERIFY(db.error().code == Code::NotAStore || db.error().code == Code::NotFound);
            }
            removeAll(file);
        }
    }

    void anUpgradeThatFailsLeavesTheOldFile()
    {
        int failures = 0;
        for (const auto &[operation, code] :
             {std::pair{Operation::Write, SQLITE_FULL}, std::pair{Operation::Sync, SQLITE_IOERR_FSYNC},
              std::pair{Operation::Open, SQLITE_CANTOPEN}}) {
            bool happened = true;
            for (int nth = 1; happened; nth = after(nth, 3)) {
                const auto file = oldFile();
                m_vfs->failAt(operation, nth, code, false);
                {
                    const auto db = store::openForWriting(file);
                    happened = m_vfs->happened();
                    m_vfs->heal();
                    if (!db) {
                        ++failures;
                        QVERIFY2(db.error().code == (code == SQLITE_FULL ? Code::DiskFull : Code::Io),
                                 db.error().detail.c_str());
                    }
                }
                // Again with a healthy disk: the copy is whole and of the time before.
                auto db = store::openForWriting(file);
                QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
                QCOMPARE(number(*db, "PRAGMA user_version"), store::migrations().back().version);
                QCOMPARE(number(*db, "SELECT count(*) FROM kept"), 1000);
                auto copy =
                    store::Connection::open(file.string() + ".before-0", store::Connection::Mode::Read);
                QVERIFY(copy.has_value());
                QCOMPARE(number(*copy, "PRAGMA user_version"), 0);
                QCOMPARE(number(*copy, "SELECT count(*) FROM kept"), 1000);
                QCOMPARE(number(*copy, "SELECT count(*) FROM sqlite_master WHERE name = 'segment'"), 0);
                QCOMPARE(number(*copy,
                                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
                         0);
            }
        }
        QVERIFY2(failures > 10, qPrintable(QString::number(failures)));
    }

private:
    [[nodiscard]] std::filesystem::path path(const char *name) const
    {
        return m_folder.filePath(name).toStdString();
    }
    static void removeAll(const std::filesystem::path &file)
    {
        for (const char *suffix :
             {"", "-wal", "-shm", "-journal", ".before-0", ".before-0-wal", ".before-0-shm"})
            std::filesystem::remove(file.string() + suffix);
    }
    void copyBase()
    {
        removeAll(m_file);
        m_file = path("work.riskdesk");
        std::filesystem::copy_file(path("base.riskdesk"), m_file);
    }
    // One of ours from before the first migration, with something in it.
    std::filesystem::path oldFile()
    {
        const auto file = path("old.riskdesk");
        removeAll(file);
        sqlite3 *db = nullptr;
        sqlite3_open(file.c_str(), &db);
        const auto sql =
            QString("PRAGMA journal_mode = WAL; PRAGMA application_id = %1; CREATE TABLE kept (n);"
                    "INSERT INTO kept SELECT value FROM generate_series(1, 1000)")
                .arg(store::applicationId)
                .replace("generate_series(1, 1000)",
                         "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE "
                         "value < 1000) SELECT value FROM n)");
        if (sqlite3_exec(db, qPrintable(sql), nullptr, nullptr, nullptr) != SQLITE_OK)
            qWarning("%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        return file;
    }

    // With a healthy disk: opens, nothing is damaged, whole blocks, and the import again ends as it should.
    bool isWhole(std::int64_t atLeast, bool finished)
    {
        auto directory = run::Directory::open(m_file);
        if (!directory)
            return found("it does not open: " + QString::fromStdString(sentence(directory.error())));
        auto &db = directory->connection();
        const auto findings = run::verifyDirectory(*directory);
        if (!findings)
            return found(QString::fromStdString(sentence(findings.error())));
        if (!findings->empty())
            return found(QString::fromStdString(findings->front()));
        const auto rows = number(db, "SELECT sum(rows) FROM segment");
        if (rows < atLeast || rows > m_total)
            return found(QString("%1 sign-ins, of which %2 were there").arg(rows).arg(atLeast));
        if (!m_blockEnds.contains(rows))
            return found(QString("%1 sign-ins are no whole blocks").arg(rows));
        if (finished && rows != m_total)
            return found("the run said that it was done");
        const auto again = import(*directory, QDir(m_folder.path()), "after.json");
        if (!again)
            return found("again: " + QString::fromStdString(sentence(again.error())));
        const auto is = stateOf(db);
        return is == m_undisturbed || found("again: " + difference(is, m_undisturbed));
    }
    bool found(const QString &finding)
    {
        m_finding = finding;
        return false;
    }

    std::unique_ptr<FailingVfs> m_vfs;
    QTemporaryDir m_folder;
    std::filesystem::path m_file;
    std::int64_t m_committedBefore = 0, m_total = 0;
    QSet<std::int64_t> m_blockEnds; // how many sign-ins there may be
    QStringList m_undisturbed;
    QString m_finding;
};

QTEST_GUILESS_MAIN(StoreFaultsTest)
#include "tst_store_faults.moc"
