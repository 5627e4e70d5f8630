// Whatever takes sign-ins out of a directory meets a disk that is full at every place where it writes: nothing is lost
// that was to stay, the file is sound, and done again it ends where it would have ended undisturbed.
#include "core/action/operators.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/replay/settle.h"
#include "core/retain/purge.h"
#include "core/retain/retention.h"
#include "core/store/integrity.h"
#include "core/store/seal.h"
#include "core/verify/verify_run.h"

#include "tests/support/effort.h"
#include "tests/support/failing_vfs.h"
#include "tests/support/number.h"
#include "tests/support/restless_people.h"
#include "tests/support/rows_of.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>

using namespace riskdesk;
using test::difference;
using test::FailingVfs;
using test::number;
using Operation = FailingVfs::Operation;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);

enum class Way { Purge, UndoImport, Retention };

Result<store::ImportLease> lease(run::Directory &directory)
{
    return store::ImportLease::take(directory.connection(), "test");
}

// As the command does it, and again where it was interrupted before.
Status purge(run::Directory &directory, std::uint32_t user)
{
    auto &db = directory.connection();
    auto taken = lease(directory);
    if (!taken)
        return tl::unexpected(taken.error());
    auto transaction = store::Transaction::begin(db);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = run::unsettleAll(db); !ok)
        return ok;
    if (auto ok = transaction->commit(); !ok)
        return ok;
    const auto purged = run::removeUsers(db, *taken, now, {}, {{user}, true});
    if (!purged && purged.error().code != Code::NotFound) // it is gone already
        return tl::unexpected(purged.error());
    const auto settled = run::settle(directory, *taken, now);
    return settled ? run::cleanFile(db) : tl::unexpected(settled.error());
}

Status undoImport(run::Directory &directory, std::int64_t which)
{
    const auto newest = run::importToUndo(directory.connection());
    if (!newest)
        return tl::unexpected(newest.error());
    if (newest->run == which) {
        const auto undone = run::undoImport(directory, which, {}, now);
        return undone ? Status() : tl::unexpected(undone.error());
    }
    const auto settled = run::settle(directory, now); // it is out already
    return settled ? Status() : tl::unexpected(settled.error());
}

Status retain(run::Directory &directory)
{
    auto taken = lease(directory);
    if (!taken)
        return tl::unexpected(taken.error());
    const auto removed = run::removeOldSignIns(directory.connection(), *taken, now, {}, 20);
    return removed ? Status() : tl::unexpected(removed.error());
}

} // namespace

class TakingOutTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_vfs = std::make_unique<FailingVfs>();
        std::vector<std::string> lines;
        demo::Sample(test::restlessPeople(40, 40, end)).writeSignIns([&](std::string_view line) {
            lines.emplace_back(line);
        });
        store::DirectoryInfo info;
        info.name = "Test";
        const auto base = path("base.riskdesk");
        QVERIFY(store::createDirectory(base, info));
        auto directory = run::Directory::open(base);
        QVERIFY(directory.has_value());
        bring(*directory, "first.ndjson", lines, 0, lines.size() * 2 / 3);
        bring(*directory, "second.ndjson", lines, lines.size() * 2 / 3, lines.size());
        auto &db = directory->connection();
        m_newest = run::importToUndo(db)->run;
        m_user = static_cast<std::uint32_t>(
            number(db, "SELECT user FROM user_risk ORDER BY total_detections DESC, user LIMIT 1"));
        m_signIns = number(db, "SELECT sum(rows) FROM segment");
        QVERIFY(number(db, "SELECT count(*) FROM detection") > 10);
    }

    void aFullDiskAnywhereLosesNothing_data()
    {
        QTest::addColumn<int>("way");
        QTest::newRow("a user is purged") << static_cast<int>(Way::Purge);
        QTest::newRow("the newest import is undone") << static_cast<int>(Way::UndoImport);
        QTest::newRow("old sign-ins are removed") << static_cast<int>(Way::Retention);
    }
    void aFullDiskAnywhereLosesNothing()
    {
        QFETCH(int, way);
        copyBase();
        QVERIFY(takeOut(static_cast<Way>(way)));
        const auto undisturbed = contentOf();
        QVERIFY(m_left < m_signIns);

        int failures = 0;
        for (int nth = 1;; nth += nth < 8 ? 1 : 13 * test::effortShare) {
            copyBase();
            m_vfs->failAt(Operation::Write, nth, SQLITE_FULL, true);
            const auto ended = takeOut(static_cast<Way>(way));
            const bool happened = m_vfs->happened();
            m_vfs->heal();
            const auto where = QString("write %1").arg(nth);
            if (!ended) {
                ++failures;
                QVERIFY2(ended.error().code == Code::DiskFull,
                         qPrintable(where + ": " + QString::fromStdString(sentence(ended.error()))));
            }
            const auto wrong = whatIsWrong();
            QVERIFY2(wrong.isEmpty(), qPrintable(where + ": " + wrong));
            const auto again = takeOut(static_cast<Way>(way));
            QVERIFY2(again, again ? "" : sentence(again.error()).c_str());
            const auto content = contentOf();
            QVERIFY2(content == undisturbed, qPrintable(where + ": " + difference(content, undisturbed)));
            if (!happened)
                break;
        }
        qInfo("%d failures", failures);
        QVERIFY(failures > 5);
    }

