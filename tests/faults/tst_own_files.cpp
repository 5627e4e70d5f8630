// A directory that is offered to itself: as a log, a list or a place file, by its path, a link or one of the
// files beside it. It is refused before it is opened, because closing any descriptor of it would take
// SQLite's locks away; so nothing that another process decides meanwhile is lost.
//
// RISKDESK_OWN_FILE_ROUNDS (10) says how often the two processes meet.
#include "core/action/action_service.h"
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include "tests/support/ctl.h"
#include "tests/support/file_locks.h"
#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <cstdio>

using namespace riskdesk;
using test::number;

namespace {

const FixedClock testClock{Timestamp::fromCivil(2026, 3, 18, 14, 26)};
constexpr int users = 24;

Status importLog(run::Directory &directory, const std::filesystem::path &file, run::ImportSummary &summary)
{
    auto done = run::importFiles(directory, {file}, {}, testClock);
    if (!done)
        return tl::unexpected(done.error());
    summary = *done;
    return {};
}

// Blocks every user, each as a program of its own would: opens the directory, decides, closes it.
int blockAll(const std::vector<std::string> &arguments)
{
    std::puts("begun");
    std::fflush(stdout);
    for (std::uint32_t user = 1; user <= users; ++user) {
        auto directory = run::Directory::open(arguments.at(0));
        if (!directory)
            return 1;
        action::Request request;
        request.action = action::Action::Block;
        request.users.push_back(user);
        action::ActionService service(directory->connection(), testClock, {});
        if (auto done = service.carryOut(request, {}); !done || done->users != 1)
            return 2;
    }
    return 0;
}

} // namespace

class OwnFilesTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;

    [[nodiscard]] std::filesystem::path path(const QString &name) const
    {
        return m_folder->filePath(name).toStdString();
    }
    void makeDirectory()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("shop.riskdesk");
        store::DirectoryInfo info;
        info.name = "Shop";
        info.createdAt = testClock.now();
        QVERIFY(store::createDirectory(m_file.toStdString(), info));
        QFile log(m_folder->filePath("users.ndjson"));
        QVERIFY(log.open(QIODevice::WriteOnly));
        for (int i = 0; i < users; ++i)
            log.write(test::signInLine(i, QString("user%1").arg(i)));
        log.close();
        auto directory = run::Directory::open(m_file.toStdString());
        QVERIFY(directory.has_value());
        run::ImportSummary summary;
        QVERIFY(importLog(*directory, path("users.ndjson"), summary));
        QCOMPARE(summary.stored, std::uint64_t{users});
    }

