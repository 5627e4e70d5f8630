// A directory file is made for its owner alone, recognised, refused with the right reason, and brought up to
// date.
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/number.h"

#include <QMap>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace riskdesk;
using test::number;

namespace {

int modeOf(const std::string &file)
{
    struct stat status
    {};
    return ::stat(file.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 0777) : -1;
}

// A database made by SQLite itself.
void makeDatabase(const std::string &file, const QString &sql)
{
    sqlite3 *db = nullptr;
    QCOMPARE(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    char *message = nullptr;
    const int code = sqlite3_exec(db, qPrintable(sql), nullptr, nullptr, &message);
    QVERIFY2(code == SQLITE_OK, message);
    sqlite3_close(db);
}

const auto olderVersion =
    QString("PRAGMA journal_mode = WAL; PRAGMA application_id = %1; CREATE TABLE kept (n);"
            "INSERT INTO kept VALUES (7)")
        .arg(store::applicationId);

} // namespace

class SchemaTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("a.riskdesk").toStdString();
        m_info = {"Shop — Läden", true, false, Timestamp::fromCivil(2026, 3, 1)};
    }

    // Whatever is done first in a process, SQLite is told before it begins.
    void memoryIsNotCounted()
    {
        QVERIFY(store::createDirectory(m_file, m_info));
        const auto db = store::openForWriting(m_file);
        QVERIFY(db);
        QCOMPARE(sqlite3_memory_used(), 0);
    }
    void itsFilesAreForTheOwnerAlone()
    {
        const auto mask = ::umask(0);
        const auto made = store::createDirectory(m_file, m_info);
        auto db = store::openForWriting(m_file);
        const bool written = db && db->execute("INSERT INTO setting VALUES ('a', 'b')");
        ::umask(mask);
        QVERIFY(made && written);
        for (const char *suffix : {"", "-wal", "-shm"})
            QCOMPARE(modeOf(m_file + suffix), 0600);
        const auto info = store::directoryInfo(*db);
        QVERIFY(info.has_value());
        QCOMPARE(info->name, m_info.name);
        QVERIFY(info->trial && !info->sample && info->createdAt == m_info.createdAt);
        QCOMPARE(number(*db, "PRAGMA application_id"), store::applicationId);
        QCOMPARE(number(*db, "PRAGMA user_version"), store::migrations().back().version);
        QCOMPARE(number(*db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
        QCOMPARE(number(*db, "PRAGMA synchronous"), 2);
    }

    // A new directory is made of schema.sql, an older one by the migrations: whoever changes one changes both.
    void migrationsLeadToTheSchema()
    {
        QVERIFY(store::createDirectory(m_file, m_info));
        const auto older = m_file + "-older";
        makeDatabase(older,
                     QString("PRAGMA journal_mode = WAL; PRAGMA application_id = %1; CREATE TABLE kept (n)")
                         .arg(store::applicationId));
        QVERIFY(store::openForWriting(older).has_value());
        const auto made = tables(m_file), migrated = tables(older);
        QVERIFY(made.size() > 40);
        for (const auto &[name, sql] : migrated.asKeyValueRange())
            if (name != "kept")
                QCOMPARE(made.value(name), sql);
        QCOMPARE(made.size(), migrated.size() - 1);
        QCOMPARE(rows(m_file), rows(older));
    }

    void aFileThatIsThereIsNeverOverwritten()
    {
        std::ofstream(m_file) << "mine";
        const auto made = store::createDirectory(m_file, m_info);
        QVERIFY(!made);
        QCOMPARE(made.error().code, Code::Conflict);
        std::string content;
        std::ifstream(m_file) >> content;
        QCOMPARE(content, "mine");
    }

    void refusesWithTheReason_data()
    {
        QTest::addColumn<QString>("sql"); // makes a database; empty: `content` is the file
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, const QString &sql, const QByteArray &content, Code code) {
            QTest::newRow(name) << sql << content << static_cast<int>(code);
        };
        row("an empty file", {}, {}, Code::NotAStore);
        row("a text", {}, "id,createdDateTime\n1,2026-03-01T00:00:00Z\n", Code::NotAStore);
        row("noise as long as a database", {}, QByteArray(65536, '\x5a'), Code::NotAStore);
        row("another program's database", "CREATE TABLE mail (id)", {}, Code::NotAStore);
        row("a later version's directory",
            QString("PRAGMA application_id = %1; PRAGMA user_version = %2; CREATE TABLE later (id)")
                .arg(store::applicationId)
                .arg(store::migrations().back().version + 1),
            {}, Code::StoreTooNew);
    }
    void refusesWithTheReason()
    {
        QFETCH(QString, sql);
        QFETCH(QByteArray, content);
        QFETCH(int, code);
        if (!sql.isEmpty())
            makeDatabase(m_file, sql);
        else
            std::ofstream(m_file, std::ios::binary).write(content.constData(), content.size());
        const auto before = bytes();
        const auto writing = store::openForWriting(m_file);
        QVERIFY(!writing);
        QCOMPARE(static_cast<int>(writing.error().code), code);
        const auto reading = store::openForReading(m_file);
        QVERIFY(!reading);
        QCOMPARE(static_cast<int>(reading.error().code), code);
        QVERIFY(bytes() == before);
        QVERIFY(!std::filesystem::exists(m_file + ".before-0"));
    }

    void refusesWhatIsNoFile()
    {
        QCOMPARE(store::openForWriting(m_file).error().code, Code::NotFound);
        QCOMPARE(store::openForReading(m_file).error().code, Code::NotFound);
        QCOMPARE(store::openForWriting(m_folder->path().toStdString()).error().code, Code::NotAStore);
        QVERIFY(!std::filesystem::exists(m_file)); // and nothing was made
        QVERIFY(!store::createDirectory(m_file + "/within.riskdesk", m_info));
    }

    void aFileThatMayNotBeWrittenCanBeRead()
    {
        if (::geteuid() == 0)
            QSKIP("the administrator may write everything");
        QVERIFY(store::createDirectory(m_file, m_info));
        ::chmod(m_file.c_str(), 0400);
        const auto writing = store::openForWriting(m_file);
        QVERIFY(!writing);
        QCOMPARE(writing.error().code, Code::ReadOnly);
        QVERIFY(store::openForReading(m_file).has_value());
    }

    void aDamagedPageIsNoticedWhenTheFileWasLeftOpen()
    {
        QVERIFY(store::createDirectory(m_file, m_info));
        {
            auto db = store::openForWriting(m_file);
            QVERIFY(db && db->execute("INSERT INTO setting VALUES ('a', 'b')"));
            for (const char *copy : {".healthy", ".broken"}) {
                std::filesystem::copy_file(m_file, m_file + copy);
                std::filesystem::copy_file(m_file + "-wal", m_file + copy + "-wal");
            }
        }
        QVERIFY(store::openForWriting(m_file + ".healthy").has_value());
        std::fstream page(m_file + ".broken", std::ios::in | std::ios::out | std::ios::binary);
        page.seekp(3 * 8192);
        page.write(std::string(4096, '\x77').data(), 4096);
        page.close();
        const auto broken = store::openForWriting(m_file + ".broken");
        QVERIFY(!broken);
        QCOMPARE(broken.error().code, Code::StoreCorrupt);
    }

    void anOlderFileIsCopiedAndBroughtUpToDate()
    {
        makeDatabase(m_file, olderVersion);
        const auto reading = store::openForReading(m_file);
        QVERIFY(!reading);
        QCOMPARE(reading.error().code, Code::Conflict);
        QVERIFY(!std::filesystem::exists(m_file + ".before-0"));
        const auto mask = ::umask(0);
        auto db = store::openForWriting(m_file);
        ::umask(mask);
        QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
        QCOMPARE(number(*db, "PRAGMA user_version"), store::migrations().back().version);
        QCOMPARE(number(*db, "SELECT n FROM kept"), 7);
        QCOMPARE(number(*db, "SELECT count(*) FROM sign_in_risk"), 0);
        QCOMPARE(modeOf(m_file + ".before-0"), 0600);
        auto copy = store::Connection::open(m_file + ".before-0", store::Connection::Mode::Read);
        QVERIFY(copy.has_value());
        QCOMPARE(number(*copy, "PRAGMA user_version"), 0);
        QCOMPARE(number(*copy, "SELECT n FROM kept"), 7);
        QCOMPARE(number(*copy, "SELECT count(*) FROM sqlite_master"), 1);
    }

    void listsSurviveTheirVersions()
    {
        const auto tables = std::string(store::migrations().front().sql);
        makeDatabase(
            m_file,
            QString::fromStdString("PRAGMA foreign_keys = ON; " + tables +
                                   "INSERT INTO intel_list (id, kind, name, added_at, date, entries) VALUES "
                                   "(4, 1, 'tor', 0, 0, 2);"
                                   "INSERT INTO intel_entry (list, indicator) VALUES (4, 'a'), (4, 'b');") +
                QString("PRAGMA application_id = %1; PRAGMA user_version = 1").arg(store::applicationId));
        auto db = store::openForWriting(m_file);
        QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
        QCOMPARE(number(*db, "SELECT count(*) FROM intel_list WHERE id = 4 AND active AND version = 1"), 1);
        QCOMPARE(number(*db, "SELECT count(*) FROM intel_entry WHERE list = 4"), 2);
        QVERIFY(db->execute("DELETE FROM intel_list"));
        QCOMPARE(number(*db, "SELECT count(*) FROM intel_entry"), 0);
    }

    void twoThatFindAnOlderFileDoNotGetInEachOthersWay()
    {
        for (int round = 0; round < 20; ++round) {
            const auto file = m_file + std::to_string(round);
            makeDatabase(file, olderVersion);
            std::array<std::string, 4> said;
            {
                std::vector<std::jthread> openers;
                for (auto &words : said)
                    openers.emplace_back([&] {
                        const auto db = store::openForWriting(file);
                        words = db ? "" : sentence(db.error());
                    });
            }
            for (const auto &words : said)
                QVERIFY2(words.empty(), words.c_str());
            auto copy = store::Connection::open(file + ".before-0", store::Connection::Mode::Read);
            QVERIFY(copy.has_value());
            QCOMPARE(number(*copy, "PRAGMA user_version"), 0);
            QCOMPARE(number(*copy, "SELECT n FROM kept"), 7);
        }
    }

private:
    // What SQLite keeps of every table and index, but for comments, blanks and quotes around names.
    static QMap<QString, QString> tables(const std::string &file)
    {
        QMap<QString, QString> all;
        auto db = store::openForReading(file);
        store::Statement row(
            *db, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'");
        while (row.step()) {
            auto sql = QString::fromStdString(row.string(1));
            sql.remove(QRegularExpression("--[^\\n]*")).remove('"');
            sql.replace(QRegularExpression("\\s+"), " ").replace(QRegularExpression(" ?([(),]) ?"), "\\1");
            all[QString::fromStdString(row.string(0))] = sql;
        }
        return all;
    }
    // How many rows there are in every table.
    static QMap<QString, int> rows(const std::string &file)
    {
        QMap<QString, int> all;
        auto db = store::openForReading(file);
        for (const auto &name : tables(file).keys())
            if (name != "kept" &&
                number(*db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '" +
                                name.toStdString() + "'") == 1)
                all[name] = static_cast<int>(number(*db, "SELECT count(*) FROM " + name.toStdString()));
        all.remove("directory"); // the older one has not told its name
        all.remove("seal");      // one more table
        return all;
    }
    [[nodiscard]] QByteArray bytes() const
    {
        QFile file(QString::fromStdString(m_file));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_file;
    store::DirectoryInfo m_info;
};

QTEST_APPLESS_MAIN(SchemaTest)
#include "tst_schema.moc"