private:
    [[nodiscard]] std::filesystem::path path(const char *name) const
    {
        return m_folder.filePath(name).toStdString();
    }
    void bring(run::Directory &directory, const char *name, const std::vector<std::string> &lines,
               std::size_t from, std::size_t until)
    {
        {
            std::ofstream log(path(name));
            for (auto i = from; i < until; ++i)
                log << lines[i] << '\n';
        }
        run::ImportOptions options;
        options.threads = 1;
        options.rowsPerBlock = 64;
        QVERIFY(run::importFiles(directory, {path(name)}, options, now));
    }
    void copyBase()
    {
        m_file = path("work.riskdesk");
        for (const char *suffix : {"", "-wal", "-shm"})
            std::filesystem::remove(m_file.string() + suffix);
        std::filesystem::copy_file(path("base.riskdesk"), m_file);
    }
    // Opened and closed, as a run of the program does.
    Status takeOut(Way way)
    {
        auto directory = run::Directory::open(m_file);
        if (!directory)
            return tl::unexpected(directory.error());
        (void)directory->connection().execute("PRAGMA wal_autocheckpoint = 60");
        switch (way) {
        case Way::Purge: return purge(*directory, m_user);
        case Way::UndoImport: return undoImport(*directory, m_newest);
        case Way::Retention: return retain(*directory);
        }
        return {};
    }
    // With a healthy disk; empty: nothing.
    QString whatIsWrong()
    {
        auto directory = run::Directory::open(m_file);
        if (!directory)
            return "it does not open: " + QString::fromStdString(sentence(directory.error()));
        const auto broken = store::brokenSeals(directory->connection());
        if (!broken || !broken->empty())
            return "seals: " +
                   QString::fromStdString(broken ? broken->front().sentence : broken.error().detail);
        const auto findings = store::verifyStore(directory->connection());
        if (!findings || !findings->empty())
            return "store: " + QString::fromStdString(findings ? findings->front() : findings.error().detail);
        return {};
    }
    // What the directory knows, and how many sign-ins are left.
    QStringList contentOf()
    {
        auto directory = run::Directory::open(m_file);
        auto &db = directory->connection();
        const auto verified = run::verifyDirectory(*directory);
        if (!verified || !verified->empty())
            return {"it is not sound: " +
                    QString::fromStdString(verified ? verified->front() : verified.error().detail)};
        m_left = number(db, "SELECT sum(rows) FROM segment");
        QStringList lines;
        for (const char *table :
             {"user", "user_alias", "segment_column", "detection", "sign_in_risk", "user_risk", "withheld",
              "campaign", "campaign_target", "detector_state", "kept_state", "kept_beginning"})
            // How risk went on the way there is of the past.
            lines += test::rowsOf(db, table, {"rowid", "updated_at", "trend", "timing", "level_during"});
        return lines;
    }

    QTemporaryDir m_folder;
    std::filesystem::path m_file;
    std::unique_ptr<FailingVfs> m_vfs;
    std::int64_t m_newest = 0, m_signIns = 0, m_left = 0;
    std::uint32_t m_user = 0;
};

QTEST_APPLESS_MAIN(TakingOutTest)
#include "tst_taking_out.moc"