private Q_SLOTS:
    void itIsRefusedBeforeItIsOpened_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("its path") << "shop.riskdesk";
        QTest::newRow("the log beside it") << "shop.riskdesk-wal";
        QTest::newRow("the index beside it") << "shop.riskdesk-shm";
        QTest::newRow("a hard link") << "hard.json";
        QTest::newRow("a symbolic link") << "soft.json";
        QTest::newRow("a hard link to the log") << "log.json";
        QTest::newRow("a roundabout path") << "./../%1/shop.riskdesk";
    }
    void itIsRefusedBeforeItIsOpened()
    {
        QFETCH(QString, name);
        makeDirectory();
        auto directory = run::Directory::open(m_file.toStdString());
        QVERIFY(directory.has_value());
        auto reader = store::openForReading(m_file.toStdString());
        QVERIFY(reader.has_value() && number(*reader, "SELECT count(*) FROM user") == users);
        QVERIFY(directory->connection().execute("INSERT INTO setting (key, value) VALUES ('a', '1')"));
        std::filesystem::create_hard_link(m_file.toStdString(), path("hard.json"));
        std::filesystem::create_symlink(m_file.toStdString(), path("soft.json"));
        std::filesystem::create_hard_link(m_file.toStdString() + "-wal", path("log.json"));
        const auto offered =
            path(name.contains('%') ? name.arg(QFileInfo(m_folder->path()).fileName()) : name);
        const test::DirectoryLocks before(m_file);
        if (before.storeInProc < 0)
            qInfo("/proc/locks shows nothing here; another process is asked alone.");
        QVERIFY2(before.areHeld(), qPrintable(before.words()));

        run::ImportSummary summary;
        QVERIFY(importLog(*directory, offered, summary));
        const test::DirectoryLocks log(m_file);
        QVERIFY2(log.areHeld(), qPrintable("as a log: " + log.words()));
        QCOMPARE(summary.notRead.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(sentence(summary.notRead.front())),
                 QString("\"%1\" is the open directory itself; choose a sign-in log.")
                     .arg(QString::fromStdString(offered.string())));
        QCOMPARE(summary.read, std::uint64_t{0});

        const auto recognised = ingest::recognise(offered);
        QVERIFY(!recognised);
        const test::DirectoryLocks looked(m_file);
        QVERIFY2(looked.areHeld(), qPrintable("recognised: " + looked.words()));

        for (const auto kind : {ListKind::Anonymizer, ListKind::Places, ListKind::Asn, ListKind::Warning}) {
            const auto added = run::addList(directory->connection(), testClock, {}, kind, offered, "own");
            QVERIFY(!added);
            const auto said = QString::fromStdString(sentence(added.error()));
            QVERIFY2(said.contains(kind == ListKind::Places
                                       ? "is the open directory itself; choose a place file."
                                       : "is the open directory itself; choose a list."),
                     qPrintable(said));
            const test::DirectoryLocks list(m_file);
            QVERIFY2(list.areHeld(), qPrintable("as a list: " + list.words()));
        }
    }

    // A list that stays a file is read again at every import; by then its path may lead to the directory.
    void aListThatBecameTheDirectoryIsLeftOut()
    {
        makeDirectory();
        auto directory = run::Directory::open(m_file.toStdString());
        QVERIFY(directory.has_value());
        QFile list(m_folder->filePath("asn.csv"));
        QVERIFY(list.open(QIODevice::WriteOnly));
        list.write("192.0.2.0,192.0.2.255,64500,Example\n");
        list.close();
        QVERIFY(run::addList(directory->connection(), testClock, {}, ListKind::Asn, path("asn.csv"), "asn"));
        QVERIFY(list.remove());
        std::filesystem::create_hard_link(m_file.toStdString(), path("asn.csv"));
        run::ImportSummary summary;
        QVERIFY(importLog(*directory, path("users.ndjson"), summary));
        const test::DirectoryLocks after(m_file);
        QVERIFY2(after.areHeld(), qPrintable(after.words()));
        QCOMPARE(summary.warningsAboutLists.size(), std::size_t{1});
    }

    void anotherDirectoryIsNamedForWhatItIs()
    {
        makeDirectory();
        store::DirectoryInfo info;
        info.name = "Other";
        const auto other = path("other.json");
        QVERIFY(store::createDirectory(other, info));
        auto directory = run::Directory::open(m_file.toStdString());
        QVERIFY(directory.has_value());
        run::ImportSummary summary;
        QVERIFY(importLog(*directory, other, summary));
        QCOMPARE(summary.notRead.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(sentence(summary.notRead.front())),
                 QString("\"%1\" is a Riskdesk directory; choose a sign-in log.")
                     .arg(QString::fromStdString(other.string())));
    }

    void theCommandLineRefusesItTheSameWay()
    {
        makeDirectory();
        const auto import = test::Ctl::runOn(m_file, {"import", m_file});
        QCOMPARE(import.code, 1);
        QVERIFY2(import.err.contains("is the open directory itself; choose a sign-in log."),
                 qPrintable(import.err));
        const auto places = test::Ctl::runOn(m_file, {"intel", "add", "places", m_file});
        QCOMPARE(places.code, 2);
        QVERIFY2(places.err.contains("is the open directory itself; choose a place file."),
                 qPrintable(places.err));
        QFile own(m_file);
        QVERIFY(own.open(QIODevice::ReadOnly));
        const auto piped = test::Ctl::runOn(m_file, {"import", "-"}, own.readAll());
        QVERIFY2(piped.code == 1, qPrintable(piped.err));
    }

    void nothingIsLostWhileAnotherProcessDecides()
    {
        for (int round = 0; round < test::rounds(10); ++round) {
            makeDirectory();
            std::filesystem::create_hard_link(m_file.toStdString(), path("hard.json"));
            const auto offered = round % 2 == 0 ? path("shop.riskdesk") : path("hard.json");
            int ours = 0;
            {
                auto reader = store::openForReading(m_file.toStdString());
                QVERIFY(reader.has_value());
                QProcess child;
                test::startChild(child, "block", {m_file});
                while (!child.canReadLine())
                    QVERIFY(child.waitForReadyRead(30000));
                while (child.state() != QProcess::NotRunning || ours < 3) {
                    auto directory = run::Directory::open(m_file.toStdString());
                    QVERIFY2(directory.has_value(), directory ? "" : directory.error().detail.c_str());
                    run::ImportSummary summary;
                    if (auto ok = importLog(*directory, offered, summary); !ok)
                        QFAIL(sentence(ok.error()).c_str());
                    (void)run::addList(directory->connection(), testClock, {},
                                       round % 3 == 0 ? ListKind::Places : ListKind::Warning, offered, "own");
                    ++ours;
                    QCOMPARE(number(*reader, "SELECT count(*) FROM user"), users);
                    child.waitForFinished(1);
                }
                QCOMPARE(child.exitStatus(), QProcess::NormalExit);
                QCOMPARE(child.exitCode(), 0);
            }
            auto directory = run::Directory::open(m_file.toStdString());
            QVERIFY(directory.has_value());
            auto &db = directory->connection();
            QCOMPARE(number(db, "SELECT count(*) FROM user WHERE account_enabled = 0"), users);
            QCOMPARE(number(db, "SELECT count(*) FROM command"), users);
            QCOMPARE(number(db, "SELECT count(*) FROM import_run WHERE outcome = 'done'"), 1 + ours);
            const auto findings = run::verifyDirectory(*directory);
            QVERIFY(findings.has_value());
            QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
        }
    }
};

int main(int argc, char **argv)
{
    const int child =
        riskdesk::test::childMain(argc, argv, {{"locks", riskdesk::test::probeLocks}, {"block", blockAll}});
    if (child >= 0)
        return child;
    QCoreApplication application(argc, argv);
    OwnFilesTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_own_files.moc"
