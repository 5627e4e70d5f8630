// The file of an open directory is replaced, cut, deleted or may not be written, or an import was killed: it
// is noticed and said in a sentence, and nothing is written where nobody finds it.
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/store/lease.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/child_process.h"
#include "tests/support/ctl.h"
#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

using namespace riskdesk;
using test::number;

namespace {

const FixedClock testClock{Timestamp::fromCivil(2026, 3, 18, 14, 26)};
constexpr unsigned nobody = 65534;

// Opens as somebody who may write nothing here. Prints what came of it.
int openAsNobody(const std::vector<std::string> &arguments)
{
    if (::getuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0))
        return 98;
    if (auto directory = run::Directory::open(arguments.at(0)); !directory)
        std::printf("%s\n", sentence(directory.error()).c_str());
    else
        return 97;
    auto reader = store::openForReading(arguments.at(0));
    if (!reader) {
        std::printf("%s\n", sentence(reader.error()).c_str());
        return 96;
    }
    return static_cast<int>(number(*reader, "SELECT count(*) FROM user"));
}

// Begins an import and dies in it.
int dieInImport(const std::vector<std::string> &arguments)
{
    auto directory = run::Directory::open(arguments.at(0));
    if (!directory)
        return 1;
    (void)run::importFiles(*directory, {arguments.at(1)}, {}, testClock, {},
                           [](const Progress &) { ::_exit(0); });
    return 2;
}

} // namespace

class StoreTakenAwayTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;

    [[nodiscard]] std::filesystem::path file() const { return m_file.toStdString(); }
    void make(const QString &name) const
    {
        store::DirectoryInfo info;
        info.name = "Shop";
        QVERIFY(store::createDirectory(m_folder->filePath(name).toStdString(), info));
        auto directory = run::Directory::open(m_folder->filePath(name).toStdString());
        QVERIFY(directory.has_value());
        for (int i = 1; i <= 3; ++i)
            QVERIFY(store::Statement(directory->connection(), "INSERT INTO user (id, key) VALUES (?1, ?2)")
                        .bind(i, "user " + std::to_string(i))
                        .run());
    }
    static QString said(const Status &status)
    {
        return status ? QString() : QString::fromStdString(sentence(status.error()));
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("shop.riskdesk");
        make("shop.riskdesk");
    }

    void whatBecameOfItIsSaid_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("words");
        QTest::newRow("replaced") << "replaced"
                                  << "was replaced by another file while it was open.";
        QTest::newRow("cut") << "cut"
                             << "was cut short while it was open.";
        QTest::newRow("deleted") << "deleted"
                                 << "was moved away or deleted while it was open.";
    }
    void whatBecameOfItIsSaid()
    {
        QFETCH(QString, what);
        QFETCH(QString, words);
        auto directory = run::Directory::open(file());
        QVERIFY(directory && directory->connection().stillThere());
        auto begun = store::Transaction::begin(directory->connection());
        QVERIFY(begun &&
                directory->connection().execute("INSERT INTO setting (key, value) VALUES ('a', '1')"));
        if (what == "replaced") {
            make("other.riskdesk");
            std::filesystem::rename(m_folder->filePath("other.riskdesk").toStdString(), file());
        } else if (what == "cut") {
            std::filesystem::resize_file(file(), 20000);
        } else {
            std::filesystem::remove(file());
        }
        const auto committed = begun->commit();
        QVERIFY2(said(committed).contains(words), qPrintable(said(committed)));
        const auto later = store::Transaction::begin(directory->connection());
        QVERIFY(!later);
        QCOMPARE(later.error().code, Code::StoreCorrupt);
        QVERIFY(!directory->connection().stillThere());
        if (what != "replaced")
            return;
        // The other file shares the log beside it; opening it here as well would ruin it.
        const auto second = run::Directory::open(file());
        QVERIFY(!second);
        QVERIFY(QString::fromStdString(sentence(second.error())).contains(words));
    }

    void growingIsNoCut()
    {
        auto directory = run::Directory::open(file());
        auto reader = store::openForReading(file());
        QVERIFY(directory && reader);
        auto &db = directory->connection();
        for (int i = 0; i < 40; ++i) {
            QVERIFY(store::Statement(db, "INSERT INTO setting (key, value) VALUES (?1, ?2)")
                        .bind("k" + std::to_string(i), std::string(100000, 'x'))
                        .run());
            QVERIFY(db.stillThere() && reader->stillThere());
        }
        QVERIFY(db.execute("DELETE FROM setting; PRAGMA wal_checkpoint(TRUNCATE)"));
        QVERIFY(db.stillThere() && reader->stillThere());
    }

    void aPlaceThatCannotBeWrittenIsRead_data()
    {
        QTest::addColumn<int>("folderMode");
        QTest::addColumn<int>("fileMode");
        QTest::addColumn<QString>("words");
        QTest::newRow("the folder") << 0555 << 0666 << "its folder is read-only for this account";
        QTest::newRow("the file") << 0777 << 0444 << "the file is read-only for this account";
        QTest::newRow("both") << 0555 << 0444 << "the file is read-only for this account";
    }
    void aPlaceThatCannotBeWrittenIsRead()
    {
        QFETCH(int, folderMode);
        QFETCH(int, fileMode);
        QFETCH(QString, words);
        if (::getuid() != 0)
            QSKIP("only root can become somebody else");
        // The test program itself must be reachable for that account.
        ::chmod(QFile::encodeName(m_file).constData(), static_cast<mode_t>(fileMode));
        ::chmod(QFile::encodeName(m_folder->path()).constData(), static_cast<mode_t>(folderMode));
        QProcess child;
        test::startChild(child, "nobody", {m_file});
        QVERIFY(child.waitForFinished(30000));
        const auto out = QString::fromUtf8(child.readAllStandardOutput());
        ::chmod(QFile::encodeName(m_folder->path()).constData(), 0700);
        if (child.exitCode() == 98)
            QSKIP("this sandbox lets nobody become somebody else");
        QVERIFY2(out.contains(words), qPrintable(out));
        QVERIFY2(child.exitCode() == 3, qPrintable(QString::number(child.exitCode()) + ' ' + out));
    }

    void aKilledImportIsInterrupted()
    {
        QFile log(m_folder->filePath("log.ndjson"));
        QVERIFY(log.open(QIODevice::WriteOnly));
        for (int i = 0; i < 20; ++i)
            log.write(test::signInLine(i));
        log.close();
        QCOMPARE(test::runChild("die", {m_file, log.fileName()}), 0);
        {
            auto reader = store::openForReading(file());
            QVERIFY(reader.has_value());
            QCOMPARE(number(*reader, "SELECT count(*) FROM import_run WHERE outcome = 'running'"), 1);
        }
        auto directory = run::Directory::open(file());
        QVERIFY(directory.has_value());
        auto &db = directory->connection();
        QCOMPARE(number(db, "SELECT count(*) FROM import_run WHERE outcome = 'interrupted'"), 1);
        QCOMPARE(number(db, "SELECT count(*) FROM import_run WHERE outcome = 'running'"), 0);
        // One that runs is left alone.
        auto lease = store::ImportLease::take(db, "import");
        QVERIFY(lease && db.execute("INSERT INTO import_run (id, started_at) VALUES (77, 0)"));
        QVERIFY(run::Directory::open(file()).has_value());
        QCOMPARE(number(db, "SELECT count(*) FROM import_run WHERE outcome = 'running'"), 1);
    }

    void theSameLogLeavesTheSameMemory()
    {
        QFile log(m_folder->filePath("log.ndjson"));
        QVERIFY(log.open(QIODevice::WriteOnly));
        for (int i = 0; i < 600; ++i)
            log.write(test::signInLine(i, QString("user%1").arg(i * 7 % 41), {},
                                       QString("91.10.%1.%2").arg(i * 13 % 29).arg(1 + i * 5 % 83),
                                       i % 6 == 0 ? 50126 : 0));
        log.close();
        make("second.riskdesk");
        std::map<std::string, std::string> memory[2];
        for (int one = 0; one < 2; ++one) {
            const auto name =
                m_folder->filePath(one == 0 ? "shop.riskdesk" : "second.riskdesk").toStdString();
            auto directory = run::Directory::open(name);
            QVERIFY(directory.has_value());
            run::ImportOptions options;
            options.threads = one == 0 ? 1 : 4;
            const auto done =
                run::importFiles(*directory, {log.fileName().toStdString()}, options, testClock);
            QVERIFY(done && done->stored == 600);
            for (const char *table : {"0, kind, id, hex(data) FROM detector_state",
                                      "point, kind, id, hex(data) FROM detector_rewind"}) {
                store::Statement rows(directory->connection(), std::string("SELECT ") + table);
                while (rows.step())
                    memory[one][std::to_string(rows.int64(0)) + ' ' + std::to_string(rows.int64(1)) + ' ' +
                                std::to_string(rows.int64(2))] = rows.string(3);
            }
        }
        QVERIFY(memory[0].size() > 3);
        for (const auto &[key, data] : memory[0])
            QVERIFY2(memory[1].contains(key) && memory[1][key] == data, key.c_str());
        QCOMPARE(memory[0].size(), memory[1].size());
    }
};

int main(int argc, char **argv)
{
    const int child = riskdesk::test::childMain(argc, argv, {{"nobody", openAsNobody}, {"die", dieInImport}});
    if (child >= 0)
        return child;
    QCoreApplication application(argc, argv);
    StoreTakenAwayTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_store_taken_away.moc"
