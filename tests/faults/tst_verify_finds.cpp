// What something other than Riskdesk changed in a closed file is found by verify, whatever table it is in;
// what Riskdesk itself writes, in every way it writes, is not.
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/store/schema.h"
#include "core/store/seal.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include "tests/support/child_process.h"
#include "tests/support/ctl.h"

#include <QTemporaryDir>
#include <QTest>

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>

using namespace riskdesk;
using test::Ctl;
using test::signInLine;

namespace {

const FixedClock theClock(Timestamp::fromCivil(2026, 3, 22));

// As somebody with the sqlite3 program would: no seals, no keys, no checks.
QString raw(const QString &file, const QString &sql)
{
    sqlite3 *db = nullptr;
    if (sqlite3_open(qPrintable(file), &db) != SQLITE_OK)
        return "cannot open";
    const auto all = "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;" + sql;
    char *message = nullptr;
    sqlite3_exec(db, qPrintable(all), nullptr, nullptr, &message);
    QString out = message == nullptr ? QString() : QString(message);
    sqlite3_free(message);
    if (out.isEmpty() && sqlite3_total_changes(db) == 0 && !sql.startsWith("CREATE") &&
        !sql.startsWith("DROP"))
        out = "it changed nothing";
    sqlite3_close(db);
    return out;
}

struct Column
{
    QString name, type;
    bool isKey;
};
std::vector<Column> columns(store::Connection &db, const QString &table)
{
    std::vector<Column> out;
    store::Statement row(db, "SELECT name, type, pk FROM pragma_table_info(?1)");
    row.bind(table.toStdString());
    while (row.step())
        out.push_back({QString::fromStdString(row.string(0)), QString::fromStdString(row.string(1)),
                       row.int64(2) != 0});
    return out;
}

QStringList sealedTables(store::Connection &db)
{
    QStringList out;
    store::Statement row(db, "SELECT name FROM seal ORDER BY name");
    while (row.step())
        out << QString::fromStdString(row.string(0));
    return out;
}

QString broken(store::Connection &db)
{
    const auto found = store::brokenSeals(db);
    if (!found)
        return QString::fromStdString(found.error().detail);
    QStringList out;
    for (const auto &one : *found)
        out << QString::fromStdString(one.sentence);
    return out.join('\n');
}

QString broken(const QString &file)
{
    auto db = store::openForWriting(file.toStdString());
    return db ? broken(*db) : QString::fromStdString(db.error().detail);
}

QString findings(const QString &file)
{
    auto directory = run::Directory::open(file.toStdString());
    if (!directory)
        return QString::fromStdString(directory.error().detail);
    const auto found = run::verifyDirectory(*directory);
    if (!found)
        return QString::fromStdString(found.error().detail);
    QStringList out;
    for (const auto &one : *found)
        out << QString::fromStdString(one);
    return out.join('\n');
}

// Habits, then an address on a list.
QByteArray someDays(int days)
{
    QByteArray log;
    int number = 1;
    for (int day = 1; day <= days; ++day)
        for (int user = 0; user < 6; ++user)
            log += signInLine(
                number++, QString("user%1").arg(user),
                QString("2026-03-%1T%2:00:00Z").arg(day, 2, 10, QChar('0')).arg(8 + user, 2, 10, QChar('0')),
                day == 14 && user < 3 ? "203.0.113.20" : QString("91.10.%1.7").arg(user));
    return log;
}

int importForEver(const std::vector<std::string> &arguments)
{
    auto directory = run::Directory::open(arguments.at(0));
    if (!directory)
        return 1;
    run::ImportOptions options;
    options.threads = 2;
    options.rowsPerBlock = 8;
    options.who.name = "test";
    return run::importFiles(*directory, {arguments.at(1)}, options, theClock, {},
                            [](const Progress &) {
                                std::puts("on");
                                std::fflush(stdout);
                            })
               ? 0
               : 2;
}

int addSetting(const std::vector<std::string> &arguments)
{
    auto db = store::openForWriting(arguments.at(0));
    return db && store::Statement(*db, "INSERT INTO notice (key, at, facts) VALUES (?1, 1, 'child')")
                       .bind(arguments.at(1))
                       .run()
               ? 0
               : 1;
}

} // namespace

class VerifyFindsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const auto must = [&](const QStringList &arguments) {
            const auto ran = m_ctl.run(arguments);
            QVERIFY2(ran.code == 0, qPrintable(arguments.join(' ') + ": " + ran.out + ran.err));
        };
        must({"init", "--name", "Test"});
        must({"intel", "add", "anonymizer", m_ctl.write("tor.txt", "203.0.113.0/24\n")});
        must({"import", m_ctl.write("days.json", someDays(14))});
        must({"settings", "risk.lowAgesDays=20"});
        must({"dismiss", "user0@shop.example", "--reason", "other", "--note", "known"});
        must({"verify"});
        auto db = store::openForWriting(m_ctl.directory().toStdString());
        QVERIFY(db.has_value());
        for (const char *table :
             {"detection", "sign_in_risk", "ledger", "audit", "detector_state", "segment"}) {
            store::Statement count(*db, std::string("SELECT count(*) FROM ") + table);
            QVERIFY2(count.step() && count.int64(0) > 0, table);
        }
    }

    void findsAnEdit_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QStringList>("says");
        const auto row = [](const char *name, const char *sql, const QStringList &says) {
            QTest::newRow(name) << QString(sql) << says;
        };
        row("a segment is gone", "DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)",
            {"The table segment ", "1 of its", "sign-ins may be missing"});
        row("an account is enabled again",
            "UPDATE user SET account_enabled = 1 - account_enabled WHERE id = 1",
            {"The table user ", "changed", "accounts may be shown enabled"});
        row("an audit row is gone", "DELETE FROM audit WHERE id = 1", {"The table audit ", "1 of its"});
        row("an audit row is edited", "UPDATE audit SET actor = 'nobody' WHERE id = 1",
            {"The table audit ", "who did what"});
        row("an audit row is added",
            "INSERT INTO audit SELECT 999, at, actor, role, action, target, before, after, reason, note, "
            "via, host, undo_of, chain FROM audit WHERE id = 1",
            {"The table audit ", "1 row was added (id 999)"});
        row("a ledger row names another actor", "UPDATE ledger SET actor = 'nobody' WHERE id = 1",
            {"The table ledger "});
        row("evidence is edited", "UPDATE detection SET evidence = '{}' WHERE rowid = 1",
            {"The table detection "});
        row("an alias is moved", "UPDATE user_alias SET user = 1 + user % 2",
            {"The table user_alias ", "wrong user"});
        row("a risky sign-in is gone",
            "DELETE FROM sign_in_risk WHERE event_key = (SELECT min(event_key) FROM sign_in_risk)",
            {"The table sign_in_risk "});
        row("random bytes in the memory",
            "UPDATE detector_state SET data = x'fe9a7c5503d1b26e' WHERE kind = 1",
            {"The table detector_state ", "detectors' memory is damaged (kind 1, id 1)"});
        row("a setting is no number", "UPDATE setting SET value = 'abc'",
            {"The table setting ",
             "risk.lowAgesDays has the value \"abc\", which is not a number between 1 and 365"});
        row("a setting nobody knows", "INSERT INTO setting VALUES ('no.such', '1')", {"no.such"});
        row("a kind that is none", "UPDATE ledger SET kind = 200 WHERE id = 1",
            {"The table ledger ", "the number 200 in kind", "cannot be compared with the ledger"});
        row("every number that is none",
            "UPDATE detection SET type = 77, level = 9, state = 99, detail = 99, timing = 99; UPDATE "
            "user_risk SET state = 99; UPDATE sign_in_risk SET state = -1; UPDATE user SET identity = 9; "
            "UPDATE intel_list SET kind = 55",
            {"the number 77 in type", "the number 99 in timing", "the number 9 in identity",
             "the number 55 in kind"});
        row("a seal is gone", "DELETE FROM seal WHERE name = 'audit'",
            {"The seal of the table audit is missing"});
        row("a seal is cut", "UPDATE seal SET sum = x'00' WHERE name = 'audit'",
            {"The seal of the table audit"});
        row("a table is gone", "DROP TABLE notice", {"The table notice is sealed but missing"});
        row("a trigger", "CREATE TRIGGER t AFTER UPDATE ON user BEGIN DELETE FROM audit; END",
            {"the trigger t on user"});
    }
    void findsAnEdit()
    {
        QFETCH(QString, sql);
        QFETCH(QStringList, says);
        const auto file = copy();
        QCOMPARE(raw(file, sql), QString());
        const auto ran = Ctl::runOn(file, {"verify"});
        QVERIFY2(ran.code == 1, qPrintable(QString::number(ran.code) + ran.out + ran.err));
        for (const auto &words : says)
            QVERIFY2(ran.out.contains(words), qPrintable(words + " is not in: " + ran.out + ran.err));
    }

    void unknownNumbersNeverCrash()
    {
        const auto file = copy();
        QCOMPARE(raw(file,
                     "UPDATE ledger SET kind = 200; UPDATE detection SET type = 77, state = 50;"
                     "UPDATE user_risk SET level = 9, top_type = 88; UPDATE sign_in_risk SET detail = 99"),
                 QString());
        for (const auto &arguments :
             {QStringList{"list", "risky-users"}, QStringList{"list", "detections"},
              QStringList{"list", "signins"}, QStringList{"history", "user0@shop.example"},
              QStringList{"show", "user0@shop.example"},
              QStringList{"dismiss", "user1@shop.example", "--reason", "other", "--note", "x"},
              QStringList{"undo"}}) {
            const auto ran = Ctl::runOn(file, arguments);
            QVERIFY2(ran.code >= 0 && ran.code < 64, qPrintable(arguments.join(' ') + ran.out + ran.err));
        }
    }

    void anImportRefusesADamagedMemory()
    {
        const auto file = copy();
        QCOMPARE(raw(file, "UPDATE detector_state SET data = x'fe9a7c5503d1b26e'"), QString());
        const auto ran = Ctl::runOn(file, {"import", m_ctl.write("more.json", someDays(20))});
        QVERIFY2(ran.code > 0, qPrintable(QString::number(ran.code) + ran.out + ran.err));
        QVERIFY2(ran.err.contains("memory is damaged") || ran.out.contains("memory is damaged"),
                 qPrintable(ran.out + ran.err));
    }

    void everyTable_data()
    {
        QTest::addColumn<QString>("table");
        auto db = store::openForWriting(m_ctl.directory().toStdString());
        QVERIFY(db.has_value());
        const auto tables = sealedTables(*db);
        QVERIFY(tables.size() > 25);
        for (const auto &table : tables)
            QTest::newRow(qPrintable(table)) << table;
    }
    void everyTable()
    {
        QFETCH(QString, table);
        const auto file = copy();
        QString edit, remove, add, last;
        {
            auto db = store::openForWriting(file.toStdString());
            QVERIFY(db && db->execute("PRAGMA foreign_keys=OFF"));
            QStringList names, first, other;
            QString key;
            const auto all = columns(*db, table);
            for (const auto &c : all) {
                names << c.name;
                if (c.isKey && key.isEmpty())
                    key = c.name;
                const bool isText = c.type == "TEXT", isBlob = c.type == "BLOB";
                first << (isText ? "'1'" : isBlob ? "x'00'" : "1");
                other << (isText   ? QString("coalesce(%1, '') || 'z'").arg(c.name)
                          : isBlob ? QString("x'd75a980182b10ab7d54bfed3c964073a'")
                                   : QString("coalesce(%1, 0) + 1000").arg(c.name));
                if (!c.isKey || (last.isEmpty() && &c == &all.back())) // a table may be nothing but its key
                    last = QString("%1 = %2").arg(
                        c.name, isText   ? QString("coalesce(%1, '') || 'x'").arg(c.name)
                                : isBlob ? QString("CAST(coalesce(%1, x'') || x'00' AS BLOB)").arg(c.name)
                                         : QString("coalesce(%1, 0) + 1000").arg(c.name));
            }
            // One row at least, written by us.
            QVERIFY(db->execute(QString("INSERT INTO %1 (%2) SELECT %3 WHERE NOT EXISTS (SELECT 1 FROM %1)")
                                    .arg(table, names.join(", "), first.join(", "))
                                    .toStdString()));
            QCOMPARE(broken(*db), QString());
            const auto where = QString("WHERE %1 = (SELECT %1 FROM %2 LIMIT 1)").arg(key, table);
            edit = QString("UPDATE %1 SET %2 %3").arg(table, last, where);
            remove = QString("DELETE FROM %1 %2").arg(table, where);
            add = QString("INSERT INTO %1 (%2) SELECT %3 FROM %1 LIMIT 1")
                      .arg(table, names.join(", "), other.join(", "));
        }
        std::filesystem::copy_file(file.toStdString(), file.toStdString() + ".kept",
                                   std::filesystem::copy_options::overwrite_existing);
        for (const auto &sql : {edit, remove, add}) {
            std::filesystem::copy_file(file.toStdString() + ".kept", file.toStdString(),
                                       std::filesystem::copy_options::overwrite_existing);
            QCOMPARE(raw(file, sql), QString());
            const auto said = table == "directory" && sql == remove ? broken(file) : findings(file);
            QVERIFY2(said.contains("The table " + table + " is not as Riskdesk wrote it"),
                     qPrintable(sql + ": " + said));
        }
    }

    void everyWayToWriteIsSealed()
    {
        const auto file = copy();
        auto db = store::openForWriting(file.toStdString());
        QVERIFY(db.has_value());
        const auto is = [&](const char *sql) {
            const auto ok = db->execute(sql);
            return ok && broken(*db).isEmpty();
        };
        QVERIFY(is("INSERT INTO notice VALUES ('a', 1, 'x'), ('b', 2, 'y')"));
        QVERIFY(is("INSERT OR REPLACE INTO notice VALUES ('a', 3, 'z')")); // no rowid
        QVERIFY(is("REPLACE INTO connector (id, kind, name, settings, capabilities, added_at) "
                   "VALUES (1, 'graph', 'g', '{}', 0, 0)"));
        QVERIFY(is("REPLACE INTO connector (id, kind, name, settings, capabilities, added_at) "
                   "VALUES (2, 'graph', 'g', '{}', 1, 0)")); // another unique column
        QVERIFY(is("REPLACE INTO connector (id, kind, name, settings, capabilities, added_at) "
                   "VALUES (2, 'graph', 'h', '{}', 1, 0)")); // the key
        QVERIFY(is("UPDATE connector SET id = 7, failed_at = 5"));
        QVERIFY(is("UPDATE notice SET key = key || 'c'"));
        QVERIFY(
            is("INSERT INTO notice VALUES ('ac', 9, 'q') ON CONFLICT (key) DO UPDATE SET at = excluded.at"));
        QVERIFY(is("UPDATE OR REPLACE notice SET key = 'same'"));
        QVERIFY(is("INSERT OR IGNORE INTO notice VALUES ('same', 0, '')"));
        QVERIFY(is("UPDATE import_run SET seconds = 3.0")); // a whole number in a REAL column
        QVERIFY(is("UPDATE import_run SET seconds = 3.25"));
        QVERIFY(is("WITH n AS (SELECT 'w' AS k) INSERT INTO notice SELECT k, 1, 't' FROM n"));
        QVERIFY(is("DELETE FROM intel_list")); // its entries go with it
        QVERIFY(is("DELETE FROM notice"));     // all at once
        QVERIFY(is("PRAGMA user_version; -- nothing\n"));
        {
            store::Statement returns(*db, "INSERT INTO notice VALUES ('r', 1, 'x') RETURNING key");
            QVERIFY(returns.step()); // and left there
        }
        QCOMPARE(broken(*db), QString());
        {
            auto transaction = store::Transaction::begin(*db);
            QVERIFY(transaction.has_value());
            QVERIFY(db->execute("INSERT INTO notice VALUES ('k', 1, 'kept')"));
            // Fails at its second row: the first is taken back by SQLite.
            QVERIFY(!db->execute("INSERT INTO notice SELECT 'm', 1, 'x' UNION ALL SELECT 'r', 1, 'x'"));
            QVERIFY(
                db->execute("SAVEPOINT outer_one; UPDATE notice SET facts = 'outer'; SAVEPOINT inner_one; "
                            "DELETE FROM notice"));
            QVERIFY(db->execute("ROLLBACK TO inner_one; RELEASE inner_one; RELEASE outer_one"));
            QVERIFY(transaction->commit());
        }
        QCOMPARE(broken(*db), QString());
        {
            auto transaction = store::Transaction::begin(*db);
            QVERIFY(transaction && db->execute("DELETE FROM notice"));
        }
        QVERIFY(!db->execute("INSERT INTO notice SELECT 'm', 1, 'x' UNION ALL SELECT 'r', 1, 'x'"));
        QCOMPARE(broken(*db), QString());
        store::Statement count(*db, "SELECT count(*) FROM notice WHERE facts = 'outer'");
        QVERIFY(count.step());
        QCOMPARE(count.int64(0), 2);
    }

    void decisionsAndListsLeaveItSound()
    {
        const auto file = copy();
        for (const auto &arguments :
             {QStringList{"confirm-compromised", "user1@shop.example", "--reason", "x"}, QStringList{"undo"},
              QStringList{"block", "user2@shop.example", "--reason", "x"}, QStringList{"undo"},
              QStringList{"intel", "reread"},
              QStringList{"intel", "add", "malware", m_ctl.write("bad.txt", "91.10.4.0/24\n")},
              QStringList{"intel", "remove", "1"}, QStringList{"settings", "risk.lowAgesDays=3"},
              QStringList{"import", m_ctl.write("more.json", someDays(20))},
              QStringList{"import",
                          m_ctl.write("early.json", signInLine(9000, "late", "2026-03-02T01:00:00Z"))}}) {
            const auto ran = Ctl::runOn(file, arguments);
            QVERIFY2(ran.code == 0, qPrintable(arguments.join(' ') + ": " + ran.out + ran.err));
            const auto verified = Ctl::runOn(file, {"verify"});
            QVERIFY2(verified.code == 0,
                     qPrintable(arguments.join(' ') + ": " + verified.out + verified.err));
        }
    }

    void aKilledImportLeavesItSound()
    {
        const auto file = copy();
        const auto log = m_ctl.write("more.json", someDays(28));
        for (int lines = 1; lines <= 13; lines += 4) {
            QProcess child;
            test::startChild(child, "import", {file, log});
            for (int i = 0; i < lines && (child.canReadLine() || child.waitForReadyRead(30000)); ++i)
                child.readLine();
            child.kill();
            QVERIFY(child.state() == QProcess::NotRunning || child.waitForFinished(30000));
            QCOMPARE(findings(file), QString());
        }
        QCOMPARE(test::runChild("import", {file, log}), 0);
        QCOMPARE(findings(file), QString());
    }

    void twoProcessesWriteByTurns()
    {
        const auto file = copy();
        auto db = store::openForWriting(file.toStdString());
        QVERIFY(db.has_value());
        for (int i = 0; i < 6; ++i) {
            QVERIFY(store::Statement(*db, "INSERT INTO notice VALUES (?1, 1, 'parent')")
                        .bind("parent " + std::to_string(i))
                        .run());
            QCOMPARE(test::runChild("write", {file, QString("child %1").arg(i)}), 0);
            QCOMPARE(broken(*db), QString());
        }
        QVERIFY(db->execute("DELETE FROM notice WHERE facts = 'child'"));
        QCOMPARE(broken(*db), QString());
    }

    void anOlderFileIsSealedWhenItIsOpened()
    {
        const auto file = m_folder.filePath("old.riskdesk");
        QString sql = QString("PRAGMA application_id = %1;").arg(store::applicationId);
        for (const auto &migration : store::migrations()) {
            if (migration.version == 7) // a row that its two columns are added to
                sql += "INSERT INTO intel_list (id, kind, name, added_at, date, entries) VALUES (1, 1, 'a', "
                       "0, 0, 1);"
                       "INSERT INTO intel_entry (id, list, name) VALUES (1, 1, 'x');";
            if (migration.version < 10)
                sql += QString::fromUtf8(migration.sql.data(), static_cast<qsizetype>(migration.sql.size())) +
                       ";\n";
        }
        sql += "INSERT INTO directory VALUES (1, 'Old', 0, 0, 0); INSERT INTO detector_state VALUES (5, 9, "
               "x'0102');"
               "PRAGMA user_version = 9";
        QCOMPARE(raw(file, sql), QString());
        QCOMPARE(findings(file), QString());
        auto db = store::openForWriting(file.toStdString());
        QVERIFY(db && db->execute("UPDATE intel_entry SET name = 'y'; UPDATE detector_state SET id = 10"));
        QCOMPARE(broken(*db), QString());
        QVERIFY(db->execute("DELETE FROM intel_entry"));
        QCOMPARE(broken(*db), QString());
        QVERIFY(sealedTables(*db).contains("audit"));
    }

    void aMigrationDoesNotCoverAnEditUp()
    {
        const auto file = copy();
        QCOMPARE(raw(file, "UPDATE audit SET actor = 'nobody'"), QString());
        auto db = store::openForWriting(file.toStdString());
        QVERIFY(db.has_value());
        auto before = store::brokenSeals(*db);
        QVERIFY(before && before->size() == 1);
        auto transaction = store::Transaction::begin(*db);
        QVERIFY(transaction && store::sealAll(*db, {before->front().table}) && transaction->commit());
        QVERIFY2(broken(*db).contains("The seal of the table audit is missing"), qPrintable(broken(*db)));
    }

private:
    QString copy()
    {
        const auto file = m_folder.filePath(QString("copy%1.riskdesk").arg(++m_copies));
        std::filesystem::copy_file(m_ctl.directory().toStdString(), file.toStdString());
        return file;
    }

    Ctl m_ctl;
    QTemporaryDir m_folder;
    int m_copies = 0;
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (const int code = test::childMain(argc, argv, {{"import", importForEver}, {"write", addSetting}});
        code >= 0)
        return code;
    VerifyFindsTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_verify_finds.moc"
