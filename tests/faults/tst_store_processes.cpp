// Several processes on one file: nothing that was committed disappears, a killed writer leaves whole batches,
// and the import lease has one holder.
#include "core/store/dictionary.h"
#include "core/store/integrity.h"
#include "core/store/lease.h"
#include "core/store/schema.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include "tests/support/child_process.h"
#include "tests/support/number.h"
#include "tests/support/places.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <cstdio>

using namespace riskdesk;
using test::number;

namespace {

constexpr int rowsPerBatch = 3000; // two segments, a user and texts: one transaction

Status writeBatch(store::Connection &db, store::Dictionaries &texts, std::int64_t number)
{
    auto transaction = store::Transaction::begin(db);
    if (!transaction)
        return tl::unexpected(transaction.error());
    std::vector<SignInRow> rows(rowsPerBatch / 2);
    for (int half = 0; half < 2; ++half) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].at = number * 1'000'000 + static_cast<std::int64_t>(i);
            rows[i].user = static_cast<std::uint32_t>(number);
            rows[i].userAgent = texts.intern(Dictionary::UserAgent, "agent " + std::to_string(number * 7));
            rows[i].eventKey[0] = static_cast<std::uint8_t>(i);
        }
        if (auto ok = store::writeSegment(db, 1, rows); !ok)
            return tl::unexpected(ok.error());
    }
    if (auto ok = store::Statement(db, "INSERT INTO user (id, key) VALUES (?1, ?2)")
                      .bind(number, "user " + std::to_string(number))
                      .run();
        !ok)
        return ok;
    if (auto ok = texts.flush(db); !ok)
        return ok;
    return transaction->commit();
}

// Writes batches until it is killed and says the number of each one that is committed.
int writeForEver(const std::vector<std::string> &arguments)
{
    auto db = store::openForWriting(arguments.at(0));
    if (!db)
        return 1;
    store::Dictionaries texts;
    if (!texts.load(*db))
        return 2;
    for (auto batch = number(*db, "SELECT coalesce(max(id), 0) + 1 FROM user");; ++batch) {
        if (!writeBatch(*db, texts, batch))
            return 3;
        std::printf("%lld\n", static_cast<long long>(batch));
        std::fflush(stdout);
    }
}

int addSetting(const std::vector<std::string> &arguments)
{
    auto db = store::openForWriting(arguments.at(0));
    return db && store::Statement(*db, "INSERT INTO setting (key, value) VALUES (?1, '1')")
                       .bind(arguments.at(1))
                       .run()
               ? 0
               : 1;
}

int countSettings(const std::vector<std::string> &arguments)
{
    auto db = store::openForReading(arguments.at(0));
    return db ? static_cast<int>(number(*db, "SELECT count(*) FROM setting")) : 99;
}

int takeLease(const std::vector<std::string> &arguments)
{
    auto db = store::openForWriting(arguments.at(0));
    if (!db)
        return 1;
    auto lease = store::ImportLease::take(*db, "the child");
    if (!lease)
        return lease.error().code == Code::StoreBusy ? 10 : 2;
    if (arguments.at(1) == "die")
        ::_exit(0); // as a killed process would: without giving it back
    return 0;
}

} // namespace

class StoreProcessesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("a.riskdesk");
        store::DirectoryInfo info;
        info.name = "Test";
        QVERIFY(store::createDirectory(m_file.toStdString(), info));
    }

    void aSecondConnectionHereDoesNotOpenTheDoorForOthers()
    {
        // Closing any descriptor of the file would drop this process's locks; another process would then take
        // itself for the last one and remove the log that we go on writing to.
        auto db = store::openForWriting(m_file.toStdString());
        QVERIFY(db && db->execute("INSERT INTO setting (key, value) VALUES ('first', '1')"));
        {
            auto reader = store::openForReading(m_file.toStdString());
            QVERIFY(reader.has_value());
            QCOMPARE(number(*reader, "SELECT count(*) FROM setting"), 1);
            auto writer = store::openForWriting(m_file.toStdString());
            QVERIFY(writer.has_value());
        }
        QCOMPARE(test::runChild("setting", {m_file, "of the child"}), 0);
        QVERIFY(db->execute("INSERT INTO setting (key, value) VALUES ('last', '1')"));
        QCOMPARE(test::runChild("count", {m_file}), 3);
        QCOMPARE(number(*db, "SELECT count(*) FROM setting"), 3);
    }

    void aKilledWriterLeavesWholeBatches()
    {
        {
            auto db = store::openForWriting(m_file.toStdString());
            QVERIFY(db && db->execute("INSERT INTO import_run (id, started_at) VALUES (1, 0)"));
        }
        std::int64_t acknowledged = 0;
        for (int round = 0; round < test::rounds(6); ++round) {
            QProcess child;
            test::startChild(child, "write", {m_file});
            // Killed after a few batches, wherever it is by then.
            for (int lines = 0; lines < 3 + round % 6; ++lines) {
                while (!child.canReadLine())
                    QVERIFY(child.waitForReadyRead(30000));
                acknowledged = child.readLine().trimmed().toLongLong();
            }
            child.kill();
            child.waitForFinished();
            while (child.canReadLine())
                acknowledged = child.readLine().trimmed().toLongLong();

            auto db = store::openForWriting(m_file.toStdString());
            QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
            const auto batches = number(*db, "SELECT count(*) FROM user");
            QVERIFY2(batches >= acknowledged && batches <= acknowledged + 1,
                     qPrintable(QString("%1 of %2").arg(batches).arg(acknowledged)));
            QCOMPARE(number(*db, "SELECT count(*) FROM segment"), 2 * batches);
            QCOMPARE(number(*db, "SELECT sum(rows) FROM segment"), rowsPerBatch * batches);
            const auto findings = store::verifyStore(*db);
            QVERIFY(findings.has_value());
            QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
        }
    }

    void theLeaseHasOneHolder()
    {
        auto db = store::openForWriting(m_file.toStdString());
        QVERIFY(db.has_value());
        {
            auto lease = store::ImportLease::take(*db, "the console");
            QVERIFY(lease && lease->heartbeat());
            QCOMPARE(test::runChild("lease", {m_file, "return"}), 10);
            const auto second = store::ImportLease::take(*db, "somebody else");
            QVERIFY(!second);
            QCOMPARE(second.error().code, Code::StoreBusy);
            QVERIFY(second.error().detail.find("the console") != std::string::npos);
        }
        QCOMPARE(test::runChild("lease", {m_file, "return"}), 0);
        QCOMPARE(number(*db, "SELECT count(*) FROM lease"), 0);
        // A dead holder holds nothing.
        QCOMPARE(test::runChild("lease", {m_file, "die"}), 0);
        QCOMPARE(number(*db, "SELECT count(*) FROM lease"), 1);
        QVERIFY(store::ImportLease::take(*db, "the console").has_value());
    }

    void theLeaseOfAnotherHostLapses_data()
    {
        QTest::addColumn<qint64>("secondsAgo");
        QTest::addColumn<bool>("lapsed");
        QTest::newRow("a beat just now") << qint64{1} << false;
        QTest::newRow("silent for two minutes") << qint64{120} << true;
        QTest::newRow("a clock that ran an hour ahead") << qint64{-3600} << true;
    }
    void theLeaseOfAnotherHostLapses()
    {
        QFETCH(qint64, secondsAgo);
        QFETCH(bool, lapsed);
        auto db = store::openForWriting(m_file.toStdString());
        QVERIFY(db.has_value());
        QVERIFY(store::Statement(*db, "INSERT INTO lease (name, pid, host, holder, heartbeat) VALUES "
                                      "('import', 1, 'elsewhere.example', 'an import', ?1)")
                    .bind(SystemClock().now() - std::chrono::seconds(secondsAgo))
                    .run());
        const auto lease = store::ImportLease::take(*db, "the console");
        QCOMPARE(lease.has_value(), lapsed);
    }

    void aLeaseThatWasTakenOverIsNoticed()
    {
        auto db = store::openForWriting(m_file.toStdString());
        QVERIFY(db.has_value());
        auto lease = store::ImportLease::take(*db, "the console");
        QVERIFY(lease.has_value());
        QVERIFY(db->execute("UPDATE lease SET pid = 1, host = 'elsewhere.example'"));
        const auto beat = lease->heartbeat(true);
        QVERIFY(!beat);
        QCOMPARE(beat.error().code, Code::Conflict);
        // And what is the other's is not given back by us.
        {
            const auto gone = std::move(*lease);
        }
        QCOMPARE(number(*db, "SELECT count(*) FROM lease"), 1);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

int main(int argc, char **argv)
{
    const int child = riskdesk::test::childMain(
        argc, argv,
        {{"write", writeForEver}, {"setting", addSetting}, {"count", countSettings}, {"lease", takeLease}});
    if (child >= 0)
        return child;
    QCoreApplication application(argc, argv);
    StoreProcessesTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_store_processes.moc"
